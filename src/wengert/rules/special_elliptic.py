"""Elliptic integrals and functions, their slopes by Carlson's symmetric integrals, which do not cancel."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.observe import look
from wengert.rules.special_calls import several, slope_of
from wengert.rules.special_gamma import sp
from wengert.rules.table import elementwise

_PI = float(np.pi)


def degenerate(x: Any, y: Any, z: Any) -> Any:
    """R_D(x, y, z) by Carlson's duplication, in NumPy so that it can be recorded."""
    total: Any = 0.0
    scale = 1.0
    for _ in range(20):
        a, b, c = np.sqrt(x), np.sqrt(y), np.sqrt(z)
        shift = a * b + b * c + c * a
        total = total + 3.0 * scale / (c * (z + shift))
        x, y, z = 0.25 * (x + shift), 0.25 * (y + shift), 0.25 * (z + shift)
        scale *= 0.25
    mean = 0.2 * (x + y + 3.0 * z)
    return total + scale / (mean * np.sqrt(mean))


def third(x: Any, y: Any, z: Any, p: Any) -> Any:
    """R_J(x, y, z, p), p > 0, by Carlson's duplication: 6 Σ 4⁻ⁿ R_C(1, 1 + eₙ)/dₙ and what is left."""
    total: Any = 0.0
    scale = 1.0
    excess = (p - x) * (p - y) * (p - z)
    for _ in range(20):
        a, b, c, r = np.sqrt(x), np.sqrt(y), np.sqrt(z), np.sqrt(p)
        shift, d = a * b + b * c + c * a, (r + a) * (r + b) * (r + c)
        total = total + 6.0 * scale / d * sp.elliprc(1.0, 1.0 + excess / (d * d))
        x, y, z, p = 0.25 * (x + shift), 0.25 * (y + shift), 0.25 * (z + shift), 0.25 * (p + shift)
        scale, excess = 0.25 * scale, excess / 64.0
    mean = 0.2 * (x + y + z + 2.0 * p)
    return total + scale / (mean * np.sqrt(mean))


def third_slope(k: int, y: Any, *args: Any) -> Any:
    """∂R_J/∂xₖ. Of the principal value, where p < 0: 2(p − x) ∂R_J/∂x = R_J − R_D(y, z, x), and R_J has degree −3/2."""
    across = np.less(np.real(args[3]), 0)
    here = slope_of(third, k, *args[:3], np.where(across, 1.0, args[3]))
    if not np.any(look(across)):
        return here
    pole = np.where(across, args[3], -1.0)
    slopes: list[Any] = []
    for j in range(3):
        x, (a, b) = args[j], [args[i] for i in range(3) if i != j]
        slopes.append((y - sp.elliprd(a, b, x)) / (2.0 * (pole - x)))
    moved = [np.where(np.equal(x, 0), 0.0, x * slope) for x, slope in zip(args[:3], slopes, strict=True)]
    slopes.append(-(1.5 * y + moved[0] + moved[1] + moved[2]) / pole)
    return np.where(across, slopes[k], here)


def first_kind_slope(m: Any) -> Any:
    """dK/dm = R_D(0, 1, 1 − m) / 6."""
    return sp.elliprd(0.0, 1.0, 1.0 - m) / 6.0


def second_kind_slope(m: Any) -> Any:
    """dE/dm = −R_D(0, 1 − m, 1) / 6."""
    return -sp.elliprd(0.0, 1.0 - m, 1.0) / 6.0


def _reduce(phi: Any) -> tuple[Any, Any, Any]:
    """φ = nπ + θ with |θ| ≤ π/2: n, sin θ, cos² θ."""
    n = np.round(phi / _PI)
    theta = phi - n * _PI
    return n, np.sin(theta), np.cos(theta) ** 2


def _whole_periods(n: Any, slope: Any) -> Any:
    return np.where(np.equal(n, 0), 0.0, 2.0 * n * slope)


def first_incomplete_slope(phi: Any, m: Any) -> Any:
    """∂F(φ, m)/∂m = sin³φ R_D(cos²φ, 1, 1 − m sin²φ) / 6, and 2n K′(m) for n half turns."""
    n, s, c2 = _reduce(phi)
    return s**3 * sp.elliprd(c2, 1.0, 1.0 - m * s * s) / 6.0 + _whole_periods(n, first_kind_slope(m))


def second_incomplete_slope(phi: Any, m: Any) -> Any:
    """∂E(φ, m)/∂m = −sin³φ R_D(cos²φ, 1 − m sin²φ, 1) / 6, and 2n E′(m)."""
    n, s, c2 = _reduce(phi)
    return -(s**3) * sp.elliprd(c2, 1.0 - m * s * s, 1.0) / 6.0 + _whole_periods(n, second_kind_slope(m))


def amplitude_slope(y: Any, m: Any) -> Any:
    """∂φ/∂m at fixed u = F(φ, m): −dn ∂F/∂m."""
    return -y[2] * first_incomplete_slope(y[3], m)


def _weighted(x: Any, y: Any, z: Any) -> Any:
    """z R_D(x, y, z) / 3; 0 at z = 0."""
    none = np.equal(z, 0)
    return np.where(none, 0.0, z * sp.elliprd(x, y, np.where(none, 1.0, z)) / 3.0)


def _rc_slopes(y: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """∂R_C/∂a and ∂R_C/∂b, from 2(b − a) ∂R_C/∂a = R_C − 1/√a, 2(b − a) ∂R_C/∂b = √a/b − R_C where b < 0."""
    across = np.less(np.real(b), 0)
    pole, gap = np.where(across, b, 1.0), np.where(across, 2.0 * (b - a), 1.0)
    far, root = np.where(across, 1.0, b), np.sqrt(a)
    return (
        np.where(across, (y - 1.0 / root) / gap, -sp.elliprd(far, far, a) / 6.0),
        np.where(across, (root / pole - y) / gap, -sp.elliprd(a, far, far) / 3.0),
    )


def _mean_slope(y: Any, a: Any, b: Any) -> Any:
    """∂agm/∂a. At a = 0 it rises as π/2 · b/ln(4b/a); at b = 0 it is 0, whatever a is."""
    rises, rests = np.equal(a, 0) & np.not_equal(b, 0), np.equal(b, 0) & np.not_equal(a, 0)
    c, d = np.where(rises, 1.0, a), np.where(rests, 1.0, b)
    slope = y * y * np.abs(c) * 2.0 / (3.0 * _PI) * sp.elliprd(0.0, d * d, c * c)
    return np.where(rises, np.inf, np.where(rests, 0.0, slope))


def _area_slope(a: Any, b: Any, c: Any) -> Any:
    """∂R_G/∂c = (R_F − c R_D(a, b, c)/3)/4; R_G(0, 0, c) = √c/2."""
    alone = (np.equal(a, 0) & np.equal(b, 0)) & ~np.equal(c, 0)
    u = np.where(alone, 1.0, a)
    slope = 0.25 * (sp.elliprf(u, b, c) - _weighted(u, b, c))
    return np.where(alone, np.divide(0.25, np.sqrt(np.where(alone, c, 1.0))), slope)


# fmt: off
elementwise(sp.ellipk,     lambda y, m: first_kind_slope(m))
elementwise(sp.ellipkm1,   lambda y, p: -sp.elliprd(0.0, 1.0, p) / 6.0)
elementwise(sp.ellipe,     lambda y, m: second_kind_slope(m))
elementwise(sp.ellipkinc,  lambda y, phi, m: np.divide(1.0, np.sqrt(1.0 - m * np.sin(phi) ** 2)),
                           lambda y, phi, m: first_incomplete_slope(phi, m))
elementwise(sp.ellipeinc,  lambda y, phi, m: np.sqrt(1.0 - m * np.sin(phi) ** 2),
                           lambda y, phi, m: second_incomplete_slope(phi, m))
several(sp.ellipj,        (lambda y, u, m: y[1] * y[2],          # sn
                           lambda y, u, m: -y[0] * y[2],         # cn
                           lambda y, u, m: -m * y[0] * y[1],     # dn
                           lambda y, u, m: y[2]),                # the amplitude φ
                          (lambda y, u, m: y[1] * amplitude_slope(y, m),
                           lambda y, u, m: -y[0] * amplitude_slope(y, m),
                           lambda y, u, m: -y[0] * (y[0] + 2.0 * m * y[1] * amplitude_slope(y, m)) / (2.0 * y[2]),
                           lambda y, u, m: amplitude_slope(y, m)))
# ── Carlson's integrals ──
elementwise(sp.elliprf,    lambda y, a, b, c: -sp.elliprd(b, c, a) / 6.0,
                           lambda y, a, b, c: -sp.elliprd(a, c, b) / 6.0,
                           lambda y, a, b, c: -sp.elliprd(a, b, c) / 6.0)
elementwise(sp.elliprc,    lambda y, a, b: _rc_slopes(y, a, b)[0], lambda y, a, b: _rc_slopes(y, a, b)[1])
elementwise(sp.elliprg,    lambda y, a, b, c: _area_slope(b, c, a),
                           lambda y, a, b, c: _area_slope(a, c, b),
                           lambda y, a, b, c: _area_slope(a, b, c))
elementwise(sp.elliprd,    lambda y, a, b, c: slope_of(degenerate, 0, a, b, c),
                           lambda y, a, b, c: slope_of(degenerate, 1, a, b, c),
                           lambda y, a, b, c: slope_of(degenerate, 2, a, b, c))
elementwise(sp.elliprj,    lambda y, a, b, c, p: third_slope(0, y, a, b, c, p),
                           lambda y, a, b, c, p: third_slope(1, y, a, b, c, p),
                           lambda y, a, b, c, p: third_slope(2, y, a, b, c, p),
                           lambda y, a, b, c, p: third_slope(3, y, a, b, c, p))
# 1/agm(a, b) = 2/π R_F(0, a², b²)
elementwise(sp.agm,        lambda y, a, b: _mean_slope(y, a, b), lambda y, a, b: _mean_slope(y, b, a))
# fmt: on
