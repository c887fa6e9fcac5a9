"""Exponentials: e^x = 2ᵏ e^r with k = rint(x / log 2), |r| ≤ (log 2)/2, and e^r by a polynomial."""

from __future__ import annotations

from wengert.native.maths.coefficients import EXP, LN2, LN2_ROUNDED, LN10, LOG2_10, LOG2E
from wengert.native.maths.parts import Pair, Whole, fast_two_sum, nearest, poly, scaled, two_product
from wengert.native.maths.real import Real, at_least, at_most, copysign, fma, select

LOWEST, HIGHEST = -745.2, 709.79
"""e^x is 0 below the first and infinite above the second."""


def reduced(x: Real) -> tuple[Whole, Pair]:
    """k and r with x = k log 2 + r."""
    k = nearest(x, LOG2E[0])
    r = fma(k.real, -LN2[0], x)  # exact
    low = k.real * -LN2[1]
    return k, fast_two_sum(r, low)


def tail(r: Pair) -> Real:
    """e^r − 1 − r.hi."""
    return fma(r.hi * r.hi, poly(r.hi, EXP), r.lo)


def of_pair(x: Pair) -> tuple[Whole, Pair]:
    """k and m with e^(x.hi + x.lo) = 2ᵏ m, m near 1; |x| < 1000."""
    k, r = reduced(x.hi)
    r = fast_two_sum(r.hi, r.lo + x.lo)
    s = fast_two_sum(r.hi.like(1.0), r.hi)
    return k, fast_two_sum(s.hi, s.lo + tail(r))


def decayed(x: Pair) -> Pair:
    """e^(x.hi + x.lo) for x ≤ 0."""
    k, m = of_pair(Pair(at_least(x.hi, LOWEST), x.lo))
    below = x.hi.like(-1.0)
    return Pair(scaled(k, m.hi, below), scaled(k, m.lo, below))


def exp(x: Real) -> Real:
    """eˣ."""
    x = at_most(at_least(x, LOWEST), HIGHEST)
    k = nearest(x, LOG2E[0])
    r = fma(k.real, -LN2[1], fma(k.real, -LN2[0], x))
    return scaled(k, fma(r * r, poly(r, EXP), r) + 1.0, x)


def exp2(x: Real) -> Real:
    """2ˣ."""
    bounded = at_most(at_least(x, -1075.5), 1024.5)
    k = nearest(bounded, 1.0)
    r = bounded - k.real  # exact
    p = two_product(r, LN2_ROUNDED[0])
    q = tail(Pair(p.hi, fma(r, LN2_ROUNDED[1], p.lo)))
    return scaled(k, (q + p.hi) + 1.0, bounded)


def expm1(x: Real) -> Real:
    """eˣ − 1 = (2ᵏ − 1) + 2ᵏ (eʳ − 1)."""
    bounded = at_most(at_least(x, -60.0), 709.79)
    large = bounded > 700.0
    k, r = reduced(bounded)
    power = k.times(select(large, 0.5, 1.0))
    s = fast_two_sum(power - 1.0, power * r.hi)
    y = (s.hi + fma(power, tail(r), s.lo)) * select(large, 2.0, 1.0)
    return copysign(y, x)


def exp10(x: Real) -> Real:
    """10ˣ."""
    bounded = at_most(at_least(x, -323.7), 308.3)
    k = nearest(bounded, LOG2_10[0])
    p = two_product(bounded, LN10[0])
    r = fast_two_sum(fma(k.real, -LN2[0], p.hi), fma(k.real, -LN2[1], fma(bounded, LN10[1], p.lo)))
    return scaled(k, (tail(r) + r.hi) + 1.0, bounded)


def exprel(x: Real) -> Real:
    """(eˣ − 1)/x, 1 at 0."""
    return select(x.equals(0.0), 1.0, select(x.equals(float("inf")), x, expm1(x) / x))
