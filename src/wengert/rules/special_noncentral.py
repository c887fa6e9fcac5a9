"""Noncentral t and F: densities and distribution functions in their variable and noncentrality.

For T = (Z + μ)/√(V/ν), with Z normal and V of chi-squared with ν degrees, and u = √(V/ν):

    F = E Φ(tu − μ),    f = E u φ(tu − μ),    ∂F/∂μ = −E φ(tu − μ).

A factor V is a change of degrees, E_ν V g = ν E_{ν+2} g, and so is a factor √V: E_ν √V g = c_ν E_{ν+1} g with
c_ν = √2 Γ((ν+1)/2)/Γ(ν/2). So each expectation is a density of other degrees at another t.

Noncentral F is a mixture of central ones, with m + 2j degrees and the probabilities of Poisson's law of λ/2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_calls import ORDER
from wengert.rules.special_gamma import scu, sp
from wengert.rules.table import elementwise


def _root_mean(v: Any) -> Any:
    """c_ν."""
    return np.sqrt(2.0) * sp.poch(0.5 * v, 0.5)


def _next(t: Any, v: Any, c: Any) -> Any:
    """E_{ν+2} φ(tu − μ)."""
    return np.sqrt(v + 1.0) / _root_mean(v + 1.0) * scu._nct_pdf(t * np.sqrt((v + 1.0) / v), v + 1.0, c)


def _t_in_centre(t: Any, v: Any, c: Any) -> Any:
    """∂F/∂μ; for few degrees by E_ν φ = (1 + t²/ν) E_{ν+2} φ − tμ f/ν, from an integration by parts in V."""
    many = np.greater(v, 1.5)
    w = np.where(many, v, 2.0) - 1.0
    by_fewer = np.sqrt(w) / _root_mean(w) * scu._nct_pdf(t * np.sqrt(w / (w + 1.0)), w, c)
    by_more = (1.0 + t * t / v) * _next(t, v, c) - t * c / v * scu._nct_pdf(t, v, c)
    return -np.where(many, by_fewer, by_more)


def _t_slope(y: Any, t: Any, v: Any, c: Any) -> Any:
    """f′ = −E u² (tu − μ) φ."""
    s = np.sqrt((v + 2.0) / v)
    return c * _next(t, v, c) - t * s * scu._nct_pdf(t * s, v + 2.0, c)


def _more(f: Any, x: Any, m: Any, n: Any, c: Any) -> Any:
    """The function of m + 2 degrees, at the same place of the incomplete beta function."""
    return f(m * x / (m + 2.0), m + 2.0, n, c)


def _f_cdf(x: Any, m: Any, n: Any, c: Any) -> Any:
    return sp.ncfdtr(m, n, c, x)


def _f_in_centre(x: Any, m: Any, n: Any, c: Any) -> Any:
    """∂F/∂λ."""
    return 0.5 * (_more(_f_cdf, x, m, n, c) - _f_cdf(x, m, n, c))


def _f_density_in_centre(y: Any, x: Any, m: Any, n: Any, c: Any) -> Any:
    return 0.5 * (m / (m + 2.0) * _more(scu._ncf_pdf, x, m, n, c) - y)


def _f_slope(y: Any, x: Any, m: Any, n: Any, c: Any) -> Any:
    """By Σ pⱼ j βⱼ = λ/2 Σ pⱼ βⱼ₊₁, for the mixture in mx/(n + mx)."""
    at_end = np.equal(x, 0) & np.greater(m, 2)
    away = np.where(at_end, 1.0, x)
    raised = (0.5 * m - 1.0) * y + 0.5 * c * m / (m + 2.0) * _more(scu._ncf_pdf, x, m, n, c)
    slope = n / (away * (n + m * away)) * raised - (0.5 * n + 1.0) * m / (n + m * away) * y
    return np.where(at_end, _f_slope_by_fewer(y, x, np.where(at_end, m, 4.0), n, c), slope)[()]


def _f_slope_by_fewer(y: Any, x: Any, m: Any, n: Any, c: Any) -> Any:
    """Without a division by x, for m > 2: (a − 1) βₐ(z)/z = (a + b − 1) βₐ₋₁(z) for the density of the beta law."""
    rate, grown = m / n, 1.0 + m * x / n
    at_end = np.where(m < 4, np.inf, np.where(np.equal(m, 4), np.exp(-0.5 * c), 0.0))
    fewer = scu._ncf_pdf(m * x / (m - 2.0), m - 2.0, n, c) + np.where(np.equal(x, 0), at_end, 0.0)  # SciPy's is 0 there
    own = 0.5 * c / np.square(grown) - (0.5 * n + 1.0) / grown
    return rate * own * y + rate * m / (m - 2.0) * (0.5 * (m + n) - 1.0) / np.square(grown) * fewer


# fmt: off
elementwise(scu._nct_pdf, lambda y, t, v, c: _t_slope(y, t, v, c), None,
                          lambda y, t, v, c: t * _next(t, v, c) - c * y, reason=ORDER)
elementwise(sp.nctdtr,    None, lambda y, v, c, t: _t_in_centre(t, v, c), lambda y, v, c, t: scu._nct_pdf(t, v, c),
                          reason=ORDER)
elementwise(sp.nctdtrit,  None, lambda y, v, c, p: -_t_in_centre(y, v, c) / scu._nct_pdf(y, v, c),
                          lambda y, v, c, p: np.divide(1.0, scu._nct_pdf(y, v, c)), reason=ORDER)
elementwise(scu._nct_sf,  lambda y, t, v, c: -scu._nct_pdf(t, v, c), None, lambda y, t, v, c: -_t_in_centre(t, v, c),
                          reason=ORDER)
elementwise(scu._nct_isf, lambda y, p, v, c: np.divide(-1.0, scu._nct_pdf(y, v, c)), None,
                          lambda y, p, v, c: -_t_in_centre(y, v, c) / scu._nct_pdf(y, v, c), reason=ORDER)
elementwise(scu._ncf_pdf, lambda y, x, m, n, c: _f_slope(y, x, m, n, c), None, None,
                          lambda y, x, m, n, c: _f_density_in_centre(y, x, m, n, c), reason=ORDER)
elementwise(sp.ncfdtr,    None, None, lambda y, m, n, c, x: _f_in_centre(x, m, n, c),
                          lambda y, m, n, c, x: scu._ncf_pdf(x, m, n, c), reason=ORDER)
elementwise(sp.ncfdtri,   None, None, lambda y, m, n, c, p: -_f_in_centre(y, m, n, c) / scu._ncf_pdf(y, m, n, c),
                          lambda y, m, n, c, p: np.divide(1.0, scu._ncf_pdf(y, m, n, c)), reason=ORDER)
elementwise(scu._ncf_sf,  lambda y, x, m, n, c: -scu._ncf_pdf(x, m, n, c), None, None,
                          lambda y, x, m, n, c: -_f_in_centre(x, m, n, c), reason=ORDER)
elementwise(scu._ncf_isf, lambda y, p, m, n, c: np.divide(-1.0, scu._ncf_pdf(y, m, n, c)), None, None,
                          lambda y, p, m, n, c: -_f_in_centre(y, m, n, c) / scu._ncf_pdf(y, m, n, c), reason=ORDER)
# fmt: on
