"""Sine, cosine, tangent: x = k π/2 + r with |r| ≤ π/4, and polynomials of r; k mod 4 says which, with which sign.

The remainder is exact to 2⁻¹²⁰ (Cody and Waite's pieces of π/2, multiplied by fma):
x − k·HALF_PI[0] is a multiple of 2⁻⁵² below 2, hence exact; k·HALF_PI[1] is exact for |k| < 2²⁰.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wengert.native.maths.coefficients import COS, HALF_PI, SIN, TWO_OVER_PI
from wengert.native.maths.parts import Pair, Whole, fast_two_sum, nearest, poly, quotient
from wengert.native.maths.real import Bits, Real, Truth, fma, select

LIMIT = 2.0**20
"""Larger arguments need more digits of π/2 (Payne and Hanek): not here."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """x = k π/2 + r; the sine and the cosine of r, each as a pair."""

    k: Whole
    sin: Pair
    cos: Pair
    odd: Truth
    ok: Truth


def reduced(x: Real) -> tuple[Whole, Pair]:
    """k and r."""
    k = nearest(x, TWO_OVER_PI[0])
    a = fma(k.real, -HALF_PI[0], x)
    r = fma(k.real, -HALF_PI[1], a)
    lost = fma(k.real, -HALF_PI[1], a - r)
    return k, Pair(r, fma(k.real, -HALF_PI[2], lost))


def turn(x: Real) -> Turn:
    """Everything that the three functions share."""
    k, r = reduced(x)
    z = r.hi * r.hi
    # sin(r + ε) = r + r³ S + ε cos r, cos(r + ε) = 1 − r²/2 + r⁴ C − ε r
    half = z * 0.5
    head = 1.0 - half
    sin = fma(z * r.hi, poly(z, SIN), fma(-half, r.lo, r.lo))
    below = fma(r.hi, r.hi, -z) * -0.5 + ((1.0 - head) - half)
    cos = fma(z * z, poly(z, COS), fma(-r.hi, r.lo, below))
    return Turn(k, Pair(r.hi, sin), Pair(head, cos), (k.bits & 1).equals(1), abs(x) <= LIMIT)


def signed(y: Real, quarter: Bits) -> Real:
    """y, negated where bit 1 of the quarter is set."""
    return (y.bits() ^ ((quarter & 2) << 62)).real()


def sin(x: Real) -> tuple[Real, Truth]:
    """sin x."""
    t = turn(x)
    y = signed(select(t.odd, t.cos.total(), t.sin.total()), t.k.bits)
    return select(x.equals(0.0), x, y), t.ok


def cos(x: Real) -> tuple[Real, Truth]:
    """cos x."""
    t = turn(x)
    return signed(select(t.odd, t.sin.total(), t.cos.total()), t.k.bits + 1), t.ok


def sine_and_cosine(x: Real) -> tuple[Real, Real, Truth]:
    """sin x and cos x. LLVM shares the same between `sin` and `cos` of one value."""
    (s, ok), (c, _) = sin(x), cos(x)
    return s, c, ok


def tan(x: Real) -> tuple[Real, Truth]:
    """tan x: sin r / cos r, or −cos r / sin r."""
    t = turn(x)
    n = Pair(select(t.odd, -t.cos.hi, t.sin.hi), select(t.odd, -t.cos.lo, t.sin.lo))
    d = Pair(select(t.odd, t.sin.hi, t.cos.hi), select(t.odd, t.sin.lo, t.cos.lo))
    y = quotient(fast_two_sum(n.hi, n.lo), d).total()
    return select(x.equals(0.0), x, y), t.ok


def sincos(b: Any, x: Any) -> tuple[Any, Any, Any]:
    """(sin x, cos x, ok) written at the builder b."""
    s, c, ok = sine_and_cosine(Real(b, x))
    return s.v, c.v, ok.v
