"""Distribution functions and their inverses: the density in x, and what follows from it; shapes are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import _ufuncs  # type: ignore[attr-defined]

from wengert.rules.special_calls import ORDER
from wengert.rules.special_gamma import beta_density, digamma_gain, gamma_density, sp
from wengert.rules.table import elementwise

scu: Any = _ufuncs


def f_density(m: Any, n: Any, x: Any) -> Any:
    """Of F with (m, n) degrees of freedom."""
    w = m * x / (m * x + n)
    return beta_density(0.5 * m, 0.5 * n, w) * m * n / (m * x + n) ** 2


def t_density(n: Any, t: Any) -> Any:
    """Of Student's t with n degrees of freedom."""
    return np.exp(-0.5 * (n + 1.0) * np.log1p(t * t / n)) / (np.sqrt(n) * sp.beta(0.5, 0.5 * n))


def noncentral_density(x: Any, df: Any, nc: Any) -> Any:
    """Of noncentral chi-squared."""
    return scu._ncx2_pdf(x, df, nc)


def _binomial(k: Any, n: Any, p: Any) -> Any:
    """d/dp of P(X > k): the density of Beta(k + 1, n − k); none where the sum is full or empty."""
    whole = np.floor(k)
    live = (whole >= 0) & (n - whole > 0)
    return np.where(live, beta_density(np.where(live, whole + 1.0, 1.0), np.where(live, n - whole, 1.0), p), 0.0)


def _negative_binomial(k: Any, n: Any, p: Any) -> Any:
    return beta_density(n, np.floor(k) + 1.0, p)


def _poisson(k: Any, m: Any) -> Any:
    return gamma_density(np.floor(k) + 1.0, m)


def _tukey(p: Any, shape: Any) -> Any:
    """dx/dp of x = (p^λ − (1 − p)^λ) / λ."""
    return np.power(p, shape - 1.0) + np.power(1.0 - p, shape - 1.0)


# fmt: off
# ── binomial, negative binomial, Poisson: in p and m; the count is a step function ──
elementwise(sp.bdtr,   None, None, lambda y, k, n, p: -_binomial(k, n, p), reason=ORDER)
elementwise(sp.bdtrc,  None, None, lambda y, k, n, p: _binomial(k, n, p), reason=ORDER)
elementwise(sp.bdtri,  None, None, lambda y, k, n, q: np.divide(-1.0, _binomial(k, n, y)), reason=ORDER)
elementwise(sp.nbdtr,  None, None, lambda y, k, n, p: _negative_binomial(k, n, p), reason=ORDER)
elementwise(sp.nbdtrc, None, None, lambda y, k, n, p: -_negative_binomial(k, n, p), reason=ORDER)
elementwise(sp.nbdtri, None, None, lambda y, k, n, q: np.divide(1.0, _negative_binomial(k, n, y)), reason=ORDER)
elementwise(sp.pdtr,   None, lambda y, k, m: -_poisson(k, m), reason=ORDER)
elementwise(sp.pdtrc,  None, lambda y, k, m: _poisson(k, m), reason=ORDER)
elementwise(sp.pdtri,  None, lambda y, k, q: np.divide(-1.0, _poisson(k, y)), reason=ORDER)
# ── chi-squared, gamma, F, t ──
elementwise(sp.chdtr,  None, lambda y, v, x: 0.5 * gamma_density(0.5 * v, 0.5 * x), reason=ORDER)
elementwise(sp.chdtrc, None, lambda y, v, x: -0.5 * gamma_density(0.5 * v, 0.5 * x), reason=ORDER)
elementwise(sp.chdtri, None, lambda y, v, p: np.divide(-2.0, gamma_density(0.5 * v, 0.5 * y)), reason=ORDER)
elementwise(sp.gdtr,   lambda y, a, b, x: x * gamma_density(b, a * x), None,
                       lambda y, a, b, x: a * gamma_density(b, a * x), reason=ORDER)
elementwise(sp.gdtrc,  lambda y, a, b, x: -x * gamma_density(b, a * x), None,
                       lambda y, a, b, x: -a * gamma_density(b, a * x), reason=ORDER)
elementwise(sp.gdtria, lambda y, p, b, x: np.divide(1.0, x * gamma_density(b, y * x)), None,
                       lambda y, p, b, x: -y / x, reason=ORDER)
elementwise(sp.gdtrix, lambda y, a, b, p: -y / a, None,
                       lambda y, a, b, p: np.divide(1.0, a * gamma_density(b, a * y)), reason=ORDER)
elementwise(sp.fdtr,   None, None, lambda y, m, n, x: f_density(m, n, x), reason=ORDER)
elementwise(sp.fdtrc,  None, None, lambda y, m, n, x: -f_density(m, n, x), reason=ORDER)
elementwise(sp.fdtri,  None, None, lambda y, m, n, p: np.divide(1.0, f_density(m, n, y)), reason=ORDER)
elementwise(sp.stdtr,  None, lambda y, n, t: t_density(n, t), reason=ORDER)
elementwise(sp.stdtrit, None, lambda y, n, p: np.divide(1.0, t_density(n, y)), reason=ORDER)
# ── noncentral: ∂/∂nc of F(x; df, nc) is −f(x; df + 2, nc) ──
elementwise(sp.chndtr, lambda y, x, df, nc: noncentral_density(x, df, nc), None,
                       lambda y, x, df, nc: -noncentral_density(x, df + 2.0, nc), reason=ORDER)
elementwise(sp.chndtrix, lambda y, p, df, nc: np.divide(1.0, noncentral_density(y, df, nc)), None,
                         lambda y, p, df, nc: noncentral_density(y, df + 2.0, nc) / noncentral_density(y, df, nc), reason=ORDER)
elementwise(sp.chndtrinc, lambda y, x, df, p: noncentral_density(x, df, y) / noncentral_density(x, df + 2.0, y), None,
                          lambda y, x, df, p: np.divide(-1.0, noncentral_density(x, df + 2.0, y)), reason=ORDER)
elementwise(sp.ncfdtr, None, None, None, lambda y, m, n, nc, f: scu._ncf_pdf(f, m, n, nc), reason=ORDER)
elementwise(sp.ncfdtri, None, None, None, lambda y, m, n, nc, p: np.divide(1.0, scu._ncf_pdf(y, m, n, nc)), reason=ORDER)
elementwise(sp.nctdtr, None, None, lambda y, df, nc, t: scu._nct_pdf(t, df, nc), reason=ORDER)
elementwise(sp.nctdtrit, None, None, lambda y, df, nc, p: np.divide(1.0, scu._nct_pdf(y, df, nc)), reason=ORDER)
# ── Kolmogorov and Smirnov, Tukey's λ ──
elementwise(sp.kolmogorov, lambda y, x: scu._kolmogp(x))
elementwise(sp.kolmogi,    lambda y, p: np.divide(1.0, scu._kolmogp(y)))
elementwise(sp.smirnov,    None, lambda y, n, d: scu._smirnovp(n, d), reason=ORDER)
elementwise(sp.smirnovi,   None, lambda y, n, p: np.divide(1.0, scu._smirnovp(n, y)), reason=ORDER)
elementwise(sp.tklmbda,    lambda y, x, shape: np.divide(1.0, _tukey(y, shape)), None, reason=ORDER)
# ── densities ──
elementwise(scu._beta_pdf, lambda y, x, a, b: y * (np.divide(a - 1.0, x) - np.divide(b - 1.0, 1.0 - x)),
                           lambda y, x, a, b: y * (np.log(x) + digamma_gain(a, b)),
                           lambda y, x, a, b: y * (np.log1p(-x) + digamma_gain(b, a)))
elementwise(scu._ncx2_pdf, lambda y, x, df, nc: 0.5 * (scu._ncx2_pdf(x, df - 2.0, nc) - y), None,
                           lambda y, x, df, nc: 0.5 * (scu._ncx2_pdf(x, df + 2.0, nc) - y), reason=ORDER)
# ── no parameter of these inverses has a derivative in closed form ──
for _op in (
    sp.bdtrik, sp.bdtrin, sp.nbdtrik, sp.nbdtrin, sp.btdtria, sp.btdtrib, sp.chndtridf, sp.gdtrib, sp.fdtridfd, sp.pdtrik,
    sp.chdtriv, sp.stdtridf, sp.ncfdtridfd, sp.ncfdtridfn, sp.ncfdtrinc, sp.nctdtridf, sp.nctdtrinc,
):
    elementwise(_op, *(None,) * _op.nin, reason=ORDER)
# fmt: on
