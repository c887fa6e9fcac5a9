"""Arrays put together of the elements of another, one by one: `np.array([t[0], t[1], …])` is a slice of t.

Such are lists that a loop has appended to, of which an array is made afterwards. What else is in the list is joined to
the slice.
"""

from __future__ import annotations

from dataclasses import replace
from operator import is_
from typing import Any

from wengert.ir.line import Line, Type, Var
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory
from wengert.record.index import GETITEM
from wengert.rules.join import CONCATENATE

_FEWEST = 3
_LONG = 16
"""A shorter stretch between other elements is left as it is."""


def gather(trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
    """The trace with such arrays as slices."""
    if not any([_is_joining(line) for line in trace.lines]):
        return trace
    memory = Memory(trace, pinned)
    places = {
        line.outs[0]: (line.args[0], line.params["key"])
        for line in trace.lines
        if line.kind == "getitem" and type(line.params["key"]) is int and line.args[0] not in memory.changing
    }
    for line in trace.lines:
        if line.row.name == "loop":
            places.update(_last_values(line))
    lines = [new for line in trace.lines for new in (_sliced(line, places, memory) if _is_joining(line) else (line,))]
    return (
        trace
        if len(lines) == len(trace.lines) and all(map(is_, lines, trace.lines))
        else replace(trace, lines=tuple(lines))
    )


def _last_values(line: Line) -> dict[Var, tuple[Var, int]]:
    """Where the last values of what a loop carries are found among what it collects."""
    loop = line.params["loop"]
    n, outputs = loop.carried, loop.body.outputs
    if loop.until or loop.ranged:  # not all runs are collected
        return {}
    tapes = {a: line.outs[n + j] for j, a in enumerate(outputs[n:]) if isinstance(a, Var)}
    return {line.outs[i]: (tapes[a], loop.count - 1) for i, a in enumerate(outputs[:n]) if a in tapes}


def _is_joining(line: Line) -> bool:
    if len(line.args) < _FEWEST:
        return False
    name = line.row.name
    return (name == "assemble" and not line.params) or (name == "numpy.stack" and line.params.get("axis", 0) == 0)


class _Run:
    """Elements start, start + step, … of a source, arguments begin … end − 1 of a line."""

    def __init__(self, begin: int, place: tuple[Var, int]) -> None:
        self.begin, self.end, self.step = begin, begin + 1, 0
        self.source, self.start = place

    def takes(self, place: Any) -> bool:
        """Whether that is the next element; if so, it belongs to the run."""
        if place is None or place[0] is not self.source:
            return False
        n = self.end - self.begin
        step = place[1] - self.start if n == 1 else self.step
        if step == 0 or place[1] != self.start + n * step:
            return False
        self.end, self.step = self.end + 1, step
        return True

    def line(self, out: Var, origin: Any) -> Line | None:
        """The slice; None where the indices are none of a slice."""
        stop = self.start + (self.end - self.begin) * self.step
        if self.start < 0 or stop < -1 or out.type != _type(self.source, self.end - self.begin):
            return None
        key = slice(self.start, None if stop < 0 else stop, None if self.step == 1 else self.step)
        return Line(GETITEM, GETITEM.op, (self.source,), {"key": key}, (out,), origin)


def _sliced(line: Line, places: dict[Any, Any], memory: Memory) -> list[Line]:
    """Lines for an array that is put together."""
    whole = line.outs[0]
    if whole in memory.changing:
        return [line]
    runs = _runs([places.get(a) for a in line.args])
    if not runs:
        return [line]
    if runs[0].end - runs[0].begin == len(line.args):
        one = runs[0].line(whole, line.origin)
        return [line] if one is None else [one]
    return _joined(line, [run for run in runs if run.end - run.begin >= _LONG]) or [line]


def _runs(found: list[Any]) -> list[_Run]:
    """The stretches of elements that follow each other."""
    runs: list[_Run] = []
    for k, place in enumerate(found):
        if not (runs and runs[-1].end == k and runs[-1].takes(place)) and place is not None:
            runs.append(_Run(k, place))
    return runs


def _joined(line: Line, runs: list[_Run]) -> list[Line]:
    """Slices, and what is between them, one after the other; nothing where that would be something else."""
    whole = line.outs[0]
    if not runs or any([_dtype(a.type.dtype) != whole.type.dtype for a in line.args]):
        return []
    parts: list[Line | None] = []
    done = 0
    for run in [*runs, None]:
        begin = len(line.args) if run is None else run.begin
        if begin > done:
            parts.append(replace(line, args=line.args[done:begin], outs=(Var(_type(whole, begin - done)),)))
        if run is not None:
            parts.append(run.line(Var(_type(whole, run.end - run.begin)), line.origin))
            done = run.end
    found = [part for part in parts if part is not None]
    if len(found) < len(parts):
        return []
    args = tuple([part.outs[0] for part in found])
    return [*found, Line(CONCATENATE, CONCATENATE.op, args, {"axis": 0}, (whole,), line.origin)]


def _dtype(name: str) -> str:
    return "f64" if name == "float" else name


def _type(source: Var, n: int) -> Type:
    return Type(source.type.dtype, (n, *source.type.shape[1:]))
