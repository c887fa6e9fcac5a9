"""sinh, cosh, tanh from one reduction |x| = k log 2 + r, |r| ≤ (log 2)/2:

sinh x = sh cosh r + ch sinh r and cosh x = ch cosh r + sh sinh r, with ch = (2ᵏ + 2⁻ᵏ)/2 and sh = (2ᵏ − 2⁻ᵏ)/2.
There is no cancellation for small x: there k = 0, sh = 0. tanh is the quotient of the two, and shares
its division with 1/cosh x, the root of its derivative.
"""

from __future__ import annotations

from dataclasses import dataclass

from wengert.native.maths.coefficients import COSH, SINH
from wengert.native.maths.exponential import reduced
from wengert.native.maths.parts import Pair, fast_two_sum, poly, two_product
from wengert.native.maths.real import Real, at_most, bits_of, copysign, fma, select

LAST = 710.4758600739439
"""The largest x with finite cosh x, sinh x."""


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """sinh and cosh of |x|, as pairs; where |x| > 700 both are to be multiplied by scale = 2."""

    sinh: Pair
    cosh: Pair
    scale: Real


def halves(x: Real) -> Halves:
    """Of |x| ≤ LAST; larger ones give the values at LAST."""
    a = at_most(abs(x), LAST)
    large = a > 700.0
    k, r = reduced(a)
    up = k.times(select(large, 0.25, 0.5))  # 2ᵏ/2
    down = (2 * bits_of(1.0) - up.bits()).real() * 0.25  # 2⁻ᵏ/2
    ch, sh = fast_two_sum(up, down), fast_two_sum(up, -down)
    z = r.hi * r.hi
    s = fma(z * r.hi, poly(z, SINH), r.lo)  # sinh r − r.hi
    c = fma(z, poly(z, COSH), r.hi * r.lo)  # cosh r − 1
    return Halves(
        combined(sh, ch.hi, r.hi, fma(sh.hi, c, ch.hi * s)),
        combined(ch, sh.hi, r.hi, fma(ch.hi, c, sh.hi * s)),
        select(large, 2.0, 1.0),
    )


def combined(a: Pair, b: Real, r: Real, low: Real) -> Pair:
    """a + b r + low."""
    p = two_product(b, r)
    s = fast_two_sum(a.hi, p.hi)
    return fast_two_sum(s.hi, s.lo + (a.lo + (p.lo + low)))


def sinh(x: Real) -> Real:
    """sinh x."""
    h = halves(x)
    return copysign(ended(x, h.sinh.hi * h.scale), x)


def cosh(x: Real) -> Real:
    """cosh x."""
    h = halves(x)
    return ended(x, h.cosh.hi * h.scale)


def ended(x: Real, y: Real) -> Real:
    """y, and infinity beyond LAST."""
    return select(abs(x) > LAST, float("inf"), y)


def tanh(x: Real) -> Real:
    """tanh x."""
    h = halves(x)
    n, d = h.sinh, h.cosh
    inverse = 1.0 / ended(x, d.hi * h.scale)
    q = (n.hi * h.scale) * inverse
    rest = fma(-q, d.hi, n.hi) + fma(-q, d.lo, n.lo)
    y = fma(rest * h.scale, inverse, q)
    return copysign(select(abs(x) > 20.0, 1.0, y), x)
