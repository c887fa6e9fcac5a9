"""Linear algebra of matrices that are ill-conditioned, singular, or of a few parameters, against high precision."""

import mpmath as mp
import numpy as np
import pytest
import scipy.linalg as sl
from exact import at, exactly

mpf = mp.mpf
W = np.array([1.0, 2.0, -1.0, 0.5])
HILBERT = np.array([[1 / (i + j + 1.0) for j in range(4)] for i in range(4)])
B = np.arange(16.0).reshape(4, 4) % 7 / 8
A = np.array([[2.0, 0.5, 0.1], [0.5, 3.0, 0.2], [0.1, 0.2, 1.0]])
S = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 3.0], [2.0, 3.0, 1.0]])
N = np.array([[0.3, 1.2, -0.4], [0.1, 0.2, 0.9], [-1.0, 0.5, 0.7]])


def precise(m):
    return mp.matrix([[mpf(float(x)) for x in row] for row in np.atleast_2d(m)])


mH, mB, mA, mS, mN, mW = (precise(m) for m in (HILBERT, B, A, S, N, W))


def eigenvalues(m):
    return sorted(mp.eigsy(m, eigvals_only=True))


def singular(m):
    return sorted([mp.sqrt(abs(e)) for e in mp.eigsy(m.T * m, eigvals_only=True)], reverse=True)


def column_sums(m):
    return [sum(abs(m[i, j]) for i in range(m.rows)) for j in range(m.cols)]


def least(m, y):
    return mp.lu_solve(m.T * m, m.T * y)


def sylvester(a, b):
    rows = [(i, j) for i in range(3) for j in range(3)]
    system = [[a[i, k] * (j == q) + b[q, j] * (i == k) for k, q in rows] for i, j in rows]
    return mp.lu_solve(mp.matrix(system), mp.matrix([mS[i, j] for i, j in rows]))


def likelihood(a, b):
    m = mA * a + mp.eye(3) * b
    y = mp.matrix([1, 2, -1])
    return -mp.log(mp.det(m)) / 2 - (y.T * mp.lu_solve(m, y))[0] / 2


def program_of_likelihood(v):
    m = A * v[0] + np.eye(3) * v[1]
    return -0.5 * np.linalg.slogdet(m)[1] - 0.5 * W[:3] @ np.linalg.solve(m, W[:3])


def adjusted(f, a, b):
    """The exact function of a + t b, both of mpmath."""
    return lambda t: f(a + t * b)


# fmt: off
L, TIGHT = {"loss": 20}, {"loss": 4}
# name: (program, the same in mpmath, points, options)
SYSTEMS = {
    "det":          (lambda t: np.linalg.det(HILBERT + t * B), adjusted(mp.det, mH, mB), [0.0, 0.1], {"loss": 30, "norm": True, "scale": 1e-3}),
    "det of singular": (lambda v: np.linalg.det(v.reshape(2, 2)), lambda a, b, c, d: a * d - b * c, [at(1, 2, 2, 4), at(0, 0, 0, 0), at(1, 0, 0, 0)], {"norm": True}),
    "slogdet":      (lambda t: np.linalg.slogdet(HILBERT + t * B)[1], lambda t: mp.log(abs(mp.det(mH + t * mB))), [0.0, 0.1], {"loss": 1e4}),  # of condition 2e4
    "solve":        (lambda t: W @ np.linalg.solve(HILBERT + t * B, W), lambda t: (mW * mp.lu_solve(mH + t * mB, mW.T))[0], [0.0, 0.1], {"loss": 3e4}),
    "inv":          (lambda t: np.linalg.inv(A + t * N)[0, 1], lambda t: ((mA + t * mN) ** -1)[0, 1], [0.0, 0.1, 1.0], TIGHT),
    "quadratic form": (lambda v: v @ np.linalg.solve(A, v), lambda *x: (mp.matrix([x]) * mp.lu_solve(mA, mp.matrix(x)))[0], [at(1, 2, 3), at(0, 0, 0)], {"loss": 4, "norm": True}),
    "likelihood":   (program_of_likelihood, likelihood, [at(1, 2), at(1e-8, 1e-8)], {"loss": 8}),
    "triangular":   (lambda t: sl.solve_triangular(np.array([[1e-8 + t, 0], [1.0, 2.0]]), np.array([1.0, t]), lower=True)[1], lambda t: (t - 1 / (mpf(1e-8) + t)) / 2, [0.0, 0.1], {"loss": 20, "scale": 1e-9}),
    "toeplitz":     (lambda t: sl.solve_toeplitz(np.array([2.0, t, t * t]), np.array([1.0, 2.0, 3.0]))[1], lambda t: mp.lu_solve(mp.matrix([[2, t, t * t], [t, 2, t], [t * t, t, 2]]), mp.matrix([1, 2, 3]))[1], [0.0, 0.1], L),
    "sylvester":    (lambda t: sl.solve_sylvester(A + t * N, N @ N.T, S)[0, 1], lambda t: sylvester(mA + t * mN, precise(N @ N.T))[1], [0.0, 0.1], L),
    "lstsq":        (lambda t: np.linalg.lstsq((HILBERT + t * B)[:, :2], W)[0][0], lambda t: least((mH + t * mB)[:, :2], mW.T)[0], [0.0, 0.1], {"loss": 100}),
    "pinv":         (lambda t: np.linalg.pinv((HILBERT + t * B)[:, :2])[0, 3], lambda t: least((mH + t * mB)[:, :2], mp.matrix([0, 0, 0, 1]))[0], [0.0, 0.1], {"loss": 100}),
    "kron":         (lambda t: np.linalg.det(np.kron(A + t * N, np.array([[1.0, t], [0.0, 2.0]]))), lambda t: mp.det(mA + t * mN) ** 2 * 8, [0.1], L),
}
FACTORS = {
    "cholesky":     (lambda t: np.linalg.cholesky(A + t * S)[2, 2], lambda t: mp.cholesky(mA + t * mS)[2, 2], [0.0, 0.1], TIGHT),
    "of hilbert":   (lambda t: np.linalg.cholesky(HILBERT + t * np.eye(4))[3, 2], lambda t: mp.cholesky(mH + t * mp.eye(4))[3, 2], [0.0, 0.1], {"loss": 1e4, "scale": 1e-3}),
    "qr":           (lambda t: np.linalg.qr(N + t * A)[1][0, 0] ** 2, lambda t: sum((mN + t * mA)[i, 0] ** 2 for i in range(3)), [0.0, 0.1], L),
    "lu":           (lambda t: np.prod(np.diag(sl.lu(N + t * A)[2])), adjusted(mp.det, mN, mA), [0.1], L),
    "eigvalsh":     (lambda t: np.linalg.eigvalsh(A + t * S)[1], lambda t: eigenvalues(mA + t * mS)[1], [0.0, 0.1], TIGHT),
    "clustered":    (lambda t: np.linalg.eigvalsh(np.diag([1.0, 1 + 1e-6, 2.0]) + t * S)[0], lambda t: eigenvalues(mp.diag([1, mpf(1 + 1e-6), 2]) + t * mS)[0], [1e-7], {"loss": 1e6}),  # of neighbours 1e−6 apart
    "eigh":         (lambda t: np.linalg.eigh(A + t * S)[1][0, 0] ** 2, lambda t: mp.eigsy(mA + t * mS)[1][0, 0] ** 2, [0.1], {"loss": 30}),
    "eigvals":      (lambda t: np.sort(np.linalg.eigvals(A + t * N).real)[0], lambda t: sorted(mp.re(e) for e in mp.eig(mA + t * mN)[0])[0], [0.0, 0.1], L),
    "svd":          (lambda t: np.linalg.svd(N + t * A, compute_uv=False)[1], lambda t: singular(mN + t * mA)[1], [0.0, 0.1], TIGHT),
    "svdvals":      (lambda t: sl.svdvals((N + t * A)[:, :2])[1], lambda t: singular((mN + t * mA)[:, :2])[1], [0.0, 0.1], TIGHT),
}
NORMS = {
    "nuclear":      (lambda t: np.linalg.norm(N + t * A, "nuc"), lambda t: sum(singular(mN + t * mA)), [0.0, 0.1], TIGHT),
    "spectral":     (lambda t: np.linalg.norm(N + t * A, 2), lambda t: singular(mN + t * mA)[0], [0.0, 0.1], TIGHT),
    "smallest":     (lambda t: np.linalg.norm(N + t * A, -2), lambda t: singular(mN + t * mA)[2], [0.0, 0.1], TIGHT),
    "columns":      (lambda t: np.linalg.norm(N + t * A, 1), lambda t: max(column_sums(mN + t * mA)), [0.03, 0.1], TIGHT),
    "rows":         (lambda t: np.linalg.norm(N + t * A, np.inf), lambda t: max(column_sums((mN + t * mA).T)), [0.03, 0.1], TIGHT),
    "frobenius":    (lambda t: np.linalg.norm(N + t * A), lambda t: mp.sqrt(sum(x * x for x in mN + t * mA)), [0.03, 0.1], TIGHT),
    "cond":         (lambda t: np.linalg.cond(N + t * A), lambda t: singular(mN + t * mA)[0] / singular(mN + t * mA)[2], [0.0, 0.1], TIGHT),
}
FUNCTIONS = {
    "expm":         (lambda t: sl.expm(N * t)[0, 1], lambda t: mp.expm(mN * t)[0, 1], [0.0, 0.1, 5.0], {"loss": 100}),
    "expm of nilpotent": (lambda t: sl.expm(np.array([[0.0, 1, 2], [0, 0, 3], [0, 0, 0]]) * t)[0, 2], lambda t: 2 * t + 3 * t * t / 2, [0.0, 1e-9, 5.0], TIGHT),
    "logm":         (lambda t: sl.logm(A + t * N)[0, 1].real, lambda t: mp.re(mp.logm(mA + t * mN)[0, 1]), [0.1], {"loss": 30, "digits": 80, "order": 1}),
    "sqrtm":        (lambda t: sl.sqrtm(A + t * N)[0, 1].real, lambda t: mp.re(mp.sqrtm(mA + t * mN)[0, 1]), [0.1, 0.5], {"loss": 30}),
    "power":        (lambda t: np.linalg.matrix_power(N + t * A, 5)[0, 1], lambda t: ((mN + t * mA) ** 5)[0, 1], [0.0, 0.1], L),
    "power -3":     (lambda t: np.linalg.matrix_power(N + t * A, -3)[0, 1], lambda t: ((mN + t * mA) ** -3)[0, 1], [0.0, 0.1], L),
}
# fmt: on


@pytest.mark.parametrize("name", SYSTEMS)
def test_systems(name):
    exactly(*SYSTEMS[name])


@pytest.mark.parametrize("name", FACTORS)
def test_factors_and_spectra(name):
    exactly(*FACTORS[name])


@pytest.mark.parametrize("name", NORMS)
def test_norms(name):
    exactly(*NORMS[name])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_matrices(name):
    exactly(*FUNCTIONS[name])
