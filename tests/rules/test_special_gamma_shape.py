"""The incomplete gamma functions with respect to their shape."""

import mpmath as mp
import numpy as np
import pytest
from check import check
from scipy import special as sp
from scipy import stats

import wengert as wg

SHAPES, X = np.array([0.03, 0.8, 1.0, 2.5, 40.0]), np.array([0.2, 0.1, 1.3, 4.0, 37.0])


@pytest.mark.parametrize("name", ["gammainc", "gammaincc"])
def test_shape(name):
    check(lambda a, x: getattr(sp, name)(a, x), SHAPES, X, h=1e-4, rtol=1e-6)


@pytest.mark.parametrize("name", ["gammaincinv", "gammainccinv"])
def test_inverse(name):
    check(lambda a, p: getattr(sp, name)(a, p), SHAPES[1:], np.array([0.3, 0.6, 0.7, 0.4]), h=1e-4, rtol=1e-6)


@pytest.mark.parametrize("a", [0.01, 0.5, 1.0, 3.0, 30.0, 3000.0])
@pytest.mark.parametrize("ratio", [0.3, 0.9, 1.0, 1.2])
def test_digits(a, ratio):
    x = a * ratio
    with mp.workdps(60):
        expected = float(mp.diff(lambda s: mp.gammainc(s, 0, mp.mpf(x), regularized=True), mp.mpf(a)))
    assert wg.grad(lambda s: sp.gammainc(s, x))(a) == pytest.approx(expected, rel=3e-12)


def test_edges():
    assert np.array_equal(wg.grad(lambda a: sp.gammainc(a, np.array([0.0, np.inf])).sum())(2.0), 0.0)


def test_censored_survival():
    t, seen = np.array([0.4, 1.1, 2.7, 3.0]), np.array([True, True, False, True])
    f = lambda p: np.where(
        seen, stats.gamma.logpdf(t, np.exp(p[0]), scale=p[1]), stats.gamma.logsf(t, np.exp(p[0]), scale=p[1])
    ).sum()
    check(f, np.array([0.3, 1.4]), rtol=1e-6)
