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


def test_diagonals_minus_diagonals():
    def f(d):
        L = sparse.diags([1, -2, 1], [-1, 0, 1], shape=(4, 4), dtype=float) * d[0]
        I = sparse.identity(4)
        return (
            ((I - 0.1 * L) - sparse.diags(d)).toarray(),
            (L - L.T + I) @ d,
            (L - sparse.diags([d[1:]], [1])).toarray(),
        )

    check(f, X)


def test_long_iterations_compiled():
    """Lines that repeat are compared, and with them the matrices that they multiply by."""

    def f(d):
        A = sparse.csr_array((d, ([0, 1, 2, 3], [1, 2, 3, 0])))
        r, s = d, d
        for _ in range(60):
            r, s = 0.1 * (K @ r) + d, 0.2 * (A @ s) + d
        return np.sum(r * s)

    check(f, X)
    slope = wg.jit(wg.grad(f))
    for x in (X, 0.9 * X):
        np.testing.assert_allclose(slope(x), wg.grad(f)(x), rtol=1e-13)


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


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array, sparse.dia_array])
def test_what_changes_a_matrix_or_chooses(kind):
    def f(d):
        A = kind(sparse.diags_array([d[1:], d**2], offsets=[-1, 0]) + K)
        B = A.copy()
        B.setdiag(d[::-1])
        A.setdiag(d[:2], k=1)
        A.setdiag(0.5, k=-1)
        larger = B.tocsr().maximum(A.T.tocsr()) - A.tocsr().minimum(K.tocsr())
        return A.toarray(), np.asarray(B.todense()), larger.toarray(), (A.tocsr() != B.tocsr()).sum() * d

    check(f, X)


def test_a_dictionary_of_keys():
    def f(d):
        A = sparse.dok_array((4, 4))
        for k, v in enumerate(d):
            A[k, (k + 1) % 4] = v
            A[k, k] += v**2
        return [v * (i + 2 * j) for (i, j), v in A.items()] + [max(A.values()) * len(A.keys()) * A[(1, 1)]]

    check(f, X)


@pytest.mark.parametrize("form", ["coo", "csr", "csc"])
def test_duplicates_in_place(form):
    def f(d):
        A = getattr(sparse, f"{form}_matrix")((np.append(d, d[0] * d[1]), (ROWS, COLUMNS)), shape=(4, 4))
        B = sparse.csr_array((np.append(d, d[0]), [1, 1, 0, 3, 2], [0, 2, 3, 4, 5]), shape=(4, 4))
        A.sum_duplicates()
        B.sum_duplicates()
        B.sort_indices()
        return A.data * np.arange(A.nnz), B.data, A.toarray() + B.toarray()

    check(f, X)


def test_factors():
    """The determinant of a precision matrix, and what the factors multiply to."""

    def f(d):
        A = sparse.csc_array(sparse.diags_array([d[1:], d + 5, d[:-1] ** 2], offsets=[-1, 0, 1]) + K)
        lu = linalg.splu(A)
        rows, columns = (sparse.csc_array((np.ones(4), (lu.perm_r, np.arange(4)))),
                         sparse.csc_array((np.ones(4), (np.arange(4), lu.perm_c))))  # fmt: skip
        return np.log(np.abs(lu.U.diagonal())).sum(), lu.U.toarray(), (rows.T @ (lu.L @ lu.U) @ columns.T).toarray()

    check(f, X)
    logdet = lambda d: np.log(linalg.splu((sparse.diags(d) + K).tocsc()).U.diagonal()).sum()
    np.testing.assert_allclose(wg.grad(logdet)(X), np.diag(np.linalg.inv(np.diag(X) + K.toarray())), rtol=1e-13)


def test_solutions_with_sparse_right_hand_sides():
    def f(d):
        A, B = sparse.csc_array(np.outer(d, d) + K.toarray()), sparse.csc_array(sparse.diags_array(d))
        return (
            linalg.spsolve(A, B).toarray(),
            linalg.spsolve(K.tocsc(), B).toarray(),
            linalg.spsolve(A, K.tocsc()).sum(),
        )

    check(f, X)


def test_preconditioners_change_no_solution():
    def f(d):
        A = (K + sparse.diags(d**2)).tocsc()
        incomplete = linalg.spilu(A)
        operators = (
            linalg.LinearOperator((4, 4), incomplete.solve),
            linalg.LinearOperator((4, 4), matvec=lambda v: v / A.diagonal(), dtype=float),
            sparse.diags(1 / A.diagonal()),
        )
        return [linalg.cg(A, d, rtol=1e-14, M=M)[0] for M in operators]

    check(f, X, rtol=1e-6)


def test_frequencies_of_stiffness_and_mass():
    def f(d):
        k, m = sparse.diags(d[:3] ** 2 + 1.0), sparse.diags(np.linspace(1.0, 2.0, 6) * d[3])
        stiff = sparse.kron(k, sparse.diags([1.0, 2.5])) + sparse.diags([-0.3, -0.3], [-1, 1], shape=(6, 6))
        w, v = linalg.eigsh(stiff.tocsc(), k=2, M=m.tocsc(), sigma=0.0, v0=np.ones(6))
        plain = linalg.eigsh(stiff.tocsc(), k=1, M=sparse.eye(6).tocsc() * 2.0, which="LA", v0=np.ones(6))[0]
        return w, v**2, plain

    check(f, X, value=False, rtol=1e-6)


def test_eigenvalues_by_lobpcg():
    def f(d):
        A = sparse.kron(sparse.diags([1.0, 3.0, 6.0]), sparse.eye(4)) + sparse.kron(sparse.eye(3), sparse.diags(d) + K)
        M = sparse.diags(1 / A.diagonal())
        w, v = linalg.lobpcg(
            A.tocsr(), np.random.default_rng(0).normal(size=(12, 2)), largest=False, tol=1e-11, maxiter=200, M=M
        )
        return w, v**2

    check(f, X, value=False, rtol=1e-5)


@pytest.mark.parametrize(
    "refused",
    [
        lambda d: linalg.spilu(sparse.csc_array(np.outer(d, d) + K)).solve(d).sum(),
        lambda d: linalg.eigsh(sparse.csc_array(np.outer(d, d) + K), k=1, sigma=0.1, mode="cayley")[0].sum(),
    ],
)
def test_refused(refused):
    with pytest.raises(NoDerivative, match=r"(?s)scipy\.sparse.*\(called at test_scipy_sparse.*\n\w+"):
        wg.grad(refused)(X)
