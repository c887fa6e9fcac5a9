"""Distribution functions and their inverses: the density in x, and what follows from it; shapes are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import _ufuncs  # type: ignore[attr-defined]

from wengert.rules import special_beta_shape as special_beta_shape
from wengert.rules import special_noncentral as special_noncentral
from wengert.rules.special_calls import ORDER, in_last
from wengert.rules.special_elementary import boxcox_slope
from wengert.rules.special_gamma import beta_density, beta_in_x, digamma_gain, gamma_density, sp
from wengert.rules.special_gamma_shape import by_shape
from wengert.rules.special_inverses import GAMMA_ABOVE, gamma_moved
from wengert.rules.special_kolmogorov import kolmogorov_bend
from wengert.rules.table import elementwise

scu: Any = _ufuncs


def noncentral_density(x: Any, df: Any, nc: Any) -> Any:
    """Of noncentral chi-squared."""
    return scu._ncx2_pdf(x, df, nc)


def noncentral_slope(y: Any, x: Any, df: Any, nc: Any) -> Any:
    """(f(x; df − 2, nc) − f)/2, with f(x; df − 2) = (nc/x) f(x; df + 2) + ((df − 2)/x) f: it has none at df = 2.

    The identity is I_(v−1)(z) = I_(v+1)(z) + (2v/z) I_v(z), for f = e^(−(x+nc)/2) (x/nc)^(v/2) I_v(√(nc x))/2 and
    v = df/2 − 1.
    """
    small = (df > 0) & (df <= 4.0) & (x > 0)
    over = np.where(x > 0, x, 1.0)
    near = nc / over * noncentral_density(x, df + 2.0, nc) + (df - 2.0) / over * y
    return 0.5 * (np.where(small, near, noncentral_density(x, np.where(small, 4.0, df - 2.0), nc)) - y)


def binomial(k: Any, n: Any, p: Any) -> Any:
    """d/dp of P(X > k): the density of Beta(k + 1, n − k); none where the sum is full or empty."""
    whole = np.floor(k)
    live = (whole >= 0) & (n - whole > 0)
    return np.where(live, beta_density(np.where(live, whole + 1.0, 1.0), np.where(live, n - whole, 1.0), p), 0.0)


def negative_binomial(k: Any, n: Any, p: Any) -> Any:
    return beta_density(n, np.floor(k) + 1.0, p)


def _poisson(k: Any, m: Any) -> Any:
    return gamma_density(np.floor(k) + 1.0, m)


def _tukey(p: Any, x: Any, shape: Any) -> Any:
    """dx/dp of x = (p^λ − q^λ)/λ, q = 1 − p, which is p at −x."""
    return np.power(p, shape - 1.0) + np.power(sp.tklmbda(-x, shape), shape - 1.0)


def _tukey_shape(p: Any, x: Any, shape: Any) -> Any:
    """∂p/∂λ at fixed x, of the difference of two Box-Cox transforms."""
    inside = (p > 0) & (p < 1)
    lower, upper = (np.where(inside, part, 0.5) for part in (p, sp.tklmbda(-x, shape)))
    moved = boxcox_slope(lower, shape, np.log(lower)) - boxcox_slope(upper, shape, np.log(upper))
    return np.where(inside, -moved / (np.power(lower, shape - 1.0) + np.power(upper, shape - 1.0)), 0.0)


def _inside(p: Any) -> Any:
    """1.0 inside the support, where 0 < p < 1."""
    return np.where((p > 0) & (p < 1), 1.0, 0.0)


def _per_noncentrality(x: Any, df: Any, nc: Any) -> Any:
    """1/f(x; df + 2, nc), where a noncentrality was found."""
    return np.where(nc > 1e-300, np.divide(1.0, noncentral_density(x, df + 2.0, nc)), 0.0)


# fmt: off
# ── binomial, negative binomial, Poisson: in p and m; the count is a step function; SciPy truncates n ──
in_last(sp.bdtr,   lambda y, k, n, p: -binomial(k, np.trunc(n), p))
in_last(sp.bdtrc,  lambda y, k, n, p: binomial(k, np.trunc(n), p))
in_last(sp.bdtri,  lambda y, k, n, q: np.divide(-1.0, binomial(k, np.trunc(n), y)))
in_last(sp.nbdtr,  lambda y, k, n, p: negative_binomial(k, np.trunc(n), p))
in_last(sp.nbdtrc, lambda y, k, n, p: -negative_binomial(k, np.trunc(n), p))
in_last(sp.nbdtri, lambda y, k, n, q: np.divide(1.0, negative_binomial(k, np.trunc(n), y)))
in_last(sp.pdtr,   lambda y, k, m: -_poisson(k, m))
in_last(sp.pdtrc,  lambda y, k, m: _poisson(k, m))
in_last(sp.pdtri,  lambda y, k, q: np.divide(-1.0, _poisson(k, y)))
# ── chi-squared, gamma ──
elementwise(sp.chdtr,  lambda y, v, x: 0.5 * by_shape(1, 0.5 * v, 0.5 * x),
                       lambda y, v, x: 0.5 * gamma_density(0.5 * v, 0.5 * x))
elementwise(sp.chdtrc, lambda y, v, x: -0.5 * by_shape(1, 0.5 * v, 0.5 * x),
                       lambda y, v, x: -0.5 * gamma_density(0.5 * v, 0.5 * x))
elementwise(sp.chdtri, lambda y, v, p: gamma_moved(0.5 * y, 0.5 * v),
                       lambda y, v, p: 2.0 * GAMMA_ABOVE(0.5 * v, p))
elementwise(sp.gdtr,   lambda y, a, b, x: x * gamma_density(b, a * x), lambda y, a, b, x: by_shape(1, b, a * x),
                       lambda y, a, b, x: a * gamma_density(b, a * x), reason=ORDER)
elementwise(sp.gdtrc,  lambda y, a, b, x: -x * gamma_density(b, a * x), lambda y, a, b, x: -by_shape(1, b, a * x),
                       lambda y, a, b, x: -a * gamma_density(b, a * x), reason=ORDER)
# ── noncentral: ∂/∂nc of F(x; df, nc) is −f(x; df + 2, nc) ──
elementwise(sp.chndtr, lambda y, x, df, nc: noncentral_density(x, df, nc), None,
                       lambda y, x, df, nc: -noncentral_density(x, df + 2.0, nc), reason=ORDER)
elementwise(sp.chndtrix, lambda y, p, df, nc: np.divide(1.0, noncentral_density(y, df, nc)), None,
                         lambda y, p, df, nc: noncentral_density(y, df + 2.0, nc) / noncentral_density(y, df, nc),
                         reason=ORDER)
# (where no noncentrality gives p, SciPy returns its smallest: constant)
elementwise(sp.chndtrinc, lambda y, x, df, p: noncentral_density(x, df, y) * _per_noncentrality(x, df, y), None,
                          lambda y, x, df, p: -_per_noncentrality(x, df, y), reason=ORDER)
# ── Kolmogorov and Smirnov, Tukey's λ ──
elementwise(sp.kolmogorov, lambda y, x: scu._kolmogp(x))
elementwise(scu._kolmogp,  lambda y, x: kolmogorov_bend(x))
elementwise(sp.kolmogi,    lambda y, p: np.divide(1.0, scu._kolmogp(y)))
in_last(sp.smirnov,    lambda y, n, d: scu._smirnovp(n, d))
in_last(sp.smirnovi,   lambda y, n, p: np.divide(1.0, scu._smirnovp(n, y)))
elementwise(sp.tklmbda,    lambda y, x, shape: _inside(y) * np.divide(1.0, _tukey(y, x, shape)), _tukey_shape)
# ── densities ──
elementwise(scu._beta_pdf, beta_in_x,
                           lambda y, x, a, b: sp.xlogy(y, x) + y * digamma_gain(a, b),
                           lambda y, x, a, b: sp.xlog1py(y, -x) + y * digamma_gain(b, a))
elementwise(scu._ncx2_pdf, lambda y, x, df, nc: noncentral_slope(y, x, df, nc), None,
                           lambda y, x, df, nc: 0.5 * (scu._ncx2_pdf(x, df + 2.0, nc) - y), reason=ORDER)
# ── the count k of Q(k + 1, m) = p, 0 where that is negative ──
elementwise(sp.pdtrik, lambda y, p, m: np.where(np.greater(y, 0), np.divide(-1.0, by_shape(1, y + 1.0, m)), 0.0),
                       lambda y, p, m: np.where(np.greater(y, 0), gamma_density(y + 1.0, m), 0.0)
                       / -by_shape(1, y + 1.0, m))
# ── no parameter of these inverses has a derivative in closed form ──
for _op in (
    sp.chndtridf, sp.ncfdtridfd, sp.ncfdtridfn, sp.ncfdtrinc, sp.nctdtridf, sp.nctdtrinc,
):
    elementwise(_op, *(None,) * _op.nin, reason=ORDER)
# fmt: on
