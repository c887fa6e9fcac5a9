"""Functions that only move elements: reshape, transpose, broadcast, join, split, pad. All are linear.

Each NumPy spelling is brought to one canonical form; its row is the transpose of the movement.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, ROWS
from wengert.record import index, methods
from wengert.record.apply import apply
from wengert.record.value import concrete, is_value
from wengert.rules.table import handles, linear, variadic
from wengert.sweep.arithmetic import sum_to


def reshape(x: Any, shape: Any, order: str = "C") -> Any:
    """np.reshape with its parameters by position."""
    return np.reshape(x, shape, order=order)


def transpose(x: Any, axes: Any) -> Any:
    """np.transpose with explicit axes."""
    return np.transpose(x, axes)


def broadcast_to(x: Any, shape: Any) -> Any:
    """np.broadcast_to."""
    return np.broadcast_to(x, shape)


def convert(x: Any, dtype: Any) -> Any:
    """x.astype(dtype), for floating dtypes."""
    return x.astype(dtype) if is_value(x) else np.asarray(x).astype(dtype)[()]


def copy_as(x: Any, order: str) -> Any:
    """x.copy(order)."""
    return x.copy(order)


# fmt: off
RESHAPE = linear(reshape, lambda c, x, shape, order="C": np.reshape(c, np.shape(x), order=order), view=True)
TRANSPOSE = linear(transpose, lambda c, x, axes: np.transpose(c, np.argsort(axes)), view=True)
BROADCAST_TO = linear(broadcast_to, lambda c, x, shape: sum_to(c, np.shape(x)), view=True)
CONVERT = linear(convert, lambda c, x, dtype: np.real(c) if np.iscomplexobj(c) and not np.iscomplexobj(x) else c)
COPY_AS = {order: linear(lambda x, order=order: x.copy(order), lambda c, x: c, name=f"copy_{order}") for order in "CFAK"}
# fmt: on
methods.COPY_AS.update(COPY_AS)
HANDLERS["astype"] = lambda x, dtype: apply(CONVERT, (x,), {"dtype": dtype})
for known in (index.GETITEM, index.COPY):
    ROWS[known.op] = known


@handles(np.reshape)
def _reshape(a: Any, /, shape: Any = None, order: str = "C", *, copy: Any = None) -> Any:
    y = apply(RESHAPE, (a,), {"shape": shape, "order": order})
    return y.copy() if copy else y


@handles(np.ravel)
def _ravel(a: Any, order: str = "C") -> Any:
    return apply(RESHAPE, (a,), {"shape": (-1,), "order": order})


@handles(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    n = np.ndim(concrete(a))
    full = tuple(range(n))[::-1] if axes is None else tuple(int(k) % n for k in axes)
    return apply(TRANSPOSE, (a,), {"axes": full})


@handles(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    return apply(BROADCAST_TO, (array,), {"shape": shape})


@handles(np.shape)
def _shape(a: Any) -> Any:
    return np.shape(concrete(a))


@handles(np.ndim)
def _ndim(a: Any) -> int:
    return np.ndim(concrete(a))


@handles(np.size)
def _size(a: Any, axis: Any = None) -> Any:
    return np.size(concrete(a), axis)


@handles(np.iscomplexobj)
def _iscomplexobj(x: Any) -> bool:
    return np.iscomplexobj(concrete(x))


@handles(np.isrealobj)
def _isrealobj(x: Any) -> bool:
    return np.isrealobj(concrete(x))


def _concatenate(*xs: Any, axis: Any = 0) -> Any:
    return np.concatenate(xs, axis=axis)


def _push_concatenate(dots: list[Any], y: Any, *xs: Any, axis: Any = 0) -> Any:
    parts = [np.zeros(np.shape(x)) if d is None else d for d, x in zip(dots, xs, strict=True)]
    return np.concatenate(parts, axis=axis)


def _pull_concatenate(c: Any, y: Any, *xs: Any, axis: Any = 0) -> list[Any]:
    if axis is None:
        sizes = [np.size(x) for x in xs]
        parts = [c[end - n : end] for n, end in zip(sizes, np.cumsum(sizes), strict=True)]
        return [np.reshape(part, np.shape(x)) for part, x in zip(parts, xs, strict=True)]
    sizes = [np.shape(x)[axis] for x in xs]
    ends = [int(end) for end in np.cumsum(sizes)]
    lead = (slice(None),) * (axis % np.ndim(c))
    return [c[(*lead, slice(end - n, end))] for n, end in zip(sizes, ends, strict=True)]


CONCATENATE = variadic(_concatenate, _push_concatenate, _pull_concatenate, name="numpy.concatenate")


@handles(np.concatenate)
def _concatenate_any(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: str = "same_kind") -> Any:
    parts = tuple(np.array(x) if type(x) in (list, tuple) else x for x in arrays)
    y = apply(CONCATENATE, parts, {"axis": axis})
    y = y if dtype is None else y.astype(dtype)
    if out is None:
        return y
    out[...] = y
    return out
