"""scipy.linalg: every function that is differentiated, against differences, in every mode."""

import inspect
import sys
import types

import numpy as np
import pytest
import scipy.linalg as sl
from check import check

import wengert as wg

rng = np.random.default_rng(11)


def mirrored(a):
    return a + np.swapaxes(a, -1, -2)


def spd(n):
    a = rng.normal(size=(n, n))
    return a @ a.T + n * np.eye(n)


A3 = 0.3 * rng.normal(size=(3, 3)) + np.diag([1.0, 2.0, 3.0])
A4 = 0.3 * rng.normal(size=(4, 4)) + np.diag([1.0, 2.0, 3.0, 4.0])
A23 = 0.3 * rng.normal(size=(2, 3, 3)) + np.diag([1.0, 2.0, 3.0])
C3 = A3 + 0.2j * rng.normal(size=(3, 3))
B3 = rng.normal(size=3)
B32 = rng.normal(size=(3, 2))
S3 = spd(3)
H3 = mirrored(A3)
HC = C3 + C3.conj().T + 4 * np.eye(3)
TALL = rng.normal(size=(4, 3))
WIDE = rng.normal(size=(2, 3))
BAND = rng.normal(size=(4, 5)) + np.array([[0.0], [0], [4], [0]])
HBAND = np.array([[0.0, 0.3, -0.2, 0.4], [3.0, 4.0, 3.5, 5.0]])
V5 = rng.normal(size=5)


def solving(**options):
    return lambda a, b: sl.solve(a, b, **options)


CASES = {
    "solve": (sl.solve, A3, B3),
    "solve matrix": (sl.solve, A3, B32),
    "solve stack": (sl.solve, A23, B32),
    "solve complex": (sl.solve, C3, B32),
    "solve transposed": (solving(transposed=True), A3, B3),
    "solve gen": (solving(assume_a="gen"), A3, B3),
    "solve sym": (solving(assume_a="sym"), A3, B3),
    "solve sym lower": (solving(assume_a="sym", lower=True), A3, B32),
    "solve sym complex": (solving(assume_a="sym"), C3, B32),
    "solve her": (solving(assume_a="her"), HC, B3 + 1j),
    "solve pos": (solving(assume_a="pos"), S3, B3),
    "solve pos lower complex": (solving(assume_a="pos", lower=True), HC, B32),
    "solve triangle": (solving(assume_a="upper triangular"), A3, B3),
    "solve lower triangle": (solving(assume_a="lower triangular"), A3, B3),
    "solve diagonal": (solving(assume_a="diagonal"), A3, B3),
    "solve tridiagonal": (solving(assume_a="tridiagonal"), A4, A4[0]),
    "solve 1x1": (sl.solve, np.array([[3.0]]), np.array([2.0])),
    "inv": (sl.inv, A3),
    "inv stack": (sl.inv, A23),
    "inv pos": (lambda a: np.triu(sl.inv(a, assume_a="pos")), S3),
    "det": (sl.det, A3),
    "det stack": (sl.det, A23),
    "pinv": (sl.pinv, TALL),
    "pinv rank": (lambda a: sl.pinv(a, return_rank=True)[0] * a[0, 0], WIDE),
    "pinvh": (sl.pinvh, H3),
    "pinvh upper": (lambda a: sl.pinvh(a, lower=False), H3),
    "cholesky": (sl.cholesky, S3),
    "cholesky lower": (lambda a: sl.cholesky(a, lower=True), S3),
    "cholesky complex": (sl.cholesky, HC),
    "cho_factor": (lambda a: sl.cho_factor(a)[0], S3),
    "cho_factor lower": (lambda a: sl.cho_factor(a, lower=True)[0], S3),
    "cho_solve": (lambda a, b: sl.cho_solve(sl.cho_factor(a), b), S3, B3),
    "cho_solve lower": (lambda a, b: sl.cho_solve((np.linalg.cholesky(a), True), b), S3, B32),
    "cho_solve factor": (lambda c, b: sl.cho_solve((c, False), b), S3, B32),
    "cho_solve complex": (lambda c, b: sl.cho_solve((c, False), b), C3, B32),
    "cho_solve complex lower": (lambda c, b: sl.cho_solve((c, True), b), C3, B3),
    "solve_triangular": (sl.solve_triangular, A3, B3),
    "solve_triangular lower": (lambda a, b: sl.solve_triangular(a, b, lower=True), A3, B32),
    "solve_triangular T": (lambda a, b: sl.solve_triangular(a, b, trans="T"), A3, B32),
    "solve_triangular T lower unit": (lambda a, b: sl.solve_triangular(a, b, trans=1, lower=True, unit_diagonal=True), A3, B3),
    "solve_triangular C": (lambda a, b: sl.solve_triangular(a, b, trans=2), C3, B3),
    "solve_triangular complex": (lambda a, b: sl.solve_triangular(a, b, trans=0), C3, B3),
    "solve_triangular stack": (lambda a, b: sl.solve_triangular(a, b), A23, A23[:, :, :2]),
    "lu": (lambda a: sl.lu(a)[1:], A3),
    "lu permuted tall": (lambda a: sl.lu(a, permute_l=True), TALL),
    "lu wide": (lambda a: sl.lu(a, p_indices=True)[1:], WIDE),
    "lu_factor": (lambda a: sl.lu_factor(a)[0], A3[::-1]),
    "lu_factor complex": (lambda a: sl.lu_factor(a)[0], C3[::-1]),
    "lu_solve": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b), A3[::-1], B3),
    "lu_solve T": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b, trans=1), A3[::-1], B32),
    "lu_solve C": (lambda a, b: sl.lu_solve(sl.lu_factor(a), b, trans=2), C3[::-1], B32),
    "lstsq": (lambda a, b: sl.lstsq(a, b)[0], TALL, TALL[:, 0] ** 2),
    "lstsq matrix": (lambda a, b: tuple(sl.lstsq(a, b)[k] for k in (0, 1, 3)), TALL, TALL[:, :2] ** 2),
    "eigh": (lambda a: tuple(sl.eigh(a)), H3),
    "eigh upper": (lambda a: tuple(sl.eigh(a, lower=False)), H3),
    "eigh values": (lambda a: sl.eigh(a, eigvals_only=True), H3),
    "eigh general": (lambda a, b: tuple(sl.eigh(a, b)), H3, S3),
    "eigh general values": (lambda a, b: sl.eigvalsh(a, b), HC, S3),
    "eigh general upper": (lambda a, b: tuple(sl.eigh(a, b, lower=False)), H3, S3),
    "eigvalsh": (sl.eigvalsh, HC),
    "eig": (lambda a: tuple(sl.eig(a)), A3),
    "eig complex": (lambda a: tuple(sl.eig(a)), C3),
    "eigvals": (sl.eigvals, A3),
    "svd": (lambda a: tuple(sl.svd(a)), A3),
    "svd wide": (lambda a: tuple(sl.svd(a, full_matrices=False)), WIDE),
    "svdvals": (sl.svdvals, TALL),
    "qr": (lambda a: tuple(sl.qr(a)), A3),
    "qr economic": (lambda a: tuple(sl.qr(a, mode="economic")), TALL),
    "qr pivoting": (lambda a: tuple(sl.qr(a, mode="economic", pivoting=True)[:2]), TALL),
    "qr r": (lambda a: sl.qr(a, mode="r")[0], TALL),
    "polar": (lambda a: tuple(sl.polar(a)), TALL),
    "polar left": (lambda a: tuple(sl.polar(a, side="left")), A3),
    "expm": (sl.expm, A3),
    "expm stack": (sl.expm, A23),
    "expm complex": (sl.expm, 0.5 * C3),
    "logm": (sl.logm, A3),
    "sqrtm": (sl.sqrtm, A3),
    "sqrtm complex": (sl.sqrtm, C3),
    "fractional_matrix_power": (lambda a: sl.fractional_matrix_power(a, 0.3), A3),
    "cosm": (sl.cosm, A3),
    "sinm": (sl.sinm, A3),
    "tanm": (sl.tanm, 0.3 * A3),
    "coshm": (sl.coshm, A3),
    "sinhm": (sl.sinhm, A3),
    "tanhm": (sl.tanhm, 0.3 * A3),
    "solve_sylvester": (sl.solve_sylvester, A3, A4[:2, :2], B32),
    "solve_continuous_lyapunov": (sl.solve_continuous_lyapunov, A3, H3),
    "solve_continuous_lyapunov complex": (sl.solve_continuous_lyapunov, C3, HC),
    "solve_discrete_lyapunov": (sl.solve_discrete_lyapunov, 0.2 * A3, H3),
    "solve_discrete_lyapunov complex": (sl.solve_discrete_lyapunov, 0.2 * C3, HC),
    "block_diag": (sl.block_diag, A3, B32, B3),
    "toeplitz": (sl.toeplitz, B3),
    "toeplitz complex": (sl.toeplitz, B3 + 1j),
    "toeplitz c r": (sl.toeplitz, B3, V5),
    "hankel": (sl.hankel, B3),
    "hankel c r": (sl.hankel, B3, V5),
    "circulant": (sl.circulant, V5),
    "leslie": (sl.leslie, B3, B3[:2] ** 2),
    "companion": (sl.companion, V5),
    "convolution_matrix": (lambda a: sl.convolution_matrix(a, 4, mode="same"), B3),
    "diagsvd": (lambda s: sl.diagsvd(s, 3, 4), B3),
    "fiedler": (sl.fiedler, V5),
    "khatri_rao": (sl.khatri_rao, A3, WIDE),
    "norm": (sl.norm, V5),
    "norm complex": (sl.norm, B3 + 1j),
    "norm matrix": (lambda a: sl.norm(a, 2), A3),
    "norm columns": (lambda a: sl.norm(a, 1, axis=0), A3),
    "norm of columns": (lambda a: sl.norm(a, 1), A3),
    "solve_banded": (lambda ab, b: sl.solve_banded((1, 2), ab, b), BAND, V5),
    "solve_banded matrix": (lambda ab, b: sl.solve_banded((1, 2), ab, b), BAND, rng.normal(size=(5, 2))),
    "solveh_banded": (sl.solveh_banded, HBAND, A4[0]),
    "solveh_banded lower": (lambda ab, b: sl.solveh_banded(ab, b, lower=True), HBAND[::-1, ::-1], A4[:, :2]),
    "solveh_banded complex": (sl.solveh_banded, HBAND + np.array([[0.5j], [0]]), A4[0]),
    "solve_toeplitz": (sl.solve_toeplitz, B3 + np.array([4.0, 0, 0]), B32),
    "solve_toeplitz c r": (lambda c, r, b: sl.solve_toeplitz((c, r), b), B3 + np.array([4.0, 0, 0]), B3**2, B3),
    "solve_circulant": (sl.solve_circulant, V5 + np.array([4.0, 0, 0, 0, 0]), V5**2),
    "matmul_toeplitz": (lambda c, r, x: sl.matmul_toeplitz((c, r), x), B3, V5, rng.normal(size=(5, 2))),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_against_differences(case):
    f, *args = CASES[case]
    check(f, *args, rtol=1e-6)


def test_every_function_is_differentiated_or_refused():
    from wengert.rules.scipy_linalg import RECORDED
    from wengert.rules.scipy_linalg_refused import functions

    assert not [name for name, f in functions().items() if f not in RECORDED]


REFUSED = {"qr_multiply": 2, "cdf2rdf": 2, "expm_cond": 1}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    with pytest.raises(wg.errors.NoDerivative, match=f"scipy.linalg.{name}"):
        wg.grad(lambda a: np.sum(getattr(sl, name)(*[a] * REFUSED[name])[0]))(A3)


def test_refused_functions_work_on_constants():
    q = wg.grad(lambda x: np.sum(x * sl.matrix_balance(A3)[0]))(A3)
    np.testing.assert_array_equal(q, sl.matrix_balance(A3)[0])


def test_looking_at_the_structure_is_allowed():
    assert wg.grad(lambda a: a[0, 0] if sl.issymmetric(a) else a[0, 1])(A3)[0, 1] == 1


def test_names_bound_earlier():
    module = types.ModuleType("bound_earlier")
    sys.modules["bound_earlier"] = module
    exec(
        "from scipy.linalg import solve, cho_factor, cho_solve, norm\ndef f(a, b): return norm(solve(a, b)) + cho_solve(cho_factor(a), b)[0]",
        module.__dict__,
    )
    try:
        check(module.f, S3, B3)
    finally:
        del sys.modules["bound_earlier"]


def test_scipy_is_untouched_outside():
    before = sl.solve
    wg.grad(lambda a: np.sum(sl.solve(a, B3)))(A3)
    assert sl.solve is before
    assert inspect.isroutine(sl.solve)
    assert type(sl.solve(A3, B3)) is np.ndarray


def test_polar_factor_of_an_orthogonal_matrix():
    q = np.linalg.qr(A3)[0]
    check(lambda a: tuple(sl.polar(a)), q, order=1)


def test_singular_raises_as_scipy():
    with pytest.raises(np.linalg.LinAlgError):
        wg.grad(lambda a: np.sum(sl.solve(a, np.ones(2))))(np.ones((2, 2)))


def test_higher_order_of_expm():
    f = lambda t: sl.expm(t * A3)[0, 1]
    third = wg.derivative(wg.derivative(wg.derivative(f)))(0.7)
    np.testing.assert_allclose(third, (A3 @ A3 @ A3 @ sl.expm(0.7 * A3))[0, 1], rtol=1e-9)


@pytest.mark.parametrize("name", ["inv", "cholesky", "expm", "det", "sqrtm", "svdvals", "eigvalsh"])
def test_float32_stays(name):
    g = wg.grad(lambda a: np.sum(getattr(sl, name)(a)))(S3.astype(np.float32))
    assert g.dtype == np.float32


def controlled(q, discrete):
    a = np.array([[1.0, 0.1], [-q[2], 0.9]]) if discrete else np.array([[0.0, 1.0], [q[2], -0.3]])
    b, cross = np.array([[0.1], [1.0]]) * q[3], np.array([[0.1], [0.1]]) * q[0]
    solve = sl.solve_discrete_are if discrete else sl.solve_continuous_are
    return solve(a, b, np.diag(q[:2]), q[1]), solve(a, b, np.diag(q[:2]), np.eye(1), s=cross)


@pytest.mark.parametrize("discrete", [False, True])
def test_riccati(discrete):
    check(lambda q: controlled(q, discrete), np.array([1.0, 0.5, 0.2, 1.2]), rtol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_bands_wider_than_the_matrix(n):
    rng = np.random.default_rng(n)
    bands, right = rng.normal(size=(6, n)), rng.normal(size=n)
    bands[3] += 6.0
    check(lambda ab, b: sl.solve_banded((2, 3), ab, b), bands, right, rtol=1e-6)
    check(lambda ab, b: sl.solveh_banded(ab, b), bands[:4], right, rtol=1e-6)


def test_tridiagonal_eigenvalues():
    x = np.random.default_rng(0).normal(size=9)
    for options in ({}, {"select": "i", "select_range": (0, 1)}, {"select": "v", "select_range": (-1.0, 0.5)}):
        check(lambda d, e, o=options: sl.eigh_tridiagonal(d, e, **o), x[:5], x[5:], rtol=1e-6)
        check(lambda d, e, o=options: sl.eigvalsh_tridiagonal(d, e, **o), x[:5], x[5:], rtol=1e-6)


def test_nearest_orthogonal_matrix():
    A, B = np.random.default_rng(1).normal(size=(2, 4, 3))
    check(sl.orthogonal_procrustes, A, B, rtol=1e-6)


def test_structure_of_a_matrix_is_control_flow():
    def f(x):
        A = np.array([[x[0], x[1]], [x[2], 1.0]])
        return x[0] ** 2 if sl.issymmetric(A) else sl.bandwidth(A)[0] * x[1] * x[2]

    compiled = wg.jit(wg.grad(f))
    for x, slope in (([1.0, 2.0, 2.0], [2.0, 0, 0]), ([1.0, 2.0, 3.0], [0, 3.0, 2.0]), ([3.0, 1.0, 1.0], [6.0, 0, 0])):
        np.testing.assert_array_equal(wg.grad(f)(np.array(x)), slope)
        np.testing.assert_array_equal(compiled(np.array(x)), slope)


def test_the_power_of_a_norm():
    x = np.array([0.5, 1.3, 2.2])
    for p in (1.0, 2.0, 3.0):
        slope = wg.grad(lambda p: sl.norm(x, p))(p)
        np.testing.assert_allclose(slope, wg.grad(lambda p: np.sum(x**p) ** (1.0 / p))(p), rtol=1e-12)


def test_condition_of_equal_singular_values_compiled():
    m = np.outer([0.5, 1.3, 2.2], [2.2, 1.3, 0.5]) + np.eye(3)
    f = lambda a: np.linalg.cond(m * a + 0.1 * a**2)
    np.testing.assert_allclose(wg.jit(wg.grad(f))(1.0), wg.grad(f)(1.0), rtol=1e-10)


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_matrices_are_arrays():
    """SciPy makes arrays of the subclasses of NumPy's: a matrix of recorded numbers too, and one beside them."""

    def f(x):
        A, b = np.asmatrix(np.outer(x, x) + 2.0 * np.eye(3)), np.asmatrix(x).T
        results = (
            sl.expm(A / 4), sl.inv(A), sl.solve(A, b), sl.cholesky(A), sl.eigvalsh(A), sl.cho_solve(sl.cho_factor(A), x),
            sl.solve(np.asmatrix(np.eye(3) * 2.0), x), sl.block_diag(A, b), sl.svdvals(A), sl.solve_sylvester(A, A.T, A),
        )  # fmt: skip
        assert not any(isinstance(y, np.matrix) for y in results)
        return *results, sl.det(A), sl.norm(A)

    check(f, np.array([0.5, -1.2, 0.8]))
