"""Results of loops that are elements of a sequence, handed on as they are: a slice of the sequence.

Such is what is left of `np.stack([row.copy() for row in A])`, or of the rows of a Jacobian that another loop collects.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from wengert.ir.line import HOLE, Line, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory
from wengert.record.index import COPY, GETITEM
from wengert.record.methods import COPY_AS
from wengert.record.varying import TAKE


def through(trace: Trace) -> Trace:
    """The trace with such results read from the sequences; `prune` then leaves out what computed them."""
    if not any([line.row.name == "loop" for line in trace.lines]):
        return trace
    lines: list[Line] = []
    for line in trace.lines:
        lines += _read(line) if line.row.name == "loop" else (line,)
    return trace if len(lines) == len(trace.lines) else replace(trace, lines=tuple(lines))


def _read(line: Line) -> list[Line]:
    """The loop, then the slices."""
    loop: Loop = line.params["loop"]
    if loop.until or loop.ranged:  # not all runs are collected
        return [line]
    where = places(loop)
    outs, slices = list(line.outs), list[Line]()
    for k in range(loop.carried, len(outs)):
        place = where.get(loop.body.outputs[k])
        key = slice_of(place, loop.count) if place is not None else None
        source = line.args[place.argument] if place is not None else None
        if key is None or not isinstance(source, Var) or source.type.dtype != outs[k].type.dtype:
            continue
        view = Var(outs[k].type)
        slices.append(Line(GETITEM, GETITEM.op, (source,), {"key": key}, (view,), line.origin))
        slices.append(Line(COPY, COPY.op, (view,), {}, (outs[k],), line.origin))
        outs[k] = Var(outs[k].type)
    return [replace(line, outs=tuple(outs)), *slices] if slices else [line]


@dataclass(frozen=True)
class Place:
    """Element start + k step, in run k, of an argument of the loop."""

    argument: int
    start: int
    step: int


def places(loop: Loop) -> dict[object, Place]:
    """The variables of the body that are such an element, or a copy of one."""
    body, n, m = loop.body, loop.carried, loop.carried + len(loop.sequences)
    changing = Memory(body).changing
    found: dict[object, Place] = {
        var: Place(n + k, *loop.sequences[k]) for k, var in enumerate(body.inputs[n:m]) if var not in changing
    }
    counters = dict(zip(body.inputs[m:], loop.counters, strict=False))
    fixed = {var: m + k for k, var in enumerate(body.inputs[m + len(loop.counters) :])}
    for line in body.lines:
        if any([var in changing for var in (*line.inputs, *line.outs)]):
            continue
        if line.row in _COPIES and line.args[0] in found:
            found[line.outs[0]] = found[line.args[0]]
        elif line.row is TAKE and line.params["key"] is HOLE and line.args[0] in fixed and line.args[1] in counters:
            found[line.outs[0]] = Place(fixed[line.args[0]], *counters[line.args[1]])
    return found


_COPIES = {COPY, *COPY_AS.values()}


def slice_of(place: Place, count: int) -> slice | None:
    """All the elements; None where a place counts from the end."""
    stop = place.start + count * place.step
    if min(place.start, stop - place.step) < 0:
        return None
    return slice(place.start, stop if stop >= 0 else None, place.step)
