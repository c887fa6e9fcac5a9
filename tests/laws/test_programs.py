"""Random programs, three ways: forward, reverse and differences agree; so do all second orders."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from laws.generator import PROGRAMS, run

import wengert as wg

SETTINGS = settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
POINTS = st.sampled_from(
    [
        np.array([0.51, -0.37, 0.83]),
        np.array([-0.9, 0.44, 0.12]),
        np.array([0.2, 0.21, -0.6]),
        np.array([1.1, 0.7, 0.3]),
    ]
)


def differences(f, x, v, h):
    return sum(w * (f(x + k * h * v) - f(x - k * h * v)) / h for k, w in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60)))


def smooth_slope(f, x, v):
    """The slope along v, if two step sizes agree on it: no kink or branch is near."""
    one, two = differences(f, x, v, 1e-3), differences(f, x, v, 3e-4)
    assume(abs(one - two) <= 1e-7 * (1 + abs(one)))
    return two


@SETTINGS
@given(PROGRAMS, POINTS)
def test_three_ways(program, x):
    f = lambda x: run(program, x)
    before = x.copy()
    value, x_bar = wg.value_and_grad(f)(x)
    assert value == f(x)
    assert type(value) is type(f(x))
    v = np.array([0.6, -1.0, 0.4])
    y, y_dot = wg.jvp(f, (x,), (v,))
    assert y == value
    assert y_dot == pytest.approx(np.dot(x_bar, v), rel=1e-11, abs=1e-12)
    np.testing.assert_array_equal(x, before)
    slope = smooth_slope(f, x, v)
    assert y_dot == pytest.approx(slope, rel=1e-6, abs=1e-6)


@settings(SETTINGS, max_examples=50)
@given(PROGRAMS, POINTS)
def test_second_order(program, x):
    f = lambda x: run(program, x)
    forward_over_reverse = wg.jacobian(wg.grad(f), mode="forward")(x)
    reverse_over_reverse = wg.jacobian(wg.grad(f), mode="reverse")(x)
    reverse_over_forward = np.stack([wg.grad(lambda x, e=e: wg.jvp(f, (x,), (e,))[1])(x) for e in np.eye(3)])
    forward_over_forward = np.stack(
        [[wg.jvp(lambda x, e=e: wg.jvp(f, (x,), (e,))[1], (x,), (d,))[1] for d in np.eye(3)] for e in np.eye(3)]
    )
    scale = 1e-9 * (1.0 + np.max(np.abs(forward_over_reverse)))
    np.testing.assert_allclose(forward_over_reverse, forward_over_reverse.T, atol=scale)
    for other in (reverse_over_reverse, reverse_over_forward, forward_over_forward):
        np.testing.assert_allclose(other, forward_over_reverse, atol=scale)


@settings(SETTINGS, max_examples=30)
@given(PROGRAMS, POINTS)
def test_third_order(program, x):
    """The third derivative along a line, by three nestings."""
    v = np.array([0.6, -1.0, 0.4])
    g = lambda t: run(program, x + t * v)
    forward = wg.derivative(g, order=3)(0.0)
    mixed = wg.grad(wg.derivative(wg.grad(g)))(0.0)
    reverse = wg.grad(wg.grad(wg.grad(g)))(0.0)
    assert mixed == pytest.approx(forward, rel=1e-8, abs=1e-8)
    assert reverse == pytest.approx(forward, rel=1e-8, abs=1e-8)
