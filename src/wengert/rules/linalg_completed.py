"""Orthonormal bases completed to whole spaces: the full SVD and the full QR of rectangular matrices.

Let U = (U₁ U₂), where A determines U₁ and U₂ is some orthonormal basis of what is left. UᴴU = 1 gives
U₁ᴴU̇₂ = −U̇₁ᴴU₂; the rest of U̇₂ turns U₂ within its span, by which no function of that span changes:

    U̇₂ = −U₁ U̇₁ᴴ U₂.

A single real U₂ is determined but for its sign, so this is its derivative (the null vector of a homography).
Of several, a function has a derivative if it does not change when they are turned: if U₂ᵀŪ₂ is
Hermitian. Otherwise the cotangent is NaN, as is the tangent of several such vectors.
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
from wengert.rules.linalg_triangular import adjoint, conj, like, mt, parts
from wengert.rules.table import handles, rule


def completed(u: Any, first_dot: Any) -> Any:
    """U̇ from U and the tangent of its first columns."""
    k = np.shape(first_dot)[-1]
    first, rest = u[..., :k], u[..., k:]
    rest_dot = -np.matmul(first, np.matmul(adjoint(first_dot), rest))
    if _is_free(rest):
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
    """Whether turning the columns among themselves changes what has this cotangent, by more than rounding."""
    m = np.matmul(np.swapaxes(rest.conj(), -1, -2), np.conj(rest_bar))
    size = np.max(np.abs(rest_bar), axis=(-2, -1), keepdims=True, initial=0.0)
    skew = np.max(np.abs(m - np.swapaxes(m.conj(), -1, -2)), axis=(-2, -1), keepdims=True, initial=0.0)
    return skew > 64 * rest.shape[-2] * np.finfo(size.dtype).eps * size


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
        given[2] = adjoint(conj(determined(conj(adjoint(given[2])), adjoint(vh), k)))
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


@handles(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    a = as_array(a)
    if hermitian:
        return svd_of_hermitian(a, compute_uv)
    if not compute_uv:
        return apply(SINGULAR_VALUES, (a,))
    return apply(FULL_SVD if full_matrices else SVD, (a,))


@handles(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    a = as_array(a)
    row = {"reduced": QR, "complete": FULL_QR, "r": QR_TRIANGLE}.get(mode)
    if row is None:
        raise refuse(f"numpy.linalg.qr(mode={mode!r})", "it holds reflectors, not Q.\nUse mode='reduced'.")
    return apply(row, (a,))
