"""reduce, accumulate and outer of any binary ufunc, from its own partial derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import ROWS, Row
from wengert.record.observe import decide, look
from wengert.record.protocols import REDUCTIONS, any_recorded, missing_method
from wengert.record.value import concrete, frozen
from wengert.rules.axes import ABSENT, alive, as_array, count, keep, last, masked, reduction, spread, unlast
from wengert.rules.cumulative import along
from wengert.rules.table import rule
from wengert.sweep.arithmetic import strong

_folds: dict[tuple[Any, str], Row] = {}


def _partials(ufunc: Any, method: str) -> Any:
    row = ROWS.get(ufunc)
    if row is None or len(row.partials) != 2 or None in row.partials:
        raise missing_method(ufunc, method)
    return row.partials


def _step(ufunc: Any, y: Any, t: Any, x: Any, d: Any) -> tuple[Any, Any]:
    """f(y, x) and its tangent."""
    left, right = ROWS[ufunc].partials
    new = ufunc(y, x)
    pushed = strong(d, right(new, y, x))  # type: ignore[misc]
    return new, pushed if t is None else strong(t, left(new, y, x)) + pushed  # type: ignore[misc]


# ── reduce:  y = f(… f(f(x₀, x₁), x₂) …) ──


def _reduce_row(ufunc: Any) -> Row:
    """The row of ufunc.reduce, by the chain rule along the axis."""
    _partials(ufunc, "reduce")

    def fold(x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        return ufunc.reduce(x, axis=axis, keepdims=keepdims, initial=initial, where=where)

    def push(d: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        rows, dots = last(x, axis), last(d, axis)
        taken = None if where is True else last(np.broadcast_to(where, np.shape(concrete(x))), axis)
        if taken is not None:
            initial = ufunc.identity if initial is ABSENT else initial
        first = 1 if initial is ABSENT else 0
        z = rows[..., 0] if first else np.broadcast_to(initial, np.shape(rows)[:-1])
        t: Any = dots[..., 0] if first else None
        for k in range(first, np.shape(rows)[-1]):
            new, moved = _step(ufunc, z, t, rows[..., k], dots[..., k])
            if taken is not None:
                new = np.where(taken[..., k], new, z)
                moved = np.where(taken[..., k], moved, 0.0 if t is None else t)
            z, t = new, moved
        return np.zeros(np.shape(y)) if t is None else np.reshape(t, np.shape(y))

    return rule(fold, push, None, name=f"numpy.{ufunc.__name__}.reduce")


def _reduce(ufunc: Any, a: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False,
            initial: Any = ABSENT, where: Any = True) -> Any:  # fmt: skip
    if _is_step(ufunc):
        return ufunc.reduce(frozen(as_array(a)), axis=axis, out=out, keepdims=keepdims, where=look(where))
    if any_recorded(initial) and not isinstance(axis, tuple):
        x = _begun(as_array(a), initial, axis)
        if where is not True:
            mask = np.broadcast_to(look(where), np.shape(concrete(as_array(a))))
            where = _begun(mask, True, axis)
            where = np.reshape(where, (-1,) + (1,) * (mask.ndim - 1)) if axis is None and keepdims else where
        x = np.reshape(x, (-1,) + (1,) * (np.ndim(concrete(a)) - 1)) if axis is None and keepdims else x
        return _reduce(ufunc, x, 0 if axis is None else axis, dtype, out, keepdims, where=where)
    row = _folds.get((ufunc, "reduce")) or _folds.setdefault((ufunc, "reduce"), _reduce_row(ufunc))
    x = as_array(a) if dtype is None else as_array(a).astype(dtype)
    options = {} if where is True else {"where": look(where)}
    return reduction(row, (x, ABSENT if initial is None else initial), axis, keepdims, out, **options)


def _begun(x: Any, initial: Any, axis: Any) -> Any:
    """The elements with the initial one before them."""
    if axis is None:
        return np.concatenate([np.reshape(initial, (1,)), np.reshape(x, (-1,))])
    shape = list(np.shape(concrete(x)))
    shape[axis] = 1
    return np.concatenate([np.broadcast_to(initial, shape), x], axis=axis)


def _is_step(ufunc: Any) -> bool:
    row = ROWS.get(ufunc)
    return row is not None and row.kind == "constant"


# ── log Σ exp:  ẏ = Σ exp(x − y) ẋ ──


def _equal_infinite(x: Any, z: Any) -> Any:
    return np.isinf(z) & np.equal(x, z)


def _weights(y: Any, x: Any, axis: Any, keepdims: bool, mask: Any, base: Any) -> Any:
    """exp(x − y); where y is infinite, its elements share equally."""
    z = keep(y, x, axis, keepdims)
    infinite = decide(np.isinf, z)
    tied = np.logical_and(infinite, decide(_equal_infinite, x, z))
    tied = tied if mask is True else np.logical_and(tied, mask)
    ties = np.maximum(count(x, axis, tied), 1.0)
    safe = np.where(infinite, 0.0, z)
    return masked(np.where(infinite, tied / ties, base(np.where(infinite, 0.0, x) - safe)), mask)


def _log_sum(ufunc: Any, base: Any) -> Row:
    def fold(x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        return ufunc.reduce(x, axis=axis, keepdims=keepdims, initial=initial, where=where)

    def push(d: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        w = _weights(y, x, axis, keepdims, alive(x, where, False), base)
        return np.add.reduce(strong(d, w), axis=axis, keepdims=keepdims)

    def pull(c: Any, y: Any, x: Any, initial: Any, axis: Any, keepdims: bool, where: Any = True) -> Any:
        return strong(spread(c, x, axis, keepdims), _weights(y, x, axis, keepdims, alive(x, where, False), base))

    return rule(fold, push, None, pull=(pull, None), name=f"numpy.{ufunc.__name__}.reduce")


_folds[np.logaddexp, "reduce"] = _log_sum(np.logaddexp, np.exp)
_folds[np.logaddexp2, "reduce"] = _log_sum(np.logaddexp2, np.exp2)


# ── accumulate ──


def _accumulate_row(ufunc: Any) -> Row:
    """The row of ufunc.accumulate, by the chain rule along the axis."""
    _partials(ufunc, "accumulate")

    def run(x: Any, axis: int, dtype: Any = None) -> Any:
        return ufunc.accumulate(x, axis=axis, dtype=dtype)

    def push(d: Any, y: Any, x: Any, axis: int, dtype: Any = None) -> Any:
        rows, dots = last(x, axis), last(d, axis)
        z, parts = rows[..., 0], [dots[..., 0]]
        for k in range(1, np.shape(rows)[-1]):
            z, t = _step(ufunc, z, parts[-1], rows[..., k], dots[..., k])
            parts.append(t)
        return unlast(np.stack(parts, axis=-1), x, axis)

    return rule(run, push, name=f"numpy.{ufunc.__name__}.accumulate")


def _accumulate(ufunc: Any, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Any:
    if _is_step(ufunc):
        return ufunc.accumulate(frozen(as_array(array)), axis=axis)
    key = (ufunc, "accumulate")
    return along(_folds.get(key) or _folds.setdefault(key, _accumulate_row(ufunc)), array, axis, dtype, out)


# ── outer:  y[i, j] = f(a[i], b[j]) ──


def _outer(ufunc: Any, a: Any, b: Any, **options: Any) -> Any:
    x, y = as_array(a), as_array(b)
    lifted = np.reshape(x, np.shape(concrete(x)) + (1,) * np.ndim(concrete(y)))
    return ufunc(lifted, y, **options)


REDUCTIONS[None, "reduce"] = _reduce
REDUCTIONS[None, "accumulate"] = _accumulate
REDUCTIONS[None, "outer"] = _outer
