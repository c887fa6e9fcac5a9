"""Whether two examples' recordings differ in nothing but what the lines compute.

What is constant in a recording must be constant for every example. A number that a library drew,
or computed out of our sight, shows by differing between two examples.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

import numpy as np

from wengert.batch.line import Unbatchable
from wengert.ir.line import Atom, Lit, Var
from wengert.ir.loop import Loop
from wengert.record.observe import GUARD
from wengert.record.value import Line, concrete, is_value


def require_same(first: list[Line], second: list[Line], live: list[bool]) -> None:
    """Compare two recordings, the `live` lines of the first, up to where Python went another way."""
    for a, b, alive in zip_longest(first, second, live):
        if a is None or b is None or a[0] is not b[0] or a[1] != b[1]:
            raise Unbatchable("two examples run different lines without having been looked at")
        if not alive:
            continue
        if a[0] is GUARD:
            if not same(a[4], b[4]):
                return
            continue
        for s, x, z in zip(a[1], a[3], b[3], strict=True):
            if s < 0 and not same(x, z):
                raise Unbatchable(f"a constant of {a[0].name} differs between two examples")
        if not same(a[4], b[4]):
            raise Unbatchable(f"a parameter of {a[0].name} differs between two examples")


def same(a: Any, b: Any) -> bool:
    """Whether two constants are one and the same."""
    if a is b:
        return True
    if is_value(a) or is_value(b):
        a, b = concrete(a), concrete(b)
    if isinstance(a, (np.ndarray, np.generic)) and isinstance(b, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if type(a) is not type(b):
        return False
    if isinstance(a, (tuple, list)):
        return len(a) == len(b) and all(same(x, z) for x, z in zip(a, b, strict=True))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(x, b[key]) for key, x in a.items())
    if isinstance(a, slice):
        return same((a.start, a.stop, a.step), (b.start, b.stop, b.step))
    if isinstance(a, Loop):
        return _same_loop(a, b)
    return bool(a == b or (a != a and b != b))


def _same_loop(a: Loop, b: Loop) -> bool:
    """Whether two loops are alike, and their bodies line by line."""
    kinds = [(x.count, x.carried, x.sequences, x.counters, x.written, x.until, x.ranged) for x in (a, b)]
    x, z = a.body, b.body
    if kinds[0] != kinds[1] or [v.type for v in x.inputs] != [v.type for v in z.inputs] or len(x.lines) != len(z.lines):
        return False
    now: dict[Atom, Atom] = dict(zip(x.inputs, z.inputs, strict=True))

    def same_atoms(one: tuple[Atom, ...], other: tuple[Atom, ...]) -> bool:
        return len(one) == len(other) and all([
            now.get(p) is q if isinstance(p, Var) else isinstance(q, Lit) and same(p.value, q.value)
            for p, q in zip(one, other, strict=True)
        ])  # fmt: skip

    for p, q in zip(x.lines, z.lines, strict=True):
        if p.row is not q.row or p.op is not q.op or len(p.outs) != len(q.outs) or not same_atoms(p.args, q.args):
            return False
        if not same(dict(p.params), dict(q.params)):
            return False
        now.update(zip(p.outs, q.outs, strict=True))
    return same_atoms(x.outputs, z.outputs)
