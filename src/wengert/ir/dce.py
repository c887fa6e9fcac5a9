"""Dead-code elimination."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

from wengert.ir.line import Atom, Line, Var

RAISING = frozenset(
    {
        *("numpy.linalg.cholesky", "numpy.linalg.solve", "numpy.linalg.inv", "triangular solve", "solver"),
        *("scipy.linalg.cholesky", "scipy.linalg.cho_factor", "scipy.linalg.inv", "scipy.linalg.solve_triangular"),
    }
)
"""Rows that raise for some values: whether one does may be all that a function wants to know."""
_OF_PYTHON = frozenset(
    {
        *("sqrt", "log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "sinh", "cosh", "pow", "fmod", "gamma"),
        *("lgamma", "asin", "acos", "acosh", "atanh", "remainder"),
    }
)
"""Functions of math and cmath that raise for finite numbers."""
_OPERATORS = frozenset({operator.truediv, operator.pow, operator.floordiv, operator.mod})
"""Operators that raise for numbers of Python's."""


def may_raise(line: Line) -> bool:
    """Whether the line raises for some values: what follows if it does is no part of the trace."""
    return raises(line.row.name, line.op, bool(line.outs) and line.outs[0].type.python)


def raises(name: str, op: Any, python: bool) -> bool:
    """Whether a row raises for some values; `python`: of results that are Python's numbers."""
    if getattr(op, "__module__", None) in ("math", "cmath"):
        return op.__name__ in _OF_PYTHON
    return name in RAISING or (python and op in _OPERATORS)


def live_lines(lines: tuple[Line, ...], outputs: Iterable[Atom], raising: bool = False) -> tuple[Line, ...]:
    """The lines that an output or a guard needs; with `raising`, those that may raise too.

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
            if not (name == "guard" or (raising and may_raise(line)) or _looks(line)):
                continue
        for a in line.args:
            if type(a) is Var:
                live.add(a)
        kept.append(line)
    return tuple(reversed(kept))


def _looks(line: Line) -> bool:
    """Whether the line is a loop with a guard in it."""
    return line.row.name == "loop" and line.params["loop"].looks
