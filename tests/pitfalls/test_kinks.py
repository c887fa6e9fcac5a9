"""The policy at kinks: least norm for one argument, equal shares between ties, both modes alike."""

import itertools

import numpy as np
import pytest

import wengert as wg

KINKS = {
    "abs": (np.abs, 0.0, 0.0),
    "abs builtin": (abs, 0.0, 0.0),
    "fabs": (np.fabs, 0.0, 0.0),
    "relu by maximum": (lambda x: np.maximum(x, 0.0), 0.0, 0.5),
    "relu by where": (lambda x: np.where(x > 0, x, 0.0), 0.0, 0.0),
    "maximum with itself": (lambda x: np.maximum(x, x), 1.0, 1.0),
    "minimum with itself": (lambda x: np.minimum(x, x), 1.0, 1.0),
    "fmax with itself": (lambda x: np.fmax(x, x), 1.0, 1.0),
    "clip at the lower bound": (lambda x: np.clip(x, 0.0, 1.0), 0.0, 1.0),
    "clip at the upper bound": (lambda x: np.clip(x, 0.0, 1.0), 1.0, 1.0),
    "clip outside": (lambda x: np.clip(x, 0.0, 1.0), 1.5, 0.0),
    "floor": (np.floor, 1.0, 0.0),
    "ceil": (np.ceil, 0.5, 0.0),
    "round": (np.round, 0.5, 0.0),
    "rint": (np.rint, 0.5, 0.0),
    "trunc": (np.trunc, 1.0, 0.0),
    "sign": (np.sign, 0.0, 0.0),
    "heaviside": (lambda x: np.heaviside(x, 0.5), 0.0, 0.0),
    "relu(x) - relu(-x) is x": (lambda x: np.maximum(x, 0.0) - np.maximum(-x, 0.0), 0.0, 1.0),
    "max(x, -x) is |x|": (lambda x: np.maximum(x, -x), 0.0, 0.0),
    "|x| + x is 2 relu(x)": (lambda x: np.abs(x) + x - 2 * np.maximum(x, 0.0), 0.0, 0.0),
    "equality branch": (lambda x: x if x == 1 else x**2, 1.0, 1.0),
    "mod": (lambda x: x % 1.0, 0.25, 1.0),
    "sqrt(x**2) off zero": (lambda x: np.sqrt(x * x), -2.0, -1.0),
}


@pytest.mark.parametrize("name", KINKS)
def test_numbers(name):
    f, x, slope = KINKS[name]
    assert wg.grad(f)(x) == slope
    assert wg.derivative(f)(x) == slope
    assert wg.grad(lambda v: f(v[0]) if "branch" in name else np.sum(f(v)))(np.array([x]))[0] == slope


TIES = {
    "max": (np.max, [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    "min": (np.min, [1.0, 1.0, 1.0], [1 / 3, 1 / 3, 1 / 3]),
    "nanmax": (np.nanmax, [np.nan, 2.0, 2.0], [0, 0.5, 0.5]),
    "median, odd": (np.median, [3.0, 1.0, 2.0], [0, 0, 1]),
    "median, even": (np.median, [4.0, 1.0, 2.0, 3.0], [0, 0, 0.5, 0.5]),
    "sort": (lambda x: np.sort(x) @ np.array([1.0, 2.0, 3.0]), [2.0, 1.0, 1.0], [3, 1, 2]),
    "norm 1 at zeros": (lambda x: np.linalg.norm(x, 1), [0.0, -2.0, 3.0], [0, -1, 1]),
    "norm inf": (lambda x: np.linalg.norm(x, np.inf), [2.0, -2.0, 1.0], [0.5, -0.5, 0]),
    "norm inf at zero": (lambda x: np.linalg.norm(x, np.inf), [0.0, 0.0], [0, 0]),
    "norm 2 at zero": (np.linalg.norm, [0.0, 0.0], [0, 0]),
    "ptp": (np.ptp, [1.0, 1.0, 3.0], [-0.5, -0.5, 1]),
    "maximum.reduce": (np.maximum.reduce, [1.0, 3.0, 3.0], [0, 0.5, 0.5]),
    "builtin max takes the first": (lambda x: max(x), [1.0, 3.0, 3.0], [0, 1, 0]),
}


@pytest.mark.parametrize("name", TIES)
def test_arrays(name):
    f, x, slope = TIES[name]
    x = np.array(x)
    np.testing.assert_allclose(wg.grad(f)(x), slope, rtol=1e-15)
    np.testing.assert_allclose(wg.jacobian(f, mode="forward")(x), slope, rtol=1e-15)
    np.testing.assert_allclose(wg.jvp(f, (x,), (np.ones_like(x),))[1], np.sum(slope), rtol=1e-15)


TWO = {
    "maximum": (np.maximum, (0.5, 0.5)),
    "minimum": (np.minimum, (0.5, 0.5)),
    "fmax": (np.fmax, (0.5, 0.5)),
    "fmin": (np.fmin, (0.5, 0.5)),
}


@pytest.mark.parametrize("name", TWO)
def test_ties_between_arguments(name):
    f, slope = TWO[name]
    assert wg.grad(f, argnums=(0, 1))(2.0, 2.0) == slope
    assert wg.jvp(f, (2.0, 2.0), (1.0, 0.0))[1] == slope[0]
    assert wg.jvp(f, (2.0, 2.0), (0.0, 1.0))[1] == slope[1]


def test_inside_the_clarke_subdifferential():
    """At a kink the gradient lies in the convex hull of the gradients nearby."""
    f = lambda x: np.max(np.abs(x)) + np.sum(np.maximum(x, 0.0)) + np.linalg.norm(x, 1)
    for point in itertools.product((-1.0, 0.0, 1.0), repeat=2):
        x = np.array(point)
        nearby = [wg.grad(f)(x + 1e-6 * np.array(d)) for d in ((1.0, 0.3), (-1.0, 0.4), (0.2, 1.0), (0.3, -1.0))]
        nearby += [wg.grad(f)(x + 1e-6 * np.array(d)) for d in ((1.0, -0.3), (-1.0, -0.4), (-0.2, 1.0), (-0.3, -1.0))]
        got = wg.grad(f)(x)
        assert np.all(got >= np.min(nearby, axis=0) - 1e-12)
        assert np.all(got <= np.max(nearby, axis=0) + 1e-12)
        np.testing.assert_allclose(wg.jacobian(f, mode="forward")(x), got)


def test_bisection_is_honestly_constant():
    """Bisection moves between fixed points: the derivative of the program is 0 but for the last use of a."""

    def root(a):
        low, high = 0.0, 2.0
        while high - low > 1e-12:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if middle * middle < a else (low, middle)
        return low + 0 * a

    assert wg.grad(root)(2.0) == 0.0


def test_newton_lags_one_step_at_most():
    def root(a):
        x = 1.0 + 0 * a
        for _ in range(8):
            x = x - (x * x - a) / (2 * x)
        return x

    assert wg.grad(root)(2.0) == pytest.approx(0.5 / np.sqrt(2.0), rel=1e-14)
    assert wg.derivative(root, order=2)(2.0) == pytest.approx(-0.25 * 2.0**-1.5, rel=1e-12)
