"""Right-hand sides that jump where the solution never comes: behind an event that ends it, and beyond its end."""

import numpy as np
import pytest
from scipy.integrate import ode, odeint, solve_ivp

import wengert as wg
from wengert.errors import NoDerivative

G, V = 9.81, 2.0


def event(g, terminal=True, direction=0.0):
    g.terminal, g.direction = terminal, direction
    return g


def thrown(v, method, guard=lambda y: [0.0, 0.0], read=lambda s: s.t_events[0][0], terminal=True, **options):
    """A ball that is thrown from height 1, and lies on the ground."""
    fall = lambda t, y: [y[1], -G] if y[0] >= 0 else guard(y)
    ground = event(lambda t, y: y[0], terminal, -1.0)
    options = {"rtol": 1e-8, "atol": 1e-10, "events": ground} | options
    return read(solve_ivp(fall, (0.0, 10.0), [1.0, v], method=method, **options))


lands = lambda v: (v + np.sqrt(v**2 + 2 * G)) / G


def assert_right(f, closed, x, rtol=1e-6, second=1e-5, order=2):
    np.testing.assert_allclose(f(x), closed(x), rtol=rtol)
    expected = wg.grad(closed)(x)
    np.testing.assert_allclose(wg.grad(f)(x), expected, rtol=rtol, atol=1e-9)
    np.testing.assert_allclose(wg.jvp(f, (x,), (1.0,))[1], expected, rtol=rtol, atol=1e-9)
    np.testing.assert_allclose(wg.jit(wg.grad(f))(x), expected, rtol=rtol, atol=1e-9)
    if order == 2:
        expected = wg.grad(wg.grad(closed))(x)
        along = lambda g: lambda x: wg.jvp(g, (x,), (1.0,))[1]
        for twice in (wg.grad(wg.grad(f)), wg.grad(along(f)), along(wg.grad(f)), along(along(f))):
            np.testing.assert_allclose(twice(x), expected, rtol=second, atol=1e-8)


@pytest.mark.parametrize("method", ["RK45", "RK23", "DOP853", "Radau", "BDF"])
def test_a_guard_behind_the_event_that_ends_the_solution(method):
    """The time at which it lands, its speed there, and where it is on the way."""
    rtol = 1e-6 if method in ("RK45", "DOP853", "Radau") else 2e-4
    assert_right(lambda v: thrown(v, method), lands, V, rtol)
    speed = lambda v: thrown(v, method, read=lambda s: s.y[1, -1])
    assert_right(speed, lambda v: -np.sqrt(v**2 + 2 * G), V, rtol)


GUARDS = {
    "stays": lambda y: [0.0, 0.0],
    "falls faster": lambda y: [-30.0, 7.0 * y[1]],
    "falls slower": lambda y: [0.1 * y[1], 0.0],
}


@pytest.mark.parametrize("name", GUARDS)
def test_whatever_the_guard_says(name):
    time = lambda v: thrown(v, "RK45", GUARDS[name], rtol=1e-10, atol=1e-12)
    assert_right(time, lands, V)
    on_the_way = lambda v: thrown(v, "RK45", GUARDS[name], lambda s: s.y[0, 2], t_eval=[0.0, 0.3, 0.69])
    assert_right(on_the_way, lambda v: 1.0 + v * 0.69 - G / 2 * 0.69**2, V)


def test_all_that_is_found():
    """Another event on the way, times, states of events."""
    top = event(lambda t, y: y[1], False)
    ground = event(lambda t, y: y[0])
    last = lambda s: s.t[-1] + s.t_events[0][0] + 3.0 * s.y_events[0][0, 0] + s.y_events[1][0, 1]
    closed = lambda v: lands(v) + v / G + 3.0 * (1 + v**2 / (2 * G)) - np.sqrt(v**2 + 2 * G)
    assert_right(lambda v: thrown(v, "RK45", read=last, events=[top, ground]), closed, V)


def test_time_backwards_and_arguments():
    def f(p):
        rhs = lambda t, y, p: [-p * y[0]] if y[0] < 2.0 else [0.0]
        end = event(lambda t, y, p: y[0] - 2.0)
        return solve_ivp(rhs, (3.0, -9.0), [1.0], args=(p,), events=end, rtol=1e-9, atol=1e-11).t[-1]

    assert_right(f, lambda p: 3.0 - np.log(2.0) / p, 0.7)


def test_right_hand_sides_of_plain_numbers():
    """y' = 1 until y = p: nothing but where it ends depends on p."""

    def f(p):
        end = event(lambda t, y: y[0] - p)
        s = solve_ivp(lambda t, y: [1.0 if y[0] < p else 0.0], (0.0, 9.0), [0.0], events=end, max_step=0.1, rtol=1e-8)
        return s.t[-1] ** 2

    assert_right(f, lambda p: p**2, 0.7)


def test_a_time_at_which_the_solution_ends():
    """At the end itself stages of the last step look at the other side."""

    def f(p, method="RK45"):
        rhs = lambda t, y: [-p * y[0]] if t < 2.0 * p else [0.0 * p]
        return solve_ivp(rhs, (0.0, 2.0 * p), [1.0], method=method, rtol=1e-9, atol=1e-11).y[0, -1]

    assert_right(f, lambda p: np.exp(-2.0 * p**2), 0.7)
    assert_right(lambda p: f(p, "Radau"), lambda p: np.exp(-2.0 * p**2), 0.7)


@pytest.mark.parametrize("terminal", [False, 2])
def test_a_solution_that_goes_on_is_refused(terminal):
    with pytest.raises(NoDerivative, match="the jump moves"):
        wg.grad(lambda v: thrown(v, "RK45", lambda y: [1.0, 2.0], terminal=terminal, read=lambda s: s.y[0, -1]))(V)


def test_a_jump_before_the_event_is_refused():
    rhs = lambda t, y, p: [-p * y[0]] if y[0] > 0.6 else [-3.0 * p * y[0]]
    end = event(lambda t, y, p: y[0] - 0.5)
    with pytest.raises(NoDerivative, match="the jump moves"):
        wg.grad(lambda p: solve_ivp(rhs, (0.0, 9.0), [1.0], args=(p,), events=end).t[-1])(0.7)


def test_a_guard_further_on_than_the_event():
    """Steps beyond the event look behind the guard, which the solution does not reach."""

    def f(p):
        rhs = lambda t, y: [-p] if y[0] > 0.49 else [-1e4 * p]
        end = event(lambda t, y: y[0] - 0.5)
        return solve_ivp(rhs, (0.0, 9.0), [1.0], events=end, rtol=1e-9, atol=1e-11).t[-1]

    assert_right(f, lambda p: 0.5 / p, 0.7)


SOLVERS = {
    "odeint": lambda rhs, p: odeint(rhs, [1.0], [0.0, 1.0], (p,), rtol=1e-9, atol=1e-11, tfirst=True)[-1, 0],
    "lsoda": lambda rhs, p: (
        ode(rhs).set_integrator("lsoda", rtol=1e-9).set_initial_value([1.0]).set_f_params(p).integrate(1.0)[0]
    ),
    "vode": lambda rhs, p: (
        ode(rhs).set_integrator("vode", rtol=1e-9).set_initial_value([1.0]).set_f_params(p).integrate(1.0)[0]
    ),
    "LSODA": lambda rhs, p: solve_ivp(rhs, (0, 1), [1.0], args=(p,), method="LSODA", rtol=1e-9, atol=1e-11).y[0, -1],
}


@pytest.mark.parametrize("name", SOLVERS)
def test_compiled_solvers_look_beyond_the_end(name):
    rhs = lambda t, y, p: [p * y[0]] if y[0] < 2.02 else [0.2 * p * y[0]]
    assert_right(lambda p: SOLVERS[name](rhs, p), np.exp, 0.7)
    constant = lambda t, y, p: [1.0 if y[0] < 2.0 + 0.001 * p else 0.3]
    assert_right(lambda p: p * SOLVERS[name](constant, p), lambda p: 2.0 * p, 0.7)
    with pytest.raises(NoDerivative, match="jump"):
        wg.grad(lambda p: SOLVERS[name](lambda t, y, p: [1.0 if y[0] < 1.1 + p else 0.3 * p], p))(0.7)
