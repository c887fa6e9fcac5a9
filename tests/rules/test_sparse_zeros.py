"""scipy.sparse: exact zeros of dense values are kept, since they may have derivatives, and not counted, as SciPy has none."""

import numpy as np
import pytest
from check import check
from scipy import sparse

import wengert as wg

DENSE = np.array([[1.0, 0.0, -2.0], [0.0, 3.0, 0.0]])
MAKERS = {
    "csr": sparse.csr_array, "csc": sparse.csc_array, "coo": sparse.coo_array, "csr matrix": sparse.csr_matrix,
    "csc matrix": sparse.csc_matrix, "coo matrix": sparse.coo_matrix, "lil": sparse.lil_array, "lil matrix": sparse.lil_matrix,
    "dok": sparse.dok_array,
}  # fmt: skip


COUNTS = {
    "nnz": lambda A: A.nnz,
    "nnz of an axis": lambda A: A.getnnz(0).tolist() if sparse.isspmatrix(A) else A.nnz,
    "size": lambda A: A.size,
    "copy": lambda A: A.copy().nnz,
    "transpose": lambda A: A.T.nnz,
    "csr": lambda A: A.tocsr().nnz,
    "coo": lambda A: A.tocoo().nnz,
    "lil": lambda A: A.tolil().nnz,
    "rows": lambda A: A.tocsr()[:1].nnz,
    "sum": lambda A: (A + 2.0 * A).nnz,
    "what cancels": lambda A: (A - A).nnz,
    "product": lambda A: (A @ A.T).nnz,
    "by elements": lambda A: A.multiply(A).nnz,
    "count_nonzero": lambda A: int(A.count_nonzero()),
}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("made", MAKERS)
def test_what_is_counted(made, name):
    seen = []

    def f(x):
        seen.append(COUNTS[name](MAKERS[made](x)))
        return np.sum(x)

    wg.grad(f)(DENSE)
    assert seen == [COUNTS[name](MAKERS[made](DENSE))]


@pytest.mark.parametrize("made", MAKERS)
def test_zeros_have_derivatives(made):
    """A v is a smooth function of every element of A, zero or not."""
    v, w = np.array([1.0, 2.0, 3.0]), np.array([5.0, 7.0])

    def f(x):
        A = MAKERS[made](x)
        return A @ v, A.T @ w, (A @ A.T).toarray(), A.multiply(A).toarray(), (A - A.T.T).toarray(), A.sum()

    check(f, DENSE)
    np.testing.assert_allclose(wg.grad(lambda x: w @ (MAKERS[made](x) @ v))(DENSE), np.outer(w, v))
    hessian = wg.hessian(lambda x: np.sum((MAKERS[made](x) @ v) ** 2))(DENSE)
    np.testing.assert_allclose(hessian, 2.0 * np.einsum("ik,j,l->ijkl", np.eye(2), v, v))


def test_compiled_code_does_not_freeze_what_was_counted():
    def f(x):
        A = sparse.csr_matrix(x)
        return A.sum() ** 2 / A.nnz

    compiled = wg.jit(wg.grad(f))
    for x in (DENSE, DENSE + 1.0, DENSE, np.diag([2.0, 0.0, 1.0])[:2]):
        n = np.count_nonzero(x)
        np.testing.assert_allclose(compiled(x), np.full((2, 3), 2.0 * np.sum(x) / n))
        np.testing.assert_allclose(wg.jvp(f, (x,), (DENSE,))[1], 2.0 * np.sum(x) / n * np.sum(DENSE))


def test_explicit_zeros_are_counted_until_they_are_eliminated():
    def f(x):
        A = sparse.csr_array((x, (np.array([0, 1, 2]), np.array([2, 1, 0]))), shape=(3, 3))
        before = A.nnz
        A.eliminate_zeros()
        return before * np.sum(A @ np.ones(3)) / A.nnz

    np.testing.assert_allclose(wg.grad(f)(np.array([1.0, 0.0, 2.0])), np.full(3, 1.5))
