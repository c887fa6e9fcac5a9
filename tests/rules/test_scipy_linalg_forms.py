"""scipy.linalg: RQ, LDL, Schur and Hessenberg forms, pencils, subsets, bases of subspaces, functions of matrices."""

import numpy as np
import pytest
import scipy.linalg as sl
from check import check

import wengert as wg
from wengert.errors import NoDerivative

rng = np.random.default_rng(3)
A = rng.normal(size=(4, 4)) + np.diag([1.0, 3, 5, 8])
B = rng.normal(size=(4, 4))
C = A + 1j * B
S = A @ A.T + np.diag([1.0, 3, 6, 10])
Q = B @ B.T + np.eye(4)
TALL = rng.normal(size=(5, 3))
PAIRS = np.array([[1.0, 2, 0.5], [-2, 1.5, 0.3], [0.2, 0.1, 4.0]])


def hermitian(a):
    return (a + np.conj(a.T)) / 2


CASES = {
    "rq": (sl.rq, A),
    "rq of a complex matrix": (sl.rq, C),
    "rq of a tall matrix": (sl.rq, TALL),
    "rq of a wide matrix": (lambda a: sl.rq(a, mode="economic"), TALL.T),
    "rq with one null vector": (sl.rq, TALL.T[:, :4]),
    "the factor R": (lambda a: sl.rq(a, mode="r"), TALL),
    "ldl": (lambda a: sl.ldl(a)[:2], S),
    "ldl with blocks of two": (lambda a: sl.ldl(hermitian(a))[:2], B),
    "ldl of the upper triangle": (lambda a: sl.ldl(hermitian(a), lower=False)[:2], B),
    "ldl of a Hermitian matrix": (lambda a: sl.ldl(hermitian(a))[:2], C),
    "schur": (sl.schur, PAIRS),
    "schur with a chosen order": (lambda a: sl.schur(a, sort=lambda x, y: x > 3)[:2], PAIRS),
    "hessenberg": (sl.hessenberg, A),
    "hessenberg with Q": (lambda a: sl.hessenberg(a, calc_q=True), A),
    "some eigenvalues": (lambda a: sl.eigh(a, subset_by_index=[1, 2]), S),
    "some by value": (lambda a: sl.eigvalsh(a, subset_by_value=[0.0, 20.0]), S),
    "some of a pencil": (lambda a, b: sl.eigh(a, b, subset_by_index=[0, 1]), S, Q),
    "left eigenvectors": (lambda a: sl.eig(a, left=True), PAIRS),
    "a pencil": (lambda a, b: sl.eig(a, b, left=True), S, Q),
    "eigenvalues of a pencil": (sl.eigvals, A, Q),
    "a null vector": (sl.null_space, TALL.T[:, :4]),
    "a range": (sl.orth, TALL),
    "signm": (sl.signm, PAIRS @ np.diag([1.0, -1.0, 2.0])),
    "funm": (lambda a, k: sl.funm(a, lambda w: np.cos(k * w)), A, 0.4),
    "a power in its exponent": (sl.fractional_matrix_power, S, 0.3),
    "fiedler_companion": (sl.fiedler_companion, S[0]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derivatives(case):
    check(*case)


def test_schur_near_a_repeated_eigenvalue():
    check(sl.schur, A, h=2e-5, rtol=1e-6)


def test_what_does_not_depend_on_the_basis():
    """A projector on a null space of two dimensions has a gradient, an element of its basis has none."""
    w = np.arange(25.0).reshape(5, 5)

    def f(a):
        n = sl.null_space(a)
        return np.sum(n @ n.T * w)

    d, h = rng.normal(size=(3, 5)), 1e-5
    central = (f(TALL.T + h * d) - f(TALL.T - h * d)) / (2 * h)
    np.testing.assert_allclose(np.sum(wg.grad(f)(TALL.T) * d), central, rtol=1e-7)
    assert np.isnan(wg.grad(lambda a: sl.null_space(a)[0, 0])(TALL.T)).any()


def test_what_does_not_depend_on_phases():
    def f(a):
        return np.sum(np.abs(sl.eig(a, Q)[1]) ** 4)

    d, h = rng.normal(size=(4, 4)), 1e-5
    np.testing.assert_allclose(np.sum(wg.grad(f)(A) * d), (f(A + h * d) - f(A - h * d)) / (2 * h), rtol=1e-7)
    assert np.isnan(wg.grad(lambda a: np.sum(sl.eig(a, Q)[1].real))(A)).any()


@pytest.mark.parametrize(
    "f",
    [lambda a: sl.eigvalsh(a @ a.T, subset_by_index=[1, 2]), lambda a: sl.ldl(a @ a.T)[0], lambda a: sl.schur(a)[1]],
)
def test_compiled(f):
    """A compiled gradient is right at matrices other than the one it was recorded at."""
    slope = wg.grad(lambda a: np.sum(f(a) ** 3))
    compiled = wg.jit(slope)
    for a in (A, A, PAIRS, S, PAIRS):
        np.testing.assert_allclose(compiled(a), slope(a), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("f", "name"), [(lambda a: sl.schur(a, output="complex"), "schur"), (lambda a: sl.qz(a, a), "qz"),
                    (lambda a: sl.eigh(a, a, type=2, subset_by_index=[0, 1]), "eigh")],
)  # fmt: skip
def test_refused(f, name):
    with pytest.raises(NoDerivative, match=f"scipy.linalg.{name}"):
        wg.vjp(f, A)


@pytest.mark.parametrize(
    "some",
    [
        lambda A: sl.eigh(A, subset_by_index=[1, 2], eigvals_only=True),
        lambda A: np.sort(sl.eigvals(A, np.eye(6)).real)[1:3],
    ],
)
def test_each_of_equal_eigenvalues_is_met_once(some):
    """The sum of two equal ones moves by the trace of the change on their plane."""
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    A, D = Q @ np.diag([0.1, 1, 1, 2, 3, 4]) @ Q.T, rng.normal(size=(6, 6))
    D = D + D.T
    expected = np.trace(Q[:, 1:3].T @ D @ Q[:, 1:3])
    got = [derivative(lambda t: np.sum(some(A + t * D)))(0.0) for derivative in (wg.grad, wg.derivative)]
    np.testing.assert_allclose(got, expected, rtol=1e-8)
