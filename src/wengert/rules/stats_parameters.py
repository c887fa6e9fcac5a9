"""Families of one parameter, at values of it where SciPy's code takes a limit in which it does not occur.

    power mean           (Σ w xᵖ)^(1/p),                    at p = 0
    power divergence     2/(λ(λ + 1)) Σ f ((f/e)^λ − 1),    at λ = −1, 0, and 1, where it is Pearson's
    Box and Cox          (x^λ − 1)/λ,                       at λ = 0
    Yeo and Johnson      the same of 1 + x, or of 1 − x with 2 − λ

SciPy's function at the parameter held still is what it is in its data; the difference of the smooth form at the
parameter and at the parameter held still, which is zero, is what it is in the parameter.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.special as _special
import scipy.stats as _stats
from scipy.stats import _morestats

from wengert.record.build import contains_value
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete, stopped
from wengert.rules.axes import as_array
from wengert.rules.series import gauss
from wengert.rules.solved import renewed, still

Fn = Callable[..., Any]
sp: Any = _special
st: Any = _stats


def _is_near(parameter: Any, values: tuple[float, ...]) -> Any:
    return bool(np.min(np.abs(np.asarray(values) - parameter)) < 1e-12)


def _beside(original: Any, name: str, values: tuple[float, ...], moved: Fn) -> None:
    """`moved` is what is added: a function of the result, the smooth difference's parameter twice, and the others."""
    signature = inspect.signature(original)

    @replace(original)
    def _make(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def function(*args: Any, **kwargs: Any) -> Any:
            given = dict(signature.bind(*args, **kwargs).arguments)
            parameter = given.get(name)
            if not any_recorded(parameter):
                of = run_body if contains_value(list(args)) or contains_value(list(kwargs.values())) else None
                return original(*args, **kwargs) if of is None else of(original, args, kwargs)
            if not look(decide(_is_near, parameter, values=values)):
                return run_body(original, args, kwargs)
            held = stopped(parameter)
            options = {key: value for key, value in given.items() if key != name}
            options.update(options.pop("kwargs", {}))
            found = run_body(original, (), options | {name: held})
            return moved(found, parameter, held, **options)

        return function


def _rate(log_r: Any, power: Any) -> Any:
    """(r^λ − 1)/λ."""
    return log_r * sp.exprel(power * log_r)


# ── the power mean ──


def _power_mean(a: Any, p: Any, axis: Any, weights: Any) -> Any:
    """exp (ln M(p) / p), with M(p) = Σ w aᵖ and ln M(p) = p ∫₀¹ (ln M)′(sp) ds."""
    log_a = np.log(a)
    w = np.ones(np.shape(concrete(a))) if weights is None else weights
    slopes: Any = 0.0
    for s, weight in gauss():
        part = w * np.exp(s * p * log_a)
        slopes = slopes + weight * np.sum(part * log_a, axis=axis) / np.sum(part, axis=axis)
    return np.exp(slopes)


def _mean_moved(found: Any, p: Any, held: Any, a: Any, axis: Any = 0, weights: Any = None, **_: Any) -> Any:
    a, weights = as_array(a), None if weights is None else as_array(weights)
    return found + (_power_mean(a, p, axis, weights) - _power_mean(a, held, axis, weights))


# ── the power divergence ──


def _divergence(f: Any, e: Any, power: Any, axis: Any) -> Any:
    log_r = np.log(f / e)
    if still(power) < -0.5:
        return 2.0 / power * np.sum(e * _rate(log_r, power + 1.0), axis=axis)
    return 2.0 / (power + 1.0) * np.sum(f * _rate(log_r, power), axis=axis)


def _divergence_moved(
    found: Any, power: Any, held: Any, f_obs: Any, f_exp: Any = None, ddof: Any = 0, axis: Any = 0, **_: Any
) -> Any:
    f = as_array(f_obs)
    e = np.mean(f, axis=axis, keepdims=True) if f_exp is None else as_array(f_exp)
    f, e = np.broadcast_arrays(f, e)
    statistic = found.statistic + (_divergence(f, e, power, axis) - _divergence(f, e, held, axis))
    size = np.size(concrete(f)) if axis is None else np.shape(concrete(f))[axis]
    p_value = st.chi2.sf(statistic, size - 1 - ddof)
    return type(found)(statistic, renewed(still(found.pvalue), p_value))


# ── Box and Cox, Yeo and Johnson ──


def _log_likelihood(power: Any, data: Any, axis: Any) -> Any:
    log_x = np.log(data)
    n = np.size(concrete(data)) if axis is None else np.shape(concrete(data))[axis]
    spread = np.log(np.var(_rate(log_x, power), axis=axis))
    return (power - 1.0) * np.sum(log_x, axis=axis) - 0.5 * n * spread


def _likelihood_moved(found: Any, power: Any, held: Any, data: Any, axis: Any = 0, **_: Any) -> Any:
    data = as_array(data)
    return found + (_log_likelihood(power, data, axis) - _log_likelihood(held, data, axis))


def _folded(x: Any, power: Any) -> Any:
    above = np.greater_equal(x, 0.0)
    up, down = np.log1p(np.where(above, x, 0.0)), np.log1p(np.where(above, 0.0, -x))
    return np.where(above, _rate(up, power), -_rate(down, 2.0 - power))


def _folded_moved(found: Any, power: Any, held: Any, x: Any, **_: Any) -> Any:
    x = as_array(x)
    return found + (_folded(x, power) - _folded(x, held))


_beside(st.pmean, "p", (0.0,), _mean_moved)
_beside(st.power_divergence, "lambda_", (-1.0, 0.0, 1.0), _divergence_moved)
_beside(st.boxcox_llf, "lmb", (0.0,), _likelihood_moved)
_beside(_morestats._yeojohnson_transform, "lmbda", (0.0, 2.0), _folded_moved)  # type: ignore[attr-defined]
