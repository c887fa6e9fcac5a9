"""np.linalg.cholesky."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.value import is_value
from wengert.rules.described import pushed
from wengert.rules.linalg import as_array
from wengert.rules.linalg_triangular import (
    BLOCK,
    adjoint,
    conj,
    from_triangle,
    half_tril,
    inverse_lower,
    symmetric,
    to_triangle,
    triangular,
)  # fmt: skip
from wengert.rules.table import handles, rule

# ── A = L Lᴴ  ⇒  L⁻¹ Ȧ L⁻ᴴ = L⁻¹L̇ + (L⁻¹L̇)ᴴ with L⁻¹L̇ lower triangular,  L̇ = L Φ(L⁻¹ Ȧ L⁻ᴴ) ──
# Φ takes the lower triangle and halves its diagonal (Murray 2016). LAPACK reads one triangle of A,
# so the derivative is that of the matrix with this triangle on both sides: the cotangent lies in
# the triangle that was read, which is exact for every perturbation, symmetric or not.


def push_cholesky(d: Any, y: Any, upper: bool) -> Any:
    """The tangent of the factor y (y yᴴ, or yᴴ y if upper), given that of the matrix."""
    low = adjoint(y) if upper else y
    d = from_triangle(d, not upper)
    m = triangular(low, adjoint(triangular(low, d)))
    low_dot = np.matmul(low, half_tril(adjoint(m)))
    return adjoint(low_dot) if upper else low_dot


def pull_cholesky(c: Any, y: Any, upper: bool) -> Any:
    """The cotangent of the matrix: ½ L⁻ᴴ (P + Pᴴ) L⁻¹ with P = Φ(Lᴴ L̄), in the triangle read."""
    c = conj(c)
    low, low_bar = (adjoint(y), adjoint(c)) if upper else (y, c)
    if np.ndim(low) == 2 and len(low) > BLOCK and not np.iscomplexobj(low) and not np.iscomplexobj(low_bar):
        back = by_blocks(low, low_bar)
        return adjoint(back) if upper else back
    h = conj(_whole(low, low_bar))
    return adjoint(h) if upper else h


def _whole(low: Any, low_bar: Any) -> Any:
    """The same for the lower triangle, without blocks."""
    s = symmetric(half_tril(np.matmul(adjoint(low), low_bar)))
    if np.ndim(low) == 2:
        z = inverse_lower(low)  # products with L⁻¹ are quicker than two solves, and as exact
        h = np.matmul(adjoint(z), np.matmul(s, z))
    else:
        x = conj(triangular(low, conj(s), trans=True))
        h = conj(triangular(low, conj(adjoint(x)), trans=True))
    return to_triangle(symmetric(h) if np.iscomplexobj(h) else h, True)


def by_blocks(low: Any, low_bar: Any) -> Any:
    """The same for a real matrix, the steps of a blocked factorisation one by one from the last (Murray 2016, 3.3):
    ⅔ n³ operations, where the formula for the whole takes five times as many."""
    if is_value(low) or is_value(low_bar):
        return apply(BY_BLOCKS, (low, low_bar))
    bar = np.tril(low_bar).astype(np.result_type(low, low_bar, np.float32), copy=False)
    for end in range(len(low), 0, -BLOCK):
        begin = max(0, end - BLOCK)
        here, before, below = slice(begin, end), slice(0, begin), slice(end, None)
        row, block = low[here, before], np.tril(low[here, here])
        z = inverse_lower(block)
        column_bar = bar[below, here] = bar[below, here] @ z
        bar[below, before] -= column_bar @ row
        bar[here, here] -= np.tril(column_bar.T @ low[below, here])
        h = z.T @ symmetric(half_tril(block.T @ bar[here, here])) @ z
        bar[here, here] = to_triangle(h, True)
        bar[here, before] -= column_bar.T @ low[below, before] + 2 * h @ row
    return bar


# It is linear in L̄, and what it is the transpose of is `push_cholesky`.
BY_BLOCKS = rule(
    by_blocks,
    pushed(_whole, 0),
    lambda d, y, low, low_bar: by_blocks(low, d),
    pull=(None, lambda c, y, low, low_bar: push_cholesky(c, low, False)),
    reads=((0, 1), (0,)),
    name="cholesky cotangent",
)


def cholesky(a: Any, upper: bool) -> Any:
    """np.linalg.cholesky."""
    return np.linalg.cholesky(a, upper=upper) if upper else np.linalg.cholesky(a)


CHOLESKY = rule(
    cholesky,
    lambda d, y, a, upper: push_cholesky(d, y, upper),
    pull=(lambda c, y, a, upper: pull_cholesky(c, y, upper),),
    reads=((),),
    name="numpy.linalg.cholesky",
)


@handles(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return apply(CHOLESKY, (as_array(a),), {"upper": bool(upper)})
