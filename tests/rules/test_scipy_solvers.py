"""Roots, minima, fits, integrals and initial value problems, in what the user's function reads."""

import numpy as np
import pytest
from check import check
from scipy import integrate, optimize

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

P = np.array([0.5, 0.2, 1.3])
T = np.linspace(0.0, 2.0, 8)
Y = 2.0 * np.exp(-1.3 * T) + 0.1 * np.sin(7.0 * T)
FINE = {"ftol": 1e-15, "xtol": 1e-15, "gtol": 1e-15}


def residual(x, a, b):
    return np.cos(x) - a * x - b


def crossing(p):
    return lambda z: [z[0] ** 2 + z[1] ** 2 - p[2] ** 2 - 4.0, z[0] - z[1] * p[0]]


def valley(p):
    return lambda z: (z[0] - p[0]) ** 2 + 10.0 * (z[1] - p[1] * z[0] ** 2) ** 2 + np.exp(0.1 * z[0] * p[2])


def decay(x, a, b):
    return a * np.exp(-b * x)


ROOTS = {
    "brentq": lambda p: optimize.brentq(residual, 0, 2, args=(p[0], p[1]), xtol=1e-14),
    "brenth": lambda p: optimize.brenth(residual, 0, 2, args=(p[0], p[1]), xtol=1e-14),
    "bisect": lambda p: optimize.bisect(residual, 0, 2, args=(p[0], p[1]), xtol=1e-14),
    "ridder": lambda p: optimize.ridder(residual, 0, 2, args=(p[0], p[1]), xtol=1e-14),
    "toms748": lambda p: optimize.toms748(residual, 0, 2, args=(p[0], p[1]), xtol=1e-14),
    "brentq, full output": lambda p: optimize.brentq(residual, 0, 2, args=(p[0], p[1]), xtol=1e-14, full_output=True)[0],
    "root_scalar": lambda p: optimize.root_scalar(residual, bracket=(0, 2), args=(p[0], p[1]), xtol=1e-14).root,
    "fsolve": lambda p: optimize.fsolve(crossing(p), [1, 1], xtol=1e-10),
    "root": lambda p: optimize.root(crossing(p), [1.0, 1.0], tol=1e-10).x,
    "least_squares": lambda p: optimize.least_squares(lambda z: np.array(crossing(p)(z)), [1.0, 1.0], **FINE).x,
}  # fmt: skip
INTEGRALS = {
    "quad": lambda p: integrate.quad(lambda x: np.exp(-p[0] * x**2), p[1], p[2])[0],
    "quad, backwards": lambda p: integrate.quad(lambda x: np.sqrt(x) * p[0], p[2], 0)[0],
    "quad, to infinity": lambda p: integrate.quad(lambda x, a, b: np.exp(-a * x) * np.cos(b * x), 0, np.inf, args=(p[0], p[1]))[0],
    "quad, everywhere": lambda p: integrate.quad(lambda x: np.exp(-p[2] * x**2), -np.inf, np.inf)[0],
    "quad, from minus infinity": lambda p: integrate.quad(lambda x: np.exp(x * p[0]), -np.inf, p[1])[0],
    "quad, points": lambda p: integrate.quad(lambda x: np.abs(x - 0.3) * p[1], 0, p[0], points=[0.3])[0],
    "fixed_quad": lambda p: integrate.fixed_quad(lambda x: np.exp(-p[0] * x), 0, p[1], n=5)[0],
}  # fmt: skip


@pytest.mark.parametrize("name", ROOTS)
def test_roots(name):
    check(ROOTS[name], P, rtol=1e-6)


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals(name):
    check(INTEGRALS[name], P, rtol=1e-6)


def test_double_integral():
    f = lambda p: integrate.dblquad(lambda y, x: p[0] * x * y**2 + p[1], 0, 2, 0, lambda x: x * p[2])[0]
    exact = lambda p: p[0] * 32.0 / 5.0 * p[2] ** 3 / 3.0 + p[1] * 2.0 * p[2]
    np.testing.assert_allclose(wg.grad(f)(P), wg.grad(exact)(P), rtol=1e-12)


@pytest.mark.parametrize("method", ["BFGS", "CG", "Newton-CG", "Nelder-Mead", "L-BFGS-B"])
def test_minimum(method):
    options = {"jac": lambda z, p: wg.grad(valley(p))(z)} if method == "Newton-CG" else {}
    found = lambda p: optimize.minimize(
        lambda z, p: valley(p)(z), [0.1, 0.0], args=(p,), method=method, tol=1e-9, **options
    )
    exact = wg.jacobian(lambda p: optimize.root(wg.grad(valley(p)), [0.5, 0.1], tol=1e-14).x)(P)
    np.testing.assert_allclose(wg.jacobian(lambda p: found(p).x)(P), exact, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(
        wg.grad(lambda p: found(p).fun)(P), wg.grad(lambda p: valley(p)(found(P).x))(P), rtol=1e-4, atol=1e-6
    )


def test_scalar_minimum():
    f = lambda p: optimize.minimize_scalar(lambda t: (t - p[0]) ** 4 + (t - p[1]) ** 2).x
    t = f(P)
    slope = np.array([12 * (t - P[0]) ** 2, 2.0, 0.0]) / (12 * (t - P[0]) ** 2 + 2.0)
    np.testing.assert_allclose(wg.grad(f)(P), slope, rtol=1e-6)


def test_order_of_the_derivative():
    f = lambda a: optimize.brentq(lambda x: x**3 - a, 0.0, 3.0, xtol=1e-15)
    for order in range(1, 6):
        exact = np.prod([1 / 3 - k for k in range(order)]) * 2.0 ** (1 / 3 - order)
        assert wg.derivative(f, order=order)(2.0) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("loss", ["linear", "soft_l1", "cauchy", "arctan", "huber"])
def test_least_squares(loss):
    check(
        lambda y: optimize.least_squares(lambda p: decay(T, *p) - y, [1.5, 1.0], loss=loss, f_scale=0.1, **FINE).x,
        Y, order=1, h=1e-4, rtol=1e-4,
    )  # fmt: skip


def test_curve_fit():
    options = {"p0": [1.5, 1.0], "ftol": 1e-15, "xtol": 1e-15}
    check(lambda y: optimize.curve_fit(decay, T, y, **options), Y, order=1, h=1e-4, rtol=1e-4)
    check(
        lambda y, s: optimize.curve_fit(decay, T, y, sigma=s, absolute_sigma=True, **options)[0],
        Y,
        0.1 + T,
        order=1,
        h=1e-4,
        rtol=1e-4,
    )


# ── initial value problems ──


def swing(t, y, a, b):
    return [y[1], -np.sin(y[0]) * a - b * y[1]]


def test_the_numbers_that_come_out():
    f = lambda p: integrate.solve_ivp(swing, (0, 1), [p[2], 0.0], args=(p[0], p[1]), t_eval=[0.3, 1.0]).y
    check(f, P, order=1, h=1e-5, rtol=1e-5, value=False)


@pytest.mark.parametrize("method", ["RK23", "RK45", "DOP853", "Radau", "BDF"])
def test_solve_ivp(method):
    exact = wg.jacobian(lambda p: p[2] * np.exp(-p[0] * np.array([0.5, 1.0])))(P)
    rtol = 1e-10 if method == "DOP853" else 1e-6
    f = lambda p: integrate.solve_ivp(
        lambda t, y: -p[0] * y, (0, 1), [p[2]], t_eval=[0.5, 1.0], method=method, rtol=rtol, atol=1e-2 * rtol
    ).y[0]
    for mode in ("forward", "reverse"):
        np.testing.assert_allclose(wg.jacobian(f, mode=mode)(P), exact, rtol=1e3 * rtol, atol=1e2 * rtol)


def test_event_and_dense_output():
    def fall(p):
        hit = lambda t, y: y[0]
        hit.terminal = True
        s = integrate.solve_ivp(
            lambda t, y: [y[1], -9.81], (0, 5), [p[0], p[1]], events=hit, dense_output=True, rtol=1e-10
        )
        return np.array([s.t_events[0][0], s.sol(0.1)[0], s.y[1, -1]])

    def exactly(p):
        t = (p[1] + np.sqrt(p[1] ** 2 + 2 * 9.81 * p[0])) / 9.81
        return np.array([t, p[0] + 0.1 * p[1] - 0.5 * 9.81 * 0.01, p[1] - 9.81 * t])

    np.testing.assert_allclose(wg.jacobian(fall)(P[:2]), wg.jacobian(exactly)(P[:2]), rtol=1e-8, atol=1e-10)


def robertson(y, t, a, b):
    return [-a * y[0] + b * y[1], a * y[0] - b * y[1]]


@pytest.mark.parametrize("rate", [1.0, 30.0])
def test_odeint(rate):
    t = np.array([0.0, 0.4, 1.5])
    f = lambda p: integrate.odeint(robertson, [p[2], 0.3], t, args=(p[0], rate * p[1]))[1:, 0]

    def exactly(p):
        a, b = p[0], rate * p[1]
        still = b / (a + b) * (p[2] + 0.3)
        return still + (p[2] - still) * np.exp(-(a + b) * t[1:])

    np.testing.assert_allclose(wg.jacobian(f)(P), wg.jacobian(exactly)(P), rtol=1e-6, atol=1e-9)
    lsoda = lambda p: integrate.solve_ivp(
        lambda t, y: robertson(y, t, p[0], p[1]), (0, 1), [p[2], 0.3], method="LSODA", t_eval=[1.0]
    ).y[0, 0]
    once = lambda p: integrate.odeint(robertson, [p[2], 0.3], [0.0, 1.0], args=(p[0], p[1]))[1, 0]
    np.testing.assert_allclose(wg.grad(lsoda)(P), wg.grad(once)(P), rtol=1e-8)


def test_plain_problems_stay_plain():
    f = lambda a: a * integrate.solve_ivp(lambda t, y: -y, (0, 1), [1.0]).y[0, -1] * optimize.brentq(np.cos, 1, 2)
    assert wg.grad(f)(1.0) == f(1.0)


def test_refused():
    with pytest.raises(wg.errors.NoDerivative, match="minimize at a bound or constraint that does not hold it back"):
        wg.grad(lambda a: optimize.minimize(lambda x: (x[0] - a) ** 2, [1.5], bounds=[(1, 2)]).x[0])(1.0)
    with pytest.raises(wg.errors.NoDerivative, match="linprog where not exactly as many constraints meet"):
        wg.grad(lambda b: optimize.linprog([-1, -1], A_ub=[[1, 1], [1, 1]], b_ub=np.array([b, b])).x[0])(1.0)


def area(a):
    """∫ |t − a| over (0, 1): a²/2 + (1 − a)²/2."""
    return integrate.quad(lambda t: abs(t - a), 0, 1)[0]


def test_a_kink_that_moves_is_found_and_halved():
    assert abs(wg.grad(area)(0.3) - (2 * 0.3 - 1)) < 1e-13


def test_the_second_derivative_of_an_integral_over_a_kink_is_refused():
    with pytest.raises(NoDerivative, match=r"has a kink at 0.3, and nothing says whether it moves"):
        wg.derivative(area, order=2)(0.3)
    split = lambda a: integrate.quad(lambda t: a - t, 0, a)[0] + integrate.quad(lambda t: t - a, a, 1)[0]
    assert abs(wg.derivative(split, order=2)(0.3) - 2) < 1e-12


def test_a_jump_is_refused_unless_it_is_said_to_be_fixed():
    def f(a, **options):
        return integrate.quad(lambda t: (2.0 if t > 0.5 else 1.0) * a, 0, 1, **options)[0]

    with pytest.raises(NoDerivative, match=r"has a jump at 0.5.*\n.*points=\[0.5\]"):
        wg.grad(f)(0.3)
    assert abs(wg.grad(lambda a: f(a, points=[0.5]))(0.3) - 1.5) < 1e-13


def test_isotonic_regression():
    y, w = np.array([1.0, 3.0, 2.0, 2.5, 4.0, 0.5]), np.array([1.0, 2.0, 0.5, 1.5, 1.0, 3.0])

    def f(y, w):
        up, down = optimize.isotonic_regression(y, weights=w), optimize.isotonic_regression(y, increasing=False)
        return up.x, up.weights, down.x

    check(f, y, w)
    total = lambda y: np.sum(optimize.isotonic_regression(y).x ** 2)
    np.testing.assert_allclose(wg.jit(wg.grad(total))(y), wg.grad(total)(y), rtol=1e-14)


@pytest.mark.parametrize("name", ["dopri5", "dop853", "vode", "lsoda"])
def test_ode(name):
    """A swinging body, from time to time."""

    def f(y0, k, end):
        tolerances = {"rtol": 1e-11, "atol": 1e-12}
        solver = integrate.ode(lambda t, y, k: [y[1], -k * y[0] * t]).set_integrator(name, **tolerances)
        solver.set_initial_value(y0, 0.0).set_f_params(k)
        first = solver.integrate(0.5 * end) + 0.0  # LSODA goes on in the same memory
        solver.integrate(end)
        return first, solver.y, solver.t

    check(f, np.array([1.0, 0.5]), 1.3, 1.7, h=1e-3, rtol=1e-5, value=False)


def test_ode_step():
    """A single step ends where it ends: the time is a step's, not the parameter's."""

    def step(k):
        solver = integrate.ode(lambda t, y: -k * y).set_integrator("vode").set_initial_value(1.0)
        return solver.integrate(1.0, step=True)[0], solver.t

    (y, t), slope = step(0.7), wg.grad(lambda k: step(k)[0])(0.7)
    np.testing.assert_allclose(slope, -t * y, rtol=1e-5)


def test_ode_refused():
    def threshold(k):
        return (
            integrate.ode(lambda t, y: float(t > k)).set_integrator("dopri5").set_initial_value(0.0).integrate(1.0)[0]
        )

    def values(k):
        solver = integrate.complex_ode(lambda t, y: 1j * k * y).set_integrator("vode").set_initial_value(1.0)
        return np.real(solver.integrate(1.0))[0]

    for f in (threshold, values):
        with pytest.raises((NoDerivative, LostDerivative), match="called at test_scipy_solvers"):
            wg.grad(f)(0.7)


JUMPS = {
    "brentq": lambda s: optimize.brentq(lambda x: 1.0 if x > s else -1.0, 0.0, 1.0),
    "bisect": lambda s: optimize.bisect(lambda x: np.floor(x / s) - 1.5, 0.1, 1.0),
    "root_scalar": lambda s: optimize.root_scalar(lambda x: float(x > s) - 0.5, bracket=(0.0, 1.0)).root,
}


@pytest.mark.parametrize("name", JUMPS)
def test_a_jump_over_zero_that_moves_is_refused(name):
    """The root moves with s, and no value of the function tells."""
    for derivative in (wg.grad, lambda f: wg.jit(wg.grad(f))):
        with pytest.raises(NoDerivative, match="compares its variable with a value that is differentiated"):
            derivative(JUMPS[name])(0.3)
    beside = lambda s: optimize.brentq(lambda x: x - 0.8 if x > s else -1.0, 0.0, 1.0)
    assert wg.grad(beside)(0.3) == 0.0


def test_a_double_root():
    with pytest.raises(NoDerivative, match="the slope of the function is singular there"):
        wg.grad(lambda a: optimize.fsolve(lambda x: a * x**2, 0.0)[0])(1.0)
