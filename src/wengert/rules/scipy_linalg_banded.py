"""scipy.linalg: matrices kept as bands, and functions that SciPy composes of others.

Their values are SciPy's; the derivative is that of the same function of the dense matrix.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as _linalg

from wengert.record.state import compute
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_linalg import refuse, replaces
from wengert.rules.solved import renewed, still

sl: Any = _linalg


def dense(ab: Any, lower: bool) -> Any:
    """The symmetric or Hermitian matrix of which one half is kept as bands."""
    half = triangle(ab, lower)
    return half + np.conj(np.transpose(half)) - np.diag(np.diagonal(half))


def triangle(ab: Any, lower: bool) -> Any:
    """The triangular matrix that is kept as bands."""
    u, n = np.shape(concrete(ab))[0] - 1, np.shape(concrete(ab))[1]
    diagonals = [ab[k, : n - k] if lower else ab[u - k, k:] for k in range(u + 1)]
    return sum([np.diag(d, -k if lower else k) for k, d in enumerate(diagonals)])


def bands(T: Any, ab: Any, lower: bool) -> Any:
    """The bands of a triangle; where they have nothing, what LAPACK leaves there: the elements of ab."""
    u, n = np.shape(concrete(ab))[0] - 1, np.shape(concrete(ab))[1]
    rows = [np.diagonal(T, -k if lower else k) for k in range(u + 1)]
    if lower:
        return np.stack([np.concatenate([row, ab[k, n - k :]]) for k, row in enumerate(rows)])
    return np.stack([np.concatenate([ab[u - k, :k], row]) for k, row in enumerate(rows)][::-1])


def _run(original: Any, args: Any, kwargs: Any) -> Any:
    return compute(original, tuple(map(still, args)), {key: still(value) for key, value in kwargs.items()})


def _given(names: str, args: Any, kwargs: Any) -> dict[str, Any]:
    return dict(zip(names.split(), args, strict=False)) | kwargs


@replaces(sl.cholesky_banded)
def _cholesky_banded(*args: Any, **kwargs: Any) -> Any:
    given = _given("ab overwrite_ab lower check_finite", args, kwargs)
    ab, lower = as_array(given["ab"]), bool(given.get("lower", False))
    L = np.linalg.cholesky(dense(ab, lower))
    factor = bands(L if lower else np.conj(np.transpose(L)), ab, lower)
    return renewed(_run(sl.cholesky_banded, args, kwargs), factor)


@replaces(sl.cho_solve_banded)
def _cho_solve_banded(*args: Any, **kwargs: Any) -> Any:
    given = _given("cb_and_lower b overwrite_b check_finite", args, kwargs)
    cb, lower = given["cb_and_lower"]
    T, b = triangle(as_array(cb), lower), as_array(given["b"])
    turned = np.conj(np.transpose(T))
    A = np.matmul(T, turned) if lower else np.matmul(turned, T)
    return renewed(_run(sl.cho_solve_banded, args, kwargs), np.linalg.solve(A, b))


# ── eigenvalues ──


def _eigen(A: Any, found: Any, only: bool) -> Any:
    """The pairs of a symmetric matrix that SciPy found, with its signs."""
    w, v = np.linalg.eigh(A)
    values = found if only else found[0]
    where = np.argmin(np.abs(concrete(still(w)) - np.asarray(values)[:, None]), axis=1)
    if only:
        return renewed(values, w[where])
    signs = np.sign(np.sum(found[1] * np.conj(concrete(still(v))[:, where]), axis=0).real)
    return renewed(values, w[where]), renewed(found[1], v[:, where] * np.where(signs == 0, 1.0, signs))


def _banded(original: Any, only: bool) -> None:
    @replaces(original)
    def eigen(*args: Any, **kwargs: Any) -> Any:
        given = _given("a_band lower" + (" eigvals_only" if not only else ""), args, kwargs)
        A = dense(as_array(given["a_band"]), bool(given.get("lower", False)))
        return _eigen(A, _run(original, args, kwargs), only or bool(given.get("eigvals_only", False)))


_banded(sl.eig_banded, False)
_banded(sl.eigvals_banded, True)


# ── compositions ──


@replaces(sl.expm_frechet)
def _expm_frechet(A: Any, E: Any, method: Any = None, compute_expm: bool = True, check_finite: bool = True) -> Any:
    """The upper right block of exp of ((A, E), (0, A)). Source: Van Loan, IEEE TAC 23 (1978)."""
    a, e = as_array(A), as_array(E)
    n = np.shape(concrete(a))[0]
    whole = sl.expm(np.block([[a, e], [np.zeros((n, n)), a]]))
    plain = compute(sl.expm_frechet, (still(a), still(e)), None)
    both = renewed(plain[0], whole[:n, :n]), renewed(plain[1], whole[:n, n:])
    return both if compute_expm else both[1]


@replaces(sl.subspace_angles)
def _subspace_angles(A: Any, B: Any) -> Any:
    """arccos of the singular values of Q_Aᵀ Q_B, or arcsin of those of Q_B − Q_A Q_Aᵀ Q_B, whichever is exact;
    Q_A has no fewer columns. Source: Knyazev and Argentati (2002)."""
    plain = _run(sl.subspace_angles, (A, B), {})
    if np.any(np.abs(plain) < 1e-8):
        raise refuse("scipy.linalg.subspace_angles", "an angle is 0, where it has a kink.")
    bases = [np.linalg.qr(as_array(x))[0] for x in (A, B)]
    qb, qa = sorted(bases, key=lambda q: np.shape(concrete(q))[1])
    cosines = np.linalg.svd(np.matmul(np.conj(np.transpose(qa)), qb), compute_uv=False)
    low = plain < np.pi / 4
    if not np.any(low):
        return renewed(plain, np.arccos(cosines[::-1][: plain.size]))
    rest = qb - np.matmul(qa, np.matmul(np.conj(np.transpose(qa)), qb))
    sines = np.linalg.svd(rest, compute_uv=False)[: plain.size]
    near = np.where(low, 0.5, cosines[::-1][: plain.size])
    return renewed(plain, np.where(low, np.arcsin(np.where(low, sines, 0.5)), np.arccos(near)))
