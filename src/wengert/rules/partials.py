"""What partial derivatives are made of: divisions that never raise, edges of domains, functions of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.value import concrete, is_value
from wengert.rules.table import Partial, elementwise
from wengert.sweep.arithmetic import any_nan, some


def over(a: Any, b: Any) -> Any:
    """a / b as NumPy divides, for Python numbers too: 1/0 is infinite."""
    try:
        return a / b
    except ZeroDivisionError:
        return np.divide(a, b)


def defined(y: Any, p: Any) -> Any:
    """p, and NaN where y is NaN: outside its domain (log of a negative number) a function has no slope."""
    if type(y) is float or type(y) is np.float64:
        return p if y == y else np.nan
    if type(y) is np.ndarray and not any_nan(y):
        return p
    outside = np.not_equal(y, y)
    return np.where(outside, np.nan, p) if some(outside) else p


def unit(a: Any, r: Any) -> Any:
    """a / r where |a| ≤ r is a length; 0 where r = 0, the subgradient of least norm."""
    if type(r) is float or type(r) is np.float64:
        return a / r if r else 0.0
    zero = np.equal(r, 0)
    return np.where(zero, 0.0, a) / np.where(zero, 1.0, r) if some(zero) else a / r


def is_complex(x: Any) -> bool:
    """Whether x, recorded or not, is complex."""
    t = type(x)
    return t is not float and t is not np.float64 and np.iscomplexobj(concrete(x))


def with_partials(*partials: Partial | None, name: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorator: a function that differentiates by its partials (of y and its arguments), not by its formula, which
    stands with it as `formula`."""

    def define(formula: Callable[..., Any]) -> Callable[..., Any]:
        def function(*args: Any) -> Any:
            return apply(row, args) if any([is_value(a) for a in args]) else formula(*args)

        function.formula = formula  # type: ignore[attr-defined]
        function.__name__ = name or formula.__name__.strip("_")
        row = elementwise(function, *partials, name=function.__name__)
        return function

    return define
