"""Functions that join arrays along an axis, or split one: concatenate, stack, split, …"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import numpy as np

from wengert.record import quick
from wengert.record.apply import apply
from wengert.record.build import build, contains_value
from wengert.record.observe import look
from wengert.record.state import wrap_plain
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.structure import real_if
from wengert.rules.table import handles, variadic

_zeros = np.zeros
_SEVERAL = {list, tuple}


def concatenate(*xs: Any, axis: Any = 0, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """np.concatenate of its arguments."""
    return np.concatenate(xs, axis=axis, dtype=dtype, casting=casting)


def stack(*xs: Any, axis: int = 0, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """np.stack of its arguments."""
    return np.stack(xs, axis=axis, dtype=dtype, casting=casting)


def _filled(dots: list[Any], xs: Any) -> list[Any]:
    """The tangents, zeros where there is none."""
    return [_zeros(np.shape(x), _floating(x)) if d is None else d for d, x in zip(dots, xs, strict=True)]


def _floating(x: Any) -> Any:
    dtype = np.result_type(concrete(x))
    return dtype if dtype.kind in "fc" else np.float16


def _push_concatenate(dots: list[Any], y: Any, *xs: Any, **options: Any) -> Any:
    return concatenate(*_filled(dots, xs), **options)


def _push_stack(dots: list[Any], y: Any, *xs: Any, **options: Any) -> Any:
    return stack(*_filled(dots, xs), **options)


def _pull_concatenate(c: Any, y: Any, *xs: Any, axis: Any = 0, **options: Any) -> list[Any]:
    if axis is None:
        ends = list(accumulate(np.size(x) for x in xs))
        parts = [np.reshape(c[end - np.size(x) : end], np.shape(x)) for x, end in zip(xs, ends, strict=True)]
    else:
        before = (slice(None),) * (axis % np.ndim(c))
        sizes = [np.shape(x)[axis] for x in xs]
        ends = accumulate(sizes)
        parts = [c[(*before, slice(end - n, end))] for n, end in zip(sizes, ends, strict=True)]
    return [real_if(part, x) for part, x in zip(parts, xs, strict=True)]


def _pull_stack(c: Any, y: Any, *xs: Any, axis: int = 0, **options: Any) -> list[Any]:
    before = (slice(None),) * (axis % np.ndim(c))
    return [real_if(c[(*before, k)], x) for k, x in enumerate(xs)]


CONCATENATE = variadic(concatenate, _push_concatenate, _pull_concatenate, name="numpy.concatenate")
STACK = variadic(stack, _push_stack, _pull_stack, name="numpy.stack")


def _joined(row: Any, arrays: Any, out: Any, options: dict[str, Any]) -> Any:
    if isinstance(arrays, Iterator):
        raise TypeError("The first input argument needs to be a sequence")
    parts = tuple([np.array(x) if isinstance(x, (list, tuple)) else x for x in arrays])
    if out is None:
        return apply(row, parts, options)
    y = apply(row, parts, {"axis": options["axis"]})
    if np.shape(concrete(y)) != np.shape(concrete(out)):
        raise ValueError("Output array is the wrong shape")
    out[...] = y
    return out


def _options(axis: Any, dtype: Any, casting: Any) -> dict[str, Any]:
    return {"axis": axis} if dtype is None else {"axis": axis, "dtype": dtype, "casting": casting}


_concatenated = quick.joined(CONCATENATE, np.concatenate)
_stacked = quick.joined(STACK, np.stack)


@handles(np.concatenate)
def _concatenate(
    arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    y = _concatenated(arrays, axis) if out is dtype is None and type(arrays) in _SEVERAL else None
    return _joined(CONCATENATE, arrays, out, _options(axis, dtype, casting)) if y is None else y


@handles(np.stack)
def _stack(arrays: Any, axis: Any = 0, out: Any = None, *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    y = _stacked(arrays, axis) if out is dtype is None and type(arrays) in _SEVERAL else None
    return _joined(STACK, arrays, out, _options(axis, dtype, casting)) if y is None else y


# ── splitting: each part is a view ──


def _plainly(x: Any) -> Any:
    return [look(part) for part in x] if type(x) in (list, tuple) else look(x)


def _splitting(split: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy says where to cut an array of places (and what is wrong); x is sliced there."""

    def parts_of(ary: Any, indices_or_sections: Any, axis: int = 0) -> Any:
        shape = np.shape(concrete(ary))
        places = split(np.arange(shape[axis]), _plainly(indices_or_sections))
        before = (slice(None),) * (axis % len(shape))
        starts = [(0 if not len(p) else int(p[0]), len(p)) for p in map(concrete, places)]
        return [ary[(*before, slice(start, start + n))] for start, n in starts]

    return parts_of


handles(np.split)(_splitting(np.split))
handles(np.array_split)(_splitting(np.array_split))


@handles(np.unstack)
def _unstack(x: Any, /, *, axis: int = 0) -> Any:
    if np.ndim(concrete(x)) == 0:
        raise ValueError("Input array must be at least 1-d.")
    before = (slice(None),) * (axis % np.ndim(concrete(x)))
    return tuple([x[(*before, k)] for k in range(np.shape(concrete(x))[axis])])


@replace(np.concatenate, np.stack, np.vstack, np.hstack, np.dstack, np.column_stack)
def _of_lists(original: Any) -> Any:
    def joined(arrays: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(arrays, (list, tuple)):
            arrays = [build(x) if isinstance(x, (list, tuple)) and contains_value(x) else x for x in arrays]
        return original(arrays, *args, **kwargs)

    return joined


# np.block joins by the compiled function itself, past the protocol.
@replace(np.concatenate.__wrapped__)  # type: ignore[attr-defined]
def _compiled_concatenate(original: Any) -> Any:
    def joined(arrays: Any, axis: Any = 0, **options: Any) -> Any:
        if contains_value(arrays):
            return _concatenate(arrays, axis, **options)
        return wrap_plain(original(arrays, axis, **options))

    return joined
