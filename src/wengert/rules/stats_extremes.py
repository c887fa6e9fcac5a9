"""Distributions of extreme values at shape 0, where SciPy's code takes a branch of its own.

They are smooth in their shape there. With r(z) = log(1 + z)/z and e(z) = (eᶻ − 1)/z, whose rows hold at 0,

    genpareto     log f = −(c + 1) x r(c x),     log (1 − F) = −x r(c x)
    genextreme    log(−log F) = l = −x r(−c x),   log f = −eˡ + l − log(1 − c x),   F⁻¹ = t e(−c t)
    kappa4        log F = m = −eˡ r(−h eˡ),       log f = l − log(1 − k x) + m − log(1 − h eˡ),   with k for c in l

are what the derivatives come from; the values are SciPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats as _stats

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS
from wengert.record.value import stopped
from wengert.rules.series import log_ratio
from wengert.rules.solved import renewed, still
from wengert.rules.special_gamma import sp

st: Any = _stats


def _pareto_density(x: Any, c: Any) -> Any:
    return -(c + 1.0) * x * log_ratio(c * x)


def _pareto_tail(x: Any, c: Any) -> Any:
    return -x * log_ratio(c * x)


def _extreme(x: Any, c: Any) -> Any:
    return -x * log_ratio(-c * x)


def _extreme_density(x: Any, c: Any) -> Any:
    low = _extreme(x, c)
    return -np.exp(low) + low - np.log1p(-c * x)


def _extreme_quantile(q: Any, c: Any) -> Any:
    t = -np.log(-np.log(q))
    return t * sp.exprel(-c * t)


def _extreme_upper(q: Any, c: Any) -> Any:
    t = -np.log(-sp.log1p(-q))
    return t * sp.exprel(-c * t)


def _kappa(x: Any, h: Any, k: Any) -> Any:
    u = np.exp(_extreme(x, k))
    return -u * log_ratio(-h * u)


def _kappa_density(x: Any, h: Any, k: Any) -> Any:
    low = _extreme(x, k)
    return low - np.log1p(-k * x) + _kappa(x, h, k) - np.log1p(-h * np.exp(low))


def _kappa_quantile(q: Any, h: Any, k: Any) -> Any:
    log_q = np.log(q)
    w = np.log(-log_q * sp.exprel(h * log_q))
    return -w * sp.exprel(k * w)


def _skew_log_density(x: Any, a: Any) -> Any:
    return np.log(2.0) - 0.5 * (x * x + np.log(2.0 * np.pi)) + sp.log_ndtr(a * x)


def _truncated_moment(n: Any, b: Any, c: Any) -> Any:
    """∫₁ᶜ xⁿ⁻ᵇ⁻¹ dx · b/(1 − c⁻ᵇ)."""
    log_c = np.log(c)
    return -b * log_c * sp.exprel((n - b) * log_c) / np.expm1(-b * log_c)


CALLED_BY = frozenset({
    "pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf", "nnlf", "expect", "fit", "median", "interval",
    "pmf", "logpmf",
    "stats", "mean", "var", "std", "moment", "getattr", "attrgetter", "methodcaller",
})  # fmt: skip
"""The names by which code reaches the methods; those of functions that take a name as text among them."""
SMOOTH: list[tuple[Any, str, Callable[..., Any]]] = [
    (st.kappa4, "_logpdf", _kappa_density),
    (st.kappa4, "_logcdf", _kappa),
    (st.kappa4, "_ppf", _kappa_quantile),
    (st.skewnorm, "_pdf", lambda x, a: np.exp(_skew_log_density(x, a))),
    (st.skewnorm, "_logpdf", _skew_log_density),
    (st.truncpareto, "_munp", _truncated_moment),
    (st.genpareto, "_logpdf", _pareto_density),
    (st.genpareto, "_logsf", _pareto_tail),
    (st.genextreme, "_loglogcdf", _extreme),
    (st.genextreme, "_logpdf", _extreme_density),
    (st.genextreme, "_ppf", _extreme_quantile),
    (st.genextreme, "_isf", _extreme_upper),
]


def _smoothly(original: Any, formula: Callable[..., Any]) -> Any:
    def method(self: Any, x: Any, *shapes: Any) -> Any:
        if not any_recorded((x, shapes)):
            return original(self, x, *shapes)
        plain = original(self, still(x), *map(still, shapes))
        with np.errstate(divide="ignore", invalid="ignore"):  # at the end of the support
            y = formula(x, *shapes)
        finite = np.isfinite(stopped(plain))
        if np.all(finite):
            return renewed(plain, y)
        return np.where(finite, renewed(np.where(finite, plain, 0.0), np.where(finite, y, 0.0)), plain)

    return method


def swap_in(distribution: Any, name: str, of: Callable[[Any], Any]) -> None:
    """Let of(original) stand for a method of the distribution's class while recording."""
    kind = type(distribution)
    original = getattr(kind, name)
    method = of(original)
    method.__name__, method.__doc__ = original.__name__, original.__doc__
    MADE_BY[kind] = CALLED_BY
    METHODS.append((kind, name, original, method))


for _distribution, _name, _formula in SMOOTH:
    swap_in(_distribution, _name, lambda original, formula=_formula: _smoothly(original, formula))
