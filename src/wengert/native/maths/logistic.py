"""Logistic functions, sums in the logarithm, entropies."""

from __future__ import annotations

import math

from wengert.native.maths import logarithm
from wengert.native.maths.coefficients import LN2_ROUNDED, LOG2E
from wengert.native.maths.exponential import decayed
from wengert.native.maths.parts import Pair, fast_two_sum, quotient, two_product, two_sum
from wengert.native.maths.real import Real, Truth, fma, select


def expit(x: Real) -> Real:
    """1/(1 + e⁻ˣ), which is eˣ/(1 + eˣ): the exponent is never positive."""
    one, zero = x.like(1.0), x.like(0.0)
    e = decayed(Pair(-abs(x), zero))
    d = fast_two_sum(one, e.hi)
    left = x < 0.0
    n = Pair(select(left, e.hi, one), select(left, e.lo, zero))
    return quotient(n, Pair(d.hi, d.lo + e.lo)).total()


def log_expit(x: Real) -> Real:
    """log(1/(1 + e⁻ˣ)) = min(x, 0) − log(1 + e^−|x|)."""
    return -softplus(-x)


def softplus(x: Real) -> Real:
    """log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|)."""
    p = logarithm.one_plus(decayed(Pair(-abs(x), x.like(0.0))))
    s = two_sum(select(x < 0.0, 0.0, x), p.hi)
    return select(abs(x) < math.inf, s.hi + (s.lo + p.lo), select(x < 0.0, 0.0, x))


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
    large, gap = spread(a, b)
    return above(large, logarithm.one_plus(decayed(gap)), a, b)


def logaddexp2(a: Real, b: Real) -> Real:
    """log₂(2ᵃ + 2ᵇ)."""
    large, gap = spread(a, b)
    t = two_product(gap.hi, LN2_ROUNDED[0])
    p = logarithm.one_plus(decayed(Pair(t.hi, fma(gap.hi, LN2_ROUNDED[1], fma(gap.lo, LN2_ROUNDED[0], t.lo)))))
    head = two_product(p.hi, LOG2E[0])
    return above(large, Pair(head.hi, fma(p.lo, LOG2E[0], fma(p.hi, LOG2E[1], head.lo))), a, b)


def spread(a: Real, b: Real) -> tuple[Real, Pair]:
    """The larger, and −|a − b|; 0 between equals, and at most 2000 apart."""
    first = a > b
    large, small = select(first, a, b), select(first, b, a)
    gap = two_sum(small, -large)
    near = gap.hi > -2000.0
    equal = a.equals(b)
    return large, Pair(
        select(equal, 0.0, select(near, gap.hi, -2000.0)), select(equal | ~near, 0.0, gap.lo)
    )  # fmt: skip


def above(large: Real, p: Pair, a: Real, b: Real) -> Real:
    """large + p for finite numbers; the larger if one is infinite, NaN if one is NaN."""
    s = two_sum(large, p.hi)
    y = select(abs(large) < math.inf, s.hi + (s.lo + p.lo), large)
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
