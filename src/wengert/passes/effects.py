"""Which variables are memory that changes, and how a pass reaches the bodies of loops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from wengert.ir.line import Atom, Line, Var
from wengert.ir.loop import Loop
from wengert.ir.text import PYTHON
from wengert.ir.trace import Trace
from wengert.record.index import COPY
from wengert.record.varying import ADD, SET, TAKE

Pass = Callable[..., Trace]
"""(trace, pinned) ↦ trace of the same meaning. `pinned` are variables that somebody outside writes into."""

_FRESH_ROWS = frozenset({COPY, TAKE, SET, ADD})
_FRESH_NAMES = frozenset({"loop", "assemble", "numpy.stack", "numpy.concatenate"})
_PYTHON = frozenset(PYTHON.values())


class Memory:
    """`written`: owners that a line writes into. `changing`: these, and what may share memory with one of them.
    `before`: what one of them would share memory with if that were laid out otherwise (a reshape that copies)."""

    def __init__(self, trace: Trace, pinned: frozenset[Var] = frozenset()) -> None:
        targets = [line.args[0] for line in trace.lines if line.kind == "write"]
        self.written: set[Var] = {a for a in targets if isinstance(a, Var)} | pinned
        self.changing: set[Var] = set(self.written)
        if self.changing:
            for line in trace.lines:
                if not is_fresh(line) and any([a in self.changing for a in line.args]):
                    self.changing.update(line.outs)
        self.before: set[Var] = set()
        if self.written:
            for line in reversed(trace.lines):
                if not is_fresh(line) and any([out in self.written or out in self.before for out in line.outs]):
                    self.before.update([a for a in line.args if isinstance(a, Var)])


def is_fresh(line: Line) -> bool:
    """Whether the results are memory of their own, whatever the arguments are."""
    row = line.row
    if isinstance(line.op, np.ufunc) or line.op in _PYTHON or row in _FRESH_ROWS or row.name in _FRESH_NAMES:
        return True
    return line.kind == "getitem" and not line.outs[0].type.shape and _is_of_numbers(line.params["key"])


def _is_of_numbers(key: object) -> bool:
    """Whether an index names one element: the result is a number, not an array without axes that shares memory."""
    return all([isinstance(part, (int, np.integer)) for part in (key if isinstance(key, tuple) else (key,))])


def in_bodies(trace: Trace, apply: Pass, pinned: frozenset[Var]) -> Trace:
    """apply(trace, pinned), the bodies of its loops first."""
    if any([line.row.name == "loop" for line in trace.lines]):
        trace = replace(trace, lines=tuple([_with_body(line, apply) for line in trace.lines]))
    return apply(trace, pinned)


def _with_body(line: Line, apply: Pass) -> Line:
    if line.row.name != "loop":
        return line
    loop: Loop = line.params["loop"]
    # What a run hands on, the next run writes into where the carried value is a written one.
    handed = zip(loop.body.outputs, loop.written, strict=False)
    pinned = frozenset([a for a, written in handed if written and isinstance(a, Var)])
    body = in_bodies(loop.body, apply, pinned)
    return (
        line if body is loop.body else replace(line, params={**line.params, "loop": replace(loop, body=body, memo={})})
    )


def renamed(line: Line, now: dict[Var, Atom]) -> Line:
    """The line with other names for its arguments."""
    args = line.args
    if not any([a in now for a in args]):
        return line
    args = tuple([now.get(a, a) if type(a) is Var else a for a in args])
    return Line(line.row, line.op, args, line.params, line.outs, line.origin, line.many)


def renamed_outputs(trace: Trace, now: dict[Var, Atom]) -> tuple[Atom, ...]:
    """The outputs under their new names."""
    return tuple([now.get(a, a) if isinstance(a, Var) else a for a in trace.outputs])
