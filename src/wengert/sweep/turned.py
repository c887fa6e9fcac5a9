"""Tangents where columns are determined up to a turning of them only: of what does not notice it, all the same.

Some results are bases of a space (a null space): any turning of them is as good, and their tangent is NaN where
there is more than one. What is computed of them need not depend on that: N Nᵀ does not. Where a tangent is NaN, the
lines are swept once more with some tangent of the basis, that of the least movement, and with a turning and another
movement of it, drawn by lot: an element that a turning does not move has the tangent that the least movement gives it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.value import Line, stopped

TURNED: dict[Row, Callable[[Any], tuple[Any, Any]]] = {}
"""row → y ↦ tangents of y: a turning of the bases in it, another movement of them"""

Sweep = Callable[[list[Line], list[tuple[int, Any]]], list[Any]]
_SMALL = 1e-9
"""The share of what another movement does to an element that a turning may do to it by rounding."""


class Least(threading.local):
    """Whether the tangent of a basis is to be that of the least movement."""

    now = False


least = Least()


def unless_turned(result: list[Any], sweep: Sweep, lines: list[Line], seeds: list[tuple[int, Any]]) -> list[Any]:
    """The tangents, with numbers for the NaNs that a turning of bases does not change."""
    drawn = [(i, TURNED[line[0]](tuple(map(stopped, line[2])))) for i, line in enumerate(lines) if line[0] in TURNED]
    if not drawn or least.now:
        return result
    least.now = True
    try:
        turned, other = [sweep(lines, [(i, tangents[k]) for i, tangents in drawn]) for k in (0, 1)]
        found = sweep(lines, seeds)
    finally:
        least.now = False
    return [_chosen(*parts) for parts in zip(result, found, turned, other, strict=True)]


def _chosen(x: Any, y: Any, turned: Any, other: Any) -> Any:
    """y where it is one; it does not go by x, of which a derivative would be NaN again."""
    if turned is None or other is None:
        return y
    scale = np.max(np.abs(stopped(other)), initial=0.0)
    known = (np.abs(stopped(turned)) <= _SMALL * scale) | (np.isnan(stopped(x)) == np.isnan(stopped(y)))
    return np.where(known, y, np.nan)
