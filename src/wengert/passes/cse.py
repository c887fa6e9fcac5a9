"""Common subexpressions: what has been computed already is not computed again.

Two lines are equal if they apply the same function to the same arguments with the same parameters.
Where an argument is memory that is written into, nothing may have been written in between. An owner
that is written into is nobody else's memory, so its line stays.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Span, Var
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory, renamed, renamed_outputs


def cse(trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
    """The trace without second computations of the same thing, and without guards that repeat another."""
    memory = Memory(trace, pinned)
    first: dict[Any, Line] = {}
    now: dict[Var, Atom] = {}
    lines: list[Line] = []
    writes = 0
    for old in trace.lines:
        line = renamed(old, now)
        kind = line.kind
        if kind == "write":
            writes += 1
        elif kind != "constant" and line.row.name != "loop" and not any([out in memory.written for out in line.outs]):
            known = first.setdefault(_key(line, memory, writes), line)
            if known is not line:
                now.update(zip(line.outs, known.outs, strict=True))
                continue
        lines.append(line)
    if len(lines) == len(trace.lines):
        return trace
    return replace(trace, lines=tuple(lines), outputs=renamed_outputs(trace, now))


def _key(line: Line, memory: Memory, writes: int) -> Any:
    args = tuple([key_of(a.value) if isinstance(a, Lit) else a for a in line.args])
    since = writes if memory.changing and any([a in memory.changing for a in line.args]) else -1
    params = line.params
    return line.op, line.row, args, since, line.many, key_of(params) if params else None


def key_of(x: Any) -> Any:
    """A plain value as something to compare: equal only if every bit is, arrays also in their layout."""
    kind: Any = type(x)
    if kind is float or kind is complex:
        return kind, repr(x)
    if kind is int or kind is bool or kind is str or x is None:
        return kind, x
    if kind is np.ndarray:
        if x.dtype.hasobject:
            return id(x)
        content = x.tobytes("A") if x.nbytes <= _SHORT else blake2b(x.tobytes("A")).digest()
        return x.dtype.str, x.shape, x.strides, content
    if isinstance(x, np.generic):
        return kind, x.tobytes()
    if kind is tuple or kind is list:
        return kind, tuple([key_of(part) for part in x])
    if isinstance(x, dict):
        return "params", tuple([(name, key_of(v)) for name, v in x.items()])
    if kind is slice:
        return slice, key_of(x.start), key_of(x.stop), key_of(x.step)
    if kind is Span:
        return x
    return id(x)


_SHORT = 256
