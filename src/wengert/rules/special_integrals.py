"""Exponential, trigonometric, Fresnel and Dawson-like integrals, Lambert and hypergeometric functions."""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np

from wengert.rules.partials import with_partials
from wengert.rules.special_calls import in_last, lifted, series, several
from wengert.rules.special_elementary import log_quotient
from wengert.rules.special_gamma import scu, sp
from wengert.rules.table import elementwise

_PI = float(np.pi)
_ROOT_PI = float(np.sqrt(np.pi))
_EIGHTH = complex(np.exp(0.25j * np.pi))


def _sinhc_slope(y: Any, x: Any) -> Any:
    """(cosh x − y)/x = Σ 2k x²ᵏ⁻¹/(2k + 1)!, the latter near 0."""
    small = [2.0 * k / factorial(2 * k + 1) for k in range(1, 11)]
    near = np.less(np.abs(x), 1.0)
    far = np.where(near, 1.0, x)
    return np.where(near, x * series(np.square(np.where(near, x, 0.0)), small), (np.cosh(far) - y) / far)


@with_partials(_sinhc_slope)
def _sinhc(x: Any) -> Any:
    """sinh(x) / x."""
    return np.sinc(1j * x / _PI) if np.iscomplexobj(x) else 0.5 * (sp.exprel(x) + sp.exprel(-x))


@with_partials(lambda y, w: 1.0 / np.square(1.0 + w))
def _part_of(w: Any) -> Any:
    """w / (1 + w)."""
    return w / (1.0 + w)


def _expn_before(n: Any, x: Any) -> Any:
    """E_{n−1}(x); E₋₁ = e⁻ˣ (1 + x) / x²."""
    n = np.trunc(n)  # as SciPy does
    first = np.equal(n, 0)
    return np.where(first, np.exp(-x) * (1.0 + x) / (x * x), sp.expn(np.where(first, 1, n) - 1.0, x))


def _lambert_slope(y: Any, x: Any) -> Any:
    """W′ = W / (x (1 + W)) = e^−W / (1 + W), the latter near 0."""
    near = np.less(np.abs(x), 1e-2) & np.less(np.abs(y), 1.0)
    return np.where(near, np.exp(-y), y / np.where(near, 1.0, x)) / (1.0 + y)


# fmt: off
elementwise(sp.expi,     lambda y, x: np.exp(x) / x)
elementwise(sp.exp1,     lambda y, x: -np.exp(-x) / x)
in_last(sp.expn,     lambda y, n, x: -_expn_before(n, x))
several(sp.sici,        (lambda y, x: np.sinc(x / _PI), lambda y, x: np.cos(x) / x))
several(sp.shichi,      (lambda y, x: _sinhc(x),        lambda y, x: np.cosh(x) / x))
several(sp.fresnel,     (lambda y, x: np.sin(0.5 * _PI * x * x), lambda y, x: np.cos(0.5 * _PI * x * x)))
# F₊ = ∫ₓ^∞ exp(it²) dt, K₊ = exp(−i(x² + π/4)) F₊ / √π, and their conjugates
several(sp.modfresnelp, (lambda y, x: -np.exp(1j * x * x),  lambda y, x: -2j * x * y[1] - 1.0 / (_ROOT_PI * _EIGHTH)))
several(sp.modfresnelm, (lambda y, x: -np.exp(-1j * x * x), lambda y, x: 2j * x * y[1] - _EIGHTH / _ROOT_PI))
elementwise(sp.spence,   lambda y, z: -log_quotient(z))
elementwise(sp.wrightomega, lambda y, z: _part_of(y))
elementwise(scu._lambertw, lambda y, z, k, tol: _lambert_slope(y, z), None, None)
lambertw = lifted(sp.lambertw, lambda y, z, k, tol: _lambert_slope(y, z), None, None, name="scipy.special.lambertw")
# ── hypergeometric: the parameters move up by one ──
in_last(sp.hyp0f1,   lambda y, v, z: sp.hyp0f1(v + 1, z) / v)
in_last(sp.hyp1f1,   lambda y, a, b, z: a / b * sp.hyp1f1(a + 1, b + 1, z))
in_last(sp.hyperu,   lambda y, a, b, x: -a * sp.hyperu(a + 1, b + 1, x))
in_last(sp.hyp2f1,   lambda y, a, b, c, z: a * b / c * sp.hyp2f1(a + 1, b + 1, c + 1, z))
# fmt: on
