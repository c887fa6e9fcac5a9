"""Second derivatives with respect to two elements, by differences of differences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import BadInput
from wengert.numerical.complex_steps import tiny
from wengert.numerical.curves import lengths, real_point, values_at
from wengert.numerical.stencils import stencil

Parts = list[tuple[int, int, float, complex, float]]
"""(i, j, s, t, w): w · f(x + s eᵢ + t eⱼ) is a part of ∂²f/∂xᵢ∂xⱼ."""


def crossed(f: Callable[..., Any], x: Any, method: str, accuracy: Any, step: Any, vectorized: bool) -> Any:
    """The Hessian as a square matrix over the elements of x."""
    at = real_point(x, "hessian")
    eps = float(np.finfo(at.dtype).eps)
    unit = np.ravel(lengths(at, step))
    parts = (_complex if method == "complex" else _real)(at.size, method, accuracy, step, eps)
    values = _at(f, x, parts, unit, at, vectorized)
    weights = np.array([w for *_, w in parts], at.dtype)
    parts_of_sum = (np.imag(values) if method == "complex" else values) * weights
    matrix = np.zeros((at.size, at.size), parts_of_sum.dtype)
    np.add.at(matrix, ([i for i, *_ in parts], [j for _, j, *_ in parts]), parts_of_sum)
    matrix = matrix / np.multiply.outer(unit, unit)
    return np.tril(matrix) + np.tril(matrix, -1).T


def _real(n: int, method: str, accuracy: Any, step: Any, eps: float) -> Parts:
    """The stencil of f″ on the diagonal; that of f′ in both directions beside it, with the same step."""
    twice, once = stencil(method, 2, accuracy), stencil(method, 1, accuracy)
    h = twice.step(eps) if step is None else step
    second = [(k * h, w / h**2) for k, w in zip(twice.nodes, twice.weights, strict=True)]
    first = [(k * h, w / h) for k, w in zip(once.nodes, once.weights, strict=True)]
    parts: Parts = [(i, i, s, 0.0, w) for i in range(n) for s, w in second]
    return parts + [(i, j, s, t, v * w) for i in range(n) for j in range(i) for s, v in first for t, w in first]


def _complex(n: int, _: str, accuracy: Any, step: Any, eps: float) -> Parts:
    """∂ᵢ Im f(x + iη eⱼ) / η, the outer derivative by a central difference."""
    once = stencil("central", 1, accuracy)
    h = once.step(eps) if step is None else step
    eta = tiny(eps)
    outer = [(k * h, w / h) for k, w in zip(once.nodes, once.weights, strict=True)]
    return [(i, j, s, 1j * eta, w / eta) for i in range(n) for j in range(i + 1) for s, w in outer]


def _at(f: Any, x: Any, parts: Parts, unit: Any, at: Any, vectorized: bool) -> Any:
    """f at x + s eᵢ + t eⱼ for each part; no point twice."""
    keys = [_moves(i, s, j, t) for i, j, s, t, _ in parts]
    places = {key: k for k, key in enumerate(dict.fromkeys(keys))}
    steps = np.zeros((len(places), at.size), np.result_type(at, *[t for *_, t, _ in parts[:1]]))
    for key, k in places.items():
        for index, d in key:
            steps[k, index] += d
    points = np.ravel(at) + (steps * unit).astype(np.result_type(at, 1j) if np.iscomplexobj(steps) else at.dtype)
    values = values_at(f, points.reshape(-1, *at.shape), x, vectorized, "hessian")
    if values.ndim != 1:
        raise BadInput(
            f"hessian needs a scalar function, but f returned shape {values.shape[1:]}.\nSum it, or index its result."
        )
    return values[[places[key] for key in keys]]


def _moves(i: int, s: float, j: int, t: complex) -> tuple[tuple[int, complex], ...]:
    return tuple([(k, d) for k, d in ((i, s), (j, t)) if d])
