"""log Γ and its derivative for x > 0: series for large x, below them a polynomial and the recurrence."""

from __future__ import annotations

from dataclasses import dataclass

from wengert.native.maths import logarithm
from wengert.native.maths.coefficients import (
    DIGAMMA,
    DIGAMMA_TAIL,
    DIGAMMA_ZERO,
    GAMMALN,
    HALF_LOG_2PI,
    STIRLING,
)
from wengert.native.maths.parts import Pair, fast_two_sum, poly, quotient, two_product, two_sum
from wengert.native.maths.power import log_pair, product
from wengert.native.maths.real import Real, Truth, at_most, fma, intrinsic, select

LARGE, STEPS = 8.0, 6
"""Of log Γ: where Stirling's series begins, and how many factors lead from there down to 2½."""
DIGAMMA_LARGE, DIGAMMA_STEPS = 6.0, 4
"""Of digamma: sums of more terms lose more digits than the series costs."""


def valid(x: Real) -> Truth:
    """Not for x ≤ 0 (poles, reflection), nor where 1/x overflows; NaN is right."""
    return (x > 2.0**-1000) | x.isnan()


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """Γ(x) = Γ(2 + y)·product, or Γ(2 + y)/product if up."""

    y: Real
    product: Real
    up: Truth


def step(x: Real) -> Step:
    """Of 0 < x < 8, |y| ≤ ½."""
    up, twice = x < 1.5, x < 0.5
    n = intrinsic("llvm.rint", x - 2.0)
    y = select(twice, x, select(up, x - 1.0, (x - 2.0) - n))
    product = x.like(1.0)
    for j in range(1, STEPS + 1):
        product = product * select(n > j - 0.5, x - float(j), 1.0)
    return Step(y, select(twice, x * (1.0 + x), select(up, x, product)), up)


def gammaln(x: Real) -> tuple[Real, Truth]:
    """log Γ(x) = y Q(y) ± log product, or (x − ½) log x − x + ½ log 2π + S(1/x²)/x."""
    large = x >= LARGE
    s = step(at_most(x, LARGE))
    log = log_pair(select(large, x, s.product))
    y = select(large, by_stirling(x, log), by_recurrence(s, log))
    return select(x.equals(float("inf")), x, y), valid(x)


def pair_of_poly(x: Real, c: tuple[float, ...]) -> Pair:
    """Σ c[k] xᵏ with the rounding of its last sum."""
    return fast_two_sum(x.like(c[0]), x * poly(x, c[1:]))


def by_recurrence(s: Step, log: Pair) -> Real:
    q = pair_of_poly(s.y, GAMMALN)
    head = two_product(s.y, q.hi)
    sign = select(s.up, -1.0, 1.0)
    total = two_sum(log.hi * sign, head.hi)
    return total.hi + (total.lo + fma(log.lo, sign, fma(s.y, q.lo, head.lo)))


def by_stirling(x: Real, log: Pair) -> Real:
    inverse = 1.0 / x
    less = x - 0.5
    t = two_product(less, log.hi)
    s = fast_two_sum(t.hi, -x)
    u = fast_two_sum(s.hi, x.like(HALF_LOG_2PI[0]))
    small = fma(inverse, poly(inverse * inverse, STIRLING), fma(less, log.lo, t.lo))
    y = u.hi + (u.lo + (s.lo + small))
    return select(t.hi < float("inf"), y, t.hi)


def digamma(x: Real) -> tuple[Real, Truth]:
    """Γ′/Γ: (x − zero) Q(x) on [1, 2] and sums of 1/(x − j), or log x − 1/(2x) − T(1/x²)/x²."""
    large = x >= DIGAMMA_LARGE
    near = at_most(x, DIGAMMA_LARGE)
    below = near < 1.0
    n = select(below, -1.0, intrinsic("llvm.floor", near - 1.0))
    zero = x.like(0.0)
    top, bottom = zero, x.like(1.0)
    for j in range(1, DIGAMMA_STEPS + 1):  # top/bottom = Σ 1/(x − j)
        here = n > j - 0.5
        factor = near - float(j)
        top, bottom = select(here, fma(top, factor, bottom), top), select(here, bottom * factor, bottom)
    y = select(below, near, (near - 1.0) - n)  # the argument in [1, 2] less 1
    core = product(gap_of(y), pair_of_poly(y - 0.5, DIGAMMA))
    n_over_d = quotient(
        Pair(select(large, 1.0, select(below, -1.0, top)), zero), Pair(select(large | below, x, bottom), zero)
    )
    w = n_over_d.hi * n_over_d.hi
    log = logarithm.log(select(large, x, 1.0))
    series = log - fma(w, poly(w, DIGAMMA_TAIL), n_over_d.hi * 0.5)
    total = two_sum(core.hi, n_over_d.hi)
    return select(large, series, total.hi + (total.lo + (core.lo + n_over_d.lo))), valid(x)


def gap_of(y: Real) -> Pair:
    """1 + y − the zero of digamma."""
    return fast_two_sum(y - (DIGAMMA_ZERO[0] - 1.0), y.like(-DIGAMMA_ZERO[1]))
