"""Objects of a user's class that have a way of their own with NumPy's ufuncs: a length, a number with an error.

NumPy asks all operands of a ufunc, one after the other. A recorded value leaves it to such an object, which computes
with the recorded value; as a constant of a row it would be multiplied by what it makes of plain numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.reach import is_users_module
from wengert.record.value import Array, Scalar

_USUAL = {Array, Scalar, np.ndarray, float, int, np.float64, complex, bool, list, tuple}
_known: dict[type, bool] = {}


def is_for_another(inputs: Any) -> bool:
    """Whether one of the operands has a way of its own with ufuncs."""
    return any([type(a) not in _USUAL and has_own_way(a) for a in inputs])


def has_own_way(x: Any) -> bool:
    """Whether x defines `__array_ufunc__`, and is no array of NumPy's or of ours."""
    kind = type(x)
    known = _known.get(kind)
    if known is None:
        known = getattr(kind, "__array_ufunc__", None) is not None and not issubclass(kind, (np.ndarray, np.generic))
        known = _known[kind] = known and is_users_module(str(kind.__module__))
    return known


def left_to(other: Any, ufunc: Any, name: str, x: Any) -> Any:
    """x ∘ other where NumPy leaves it to the right operand: to its operator, or to what it does with ufuncs."""
    if has_own_way(other) and type(ufunc) is np.ufunc and not hasattr(type(other), f"__r{name}__"):
        return ufunc(x, other)
    return NotImplemented
