"""Logarithms: x = 2ᵏ m with √½ ≤ m < √2, f = m − 1, s = f/(2 + f), log m = 2 artanh s."""

from __future__ import annotations

from dataclasses import dataclass

from wengert.native.maths.coefficients import LN2, LOG, LOG2E, LOG10_2, LOG10E
from wengert.native.maths.parts import Pair, fast_two_sum, poly, two_product
from wengert.native.maths.real import Real, bits_of, copysign, fma, select

ONE, ROOT_HALF, TWO52 = bits_of(1.0), bits_of(0.7071067811865476), bits_of(2.0**52)
SMALLEST_NORMAL = 2.0**-1022


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """x = 2ᵏ m; `power` is 2⁻ᵏ for k < 1023."""

    k: Real
    m: Real
    power: Real


def split(x: Real) -> Split:
    """For normal x > 0; of other x some numbers."""
    # Added to the bits, 1 − √½ carries into the exponent exactly where m ≥ √½ would not hold.
    carried = x.bits() + (ONE - ROOT_HALF)
    k = ((carried >> 52) | TWO52).real() - (2.0**52 + 1023.0)
    m = ((carried & (2**52 - 1)) + ROOT_HALF).real()
    exponent = carried & (0xFFF << 52)
    return Split(k, m, (2 * ONE - exponent).real())


def split_any(x: Real) -> Split:
    """For x > 0, subnormal ones too (`power` is then not 2⁻ᵏ)."""
    tiny = x < SMALLEST_NORMAL
    y = split(select(tiny, x * 2.0**54, x))
    return Split(y.k - select(tiny, 54.0, 0.0), y.m, y.power)


def core(f: Real) -> Pair:
    """log(1 + f) = f + lo for √½ ≤ 1 + f < √2.

    With s = f/(2 + f) and h = f²/2: 2s = f − s f and s f = h − s h, so that
    log(1 + f) = 2s + s R(s²) = f − (h − s (h + R)).
    """
    s = f / (f + 2.0)
    z = s * s
    h = (f * 0.5) * f
    return Pair(f, fma(s, fma(z, poly(z, LOG), h), -h))


def ends(x: Real, y: Real) -> Real:
    """y, the logarithm of x, with the values at 0, below 0, at ∞ and NaN."""
    y = select(x < float("inf"), y, x)  # also NaN
    y = select(x < 0.0, float("nan"), y)
    return select(x.equals(0.0), float("-inf"), y)


def log(x: Real) -> Real:
    """log x."""
    a = split_any(x)
    p = core(a.m - 1.0)
    whole = a.k * LN2[0]  # exact
    sum_ = fast_two_sum(whole, p.hi)
    return ends(x, sum_.hi + (sum_.lo + fma(a.k, LN2[1], p.lo)))


def in_base(x: Real, unit: tuple[float, ...], two: tuple[float, ...]) -> Real:
    """log x · unit, where two = log 2 · unit."""
    a = split_any(x)
    p = core(a.m - 1.0)
    p = fast_two_sum(p.hi, p.lo)
    head = two_product(p.hi, unit[0])
    low = fma(p.lo, unit[0], fma(p.hi, unit[1], head.lo))
    sum_ = fast_two_sum(a.k * two[0], head.hi)
    return ends(x, sum_.hi + (sum_.lo + fma(a.k, two[1], low)))


def log2(x: Real) -> Real:
    """log₂ x."""
    return in_base(x, LOG2E, (1.0, 0.0))


def log10(x: Real) -> Real:
    """log₁₀ x."""
    return in_base(x, LOG10E, LOG10_2)


def log1p(x: Real) -> Real:
    """log(1 + x)."""
    y = one_plus(Pair(x, x.like(0.0))).total()
    y = select(x < float("inf"), y, x)
    y = select(x < -1.0, float("nan"), y)
    return select(x.equals(-1.0), float("-inf"), copysign(y, x))


def one_plus(x: Pair) -> Pair:
    """log(1 + x.hi + x.lo) for x > −1; x.lo does not matter above 2⁶⁰."""
    above = x.hi > 1.0
    sum_ = fast_two_sum(select(above, x.hi, 1.0), select(above, 1.0, x.hi))
    y = of_pair(sum_.hi, select(x.hi > 2.0**60, 0.0, sum_.lo + x.lo))
    tiny = abs(x.hi) < 2.0**-28  # x − x²/2
    return Pair(select(tiny, x.hi, y.hi), select(tiny, fma(x.hi * -0.5, x.hi, x.lo), y.lo))


def of_pair(hi: Real, lo: Real) -> Pair:
    """log(hi + lo) for normal hi > 0, |lo| below some ulp of hi; lo is 0 where hi > 2¹⁰⁰⁰."""
    a = split(hi)
    f = a.m - 1.0
    p = core(f)
    # log(m + δ) = log m + δ/m, and δ is so small that a rough 1/m = 1/(1 + f) is enough
    low = fma(lo * scale_of(a), one_over(f), fma(a.k, LN2[1], p.lo))
    whole = fast_two_sum(a.k * LN2[0], p.hi)
    return Pair(whole.hi, whole.lo + low)


def scale_of(a: Split) -> Real:
    """2⁻ᵏ, and a finite number where k > 1000."""
    return select(a.k > 1000.0, 0.0, a.power)


def one_over(f: Real) -> Real:
    """1/(1 + f) to 1 % for √½ ≤ 1 + f < √2: three Chebyshev terms."""
    return fma(f, fma(f, 0.8, -1.02), 1.0)
