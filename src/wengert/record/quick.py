"""The commonest operations on arrays, recorded without ceremony: elementwise ones of real float64 data.

`unary` and `binary` make, of a row, a function that does for these what `apply` does for everything.
Where an operand is anything else nothing has happened, and `otherwise` is called. `at_once` spares functions with
settings, such as an axis, NumPy's round of questions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, Row
from wengert.record.apply import keeps, snapshot, standin
from wengert.record.squares import square_of_root
from wengert.record.value import Array, Scalar

_ndarray = np.ndarray
_FLOAT = np.dtype(float)
_NUMBERS = {float, int, np.float64}
_REALS = {float, np.float64}

Unary = Callable[[Any], Any]
Binary = Callable[[Any, Any], Any]


def _nothing(*_: Any) -> None:
    return None


def unary(row: Row, function: Unary, otherwise: Unary = _nothing) -> Unary:
    """a ↦ function(a) as a line of `row`, for an Array of a recording."""

    def of_one(a: Any) -> Any:
        rec, x, root = a.rec, a.primal, a.root
        if (
            rec is None
            or type(x) is not _ndarray
            or x.dtype is not _FLOAT
            or not x.ndim
            or (root is not None and a.stamp != root.version)
        ):
            return otherwise(a)
        try:
            y = function(x)
        except FloatingPointError:
            rec.freeze("an error was raised")
            raise
        if type(y) is not _ndarray or y.dtype is not _FLOAT:
            return otherwise(a)
        if rec.traces:
            return _traced(rec, row, (a.slot,), y, (x,))
        kept, keep_result = row.memo.get(1) or keeps(row, 1, 1)
        if kept:
            (a if root is None else root).shared = True
        lines = rec.lines
        out = Array(y, rec, len(lines))
        lines.append((row, (a.slot,), y if keep_result else None, (x,) if kept else _NONE, None, None))
        out.shared = keep_result
        return out

    return of_one


_NONE = (None,)


def _traced(rec: Any, row: Row, slots: tuple[int, ...], y: Any, data: tuple[Any, ...]) -> Array:
    """For a trace every line counts, with all its arguments."""
    lines = rec.lines
    out = Array(y, rec, len(lines))
    lines.append((row, slots, y, data, None, None))
    return out


def _with_number(row: Row, function: Binary, reflected: bool) -> Binary:
    """(a, number) ↦ function(a, number) as a line of `row`, for an Array; None where it is not the common case."""
    memo: dict[int, Any] = row.memo
    mask, mine = (2, 1) if reflected else (1, 0)

    def of_array(a: Any, number: Any) -> Any:
        rec, x, root = a.rec, a.primal, a.root
        if (
            rec is None
            or rec.traces
            or type(x) is not _ndarray
            or x.dtype is not _FLOAT
            or (root is not None and a.stamp != root.version)
        ):
            return None
        try:
            y = function(number, x) if reflected else function(x, number)
        except FloatingPointError:
            rec.freeze("an error was raised")
            raise
        if type(y) is not _ndarray or y.dtype is not _FLOAT:
            return None
        kept, keep_result = memo.get(mask) or keeps(row, mask, 2)
        if kept and mine in kept:
            (a if root is None else root).shared = True
        else:
            x = None
        lines = rec.lines
        out = Array(y, rec, len(lines))
        slots, saved = ((-1, a.slot), (number, x)) if reflected else ((a.slot, -1), (x, number))
        lines.append((row, slots, y if keep_result else None, saved, None, None))
        out.shared = keep_result
        return out

    return of_array


def binary(
    row: Row, function: Binary, otherwise: Binary = _nothing, reflected: bool = False, squares: Unary | None = None
) -> Binary:
    """(a, b) ↦ function(a, b) as a line of `row`, for one Array of a recording and a number or array.

    The other operand may be a plain number or array, or a Scalar or Array of the same recording. With `reflected` the
    operands come as Python passes them to __radd__; `squares` is what a product with itself is.
    """
    with_number = _with_number(row, function, reflected)

    def of_two(a: Any, b: Any) -> Any:
        y = None
        if type(b) in _NUMBERS and type(a) is Array:
            y = with_number(a, b)
        elif a is b and squares is not None:
            y = square_of_root(a, squares)
        if y is not None:
            return y
        first = not reflected and type(a) is Array
        one, other = (a, b) if first or reflected else (b, a)
        rec, x, root = one.rec, one.primal, one.root
        if (
            rec is None
            or type(x) is not _ndarray
            or x.dtype is not _FLOAT
            or not x.ndim
            or (root is not None and one.stamp != root.version)
        ):
            return otherwise(a, b)
        t, shape = type(other), x.shape
        its_shape, owner = shape, None
        if t in _NUMBERS or (t is _ndarray and other.dtype is _FLOAT):
            mask, slots, z = (1, (one.slot, -1), other) if first else (2, (-1, one.slot), other)
        elif t is Array and other.rec is rec:
            z, owner = other.primal, other.root
            if type(z) is not _ndarray or z.dtype is not _FLOAT or (owner is not None and other.stamp != owner.version):
                return otherwise(a, b)
            owner = other if owner is None else owner
            mask, slots, its_shape = 3, (one.slot, other.slot), z.shape
        elif t is Scalar and other.rec is rec and type(other.primal) in _REALS:
            mask, slots, z, its_shape = 3, (one.slot, other.slot), other.primal, ()
        else:
            return otherwise(a, b)
        try:
            y = function(x, z) if first else function(z, x)
        except FloatingPointError:
            rec.freeze("an error was raised")
            raise
        if type(y) is not _ndarray or y.dtype is not _FLOAT:
            return otherwise(a, b)
        if rec.traces:
            if mask < 3:
                z = snapshot(z, z)
            elif not first:
                slots = (other.slot, one.slot)
            return _traced(rec, row, slots, y, (x, z) if first else (z, x))
        kept, keep_result = row.memo.get(mask) or keeps(row, mask, 2)
        saved = _saved(kept or (), first, x, one if root is None else root, z, owner)
        if mask == 3 and not first:
            slots = (other.slot, one.slot)
        fits = None if y.shape == shape == its_shape else _fits(mask, first, shape, its_shape, y.shape)
        lines = rec.lines
        out = Array(y, rec, len(lines))
        lines.append((row, slots, y if keep_result else None, saved, None, fits))
        out.shared = keep_result
        return out

    return of_two


def _fits(mask: int, first: bool, mine: Any, its: Any, whole: Any) -> Any:
    """How to bring a cotangent of the result back to each recorded operand."""
    one, other = (mine, False), (its, False) if mask == 3 else None
    return (one, other, whole) if first else (other, one, whole)


def _saved(kept: Any, first: bool, x: Any, root: Array, z: Any, owner: Array | None) -> tuple[Any, Any]:
    """The operands that the derivative reads, safe from later writes; None for the others."""
    mine, its = (0, 1) if first else (1, 0)
    if mine in kept:
        root.shared = True
    else:
        x = None
    if its not in kept:
        z = z if type(z) in _NUMBERS else None
    elif owner is not None:
        owner.shared = True
    elif type(z) is _ndarray:
        z = snapshot(z, z)
    return (x, z) if first else (z, x)


def along(row: Row, function: Callable[[Any, Any, bool], Any], *rest: Any) -> Callable[[Any, Any, Any], Any]:
    """(a, axis, keepdims) ↦ function(a, axis, keepdims), made of the elements along an axis (None: of all), as a line
    of `row`, whose other arguments are `rest`; None where it is not the common case."""
    apart = (-1,) * len(rest)

    def of_axis(a: Any, axis: Any, keepdims: Any) -> Any:
        if type(a) is not Array or (axis is not None and type(axis) is not int) or type(keepdims) is not bool:
            return None
        rec, x, root = a.rec, a.primal, a.root
        if (
            rec is None
            or rec.traces
            or rec.apart
            or type(x) is not _ndarray
            or x.dtype is not _FLOAT
            or not x.size
            or (root is not None and a.stamp != root.version)
        ):
            return None
        y = function(x, axis, keepdims)
        kept, keep_result = row.memo.get(1) or keeps(row, 1, 1 + len(rest))
        if kept:
            (a if root is None else root).shared = True
        lines = rec.lines
        slot, saved, params = len(lines), (x if kept else standin(x), *rest), {"axis": axis, "keepdims": keepdims}
        lines.append((row, (a.slot, *apart), y if keep_result else standin(y), saved, params, None))
        if type(y) is not _ndarray:
            return Scalar(y, rec, slot)
        out = Array(y, rec, slot)
        out.shared = keep_result
        return out

    return of_axis


def product(row: Row, function: Binary, otherwise: Binary = _nothing) -> Binary:
    """(a, b) ↦ function(a, b), a matrix product, as a line of the bilinear `row`.

    One operand is an Array of a recording, the other plain or of the same recording. Operands that the
    derivative does not read stay for their shapes.
    """

    def of_two(a: Any, b: Any) -> Any:
        rec = a.rec if type(a) is Array else b.rec
        x, owner, first = _matrix(a, rec)
        z, other, second = _matrix(b, rec)
        if rec is None or rec.traces or x is None or z is None:
            return otherwise(a, b)
        y = function(x, z)
        mask = (first >= 0) + 2 * (second >= 0)
        kept = (row.memo.get(mask) or keeps(row, mask, 2))[0] or ()
        saved = _held(x, owner, 0 in kept), _held(z, other, 1 in kept)
        lines = rec.lines
        out = Array(y, rec, len(lines)) if type(y) is _ndarray else Scalar(y, rec, len(lines))
        lines.append((row, (first, second), standin(y), saved, None, None))
        return out

    return of_two


def joined(row: Row, axis_only: Callable[[list[Any], Any], Any]) -> Callable[[Any, Any], Any]:
    """(arrays, axis) ↦ axis_only(arrays, axis), which joins them, as a line of the `variadic` row; None where it is not
    the common case: real Arrays of one recording, and plain arrays beside them."""

    def of_many(arrays: Any, axis: Any) -> Any:
        rec = next((a.rec for a in arrays if type(a) is Array), None)
        if rec is None or rec.traces or rec.apart or type(axis) is not int:
            return None
        parts = [_matrix(a, rec) for a in arrays]
        if any([x is None for x, _, _ in parts]):
            return None
        y = axis_only([x for x, _, _ in parts], axis)
        lines = rec.lines
        out = Array(y, rec, len(lines))
        slots, saved = tuple([slot for _, _, slot in parts]), tuple([standin(x) for x, _, _ in parts])
        lines.append((row, slots, standin(y), saved, {"axis": axis}, None))
        return out

    return of_many


def _matrix(a: Any, rec: Any) -> tuple[Any, Any, int]:
    """The data of an operand, the owner of its memory, its slot; (None, None, -1) for what is no real array."""
    x, owner, slot = a, None, -1
    if type(a) is Array:
        x, owner, slot = a.primal, a.root, a.slot
        if a.rec is not rec or (owner is not None and a.stamp != owner.version):
            return None, None, -1
        owner = a if owner is None else owner
    if type(x) is not _ndarray or x.dtype is not _FLOAT or not x.ndim:
        return None, None, -1
    return x, owner, slot


def _held(x: Any, owner: Array | None, read: bool) -> Any:
    """An operand safe from later writes where the derivative reads it, else something of its shape."""
    if not read:
        return standin(x)
    if owner is None:
        return snapshot(x, x)
    owner.shared = True
    return x


_SETTINGS = {
    Array, Scalar, int, float, bool, str, slice, type, type(None), np.float64, np.int64,
    np.dtypes.Float64DType,
}  # fmt: skip
"""The types of arguments that have no protocol but ours."""


def _is_plain(a: Any) -> bool:
    """Whether a is a plain array of numbers, or a shape or axes."""
    if type(a) is _ndarray:
        return a.dtype.kind in "fciub"
    return type(a) is tuple and all([type(k) is int for k in a])


def at_once(function: Any) -> Callable[..., Any]:
    """A NumPy function of a recorded value: its rule, where nobody but us is to be asked; else the function."""

    def call(*args: Any, **kwargs: Any) -> Any:
        handler = HANDLERS.get(function)
        if handler is None:
            return function(*args, **kwargs)
        for a in args:
            if type(a) not in _SETTINGS and not _is_plain(a):
                return function(*args, **kwargs)
        for a in kwargs.values():
            if type(a) not in _SETTINGS and not _is_plain(a):
                return function(*args, **kwargs)
        try:
            return handler(*args, **kwargs)
        except TypeError as error:
            if error.__traceback__ is None or error.__traceback__.tb_next is not None:
                raise
        return function(*args, **kwargs)  # arguments that do not fit: NumPy's own error

    return call
