"""Small matrix language shared by the linear algebra rules: adjoints, triangles, triangular solves."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.value import is_value
from wengert.rules.pairs import recordable
from wengert.rules.table import rule, variadic
from wengert.sweep.arithmetic import fit

BLOCK = 64
"""Triangles are solved in blocks of this order: all work but that on the diagonal is matrix products.

NumPy has no triangular solve. On one thread, n = 200, the blocks take 0.8 ms, np.linalg.solve 1.7, and
SciPy's trsm 0.3; but SciPy's threads are a second pool beside NumPy's, and each spins where the other
works: on two busy cores trsm took 14 ms where it took 0.06 alone (n = 100)."""


def mt(x: Any) -> Any:
    """xᵀ, for every matrix of a stack."""
    return np.swapaxes(x, -1, -2)


def adjoint(x: Any) -> Any:
    """xᴴ."""
    return conj(mt(x))


def conj(x: Any) -> Any:
    """The complex conjugate; a real x is returned as it is."""
    return np.conj(x) if np.iscomplexobj(x) else x


def column(x: Any, vector: bool) -> Any:
    """A vector as a matrix of one column."""
    return x[..., None] if vector else x


def uncolumn(x: Any, vector: bool) -> Any:
    """The inverse of `column`."""
    return x[..., 0] if vector else x


def like(c: Any, x: Any) -> Any:
    """A cotangent c as one of x: summed over broadcast axes, projected to the reals if x is real."""
    return fit(c, (np.shape(x), not np.iscomplexobj(x)))


def diagonal(x: Any) -> Any:
    """The diagonals of a stack of matrices."""
    return np.diagonal(x, axis1=-2, axis2=-1)


def scaled_eye(d: Any, n: int) -> Any:
    """Diagonal matrices with the vectors d."""
    return d[..., None, :] * np.eye(n)


def half_tril(x: Any) -> Any:
    """Φ(x): the lower triangle with its diagonal halved."""
    n = np.shape(x)[-1]
    return x * (np.tri(n) - 0.5 * np.eye(n))


def symmetric(x: Any) -> Any:
    """(x + xᴴ)/2."""
    return 0.5 * (x + adjoint(x))


def from_triangle(x: Any, lower: bool) -> Any:
    """The Hermitian matrix of which a function reads only one triangle."""
    x = x if lower else adjoint(x)
    strict = np.tril(x, -1)
    diag = np.real(diagonal(x)) if np.iscomplexobj(x) else diagonal(x)
    return strict + adjoint(strict) + scaled_eye(diag, np.shape(x)[-1])


def to_triangle(h: Any, lower: bool) -> Any:
    """The transpose of `from_triangle`: a Hermitian cotangent h, given to the triangle that is read."""
    n = np.shape(h)[-1]
    return h * (2.0 * np.tri(n) - np.eye(n) if lower else 2.0 * np.tri(n).T - np.eye(n))


def parts(c: Any, y: Any) -> list[Any]:
    """The cotangents of several results, zeros where there is none."""
    given = c if isinstance(c, dict) else dict(enumerate(c))
    return [np.zeros(np.shape(part)) if given.get(k) is None else given[k] for k, part in enumerate(y)]


# ── T x = b with T triangular ──
# T x = b  ⇒  T ẋ = ḃ − Ṫ x, hence b̄ = T⁻ᵀ c and T̄ = −b̄ xᵀ within the triangle.


def triangular(a: Any, b: Any, lower: bool = True, trans: bool = False) -> Any:
    """T⁻¹ b or T⁻ᵀ b for the lower or upper triangle T of a; b is a matrix."""
    if is_value(a) or is_value(b):
        return apply(TRIANGULAR, (a, b), {"lower": lower, "trans": trans})
    t, down = mt(a) if trans else a, lower != trans
    n = np.shape(a)[-1]
    if n <= BLOCK or np.ndim(a) != 2 or np.ndim(b) != 2:
        return _solved(np.tril(t) if down else np.triu(t), b)
    x = np.empty(np.shape(b), np.result_type(a, b, np.float32))
    ends = range(0, n, BLOCK)
    for i in ends if down else reversed(ends):
        # Tᵢᵢ xᵢ = bᵢ − Σ Tᵢⱼ xⱼ over the blocks j that are known
        block, known = slice(i, min(i + BLOCK, n)), slice(0, i) if down else slice(i + BLOCK, n)
        diagonal_block = np.tril(t[block, block]) if down else np.triu(t[block, block])
        x[block] = _solved(diagonal_block, b[block] - t[block, known] @ x[known])
    return x


def _solved(a: Any, b: Any) -> Any:
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        if np.ndim(a) == np.ndim(b) == 2:
            return np.full(np.shape(b), np.nan, np.result_type(a, b, np.float32))
        stack = np.broadcast_shapes(np.shape(a)[:-2], np.shape(b)[:-2])
        a, b = (np.broadcast_to(m, (*stack, *np.shape(m)[-2:])) for m in (a, b))
        return np.reshape([_solved(a[i], b[i]) for i in np.ndindex(stack)], np.shape(b))


solved = recordable(_solved)
"""a⁻¹ b; NaN where a is singular: a factor that NumPy found has no derivative there, and NumPy raised nothing."""
SOLVED = rule(
    solved,
    lambda d, y, a, b: -solved(a, np.matmul(d, y)),
    lambda d, y, a, b: solved(a, d),
    pull=(
        lambda c, y, a, b: like(-np.matmul(solved(mt(a), c), mt(y)), a),
        lambda c, y, a, b: like(solved(mt(a), c), b),
    ),
    name="solution for a derivative",
)


def inverse_lower(a: Any) -> Any:
    """T⁻¹ for the lower triangle T of a matrix: by substitution, zeros left out."""
    if is_value(a):
        return apply(INVERSE, (a,))
    n = len(a)
    z = np.zeros((n, n), np.result_type(a, np.float32))
    for i in range(0, n, BLOCK):
        j = min(i + BLOCK, n)
        right = np.eye(j - i, j, i, dtype=z.dtype)
        if i:
            right[:, :i] = -a[i:j, :i] @ z[:i, :i]
        z[i:j, :j] = np.linalg.solve(np.tril(a[i:j, i:j]), right)
    return z


# Z = T⁻¹  ⇒  Ż = −Z Ṫ Z
INVERSE = rule(
    inverse_lower,
    lambda d, y, a: -np.matmul(np.matmul(y, np.tril(d)), y),
    pull=(lambda c, y, a: -np.tril(np.matmul(np.matmul(mt(y), c), mt(y))),),
    reads=((),),
    name="triangular inverse",
)


def triangle(x: Any, lower: bool) -> Any:
    """The lower or upper triangle."""
    return np.tril(x) if lower else np.triu(x)


def _push(dots: list[Any], x: Any, a: Any, b: Any, lower: bool, trans: bool) -> Any:
    a_dot, b_dot = dots
    right = 0.0 if b_dot is None else b_dot
    if a_dot is not None:
        t_dot = triangle(a_dot, lower)
        right = right - np.matmul(mt(t_dot) if trans else t_dot, x)
    return triangular(a, right, lower, trans)


def _pull(c: Any, x: Any, a: Any, b: Any, lower: bool, trans: bool) -> list[Any]:
    b_bar = triangular(a, c, lower, not trans)
    a_bar = -np.matmul(x, mt(b_bar)) if trans else -np.matmul(b_bar, mt(x))
    return [like(triangle(a_bar, lower), a), like(b_bar, b)]


TRIANGULAR = variadic(triangular, _push, _pull, reads=True, name="triangular solve")
