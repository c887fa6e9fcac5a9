"""What a leading batch axis means to products, equations and joins, whose arguments may each have it or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.batch.table import BATCHES, Given, compute, lift
from wengert.record.build import ASSEMBLE
from wengert.rules.einsum import EINSUM, EINSUM_ONE, contract, parse
from wengert.rules.fill import AT
from wengert.rules.join import CONCATENATE, STACK
from wengert.rules.linalg import SOLVE
from wengert.rules.linalg_triangular import TRIANGULAR
from wengert.rules.products import DOT, INNER, MATMUL, MATVEC, OUTER, TENSORDOT, VDOT, VECDOT, VECMAT

# ── a @ b ──


def matmul(given: Given) -> Any:
    """a @ b: one matrix product where one factor is the same for all examples and the other's rows can be joined."""
    (a, b), (many_a, many_b) = given.xs, given.many
    n, m = (np.ndim(x) for x in given.examples)
    if many_a and not many_b and m <= 2:
        return _rows_times(a, b)
    if many_b and not many_a and n <= 2 and m == 1:
        return np.matmul(b, np.swapaxes(a, -1, -2) if n == 2 else a)
    rank = max(n, m, 2)
    a = _operand(a, many_a, n, rank, np.expand_dims(a, -2) if n == 1 else a)
    b = _operand(b, many_b, m, rank, np.expand_dims(b, -1) if m == 1 else b)
    y = np.matmul(a, b)
    return np.reshape(y, (given.size, *np.shape(given.y))) if n == 1 or m == 1 else y


def _rows_times(a: Any, b: Any) -> Any:
    """a @ b for any number of rows of a, as one product of matrices."""
    if np.ndim(a) == 2:
        return np.matmul(a, b)
    shape = np.shape(a)
    return np.reshape(np.matmul(np.reshape(a, (-1, shape[-1])), b), (*shape[:-1], *np.shape(b)[1:]))


def _operand(x: Any, many: bool, rank_now: int, rank: int, matrix: Any) -> Any:
    return lift(matrix, rank) if many else matrix


def dot(given: Given) -> Any:
    """np.dot, where it is matmul."""
    n, m = (np.ndim(x) for x in given.examples)
    return matmul(given) if (m <= 2 and n <= 2) or m == 1 else NotImplemented


def inner(given: Given) -> Any:
    return matmul(given) if all(np.ndim(x) == 1 for x in given.examples) else NotImplemented


def vdot(given: Given) -> Any:
    a, b = given.xs
    return matmul(given._replace(xs=[np.conj(a) if np.iscomplexobj(a) else a, b]))


def outer(given: Given) -> Any:
    (a, b), (many_a, many_b) = given.xs, given.many
    a = np.reshape(a, (given.size, -1, 1) if many_a else (-1, 1))
    return np.multiply(a, np.reshape(b, (given.size, 1, -1) if many_b else (-1,)))


def with_cores(*cores: int) -> Callable[[Given], Any]:
    """A generalised ufunc, whose arguments have so many axes of their own."""

    def rule(given: Given) -> Any:
        loops = max(np.ndim(x) - core for x, core in zip(given.examples, cores, strict=True))
        xs = [lift(x, loops + core) if many else x for x, many, core in zip(given.xs, given.many, cores, strict=True)]
        return compute(given.row, xs, None)

    return rule


# ── products over labelled axes ──


def einsum(given: Given, subscripts: str, **options: Any) -> Any:
    """One more label, first in every operand that has the axis and in the result."""
    inputs, out = parse(subscripts, [np.ndim(x) for x in given.examples])
    return _contracted(given, inputs, out)


def _contracted(given: Given, inputs: Any, out: Any) -> Any:
    label = 1 + max([k for term in (*inputs, out) for k in term], default=0)
    terms = [(label, *term) if many else term for term, many in zip(inputs, given.many, strict=True)]
    return contract(given.xs, terms, (label, *out))


def tensordot(given: Given, axes: Any) -> Any:
    """np.tensordot, by labels."""
    n, m = (np.ndim(x) for x in given.examples)
    over_a, over_b = axes
    left, right = list(range(n)), list(range(n, n + m))
    for i, j in zip(over_a, over_b, strict=True):
        right[j] = left[i]
    out = [left[k] for k in range(n) if k not in over_a] + [right[k] for k in range(m) if k not in over_b]
    return _contracted(given, [tuple(left), tuple(right)], tuple(out))


# ── A x = b ──


def solve(given: Given) -> Any:
    """np.linalg.solve: one factorisation where the matrix is the same for all examples."""
    (a, b), (many_a, _) = given.xs, given.many
    n, m = (np.ndim(x) for x in given.examples)
    if n != 2 or m > 2:
        return NotImplemented
    if many_a:
        b = b[..., None] if m == 1 else b
        return np.reshape(np.linalg.solve(a, b), (given.size, *np.shape(given.y)))
    columns = np.reshape(np.moveaxis(b, 0, -1), (np.shape(b)[1], -1))
    shape = (*np.shape(given.y), given.size)
    return np.moveaxis(np.reshape(np.linalg.solve(a, columns), shape), -1, 0)


def triangular(given: Given, **params: Any) -> Any:
    """Stacks of triangular systems."""
    rank = max(np.ndim(x) for x in given.examples)
    return compute(
        given.row, [lift(x, rank) if many else x for x, many in zip(given.xs, given.many, strict=True)], params
    )


def _whole(given: Given) -> list[Any]:
    """The arguments, those that are the same for all examples copied along the batch axis."""
    return [
        x if many else np.broadcast_to(x, (given.size, *np.shape(x)))
        for x, many in zip(given.xs, given.many, strict=True)
    ]  # fmt: skip


# ── x with v added at places ──


def at_places(given: Given, places: Any) -> Any:
    """np.add.at and its like, of vectors."""
    if np.ndim(given.examples[0]) != 1 or np.ndim(places) != 1:
        return NotImplemented
    return compute(given.row, _whole(given), {"places": (slice(None), places)})


# ── joins ──


def concatenate(given: Given, axis: Any = 0, **options: Any) -> Any:
    """np.concatenate."""
    xs = _whole(given)
    if axis is None:
        return np.concatenate([np.reshape(x, (given.size, -1)) for x in xs], axis=1, **options)
    return np.concatenate(xs, axis=axis % np.ndim(given.y) + 1, **options)


def stack(given: Given, axis: int = 0, **options: Any) -> Any:
    """np.stack."""
    return np.stack(_whole(given), axis=axis % np.ndim(given.y) + 1, **options)


BATCHES.update(
    {
        MATMUL: matmul,
        DOT: dot,
        INNER: inner,
        VDOT: vdot,
        OUTER: outer,
        VECDOT: with_cores(1, 1),
        MATVEC: with_cores(2, 1),
        VECMAT: with_cores(1, 2),
        EINSUM: einsum,
        EINSUM_ONE: einsum,
        TENSORDOT: tensordot,
        SOLVE: solve,
        TRIANGULAR: triangular,
        CONCATENATE: concatenate,
        STACK: stack,
        ASSEMBLE: stack,
        **dict.fromkeys(AT.values(), at_places),
    }
)
