"""Right-hand sides that are not smooth: kinks and jumps at fixed times are exact, jumps that move are refused."""

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.signal
from scipy import integrate
from scipy.integrate import ode, odeint, solve_ivp

import wengert as wg
from wengert.errors import NoDerivative

P = 0.7
METHODS = {"RK23": 1e-5, "RK45": 1e-6, "DOP853": 1e-6, "Radau": 1e-6, "BDF": 1e-5, "LSODA": 1e-8}


def by(method, rhs):
    """p ↦ y(2) of y' = rhs(t, y, p), y(0) = 1."""
    if method == "odeint":
        return lambda p: odeint(rhs, [1.0], [0.0, 2.0], (p,), rtol=1e-9, atol=1e-11, tfirst=True)[-1, 0]
    if method == "ode":
        return lambda p: (
            ode(rhs).set_integrator("dopri5", rtol=1e-9).set_initial_value([1.0]).set_f_params(p).integrate(2.0)[0]
        )
    return lambda p: solve_ivp(rhs, (0.0, 2.0), [1.0], args=(p,), method=method, rtol=1e-9, atol=1e-11).y[0, -1]


def dose(t, y, p):
    return [-p * y[0]] if t < 1.0 else [-3.0 * p * y[0]]


def infusion(t, y, p):
    return [-p * y[0] + (2.0 if 0.5 <= t < 1.5 else 0.0)]


def table(t, y, p):
    return -p * y + np.interp(t, [0.0, 0.3, 0.9, 1.2, 2.0], [0.0, 1.0, -1.0, 2.0, 0.0])


def table_closed(p):
    """∫ e^{−p(2−t)} u(t) dt over the pieces u = a + b t, and the decay of the start."""
    y = np.exp(-2.0 * p)
    ts, us = (0.0, 0.3, 0.9, 1.2, 2.0), (0.0, 1.0, -1.0, 2.0, 0.0)
    for t0, t1, u0, u1 in zip(ts, ts[1:], us, us[1:], strict=False):
        b = (u1 - u0) / (t1 - t0)
        for sign, t, u in ((1.0, t1, u1), (-1.0, t0, u0)):
            y = y + sign * np.exp(-p * (2.0 - t)) * (u / p - b / p**2)
    return y


FIXED = {
    "another rate from a time on": (dose, lambda p: np.exp(-4.0 * p)),
    "an infusion": (infusion, lambda p: np.exp(-2.0 * p) + 2.0 / p * (np.exp(-0.5 * p) - np.exp(-1.5 * p))),
    "a table": (table, table_closed),
}


@pytest.mark.parametrize("method", [*METHODS, "odeint", "ode"])
@pytest.mark.parametrize("name", FIXED)
def test_what_changes_at_fixed_times(name, method):
    rhs, closed = FIXED[name]
    f = by(method, rhs)
    expected, rtol = wg.grad(closed)(P), METHODS.get(method, 1e-6)
    np.testing.assert_allclose(f(P), closed(P), rtol=rtol)
    np.testing.assert_allclose(wg.grad(f)(P), expected, rtol=10 * rtol)
    np.testing.assert_allclose(wg.jvp(f, (P,), (1.0,))[1], expected, rtol=10 * rtol)


KINKS = {
    "if": lambda t, y, p: [-p * y[0]] if y[0] > 0.5 else [-p * 0.5],
    "maximum": lambda t, y, p: -p * np.maximum(y, 0.5),
    "where": lambda t, y, p: -p * np.where(y > 0.5, y, 0.5),
    "clip": lambda t, y, p: -p * np.clip(y, 0.5, 2.0),
}


def test_an_empty_tank():
    """Torricelli: y' = -p √y until the tank is empty, which is a root's steep end and no jump."""
    drain = lambda t, y, p: [-p * math.sqrt(y[0]) if y[0] > 0 else 0.0, y[0]]
    f = lambda p: solve_ivp(drain, (0.0, 4.0), [0.25, 0.0], args=(p,), rtol=1e-9, atol=1e-11).y[1, -1]
    np.testing.assert_allclose(f(P), 0.25 / (3.0 * P), rtol=1e-5)
    np.testing.assert_allclose(wg.grad(f)(P), -0.25 / (3.0 * P**2), rtol=1e-3)


@pytest.mark.parametrize("method", ["RK45", "Radau", "odeint", "ode"])
@pytest.mark.parametrize("name", KINKS)
def test_kinks(name, method):
    """y = 1 − p t + … with slope −p/2 from y = 1/2 on: dy(2)/dp = −1."""
    np.testing.assert_allclose(wg.grad(by(method, KINKS[name]))(P), -1.0, rtol=1e-3)


JUMPS = {
    "if": lambda t, y, p: [-p * y[0]] if y[0] > 0.5 else [-3.0 * p * y[0]],
    "where": lambda t, y, p: np.where(y > 0.5, -p * y, -3.0 * p * y),
    "a time that moves": lambda t, y, p: [-p * y[0]] if t < p else [-3.0 * p * y[0]],
    "a mask": lambda t, y, p: -p * y - 0.3 * (y < 0.5),
    "heaviside": lambda t, y, p: -p * y - 0.3 * np.heaviside(0.5 - y, 0.5),
    "heaviside of the time": lambda t, y, p: -p * y - 0.3 * np.heaviside(t - p, 0.5),
    "sign": lambda t, y, p: -p * y - 0.1 * np.sign(y - 0.5),
    "floor": lambda t, y, p: -p * y - 0.3 * np.floor(2.0 * y),
    "int": lambda t, y, p: [-p * y[0] - 0.3 * int(2.0 * y[0])],
    "math.floor": lambda t, y, p: [-p * y[0] - 0.3 * math.floor(2.0 * y[0])],
    "remainder": lambda t, y, p: -p * y - 0.3 * (y % 0.5),
    "fmod": lambda t, y, p: -p * y - 0.3 * np.fmod(y, 0.5),
    "copysign": lambda t, y, p: -p * y - 0.1 * np.copysign(1.0, y - 0.5),
    "digitize": lambda t, y, p: -p * y - 0.3 * np.digitize(y, [0.5]),
    "the cut of arctan2": lambda t, y, p: -p * y - 0.1 * np.arctan2(y - 0.5, -1.0),
    "a square wave": lambda t, y, p: -p * y - 0.1 * scipy.signal.square(2.0 * np.pi * y),
}


@pytest.mark.parametrize("method", ["RK45", "odeint"])
@pytest.mark.parametrize("name", JUMPS)
def test_jumps_that_move_are_refused(name, method):
    with pytest.raises(NoDerivative, match=r"(?s)the right-hand side of .* jumps where .*and the jump moves"):
        wg.grad(by(method, JUMPS[name]))(P)


@pytest.mark.parametrize("method", ["BDF", "Radau", "LSODA", "ode"])
@pytest.mark.parametrize("name", ["if", "a time that moves"])
def test_by_other_methods(name, method):
    with pytest.raises(NoDerivative, match="the jump moves"):
        wg.grad(by(method, JUMPS[name]))(P)


@pytest.mark.parametrize("solver", [integrate.RK45, integrate.DOP853, integrate.Radau, integrate.BDF])
def test_step_by_step(solver):
    def f(p, rhs):
        steps = solver(lambda t, y: rhs(t, y, p), 0.0, [1.0], 2.0, rtol=1e-7, atol=1e-9)
        while steps.status == "running":
            steps.step()
        return steps.y[0]

    for rhs, closed in FIXED.values():
        np.testing.assert_allclose(wg.grad(f)(P, rhs), wg.grad(closed)(P), rtol=1e-3)
    with pytest.raises(NoDerivative, match="the jump moves"):
        wg.grad(f)(P, JUMPS["if"])


@pytest.mark.parametrize("name", ["if", "a time that moves", "heaviside"])
def test_compiled(name):
    """Short solutions are recorded at once, long ones apart, to be differentiated later."""
    for rtol in (1e-4, 1e-8):
        f = lambda p, rtol=rtol: solve_ivp(JUMPS[name], (0.0, 2.0), [1.0], args=(p,), rtol=rtol, atol=1e-9).y[0, -1]
        with pytest.raises(NoDerivative, match="the jump moves"):
            wg.jit(wg.grad(f))(P)


def test_what_the_error_says_to_do():
    def f(p):
        half = lambda t, y: y[0] - 0.5
        half.terminal = True
        first = solve_ivp(lambda t, y: -p * y, (0, 2), [1.0], events=half, rtol=1e-7, atol=1e-9)
        then = solve_ivp(lambda t, y: -3 * p * y, (first.t[-1], 2.0), first.y[:, -1], rtol=1e-7, atol=1e-9)
        return then.y[0, -1]

    closed = lambda p: 0.5 * np.exp(-3.0 * (2.0 * p - np.log(2.0)))
    np.testing.assert_allclose(wg.grad(f)(P), wg.grad(closed)(P), rtol=1e-5)
    np.testing.assert_allclose(wg.hessian(f)(P), wg.hessian(closed)(P), rtol=1e-5)


def test_scipy_code_may_call_methods_that_the_program_does_not_name():
    """Radau's iterations multiply by A.dot(x)."""
    code = """
import numpy as np, wengert as wg
from scipy.integrate import solve_ivp
f = lambda p: solve_ivp(lambda t, y: -p * y, (0, 2), [1.0], method="Radau", rtol=1e-8, atol=1e-10).y[0, -1]
assert abs(wg.grad(f)(0.7) + 2 * np.exp(-1.4)) < 1e-6
assert "wengert" not in repr(np.ndarray.dot) and type(np.ones(2).copy()) is np.ndarray
"""
    here = os.environ | {"PYTHONPATH": str(Path(wg.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=here, check=False)
    assert done.returncode == 0, done.stderr
