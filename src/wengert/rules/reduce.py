"""Sums, means and products, over any axes, with where=, initial= and without NaNs."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record import quick
from wengert.record.protocols import REDUCTIONS
from wengert.record.value import concrete
from wengert.rules.axes import (
    ABSENT,
    alive,
    as_array,
    axes,
    begun,
    count,
    keep,
    kept,
    last,
    masked,
    options_given,
    reduction,
    spread,
    unlast,
)  # fmt: skip
from wengert.rules.table import handles, linear, rule
from wengert.sweep.arithmetic import strong, sum_to

_FLOAT = np.dtype(float)
_NUMBERS = {float, np.float64}


def total(x: Any, axis: Any, keepdims: bool) -> Any:
    """np.sum over the given axes (None: all)."""
    return np.add.reduce(x, axis=axis, keepdims=keepdims)


def mean(x: Any, axis: Any, keepdims: bool) -> Any:
    """np.mean over the given axes (None: all)."""
    if type(x) is np.ndarray and x.dtype is _FLOAT and x.size and x.ndim:
        y = np.add.reduce(x, axis=axis, keepdims=keepdims)
        return y / (x.size // y.size)
    return np.mean(x, axis=axis, keepdims=keepdims)


def _shared(c: Any, x: Any, axis: Any) -> Any:
    """What of c falls to each element that a mean is of."""
    if axis is None and type(x) is np.ndarray and x.size and type(c) in _NUMBERS:
        return c / x.size
    return np.divide(c, count(x, axis, True))


# fmt: off
SUM  = linear(total, spread, name="numpy.sum")
MEAN = linear(mean,  lambda c, x, axis, keepdims: spread(_shared(c, x, axis), x, axis, keepdims), name="numpy.mean")
# fmt: on


# ── the same with options: over the elements where `where` holds, in another dtype, from `initial` ──


def total_from(x: Any, initial: Any, axis: Any, keepdims: bool, **options: Any) -> Any:
    """np.sum with its options."""
    return begun(np.add.reduce, x, initial, axis=axis, keepdims=keepdims, **options)


def _push_total(
    d: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None
) -> Any:
    return np.add.reduce(masked(d, where), axis=axis, keepdims=keepdims, dtype=dtype)


def _pull_total(
    c: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None
) -> Any:
    return masked(spread(c, x, axis, keepdims), where)


SUM_FROM = rule(
    total_from, _push_total, lambda d, y, x, initial, **options: np.broadcast_to(d, np.shape(y)),
    pull=(_pull_total, lambda c, y, x, initial, **options: sum_to(c, np.shape(initial))),
    name="numpy.sum", reads=((), ()),
)  # fmt: skip


def _averaging(op: Any, skip_nan: bool) -> Any:
    """The row of a mean over the elements that take part."""

    def push(d: Any, y: Any, x: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None) -> Any:
        mask = alive(x, where, skip_nan)
        summed = np.add.reduce(masked(d, mask), axis=axis, keepdims=keepdims, dtype=dtype)
        return np.divide(summed, np.reshape(count(x, axis, mask), _shape_of(y, mask)))

    def pull(c: Any, y: Any, x: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None) -> Any:
        mask = alive(x, where, skip_nan)
        share = np.divide(keep(c, x, axis, keepdims), count(x, axis, mask))
        return masked(spread(share, x, axis, True), mask)

    return rule(op, push, pull=(pull,), reads=((0,) if skip_nan else (),))


def _shape_of(y: Any, mask: Any) -> tuple[int, ...]:
    return () if mask is True else np.shape(y)


MEAN_WHERE = _averaging(np.mean, False)
NANMEAN = _averaging(np.nanmean, True)


def _push_nansum(
    d: Any, y: Any, x: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None, initial: Any = 0
) -> Any:
    return np.add.reduce(masked(d, alive(x, where, True)), axis=axis, keepdims=keepdims, dtype=dtype)


def _pull_nansum(
    c: Any, y: Any, x: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None, initial: Any = 0
) -> Any:
    return masked(spread(c, x, axis, keepdims), alive(x, where, True))


NANSUM = rule(np.nansum, _push_nansum, pull=(_pull_nansum,))


# ── products ──


def products_of_others(x: Any) -> Any:
    """For each element along the last axis, the product of all others: exact whatever is zero.

    With the axis cut into halves a, b: the others of aₖ are bₖ and the other pairs.
    """
    n = np.shape(x)[-1]
    if n <= 1:
        return np.ones_like(x)
    half = n // 2
    a, b = x[..., :half], x[..., half : 2 * half]
    others = products_of_others(np.concatenate([a * b, x[..., 2 * half :]], axis=-1))
    pairs = others[..., :half]
    return np.concatenate([pairs * b, pairs * a, others[..., half:]], axis=-1)


def _multiplying(op: Any, skip_nan: bool) -> Any:
    """The row of a product, ∂y/∂xₖ = initial · Π of the others."""

    def partial(x: Any, initial: Any, axis: Any, where: Any, dtype: Any) -> Any:
        mask = alive(x, where, skip_nan)
        x = x if dtype is None else np.asarray(x).astype(dtype)
        factors = x if mask is True else np.where(mask, x, 1.0)
        others = unlast(products_of_others(last(factors, axis)), x, axis)
        return masked(others if initial is ABSENT else others * initial, mask)

    def push(
        d: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None
    ) -> Any:
        return np.add.reduce(strong(d, partial(x, initial, axis, where, dtype)), axis=axis, keepdims=keepdims)

    def pull(
        c: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None
    ) -> Any:
        bar = strong(keep(c, x, axis, keepdims), partial(x, initial, axis, where, dtype))
        return np.real(bar) if np.iscomplexobj(bar) and not np.iscomplexobj(x) else bar

    def product(x: Any, axis: Any, keepdims: bool, where: Any = True, dtype: Any = None) -> Any:
        return op(x, axis=axis, keepdims=keepdims, where=where, dtype=dtype)

    def push_initial(d: Any, y: Any, x: Any, initial: Any, **options: Any) -> Any:
        return strong(d, product(x, **options))

    def pull_initial(c: Any, y: Any, x: Any, initial: Any, **options: Any) -> Any:
        return sum_to(strong(c, product(x, **options)), np.shape(initial))

    def from_initial(x: Any, initial: Any, **options: Any) -> Any:
        return begun(op, x, initial, **options)

    return rule(
        from_initial, push, push_initial, pull=(pull, pull_initial), reads=((0, 1), (0, 1)), name=f"numpy.{op.__name__}"
    )


PROD = _multiplying(np.prod, False)
NANPROD = _multiplying(np.nanprod, True)


# ── spellings ──

_mean_along = quick.along(MEAN, mean)
_sum_along = quick.along(SUM, total)


@handles(np.sum)
def _sum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT,
    initial: Any = ABSENT, where: Any = ABSENT,
) -> Any:  # fmt: skip
    if dtype is None and where is initial is ABSENT:
        y = _sum_along(a, axis, keepdims is not ABSENT and keepdims) if out is None else None
        return reduction(SUM, (as_array(a),), axis, keepdims, out) if y is None else y
    x = as_array(a)
    options = options_given(dtype=dtype, where=where)
    if not floating(options):
        return np.sum(concrete(x), axis, keepdims=keepdims is not ABSENT and bool(keepdims), **options)
    if not options and initial is ABSENT:
        return reduction(SUM, (x,), axis, keepdims, out)
    return reduction(SUM_FROM, (x, initial), axis, keepdims, out, **options)


def floating(options: dict[str, Any]) -> bool:
    """Whether the dtype asked for, if any, carries derivatives."""
    return "dtype" not in options or np.dtype(options["dtype"]).kind in "fc"


@handles(np.mean)
def _mean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT, *, where: Any = ABSENT
) -> Any:
    if dtype is None and where is ABSENT:
        y = _mean_along(a, axis, keepdims is not ABSENT and keepdims) if out is None else None
        return reduction(MEAN, (as_array(a),), axis, keepdims, out) if y is None else y
    options = options_given(dtype=dtype, where=where)
    row = MEAN_WHERE if options else MEAN
    return reduction(row, (as_array(a),), axis, keepdims, out, **options)


@handles(np.prod)
def _prod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT,
    initial: Any = ABSENT, where: Any = ABSENT,
) -> Any:  # fmt: skip
    options = options_given(dtype=dtype, where=where)
    return reduction(PROD, (as_array(a), initial), axis, keepdims, out, **options)


@handles(np.nansum)
def _nansum(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT,
    initial: Any = ABSENT, where: Any = ABSENT,
) -> Any:  # fmt: skip
    x = as_array(a)
    options = options_given(dtype=dtype, where=where)
    if initial is not ABSENT:
        x = np.where(np.isnan(x), np.zeros((), concrete(x).dtype), x)
        return reduction(SUM_FROM, (x, initial), axis, keepdims, out, **options)
    return reduction(NANSUM, (x,), axis, keepdims, out, **options)


@handles(np.nanmean)
def _nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT, *, where: Any = ABSENT
) -> Any:
    return reduction(NANMEAN, (as_array(a),), axis, keepdims, out, **options_given(dtype=dtype, where=where))


@handles(np.nanprod)
def _nanprod(
    a: Any, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = ABSENT,
    initial: Any = ABSENT, where: Any = ABSENT,
) -> Any:  # fmt: skip
    options = options_given(dtype=dtype, where=where)
    return reduction(NANPROD, (as_array(a), initial), axis, keepdims, out, **options)


REDUCTIONS[np.add, "reduce"] = lambda a, axis=0, **options: _sum(a, axis, **options)
REDUCTIONS[np.multiply, "reduce"] = lambda a, axis=0, **options: _prod(a, axis, **options)
__all__ = ["MEAN", "PROD", "SUM", "axes", "kept", "spread"]
