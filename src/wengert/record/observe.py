"""Where Python looks at a value while a trace is recorded: guards, and whole numbers as values.

`if x > 0`, `range(int(n))` and `a[mask]` turn a recorded value into a plain one, on which the rest
of the program depends. A trace notes what it was: a guard. Derivatives need no guards, and values
that are not floating are never recorded for them, so that nothing here happens in an eager one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply, youngest
from wengert.record.locate import full_name
from wengert.record.looks import WATCHED, note
from wengert.record.state import settle, state
from wengert.record.value import concrete, is_value, stopped

GUARD = Row(lambda x: None, "guard", "guard", special=True)
"""args (x,), params read and value: read(x) was value, and the lines that follow hold where it is."""


def observed(x: Any, read: Callable[[Any], Any]) -> Any:
    """read(x) of the plain value of x; every trace that records x notes it."""
    settle()
    return _noted(x, read, read(concrete(x)))


def expected(x: Any, read: Callable[[Any], Any], value: Any) -> Any:
    """read(x), as `observed`; where values are presumed, so is that it is `value`."""
    return _noted(x, read, value) if state.presumed else observed(x, read)


def _noted(x: Any, read: Callable[[Any], Any], value: Any) -> Any:
    if WATCHED:
        note((x,), value)
    while is_value(x):
        youngest((x,))
        rec = x.rec
        if rec is not None and rec.traces:
            rec.append((GUARD, (x.slot,), None, (x.primal,), {"read": read, "value": value}, None))
        x = x.primal
    return value


def look(x: Any) -> Any:
    """The plain value of x, noted by every trace that records x."""
    return observed(x, plain_copy) if is_value(x) else x


def whole(step: Callable[[Any], Any]) -> Callable[[Any], int]:
    """x ↦ int(step(x)), for np.floor and its like: a trace has the step as a line, and notes the whole number."""

    def of(x: Any) -> int:
        return observed(x if np.asarray(concrete(x)).dtype.kind in "iub" else step(x), int) if is_value(x) else int(x)

    return of


def plain_copy(x: Any) -> Any:
    """x, in memory of its own if it is an array."""
    return x.copy(order="K") if type(x) is np.ndarray else x


as_array = np.array
"""NumPy's own, whatever is swapped in while recording."""


def decide(function: Callable[..., Any], *args: Any, **params: Any) -> Any:
    """function(*args) of the plain values: what a rule decides by looking at them (an order, ties, a mask).

    A trace that records an argument has the function as a line; its result is a recorded value of the trace.
    """
    known = [stopped(x) for x in args]
    if any(is_value(x) for x in known):
        row = _rows.get(function)
        if row is None:
            row = _rows[function] = Row(function, full_name(function), "constant")
        return apply(row, tuple(known), params or None)
    return function(*known, **params)


def looked_slices(key: Any) -> Any:
    """An index whose slices have plain ends."""
    if type(key) is slice:
        return slice(_end(key.start), _end(key.stop), _end(key.step))
    return tuple([looked_slices(k) for k in key]) if type(key) is tuple else key


def looked_path(path: Any) -> Any:
    """The operations that lead to a view, with plain parameters."""
    return tuple([(f, {name: looked_slices(x) for name, x in params.items()}) for f, params in path])


def _end(k: Any) -> Any:
    return observed(k, operator.index) if is_value(k) else k


def is_discrete(x: Any) -> bool:
    """Whether all recorded values in a nest of arguments are whole numbers or truth values."""
    kinds = [np.result_type(concrete(value)).kind for value in _values(x)]
    return bool(kinds) and all(kind in "biu" for kind in kinds)


def _values(x: Any) -> list[Any]:
    if is_value(x):
        return [x] if youngest((x,)) is not None else []
    if type(x) is list or type(x) is tuple:
        return [value for part in x for value in _values(part)]
    return [value for part in x.values() for value in _values(part)] if type(x) is dict else []


def call_discrete(function: Any, args: Any, kwargs: Any) -> Any:
    """A function of recorded whole numbers or truth values: a line of its own, without derivative."""
    if any(type(x) in (list, tuple, dict) and _values(x) for x in (*args, *kwargs.values())) or _values(kwargs):
        return function(*_looked(args), **_looked(kwargs))
    if type(function) is not np.ufunc:
        look(decide(_shape_of(function), *args, **kwargs))
    row = _rows.get(function)
    if row is None:
        row = _rows[function] = Row(function, full_name(function), "constant")
    return apply(row, tuple(args), dict(kwargs) or None)


def _shape_of(function: Any) -> Any:
    """What gives the shapes of the results, which may depend on values: those of sets do."""

    def shapes(*args: Any, **kwargs: Any) -> Any:
        y = function(*args, **kwargs)
        parts = [np.shape(part) for part in (y if isinstance(y, tuple) else (y,))]
        return as_array([n for shape in parts for n in (len(shape), *shape)])

    return _shapes.setdefault(function, shapes)


_shapes: dict[Any, Any] = {}
_rows: dict[Any, Row] = {}


def _looked(x: Any) -> Any:
    if type(x) is list or type(x) is tuple:
        return type(x)([_looked(part) for part in x])
    return {key: _looked(part) for key, part in x.items()} if type(x) is dict else look(x)
