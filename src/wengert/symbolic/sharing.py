"""How many lines of a trace compute something new: value numbering (Cocke & Schwartz 1970)."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Lit, Var
from wengert.ir.trace import Trace


def distinct_lines(trace: Trace) -> int:
    """The number of lines that are left when no value is computed twice.

    Two lines are the same if they apply the same operation, with the same parameters, to values with the same numbers.
    A write gives the memory that it changes a new number; memory that is written to is never shared.

    >>> import numpy as np, wengert as wg
    >>> t = wg.trace(lambda x: np.sin(x) + np.sin(x) ** 2)(0.5)
    >>> len(t), distinct_lines(t)
    (4, 3)
    """
    written = {line.inputs[0] for line in trace.lines if line.kind == "write"}
    fresh = count()
    numbers: dict[Var, int] = {x: next(fresh) for x in trace.inputs}
    known: dict[Any, tuple[int, ...]] = {}
    kept = 0
    for line in trace.lines:
        key = (line.op, line.many, tuple([_atom(a, numbers) for a in line.args]), frozen(line.params))
        own = line.kind in ("write", "constant") or not written.isdisjoint(line.outs)
        if own or key not in known:
            kept += 1
            outs = tuple([next(fresh) for _ in line.outs])
            if not own:
                known[key] = outs
        else:
            outs = known[key]
        numbers.update(zip(line.outs, outs, strict=True))
        if line.kind == "write":
            numbers[line.inputs[0]] = next(fresh)
    return kept


def _atom(atom: Atom, numbers: dict[Var, int]) -> Any:
    return ("constant", frozen(atom.value)) if isinstance(atom, Lit) else numbers[atom]


def frozen(x: Any) -> Any:
    """A key that is equal for equal constants of one type."""
    if isinstance(x, (np.ndarray, np.generic)) and x.dtype != object:
        return (type(x).__name__, x.dtype.str, x.shape, x.tobytes())
    if isinstance(x, dict):
        return tuple((k, frozen(v)) for k, v in sorted(x.items()))
    if isinstance(x, (tuple, list)):
        return (type(x).__name__, *[frozen(v) for v in x])
    if isinstance(x, slice):
        return ("slice", frozen(x.start), frozen(x.stop), frozen(x.step))
    if isinstance(x, float):
        return ("float", x.hex())
    return (type(x).__name__, x if type(x).__hash__ is not None else id(x))
