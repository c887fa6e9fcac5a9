"""scipy.linalg: matrices built from vectors, banded, Toeplitz and circulant systems, norms."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.apply import apply
from wengert.record.value import concrete, is_value
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_norm import pull_euclidean, push_euclidean
from wengert.rules.linalg_triangular import column, conj, like, mt, uncolumn
from wengert.rules.scipy_linalg import native, replaces, scipy
from wengert.rules.table import rule, variadic

# ── functions that only move elements: where each one goes is asked of SciPy, with positions for values ──


def moved(original: Any, arrays: list[Any], **params: Any) -> Any:
    """original(*arrays), where every element of the result is an element of the arrays, or zero."""
    arrays = [np.atleast_1d(as_array(a)) for a in arrays]
    plain = [concrete(a) for a in arrays]
    dtype = original(*plain, **params).dtype
    positions, start = [], 1
    for a in plain:
        positions.append(np.arange(start, start + a.size, dtype=float).reshape(a.shape))
        start += a.size
    places = np.asarray(original(*[concrete(p) for p in positions], **params)).astype(int)
    flat = np.concatenate([np.zeros(1, dtype), *[np.ravel(a) for a in arrays]])
    return flat[places].astype(dtype, copy=False)


@replaces(sl.block_diag)
def _block_diag(*arrs: Any) -> Any:
    return moved(scipy.block_diag, list(arrs))


@replaces(sl.toeplitz)
def _toeplitz(c: Any, r: Any = None) -> Any:
    return moved(scipy.toeplitz, [c, np.conjugate(as_array(c)) if r is None else r])


@replaces(sl.hankel)
def _hankel(c: Any, r: Any = None) -> Any:
    return moved(scipy.hankel, [c] if r is None else [c, r])


@replaces(sl.circulant)
def _circulant(c: Any) -> Any:
    return moved(scipy.circulant, [c])


@replaces(sl.leslie)
def _leslie(f: Any, s: Any) -> Any:
    return moved(scipy.leslie, [f, s])


@replaces(sl.convolution_matrix)
def _convolution_matrix(a: Any, n: int, mode: str = "full") -> Any:
    return moved(scipy.convolution_matrix, [a], n=int(n), mode=mode)


@replaces(sl.diagsvd)
def _diagsvd(s: Any, M: int, N: int) -> Any:
    return moved(scipy.diagsvd, [s], M=int(M), N=int(N))


@replaces(sl.fiedler)
def _fiedler(a: Any) -> Any:
    a = np.atleast_1d(as_array(a))
    return np.abs(a[..., :, None] - a[..., None, :])


# ── norm: SciPy calls BLAS for vectors and NumPy for the rest ──

NORM = rule(
    native(sl.norm, lambda f, a, axis, keepdims, options: f(a, axis=axis, keepdims=keepdims, **options)),
    push_euclidean,
    pull=(pull_euclidean,),
    name="scipy.linalg.norm",
)


@replaces(sl.norm)
def _norm(a: Any, ord: Any = None, axis: Any = None, keepdims: bool = False, check_finite: bool = True) -> Any:
    a = as_array(a)
    if (
        axis is None
        and not keepdims
        and np.ndim(concrete(a)) == 1
        and (ord is None or (ord == 2 and not is_value(ord)))
    ):
        return apply(NORM, (a,), {"axis": None, "keepdims": False, "options": {} if ord is None else {"ord": ord}})
    return np.linalg.norm(a, ord, axis, keepdims)


# ── A x = b with A given by its diagonals, ab[u + i − j, j] = A_ij ──


def band_product(l: int, u: int, ab: Any, x: Any) -> Any:
    """A x."""
    n = np.shape(x)[-2]
    total: Any = np.zeros(np.shape(x))
    for k in range(-l, u + 1):  # the diagonal j − i = k
        if abs(k) < n:  # a small matrix may have fewer diagonals than its band
            j = slice(max(k, 0), n + min(k, 0))
            part = ab[u - k, j][:, None] * x[j]
            pad = [(max(-k, 0), max(k, 0)), (0, 0)]
            total = total + np.pad(part, pad)
    return total


def band_outer(l: int, u: int, left: Any, right: Any) -> Any:
    """The diagonals of left rightᵀ, stored as `ab` is."""
    n = np.shape(left)[-2]
    lines = []
    for k in range(u, -l - 1, -1):
        i, j = slice(max(-k, 0), n + min(-k, 0)), slice(max(k, 0), n + min(k, 0))
        inside = abs(k) < n
        lines.append(np.pad(np.sum(left[i] * right[j], axis=-1), (max(k, 0), max(-k, 0))) if inside else np.zeros(n))
    return np.stack(lines)


def band_transposed(l: int, u: int, ab: Any) -> Any:
    """The diagonals of Aᵀ, of which there are l above and u below."""
    n = np.shape(ab)[-1]
    lines = []
    for k in range(-l, u + 1):
        j = slice(max(k, 0), n + min(k, 0))
        lines.append(np.pad(ab[u - k, j], (max(-k, 0), max(k, 0))) if abs(k) < n else np.zeros(n))
    return np.stack(lines)


def _push_banded(dots: list[Any], x: Any, ab: Any, b: Any, l_and_u: tuple[int, int]) -> Any:
    ab_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if ab_dot is not None:
        right = right - band_product(*l_and_u, ab_dot, column(x, vector))
    return uncolumn(_banded_op(ab, right, l_and_u=l_and_u), vector)


def _pull_banded(c: Any, x: Any, ab: Any, b: Any, l_and_u: tuple[int, int]) -> list[Any]:
    vector = np.ndim(b) == 1
    l, u = l_and_u
    b_bar = _banded_op(band_transposed(l, u, ab), column(c, vector), l_and_u=(u, l))
    return [like(-band_outer(l, u, b_bar, column(x, vector)), ab), like(uncolumn(b_bar, vector), b)]


_banded_op = native(sl.solve_banded, lambda f, ab, b, l_and_u: f(l_and_u, ab, b))
SOLVE_BANDED = variadic(_banded_op, _push_banded, _pull_banded, reads=True, name="scipy.linalg.solve_banded")


@replaces(sl.solve_banded)
def _solve_banded(
    l_and_u: Any, ab: Any, b: Any, overwrite_ab: bool = False, overwrite_b: bool = False, check_finite: bool = True
) -> Any:
    l, u = (int(k) for k in l_and_u)
    ab, b = as_array(ab), as_array(b)
    if np.ndim(concrete(ab)) != 2:
        raise refuse("scipy.linalg.solve_banded", "stacks of matrices are not differentiated.")
    return apply(SOLVE_BANDED, (ab, b), {"l_and_u": (l, u)})


def _whole_band(ab: Any, lower: bool) -> tuple[int, Any]:
    """All diagonals of the Hermitian matrix of which the upper or lower ones are given."""
    u = np.shape(ab)[0] - 1
    other = band_transposed(0, u, conj(ab)) if not lower else band_transposed(u, 0, conj(ab))
    diag = ab[0:1] if lower else ab[u:]
    diag = np.real(diag) if np.iscomplexobj(diag) else diag
    return u, np.concatenate([other[:-1], diag, ab[1:]] if lower else [ab[:-1], diag, other[1:]])


def _push_hermitian(dots: list[Any], x: Any, ab: Any, b: Any, lower: bool) -> Any:
    ab_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if ab_dot is not None:
        u, whole = _whole_band(ab_dot, lower)
        right = right - band_product(u, u, whole, column(x, vector))
    return uncolumn(_hermitian_op(ab, right, lower=lower), vector)


def _pull_hermitian(c: Any, x: Any, ab: Any, b: Any, lower: bool) -> list[Any]:
    vector = np.ndim(b) == 1
    b_bar = _hermitian_op(ab, conj(column(c, vector)), lower=lower)
    u = np.shape(ab)[0] - 1
    xs, l_and_u = column(x, vector), ((u, 0) if lower else (0, u))
    # Ā = −b̄ xᴴ; an element off the diagonal stands for itself and its mirror image: Ā + Āᴴ
    a_bar = -band_outer(*l_and_u, b_bar, conj(xs)) - band_outer(*l_and_u, xs, conj(b_bar))
    half = np.ones((u + 1, 1))
    half[0 if lower else u] = 0.5
    return [like(conj(a_bar * half), ab), like(conj(uncolumn(b_bar, vector)), b)]


_hermitian_op = native(sl.solveh_banded)
SOLVEH_BANDED = variadic(_hermitian_op, _push_hermitian, _pull_hermitian, reads=True, name="scipy.linalg.solveh_banded")


@replaces(sl.solveh_banded)
def _solveh_banded(
    ab: Any, b: Any, overwrite_ab: bool = False, overwrite_b: bool = False, lower: bool = False,
    check_finite: bool = True,
) -> Any:  # fmt: skip
    ab, b = as_array(ab), as_array(b)
    if np.ndim(concrete(ab)) != 2:
        raise refuse("scipy.linalg.solveh_banded", "stacks of matrices are not differentiated.")
    return apply(SOLVEH_BANDED, (ab, b), {"lower": bool(lower)})


# ── T x = b with a Toeplitz matrix: the transpose has row and column exchanged ──


def _push_toeplitz(dots: list[Any], x: Any, c: Any, r: Any, b: Any) -> Any:
    vector = np.ndim(b) == 1
    right: Any = 0.0 if dots[2] is None else column(dots[2], vector)
    if dots[0] is not None or dots[1] is not None:
        c_dot = np.zeros(np.shape(c)) if dots[0] is None else dots[0]
        r_dot = np.zeros(np.shape(r)) if dots[1] is None else dots[1]
        right = right - np.matmul(_matrix(c_dot, r_dot), column(x, vector))
    return uncolumn(_toeplitz_op(c, r, right), vector)


def _matrix(c: Any, r: Any) -> Any:
    n = np.shape(c)[-1]
    k = np.arange(n)[:, None] - np.arange(n)
    return np.where(k >= 0, c[np.maximum(k, 0)], r[np.maximum(-k, 0)])


def _pull_toeplitz(cot: Any, x: Any, c: Any, r: Any, b: Any) -> list[Any]:
    vector = np.ndim(b) == 1
    n = np.shape(c)[-1]
    first = np.arange(n) == 0
    b_bar = _toeplitz_op(np.where(first, c, r), np.where(first, c, c), column(cot, vector))
    t_bar = -np.matmul(b_bar, mt(column(x, vector)))
    c_bar = np.stack([np.trace(t_bar, offset=-k) for k in range(n)])
    r_bar = np.stack([np.zeros(()) if k == 0 else np.trace(t_bar, offset=k) for k in range(n)])
    return [like(c_bar, c), like(r_bar, r), like(uncolumn(b_bar, vector), b)]


_toeplitz_op = native(sl.solve_toeplitz, lambda f, c, r, b: f((c, r), b))
SOLVE_TOEPLITZ = variadic(_toeplitz_op, _push_toeplitz, _pull_toeplitz, reads=True, name="scipy.linalg.solve_toeplitz")


@replaces(sl.solve_toeplitz)
def _solve_toeplitz(c_or_cr: Any, b: Any, check_finite: bool = True) -> Any:
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, np.conjugate(as_array(c_or_cr)))
    c, r, b = as_array(c), as_array(r), as_array(b)
    if np.ndim(concrete(c)) != 1 or np.ndim(concrete(b)) > 2:
        raise refuse("scipy.linalg.solve_toeplitz", "stacks of matrices are not differentiated.")
    return apply(SOLVE_TOEPLITZ, (c, r, b))


# ── T x: bilinear in (c, r) and x ──


def _toeplitz_full(c: Any, r: Any) -> Any:
    m, n = np.shape(c)[-1], np.shape(r)[-1]
    k = np.arange(m)[:, None] - np.arange(n)
    return np.where(k >= 0, c[np.clip(k, 0, m - 1)], r[np.clip(-k, 0, n - 1)])


def _push_product(dots: list[Any], y: Any, c: Any, r: Any, x: Any) -> Any:
    vector = np.ndim(x) == 1
    total: Any = 0.0
    if dots[0] is not None or dots[1] is not None:
        c_dot = np.zeros(np.shape(c)) if dots[0] is None else dots[0]
        r_dot = np.zeros(np.shape(r)) if dots[1] is None else dots[1]
        total = uncolumn(np.matmul(_toeplitz_full(c_dot, r_dot), column(x, vector)), vector)
    return total if dots[2] is None else total + _product_op(c, r, dots[2])


def _pull_product(cot: Any, y: Any, c: Any, r: Any, x: Any) -> list[Any]:
    vector = np.ndim(x) == 1
    cot, xs = column(cot, vector), column(x, vector)
    t_bar = np.matmul(cot, mt(xs))
    c_bar = np.stack([np.trace(t_bar, offset=-k) for k in range(np.shape(c)[-1])])
    r_bar = np.stack([np.zeros(()) if k == 0 else np.trace(t_bar, offset=k) for k in range(np.shape(r)[-1])])
    x_bar = np.matmul(mt(_toeplitz_full(c, r)), cot)
    return [like(c_bar, c), like(r_bar, r), like(uncolumn(x_bar, vector), x)]


_product_op = native(sl.matmul_toeplitz, lambda f, c, r, x: f((c, r), x))
MATMUL_TOEPLITZ = variadic(_product_op, _push_product, _pull_product, reads=True, name="scipy.linalg.matmul_toeplitz")


@replaces(sl.matmul_toeplitz)
def _matmul_toeplitz(c_or_cr: Any, x: Any, check_finite: bool = False, workers: Any = None) -> Any:
    c, r = c_or_cr if isinstance(c_or_cr, tuple) else (c_or_cr, np.conjugate(as_array(c_or_cr)))
    c, r, x = as_array(c), as_array(r), as_array(x)
    if np.ndim(concrete(c)) != 1 or np.ndim(concrete(x)) > 2:
        raise refuse("scipy.linalg.matmul_toeplitz", "stacks of matrices are not differentiated.")
    return apply(MATMUL_TOEPLITZ, (c, r, x))
