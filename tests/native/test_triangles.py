"""Products with triangular factors, and their inverses, leave the zeros out: the results are NumPy's."""

import numpy as np
import pytest
import scipy.linalg

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")


def covariance(n, seed=0):
    x = np.random.default_rng(seed).normal(size=(n, n))
    return x @ x.T / n + np.eye(n)


@pytest.mark.parametrize("n", [3, 64, 97])
@pytest.mark.parametrize("columns", [1, 5, 64, 130])
def test_products_from_both_sides(n, columns):
    rng = np.random.default_rng(1)
    A, X = covariance(n), rng.normal(size=(n, columns))

    def f(A, X):
        L = np.linalg.cholesky(A)
        return L @ X, L.T @ X, X.T @ L, X.T @ L.T, L @ L.T, L.T @ L

    for got, expected in zip(wg.jit(f)(A, X), f(A, X), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("n", [2, 30, 64, 100])
def test_gradient_through_a_cholesky_factor(n):
    W = np.random.default_rng(2).normal(size=(n, n))

    def f(A):
        L = np.linalg.cholesky(A)
        z = scipy.linalg.solve_triangular(L, W[:, 0], lower=True)
        return np.sum(W * L) + z @ z

    A = covariance(n)
    np.testing.assert_allclose(wg.jit(wg.grad(f))(A), wg.grad(f)(A), rtol=1e-10, atol=1e-12)


def test_what_is_not_finite_is_multiplied_by_zeros_as_numpy_does():
    def f(A, X):
        return np.linalg.cholesky(A) @ X

    A, X = covariance(70), np.ones((70, 70))
    jitted = wg.jit(f)
    jitted(A, X)
    X[5, 5] = np.inf
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.isnan(jitted(A, X)), np.isnan(f(A, X)))
