"""What was refused, or had no slope, though a formula is short; and what is refused with a remedy that works."""

import warnings

import numpy as np
import pytest
import scipy.linalg as sl
from check import check
from scipy import interpolate, optimize, signal, stats
from scipy.sparse import csr_array
from scipy.sparse import linalg as sparse_linalg
from scipy.stats import qmc

import wengert as wg
from wengert.errors import NoDerivative
from wengert.rules.draws_shifted import _BY_PPF

RNG = np.random.default_rng(0)
A, B = 0.3 * RNG.normal(size=(3, 3)), RNG.normal(size=(3, 2))
Q, R = 2 * np.eye(3), 1.5 * np.eye(2)
E, S = np.eye(3) + 0.1 * RNG.normal(size=(3, 3)), 0.1 * RNG.normal(size=(3, 2))
POINTS = RNG.random((6, 2))
TALL = RNG.normal(size=(6, 3))


@pytest.mark.parametrize("solve", [sl.solve_continuous_are, sl.solve_discrete_are])
def test_riccati_equations_with_a_matrix_before_the_unknown(solve):
    check(lambda a, b, e, s: solve(a, b, Q, R, e, s), A, B, E, S, rtol=1e-6)
    check(lambda q, r, e: solve(A, B, q + q.T, r + r.T, e=e), Q, R, E, rtol=1e-6)


def test_balanced_matrices():
    a = np.array([[1, 100.0, 1e-3, 0], [0.01, 2, 0.02, 0], [100, 3, 5, 0], [0, 1e4, 0, 2]])
    full = np.array([[2.0, 300.0, 11.0], [1.5, 2.0, 1.2], [2.5, 400.0, 5.0]])
    check(lambda a: sl.matrix_balance(a)[0], full)
    check(lambda a: sl.matrix_balance(a, separate=True, permute=False)[0] ** 2, full)
    np.testing.assert_array_equal(
        wg.jacobian(lambda a: sl.matrix_balance(a)[0])(a)[3, 3], np.eye(4)[0][:, None] * np.eye(4)[0]
    )
    for options in ({}, {"separate": True}, {"scale": False}):
        seen = []
        wg.grad(lambda a, o=options, seen=seen: (seen.append(sl.matrix_balance(a, **o)[1]), np.sum(a))[1])(a)
        np.testing.assert_equal(seen[0], sl.matrix_balance(a, **options)[1])


@pytest.mark.parametrize("method", ["CD", "WD", "MD", "L2-star"])
def test_discrepancies(method):
    check(lambda x: qmc.discrepancy(x, method=method), POINTS, rtol=1e-6)
    check(lambda x: qmc.discrepancy(x, method=method, iterative=True), POINTS, rtol=1e-6)


def test_geometric_discrepancies():
    check(qmc.geometric_discrepancy, POINTS, rtol=1e-6)
    check(lambda x: qmc.geometric_discrepancy(x, method="mst"), POINTS, rtol=1e-6)
    check(lambda x: qmc.geometric_discrepancy(x, metric="cityblock"), POINTS, rtol=1e-6)


ESTIMATES = {
    "anorm": lambda x: sparse_linalg.lsqr(TALL * x, B6)[5],
    "acond": lambda x: 2 * sparse_linalg.lsqr(TALL * x, B6)[6],
    "norma": lambda x: sparse_linalg.lsmr(csr_array(TALL) * x, B6)[5],
    "conda": lambda x: np.log(sparse_linalg.lsmr(TALL * x, B6)[6]),
}
B6 = np.arange(6.0)


@pytest.mark.parametrize("name", ESTIMATES)
def test_what_least_squares_estimate_on_their_way_has_no_slope(name):
    f = ESTIMATES[name]
    for operator in (wg.grad, wg.derivative, lambda f: wg.jit(wg.grad(f))):
        with pytest.raises(NoDerivative, match=f"{name}.*test_refused_before.py"):
            operator(f)(1.5)
    np.testing.assert_allclose(wg.jit(f)(1.5), f(1.5))
    assert wg.grad(lambda x: x if f(x) > 0 else 0 * x)(1.5) == 1.0


def test_solutions_beside_estimates():
    check(lambda x: np.sum(sparse_linalg.lsqr(TALL * x, B6)[0] ** 2), 1.5, rtol=1e-6)
    check(lambda x: np.sum(sparse_linalg.lsmr(TALL * x, B6)[0] ** 2), 1.5, rtol=1e-6)


SHAPES = {"gamma": (2.5,), "standard_gamma": (2.5,), "beta": (2.0, 3.0), "chisquare": (3.0,), "standard_t": (4.0,)}
SHAPES |= {"f": (3.0, 5.0), "vonmises": (0.2, 2.0), "wald": (1.0, 2.0)}


@pytest.mark.parametrize("name", SHAPES)
def test_draws_that_jump_say_what_moves(name):
    p = np.array(SHAPES[name])
    with pytest.raises(NoDerivative, match=rf"numpy\.random's {name} .*\n.*scipy\.stats\."):
        wg.grad(lambda p: getattr(np.random.default_rng(1), name)(*p))(p)
    names = _BY_PPF[name].partition("(")[2].rstrip(")").split(", ")[1:]
    by_ppf = getattr(stats, _BY_PPF[name].partition(".")[0]).ppf
    if name == "wald":
        check(lambda p: by_ppf(0.3, p[0] / p[1], scale=p[1]), p, rtol=1e-5)
    elif name == "vonmises":
        check(lambda p: by_ppf(0.3, p[1], loc=p[0]), p, rtol=1e-5)
    else:
        assert len(names) == p.size
        check(lambda p: by_ppf(0.3, *[p[k] for k in range(p.size)]), p, rtol=1e-5)


def test_draws_that_are_called_by_others():
    """Names that the program's code does not mention."""
    by_name = {"a": "laplace", "b": "rayleigh"}
    check(lambda x: getattr(np.random.default_rng(1), by_name["a"])(x, x), 1.5, rtol=1e-6)
    check(lambda x: getattr(np.random.RandomState(1), by_name["b"])(x), 1.5, rtol=1e-6)
    with pytest.raises(NoDerivative, match=r"numpy\.random's standard_gamma .*\n.*gamma\.ppf"):
        wg.grad(lambda x: stats.gamma.rvs(x, random_state=np.random.default_rng(1)))(2.0)


def models():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        from scipy import odr
    return odr


def test_refused_with_a_remedy():
    with pytest.raises(NoDerivative, match=r"scipy\.signal\.place_poles .*\n.*Ackermann"):
        wg.grad(lambda x: np.sum(signal.place_poles(A * x, B, [-1.0, -2.0, -3.0]).gain_matrix))(1.5)
    z = np.linspace(-1, 1, 20)
    with pytest.raises(NoDerivative, match=r"scipy\.interpolate\.AAA .*\n.*FloaterHormannInterpolator"):
        wg.grad(lambda x: interpolate.AAA(z, np.exp(z * x))(0.3).real)(1.5)
    check(lambda x: interpolate.FloaterHormannInterpolator(z, np.exp(z * x))(0.3), 1.5, rtol=1e-6)
    odr = models()
    with pytest.raises(NoDerivative, match=r"scipy\.odr\.RealData .*\n.*curve_fit"):
        wg.grad(lambda x: odr.RealData(np.arange(4.0), np.arange(4.0) * x, sx=0.1, sy=0.1).y[1])(1.5)
    assert optimize.curve_fit


def test_ackermanns_formula():
    b, poles = B[:, :1], np.array([-1.0, -2.0, -3.0])

    def gain(x):
        a, p = A * x, np.poly(poles)
        reached = np.concatenate([b, a @ b, a @ a @ b], axis=1)
        of_a = p[0] * a @ a @ a + p[1] * a @ a + p[2] * a + p[3] * np.eye(3)
        return np.linalg.solve(reached.T, np.eye(3)[-1]) @ of_a

    np.testing.assert_allclose(gain(1.5), signal.place_poles(A * 1.5, b, poles).gain_matrix[0], rtol=1e-6)
    check(gain, 1.5, rtol=1e-6)
