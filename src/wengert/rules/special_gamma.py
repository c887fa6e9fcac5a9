"""Gamma, digamma and beta functions, and the incomplete ones with their inverses."""

from __future__ import annotations

from functools import cache
from math import factorial
from typing import Any

import numpy as np
import scipy.special as _special
from scipy.special import _ufuncs  # type: ignore[attr-defined]

from wengert.rules.partials import is_complex
from wengert.rules.special_calls import lifted
from wengert.rules.special_gamma_complex import complex_polygamma
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


def _gain(n: int, a: Any, b: Any) -> Any:
    """ψ⁽ⁿ⁾(a + b) − ψ⁽ⁿ⁾(a), without cancellation for a > 0, a + b > 0.

    Both are moved beyond 10 + n by ψ⁽ⁿ⁾(x + 1) − ψ⁽ⁿ⁾(x) = (−1)ⁿ n! x⁻ⁿ⁻¹, and there they are Stirling's series; each
    power is subtracted as (p + d)⁻ᵐ − p⁻ᵐ = p⁻ᵐ expm1(−m log1p(d/p)).
    """
    a, b = np.broadcast_arrays(a, b)
    fine = (a > 0) & (a + b > 0) & np.isfinite(a) & np.isfinite(b)
    p = np.where(fine, a, 1.0)
    d = np.where(fine, b, 1.0)
    total = np.zeros_like(p, dtype=float)
    for _ in range(10 + n):
        step = p < 10.0 + n
        total += np.where(step, factorial(n) * _power_gain(n + 1, p, d), 0.0)
        p = np.where(step, p + 1.0, p)
    total += factorial(n - 1) * _power_gain(n, p, d) if n else -np.log1p(d / p)
    total += 0.5 * factorial(n) * _power_gain(n + 1, p, d)
    for k, coefficient in enumerate(_BERNOULLI, 1):
        total += coefficient * factorial(2 * k + n - 1) / factorial(2 * k - 1) * _power_gain(2 * k + n, p, d)
    poles = _is_pole(a) & _is_pole(a + b)  # where their parts that are infinite are the same, by reflection
    low, high = np.where(poles, 1.0 - a, a), np.where(poles, 1.0 - a - b, a + b)
    plain = np.where(poles, (-1.0) ** n, 1.0) * (sp.polygamma(n, high) - sp.polygamma(n, low))
    return np.where(fine, (-1.0) ** (n + 1) * total, plain)[()].astype(np.result_type(a, b), copy=False)


def _power_gain(m: int, p: Any, d: Any) -> Any:
    return -d / (p * (p + d)) if m == 1 else p ** float(-m) * np.expm1(-m * np.log1p(d / p))


@cache
def polygamma_gain(n: int) -> Any:
    """(a, b) ↦ ψ⁽ⁿ⁾(a + b) − ψ⁽ⁿ⁾(a)."""
    return lifted(
        lambda a, b: _gain(n, a, b),
        lambda y, a, b: polygamma_gain(n + 1)(a, b),
        lambda y, a, b: polygamma(n + 1, a + b),
        name=f"difference of polygamma {n}" if n else "digamma difference",
    )


digamma_gain = polygamma_gain(0)


def _gamma_density(a: Any, x: Any) -> Any:
    """xᵃ⁻¹ e⁻ˣ / Γ(a), zero left of 0: the density of chi-squared, by Lanczos' approximation in Boost."""
    dead = np.less(x, 0) | np.isinf(x) | np.less_equal(a, 0)
    return np.where(dead, 0.0 * np.where(np.isinf(x), 0.0, x), 2.0 * scu._ncx2_pdf(2.0 * x, 2.0 * a, 0.0))[()]


def _beta_density(a: Any, b: Any, x: Any) -> Any:
    """xᵃ⁻¹ (1 − x)ᵇ⁻¹ / B(a, b), zero outside [0, 1]; and between, where a or b is 0, so that all is at an end."""
    dead = np.less(x, 0) | np.greater(x, 1)
    dead |= (np.equal(a, 0) & (b > 0) & (x > 0)) | (np.equal(b, 0) & (a > 0) & (x < 1))
    return np.where(dead, 0.0 * x, scu._beta_pdf(np.where(dead, 0.5, x), a, b))[()]


def _climb(y: Any, a: Any, x: Any, below: Any) -> Any:
    """(a − 1) y / x for y in proportion to xᵃ⁻¹; at x = 0 that is what `below` makes of a − 1."""
    rises = np.equal(x, 0) & np.greater(a, 1)
    plain = (a - 1.0) * y / np.where(np.equal(x, 0), 1.0, x)
    return np.where(rises, below(np.where(rises, a - 1.0, 1.0)), plain) if np.any(rises) else plain


def beta_in_x(y: Any, x: Any, a: Any, b: Any) -> Any:
    """∂/∂x of the beta density y."""
    left = _climb(y, a, x, lambda a: (a + b) * beta_density(a, b, x))
    return left - _climb(y, b, 1.0 - x, lambda b: (a + b) * beta_density(a, b, x))


# fmt: off
gamma_density = lifted(_gamma_density,
                       lambda y, a, x: sp.xlogy(y, x) - y * sp.psi(a),
                       lambda y, a, x: _climb(y, a, x, lambda a: gamma_density(a, x)) - y, name="gamma density")
beta_density = lifted(_beta_density,
                      lambda y, a, b, x: sp.xlogy(y, x) + y * digamma_gain(a, b),
                      lambda y, a, b, x: sp.xlog1py(y, -x) + y * digamma_gain(b, a),
                      lambda y, a, b, x: beta_in_x(y, x, a, b), name="beta density")

# ── gamma and its logarithmic derivatives ──
elementwise(sp.gamma,      lambda y, x: y * sp.psi(x))
elementwise(sp.gammaln,    lambda y, x: sp.psi(x))
elementwise(sp.loggamma,   lambda y, x: sp.psi(x))
elementwise(sp.rgamma,     lambda y, x: rgamma_slope(y, x))
elementwise(sp.psi,        lambda y, x: (complex_polygamma if is_complex(x) else polygamma)(1, x))
polygamma = lifted(sp.polygamma, None, lambda y, n, x: polygamma(np.add(n, 1), x), name="scipy.special.polygamma")
elementwise(sp.poch,       lambda y, x, m: _rise_in_base(y, x, m),
                           lambda y, x, m: y * sp.psi(x + m))
# ── beta ──
elementwise(sp.beta,       lambda y, a, b: -y * digamma_gain(a, b),
                           lambda y, a, b: -y * digamma_gain(b, a))
elementwise(sp.betaln,     lambda y, a, b: -digamma_gain(a, b),
                           lambda y, a, b: -digamma_gain(b, a))
elementwise(sp.binom,      lambda y, n, k: _binom_slopes(y, n, k)[0],
                           lambda y, n, k: _binom_slopes(y, n, k)[1])
# ── incomplete ──
# fmt: on


def _binom_slopes(y: Any, n: Any, k: Any) -> Any:
    """∂/∂n and ∂/∂k of Γ(n + 1) / (Γ(k + 1) Γ(n − k + 1)); at poles of the last two by their reciprocals."""
    low, gap = k + 1.0, n - k + 1.0
    pole = _is_pole(low) | _is_pole(gap)
    g, a, b = sp.gamma(np.where(pole, n + 1.0, 1.0)), np.where(pole, low, 1.0), np.where(pole, gap, 1.0)
    p, q = g * sp.rgamma(a), g * sp.rgamma(b)
    p_slope = p * rgamma_slope(sp.rgamma(b), b)
    in_n = p_slope + sp.psi(np.where(pole, n + 1.0, 1.0)) * p * sp.rgamma(b)
    in_k = q * rgamma_slope(sp.rgamma(a), a) - p_slope
    low, gap, n, k = (np.where(pole, 1.0, x) for x in (low, gap, n, k))
    return (
        np.where(pole, in_n, y * digamma_gain(gap, k)),
        np.where(pole, in_k, y * digamma_gain(low, n - 2.0 * k)),
    )


def _rise_in_base(y: Any, x: Any, m: Any) -> Any:
    """∂/∂x of Γ(x + m) / Γ(x); where Γ(x) has a pole, by 1/Γ, or by (−1)ᵐ Γ(1 − x) / Γ(1 − x − m) for whole m."""
    pole = _is_pole(x)
    if not np.any(pole):
        return y * digamma_gain(x, m)
    whole = pole & np.equal(m, np.floor(m))
    part, at = pole & ~whole, np.where(pole, x, 0.0)
    top, step = np.where(part, x + m, 1.0), np.where(whole, m, 0.0)
    up, low = 1.0 - at, 1.0 - at - step
    by_reciprocal = sp.gamma(top) * rgamma_slope(sp.rgamma(at), at)
    sign = 1.0 - 2.0 * np.mod(step, 2.0)
    reflected = -sign * sp.gamma(up) * (sp.psi(up) * sp.rgamma(low) + rgamma_slope(sp.rgamma(low), low))
    plain = y * digamma_gain(np.where(pole, 1.0, x), m)
    return np.where(whole, reflected, np.where(part, by_reciprocal, plain))


def _is_pole(x: Any) -> Any:
    """Whether Γ has a pole there."""
    return np.less_equal(x, 0) & np.equal(x, np.floor(x))
