"""Python's statistics of lists of recorded numbers: its own value, the derivative of NumPy's function."""

from __future__ import annotations

import statistics
from functools import cache
from typing import Any

import numpy as np

from wengert.record.numbers import as_float
from wengert.record.protocols import any_recorded
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import concrete, is_value
from wengert.rules.described import described
from wengert.rules.python_math import on_numbers, python_op

TWINS: dict[Any, Any] = {
    statistics.mean: np.mean,
    statistics.fmean: np.mean,
    statistics.pvariance: np.var,
    statistics.variance: lambda x: np.var(x, ddof=1),
    statistics.pstdev: np.std,
    statistics.stdev: lambda x: np.std(x, ddof=1),
    statistics.geometric_mean: lambda x: np.exp(np.mean(np.log(x))),
    statistics.harmonic_mean: lambda x: 1.0 / np.mean(1.0 / x),
}
"""Python's function of a list → the same of an array; the median and its like need no other: they sort and average."""

WITH: dict[Any, tuple[str, Any]] = {
    statistics.pvariance: ("mu", lambda x, c: np.sum((x - c) ** 2) / len(x)),
    statistics.variance: ("xbar", lambda x, c: np.sum((x - c) ** 2) / (len(x) - 1)),
    statistics.pstdev: ("mu", lambda x, c: np.sqrt(np.sum((x - c) ** 2) / len(x))),
    statistics.stdev: ("xbar", lambda x, c: np.sqrt(np.sum((x - c) ** 2) / (len(x) - 1))),
    statistics.fmean: ("weights", lambda x, w: np.dot(x, w) / np.sum(w)),
    statistics.harmonic_mean: ("weights", lambda x, w: np.sum(w) / np.sum(w / x)),
}
"""The second argument's name, and the same with it: a mean that is known, or weights."""


def _listed(data: Any) -> list[Any]:
    return data if isinstance(data, list) else list(data)


def _numbers(x: Any, of_numpy: bool) -> Any:
    """What Python's function is given for an array of recorded numbers: NumPy's or Python's."""
    if not isinstance(x, np.ndarray):
        return x
    return [*x] if of_numpy else x.tolist()


def _are_numpys(data: Any) -> bool:
    return isinstance(data, list) and all([isinstance(concrete(x), np.generic) for x in data])


@cache
def _op(original: Any, *of_numpy: bool) -> Any:
    """The function of lists of NumPy's or of Python's numbers."""

    def value(*xs: Any) -> Any:
        return original(*map(_numbers, xs, of_numpy))

    twin = TWINS[original] if len(of_numpy) == 1 else WITH[original][1]
    return described(value, lambda *xs: twin(*xs), len(of_numpy), f"statistics.{original.__name__}")


@replace(*TWINS)
def _of_recorded(original: Any) -> Any:
    second = WITH.get(original, ("", None))[0]
    _op(original, False)

    def call(data: Any, *args: Any, **kwargs: Any) -> Any:
        data = _listed(data)
        other = [c for c in (*args, *[v for key, v in kwargs.items() if key == second]) if c is not None]
        known = len(other) <= (second != "") and {*kwargs} <= {second}
        if not known or not any_recorded((data, other)):
            return original(data, *args, **kwargs)
        if second == "weights" and other:
            other = [_listed(other[0])]
            if len(other[0]) != len(data):
                return original(data, *other)
        xs = [data, *other]
        return _op(original, *map(_are_numpys, xs))(*[np.array(x) if isinstance(x, list) else x for x in xs])

    return call


@replace(statistics.median_grouped)
def _median_grouped(original: Any) -> Any:
    def median_grouped(data: Any, interval: Any = 1.0) -> Any:
        data = _listed(data)
        return run_body(original, (data, interval), {}) if any_recorded((data, interval)) else original(data, interval)

    return median_grouped


# ── the normal distribution: its methods are code of numbers, once it holds recorded ones ──

_inverse: Any = statistics._normal_dist_inv_cdf  # type: ignore[attr-defined]
_INVERSE = python_op(
    _inverse,
    np.vectorize(_inverse, otypes=[float]),
    lambda x, p, mu, sigma: sigma * np.sqrt(2 * np.pi) * np.exp(0.5 * _INVERSE(p, 0.0, 1.0) ** 2),
    lambda x, p, mu, sigma: 1.0,
    lambda x, p, mu, sigma: _INVERSE(p, 0.0, 1.0),
)
replace(_inverse)(on_numbers(_INVERSE))


@replace(statistics._mean_stdev)  # type: ignore[attr-defined]
def _mean_stdev(original: Any) -> Any:
    def both(data: Any) -> Any:
        data = _listed(data)
        return (statistics.mean(data), statistics.stdev(data)) if any_recorded(data) else original(data)

    return both


def _held(original: Any) -> Any:
    def __init__(self: Any, mu: Any = 0.0, sigma: Any = 1.0) -> None:
        original(self, concrete(mu), concrete(sigma))
        for name, x in (("_mu", mu), ("_sigma", sigma)):
            if is_value(x):
                setattr(self, name, as_float(x))

    return __init__


_init = statistics.NormalDist.__init__
METHODS.append((statistics.NormalDist, "__init__", _init, _held(_init)))
