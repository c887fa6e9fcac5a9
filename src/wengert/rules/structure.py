"""Functions that give the same elements another shape, order of axes, or dtype. All are linear.

Where NumPy returns a view, so does the recorded function: a write into it reaches its owner.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, ROWS
from wengert.record import index, methods
from wengert.record.apply import apply
from wengert.record.swap import replace
from wengert.record.text import shown
from wengert.record.value import Array, concrete, frozen, is_value
from wengert.rules.table import handles, linear
from wengert.sweep.arithmetic import sum_to


def reshape(x: Any, shape: Any, order: Any = "C") -> Any:
    """np.reshape with its parameters by position."""
    if type(x) is np.ndarray:
        return x.reshape(shape, order=order)
    return np.reshape(x, shape, order=order)


def broadcast_to(x: Any, shape: Any) -> Any:
    """np.broadcast_to."""
    return np.broadcast_to(x, shape)


def convert(x: Any, dtype: Any) -> Any:
    """x.astype(dtype), for floating dtypes."""
    return x.astype(dtype) if isinstance(x, (np.ndarray, np.generic)) else np.dtype(dtype).type(x)


def as_before(c: Any, x: Any, *_: Any, order: Any = "C", **__: Any) -> Any:
    """The cotangent c of a reshaped x, in the shape of x."""
    return np.reshape(c, np.shape(x), order=order)


def inverse(axes: Any, n: int) -> Any:
    """The axes that undo np.transpose(x, axes)."""
    return None if axes is None else np.argsort([int(k) % n for k in axes])


def real_if(c: Any, x: Any) -> Any:
    """The cotangent c projected to the reals where x is real."""
    if type(c) is np.ndarray and c.dtype.kind != "c":
        return c
    return np.real(c) if np.iscomplexobj(c) and not np.iscomplexobj(x) else c


# fmt: off
RESHAPE = linear(reshape, lambda c, x, shape, order="C": as_before(c, x, order=order), view=True)
SQUEEZE = linear(np.squeeze,         as_before, view=True)
EXPAND = linear(np.expand_dims,      as_before, view=True)
ATLEAST = {f: linear(f,              as_before, view=True) for f in (np.atleast_1d, np.atleast_2d, np.atleast_3d)}
TRANSPOSE = linear(np.transpose,     lambda c, x, axes: np.transpose(c, inverse(axes, np.ndim(x))), view=True)
SWAPAXES = linear(np.swapaxes,       lambda c, x, axis1, axis2: np.swapaxes(c, axis1, axis2), view=True)
MOVEAXIS = linear(np.moveaxis,       lambda c, x, source, destination: np.moveaxis(c, destination, source), view=True)
BROADCAST_TO = linear(broadcast_to,  lambda c, x, shape: sum_to(c, np.shape(x)), view=True)
ROLL = linear(np.roll,               lambda c, x, shift, axis: np.roll(c, np.negative(shift), axis))
CONVERT = linear(convert,            lambda c, x, dtype: real_if(c, x))
COPY_AS = {o: linear(lambda x, order=o: x.copy(order), lambda c, x: c, name=f"copy_{o}") for o in "CFAK"}
# fmt: on
methods.COPY_AS.update(COPY_AS)
HANDLERS["astype"] = lambda x, dtype: apply(CONVERT, (x,), {"dtype": dtype})
for known in (index.GETITEM, index.COPY):
    ROWS[known.op] = known


# ── shapes ──


@handles(np.reshape)
def _reshape(a: Any, /, shape: Any = None, order: Any = "C", *, copy: Any = None) -> Any:
    if type(shape) is not tuple:
        shape = shape if isinstance(shape, int) or shape is None else tuple(shape)
    elif len(shape) == 1 and isinstance(shape[0], np.ndarray):
        shape = tuple([int(n) for n in np.atleast_1d(concrete(shape[0]))])
    if order == "C":
        y = apply(RESHAPE, (a,), {"shape": shape})
    else:
        y = apply(RESHAPE, (a,), {"shape": shape, "order": _explicit(a, order)})
    if copy is None:
        return y
    if not copy and getattr(y, "root", None) is None and np.size(concrete(y)):
        raise ValueError("Unable to avoid creating a copy while reshaping.")
    return y.copy() if copy else y


def _explicit(a: Any, order: Any) -> Any:
    """Order "A" as what it means for a."""
    if order != "A":
        return order
    flags = _layout(a).flags
    return "F" if flags.f_contiguous and not flags.c_contiguous else "C"


def _layout(a: Any) -> Any:
    """The plain array, of which strides are asked: those of another call's are no part of a trace."""
    return np.asanyarray(frozen(a) if np.ndim(concrete(a)) > 1 else a)


@handles(np.ravel)
def _ravel(a: Any, order: Any = "C") -> Any:
    if order == "K":
        return _ravel_as_in_memory(a)
    y = apply(RESHAPE, (a,), {"shape": (-1,)} if order == "C" else {"shape": (-1,), "order": _explicit(a, order)})
    return y if np.asanyarray(concrete(y)).flags.c_contiguous else y.copy()  # unlike reshape(-1), never a strided view


def _ravel_as_in_memory(a: Any) -> Any:
    """The elements in the order of their addresses, the axes taken as if no stride were negative."""
    x = _layout(a)
    flags = x.flags
    if flags.c_contiguous or x.ndim < 2:
        return np.ravel(a)
    if flags.f_contiguous:
        return np.ravel(a, "F")
    axes = sorted(range(x.ndim), key=lambda k: -abs(x.strides[k]))
    return np.ravel(np.transpose(a, axes))


@handles(np.squeeze)
def _squeeze(a: Any, axis: Any = None) -> Any:
    if axis is None and type(a) is Array and 1 not in np.shape(concrete(a)):
        return a
    return apply(SQUEEZE, (a,), {"axis": axis})


@handles(np.expand_dims)
def _expand_dims(a: Any, axis: Any) -> Any:
    return apply(EXPAND, (a,), {"axis": axis})


def _atleast(function: Any) -> Any:
    row = ATLEAST[function]
    ndim = (np.atleast_1d, np.atleast_2d, np.atleast_3d).index(function) + 1

    def one(x: Any) -> Any:
        if type(x) is Array and np.ndim(concrete(x)) >= ndim:
            return x
        return apply(row, (x,)) if is_value(x) else function(np.asanyarray(x))

    def atleast(*arys: Any) -> Any:
        parts = [one(x) for x in arys]
        return parts[0] if len(parts) == 1 else tuple(parts)

    return atleast


HANDLERS.update({function: _atleast(function) for function in ATLEAST})


# ── axes ──


@handles(np.transpose)
def _transpose(a: Any, axes: Any = None) -> Any:
    return apply(TRANSPOSE, (a,), {"axes": axes})


@handles(np.swapaxes)
def _swapaxes(a: Any, axis1: Any, axis2: Any) -> Any:
    return apply(SWAPAXES, (a,), {"axis1": axis1, "axis2": axis2})


@handles(np.matrix_transpose, np.linalg.matrix_transpose)
def _matrix_transpose(x: Any, /) -> Any:
    n = np.ndim(concrete(x))
    if n < 2:
        raise ValueError(f"Input array must be at least 2-dimensional, but it is {n}")
    return apply(SWAPAXES, (x,), {"axis1": -1, "axis2": -2})


@handles(np.moveaxis)
def _moveaxis(a: Any, source: Any, destination: Any) -> Any:
    return apply(MOVEAXIS, (a,), {"source": source, "destination": destination})


@handles(np.roll)
def _roll(a: Any, shift: Any, axis: Any = None) -> Any:
    return apply(ROLL, (a,), {"shift": shift, "axis": axis})


# ── broadcasting ──


@handles(np.broadcast_to)
def _broadcast_to(array: Any, shape: Any, subok: bool = False) -> Any:
    return apply(BROADCAST_TO, (array,), {"shape": shape})


@handles(np.broadcast_arrays)
def _broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    shape = np.broadcast_shapes(*[np.shape(concrete(x)) for x in args])
    return tuple([np.asanyarray(x) if np.shape(concrete(x)) == shape else np.broadcast_to(x, shape) for x in args])


# ── questions about a value: answered from the concrete one ──


@handles(np.shape)
def _shape(a: Any) -> Any:
    return np.shape(concrete(a))


@handles(np.ndim)
def _ndim(a: Any) -> int:
    return np.ndim(concrete(a))


@handles(np.size)
def _size(a: Any, axis: Any = None) -> Any:
    return np.size(concrete(a), axis)


def _text(function: Any) -> Any:
    return lambda a, *args, **kwargs: function(methods.read(a), *args, **kwargs)


HANDLERS.update({function: _text(function) for function in (np.array2string, np.array_repr, np.array_str)})


@replace(np.format_float_positional, np.format_float_scientific)
def _digits(original: Any) -> Any:
    def digits(x: Any, *args: Any, **kwargs: Any) -> Any:
        return shown(original(methods.read(x), *args, **kwargs), x) if is_value(x) else original(x, *args, **kwargs)

    return digits


@handles(np.iscomplexobj)
def _iscomplexobj(x: Any) -> bool:
    return np.iscomplexobj(concrete(x))


@handles(np.isrealobj)
def _isrealobj(x: Any) -> bool:
    return np.isrealobj(concrete(x))


@handles(np.copy)
def _copy(a: Any, order: Any = "K", subok: bool = False) -> Any:
    return np.array(a, order=order, copy=True)
