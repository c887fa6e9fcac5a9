"""scipy.linalg: LU factors and solving with them.

P A = L U  ⇒  L⁻¹ (P Ȧ) U⁻¹ = L⁻¹L̇ + U̇U⁻¹: strictly lower plus upper triangle (Giles 2008).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.value import concrete
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_triangular import adjoint, column, conj, like, mt, triangular, uncolumn
from wengert.rules.scipy_linalg import native, replaces
from wengert.rules.table import rule, variadic


def permutation(piv: Any) -> Any:
    """LAPACK's row exchanges as an order of rows: A[order] = L U."""
    piv = np.asarray(piv)
    n = piv.shape[-1]
    order = np.array(np.broadcast_to(np.arange(n), piv.shape))
    for k in range(n):
        other = piv[..., k : k + 1]
        mine, theirs = order[..., k : k + 1].copy(), np.take_along_axis(order, other, -1)
        np.put_along_axis(order, other, mine, -1)
        order[..., k : k + 1] = theirs
    return order


def rows(a: Any, order: Any) -> Any:
    """The rows of a in that order."""
    return np.take_along_axis(a, order[..., None], -2)


def unit_lower(lu: Any) -> Any:
    """L of the packed factors."""
    return np.tril(lu, -1) + np.eye(np.shape(lu)[-1])


def _right(x: Any, u: Any) -> Any:
    """x u⁻¹."""
    return mt(triangular(u, mt(x), lower=False, trans=True))


def _left(l: Any, x: Any) -> Any:
    """l⁻¹ x."""
    return triangular(l, x)


def _push_factor(d: Any, y: Any, a: Any) -> Any:
    lu, piv = y
    low, up = unit_lower(lu), np.triu(lu)
    m = _right(_left(low, rows(d, permutation(piv))), up)
    return np.matmul(low, np.tril(m, -1)) + np.matmul(np.triu(m), up), np.zeros(np.shape(piv))


def _pull_factor(c: Any, y: Any, a: Any) -> Any:
    lu, piv = y
    c = c[0] if isinstance(c, (dict, tuple, list)) else c
    low, up = unit_lower(lu), np.triu(lu)
    inner = np.tril(np.matmul(mt(low), np.tril(c, -1)), -1) + np.triu(np.matmul(np.triu(c), mt(up)))
    g = triangular(low, mt(triangular(up, mt(inner), lower=False)), trans=True)
    return like(rows(g, np.argsort(permutation(piv), axis=-1)), a)


LU_FACTOR = rule(native(sl.lu_factor), _push_factor, pull=(_pull_factor,), reads=((),), name="scipy.linalg.lu_factor")


@replaces(sl.lu_factor)
def _lu_factor(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    shape = np.shape(concrete(a))
    if len(shape) > 1 and shape[-1] != shape[-2]:
        raise refuse("scipy.linalg.lu_factor", "the matrix is not square.\nUse scipy.linalg.lu.")
    return apply(LU_FACTOR, (as_array(a),))


# ── A x = b, A = Pᵀ L U:  Ā = −b̄ xᵀ,  L̄ = P Ā Uᵀ,  Ū = Lᵀ P Ā, each in its triangle ──

_TURNED = {0: 1, 1: 0}


def _push_solve(dots: list[Any], x: Any, lu: Any, b: Any, piv: Any, trans: int) -> Any:
    lu_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if lu_dot is not None:
        low, up = unit_lower(lu), np.triu(lu)
        m = np.matmul(np.tril(lu_dot, -1), up) + np.matmul(low, np.triu(lu_dot))
        a_dot = rows(m, np.argsort(permutation(piv), axis=-1))
        a_dot = a_dot if trans == 0 else mt(a_dot) if trans == 1 else adjoint(a_dot)
        right = right - np.matmul(a_dot, column(x, vector))
    return uncolumn(_lu_solve_op(lu, right, piv=piv, trans=trans), vector)


def _pull_solve(c: Any, x: Any, lu: Any, b: Any, piv: Any, trans: int) -> list[Any]:
    vector = np.ndim(b) == 1
    c, xs = column(c, vector), column(x, vector)
    if trans == 2:
        b_bar = conj(_lu_solve_op(lu, conj(c), piv=piv, trans=0))
        left, right = -conj(xs), conj(b_bar)
    else:
        b_bar = _lu_solve_op(lu, c, piv=piv, trans=_TURNED[trans])
        left, right = (-b_bar, xs) if trans == 0 else (-xs, b_bar)
    low, up, left = unit_lower(lu), np.triu(lu), rows(left, permutation(piv))
    low_bar = np.matmul(left, mt(np.matmul(up, right)))
    up_bar = np.matmul(np.matmul(mt(low), left), mt(right))
    return [like(np.tril(low_bar, -1) + np.triu(up_bar), lu), like(uncolumn(b_bar, vector), b)]


_lu_solve_op = native(sl.lu_solve, lambda f, lu, b, piv, trans: f((lu, piv), b, trans))
LU_SOLVE = variadic(_lu_solve_op, _push_solve, _pull_solve, reads=True, name="scipy.linalg.lu_solve")


@replaces(sl.lu_solve)
def _lu_solve(lu_and_piv: Any, b: Any, trans: int = 0, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    lu, piv = lu_and_piv
    return apply(LU_SOLVE, (as_array(lu), as_array(b)), {"piv": look(piv), "trans": int(trans)})


# ── A = L[p] U of any shape: the factors are completed to square ones by columns or rows of the identity ──


def _push_lu(d: Any, y: Any, a: Any) -> Any:
    p, low, up = y
    m, n = np.shape(d)[-2:]
    k = min(m, n)
    if m > n:
        low = np.concatenate([low, np.broadcast_to(np.eye(m)[:, n:], (*np.shape(low)[:-2], m, m - n))], axis=-1)
    if n > m:
        up = np.concatenate([up, np.broadcast_to(np.eye(n)[m:], (*np.shape(up)[:-2], n - m, n))], axis=-2)
    inner = _right(_left(low, rows(d, np.argsort(p, axis=-1))), up)
    low_dot = np.matmul(low, np.tril(inner, -1)[..., :, :k])
    up_dot = np.matmul(np.triu(inner)[..., :k, :], up)
    return np.zeros(np.shape(p)), low_dot, up_dot


LU = rule(native(sl.lu, lambda f, a: f(a, p_indices=True)), _push_lu, name="scipy.linalg.lu")


@replaces(sl.lu)
def _lu(
    a: Any, permute_l: bool = False, overwrite_a: bool = False, check_finite: bool = True, p_indices: bool = False
) -> Any:
    p, low, up = apply(LU, (as_array(a),))
    p = look(p)
    if permute_l:
        return rows(low, p), up
    if p_indices:
        return p, low, up
    eye = np.eye(p.shape[-1], dtype=concrete(low).real.dtype)
    return concrete(eye)[p], low, up
