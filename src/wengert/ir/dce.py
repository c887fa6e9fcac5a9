"""Dead-code elimination."""

from __future__ import annotations

from collections.abc import Iterable

from wengert.ir.line import Atom, Line, Var

RAISING = frozenset(
    {
        *("numpy.linalg.cholesky", "numpy.linalg.solve", "numpy.linalg.inv", "triangular solve", "solver"),
        *("scipy.linalg.cholesky", "scipy.linalg.cho_factor", "scipy.linalg.inv", "scipy.linalg.solve_triangular"),
    }
)
"""Rows that raise for some values: whether one does may be all that a function wants to know."""


def live_lines(
    lines: tuple[Line, ...], outputs: Iterable[Atom], raising: frozenset[str] = frozenset()
) -> tuple[Line, ...]:
    """The lines that an output or a guard needs, and those whose row is named in `raising`.

    A write is needed if the memory that it writes into is read afterwards: a view that is used
    after a write is always read anew from its owner, so that the owner is enough to look at.
    """
    live: set[Var] = {atom for atom in outputs if isinstance(atom, Var)}
    kept: list[Line] = []
    for line in reversed(lines):
        name = line.row.name
        for var in line.inputs[:1] if name == "write" else line.outs:
            if var in live:
                break
        else:
            if not (name == "guard" or name in raising or _looks(line)):
                continue
        for a in line.args:
            if type(a) is Var:
                live.add(a)
        kept.append(line)
    return tuple(reversed(kept))


def _looks(line: Line) -> bool:
    """Whether the line is a loop with a guard in it."""
    return line.row.name == "loop" and line.params["loop"].looks
