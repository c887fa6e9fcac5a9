"""Distributions of extreme values at shape 0, where SciPy's code takes a branch of its own.

They are smooth in their shape there. With r(z) = log(1 + z)/z and e(z) = (eᶻ − 1)/z, whose rows hold at 0,

    genpareto     log f = −(c + 1) x r(c x),     log (1 − F) = −x r(c x)
    genextreme    log(−log F) = l = −x r(−c x),   log f = −eˡ + l − log(1 − c x),   F⁻¹ = t e(−c t)

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


CALLED_BY = frozenset({
    "pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "ppf", "isf", "nnlf", "expect", "fit", "median", "interval",
})  # fmt: skip
SMOOTH: list[tuple[Any, str, Callable[[Any, Any], Any]]] = [
    (st.genpareto, "_logpdf", _pareto_density),
    (st.genpareto, "_logsf", _pareto_tail),
    (st.genextreme, "_loglogcdf", _extreme),
    (st.genextreme, "_logpdf", _extreme_density),
    (st.genextreme, "_ppf", _extreme_quantile),
    (st.genextreme, "_isf", _extreme_upper),
]


def _smoothly(original: Any, formula: Callable[[Any, Any], Any]) -> Any:
    def method(self: Any, x: Any, c: Any) -> Any:
        if not any_recorded((x, c)):
            return original(self, x, c)
        plain = original(self, still(x), still(c))
        with np.errstate(divide="ignore", invalid="ignore"):  # at the end of the support
            y = formula(x, c)
        finite = np.isfinite(stopped(plain))
        if np.all(finite):
            return renewed(plain, y)
        return np.where(finite, renewed(np.where(finite, plain, 0.0), np.where(finite, y, 0.0)), plain)

    method.__name__, method.__doc__ = original.__name__, original.__doc__
    return method


for _distribution, _name, _formula in SMOOTH:
    _kind = type(_distribution)
    MADE_BY[_kind] = CALLED_BY
    METHODS.append((_kind, _name, getattr(_kind, _name), _smoothly(getattr(_kind, _name), _formula)))
