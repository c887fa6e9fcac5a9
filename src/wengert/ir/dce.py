"""Dead-code elimination."""

from __future__ import annotations

from collections.abc import Iterable

from wengert.ir.line import Atom, Line, Var

RAISING = frozenset(
    {
        *("numpy.linalg.cholesky", "numpy.linalg.solve", "numpy.linalg.inv", "triangular solve"),
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
        kind = line.kind
        defined = line.inputs[:1] if kind == "write" else line.outs
        if kind == "guard" or line.row.name in raising or any([var in live for var in defined]):
            live.update(line.inputs)
            kept.append(line)
    return tuple(reversed(kept))
