"""Arrays put together of the elements of another, one by one: `np.array([t[0], t[1], …])` is a slice of t.

Such are lists that a loop has appended to, of which an array is made afterwards.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wengert.ir.line import Line, Type, Var
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory
from wengert.record.index import GETITEM

_FEWEST = 3


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
    lines = tuple([_sliced(line, places, memory) if _is_joining(line) else line for line in trace.lines])
    return trace if all(map(lambda a, b: a is b, lines, trace.lines)) else replace(trace, lines=lines)


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


def _sliced(line: Line, places: dict[Any, Any], memory: Memory) -> Line:
    found = [places.get(a) for a in line.args]
    if found[0] is None or found[1] is None or line.outs[0] in memory.changing:
        return line
    source, start = found[0]
    step = found[1][1] - start
    if step == 0 or any([place != (source, start + k * step) for k, place in enumerate(found)]):
        return line
    stop = start + len(found) * step
    if start < 0 or stop < -1 or line.outs[0].type != _type(source, len(found)):
        return line
    key = slice(start, None if stop < 0 else stop, None if step == 1 else step)
    return Line(GETITEM, GETITEM.op, (source,), {"key": key}, line.outs, line.origin)


def _type(source: Var, n: int) -> Type:
    return Type(source.type.dtype, (n, *source.type.shape[1:]))
