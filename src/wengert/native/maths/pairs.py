"""Complex products and quotients that find infinities anew (C99, annex G.5.1), as Python has them from 3.14 on.

The fast form of each is right unless it gives nan + nanj; the careful one is always.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from wengert.native.maths.exact import isfinite, isinf
from wengert.native.maths.real import Real, Truth, copysign, select
from wengert.passes.complex_python import PRODUCT, QUOTIENT, REAL_QUOTIENT

Pair = tuple[Real, Real]


def product(a: Real, b: Real, c: Real, d: Real) -> Pair:
    """(a + bi)(c + di)."""
    return a * c - b * d, a * d + b * c


def quotient(a: Real, b: Real, c: Real, d: Real) -> Pair:
    """(a + bi) / (c + di), by the larger part of the divisor (Smith, CACM 5 (1962), 435)."""
    wide, ratio, below = _divisor(c, d)
    return select(wide, a + b * ratio, a * ratio + b) / below, select(wide, b - a * ratio, b * ratio - a) / below


def real_quotient(a: Real, c: Real, d: Real) -> Pair:
    """a / (c + di)."""
    wide, ratio, below = _divisor(c, d)
    return select(wide, a, a * ratio) / below, select(wide, -a * ratio, -a) / below


def _divisor(c: Real, d: Real) -> tuple[Truth, Real, Real]:
    wide = abs(c) >= abs(d)
    larger, smaller = select(wide, c, d), select(wide, d, c)
    ratio = smaller / larger
    return wide, ratio, larger + smaller * ratio


# ── infinities ──


def careful_product(a: Real, b: Real, c: Real, d: Real) -> Pair:
    """The product: an infinite operand counts as its direction, a part that is no number beside it as zero."""
    plain = product(a, b, c, d)
    first, second = isinf(a) | isinf(b), isinf(c) | isinf(d)
    overflow = isinf(a * c) | isinf(b * d) | isinf(a * d) | isinf(b * c)
    left = [select(first, _direction(x), x) for x in (a, b)]
    left = [select(second | ~first & overflow, _number(x), x) for x in left]
    right = [select(second, _direction(x), x) for x in (c, d)]
    right = [select(first | ~second & overflow, _number(x), x) for x in right]
    return _where_lost(first | second | overflow, plain, [math.inf * x for x in product(*left, *right)])


def careful_quotient(a: Real, b: Real, c: Real, d: Real) -> Pair:
    """The quotient: infinite over a finite divisor, zero over an infinite one."""
    plain = quotient(a, b, c, d)
    x, y = _direction(a), _direction(b)
    infinite = (isinf(a) | isinf(b)) & isfinite(c) & isfinite(d)
    plain = _where_lost(infinite, plain, [math.inf * (x * c + y * d), math.inf * (y * c - x * d)])
    x, y = _direction(c), _direction(d)
    zero = (isinf(c) | isinf(d)) & isfinite(a) & isfinite(b)
    return _where_lost(zero, plain, [0.0 * (a * x + b * y), 0.0 * (b * x - a * y)])


def careful_real_quotient(a: Real, c: Real, d: Real) -> Pair:
    """The same of a real number, which is not infinite."""
    zero = (isinf(c) | isinf(d)) & isfinite(a)
    return _where_lost(zero, real_quotient(a, c, d), [0.0 * (a * _direction(c)), 0.0 * (-a * _direction(d))])


def _direction(x: Real) -> Real:
    """±1 of an infinite number, ±0 of others."""
    return copysign(select(isinf(x), 1.0, 0.0), x)


def _number(x: Real) -> Real:
    """x, or ±0."""
    return select(x.isnan(), copysign(x.like(0.0), x), x)


def _where_lost(case: Truth, plain: Pair, otherwise: list[Real]) -> Pair:
    x, y = plain
    lost = x.isnan() & y.isnan() & case
    return select(lost, otherwise[0], x), select(lost, otherwise[1], y)


# ── a function for each part ──


def _fast(f: Callable[..., Pair], part: int, *xs: Real) -> tuple[Real, Truth]:
    x, y = f(*xs)
    return (x, y)[part], ~(x.isnan() & y.isnan())


def _careful(f: Callable[..., Pair], part: int, *xs: Real) -> Real:
    return f(*xs)[part]


PARTS = [
    (f"{name}, {side} part", arity, partial(_fast, fast, part), partial(_careful, careful, part))
    for name, arity, fast, careful in (
        (PRODUCT, 4, product, careful_product),
        (QUOTIENT, 4, quotient, careful_quotient),
        (REAL_QUOTIENT, 3, real_quotient, careful_real_quotient),
    )
    for part, side in enumerate(("real", "imaginary"))
]
"""(name of the row, how many numbers it takes, fast form, careful form)"""
