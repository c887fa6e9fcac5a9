"""Differential quadrature: the derivative at every point of a grid, as a matrix times the values there.

    f⁽ᵐ⁾(xᵢ) = Σⱼ A⁽ᵐ⁾ᵢⱼ f(xⱼ),   exact for polynomials of degree below the number of points

(Bellman, Kashef & Casti 1972; the weights of any order by recursion: Shu 2000, Differential Quadrature, ch. 2).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import BadInput


def chebyshev(n: int, interval: tuple[float, float] = (-1.0, 1.0)) -> Any:
    """n points (a + b)/2 − (b − a)/2 cos(πk/(n − 1)), k = 0 … n − 1, of the interval [a, b], ends included.

    They crowd at the ends, where a polynomial through equidistant points would swing; for a smooth f the
    error falls faster than any power of 1/n.

    >>> chebyshev(3)
    array([-1.,  0.,  1.])
    """
    _require_two(n, "chebyshev")
    # A sine of a multiple of π is exactly odd about the middle, as the points should be.
    k = np.arange(1 - n, n, 2)
    return (interval[0] + interval[1]) / 2 + (interval[1] - interval[0]) / 2 * np.sin(np.pi * k / (2 * (n - 1)))


def uniform(n: int, interval: tuple[float, float] = (-1.0, 1.0)) -> Any:
    """n equidistant points of an interval, ends included. Beyond about 20 prefer `chebyshev`.

    >>> uniform(3)
    array([-1.,  0.,  1.])
    """
    _require_two(n, "uniform")
    return np.linspace(*interval, n)


def differential_quadrature(points: Any, order: int = 1) -> Any:
    """A⁽ᵐ⁾, the n × n matrix with f⁽ᵐ⁾(xᵢ) ≈ Σⱼ A⁽ᵐ⁾ᵢⱼ f(xⱼ) for f known at n points.

    Arguments:
        points: n different numbers, in any order.
        order: m, from 1 to n − 1.

    With M(x) = Π (x − xₖ), A⁽¹⁾ᵢⱼ = M′(xᵢ) / ((xᵢ − xⱼ) M′(xⱼ)) for i ≠ j, and
    A⁽ᵐ⁾ᵢⱼ = m (A⁽¹⁾ᵢⱼ A⁽ᵐ⁻¹⁾ᵢᵢ − A⁽ᵐ⁻¹⁾ᵢⱼ / (xᵢ − xⱼ)). Each diagonal is minus the sum of its row, so that
    constants have derivative zero to the last digit (Baltensperger & Trummer 2003).

    >>> differential_quadrature([0.0, 1.0, 2.0]) @ np.array([0.0, 1.0, 4.0])
    array([0., 2., 4.])
    """
    x = _require_points(points, order)
    gaps = np.subtract.outer(x, x)
    np.fill_diagonal(gaps, 1.0)
    # M′ by logarithms: the product of many gaps overflows, or is lost.
    log, sign = np.sum(np.log(np.abs(gaps)), axis=1), np.prod(np.sign(gaps), axis=1)
    first = np.multiply.outer(sign, sign) * np.exp(np.subtract.outer(log, log)) / gaps
    _balance(first)
    matrix = first
    for m in range(2, order + 1):
        matrix = m * (first * np.diag(matrix)[:, None] - matrix / gaps)
        _balance(matrix)
    return matrix


def on_grid(f: Callable[..., Any], points: Any, *, order: int = 1, vectorized: bool = False) -> Any:
    """f⁽ᵐ⁾ at every one of the points, from f at those points alone, by differential quadrature.

    The result has one entry per point along its first axis, each of the shape of f's values.

    >>> np.max(np.abs(on_grid(np.sin, chebyshev(16), vectorized=True) - np.cos(chebyshev(16)))) < 1e-12
    np.True_
    """
    x = np.asarray(points, float)
    matrix = differential_quadrature(x, order)
    values = np.asarray(f(x) if vectorized else [f(float(p)) for p in x])
    if values.shape[:1] != x.shape:
        raise BadInput(
            f"on_grid: with vectorized=True f was given {x.size} points, and returned shape {values.shape}.\n"
            "Return one value per point along the first axis, or leave vectorized out."
        )
    return np.tensordot(matrix, values, 1)


def _balance(matrix: Any) -> None:
    np.fill_diagonal(matrix, 0.0)
    np.fill_diagonal(matrix, -np.sum(matrix, axis=1))


def _require_two(n: int, caller: str) -> None:
    if n < 2:
        raise ValueError(f"{caller}: n is {n!r}.\nPass 2 or more points.")


def _require_points(points: Any, order: int) -> Any:
    x = np.asarray(points, float)
    if x.ndim != 1 or len(np.unique(x)) < x.size or not np.all(np.isfinite(x)):
        raise ValueError(
            f"differential_quadrature: points has shape {x.shape}"
            + (" and repeated or infinite entries" if x.ndim == 1 else "")
            + ".\nPass a row of different finite numbers, as chebyshev(n) makes."
        )
    if order < 1 or int(order) != order or order >= x.size:
        raise ValueError(
            f"differential_quadrature: order is {order!r} for {x.size} points.\nPass 1 … {x.size - 1}, or more points."
        )
    return x
