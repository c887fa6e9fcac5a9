"""scipy.stats.irwinhall in its variable, against its sum of truncated powers."""

import math
from fractions import Fraction

import numpy as np
import pytest
from check import check
from scipy import stats

import wengert as wg
from wengert.errors import NoDerivative


def exact(n, x, k):
    """The k-th derivative of Σ (−1)ʲ C(n, j) (x − j)ⁿ⁻¹/(n − 1)!, j < x."""
    power = n - 1 - k
    if power < 0:
        return 0.0
    terms = [(-1) ** j * math.comb(n, j) * (Fraction(x) - j) ** power for j in range(n + 1) if x > j]
    return float(sum(terms) / math.factorial(power))


@pytest.mark.parametrize("n", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("share", [0.03, 0.37, 0.5001, 0.91])
def test_against_truncated_powers(n, share):
    x, law = share * n, stats.irwinhall
    along = lambda g: lambda x: wg.jvp(g, (x,), (1.0,))[1]
    pdf, cdf = lambda x: law.pdf(x, n), lambda x: law.cdf(x, n)
    for g in (wg.grad(pdf), along(pdf), wg.grad(wg.grad(cdf)), wg.jit(wg.grad(pdf))):
        np.testing.assert_allclose(g(x), exact(n, x, 1), rtol=1e-9, atol=1e-9)
    for g in (wg.grad(wg.grad(pdf)), along(wg.grad(pdf)), wg.grad(along(pdf)), along(along(pdf))):
        np.testing.assert_allclose(g(x), exact(n, x, 2), rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(wg.grad(cdf)(x), exact(n, x, 0), rtol=1e-9)
    np.testing.assert_allclose(wg.grad(lambda x: law.sf(x, n))(x), -exact(n, x, 0), rtol=1e-9)
    np.testing.assert_allclose(wg.grad(lambda p: law.ppf(p, n))(cdf(x)), 1.0 / exact(n, x, 0), rtol=1e-7)


def test_several():
    check(lambda x: stats.irwinhall.logpdf(x, np.array([4, 5, 6]), loc=0.1, scale=1.3), np.array([1.2, 2.0, 4.4]))
    assert wg.grad(lambda x: stats.irwinhall.pdf(x, 3))(7.0) == 0.0


def test_n_is_a_whole_number():
    with pytest.raises(NoDerivative, match="irwinhall has no derivative with respect to n"):
        wg.grad(lambda n: stats.irwinhall.pdf(1.3, n))(4.0)
