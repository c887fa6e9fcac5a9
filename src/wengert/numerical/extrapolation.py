"""Derivatives by differences with an estimate of their error: Richardson's extrapolation over halved steps.

The error of a central difference is c₁h² + c₂h⁴ + …. Two steps give c₁ and do away with its term, three steps
c₂ as well, and so on (Richardson 1911); the neighbours in that table say how far to trust an entry, and
so which step to take (Ridders 1982).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from wengert.numerical.curves import Curve, pointwise
from wengert.numerical.stencils import Stencil, short, stencil


class Estimate(NamedTuple):
    """A derivative, and an estimate of its error."""

    value: Any
    error: Any


class Extrapolated(NamedTuple):
    """A derivative, an estimate of its error, and the smallest step that it was made with."""

    value: Any
    error: Any
    step: Any


def richardson(
    f: Callable[..., Any],
    x: Any,
    *,
    order: int = 1,
    step: float | None = None,
    levels: int = 12,
    accuracy: int = 2,
    vectorized: bool = False,
) -> Extrapolated:
    """f⁽ᵐ⁾(x) by extrapolated central differences: (value, error estimate, step chosen), element by element.

    Arguments:
        f: a function of a number (with any array as result) or, for an array x, one that works
            element by element.
        order: m, 1 or more.
        step: the first and largest step; unless given, max(1, |x|) / 4. Each of the `levels` halves it.
        accuracy: of the differences that are extrapolated, an even number.
        vectorized: f takes all points at once, along a new first axis.

    The error is that of Ridders (the distance to the two entries of the table that the value was made
    from) and what rounding does at that step. Points where f is NaN count for nothing: near a singularity
    more and smaller steps are taken. Where no two steps agree the error is large: believe it. A kink exactly at x,
    as of |x| at 0, cannot be seen by differences to both sides.

    >>> d = richardson(lambda x: x**3, 2.0)
    >>> round(float(d.value), 12), bool(d.error < 1e-10)
    (12.0, True)
    """
    formula = stencil("central", order, accuracy)
    if levels < 2:
        raise ValueError(f"richardson: levels is {levels!r}, but one step has nothing beside it.\nPass 2 or more.")
    lines = pointwise(f, x, step, vectorized, "richardson")
    h = 0.25 if step is None else float(short(step))
    found = extrapolated(lines.curve, formula, h, levels, lines.eps, lines.size, most=60)
    scale = lines.lengths**order
    return Extrapolated((found.value / scale)[()], (found.error / scale)[()], (found.step * lines.lengths)[()])


def differences(f: Callable[[float], Any], h: float = 0.02, levels: int = 8) -> Estimate:
    """The derivative of t ↦ f(t) at 0, by extrapolated central differences of sixth order.

    What the tests and `check_grad` hold derivatives to.

    >>> import numpy as np
    >>> d = differences(lambda t: np.exp(t))
    >>> abs(float(d.value) - 1.0) < 1e-12
    True
    """
    curve = lambda ts: np.stack([np.asarray(f(float(t))) for t in ts])
    return Estimate(*extrapolated(curve, stencil("central", 1, 6), h, levels, float(np.finfo(float).eps))[:2])


def extrapolated(
    curve: Curve, formula: Stencil, h: float, levels: int, eps: float, size: Any = 1.0, most: int = 0
) -> Extrapolated:
    """The best entries of Richardson's table for a curve at 0, from steps h, h/2, h/4, …, per element.

    `size` is |x| in the unit of the curve, which says how the points are rounded.
    Up to `most` levels are taken until each element has been finite at `_ENOUGH` of them.
    """
    best = Extrapolated(None, None, None)
    row: list[Any] = []
    seen: Any = 0
    with np.errstate(all="ignore"):
        for level in range(max(levels, most)):
            if level >= levels and np.all(seen >= min(levels, _ENOUGH)):
                break
            step = h / 2**level
            values = curve(step * np.array(formula.nodes, float))
            quotient = np.tensordot(np.array(formula.weights), values, 1) / step**formula.order
            seen = seen + np.isfinite(quotient)
            noise = _noise(values, formula, step, eps, size)
            previous, row = row, _row(quotient, row, formula.accuracy)
            # An entry is as good as its agreement with the two that it was made from.
            for j in range(1, len(row)):
                doubt = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - previous[j - 1]))
                best = _better(best, Extrapolated(row[j], doubt + noise, step))
    return best


_ENOUGH = 8


def _noise(values: Any, formula: Stencil, step: float, eps: float, size: Any) -> Any:
    """What a rounding of each f(x + kh), and of each x + kh, can do to h⁻ᵐ Σ wₖ f(x + kh)."""
    reach = max(map(abs, formula.nodes)) * step
    slope = np.max(np.abs(values - values[0]), axis=0) / ((formula.nodes[-1] - formula.nodes[0]) * step)
    moved = np.reshape(size, np.shape(size) + (1,) * (np.ndim(slope) - np.ndim(size))) + reach
    return formula.rounding * eps * (np.max(np.abs(values), axis=0) + slope * moved) / step**formula.order


def _row(first: Any, previous: list[Any], accuracy: int) -> list[Any]:
    """One row of Richardson's table: the errors are of order hᵖ, hᵖ⁺², hᵖ⁺⁴, …"""
    row = [first]
    for j, older in enumerate(previous):
        factor = 2.0 ** (accuracy + 2 * j)
        row.append((factor * row[j] - older) / (factor - 1))
    return row


def _better(best: Extrapolated, new: Extrapolated) -> Extrapolated:
    """Per element, whichever of the two has the smaller error; NaN is never better.

    Two that contradict each other: the one of smaller steps is right. f swings between the larger ones, which
    happen to agree.
    """
    error = np.where(np.isfinite(new.value) & ~np.isnan(new.error), new.error, np.inf)
    if best.value is None:
        return Extrapolated(np.asarray(new.value), error, np.full(np.shape(error), new.step))
    contradicted = np.abs(new.value - best.value) > _CONTRADICTION * (error + best.error)
    better = (error < best.error) | contradicted
    value, step = np.where(better, new.value, best.value), np.where(better, new.step, best.step)
    return Extrapolated(value, np.where(better, error, best.error), step)


_CONTRADICTION = 10.0
"""Two values further apart than so many times their errors contradict each other."""
