"""Powers: xʸ from a logarithm of twice the digits, cube roots, lengths."""

from __future__ import annotations

import math

from wengert.native.maths.coefficients import CBRT, CUBE_ROOT_2, LN2, LOG_TAIL, TWO_THIRDS
from wengert.native.maths.exponential import of_pair
from wengert.native.maths.logarithm import SMALLEST_NORMAL, split, split_any
from wengert.native.maths.parts import Pair, fast_two_sum, nearest, poly, quotient, scaled, two_product
from wengert.native.maths.real import Real, copysign, fma, intrinsic, select, sqrt


def log_pair(a: Real) -> Pair:
    """log a to 2⁻⁶⁵ of itself, for finite a > 0.

    log m = 2s + s z (2/3 + z P(z)) with s = f/(2 + f), z = s² ≤ 0.03: all but P in pairs.
    """
    x = split_any(a)
    f = x.m - 1.0
    s = quotient(Pair(f, f.like(0.0)), fast_two_sum(f.like(2.0), f))
    z = two_product(s.hi, s.hi)
    z = Pair(z.hi, fma(s.hi * 2.0, s.lo, z.lo))
    w = fast_two_sum(f.like(TWO_THIRDS[0]), z.hi * poly(z.hi, LOG_TAIL))
    t = product(z, Pair(w.hi, w.lo + TWO_THIRDS[1]))
    u = product(s, t)
    m = fast_two_sum(s.hi * 2.0, u.hi)
    whole = fast_two_sum(x.k * LN2[0], m.hi)
    return fast_two_sum(whole.hi, whole.lo + fma(x.k, LN2[1], m.lo + fma(s.lo, 2.0, u.lo)))


def product(a: Pair, b: Pair) -> Pair:
    """a·b."""
    p = two_product(a.hi, b.hi)
    return Pair(p.hi, fma(a.hi, b.lo, fma(a.lo, b.hi, p.lo)))


def power(x: Real, y: Real) -> Real:
    """xʸ, at the special values as in C99, annex F."""
    a = abs(x)
    log = log_pair(a)
    p = two_product(y, log.hi)
    far = abs(p.hi) > 750.0  # the result is 0 or infinite
    k, m = of_pair(Pair(select(far, copysign(p.hi.like(750.0), p.hi), p.hi), select(far, 0.0, fma(y, log.lo, p.lo))))
    z = scaled(k, m.hi, p.hi)
    return exceptions(x, y, a, select(far, select(p.hi > 0.0, math.inf, 0.0), z))


def exceptions(x: Real, y: Real, a: Real, z: Real) -> Real:
    """z = |x|ʸ with its sign, and what xʸ is where the formula does not hold."""
    whole = intrinsic("llvm.trunc", y).equals(y)
    half = y * 0.5
    odd = whole & ~intrinsic("llvm.trunc", half).equals(half)
    ends = a.equals(0.0) | a.equals(math.inf)
    z = select(ends, select(a.equals(0.0) ^ (y < 0.0), 0.0, math.inf), z)
    z = select(odd, copysign(z, x), z)
    z = select((x < 0.0) & (x > -math.inf) & ~whole, math.nan, z)
    z = select(x.isnan() | y.isnan(), x + y, z)
    one = y.equals(0.0) | x.equals(1.0) | (x.equals(-1.0) & abs(y).equals(math.inf))
    return select(one, 1.0, z)


def cbrt(x: Real) -> Real:
    """∛x: x = 2^(3q + r) m, z ≈ m^(−1/3) by a polynomial and one step of fourth order, ∛m = m z²."""
    a = abs(x)
    tiny = a < SMALLEST_NORMAL
    e = split(select(tiny, a * 2.0**54, a))
    q = nearest(e.k, 1.0 / 3.0)
    r = e.k - q.real * 3.0
    z = poly(e.m, CBRT)
    error = 1.0 - (e.m * z) * (z * z)
    # (1 − e)^(−1/3) = 1 + e/3 + 2e²/9 + 14e³/81 + …
    z = fma(z * error, poly(error, (1.0 / 3.0, 2.0 / 9.0, 14.0 / 81.0)), z)
    up, down = r > 0.5, r < -0.5
    m = e.m * select(up, 2.0, select(down, 0.5, 1.0))
    z = z * select(up, 1.0 / CUBE_ROOT_2[0], select(down, CUBE_ROOT_2[0], 1.0))
    y = m * (z * z)
    square = two_product(y, y)
    rest = fma(-square.hi, y, m) - square.lo * y  # m − y³
    y = fma(rest * (1.0 / 3.0), z * z, y)
    y = q.times(y) * select(tiny, 2.0**-18, 1.0)
    return select((a > 0.0) & (a < math.inf), copysign(y, x), x)


def hypot(x: Real, y: Real) -> Real:
    """√(x² + y²) without overflow: the sum of squares as a pair."""
    a, b = abs(x), abs(y)
    big, small = select(a > b, a, b), select(a > b, b, a)
    high, low = big > 2.0**500, big < 2.0**-400
    scale = select(high, 2.0**-600, select(low, 2.0**600, 1.0))
    p, q = two_product(big * scale, big * scale), two_product(small * scale, small * scale)
    s = fast_two_sum(p.hi, q.hi)
    r = sqrt(s.hi + (s.lo + (p.lo + q.lo))) * select(high, 2.0**600, select(low, 2.0**-600, 1.0))
    return select(a.equals(math.inf) | b.equals(math.inf), math.inf, select(x.isnan() | y.isnan(), x + y, r))
