"""Whether constants and parameters of lines are the same, and how whole numbers among them step from line to line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.record.value import is_value


class Unlike(Exception):
    """Two lines differ in more than a number that steps."""


def known(x: Any) -> Any:
    """A constant as something to compare; numbers that are equal but not alike (0.0 and −0.0) differ."""
    if is_value(x):
        return (x.rec, x.slot) if x.rec is not None else id(x)
    if isinstance(x, np.ndarray):
        return (x.dtype.str, x.shape, x.tobytes())
    return (type(x), repr(x)) if isinstance(x, (int, float, complex, np.generic)) else id(x)


def is_entry(x: Any, first: Any) -> bool:
    """Whether x can stand in one table with `first`: a float, an int, or an array of its shape and dtype."""
    if is_value(x) or is_value(first):
        return False
    if type(first) is int:
        return type(x) is int
    if isinstance(first, np.ndarray):
        return isinstance(x, np.ndarray) and x.shape == first.shape and x.dtype == first.dtype
    return isinstance(x, (float, np.floating)) and np.result_type(x) == np.result_type(first)


def same(a: Any, b: Any) -> bool:
    """Whether two parameters are the same."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, (tuple, list)) and isinstance(b, (tuple, list)):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[name], b[name]) for name in a)
    if type(a).__module__.startswith("scipy.sparse"):
        return type(a) is type(b) and same(vars(a), vars(b))
    return type(a) is type(b) and bool(a == b)


def steps(a: Any, b: Any) -> Any:
    """By how much the whole numbers in b are more than those in a: None where nothing is, else a nest like a's."""
    if type(a) is not type(b):
        raise Unlike
    if type(a) is int or isinstance(a, np.integer):
        return None if a == b else int(b) - int(a)
    if type(a) is slice:
        a, b = _bounds(a), _bounds(b)
    if type(a) in (tuple, list, dict):
        if len(a) != len(b) or (type(a) is dict and a.keys() != b.keys()):
            raise Unlike
        found = [steps(x, y) for x, y in _pairs(a, b)]
        return None if all([d is None for d in found]) else found
    if not same(a, b):
        raise Unlike
    return None


def _bounds(x: slice) -> tuple[Any, Any, Any]:
    return x.start, x.stop, x.step


def _pairs(a: Any, b: Any) -> Iterator[tuple[Any, Any]]:
    return ((a[name], b[name]) for name in a) if type(a) is dict else zip(a, b, strict=True)


def moved(x: Any, by: Any, k: int) -> Any:
    """x after k such steps."""
    if by is None:
        return x
    if type(by) is int:
        return type(x)(x + k * by)
    if type(x) is slice:
        return slice(*moved(_bounds(x), by, k))
    if type(x) is dict:
        return {name: moved(part, d, k) for (name, part), d in zip(x.items(), by, strict=True)}
    return type(x)([moved(part, d, k) for part, d in zip(x, by, strict=True)])
