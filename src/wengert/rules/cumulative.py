"""Running sums, products and extremes along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.protocols import REDUCTIONS, without_rule
from wengert.record.value import Array, concrete, frozen
from wengert.rules.axes import as_array, deliver
from wengert.rules.table import handles, linear, rule
from wengert.sweep.transpose import transpose


def running_total(x: Any, axis: int, dtype: Any = None) -> Any:
    """np.cumsum along one axis."""
    return np.add.accumulate(x, axis=axis, dtype=dtype)


def _pull_total(c: Any, x: Any, axis: int, dtype: Any = None) -> Any:
    """x̄ₖ = Σ_{i ≥ k} cᵢ."""
    if type(c) is np.ndarray and c.ndim == 1:
        return np.add.accumulate(c[::-1])[::-1]
    return np.flip(np.add.accumulate(np.flip(c, axis), axis=axis), axis)


CUMSUM = linear(running_total, _pull_total, name="numpy.cumsum")


# ── products:  yₖ = yₖ₋₁ xₖ,  ẏₖ = ẏₖ₋₁ xₖ + yₖ₋₁ ẋₖ ──


def running_product(x: Any, axis: int, dtype: Any = None) -> Any:
    """np.cumprod along one axis."""
    return np.multiply.accumulate(x, axis=axis, dtype=dtype)


def _dual_scan(x: Any, d: Any) -> tuple[Any, Any]:
    """Running products along axis 0 and their tangents, by multiplication alone: exact whatever is zero.

    Neighbours are joined in pairs; the running products of the pairs are those at odd places, and
    one factor more gives those at even places.
    """
    n = np.shape(x)[0]
    if n <= 1:
        return x, d
    even, odd = x[0 : n - n % 2 : 2], x[1::2]
    d_even, d_odd = d[0 : n - n % 2 : 2], d[1::2]
    p, q = _dual_scan(even * odd, d_even * odd + even * d_odd)
    before = (n - 1) // 2
    a, b = p[:before], q[:before]
    later = x[2::2]
    return (
        _interleave(np.concatenate([x[:1], a * later]), p),
        _interleave(np.concatenate([d[:1], b * later + a * d[2::2]]), q),
    )


def _interleave(even: Any, odd: Any) -> Any:
    n = np.shape(odd)[0]
    pairs = np.stack([even[:n], odd], axis=1)
    joined = np.reshape(pairs, (2 * n, *np.shape(odd)[1:]))
    return joined if np.shape(even)[0] == n else np.concatenate([joined, even[n:]])


def _regular(y: Any, x: Any) -> bool:
    """Whether division by the factors is safe: no zeros, and no product under- or overflows."""
    return bool(decide(_is_regular, x, y))


def _is_regular(x: Any, y: Any) -> bool:
    return bool(np.all(np.not_equal(x, 0)) and np.all(np.not_equal(y, 0)) and np.all(np.isfinite(y)))


def _push_product(d: Any, y: Any, x: Any, axis: int, dtype: Any = None) -> Any:
    if _regular(y, x):
        return y * np.add.accumulate(d / x, axis=axis)
    scanned = _dual_scan(np.moveaxis(x, axis, 0), np.moveaxis(d, axis, 0))[1]
    return np.moveaxis(scanned, 0, axis)


_transposed_product = transpose(_push_product, 0)


def _pull_product(c: Any, y: Any, x: Any, axis: int, dtype: Any = None) -> Any:
    if _regular(y, x):
        return _pull_total(c * y, x, axis) / x
    return _transposed_product(c, y, x, axis=axis)


CUMPROD = rule(running_product, _push_product, pull=(_pull_product,), name="numpy.cumprod")


# ── extremes ──


def _leaders(x: Any, y: Any, axis: int) -> tuple[Any, ...]:
    """Which elements equal the extreme so far, where it changes, the place of the latest, and where it is NaN."""
    x, y = np.moveaxis(x, axis, 0), np.moveaxis(y, axis, 0)
    equal = np.equal(x, y)
    places = np.arange(len(x)).reshape((-1,) + (1,) * (np.ndim(x) - 1))
    latest = np.maximum.accumulate(np.where(equal, places, 0), axis=0)
    fresh = np.concatenate([np.ones_like(equal[:1]), np.not_equal(y[1:], y[:-1])])
    return equal, fresh, frozen(latest), np.isnan(y)


def _running_extreme(ufunc: Any) -> Any:
    """The row of a running maximum or minimum: elements tied with it so far share equally."""

    def accumulate(x: Any, axis: int, dtype: Any = None) -> Any:
        return ufunc.accumulate(x, axis=axis, dtype=dtype)

    def push(d: Any, y: Any, x: Any, axis: int, dtype: Any = None) -> Any:
        equal, fresh, latest, undefined = decide(_leaders, x, y, axis=axis)
        d = np.moveaxis(d, axis, 0)
        tied = np.logical_and(equal, np.logical_not(fresh))
        t = _shared(d, equal, fresh) if np.any(tied) else np.take_along_axis(d, latest, axis=0)
        return np.moveaxis(np.where(undefined, np.nan, t), 0, axis)

    return rule(accumulate, push, name=f"numpy.{ufunc.__name__}.accumulate")


def _shared(d: Any, equal: Any, fresh: Any) -> Any:
    """The mean of the tangents of the elements that are tied so far, step by step."""
    total: Any = 0.0
    ties: Any = 0.0
    parts: list[Any] = []
    for k in range(len(equal)):
        mine = np.where(equal[k], d[k], 0.0)
        total = np.where(fresh[k], mine, total + mine)
        ties = np.where(fresh[k], 1.0, ties + equal[k])
        parts.append(total / ties)
    return np.stack(parts)


RUNNING = {ufunc: _running_extreme(ufunc) for ufunc in (np.maximum, np.minimum)}


# ── spellings ──


def along(row: Any, a: Any, axis: Any, dtype: Any, out: Any) -> Any:
    """Apply the row of a running function along an axis (None: over all elements in C order)."""
    x = as_array(a)
    if axis is None and type(x) is Array and np.ndim(x.primal) == 1:
        axis = 0
    elif axis is None or np.ndim(concrete(x)) == 0:
        x, axis = np.ravel(x), 0
    params = {"axis": int(axis)} if dtype is None else {"axis": int(axis), "dtype": np.dtype(dtype)}
    return deliver(apply(row, (x,), params), out)


@handles(np.cumsum)
def _cumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return along(CUMSUM, a, axis, dtype, out)


@handles(np.cumprod)
def _cumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return along(CUMPROD, a, axis, dtype, out)


_difference = np.diff


@handles(np.diff)
def _diff(a: Any, n: int = 1, axis: int = -1, *placed: Any, **ends: Any) -> Any:
    """Of vectors as np.diff computes it; what else there is, by NumPy's own code."""
    if type(a) is Array and type(n) is int and n > 0 and axis in (0, -1) and not (placed or ends) and _is_vector(a):
        for _ in range(n):
            a = a[1:] - a[:-1]
        return a
    return without_rule(_difference, (a, n, axis, *placed), ends)


def _is_vector(a: Any) -> bool:
    x = concrete(a)
    return x.ndim == 1 and x.dtype.kind == "f"


@handles(np.nancumsum)
def _nancumsum(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return along(CUMSUM, _without_nan(a, 0.0), axis, dtype, out)


@handles(np.nancumprod)
def _nancumprod(a: Any, axis: Any = None, dtype: Any = None, out: Any = None) -> Any:
    return along(CUMPROD, _without_nan(a, 1.0), axis, dtype, out)


def _without_nan(a: Any, value: float) -> Any:
    x = as_array(a)
    return np.where(np.isnan(x), np.asarray(value, concrete(x).dtype), x)


def _accumulate(row: Any) -> Any:
    def method(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
        return along(row, array, axis, dtype, out)

    return method


for _ufunc, _row in {np.add: CUMSUM, np.multiply: CUMPROD, **RUNNING}.items():
    REDUCTIONS[_ufunc, "accumulate"] = _accumulate(_row)
