"""Small arithmetic that both sweeps share: strong zeros, broadcasting undone, accumulation."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.observe import expected
from wengert.record.value import LOOPED, Array, is_value, stopped
from wengert.sweep.finite import is_finite_product
from wengert.sweep.quiet import hush, loudness, restore

_ndarray = np.ndarray


def strong(c: Any, p: Any) -> Any:
    """c·p, where a zero factor makes zero of anything, infinity and NaN included."""
    product = c * p
    if type(product) is float or type(product) is np.float64:
        return 0.0 if product != product and (c == 0 or p == 0) else product
    if type(product) is _ndarray and not any_nan(product):
        return product
    wrong = np.isnan(stopped(product))
    if not some(wrong):
        return product
    dead = wrong & (np.equal(stopped(c), 0) | np.equal(stopped(p), 0))
    return np.where(dead, 0.0, product)


def some(mask: Any) -> Any:
    """np.any(mask), sooner for a plain array. In a loop some run may have what this one has not."""
    if is_value(mask) and _in_loop(mask):
        return True
    return np.logical_or.reduce(mask, axis=None) if type(mask) is _ndarray else np.any(mask)


def _in_loop(x: Any) -> bool:
    return x.rec is not None and x.rec.traces is LOOPED


def fit(c: Any, how: Any) -> Any:
    """A cotangent of the broadcast result as one of the argument: summed and projected."""
    shape, real = how
    if real and np.iscomplexobj(c):
        c = np.real(c)
    if type(c) is _ndarray:
        if c.shape == shape:
            return c
        return np.add.reduce(c, axis=None) if not shape else sum_to(c, shape)
    return c if np.shape(c) == shape else sum_to(c, shape)


def sum_to(c: Any, shape: tuple[int, ...]) -> Any:
    """The transpose of broadcasting from `shape`: sum over the axes that were added or stretched."""
    now = c.shape if type(c) is _ndarray else np.shape(c)
    extra = len(now) - len(shape)
    if extra == 1 and now[1:] == shape:
        return c[0] if now[0] == 1 else np.add.reduce(c, axis=0)
    if not extra and type(c) is _ndarray and len(now) == 2:
        for k in (0, 1):
            if shape[k] == 1 and shape[1 - k] == now[1 - k]:
                return np.add.reduce(c, axis=k, keepdims=True)
    if extra < 0 or any(n == 1 and s != 1 for n, s in zip(now[::-1], shape[::-1], strict=False)):
        c = np.broadcast_to(c, np.broadcast_shapes(now, shape))
        now = np.shape(c)
        extra = len(now) - len(shape)
    if extra > 0:
        c = np.add.reduce(c, axis=tuple(range(extra)))
    stretched = tuple([k for k, s in enumerate(shape) if s == 1 and now[k + extra] != 1])
    return np.add.reduce(c, axis=stretched, keepdims=True) if stretched else c


def any_nan(x: Any) -> Any:
    """Whether there is a NaN in x, a plain number or array or a recorded one."""
    if type(x) is np.float64:
        return x != x
    if type(x) is _ndarray and x.flags.c_contiguous and x.dtype.kind == "f" and x.size < _SHORT:
        row = x.ravel()
        total = row.dot(row)  # a sum of squares is NaN only if one of them is
        return total != total
    return some(np.isnan(x))


def has_nan(x: Any) -> bool:
    """Whether a derivative holds a NaN; in a loop, whether it could in some run."""
    t = type(x)
    if t is float or t is np.float64:
        return x != x
    if x is None:
        return False
    if t is not _ndarray:
        x = stopped(x)
        if is_value(x):
            return _in_loop(x) or expected(np.any(np.isnan(x)), bool, False)
        t = type(x)
    # A sum of squares is NaN only if an element is, and so is the largest one; a sum, also where infinities meet.
    if t is _ndarray and x.size < _SHORT and x.dtype.kind == "f":
        row = x if x.ndim == 1 else x.ravel(order="K")
        total = row.dot(row)
    elif t is _ndarray and x.dtype.kind == "f":
        if is_finite_product(x):
            return False
        total = np.maximum.reduce(x, axis=None)
    else:
        total = np.add.reduce(x, axis=None)
    return bool(total != total) and bool(np.any(np.isnan(x)))


def any_has_nan(xs: Any) -> bool:
    """Whether one of some derivatives holds a NaN, after the sweep."""
    before = loudness()
    try:
        hush()
        return any(map(has_nan, xs))
    finally:
        restore(before)


_SHORT = 4000
"""Elements up to which a product with itself takes a fraction of the time of a sum."""


def owned_copy(x: Any) -> Any:
    """x in memory (and, if recorded, a slot) of its own."""
    return x.copy(order="K") if type(x) is _ndarray or type(x) is Array else x


def zeros_like(x: Any) -> Any:
    """Zeros of x's shape and dtype, as an array that can be added into."""
    return np.zeros_like(x)
