"""Gradients of large Cholesky factors go block by block: the numbers of the formula for the whole."""

import numpy as np
import pytest

import wengert as wg
from wengert.rules.linalg_cholesky import by_blocks, pull_cholesky, push_cholesky

rng = np.random.default_rng(11)
SIZES = (65, 130)


def positive(n, dtype=float):
    a = rng.normal(size=(n, n))
    return (a @ a.T / n + np.eye(n)).astype(dtype)


def weights(n, dtype=float):
    return rng.normal(size=(n, n)).astype(dtype)


def close(a, b, rtol=1e-12):
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.max(np.abs(b)))


@pytest.mark.parametrize("n", [1, 2, 63, 64, *SIZES])
def test_is_the_transpose_of_the_tangent(n):
    """⟨L̄, L̇(Ȧ)⟩ = ⟨Ā, Ȧ⟩ for perturbations of the triangle that is read."""
    low, bar, dot = np.linalg.cholesky(positive(n)), weights(n), np.tril(weights(n))
    back = by_blocks(low, bar)
    assert np.array_equal(back, np.tril(back))
    close(np.sum(bar * push_cholesky(dot, low, False)), np.sum(back * dot), 1e-11)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_eager_and_compiled(n, upper, dtype):
    a, c = positive(n, dtype), weights(n, dtype)
    factor = np.linalg.cholesky(a, upper=upper)
    stacked = pull_cholesky(c[None], factor[None], upper)[0]  # a stack of one goes by the formula
    gradient = wg.grad(lambda a: np.sum(np.linalg.cholesky(a, upper=upper) * c))
    compiled = wg.jit(gradient)
    rtol = 1e-12 if dtype is np.float64 else 3e-5
    for g in (gradient(a), compiled(a), compiled(a)):
        assert g.dtype == dtype
        close(g, stacked, rtol)
    assert "native" in compiled.explain(a)


def test_second_order():
    """In every nesting, and against differences of the gradient."""
    n = 70
    a, c, u, v = positive(n), weights(n), weights(n), weights(n)
    f = lambda a: np.sum(np.sin(np.linalg.cholesky(a)) * c)
    forward = wg.hvp(f, (a,), u)
    close(wg.grad(lambda a: np.sum(wg.grad(f)(a) * u))(a), forward, 1e-10)
    close(np.sum(wg.hvp(f, (a,), v) * np.tril(u)), np.sum(forward * np.tril(v)), 1e-10)
    h = 1e-3
    at = lambda k: wg.grad(f)(a + k * h * u)
    close(sum(w * (at(k) - at(-k)) for k, w in ((1, 3 / 4), (2, -3 / 20), (3, 1 / 60))) / h, forward, 1e-9)
    close(wg.jit(lambda a: wg.hvp(f, (a,), u))(a), forward, 1e-11)


def test_inputs_are_left_alone():
    low, bar = np.linalg.cholesky(positive(100)), weights(100)
    before = low.copy(), bar.copy()
    by_blocks(low, bar)
    assert np.array_equal(low, before[0])
    assert np.array_equal(bar, before[1])


def test_nan_goes_as_far():
    """Compiled as eagerly."""
    a, c = positive(100), weights(100)
    c[3, 1] = np.nan
    f = lambda a, c: np.sum(np.linalg.cholesky(a) * c)
    eager, compiled = wg.grad(f)(a, c), wg.jit(wg.grad(f))
    compiled(a, weights(100))
    assert np.isnan(eager[:4, :2]).any()
    assert np.isnan(np.tril(compiled(a, c))).sum() == np.isnan(np.tril(eager)).sum()
