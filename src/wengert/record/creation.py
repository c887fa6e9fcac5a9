"""NumPy's creation functions while recording: their arrays can hold recorded values."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.record.apply import apply
from wengert.record.build import array_of, build, contains_value
from wengert.record.swap import replace, wrap_plain
from wengert.record.value import Array, concrete, is_value


@replace(
    np.zeros, np.ones, np.empty, np.eye, np.identity, np.copy, np.diag, np.tile, np.linspace,
    np.geomspace, np.logspace, np.fromiter, np.fromfunction, np.tri, np.vander,
)  # fmt: skip
def _fresh(original: Any) -> Any:
    def create(*args: Any, **kwargs: Any) -> Any:
        return wrap_plain(original(*args, **kwargs))

    return create


@replace(np.zeros_like, np.ones_like, np.empty_like)
def _like(original: Any) -> Any:
    def create(prototype: Any, *args: Any, **kwargs: Any) -> Any:
        return wrap_plain(original(concrete(prototype), *args, **kwargs))

    return create


@replace(np.full)
def _full(original: Any) -> Any:
    def full(shape: Any, fill_value: Any, dtype: Any = None, order: str = "C", **kwargs: Any) -> Any:
        if not contains_value(fill_value):
            return wrap_plain(original(shape, fill_value, dtype, order, **kwargs))
        return _filled(np.empty(shape, concrete(fill_value).dtype if dtype is None else dtype, order), fill_value)

    return full


@replace(np.full_like)
def _full_like(original: Any) -> Any:
    def full_like(prototype: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
        if not contains_value(fill_value):
            return wrap_plain(original(concrete(prototype), fill_value, *args, **kwargs))
        return _filled(np.empty_like(prototype, *args, **kwargs), fill_value)

    return full_like


def _filled(array: Any, value: Any) -> Any:
    array[...] = value
    return array


@replace(np.array)
def _array(original: Any) -> Any:
    def array(object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **kwargs: Any) -> Any:
        return _made(original, object, dtype, copy, ndmin, kwargs)

    return array


@replace(np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, np.asarray_chkfinite)
def _asarray(original: Any) -> Any:
    def asarray(a: Any, dtype: Any = None, *args: Any, **kwargs: Any) -> Any:
        if type(a) is np.ndarray:
            return original(a, dtype, *args, **kwargs)
        return _made(
            original, a, dtype, None if not kwargs.get("copy") else True, 0,
            {"order": args[0]} if args else kwargs,
        )  # fmt: skip

    return asarray


def _made(original: Any, x: Any, dtype: Any, copy: Any, ndmin: int, options: dict[str, Any]) -> Any:
    if is_value(x):
        y = _objects(x) if _is_object(dtype) else array_of(x, dtype, bool(copy))
        return _with_ndim(y, ndmin)
    if not _starts_recorded(x):
        try:
            extra = {"copy": copy, "ndmin": ndmin} if original is np.array else {}
            y = original(x, dtype, **(options | extra))
            return y if y is x else wrap_plain(y)
        except LostDerivative:
            if not contains_value(x):
                raise
    return _with_ndim(_objects(x) if _is_object(dtype) else build(x, dtype), ndmin)


def _is_object(dtype: Any) -> bool:
    return dtype is object or dtype == "O" or dtype == np.dtype(object)


def _objects(x: Any) -> Any:
    """An object array of the elements of x, each of them recorded."""
    values = build(x) if type(x) in (list, tuple) else x
    shape = np.shape(concrete(values))
    out = Paused_empty(shape)
    for place in np.ndindex(shape):
        out[place] = values[place] if shape else values
    return out


def Paused_empty(shape: Any) -> Any:
    """An object array that NumPy made."""
    return np.ndarray(shape, object)


def _starts_recorded(x: Any) -> bool:
    while (type(x) is list or type(x) is tuple) and x:
        x = x[0]
    return is_value(x) or (type(x) is np.ndarray and x.dtype.hasobject)


def _with_ndim(y: Any, ndmin: int) -> Any:
    missing = ndmin - np.ndim(concrete(y))
    return y.reshape((1,) * missing + np.shape(concrete(y))) if missing > 0 else y


__all__ = ["Array", "apply"]
