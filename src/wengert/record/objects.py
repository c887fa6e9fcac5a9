"""Object arrays that hold recorded numbers, or objects of a user's: NumPy's own loops, over their elements.

What is recorded beside them becomes such an array too, as NumPy makes one of it: of numbers of Python's. So every
operation is that of two elements, and records itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.record.build import SEQUENCES, build, contains_value
from wengert.record.numbers import python_number
from wengert.record.refusals import clock, forget_since
from wengert.record.value import Array, concrete, is_value

_PLAIN = {float, int, complex, bool, str, bytes, type(None)}
_MODULES = {"numpy", "fractions", "decimal"}


def is_of_objects(x: Any) -> bool:
    """Whether x is a plain array of objects."""
    return type(x) is np.ndarray and x.dtype.kind == "O"


def holds_objects(x: Any) -> bool:
    """Whether x is an array of objects that are no plain numbers."""
    return is_of_objects(x) and not all([type(e) in _PLAIN or type(e).__module__ in _MODULES for e in x.flat])


def any_objects(args: Any) -> bool:
    """Whether there is such an array among arguments, or in a list of them."""
    for a in args:
        kind = type(a)
        if kind is np.ndarray:
            if a.dtype.hasobject and holds_objects(a):
                return True
        elif kind is not Array and kind in SEQUENCES and any(map(holds_objects, a)):
            return True
    return False


def of_elements(function: Callable[..., Any], args: Any, kwargs: dict[str, Any]) -> Any:
    """function(*args, **kwargs) of object arrays; of floating ones where NumPy would make floats of their elements."""
    time = clock.now
    try:
        return function(*map(elements, args), **{name: elements(a) for name, a in kwargs.items()})
    except LostDerivative:
        given = (list(map(_floats, args)), {name: _floats(a) for name, a in kwargs.items()})
        if any_objects([*given[0], *given[1].values()]):
            raise
        forget_since(time)
        return function(*given[0], **given[1])


def elements(x: Any, python: bool = True) -> Any:
    """Recorded values as object arrays of their elements, numbers of Python's as NumPy has it."""
    if type(x) in (list, tuple):
        return type(x)([elements(part) for part in x])
    if not is_value(x):
        return x
    out = np.ndarray(np.shape(concrete(x)), object)
    for place in np.ndindex(out.shape):
        element = x[place] if place else x
        out[place] = python_number(element) if python else element
    return out


def _floats(x: Any) -> Any:
    """Object arrays of recorded numbers as recorded arrays."""
    if type(x) in (list, tuple):
        return type(x)([_floats(part) for part in x])
    return build(x) if holds_objects(x) and contains_value(x) else x
