"""scipy.linalg: eigenvalues, also generalised, singular values, QR and the polar decomposition."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.value import concrete
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_completed import (
    moves_of_qr,
    moves_of_svd,
    pull_full_qr,
    pull_full_svd,
    push_full_qr,
    push_full_svd,
)
from wengert.rules.linalg_eigen import over_gaps, pull_eig, pull_eigh, push_eig, push_eigh
from wengert.rules.linalg_svd import pull_singular_values, push_singular_values
from wengert.rules.linalg_tied import TURNED_EIG, TURNED_EIGH, TURNED_SVD, angles, any_equal
from wengert.rules.linalg_triangular import (
    adjoint,
    conj,
    diagonal,
    from_triangle,
    like,
    mt,
    parts,
    scaled_eye,
    solved,
    symmetric,
    to_triangle,
)  # fmt: skip
from wengert.rules.pairs import recordable
from wengert.rules.scipy_linalg import native, replaces
from wengert.rules.scipy_linalg_functions import sylvester
from wengert.rules.table import rule, variadic
from wengert.sweep.ties import TIED, VALUES, turning
from wengert.sweep.turned import TURNED

# ── A v = v w, A Hermitian ──


def _given(c: Any) -> dict[int, Any]:
    return c if isinstance(c, dict) else dict(enumerate(c))


def _push_values(d: Any, y: Any, lower: bool) -> Any:
    return push_eigh(d, y[0], y[1], lower)[0]


_eigh_op = native(sl.eigh)
EIGH = rule(
    _eigh_op,
    lambda d, y, a, lower, driver: push_eigh(d, y[0], y[1], lower),
    pull=(lambda c, y, a, lower, driver: pull_eigh(_given(c).get(0), _given(c).get(1), y[0], y[1], a, lower),),
    name="scipy.linalg.eigh",
)
TIED[EIGH] = any_equal
EIGVALSH = rule(
    native(sl.eigh, lambda f, a, lower, driver: f(a, lower=lower, driver=driver, eigvals_only=True)),
    lambda d, y, a, lower, driver: _push_values(d, _eigh_op(a, lower=lower), lower),
    pull=(lambda c, y, a, lower, driver: pull_eigh(c, None, y, _eigh_op(a, lower=lower)[1], a, lower),),
    name="scipy.linalg.eigvalsh",
)

# ── A v = B v w with vᴴ B v = 1.  M_ij = vᵢᴴ (Ȧ − w_j Ḃ) v_j:  ẇ = diag M,  v̇ = v (F∘M − ½ diag(vᴴ Ḃ v)) ──


def _push_general(dots: list[Any], y: Any, a: Any, b: Any, lower: bool) -> Any:
    w, v = y
    vh = adjoint(v)
    m: Any = 0.0
    shrink: Any = 0.0
    if dots[0] is not None:
        m = np.matmul(vh, np.matmul(from_triangle(dots[0], lower), v))
    if dots[1] is not None:
        n = np.matmul(vh, np.matmul(from_triangle(dots[1], lower), v))
        m = m - n * w[..., None, :]
        shrink = 0.5 * v * np.real(diagonal(n))[..., None, :]
    return np.real(diagonal(m)), np.matmul(v, over_gaps(m, w)) - shrink


def _pull_general(c: Any, y: Any, a: Any, b: Any, lower: bool) -> list[Any]:
    w, v = y
    w_bar, v_bar = parts(c, y)
    inner = np.matmul(adjoint(v), conj(v_bar))
    m = over_gaps(inner, w) + scaled_eye(w_bar, np.shape(w)[-1])
    n = m * w[..., None, :] + scaled_eye(0.5 * np.real(diagonal(inner)), np.shape(w)[-1])
    spread = [np.matmul(np.matmul(v, k), adjoint(v)) for k in (m, -n)]
    return [like(conj(to_triangle(symmetric(k), lower)), x) for k, x in zip(spread, (a, b), strict=True)]


EIGH_GENERAL = variadic(
    native(sl.eigh, lambda f, a, b, lower: f(a, b, lower=lower)),
    _push_general,
    _pull_general,
    reads=True,
    name="scipy.linalg.eigh",
)


_general_op = native(sl.eigh, lambda f, a, b, lower: f(a, b, lower=lower))
EIGVALSH_GENERAL = variadic(
    native(sl.eigh, lambda f, a, b, lower: f(a, b, lower=lower, eigvals_only=True)),
    lambda dots, y, a, b, lower: _push_general(dots, _general_op(a, b, lower=lower), a, b, lower)[0],
    lambda c, y, a, b, lower: _pull_general((c, None), _general_op(a, b, lower=lower), a, b, lower),
    reads=True,
    name="scipy.linalg.eigvalsh",
)


@replaces(sl.eigh)
def _eigh(
    a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False, overwrite_a: bool = False,
    overwrite_b: bool = False, type: int = 1, check_finite: bool = True, subset_by_index: Any = None,
    subset_by_value: Any = None, driver: Any = None,
) -> Any:  # fmt: skip
    if subset_by_index is not None or subset_by_value is not None:
        raise refuse("scipy.linalg.eigh with a subset", "compute all eigenvalues and index the result.")
    if b is None:
        theta = None if turning.rec is None or eigvals_only else angles(a)
        if theta is not None:
            of = lambda a: _eigh_op(a, lower=bool(lower), driver=driver)
            return apply(TURNED_EIGH, (as_array(a), theta), {"lower": bool(lower), "of": of})
        return apply(EIGVALSH if eigvals_only else EIGH, (as_array(a),), {"lower": bool(lower), "driver": driver})
    if type != 1:
        raise refuse(f"scipy.linalg.eigh(type={type})", "only type 1, A v = w B v, has one.")
    row = EIGVALSH_GENERAL if eigvals_only else EIGH_GENERAL
    return apply(row, (as_array(a), as_array(b)), {"lower": bool(lower)})


@replaces(sl.eigvalsh)
def _eigvalsh(a: Any, b: Any = None, **options: Any) -> Any:
    return _eigh(a, b, eigvals_only=True, **options)


# ── A v = v w in general ──

_eig_op = native(sl.eig)
EIG = rule(_eig_op, lambda d, y, a: push_eig(d, *y), pull=(pull_eig,), name="scipy.linalg.eig")
TIED[EIG] = any_equal
EIGVALS = rule(
    native(sl.eigvals),
    lambda d, y, a: push_eig(d, *_eig_op(a))[0],
    pull=(lambda c, y, a: pull_eig((c, None), _eig_op(a), a),),
    name="scipy.linalg.eigvals",
)


@replaces(sl.eig)
def _eig(
    a: Any, b: Any = None, left: bool = False, right: bool = True, overwrite_a: bool = False,
    overwrite_b: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False,
) -> Any:  # fmt: skip
    if b is not None or left or homogeneous_eigvals:
        raise refuse("scipy.linalg.eig with b, left or homogeneous_eigvals", "only right eigenvectors have one.")
    theta = angles(a) if right and turning.rec is not None else None
    if theta is not None:
        return apply(TURNED_EIG, (as_array(a), theta), {"of": _eig_op})
    return apply(EIG, (as_array(a),)) if right else apply(EIGVALS, (as_array(a),))


@replaces(sl.eigvals)
def _eigvals(
    a: Any, b: Any = None, overwrite_a: bool = False, check_finite: bool = True, homogeneous_eigvals: bool = False
) -> Any:
    return _eig(a, b, right=False, homogeneous_eigvals=homogeneous_eigvals)


# ── A = u s vᴴ ──


_svd_op = native(sl.svd)
SVD = rule(
    _svd_op,
    lambda d, y, a, **params: push_full_svd(d, *y),
    pull=(lambda c, y, a, **params: pull_full_svd(c, y, a),),
    name="scipy.linalg.svd",
)
SVDVALS = rule(
    native(sl.svd, lambda f, a, lapack_driver: f(a, compute_uv=False, lapack_driver=lapack_driver)),
    lambda d, y, a, lapack_driver: push_singular_values(d, y, a),
    pull=(lambda c, y, a, lapack_driver: pull_singular_values(c, y, a),),
    name="scipy.linalg.svdvals",
)


@replaces(sl.svd)
def _svd(
    a: Any, full_matrices: bool = True, compute_uv: bool = True, overwrite_a: bool = False,
    check_finite: bool = True, lapack_driver: str = "gesdd",
) -> Any:  # fmt: skip
    a = as_array(a)
    if not compute_uv:
        return apply(SVDVALS, (a,), {"lapack_driver": lapack_driver})
    theta = (
        angles(a, real=True)
        if turning.rec is not None and (not full_matrices or np.shape(a)[0] == np.shape(a)[1])
        else None
    )
    if theta is not None:
        of = lambda a: _svd_op(a, full_matrices=False, lapack_driver=lapack_driver)
        return apply(TURNED_SVD, (a, theta), {"of": of})
    return apply(SVD, (a,), {"full_matrices": bool(full_matrices), "lapack_driver": lapack_driver})


@replaces(sl.svdvals)
def _svdvals(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return _svd(a, compute_uv=False)


# ── A[:, p] = Q R ──


def _columns(a: Any, y: Any) -> Any:
    """The columns in the order in which pivoting took them."""
    return a if len(y) < 3 else np.take_along_axis(a, look(y[2])[..., None, :], -1)


def _uncolumns(a: Any, y: Any) -> Any:
    return a if len(y) < 3 else np.take_along_axis(a, np.argsort(look(y[2]), axis=-1)[..., None, :], -1)


def _push_qr(d: Any, y: Any, a: Any, **params: Any) -> Any:
    return (*push_full_qr(_columns(d, y), y[0], y[1]), *[np.zeros(np.shape(p)) for p in y[2:]])


def _pull_qr(c: Any, y: Any, a: Any, **params: Any) -> Any:
    given = _given(c)
    return _uncolumns(pull_full_qr({0: given.get(0), 1: given.get(1)}, y[:2], a), y)


_qr_op = native(sl.qr)
QR = rule(_qr_op, _push_qr, pull=(_pull_qr,), name="scipy.linalg.qr")
TIED[SVD] = any_equal
VALUES.update((EIGVALSH, EIGVALS, SVDVALS))
TURNED[SVD], TURNED[QR] = moves_of_svd, moves_of_qr


@replaces(sl.qr)
def _qr(
    a: Any, overwrite_a: bool = False, lwork: Any = None, mode: str = "full", pivoting: bool = False,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    a = as_array(a)
    m, n = np.shape(concrete(a))[-2:]
    if mode == "raw":
        raise refuse(f"scipy.linalg.qr(mode={mode!r})", "it holds reflectors, not Q.\nUse mode='economic'.")
    if mode != "r":
        return apply(QR, (a,), {"mode": mode, "pivoting": bool(pivoting)})
    _, r, *p = apply(QR, (a,), {"mode": "economic", "pivoting": bool(pivoting)})
    if m > n:
        r = np.concatenate([r, np.zeros((*np.shape(concrete(r))[:-2], m - n, n), concrete(r).dtype)], axis=-2)
    return (r, *p)


# ── A = U P: with N = Uᴴ Ȧ,  P X + X P = N − Nᴴ,  U̇ = U X + (1 − U Uᴴ) Ȧ P⁻¹,  Ṗ = N − X P ──


def _push_polar(d: Any, y: Any, a: Any, side: str) -> Any:
    u, p = y
    if side == "left":  # A = P U  ⇔  Aᴴ = Uᴴ P
        u_dot, p_dot = _push_polar(adjoint(d), (adjoint(u), p), adjoint(a), "right")
        return adjoint(u_dot), p_dot
    n = np.matmul(adjoint(u), d)
    x = sylvester(p, p, n - adjoint(n))
    u_dot = np.matmul(u, x)
    if np.shape(u)[-2] > np.shape(u)[-1]:
        u_dot = u_dot + adjoint(solved(p, adjoint(d - np.matmul(u, n))))
    return u_dot, n - np.matmul(x, p)


POLAR = rule(native(sl.polar), _push_polar, name="scipy.linalg.polar")


@replaces(sl.polar)
def _polar(a: Any, side: str = "right") -> Any:
    a = as_array(a)
    m, n = np.shape(concrete(a))[-2:]
    if (m < n and side == "right") or (m > n and side == "left"):
        raise refuse("scipy.linalg.polar", "the factor P of a rectangular matrix is singular on this side.")
    return apply(POLAR, (a,), {"side": side})


# ── the orthogonal matrix C nearest to A. CᵀA is symmetric, so that its derivative is that of a polar factor: the ──
# singular vectors may be those of equal singular values. A rotation where A has a negative determinant is U diag(1, …,
# 1, −1) Vᵀ (Kabsch 1976), and CᵀA has then one negative eigenvalue.


def _nearest(a: Any, rotation: bool) -> Any:
    u, _, vh = np.linalg.svd(a)
    if rotation and np.linalg.det(u @ vh) < 0:
        u[:, -1] = -u[:, -1]
    return u @ vh


def _skew(p: Any, k: Any) -> Any:
    """The skew-symmetric X with P X + X P = K − Kᵀ, for a symmetric P. By K is judged what is a rounding error."""
    w, q = np.linalg.eigh(0.5 * (p + mt(p)))
    m, sums = np.matmul(mt(q), np.matmul(k, q)), w[:, None] + w
    size, m = np.max(np.abs(m), initial=0.0), m - mt(m)
    np.fill_diagonal(sums, 1.0)
    dead = np.abs(sums) <= len(w) * np.finfo(sums.dtype).eps * np.max(np.abs(w), initial=0.0)
    lost = dead & (np.abs(m) > 1e-10 * size)
    x = np.where(lost, np.nan, np.where(dead, 0.0, m / np.where(dead, 1.0, sums)))
    y = np.matmul(q, np.matmul(x, mt(q)))
    return 0.5 * (y - mt(y))


skew = recordable(_skew)


def _pull_of_p(c: Any, x: Any, p: Any, k: Any) -> Any:
    z = skew(p, 0.5 * c)
    return symmetric(np.matmul(z, x) + np.matmul(x, z))


# P X + X P = K − Kᵀ  ⇒  P Ẋ + Ẋ P = K̇ − K̇ᵀ − Ṗ X − X Ṗ, and K ↦ X is its own transpose
rule(
    skew,
    lambda d, x, p, k: -skew(p, np.matmul(symmetric(d), x)),
    lambda d, x, p, k: skew(p, d),
    pull=(_pull_of_p, lambda c, x, p, k: skew(p, c)),
    name="the skew-symmetric solution of P X + X P = K",
)


def _push_nearest(d: Any, y: Any, a: Any, rotation: bool) -> Any:
    return np.matmul(y, skew(np.matmul(mt(y), a), np.matmul(mt(y), d)))


NEAREST = rule(recordable(_nearest), _push_nearest, name="the nearest orthogonal matrix")


def nearest_orthogonal(a: Any, rotation: bool = False) -> Any:
    """The orthogonal matrix, or the rotation, that is nearest to a real square matrix."""
    return apply(NEAREST, (a,), {"rotation": rotation})
