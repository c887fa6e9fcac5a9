"""Guards as conditions: where the expression of a trace holds."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp
from sympy.logic.boolalg import Boolean

from wengert.symbolic.arrays import objects
from wengert.symbolic.order import first_of_all

half = sp.Rational(1, 2)


def condition(x: Any, read: Callable[[Any], Any], value: Any) -> list[Any]:
    """What must hold for read(x) to be `value`, element by element."""
    name = getattr(read, "__name__", "read")
    values = np.broadcast_to(objects(np.asarray(value)), x.shape)
    say = _READS.get(read, _READS.get(name, _equal))
    return [_one(e, v, say) for e, v in zip(np.ravel(x), np.ravel(values), strict=True)]


def _one(e: Any, v: Any, say: Callable[[Any, Any], Any]) -> Any:
    logical = isinstance(e, Boolean) and not isinstance(e, sp.Expr)  # a Symbol is both
    if logical or isinstance(v, (bool, np.bool_)):
        holds = e if logical else sp.Ne(e, 0)
        return holds if v else sp.Not(holds)
    name = getattr(getattr(e, "func", None), "__name__", "")
    if name in _RANKS:
        return _RANKS[name](e.args, int(v))
    v = sp.sympify(v.item() if isinstance(v, np.generic) else v)
    return _STEPS[name](e.args[0], v) if name in _STEPS and say is _truncated else say(e, v)


def _equal(e: Any, v: Any) -> Any:
    return sp.Eq(e, v)


def _truncated(e: Any, v: Any) -> Any:
    """int(e) = v."""
    low = sp.Ge(e, v) if v > 0 else sp.Gt(e, v - 1)
    return sp.And(low, sp.Lt(e, v + 1) if v >= 0 else sp.Le(e, v))


def _rounded(e: Any, v: Any) -> Any:
    """rint(e) = v: halves go to the even neighbour."""
    even = v % 2 == 0
    low, high = (sp.Ge, sp.Le) if even else (sp.Gt, sp.Lt)
    return sp.And(low(e, v - half), high(e, v + half))


def _floor(e: Any, v: Any) -> Any:
    return sp.And(sp.Ge(e, v), sp.Lt(e, v + 1))


def _ceiling(e: Any, v: Any) -> Any:
    return sp.And(sp.Gt(e, v - 1), sp.Le(e, v))


_READS: dict[Any, Callable[[Any, Any], Any]] = {int: _truncated, operator.index: _equal}
_STEPS: dict[str, Callable[[Any, Any], Any]] = {"floor": _floor, "ceiling": _ceiling, "rint": _rounded}
"""int(step(e)) = v."""


_RANKS: dict[str, Callable[[Any, int], Any]] = {
    "argmax": lambda xs, k: first_of_all(xs, k, True),
    "argmin": lambda xs, k: first_of_all(xs, k, False),
}
"""Functions whose value, once known, is a set of inequalities."""
