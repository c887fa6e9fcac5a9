"""What the functions are made of: polynomials, sums and products with their rounding errors, powers of two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wengert.native.maths.real import Bits, Real, fma, select

SHIFTER = 1.5 * 2.0**52
"""x + SHIFTER has the integer nearest to x in its low bits, for |x| < 2⁵¹ (round half to even)."""


def poly(x: Real, c: Sequence[float]) -> Real:
    """Σ c[k] xᵏ by Estrin's scheme: as many multiplications as Horner's, but not in one chain."""
    level = [fma(x, c[k + 1], c[k]) if k + 1 < len(c) else x.like(c[k]) for k in range(0, len(c), 2)]
    power = x
    while len(level) > 1:
        power = power * power
        pairs = range(0, len(level), 2)
        level = [fma(level[k + 1], power, level[k]) if k + 1 < len(level) else level[k] for k in pairs]
    return level[0]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """hi + lo, unevaluated, |lo| well below |hi|."""

    hi: Real
    lo: Real

    def total(self) -> Real:
        return self.hi + self.lo


def fast_two_sum(a: Real, b: Real) -> Pair:
    """a + b exactly, if |a| ≥ |b| or a = 0 (Dekker 1971)."""
    s = a + b
    return Pair(s, (a - s) + b)


def two_sum(a: Real, b: Real) -> Pair:
    """a + b exactly (Knuth)."""
    s = a + b
    t = s - a
    return Pair(s, (a - (s - t)) + (b - t))


def two_product(a: Real, b: Real | float) -> Pair:
    """a·b exactly."""
    p = a * b
    return Pair(p, fma(a, b, -p))


def quotient(n: Pair, d: Pair, inverse: Real | None = None) -> Pair:
    """n / d to about twice the digits of a double. One division, or none if 1/d is given to a few ulp."""
    whole = d.total()
    below = (d.hi - whole) + d.lo
    inverse = 1.0 / whole if inverse is None else inverse
    q = n.hi * inverse
    rest = fma(-q, whole, n.hi) + fma(-q, below, n.lo)
    return Pair(q, rest * inverse)


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """The integer nearest to a real, as a double and as the low bits of an integer."""

    real: Real
    bits: Bits

    def times(self, x: Real) -> Real:
        """2ᵏ x, where x and the result are normal."""
        return ((self.bits << 52) + x.bits()).real()


def nearest(x: Real, scale: float) -> Whole:
    """rint(x·scale)."""
    shifted = fma(x, scale, SHIFTER)
    return Whole(shifted - SHIFTER, shifted.bits())


def scaled(k: Whole, x: Real, sign: Real) -> Real:
    """2ᵏ x for −1080 < k < 1030, rounded once; `sign` is negative where k < −900, not where k > 900."""
    # 2ᵏ itself may not be a normal number: 2^(k ± 64) is, with the sign that leads to the middle.
    down = sign < 0.0
    return x * k.times(select(down, 2.0**64, 2.0**-64)) * select(down, 2.0**-64, 2.0**64)
