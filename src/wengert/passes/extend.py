"""A loop whose results another loop computes too is left out: the loop of a value, beside that of its derivative."""

from __future__ import annotations

from dataclasses import replace

from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.trace import Trace
from wengert.passes.cse import key_of


def extend(trace: Trace) -> Trace:
    """The trace without loops that a later loop extends (`Loop.extends`), where that one can take their place."""
    while True:
        pair = _pair(trace)
        if pair is None:
            return trace
        trace = _moved(trace, *pair)


def _pair(trace: Trace) -> tuple[int, int] | None:
    """(a loop, a later one that can take its place)."""
    loops = [i for i, line in enumerate(trace.lines) if line.row.name == "loop"]
    pairs = [(i, j) for i in loops for j in loops if j > i and _extends(trace.lines[j], trace.lines[i])]
    if not pairs:
        return None
    defined = {out: i for i, line in enumerate(trace.lines) for out in line.outs}
    for i, j in pairs:
        if all([defined.get(v, -1) < i for v in trace.lines[j].inputs]):
            return i, j
    return None


def _moved(trace: Trace, i: int, j: int) -> Trace:
    """The trace with loop j in the place of loop i."""
    longer, line = trace.lines[j], trace.lines[i]
    now = {var: longer.outs[r] for var, r in zip(line.outs, longer.params["loop"].extends[1], strict=True)}
    lines = [longer if k == i else other for k, other in enumerate(trace.lines) if k != j]
    return replace(
        trace,
        lines=tuple([_renamed(other, now) for other in lines]),
        outputs=tuple([_name(a, now) for a in trace.outputs]),
    )


def _extends(longer: Line, line: Line) -> bool:
    """Whether the longer loop computes what the other does, from the same arguments."""
    extends = longer.params["loop"].extends
    if extends is None or extends[0] is not line.params["loop"]:
        return False
    return all([_same(longer.args[k], a) for k, a in zip(extends[2], line.args, strict=True)])


def _same(a: Atom, b: Atom) -> bool:
    """Whether two arguments are one variable, or equal constants."""
    return a is b or (isinstance(a, Lit) and isinstance(b, Lit) and key_of(a.value) == key_of(b.value))


def _name(atom: Atom, now: dict[Var, Var]) -> Atom:
    return now.get(atom, atom) if isinstance(atom, Var) else atom


def _renamed(line: Line, now: dict[Var, Var]) -> Line:
    args = tuple([_name(a, now) for a in line.args])
    return line if all([a is b for a, b in zip(args, line.args, strict=True)]) else replace(line, args=args)
