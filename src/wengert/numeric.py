"""Derivatives by differences: references that know nothing of the rules, with an estimate of their error.

    differences     f′(x) ≈ Σₖ wₖ (f(x + kh) − f(x − kh)) / h of sixth order, and Richardson's
                    extrapolation over halved steps (Richardson 1911; Ridders 1982)
    complex_step    f′(x) ≈ Im f(x + ih) / h for real-analytic f: no cancellation, so h = 1e-200
                    (Squire & Trapp 1998)

f is a function of one real number with an array (or number) as its value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Curve = Callable[[float], Any]
"""t ↦ a real or complex array."""


class Estimate(NamedTuple):
    """A derivative and a bound on its error that held where it was measured."""

    value: Any
    error: Any


STENCIL = ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))
"""(k, wₖ) of the central difference of sixth order."""


def central(f: Curve, h: float) -> Any:
    """The central difference of sixth order at 0 with step h."""
    total: Any = 0.0
    for k, w in STENCIL:
        total = total + w * (np.asarray(f(k * h)) - np.asarray(f(-k * h)))
    return total / h


def differences(f: Curve, h: float = 0.02, levels: int = 8) -> Estimate:
    """The derivative of f at 0, from steps h, h/2, h/4, …, each extrapolated from those before.

    Element by element the estimate with the least error is taken; where f is singular within
    reach of the larger steps, that is a smaller one.

    >>> import numpy as np
    >>> d = differences(lambda t: np.exp(t))
    >>> abs(float(d.value) - 1.0) < 1e-12
    True
    """
    best: Any = None
    error: Any = None
    row: list[Any] = []
    with np.errstate(all="ignore"):
        rounding = np.finfo(float).eps * np.max(np.abs(f(0.0)), initial=0.0)
        for level in range(levels):
            step = h / 2**level
            previous, row = row, _extrapolated(central(f, step), row)
            # An entry is as good as its agreement with the two that it was made from.
            for j in range(1, len(row)):
                doubt = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - previous[j - 1]))
                best, error = _better(best, error, row[j], doubt + rounding / step)
    return Estimate(best, error)


def _extrapolated(first: Any, previous: list[Any]) -> list[Any]:
    """One row of Richardson's table: the errors are of order h⁶, h⁸, h¹⁰, …"""
    row = [first]
    for j, older in enumerate(previous):
        factor = 4.0 ** (j + 3)
        row.append((factor * row[j] - older) / (factor - 1))
    return row


def _better(best: Any, error: Any, value: Any, its_error: Any) -> tuple[Any, Any]:
    """Per element, whichever of the two estimates has the smaller error; NaN is never better."""
    its_error = np.where(np.isfinite(value) & ~np.isnan(its_error), its_error, np.inf)
    if best is None:
        return np.asarray(value), its_error
    return np.where(its_error < error, value, best), np.minimum(its_error, error)


def complex_step(f: Curve, h: float = 1e-200) -> Any:
    """The derivative of f at 0, for f analytic and real on the real axis; to rounding.

    >>> import numpy as np
    >>> float(complex_step(lambda t: np.sin(t)))
    1.0
    """
    return np.imag(np.asarray(f(1j * h))) / h  # type: ignore[arg-type]
