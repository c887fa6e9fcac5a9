"""x**p: its two partials, which must not touch log x unless the exponent varies, nor 0⁻¹ where p = 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.value import is_value
from wengert.rules.partials import is_complex, over
from wengert.rules.table import elementwise

_NUMBERS = {int, float, np.float64, np.int64}


def base_partial(y: Any, x: Any, p: Any) -> Any:
    """∂/∂x xᵖ = p xᵖ⁻¹; zero for p = 0, wherever x is.

    An exponent that varies is cut off at x = 0 only: elsewhere its slope xᵖ⁻¹ is a second derivative.
    """
    if type(p) not in _NUMBERS:
        flat = np.equal(p, 0) & np.equal(x, 0) if is_value(p) else np.equal(p, 0)
        return np.where(flat, 0.0, p * _raised(y, x, np.subtract(p, 1)))
    if p == 2:
        return 2 * x
    return p * _raised(y, x, p - 1) if p else 0.0


def _raised(y: Any, x: Any, q: Any) -> Any:
    """xᵠ on the branch that y is on: Python's (-8.0)**(1/3) is complex."""
    if type(x) is float and type(q) in _NUMBERS and (x > 0.0 or (x and q % 1 == 0)):
        try:
            return x**q
        except OverflowError:
            pass
    return np.power(_on_branch(y, x), q)


def exponent_partial(y: Any, x: Any, p: Any) -> Any:
    """∂/∂p xᵖ = xᵖ log x; zero at x = 0, p ≥ 0 (there 0ᵖ is 0 for every p > 0)."""
    x = _on_branch(y, float(x) if type(x) is int else x)
    flat = np.equal(x, 0) & (np.real(p) >= 0)
    return y * np.log(np.where(flat, 1.0, x) if np.any(flat) else x)


def _on_branch(y: Any, x: Any) -> Any:
    return x + 0j if is_complex(y) and not is_complex(x) else x


def _double(x: Any) -> Any:
    return np.multiply(x, np.float64(1.0))


# fmt: off
elementwise(np.power,       base_partial,
                            exponent_partial)
elementwise(np.float_power, lambda y, x, p: base_partial(y, _double(x), p),
                            lambda y, x, p: exponent_partial(y, _double(x), p))
elementwise(np.square,      lambda y, x: 2 * x)
elementwise(np.sqrt,        lambda y, x: over(0.5, y))
elementwise(np.cbrt,        lambda y, x: over(1.0, 3 * np.square(y)))
elementwise(np.reciprocal,  lambda y, x: -np.square(y))
# fmt: on
