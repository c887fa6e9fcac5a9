"""The largest and smallest element: tied elements share the derivative equally; NaN in, NaN out."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record import quick
from wengert.record.observe import decide
from wengert.record.protocols import REDUCTIONS
from wengert.record.value import stopped
from wengert.rules.axes import ABSENT, alive, as_array, begun, keep, masked, options_given, real_type, reduction, spread
from wengert.rules.table import enter, handles
from wengert.sweep.arithmetic import any_nan, strong, sum_to

_FLOAT = np.dtype(float)


def _tied(y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any, skip_nan: bool) -> tuple[Any, Any]:
    """Which elements equal the result, and 1/how many do (the initial value counted); NaN for NaN."""
    best = keep(y, x, axis, keepdims)
    if type(x) is np.ndarray and x.dtype is _FLOAT and where is True and initial is ABSENT:
        equal = np.equal(x, best)
        if np.count_nonzero(equal) == best.size and (best.size == 1 or not any_nan(y)):
            return equal, 1.0
    return decide(ties, x, best, initial, axis=axis, where=where, skip_nan=skip_nan)


def ties(x: Any, y: Any, initial: Any, axis: Any, where: Any, skip_nan: bool) -> tuple[Any, Any]:
    equal = np.equal(x, y)
    some_undefined = bool(any_nan(y))
    if where is True and initial is ABSENT and not skip_nan and not some_undefined:
        ties = np.add.reduce(equal, axis=axis, keepdims=True, dtype=real_type(x))
        return equal, np.divide(1.0, ties)
    undefined = np.isnan(y)
    if some_undefined:
        equal = np.where(undefined, True, equal)
    mask = alive(x, where, skip_nan and not some_undefined)
    if mask is not True:
        equal = np.logical_and(equal, mask)
    tied = np.reshape(np.count_nonzero(equal, axis=axis), np.shape(y)).astype(real_type(x))
    if initial is not ABSENT:
        tied = tied + np.equal(y, initial)
    return equal, np.where(undefined, np.nan, np.divide(1.0, np.maximum(tied, 1.0)))


def _selecting(op: Any, name: str, skip_nan: bool) -> Row:
    """The row of a reduction that returns one of the elements (or the initial value)."""

    def push(d: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        equal, share = _tied(y, x, initial, axis, keepdims, where, skip_nan)
        return np.add.reduce(strong(masked(d, equal), share), axis=axis, keepdims=keepdims)

    def pull(c: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        equal, share = _tied(y, x, initial, axis, keepdims, where, skip_nan)
        shared = keep(c, x, axis, keepdims)
        shared = shared if type(share) is float else strong(shared, share)
        if type(shared) is type(equal) is np.ndarray and shared.dtype is _FLOAT:
            return np.where(equal, shared, 0.0)
        return masked(spread(shared, x, axis, True), equal)

    def share_of_initial(y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any) -> Any:
        share = _tied(y, x, initial, axis, keepdims, where, skip_nan)[1]
        return masked(np.reshape(share, np.shape(y)), np.equal(stopped(y), stopped(initial)))

    def push_initial(d: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        return strong(d, share_of_initial(y, x, initial, axis, keepdims, where))

    def pull_initial(c: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        return sum_to(strong(c, share_of_initial(y, x, initial, axis, keepdims, where)), np.shape(initial))

    def extreme(x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        return begun(op, x, initial, axis=axis, keepdims=keepdims, where=where)

    both = frozenset({0, 1})
    return enter(
        Row(
            extreme, name, "rule", (push, push_initial), (pull, pull_initial), (both, both), (True, True),
        )
    )  # fmt: skip


MAX = _selecting(np.maximum.reduce, "numpy.max", False)
MIN = _selecting(np.minimum.reduce, "numpy.min", False)
FMAX = _selecting(np.fmax.reduce, "numpy.fmax.reduce", True)
FMIN = _selecting(np.fmin.reduce, "numpy.fmin.reduce", True)
NANMAX = _selecting(np.nanmax, "numpy.nanmax", True)
NANMIN = _selecting(np.nanmin, "numpy.nanmin", True)


def _spelled(row: Row) -> Any:
    along = quick.along(row, lambda x, axis, keepdims: row.op(x, ABSENT, axis, keepdims), ABSENT)
    by_ufunc = row in (MAX, MIN)

    def handler(
        a: Any, axis: Any = None, out: Any = None, keepdims: Any = ABSENT, initial: Any = ABSENT, where: Any = ABSENT
    ) -> Any:
        if by_ufunc and out is None and where is ABSENT and (initial is ABSENT or initial is None):
            y = along(a, axis, keepdims is not ABSENT and keepdims)
            if y is not None:
                return y
        start = ABSENT if initial is None else initial
        return reduction(row, (as_array(a), start), axis, keepdims, out, **options_given(where=where))

    return handler


def _method(row: Row) -> Any:
    spelled = _spelled(row)

    def reduce(a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False, **options: Any) -> Any:
        return spelled(a if dtype is None else a.astype(dtype), axis, out, keepdims, **options)

    return reduce


for _row, _functions in (
    (MAX, {np.max, np.amax}),
    (MIN, {np.min, np.amin}),
    (NANMAX, {np.nanmax}),
    (NANMIN, {np.nanmin}),
):
    handles(*_functions)(_spelled(_row))
for _row, _ufunc in ((MAX, np.maximum), (MIN, np.minimum), (FMAX, np.fmax), (FMIN, np.fmin)):
    REDUCTIONS[_ufunc, "reduce"] = _method(_row)


@handles(np.ptp)
def _ptp(a: Any, axis: Any = None, out: Any = None, keepdims: Any = ABSENT) -> Any:
    return np.subtract(np.max(a, axis, keepdims=keepdims), np.min(a, axis, keepdims=keepdims), out=out)
