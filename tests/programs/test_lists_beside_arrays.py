"""A list of recorded numbers beside a plain array: `A @ [x, y]`, `points - [x, y]`. No protocol of NumPy's is asked."""

import numpy as np
import pytest
import scipy.linalg as sl
from numpy.linalg import norm

import wengert as wg
from wengert.errors import LostDerivative

A = np.array([[1.0, 2.0], [3.0, 4.0]])
POINTS = np.random.default_rng(0).normal(size=(7, 2))
X = np.array([0.3, 0.7])


def residual(x):
    return np.sqrt(np.sum((POINTS - [x[0], x[1]]) ** 2, axis=1)).sum()


def distances(x):
    d = np.linalg.norm(POINTS - (x[0], x[1]), axis=1)
    return np.sum(d < 1.0) + np.sum(np.exp(-d)) * d.mean()


def scaled(x):
    low, high = np.array([-1.0, -1.0]), np.array([2.0, 3.0])
    u = low + (high - low) * [x[0], x[1]]
    return (1 - u[0]) ** 2 + 100 * (u[1] - u[0] ** 2) ** 2


def temporary(x):
    return np.sum(np.exp(A @ [x[0], 2 * x[1]])) + (A / [x[0], x[1]]).sum(axis=0)[1] + norm(A[0] * [x[0], x[1]])


def written(x):
    y = A * [x[0], x[1]]
    y[0, 0] = 5 * x[0]
    y += [1.0, x[1]]
    return y.mean() * np.trace(y) + np.max(y, axis=0) @ y[1]


class Model:
    def __init__(self):
        self.weights = 2 * np.eye(2)

    def __call__(self, x):
        return np.exp(-np.sum((self.weights @ [np.sin(x[0]), x[1]] - A[0]) ** 2) / 2)


def helper(a, b):
    z = A - [a, b]
    return np.log(np.abs(sl.det(z)))


def through_a_helper(x):
    return helper(x[0] * x[1], x[1]) + np.dot(A[1] - [x[0], 1.0], A[0])


def looped(x):
    total = 0.0
    for row in A * [x[0], x[1]]:
        total = total + row[0] * row[1] + max(row) + np.prod(row)
    return total


def conditional(x):
    y = A[0] * [x[0], x[1]]
    return np.where(y > 0.5, y**2, -y).sum() + (y[0] if y[0] < y[1] else 0.0)


def methods(x):
    inside = A[0] < [x[0], x[1] + 2]
    return (inside * A[1]).sum() * x[1] + A.dot([x[0], x[1]]) @ A[1].dot(A) + A[0].dot((x[1], x[0]))


def zero_denominator(x):
    with np.errstate(divide="ignore"):
        return np.minimum(A[0] / [x[0] - x[0], x[1]], 10.0).sum()


PROGRAMS = [residual, distances, scaled, temporary, written, Model(), through_a_helper, looped, conditional, methods]
NAMES = [getattr(f, "__name__", "Model") for f in PROGRAMS]


def differences(f, x):
    h = 1e-5
    return np.array([(8 * (f(x + d) - f(x - d)) - f(x + 2 * d) + f(x - 2 * d)) / (12 * h) for d in h * np.eye(x.size)])


@pytest.mark.parametrize("f", PROGRAMS, ids=NAMES)
def test_gradient(f):
    value, gradient = wg.value_and_grad(f)(X)
    np.testing.assert_allclose(value, f(X), rtol=1e-14)
    np.testing.assert_allclose(gradient, differences(f, X), rtol=1e-7, atol=1e-7)
    _, slope = wg.jvp(f, (X,), (np.array([1.0, -2.0]),))
    np.testing.assert_allclose(slope, gradient @ [1.0, -2.0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("f", PROGRAMS, ids=NAMES)
def test_second_order(f):
    H = wg.hessian(f)(X)
    for k, d in enumerate(1e-5 * np.eye(2)):
        column = (wg.grad(f)(X + d) - wg.grad(f)(X - d)) / 2e-5
        np.testing.assert_allclose(H[:, k], column, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("f", PROGRAMS, ids=NAMES)
def test_compiled(f):
    jitted = wg.jit(wg.grad(f))
    for x in (X, X, X + 0.1):
        np.testing.assert_allclose(jitted(x), wg.grad(f)(x), rtol=1e-12, atol=1e-13)


def test_division_by_zero_is_numpys():
    np.testing.assert_allclose(wg.grad(zero_denominator)(X), [0.0, -A[0, 1] / X[1] ** 2], rtol=1e-15)


def test_returned():
    J = wg.jacobian(lambda x: {"y": A @ [x[0], x[1] ** 2], "n": 3})(X)
    np.testing.assert_allclose(J["y"], A * [1.0, 2 * X[1]])


def test_types():
    f = wg.jit(lambda x: A.astype(np.float32) * [x, 2.0])
    assert f(1.5).dtype == f(1.5).dtype == (A.astype(np.float32) * [1.5, 2.0]).dtype
    assert wg.grad(lambda x: np.sum(np.array([1, 2]) * [x, x**2]))(1.5) == 1 + 4 * 1.5


def test_numbers():
    assert wg.grad(lambda t: np.sum(A @ [t, 2 * t]))(1.3) == 16.0


def test_what_numpy_does_not_do_with_objects_is_refused():
    def f(x):
        return np.frombuffer((A[0] * [x[0], x[1]]).tobytes())[0]

    with pytest.raises(LostDerivative):
        wg.grad(f)(X)


def test_plain_programs_are_untouched():
    assert (A @ [1.0, 2.0]).dtype == float
    wg.grad(residual)(X)
    assert (POINTS - [1.0, 2.0]).dtype == float
    assert np.array([1.0, 2.0]).dtype == float
