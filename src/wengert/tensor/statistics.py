"""Counting, searching, grids, and what statistics needs besides the reductions."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.tensor.call import call
from wengert.tensor.shapes import expand, reshape
from wengert.tensor.value import Tensor, data_of

finfo, iinfo = np.finfo, np.iinfo


def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The places of the elements that are not zero: rows of a matrix, or one tensor per dimension."""
    places = np.nonzero(np.atleast_1d(data_of(input)))
    return tuple([Tensor(p) for p in places]) if as_tuple else Tensor(np.stack(places, axis=1))


def unique(input: Tensor, sorted: bool = True, return_inverse: bool = False, return_counts: bool = False) -> Any:
    """The different elements in order, without derivative; where each is found, and how often, if asked."""
    found = np.unique(data_of(input), return_inverse=return_inverse, return_counts=return_counts)
    return tuple([Tensor(part) for part in found]) if isinstance(found, tuple) else Tensor(found)


def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each whole number is found, or the sum of the weights found with it."""
    if weights is None:
        return Tensor(np.bincount(data_of(input), minlength=minlength))
    return call("Bincount", _weighted, weights, places=data_of(input), n=minlength)


def _weighted(w: Any, places: Any, n: int) -> Any:
    return np.bincount(places, w, n)


def searchsorted(sorted_sequence: Tensor, values: Any, *, right: bool = False) -> Tensor:
    """Where values would be inserted into an ordered sequence."""
    v = data_of(values) if isinstance(values, Tensor) else values
    return Tensor(np.asarray(np.searchsorted(data_of(sorted_sequence), v, "right" if right else "left"))[()])


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """The coordinates of a grid, one tensor per dimension."""
    xs = list(tensors[0] if len(tensors) == 1 and isinstance(tensors[0], (list, tuple)) else tensors)
    if indexing not in ("ij", "xy"):
        raise ValueError(f"meshgrid: indexing is {indexing!r}\nPass 'ij' or 'xy'.")
    places = list(range(len(xs)))
    if indexing == "xy" and len(xs) > 1:
        places[:2] = [1, 0]
    sizes = [data_of(x).size for x in xs]
    shape = [sizes[places.index(k)] for k in range(len(xs))]
    alone = [[-1 if k == at else 1 for k in range(len(xs))] for at in places]
    return tuple([expand(reshape(x, one), shape) for x, one in zip(xs, alone, strict=True)])


def inner(input: Tensor, other: Tensor) -> Tensor:
    """Σ of products over the last dimensions."""
    return call("Inner", np.inner, input, other)


def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1.0, dim: int = -1) -> Tensor:
    """The integral by the trapezoidal rule."""
    return call("Trapezoid", np.trapezoid, y, x, dx=dx, axis=dim)


def cov(input: Tensor, *, correction: int = 1) -> Tensor:
    """The covariances of the rows."""
    return call("Cov", np.cov, input, ddof=correction)


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0) -> Tensor:
    """The distances between rows; the gradient at distance 0 is 0."""
    return call("Cdist", _distances, x1, x2, order=p)


def _distances(a: Any, b: Any, order: float) -> Any:
    return np.linalg.norm(a[..., :, None, :] - b[..., None, :, :], ord=order, axis=-1)
