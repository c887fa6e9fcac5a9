"""Tukey's λ: scipy.special.tklmbda and scipy.stats.tukeylambda in the variable and in λ, against 40 digits."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp
from scipy import stats

import wengert as wg

POINTS = [
    (0.3, 0.4), (-2.0, 0.3), (1.5, -0.5), (-8.0, -0.2), (8.0, -0.2), (30.0, -0.7), (0.4, 0.0), (-20.0, 0.0), (3.0, 1e-4),
    (0.2, 2.5), (-0.1, 1.0), (0.39, 2.5),
]  # fmt: skip


def exact(x, shape):
    """p of x = (p^λ − (1 − p)^λ)/λ, by bisection."""
    low, high = mp.mpf(10) ** -35, 1 - mp.mpf(10) ** -35
    for _ in range(150):
        p = (low + high) / 2
        at = mp.log(p / (1 - p)) if shape == 0 else (p**shape - (1 - p) ** shape) / shape
        low, high = (p, high) if at < x else (low, p)
    return p


def differences(x, shape, h=1e-9):
    """∂x, ∂λ, ∂λλ, ∂λx."""
    with mp.workdps(40):
        f = lambda i, j: exact(x + i * mp.mpf(h), shape + j * mp.mpf(h))
        across = (f(1, 1) - f(-1, 1) - f(1, -1) + f(-1, -1)) / (4 * mp.mpf(h) ** 2)
        first = [(f(1, 0) - f(-1, 0)) / (2 * h), (f(0, 1) - f(0, -1)) / (2 * h)]
        return [float(d) for d in (*first, (f(0, 1) - 2 * f(0, 0) + f(0, -1)) / mp.mpf(h) ** 2, across)]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_against_differences(point):
    by_x, by_shape, twice, across = differences(*point)
    along = lambda f, k: lambda *z: wg.jvp(f, z, tuple([1.0 * (k == j) for j in range(2)]))[1]
    np.testing.assert_allclose(wg.grad(sp.tklmbda, argnums=(0, 1))(*point), (by_x, by_shape), rtol=2e-12, atol=1e-20)
    for slope in (wg.grad(sp.tklmbda, 1), along(sp.tklmbda, 1)):
        np.testing.assert_allclose(slope(*point), by_shape, rtol=2e-12, atol=1e-20)
        for outer in (lambda f, k: wg.grad(f, k), along):
            np.testing.assert_allclose(outer(slope, 1)(*point), twice, rtol=1e-11, atol=1e-16)
            np.testing.assert_allclose(outer(slope, 0)(*point), across, rtol=1e-11, atol=1e-16)
    np.testing.assert_allclose(wg.jit(wg.grad(sp.tklmbda, 1))(*point), by_shape, rtol=2e-12, atol=1e-20)


def test_beyond_the_support():
    np.testing.assert_array_equal(wg.grad(sp.tklmbda, argnums=(0, 1))(2.0, 0.7), (0.0, 0.0))


def test_the_distribution():
    """pdf = dF/dx, whose slope in λ is ∂²F/∂λ∂x."""
    _, by_shape, _, across = differences(0.4, 0.3)
    np.testing.assert_allclose(wg.grad(lambda c: stats.tukeylambda.pdf(0.4, c))(0.3), across, rtol=1e-11)
    np.testing.assert_allclose(wg.grad(lambda c: stats.tukeylambda.cdf(0.4, c))(0.3), by_shape, rtol=1e-11)
    np.testing.assert_allclose(wg.grad(lambda c: stats.tukeylambda.sf(0.4, c))(0.3), -by_shape, rtol=1e-11)
