"""Gamma, digamma and beta functions, and the incomplete ones with their inverses."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as _special
from scipy.special import _ufuncs  # type: ignore[attr-defined]

from wengert.rules.special_calls import lifted
from wengert.rules.table import elementwise

sp: Any = _special
scu: Any = _ufuncs
_BERNOULLI = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12]
"""B₂ₖ / 2k."""


def sinpi(x: Any) -> Any:
    """sin(πx), exactly zero at integers."""
    nearest = np.round(np.real(x))
    return np.sin(np.pi * (x - nearest)) * (1.0 - 2.0 * np.mod(nearest, 2.0))


def cospi(x: Any) -> Any:
    """cos(πx), exactly ±1 at integers."""
    nearest = np.round(np.real(x))
    return np.cos(np.pi * (x - nearest)) * (1.0 - 2.0 * np.mod(nearest, 2.0))


def rgamma_slope(y: Any, x: Any) -> Any:
    """−ψ/Γ; left of 1/2, where 1/Γ(x) = Γ(1 − x) sin(πx)/π, so that the poles of ψ cancel."""
    left = np.less(np.real(x), 0.5)
    z = np.where(left, 1.0 - x, 1.0)
    w = np.where(left, x, 0.0)
    reflected = sp.gamma(z) * (cospi(w) - sp.psi(z) * sinpi(w) / np.pi)
    return np.where(left, reflected, -y * sp.psi(np.where(left, 1.0, x)))


def _digamma_gain(a: Any, b: Any) -> Any:
    """ψ(a + b) − ψ(a), without cancellation for a > 0, a + b > 0."""
    a, b = np.broadcast_arrays(a, b)
    fine = (a > 0) & (a + b > 0) & np.isfinite(a) & np.isfinite(b)
    p = np.where(fine, a, 1.0)
    d = np.where(fine, b, 1.0)
    total = np.zeros_like(p, dtype=float)
    for _ in range(10):
        step = p < 10.0
        total += np.where(step, d / (p * (p + d)), 0.0)
        p = np.where(step, p + 1.0, p)
    large = np.log1p(d / p)
    total += large + d / (2.0 * p * (p + d))
    for k, coefficient in enumerate(_BERNOULLI):
        total -= coefficient * p ** (-2.0 * (k + 1)) * np.expm1(-2.0 * (k + 1) * large)
    plain = sp.psi(a + b) - sp.psi(a)
    return np.where(fine, total, plain)[()].astype(np.result_type(a, b), copy=False)


digamma_gain = lifted(
    _digamma_gain,
    lambda y, a, b: polygamma(1, a + b) - polygamma(1, a),
    lambda y, a, b: polygamma(1, a + b),
    name="digamma difference",
)


def _gamma_density(a: Any, x: Any) -> Any:
    """xᵃ⁻¹ e⁻ˣ / Γ(a), zero left of 0: the density of chi-squared, by Lanczos' approximation in Boost."""
    dead = np.less(x, 0) | np.isinf(x) | np.less_equal(a, 0)
    return np.where(dead, 0.0 * np.where(np.isinf(x), 0.0, x), 2.0 * scu._ncx2_pdf(2.0 * x, 2.0 * a, 0.0))[()]


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    """xᵃ⁻¹ (1 − x)ᵇ⁻¹ / B(a, b), zero outside [0, 1]."""
    dead = np.less(x, 0) | np.greater(x, 1)
    return np.where(dead, 0.0 * x, scu._beta_pdf(np.where(dead, 0.5, x), a, b))[()]


# fmt: off
gamma_density = lifted(_gamma_density,
                       lambda y, a, x: y * (np.log(x) - sp.psi(a)),
                       lambda y, a, x: y * (np.divide(a - 1.0, x) - 1.0), name="gamma density")
beta_density = lifted(_beta_density,
                      lambda y, a, b, x: y * (np.log(x) + digamma_gain(a, b)),
                      lambda y, a, b, x: y * (np.log1p(-x) + digamma_gain(b, a)),
                      lambda y, a, b, x: y * (np.divide(a - 1.0, x) - np.divide(b - 1.0, 1.0 - x)), name="beta density")

# ── gamma and its logarithmic derivatives ──
elementwise(sp.gamma,      lambda y, x: y * sp.psi(x))
elementwise(sp.gammaln,    lambda y, x: sp.psi(x))
elementwise(sp.loggamma,   lambda y, x: sp.psi(x))
elementwise(sp.rgamma,     lambda y, x: rgamma_slope(y, x))
elementwise(sp.psi,        lambda y, x: polygamma(1, x))
polygamma = lifted(sp.polygamma, None, lambda y, n, x: polygamma(np.add(n, 1), x), name="scipy.special.polygamma")
elementwise(sp.poch,       lambda y, x, m: y * digamma_gain(x, m),
                           lambda y, x, m: y * sp.psi(x + m))
# ── beta ──
elementwise(sp.beta,       lambda y, a, b: -y * digamma_gain(a, b),
                           lambda y, a, b: -y * digamma_gain(b, a))
elementwise(sp.betaln,     lambda y, a, b: -digamma_gain(a, b),
                           lambda y, a, b: -digamma_gain(b, a))
elementwise(sp.binom,      lambda y, n, k: _binom_slope(y, n, k),
                           lambda y, n, k: y * digamma_gain(k + 1.0, n - 2.0 * k))
# ── incomplete ──
# fmt: on


def _binom_slope(y: Any, n: Any, k: Any) -> Any:
    """∂/∂n of Γ(n + 1) / (Γ(k + 1) Γ(n − k + 1)); where the last is a pole, only its slope counts."""
    gap = n - k + 1.0
    pole = np.less_equal(gap, 0) & np.equal(gap, np.floor(gap))
    at_pole = sp.gamma(n + 1.0) * sp.rgamma(k + 1.0) * rgamma_slope(0.0, np.where(pole, gap, 0.0))
    return np.where(pole, at_pole, y * digamma_gain(np.where(pole, 1.0, gap), k))
