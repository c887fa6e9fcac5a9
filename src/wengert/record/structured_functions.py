"""NumPy's functions of structured arrays of recorded numbers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.build import contains_value
from wengert.record.observe import look
from wengert.record.places import holds_numbers, refusal
from wengert.record.reach import MADE_BY
from wengert.record.state import state, user_code
from wengert.record.structured import FUNCTIONS, Record, Structured, is_structured, lowered
from wengert.record.structured_making import bare, nested, of
from wengert.record.swap import METHODS, replace

Fn = Callable[..., Any]
rec: Any = np.rec
_empty, _zeros, _np_copyto = np.empty, np.zeros, np.copyto


def ours(x: Any) -> Structured:
    """x as a structured array that can hold recorded numbers."""
    return x if isinstance(x, Structured) else of(np.asarray(x))


# ── what moves records: done to their numbers, as a copy ──


def _moved(function: Fn) -> Fn:
    def move(x: Any, *args: Any, **kwargs: Any) -> Any:
        x = ours(x)
        return x.rows(function(np.arange(x.size).reshape(x.shape), *args, **kwargs))

    return move


def _joined(function: Fn) -> Fn:
    def join(arrays: Any, *args: Any, **kwargs: Any) -> Any:
        if not all(map(is_structured, arrays)):
            raise refusal(f"numpy.{function.__name__}, beside an array without fields,")
        parts = [ours(a) for a in arrays]
        dtype = np.result_type(*[p.dtype for p in parts])
        whole = of(_empty(sum(p.size for p in parts), dtype))
        labels, start = [], 0
        for p in parts:
            whole[start : start + p.size] = p.reshape(-1) if not isinstance(p, Record) else p
            labels.append(np.arange(start, start + p.size).reshape(p.shape))
            start += p.size
        return whole.rows(function(labels, *args, **kwargs))

    return join


_concatenate = _joined(np.concatenate)


def _append(x: Any, values: Any, axis: Any = None) -> Any:
    parts = [ours(x).reshape(-1), ours(values).reshape(-1)] if axis is None else [x, values]
    return _concatenate(parts, axis=0 if axis is None else axis)


def _where(condition: Any, a: Any, b: Any) -> Any:
    a, b = ours(a), ours(b)
    both = _concatenate([a.reshape(-1), b.reshape(-1)])
    labels = [np.arange(a.size).reshape(a.shape), a.size + np.arange(b.size).reshape(b.shape)]
    return both.rows(np.where(condition, *labels))


def _blank(function: Fn) -> Fn:
    def like(x: Any, dtype: Any = None, **_: Any) -> Any:
        plain = function(_empty(x.shape, x.dtype if dtype is None else dtype))
        if function is np.empty_like:
            plain[...] = np.zeros((), plain.dtype)
        return of(plain, x._by_name) if holds_numbers(plain.dtype) else plain

    return like


def _sort(x: Any, axis: Any = -1, kind: Any = None, order: Any = None, **options: Any) -> Any:
    return x.rows(x.argsort(axis, kind, order, **options))


FUNCTIONS.update({
    f: _moved(f) for f in (np.take, np.repeat, np.tile, np.roll, np.delete, np.resize, np.compress, np.rot90)
} | {
    f: _joined(f) for f in (np.concatenate, np.stack, np.hstack, np.vstack, np.column_stack)
} | {
    f: _blank(f) for f in (np.zeros_like, np.ones_like, np.empty_like)
} | {
    np.append: _append,
    np.where: _where,
    np.sort: _sort,
    np.argsort: lambda x, axis=-1, kind=None, order=None, **options: x.argsort(axis, kind, order, **options),
    np.copy: lambda a, order="K", subok=False: a.copy().view(np.ndarray),
    np.shape: lambda a: a.shape,
    np.ndim: lambda a: a.ndim,
    np.size: lambda a, axis=None: a.size if axis is None else a.shape[axis],
    np.reshape: lambda a, shape, order="C", **_: a.reshape(shape, order=order),
    np.ravel: lambda a, order="C": a.ravel(order),
    np.transpose: lambda a, axes=None: a.transpose(*axes or ()),
    np.squeeze: lambda a, axis=None: a.squeeze(axis),
    np.flip: lambda m, axis=None: m[::-1] if m.ndim == 1 else m[_flipped(m.ndim, axis)],
    np.atleast_1d: lambda a: a if a.ndim else a.reshape(1),
    np.array_equal: lambda a, b, equal_nan=False: a.shape == b.shape and bool(np.all(a == b)),
    np.iscomplexobj: lambda x: False,
})  # fmt: skip


def _copyto(dst: Any, src: Any, casting: Any = "same_kind", where: Any = True) -> None:
    if not isinstance(dst, Structured):
        _np_copyto(dst, lowered(src), casting, where)
    elif where is not True:
        raise refusal("numpy.copyto with a mask")
    else:
        dst[...] = src


def _refusing(function: Fn) -> Fn:
    def refuse(*_: Any, **__: Any) -> Any:
        raise refusal(f"numpy.{function.__name__}")

    return refuse


FUNCTIONS[np.copyto] = _copyto
FUNCTIONS.update({f: _refusing(f) for f in (np.put, np.place, np.putmask, np.put_along_axis, np.fill_diagonal)})
"""They would write into a copy."""


def _flipped(ndim: int, axis: Any) -> Any:
    axes = range(ndim) if axis is None else [k % ndim for k in np.atleast_1d(axis)]
    return tuple([slice(None, None, -1) if k in axes else slice(None) for k in range(ndim)])


# ── np.rec ──


def named(y: Any) -> Any:
    """A new structured array as one that can hold recorded numbers, while recording."""
    return of(y, isinstance(y, np.recarray)) if state.depth and is_structured(y) and holds_numbers(y.dtype) else y


@replace(rec.fromarrays)
def _fromarrays(original: Any) -> Any:
    def fromarrays(arrayList: Any, *args: Any, **kwargs: Any) -> Any:
        if not contains_value(arrayList):
            return named(original(arrayList, *args, **kwargs))
        columns = [np.asarray(a) for a in arrayList]
        return over(original([look(c) for c in columns], *args, **kwargs), columns)

    return fromarrays


def over(plain: Any, columns: Any) -> Any:
    """What NumPy made of plain numbers, with the recorded columns written over it."""
    y = of(plain, isinstance(plain, np.recarray))
    for name, column in zip(plain.dtype.names, columns, strict=True):
        if contains_value(column):
            y[name] = np.reshape(column, y.field(name).shape)
    return y


@replace(rec.fromrecords)
def _fromrecords(original: Any) -> Any:
    def fromrecords(recList: Any, *args: Any, **kwargs: Any) -> Any:
        if not contains_value(recList):
            return named(original(recList, *args, **kwargs))
        plain = original(bare(recList), *args, **kwargs)
        return nested([tuple(row) for row in recList], plain.dtype).view(np.recarray)

    return fromrecords


@replace(rec.array)
def _rec_array(original: Any) -> Any:
    def array(obj: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(obj, Structured):
            return obj.copy().view(np.recarray)
        if not contains_value(obj):
            return named(original(obj, *args, **kwargs))
        make = rec.fromrecords if isinstance(obj[0], (tuple, list)) else rec.fromarrays
        return make(obj, *args, **kwargs)

    return array


_new = np.recarray.__new__


def _making(kind: Any, *args: Any, **kwargs: Any) -> Any:
    y = _new(kind, *args, **kwargs)
    if kind is not np.recarray or kwargs.get("buf") is not None or not user_code(sys._getframe(1)):
        return y
    y[...] = _zeros((), y.dtype)
    return named(y)


MADE_BY[np.recarray] = frozenset({"recarray"})
METHODS.append((np.recarray, "__new__", staticmethod(_new), staticmethod(_making)))
