"""Variance, standard deviation and weighted means.

With m the mean of n elements,  y = Σ |x − m|² / (n − ddof)  gives  ẏ = 2 Σ Re(conj(x − m) ẋ) / (n − ddof):
ṁ drops out because Σ (x − m) = 0. The standard deviation of constant data has the derivative of least norm, 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded
from wengert.record.value import concrete
from wengert.rules.axes import (
    ABSENT,
    alive,
    as_array,
    count,
    deliver,
    keep,
    masked,
    options_given,
    real_type,
    reduction,
)  # fmt: skip
from wengert.rules.table import handles, rule
from wengert.sweep.arithmetic import strong


def _deviations(x: Any, axis: Any, mask: Any) -> Any:
    """conj(x − m), zero for the elements that do not take part."""
    m = np.divide(np.add.reduce(masked(x, mask), axis=axis, keepdims=True), count(x, axis, mask))
    d = masked(x - m, mask)
    return np.conjugate(d) if np.iscomplexobj(d) else d


def _variance_partial(y: Any, x: Any, axis: Any, keepdims: bool, ddof: Any, mask: Any) -> Any:
    """2 conj(x − m) / (n − ddof)."""
    freedom = np.maximum(count(x, axis, mask) - ddof, 0.0)
    return _deviations(x, axis, mask) * np.divide(2.0, freedom, dtype=real_type(x))


def _deviation_partial(y: Any, x: Any, axis: Any, keepdims: bool, ddof: Any, mask: Any) -> Any:
    """conj(x − m) / ((n − ddof) y), and 0 where y = 0.

    The mean of the deviations is taken out once more: for data that are constant up to rounding,
    x − m and y are both of the size of rounding errors, and their ratio is to be 0, not ±1.
    """
    freedom = np.maximum(count(x, axis, mask) - ddof, 0.0)
    d = _deviations(x, axis, mask)
    n = count(x, axis, mask)
    d = masked(d - np.divide(np.add.reduce(d, axis=axis, keepdims=True), n), mask)
    deviation = keep(y, x, axis, keepdims)
    flat = decide(np.equal, deviation, 0)
    return d * np.where(flat, 0.0, np.divide(1.0, freedom * np.where(flat, 1.0, deviation)))


def _spreading(op: Any, partial: Any, skip_nan: bool) -> Row:
    """The row of a measure of spread, from its partial derivative."""

    def push(
        d: Any, y: Any, x: Any, axis: Any, keepdims: bool, ddof: Any = 0, where: Any = True, dtype: Any = None
    ) -> Any:
        mask = alive(x, where, skip_nan)
        slopes = partial(y, x, axis, keepdims, ddof, mask)
        return np.add.reduce(np.real(strong(masked(d, mask), slopes)), axis=axis, keepdims=keepdims)

    def pull(
        c: Any, y: Any, x: Any, axis: Any, keepdims: bool, ddof: Any = 0, where: Any = True, dtype: Any = None
    ) -> Any:
        mask = alive(x, where, skip_nan)
        return masked(strong(keep(np.real(c), x, axis, keepdims), partial(y, x, axis, keepdims, ddof, mask)), mask)

    return rule(op, push, pull=(pull,))


VAR = _spreading(np.var, _variance_partial, False)
STD = _spreading(np.std, _deviation_partial, False)
NANVAR = _spreading(np.nanvar, _variance_partial, True)
NANSTD = _spreading(np.nanstd, _deviation_partial, True)


def _about(x: Any, mean: Any, axis: Any, ddof: Any, keepdims: Any, where: Any) -> Any:
    """np.var about a given mean, in NumPy's steps."""
    d = np.subtract(x, mean)
    squares = np.square(np.real(d)) + np.square(np.imag(d)) if np.iscomplexobj(concrete(d)) else np.square(d)
    kept = keepdims is not ABSENT and bool(keepdims)
    mask = True if where is ABSENT else where
    n = count(x, axis, mask)
    n = (
        n
        if kept or mask is True
        else np.reshape(n, np.shape(np.add.reduce(np.broadcast_to(mask, np.shape(x)), axis=axis)))
    )
    return np.add.reduce(squares, axis=axis, keepdims=kept, where=mask) / np.maximum(n - ddof, 0)


def _spelled(row: Row, root: bool) -> Any:
    def handler(
        a: Any, axis: Any = None, dtype: Any = None, out: Any = None, ddof: Any = 0, keepdims: Any = ABSENT,
        *, where: Any = ABSENT, mean: Any = ABSENT, correction: Any = ABSENT,
    ) -> Any:  # fmt: skip
        if correction is not ABSENT:
            if ddof != 0:
                raise ValueError("ddof and correction can't be provided simultaneously.")
            ddof = correction
        x = as_array(a)
        if mean is not ABSENT and mean is not None:
            y = _about(x, mean, axis, ddof, keepdims, where)
            return deliver(np.sqrt(y) if root else y, out)
        options = options_given(dtype=dtype, where=where)
        if not any_recorded(ddof):
            return reduction(row, (x,), axis, keepdims, out, ddof=ddof, **options)
        y = reduction(row, (x,), axis, keepdims, None, ddof=look(ddof), **options)
        factor = _freed(look(x), axis, ddof, options.get("where", True), row in (NANVAR, NANSTD), np.shape(y))
        return deliver(y * (np.sqrt(factor) if root else factor), out)

    return handler


def _freed(x: Any, axis: Any, ddof: Any, where: Any, skip_nan: bool, shape: tuple[int, ...]) -> Any:
    """(n − ddof₀) / (n − ddof) with ddof₀ the number that ddof is: 1, with the derivative in ddof."""
    n = count(x, axis, alive(x, where, skip_nan))
    n = n if np.ndim(n) == 0 else np.reshape(n, shape)
    return (n - look(ddof)) / (n - ddof)


for _row, _function, _root in (
    (VAR, np.var, False),
    (STD, np.std, True),
    (NANVAR, np.nanvar, False),
    (NANSTD, np.nanstd, True),
):
    handles(_function)(_spelled(_row, _root))


@handles(np.average)
def _average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: Any = ABSENT) -> Any:
    x, options = as_array(a), {} if keepdims is ABSENT else {"keepdims": keepdims}
    if weights is None:
        y = np.mean(x, axis, **options)
        scale: Any = np.full_like(concrete(y), concrete(x).size / np.size(concrete(y)))
        return (y, scale) if returned else y
    w = _weights(x, as_array(weights), axis)
    dtype = np.result_type(concrete(x), concrete(w), np.float64 if concrete(x).dtype.kind in "iub" else concrete(x))
    scale = np.sum(w, axis=axis, dtype=dtype, **options)
    if np.any(decide(np.equal, scale, 0.0)):
        raise ZeroDivisionError("Weights sum to zero, can't be normalized")
    y = np.sum(np.multiply(x, w, dtype=dtype), axis=axis, **options) / scale
    return (y, np.broadcast_to(scale, np.shape(y)).copy() if np.ndim(y) else scale) if returned else y


def _weights(x: Any, w: Any, axis: Any) -> Any:
    """The weights in the shape of x, or with axes of length 1 where there are none."""
    shape, given = np.shape(x), np.shape(w)
    if shape == given:
        return w
    if axis is None:
        raise TypeError("Axis must be specified when shapes of a and weights differ.")
    reduced = np.lib.array_utils.normalize_axis_tuple(axis, len(shape))
    if given != tuple(shape[k] for k in reduced):
        raise ValueError("Shape of weights must be consistent with shape of a along specified axis.")
    w = np.transpose(w, np.argsort(reduced))
    return np.reshape(w, tuple(n if k in reduced else 1 for k, n in enumerate(shape)))
