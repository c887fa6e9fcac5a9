"""Matrix products."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.table import lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node, Shape, identity

SMALL = 8
"""Up to this many terms a product is a loop of our own: a call of BLAS costs more."""

MANY = 64
"""From this order on, the zeros of a triangle are worth leaving out."""


@lowers(np.matmul, np.dot)
def _matmul(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype = result_dtype(line)
    if dtype[0] != "f":
        raise Unsupported("product of whole numbers")
    a, b = [m.cast(x, dtype) for x in args]
    if not a.shape or not b.shape:
        return m.map("mul", a, b)
    if len(a.shape) > 2 or len(b.shape) > 2:
        return _stacked(m, line, a, b)
    return product(m, a, b)


def product(m: Maker, a: Node, b: Node) -> Node:
    """a @ b of vectors and matrices."""
    if len(a.shape) == 1 and len(b.shape) == 1:
        return m.reduce("add", m.map("mul", a, b), (0,))
    if len(a.shape) == 1:
        return m.reshape(product(m, m.reshape(a, (1, *a.shape)), b), (b.shape[1],))
    if len(b.shape) == 1:
        return m.reshape(product(m, a, m.reshape(b, (*b.shape, 1))), (a.shape[0],))
    n, k, p = a.shape[0], a.shape[1], b.shape[1]
    if not n * k * p:
        return m.broadcast(m.number(0.0, a.dtype), (n, p))
    if k == 1 or n * k * p <= SMALL**3:
        return summed(m, a, b)
    (left, turn_a), (right, turn_b) = _turned(a), _turned(b)
    for triangle, other, side, turn in ((left, b, "left", turn_a), (right, a, "right", turn_b)):
        if min(n, k, p) >= MANY and is_lower(triangle):
            return _by_triangle(m, triangle, other, side, turn)
    if p == 1:
        return m.reshape(_by_vector(m, left, turn_a, m.reshape(right, (k,))), (n, 1))
    if n == 1:
        return m.reshape(_by_vector(m, right, not turn_b, m.reshape(left, (k,))), (1, p))
    return m.make("matmul", None, (left, right), (n, p), a.dtype, (turn_a, turn_b))


def is_lower(x: Node) -> bool:
    """Whether a matrix is known to be lower triangular, zeros above the diagonal included."""
    return x.kind == "library" and (x.op == "lower inverse" or (x.op == "cholesky" and x.info == (True, True)))


def _by_triangle(m: Maker, t: Node, x: Node, side: str, turn: bool) -> Node:
    """t x or x t ("left", "right"), with tᵀ if `turn`: half the work. Zeros are not multiplied, so x must be finite."""
    m.check(m.map("isfinite", x, dtype="bool"))
    return m.make("library", "triangle product", (t, x), x.shape, x.dtype, (side, turn))


def _by_vector(m: Maker, a: Node, turn: bool, x: Node) -> Node:
    """a x, or aᵀ x."""
    return m.make("library", "gemv", (a, x), (a.shape[1 if turn else 0],), a.dtype, turn)


def summed(m: Maker, a: Node, b: Node) -> Node:
    """Σₖ aᵢₖ bₖⱼ as products and a sum."""
    shape = (a.shape[0], b.shape[1], a.shape[1])
    left = m.view(a, ((0, ((1, 0),)), (0, ((1, 2),))), shape)
    right = m.view(b, ((0, ((1, 2),)), (0, ((1, 1),))), shape)
    return m.reduce("add", m.map("mul", left, right), (2,))


def _turned(x: Node) -> tuple[Node, bool]:
    """x as a factor: the matrix (or stack) of which it is the transpose, if it is one."""
    rank = len(x.shape)
    swapped = (*identity(rank)[:-2], (0, ((1, rank - 1),)), (0, ((1, rank - 2),)))
    if x.kind == "view" and x.info == swapped and x.args[0].shape == (*x.shape[:-2], *x.shape[:-3:-1]):
        return x.args[0], True
    return x, False


def _stacked(m: Maker, line: Line, a: Node, b: Node) -> Node:
    """A product of stacks of matrices; one stack times one matrix, or vector, is one product."""
    shape = line.outs[0].type.shape
    if len(b.shape) <= 2:
        rows = m.reshape(a, (prod(a.shape[:-1]), a.shape[-1]))
        return m.reshape(product(m, rows, b), shape)
    if line.op is not np.matmul:
        raise Unsupported("np.dot of more than two axes")
    if len(a.shape) == 1:
        return m.reshape(stacks(m, m.reshape(a, (1, *a.shape)), b, (*shape[:-1], 1, shape[-1])), shape)
    return stacks(m, a, b, shape)


def stacks(m: Maker, a: Node, b: Node, shape: Shape) -> Node:
    """The products of matrices, pair by pair; short ones as products and sums."""
    n, k, p = shape[-2], a.shape[-1], shape[-1]
    if not prod(shape) * k:
        return m.broadcast(m.number(0.0, a.dtype), shape)
    if k == 1 or n * k * p <= SMALL**3:
        return _summed_stacks(m, a, b, shape)
    factors = [_turned(x) for x in (a, b)]
    parts = tuple([_one_stack(m, x, shape[:-2]) for x, _ in factors])
    turned = tuple([turn for _, turn in factors])
    count = prod(shape[:-2])
    return m.reshape(m.make("library", "stack product", parts, (count, n, p), a.dtype, turned), shape)


def _one_stack(m: Maker, x: Node, lead: Shape) -> Node:
    """A stack with one axis, as long as the result's; or one matrix for all of them."""
    if prod(x.shape[:-2]) == 1:
        return m.reshape(x, x.shape[-2:])
    return m.reshape(m.broadcast(x, (*lead, *x.shape[-2:])), (prod(lead), *x.shape[-2:]))


def _summed_stacks(m: Maker, a: Node, b: Node, shape: Shape) -> Node:
    rank = len(shape)
    whole = (*shape, a.shape[-1])

    def forms(x: Node, last: tuple[int, int]) -> Any:
        lead = len(x.shape) - 2
        stack = tuple((0, () if n == 1 else ((1, rank - 2 - lead + j),)) for j, n in enumerate(x.shape[:-2]))
        return (*stack, *((0, ((1, axis),)) for axis in last))

    left, right = m.view(a, forms(a, (rank - 2, rank)), whole), m.view(b, forms(b, (rank, rank - 1)), whole)
    return m.reduce("add", m.map("mul", left, right), (rank,))


@lowers(np.outer)
def _outer(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    dtype = result_dtype(line)
    a, b = [m.reshape(m.cast(x, dtype), (x.size,)) for x in args]
    shape = (a.size, b.size)
    return m.map("mul", m.view(a, ((0, ((1, 0),)),), shape), m.view(b, ((0, ((1, 1),)),), shape))
