"""Functions that choose elements by a condition or an index: where, select, choose, take, compress."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.ir.row import HANDLERS, Row
from wengert.record.apply import apply
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded, lower
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array, deliver
from wengert.rules.table import enter, handles

_BOOL = np.dtype(bool)


def _keep(c: Any, y: Any, m: Any, a: Any, b: Any) -> Any:
    return np.where(m, c, 0.0)


def _drop(c: Any, y: Any, m: Any, a: Any, b: Any) -> Any:
    return np.where(m, 0.0, c)


WHERE = enter(
    Row(
        np.where, "numpy.where", "linear", (None, _keep, _drop), (None, _keep, _drop),
        (frozenset(), frozenset({0}), frozenset({0})), (False,) * 3, broadcast=True,
        reason="Its condition is a truth value.",
    )
)  # fmt: skip


@handles(np.where)
def _where(condition: Any, *branches: Any) -> Any:
    if not branches:
        return np.nonzero(condition)
    x, y = map(as_array, branches)
    return apply(WHERE, (truth(condition), x, y))


def truth(condition: Any) -> Any:
    """A condition as plain truth values."""
    if type(condition) is np.ndarray and condition.dtype is _BOOL:
        return condition
    return (
        np.not_equal(as_array(condition), 0)
        if np.result_type(concrete(as_array(condition))).kind in "fc"
        else condition
    )


@handles(np.select)
def _select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    conditions = [look(as_array(c)) for c in condlist]
    if len(conditions) != len(choicelist) or not conditions or any(np.asarray(c).dtype.kind != "b" for c in conditions):
        return np.select(lower(condlist), lower(choicelist), lower(default))
    y = default
    for condition, choice in zip(conditions[::-1], list(choicelist)[::-1], strict=True):
        y = np.where(condition, choice, y)
    return y


@replace(np.select)
def _select_of_plain(original: Any) -> Any:
    """NumPy does not ask `default` for its protocols."""

    def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
        return (_select if any_recorded(default) else original)(condlist, choicelist, default)

    return select


@replace(np.piecewise)
def _piecewise_of_plain(original: Any) -> Any:
    """The functions may hold recorded values of their own, whatever x is: NumPy's code writes what they return."""

    def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
        conditions = [truth(c) for c in condlist] if type(condlist) in (list, tuple) else condlist
        try:
            return run_body(original._implementation, (x, look(conditions), funclist, *args), kw)
        except LostDerivative as error:
            dtype = concrete(as_array(x)).dtype
            if dtype.kind in "fc":
                raise
            raise LostDerivative(
                at_user_line(f"np.piecewise of x of dtype {dtype} would cut a derivative: its result has x's dtype")
                + "\nMake x of a floating dtype: x.astype(float)."
            ) from error

    return piecewise


HANDLERS[np.piecewise] = _piecewise_of_plain(np.piecewise)


@handles(np.choose)
def _choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Any:
    chosen, n = np.asarray(look(as_array(a))), len(choices)
    known: Any = np.choose(chosen, [concrete(as_array(c)) for c in choices], mode=mode)
    places = chosen % n if mode == "wrap" else np.clip(chosen, 0, n - 1)
    y = choices[n - 1]
    for k in range(n - 1, -1, -1):
        y = np.where(places == k, choices[k], y)
    return deliver(y if isinstance(known, np.ndarray) else y[()], out)


@handles(np.take)
def _take(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: str = "raise") -> Any:
    x = as_array(a)
    x, k = (np.ravel(x), 0) if axis is None else (x, axis % max(np.ndim(concrete(x)), 1))
    places = np.asarray(look(as_array(indices)))
    if places.dtype.kind not in "iub":
        np.take(np.arange(1), places)
    n = np.shape(concrete(x))[k]
    places = places.astype(np.intp)
    places = places % n if mode == "wrap" else np.clip(places, 0, n - 1) if mode == "clip" else places
    y: Any = x[(slice(None),) * k + (places if places.ndim else int(places),)]
    return deliver(y.copy() if getattr(y, "root", None) is not None else y, out)


@handles(np.compress)
def _compress(condition: Any, a: Any, axis: Any = None, out: Any = None) -> Any:
    return np.take(a, decide(np.flatnonzero, as_array(condition)), axis=axis, out=out)


@handles(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return np.take(np.ravel(as_array(arr)), decide(np.flatnonzero, as_array(condition)))
