"""Sums, means, extremes and the like, over all elements or along `dim`."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from wengert.record.apply import standin
from wengert.rules import reduce
from wengert.rules import special_functions as rows
from wengert.sweep.quiet import hush, loudness, restore
from wengert.tensor.arithmetic import not_tensor
from wengert.tensor.call import call, line
from wengert.tensor.creation import to
from wengert.tensor.graph import Node
from wengert.tensor.modes import mode
from wengert.tensor.shapes import axis, getitem
from wengert.tensor.value import Tensor, data_of


def dims(x: Any, dim: Any) -> Any:
    """dim as NumPy's axis: None for all."""
    if dim is None or (isinstance(dim, (tuple, list)) and not dim):
        return None
    if isinstance(dim, (tuple, list)):
        return tuple([axis(x, int(d)) for d in dim]) if np.ndim(x) else None
    return axis(x, int(dim)) if np.ndim(x) else None


def _tensor(name: str, x: Any) -> Tensor:
    if not isinstance(x, Tensor):
        raise not_tensor(name, "input", x)
    return x


def _linear(row: Any, name: str, x: Tensor, dim: Any, keepdim: bool) -> Tensor:
    """Σ or mean: one line whose derivative reads no more than the shape."""
    data = data_of(x)
    params = {"axis": dims(data, dim), "keepdims": keepdim}
    before = loudness()
    try:
        hush()
        y = row.op(data, **params)
    finally:
        restore(before)
    parent = x._node or (x if x._requires else None)
    if parent is None or not mode.recording or y.dtype.kind not in "fc":
        return Tensor(y)
    node = Node(row, (parent,), None, (standin(data),), params, None)
    node.name = name
    return Tensor(y, node)


def _named(dim: Any, keepdim: bool, axis: Any = None, keepdims: bool = False) -> tuple[Any, bool]:
    """dim and keepdim, which may be called axis and keepdims."""
    return (dim if axis is None else axis), keepdim or keepdims


def named(function: Any) -> Any:
    """Decorator: dim and keepdim may be called axis and keepdims, as in NumPy."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        for theirs, ours in (("axis", "dim"), ("keepdims", "keepdim")):
            if theirs in kwargs:
                kwargs[ours] = kwargs.pop(theirs)
        return function(*args, **kwargs)

    return wrapped


def sum(input: Tensor, dim: Any = None, keepdim: bool = False, dtype: Any = None, **names: Any) -> Tensor:
    """Σ over all elements, or along dim."""
    if names:
        dim, keepdim = _named(dim, keepdim, **names)
    x = _tensor("sum", input)
    if dtype is not None:
        x = to(x, dtype)
    if data_of(x).dtype.kind == "b":
        x = to(x, np.int64)
    return _linear(reduce.SUM, "Sum", x, dim, keepdim)


def mean(input: Tensor, dim: Any = None, keepdim: bool = False, dtype: Any = None, **names: Any) -> Tensor:
    """The mean of all elements, or along dim."""
    if names:
        dim, keepdim = _named(dim, keepdim, **names)
    x = _tensor("mean", input)
    x = x if dtype is None else to(x, dtype)
    _floating("mean", x)
    return _linear(reduce.MEAN, "Mean", x, dim, keepdim)


def _floating(name: str, x: Tensor) -> None:
    kind = data_of(x).dtype
    if kind.kind not in "fc":
        raise RuntimeError(
            f"{name}(): Input dtype must be either a floating point or complex dtype. Got: {kind}\n"
            "Convert it first: x.to(float64)."
        )


@named
def prod(input: Tensor, dim: Any = None, keepdim: bool = False, dtype: Any = None) -> Tensor:
    """The product of all elements, or along dim."""
    x = input if dtype is None else to(input, dtype)
    return call("Prod", np.prod, x, axis=dims(data_of(x), dim), keepdims=keepdim)


@named
def nansum(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """Σ of the elements that are not NaN."""
    return call("Nansum", np.nansum, input, axis=dims(data_of(input), dim), keepdims=keepdim)


@named
def nanmean(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The mean of the elements that are not NaN."""
    return call("Nanmean", np.nanmean, input, axis=dims(data_of(input), dim), keepdims=keepdim)


def _ddof(unbiased: bool, correction: Any) -> Any:
    return (1 if unbiased else 0) if correction is None else correction


def _spread(function: Any, name: str) -> Any:
    def spread(
        input: Tensor, dim: Any = None, unbiased: bool = True, keepdim: bool = False, *, correction: Any = None
    ) -> Tensor:
        if isinstance(dim, bool):
            dim, unbiased = None, dim
        _floating(name, input)
        ddof = _ddof(unbiased, correction)
        return call(name.title(), function, input, axis=dims(data_of(input), dim), ddof=ddof, keepdims=keepdim)

    spread.__name__ = name
    spread.__doc__ = f"np.{name} with Bessel's correction, unless unbiased is False."
    return spread


var, std = named(_spread(np.var, "var")), named(_spread(np.std, "std"))


# ── extremes ──


class max_result(NamedTuple):
    """What max(x, dim) returns."""

    values: Tensor
    indices: Tensor


class min_result(NamedTuple):
    """What min(x, dim) returns."""

    values: Tensor
    indices: Tensor


class sort_result(NamedTuple):
    """What sort(x) returns."""

    values: Tensor
    indices: Tensor


class topk_result(NamedTuple):
    """What topk(x, k) returns."""

    values: Tensor
    indices: Tensor


class median_result(NamedTuple):
    """What median(x, dim) returns."""

    values: Tensor
    indices: Tensor


def _picked(input: Tensor, places: Any, k: int, keepdim: bool) -> tuple[Tensor, Tensor]:
    """The elements at `places` along axis k, and the places."""
    if data_of(input).ndim == 0:
        return input * 1, Tensor(np.int64(0))
    grid = list(np.ix_(*[np.arange(n) for n in places.shape]))
    grid[k] = places
    values = getitem(input, tuple(grid))
    if not keepdim:
        drop: Any = tuple([0 if j == k else slice(None) for j in range(places.ndim)])
        return getitem(values, drop), Tensor(places[drop])
    return values, Tensor(places)


def _extreme(name: str, whole: Any, where: Any, pair: Any, both: str) -> Any:
    def extreme(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
        x = data_of(_tensor(name, input))
        if isinstance(dim, Tensor):
            return ELEMENTWISE[both](input, dim)
        if dim is None:
            return call(name.title(), whole, input)
        k = axis(x, dim)
        places = np.asarray(where(x, axis=k, keepdims=True)) if x.ndim else None
        return pair(*_picked(input, places, k, keepdim))

    extreme.__name__ = name
    extreme.__doc__ = f"The {name}imum of all elements; along dim (values, indices); of two tensors elementwise."
    return extreme


ELEMENTWISE: dict[str, Any] = {}
max = named(_extreme("max", np.max, np.argmax, max_result, "maximum"))
min = named(_extreme("min", np.min, np.argmin, min_result, "minimum"))


@named
def amax(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The maximum; ties share the gradient equally."""
    return call("Amax", np.max, input, axis=dims(data_of(input), dim), keepdims=keepdim)


@named
def amin(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
    """The minimum; ties share the gradient equally."""
    return call("Amin", np.min, input, axis=dims(data_of(input), dim), keepdims=keepdim)


def _argument(function: Any) -> Any:
    def argument(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        x = data_of(input)
        return Tensor(np.asarray(function(x, axis=dims(x, dim), keepdims=keepdim))[()])

    argument.__name__ = function.__name__
    argument.__doc__ = f"np.{function.__name__}, without derivative."
    return argument


argmax, argmin = named(_argument(np.argmax)), named(_argument(np.argmin))


@named
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = True) -> Any:
    """(values, indices) in order along dim."""
    x = data_of(input)
    return sort_result(*_picked(input, _order(x, axis(x, dim), descending), axis(x, dim), True))


def _order(x: Any, k: int, descending: bool) -> Any:
    if not descending:
        return np.argsort(x, axis=k, kind="stable")
    return np.flip(x.shape[k] - 1 - np.argsort(np.flip(x, k), axis=k, kind="stable"), k)


@named
def argsort(input: Tensor, dim: int = -1, descending: bool = False) -> Tensor:
    """The order of the elements along dim."""
    x = data_of(input)
    return Tensor(_order(x, axis(x, dim), descending))


@named
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Any:
    """(values, indices) of the k largest (or smallest) along dim."""
    x = data_of(input)
    at = axis(x, dim)
    first = np.take(_order(x, at, largest), np.arange(k), at)
    return topk_result(*_picked(input, first, at, True))


@named
def median(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The lower median: of all elements, or (values, indices) along dim."""
    x = data_of(input)
    if dim is None:
        flat = x.ravel()
        place = int(np.argsort(flat, kind="stable")[(flat.size - 1) // 2])
        return getitem(input, tuple([int(k) for k in np.unravel_index(place, x.shape)]))
    k = axis(x, dim)
    places = np.take(np.argsort(x, axis=k, kind="stable"), [(x.shape[k] - 1) // 2], k)
    return median_result(*_picked(input, places, k, keepdim))


# ── along a dimension ──


@named
def cumsum(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """Σ of the elements so far."""
    return call("Cumsum", np.cumsum, input, axis=dims(data_of(input), dim))


@named
def cumprod(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """The product of the elements so far."""
    return call("Cumprod", np.cumprod, input, axis=dims(data_of(input), dim))


@named
def diff(input: Tensor, n: int = 1, dim: int = -1) -> Tensor:
    """Differences of neighbours."""
    return call("Diff", np.diff, input, n=n, axis=dim)


# ── logarithms of sums of exponentials ──


def _logsumexp(x: Any, b: None, axis: Any, keepdims: bool) -> Any:
    """log Σ eˣ: the maximum is taken out first; 0 where it is infinite."""
    m = np.maximum.reduce(x, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0).astype(x.dtype)
    y = np.log(np.add.reduce(np.exp(x - m), axis=axis, keepdims=True)) + m
    return y if keepdims else np.squeeze(y, axis=axis)[()]


def _softmax(x: Any, axis: Any) -> Any:
    e = np.exp(x - np.maximum.reduce(x, axis=axis, keepdims=True))
    return e / np.add.reduce(e, axis=axis, keepdims=True)


def _log_softmax(x: Any, axis: Any) -> Any:
    z = x - np.maximum.reduce(x, axis=axis, keepdims=True)
    return z - np.log(np.add.reduce(np.exp(z), axis=axis, keepdims=True))


@named
def logsumexp(input: Tensor, dim: Any, keepdim: bool = False) -> Tensor:
    """log Σ exp x along dim, without overflow."""
    params = {"axis": dims(data_of(input), dim), "keepdims": keepdim}
    return line(rows.LOGSUMEXP, "Logsumexp", (input, None), params, _logsumexp)


@named
def softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """exp x / Σ exp x along dim."""
    x = input if dtype is None else to(input, dtype)
    return line(rows.SOFTMAX, "Softmax", (x,), {"axis": dims(data_of(x), dim)}, _softmax)


@named
def log_softmax(input: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """x − log Σ exp x along dim."""
    x = input if dtype is None else to(input, dtype)
    return line(rows.LOG_SOFTMAX, "LogSoftmax", (x,), {"axis": dims(data_of(x), dim)}, _log_softmax)


# ── norms and truth ──


@named
def norm(input: Tensor, p: Any = "fro", dim: Any = None, keepdim: bool = False) -> Tensor:
    """(Σ |x|ᵖ)^{1/p} of all elements or along dim; "fro" is p = 2."""
    x = data_of(input)
    order = 2.0 if p in ("fro", None) else p
    if dim is None and not keepdim:
        flat = input if x.ndim == 1 else call("View", np.ravel, input)
        return call("Norm", _vector_norm, flat, order=order, axis=None, keepdims=False)
    k = tuple(range(x.ndim)) if dim is None else dims(x, dim)
    return call("Norm", _vector_norm, input, order=order, axis=k, keepdims=keepdim)


def _plain(x: Any) -> Any:
    return getattr(x, "primal", x)


def _vector_norm(x: Any, order: Any, axis: Any, keepdims: bool) -> Any:
    if order == 2:  # np.linalg.norm has the subgradient 0 at 0; of two axes it takes the norm of all elements too
        if not isinstance(axis, tuple) or len(axis) <= 2:
            return np.linalg.norm(x, axis=axis, keepdims=keepdims)
        if len(axis) == np.ndim(x) and not keepdims:
            return np.linalg.norm(np.ravel(x))
    if order == np.inf or order == -np.inf:
        return (np.max if order > 0 else np.min)(np.abs(x), axis=axis, keepdims=keepdims)
    if order == 0:
        return np.sum((_plain(x) != 0) * 1.0, axis=axis, keepdims=keepdims)
    return np.sum(np.abs(x) ** order, axis=axis, keepdims=keepdims) ** (1.0 / order)


def _truth(function: Any) -> Any:
    def truth(input: Tensor, dim: Any = None, keepdim: bool = False) -> Tensor:
        x = data_of(input)
        return Tensor(function(x, axis=dims(x, dim), keepdims=keepdim))

    truth.__name__ = function.__name__
    truth.__doc__ = f"np.{function.__name__}, without derivative."
    return truth


all, any = named(_truth(np.all)), named(_truth(np.any))


@named
def count_nonzero(input: Tensor, dim: Any = None) -> Tensor:
    """How many elements are not zero."""
    x = data_of(input)
    return Tensor(np.asarray(np.count_nonzero(x, axis=dims(x, dim)))[()])
