"""Apply a row to arguments: compute, and append a line to the youngest recorder among them."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.ir.row import Row
from wengert.record.locate import at_user_line
from wengert.record.looks import WATCHED, note
from wengert.record.state import compute
from wengert.record.value import Array, Line, Recorder, Scalar, concrete, follow, is_value

_ndarray, _ufunc, _array, _asarray = np.ndarray, np.ufunc, np.array, np.asarray
_float64 = np.float64
_FLOAT = np.dtype(float)
BIG = 1024


def apply(row: Row, args: tuple[Any, ...], params: dict[str, Any] | None = None) -> Any:
    """The value of row.op(*args, **params), recorded if any argument is."""
    if len(args) == 1 and type(args[0]) is Array and _is_usual(row, args[0]):
        return _of_array(row, args[0], params)
    rec = youngest(args)
    if rec is None:
        return _plainly(row, args, params)
    slots: list[int] = []
    data: list[Any] = []
    mask, bit = 0, 1
    if rec.apart:
        return _apart(row, rec, args, params)
    for a in args:
        t = type(a)
        if t is Array or t is Scalar:
            if a.rec is rec:
                slots.append(a.slot)
                data.append(a.primal)
                mask |= bit
            else:
                slots.append(-1)
                data.append(a.primal if a.rec is None else a)
        else:
            if t not in _USUAL:
                if _is_met(a):
                    return meet[0](row, args, params)
                a = as_numpy_reads(a)
            slots.append(-1)
            data.append(a)
        bit += bit
    if rec.traces:
        return _traced(row, rec, tuple(slots), args, data, params)
    y = row.op(*data) if type(row.op) is _ufunc else compute(row.op, data, params)
    if row.kind == "constant":
        return wrap_float(y) if not WATCHED else _noted(args, y)
    kept, keep_result = row.memo.get(mask) or keeps(row, mask, len(args))
    if kept:
        saved = tuple([snapshot(args[k], d) if k in kept else standin(d) for k, d in enumerate(data)])
    elif row.partials:
        saved = (None,) * len(data)
    elif kept is None:
        saved = tuple([snapshot(a, d) for a, d in zip(args, data, strict=True)])
    else:
        saved = tuple([standin(d) for d in data])
    shapes = None
    if row.broadcast:
        for d, s in zip(data, slots, strict=True):
            if s >= 0 and not (
                type(d) is _ndarray and type(y) is _ndarray and d.shape == y.shape and y.dtype.kind == "f"
            ):
                shapes = broadcasts(y, data, slots)
                break
    params = _kept_params(row, params) if params else params
    line: Line = (row, tuple(slots), y if keep_result else standin(y), saved, params, shapes)
    return _defined(line, rec, y, args, keep_result)


def _defined(line: Line, rec: Recorder, y: Any, args: tuple[Any, ...], kept: bool) -> Any:
    """y, defined by this line from now on; `kept`: the line reads it."""
    slot = len(rec.lines)
    rec.lines.append(line)
    t, row = type(y), line[0]
    if t is _ndarray and not row.view:
        out = Array(y, rec, slot)
        out.shared = kept
        return out
    if t is _float64:
        return Scalar(y, rec, slot)
    out = wrap(y, rec, slot, args, row, line[4])
    if kept:
        share(out)
    return out


def _is_usual(row: Row, a: Array) -> bool:
    """Whether an operation on one array is one of real numbers, that are recorded for a derivative."""
    rec, x, root = a.rec, a.primal, a.root
    return not (
        rec is None
        or rec.traces
        or rec.apart
        or type(x) is not _ndarray
        or x.dtype is not _FLOAT
        or row.special
        or row.kind == "constant"
        or row.broadcast
        or (root is not None and a.stamp != root.version)
    )


def _of_array(row: Row, a: Array, params: dict[str, Any] | None) -> Any:
    """`apply` for a usual operation."""
    x = a.primal
    y = row.op(x) if type(row.op) is _ufunc else compute(row.op, (x,), params)
    kept, keep_result = row.memo.get(1) or keeps(row, 1, 1)
    saved = (snapshot(a, x),) if kept else (None,) if row.partials else (standin(x),)
    params = _kept_params(row, params) if params else params
    line: Line = (row, (a.slot,), y if keep_result else standin(y), saved, params, None)
    return _defined(line, a.rec, y, (a,), keep_result)  # type: ignore[arg-type]


def _noted(args: Any, y: Any) -> Any:
    note(args, y)
    return wrap_float(y)


meet: list[Any] = [None]
"""(row, args, params) → the result where an array of a subclass of np.ndarray is among the arguments"""
_USUAL = {
    _ndarray, float, int, complex, bool, _float64, np.complex128, np.bool_, np.int64, type(None), list, tuple, str,
}  # fmt: skip
_SEQUENCES = {range, memoryview, array, deque}
_OTHERWISE = {"memmap", "recarray", "MaskedArray"}
"""NumPy's own subclasses, which have other ways; by name, since numpy.ma takes time to import."""


@lru_cache(256)
def is_of_subclass(kind: type) -> bool:
    """Whether arrays of this class are of a subclass of np.ndarray, none of those that have other ways."""
    if kind is _ndarray or not issubclass(kind, _ndarray):
        return False
    return not any(base.__name__ in _OTHERWISE and base.__module__.startswith("numpy") for base in kind.__mro__)


def _is_met(a: Any) -> bool:
    """Whether an argument is an array of a subclass, or says that it is an array."""
    return isinstance(a, _ndarray) and (a.__class__ is _ndarray or is_of_subclass(a.__class__))


def as_numpy_reads(a: Any) -> Any:
    """The array that NumPy makes of a sequence or of another library's array, which has operators of its own."""
    t = type(a)
    if t in _SEQUENCES or (hasattr(t, "__array__") and not isinstance(a, (_ndarray, np.generic)) and not is_value(a)):
        return _asarray(a)
    return a


def _kept_params(row: Row, params: dict[str, Any]) -> dict[str, Any]:
    """The parameters, with arrays among them safe from later writes; none is recorded."""
    for name, p in params.items():
        t = type(p)
        if (t is Scalar or t is Array) and p.rec is not None:
            raise not_by(row.name, name)
        if t is _ndarray:
            return {name: p.copy() if type(p) is _ndarray else p for name, p in params.items()}
    return params


def not_by(name: str, argument: str) -> NoDerivative:
    """The error for an argument that a rule does not differentiate by."""
    return NoDerivative(
        at_user_line(f"{name} has no derivative with respect to its argument {argument}, which is recorded here")
        + "\nPass stop_gradient of it if that derivative is not wanted, or add a rule with wengert.rule."
    )


def _plainly(row: Row, args: tuple[Any, ...], params: dict[str, Any] | None) -> Any:
    """No argument is recorded: what NumPy gives, as an Array that can be written to."""
    if params:
        _kept_params(row, params)
    y = compute(row.op, [a.primal if type(a) is Array else a for a in args], params)
    return y if type(y) is _ndarray and y.dtype.kind not in "fc" else wrap(y, None, -1, args, row, params)


def _traced(row: Row, rec: Recorder, slots: Any, args: Any, data: list[Any], params: Any) -> Any:
    """For a trace every line counts, with all its arguments; of recorded ones only the type is read."""
    try:
        y = compute(row.op, data, params)
    except Exception:
        rec.freeze("an error was raised")  # the trace would not hold if that were caught
        raise
    saved = tuple(d if s >= 0 else snapshot(a, d) for s, a, d in zip(slots, args, data, strict=True))
    slot = rec.append((row, slots, y, saved, params, None))
    return wrap(y, rec, slot, args, row, params)


def _apart(row: Row, rec: Recorder, args: tuple[Any, ...], params: Any) -> Any:
    """A line of a recording that is apart: computed with plain numbers, what is older kept as it is."""
    if any([type(a) not in _USUAL and not is_value(a) and _is_met(a) for a in args]):
        return meet[0](row, args, params)
    slots = tuple([a.slot if is_value(a) and a.rec is rec else -1 for a in args])
    data = [as_numpy_reads(concrete(a)) for a in args]
    try:
        y = compute(row.op, data, params)
    except Exception:
        rec.freeze("an error was raised")
        raise
    saved = tuple([d if s >= 0 else older(a, d) for s, a, d in zip(slots, args, data, strict=True)])
    return wrap(y, rec, rec.append((row, slots, y, saved, params, None)), args, row, params)


def older(a: Any, d: Any) -> Any:
    """An argument of an older recording as it is now; a plain one safe from later writes."""
    if is_value(a) and a.rec is not None:
        return freeze(a) if type(a) is Array else a
    return snapshot(a, d)


def wrap_float(y: Any) -> Any:
    """A floating result as an Array that can be written to; truth values and integers as they are."""
    if type(y) is tuple:
        return tuple(wrap_float(part) for part in y)
    return Array(y) if type(y) is _ndarray and y.dtype.kind in "fc" else y


def plain(a: Any) -> Any:
    """An unrecorded Array as the ndarray it holds; anything else as it is."""
    return a.primal if type(a) is Array and a.rec is None else a


def youngest(args: tuple[Any, ...]) -> Recorder | None:
    """The youngest recorder among the arguments; views are brought up to date on the way."""
    rec = None
    for a in args:
        if type(a) is Array:
            root = a.root
            if root is not None and a.stamp != root.version:
                refresh(a)
        elif type(a) is not Scalar:
            continue
        r = a.rec
        if r is not None and r is not rec and (rec is None or r.serial > rec.serial):
            rec = r
    return rec


def refresh(view: Array) -> None:
    """Read a view again from its owner, which has been written to since."""
    root = view.root
    assert root is not None
    fresh = follow(root, view.path)
    view.primal, view.rec, view.slot, view.stamp = fresh.primal, fresh.rec, fresh.slot, root.version


def wrap(y: Any, rec: Recorder | None, slot: int, args: Any, row: Row, params: Any) -> Any:
    """y as a recorded value of rec, defined by line `slot`."""
    t = type(y)
    if t is _ndarray or t is Array:
        if row.view and type(args[0]) is Array and is_view(y, args[0]):
            a = args[0]
            root = a if a.root is None else a.root
            return Array(y, rec, slot, root, (*a.path, (row.op, params or {})))
        return Array(y, rec, slot)
    if t is tuple or t is list or isinstance(y, tuple):
        return wrap_many(y, rec, slot)
    if rec is None:
        return y
    return Array(_of_subclass(y), rec, slot) if isinstance(y, _ndarray) and not is_value(y) else Scalar(y, rec, slot)


def _of_subclass(y: Any) -> Any:
    """The array that an np.memmap is; what else is a subclass has its own meaning, which a row does not know."""
    if isinstance(y, np.memmap):
        return _asarray(y)
    raise NoDerivative(
        at_user_line(f"no derivative rule for a recorded array and one of class {type(y).__name__}")
        + "\nUse operators (x * m), or the plain array in it: np.asarray(m), m.filled(value)."
    )


def wrap_many(ys: Any, rec: Recorder | None, slot: int) -> Any:
    """A result of several arrays: one further line picks each."""
    if rec is None:
        parts = [Array(y) if type(y) is _ndarray else y for y in ys]
    else:
        parts = [_wrap_part(y, rec, slot, k) for k, y in enumerate(ys)]
    return type(ys)(*parts) if hasattr(ys, "_fields") else type(ys)(parts)


def _wrap_part(y: Any, rec: Recorder, slot: int, k: int) -> Any:
    if not rec.traces and _asarray(concrete(y)).dtype.kind in "biu":
        return y
    part = rec.append((PICK, (slot,), None, (None,), {"k": k}, None))
    return Array(y, rec, part) if type(y) in (_ndarray, Array) else Scalar(y, rec, part)


PICK = Row(lambda ys, k: ys[k], "pick", "pick", (None,), (None,), special=True)
"""One of the several results of a primitive; the sweeps know it."""


INPUT = Row(lambda: None, "input", "constant", special=True)
"""The line that defines an input of the recording."""


def is_view(y: Any, a: Array) -> bool:
    """Whether y, computed from a, shares a's memory."""
    if type(y) is Array:
        d = a.primal
        return y.root is not None and type(d) is Array and y.root is (d if d.root is None else d.root)
    d = a.primal
    base = y if y is d else y.base
    owner = d.base
    while base is not None and base is not d and base is not owner:
        base = getattr(base, "base", None)
    return base is not None


def keeps(row: Row, mask: int, n: int) -> tuple[frozenset[int] | None, bool]:
    """Which arguments, and whether the result, the derivative reads; refuses missing derivatives."""
    if row.variadic:
        return (None if row.keeps_args else frozenset()), bool(row.keeps_result)
    cached = row.memo.get(mask)
    if cached is None:
        cached = row.memo[mask] = _keeps(row, mask, n)
    return cached


def _keeps(row: Row, mask: int, n: int) -> tuple[frozenset[int], bool]:
    wanted = [k for k in range(n) if mask >> k & 1]
    for k in wanted:
        if k >= len(row.pushes) or row.pushes[k] is None:
            raise NoDerivative(
                at_user_line(f"{row.name} has no derivative with respect to its argument {k}", row.op)
                + (f"\n{row.reason}" if row.reason else "")
                + f"\nHold that argument constant with stop_gradient, or add a rule for {row.name} "
                "with wengert.rule."
            )
    kept = frozenset[int]().union(*[row.keeps_args[k] for k in wanted])
    return kept, any(row.keeps_result[k] for k in wanted)


def snapshot(a: Any, d: Any) -> Any:
    """d as it is now, safe from later writes: by copy on write for Arrays, by copy for raw ones."""
    if type(a) is Array:
        share(a)
        return freeze(a) if d is a else freeze(d) if type(d) is Array else d
    if type(d) is _ndarray:
        return d.copy(order="K") if d.flags.writeable or type(d.base) is _ndarray else d
    if type(d) is list or type(d) is tuple:
        return _array(d)
    return d


def freeze(a: Array) -> Array:
    """The Array a as it is now; later writes to a do not show in the result."""
    share(a)
    return Array(a.primal, a.rec, a.slot)


def share(a: Any) -> None:
    """Mark that a's memory is held by somebody: a write to it must copy first."""
    if type(a) is Array:
        (a if a.root is None else a.root).shared = True
    elif type(a) is tuple or type(a) is list:
        for part in a:
            share(part)


def standin(d: Any) -> Any:
    """Something of d's shape and dtype for derivatives that read no more than that."""
    if type(d) is _ndarray and d.size > BIG and d.dtype.kind in "fc":
        return np.ndarray(d.shape, d.dtype, _ZERO, 0, (0,) * d.ndim)
    return d


_ZERO = bytes(32)


def broadcasts(y: Any, data: Sequence[Any], slots: Sequence[int]) -> Any:
    """How to bring a cotangent of y back to each recorded argument; None if nothing is to do."""
    y_shape, y_complex = shape_and_kind(y)
    needed = False
    fits: list[Any] = []
    for d, s in zip(data, slots, strict=True):
        if s < 0:
            fits.append(None)
            continue
        shape, is_complex = shape_and_kind(d)
        real = y_complex and not is_complex
        needed = needed or real or shape != y_shape
        fits.append((shape, real))
    return (*fits, y_shape) if needed else None


def shape_and_kind(x: Any) -> tuple[tuple[int, ...], bool]:
    """The shape of x, and whether it is complex."""
    t = type(x)
    if t is _ndarray:
        return x.shape, x.dtype.kind == "c"
    if t is float or t is np.float64 or t is int:
        return (), False
    if t is Scalar or t is Array:
        return shape_and_kind(concrete(x))
    return np.shape(x), np.iscomplexobj(x)
