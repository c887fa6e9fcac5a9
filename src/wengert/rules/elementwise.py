"""Elementwise functions: the calculus table. y is the result, already computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.partials import defined, over, with_partials
from wengert.rules.table import constant, elementwise
from wengert.sweep.arithmetic import some

_LN2, _LN10 = float(np.log(2.0)), float(np.log(10.0))


def _divided(c: Any, y: Any, b: Any) -> Any:
    """−c y / b, in one piece: NumPy then needs memory for one result only."""
    try:
        return -c * y / b
    except ZeroDivisionError:
        return np.divide(-c * y, b)


def _of_log(c: Any, y: Any, x: Any) -> Any:
    """c / x, and NaN where y is NaN."""
    try:
        p = c / x
    except ZeroDivisionError:
        p = np.divide(c, x)
    return (p if y == y else np.nan) if type(y) in _NUMBERS else defined(y, p)


_NUMBERS = {float, np.float64}


def _gap(a: Any, b: Any) -> Any:
    """a − b; zero between equal infinities."""
    gap = a - b
    undefined = np.not_equal(gap, gap) & np.equal(a, b)
    return np.where(undefined, 0.0, gap) if some(undefined) else gap


@with_partials(lambda y, t: y * logistic(-t))
def logistic(t: Any) -> Any:
    """1 / (1 + e⁻ᵗ), exact in both tails; so is its derivative, of any order."""
    return over(1.0, 1.0 + np.exp(-t))


@with_partials(lambda y, t: _LN2 * y * logistic2(-t))
def logistic2(t: Any) -> Any:
    """1 / (1 + 2⁻ᵗ)."""
    return over(1.0, 1.0 + np.exp2(-t))


def same(c: Any, y: Any, a: Any, b: Any) -> Any:
    """c."""
    return c


def minus(c: Any, y: Any, a: Any, b: Any) -> Any:
    """−c."""
    return -c


def times_second(c: Any, y: Any, a: Any, b: Any) -> Any:
    """c b."""
    return c * b


def times_first(c: Any, y: Any, a: Any, b: Any) -> Any:
    """c a."""
    return c * a


# fmt: off
# ── arithmetic ──
elementwise(np.add,         lambda y, a, b: 1.0,                lambda y, a, b: 1.0,    products = (same, same))
elementwise(np.subtract,    lambda y, a, b: 1.0,                lambda y, a, b: -1.0,   products = (same, minus))
elementwise(np.multiply,    lambda y, a, b: b,                  lambda y, a, b: a,
                products = (times_second, times_first))
elementwise(np.divide,      lambda y, a, b: over(1.0, b),       lambda y, a, b: over(y, -b),
                products = (lambda c, y, a, b: over(c, b),      lambda c, y, a, b: _divided(c, y, b)))
elementwise(np.negative,    lambda y, x: -1.0,       products = (lambda c, y, x: -c,))
elementwise(np.positive,    lambda y, x: 1.0,        products = (lambda c, y, x: c,))
# ── exponentials and logarithms ──
elementwise(np.exp,         lambda y, x: y)
elementwise(np.exp2,        lambda y, x: _LN2 * y)
elementwise(np.expm1,       lambda y, x: np.exp(x))
elementwise(np.log,         lambda y, x: defined(y, over(1.0, x)),
                products = (_of_log,))
elementwise(np.log2,        lambda y, x: defined(y, over(1.0 / _LN2, x)))
elementwise(np.log10,       lambda y, x: defined(y, over(1.0 / _LN10, x)))
elementwise(np.log1p,       lambda y, x: defined(y, over(1.0, 1.0 + x)))
elementwise(np.logaddexp,   lambda y, a, b: logistic(_gap(a, b)),  lambda y, a, b: logistic(_gap(b, a)))
elementwise(np.logaddexp2,  lambda y, a, b: logistic2(_gap(a, b)), lambda y, a, b: logistic2(_gap(b, a)))
# ── degrees ──
elementwise(np.deg2rad,     lambda y, x: np.pi / 180)
elementwise(np.radians,     lambda y, x: np.pi / 180)
elementwise(np.rad2deg,     lambda y, x: 180 / np.pi)
elementwise(np.degrees,     lambda y, x: 180 / np.pi)
# ── derivative zero wherever it exists ──
constant(np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.spacing)
constant(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal)
constant(np.isnan, np.isinf, np.isfinite, np.isnat, np.signbit)
constant(np.logical_and, np.logical_or, np.logical_xor, np.logical_not)
# ── integers only: NumPy refuses floating arguments ──
constant(np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.bitwise_count)
constant(np.gcd, np.lcm)
# fmt: on
