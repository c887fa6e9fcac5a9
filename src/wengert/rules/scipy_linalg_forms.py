"""scipy.linalg: RQ, LDLᴴ, the real Schur form and the Hessenberg form.

Each is A = Q T Qᵀ (or a product of factors) that the shape of T and signs determine. Signs do not move, so that the
derivative is the solution of linear equations. With Q̇ = Q Ω, Ω skew:   Qᵀ Ȧ Q = Ω T − T Ω + Ṫ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.apply import apply
from wengert.record.observe import decide, look
from wengert.record.value import concrete
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_completed import completed
from wengert.rules.linalg_triangular import adjoint, diagonal, from_triangle, mt, scaled_eye, solved, triangular
from wengert.rules.scipy_linalg import native, replaces
from wengert.rules.table import rule

# ── A = R Q, Q with orthonormal rows: S = Q̇ Qᴴ and R⁻¹Ȧ Qᴴ = R⁻¹Ṙ + S, upper plus skew ──


def _push_rq(d: Any, y: Any, a: Any, mode: str) -> tuple[Any, Any]:
    r, q = y
    m, n = np.shape(a)[-2:]
    k = min(m, n)
    last, low, top = q[..., -k:, :], r[..., -k:, -k:], d[..., -k:, :]
    inner = triangular(low, np.matmul(top, adjoint(last)), lower=False)
    strict = np.tril(inner, -1)
    skew = strict - adjoint(strict)
    if np.iscomplexobj(inner):  # LAPACK keeps the diagonal of R real
        skew = skew + scaled_eye(1j * np.imag(diagonal(inner)), k)
    last_dot = np.matmul(skew, last)
    if n > k:
        last_dot = last_dot + triangular(low, top, lower=False) - np.matmul(inner, last)
    r_dot = np.matmul(low, inner - skew)
    if m > k:
        above = np.matmul(d[..., :-k, :], adjoint(last)) + np.matmul(a[..., :-k, :], adjoint(last_dot))
        r_dot = np.concatenate([above, r_dot], axis=-2)
    if mode == "economic" or n == k:
        return r_dot, last_dot
    order = np.r_[n - k : n, : n - k]  # the rows that A determines first
    q_dot = adjoint(completed(adjoint(q[..., order, :]), adjoint(last_dot)))[..., np.argsort(order), :]
    return np.concatenate([np.zeros((*np.shape(a)[:-2], m, n - k)), r_dot], axis=-1), q_dot


RQ = rule(native(sl.rq), _push_rq, name="scipy.linalg.rq")


@replaces(sl.rq)
def _rq(
    a: Any, overwrite_a: bool = False, lwork: Any = None, mode: str = "full", check_finite: bool = True
) -> Any:  # fmt: skip
    found = apply(RQ, (as_array(a),), {"mode": "full" if mode == "r" else mode})
    return found[0] if mode == "r" else found


# ── P A Pᵀ = L D Lᴴ, D of blocks of one or two: L⁻¹ (P Ȧ Pᵀ) L⁻ᴴ = X D + Ḋ + D Xᴴ with X = L⁻¹L̇ outside the blocks ──


def _blocks(d: Any) -> Any:
    """Where the blocks of D are."""
    n = d.shape[-1]
    pair = np.diagonal(d, -1) != 0
    held = np.eye(n, dtype=bool)
    held[np.arange(1, n), np.arange(n - 1)] = held[np.arange(n - 1), np.arange(1, n)] = pair
    return held


def _push_ldl(dot: Any, y: Any, a: Any, lower: bool) -> tuple[Any, Any, Any]:
    outer, d, order = y
    held, order = decide(_blocks, d), np.asarray(look(order))
    n = np.shape(d)[-1]
    factor = outer[order]
    m_dot = from_triangle(dot, lower)[np.ix_(order, order)]
    half = triangular(factor, m_dot, lower=lower)
    inner = adjoint(triangular(factor, adjoint(half), lower=lower))
    x = np.where(held, 0.0, inner) * (np.tri(n) if lower else np.tri(n).T)
    x = mt(solved(mt(d), mt(x)))
    factor_dot = np.matmul(factor, x)
    return factor_dot[np.argsort(order)], np.where(held, inner, 0.0), np.zeros(n)


LDL = rule(native(sl.ldl), _push_ldl, name="scipy.linalg.ldl")


@replaces(sl.ldl)
def _ldl(
    A: Any, lower: bool = True, hermitian: bool = True, overwrite_a: bool = False, check_finite: bool = True
) -> Any:
    a = as_array(A)
    if np.iscomplexobj(concrete(a)) and not hermitian:
        raise refuse("scipy.linalg.ldl of a complex symmetric matrix", "use lu.")
    factor, d, order = apply(LDL, (a,), {"lower": bool(lower)})
    return factor, d, look(order)


# ── A = Q T Qᵀ: the unknowns of Ω, and the equations Ṫ must fulfil, are chosen by the form ──

Places = list[tuple[int, int]]


def _turned(d: Any, q: Any, t: Any, free: Places, keep: Callable[[Any], Any]) -> tuple[Any, Any]:
    """(Ṫ, Q̇): Ω has the free elements below its diagonal, and keep(Ṫ) vanishes, where T does not move."""
    n = np.shape(t)[-1]
    m = np.matmul(mt(q), np.matmul(d, q))
    if not free:
        return m, np.zeros((n, n))
    basis = np.zeros((len(free), n, n))
    i, j = np.transpose(free)
    basis[np.arange(len(free)), i, j], basis[np.arange(len(free)), j, i] = 1.0, -1.0
    moved = np.matmul(t, basis) - np.matmul(basis, t)
    omega = np.tensordot(solved(mt(keep(moved)), -keep(m)[:, None])[:, 0], basis, 1)
    return m + np.matmul(t, omega) - np.matmul(omega, t), np.matmul(q, omega)


def _schur_keep(t: Any) -> Callable[[Any], Any]:
    """What stays zero: all below the blocks, and the difference of the two diagonal elements of each."""
    n = t.shape[-1]
    below = [(i, j) for i in range(n) for j in range(i)]
    pairs = [i for i in range(n - 1) if t[i + 1, i] != 0]
    i, j = np.transpose([p for p in below if not (p[0] == p[1] + 1 and p[1] in pairs)] or np.zeros((0, 2), int))
    k = np.array(pairs, int)
    return lambda m: np.concatenate([m[..., i, j], m[..., k, k] - m[..., k + 1, k + 1]], axis=-1)


def _push_schur(d: Any, y: Any, a: Any, sort: Any) -> tuple[Any, ...]:
    n = np.shape(a)[-1]
    keep = _schur_keep(np.asarray(look(y[0])))
    t_dot, q_dot = _turned(d, y[1], y[0], [(i, j) for i in range(n) for j in range(i)], keep)
    return (t_dot, q_dot, np.zeros(())) if sort is not None else (t_dot, q_dot)


SCHUR = rule(native(sl.schur), _push_schur, name="scipy.linalg.schur")


@replaces(sl.schur)
def _schur(
    a: Any, output: str = "real", lwork: Any = None, overwrite_a: bool = False, sort: Any = None,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    a = as_array(a)
    if output not in ("real", "r") or np.iscomplexobj(concrete(a)):
        raise refuse("scipy.linalg.schur in complex form", "the phases of its vectors are arbitrary.\nUse eig.")
    found = apply(SCHUR, (a,), {"sort": sort})
    return found if sort is None else (*found[:2], look(found[2]))


def _push_hessenberg(d: Any, y: Any, a: Any, calc_q: bool) -> tuple[Any, Any]:
    n = np.shape(a)[-1]
    i, j = np.nonzero(np.tri(n, k=-2, dtype=bool))
    free = [(k, l) for k in range(2, n) for l in range(1, k)]  # the first column of Q is e₁
    return _turned(d, y[1], y[0], free, lambda m: m[..., i, j])


HESSENBERG = rule(native(sl.hessenberg), _push_hessenberg, name="scipy.linalg.hessenberg")


@replaces(sl.hessenberg)
def _hessenberg(a: Any, calc_q: bool = False, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    a = as_array(a)
    if np.iscomplexobj(concrete(a)):
        raise refuse("scipy.linalg.hessenberg of a complex matrix", "use eig.")
    found = apply(HESSENBERG, (a,), {"calc_q": True})
    return found if calc_q else found[0]
