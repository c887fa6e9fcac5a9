"""Error functions: erf by a polynomial for |x| ≤ ½, and erfc(x) = e^(−x²) G(t)/(1 + 2x), t = (x − 4)/(x + 4), above.

The map to t makes one polynomial do for all x ≥ ½ (Schonfelder, Chebyshev expansions for the error and related
functions, 1978), and G, between 1.1 and 1.3, hardly feels the rounding of t. The exponent and the quotient are
pairs: for large x a rounded x² would cost x² ulp.
"""

from __future__ import annotations

from dataclasses import dataclass

from wengert.native.maths.coefficients import ERF, ERFC, ROOT_HALF, TWO_OVER_ROOT_PI
from wengert.native.maths.exponential import decayed
from wengert.native.maths.parts import Pair, fast_two_sum, poly, quotient, two_product, two_sum
from wengert.native.maths.real import Real, Truth, at_most, copysign, fma, select

CENTRE = 4.0
LAST = 27.3
"""erfc is 0 above."""


@dataclass(frozen=True, slots=True, eq=False)
class Halves:
    """Of a ≥ 0: erf a (right for a ≤ ½), erfc a (right for a ≥ ½)."""

    near: Pair
    far: Pair
    small: Truth


def halves(a: Pair, square: Pair) -> Halves:
    """`square` is a²."""
    # erf a = a (2/√π + z P(z))
    rest = fma(a.hi, TWO_OVER_ROOT_PI[1], fma(a.lo, TWO_OVER_ROOT_PI[0], a.hi * (square.hi * poly(square.hi, ERF))))
    head = two_product(a.hi, TWO_OVER_ROOT_PI[0])
    d = two_sum(a.hi * 2.0, a.hi.like(1.0))
    d = Pair(d.hi, fma(a.lo, 2.0, d.lo))
    both = 1.0 / ((a.hi + CENTRE) * d.hi)  # one division for t and for the quotient
    t = ((a.hi - CENTRE) * d.hi) * both
    g = fma(t, poly(t, ERFC[1:]), ERFC[0])
    e = decayed(Pair(-square.hi, -square.lo))
    n = two_product(e.hi, g)
    far = quotient(Pair(n.hi, fma(e.lo, g, n.lo)), d, (a.hi + CENTRE) * both)
    return Halves(fast_two_sum(head.hi, head.lo + rest), far, a.hi <= 0.5)


def from_one(p: Pair) -> Real:
    """1 − p."""
    s = fast_two_sum(p.hi.like(1.0), -p.hi)
    return s.hi + (s.lo - p.lo)


def of(x: Real) -> Halves:
    """The two functions of |x|."""
    a = at_most(abs(x), LAST)
    return halves(Pair(a, a.like(0.0)), two_product(a, a))


def erf(x: Real) -> Real:
    """(2/√π) ∫₀ˣ e^(−t²) dt."""
    h = of(x)
    return copysign(select(h.small, h.near.total(), from_one(h.far)), x)


def erfc(x: Real) -> Real:
    """1 − erf x."""
    return complement(of(x), x)


def complement(h: Halves, x: Real) -> Real:
    """erfc x from the functions of |x|: 1 ∓ erf |x|, erfc |x|, or 2 − erfc |x|."""
    right = x > 0.0
    base = select(h.small, 1.0, select(right, 0.0, 2.0))
    sign = select(h.small ^ right, 1.0, -1.0)  # erf is taken away on the right, erfc on the left
    s = fast_two_sum(base, select(h.small, h.near.hi, h.far.hi) * sign)
    return s.hi + fma(select(h.small, h.near.lo, h.far.lo), sign, s.lo)


def ndtr(x: Real) -> Real:
    """The normal distribution function ½ erfc(−x/√2)."""
    a = at_most(abs(x), 38.6)
    p = two_product(a, ROOT_HALF[0])
    square = two_product(a, a)
    h = halves(fast_two_sum(p.hi, fma(a, ROOT_HALF[1], p.lo)), Pair(square.hi * 0.5, square.lo * 0.5))
    return complement(h, -x) * 0.5
