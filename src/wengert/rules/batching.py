"""What a leading batch axis means to linear rows of one argument: the axes of their arguments move up by one.

The rules serve tangents in the forward sweep (ẏ = A ẋ) and values in a batch (y = A x) alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.build import ZERO_D
from wengert.rules.complex import IMAG, REAL
from wengert.rules.cumulative import CUMSUM
from wengert.rules.diagonal import TRACE, diagonal, embed
from wengert.rules.fft import FFT, IFFT, IRFFT, RFFT
from wengert.rules.gather import PAD, REPEAT, gather, scatter
from wengert.rules.reduce import MEAN, SUM
from wengert.rules.structure import (
    ATLEAST,
    BROADCAST_TO,
    CONVERT,
    COPY_AS,
    EXPAND,
    MOVEAXIS,
    RESHAPE,
    ROLL,
    SQUEEZE,
    SWAPAXES,
    TRANSPOSE,
)  # fmt: skip
from wengert.sweep.batched import BATCHED


def behind(axis: Any, rank: int) -> Any:
    """An axis, or several (None: all) of an array of `rank` axes, where another axis stands before them."""
    if axis is None:
        return tuple(range(1, rank + 1))
    return tuple([k % rank + 1 for k in axis]) if isinstance(axis, (tuple, list)) else int(axis) % rank + 1


def _reducing(function: Callable[..., Any]) -> Callable[..., Any]:
    def rule(d: Any, y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
        return function(d, axis=behind(axis, np.ndim(x)), keepdims=keepdims) if np.ndim(x) else d

    return rule


def _along(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function along one axis, all of whose parameters are named."""

    def rule(d: Any, y: Any, x: Any, axis: Any, **params: Any) -> Any:
        return function(d, axis=behind(axis, np.ndim(x)), **params)

    return rule


def _to_shape(d: Any, y: Any, x: Any, **params: Any) -> Any:
    """Elements in the order they have, in the shape of the result."""
    return np.reshape(d, (len(d), *np.shape(y)))


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


def _transpose(d: Any, y: Any, x: Any, axes: Any) -> Any:
    n = np.ndim(x)
    return np.transpose(d, (0, *[k % n + 1 for k in (range(n)[::-1] if axes is None else axes)]))


def _swapaxes(d: Any, y: Any, x: Any, axis1: int, axis2: int) -> Any:
    return np.swapaxes(d, behind(axis1, np.ndim(x)), behind(axis2, np.ndim(x)))


def _moveaxis(d: Any, y: Any, x: Any, source: Any, destination: Any) -> Any:
    n = np.ndim(x)
    return np.moveaxis(d, behind(source, n), behind(destination, n)) if np.ndim(source) == 0 or len(source) else d


def _roll(d: Any, y: Any, x: Any, shift: Any, axis: Any) -> Any:
    if axis is None or not np.ndim(x):
        return np.reshape(np.roll(np.reshape(d, (len(d), -1)), shift, 1), np.shape(d))
    return np.roll(d, shift, behind(axis, np.ndim(x)))


def _trace(d: Any, y: Any, x: Any, offset: int, axis1: int, axis2: int) -> Any:
    return np.trace(d, offset, behind(axis1, np.ndim(x)), behind(axis2, np.ndim(x)))


def _diagonal(d: Any, y: Any, x: Any, offset: int, axis1: int, axis2: int, shape: Any) -> Any:
    n = np.ndim(x)
    return diagonal(d, offset=offset, axis1=behind(axis1, n), axis2=behind(axis2, n), shape=(len(d), *shape))


def _embed(d: Any, y: Any, x: Any, offset: int, axis1: int, axis2: int, shape: Any) -> Any:
    n = len(shape)
    return embed(d, offset=offset, axis1=behind(axis1, n), axis2=behind(axis2, n), shape=(len(d), *shape))


def _each_own(places: Any, count: int, size: int) -> Any:
    """Places in one array, for `count` arrays of that size one after the other."""
    steps = np.reshape(np.arange(count) * size, (count,) + (1,) * np.ndim(places))
    return steps + places


def _gather(d: Any, y: Any, x: Any, places: Any, shape: Any) -> Any:
    return gather(d, places=_each_own(places, len(d), int(np.prod(shape))), shape=(len(d), *shape))


def _scatter(d: Any, y: Any, x: Any, places: Any, shape: Any) -> Any:
    return scatter(d, places=_each_own(places, len(d), int(np.prod(shape))), shape=(len(d), *shape))


def _pad(d: Any, y: Any, x: Any, pad_width: Any, constant_values: Any) -> Any:
    if isinstance(pad_width, dict) or np.ndim(constant_values):
        return NotImplemented
    widths = np.broadcast_to(pad_width, (np.ndim(x), 2)).tolist()
    return np.pad(d, [(0, 0), *widths], constant_values=constant_values)


def _same(d: Any, y: Any, x: Any) -> Any:
    return d


BATCHED.update(
    {
        SUM: _reducing(np.add.reduce),
        MEAN: _reducing(np.mean),
        CUMSUM: _along(np.add.accumulate),
        REPEAT: _along(np.repeat),
        FFT: _along(np.fft.fft),
        IFFT: _along(np.fft.ifft),
        RFFT: _along(np.fft.rfft),
        IRFFT: _along(np.fft.irfft),
        RESHAPE: _reshape,
        SQUEEZE: _to_shape,
        EXPAND: _to_shape,
        TRANSPOSE: _transpose,
        SWAPAXES: _swapaxes,
        MOVEAXIS: _moveaxis,
        ROLL: _roll,
        BROADCAST_TO: _broadcast_to,
        TRACE: _trace,
        PAD: _pad,
        ROWS[diagonal]: _diagonal,
        ROWS[embed]: _embed,
        ROWS[gather]: _gather,
        ROWS[scatter]: _scatter,
        CONVERT: lambda d, y, x, dtype: d.astype(dtype),
        REAL: lambda d, y, x: np.real(d),
        IMAG: lambda d, y, x: np.imag(d),
        ZERO_D: _same,
        **dict.fromkeys(ATLEAST.values(), _to_shape),
        **dict.fromkeys(COPY_AS.values(), _same),
    }
)
