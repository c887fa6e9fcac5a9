"""Reading and writing elements: `x[key]`, `x[key] = v`, and in-place operations, as NumPy means them.

A write changes the owner of the memory in place: its own size is what it costs. The line
`WRITE(owner, value)` says that slot `owner` holds something else from here on; a sweep in reverse
takes the cotangent of the region, gives it to the value, and leaves zeros. Views are read again
from their owner when they are next used. Memory that a line still refers to is copied first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.ir.row import Row
from wengert.record.apply import apply, older, plain, refresh, wrap, youngest
from wengert.record.build import SEQUENCES
from wengert.record.locate import at_user_line
from wengert.record.observe import look, looked_path, looked_slices, plain_copy
from wengert.record.shadows import is_flavoured
from wengert.record.value import Array, NotApart, Recorder, Scalar, concrete, follow, is_value
from wengert.record.varying import Varying, is_apart, set_at, take_at, varies

_array = np.array
"""NumPy's own, whatever is swapped in while recording."""


def getitem(x: Any, key: Any) -> Any:
    """x[key]."""
    return take_at(x, key) if varies(key) else x[key]


def copy(x: Any) -> Any:
    """A copy of x in memory of its own, laid out as x is."""
    return x.copy(order="K") if type(x) is np.ndarray else x.__copy__()


GETITEM = Row(
    getitem, "getitem", "linear", (lambda d, y, x, key: getitem(d, key),), (None,), (frozenset(),), (False,),
    view=True, special=True,
)  # fmt: skip
"""The sweeps know how to scatter into the cotangent of x."""

COPY = Row(copy, "copy", "linear", (lambda d, y, x: d,), (lambda c, y, x: c,), (frozenset(),), (False,))
CONSTANT = Row(lambda x: x, "constant", "constant", special=True)
"""The line of a plain array that becomes recorded by a write."""

WRITE = Row(lambda x, v: x, "write", "write", (None, None), (None, None), special=True)
"""The sweeps know it. args (owner, value), params path and key, shapes that of the value."""


def read(a: Array, key: Any) -> Any:
    """a[key]."""
    root = a.root
    if root is not None and a.stamp != root.version:
        refresh(a)
    rec, t = a.rec, type(key)
    if t is not int and t is not slice and not is_basic(key):
        places = _of_plain_arrays(key) if t is tuple else None
        if places is None and varies(key):
            return _read_varying(a, key)
        key = places or clean(key)
    if rec is None:
        y = a.primal[key]
        return wrap(y, None, -1, (a,), GETITEM, {"key": key}) if isinstance(y, np.ndarray) else y
    if rec.traces and t is not int:
        key = looked_slices(key)
    data = a.primal
    y = data[key]
    params = {"key": key}
    lines = rec.lines
    slot = len(lines)
    lines.append((GETITEM, (a.slot,), y if rec.traces else None, (data,), params, None))
    t = type(y)
    if t is np.ndarray:
        base = y.base
        if base is not None and (base is data or (type(data) is np.ndarray and base is data.base)):
            step = (getitem, params)
            return Array(y, rec, slot, a, (step,)) if root is None else Array(y, rec, slot, root, (*a.path, step))
        return Array(y, rec, slot)
    return wrap(y, rec, slot, (a,), GETITEM, params) if t is Array else Scalar(y, rec, slot)


_BASIC = {int, slice, type(None), type(Ellipsis)}


def is_basic(key: Any) -> bool:
    """Whether the key consists of numbers, slices, None and ...: nothing that is recorded or can be changed."""
    if type(key) is not tuple:
        return type(key) in _BASIC
    for part in key:  # noqa: SIM110  a loop is the faster spelling
        if type(part) not in _BASIC:
            return False
    return True


def _of_plain_arrays(key: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """`clean(key)` for an index of plain arrays, numbers and slices; None for any other."""
    parts: list[Any] = []
    for part in key:
        if type(part) is np.ndarray and part.dtype.kind in "iub":
            parts.append(part.copy())
        elif type(part) in _BASIC:
            parts.append(part)
        else:
            return None
    return tuple(parts)


def _read_varying(a: Array, key: Any) -> Any:
    """a[key] where a trace that is being recorded computes the places."""
    rec = a.rec
    if rec is None or rec.traces or is_apart(key):
        return take_at(a, key)
    y = take_at(a.primal, key)
    lines = rec.lines
    slot = len(lines)
    lines.append((GETITEM, (a.slot,), None, (a.primal,), {"key": Varying(key)}, None))
    return Array(y, rec, slot) if np.ndim(concrete(y)) else Scalar(y, rec, slot)


def clean(key: Any) -> Any:
    """An index without recorded values, that nobody can change afterwards: of plain tuples and arrays."""
    t = type(key)
    if t is int or t is slice or key is Ellipsis or key is None:
        return key
    if t is tuple or isinstance(key, tuple):
        return tuple([k if type(k) is int or type(k) is slice else _clean_part(k) for k in key])
    if t is np.ndarray:
        return key.copy()
    if is_value(key):
        return clean(look(key))
    if isinstance(key, list):
        return _array([look(k) for k in key]) if key else _array(key, dtype=int)
    return _array_of_places(key) if isinstance(key, np.ndarray) or not hasattr(key, "__index__") else key


def _array_of_places(key: Any) -> Any:
    """What NumPy makes of an index that is a sequence, or can be an array; others it refuses."""
    if isinstance(key, (np.generic, str)) or not (hasattr(key, "__len__") or hasattr(key, "__array__")):
        return key
    places = _array(key)
    return places if places.size else places.astype(int)


def _clean_part(k: Any) -> Any:
    """A part of an index: there, a tuple is an array to NumPy."""
    return clean(list(k) if isinstance(k, tuple) else k)


def write(a: Array, key: Any, value: Any) -> None:
    """a[key] = value."""
    if type(value) is Scalar and a.root is None and _is_place(key) and _quick_write(a, key, value):
        return
    root = a if a.root is None else a.root
    if type(value) in SEQUENCES:
        value = np.array(value)
    elif is_flavoured(value):
        value = value._array
    elif getattr(value, "answers_first", False):
        value = value.as_data()
    if type(key) is not int and a.root is None and varies(key):
        overwrite(a, set_at(a, value, key))
        return
    key = clean(key)
    rec = youngest((root, value))
    if a.path:
        _refuse_read_only(a)
    if rec is None:
        unshare(root)
        follow(root.primal, a.path)[key] = plain(value)
        root.version += 1
        return
    if rec.traces:
        key = looked_slices(key)
    recorded = is_value(value) and value.rec is rec
    if recorded or (rec.apart and is_value(value)):
        _refuse_truncation(concrete(root).dtype, concrete(value))
    lift(root, rec)
    unshare(root)
    v = concrete(value) if rec.apart else value.primal if recorded else plain(value)
    if is_value(v) and type(root.primal) is np.ndarray:
        root.primal = Array(root.primal)
    follow(root.primal, a.path)[key] = v
    vslot = value.slot if recorded else -1
    kept = (root.primal, _written_value(rec, value, v) if rec.traces and not recorded else None)
    path = looked_path(a.path) if rec.traces else a.path
    index = rec.append(
        (WRITE, (root.slot, vslot), None, kept, {"path": path, "key": key}, (np.shape(v), np.isrealobj(v)))
    )
    rec.writes.append(index)
    root.version += 1


READ_ONLY: dict[Any, Callable[..., str]] = {}
"""function that makes a view → why, with these parameters, it cannot be written to here, though NumPy's own can"""


def _refuse_read_only(a: Array) -> None:
    for function, params in a.path:
        why = READ_ONLY[function](**params) if function in READ_ONLY else ""
        if why:
            raise LostDerivative(
                at_user_line(f"a recorded array is not written to through {why}")
                + "\nWrite into the array itself, by indices or slices."
            )


def _written_value(rec: Recorder, value: Any, v: Any) -> Any:
    """What a trace keeps of a value that is not its own."""
    return older(value, v) if rec.apart else look(plain_copy(v))


def _is_place(key: Any) -> bool:
    return type(key) is int or (type(key) is tuple and all([type(k) is int for k in key]))


def _quick_write(a: Array, key: Any, value: Scalar) -> bool:
    """The commonest write: one recorded number into memory of its own recording."""
    rec, data = value.rec, a.primal
    if a.rec is not rec or a.shared or type(data) is not np.ndarray or rec.traces or data.dtype.kind != "f":
        return False
    y = value.primal
    if (type(y) is not float and type(y) is not np.float64) or (type(key) is tuple and len(key) != data.ndim):
        return False
    data[key] = y
    line = (WRITE, (a.slot, value.slot), None, (data, None), {"path": (), "key": key}, NUMBER)
    rec.writes.append(rec.append(line))
    a.version += 1
    return True


NUMBER = ((), True)
"""How the cotangent of a written number is fitted: it has no axes, and is real."""


def lift(root: Array, rec: Recorder) -> None:
    """Make the owner a value of rec, the youngest recorder around: what it holds is constant to rec."""
    if root.rec is rec:
        return
    if root.rec is not None:
        if rec.apart:
            rec.freeze("an older array is written to")  # a bare `except` of the user's may hide the exception
            raise NotApart
        root.primal = Array(root.primal, root.rec, root.slot)
        root.primal.shared = root.shared
        root.shared = False
    root.rec = rec
    kept = plain_copy(concrete(root.primal)) if rec.traces else root.primal
    root.slot = rec.append((CONSTANT, (-1,), None, (kept,), None, None))


def unshare(root: Array) -> None:
    """Give the owner memory and a slot of its own, before a write."""
    if not root.shared:
        return
    root.shared = False
    before = root.primal
    root.primal = before.copy(order="K")
    if root.rec is not None:
        root.slot = root.rec.append((COPY, (root.slot,), None, (before,), None, None))


def overwrite(a: Array, new: Any) -> Array:
    """Let `a` hold `new` (same shape) from now on; views of `a` see it."""
    if a.root is not None or type(new) is not Array or new.root is not None:
        write(a, Ellipsis, new)
        return a
    new = convert(new, concrete(a).dtype)
    a.primal, a.rec, a.slot, a.shared = new.primal, new.rec, new.slot, new.shared
    a.version += 1
    return a


def convert(new: Array, dtype: Any) -> Array:
    """`new` with the dtype of the array that it is put into."""
    if new.primal.dtype == dtype:
        return new
    if new.rec is not None:
        _refuse_truncation(dtype, new)
    return new.astype(dtype)  # type: ignore[attr-defined]


def update(row: Row, a: Array, other: Any) -> Any:
    """a op= other, in place."""
    if youngest((a, other)) is None:
        root = a if a.root is None else a.root
        unshare(root)
        target = follow(root.primal, a.path)
        row.op(target, plain(other), out=target)
        root.version += 1
        return a
    return become(a, apply(row, (a, other)), row.op, other)


def become(a: Array, new: Any, op: Any, other: Any) -> Array:
    """The end of a op= other: `a` holds `new`, or NumPy's error where it does not fit into `a`."""
    before, after = concrete(a), concrete(new)
    if np.shape(after) != before.shape or not np.can_cast(after.dtype, before.dtype, "same_kind"):
        op(before, concrete(other), out=np.ndarray(before.shape, before.dtype))
    return overwrite(a, new)


def _refuse_truncation(dtype: Any, value: Any) -> None:
    if dtype.kind not in "fcO":
        raise LostDerivative(
            at_user_line(f"writing a recorded value into an array of dtype {dtype} would cut its derivative")
            + "\nMake that array of a floating dtype, or write stop_gradient(value) if that is what you want."
        )
