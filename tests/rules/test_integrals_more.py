"""scipy.integrate: quad with weights, moving points, of complex functions and in single precision; cubature and its like."""

import numpy as np
import pytest
import scipy.integrate as integrate
from check import check
from scipy import stats

import wengert as wg
from wengert.errors import NoDerivative

Q = integrate.quad


def bell(a):
    return lambda t: np.exp(-a * t**2)


CASES = {
    "cos": (lambda a, w, b: Q(bell(a), 0.0, b, weight="cos", wvar=w)[0], 1.2, 2.0, 0.9),
    "sin": (lambda a: Q(bell(a), 0.0, 1.0, weight="sin", wvar=3.0)[0], 1.2),
    "a power": (lambda a, b: Q(bell(a), 0.0, b, weight="alg", wvar=(-0.5, 0.0))[0], 1.2, 0.9),
    "a principal value": (lambda a, c: Q(bell(a), 0.0, 0.9, weight="cauchy", wvar=c)[0], 1.2, 0.4),
    "points that move": (lambda a: Q(lambda t: np.exp(-np.abs(t - a)), 0.0, 1.0, points=[a])[0], 0.4),
    "a complex function": (lambda a: Q(lambda t: np.exp(1j * a * t), 0.0, 1.0, complex_func=True)[0], 1.2),
    "all that QUADPACK says": (lambda a: Q(bell(a), 0.0, a, full_output=1)[0], 1.2),
    "cubature": (lambda a, u: integrate.cubature(lambda x: np.exp(-a * x[:, 0] ** 2) * np.cos(x[:, 1] * a),
                                                 [0.0, 0.0], [u, 1.0]).estimate, 1.2, 0.9),
    "tanhsinh": (lambda a, b: integrate.tanhsinh(lambda t, a: np.exp(-a * t**2), 0.0, b, args=(a,)).integral, 1.2, 0.8),
    "nsum": (lambda a: integrate.nsum(lambda k: a**k / (1 + k), 1, 10).sum, 0.7),
    "cumulative_simpson": (lambda x, y: integrate.cumulative_simpson(y, x=x, initial=0.5),
                           np.array([0.1, 0.4, 0.9, 1.3, 2.0]), np.array([0.3, -0.4, 1.1, 0.2, 0.7])),
    "simpson": (lambda x, y: integrate.simpson(y, x=x), np.array([0.1, 0.4, 0.9, 1.3]), np.array([0.3, -0.4, 1.1, 0.2])),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derivatives(case):
    check(*case)


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
def test_double_integrals_in_single_precision():
    """An integrand of single precision has noise, which no number of intervals resolves."""

    def f(a):
        return integrate.dblquad(lambda t, u: np.exp(-a * t * u), 0, 1, 0, 1)[0]

    slope = wg.grad(f)(np.float32(1.2))
    assert slope.dtype == np.float32
    np.testing.assert_allclose(slope, -0.15218046559663345, rtol=1e-6)


@pytest.mark.parametrize(
    ("f", "name"), [(lambda a: Q(bell(a), 0.0, np.inf, weight="sin", wvar=2.0)[0], "quad"),
                    (lambda a: integrate.nsum(lambda k: 1 / k**a, 1, np.inf).sum, "nsum")],
)  # fmt: skip
def test_refused(f, name):
    with pytest.raises(NoDerivative, match=f"no derivative rule for scipy.integrate.{name}"):
        wg.grad(f)(2.2)


THRESHOLDS = {
    "a product with a comparison": lambda s: Q(lambda x: (x > s) * np.exp(-x), 0, np.inf)[0],
    "a branch": lambda s: Q(lambda x: np.exp(-x) if x > s else 0.0, 0, 3)[0],
    "of a function of it": lambda s: Q(lambda x: np.where(x < s / 2, np.exp(-x), 0.0), -3.0, 3)[0],
    "a number of a comparison": lambda s: Q(lambda x: float(x > s) * np.exp(-x), 0, 3)[0],
    "a factor outside": lambda s: s * Q(lambda x: float(x > s), 0, 3)[0],
    "steps": lambda s: Q(lambda x: x // s, 0, 3)[0],
    "a place in a list": lambda s: Q(lambda x: [0.0, x][x > s], 0, 3)[0],
    "bins": lambda s: Q(lambda x: 1.0 * np.digitize(x, [s, 2 * s]), 0, 3)[0],
    "the outer variable": lambda s: integrate.dblquad(lambda y, x: float(x > s) * y, 0, 3, 0, 1)[0],
    "the inner variable": lambda s: integrate.nquad(lambda y, x: (y > s) * x, [[0, 3], [0, 1]])[0],
    "of arrays": lambda s: integrate.quad_vec(lambda x: np.array([x, 1.0]) * (x > s), 0, 3)[0][1],
    "a region": lambda s: integrate.cubature(lambda x: 1.0 * (x[:, 0] > s), [0], [3]).estimate,
    "at many places": lambda s: integrate.tanhsinh(lambda x: 1.0 * (x > s), 0, 3).integral,
    "a right-hand side": lambda s: integrate.solve_ivp(lambda t, y: [float(t > s)], (0, 3), [0.0]).y[0, -1],
    "a right-hand side of LSODA": lambda s: integrate.odeint(lambda y, t: [t > s], [0.0], [0.0, 3.0])[-1, 0],
}


@pytest.mark.parametrize("name", THRESHOLDS)
@pytest.mark.parametrize("derivative", [wg.grad, wg.derivative, lambda f: wg.jit(wg.grad(f))])
def test_a_jump_that_moves_with_what_is_only_compared_is_refused(name, derivative):
    """The slope in s is ∓g(s), and nothing that the integrand returns depends on s."""
    said = r"(compares its variable with a value that is differentiated|jumps where line .* and the jump moves).*\nS(pl|olve)"
    with pytest.raises(NoDerivative, match=said):
        derivative(THRESHOLDS[name])(1.1)


def test_comparisons_that_move_no_jump():
    at_node = lambda s: Q(lambda x: np.exp(-x) if s > 0 else x, 0, 3)[0]
    whole = lambda s: Q(lambda x: np.exp(-x) * int(s + 2), 0, 3)[0]
    fixed = lambda s: s * Q(lambda x: (x > 1) * np.exp(-x), 0, 3, points=[1.0])[0]
    outside = lambda s: Q(lambda x: x if x < s + 3.0 else 0.0, 0, 3)[0]
    assert wg.grad(outside)(1.1) == wg.jit(wg.grad(outside))(1.1) == 0.0
    assert wg.grad(at_node)(1.1) == wg.grad(whole)(1.1) == 0.0
    assert wg.grad(fixed)(2.0) == pytest.approx(np.exp(-1) - np.exp(-3), rel=1e-10)
    assert wg.jit(THRESHOLDS["a branch"])(1.1) == pytest.approx(np.exp(-1.1) - np.exp(-3), rel=1e-6)


def test_an_expectation_of_a_jump_that_moves_is_refused():
    for f in (lambda s: stats.norm.expect(lambda x: float(x > s)), lambda s: stats.norm.expect(lambda x: x > s)):
        for derivative in (wg.grad, lambda f: wg.jit(wg.grad(f))):
            with pytest.raises(NoDerivative, match="compares its variable with a value that is differentiated"):
                derivative(f)(0.3)
    assert wg.grad(lambda s: stats.norm.expect(lambda x: x**2 if s > 0 else 1.0))(0.3) == 0.0
    np.testing.assert_allclose(
        wg.grad(lambda s: stats.norm.expect(lambda x: 1.0, lb=s))(0.3), -stats.norm.pdf(0.3), rtol=1e-9
    )
