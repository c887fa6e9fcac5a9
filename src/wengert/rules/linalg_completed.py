"""Orthonormal bases completed to whole spaces: the full SVD and the full QR of rectangular matrices.

Let U = (U₁ U₂), where A determines U₁ and U₂ is some orthonormal basis of what is left. UᴴU = 1 gives
U₁ᴴU̇₂ = −U̇₁ᴴU₂; the rest of U̇₂ turns U₂ within its span, by which no function of that span changes:

    U̇₂ = −U₁ U̇₁ᴴ U₂.

A single real U₂ is determined but for its sign, so this is its derivative (the null vector of a homography).
Of several, a function has a derivative if it does not change when they are turned: if U₂ᵀŪ₂ is
Hermitian. Otherwise the cotangent is NaN, as is the tangent of several such vectors; what is computed of them may
have one all the same (`sweep.turned`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.value import stopped
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_svd import (
    QR,
    QR_TRIANGLE,
    SINGULAR_VALUES,
    SVD,
    pull_qr,
    pull_svd,
    push_qr,
    push_svd,
    svd_of_hermitian,
)
from wengert.rules.linalg_tied import TURNED_SVD, angles, any_equal
from wengert.rules.linalg_triangular import adjoint, conj, like, mt, parts
from wengert.rules.table import handles, rule
from wengert.sweep.ties import TIED, turning
from wengert.sweep.turned import TURNED, least


def completed(u: Any, first_dot: Any) -> Any:
    """U̇ from U and the tangent of its first columns."""
    k = np.shape(first_dot)[-1]
    first, rest = u[..., :k], u[..., k:]
    rest_dot = -np.matmul(first, np.matmul(adjoint(first_dot), rest))
    if _is_free(rest) and not least.now:
        rest_dot = rest_dot + np.where(np.any(stopped(first_dot) != 0), np.nan, 0.0)
    return np.concatenate([first_dot, rest_dot], axis=-1)


def determined(u_bar: Any, u: Any, k: int) -> Any:
    """The transpose of `completed`: the cotangent of the first k columns."""
    if np.shape(u)[-1] == k:
        return u_bar
    first, rest, rest_bar = u[..., :k], u[..., k:], u_bar[..., k:]
    if _is_free(rest):
        rest_bar = np.where(decide(_turns, rest_bar, rest), np.nan, rest_bar)
    return u_bar[..., :k] - conj(np.matmul(rest, np.matmul(mt(rest_bar), first)))


def _is_free(rest: Any) -> bool:
    """Whether the columns can be turned continuously."""
    return np.shape(rest)[-1] > 1 or (np.iscomplexobj(rest) and np.shape(rest)[-1] > 0)


def _turns(rest_bar: Any, rest: Any) -> Any:
    """Whether turning the columns among themselves changes what has this cotangent, by more than rounding, which grows
    with the condition of what was computed of them."""
    m = np.matmul(np.swapaxes(rest.conj(), -1, -2), np.conj(rest_bar))
    size = np.max(np.abs(rest_bar), axis=(-2, -1), keepdims=True, initial=0.0)
    skew = np.max(np.abs(m - np.swapaxes(m.conj(), -1, -2)), axis=(-2, -1), keepdims=True, initial=0.0)
    return skew > rest.shape[-2] * np.finfo(size.dtype).eps ** (5 / 8) * size


def push_full_svd(d: Any, u: Any, s: Any, vh: Any) -> tuple[Any, Any, Any]:
    """Tangents of the full singular value decomposition."""
    k = np.shape(s)[-1]
    u_dot, s_dot, vh_dot = push_svd(d, u[..., :k], s, vh[..., :k, :])
    return completed(u, u_dot), s_dot, adjoint(completed(adjoint(vh), adjoint(vh_dot)))


def pull_full_svd(c: Any, y: Any, a: Any) -> Any:
    """The cotangent of A; where no vector is used, by the values alone."""
    u, s, vh = y
    k = np.shape(s)[-1]
    thin = u[..., :k], s, vh[..., :k, :]
    given: dict[int, Any] = dict(c if isinstance(c, dict) else enumerate(c))
    if given.get(0) is not None:
        given[0] = determined(given[0], u, k)
    if given.get(2) is not None:
        given[2] = adjoint(determined(adjoint(given[2]), adjoint(vh), k))
    return pull_svd(given, thin, a)


def push_full_qr(d: Any, q: Any, r: Any) -> tuple[Any, Any]:
    """Tangents of the full factors."""
    n = min(np.shape(r)[-2:])
    q_dot, r_dot = push_qr(d, q[..., :n], r[..., :n, :])
    return completed(q, q_dot), np.concatenate([r_dot, 0.0 * r[..., n:, :]], axis=-2)


def pull_full_qr(c: Any, y: Any, a: Any) -> Any:
    """The transpose of `push_full_qr`."""
    q, r = y
    n = min(np.shape(r)[-2:])
    q_bar, r_bar = parts(c, y)
    thin = determined(q_bar, q, n), r_bar[..., :n, :]
    return like(pull_qr(thin, (q[..., :n], r[..., :n, :]), a), a)


def full_svd(a: Any) -> Any:
    """The full np.linalg.svd."""
    return np.linalg.svd(a)


def full_qr(a: Any) -> Any:
    """np.linalg.qr of mode complete."""
    return np.linalg.qr(a, mode="complete")


FULL_SVD = rule(full_svd, lambda d, y, a: push_full_svd(d, *y), pull=(pull_full_svd,), name="numpy.linalg.svd")
FULL_QR = rule(full_qr, lambda d, y, a: push_full_qr(d, *y), pull=(pull_full_qr,), name="numpy.linalg.qr")


# ── tangents of the columns that are left: K skew-Hermitian turns them, U₁ M moves them otherwise ──


def _moves(u: Any, k: int) -> tuple[Any, Any]:
    draw = np.random.default_rng(0).normal(size=(np.shape(u)[-1], np.shape(u)[-1] - k)) * (1.0 + 0.0 * u[..., :1, k:])
    draw = draw + 1j * draw[::-1] if np.iscomplexobj(u) else draw
    free = draw[..., k:, :]
    turned, other = np.matmul(u[..., k:], free - adjoint(free)), np.matmul(u[..., :k], draw[..., :k, :])
    still = 0.0 * u[..., :k]
    return np.concatenate([still, turned], axis=-1), np.concatenate([still, other], axis=-1)


def moves_of_svd(y: Any) -> tuple[Any, Any]:
    """A turning of the vectors that belong to no singular value, and another movement of them."""
    u, s, vh = y
    left, right = _moves(u, np.shape(s)[-1]), _moves(adjoint(vh), np.shape(s)[-1])
    first, second = [(left[k], 0.0 * s, adjoint(right[k])) for k in (0, 1)]
    return first, second


def moves_of_qr(y: Any) -> tuple[Any, Any]:
    """A turning of the columns beyond those of the matrix, and another movement of them."""
    found = _moves(y[0], min(np.shape(y[1])[-2:]))
    rest = [np.zeros(np.shape(part)) for part in y[1:]]
    return (found[0], *rest), (found[1], *rest)


TURNED[FULL_SVD], TURNED[FULL_QR] = moves_of_svd, moves_of_qr
TIED[FULL_SVD] = any_equal


@handles(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    a = as_array(a)
    if hermitian:
        return svd_of_hermitian(a, compute_uv)
    if not compute_uv:
        return apply(SINGULAR_VALUES, (a,))
    if turning.rec is not None and (not full_matrices or np.shape(a)[-1] == np.shape(a)[-2]):
        theta = angles(a, real=True)
        if theta is not None:
            return apply(TURNED_SVD, (a, theta), {"of": lambda a: np.linalg.svd(a, full_matrices=False)})
    return apply(FULL_SVD if full_matrices else SVD, (a,))


@handles(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    a = as_array(a)
    row = {"reduced": QR, "complete": FULL_QR, "r": QR_TRIANGLE}.get(mode)
    if row is None:
        raise refuse(f"numpy.linalg.qr(mode={mode!r})", "it holds reflectors, not Q.\nUse mode='reduced'.")
    return apply(row, (a,))
