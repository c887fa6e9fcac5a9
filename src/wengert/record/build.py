"""Arrays made of recorded parts: `np.array([a, b*c])`, `np.stack`, and plain arrays that may be written to."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply
from wengert.record.value import Array, Scalar, concrete, is_value

_array, _asarray = np.array, np.asarray
"""NumPy's own, whatever is swapped in while recording."""


def contains_value(x: Any) -> bool:
    """Whether a nested list, tuple or object array holds a recorded value."""
    if is_value(x):
        return True
    if type(x) is list or type(x) is tuple:
        return any(contains_value(part) for part in x)
    return type(x) is np.ndarray and x.dtype.hasobject and any(is_value(part) for part in x.flat)


def assemble(*leaves: Any) -> Any:
    """The leaves, all of one shape, along a new first axis."""
    if any(is_value(x) for x in leaves):
        return apply(ASSEMBLE, leaves)
    return _array(leaves)


def _push(dots: list[Any], y: Any, *leaves: Any) -> Any:
    return assemble(*[np.zeros(y.shape[1:], y.dtype) if d is None else d for d in dots])


ASSEMBLE = Row(
    assemble,
    "assemble",
    "linear",
    (_push,),
    (lambda c, y, *leaves: [c[k] for k in range(len(leaves))],),
    variadic=True,
    special=True,
)


def build(x: Any, dtype: Any = None) -> Any:
    """np.array of a nested sequence that holds recorded values."""
    leaves: list[Any] = []
    value = _array(_concrete_nest(x, leaves), dtype)
    if len({np.shape(concrete(leaf)) for leaf in leaves}) > 1:
        leaves = [element for leaf in leaves for element in _elements(leaf)]
    y = assemble(*leaves)
    if np.shape(concrete(y)) != value.shape:
        y = y.reshape(value.shape)
    return y.astype(value.dtype, copy=False)


def _concrete_nest(x: Any, leaves: list[Any]) -> Any:
    """x with plain values in place of recorded ones; its leaves in order."""
    if type(x) is list or type(x) is tuple or (type(x) is np.ndarray and x.dtype.hasobject):
        return [_concrete_nest(part, leaves) for part in x]
    leaves.append(x)
    return concrete(x)


def _elements(leaf: Any) -> list[Any]:
    return [leaf[index] for index in np.ndindex(np.shape(concrete(leaf)))] if np.ndim(concrete(leaf)) else [leaf]


def array_of(value: Any, dtype: Any = None, copy: Any = True) -> Any:
    """np.array(value) for one recorded value."""
    y = apply(ZERO_D, (value,)) if type(value) is Scalar else value
    if dtype is not None and concrete(y).dtype != np.dtype(dtype):
        return y.astype(dtype)
    return y.copy() if copy and y is value else y


def zero_d(x: Any) -> Any:
    """The number x as a 0-d array."""
    return array_of(x) if is_value(x) else _asarray(x)


ZERO_D = Row(
    zero_d,
    "zero_d",
    "linear",
    (lambda d, y, x: zero_d(d),),
    (lambda c, y, x: c[()],),
    (frozenset(),),
    (False,),
)
