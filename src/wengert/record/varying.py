"""Places that a trace computes: `x[k]`, `x[k] = v` and `np.add.at(x, k, v)` for recorded whole numbers k.

A derivative looks at k: it is a plain array by then. A trace must not, for k may be another one when
the trace is used again; so the parts of the key that it records become arguments of the line.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import HOLE, Hole, Span, filled
from wengert.ir.row import Row
from wengert.record.apply import apply
from wengert.record.value import Array, Scalar, concrete, is_value, stopped

_array = np.array
"""NumPy's own, whatever is swapped in while recording."""


class Varying:
    """A key with recorded parts, as a parameter of a line."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        self.key = key


def varies(key: Any) -> bool:
    """Whether a part of the key is an array of whole numbers that a trace records."""
    t = type(key)
    if t is tuple:
        return any([_varies(part) for part in key])
    return t is Varying or _varies(key)


def _varies(part: Any) -> bool:
    if type(part) is not Array and type(part) is not Scalar:
        return False
    x = stopped(part)
    return (type(x) is Array or type(x) is Scalar) and concrete(x).dtype.kind in "iu" if _has_dtype(x) else False


def _has_dtype(x: Any) -> bool:
    return hasattr(concrete(x), "dtype")


def is_apart(key: Any) -> bool:
    """Whether a recording that is apart computes a part of the key."""
    return any([x.rec.apart for x in _split(key)[1]])


def _split(key: Any) -> tuple[Any, list[Any]]:
    """The key with holes, and what belongs into them."""
    if type(key) is Varying:
        key = key.key
    if type(key) is tuple:
        parts = [stopped(p) if _varies(p) else None for p in key]
        return tuple([p if x is None else HOLE for p, x in zip(key, parts, strict=True)]), [
            x for x in parts if x is not None
        ]
    return HOLE, [stopped(key)]


def take_at(x: Any, key: Any) -> Any:
    """x[key]."""
    template, parts = _split(key)
    return apply(TAKE, (x, *parts), {"key": template})


def set_at(x: Any, v: Any, key: Any) -> Any:
    """x after x[key] = v."""
    template, parts = _split(key)
    return apply(SET, (x, v, *parts), {"key": template})


def add_at(x: Any, v: Any, key: Any) -> Any:
    """x after np.add.at(x, key, v)."""
    template, parts = _split(key)
    return apply(ADD, (x, v, *parts), {"key": template})


def _is_recorded(a: Any) -> bool:
    return is_value(a) and a.rec is not None


def _again(row: Row, args: tuple[Any, ...], key: Any) -> Any:
    """The primitive on what an older recording knows: a line there too."""
    return apply(row, args, {"key": key})


def _take(x: Any, *parts: Any, key: Any) -> Any:
    if any([_is_recorded(a) for a in (x, *parts)]):
        return _again(TAKE, (x, *parts), key)
    y = x[filled(key, parts)]
    return y.copy() if isinstance(y, np.ndarray) else y


def _set(x: Any, v: Any, *parts: Any, key: Any) -> Any:
    if any([_is_recorded(a) for a in (x, v, *parts)]):
        return _again(SET, (x, v, *parts), key)
    y = _array(x)
    y[filled(key, parts)] = v
    return y


def _add(x: Any, v: Any, *parts: Any, key: Any) -> Any:
    if any([_is_recorded(a) for a in (x, v, *parts)]):
        return _again(ADD, (x, v, *parts), key)
    y = _array(x)
    np.add.at(y, filled(key, parts), v)
    return y


def _kept(c: Any, y: Any, x: Any, v: Any, *parts: Any, key: Any) -> Any:
    """The cotangent of x: nothing flows back from the places that were written to."""
    return apply(SET, (c, 0.0, *parts), {"key": key})


def _last(y: Any, x: Any, v: Any, parts: Any, key: Any) -> Any:
    """1 for each element of v that stays; of several for one place NumPy keeps the last."""
    shape = np.shape(concrete(x)[filled(key, [concrete(p) for p in parts])])
    order = np.reshape(np.arange(float(np.prod(shape))), shape)
    places = apply(SET, (np.full(np.shape(x), -1.0), order, *parts), {"key": key})
    return np.equal(apply(TAKE, (places, *parts), {"key": key}), order)


def _written(c: Any, y: Any, x: Any, v: Any, *parts: Any, key: Any) -> Any:
    g = apply(TAKE, (c, *parts), {"key": key})
    if any([np.ndim(p) for p in parts]):
        g = g * _last(y, x, v, parts, key)
    return _summed(g, v)


def _push_set(dx: Any, dv: Any, y: Any, x: Any, v: Any, *parts: Any, key: Any) -> Any:
    return apply(SET, (_wide(dx, dv), dv, *parts), {"key": key})


def _push_added(dx: Any, dv: Any, y: Any, x: Any, v: Any, *parts: Any, key: Any) -> Any:
    return apply(ADD, (_wide(dx, dv), dv, *parts), {"key": key})


def _push_written(d: Any, y: Any, x: Any, v: Any, *parts: Any, key: Any) -> Any:
    return apply(SET, (_zeros(x, d), d, *parts), {"key": key})


def _added(c: Any, y: Any, x: Any, v: Any, *parts: Any, key: Any) -> Any:
    return _summed(apply(TAKE, (c, *parts), {"key": key}), v)


def _summed(g: Any, v: Any) -> Any:
    """g summed over the axes along which v was repeated."""
    shape = np.shape(v)
    extra = np.ndim(g) - len(shape)
    axes = (*range(extra), *[k + extra for k, n in enumerate(shape) if n == 1 != np.shape(g)[k + extra]])
    return np.reshape(np.sum(g, axis=axes), shape) if axes else g


def _wide(x: Any, d: Any) -> Any:
    """x in a dtype that d can be written into."""
    dtype = np.result_type(concrete(x), concrete(d))
    return x if concrete(x).dtype == dtype else x.astype(dtype)


def add_taken(bar: Any, c: Any, like: Any, key: Any, parts: tuple[Any, ...]) -> Any:
    """The cotangent of x, and that of what was taken from it."""
    return apply(ADD, (_zeros(like, c) if bar is None else _wide(bar, c), c, *parts), {"key": key})


def _zeros(x: Any, d: Any) -> Any:
    """Zeros of the shape of x that d can be written into."""
    return np.zeros(np.shape(x), np.result_type(concrete(x), concrete(d)))


_NONE = (frozenset[int](),) * 8
_ALL = (frozenset(range(8)),) * 8
TAKE = Row(
    _take, "take", "rule",
    (lambda d, y, x, *parts, key: apply(TAKE, (d, *parts), {"key": key}),),
    (lambda c, y, x, *parts, key: add_taken(None, c, x, key, parts),),
    _ALL, (False,) * 8,
)  # fmt: skip
SET = Row(
    _set, "set", "rule",
    (lambda d, y, x, v, *parts, key: apply(SET, (d, 0.0, *parts), {"key": key}), _push_written),
    (_kept, _written), _ALL, (False,) * 8, joint=_push_set,
)  # fmt: skip
ADD = Row(
    _add, "add", "rule",
    (
        lambda d, y, x, v, *parts, key: d,
        lambda d, y, x, v, *parts, key: apply(ADD, (_zeros(x, d), d, *parts), {"key": key}),
    ),
    (lambda c, y, x, v, *parts, key: c, _added), _ALL, (False,) * 8,
    joint=_push_added,
)  # fmt: skip

__all__ = ["ADD", "HOLE", "SET", "TAKE", "Hole", "Span", "Varying", "add_at", "filled", "set_at", "take_at", "varies"]
