"""Functions that write into their first argument: copyto, putmask, place, put, ufunc.at."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record import index
from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.protocols import REDUCTIONS, any_recorded
from wengert.record.value import concrete, is_value
from wengert.rules.axes import as_array
from wengert.rules.table import handles, linear

_array, _asarray, _empty = np.array, np.asarray, np.empty
"""NumPy's own, also while recording."""


@handles(np.copyto)
def _copyto(dst: Any, src: Any, casting: str = "same_kind", where: Any = True) -> None:
    target, value = concrete(dst), concrete(as_array(src))
    if _asarray(value).dtype != target.dtype:
        np.copyto(_empty(target.shape, target.dtype), value, casting, concrete(where))  # type: ignore[call-overload]
    mask = look(where)
    if mask is True:
        dst[...] = src
    elif np.ndim(value) == 0:
        dst[np.broadcast_to(mask, target.shape)] = src
    else:
        mask = np.broadcast_to(mask, target.shape)
        dst[mask] = np.broadcast_to(as_array(src), target.shape)[mask]


@handles(np.putmask)
def _putmask(a: Any, mask: Any, values: Any) -> None:
    shape = np.shape(concrete(a))
    chosen = np.reshape(_asarray(look(as_array(mask))).astype(bool), shape)
    v = np.ravel(as_array(values))
    if len(v):
        a[chosen] = v[np.flatnonzero(chosen) % len(v)]


@handles(np.place)
def _place(arr: Any, mask: Any, vals: Any) -> None:
    chosen = np.reshape(_asarray(look(as_array(mask))).astype(bool), np.shape(concrete(arr)))
    n, v = np.count_nonzero(chosen), np.ravel(as_array(vals))
    if n and not len(v):
        raise ValueError("Cannot insert from an empty array!")
    if n:
        arr[chosen] = v[np.arange(n) % len(v)]


@handles(np.put)
def _put(a: Any, ind: Any, v: Any, mode: Any = "raise") -> None:
    target = concrete(a)
    places = np.ravel(_asarray(look(as_array(ind))))
    np.put(_empty(target.shape, bool), places, True, mode)
    values = np.ravel(as_array(v))
    if not len(places) or not len(values):
        return
    n = target.size
    places = np.clip(places, 0, n - 1) if mode == "clip" else places % n
    a[np.unravel_index(places, target.shape)] = values[np.arange(len(places)) % len(values)]


# ── ufunc.at: an in-place operation that counts repeated places every time ──


def add_at(x: Any, v: Any, places: Any) -> Any:
    """A copy of x to which v has been added at places, repeated ones included."""
    return _copy_at(np.add, x, v, places)


def subtract_at(x: Any, v: Any, places: Any) -> Any:
    """A copy of x from which v has been subtracted at places, repeated ones included."""
    return _copy_at(np.subtract, x, v, places)


def _copy_at(ufunc: Any, x: Any, v: Any, places: Any) -> Any:
    y = np.array(x) if is_value(x) or is_value(v) else _array(x)
    ufunc.at(y, places, v)
    return y


def _to_places(sign: float) -> Any:
    def pull(c: Any, x: Any, v: Any, places: Any) -> Any:
        bar = sign * c[places]
        return np.real(bar) if np.iscomplexobj(bar) and not np.iscomplexobj(v) else bar

    return pull


def _from_places(op: Any) -> Any:
    return lambda d, x, v, places: op(np.zeros(np.shape(x), concrete(d).dtype), d, places)


AT = {
    np.add: linear(
        add_at, lambda c, x, v, places: c, _to_places(1.0),
        push=(lambda d, x, v, places: d, _from_places(add_at)), name="numpy.add.at",
    ),
    np.subtract: linear(
        subtract_at, lambda c, x, v, places: c, _to_places(-1.0),
        push=(lambda d, x, v, places: d, _from_places(subtract_at)), name="numpy.subtract.at",
    ),
}  # fmt: skip


def at(ufunc: Any, a: Any, indices: Any, *operands: Any) -> None:
    """ufunc.at(a, indices, values): once per place where none repeats, else in NumPy's order."""
    key, values = index.clean(indices), tuple([as_array(v) for v in operands])
    if isinstance(concrete(a), np.ndarray) and not is_value(a):
        ufunc.at(a, key, *[_asarray(v) for v in values])
        return
    target = concrete(a)
    shape = np.shape(target[key])
    places = np.ravel(_places(target.shape, key))
    distinct, inverse, counts = np.unique(places, return_inverse=True, return_counts=True)
    if len(distinct) == len(places):
        a[key] = ufunc(a[key], *values)
        return
    flat = [np.ravel(np.broadcast_to(v, shape)) for v in values]
    if ufunc in AT and not any_recorded(key):
        where = np.unravel_index(distinct, target.shape)
        a[where] = apply(AT[ufunc], (a[where], flat[0]), {"places": inverse})
        return
    for chosen in _rounds(places, int(counts.max())):
        where = np.unravel_index(places[chosen], target.shape)
        a[where] = ufunc(a[where], *[v[chosen] for v in flat])


def _rounds(places: Any, n: int) -> list[Any]:
    """The first occurrences of each place, then the second ones, …"""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    rank = np.arange(len(places)) - np.repeat(starts, np.diff(np.append(starts, len(places))))
    return [order[rank == k] for k in range(n)]


def _places(shape: tuple[int, ...], key: Any) -> Any:
    """The places (in C order) that x[key] shows, for x of that shape."""
    parts = key if type(key) is tuple else (key,)
    if len(parts) == len(shape) and all(type(p) is np.ndarray and p.dtype.kind in "iu" for p in parts):
        wrapped = [np.where(p < 0, p + n, p) for p, n in zip(parts, shape, strict=True)]
        return np.ravel_multi_index(np.broadcast_arrays(*wrapped), shape)
    return np.arange(int(np.prod(shape))).reshape(shape)[key]


REDUCTIONS[None, "at"] = at
