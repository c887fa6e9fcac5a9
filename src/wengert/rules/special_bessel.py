"""Bessel functions and their relatives, by recurrences that hold at 0 as well.

The order has no derivative, but for I and K (`special_bessel_order`).
"""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np

from wengert.rules.special_calls import ORDER, in_last, lifted, piecewise, real_only, series, several
from wengert.rules.special_gamma import scu, sp
from wengert.rules.table import elementwise

_ROOT_PI = float(np.sqrt(np.pi))


def scaled_drop(v: Any, x: Any, flip: float) -> Any:
    """d/dx log of e^∓x √x (I or K) at large x > 0 starts with −1/(2x): the sum a₁/x + a₂/x² + … differentiated.

    With e^−x I_v(x) √(2πx) = S(x) = Σ (−1)ᵏ aₖ/xᵏ (flip = −1; K: flip = 1), returns S′ − S/(2x).
    """
    mu = 4.0 * v * v
    total: Any = 0.0
    a: Any = 1.0
    for k in range(16):
        total = total - a * (k + 0.5) * np.power(x, -1.0 - k)
        a = a * flip * (mu - (2 * k + 1.0) ** 2) / (8.0 * (k + 1))
    return total


def _far(v: Any, x: Any) -> Any:
    """Where the asymptotic series is exact to rounding."""
    return np.greater(x, 40.0 + np.square(v))


def ive_slope(y: Any, v: Any, x: Any) -> Any:
    """(e^−|x| I_v(x))′, without cancellation at large |x|."""
    real_only(sp.ive, x)
    size = np.abs(x)
    far = _far(v, size)
    t = np.where(far, size, 41.0 + np.square(v))
    tail = np.sign(x) * scaled_drop(v, t, -1.0) / np.sqrt(2.0 * np.pi * t)
    tail = np.where(np.less(x, 0) & np.equal(np.mod(v, 2), 1), -tail, tail)
    return np.where(far, tail, 0.5 * (sp.ive(v - 1, x) + sp.ive(v + 1, x)) - np.sign(x) * y)


def kve_slope(y: Any, v: Any, x: Any) -> Any:
    """(eˣ K_v(x))′, without cancellation at large x."""
    plain = y - 0.5 * (sp.kve(v - 1, x) + sp.kve(v + 1, x))
    if np.iscomplexobj(x):
        return plain
    far = _far(v, x)
    t = np.where(far, x, 41.0 + np.square(v))
    return np.where(far, scaled_drop(v, t, 1.0) * np.sqrt(0.5 * np.pi / t), plain)


def _real_difference(f: Any, v: Any, x: Any) -> Any:
    real_only(f, x)
    return 0.5 * (f(v - 1, x) - f(v + 1, x))


def _struve_term(v: Any, x: Any) -> Any:
    """(x/2)^v / (√π Γ(v + 3/2))."""
    return np.power(0.5 * x, v) * sp.rgamma(v + 1.5) / _ROOT_PI


def struve_slope(y: Any, v: Any, x: Any) -> Any:
    """H_v′ = (H_{v−1} − H_{v+1} + (x/2)^v / (√π Γ(v + 3/2))) / 2 = H_{v−1} − v H_v / x, and H₋₁ = 2/π − H₁."""
    turned, v = np.equal(v, -1.0), np.where(np.equal(v, -1.0), 1.0, v)
    return np.where(turned, -1.0, 1.0) * _struve_slope(v, x)


def modstruve_slope(y: Any, v: Any, x: Any) -> Any:
    """L_v′ = (L_{v−1} + L_{v+1} + (x/2)^v / (√π Γ(v + 3/2))) / 2, and L₋₁ = 2/π + L₁."""
    v = np.where(np.equal(v, -1.0), 1.0, v)
    return 0.5 * (sp.modstruve(v - 1, x) + sp.modstruve(v + 1, x) + _struve_term(v, x))


def _struve_slope(v: Any, x: Any) -> Any:
    near = np.less(np.abs(x), 1.0)
    t = np.where(near, 2.0, x)
    small = np.where(near, x, 0.5)
    return np.where(
        near,
        0.5 * (sp.struve(v - 1, small) - sp.struve(v + 1, small) + _struve_term(v, small)),
        sp.struve(v - 1, t) - v * sp.struve(v, t) / t,
    )


# fmt: off
# ── unscaled: C′ = (C_{v−1} ∓ C_{v+1}) / 2 ──
elementwise(sp.j0,   lambda y, x: -sp.j1(x))
elementwise(sp.j1,   lambda y, x: 0.5 * (sp.j0(x) - sp.jv(2.0, x)))
elementwise(sp.y0,   lambda y, x: -sp.y1(x))
elementwise(sp.y1,   lambda y, x: 0.5 * (sp.y0(x) - sp.yv(2.0, x)))
elementwise(sp.i0,   lambda y, x: sp.i1(x))
elementwise(sp.i1,   lambda y, x: 0.5 * (sp.i0(x) + sp.iv(2.0, x)))
elementwise(sp.k0,   lambda y, x: -sp.k1(x))
elementwise(sp.k1,   lambda y, x: -0.5 * (sp.k0(x) + sp.kv(2.0, x)))
in_last(sp.jv,   lambda y, v, x: 0.5 * (sp.jv(v - 1, x) - sp.jv(v + 1, x)))
in_last(sp.yv,   lambda y, v, x: 0.5 * (sp.yv(v - 1, x) - sp.yv(v + 1, x)))
in_last(sp.yn,   lambda y, n, x: 0.5 * (sp.yv(np.trunc(n) - 1.0, x) - sp.yv(np.trunc(n) + 1.0, x)))
in_last(sp.kn,   lambda y, n, x: -0.5 * (sp.kv(np.trunc(n) - 1.0, x) + sp.kv(np.trunc(n) + 1.0, x)))
in_last(sp.hankel1, lambda y, v, z: 0.5 * (sp.hankel1(v - 1, z) - sp.hankel1(v + 1, z)))
in_last(sp.hankel2, lambda y, v, z: 0.5 * (sp.hankel2(v - 1, z) - sp.hankel2(v + 1, z)))
# ── scaled ──
elementwise(sp.i0e,  lambda y, x: ive_slope(y, 0.0, x))
elementwise(sp.i1e,  lambda y, x: ive_slope(y, 1.0, x))
elementwise(sp.k0e,  lambda y, x: kve_slope(y, 0.0, x))
elementwise(sp.k1e,  lambda y, x: kve_slope(y, 1.0, x))
in_last(sp.jve,  lambda y, v, x: _real_difference(sp.jve, v, x))
in_last(sp.yve,  lambda y, v, x: _real_difference(sp.yve, v, x))
in_last(sp.hankel1e, lambda y, v, z: 0.5 * (sp.hankel1e(v - 1, z) - sp.hankel1e(v + 1, z)) - 1j * y)
in_last(sp.hankel2e, lambda y, v, z: 0.5 * (sp.hankel2e(v - 1, z) - sp.hankel2e(v + 1, z)) + 1j * y)
# ── Struve, Wright, ∫₀¹ x^λ J_ν(2ax) dx ──
in_last(sp.struve,    lambda y, v, x: struve_slope(y, v, x))
in_last(sp.modstruve, lambda y, v, x: modstruve_slope(y, v, x))
in_last(sp.wright_bessel, lambda y, a, b, x: sp.wright_bessel(a, a + b, x))
in_last(sp.log_wright_bessel, lambda y, a, b, x: np.exp(sp.log_wright_bessel(a, a + b, x) - y))
elementwise(sp.besselpoly,
                               lambda y, a, p, v:
        np.where(np.equal(v, 0), 0.0, v * y / a) - 2.0 * sp.besselpoly(a, p + 1, v + 1),
            None, None, reason=ORDER)
# ── Airy: w″ = z w ──
several(sp.airy,     (lambda y, z: y[1], lambda y, z: z * y[0], lambda y, z: y[3], lambda y, z: z * y[2]))
several(sp.airye,    (lambda y, z: y[1] + np.sqrt(z) * y[0], lambda y, z: z * y[0] + np.sqrt(z) * y[1],
                      lambda y, z: y[3] - _growth(z) * y[2], lambda y, z: z * y[2] - _growth(z) * y[3]), real=True)
several(sp.itairy,   (lambda y, x: sp.airy(x)[0], lambda y, x: sp.airy(x)[2],
                      lambda y, x: sp.airy(-x)[0], lambda y, x: sp.airy(-x)[2]))
# ── integrals from 0, or of f/t ──
several(sp.itj0y0,   (lambda y, x: sp.j0(x), lambda y, x: sp.y0(x)))
several(sp.iti0k0,   (lambda y, x: sp.i0(x), lambda y, x: sp.k0(x)))
several(sp.it2j0y0,  (lambda y, x: -_bessel_rise(x, -1.0), lambda y, x: -sp.y0(x) / x))
several(sp.it2i0k0,  (lambda y, x: _bessel_rise(x, 1.0), lambda y, x: -sp.k0(x) / x))
elementwise(sp.itstruve0,    lambda y, x: sp.struve(0.0, x))
elementwise(sp.itmodstruve0, lambda y, x: sp.modstruve(0.0, x))
elementwise(sp.it2struve0,   lambda y, x: -_struve_ratio(x))
# fmt: on


def _growth(z: Any) -> Any:
    """The slope √z of the scaling exponent of Bi, nothing left of 0."""
    return np.where(np.greater(z, 0), np.sqrt(np.where(np.greater(z, 0), z, 1.0)), 0.0)


def _bessel_rise(x: Any, sign: float) -> Any:
    """(I₀(x) − 1)/x for sign 1, (J₀(x) − 1)/x for sign −1."""
    small = [sign ** (k + 1) * 0.25 ** (k + 1) / factorial(k + 1) ** 2 for k in range(14)]
    f = sp.i0 if sign > 0 else sp.j0
    return piecewise(np.abs(x) < 2.0, x, 1.0, lambda u: u * series(u * u, small), lambda u: (f(u) - 1.0) / u)


def _struve_ratio(x: Any) -> Any:
    """H₀(x)/x; 2/π at 0."""
    none = np.equal(x, 0)
    return np.where(none, 2.0 / np.pi, sp.struve(0.0, x) / np.where(none, 1.0, x))


def _spherical(original: Any, ufunc: Any, ufunc_slope: Any, sign: float, overall: float = 1.0) -> Any:
    """The spherical function and its slopes: (2n + 1) f′ = n f_{n−1} + s (n + 1) f_{n+1}, up to an overall sign."""

    def combine(f: Any, n: Any, z: Any) -> Any:
        below = np.where(np.equal(n, 0), 0, np.subtract(n, 1))
        total = np.multiply(n, f(below, z)) + sign * np.add(n, 1) * f(np.add(n, 1), z)
        return total * np.divide(overall, np.multiply(2, n) + 1)

    value = lifted(original, None, lambda y, n, z: combine(value, n, z))
    slope = lifted(
        lambda n, z: original(n, z, True), None, lambda y, n, z: combine(slope, n, z), name=value.__name__ + "′"
    )
    elementwise(ufunc, None, lambda y, n, z: combine(value, n, z), reason=ORDER)
    elementwise(ufunc_slope, None, lambda y, n, z: combine(slope, n, z), reason=ORDER)
    return lambda n, z, derivative=False: slope(n, z) if derivative else value(n, z)


SPHERICAL = {
    sp.spherical_jn: _spherical(sp.spherical_jn, scu._spherical_jn, scu._spherical_jn_d, -1.0),
    sp.spherical_yn: _spherical(sp.spherical_yn, scu._spherical_yn, scu._spherical_yn_d, -1.0),
    sp.spherical_in: _spherical(sp.spherical_in, scu._spherical_in, scu._spherical_in_d, 1.0),
    sp.spherical_kn: _spherical(sp.spherical_kn, scu._spherical_kn, scu._spherical_kn_d, 1.0, -1.0),
}
