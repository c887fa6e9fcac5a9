"""np.linalg: every function against differences, both modes, second order, stacks and complex."""

import numpy as np
import pytest
from check import check

import wengert as wg

rng = np.random.default_rng(7)


def spd(n, *lead):
    a = rng.normal(size=(*lead, n, n))
    return a @ np.swapaxes(a, -1, -2) + n * np.eye(n)


def near_one(n, *lead, dtype=float):
    a = rng.normal(size=(*lead, n, n))
    if dtype is complex:
        a = a + 1j * rng.normal(size=a.shape)
    return 0.3 * a + np.diag(np.arange(1.0, n + 1))


A3 = near_one(3)
A23 = near_one(3, 2)
C3 = near_one(3, dtype=complex)
B3 = rng.normal(size=3)
B32 = rng.normal(size=(3, 2))
TALL = rng.normal(size=(4, 3))
WIDE = rng.normal(size=(2, 3))
H3 = A3 + A3.T

CASES = {
    "solve vector": (np.linalg.solve, A3, B3),
    "solve matrix": (np.linalg.solve, A3, B32),
    "solve stack": (np.linalg.solve, A23, B32),
    "solve stack, vector": (np.linalg.solve, A23, B3),
    "solve broadcast": (np.linalg.solve, A3, rng.normal(size=(2, 3, 2))),
    "solve complex": (np.linalg.solve, C3, B32 + 1j),
    "solve complex, real": (np.linalg.solve, C3, B3),
    "inv": (np.linalg.inv, A3),
    "inv stack": (np.linalg.inv, A23),
    "inv complex": (np.linalg.inv, C3),
    "det": (np.linalg.det, A3),
    "det stack": (np.linalg.det, A23),
    "det complex": (np.linalg.det, C3),
    "slogdet": (lambda a: np.linalg.slogdet(a)[1], A23),
    "slogdet complex": (lambda a: tuple(np.linalg.slogdet(a)), C3),
    "cholesky": (np.linalg.cholesky, spd(3)),
    "cholesky stack": (np.linalg.cholesky, spd(3, 2)),
    "cholesky upper": (lambda a: np.linalg.cholesky(a, upper=True), spd(3)),
    "cholesky complex": (np.linalg.cholesky, spd(3) + 0.3j * (A3 - A3.T)),
    "cholesky complex upper": (lambda a: np.linalg.cholesky(a, upper=True), spd(3) + 0.3j * (A3 - A3.T)),
    "pinv tall": (np.linalg.pinv, TALL),
    "pinv wide stack": (np.linalg.pinv, rng.normal(size=(2, 2, 3))),
    "pinv complex": (np.linalg.pinv, TALL + 1j * rng.normal(size=TALL.shape)),
    "pinv hermitian": (lambda a: np.linalg.pinv(a, hermitian=True), H3),
    "lstsq": (lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0], TALL, rng.normal(size=4)),
    "lstsq matrix": (
        lambda a, b: tuple(np.linalg.lstsq(a, b, rcond=None)[k] for k in (0, 1, 3)),
        TALL,
        rng.normal(size=(4, 2)),
    ),
    "lstsq wide": (lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0], WIDE, rng.normal(size=2)),
    "lstsq complex": (
        lambda a, b: tuple(np.linalg.lstsq(a, b, rcond=None)[k] for k in (0, 1)),
        TALL + 1j * rng.normal(size=TALL.shape),
        rng.normal(size=4) + 1j,
    ),
    "matrix_power 3": (lambda a: np.linalg.matrix_power(a, 3), A3),
    "matrix_power -5": (lambda a: np.linalg.matrix_power(a, -5), A3),
    "matrix_power 0": (lambda a: np.linalg.matrix_power(a, 0) * a[0, 0], A3),
    "multi_dot": (lambda a, b, c: np.linalg.multi_dot([a, b, c]), WIDE, A3, B32),
    "multi_dot four": (lambda a, b: np.linalg.multi_dot([a, b, b, b[0]]), WIDE, A3),
    "tensorsolve": (np.linalg.tensorsolve, rng.normal(size=(2, 3, 6)), rng.normal(size=(2, 3))),
    "tensorinv": (lambda a: np.linalg.tensorinv(a, ind=1), rng.normal(size=(6, 2, 3))),
    "cond": (np.linalg.cond, A3),
    "cond fro": (lambda a: np.linalg.cond(a, "fro"), A3),
    "cond 1": (lambda a: np.linalg.cond(a, 1), A23),
    "cond -2": (lambda a: np.linalg.cond(a, -2), A3),
    "trace": (np.linalg.trace, A23),
    "diagonal": (np.linalg.diagonal, A23),
    "cross": (np.linalg.cross, B3, B3[::-1] ** 2),
    "outer": (np.linalg.outer, B3, rng.normal(size=2)),
    "tensordot": (lambda a, b: np.linalg.tensordot(a, b, axes=1), A23, B32),
    "matmul": (np.linalg.matmul, A23, B32),
    "matrix_transpose": (np.linalg.matrix_transpose, A23),
    "vecdot": (np.linalg.vecdot, TALL, TALL**2),
}


@pytest.mark.parametrize("case", CASES)
def test_against_differences(case):
    f, *args = CASES[case]
    check(f, *args)


def test_matrix_rank_is_constant():
    assert wg.grad(lambda a: a[0, 0] * np.linalg.matrix_rank(a))(A3)[0, 0] == 3


@pytest.mark.parametrize("f", [np.linalg.inv, np.linalg.cholesky, np.linalg.det, lambda a: np.linalg.solve(a, a[0])])
def test_float32_stays(f):
    a = spd(3).astype(np.float32)
    g = wg.grad(lambda a: np.sum(f(a)))(a)
    assert g.dtype == np.float32
    assert g.shape == a.shape


@pytest.mark.parametrize("f", [np.linalg.inv, lambda a: np.linalg.solve(a, np.ones(2))])
def test_singular_raises_as_numpy(f):
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        wg.grad(lambda a: np.sum(f(a)))(np.ones((2, 2)))


def test_not_positive_definite_raises_as_numpy():
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        wg.grad(lambda a: np.sum(np.linalg.cholesky(a)))(-np.eye(2))


def cofactors(a):
    n = len(a)
    minor = lambda i, j: np.delete(np.delete(a, i, 0), j, 1)
    return np.array([[(-1) ** (i + j) * np.linalg.det(minor(i, j)) for j in range(n)] for i in range(n)])


@pytest.mark.parametrize("corank", [1, 2, 3])
@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_det_of_singular_matrix(n, corank):
    rank = max(n - corank, 0)
    a = rng.normal(size=(n, rank)) @ rng.normal(size=(rank, n))
    g = wg.grad(np.linalg.det)(a)
    np.testing.assert_allclose(g, cofactors(a) if n > 1 else [[1.0]], atol=1e-12)
    d = rng.normal(size=(n, n))
    slope = wg.jvp(np.linalg.det, (a,), (d,))[1]
    np.testing.assert_allclose(slope, np.sum(g * d), atol=1e-12)
    h = wg.hvp(np.linalg.det, (a,), (d,))
    h = h[0] if isinstance(h, tuple) else h
    expected = (cofactors(a + 1e-4 * d) - cofactors(a - 1e-4 * d)) / 2e-4 if n > 1 else [[0.0]]
    np.testing.assert_allclose(h, expected, atol=1e-6)


def test_det_of_known_singular_matrix():
    np.testing.assert_allclose(
        wg.grad(np.linalg.det)(np.array([[1.0, 2.0], [2.0, 4.0]])), [[4, -2], [-2, 1]], atol=1e-14
    )
    magic = np.array([[1.0, 2, 3], [4, 5, 6], [7, 8, 9]])
    np.testing.assert_allclose(wg.grad(np.linalg.det)(magic), cofactors(magic), atol=1e-12)
    stack = np.stack([magic, np.eye(3), np.zeros((3, 3))])
    got = wg.grad(lambda a: np.sum(np.linalg.det(a)))(stack)
    np.testing.assert_allclose(got, np.stack([cofactors(m) for m in stack]), atol=1e-12)


def test_third_derivative_of_det_at_zero():
    d = rng.normal(size=(3, 3))
    f = lambda t: np.linalg.det(t * d)
    third = wg.derivative(wg.derivative(wg.derivative(f)))(0.0)
    np.testing.assert_allclose(third, 6 * np.linalg.det(d), rtol=1e-10)


def test_dead_branch_of_slogdet():
    def f(a):
        sign, log = np.linalg.slogdet(a)
        return np.where(sign != 0, log, 0.0)

    np.testing.assert_array_equal(wg.grad(f)(np.ones((2, 2))), np.zeros((2, 2)))


def test_cholesky_reads_the_lower_triangle():
    g = wg.grad(lambda a: np.sum(np.linalg.cholesky(a)))(spd(3))
    np.testing.assert_array_equal(np.triu(g, 1), 0)


def test_large_cholesky_against_definition():
    a = spd(150)
    c = rng.normal(size=a.shape)
    d = rng.normal(size=a.shape)
    d = d + d.T
    slope = wg.jvp(np.linalg.cholesky, (a,), (d,))[1]
    low = np.linalg.cholesky(a)
    np.testing.assert_allclose(slope @ low.T + low @ slope.T, d, atol=1e-10)
    bar = wg.vjp(np.linalg.cholesky, a)[1](c)
    bar = bar[0] if isinstance(bar, tuple) else bar
    np.testing.assert_allclose(np.sum(bar * d), np.sum(c * slope), rtol=1e-9)
