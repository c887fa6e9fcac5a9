"""np.linalg: singular values and vectors, QR.

Sources: Townsend, *Differentiating the singular value decomposition* (2016); Walter & Lehmann,
arXiv:1009.6112 (2010) for QR.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import _umath_linalg  # type: ignore[attr-defined]
from numpy.linalg._linalg import SVDResult  # type: ignore[attr-defined]

from wengert.ir.row import HANDLERS
from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.value import is_value, stopped
from wengert.rules.linalg_eigen import between, coincide, columns_over, divided, second_derivatives
from wengert.rules.linalg_triangular import (
    adjoint,
    conj,
    diagonal,
    like,
    mt,
    parts,
    scaled_eye,
    symmetric,
    triangular,
)  # fmt: skip
from wengert.rules.table import rule
from wengert.sweep.transpose import transpose

# ── A = u s vᴴ.  D = uᴴ Ȧ v:  ṡ = Re diag D,  G_ij = 1/(s_j² − s_i²) (Townsend 2016) ──
# u̇ = u (G∘(D s + s Dᴴ)) + (1 − u uᴴ) Ȧ v/s,   v̇ = v (G∘(s D + Dᴴ s)) + (1 − v vᴴ) Ȧᴴ u/s
# A singular value zero is a kink, like |x| at 0: its derivative there is the least one, zero.


def push_svd(d: Any, u: Any, s: Any, vh: Any) -> tuple[Any, Any, Any]:
    """Tangents of the thin singular value decomposition."""
    v, uh, row = adjoint(vh), adjoint(u), s[..., None, :]
    gone = vanishing(stopped(s), np.shape(d))
    m = np.matmul(np.matmul(uh, d), v)
    mh = adjoint(m)
    col, dead = s[..., :, None], decide(coincide, s)
    squares = (row - col) * (row + col)
    u_inner = divided(m * row + col * mh, squares, dead)
    v_inner = divided(col * m + mh * row, squares, dead)
    s_dot = np.where(gone, 0.0, diagonal(m))
    if np.iscomplexobj(m):
        u_inner = u_inner + columns_over(scaled_eye(1j * np.imag(diagonal(m)), np.shape(s)[-1]), s, gone)
        s_dot = np.real(s_dot)
    u_dot, v_dot = np.matmul(u, u_inner), np.matmul(v, v_inner)
    rows, columns = np.shape(d)[-2:]
    k = np.shape(s)[-1]
    if rows > k:
        u_dot = u_dot + columns_over(np.matmul(d, v) - np.matmul(u, m), s, gone)
    if columns > k:
        v_dot = v_dot + columns_over(np.matmul(adjoint(d), u) - np.matmul(v, mh), s, gone)
    return u_dot, s_dot, adjoint(v_dot)


def vanishing(s: Any, shape: tuple[int, ...]) -> Any:
    """Which singular values are zero to within rounding."""
    return s <= max(shape[-2:]) * np.finfo(s.dtype).eps * np.max(s, axis=-1, keepdims=True, initial=0.0)


def pull_values(c: Any, u: Any, s: Any, vh: Any, a: Any) -> Any:
    """Ā = u diag(s̄) vᴴ, so that its derivative is right where singular values coincide or vanish."""
    plain = stopped(s)
    gone = vanishing(plain, (np.shape(u)[-2], np.shape(vh)[-1]))
    many = decide(coincide, s).sum(-1) > 1
    if is_value(a) and np.any(gone | many):
        return conj(apply(SINGULAR, (c, a), {"second": second_derivatives(c, s, gone | many)}))
    return conj(_scaled(np.where(gone, 0.0, c) if np.any(gone) else c, u, vh))


def _scaled(h: Any, u: Any, vh: Any) -> Any:
    return np.matmul(u * h[..., None, :], vh)


# ── gradients of functions of singular values alone: y = u diag(h) vᴴ, h = ∂F/∂s ──
# With M = uᴴ Ȧ v:  ẏ = u (diag ḣ + B∘sym M + C∘skew M) vᴴ + (1 − u uᴴ) Ȧ v (h/s) vᴴ + u (h/s) uᴴ Ȧ (1 − v vᴴ),
# B_ij = (h_i − h_j)/(s_i − s_j) off the diagonal, C_ij = (h_i + h_j)/(s_i + s_j). Where s_i = s_j the
# limit of B is ∂ᵢ∂ᵢF − ∂ᵢ∂ⱼF; where both vanish (F is then even, if smooth) that of C is
# ∂ᵢ∂ᵢF + ∂ᵢ∂ⱼF, that of h_i/s_i is ∂ᵢ∂ᵢF, and this is also B_ii, for ṡ_i is taken as zero there.


def singular(h: Any, a: Any, second: Any) -> Any:
    """u diag(h) vᴴ with the singular vectors of a."""
    u, s, vh = svd(a)
    return _scaled(np.where(vanishing(stopped(s), np.shape(a)), 0.0, h), u, vh)


def _push_singular(d: Any, y: Any, h: Any, a: Any, second: Any) -> Any:
    u, s, vh = svd(a)
    v, own = adjoint(vh), diagonal(second)
    gone, dead = vanishing(stopped(s), np.shape(a)), decide(coincide, s)
    both = gone[..., :, None] & gone[..., None, :]
    row, col, h = s[..., None, :], s[..., :, None], np.where(gone, 0.0, h)
    minus = np.where(dead, 1.0, row - col)
    b = np.where(dead, between(second, -1.0), (h[..., None, :] - h[..., :, None]) / minus)
    b = b * (1.0 - np.eye(np.shape(s)[-1])) + scaled_eye(np.where(gone, own, 0.0), np.shape(s)[-1])
    plus = np.where(both, 1.0, row + col)
    c = np.where(both, between(second, 1.0), (h[..., None, :] + h[..., :, None]) / plus)
    ratio = np.where(gone, own, h / np.where(gone, 1.0, s))[..., None, :]
    c = np.where(np.eye(np.shape(s)[-1], dtype=bool), ratio, c)
    m = np.matmul(np.matmul(adjoint(u), d), v)
    skew = 0.5 * (m - adjoint(m))
    y_dot = np.matmul(np.matmul(u, b * symmetric(m) + c * skew), vh)
    left = np.matmul((np.matmul(d, v) - np.matmul(u, m)) * ratio, vh)
    right = np.matmul(u * ratio, np.matmul(adjoint(u), d) - np.matmul(m, vh))
    return y_dot + left + right


SINGULAR = rule(
    singular,
    lambda d, y, h, a, second: singular(d, a, second),
    _push_singular,
    pull=(
        lambda c, y, h, a, second: push_singular_values(conj(c), None, a),
        lambda c, y, h, a, second: conj(_push_singular(conj(c), y, h, a, second)),  # it is its own adjoint
    ),
    name="numpy.linalg.svdvals",
)


def pull_svd(c: Any, y: Any, a: Any) -> Any:
    """The cotangent of A: by its values alone where that is all that is used."""
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    if given.get(0) is None and given.get(2) is None:
        return pull_values(given[1], y[0], y[1], y[2], a)
    return like(_pull_vectors(*parts(c, y), *y), a)


def _pull_vectors(u_bar: Any, s_bar: Any, vh_bar: Any, u: Any, s: Any, vh: Any) -> Any:
    """The transpose of `push_svd`, term by term: Ā = u D̄ vᴴ and what lies outside the two spans."""
    v, k = adjoint(vh), np.shape(s)[-1]
    u_bar, v_bar = conj(u_bar), adjoint(conj(vh_bar))
    row, col, dead = s[..., None, :], s[..., :, None], decide(coincide, s)
    squares = (row - col) * (row + col)
    gone = vanishing(stopped(s), (np.shape(u)[-2], np.shape(v)[-2]))
    x, z = np.matmul(adjoint(u), u_bar), np.matmul(vh, v_bar)
    p, q = divided(x, squares, dead, back=True), divided(z, squares, dead, back=True)
    inner = (p + adjoint(p)) * row + col * (q + adjoint(q)) + scaled_eye(np.where(gone, 0.0, s_bar), k)
    if np.iscomplexobj(x):
        inner = inner + columns_over(scaled_eye(1j * np.imag(diagonal(x)), k), s, gone)
    a_bar = np.matmul(np.matmul(u, inner), vh)
    if np.shape(u)[-2] > k:
        outside = u_bar - np.matmul(u, x)
        a_bar = a_bar + np.matmul(columns_over(outside, s, gone), vh)
    if np.shape(v)[-2] > k:
        outside = v_bar - np.matmul(v, z)
        a_bar = a_bar + np.matmul(u, adjoint(columns_over(outside, s, gone)))
    return conj(a_bar)


def svd(a: Any) -> Any:
    """The thin np.linalg.svd."""
    return np.linalg.svd(a, full_matrices=False)


def singular_values(a: Any) -> Any:
    """np.linalg.svd(a, compute_uv=False)."""
    return np.linalg.svd(a, compute_uv=False)


def push_singular_values(d: Any, y: Any, a: Any) -> Any:
    """ṡ = Re diag(uᴴ Ȧ v)."""
    u, s, vh = svd(a)
    m = np.sum(conj(u) * np.matmul(d, adjoint(vh)), axis=-2)
    dead = vanishing(stopped(s), np.shape(a))
    m = np.where(dead, 0.0, m) if np.any(dead) else m
    return np.real(m) if np.iscomplexobj(m) else m


def pull_singular_values(c: Any, y: Any, a: Any) -> Any:
    """Ā of the singular values y alone."""
    u, _, vh = svd(a)
    return pull_values(c, u, y, vh, a)


SVD = rule(svd, lambda d, y, a: push_svd(d, *y), pull=(pull_svd,), name="numpy.linalg.svd")
SINGULAR_VALUES = rule(singular_values, push_singular_values, pull=(pull_singular_values,), name="numpy.linalg.svd")


def raw_singular_values(a: Any) -> Any:
    """What NumPy 2.5's cond computes: NaN where np.linalg.svd raises."""
    with np.errstate(all="ignore"):
        return _umath_linalg.svd(a)


RAW_SINGULAR_VALUES = rule(
    raw_singular_values, push_singular_values, pull=(pull_singular_values,), name="numpy.linalg.svd"
)
HANDLERS[_umath_linalg.svd] = lambda a, signature=None: apply(RAW_SINGULAR_VALUES, (a,))


def svd_of_hermitian(a: Any, compute_uv: bool) -> Any:
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
    # of a square matrix the last column has no part in this: it may depend on the others
    n = k - 1 if rows == k and not np.iscomplexobj(r) else k
    b = np.concatenate([_right_solve(c[..., :, :n], square[..., :n, :n]), 0.0 * c[..., :, n:k]], axis=-1)
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


def qr_triangle(a: Any) -> Any:
    """np.linalg.qr of mode r."""
    return np.linalg.qr(a, mode="r")


QR = rule(qr, lambda d, y, a: push_qr(d, *y), pull=(pull_qr,), name="numpy.linalg.qr")
QR_TRIANGLE = rule(qr_triangle, lambda d, y, a: push_qr(d, *np.linalg.qr(a))[1], name="numpy.linalg.qr")
