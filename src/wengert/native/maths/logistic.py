"""Logistic functions, sums in the logarithm, entropies."""

from __future__ import annotations

import math

from wengert.native.maths import exponential, logarithm
from wengert.native.maths.coefficients import LN2_ROUNDED, LOG2E
from wengert.native.maths.parts import Pair, fast_two_sum, quotient, two_product, two_sum
from wengert.native.maths.real import Real, Truth, at_least, fma, select


def decayed(x: Real) -> Pair:
    """e^−|x|, as a pair; e^−700 is the least."""
    return exponential.exp_pair(at_least(-abs(x), -700.0))


def expit(x: Real) -> Real:
    """1/(1 + e⁻ˣ), which is eˣ/(1 + eˣ): the exponent is never positive."""
    e = decayed(x)
    one, zero = x.like(1.0), x.like(0.0)
    d = fast_two_sum(one, e.hi)
    left = x < 0.0
    y = quotient(Pair(select(left, e.hi, one), select(left, e.lo, zero)), Pair(d.hi, d.lo + e.lo)).total()
    return select(x < -700.0, exponential.exp(x), y)


def softened(x: Real) -> Pair:
    """log(1 + e^−|x|)."""
    return logarithm.one_plus(decayed(x))


def log_expit(x: Real) -> Real:
    """log(1/(1 + e⁻ˣ)) = min(x, 0) − log(1 + e^−|x|)."""
    return -softplus(-x)


def softplus(x: Real) -> Real:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)."""
    p = softened(x)
    s = fast_two_sum(select(x < 0.0, 0.0, x), p.hi)
    y = select(x < math.inf, s.hi + (s.lo + p.lo), x)
    return select(x < -36.0, exponential.exp(x), y)


def logit(p: Real) -> Real:
    """log(p/(1 − p)), the quotient as a pair."""
    tiny = p < 2.0**-900
    below = two_sum(p.like(1.0), -p)
    inside = (p > 0.0) & (p < 1.0)
    q = quotient(Pair(select(inside & ~tiny, p, 0.5), p.like(0.0)), Pair(select(inside, below.hi, 0.5), below.lo))
    y = select(tiny, logarithm.log(p), logarithm.of_pair(q.hi, q.lo).total())
    y = select((p >= 0.0) & (p < 1.0), y, select(p.equals(1.0), math.inf, math.nan))
    return select(p.equals(0.0), -math.inf, y)


def logaddexp(a: Real, b: Real) -> Real:
    """log(eᵃ + eᵇ) = max + log(1 + e^−|a − b|)."""
    gap, large, small = spread(a, b)
    p = logarithm.one_plus(exponential.exp_pair(at_least(gap.hi, -700.0)))
    s = two_sum(large, p.hi)
    # the last digits of the gap: ∂/∂gap log(1 + e^gap) is e^gap/(1 + e^gap), at most ½ and only roughly needed
    y = s.hi + (s.lo + p.lo)
    return select(large.equals(small), fma(large, 1.0, LN2_ROUNDED[0]), finite_or(y, a, b, large))


def logaddexp2(a: Real, b: Real) -> Real:
    """log₂(2ᵃ + 2ᵇ)."""
    gap, large, small = spread(a, b)
    t = two_product(at_least(gap.hi, -1000.0), LN2_ROUNDED[0])
    e = exponential.exp_pair(t.hi)
    p = logarithm.one_plus(Pair(e.hi, fma(e.hi, t.lo, e.lo)))
    head = two_product(p.hi, LOG2E[0])
    s = two_sum(large, head.hi)
    y = s.hi + (s.lo + fma(p.lo, LOG2E[0], fma(p.hi, LOG2E[1], head.lo)))
    return select(large.equals(small), large + 1.0, finite_or(y, a, b, large))


def spread(a: Real, b: Real) -> tuple[Pair, Real, Real]:
    """−|a − b|, the larger, the smaller."""
    first = a > b
    large, small = select(first, a, b), select(first, b, a)
    return two_sum(small, -large), large, small


def finite_or(y: Real, a: Real, b: Real, large: Real) -> Real:
    """y for finite numbers; the larger if one is infinite, NaN if one is NaN."""
    y = select(abs(a - b) < math.inf, y, large)
    return select(a.isnan() | b.isnan(), a + b, y)


def xlogy(x: Real, y: Real) -> Real:
    """x log y, 0 where x = 0 unless y is NaN."""
    return select(x.equals(0.0) & ~y.isnan(), 0.0, x * logarithm.log(y))


def xlog1py(x: Real, y: Real) -> Real:
    """x log(1 + y), 0 where x = 0 unless y is NaN."""
    return select(x.equals(0.0) & ~y.isnan(), 0.0, x * logarithm.log1p(y))


def entr(x: Real) -> Real:
    """−x log x; 0 at 0, −∞ below."""
    y = -(x * logarithm.log(x))
    return select(x.equals(0.0), 0.0, select(x < 0.0, -math.inf, y))


def log_ratio(x: Real, y: Real) -> tuple[Real, Truth]:
    """log(x/y) for positive x and y of moderate quotient; the quotient as a pair."""
    fair = (x > 2.0**-400) & (x < 2.0**400) & (y > 2.0**-400) & (y < 2.0**400)
    q = quotient(Pair(select(fair, x, 1.0), x.like(0.0)), Pair(select(fair, y, 1.0), y.like(0.0)))
    q = fast_two_sum(q.hi, q.lo)
    return logarithm.of_pair(q.hi, q.lo).total(), fair


def rel_entr(x: Real, y: Real) -> tuple[Real, Truth]:
    """x log(x/y); 0 where x = 0 ≤ y, ∞ where x or y is negative or only y is 0."""
    ratio, fair = log_ratio(x, y)
    both = (x > 0.0) & (y > 0.0)
    value = select(both, x * ratio, select(x.equals(0.0) & (y >= 0.0), 0.0, math.inf))
    return select(x.isnan() | y.isnan(), math.nan, value), fair | ~both


def kl_div(x: Real, y: Real) -> tuple[Real, Truth]:
    """x log(x/y) − x + y; y where x = 0 ≤ y, ∞ where x or y is negative or only y is 0."""
    ratio, fair = log_ratio(x, y)
    both = (x > 0.0) & (y > 0.0)
    value = select(both, x * ratio - x + y, select(x.equals(0.0) & (y >= 0.0), y, math.inf))
    return select(x.isnan() | y.isnan(), math.nan, value), fair | ~both
