"""Noncentral t and F: derivatives in the point and the noncentrality, to any order; degrees of freedom are refused.

Noncentral t is (Z + μ)/S with νS² ~ χ²_ν. With e_k(x) = E[Sᵏ φ(xS − μ)] its density is f = e₁, and

    ∂F/∂μ = −e₀,    ∂f/∂μ = x e₂ − μ f,    ∂f/∂x = μ e₂ − x e₃,

where e₂ and e₃ are densities of ν + 1 and ν + 2 degrees of freedom, for Sᵏ times the density of S is one of S again,
and ν e₀ = (ν + x²) e₂ − xμ f by parts.

Noncentral F is a Poisson mixture, Σ_j w_j(λ) of Beta(m/2 + j, n/2) in y = mx/(mx + n). Since w_j' = (w_{j−1} − w_j)/2,
and j w_j = (λ/2) w_{j−1}, its derivatives are values of itself with m + 2 at the same y, x m/(m + 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_calls import ORDER
from wengert.rules.special_distributions import scu
from wengert.rules.special_gamma import sp
from wengert.rules.table import elementwise

# ── t ──


def t_density(x: Any, df: Any, nc: Any) -> Any:
    """f."""
    return scu._nct_pdf(x, df, nc)


def _e2(x: Any, df: Any, nc: Any) -> Any:
    size = np.exp(sp.gammaln(0.5 * df + 0.5) - sp.gammaln(0.5 * df)) * np.sqrt(2.0 * (df + 1.0)) / df
    return size * t_density(x * np.sqrt(1.0 + 1.0 / df), df + 1.0, nc)


def _e3(x: Any, df: Any, nc: Any) -> Any:
    size = np.sqrt(1.0 + 2.0 / df)
    return size * t_density(x * size, df + 2.0, nc)


def _e0(x: Any, df: Any, nc: Any) -> Any:
    return ((df + x * x) * _e2(x, df, nc) - x * nc * t_density(x, df, nc)) / df


# fmt: off
elementwise(scu._nct_pdf, lambda y, x, df, nc: nc * _e2(x, df, nc) - x * _e3(x, df, nc), None,
                          lambda y, x, df, nc: x * _e2(x, df, nc) - nc * y, reason=ORDER)
elementwise(sp.nctdtr,    None, lambda y, df, nc, t: -_e0(t, df, nc), lambda y, df, nc, t: t_density(t, df, nc),
                          reason=ORDER)
elementwise(scu._nct_sf,  lambda y, x, df, nc: -t_density(x, df, nc), None, lambda y, x, df, nc: _e0(x, df, nc),
                          reason=ORDER)
elementwise(sp.nctdtrit,  None, lambda y, df, nc, p: _e0(y, df, nc) / t_density(y, df, nc),
                          lambda y, df, nc, p: np.divide(1.0, t_density(y, df, nc)), reason=ORDER)
elementwise(scu._nct_isf, lambda y, p, df, nc: np.divide(-1.0, t_density(y, df, nc)), None,
                          lambda y, p, df, nc: _e0(y, df, nc) / t_density(y, df, nc), reason=ORDER)
# fmt: on

# ── F ──


def f_density(x: Any, m: Any, n: Any, nc: Any) -> Any:
    """f."""
    return scu._ncf_pdf(x, m, n, nc)


def _raised(x: Any, m: Any, n: Any, nc: Any) -> Any:
    """The density with m + 2 at the same y."""
    scale = m / (m + 2.0)
    return scale * f_density(x * scale, m + 2.0, n, nc)


def _by_point(f: Any, x: Any, m: Any, n: Any, nc: Any) -> Any:
    whole = m * x + n
    return (f * ((0.5 * m - 1.0) * n / x - m * (0.5 * n + 1.0)) + 0.5 * nc * n / x * _raised(x, m, n, nc)) / whole


def _less(x: Any, m: Any, n: Any, nc: Any) -> Any:
    """−∂F/∂λ."""
    return 0.5 * (sp.ncfdtr(m, n, nc, x) - sp.ncfdtr(m + 2.0, n, nc, x * m / (m + 2.0)))


# fmt: off
elementwise(scu._ncf_pdf, lambda y, x, m, n, nc: _by_point(y, x, m, n, nc), None, None,
                          lambda y, x, m, n, nc: 0.5 * (_raised(x, m, n, nc) - y), reason=ORDER)
elementwise(sp.ncfdtr,    None, None, lambda y, m, n, nc, f: -_less(f, m, n, nc),
                          lambda y, m, n, nc, f: f_density(f, m, n, nc), reason=ORDER)
elementwise(scu._ncf_sf,  lambda y, x, m, n, nc: -f_density(x, m, n, nc), None, None,
                          lambda y, x, m, n, nc: _less(x, m, n, nc), reason=ORDER)
elementwise(sp.ncfdtri,   None, None, lambda y, m, n, nc, p: _less(y, m, n, nc) / f_density(y, m, n, nc),
                          lambda y, m, n, nc, p: np.divide(1.0, f_density(y, m, n, nc)), reason=ORDER)
elementwise(scu._ncf_isf, lambda y, p, m, n, nc: np.divide(-1.0, f_density(y, m, n, nc)), None, None,
                          lambda y, p, m, n, nc: _less(y, m, n, nc) / f_density(y, m, n, nc), reason=ORDER)
# fmt: on
