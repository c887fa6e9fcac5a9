"""The distribution functions that scipy.stats takes from Boost: densities, and inverses by 1/density."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_beta_shape import by_shapes
from wengert.rules.special_calls import ORDER, in_last
from wengert.rules.special_distributions import binomial, negative_binomial, scu
from wengert.rules.special_error import normal_density
from wengert.rules.special_gamma import beta_density, digamma_gain, sp
from wengert.rules.special_landau import landau_derivative
from wengert.rules.table import elementwise

_PI = float(np.pi)
_A = 2.0 / _PI


def skew_density(z: Any, a: Any) -> Any:
    """2 φ(z) Φ(a z)."""
    return 2.0 * normal_density(z) * sp.ndtr(a * z)


def skew_slope(z: Any, a: Any) -> Any:
    """∂F/∂a = −exp(−z²(1 + a²)/2) / (π (1 + a²))."""
    return -np.exp(-0.5 * z * z * (1.0 + a * a)) / (_PI * (1.0 + a * a))


def _landau_slope(x: Any, m: Any, s: Any) -> Any:
    """∂/∂x of f(u)/s, where u = (x − m)/s − a ln s and a = 2/π."""
    return landau_derivative(1, (x - m) / s - _A * np.log(s)) / (s * s)


def _landau_spread(x: Any, m: Any, s: Any) -> Any:
    """−s ∂u/∂s."""
    return (x - m) / s + _A


def inverse_gaussian(x: Any, mu: Any, s: Any) -> Any:
    """√(s / 2πx³) exp(−s (x − μ)² / 2μ²x)."""
    return np.sqrt(s / (2.0 * _PI * x**3)) * np.exp(-0.5 * s * (x - mu) ** 2 / (mu * mu * x))


def _reflected(x: Any, mu: Any, s: Any) -> Any:
    """e^(2s/μ) Φ(−√(s/x) (x/μ + 1)) by the density: F = Φ(√(s/x) (x/μ − 1)) + this times the density, so that
    ∂F/∂μ = −2s/μ² times it, and ∂F/∂s = 2/μ times it − (x/s) times the density."""
    z = np.sqrt(s / x) * (x / mu + 1.0)
    return np.exp(2.0 * s / mu + sp.log_ndtr(-z)) / inverse_gaussian(x, mu, s)


def arch(x: Any) -> Any:
    """The cosine density (1 + cos x) / 2π."""
    return (1.0 + np.cos(x)) / (2.0 * _PI)


def _binomial(k: Any, n: Any, p: Any) -> Any:
    """P(K = k), 0 outside 0 … n."""
    live = np.greater_equal(k, 0) & np.less_equal(k, n)
    return np.where(live, scu._binom_pmf(np.where(live, k, 0.0), np.where(live, n, 1.0), p), 0.0)


def _negative_binomial(k: Any, n: Any, p: Any) -> Any:
    """P(K = k), 0 for k < 0."""
    live = np.greater_equal(k, 0)
    return np.where(live, scu._nbinom_pmf(np.where(live, k, 0.0), n, p), 0.0)


# fmt: off
elementwise(scu._beta_ppf,     lambda y, p, a, b: np.divide(1.0, beta_density(a, b, y)),
                               lambda y, p, a, b: np.divide(-by_shapes(1, 0, a, b, y), beta_density(a, b, y)),
                               lambda y, p, a, b: np.divide(-by_shapes(0, 1, a, b, y), beta_density(a, b, y)))
elementwise(scu._cauchy_ppf,   lambda y, p, m, s: _PI * s * (1.0 + ((y - m) / s) ** 2), lambda y, p, m, s: 1.0,
                               lambda y, p, m, s: (y - m) / s)
elementwise(scu._cauchy_isf,   lambda y, p, m, s: -_PI * s * (1.0 + ((y - m) / s) ** 2), lambda y, p, m, s: 1.0,
                               lambda y, p, m, s: (y - m) / s)
elementwise(scu._cosine_cdf,   lambda y, x: np.where(np.abs(x) < _PI, arch(x), 0.0))
elementwise(scu._cosine_invcdf, lambda y, p: np.divide(1.0, arch(y)))
elementwise(scu._skewnorm_cdf, lambda y, x, m, s, a: skew_density((x - m) / s, a) / s,
                               lambda y, x, m, s, a: -skew_density((x - m) / s, a) / s,
                               lambda y, x, m, s, a: -skew_density((x - m) / s, a) * (x - m) / (s * s),
                               lambda y, x, m, s, a: skew_slope((x - m) / s, a))
elementwise(scu._skewnorm_ppf, lambda y, p, m, s, a: s / skew_density((y - m) / s, a), lambda y, p, m, s, a: 1.0,
                               lambda y, p, m, s, a: (y - m) / s,
                               lambda y, p, m, s, a: -s * skew_slope((y - m) / s, a) / skew_density((y - m) / s, a))
elementwise(scu._skewnorm_isf, lambda y, p, m, s, a: -s / skew_density((y - m) / s, a), lambda y, p, m, s, a: 1.0,
                               lambda y, p, m, s, a: (y - m) / s,
                               lambda y, p, m, s, a: -s * skew_slope((y - m) / s, a) / skew_density((y - m) / s, a))
elementwise(scu._invgauss_ppf, lambda y, p, m, s: np.divide(1.0, inverse_gaussian(y, m, s)),
                               lambda y, p, m, s: 2.0 * s / (m * m) * _reflected(y, m, s),
                               lambda y, p, m, s: y / s - 2.0 / m * _reflected(y, m, s))
elementwise(scu._invgauss_isf, lambda y, p, m, s: np.divide(-1.0, inverse_gaussian(y, m, s)),
                               lambda y, p, m, s: 2.0 * s / (m * m) * _reflected(y, m, s),
                               lambda y, p, m, s: y / s - 2.0 / m * _reflected(y, m, s))
# ── noncentral ──
elementwise(scu._ncx2_sf,      lambda y, x, n, c: -scu._ncx2_pdf(x, n, c), None,
                               lambda y, x, n, c: scu._ncx2_pdf(x, n + 2.0, c), reason=ORDER)
elementwise(scu._ncx2_isf,     lambda y, p, n, c: np.divide(-1.0, scu._ncx2_pdf(y, n, c)), None,
                               lambda y, p, n, c: scu._ncx2_pdf(y, n + 2.0, c) / scu._ncx2_pdf(y, n, c), reason=ORDER)
# ── Landau, Kolmogorov, Smirnov ──
elementwise(scu._landau_pdf,   lambda y, x, m, s: _landau_slope(x, m, s), lambda y, x, m, s: -_landau_slope(x, m, s),
                               lambda y, x, m, s: -y / s - _landau_slope(x, m, s) * _landau_spread(x, m, s))
elementwise(scu._landau_cdf,   lambda y, x, m, s: scu._landau_pdf(x, m, s),
                               lambda y, x, m, s: -scu._landau_pdf(x, m, s),
                               lambda y, x, m, s: -scu._landau_pdf(x, m, s) * _landau_spread(x, m, s))
elementwise(scu._landau_sf,    lambda y, x, m, s: -scu._landau_pdf(x, m, s),
                               lambda y, x, m, s: scu._landau_pdf(x, m, s),
                               lambda y, x, m, s: scu._landau_pdf(x, m, s) * _landau_spread(x, m, s))
elementwise(scu._landau_ppf,   lambda y, p, m, s: np.divide(1.0, scu._landau_pdf(y, m, s)), lambda y, p, m, s: 1.0,
                               lambda y, p, m, s: _landau_spread(y, m, s))
elementwise(scu._landau_isf,   lambda y, p, m, s: np.divide(-1.0, scu._landau_pdf(y, m, s)), lambda y, p, m, s: 1.0,
                               lambda y, p, m, s: _landau_spread(y, m, s))
elementwise(scu._kolmogc,      lambda y, x: -scu._kolmogp(x))
elementwise(scu._kolmogci,     lambda y, p: np.divide(-1.0, scu._kolmogp(y)))
in_last(scu._smirnovc,     lambda y, n, x: -scu._smirnovp(n, x))
in_last(scu._smirnovci,    lambda y, n, p: np.divide(-1.0, scu._smirnovp(n, y)))
# ── probabilities of counts ──
in_last(scu._binom_pmf,    lambda y, k, n, p: n * (_binomial(k - 1, n - 1, p) - _binomial(k, n - 1, p)))
in_last(scu._binom_cdf,    lambda y, k, n, p: -binomial(k, n, p))
in_last(scu._binom_sf,     lambda y, k, n, p: binomial(k, n, p))
elementwise(scu._nbinom_cdf,   None, lambda y, k, n, p: by_shapes(1, 0, n, np.floor(k) + 1.0, p),
                               lambda y, k, n, p: negative_binomial(k, n, p), reason=ORDER)
elementwise(scu._nbinom_sf,    None, lambda y, k, n, p: -by_shapes(1, 0, n, np.floor(k) + 1.0, p),
                               lambda y, k, n, p: -negative_binomial(k, n, p), reason=ORDER)
elementwise(scu._nbinom_pmf,   None, lambda y, k, n, p: y * (np.log(p) + digamma_gain(n, k)),
                               lambda y, k, n, p: n / p * (y - _negative_binomial(k - 1, n + 1, p)), reason=ORDER)
# ── log(1 − eˣ), log(1 + x) − x, x eˣ E₁(x) ──
elementwise(scu._log1mexp,     lambda y, x: np.divide(-1.0, np.expm1(-x)))
elementwise(scu._log1pmx,      lambda y, x: -x / (1.0 + x))
elementwise(scu._scaled_exp1,  lambda y, x: y / x + y - 1.0)
# fmt: on
