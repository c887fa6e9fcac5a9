"""Functions of few instructions, equal to NumPy's bit for bit: rounding, signs, choices, remainders."""

from __future__ import annotations

import math
from collections.abc import Callable

from wengert.native.maths.real import Real, Truth, copysign, fma, intrinsic, select


def by_intrinsic(name: str) -> Callable[[Real], Real]:
    """A function that LLVM has."""
    return lambda x: intrinsic(name, x)


def times(c: float) -> Callable[[Real], Real]:
    """c·x."""
    return lambda x: x * c


deg2rad, rad2deg = times(math.pi / 180.0), times(180.0 / math.pi)


def sign(x: Real) -> Real:
    """1, −1, +0; NaN stays."""
    return select(x > 0.0, 1.0, select(x < 0.0, -1.0, select(x.equals(0.0), 0.0, x)))


def maximum(x: Real, y: Real) -> Real:
    """The larger; NaN if one is."""
    return select((x > y) | x.isnan(), x, y)


def minimum(x: Real, y: Real) -> Real:
    """The smaller; NaN if one is."""
    return select((x < y) | x.isnan(), x, y)


def fmax(x: Real, y: Real) -> Real:
    """The larger; NaN only if both are."""
    return select((x > y) | y.isnan(), x, y)


def fmin(x: Real, y: Real) -> Real:
    """The smaller; NaN only if both are."""
    return select((x < y) | y.isnan(), x, y)


def heaviside(x: Real, at_zero: Real) -> Real:
    """0, at_zero, 1."""
    return select(x > 0.0, 1.0, select(x < 0.0, 0.0, select(x.equals(0.0), at_zero, x)))


def signbit(x: Real) -> Truth:
    """The sign, of zeros and NaN too."""
    return (x.bits() >> 63).equals(1)


def isinf(x: Real) -> Truth:
    """x = ±∞."""
    return abs(x).equals(math.inf)


def isfinite(x: Real) -> Truth:
    """Neither infinite nor NaN."""
    return abs(x) < math.inf


def fmod(a: Real, b: Real) -> tuple[Real, Truth]:
    """a − b·trunc(a/b), exactly.

    The rounded a/b may reach the next integer: then a − q b has the wrong sign and one b is put back. Both are
    multiples of the last place of b (or of a, if |a| < |b|) below |b|, hence doubles; q must be below 2⁵².
    """
    whole = intrinsic("llvm.trunc", a / b)
    rest = fma(-whole, b, a)
    beyond = (rest * copysign(Real.like(a, 1.0), a)) < 0.0
    rest = select(beyond, rest + copysign(b, a), rest)
    return copysign(select(whole.equals(0.0), a, rest), a), ~(abs(whole) >= 2.0**52)


def remainder(a: Real, b: Real) -> tuple[Real, Truth]:
    """a − b·floor(a/b), as NumPy corrects fmod; it has the sign of b."""
    rest, ok = fmod(a, b)
    wrong = (rest < 0.0) ^ (b < 0.0)
    moved = select(wrong, rest + b, rest)
    return select(rest.equals(0.0), copysign(rest, b), moved), ok


def floor_divide(a: Real, b: Real) -> tuple[Real, Truth]:
    """⌊a/b⌋ as NumPy computes it from the remainder, so that the two agree."""
    rest, ok = fmod(a, b)
    wrong = ((rest < 0.0) ^ (b < 0.0)) & (abs(rest) > 0.0)
    whole = (a - rest) / b
    whole = select(wrong, whole - 1.0, whole)
    down = intrinsic("llvm.floor", whole)
    down = select(whole - down > 0.5, down + 1.0, down)
    return select(whole.equals(0.0), copysign(whole, a / b), down), ok
