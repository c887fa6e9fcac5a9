"""Move out of loops what is the same in every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from wengert.ir.dce import RAISING
from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace


def hoist(trace: Trace) -> Trace:
    """The trace whose loops compute nothing that does not change from run to run."""
    if not any([line.row.name == "loop" for line in trace.lines]):
        return trace
    lines: list[Line] = []
    for line in trace.lines:
        lines += _hoisted(line) if line.row.name == "loop" else [line]
    return replace(trace, lines=tuple(lines))


def _hoisted(line: Line) -> list[Line]:
    loop: Loop = line.params["loop"]
    body = hoist(loop.body)
    moving = loop.carried + len(loop.sequences)
    first = moving + len(loop.counters)
    end = len(line.args) - 2 * loop.ranged
    outside = dict(zip(body.inputs[first:], line.args[moving:end], strict=True))
    out, inside = _parted(body, outside)
    if not out:
        return [line if body is loop.body else _with(line, replace(loop, body=body, memo={}), line.args)]
    made = {var for moved in out for var in moved.outs}
    read = [var for var in _read(inside, body.outputs) if var in made]
    fixed = [*body.inputs[first:], *read]
    inputs = (*body.inputs[:first], *fixed)
    names = tuple([f"x{k}" for k in range(len(inputs))])
    lighter = replace(body, parameters=names, inputs=inputs, spelled=names, lines=tuple(inside))
    fresh = {var: Var(var.type) for var in made}
    before = [
        replace(
            moved,
            args=tuple([a if isinstance(a, Lit) else outside.get(a, fresh.get(a, a)) for a in moved.args]),
            outs=tuple([fresh[var] for var in moved.outs]),
        )
        for moved in out
    ]
    args = (*line.args[:end], *[fresh[var] for var in read], *line.args[end:])
    return [*before, _with(line, replace(loop, body=lighter, memo={}), args)]


def _with(line: Line, loop: Loop, args: tuple[Atom, ...]) -> Line:
    return replace(line, args=args, params={**line.params, "loop": loop})


def _parted(body: Trace, fixed: Mapping[Var, object]) -> tuple[list[Line], list[Line]]:
    """(the lines that depend on nothing that changes, the others)."""
    written = {line.inputs[0] for line in body.lines if line.kind == "write"}
    still, out, inside = set(fixed), list[Line](), list[Line]()
    for line in body.lines:
        plain = line.kind in ("call", "getitem") and line.row.name != "loop" and line.row.name not in RAISING
        mutable = any([v in written for v in (*line.inputs, *line.outs)])
        if plain and line.inputs and not mutable and all([v in still for v in line.inputs]):
            still.update(line.outs)
            out.append(line)
        else:
            inside.append(line)
    return out, inside


def _read(lines: list[Line], outputs: tuple[object, ...]) -> list[Var]:
    """The variables that the lines and outputs read, each once."""
    return list(dict.fromkeys([v for line in lines for v in line.inputs] + [a for a in outputs if isinstance(a, Var)]))
