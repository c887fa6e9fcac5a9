"""Sparse matrices that are filled element by element: lil, dok, and writes into csr and csc."""

import numpy as np
import pytest
import scipy.sparse as sp
import scipy.sparse.linalg as sl
from scipy.sparse.linalg import spsolve
from ways import every_way

import wengert as wg
from wengert.errors import LostDerivative

POINTS = [np.array([0.7, 1.3, 0.4]), np.array([0.9, 0.6, 1.1])]
pytestmark = pytest.mark.filterwarnings("ignore:Changing the sparsity structure")


def fill(A, x):
    A[0, :3] = x
    A[1:3, 1] = x[:2]
    A[[2, 3], [2, 3]] = x[1:]
    A[3, 0] += x[0]
    A[3, 0] += 1.0
    A[0, 1] *= 2
    A[-1, -1] = x[0] * x[1]
    return A


def assembled(make):
    def f(x):
        K, f = make((5, 5)), np.zeros(5)
        for e in range(4):
            ke = x[e % 3] * np.array([[1.0, -1.0], [-1.0, 1.0]])
            for i in range(2):
                for j in range(2):
                    K[e + i, e + j] += ke[i, j]
            f[e + 1] = x[1]
        K[0, :] = 0
        K[0, 0] = 1.0
        return sl.spsolve(K.tocsc(), f)

    return f


def everything(make):
    def f(x):
        A = fill(make((4, 4)), x)
        B = A.copy()
        B[0, 0] = 5.0
        B.setdiag(x[:2] ** 2, k=1)
        return (
            A.tocsr() @ np.arange(4.0),
            B.toarray(),
            A[0, 1] * A[2, 2] + A[1, 3],
            A @ np.ones(4),
            A.T.tocsr()[0, 0],
            (A + B).toarray(),
            (A * 2).tocsc().sum(),
            A.tocoo().data,
            A[[0, 1]].toarray() if A.format == "lil" else A[0, 2],
        )

    return f


MAKERS = [sp.lil_matrix, sp.lil_array, sp.dok_matrix, sp.dok_array]


@pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.__name__)
def test_assembly(make):
    every_way(assembled(make), POINTS)


@pytest.mark.parametrize("make", MAKERS, ids=lambda m: m.__name__)
def test_all_that_they_do(make):
    every_way(everything(make), POINTS)


@pytest.mark.parametrize("make", [sp.csr_matrix, sp.csc_matrix, sp.csr_array, sp.csc_array], ids=lambda m: m.__name__)
def test_writes_into_compressed_ones(make):
    def f(x):
        A = make(np.diag([1.0, 2.0, 3.0]))
        A[0, 2] = x[0]
        A[1] = x
        A[2, :2] = x[1:] ** 2
        A[0, 0] = 7.0
        return A @ x, A.toarray()

    every_way(f, POINTS)


def blocks(x):
    K = sp.lil_matrix((3, 3))
    for i in range(2):
        K[i : i + 2, i : i + 2] += x[i] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    K[0, 0] += 1.0
    return spsolve(K.tocsc(), np.ones(3))


def whole_numbers(x):
    A = sp.dok_array((2, 2), dtype=int)
    A[0, 0] = x[0]
    return A.toarray()


def test_a_matrix_of_whole_numbers_refuses():
    with pytest.raises(LostDerivative):
        wg.jacobian(whole_numbers)(POINTS[0])


PROGRAMS = {
    "blocks": blocks,
    "of a dense one": lambda x: sp.lil_matrix(np.outer(x, x)) @ x + sp.dok_matrix(np.diag(x)).tocsr().diagonal(),
    "to lil": lambda x: (lambda A: (A.__setitem__((0, 1), x[2]), A.__setitem__((slice(None), 2), 0.5), A.tocsr() @ x)[2])(sp.diags(x).tolil()),
    "to dok": lambda x: sp.diags(x).todok()[1, 1] * x,
    "setdiag": lambda x: (lambda A: (A.setdiag(x), A.setdiag(x[0], k=-1), A.toarray())[2])(sp.lil_array((3, 3))),
    "hstack": lambda x: sp.hstack([sp.csr_matrix(np.diag(x)), sp.csr_matrix(np.outer(x, x))]) @ np.arange(6.0),
    "vstack of csc": lambda x: sp.vstack([sp.csc_array(np.diag(x)), sp.csc_array(np.outer(x, x))]) @ x,
    "sums that are np.matrix": lambda x: np.asarray(sp.csr_matrix(np.outer(x, x)).sum(axis=0)[0, 1] * sp.csr_matrix(np.diag(x)).sum(axis=1)),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_program(name):
    every_way(PROGRAMS[name], POINTS)


def test_plain_ones_stay_as_they_are():
    def f(x):
        A = sp.lil_matrix((2, 2))
        A[0, 1] = 3.0
        assert A.rows[0] == [1]
        B = sp.dok_matrix((2, 2))
        B[0, 1] = 3.0
        assert dict(B.items()) == {(0, 1): 3.0}
        return np.sum(x) * A[0, 1] * B[0, 1]

    np.testing.assert_array_equal(wg.grad(f)(POINTS[0]), [9.0, 9.0, 9.0])
