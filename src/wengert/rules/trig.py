"""Trigonometric and hyperbolic functions and their inverses, for real and complex arguments.

Every derivative of every order keeps its digits in the tails: 1/cosh² for tanh′ (1 − tanh² has none
for |x| > 19), factors (1 − x)(1 + x) for 1 − x², lengths by hypot. For complex arguments the factors
also put the branch cuts where NumPy's functions have them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.value import is_value
from wengert.rules.partials import defined, is_complex, over, unit, with_partials
from wengert.rules.table import elementwise

# ── slopes: each by a formula without cancellation, and by its own derivative, which has none either ──


@with_partials(lambda y, x: 2 * (x * y) * y)
def _arctanh_slope(x: Any) -> Any:
    """1 / (1 − x²)."""
    return over(1.0, (1.0 - x) * (1.0 + x))


@with_partials(lambda y, x: -2 * (x * y) * y)
def _arctan_slope(x: Any) -> Any:
    """1 / (1 + x²)."""
    return over(1.0, (1.0 - 1j * x) * (1.0 + 1j * x) if is_complex(x) else 1.0 + x * x)


@with_partials(lambda y, x: (x * y) * y * y)
def _arcsin_slope(x: Any) -> Any:
    """1 / √(1 − x²)."""
    return over(1.0, np.sqrt(1.0 - x) * np.sqrt(1.0 + x))


@with_partials(lambda y, x: -(x * y) * y * y)
def _arcsinh_slope(x: Any) -> Any:
    """1 / √(1 + x²)."""
    return over(1.0, np.sqrt(1.0 - 1j * x) * np.sqrt(1.0 + 1j * x) if is_complex(x) else np.hypot(1.0, x))


@with_partials(lambda y, x: -(x * y) * y * y)
def _arccosh_slope(x: Any) -> Any:
    """1 / √(x² − 1)."""
    return over(1.0, np.sqrt(x - 1.0) * np.sqrt(x + 1.0))


@with_partials(lambda y, x: -2 * np.tanh(x) * y)
def _tanh_slope(x: Any) -> Any:
    """1 / cosh² x."""
    return np.square(over(1.0, np.cosh(x)))


@with_partials(
    lambda y, a, b: unit(np.square(_cosine(b, a)), np.hypot(a, b)),
    lambda y, a, b: -unit(y * _cosine(b, a), np.hypot(a, b)),
)
def _cosine(a: Any, b: Any) -> Any:
    """a / √(a² + b²); zero at the origin."""
    return unit(a, np.hypot(a, b))


def _hypot_slope(y: Any, a: Any, b: Any) -> Any:
    return _cosine(a, b) if is_value(y) else unit(a, y)


def turn(a: Any, b: Any) -> Any:
    """b / (a² + b²); zero at the origin."""
    return unit(_cosine(b, a), np.hypot(a, b))


# fmt: off
elementwise(np.sin,      lambda y, x: np.cos(x))
elementwise(np.cos,      lambda y, x: -np.sin(x))
elementwise(np.tan,      lambda y, x: np.square(over(1.0, np.cos(x))))
elementwise(np.arcsin,   lambda y, x: _arcsin_slope(x))
elementwise(np.arccos,   lambda y, x: -_arcsin_slope(x))
elementwise(np.arctan,   lambda y, x: _arctan_slope(x))
elementwise(np.arctan2,  lambda y, a, b: turn(a, b),             lambda y, a, b: -turn(b, a),
            jumps=lambda a, b: np.signbit(a) & np.less(b, 0))
elementwise(np.hypot,    lambda y, a, b: _hypot_slope(y, a, b),   lambda y, a, b: _hypot_slope(y, b, a))
elementwise(np.sinh,     lambda y, x: np.cosh(x))
elementwise(np.cosh,     lambda y, x: np.sinh(x))
elementwise(np.tanh,     lambda y, x: _tanh_slope(x))
elementwise(np.arcsinh,  lambda y, x: _arcsinh_slope(x))
elementwise(np.arccosh,  lambda y, x: _arccosh_slope(x))
elementwise(np.arctanh,  lambda y, x: defined(y, _arctanh_slope(x)))
# fmt: on
