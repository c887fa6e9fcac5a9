"""scipy.sparse: products with recorded arrays, matrices of recorded numbers, and solutions, against dense matrices."""

import numpy as np
import pytest
from check import check
from scipy import sparse
from scipy.sparse import linalg

import wengert as wg
from wengert.errors import NoDerivative

K = sparse.csr_matrix([[4.0, 1, 0, 0], [1, 4, 1, 0], [0, 1, 5, 1], [0, 0, 1, 6]])
WIDE = sparse.random_array((3, 4), density=0.6, random_state=1, format="csr")
X = np.array([0.5, -1.2, 0.8, 2.1])
ROWS, COLUMNS = np.array([0, 1, 1, 3, 0]), np.array([1, 2, 2, 0, 3])
FORMATS = ["csr", "csc", "coo", "dia", "bsr"]


@pytest.mark.parametrize("kind", ["array", "matrix"])
@pytest.mark.parametrize("form", FORMATS)
def test_products_of_constant_matrices(form, kind):
    A = getattr(sparse, f"{form}_{kind}")(K)

    def f(x):
        return A @ x, A.dot(x), x @ A, A.T @ np.outer(x, x[:2]), A @ x[:, None], np.outer(x, x) @ A

    check(f, X)


@pytest.mark.parametrize("form", FORMATS)
def test_matrices_of_recorded_numbers(form):
    def f(d):
        d = np.append(d, d[0] ** 2)
        A = sparse.coo_array((d, (ROWS, COLUMNS)), shape=(4, 4)).asformat(form) * d[1]
        return A.toarray(), A @ d[:4], A.T @ X, A.diagonal(), -A @ X, A.sum(), (A @ K).toarray(), (A + K).toarray()

    check(f, X)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_array, sparse.csr_matrix, sparse.csc_matrix])
def test_constructors(kind):
    def f(d):
        A = kind((np.append(d, d[1]), (ROWS, COLUMNS)), shape=(4, 4))
        B = kind((d, np.array([3, 0, 2, 1]), np.array([0, 1, 2, 3, 4])), shape=(4, 4))
        return (
            A.toarray(),
            B @ d,
            kind(np.outer(d, d)) @ X,
            kind(A + 2 * B).toarray(),
            (A - B).power(2).sum(),
            abs(B) @ d,
        )

    check(f, X)


def test_arithmetic():
    def f(d):
        A = sparse.diags_array([d[1:], d + 5, d[:-1]], offsets=[-1, 0, 1]).tocsr()
        return (
            (A @ A).toarray(),
            (A / 2 - K + 3 * A.T).toarray(),
            A.multiply(K).toarray(),
            A.multiply(d).toarray(),
            K.multiply(d[:, None]).toarray(),
            (A * A).toarray(),
            A[1:3] @ d,
            A[2, 3] * A[[0, 1], [1, 1]],
            A.sum(axis=0) + A.sum(axis=1),
            A + np.outer(d, d),
            A.trace() * np.sqrt(abs(A)).sum(),
            linalg.norm(A),
        )

    check(f, X, h=1e-4)


def test_builders():
    def f(d):
        D = sparse.diags(d)
        return (
            sparse.kron(D, sparse.eye(2)).toarray(),
            sparse.block_diag([D, K]).toarray(),
            sparse.vstack([D, K]) @ d,
            sparse.hstack([D, K]).toarray(),
            sparse.bmat([[D, None], [K, D]]).toarray(),
            (sparse.identity(4) * d[0] + D).toarray(),
        )

    check(f, X)


@pytest.mark.parametrize("form", ["csr", "csc"])
def test_solutions(form):
    def f(d):
        A = (sparse.diags_array([d[1:], d + 5, d[:-1] ** 2], offsets=[-1, 0, 1]) + K).asformat(form)
        b = np.outer(d, d[:2])
        lu = linalg.splu(A.tocsc())
        return (
            linalg.spsolve(A, d),
            linalg.spsolve(A, b),
            lu.solve(d) + lu.solve(d, "T"),
            linalg.factorized(A.tocsc())(d),
            linalg.spsolve(K.asformat(form), b[:, :1]),
        )

    check(f, X)


def test_constant_factors():
    lu = linalg.splu(sparse.csc_array(K + sparse.eye(4, k=1) * 0.5))
    check(lambda b: (lu.solve(b), lu.solve(np.outer(b, b), trans="T"), linalg.splu(K.tocsc()).solve(b)), X)


@pytest.mark.parametrize("solver", ["cg", "bicgstab", "gmres", "minres"])
def test_iterative_solvers(solver):
    def f(d):
        A = K + sparse.diags(d**2)
        operator = linalg.LinearOperator((4, 4), matvec=lambda v: K @ v + d**2 * v, dtype=float)
        iterate = getattr(linalg, solver)
        return iterate(A, d, rtol=1e-13)[0], iterate(operator, X, rtol=1e-13)[0], iterate(K, d, rtol=1e-13)[0]

    check(f, X, rtol=1e-6)


def test_exponentials_and_eigenvalues():
    def f(d):
        A = sparse.diags(d) + K
        v0 = np.ones(4)
        w, v = linalg.eigsh(A, k=2, v0=v0)
        u, s, vh = linalg.svds(A, k=2, v0=v0)
        return linalg.expm_multiply(0.2 * A, d), w, v**2, s, (u * s) @ vh

    check(f, X, value=False, rtol=1e-6)


def test_complex_solutions():
    lu = linalg.splu(sparse.csc_array(K + 1j * sparse.eye(4, k=1)))

    def f(z):
        A = sparse.diags_array([z + 5], offsets=[0]).tocsc() + K
        return linalg.spsolve(A, z), A @ z, lu.solve(z), lu.solve(z, "T"), lu.solve(z, "H")

    check(f, X + 1j * X[::-1])


class Problem:
    def __init__(self, **matrices):
        self.matrices = matrices

    def __call__(self, x):
        return 0.5 * x @ (self.matrices["stiffness"] @ x)


def test_matrices_in_objects_and_compiled():
    problem = Problem(stiffness=K)
    np.testing.assert_allclose(wg.grad(problem)(X), K @ X, rtol=1e-14)
    compiled = wg.jit(wg.grad(lambda x: np.sum((WIDE @ x) ** 2)))
    for x in (X, 2 * X):
        np.testing.assert_allclose(compiled(x), 2 * WIDE.T @ (WIDE @ x), rtol=1e-13)
    np.testing.assert_allclose(wg.vmap(lambda x: K @ x)(np.stack([X, X**2])), np.stack([K @ X, K @ X**2]))


def test_a_matrix_that_changes_between_compiled_calls():
    A = sparse.csr_array(K)
    compiled = wg.jit(wg.grad(lambda x: x @ (A @ x)))
    before = compiled(X)
    A.data[:] *= 3.0
    np.testing.assert_allclose(compiled(X), 3 * before, rtol=1e-14)


@pytest.mark.parametrize(
    "refused",
    [
        lambda d: linalg.spilu(sparse.csc_array(np.outer(d, d) + K)).solve(d).sum(),
        lambda d: linalg.spsolve(sparse.csc_array(K), sparse.csc_array(np.outer(d, d))).sum(),
    ],
)
def test_refused(refused):
    with pytest.raises(NoDerivative, match=r"(?s)scipy\.sparse.*\(called at test_scipy_sparse.*\n\w+"):
        wg.grad(refused)(X)
