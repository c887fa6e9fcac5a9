"""The pseudo-inverse and least squares where they are ill-conditioned, and where singular values are left out."""

import mpmath as mp
import numpy as np
import pytest
import scipy.linalg as sl
from check import check

import wengert as wg
from wengert.rules.linalg_svd import push_qr

rng = np.random.default_rng(3)
ORTHONORMAL, ALSO = np.linalg.qr(rng.normal(size=(6, 6)))[0], np.linalg.qr(rng.normal(size=(3, 3)))[0]
B = rng.normal(size=6)
CUT = {
    "NumPy's pinv": lambda a: np.linalg.pinv(a, rcond=0.3) @ B,
    "NumPy's pinv, rtol": lambda a: np.linalg.pinv(a, rtol=0.3) @ B,
    "more columns": lambda a: B @ np.linalg.pinv(a.T, rcond=0.3),
    "of a Hermitian matrix": lambda a: np.linalg.pinv(a.T @ a, rcond=0.1, hermitian=True),
    "NumPy's lstsq": lambda a: np.linalg.lstsq(a, B, rcond=0.3)[0],
    "several right-hand sides": lambda a: np.linalg.lstsq(a, np.outer(B, [1.0, 2.0]), rcond=0.3)[0],
    "SciPy's pinv": lambda a: sl.pinv(a, rtol=0.3) @ B,
    "SciPy's pinv, atol": lambda a: sl.pinv(a, atol=0.4) @ B,
    "SciPy's pinvh": lambda a: sl.pinvh(a.T @ a, rtol=0.1),
    "SciPy's lstsq": lambda a: sl.lstsq(a, B, cond=0.3)[0],
    "complex": lambda a: np.abs(np.linalg.pinv(a + 0.1j * a[::-1], rcond=0.3) @ B) ** 2,
    "a stack": lambda a: np.linalg.pinv(np.stack([a, a + 0.01 * a**2]), rcond=0.3) @ B,
}


@pytest.mark.parametrize("values", [(2.0, 1.0, 0.2), (1.0, 1.0, 0.2)], ids=["apart", "equal"])
@pytest.mark.parametrize("f", CUT.values(), ids=CUT)
def test_singular_values_that_are_left_out_move_the_others(f, values):
    """A truncated pseudo-inverse depends on what it leaves out: its vectors turn."""
    a = ORTHONORMAL[:, :3] * values @ ALSO
    check(f, a, h=1e-4, rtol=1e-6)


def test_the_right_hand_side_where_singular_values_are_left_out():
    a = ORTHONORMAL[:, :3] * (2.0, 1.0, 0.2) @ ALSO
    check(lambda a, b: np.linalg.lstsq(a, b, rcond=0.3)[0], a, B, h=1e-4, rtol=1e-6)
    check(lambda a, b: sl.lstsq(a, b, cond=0.3)[0], a, B, h=1e-4, rtol=1e-6)


def test_a_limit_that_leaves_nothing_out():
    a = ORTHONORMAL[:, :3] * (2.0, 1.0, 0.5) @ ALSO
    found = wg.jacobian(lambda a: np.linalg.lstsq(a, B, rcond=0.1)[:2])(a)
    full = wg.jacobian(lambda a: np.linalg.lstsq(a, B, rcond=None)[:2])(a)
    for one, other in zip(found, full, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10)


def test_compiled_and_in_batches():
    a = ORTHONORMAL[:, :3] * (2.0, 1.0, 0.2) @ ALSO
    f = lambda a: np.sum((np.linalg.pinv(a, rcond=0.3) @ B) ** 2)
    g = lambda a: np.sum((np.linalg.pinv(a) @ B) ** 2)
    for h in (f, g):
        np.testing.assert_allclose(wg.jit(wg.grad(h))(a), wg.grad(h)(a), rtol=1e-10)
        many = wg.vmap(wg.grad(h))(np.stack([a, 1.1 * a]))
        np.testing.assert_allclose(many[1], wg.grad(h)(1.1 * a), rtol=1e-10)


LONGLEY = np.array([
    [60323, 83.0, 234289, 2356, 1590, 107608, 1947],
    [61122, 88.5, 259426, 2325, 1456, 108632, 1948],
    [60171, 88.2, 258054, 3682, 1616, 109773, 1949],
    [61187, 89.5, 284599, 3351, 1650, 110929, 1950],
    [63221, 96.2, 328975, 2099, 3099, 112075, 1951],
    [63639, 98.1, 346999, 1932, 3594, 113270, 1952],
    [64989, 99.0, 365385, 1870, 3547, 115094, 1953],
    [63761, 100.0, 363112, 3578, 3350, 116219, 1954],
    [66019, 101.2, 397469, 2904, 3048, 117388, 1955],
    [67857, 104.6, 419180, 2822, 2857, 118734, 1956],
    [68169, 108.4, 442769, 2936, 2798, 120445, 1957],
    [66513, 110.8, 444546, 4681, 2637, 121950, 1958],
    [68655, 112.6, 482704, 3813, 2552, 123366, 1959],
    [69564, 114.2, 502601, 3931, 2514, 125368, 1960],
    [69331, 115.7, 518173, 4806, 2572, 127852, 1961],
    [70551, 116.9, 554894, 4007, 2827, 130081, 1962],
])  # fmt: skip
"""Employment in the United States (J. W. Longley, 1967): a regression with condition number 5e9."""


def _exact_slopes(x, y, d, c):
    """The derivative of c·(XᵀX)⁻¹Xᵀy in the direction d, in 60 digits."""
    with mp.workdps(60):
        x, d, y, c = (mp.matrix(z.tolist()) for z in (x, d, y, c))
        gram = (x.T * x) ** -1
        beta = gram * (x.T * y)
        slope = gram * (d.T * (y - x * beta)) - gram * (x.T * (d * beta))
        return float((c.T * slope)[0])


SOLVERS = {
    "np.linalg.pinv": lambda x, y: np.linalg.pinv(x) @ y,
    "scipy.linalg.pinv": lambda x, y: sl.pinv(x) @ y,
    "np.linalg.lstsq": lambda x, y: np.linalg.lstsq(x, y, rcond=None)[0],
    "scipy.linalg.lstsq": lambda x, y: sl.lstsq(x, y)[0],
    "the transposed matrix": lambda x, y: y @ np.linalg.pinv(x.T),
}


@pytest.mark.parametrize("solve", SOLVERS.values(), ids=SOLVERS)
def test_ill_conditioned(solve):
    """Projectors come from orthonormal bases: 1 − A A⁺ has errors that the squared condition number multiplies."""
    x, y = np.column_stack([LONGLEY[:, 1:], np.ones(16)]), LONGLEY[:, 0]
    assert 4e9 < np.linalg.cond(x) < 6e9
    c = np.random.default_rng(0).normal(size=7)
    for k in range(3):
        d = np.random.default_rng(k).normal(size=x.shape) * x
        exact = _exact_slopes(x, y, d, c)
        forward = c @ wg.jvp(lambda x: solve(x, y), (x,), (d,))[1]
        reverse = np.sum(d * wg.grad(lambda x: c @ solve(x, y))(x))
        np.testing.assert_allclose([forward, reverse], exact, rtol=1e-9)


def test_factors_of_a_matrix_whose_last_column_depends_on_the_others():
    a = ORTHONORMAL[:3, :3].copy()
    a[:, 2] = a[:, 0] + 2.0 * a[:, 1]
    for factors in (np.linalg.qr, lambda a: np.linalg.qr(a, mode="complete"), sl.qr, lambda a: np.linalg.qr(a)[0] ** 2):
        check(factors, a, h=1e-4, rtol=1e-6)
    dots = push_qr(np.ones((3, 3)), ALSO, np.triu(a) * [1.0, 1.0, 0.0])
    assert all(np.all(np.isfinite(x)) for x in dots)


def test_shifts_that_are_eigenvalues():
    """QR steps with the last element as shift: in the end the shifted matrix is singular."""

    def values(p):
        a = np.array([[p[0], p[1], p[2]], [p[1], p[3], p[4]], [p[2], p[4], p[5]]])
        for _ in range(60):
            shift = a[-1, -1] * np.eye(3)
            q, r = np.linalg.qr(a - shift)
            a = r @ q + shift
        return np.sort(np.diag(a))

    p = np.array([4.0, 1.0, 0.5, 3.0, 0.2, 2.0])
    check(values, p, rtol=1e-6, dual=1e-10)


SINGULAR = np.array([[0.0, 1.0, 2.0], [0.0, 3.0, 4.0], [0.0, 5.0, 7.0]])
WITHOUT_SLOPE = {
    "Hessenberg's form": (lambda a: sl.hessenberg(a), SINGULAR),
    "Schur's form": (lambda a: sl.schur(a)[0], -np.eye(3)),
    "a polar factor": (lambda a: sl.polar(a)[0], np.ones((4, 2))),
    "eigenvalues of a Jordan block": (np.linalg.eigvals, np.diag([1.0, 1.0], 1)),
}


@pytest.mark.parametrize(("f", "a"), WITHOUT_SLOPE.values(), ids=WITHOUT_SLOPE)
@pytest.mark.filterwarnings("ignore")
def test_forms_without_derivative_raise_nothing(f, a):
    assert np.all(np.isfinite(f(a)))
    for slopes in (wg.jvp(f, (a,), (np.ones_like(a),))[1], wg.grad(lambda a: np.sum(np.abs(f(a))))(a)):
        assert np.any(np.isnan(slopes))


def test_what_asks_lapack_for_its_memory():
    """SciPy looks at attributes of the functions that it asks."""
    check(lambda a: sl.null_space(a[:2]) @ sl.null_space(a[:2]).T, SINGULAR + np.eye(3), h=1e-4, rtol=1e-6)
    assert np.all(wg.jvp(lambda a: sl.orth(a), (-np.eye(3),), (np.zeros((3, 3)),))[1] == 0.0)


def test_a_zero_among_the_factors_of_a_symmetric_matrix():
    """No exception of NumPy's: the last pivot is 0."""
    f = lambda a: sl.ldl(a @ a.T)[0]
    tangent = wg.jvp(f, (SINGULAR,), (np.ones((3, 3)),))[1]
    np.testing.assert_allclose(tangent, (f(SINGULAR + 1e-6) - f(SINGULAR - 1e-6)) / 2e-6, atol=1e-6)


def test_a_matrix_without_derivative_of_its_factors():
    """No exception of NumPy's: np.linalg.qr raises none."""
    a = np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert np.all(np.isnan(wg.jvp(lambda a: np.linalg.qr(a)[0], (a,), (np.ones((3, 2)),))[1][:, 1]))
