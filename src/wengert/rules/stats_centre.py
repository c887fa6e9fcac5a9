"""Distributions that are smooth at their centre, where SciPy's formula for them reads |x| or the sign of x.

The kinks of such a formula cancel in the function, not in its derivatives, for which |x| is flat at 0: these have rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats as _stats

from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.swap import METHODS
from wengert.rules.partials import with_partials
from wengert.rules.special_gamma import gamma_density, sp
from wengert.rules.special_gamma_shape import by_shape
from wengert.rules.trig import turn

st: Any = _stats
_LOG_PI = float(np.log(np.pi))


@with_partials(lambda y, x: -2.0 * turn(1.0, x), name="cauchy.logpdf")
def _cauchy(x: Any) -> Any:
    size = np.abs(x)
    near = np.less(size, 1)
    inner, outer = np.where(near, size, 0.5), np.where(near, 2.0, size)
    return np.where(near, -_LOG_PI - np.log1p(inner**2), -_LOG_PI - (2 * np.log(outer) + np.log1p((1 / outer) ** 2)))


@with_partials(lambda y, x: -np.tanh(0.5 * x), name="logistic.logpdf")
def _logistic(x: Any) -> Any:
    y = -np.abs(x)
    return y - 2.0 * sp.log1p(np.exp(y))


@with_partials(
    lambda y, x, c: c * sp.expit(-x) - sp.expit(x),
    lambda y, x, c: 1.0 / c + sp.log_expit(x),
    name="genlogistic.logpdf",
)
def _genlogistic(x: Any, c: Any) -> Any:
    size = np.abs(x)
    return np.log(c) + (-(c - 1) * (x < 0) - 1) * size - (c + 1) * sp.log1p(np.exp(-size))


@with_partials(
    lambda y, x, b: 0.5 * b * sp.rgamma(1.0 / b) * np.exp(-np.power(np.abs(x), b)),
    lambda y, x, b: _gennorm_shape(x, b),
    name="gennorm.cdf",
)
def _gennorm(x: Any, b: Any) -> Any:
    c = 0.5 * np.sign(x)
    return (0.5 + c) - c * sp.gammaincc(1.0 / b, np.abs(x) ** b)


def _gennorm_shape(x: Any, b: Any) -> Any:
    """∂/∂β of ½ + ½ sign(x) P(1/β, |x|^β); at 0, x times the slope of the density there, β / 2Γ(1/β)."""
    centre = np.equal(x, 0)
    size = np.abs(np.where(centre, 1.0, x))
    u = np.power(size, b)
    in_shape = -by_shape(1, 1.0 / b, u) / np.square(b)
    aside = 0.5 * np.sign(x) * (in_shape + gamma_density(1.0 / b, u) * u * np.log(size))
    return np.where(centre, 0.5 * x * sp.rgamma(1.0 / b) * (1.0 + sp.psi(1.0 / b) / b), aside)


@with_partials(
    lambda y, p, b: _gennorm_spread(y, b),
    lambda y, p, b: -_gennorm_shape(y, b) * _gennorm_spread(y, b),
    name="gennorm.ppf",
)
def _gennorm_ppf(p: Any, b: Any) -> Any:
    c = np.sign(p - 0.5)
    return c * sp.gammainccinv(1.0 / b, (1.0 + c) - 2.0 * c * p) ** (1.0 / b)


def _gennorm_spread(x: Any, b: Any) -> Any:
    """1 / density."""
    return 2.0 / b * sp.gamma(1.0 / b) * np.exp(np.power(np.abs(x), b))


def _weibull_slope(y: Any, x: Any, c: Any) -> Any:
    size = np.abs(x)
    return 0.5 * c * np.power(size, c - 1.0) * np.exp(-np.power(size, c))


def _weibull_shape(y: Any, x: Any, c: Any) -> Any:
    u = np.power(np.abs(x), c)
    return 0.5 * np.sign(x) * np.exp(-u) * sp.xlogy(u, np.abs(x))


@with_partials(_weibull_slope, _weibull_shape, name="dweibull.cdf")
def _dweibull(x: Any, c: Any) -> Any:
    half = 0.5 * np.exp(-(np.abs(x) ** c))
    return np.where(x > 0, 1 - half, half)


@with_partials(lambda y, x, c: -_weibull_slope(y, x, c), lambda y, x, c: -_weibull_shape(y, x, c), name="dweibull.sf")
def _dweibull_sf(x: Any, c: Any) -> Any:
    half = 0.5 * np.exp(-(np.abs(x) ** c))
    return np.where(x > 0, half, 1 - half)


def _gennorm_moment(n: Any, b: Any) -> Any:
    """E xⁿ = Γ((n + 1)/b)/Γ(1/b) for even n; SciPy gives a list to gammaln."""
    return np.exp(sp.gammaln((n + 1.0) / b) - sp.gammaln(1.0 / b)) * (n % 2 == 0)


def _gennorm_stats(b: Any) -> Any:
    c1, c3, c5 = sp.gammaln(1.0 / b), sp.gammaln(3.0 / b), sp.gammaln(5.0 / b)
    return 0.0, np.exp(c3 - c1), 0.0, np.exp(c5 + c1 - 2.0 * c3) - 3.0


CALLED_BY = frozenset({
    "pdf", "logpdf", "cdf", "logcdf", "sf", "logsf", "nnlf", "expect", "_logpdf", "_cdf", "_sf",
    "stats", "moment", "mean", "var", "std", "ppf", "isf", "median", "interval", "_ppf", "_isf",
})  # fmt: skip
CENTRES = [
    (st.cauchy, "_logpdf", _cauchy),
    (st.logistic, "_logpdf", _logistic),
    (st.genlogistic, "_logpdf", _genlogistic),
    (st.gennorm, "_cdf", _gennorm),
    (st.gennorm, "_ppf", _gennorm_ppf),
    (st.gennorm, "_munp", _gennorm_moment),
    (st.gennorm, "_stats", _gennorm_stats),
    (st.dweibull, "_cdf", _dweibull),
    (st.dweibull, "_sf", _dweibull_sf),
]


def _with_row(original: Any, ours: Any) -> Any:
    def method(self: Any, *args: Any) -> Any:
        return ours(*args) if any_recorded(args) else original(self, *args)

    method.__name__, method.__doc__ = original.__name__, original.__doc__
    return method


for _distribution, _name, _ours in CENTRES:
    _kind = type(_distribution)
    MADE_BY[_kind] = CALLED_BY
    METHODS.append((_kind, _name, getattr(_kind, _name), _with_row(getattr(_kind, _name), _ours)))
