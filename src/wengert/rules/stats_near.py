"""Distributions near a shape at which SciPy's code has another, constant formula.

pearson3 is normal to first order in its skewness γ; what follows is Cornish and Fisher's expansion, to the second
order. The mean and variance of genextreme are integrals of polygamma functions, which hold at c = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats as _stats

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.value import concrete
from wengert.rules.partials import with_partials
from wengert.rules.series import gauss
from wengert.rules.solved import order_of, renewed, still
from wengert.rules.special_gamma import polygamma, sp
from wengert.rules.stats_extremes import swap_in

st: Any = _stats
Fn = Callable[..., Any]


# ── pearson3 ──

_NORMAL_BELOW = 0.000016
"""SciPy's own border."""


def _log_density(x: Any, g: Any) -> Any:
    s = x * x
    third, fourth = x * (s - 3.0), s * s - 6.0 * s + 3.0
    sixth = s**3 - 15.0 * s * s + 45.0 * s - 15.0
    return -0.5 * (s + np.log(2.0 * np.pi)) + np.log1p(g * third / 6.0 + g * g * (fourth / 16.0 + sixth / 72.0))


def _excess(x: Any, g: Any) -> Any:
    """F − Φ."""
    s = x * x
    fifth = x * (s * s - 10.0 * s + 15.0)
    density = np.exp(-0.5 * s) / np.sqrt(2.0 * np.pi)
    return -density * (g * (s - 1.0) / 6.0 + g * g * (x * (s - 3.0) / 16.0 + fifth / 72.0))


def _quantile(q: Any, g: Any) -> Any:
    z = sp.ndtri(q)
    return z + g * (z * z - 1.0) / 6.0 + g * g * z * (z * z - 7.0) / 144.0


_PEARSON: dict[str, Fn] = {
    "_pdf": lambda x, g: np.exp(_log_density(x, g)),
    "_logpdf": _log_density,
    "_cdf": lambda x, g: sp.ndtr(x) + _excess(x, g),
    "_sf": lambda x, g: sp.ndtr(-x) - _excess(x, g),
    "_ppf": _quantile,
}


def _near_normal(formula: Fn) -> Callable[[Fn], Fn]:
    def of(original: Fn) -> Fn:
        def method(self: Any, x: Any, skew: Any) -> Any:
            near = np.abs(still(skew)) < _NORMAL_BELOW
            if not any_recorded(skew) or not np.any(near):
                return original(self, x, skew)
            if order_of(skew) > 2:
                raise NoDerivative(at_user_line("no third derivative of scipy.stats.pearson3 in a skewness of 0"))
            plain = original(self, still(x), still(skew))
            if np.all(near):
                return renewed(plain, formula(x, skew))
            far = original(self, x, np.where(near, 1.0, skew))
            return np.where(near, renewed(plain, formula(x, np.where(near, skew, 0.0))), far)

        return method

    return of


for _name, _formula in _PEARSON.items():
    swap_in(st.pearson3, _name, _near_normal(_formula))


# ── genextreme ──


def _mean(c: Any) -> Any:
    """(1 − Γ(1 + c))/c, with ln Γ(1 + c) = c ∫₀¹ ψ(1 + sc) ds."""
    slope = sum([w * sp.psi(1.0 + s * c) for s, w in gauss()])
    return -slope * sp.exprel(c * slope)


def _variance(c: Any) -> Any:
    """(Γ(1 + 2c) − Γ(1 + c)²)/c², with the difference of the logarithms as c² ∫₀¹ (1 − s) b ds, b = 4ψ′(1 + 2sc) −
    2ψ′(1 + sc)."""
    bend = sum([
        w * (1.0 - s) * (4.0 * polygamma(1, 1.0 + 2.0 * s * c) - 2.0 * polygamma(1, 1.0 + s * c)) for s, w in gauss()
    ])  # fmt: skip
    return sp.gamma(1.0 + c) ** 2 * bend * sp.exprel(c * c * bend)


@with_partials(lambda y, x, c: 1.0, lambda y, x, c: np.nan + 0.0 * c, name="a moment of genextreme at c = 0")
def _untold(x: Any, c: Any) -> Any:
    """x, whose derivative in c is not known."""
    return x + 0.0 * c


def _moments(original: Fn) -> Fn:
    def method(self: Any, c: Any) -> Any:
        near = np.abs(still(c)) < 1e-3
        if not any_recorded(c) or not np.any(near):
            return original(self, c)
        plain = original(self, still(c))
        inside = np.where(near, c, 0.0)
        found = [renewed(y, f(inside)) for y, f in zip(plain[:2], (_mean, _variance), strict=True)]
        found += [_untold(np.asarray(y, float), inside) for y in plain[2:]]
        if np.all(near):
            return tuple(found)
        far = original(self, np.where(near, 0.1, c))
        shape = np.shape(concrete(c))
        return tuple([np.where(near, np.broadcast_to(a, shape), b) for a, b in zip(found, far, strict=True)])

    return method


swap_in(st.genextreme, "_stats", _moments)
