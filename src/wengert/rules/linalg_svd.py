"""np.linalg: singular values and vectors, QR.

Sources: Townsend, *Differentiating the singular value decomposition* (2016); Walter & Lehmann,
arXiv:1009.6112 (2010) for QR.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg._linalg import SVDResult  # type: ignore[attr-defined]

from wengert.record.apply import apply
from wengert.record.value import concrete
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_eigen import coincide, divided, reciprocal
from wengert.rules.linalg_triangular import (
    adjoint,
    conj,
    diagonal,
    mt,
    parts,
    scaled_eye,
    triangular,
)  # fmt: skip
from wengert.rules.table import handles, rule
from wengert.sweep.transpose import transpose

# ── A = u s vᴴ.  D = uᴴ Ȧ v:  ṡ = Re diag D,  G_ij = 1/(s_j² − s_i²) (Townsend 2016) ──
# u̇ = u (G∘(D s + s Dᴴ)) + (1 − u uᴴ) Ȧ v/s,   v̇ = v (G∘(s D + Dᴴ s)) + (1 − v vᴴ) Ȧᴴ u/s
# A singular value zero is a kink, like |x| at 0: its derivative there is the least one, zero.


def push_svd(d: Any, u: Any, s: Any, vh: Any) -> tuple[Any, Any, Any]:
    """Tangents of the thin singular value decomposition."""
    v, uh, row = adjoint(vh), adjoint(u), s[..., None, :]
    alive = ~vanishing(concrete(s), np.shape(d))
    m = np.matmul(np.matmul(uh, d), v)
    mh = adjoint(m)
    col, dead = s[..., :, None], coincide(concrete(s))
    squares = (row - col) * (row + col)
    inverse = reciprocal(s, ~alive)
    u_inner = divided(m * row + col * mh, squares, dead)
    v_inner = divided(col * m + mh * row, squares, dead)
    s_dot = np.where(alive, diagonal(m), 0.0)
    if np.iscomplexobj(m):
        u_inner = u_inner + scaled_eye(1j * np.imag(diagonal(m)) * inverse, np.shape(s)[-1])
        s_dot = np.real(s_dot)
    u_dot, v_dot = np.matmul(u, u_inner), np.matmul(v, v_inner)
    rows, columns = np.shape(d)[-2:]
    k = np.shape(s)[-1]
    if rows > k:
        dv = np.matmul(d, v) * inverse[..., None, :]
        u_dot = u_dot + dv - np.matmul(u, np.matmul(uh, dv))
    if columns > k:
        du = np.matmul(adjoint(d), u) * inverse[..., None, :]
        v_dot = v_dot + du - np.matmul(v, np.matmul(vh, du))
    return u_dot, s_dot, adjoint(v_dot)


def vanishing(s: Any, shape: tuple[int, ...]) -> Any:
    """Which singular values are zero to within rounding."""
    return s <= max(shape[-2:]) * np.finfo(s.dtype).eps * np.max(s, axis=-1, keepdims=True, initial=0.0)


def pull_values(c: Any, u: Any, s: Any, vh: Any) -> Any:
    """Ā = u diag(s̄) vᴴ."""
    dead = vanishing(concrete(s), (np.shape(u)[-2], np.shape(vh)[-1]))
    if np.any(dead):
        c = np.where(dead, 0.0, c)
    return conj(np.matmul(u * c[..., None, :], vh))


_transposed_svd = transpose(lambda d, y, a: push_svd(d, *y), 0)


def pull_svd(c: Any, y: Any, a: Any) -> Any:
    """The cotangent of A: by its values alone where that is all that is used."""
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    if given.get(0) is None and given.get(2) is None:
        return pull_values(given[1], *y)
    return _transposed_svd(tuple(parts(c, y)), y, a)


def svd(a: Any) -> Any:
    """The thin np.linalg.svd."""
    return np.linalg.svd(a, full_matrices=False)


def square_svd(a: Any) -> Any:
    """np.linalg.svd of a square matrix."""
    return np.linalg.svd(a)


def singular_values(a: Any) -> Any:
    """np.linalg.svd(a, compute_uv=False)."""
    return np.linalg.svd(a, compute_uv=False)


def push_singular_values(d: Any, y: Any, a: Any) -> Any:
    """ṡ = Re diag(uᴴ Ȧ v)."""
    u, s, vh = svd(a)
    m = np.sum(conj(u) * np.matmul(d, adjoint(vh)), axis=-2)
    dead = vanishing(concrete(s), np.shape(a))
    m = np.where(dead, 0.0, m) if np.any(dead) else m
    return np.real(m) if np.iscomplexobj(m) else m


SVD = rule(svd, lambda d, y, a: push_svd(d, *y), pull=(pull_svd,), name="numpy.linalg.svd")
SQUARE_SVD = rule(square_svd, lambda d, y, a: push_svd(d, *y), pull=(pull_svd,), name="numpy.linalg.svd")
SINGULAR_VALUES = rule(
    singular_values, push_singular_values, pull=(lambda c, y, a: pull_values(c, *svd(a)),), name="numpy.linalg.svd"
)


@handles(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    a = as_array(a)
    if hermitian:
        return _svd_of_hermitian(a, compute_uv)
    if not compute_uv:
        return apply(SINGULAR_VALUES, (a,))
    if not full_matrices:
        return apply(SVD, (a,))
    shape = np.shape(concrete(a))
    if len(shape) > 1 and shape[-1] != shape[-2]:
        raise refuse(
            "numpy.linalg.svd(full_matrices=True)",
            "the extra singular vectors of a rectangular matrix are arbitrary.\nPass full_matrices=False.",
        )
    return apply(SQUARE_SVD, (a,))


def _svd_of_hermitian(a: Any, compute_uv: bool) -> Any:
    """As NumPy does it: s = |w|, and the sign goes into vᴴ."""
    if not compute_uv:
        return np.sort(np.abs(np.linalg.eigvalsh(a)))[..., ::-1]
    w, v = np.linalg.eigh(a)
    order = np.argsort(np.abs(w))[..., ::-1]
    w, u = np.take_along_axis(w, order, -1), np.take_along_axis(v, order[..., None, :], -1)
    vh = np.conjugate(mt(u * np.sign(w)[..., None, :]))
    return SVDResult(u, np.abs(w), vh)


# ── A = Q R.  With B = Qᴴ Ȧ R⁻¹ and Ω = Lower(B) − Lower(B)ᴴ (strict; its diagonal keeps R's real): ──
# Ṙ = Qᴴ Ȧ − Ω R,   Q̇ = Q Ω + (1 − Q Qᴴ) Ȧ R⁻¹


def push_qr(d: Any, q: Any, r: Any) -> tuple[Any, Any]:
    """Tangents of the reduced factors; in a wide matrix the first columns determine Q."""
    rows, k = np.shape(q)[-2:]
    c = np.matmul(adjoint(q), d)
    square = r[..., :, :k]
    b = _right_solve(c[..., :, :k], square)
    low = np.tril(b, -1)
    omega = low - adjoint(low)
    if np.iscomplexobj(b):
        omega = omega + scaled_eye(1j * np.imag(diagonal(b)), k)
    q_dot = np.matmul(q, omega)
    if rows > k:
        q_dot = q_dot + _right_solve(d - np.matmul(q, c), square)
    return q_dot, c - np.matmul(omega, r)


def _right_solve(x: Any, r: Any) -> Any:
    """x r⁻¹ for an upper triangle r."""
    return mt(triangular(r, mt(x), lower=False, trans=True))


_transposed_qr = transpose(lambda d, y, a: push_qr(d, *y), 0)


def pull_qr(c: Any, y: Any, a: Any) -> Any:
    """The transpose of `push_qr`."""
    return _transposed_qr(tuple(parts(c, y)), y, a)


def qr(a: Any) -> Any:
    """The reduced np.linalg.qr."""
    return np.linalg.qr(a)


def complete_qr(a: Any) -> Any:
    """np.linalg.qr of mode complete, where that is the reduced one."""
    return np.linalg.qr(a, mode="complete")


def qr_triangle(a: Any) -> Any:
    """np.linalg.qr of mode r."""
    return np.linalg.qr(a, mode="r")


QR = rule(qr, lambda d, y, a: push_qr(d, *y), pull=(pull_qr,), name="numpy.linalg.qr")
COMPLETE_QR = rule(complete_qr, lambda d, y, a: push_qr(d, *y), pull=(pull_qr,), name="numpy.linalg.qr")
QR_TRIANGLE = rule(qr_triangle, lambda d, y, a: push_qr(d, *np.linalg.qr(a))[1], name="numpy.linalg.qr")


@handles(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    a = as_array(a)
    shape = np.shape(concrete(a))
    if mode == "reduced":
        return apply(QR, (a,))
    if mode == "r":
        return apply(QR_TRIANGLE, (a,))
    if mode == "complete" and (len(shape) < 2 or shape[-2] <= shape[-1]):
        return apply(COMPLETE_QR, (a,))
    raise refuse(f"numpy.linalg.qr(mode={mode!r})", "the extra columns of Q are arbitrary.\nUse mode='reduced'.")
