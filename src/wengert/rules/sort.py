"""Sorting: the elements in stable order. Results that are places are constant."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide, look
from wengert.record.protocols import lower
from wengert.record.value import concrete, is_value
from wengert.rules.axes import as_array, stable_order
from wengert.rules.table import handles, rule

_empty_like = np.empty_like


def sort(x: Any, axis: int, kind: Any = None) -> Any:
    """np.sort along one axis."""
    return np.sort(x, axis=axis, kind=kind)


def partition(x: Any, kth: Any, axis: int) -> Any:
    """np.partition along one axis."""
    return np.partition(x, kth, axis=axis)


def _stable(x: Any, axis: int) -> Any:
    return decide(stable_order, x, axis=axis)


def _order_of_sort(y: Any, x: Any, axis: int) -> Any:
    return _stable(x, axis)


def _order_of_partition(y: Any, x: Any, axis: int) -> Any:
    """From which place each element of y came: the k-th smallest of y is the k-th smallest of x."""
    return np.take_along_axis(_stable(x, axis), _inverse(_stable(y, axis), axis), axis=axis)


def _inverse(order: Any, axis: int) -> Any:
    """The inverse of each permutation along the axis."""
    inverse = _empty_like(order)
    n = order.shape[axis]
    places = np.reshape(np.arange(n), (n,) + (1,) * (order.ndim - 1 - axis % order.ndim))
    np.put_along_axis(inverse, order, places, axis)
    return inverse


def _permuting(op: Any, order: Any, name: str) -> Any:
    """The row of a function that permutes elements along an axis."""

    def push(d: Any, y: Any, x: Any, axis: int, **options: Any) -> Any:
        return np.take_along_axis(d, order(y, x, axis), axis=axis)

    def pull(c: Any, y: Any, x: Any, axis: int, **options: Any) -> Any:
        return np.take_along_axis(c, _inverse(order(y, x, axis), axis), axis=axis)

    return rule(op, push, pull=(pull,), name=name)


SORT = _permuting(sort, _order_of_sort, "numpy.sort")
PARTITION = _permuting(partition, _order_of_partition, "numpy.partition")


def from_the_largest(x: Any, **options: Any) -> Any:
    """In which order np.sort(descending=True) of NumPy 2.5 has the elements."""
    given: dict[str, Any] = {"descending": True, **options}
    return np.argsort(x, **given)


@handles(np.sort)
def _sort(
    a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: Any = None
) -> Any:
    x, k = _along(a, axis)
    if descending is True or descending is np.True_:
        options = {"stable": True} if kind is None else {"kind": kind}
        return np.take_along_axis(x, decide(from_the_largest, x, axis=k, **options), axis=k)
    return apply(SORT, (x,), {"axis": k, "kind": "stable" if stable else kind})


@handles(np.partition)
def _partition(a: Any, kth: Any, axis: Any = -1, kind: str = "introselect", order: Any = None) -> Any:
    x, k = _along(a, axis)
    return apply(PARTITION, (x,), {"kth": look(kth) if is_value(kth) else lower(kth), "axis": k})


def _along(a: Any, axis: Any) -> tuple[Any, int]:
    x = as_array(a)
    return (np.ravel(x), 0) if axis is None else (x, int(axis))


@handles(np.sort_complex)
def _sort_complex(a: Any) -> Any:
    y = np.sort(as_array(a))
    return y if np.iscomplexobj(concrete(y)) else y.astype(np.sort_complex(concrete(y)[:0]).dtype)


def _unique_places(x: Any, **options: Any) -> Any:
    """Where each of the different elements is first found, and what else np.unique is asked for."""
    return np.unique(x, return_index=True, **options)[1:]


@handles(np.unique)
def _unique(
    ar: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False,
    axis: Any = None, *, equal_nan: bool = True, sorted: bool = True,
) -> Any:  # fmt: skip
    x = as_array(ar)
    found = decide(
        _unique_places, x, return_inverse=return_inverse, return_counts=return_counts, axis=axis, equal_nan=equal_nan
    )
    values = np.take(x, found[0], axis=axis)
    rest = found if return_index else found[1:]
    return (values, *rest) if rest else values
