"""What a difference formula sees of f: its values along straight lines through x, many at a time.

A curve takes n numbers t, and returns n values along a new first axis. The unit of t is a length
that suits x: max(1, |x|), rounded to a few digits so that x + t stays exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import BadInput
from wengert.numerical.stencils import short

Curve = Callable[[Any], Any]
"""n numbers t ↦ n values."""


class Lines(NamedTuple):
    """`curve(t)` are values of f on one or several lines; `lengths` is the unit of t, and `size` |x| in it, of each."""

    curve: Curve
    lengths: Any
    size: Any
    eps: float


def real_point(x: Any, caller: str, what: str = "x") -> Any:
    """x as a floating array; whole numbers become float64."""
    array = np.asarray(x)
    if array.dtype.kind in "iub":
        array = array.astype(float)
    if array.dtype.kind != "f":
        raise BadInput(f"{caller}: {what} is {_described(x)}, not real numbers.\nPass a float or an array of floats.")
    return array


def _described(x: Any) -> str:
    return f"an array of {x.dtype}" if isinstance(x, np.ndarray) else type(x).__name__


def lengths(x: Any, step: float | None) -> Any:
    """The units of t beside each element of x; 1 where the user gives the step."""
    if step is not None:
        return np.ones_like(x)
    return short(np.maximum(np.abs(x), 1.0)).astype(x.dtype)


def pointwise(f: Callable[..., Any], x: Any, step: float | None, vectorized: bool, caller: str) -> Lines:
    """t ↦ f(x + t): all elements of x are moved together, f works element by element."""
    at = real_point(x, caller)
    unit = lengths(at, step)

    def curve(ts: Any) -> Any:
        points = at + np.multiply.outer(_typed(ts, at), unit)
        return values_at(f, points, x, vectorized, caller)

    return Lines(curve, unit, np.abs(at) / unit, float(np.finfo(at.dtype).eps))


def columns(f: Callable[..., Any], x: Any, step: float | None, vectorized: bool, caller: str) -> Lines:
    """t ↦ f(x + t eⱼ) for every element j of x, along a second axis of the values."""
    at = real_point(x, caller)
    unit = np.ravel(lengths(at, step))

    def curve(ts: Any) -> Any:
        ts = _typed(ts, at)
        points = np.empty((len(ts), at.size, at.size), ts.dtype)
        points[...] = np.ravel(at)
        points[:, np.arange(at.size), np.arange(at.size)] += np.multiply.outer(ts, unit)
        values = values_at(f, points.reshape(-1, *at.shape), x, vectorized, caller)
        return values.reshape(len(ts), at.size, *values.shape[1:])

    return Lines(curve, unit, np.abs(np.ravel(at)) / unit, float(np.finfo(at.dtype).eps))


def _typed(ts: Any, like: Any) -> Any:
    ts = np.asarray(ts)
    return ts.astype(np.result_type(like, 1j)) if ts.dtype.kind == "c" else ts.astype(like.dtype)


def values_at(f: Callable[..., Any], points: Any, x: Any, vectorized: bool, caller: str) -> Any:
    """f at each of the points, along the first axis; in one call if f takes them so."""
    if vectorized:
        return _checked(np.asarray(f(points)), len(points), f, caller)
    python = type(x) in (float, int)
    values = [np.asarray(f(p.item() if python else p[()] if p.ndim == 0 else p.copy())) for p in points]
    if not values:
        return np.zeros((0, *np.shape(f(np.array(x, copy=True)))))
    return _checked(np.stack(values), len(points), f, caller)


def _checked(values: Any, n: int, f: Callable[..., Any], caller: str) -> Any:
    name = getattr(f, "__name__", "f")
    if values.dtype == object and all(y is None for y in np.ravel(values)):
        raise BadInput(f"{caller}: {name} returned None.\nDid you forget `return`?")
    if values.dtype.kind in "iub":
        values = values.astype(float)
    if values.dtype.kind not in "fc":
        raise BadInput(f"{caller}: {name} returned values of type {values.dtype}, not numbers.\nReturn floats.")
    if np.shape(values)[:1] != (n,):
        raise BadInput(
            f"{caller}: with vectorized=True {name} was given {n} points along the first axis, and returned an array "
            f"of shape {values.shape}.\nReturn one value per point along the first axis, or leave vectorized out."
        )
    return values
