"""Views as affine forms: NumPy itself, asked for a view of memory of that shape, tells where each element lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.native.node import Form, Shape, strides

_HUGE = 1 << 26


def view_forms(shape: Shape, op: Callable[[Any], Any]) -> tuple[tuple[Form, ...], Shape] | None:
    """Where in an array of `shape` the elements of op(array) lie, and the shape of that; None if op copies
    or the places are not affine."""
    if not all(shape):
        return None
    dummy = np.empty(shape, np.int8)
    seen = op(dummy)
    if not isinstance(seen, np.ndarray) or not seen.size or not np.may_share_memory(seen, dummy):
        return None
    offset = seen.__array_interface__["data"][0] - dummy.__array_interface__["data"][0]
    forms = _forms(shape, offset, seen.shape, seen.strides)
    return None if forms is None else (forms, seen.shape)


def _forms(shape: Shape, offset: int, out: Shape, steps: Shape) -> tuple[Form, ...] | None:
    """(offset, steps) in memory as one form per axis; None where an axis would carry into the next."""
    unit = strides(shape)
    digits = _digits(offset, unit)
    terms: list[list[tuple[int, int]]] = [[] for _ in shape]
    low, high = list(digits), list(digits)
    for j, (n, step) in enumerate(zip(out, steps, strict=True)):
        if n == 1 or not step:
            continue
        sign = 1 if step > 0 else -1
        for d, digit in enumerate(_digits(abs(step), unit)):
            if digit:
                terms[d].append((sign * digit, j))
                low[d] += min(0, sign * digit * (n - 1))
                high[d] += max(0, sign * digit * (n - 1))
    if any(a < 0 or b >= n for a, b, n in zip(low, high, shape, strict=True)):
        return None
    return tuple((c, tuple(t)) for c, t in zip(digits, terms, strict=True))


def _digits(number: int, unit: Shape) -> list[int]:
    digits: list[int] = []
    for step in unit:
        digits.append(number // step)
        number %= step
    return digits


def affine(places: np.ndarray[Any, Any]) -> Form | None:
    """The whole numbers as an affine form of their place in the array; None if they are none."""
    if not places.size:
        return None
    first = int(places.flat[0])
    terms: list[tuple[int, int]] = []
    for k, n in enumerate(places.shape):
        if n > 1:
            beside = tuple(int(j == k) for j in range(places.ndim))
            terms.append((int(places[beside]) - first, k))
    expected = np.int64(first)
    for step, k in terms:
        expected = expected + step * np.arange(places.shape[k]).reshape(
            [-1 if j == k else 1 for j in range(places.ndim)]
        )
    return (first, tuple(t for t in terms if t[0])) if np.all(places == expected) else None


def forms_of_places(shape: Shape, places: np.ndarray[Any, Any]) -> tuple[Form, ...] | None:
    """Flat places in an array of `shape` as one affine form per axis of it; None if they are none."""
    form = affine(places)
    if form is None:
        return None
    steps = [0] * places.ndim
    for step, k in form[1]:
        steps[k] = step
    return _forms(shape, form[0], places.shape, tuple(steps))


def broadcast_forms(shape: Shape, out: Shape) -> tuple[Form, ...]:
    """Where the elements of an array lie that is broadcast from `shape` to `out`."""
    extra = len(out) - len(shape)
    return tuple((0, () if n == 1 else ((1, k + extra),)) for k, n in enumerate(shape))


def flat_places(shape: Shape, op: Callable[[Any], Any]) -> np.ndarray[Any, Any]:
    """The flat places in an array of `shape` of the elements of op(array), whatever op selects."""
    count = int(np.prod(shape))
    places = np.asarray(op(np.arange(count, dtype=np.int64).reshape(shape)))
    return np.ascontiguousarray(places).reshape(places.shape)
