"""Landau's distribution in the variable, location and scale, against integrals of mpmath and against itself."""

import mpmath as mp
import numpy as np
import pytest
from check import check
from scipy import stats
from scipy.special import _ufuncs as scu

import wengert as wg


def exact(k, x):
    """f⁽ᵏ⁾(x) = 1/π ∫ Re sᵏ exp(a s ln s + x s) dy over s = s₀ + i y, or folded around the negative axis."""
    with mp.workdps(40):
        x, a = mp.mpf(x), 2 / mp.pi
        if x > -0.5:
            near = 1 / max(x, mp.mpf(1))
            f = lambda t: (-t) ** k * mp.exp(-a * t * mp.log(t) - x * t) * mp.sin(2 * t)
            return float(mp.quad(f, [0, near / 2, *[near * 2**j for j in range(9)]]) / mp.pi)
        s0 = mp.exp(-x / a - 1)
        f = lambda y: mp.re((s0 + 1j * y) ** k * mp.exp(a * (s0 + 1j * y) * mp.log(s0 + 1j * y) + x * (s0 + 1j * y)))
        width = mp.sqrt(s0 / a)
        return float(mp.quad(f, [j * width / 2 for j in range(41)] + [30 * width, 60 * width]) / mp.pi)


@pytest.mark.parametrize("x", [-4.0, -3.0, -2.0, -1.2, -0.81, -0.79, -0.3, 0.0, 0.7, 2.0, 5.0, 30.0, 1e3, 1e6])
def test_the_density(x):
    f = stats.landau.pdf
    along = lambda g: lambda x: wg.jvp(g, (x,), (1.0,))[1]
    np.testing.assert_allclose([wg.grad(f)(x), along(f)(x), wg.jit(wg.grad(f))(x)], exact(1, x), rtol=2e-12)
    twice = [wg.grad(wg.grad(f)), along(wg.grad(f)), wg.grad(along(f)), along(along(f))]
    np.testing.assert_allclose([g(x) for g in twice], exact(2, x), rtol=2e-11)
    np.testing.assert_allclose(wg.grad(stats.landau.logpdf)(x), exact(1, x) / exact(0, x), rtol=2e-12)


def test_where_there_is_no_density():
    assert wg.grad(stats.landau.pdf)(-50.0) == wg.grad(stats.landau.pdf)(np.inf) == 0.0


@pytest.mark.parametrize("name", ["_landau_pdf", "_landau_cdf", "_landau_sf", "_landau_ppf", "_landau_isf"])
def test_location_and_scale(name):
    x = 0.3 if name.endswith(("ppf", "isf")) else 1.4
    check(lambda v: getattr(scu, name)(*v), np.array([x, 0.2, 1.7]))


def test_a_fit():
    data = np.array([0.1, 2.0, -0.5, 7.0])
    check(lambda p: np.sum(stats.landau.logpdf(data, p[0], p[1])), np.array([0.2, 1.3]))
