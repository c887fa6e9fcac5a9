"""Sums over bins and segments: bincount, histogram, ufunc.reduceat. Linear in what is summed, constant in the bins."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide, look
from wengert.record.protocols import REDUCTIONS, any_recorded, lower
from wengert.record.value import concrete, stopped
from wengert.rules.axes import as_array, deliver
from wengert.rules.table import handles, linear


def bincount(weights: Any, bins: Any, minlength: int) -> Any:
    """np.bincount of the weights."""
    return np.bincount(bins, weights, minlength)


def histogram(weights: Any, data: Any, bins: Any, range: Any) -> Any:
    """The weights in each bin of np.histogram."""
    return np.histogram(data, bins, range, weights=weights)[0]


def _pull_histogram(c: Any, weights: Any, data: Any, bins: Any, range: Any) -> Any:
    edges = np.histogram_bin_edges(data, bins, range)
    n = len(edges) - 1
    places = np.searchsorted(edges, data, "right") - 1
    places = np.where(np.equal(data, edges[-1]), n - 1, places)
    inside = (places >= 0) & (places < n)
    return np.where(inside, c[np.clip(places, 0, n - 1)], 0.0)


BINCOUNT = linear(bincount, lambda c, w, bins, minlength: c[bins], name="numpy.bincount")
HISTOGRAM = linear(histogram, _pull_histogram, name="numpy.histogram")


@handles(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    bins = np.asarray(look(x))
    return apply(BINCOUNT, (as_array(weights),), {"bins": bins, "minlength": minlength})


@handles(np.histogram)
def _histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Any:
    x, w = as_array(a), as_array(weights)
    if any_recorded(w) or isinstance(bins, str):
        bins_now = look(as_array(bins)) if any_recorded(bins) else bins
        fixed: dict[str, Any] = {"data": look(x), "bins": bins_now, "range": range and tuple(map(look, range))}
        plain_counts, plain_edges = np.histogram(fixed["data"], bins_now, fixed["range"], weights=concrete(w))
        counts = apply(HISTOGRAM, (w,), fixed) if any_recorded(w) else plain_counts
    else:
        plain_edges = np.histogram(concrete(x), lower(bins), lower(range))[1]
        given = bins if np.ndim(lower(bins)) else () if range is None else range
        counts = decide(
            _counts, x, as_array(given), bins=None if np.ndim(lower(bins)) else lower(bins), weights=concrete(w)
        )
    edges = _edges(x, bins, range, plain_edges)
    if density:
        widths = np.diff(edges).astype(float) if any_recorded(edges) else np.array(np.diff(edges), float)
        return counts / widths / np.sum(counts), edges
    return counts, edges


def _counts(x: Any, given: Any, bins: Any, weights: Any) -> Any:
    """What is in each bin: between given edges, or between given ends, or those of the data."""
    if bins is None:
        return np.histogram(x, given, weights=weights)[0]
    return np.histogram(x, bins, tuple(given) or None, weights=weights)[0]


def _edges(x: Any, bins: Any, range: Any, plain: Any) -> Any:
    """The edges of the bins: given, or equally spaced from the least to the greatest of the data."""
    if np.ndim(plain) and not isinstance(lower(bins), str) and np.ndim(lower(bins)) == 1:
        return as_array(bins)
    low, high = (np.min(x), np.max(x)) if range is None else range
    if not any_recorded((low, high)):
        return plain
    if plain[0] != stopped(low):
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, len(plain))


@handles(np.histogram_bin_edges)
def _histogram_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Any:
    x = as_array(a)
    return _edges(x, bins, range, np.histogram_bin_edges(concrete(x), lower(bins), lower(range), lower(weights)))


# ── reduceat: one reduction per segment x[iₖ : iₖ₊₁], or x[iₖ] alone where that is empty ──


def totals_of_segments(x: Any, indices: Any, axis: int) -> Any:
    """np.add.reduceat."""
    return np.add.reduceat(x, indices, axis=axis)


def _segments(indices: Any, n: int) -> list[tuple[int, int]]:
    ends = [*(int(i) for i in indices[1:]), n]
    return [(int(i), max(end, int(i) + 1)) for i, end in zip(indices, ends, strict=True)]


def _pull_segments(c: Any, x: Any, indices: Any, axis: int) -> Any:
    segments = _segments(indices, np.shape(x)[axis])
    lengths = [end - start for start, end in segments]
    places = np.concatenate([np.arange(start, end) for start, end in segments])
    bar = np.zeros((np.shape(x)[axis], *np.shape(np.moveaxis(concrete(c), axis, 0))[1:]), concrete(c).dtype)
    np.add.at(bar, places, np.moveaxis(c, axis, 0)[np.repeat(np.arange(len(segments)), lengths)])
    return np.moveaxis(bar, 0, axis)


SEGMENTS = linear(totals_of_segments, _pull_segments, name="numpy.add.reduceat")


def _reduceat_add(array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    x = as_array(array) if dtype is None else as_array(array).astype(dtype)
    return deliver(apply(SEGMENTS, (x,), {"indices": np.asarray(look(as_array(indices))), "axis": axis}), out)


def _reduceat(ufunc: Any, array: Any, indices: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    x = np.moveaxis(as_array(array) if dtype is None else as_array(array).astype(dtype), axis, 0)
    parts = [ufunc.reduce(x[start:end]) for start, end in _segments(np.asarray(look(as_array(indices))), len(x))]
    return deliver(np.moveaxis(np.stack(parts), 0, axis), out)


REDUCTIONS[np.add, "reduceat"] = _reduceat_add
REDUCTIONS[None, "reduceat"] = _reduceat
