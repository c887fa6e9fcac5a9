"""Trigonometric and hyperbolic functions and their inverses, for real and complex arguments.

Every derivative keeps its digits in the tails: 1/cosh² for tanh′ (1 − tanh² has none for |x| > 19),
factors (1 − x)(1 + x) for 1 − x², lengths by hypot. For complex arguments the factors also put the
branch cuts where NumPy's functions have them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.partials import defined, is_complex, over, unit
from wengert.rules.table import elementwise


def _root_one_minus_square(x: Any) -> Any:
    """√(1 − x²)."""
    return np.sqrt(1.0 - x) * np.sqrt(1.0 + x)


def _root_one_plus_square(x: Any) -> Any:
    """√(1 + x²)."""
    return np.sqrt(1.0 - 1j * x) * np.sqrt(1.0 + 1j * x) if is_complex(x) else np.hypot(1.0, x)


def _one_plus_square(x: Any) -> Any:
    """1 + x²."""
    return (1.0 - 1j * x) * (1.0 + 1j * x) if is_complex(x) else 1.0 + x * x


def _turn(a: Any, b: Any) -> Any:
    """b / (a² + b²); zero at the origin."""
    r = np.hypot(a, b)
    return unit(unit(b, r), r)


# fmt: off
elementwise(np.sin,      lambda y, x: np.cos(x))
elementwise(np.cos,      lambda y, x: -np.sin(x))
elementwise(np.tan,      lambda y, x: np.square(over(1.0, np.cos(x))))
elementwise(np.arcsin,   lambda y, x: over(1.0, _root_one_minus_square(x)))
elementwise(np.arccos,   lambda y, x: over(-1.0, _root_one_minus_square(x)))
elementwise(np.arctan,   lambda y, x: over(1.0, _one_plus_square(x)))
elementwise(np.arctan2,  lambda y, a, b: _turn(a, b),   lambda y, a, b: -_turn(b, a))
elementwise(np.hypot,    lambda y, a, b: unit(a, y),    lambda y, a, b: unit(b, y))
elementwise(np.sinh,     lambda y, x: np.cosh(x))
elementwise(np.cosh,     lambda y, x: np.sinh(x))
elementwise(np.tanh,     lambda y, x: np.square(over(1.0, np.cosh(x))))
elementwise(np.arcsinh,  lambda y, x: over(1.0, _root_one_plus_square(x)))
elementwise(np.arccosh,  lambda y, x: over(1.0, np.sqrt(x - 1.0) * np.sqrt(x + 1.0)))
elementwise(np.arctanh,  lambda y, x: defined(y, over(1.0, (1.0 - x) * (1.0 + x))))
# fmt: on
