"""scipy.linalg: Cholesky factors and triangular systems."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.apply import apply
from wengert.rules.linalg import as_array
from wengert.rules.linalg_cholesky import pull_cholesky, push_cholesky
from wengert.rules.linalg_triangular import (
    adjoint,
    column,
    conj,
    like,
    mt,
    uncolumn,
)  # fmt: skip
from wengert.rules.scipy_linalg import native, replaces
from wengert.rules.table import rule, variadic

# ── Cholesky: SciPy's default is the upper factor A = Uᴴ U, read from the upper triangle ──


def _other(x: Any, lower: bool) -> Any:
    """The triangle that cho_factor leaves as it was."""
    return np.triu(x, 1) if lower else np.tril(x, -1)


def _own(x: Any, lower: bool) -> Any:
    return np.tril(x) if lower else np.triu(x)


CHOLESKY = rule(
    native(sl.cholesky),
    lambda d, y, a, lower: push_cholesky(d, y, not lower),
    pull=(lambda c, y, a, lower: pull_cholesky(c, y, not lower),),
    reads=((),),
    name="scipy.linalg.cholesky",
)
_CHO_FACTOR = rule(
    native(sl.cho_factor, lambda f, a, lower: f(a, lower)[0]),
    lambda d, y, a, lower: push_cholesky(d, _own(y, lower), not lower) + _other(d, lower),
    pull=(lambda c, y, a, lower: pull_cholesky(_own(c, lower), _own(y, lower), not lower) + _other(c, lower),),
    reads=((),),
    name="scipy.linalg.cho_factor",
)
_LEAVES: bool = sl.cho_factor(np.array([[2.0, 1.0], [1.0, 2.0]]))[0][1, 0] != 0
CHO_FACTOR = _CHO_FACTOR if _LEAVES else CHOLESKY
"""From SciPy 1.18 on, the other triangle is zero."""


@replaces(sl.cholesky)
def _cholesky(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return apply(CHOLESKY, (as_array(a),), {"lower": bool(lower)})


@replaces(sl.cho_factor)
def _cho_factor(a: Any, lower: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return apply(CHO_FACTOR, (as_array(a),), {"lower": bool(lower)}), lower


# ── A x = b given the factor: Ȧ = L̇ Lᴴ + L L̇ᴴ, so L̄ = (Ā + Āᴴ) L in its triangle ──


def _push_cho_solve(dots: list[Any], x: Any, f: Any, b: Any, lower: bool) -> Any:
    f_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if f_dot is not None:
        t, t_dot, xs = _own(f, lower), _own(f_dot, lower), column(x, vector)
        if not lower:
            t, t_dot = adjoint(t), adjoint(t_dot)
        right = right - np.matmul(t_dot, np.matmul(adjoint(t), xs)) - np.matmul(t, np.matmul(adjoint(t_dot), xs))
    return uncolumn(_cho_solve_op(f, right, lower=lower), vector)


def _pull_cho_solve(c: Any, x: Any, f: Any, b: Any, lower: bool) -> list[Any]:
    vector = np.ndim(b) == 1
    b_bar = _cho_solve_op(f, conj(column(c, vector)), lower=lower)
    xs, t = column(x, vector), _own(f, lower)
    t = t if lower else adjoint(t)
    # Ā = −b̄ xᴴ has low rank: (Ā + Āᴴ) L without forming it
    t_bar = -np.matmul(b_bar, np.matmul(adjoint(xs), t)) - np.matmul(xs, np.matmul(adjoint(b_bar), t))
    f_bar = _own(t_bar if lower else adjoint(t_bar), lower)
    return [like(conj(f_bar), f), like(conj(uncolumn(b_bar, vector)), b)]


_cho_solve_op = native(sl.cho_solve, lambda f, c, b, lower: f((c, lower), b))
CHO_SOLVE = variadic(_cho_solve_op, _push_cho_solve, _pull_cho_solve, reads=True, name="scipy.linalg.cho_solve")


@replaces(sl.cho_solve)
def _cho_solve(c_and_lower: Any, b: Any, overwrite_b: bool = False, check_finite: bool = True) -> Any:
    c, lower = c_and_lower
    return apply(CHO_SOLVE, (as_array(c), as_array(b)), {"lower": bool(lower)})


# ── op(T) x = b with a triangle T ──

_TRANS = {"N": 0, "T": 1, "C": 2, 0: 0, 1: 1, 2: 2}


def _turn(t: Any, trans: int) -> Any:
    """op(t): t, tᵀ or tᴴ; real-linear and its own transpose but for trans 2, where conj goes along."""
    return t if trans == 0 else mt(t) if trans == 1 else adjoint(t)


def _read(a: Any, lower: bool, unit_diagonal: bool) -> Any:
    if unit_diagonal:
        return np.tril(a, -1) if lower else np.triu(a, 1)
    return _own(a, lower)


def _push_triangular(dots: list[Any], x: Any, a: Any, b: Any, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    a_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if a_dot is not None:
        right = right - np.matmul(_turn(_read(a_dot, lower, unit_diagonal), trans), column(x, vector))
    return uncolumn(_triangular_op(a, right, trans=trans, lower=lower, unit_diagonal=unit_diagonal), vector)


def _pull_triangular(c: Any, x: Any, a: Any, b: Any, trans: int, lower: bool, unit_diagonal: bool) -> list[Any]:
    vector = np.ndim(b) == 1
    how = {"lower": lower, "unit_diagonal": unit_diagonal}
    c, x = column(c, vector), column(x, vector)
    if trans == 2:
        b_bar = conj(_triangular_op(a, conj(c), trans=0, **how))
    else:
        b_bar = _triangular_op(a, c, trans=1 - trans, **how)
    m_bar = -np.matmul(b_bar, mt(x))
    return [like(_read(_turn(m_bar, trans), lower, unit_diagonal), a), like(uncolumn(b_bar, vector), b)]


_triangular_op = native(sl.solve_triangular)
SOLVE_TRIANGULAR = variadic(
    _triangular_op, _push_triangular, _pull_triangular, reads=True, name="scipy.linalg.solve_triangular"
)


@replaces(sl.solve_triangular)
def _solve_triangular(
    a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False, overwrite_b: bool = False,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    params = {"trans": _TRANS[trans], "lower": bool(lower), "unit_diagonal": bool(unit_diagonal)}
    return apply(SOLVE_TRIANGULAR, (as_array(a), as_array(b)), params)
