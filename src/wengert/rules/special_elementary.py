"""Exponentials, logarithms, entropies, powers and losses: elementary functions with care at the edges."""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np
import scipy.special as _special

from wengert.rules.partials import unit, with_partials
from wengert.rules.special_calls import lifted, piecewise, series
from wengert.rules.table import constant, elementwise

sp: Any = _special
_LN2, _LN10, _DEGREE = float(np.log(2.0)), float(np.log(10.0)), float(np.pi / 180.0)


def exprel_slope(t: Any) -> Any:
    """exprel′(t) = (t eᵗ − (eᵗ − 1)) / t² = Σ tᵏ / (k! (k + 2))."""
    small = [1.0 / (factorial(k) * (k + 2)) for k in range(18)]
    return piecewise(np.abs(t) < 0.5, t, 1.0, lambda u: series(u, small), lambda u: (np.exp(u) - sp.exprel(u)) / u)


def log1p_defect(s: Any) -> Any:
    """(s/(1 + s) − log(1 + s)) / s² = Σ (−1)ᵏ⁺¹ (k + 1)/(k + 2) sᵏ."""
    small = [(-1.0) ** (k + 1) * (k + 1) / (k + 2) for k in range(24)]
    return piecewise(
        np.abs(s) < 0.15, s, 1.0, lambda u: series(u, small), lambda u: (u / (1.0 + u) - np.log1p(u)) / (u * u)
    )


def log_quotient(z: Any) -> Any:
    """log(z) / (z − 1) = Σ (1 − z)ᵏ / (k + 1)."""
    small = [1.0 / (k + 1) for k in range(20)]
    return piecewise(np.abs(z - 1.0) < 0.1, z, 2.0, lambda u: series(1.0 - u, small), lambda u: np.log(u) / (u - 1.0))


def _log_ratio(x: Any, y: Any) -> Any:
    """log(x/y), also where x/y overflows."""
    ratio = np.divide(x, y)
    return np.where((ratio == 0) | np.isinf(ratio), np.log(x) - np.log(y), np.log(ratio))


def _share(a: Any, b: Any) -> Any:
    """a/b, but 0 where both are 0: only there, since its slope 1/b at a = 0 is a second derivative."""
    return np.where(np.equal(a, 0) & np.equal(b, 0), 0.0, np.divide(a, b))


def boxcox_slope(x: Any, p: Any, log: Any) -> Any:
    """d/dλ of log x · exprel(λ log x); at x = 0, of −1/λ."""
    edge = np.equal(x, 0) & np.greater(p, 0)
    log = np.where(edge, 0.0, log)
    return np.where(edge, 1.0 / np.where(edge, p * p, 1.0), log**2 * exprel_slope(p * log))


# ── the pseudo-Huber loss, δ(h − δ) with h = √(δ² + r²): sine, cosine and 1 − cosine of an angle ──


def _sine(d: Any, r: Any) -> Any:
    return unit(r, np.hypot(d, r))


@with_partials(
    lambda y, d, r: -unit(np.square(_sine(d, r)), np.hypot(d, r)),
    lambda y, d, r: unit(_sine(d, r) * _sine(r, d), np.hypot(d, r)),
)
def _rise(d: Any, r: Any) -> Any:
    """(h − δ)/h."""
    return _sine(d, r) * unit(r, np.hypot(d, r) + d)


@with_partials(lambda y, d, r: _sine(d, r) ** 3, lambda y, d, r: _sine(r, d) ** 3)
def _bent(d: Any, r: Any) -> Any:
    """δ r / h."""
    return d * _sine(d, r)


# fmt: off
# ── exponentials and logarithms ──
elementwise(sp.expm1,      lambda y, x: np.exp(x))
elementwise(sp.log1p,      lambda y, x: np.divide(1.0, 1.0 + x))
elementwise(sp.exp2,       lambda y, x: y * _LN2)
elementwise(sp.exp10,      lambda y, x: y * _LN10)
elementwise(sp.exprel,     lambda y, x: exprel_slope(x))
elementwise(sp.cbrt,       lambda y, x: np.divide(1.0, 3.0 * y * y))
elementwise(sp.cosm1,      lambda y, x: -np.sin(x))
elementwise(sp.powm1,      lambda y, x, p: p * np.power(x, p - 1.0),
                           lambda y, x, p: np.where(np.equal(x, 0), 0.0, (y + 1.0) * np.log(x)))
# ── logistic ──
elementwise(sp.expit,      lambda y, x: y * sp.expit(-x))
elementwise(sp.log_expit,  lambda y, x: sp.expit(-x))
elementwise(sp.logit,      lambda y, x: np.divide(1.0, x * (1.0 - x)))
softplus = lifted(sp.softplus, lambda y, x: sp.expit(x), name="scipy.special.softplus")
# ── entropies: x log y and its like, 0 where x = 0 ──
elementwise(sp.xlogy,      lambda y, a, b: np.log(b),
                           lambda y, a, b: _share(a, b))
elementwise(sp.xlog1py,    lambda y, a, b: sp.log1p(b),
                           lambda y, a, b: _share(a, 1.0 + b))
elementwise(sp.entr,       lambda y, x: -np.log(x) - 1.0)
elementwise(sp.rel_entr,   lambda y, a, b: _log_ratio(a, b) + 1.0,
                           lambda y, a, b: -_share(a, b))
elementwise(sp.kl_div,     lambda y, a, b: _log_ratio(a, b),
                           lambda y, a, b: -_share(a, b) + 1.0)
# ── losses ──
elementwise(sp.huber,      lambda y, d, r: np.where(np.abs(r) <= d, 0.0, np.abs(r) - d),
                           lambda y, d, r: np.where(np.abs(r) <= d, r, d * np.sign(r)))
elementwise(sp.pseudo_huber, lambda y, d, r: np.hypot(d, r) * np.square(_rise(d, r)),
                           lambda y, d, r: _bent(d, r))
# ── power transforms: (x^λ − 1)/λ = log x · exprel(λ log x) ──
elementwise(sp.boxcox,     lambda y, x, p: np.power(x, p - 1.0),
                           lambda y, x, p: boxcox_slope(x, p, np.log(x)))
elementwise(sp.boxcox1p,   lambda y, x, p: np.exp((p - 1.0) * np.log1p(x)),
                           lambda y, x, p: boxcox_slope(1.0 + x, p, np.log1p(x)))
elementwise(sp.inv_boxcox, lambda y, x, p: y / (1.0 + p * x),
                           lambda y, x, p: y * x * x * log1p_defect(p * x))
elementwise(sp.inv_boxcox1p, lambda y, x, p: (1.0 + y) / (1.0 + p * x),
                           lambda y, x, p: (1.0 + y) * x * x * log1p_defect(p * x))
# ── degrees ──
elementwise(sp.sindg,      lambda y, x: _DEGREE * sp.cosdg(x))
elementwise(sp.cosdg,      lambda y, x: -_DEGREE * sp.sindg(x))
elementwise(sp.tandg,      lambda y, x: _DEGREE * (1.0 + y * y))
elementwise(sp.cotdg,      lambda y, x: -_DEGREE * (1.0 + y * y))
elementwise(sp.radian,     lambda y, d, m, s: _DEGREE,
                           lambda y, d, m, s: _DEGREE / 60.0,
                           lambda y, d, m, s: _DEGREE / 3600.0)
# fmt: on
constant(sp.round, sp.gammasgn)
