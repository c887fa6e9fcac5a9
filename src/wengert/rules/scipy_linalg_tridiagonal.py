"""scipy.linalg: eigenvalues of tridiagonal matrices, and the nearest orthogonal matrix, have NumPy's dense twins."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.observe import decide, look
from wengert.rules.described import described, plainly
from wengert.rules.scipy_linalg import as_array, refuse, replaces
from wengert.rules.scipy_linalg_eigen import nearest_orthogonal

_eigh, _procrustes = sl.eigh_tridiagonal, sl.orthogonal_procrustes


# ── eigenvalues of a symmetric tridiagonal matrix: those that are selected ──


def _dense(d: Any, e: Any) -> Any:
    return np.diag(d) + np.diag(e, 1) + np.diag(e, -1)


def _places(w: Any, select: Any, select_range: Any) -> Any:
    """The places of the eigenvalues that SciPy gives."""
    if select in ("a", 0):
        return slice(None)
    low, high = select_range
    return slice(low, high + 1) if select in ("i", 2) else look(decide(_within, w, low=low, high=high))


def _within(w: Any, low: float, high: float) -> Any:
    return (w > low) & (w <= high)


def _values(d: Any, e: Any, **options: Any) -> Any:
    return sl.eigvalsh_tridiagonal(d, e, **options)


def _dense_values(d: Any, e: Any, select: Any = "a", select_range: Any = None, **_: Any) -> Any:
    w = np.linalg.eigvalsh(_dense(d, e))
    return w[_places(w, select, select_range)]


def _values_with_vectors(d: Any, e: Any, **options: Any) -> Any:
    return _eigh(d, e, **options)[0]


def _vectors(d: Any, e: Any, **options: Any) -> Any:
    return _eigh(d, e, **options)[1]


def _dense_vectors(d: Any, e: Any, select: Any = "a", select_range: Any = None, **options: Any) -> Any:
    w, v = np.linalg.eigh(_dense(d, e))
    v = v[:, _places(w, select, select_range)]
    return v * decide(_signs, v, d, e, options={"select": select, "select_range": select_range, **options})


def _signs(v: Any, d: Any, e: Any, options: Any) -> Any:
    """Where SciPy's eigenvectors have the other sign."""
    return np.where(np.sum(v * plainly(_vectors)(d, e, **options), axis=0) < 0, -1.0, 1.0)


VALUES = described(_values, _dense_values, 2, "scipy.linalg.eigvalsh_tridiagonal")
VALUES_TOO = described(_values_with_vectors, _dense_values, 2, "scipy.linalg.eigh_tridiagonal, its values")
VECTORS = described(_vectors, _dense_vectors, 2, "scipy.linalg.eigh_tridiagonal")


def _options(select: Any, select_range: Any, check_finite: bool, tol: float, lapack_driver: str) -> dict[str, Any]:
    if tol:
        raise refuse("scipy.linalg.eigh_tridiagonal with tol=", "leave it out.")
    return {"select": select, "select_range": select_range, "lapack_driver": lapack_driver}


@replaces(sl.eigvalsh_tridiagonal)
def _eigvalsh_tridiagonal(
    d: Any, e: Any, select: Any = "a", select_range: Any = None, check_finite: bool = True, tol: float = 0.0,
    lapack_driver: str = "auto",
) -> Any:  # fmt: skip
    return VALUES(as_array(d), as_array(e), **_options(select, select_range, check_finite, tol, lapack_driver))


@replaces(sl.eigh_tridiagonal)
def _eigh_tridiagonal(
    d: Any, e: Any, eigvals_only: bool = False, select: Any = "a", select_range: Any = None, check_finite: bool = True,
    tol: float = 0.0, lapack_driver: str = "auto",
) -> Any:  # fmt: skip
    options = _options(select, select_range, check_finite, tol, lapack_driver)
    d, e = as_array(d), as_array(e)
    if eigvals_only:
        return VALUES(d, e, **options)
    return VALUES_TOO(d, e, **options), VECTORS(d, e, **options)


# ── the orthogonal R that brings A R nearest to B:  Bᵀ A = (U W Vᵀ)ᵀ,  R = U Vᵀ  (Schönemann 1966) ──


def sum_of_singular_values(m: Any) -> Any:
    """Σ wᵢ of a square matrix, also where they are equal; where some are zero, with the slope of least norm."""
    if look(np.linalg.matrix_rank(m)) < np.shape(m)[-1]:
        return np.sum(np.linalg.svd(m, compute_uv=False))
    return np.sum(nearest_orthogonal(m) * m)


ROTATION = described(
    lambda a, b: _procrustes(a, b)[0], lambda a, b: nearest_orthogonal(a.T @ b), 2, "scipy.linalg.orthogonal_procrustes"
)
SCALE = described(
    lambda a, b: _procrustes(a, b)[1], lambda a, b: sum_of_singular_values(a.T @ b), 2,
    "scipy.linalg.orthogonal_procrustes, its scale",
)  # fmt: skip


@replaces(sl.orthogonal_procrustes)
def _orthogonal_procrustes(A: Any, B: Any, check_finite: bool = True) -> Any:
    a, b = as_array(A), as_array(B)
    if np.iscomplexobj(a) or np.iscomplexobj(b):
        raise refuse("scipy.linalg.orthogonal_procrustes of complex matrices", "write it with numpy.linalg.svd.")
    return ROTATION(a, b), SCALE(a, b)
