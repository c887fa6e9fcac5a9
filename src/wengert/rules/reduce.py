"""Reductions: sum, mean, … over any axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.protocols import REDUCTIONS
from wengert.record.value import concrete
from wengert.rules.table import handles, linear


def total(x: Any, axis: Any, keepdims: bool) -> Any:
    """np.sum over the given axes (None: all)."""
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


def spread(c: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """A cotangent of a reduction, as one of what was reduced: copied along the reduced axes."""
    shape = np.shape(x)
    return np.broadcast_to(c if keepdims else np.reshape(c, kept(shape, axis)), shape)


def kept(shape: tuple[int, ...], axis: Any) -> tuple[int, ...]:
    """The shape with 1 for each reduced axis."""
    if axis is None:
        return (1,) * len(shape)
    axes = {k % len(shape) for k in (axis if isinstance(axis, tuple) else (axis,))}
    return tuple(1 if k in axes else n for k, n in enumerate(shape))


SUM = linear(total, spread, name="numpy.sum")


@handles(np.sum)
def _sum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False,
    initial: Any = 0, where: Any = True,
) -> Any:  # fmt: skip
    x = np.asarray(a) if type(a) in (list, tuple) else a
    if dtype is not None:
        x = x.astype(dtype)
    if where is not True:
        x = np.where(where, x, np.zeros((), concrete(x).dtype))
    y = apply(SUM, (x,), {"axis": _axes(axis), "keepdims": keepdims is True})
    if type(initial) is not int or initial != 0:
        y = y + initial
    if out is None:
        return y
    out[...] = y
    return out


def _axes(axis: Any) -> Any:
    return tuple(int(k) for k in axis) if isinstance(axis, (tuple, list)) else axis if axis is None else int(axis)


REDUCTIONS[np.add, "reduce"] = lambda a, axis=0, **options: _sum(a, axis, **options)
