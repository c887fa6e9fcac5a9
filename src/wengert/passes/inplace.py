"""Writes at computed places as writes into memory, where nobody reads the old value afterwards.

`y = set(x, v, k)` is x with another value at k, in new memory. In a loop over the elements of x that
is a copy for each of them. Where x is the program's own and not read again, the line becomes the
statement `x[k] = v`, and y is called x from there on.
"""

from __future__ import annotations

from dataclasses import replace

from wengert.ir.line import Atom, Line, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace
from wengert.passes.effects import is_fresh, renamed, renamed_outputs
from wengert.record.index import WRITE
from wengert.record.varying import SET


def in_place(trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
    """The trace with such writes, in the bodies of its loops too."""
    lines = tuple([_in_loop(line) for line in trace.lines])
    if any([new is not old for new, old in zip(lines, trace.lines, strict=True)]):
        trace = replace(trace, lines=lines)
    trace = _delayed(trace)
    found = _found(trace, frozenset())
    return _written(trace, found) if found else trace


def _in_loop(line: Line) -> Line:
    if line.row.name != "loop":
        return line
    loop: Loop = line.params["loop"]
    body = in_place(loop.body)
    chains = [_chain(body, k) for k in range(loop.carried)]
    found = _found(body, frozenset([v for k, v in enumerate(body.inputs[: loop.carried]) if chains[k]]))
    # A carried value is written into if each step from what a run is given to what it hands on is.
    taken = [all([step in found for step in chain]) and bool(chain) for chain in chains]
    steps = frozenset([step for chain, t in zip(chains, taken, strict=True) if t for step in chain])
    if steps:
        body = _written(body, steps)
    if body is loop.body:
        return line
    written = tuple([w or t for w, t in zip(loop.written, taken, strict=True)])
    return replace(line, params={**line.params, "loop": replace(loop, body=body, written=written, memo={})})


def _chain(body: Trace, k: int) -> list[Line]:
    """The lines that make carried value k of what the run was given, if they only set elements of it."""
    defined = {line.outs[0]: line for line in body.lines if line.row is SET}
    chain: list[Line] = []
    at = body.outputs[k]
    while isinstance(at, Var) and at in defined:
        chain.append(defined[at])
        at = defined[at].args[0]
    return chain if at is body.inputs[k] else []


def _delayed(trace: Trace) -> Trace:
    """The trace in which such a line of a number comes after what still reads x, if nobody has asked for y by then."""
    if not any([line.row is SET for line in trace.lines]):
        return trace
    last, first = _last_uses(trace), dict[Var, int]()
    for i in range(len(trace.lines) - 1, -1, -1):
        first.update(dict.fromkeys(trace.lines[i].inputs, i))
    after: dict[int, list[Line]] = {}
    for i, line in enumerate(trace.lines):
        x = line.args[0] if line.args else None
        if line.row is SET and isinstance(x, Var) and not line.args[1].type.shape:
            to = last.get(x, i)
            if i < to < first.get(line.outs[0], len(trace.lines)) and to < len(trace.lines):
                after.setdefault(to, []).append(line)
    if not after:
        return trace
    moved = {line for delayed in after.values() for line in delayed}
    lines = [
        new
        for i, line in enumerate(trace.lines)
        for new in (line, *after.get(i, ()))
        if new is not line or line not in moved
    ]
    return replace(trace, lines=tuple(lines))


def _found(trace: Trace, given: frozenset[Var]) -> frozenset[Line]:
    """The lines that may write into what they are given; `given` are inputs that may be written into."""
    last = _last_uses(trace)
    own = set(given)
    found: set[Line] = set()
    for i, line in enumerate(trace.lines):
        if line.row is SET:
            x = line.args[0]
            if x in own and last.get(x, -1) == i and x.type == line.outs[0].type and x not in line.args[1:]:  # type: ignore[operator]
                found.add(line)
        if is_fresh(line):
            own.update([out for out in line.outs if out.type.shape])
    return frozenset(found)


def _last_uses(trace: Trace) -> dict[Var, int]:
    """Where each variable is read for the last time, itself or through a view."""
    last: dict[Var, int] = {a: len(trace.lines) for a in trace.outputs if isinstance(a, Var)}
    for i in range(len(trace.lines) - 1, -1, -1):
        line = trace.lines[i]
        later = i if is_fresh(line) else max([last.get(out, i) for out in line.outs], default=i)
        for a in line.args:
            if isinstance(a, Var):
                last[a] = max(last.get(a, -1), later)
    return last


def _written(trace: Trace, steps: frozenset[Line]) -> Trace:
    now: dict[Var, Atom] = {}
    lines: list[Line] = []
    for old in trace.lines:
        line = renamed(old, now)
        if old in steps:
            now[line.outs[0]] = line.args[0]
            params = {"path": (), "key": line.params["key"]}
            line = Line(WRITE, WRITE.op, line.args, params, (), line.origin)
        lines.append(line)
    return replace(trace, lines=tuple(lines), outputs=renamed_outputs(trace, now))
