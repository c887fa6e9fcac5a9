"""What a leading batch axis means to rows that reduce, or go along, an axis of their first argument."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.batch.table import BATCHES, Given, compute, elementwise
from wengert.rules import extremes, linalg_norm, order, reduce, sort, statistics
from wengert.rules.axes import stable_order
from wengert.rules.batching import behind
from wengert.rules.complex import PHASE
from wengert.rules.cumulative import CUMPROD, RUNNING
from wengert.rules.linalg import INV, RAW_INV
from wengert.rules.linalg_cholesky import CHOLESKY
from wengert.rules.linalg_completed import FULL_QR, FULL_SVD
from wengert.rules.linalg_det import DET, SLOGDET
from wengert.rules.linalg_eigen import EIGH, EIGVALSH, coincide
from wengert.rules.linalg_least import OUTSIDE, PINV, PINV_CUT, PINVH, PINVH_CUT, STEIN
from wengert.rules.linalg_svd import QR, QR_TRIANGLE, SINGULAR_VALUES, SVD
from wengert.rules.linalg_triangular import SOLVED
from wengert.rules.pieces import NAN_TO_NUM
from wengert.rules.rounding import ROUND


def _first_alone(given: Given) -> bool:
    """Whether the first argument differs between examples, and the others do not."""
    return given.many[0] and not any(given.many[1:])


def reducing(given: Given, axis: Any = None, **options: Any) -> Any:
    """A reduction over axes, by default all."""
    if not _first_alone(given):
        return NotImplemented
    x, *rest = given.xs
    if not np.ndim(given.examples[0]):
        options = {name: False if name == "keepdims" else option for name, option in options.items()}
        return compute(given.row, [np.reshape(x, (-1, 1)), *rest], {"axis": 1, **options})
    return compute(given.row, given.xs, {"axis": behind(axis, np.ndim(given.examples[0])), **options})


def placing(given: Given, axis: Any = None, **options: Any) -> Any:
    """A reduction over one axis, or over all elements in one row."""
    if not _first_alone(given) or options.get("keepdims"):
        return NotImplemented
    x, *rest = given.xs
    if axis is None or not np.ndim(given.examples[0]):
        return compute(given.row, [np.reshape(x, (given.size, -1)), *rest], {"axis": 1, **options})
    return compute(given.row, given.xs, {"axis": behind(axis, np.ndim(given.examples[0])), **options})


def quantile(given: Given, axis: Any, **options: Any) -> Any:
    """One quantile, of all axes or some."""
    return NotImplemented if np.ndim(given.examples[1]) else reducing(given, axis, **options)


def along(given: Given, axis: Any = -1, **options: Any) -> Any:
    """A function along one axis."""
    if not _first_alone(given) or axis is None or not np.ndim(given.examples[0]):
        return NotImplemented
    return compute(given.row, given.xs, {"axis": behind(axis, np.ndim(given.examples[0])), **options})


def norm(given: Given, axis: Any, keepdims: bool, **options: Any) -> Any:
    """np.linalg.norm, which without an axis takes all elements of an array as one vector."""
    if axis is None and np.ndim(given.examples[0]) not in (1, 2):
        if keepdims:
            return NotImplemented
        flat = np.reshape(given.xs[0], (given.size, -1))
        return compute(given.row, [flat], {"axis": 1, "keepdims": False, **options})
    return reducing(given, axis, keepdims=keepdims, **options)


def ties(given: Given, skip_nan: bool, axis: Any, **options: Any) -> Any:
    """Which elements are the extreme one: x and y have the same axes."""
    if skip_nan or given.many != [True, True, False] or not np.ndim(given.examples[0]):
        return NotImplemented
    axis = behind(axis, np.ndim(given.examples[0]))
    return compute(given.row, given.xs, {"axis": axis, "skip_nan": False, **options})


def by_name(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule of a function whose axis may be given by position."""

    def named(given: Given, **options: Any) -> Any:
        if len(given.xs) == 1:
            return rule(given, **options)
        x, axis, *rest = given.xs
        if rest or any(given.many[1:]):
            return NotImplemented
        return rule(given._replace(xs=[x], many=given.many[:1], examples=given.examples[:1]), axis=axis, **options)

    return named


def stacked(given: Given, **params: Any) -> Any:
    """A function of stacks of matrices."""
    return compute(given.row, given.xs, params)


# Functions without derivative stand here themselves, whose rows may not have been made yet.
REDUCING = (
    reduce.SUM_FROM, reduce.MEAN_WHERE, reduce.NANMEAN, reduce.NANSUM, reduce.PROD, reduce.NANPROD,
    extremes.MAX, extremes.MIN, extremes.FMAX, extremes.FMIN, extremes.NANMAX, extremes.NANMIN,
    statistics.VAR, statistics.STD, statistics.NANVAR, statistics.NANSTD,
)  # fmt: skip
COUNTING = (np.any, np.all, np.count_nonzero)
PLACING = (np.argmax, np.argmin, np.nanargmax, np.nanargmin)
QUANTILES = (order.MEDIAN, order.NANMEDIAN, *order.QUANTILES.values())
ALONG = (
    CUMPROD, *RUNNING.values(), sort.SORT, sort.PARTITION, np.argpartition, stable_order, sort.from_the_largest,
)  # fmt: skip
ELEMENTWISE = (
    NAN_TO_NUM, PHASE, ROUND, np.fix, np.isclose, np.iscomplex, np.isreal,
    np.isneginf, np.isposinf,
)  # fmt: skip
STACKED = (
    INV, RAW_INV, CHOLESKY, DET, SLOGDET, EIGH, EIGVALSH, PINV, PINVH, SVD, FULL_SVD, SINGULAR_VALUES, QR,
    FULL_QR, QR_TRIANGLE, PINV_CUT, PINVH_CUT, OUTSIDE, STEIN, SOLVED, coincide,
)  # fmt: skip

BATCHES.update(dict.fromkeys(REDUCING, reducing))
BATCHES.update(dict.fromkeys(COUNTING, by_name(reducing)))
BATCHES.update(dict.fromkeys(PLACING, by_name(placing)))
BATCHES.update(dict.fromkeys(ALONG, along))
BATCHES.update(dict.fromkeys(QUANTILES, quantile))
BATCHES.update(dict.fromkeys(ELEMENTWISE, elementwise))
BATCHES.update(dict.fromkeys(STACKED, stacked))
BATCHES.update(
    {
        np.argsort: by_name(along),
        order._ranks: placing,
        linalg_norm.NORM: norm,
        linalg_norm.P_NORM: norm,
        extremes.ties: ties,
    }
)
