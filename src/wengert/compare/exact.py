"""The derivative that the others are measured against, and how it was found."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import BadInput, NoExpression, WrongDerivative
from wengert.numerical import complex_step, richardson

DIGITS = 40


class Reference(NamedTuple):
    """A derivative, a bound on its own error, and a sentence that says where it came from."""

    value: float
    error: float
    source: str


def reference(f: Callable[[float], Any], x: float) -> Reference:
    """f′(x) as exactly as it can be had without our rules.

    The first of these that works: f's trace as a SymPy expression, differentiated by SymPy and evaluated in 40 digits
    (at x as the binary fraction that it is); the complex step; Richardson's extrapolation, whose error is
    stated.

    >>> import numpy as np
    >>> reference(np.exp, 0.0)
    Reference(value=1.0, error=0.0, source='SymPy, evaluated in 40 digits')
    """
    for way in (_symbolic, _complex):
        found = way(f, x)
        if found is not None:
            return found
    value, error, _ = richardson(f, x)
    return Reference(float(value), float(error), f"Richardson's extrapolation, to {float(error):.0e}")


def _symbolic(f: Callable[[float], Any], x: float) -> Reference | None:
    try:
        symbolic = import_module("wengert.symbolic")
    except ImportError:
        return None
    try:
        value = symbolic.evaluate(symbolic.derivative(f, x), x, digits=DIGITS)
        # What is left of half an ulp: the value is rounded once.
        return Reference(float(value), 0.0, f"SymPy, evaluated in {DIGITS} digits")
    except (NoExpression, TypeError):
        return None


def _complex(f: Callable[[float], Any], x: float) -> Reference | None:
    try:
        value = float(complex_step(f, x))
    except (BadInput, WrongDerivative, TypeError, ValueError):
        return None
    return Reference(value, float(4 * np.spacing(abs(value))), "the complex step")
