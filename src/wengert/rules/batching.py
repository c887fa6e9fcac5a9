"""What the leading axis of batched tangents means to linear rows: the axes of their arguments move up by one."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.reduce import SUM
from wengert.rules.structure import BROADCAST_TO, CONVERT, COPY_AS, RESHAPE, TRANSPOSE
from wengert.sweep.batched import BATCHED


def _sum(d: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    n = np.ndim(x)
    if not n:
        return d
    axes = range(n) if axis is None else (axis if isinstance(axis, tuple) else (axis,))
    return np.add.reduce(d, axis=tuple(k % n + 1 for k in axes), keepdims=keepdims)


def _reshape(d: Any, y: Any, x: Any, shape: Any, order: str = "C") -> Any:
    return np.reshape(d, (len(d), *_target(x, shape))) if order == "C" else NotImplemented


def _target(x: Any, shape: Any) -> tuple[int, ...]:
    wanted = tuple(shape) if np.iterable(shape) else (shape,)
    if -1 not in wanted:
        return wanted
    rest = int(np.prod([n for n in wanted if n != -1]))
    return tuple(np.size(x) // rest if n == -1 else n for n in wanted) if rest else np.reshape(x, wanted).shape


def _broadcast_to(d: Any, y: Any, x: Any, shape: Any) -> Any:
    target = tuple(shape) if np.iterable(shape) else (shape,)
    lifted = np.reshape(d, (len(d),) + (1,) * (len(target) - np.ndim(x)) + np.shape(d)[1:])
    return np.broadcast_to(lifted, (len(d), *target))


def _order(x: Any, axes: Any) -> Any:
    return range(np.ndim(x))[::-1] if axes is None else axes


BATCHED[SUM] = _sum
BATCHED[RESHAPE] = _reshape
BATCHED[TRANSPOSE] = lambda d, y, x, axes: np.transpose(d, (0, *[k % np.ndim(x) + 1 for k in _order(x, axes)]))
BATCHED[BROADCAST_TO] = _broadcast_to
BATCHED[CONVERT] = lambda d, y, x, dtype: d.astype(dtype)
BATCHED.update({row: lambda d, y, x: d for row in COPY_AS.values()})
