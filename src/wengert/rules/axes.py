"""Axes of reductions: what is kept, what a cotangent is copied along, where the result goes."""

from __future__ import annotations

import operator
from math import prod
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply, as_numpy_reads
from wengert.record.index import overwrite, write
from wengert.record.observe import decide, look
from wengert.record.value import Array, Scalar, concrete, is_value

ABSENT: Any = np._NoValue  # type: ignore[attr-defined]
"""What NumPy's signatures have for a keyword that was not given."""

_FLOAT = np.dtype(float)
_asarray = np.asarray
"""NumPy's own: while recording, np.asarray is the replacement."""


def as_array(a: Any) -> Any:
    """A list, a tuple, a poly1d, another sequence or a library's own array as the array that NumPy makes of it."""
    if isinstance(a, np.poly1d):
        return a.coeffs
    return np.array(a) if type(a) in _LISTS else a if type(a) in _ARRAYS else as_numpy_reads(a)


_LISTS = {list, tuple, range}
_ARRAYS = {np.ndarray, Array, Scalar, float, np.float64}


def axes(axis: Any) -> Any:
    """An axis argument as None, an int or a tuple of ints."""
    if axis is None:
        return None
    return tuple(map(operator.index, axis)) if isinstance(axis, (tuple, list)) else operator.index(axis)


def kept(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape with 1 for each reduced axis."""
    if axis is None:
        return (1,) * len(shape)
    reduced = {k % len(shape) for k in (axis if isinstance(axis, tuple) else (axis,)) if shape}
    return tuple(1 if k in reduced else n for k, n in enumerate(shape))


def keep(y: Any, x: Any, axis: Any, keepdims: bool = False) -> Any:
    """A reduced value of x with its reduced axes kept, of length 1."""
    return y if keepdims else np.reshape(y, kept(np.shape(x), axis))


def spread(c: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """A cotangent of a reduction, as one of what was reduced: copied along the reduced axes."""
    if type(c) is np.float64 and type(x) is np.ndarray:
        return np.ndarray(x.shape, c.dtype, _asarray(c), 0, (0,) * x.ndim)
    if type(c) is float and type(x) is np.ndarray:
        return np.ndarray(x.shape, x.dtype, _asarray(c, x.dtype), 0, (0,) * x.ndim)
    if type(c) is np.ndarray and type(axis) is int and c.dtype is _FLOAT and c.flags.c_contiguous and c.size:
        return _along(c, x, axis, keepdims)
    if np.iscomplexobj(c) and not np.iscomplexobj(x):
        c = np.real(c)
    return np.broadcast_to(keep(c, x, axis, keepdims), np.shape(x))


def _along(c: Any, x: Any, axis: int, keepdims: bool) -> Any:
    """The view that np.broadcast_to would give of c along one axis, at a tenth of its price."""
    shape, strides = np.shape(x), c.strides
    if not shape:
        return c
    k = axis % len(shape)
    strides = (*strides[:k], 0, *strides[k + keepdims :])
    return np.ndarray(shape, _FLOAT, c, 0, strides)


def last(x: Any, axis: Any) -> Any:
    """x with the axes (None: all) moved to the end and joined into one."""
    if axis is None:
        return np.reshape(x, (-1,))
    n = np.ndim(x)
    back, rest = _split(n, axis)
    y = np.transpose(x, rest + back)
    shape = np.shape(x)
    return np.reshape(y, (*[shape[k] for k in rest], int(np.prod([shape[k] for k in back]))))


def unlast(z: Any, x: Any, axis: Any) -> Any:
    """The inverse of `last`, for z of the shape of last(x, axis)."""
    shape = np.shape(x)
    if axis is None:
        return np.reshape(z, shape)
    back, rest = _split(len(shape), axis)
    order = rest + back
    return np.transpose(np.reshape(z, tuple(shape[k] for k in order)), tuple(int(k) for k in np.argsort(order)))


def _split(n: int, axis: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    back = tuple(k % n for k in (axis if isinstance(axis, tuple) else (axis,)) if n)  # NumPy lets a number have axis 0
    return back, tuple(k for k in range(n) if k not in back)


def stable_order(x: Any, axis: int) -> Any:
    """np.argsort(x, kind="stable"): the quicker kind does where no elements are tied."""
    order = np.argsort(x, axis=axis)
    y = np.moveaxis(np.take_along_axis(x, order, axis=axis), axis, 0)
    return np.argsort(x, axis=axis, kind="stable") if np.any(np.equal(y[1:], y[:-1])) else order


def real_type(x: Any) -> Any:
    """The real floating dtype of x's precision: counts take it, so that float32 stays float32."""
    x = concrete(x)
    if type(x) is np.ndarray and x.dtype is _FLOAT:
        return _FLOAT
    dtype = np.result_type(x, np.float16)
    return np.finfo(dtype).dtype


def alive(x: Any, where: Any, skip_nan: bool) -> Any:
    """Which elements take part: True for all of them, else an array of truth values."""
    if not skip_nan:
        return where
    seen = np.logical_not(decide(np.isnan, x))
    return seen if where is True else np.logical_and(seen, where)


def count(x: Any, axis: Any, mask: Any) -> Any:
    """How many elements take part, with the reduced axes kept; a number where it is one for all."""
    shape = np.shape(x)
    if mask is True:
        return float(prod([n for n, k in zip(shape, kept(shape, axis), strict=True) if k == 1 != n]))
    taken = np.broadcast_to(mask, shape)
    return np.add.reduce(taken, axis=axis, keepdims=True, dtype=real_type(x))


def masked(d: Any, mask: Any) -> Any:
    """d, and exactly zero where the mask is False."""
    return d if mask is True else np.where(mask, d, 0.0)


def reduction(row: Row, args: tuple[Any, ...], axis: Any, keepdims: Any, out: Any = None, **options: Any) -> Any:
    """Apply the row of a reduction with its axes in canonical form; write the result to `out` if given."""
    params = {"axis": axes(axis), "keepdims": keepdims is not ABSENT and bool(keepdims), **options}
    return deliver(apply(row, args, params), out)


def deliver(y: Any, out: Any) -> Any:
    """The result, written to `out` where that is given."""
    if out is None:
        return y
    if np.shape(concrete(out)) != np.shape(concrete(y)):
        raise ValueError(
            f"output parameter has shape {np.shape(concrete(out))}, the result has shape {np.shape(concrete(y))}"
        )
    if type(out) is not Array:
        out[...] = y
        return out
    if type(y) is Array:
        return overwrite(out, y)
    write(out, Ellipsis, y)
    return out


def options_given(**options: Any) -> dict[str, Any]:
    """Those keywords that were given and say something; recorded ones as their numbers."""
    return {
        name: look(value)
        for name, value in options.items()
        if value is not ABSENT and value is not None and value is not True
    }


def begun(function: Any, x: Any, initial: Any, **options: Any) -> Any:
    """function(x, initial=initial): NumPy does not ask `initial` for its protocols, so x is an array that it asks."""
    return function(Array(x) if is_value(initial) and not is_value(x) else x, initial=initial, **options)
