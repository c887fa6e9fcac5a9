"""Functions that sort: symbols take the order of the traced arguments, with the inequalities that it means."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import sympy as sp

from wengert.symbolic.arrays import objects

Known = dict[Any, Any]
"""symbol → its number at the traced arguments."""


def ordered(x: Any, axis: int | None, known: Known) -> tuple[Any, list[Any]]:
    """x sorted along an axis as its values at `known` are, and the inequalities that make this its order."""
    if not known:
        raise NotImplementedError("a trace alone does not say in which order; pass the function and its arguments")
    x, axis = (np.ravel(x), 0) if axis is None else (x, axis)
    result = np.take_along_axis(x, np.argsort(_values(x, known), axis=axis, kind="stable"), axis)
    rows = np.moveaxis(result, axis, -1).reshape(-1, result.shape[axis])
    return result, [sp.Le(a, b) for row in rows for a, b in pairwise(row)]


def median(x: Any, axis: int | None, keepdims: Any, known: Known) -> tuple[Any, list[Any]]:
    """The middle of x along an axis, or the mean of the two in the middle."""
    shape = x.shape
    in_order, conditions = ordered(x, axis, known)
    n = in_order.shape[0 if axis is None else axis]
    middle = np.take(in_order, [(n - 1) // 2, n // 2], axis=0 if axis is None else axis)
    result = np.sum(middle, axis=0 if axis is None else axis) / 2
    if keepdims is True:
        result = np.reshape(result, [1] * len(shape)) if axis is None else np.expand_dims(result, axis)
    return result, conditions


def places(name: str, x: Any, known: Known) -> tuple[Any, list[Any]]:
    """argmax, argmin or argsort of the elements of x in order, as numbers, with the inequalities that make them so."""
    xs = np.ravel(x)
    if name == "numpy.argsort":
        _, conditions = ordered(xs, 0, known)
        return objects(np.frompyfunc(sp.Integer, 1, 1)(np.argsort(_values(xs, known), kind="stable"))), conditions
    largest = name == "numpy.argmax"
    k = int((np.argmax if largest else np.argmin)(_values(xs, known)))
    return objects(sp.Integer(k)), [first_of_all(xs, k, largest)]


def first_of_all(xs: Any, k: int, largest: bool) -> Any:
    """argmax(xs) = k: the first of the largest; argmin likewise."""
    after, before = (sp.Ge, sp.Gt) if largest else (sp.Le, sp.Lt)
    return sp.And(*[before(xs[k], x) if j < k else after(xs[k], x) for j, x in enumerate(xs) if j != k])


def at_places(op: Any, count: int, args: list[Any], key: Any, known: Known) -> tuple[Any, list[Any]]:
    """x[k], x[k] = v and the like, k computed: `count` arrays first, then the parts of the key."""
    parts, conditions = [], []
    for part in args[count:]:
        numbers = np.asarray(_values(part, known)).astype(int)
        conditions += [sp.Eq(e, int(v)) for e, v in zip(np.ravel(part), np.ravel(numbers), strict=True)]
        parts.append(numbers[()])
    return op(*args[:count], *parts, key=key), [c for c in conditions if c != sp.true]


def _values(x: Any, known: Known) -> Any:
    """The numbers that expressions have at the traced arguments."""
    numbers = np.frompyfunc(lambda e: float(sp.N(e.xreplace(known), 20)), 1, 1)(x)
    return np.asarray(numbers, float)
