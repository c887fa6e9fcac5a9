"""Unit tangents that do not meet share a run: the same Jacobians, from fewer runs."""

import re

import numpy as np
import pytest
from elements import by_element

import wengert as wg
from wengert.passes.pipeline import optimise


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def separate(x):
    return np.sum(np.sin(x) * np.exp(-x * x))


def sheet(x):
    """A surface on a grid: an element meets its four neighbours."""
    u = x.reshape(5, 6)
    return np.sum(np.sqrt(1 + np.diff(u, axis=0) ** 2)) + np.sum(np.sqrt(1 + np.diff(u, axis=1) ** 2))


def around(x):
    """A ring: the last meets the first."""
    return np.sum((np.roll(x, 1) - x) ** 4)


def written(x):
    """Through memory: padded, written in part, read again."""
    padded = np.zeros(len(x) + 2)
    padded[1:-1] = x
    padded[0], padded[-1] = x[-1], x[0]
    return np.sum(np.tanh(padded[2:] - 2 * padded[1:-1] + padded[:-2]) ** 2)


def blocks(x):
    """Rows of a matrix, each by itself."""
    return np.sum(np.linalg.norm(x.reshape(10, 3), axis=1) ** 3)


def masked(x):
    return np.sum(np.where(x > 0.5, np.sqrt(np.maximum(x, 0)), x**3))


X = np.random.default_rng(3).uniform(0.1, 1.0, 30)


def runs(compiled, x):
    """How many runs the loops of the compiled function have."""
    compiled(x)
    return [int(n) for n in re.findall(r"^loop: (\d+) times", compiled.explain(x), re.MULTILINE)]


@pytest.mark.parametrize(
    ("f", "most"),
    [(rosenbrock, 3), (separate, 1), (sheet, 9), (around, 4), (written, 7), (blocks, 3), (masked, 1)],
)
def test_a_hessian_of_local_terms_takes_as_many_runs_as_it_has_colours(f, most):
    compiled = wg.jit(wg.hessian(f))
    found = runs(compiled, X)
    assert sum(found) <= most, found
    assert runs(wg.jit(wg.hessian(f), without="colour"), X) == [30]
    for x in (X, X[::-1].copy(), X * 0.3):
        np.testing.assert_allclose(compiled(x), wg.hessian(f)(x), rtol=1e-12, atol=1e-14)
    t = wg.trace(wg.hessian(f))(X)
    np.testing.assert_array_equal(optimise(t)(X), optimise(t, without="colour")(X))


def element_by_element(x):
    """Into memory, and out of it."""
    y = np.zeros(len(x))
    for i in range(1, len(x)):
        y[i] = x[i] ** 2 * np.sin(x[i - 1])
    total = 1.0
    for i in range(len(x)):
        total = total + np.exp(y[i]) - y[i] ** 2
    return total


def with_a_window(x):
    """Slices at places that move."""
    total = 0.0
    for i in range(len(x) - 2):
        total += np.sum(x[i : i + 3] ** 3) * 0.5
        total -= np.dot(x[i : i + 2], x[i + 1 : i + 3])
    return total


@pytest.mark.parametrize(("f", "most"), [(by_element, 3), (element_by_element, 4), (with_a_window, 5)])
@pytest.mark.parametrize("n", [30, 250])
def test_loops_of_f_are_gone_through_run_by_run(f, most, n):
    x = np.random.default_rng(n).uniform(0.1, 1.0, n)
    compiled = wg.jit(wg.hessian(f))
    found = [k for k in runs(compiled, x) if k < 20]
    assert sum(found) <= most, found
    every_run = wg.jit(wg.hessian(f), without="colour")
    for y in (x, x[::-1].copy()):
        np.testing.assert_allclose(compiled(y), every_run(y), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(compiled(X), wg.hessian(f)(X), rtol=1e-12, atol=1e-13)


def test_a_chain_through_memory_is_dense():
    def f(x):
        y = np.zeros(len(x))
        for i in range(1, len(x)):
            y[i] = np.sin(x[i]) * y[i - 1] + x[i - 1]
        return np.sum(y**2)

    np.testing.assert_allclose(wg.jit(wg.hessian(f))(X), wg.hessian(f)(X), rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.complex128])
def test_jacobians_by_columns_and_by_rows(mode, dtype):
    def f(x):
        return np.sin(x[1:]) * x[:-1]

    x = X.astype(dtype)
    jacobian = wg.jacobian(f, mode=mode)
    compiled = wg.jit(jacobian)
    got, expected = compiled(x), jacobian(x)
    assert (got.dtype, got.shape, got.flags.c_contiguous) == (expected.dtype, (29, 30), True)
    np.testing.assert_allclose(got, expected, rtol=1e-6 if dtype == np.float32 else 1e-14)
    got[:] = 0.0
    np.testing.assert_allclose(compiled(x), expected, rtol=1e-6 if dtype == np.float32 else 1e-14)


def test_several_results_and_what_is_done_with_them():
    """Blocks of several arguments; a result that is read, written to and solved with."""

    def f(a, b):
        return a[1:] * b[:-1] ** 2, np.exp(a)

    def step(x):
        h = wg.hessian(rosenbrock)(x)
        g = wg.grad(rosenbrock)(x)
        twice = h + h.T
        h[np.diag_indices(30)] += 5.0
        return np.linalg.solve(h, g), twice, h

    both = wg.jacobian(f, argnums=(0, 1), mode="forward")
    for got, expected in zip(wg.jit(both)(X, X + 1), both(X, X + 1), strict=True):
        for g, e in zip(got, expected, strict=True):
            np.testing.assert_allclose(g, e, rtol=1e-14)
    for got, expected in zip(wg.jit(step)(X), step(X), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-12)


def test_where_everything_meets_every_run_stays():
    def dense(x):
        return np.sum(x) ** 3 + np.prod(x)

    def arrow(x):
        """All meet the first: as many colours as elements."""
        return np.sum(x[0] * x[1:] ** 2)

    for f in (dense, arrow):
        assert runs(wg.jit(wg.hessian(f)), X) == [30]


def test_infinities_and_nan_are_where_they_were():
    def f(x):
        return x**0.5 * np.append(x[1:], 1.0)

    x = X.copy()
    x[4] = 0.0
    jacobian = wg.jacobian(f, mode="forward")
    with np.errstate(all="ignore"):
        got, expected = wg.jit(jacobian)(x), jacobian(x)
    np.testing.assert_array_equal(np.isinf(got), np.isinf(expected))
    np.testing.assert_allclose(got, expected)
    x[7] = np.nan
    np.testing.assert_allclose(wg.jit(jacobian)(x), jacobian(x))


def test_random_local_programs():
    """Sums of random functions of random neighbours: what each run would have given, bit for bit."""
    rng = np.random.default_rng(0)
    for _ in range(12):
        a, b, c = (int(k) for k in rng.integers(0, 5, 3))
        mask, scale = rng.uniform(size=20) > 0.4, rng.normal(size=20)

        def f(x, a=a, b=b, c=c, mask=mask, scale=scale):
            y = np.where(mask, np.sin(x[a : a + 20]), scale * x[b : b + 20])
            z = np.cumsum(y.reshape(4, 5), axis=1) if c % 2 else y.reshape(4, 5) ** 2
            return (z * x[c : c + 20].reshape(4, 5)).T

        jacobian = wg.jacobian(f, mode="forward")
        np.testing.assert_allclose(wg.jit(jacobian)(X), jacobian(X), rtol=1e-13, atol=1e-15)
        t = wg.trace(jacobian)(X)
        np.testing.assert_array_equal(optimise(t)(X), t(X))


def test_loops_of_the_user_are_left_alone():
    """Tables of ones and zeros through which a program is not linear."""
    eye = np.eye(12)

    def f(x):
        return np.stack([np.exp(eye[k] * x) for k in range(12)])

    x = np.linspace(0.1, 1, 12)
    np.testing.assert_allclose(wg.jit(f)(x), f(x), rtol=1e-15)
    t = wg.trace(f)(x)
    np.testing.assert_array_equal(optimise(t)(x), t(x))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.copy(),
        lambda x: x[::-1],
        lambda x: np.ones(3),
        lambda x: np.concatenate([x, np.ones(2)]),
        lambda x: (x > 0.5) * x,
        lambda x: np.cumsum(x),
        lambda x: x.reshape(5, 6).T,
        lambda x: [x[k] for k in range(30)],
    ],
)
def test_jacobians_that_are_nearly_nothing(f, mode):
    jacobian = wg.jacobian(f, mode=mode)
    got, expected = np.array(wg.jit(jacobian)(X)), np.array(jacobian(X))
    assert got.dtype == expected.dtype
    np.testing.assert_array_equal(got, expected)
