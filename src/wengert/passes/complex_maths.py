"""Functions of complex numbers as NumPy functions of pairs (real part, imaginary part).

The formulas, and what they give at infinities, NaN, zeros of either sign and on branch cuts, are those of NumPy and
of the C library that it calls (C99, annex G); values agree with it to a few units in the last place of the modulus. A
real argument is a pair without imaginary part (None), which NumPy reads as +0.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from wengert.record.value import concrete

Pair = tuple[Any, Any]

_LOG2E, _LOG10E, _LOG2 = float(np.log2(np.e)), float(np.log10(np.e)), float(np.log(2.0))


def _is_single(x: Any) -> bool:
    return getattr(concrete(x), "dtype", None) == np.float32


def _either(a: Any, b: Any) -> Any:
    return np.logical_or(a, b)


def _both(a: Any, b: Any) -> Any:
    return np.logical_and(a, b)


def imaginary(z: Pair) -> Any:
    """The imaginary part, +0 of a real number."""
    return 0.0 if z[1] is None else z[1]


# ── arithmetic ──


def multiply(z: Pair, w: Pair) -> Pair:
    """(a + bi)(c + di), a real factor being a + 0i: infinity times 0i is not a number."""
    (a, c), b, d = (z[0], w[0]), imaginary(z), imaginary(w)
    return a * c - b * d, a * d + b * c


def square(z: Pair) -> Pair:
    """z²."""
    return multiply(z, z)


def divide(z: Pair, w: Pair) -> Pair:
    """z / w, scaled by the larger part of w (Smith, CACM 5 (1962), 435)."""
    (a, c), b = (z[0], w[0]), imaginary(z)
    if w[1] is None:
        return _over_real(a, b, c)
    d = w[1]
    wide = np.abs(c) >= np.abs(d)
    zero = _both(np.equal(c, 0), np.equal(d, 0))
    larger, smaller = np.where(wide, c, d), np.where(wide, d, c)
    ratio = np.divide(smaller, larger)
    scale = np.where(zero, np.inf, np.divide(1.0, larger + smaller * ratio))
    x = np.where(wide, a + b * ratio, a * ratio + b)
    y = np.where(wide, b - a * ratio, b * ratio - a)
    return np.where(zero, a, x) * scale, np.where(zero, b, y) * scale


def _over_real(a: Any, b: Any, c: Any) -> Pair:
    zero, ratio = np.equal(c, 0), np.copysign(0.0, c)
    scale = np.divide(1.0, np.where(zero, np.abs(c), c))
    return np.where(zero, a, a + b * ratio) * scale, np.where(zero, b, b - a * ratio) * scale


def quotient(z: Pair, w: Pair) -> Pair:
    """z / w of Python's numbers, w not being zero: the same, divided at the end instead of multiplied."""
    (a, c), b, d = (z[0], w[0]), imaginary(z), imaginary(w)
    wide = np.abs(c) >= np.abs(d)
    larger, smaller = np.where(wide, c, d), np.where(wide, d, c)
    ratio = np.divide(smaller, larger)
    below = larger + smaller * ratio
    x = np.where(wide, a + b * ratio, a * ratio + b)
    y = np.where(wide, b - a * ratio, b * ratio - a)
    return np.divide(x, below), np.divide(y, below)


def reciprocal(z: Pair) -> Pair:
    """1 / z."""
    a, b = z
    wide = np.abs(b) <= np.abs(a)
    larger, smaller = np.where(wide, a, b), np.where(wide, b, a)
    ratio = np.divide(smaller, larger)
    scale = larger + smaller * ratio
    x, y = np.divide(ratio, scale), np.divide(1.0, scale)
    return np.where(wide, y, x), -np.where(wide, x, y)


def conjugate(z: Pair) -> Pair:
    """z̄."""
    return z[0], -z[1]


def absolute(z: Pair) -> Any:
    """|z|."""
    return np.hypot(z[0], z[1])


def sign(z: Pair) -> Pair:
    """z / |z|; 0 of 0, ±1 or ±i of an infinite number with one infinite part."""
    a, b = z
    r = np.hypot(a, b)
    infinite, zero = np.isinf(r), np.equal(r, 0)
    size = np.where(_either(infinite, zero), 1.0, r)
    wide, tall = np.isinf(a), np.isinf(b)
    x = np.where(infinite, np.where(wide, np.copysign(1.0, a), 0.0), a)
    y = np.where(infinite, np.where(tall, np.copysign(1.0, b), 0.0), b)
    unknown = _either(_both(wide, tall), np.isnan(r))
    return tuple([np.where(unknown, np.nan, np.where(zero, 0.0, np.divide(t, size))) for t in (x, y)])  # type: ignore[return-value]


# ── exponentials ──


def _largest(x: Any) -> float:
    """Up to here an exponential is finite."""
    return 88.0 if _is_single(x) else 709.0


def _times(h: Any, t: Any) -> Any:
    """h t; t itself where it is zero, whatever h is, and h where it is zero and t is not a number."""
    return np.where(np.equal(t, 0), t, np.where(_both(np.equal(h, 0), np.isnan(t)), h, h * t))


def exp(z: Pair) -> Pair:
    """eᵃ (cos b + i sin b); e to a large a is multiplied in two steps, for cos b may make it finite."""
    a, b = z
    most = _largest(a)
    large = a > most
    size, rest = np.exp(np.where(large, most, a)), np.exp(np.where(large, a - most, 0.0))
    x, y = size * np.cos(b) * rest, size * np.sin(b) * rest
    wild, low, high = np.logical_not(np.isfinite(b)), np.equal(a, -np.inf), np.equal(a, np.inf)
    x = np.where(wild, np.where(low, 0.0, np.where(high, np.inf, x)), x)
    y = np.where(_both(wild, low), 0.0, np.where(np.equal(b, 0), b, y))
    return x, y


def exp2(z: Pair) -> Pair:
    """2ᶻ."""
    return exp((z[0] * _LOG2, z[1] * _LOG2))


def expm1(z: Pair) -> Pair:
    """eᶻ − 1."""
    a, b = z
    half = np.sin(b / 2)
    return np.expm1(a) * np.cos(b) - 2 * half * half, np.exp(a) * np.sin(b)


def sinh(z: Pair) -> Pair:
    """sinh a cos b + i cosh a sin b."""
    return _hyperbolic(z, np.sinh, np.cosh)


def cosh(z: Pair) -> Pair:
    """cosh a cos b + i sinh a sin b."""
    return _hyperbolic(z, np.cosh, np.sinh)


def _hyperbolic(z: Pair, first: Any, second: Any) -> Pair:
    a, b = z
    most = _largest(a)
    large = np.abs(a) > most
    kept, rest = np.where(large, np.copysign(most, a), a), np.exp(np.where(large, np.abs(a) - most, 0.0))
    c, s = np.cos(b), np.sin(b)
    x, y = _times(first(kept), c) * rest, _times(second(kept), s)
    y = np.where(np.equal(s, 0), np.where(np.equal(y, 0), s * _direction(second, a), y), y * rest)
    wild = _both(np.logical_not(np.isfinite(b)), np.isinf(a))
    x = np.where(wild, np.where(first is np.cosh, np.inf, a), x)
    return x, y


def _direction(h: Any, a: Any) -> Any:
    """The sign of h(a) for h = sinh, or cosh, which is even."""
    return np.copysign(1.0, a) if h is np.sinh else 1.0


def tanh(z: Pair) -> Pair:
    """(sinh a cosh a + i sin b cos b) / (sinh² a + cos² b), and its limit for a large a."""
    a, b = z
    far = np.abs(a) > (11.0 if _is_single(a) else 22.0)
    near = np.where(far, 0.0, a)
    h, s, c = np.sinh(near), np.sin(b), np.cos(b)
    below = h * h + c * c
    tail = 4 * s * c * np.exp(-2 * np.abs(np.where(far, a, 0.0)))
    wild, infinite = np.logical_not(np.isfinite(b)), np.isinf(a)
    limit = np.where(np.logical_or(infinite, np.isfinite(b)), np.copysign(1.0, a), np.nan)
    x = np.where(far, limit, np.divide(h * np.cosh(near), below))
    x = np.where(_both(wild, np.equal(a, 0)), a, x)
    y = np.where(far, np.where(_both(wild, infinite), np.copysign(0.0, b), tail), np.divide(s * c, below))
    return x, np.where(np.equal(b, 0), b, y)


def sin(z: Pair) -> Pair:
    """−i sinh iz."""
    x, y = sinh((-z[1], z[0]))
    return y, -x


def cos(z: Pair) -> Pair:
    """cosh iz."""
    return cosh((-z[1], z[0]))


def tan(z: Pair) -> Pair:
    """−i tanh iz."""
    x, y = tanh((-z[1], z[0]))
    return y, -x


# ── logarithms, roots ──


def _scaled(a: Any, b: Any) -> tuple[Any, Any, Any]:
    """a and b times s, whose squares neither overflow nor vanish; and s, a power of four."""
    high, low, step = (2.0**40, 2.0**-40, 2.0**60) if _is_single(a) else (2.0**400, 2.0**-400, 2.0**540)
    most = np.fmax(np.abs(a), np.abs(b))
    s = np.where(most > high, 1 / step, np.where(most < low, step, 1.0))
    return a * s, b * s, s


def log(z: Pair) -> Pair:
    """(log |z|, arg z); log |z|² = log1p((p − 1)(p + 1) + q²) near the unit circle, p being the larger part."""
    a, b = z
    x, y, s = _scaled(a, b)
    squares = x * x + y * y
    near = _both(squares > 0.5, squares < 3.0)
    p, q = np.maximum(np.abs(x), np.abs(y)), np.minimum(np.abs(x), np.abs(y))
    close = np.log1p(np.where(near, (p - 1.0) * (p + 1.0) + q * q, 0.0))
    size = 0.5 * np.where(near, close, np.log(np.where(near, 1.0, squares)))
    shift = np.where(np.equal(s, 1.0), 0.0, np.where(s > 1.0, -1.0, 1.0) * (60 if _is_single(a) else 540) * _LOG2)
    return np.where(_either(np.isinf(a), np.isinf(b)), np.inf, size + shift), np.arctan2(b, a)


def log2(z: Pair) -> Pair:
    """log z / log 2."""
    x, y = log(z)
    return x * _LOG2E, y * _LOG2E


def log10(z: Pair) -> Pair:
    """log z / log 10."""
    x, y = log(z)
    return x * _LOG10E, y * _LOG10E


def log1p(z: Pair) -> Pair:
    """log(1 + z)."""
    a, b = z[0] + 1.0, z[1]
    return np.log(np.hypot(a, b)), np.arctan2(b, a)


def sqrt(z: Pair) -> Pair:
    """√z: t = √((|a| + |z|) / 2) is the larger part, b / 2t the other."""
    a, b = z
    x, y, s = _scaled(a, b)
    t = np.sqrt(0.5 * (np.abs(x) + np.hypot(x, y)))
    small, large = (2.0**-30, 2.0**30) if _is_single(a) else (2.0**-270, 2.0**270)
    back = np.where(np.equal(s, 1.0), 1.0, np.where(s > 1.0, small, large))
    right = _either(a >= 0, np.isnan(a))
    u = np.where(np.equal(t, 0), y, np.divide(y, 2 * np.where(np.equal(t, 0), 1.0, t))) * back
    t = t * back
    infinite = np.isinf(b)
    left, far = np.equal(a, -np.inf), np.equal(a, np.inf)
    re = np.where(right, t, np.abs(u))
    im = np.where(right, u, np.copysign(t, b))
    re = np.where(infinite, np.inf, re)
    im = np.where(infinite, b, np.where(np.isnan(b), b, np.where(far, np.copysign(0.0, b), im)))
    re = np.where(_both(far, np.isnan(b)), np.inf, re)
    return re, np.where(_both(left, np.isnan(b)), np.inf, im)


# ── powers ──


@cache
def whole_power(n: int) -> Callable[[Pair], Pair]:
    """z ↦ zⁿ by squares and products as NumPy has it, and 1 over that for n < 0; of 0 it is 0, or not a number."""

    def power_n(z: Pair) -> Pair:
        if n == 0:
            return np.where(True, 1.0, z[0]), np.where(True, 0.0, z[0])
        y, p, k = (1.0, 0.0), z, abs(n)
        if n in (1, 3):
            y, p, k = z, square(z), n // 2
        while k:
            y = multiply(y, p) if k & 1 else y
            k >>= 1
            p = square(p) if k else p
        y = divide((1.0, 0.0), y) if n < 0 else y
        zero = np.logical_not(truth(z))
        return tuple([np.where(zero, 0.0 if n > 0 else np.nan, part) for part in y])  # type: ignore[return-value]

    return {2: square, -1: reciprocal}.get(n, power_n)


# ── truth ──


def truth(z: Pair) -> Any:
    """Whether z is not zero."""
    return _either(np.not_equal(z[0], 0), np.not_equal(z[1], 0))


def equal(z: Pair, w: Pair) -> Any:
    """z = w."""
    return _both(np.equal(z[0], w[0]), np.equal(imaginary(z), imaginary(w)))


def not_equal(z: Pair, w: Pair) -> Any:
    """z ≠ w."""
    return _either(np.not_equal(z[0], w[0]), np.not_equal(imaginary(z), imaginary(w)))


def isnan(z: Pair) -> Any:
    """Whether a part is."""
    return _either(np.isnan(z[0]), np.isnan(z[1]))


def isinf(z: Pair) -> Any:
    """Whether a part is."""
    return _either(np.isinf(z[0]), np.isinf(z[1]))


def isfinite(z: Pair) -> Any:
    """Whether both parts are."""
    return _both(np.isfinite(z[0]), np.isfinite(z[1]))


def iscomplex(z: Pair) -> Any:
    """Whether the imaginary part is not zero."""
    return np.not_equal(z[1], 0)


def isreal(z: Pair) -> Any:
    """Whether the imaginary part is zero."""
    return np.equal(z[1], 0)


def isclose(z: Pair, w: Pair, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Any:
    """|z − w| ≤ atol + rtol |w| with w finite, or z = w."""
    (a, c), b, d = (z[0], w[0]), imaginary(z), imaginary(w)
    near = np.hypot(a - c, b - d) <= atol + rtol * np.hypot(c, d)
    finite = _both(np.isfinite(c), np.isfinite(d))
    close = _either(_both(near, finite), equal((a, b), (c, d)))
    if not equal_nan:
        return close
    return _either(close, _both(_either(np.isnan(a), np.isnan(b)), _either(np.isnan(c), np.isnan(d))))


# ── of arrays ──


def prod(z: Pair, axis: int) -> Pair:
    """The product along an axis, from the first to the last."""
    a, b = [np.moveaxis(part, axis, 0) for part in z]
    y = a[0], b[0]
    for k in range(1, a.shape[0]):
        y = multiply(y, (a[k], b[k]))
    return y


# ── systems of linear equations ──


def _as_real(z: Pair) -> Any:
    """[[A, −B], [B, A]], which is to [x; y] what A + iB is to x + iy."""
    a, b = z
    return np.concatenate([np.concatenate([a, -b], axis=1), np.concatenate([b, a], axis=1)], axis=0)


def solve(z: Pair, w: Pair) -> Pair:
    """Z⁻¹ w; of a real Z both parts of w at once."""
    n = z[0].shape[0]
    if z[1] is None:
        x = np.linalg.solve(z[0], np.stack(w, axis=-1).reshape(n, -1))
        x = x.reshape(*w[0].shape, 2)
        return x[..., 0], x[..., 1]
    x = np.linalg.solve(_as_real(z), np.concatenate(w, axis=0))
    return x[:n], x[n:]


def inverse(z: Pair) -> Pair:
    """Z⁻¹."""
    n = z[0].shape[0]
    x = np.linalg.inv(_as_real(z))
    return x[:n, :n], x[n:, :n]
