"""scipy.sparse.linalg where a dense matrix does the derivative: inverses, exponentials, least squares, eigenvalues."""

import numpy as np
import pytest
import scipy.sparse as sparse
import scipy.sparse.linalg as linalg
from check import check

import wengert as wg

rng = np.random.default_rng(4)
A = rng.normal(size=(4, 4)) + 5 * np.eye(4)
B = rng.normal(size=4)
TALL = rng.normal(size=(6, 4))
SPREAD = np.diag([1.0, 3, 9, 20]) + 0.1 * A
EXACT = {"atol": 1e-14, "btol": 1e-14}
START = np.ones(4)
CASES = {
    "inv": (lambda a: linalg.inv(sparse.csc_array(a)).toarray(), A),
    "expm": (lambda a: linalg.expm(sparse.csc_matrix(a)).toarray(), A / 5),
    "matrix_power": (lambda a: linalg.matrix_power(sparse.csr_array(a), 3).toarray(), A),
    "expm_multiply at several times": (lambda a, b: linalg.expm_multiply(a, b, start=0, stop=1, num=3), A / 5, B),
    "lsqr": (lambda a, b: linalg.lsqr(a, b, **EXACT)[0], TALL, np.append(B, [1.0, 2])),
    "lsqr, damped": (lambda a, d: linalg.lsqr(sparse.csr_array(a), B, damp=d, **EXACT)[0], A, 0.3),
    "lsmr": (lambda a, b: linalg.lsmr(a, b, **EXACT)[0], A, B),
    "spsolve_triangular": (lambda a, b: linalg.spsolve_triangular(sparse.csr_array(np.tril(a)), b), A, B),
    "eigs": (lambda a: linalg.eigs(a, k=2, v0=START)[0].real, SPREAD),
    "an operator": (lambda a, b: linalg.gmres(linalg.aslinearoperator(a), b, rtol=1e-13)[0], A, B),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derivatives(case):
    check(*case, rtol=1e-6, value=False)


@pytest.mark.parametrize("name", ["inv", "expm", "matrix_power", "lsqr", "lsmr", "spsolve_triangular"])
def test_values(name):
    f, *args = CASES.get(name)
    np.testing.assert_allclose(wg.vjp(f, *args)[0], f(*args), rtol=1e-14)


@pytest.mark.parametrize("name", ["eigsh", "svds", "eigs"])
def test_each_of_equal_eigenvalues_is_met_once(name):
    """The sum of two equal ones moves by the trace of the change on their plane."""
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    A, D = Q @ np.diag([5, 5, 3, 2, 1, 0.5, 0.2, 0.1]) @ Q.T, rng.normal(size=(8, 8))
    D = D + D.T
    vectors = {"return_singular_vectors" if name == "svds" else "return_eigenvectors": False}

    def total(t):
        found = getattr(linalg, name)(A + t * D, k=2, v0=np.arange(1.0, 9.0), **vectors)
        return np.sum(found).real

    expected = np.trace(Q[:, :2].T @ D @ Q[:, :2])
    np.testing.assert_allclose([wg.grad(total)(0.0), wg.derivative(total)(0.0)], expected, rtol=1e-8)
