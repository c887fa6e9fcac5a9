"""Solvers: SciPy runs them, between native parts."""

from __future__ import annotations

from wengert.ir.line import Line
from wengert.native.lower.table import lowers
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node


@lowers("solver")
def _solver(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """Refused: the line is a call of Python."""
    raise Unsupported(f"{line.params['solver']!r}, with traces for functions")
