"""The complex step: derivatives of real-analytic functions without a difference, to rounding.

f(x + ih) = f(x) + ih f′(x) − h²f″(x)/2 − …, so f′(x) = Im f(x + ih) / h + O(h²). Nothing is subtracted, hence
nothing cancels, and h can be so small that h² is nothing (Squire & Trapp 1998).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import BadInput, WrongDerivative
from wengert.numerical.curves import Curve, pointwise
from wengert.numerical.stencils import stencil


def tiny(eps: float) -> float:
    """A step whose square is lost beside 1, with room below for a small f′."""
    return 1e-200 if eps < 1e-10 else 1e-25


_DOUBT = 1e-3
"""A complex step and a difference that are further apart (relative) are not of one analytic function."""


def complex_step(
    f: Callable[..., Any], x: Any = 0.0, *, step: float | None = None, check: bool = True, vectorized: bool = False
) -> Any:
    """f′(x) = Im f(x + ih) / h, for f real on the real axis and analytic around x; exact to rounding.

    Arguments:
        f: a function of a number (with any array as result) or, for an array x, one that works element
            by element; it must take complex numbers.
        step: h; 1e-200 unless given (1e-25 in single precision).
        check: hold the result to a central difference, and raise WrongDerivative where they
            disagree: abs, maximum, real and conj are not analytic, and the step would be lost in them.
        vectorized: f takes all points at once, along a new first axis.

    >>> import numpy as np
    >>> float(complex_step(np.sin, 0.0))
    1.0
    """
    lines = pointwise(f, x, 1.0, vectorized, "complex_step")
    return complex_slope(lines.curve, lines.eps, step, check, f)[()]


def complex_slope(curve: Curve, eps: float, step: float | None, check: bool, f: Callable[..., Any]) -> Any:
    """The derivative of a curve at 0."""
    h = tiny(eps) if step is None else step
    values = curve(np.array([1j * h]))[0]
    name = getattr(f, "__name__", "f")
    if not np.iscomplexobj(values):
        raise BadInput(
            f"complex_step: {name} of a complex number is real, so it is not analytic (or casts its argument).\n"
            'Use method="central", or richardson.'
        )
    slope = np.imag(values) / h
    if check:
        _compare(slope, curve, eps, name)
    return slope


def _compare(slope: Any, curve: Curve, eps: float, name: str) -> None:
    formula = stencil("central", 1, 4)
    h = formula.step(eps)
    with np.errstate(all="ignore"):
        values = curve(h * np.array(formula.nodes))
        reference = np.tensordot(np.array(formula.weights), values, 1) / h
        scale = np.maximum(np.abs(reference), np.max(np.abs(values), axis=0))
        wrong = ~(np.abs(slope - reference) <= _DOUBT * np.maximum(scale, 1e-300)) & np.isfinite(reference)
    if np.any(wrong):
        where = np.unravel_index(np.argmax(wrong), np.shape(wrong))
        raise WrongDerivative(
            f"complex_step: {name} is not analytic here: the complex step gives {slope[where]:.6g}, "
            f'a central difference {np.real(reference[where]):.6g}.\nUse method="central", or richardson.'
        )
