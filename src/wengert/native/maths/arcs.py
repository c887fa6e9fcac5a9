"""Inverse functions: of the circular ones by polynomials on reduced arguments, of the hyperbolic ones by logarithms.

Reductions are exact, or carry their rounding error along as the second member of a pair.
"""

from __future__ import annotations

import math

from wengert.native.maths import logarithm
from wengert.native.maths.coefficients import ASIN, ATAN, LN2_ROUNDED, QUARTER_PI
from wengert.native.maths.parts import Pair, fast_two_sum, poly, quotient, two_product, two_sum
from wengert.native.maths.real import Real, Truth, at_most, copysign, fma, select, sqrt

TAN_EIGHTH = math.tan(math.pi / 8)


def angle(small: Real, big: Real, mirrors: tuple[tuple[Truth, float], ...]) -> Real:
    """arctan(small/big) for 0 ≤ small ≤ big; each mirror (test, m) then makes it m π/4 − angle where the test holds.

    Above tan π/8: arctan(q) = π/4 + arctan((q − 1)/(q + 1)).
    """
    high = small > big * TAN_EIGHTH
    less, more = fast_two_sum(big, -small), fast_two_sum(big, small)
    zero = small.like(0.0)
    n = Pair(select(high, -less.hi, small), select(high, -less.lo, zero))
    d = Pair(select(high, more.hi, big), select(high, more.lo, zero))
    t = quotient(n, d)
    z = t.hi * t.hi
    low = fma(t.hi * z, poly(z, ATAN), fma(-z, t.lo, t.lo))
    eighths, sign = select(high, 1.0, 0.0), small.like(1.0)
    for test, m in mirrors:
        eighths, sign = select(test, m - eighths, eighths), select(test, -sign, sign)
    base = two_product(eighths, QUARTER_PI[0])
    s = fast_two_sum(base.hi, t.hi * sign)
    return s.hi + (s.lo + fma(low, sign, fma(eighths, QUARTER_PI[1], base.lo)))


def arctan(x: Real) -> Real:
    """arctan x."""
    a = at_most(abs(x), 2.0**60)
    steep = a > 1.0
    return copysign(angle(select(steep, 1.0, a), select(steep, a, 1.0), ((steep, 2.0),)), x)


def arctan2(y: Real, x: Real) -> Real:
    """The angle of (x, y)."""
    a, b = abs(y), abs(x)
    steep = a > b
    big, small = select(steep, a, b), select(steep, b, a)
    # 1/big must not overflow, small + big neither; the quotient of infinities is 1
    scale = select(big > 2.0**900, 2.0**-200, select(big < 2.0**-800, 2.0**200, 1.0))
    infinite, nothing = big.equals(math.inf), big.equals(0.0)
    small = select(infinite, select(small.equals(math.inf), 1.0, 0.0 * (small - small)), small * scale)
    big = select(infinite | nothing, 1.0, big * scale)
    backwards = copysign(x.like(1.0), x) < 0.0
    result = copysign(angle(small, big, ((steep, 2.0), (backwards, 4.0))), y)
    return select(x.isnan() | y.isnan(), x + y, result)


def root_pair(v: Pair) -> Pair:
    """√v; at 0 it is 0."""
    r = sqrt(v.hi)
    safe = select(r > 0.0, r, 1.0)
    return Pair(r, (fma(-r, r, v.hi) + v.lo) * (0.5 / safe))


def arcsin_parts(x: Real) -> tuple[Real, Truth, Pair]:
    """|x|, whether it is above ½, and arcsin of |x| or (if above) of √((1 − |x|)/2)."""
    a = abs(x)
    above = a > 0.5
    half = (1.0 - a) * 0.5  # exact where it is used
    root = root_pair(Pair(half, half.like(0.0)))
    z = select(above, half, a * a)
    r = select(above, root.hi, a)
    return a, above, fast_two_sum(r, fma(z * r, poly(z, ASIN), select(above, root.lo, 0.0)))


def arcsin(x: Real) -> Real:
    """arcsin x = π/2 − 2 arcsin √((1 − x)/2)."""
    _, above, p = arcsin_parts(x)
    s = fast_two_sum(p.hi.like(2.0 * QUARTER_PI[0]), p.hi * -2.0)
    far = s.hi + (s.lo + fma(p.lo, -2.0, 2.0 * QUARTER_PI[1]))
    return copysign(select(above, far, p.hi), x)


def arccos(x: Real) -> Real:
    """arccos x: π/2 − arcsin x, or 2 arcsin √((1 − x)/2), or π less that."""
    _, above, p = arcsin_parts(x)
    negative = x < 0.0
    # base + factor·p
    quarters = select(above, select(negative, 4.0, 0.0), 2.0)
    factor = select(above, select(negative, -2.0, 2.0), select(negative, 1.0, -1.0))
    s = fast_two_sum(quarters * QUARTER_PI[0], p.hi * factor)
    return s.hi + (s.lo + fma(p.lo, factor, quarters * QUARTER_PI[1]))


def arcsinh(x: Real) -> Real:
    """arcsinh x = log(|x| + √(x² + 1)), in pairs; |x| itself below 2⁻²⁶."""
    a = abs(x)
    large = a > 2.0**30  # then √(x² + 1) is |x|
    safe = at_most(a, 2.0**30)
    square = two_product(safe, safe)
    v = two_sum(square.hi, a.like(1.0))
    root = root_pair(Pair(v.hi, v.lo + square.lo))
    u = two_sum(safe, root.hi)
    return copysign(select(a < 2.0**-26, a, doubled(a, large, u, root.lo)), x)


def doubled(a: Real, large: Truth, u: Pair, lo: Real) -> Real:
    """log(u + lo), or log(2a) where a is large; a where that is infinite or NaN."""
    p = logarithm.of_pair(select(large, a * 0.5, u.hi), select(large, 0.0, u.lo + lo))
    y = p.hi + select(large, 2.0, 0.0) * LN2_ROUNDED[0] + p.lo
    return select(a < math.inf, y, a)


def arccosh(x: Real) -> Real:
    """arccosh x = log(x + √(x² − 1)), in pairs."""
    large = x > 2.0**30
    safe = at_most(x, 2.0**30)
    square = two_product(safe, safe)
    v = two_sum(square.hi, x.like(-1.0))
    root = root_pair(fast_two_sum(v.hi, v.lo + square.lo))
    u = two_sum(safe, root.hi)
    return select(x < 1.0, math.nan, doubled(x, large, u, root.lo))


def arctanh(x: Real) -> Real:
    """arctanh x = ½ log(1 + 2x/(1 − x))."""
    a = abs(x)
    below = two_sum(a.like(1.0), -a)
    safe = Pair(select(a < 1.0, below.hi, 1.0), below.lo)
    q = quotient(Pair(a * 2.0, a.like(0.0)), safe)
    y = logarithm.one_plus(q).total() * 0.5
    y = select(a < 1.0, y, select(a.equals(1.0), math.inf, math.nan))
    return copysign(y, x)
