"""scipy.linalg.blas and scipy.linalg.lapack with recorded values: their results, what they write to, what fails."""

import numpy as np
import pytest
import scipy.linalg as sl
from check import check
from scipy.linalg import blas, lapack

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

rng = np.random.default_rng(0)
A, B = rng.normal(size=(3, 3)) + 2 * np.eye(3), rng.normal(size=(3, 3))
X, Y = rng.normal(size=3), rng.normal(size=3)
SPD = A @ A.T + np.eye(3)
FACTOR = np.linalg.cholesky(SPD) + np.triu(B, 1)

CALLS = {
    "gemm": (lambda s, a, b: blas.dgemm(s, a, b, trans_a=1), 0.7, A, B),
    "gemm added": (lambda s, a, b, c: blas.dgemm(s, a, b, s * s, c, 0, 1), 0.7, A, B, SPD),
    "gemv": (lambda s, a, x, y: blas.dgemv(s, a, x, beta=s, y=y, trans=1), 0.7, A, X, Y),
    "symm": (lambda s, a, b: blas.dsymm(s, a, b), 0.7, A, B),
    "symm on the right": (lambda s, a, b: blas.dsymm(s, a, b, s, a, side=1, lower=1), 0.7, A, B),
    "symv": (lambda s, a, x: blas.dsymv(s, a, x, lower=1), 0.7, A, X),
    "syrk": (lambda s, a: blas.dsyrk(s, a[:, :2]), 0.7, A),
    "syrk added": (lambda s, a, c: blas.dsyrk(s, a, beta=s, c=c, trans=1, lower=1), 0.7, A, B),
    "syr": (lambda s, x: blas.dsyr(s, x), 0.7, X),
    "syr added": (lambda s, x, a: blas.dsyr(s, x, lower=1, a=a), 0.7, X, A),
    "ger": (lambda s, x, y, a: blas.dger(s, x, y) @ blas.dger(s, x, y, a=a), 0.7, X, Y, A),
    "trmm": (lambda s, a, b: blas.dtrmm(s, a, b, trans_a=1), 0.7, A, B),
    "trmm unit": (lambda s, a, b: blas.dtrmm(s, a, b, side=1, lower=1, diag=1), 0.7, A, B),
    "trsm": (lambda s, a, b: blas.dtrsm(s, a, b, lower=1), 0.7, A, B),
    "trsm on the right": (lambda s, a, b: blas.dtrsm(s, a, b, side=1, trans_a=1, diag=1), 0.7, A, B),
    "trsm on the right, lower": (lambda s, a, b: blas.dtrsm(s, a, b, side=1, lower=1), 0.7, A, B),
    "dot, norms": (lambda x, y: blas.ddot(x, y) * blas.dnrm2(x) + blas.dasum(y), X, Y),
    "axpy": (lambda s, x, y: blas.daxpy(x, y * 1.0, a=s), 0.7, X, Y),
    "scal": (lambda s, x: blas.dscal(s, x * 1.0), 0.7, X),
    "potrf": (lambda a: lapack.dpotrf(a)[0], SPD),
    "potrf lower": (lambda a: lapack.dpotrf(a, 1, 0)[0], SPD),
    "potrs": (lambda c, b: lapack.dpotrs(c, b, lower=1)[0], FACTOR, B),
    "potrs of a vector": (lambda c, x: lapack.dpotrs(c, x)[0], FACTOR.T, X),
    "potri": (lambda c: lapack.dpotri(c, lower=1)[0], FACTOR),
    "trtrs": (lambda a, b: lapack.dtrtrs(a, b, lower=1)[0], A, B),
    "trtrs of a vector": (lambda a, x: lapack.dtrtrs(a, x, trans=1, unitdiag=1)[0], A, X),
    "trtri": (lambda a: lapack.dtrtri(a)[0], A),
    "trtri unit": (lambda a: lapack.dtrtri(a, lower=1, unitdiag=1)[0], A),
    "getrf": (lambda a: lapack.dgetrf(a)[0], A),
    "getrs": (lambda a, x: lapack.dgetrs(*lapack.dgetrf(a)[:2], x)[0], A, X),
}


@pytest.mark.parametrize("name", CALLS)
def test_products_factors_and_solutions(name):
    f, *args = CALLS[name]
    check(f, *args, rtol=1e-6)


def written(a, x):
    c = np.asfortranarray(a.copy())
    blas.dgemm(1.0, a, a, beta=0.5, c=c, overwrite_c=1)
    d = c.copy(order="C")
    blas.dgemm(1.0, a, a, c=d, overwrite_c=True)  # SciPy copies it
    blas.daxpy(x, d[0], a=2.0)
    blas.dscal(x[0], x)
    y = x.copy()
    lapack.dtrtrs(c, y, overwrite_b=1)
    out = np.zeros((3, 3), order="F")
    out = blas.dsyrk(alpha=1.0, a=a, beta=0.0, c=out, overwrite_c=1, trans=0, lower=0)
    return c, d, x, y, out


def test_what_is_written_to():
    check(lambda a, x: written(a.copy(), x.copy()), A, X, rtol=1e-6)


def log_likelihood(x, y):
    K = np.exp(-0.5 * (x[:, None] - x) ** 2)
    jitter = 0.0
    L, info = lapack.dpotrf(np.asfortranarray(K - 0.5 * np.eye(3)), lower=1)
    while info > 0:
        jitter += 0.3
        L, info = lapack.dpotrf(np.asfortranarray(K + (jitter - 0.5) * np.eye(3)), lower=1)
    alpha, _ = lapack.dpotrs(L, y, lower=1)
    return -0.5 * blas.ddot(alpha, y) - np.sum(np.log(np.diag(L)))


def by_type(a, x):
    potrf, potrs = sl.get_lapack_funcs(("potrf", "potrs"), (a, x))
    gemm = sl.get_blas_funcs("gemm", (a,))
    assert potrf.typecode == gemm.typecode == "d"
    c, _ = potrf(gemm(1.0, a, a, trans_b=True))
    return potrs(c, x)[0]


@pytest.mark.parametrize("f", [log_likelihood, lambda x, y: by_type(A * x, y)])
def test_programs(f):
    check(f, X, Y, rtol=1e-6)
    total = lambda x: np.sum(f(x, Y))
    np.testing.assert_allclose(wg.jit(wg.grad(total))(X), wg.grad(total)(X), rtol=1e-12)


def test_single_precision():
    slope = wg.grad(lambda a: np.sum(lapack.spotrf(a)[0]))(SPD.astype(np.float32))
    assert slope.dtype == np.float32
    np.testing.assert_allclose(slope, wg.grad(lambda a: np.sum(lapack.dpotrf(a)[0]))(SPD), rtol=1e-4, atol=1e-5)


def test_no_slope_of_a_factor_that_was_not_found():
    assert np.all(np.isnan(wg.grad(lambda a: np.sum(lapack.dpotrf(a)[0]))(-SPD)))


def test_writing_to_an_array_outside_is_refused():
    outside = np.zeros((3, 3), order="F")
    with pytest.raises(LostDerivative):
        wg.grad(lambda a: blas.dgemm(1.0, a, a, c=outside, overwrite_c=1).sum())(A)


def test_what_is_not_described_is_refused():
    with pytest.raises(NoDerivative, match=r"no derivative of scipy\.linalg\.blas\.ddot with these arguments"):
        wg.grad(lambda x: blas.ddot(x, x, n=2))(X)
    with pytest.raises(NoDerivative, match=r"no derivative rule for scipy\.linalg\.blas\.drot"):
        wg.grad(lambda c: blas.drot(X, Y, c, 0.3)[0].sum())(0.5)
    with pytest.raises(NoDerivative, match=r"no derivative rule for scipy\.linalg\.lapack\.dgels"):
        wg.grad(lambda a: lapack.dgels(a, B)[1].sum())(A)
    with pytest.raises(TypeError, match="keyword"):
        wg.grad(lambda x: blas.ddot(x, x, steps=2))(X)


Z, W = A + 1j * A[::-1], B + 1j * B[::-1]
DRIVERS = {
    "gesv": lambda a: lapack.dgesv(a, B)[::2],
    "gesv of a vector": lambda a: lapack.dgesv(a, a[0])[2],
    "posv": lambda a: lapack.dposv(a @ a.T, B)[:2],
    "posv lower": lambda a: lapack.dposv(a @ a.T, B, lower=1)[:2],
    "syev": lambda a: lapack.dsyev(a)[0],
    "syev, one triangle": lambda a: lapack.dsyev(a, lower=1)[1] ** 2,
    "syevd": lambda a: lapack.dsyevd(a, 0)[0] * lapack.dsyevd(a)[1] ** 2,
    "getri": lambda a: lapack.dgetri(*lapack.dgetrf(a)[:2])[0],
}
COMPLEX = {
    "heev": lambda a: lapack.zheev(a * Z @ Z)[0],
    "heevd": lambda a: np.abs(lapack.zheevd(a * Z @ Z)[1]) ** 2,
    "gesv": lambda a: lapack.zgesv(a * Z, Z)[2],
    "posv": lambda a: lapack.zposv((a * Z) @ np.conj(a * Z).T, W)[:2],
    "gemm": lambda a: blas.zgemm(1.0, a * Z, Z, trans_b=2),
    "gemv": lambda a: blas.zgemv(2.0, a * Z, W[:, 0], trans=2),
    "symm": lambda a: blas.zsymm(1j, a * Z, W),
    "trmm": lambda a: blas.ztrmm(1j, a * Z, W, trans_a=2, diag=1),
    "trsm": lambda a: blas.ztrsm(1j, a * Z, W, trans_a=2),
    "trsm on the right": lambda a: blas.ztrsm(1j, a * Z, W.T, side=1, trans_a=2, lower=1),
    "dotu, dotc": lambda a: blas.zdotu(a[0] * Z[0], Z[1]) * blas.zdotc(a[0] * Z[0], Z[1]),
    "axpy, scal": lambda a: blas.zaxpy(a[0] * 1j, a[1] * Z[0], a=1j) + blas.zscal(1j, a[2] * Z[0]),
    "potrf": lambda a: lapack.zpotrf((a * Z) @ np.conj(a * Z).T)[0],
    "potrs": lambda a: lapack.zpotrs(a * Z, W)[0] + lapack.zpotrs(a * Z, W, 1)[0],
    "trtrs": lambda a: lapack.ztrtrs(a * Z, W, trans=2)[0],
    "getrs": lambda a: lapack.zgetrs(*lapack.zgetrf(a * Z)[:2], W, trans=2)[0],
}


@pytest.mark.parametrize("f", DRIVERS.values(), ids=DRIVERS)
def test_drivers(f):
    check(f, A, rtol=1e-6, h=1e-4)


@pytest.mark.parametrize("f", COMPLEX.values(), ids=COMPLEX)
def test_complex_matrices(f):
    check(f, A, rtol=1e-6, h=1e-4)


def test_drivers_write_where_they_are_told_to():
    def f(a):
        a, b = np.array(a, order="F"), np.array(B, order="F")
        lu, _, x, _ = lapack.dgesv(a, b, overwrite_a=1, overwrite_b=1)
        return np.sum(b * x) + np.sum(a * lu)

    check(f, A, rtol=1e-6, h=1e-4)


def test_no_slope_of_a_solution_that_was_not_found():
    assert np.all(np.isnan(wg.grad(lambda a: np.sum(lapack.dposv(a, B)[1]))(-SPD)))
    assert np.all(np.isnan(wg.grad(lambda a: np.sum(lapack.dgesv(a, B)[2]))(np.ones((3, 3)))))


def test_columns_are_vectors_and_vectors_columns():
    """BLAS reads a vector in the place of a matrix as one column, and a matrix of one column as a vector."""
    check(lambda a, x: blas.dgemm(1.0, a, x) + blas.dsymm(1.0, a, x) + blas.dsyrk(1.0, x)[:, :1], A, X, rtol=1e-6)
    check(lambda a, x: blas.dgemv(1.0, a, x[:, None]) + blas.dger(1.0, x[:, None], x)[0], A, X, rtol=1e-6)
    check(lambda x: blas.ddot(x[:, None], x[None]), X, rtol=1e-6)
    check(lambda a, x: blas.dtrsm(1.0, a, x) * blas.dtrmm(1.0, a, x), A, X, rtol=1e-6)


NOT_FITTING = {
    "the beginning of a longer vector": lambda a, x: blas.ddot(x[:2], x),
    "a longer vector than the matrix": lambda a, x: blas.dgemv(1.0, a[:, :2], x).sum(),
    "a longer vector that is added to": lambda a, x: blas.daxpy(x[:2], x * 1.0).sum(),
    "a vector that is added to a column": lambda a, x: blas.dgemm(1.0, a, x, 1.0, x).sum(),
    "a matrix as a vector": lambda a, x: blas.dger(1.0, a, x).sum(),
    "more rows than the triangle has": lambda a, x: lapack.dtrtrs(a[:2, :2], x)[0].sum(),
}


@pytest.mark.parametrize("name", NOT_FITTING)
def test_shapes_that_the_description_does_not_have_are_refused(name):
    f = NOT_FITTING[name]
    f(A, X)
    with pytest.raises(NoDerivative, match=r"no derivative of scipy\.linalg\.\w+\.\w+ with arguments of the shapes \("):
        wg.grad(f, argnums=(0, 1))(A, X)


def test_no_slope_of_a_solution_that_is_infinite():
    singular = np.diag([1.0, 0.0, 2.0])
    assert np.all(np.isnan(wg.grad(lambda b: np.sum(blas.dtrsm(1.0, singular, b)))(B)))


def test_what_is_refused_is_called_with_what_is_not_recorded():
    """Arrays that are made inside the function, and that nothing recorded was written to."""

    def f(x):
        a, b = np.eye(3) + 1.0, np.zeros(3)
        b[1] = 2.0
        turned = blas.drot(b, np.ones(3), 0.6, 0.8)[0]
        turned[0] += x[0]
        return np.sum(x * lapack.dgels(a, b)[1]) + np.sum(turned**2)

    check(f, X, rtol=1e-6)
