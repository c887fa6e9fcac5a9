"""Arrays made of recorded parts: `np.array([a, b*c])`, `np.stack`, and plain arrays that may be written to."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply, youngest
from wengert.record.state import state
from wengert.record.value import Array, Scalar, concrete, is_value

_array, _asarray = np.array, np.asarray
"""NumPy's own, whatever is swapped in while recording."""


class _Sequences(dict[type, bool]):
    """Classes of containers that NumPy makes arrays of: asked by `kind in SEQUENCES`."""

    def __contains__(self, kind: object) -> bool:
        known = self.get(kind)  # type: ignore[call-overload]
        return self._learnt(kind) if known is None else known

    def _learnt(self, kind: Any) -> bool:
        made = any([hasattr(kind, name) for name in ("__array__", "__array_function__", "__array_interface__")])
        self[kind] = known = issubclass(kind, (list, tuple)) and not made
        return known


SEQUENCES = _Sequences({list: True, tuple: True, deque: True, Array: False, Scalar: False, np.ndarray: False})


def may_hold(x: Any) -> bool:
    """Whether x is a list, or what a list beside a plain array has become."""
    return type(x) in SEQUENCES or (bool(state.beside) and type(x) is np.ndarray and x.dtype.kind == "O")


def contains_value(x: Any) -> bool:
    """Whether a nested list, tuple or object array holds a recorded value."""
    if is_value(x):
        return True
    if type(x) in SEQUENCES:
        return any(contains_value(part) for part in x)
    return type(x) is np.ndarray and x.dtype.hasobject and any(is_value(part) for part in x.flat)


def opened(x: Any) -> Any:
    """The recorded array that a user's object says it is, by its __array__; what is none as it is."""
    if type(x) in _PLAIN or isinstance(x, (np.ndarray, np.generic)) or not hasattr(type(x), "__array__"):
        return x
    y = x.__array__()
    return y if is_value(y) and youngest((y,)) is not None else x


_PLAIN = {np.ndarray, Scalar, Array, float, int, bool, complex, str, type(None), list, tuple, type, np.ufunc}


def assemble(*leaves: Any) -> Any:
    """The leaves, all of one shape, along a new first axis."""
    if any(map(is_value, leaves)):
        return apply(ASSEMBLE, leaves)
    return _array(leaves)


def _push(dots: list[Any], y: Any, *leaves: Any) -> Any:
    return assemble(*[np.zeros(y.shape[1:], y.dtype) if d is None else d for d in dots])


def _pull(c: Any, y: Any, *leaves: Any) -> list[Any]:
    if not np.iscomplexobj(c):
        return [c[k] for k in range(len(leaves))]
    return [c[k] if np.iscomplexobj(leaf) else np.real(c[k]) for k, leaf in enumerate(leaves)]


ASSEMBLE = Row(
    assemble,
    "assemble",
    "linear",
    (_push,),
    (_pull,),
    variadic=True,
    special=True,
)


def vector(x: list[Any]) -> Any:
    """np.array of a list of real numbers, of one recording and plain; None where it is more than that."""
    if not x or (type(x[0]) is not Scalar and len(x) > _FEW):
        return None
    rec, slots, data = None, [], []
    for part in x:
        d = part
        if type(part) is Scalar:
            d = part.primal
            if part.rec is not rec:
                if rec is not None:
                    return None
                rec = part.rec
            slots.append(part.slot)
        else:
            slots.append(-1)
        if type(d) not in _FLOATS:
            return None
        data.append(d)
    if rec is None:
        return None
    y, lines = _array(data), rec.lines
    slot = len(lines)
    lines.append((ASSEMBLE, tuple(slots), y, tuple(data), None, None))
    return Array(y, rec, slot)


_FEW = 16


def build(x: Any, dtype: Any = None) -> Any:
    """np.array of a nested sequence that holds recorded values."""
    if (dtype is None or dtype is float) and type(x) in SEQUENCES and all(map(_is_float, x)):
        return assemble(*x)
    leaves: list[Any] = []
    value = _array(concrete_nest(x, leaves), dtype)
    if len({np.shape(concrete(leaf)) for leaf in leaves}) > 1:
        y = _assembled(x)
    else:
        y = assemble(*leaves)
        if np.shape(concrete(y)) != value.shape:
            y = y.reshape(value.shape)
    return y.astype(value.dtype, copy=False)


def _is_float(x: Any) -> bool:
    return (x.primal if type(x) is Scalar else x).__class__ in _FLOATS


_FLOATS = {float, np.float64}


def concrete_nest(x: Any, leaves: list[Any]) -> Any:
    """x with plain values in place of recorded ones; its leaves in order."""
    if type(x) in SEQUENCES or (type(x) is np.ndarray and x.dtype.hasobject):
        return [concrete_nest(part, leaves) for part in x]
    leaves.append(x)
    return concrete(x)


def _assembled(x: Any) -> Any:
    """A nest whose leaves differ in shape ([vector, [1.0, a]]), level by level."""
    if not contains_value(x):
        return _array(x)
    return x if is_value(x) else assemble(*[_assembled(part) for part in x])


def array_of(value: Any, dtype: Any = None, copy: Any = True, order: str = "K") -> Any:
    """np.array(value) for one recorded value."""
    y = apply(ZERO_D, (value,)) if type(value) is Scalar else value
    if dtype is not None and concrete(y).dtype != np.dtype(dtype):
        _refuse_copy(copy)
        return y.astype(dtype)
    if y is not value:
        _refuse_copy(copy)
        return y
    if not copy and _is_laid_out(concrete(y).flags, order):
        return y
    _refuse_copy(copy)
    return y.copy(order)


def _is_laid_out(flags: Any, order: str) -> bool:
    return order in "KA" or bool(flags.c_contiguous if order == "C" else flags.f_contiguous)


def _refuse_copy(copy: Any) -> None:
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")


def zero_d(x: Any) -> Any:
    """The number x as a 0-d array."""
    return array_of(x) if is_value(x) else _asarray(x)


ZERO_D = Row(
    zero_d,
    "zero_d",
    "linear",
    (lambda d, y, x: zero_d(d),),
    (lambda c, y, x: c if type(c) is float or type(c) is complex else c[()],),
    (frozenset(),),
    (False,),
)
