"""Medians, quantiles and percentiles: linear between two elements of the sorted data.

With s the sorted data, y = (1 − γ) sⱼ + γ sⱼ₊₁ at the position j + γ that the method gives to q.
Elements tied with sⱼ share its derivative equally.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.observe import decide, look
from wengert.record.value import concrete, is_value
from wengert.rules.axes import ABSENT, as_array, last, real_type, reduction, stable_order
from wengert.rules.table import handles, rule

CONTINUOUS: dict[str, float] = {
    "linear": -1.0, "weibull": 1.0, "hazen": 0.0, "interpolated_inverted_cdf": 0.0,
    "median_unbiased": 1 / 3, "normal_unbiased": 1 / 4,
}  # fmt: skip
"""method → a, where its position of q moves by n + a per unit of q; the others are constant in q."""
_MANY = 8
"""From so many quantiles on, sorting all data is less work than looking for each value."""


def _position(n: int, q: Any, method: Any) -> Any:
    """The position j + γ of each quantile, read off the data 0, 1, 2, …"""
    if n == 0:
        return np.nan * np.asarray(q)
    if method == "linear":
        return np.asarray(q) * (n - 1.0)
    return np.quantile(np.arange(float(n)), q, method=method)


def _positions(rows: Any, q: Any, method: str, skip_nan: bool) -> Any:
    """The positions for every row of data and every q; NaN where the quantile is undefined."""
    n = rows.shape[-1]
    bad = np.isnan(rows)
    if not skip_nan:
        return np.where(np.any(bad, axis=-1, keepdims=True), np.nan, _position(n, q, method))
    found = n - np.count_nonzero(bad, axis=-1)
    p = np.empty((*found.shape, len(q)))
    for m in np.unique(found):
        p[found == m] = _position(int(m), q, method)
    return p


def _ranks(x: Any, axis: Any) -> Any:
    """The order of the data, ties included, on which all that follows depends."""
    rows = last(x, axis)
    if rows.shape[-1] > _MANY:
        return stable_order(rows, -1)
    return np.sum(rows[..., :, None] > rows[..., None, :], axis=-1)


class _Places:
    """Where the quantiles q of the data x are: two places and the weight of the second."""

    def __init__(self, x: Any, q: Any, unit: float, axis: Any, method: str, skip_nan: bool) -> None:
        self.rows = last(concrete(x), axis)
        look(decide(_ranks, x, axis=axis))
        q = look(q)
        n = self.rows.shape[-1]
        p = _positions(self.rows, np.ravel(np.true_divide(q, unit)), method, skip_nan)
        defined = np.where(np.isnan(p), 0.0, p)
        self.low = np.minimum(np.floor(defined), max(n - 2, 0)).astype(np.intp)
        self.low = np.broadcast_to(self.low, (*self.rows.shape[:-1], self.low.shape[-1]))
        self.high = np.minimum(self.low + 1, n - 1)
        self.gamma = (p - self.low).astype(self.rows.dtype)
        self.speed = self._speed(p, method, skip_nan) / unit
        looked_at = np.unique(np.concatenate([np.ravel(self.low), np.ravel(self.high), np.ravel(self.before)]))
        self.ordered = np.partition(self.rows, looked_at, axis=-1) if n else self.rows

    @property
    def before(self) -> Any:
        """The places below the lower ones."""
        return np.maximum(self.low - 1, 0)

    def _speed(self, p: Any, method: str, skip_nan: bool) -> Any:
        """How fast the position moves with q; not at all where the method holds it at an end."""
        found: Any = np.count_nonzero(~np.isnan(self.rows), axis=-1)[..., None] if skip_nan else self.rows.shape[-1]
        if method not in CONTINUOUS:
            return 0.0 * p
        inside = True if method == "linear" else (p > 0) & (p < found - 1)
        return np.where(np.isnan(p), np.nan, np.where(inside, found + CONTINUOUS[method], 0.0)).astype(self.rows.dtype)

    def values(self, d: Any, places: Any) -> Any:
        """The elements of d (the mean over tied ones) where the sorted data have those places."""
        found = np.take_along_axis(self.ordered, places, axis=-1)
        if found.shape[-1] > _MANY:
            order = stable_order(self.rows, -1)
            y = np.take_along_axis(self.rows, order, axis=-1)
            if not np.any(np.equal(y[..., 1:], y[..., :-1])):
                return np.take_along_axis(d, np.take_along_axis(order, places, axis=-1), axis=-1)
        return np.stack([_mean_of(d, np.equal(self.rows, found[..., k : k + 1])) for k in range(places.shape[-1])], -1)

    def between(self, d: Any, q: Any) -> Any:
        """(1 − γ) dⱼ + γ dⱼ₊₁; NaN for every element where the quantile is NaN."""
        undefined = np.isnan(self.gamma)
        y = self._between(d, q)
        return np.where(undefined, np.nan * np.add.reduce(d, axis=-1, keepdims=True), y) if np.any(undefined) else y

    def _between(self, d: Any, q: Any) -> Any:
        """An element of weight zero does not count, whatever it is."""
        low, high = self.values(d, self.low), self.values(d, self.high)
        if is_value(q):
            gamma = self.gamma + self.speed * np.ravel(q - concrete(q))
            return (1.0 - gamma) * low + gamma * high
        a = np.where(np.equal(self.gamma, 1), 0.0, (1.0 - self.gamma) * low)
        b = np.where(np.equal(self.gamma, 0), 0.0, self.gamma * high)
        return a + b


def _mean_of(d: Any, mask: Any) -> Any:
    """The mean of d over the elements that the mask shows."""
    ties = np.count_nonzero(mask, axis=-1)
    if np.all(np.equal(ties, 1)):
        return np.take_along_axis(d, np.argmax(mask, axis=-1)[..., None], axis=-1)[..., 0]
    n = np.maximum(ties, 1).astype(real_type(d))
    return np.add.reduce(np.where(mask, d, 0.0), axis=-1) / n


def _front(z: Any, y: Any) -> Any:
    """Quantiles from the last axis to the first, in the shape of the result."""
    return np.reshape(np.moveaxis(z, -1, 0), np.shape(y))


def _slopes(places: _Places, rows: Any, q: Any) -> Any:
    """∂y/∂q: the difference of neighbours times that of positions; at an element the smaller one."""
    middle = places.values(rows, places.low)
    step = places.values(rows, places.high) - middle
    before = middle - places.values(rows, places.before)
    kink = np.equal(places.gamma, 0) & np.greater(places.low, 0)
    return np.where(kink, np.minimum(step, before), step) * places.speed


def _ordering(op: Any, name: str, unit: float, skip_nan: bool) -> Row:
    """The row of a quantile; q counts in units of 1/unit."""

    def push(d: Any, y: Any, x: Any, q: Any, axis: Any, keepdims: bool, method: str = "linear") -> Any:
        places = _Places(x, q, unit, axis, method, skip_nan)
        return _front(places.between(last(d, axis), q), y)

    def push_q(d: Any, y: Any, x: Any, q: Any, axis: Any, keepdims: bool, method: str = "linear") -> Any:
        slopes = _slopes(_Places(x, q, unit, axis, method, skip_nan), last(x, axis), q)
        return np.reshape(slopes[..., 0] * d, np.shape(y)) if np.ndim(q) == 0 else _front(slopes * np.ravel(d), y)

    return rule(op, push, push_q, name=name)


def _median(x: Any, q: Any, axis: Any, keepdims: bool) -> Any:
    return np.median(x, axis=axis, keepdims=keepdims)


def _nanmedian(x: Any, q: Any, axis: Any, keepdims: bool) -> Any:
    return np.nanmedian(x, axis=axis, keepdims=keepdims)


MEDIAN = _ordering(_median, "numpy.median", 1.0, False)
NANMEDIAN = _ordering(_nanmedian, "numpy.nanmedian", 1.0, True)
QUANTILES = {
    np.quantile: _ordering(np.quantile, "numpy.quantile", 1.0, False),
    np.percentile: _ordering(np.percentile, "numpy.percentile", 100.0, False),
    np.nanquantile: _ordering(np.nanquantile, "numpy.nanquantile", 1.0, True),
    np.nanpercentile: _ordering(np.nanpercentile, "numpy.nanpercentile", 100.0, True),
}


# ── weighted: always an element of the data ──


def _weighted(x: Any, op: Any, q: Any, weights: Any, axis: Any, keepdims: bool) -> Any:
    return op(x, q, axis=axis, keepdims=keepdims, method="inverted_cdf", weights=weights)


def _push_weighted(d: Any, y: Any, x: Any, op: Any, q: Any, weights: Any, axis: Any, keepdims: bool) -> Any:
    look(decide(_ranks, x, axis=axis))
    rows, d = last(concrete(x), axis), last(d, axis)
    values = np.reshape(concrete(y), (np.size(q), *rows.shape[:-1], 1))
    return np.reshape(np.stack([_mean_of(d, np.equal(rows, v)) for v in values]), np.shape(y))


WEIGHTED = rule(_weighted, _push_weighted, name="numpy.quantile")


def _quantile_spelled(function: Any) -> Any:
    def handler(
        a: Any, q: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, method: str = "linear",
        keepdims: Any = ABSENT, *, weights: Any = None, interpolation: Any = None,
    ) -> Any:  # fmt: skip
        x, method = as_array(a), interpolation or method
        if weights is not None and method == "inverted_cdf":
            fixed = {"op": function, "q": look(as_array(q)), "weights": look(as_array(weights))}
            return reduction(WEIGHTED, (x,), axis, keepdims, out, **fixed)
        options = {} if weights is None else {"weights": look(weights)}
        return reduction(QUANTILES[function], (x, as_array(q)), axis, keepdims, out, method=method, **options)

    return handler


for _function in QUANTILES:
    handles(_function)(_quantile_spelled(_function))


@handles(np.median)
def _median_of(a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = ABSENT) -> Any:
    return reduction(MEDIAN, (as_array(a), 0.5), axis, keepdims, out)


@handles(np.nanmedian)
def _nanmedian_of(
    a: Any, axis: Any = None, out: Any = None, overwrite_input: bool = False, keepdims: Any = ABSENT
) -> Any:
    return reduction(NANMEDIAN, (as_array(a), 0.5), axis, keepdims, out)
