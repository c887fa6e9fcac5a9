"""Difference formulas as data: nodes and weights of any order and accuracy, and the step that suits them.

f⁽ᵐ⁾(x) = h⁻ᵐ Σₖ wₖ f(x + kh) + O(hᵖ)           m the order, p the accuracy
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import factorial
from typing import Any

import numpy as np


def weights(nodes: Sequence[float], order: int = 1, at: float = 0.0) -> Any:
    """w with f⁽ᵐ⁾(at) ≈ Σₖ wₖ f(nodesₖ), exact for polynomials of degree below the number of nodes.

    Arguments:
        nodes: where f is known, in any order and at any distances; no two may be equal.
        order: m; 0 interpolates. More than m nodes are needed.
        at: where the derivative is wanted.

    The nodes are taken one by one, and the weights of all lower orders with them (B. Fornberg,
    Generation of finite difference formulas on arbitrarily spaced grids, Math. Comp. 51, 1988). The
    recursion runs in rational numbers, so that each weight is rounded once.

    >>> weights([-1, 0, 1], order=2)
    array([ 1., -2.,  1.])
    >>> weights([0, 1, 2])
    array([-1.5,  2. , -0.5])
    """
    points = [Fraction(float(x)) for x in nodes]
    _require_nodes(points, nodes, order)
    return np.array([float(w) for w in _fornberg(points, order, Fraction(float(at)))])


def _require_nodes(points: list[Fraction], nodes: Sequence[float], order: int) -> None:
    if len(set(points)) < len(points):
        raise ValueError(f"weights: nodes {list(nodes)} has a node twice.\nPass nodes that differ.")
    if order < 0 or int(order) != order:
        raise ValueError(f"weights: order is {order!r}.\nPass a whole number, 0 or more.")
    if len(points) <= order:
        raise ValueError(
            f"weights: {len(points)} nodes are too few for a derivative of order {order}.\nPass {order + 1} or more."
        )


def _fornberg(points: list[Fraction], order: int, at: Fraction) -> list[Fraction]:
    """The weights of order m on all points, by adding one point after another.

    Lₙ(x), the Lagrange polynomial of the new point, is ω(x) / ω(xₙ), where ω(x) = Π (x − xⱼ) over the
    points before it; an older one is multiplied by (x − xₙ) / (xⱼ − xₙ). Leibniz' rule says what that
    does to their derivatives at `at`: (x g)⁽ᵏ⁾ = x g⁽ᵏ⁾ + k g⁽ᵏ⁻¹⁾.
    """
    orders = range(order + 1)
    omega = [Fraction(k == 0) for k in orders]
    known: list[list[Fraction]] = []
    for n, new in enumerate(points):
        for j, old in enumerate(points[:n]):
            known[j] = [d / (old - new) for d in _times(known[j], at - new)]
        scale = Fraction(1)
        for old in points[:n]:
            scale *= new - old
        known.append([d / scale for d in omega])
        omega = _times(omega, at - new)
    return [derivatives[order] for derivatives in known]


def _times(derivatives: list[Fraction], factor: Fraction) -> list[Fraction]:
    """The derivatives of (x − c) g(x), from those of g, where x − c is `factor`."""
    return [factor * d + (k * derivatives[k - 1] if k else 0) for k, d in enumerate(derivatives)]


# ── methods ──


@dataclass(frozen=True)
class Stencil:
    """f⁽ᵐ⁾(x) ≈ h⁻ᵐ Σ wₖ f(x + kh), with error `truncation` · hᵖ · f⁽ᵐ⁺ᵖ⁾(x) + …"""

    nodes: tuple[int, ...]
    weights: tuple[float, ...]
    order: int
    accuracy: int

    @property
    def truncation(self) -> float:
        """|Σ wₖ kᵐ⁺ᵖ| / (m + p)!"""
        n = self.order + self.accuracy
        return abs(sum(w * float(k) ** n for k, w in zip(self.nodes, self.weights, strict=True))) / factorial(n)

    @property
    def rounding(self) -> float:
        """Σ |wₖ|: how much of the rounding errors of f arrives in h⁻ᵐ Σ wₖ f(x + kh), times hᵐ."""
        return sum(map(abs, self.weights))

    def step(self, eps: float) -> float:
        """The step at which truncation and rounding are in balance, for f and f⁽ᵐ⁺ᵖ⁾ of one size.

        The error C hᵖ + R ε h⁻ᵐ (C the truncation, R the rounding) is least at
        h = (m R ε / p C) ^ 1/(m+p), here rounded by `short`.
        """
        m, p = self.order, self.accuracy
        return float(short((m * self.rounding * eps / (p * self.truncation)) ** (1 / (m + p))))


def short(h: Any) -> Any:
    """The nearest numbers with 6 binary digits: x + kh is then exact, unless it has a larger exponent than x.

    >>> float(short(0.1))
    0.099609375
    """
    mantissa, exponent = np.frexp(h)
    return np.ldexp(np.round(64 * mantissa) / 64, exponent)


def _one_sided(order: int, accuracy: int) -> range:
    return range(order + accuracy)


def _other_side(order: int, accuracy: int) -> range:
    return range(1 - order - accuracy, 1)


def _both_sides(order: int, accuracy: int) -> range:
    reach = (order + 1) // 2 - 1 + accuracy // 2
    return range(-reach, reach + 1)


METHODS: dict[str, tuple[Callable[[int, int], range], int]] = {
    "forward": (_one_sided, 1),
    "backward": (_other_side, 1),
    "central": (_both_sides, 2),
}
"""method → (its nodes for an order and an accuracy, the least accuracy)."""


@lru_cache(maxsize=256)
def stencil(method: str = "central", order: int = 1, accuracy: int | None = None) -> Stencil:
    """The stencil of a method: "forward", "backward" or "central".

    Arguments:
        order: of the derivative, 1 or more.
        accuracy: the power p of h in the error; 1 for the one-sided methods and 2 for the central
            one unless said otherwise. The central stencils have even ones.

    >>> stencil("central", order=1, accuracy=4).nodes
    (-2, -1, 1, 2)
    >>> stencil("forward").weights
    (-1.0, 1.0)
    """
    if method not in METHODS:
        raise ValueError(f"stencil: method is {method!r}.\nPass one of {', '.join(map(repr, METHODS))}.")
    nodes, least = METHODS[method]
    p = least if accuracy is None else accuracy
    if order < 1 or int(order) != order:
        raise ValueError(f"stencil: order is {order!r}.\nPass a whole number, 1 or more.")
    if p < 1 or p % least:
        multiple = "an even number, 2 or more" if least == 2 else "a whole number, 1 or more"
        raise ValueError(f"stencil: accuracy of the {method} method is {p!r}.\nPass {multiple}.")
    points = nodes(order, p)
    pairs = [(k, float(w)) for k, w in zip(points, weights(points, order), strict=True) if w]
    return Stencil(tuple(k for k, _ in pairs), tuple(w for _, w in pairs), order, p)
