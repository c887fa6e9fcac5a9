"""The Kronecker and the cross product."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.value import concrete
from wengert.rules.products import operand, product
from wengert.rules.structure import real_if
from wengert.rules.table import handles
from wengert.sweep.arithmetic import sum_to

_cross_body: Any = np.cross._implementation  # type: ignore[attr-defined]

# ── the Kronecker product: one pair of axes of y for each axis of a and b ──


def _kron_parts(c: Any, a: Any, b: Any) -> tuple[Any, Any, Any, tuple[int, ...]]:
    """c with its axes parted, a and b with as many axes, and which axes of c belong to a."""
    n = max(np.ndim(a), np.ndim(b))
    a, b = (np.reshape(x, (1,) * (n - np.ndim(x)) + np.shape(x)) for x in (a, b))
    parted = [m for both in zip(np.shape(a), np.shape(b), strict=True) for m in both]
    return np.reshape(c, parted), a, b, tuple(range(0, 2 * n, 2))


def _kron_left(c: Any, a: Any, b: Any) -> Any:
    c, _, b, of_a = _kron_parts(c, a, b)
    return np.reshape(
        real_if(np.tensordot(c, b, (tuple(k + 1 for k in of_a), tuple(range(len(of_a))))), a), np.shape(a)
    )


def _kron_right(c: Any, a: Any, b: Any) -> Any:
    c, a, _, of_a = _kron_parts(c, a, b)
    return np.reshape(real_if(np.tensordot(a, c, (tuple(range(len(of_a))), of_a)), b), np.shape(b))


# ── y = a × b = −b × a, and c·(ȧ × b) = (b × c)·ȧ ──


def cross(a: Any, b: Any, axes: tuple[int, int, int]) -> Any:
    """np.cross of vectors of three components."""
    return np.cross(a, b, *axes)


def _cross_left(c: Any, a: Any, b: Any, axes: Any) -> Any:
    of_a, of_b, of_c = axes
    return real_if(sum_to_but(np.cross(b, c, of_b, of_c, -1), a, of_a), a)


def _cross_right(c: Any, a: Any, b: Any, axes: Any) -> Any:
    of_a, of_b, of_c = axes
    return real_if(sum_to_but(np.cross(c, a, of_c, of_a, -1), b, of_b), b)


def sum_to_but(g: Any, x: Any, axis: int) -> Any:
    """g, with x's `axis` as its last, summed back to the shape of x."""
    shape = list(np.shape(x))
    n = shape.pop(axis)
    return np.moveaxis(sum_to(g, (*shape, n)), -1, axis)


KRON = product(np.kron, _kron_left, _kron_right)
CROSS = product(cross, _cross_left, _cross_right, name="numpy.cross")


@handles(np.kron)
def _kron(a: Any, b: Any) -> Any:
    return apply(KRON, (operand(a), operand(b)))


@handles(np.cross)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: Any = None) -> Any:
    a, b = operand(a), operand(b)
    axes = (axisa, axisb, axisc) if axis is None else (axis, axis, axis)
    if np.shape(concrete(a))[axes[0]] == 2 or np.shape(concrete(b))[axes[1]] == 2:
        return swap.run_body(_cross_body, (a, b, *axes), {})
    return apply(CROSS, (a, b), {"axes": axes})


@handles(np.linalg.cross)
def _linalg_cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    a, b = operand(x1), operand(x2)
    sizes = np.shape(concrete(a))[axis], np.shape(concrete(b))[axis]
    if sizes != (3, 3):
        raise ValueError(
            "Both input arrays must be (arrays of) 3-dimensional vectors, "
            f"but they are {sizes[0]} and {sizes[1]} dimensional instead."
        )
    return _cross(a, b, axis=axis)
