"""scipy.special in the tails and at special points, against mpmath and exact values."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp

import wengert as wg

mp.mp.dps = 60


def ncdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def mp_erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


# fmt: off
# (function, points, the same in mpmath)
TAILS = [
    (sp.gammaln,   [1e-10, 1 - 1e-9, 1.0, 1 + 1e-9, 1.4, 2 - 1e-9, 2.0, 50.0, 1e10], mp.loggamma),
    (sp.gamma,     [1e-5, 1.5, 100.0, -3.7], mp.gamma),
    (sp.rgamma,    [-3.0, -2.0000001, 0.0, 1e-12, 5.5, 100.0], mp.rgamma),
    (sp.psi,       [1e-5, 1.4616, 30.0, 1e8, -2.3], mp.digamma),
    (sp.erf,       [1e-300, 0.3, 5.0, -8.0], mp.erf),
    (sp.erfc,      [0.3, 5.0, -8.0, 20.0], mp.erfc),
    (sp.erfcx,     [-5.0, 0.0, 1.9, 2.1, 3.0, 10.0, 1e3, 1e8], mp_erfcx),
    (sp.erfi,      [1e-300, 0.3, 5.0, -8.0], mp.erfi),
    (sp.ndtr,      [-37.0, -10.0, 0.0], ncdf),
    (sp.log_ndtr,  [-1e4, -30.0, -3.0, 0.0, 3.0, 10.0, 30.0], lambda x: mp.log(ncdf(x)) if x < 5 else mp.log1p(-ncdf(-x))),
    (sp.expit,     [-700.0, -30.0, 0.0, 30.0], lambda x: 1 / (1 + mp.exp(-x))),
    (sp.log_expit, [-700.0, -30.0, 0.0, 30.0, 700.0], lambda x: -mp.log1p(mp.exp(-x))),
    (sp.logit,     [1e-300, 1e-10, 0.5, 1 - 1e-10], lambda x: mp.log(x / (1 - x))),
    (sp.exprel,    [-30.0, -0.6, -1e-9, 0.0, 1e-5, 0.4, 0.6, 30.0], lambda x: mp.expm1(x) / x if x else mp.mpf(1)),
    (sp.cosm1,     [1e-9, 1.0], lambda x: mp.cos(x) - 1),
    (sp.i0,        [1e-5, 1.0, 500.0], lambda x: mp.besseli(0, x)),
    (sp.i1,        [0.0, 1e-300, 1e-5, 1.0, 500.0], lambda x: mp.besseli(1, x)),
    (sp.i0e,       [1.0, 20.0, 45.0, 1e8, -1e5], lambda x: mp.besseli(0, x) * mp.exp(-abs(x))),
    (sp.i1e,       [1.0, 20.0, 45.0, 1e8, -1e5], lambda x: mp.besseli(1, x) * mp.exp(-abs(x))),
    (sp.j0,        [0.0, 1.0, 7.0], lambda x: mp.besselj(0, x)),
    (sp.j1,        [0.0, 1e-300, 1.0, 7.0], lambda x: mp.besselj(1, x)),
    (sp.ellipk,    [-1e6, -1.0, 0.0, 1e-12, 0.5, 1 - 1e-9], mp.ellipk),
    (sp.ellipe,    [-1e6, -1.0, 0.0, 1e-12, 0.5, 1 - 1e-9], mp.ellipe),
    (sp.ellipkm1,  [1e-10, 0.3, 1.0], lambda p: mp.ellipk(1 - p)),
    (sp.expi,      [1e-200, 1.0, 100.0], mp.ei),
    (sp.exp1,      [1e-200, 1.0, 100.0], mp.e1),
    (sp.spence,    [1e-20, 0.5, 1 - 1e-9, 1.0, 1 + 1e-9, 1.2, 1e9], lambda z: mp.polylog(2, 1 - z)),
    (lambda x: sp.lambertw(x).real, [-0.36, -0.1, 0.0, 1e-300, 1e-9, 1.0, 1e300], lambda x: mp.re(mp.lambertw(x))),
    (lambda a: sp.betaln(a, 1.5),   [1e-10, 1.0, 11.0, 1e5, 1e10, 1e15], lambda a: mp.loggamma(a) - mp.loggamma(a + 1.5)),
    (lambda b: sp.betaln(1e8, b),   [1e-3, 1.0, 1e3, 1e8], lambda b: mp.loggamma(b) - mp.loggamma(1e8 + b)),
    (lambda x: sp.poch(x, 0.5),     [1e-3, 1.0, 1e6], lambda x: mp.rf(x, 0.5)),
    (lambda x: sp.gammainc(1e5, x), [0.99e5, 1e5, 1.01e5], lambda x: mp.gammainc(1e5, 0, x, regularized=True)),
    (lambda p: sp.boxcox(3.0, p),   [-2.0, -1e-9, 0.0, 1e-12, 0.3, 2.0], lambda p: (mp.mpf(3) ** p - 1) / p if p else mp.log(3)),
    (lambda p: sp.inv_boxcox(1.5, p), [-0.5, -1e-9, 0.0, 1e-12, 0.3, 2.0], lambda p: (1 + p * 1.5) ** (1 / p) if p else mp.exp(1.5)),
    (lambda r: sp.pseudo_huber(1.0, r), [1e-12, 1.0, 1e12], lambda r: mp.sqrt(1 + r * r) - 1),
    (lambda d: sp.pseudo_huber(d, 1.0), [1e-12, 1.0, 1e6], lambda d: d * d * (mp.sqrt(1 + 1 / (d * d)) - 1)),
]
EXACT = [
    (sp.erf, 20.0, 2 / mp.sqrt(mp.pi) * mp.exp(-400)),
    (sp.erfc, 1e-300, -2 / mp.sqrt(mp.pi)),
    (sp.ndtr, 10.0, mp.npdf(10)),
    (sp.ndtr, 37.0, mp.npdf(37)),
    (sp.expit, 700.0, mp.exp(-700)),
    (sp.cosm1, 1e-300, -mp.mpf(1e-300)),
    (sp.i0, 1e-300, mp.mpf(1e-300) / 2),
    (sp.j0, 1e-300, -mp.mpf(1e-300) / 2),
    (sp.ellipkm1, 1e-200, -1 / (2 * mp.mpf(1e-200))),
    (sp.ndtri, 1e-300, 1 / mp.npdf(mp.mpf(sp.ndtri(1e-300)))),
    (sp.ndtri, 1 - 1e-12, 1 / mp.npdf(mp.mpf(sp.ndtri(1 - 1e-12)))),
    (sp.ndtri_exp, -1e5, ncdf(mp.mpf(sp.ndtri_exp(-1e5))) / mp.npdf(mp.mpf(sp.ndtri_exp(-1e5)))),
    (sp.ndtri_exp, -1e-20, ncdf(mp.mpf(sp.ndtri_exp(-1e-20))) / mp.npdf(mp.mpf(sp.ndtri_exp(-1e-20)))),
    (sp.k0, 100.0, -mp.besselk(1, 100)),
    (sp.k0e, 45.0, mp.exp(45) * (mp.besselk(0, 45) - mp.besselk(1, 45))),
    (sp.k1e, 45.0, mp.exp(45) * (mp.besselk(1, 45) - (mp.besselk(0, 45) + mp.besselk(2, 45)) / 2)),
    (sp.k0, 1e-300, -1 / mp.mpf(1e-300)),
    (sp.k0e, 1e8, -mp.sqrt(mp.pi / 8) * mp.mpf(10) ** -12 * (1 - mp.mpf(3) / 8 * mp.mpf(10) ** -8)),
    (sp.erfcinv, 1e-200, -mp.sqrt(mp.pi) / 2 * mp.exp(mp.mpf(sp.erfcinv(1e-200)) ** 2)),
    (lambda x: sp.betainc(1e4, 1e4, x), 0.51,
     mp.exp(mp.mpf(9999) * mp.log(mp.mpf(0.51) * (1 - mp.mpf(0.51))) + mp.loggamma(20000) - 2 * mp.loggamma(10000))),
    (lambda x: sp.gammaincc(2.5, x), 500.0, -mp.mpf(500) ** 1.5 * mp.exp(-500) / mp.gamma(2.5)),
]
# fmt: on


def slope(f, x):
    """The derivative by mpmath, at 60 digits."""
    return float(mp.diff(f, mp.mpf(x), h=mp.mpf(10) ** -25 * (abs(mp.mpf(x)) or 1)))


def condition(f, x):
    """How much a rounding error of x is magnified in f′(x)."""
    h = mp.mpf(10) ** -16 * (abs(mp.mpf(x)) or 1)
    s = [mp.diff(f, mp.mpf(x) + d, h=mp.mpf(10) ** -28 * (abs(mp.mpf(x)) or 1)) for d in (-h, h)]
    return float(abs(s[1] - s[0]))


@pytest.mark.parametrize("case", range(len(TAILS)))
def test_tails(case):
    f, points, oracle = TAILS[case]
    for x in points:
        expected = slope(oracle, x)
        got = wg.derivative(f)(x)
        assert abs(got - expected) <= 10 * condition(oracle, x) + 2e-14 * abs(expected), (x, got, expected)
        assert wg.grad(f)(x) == pytest.approx(got, rel=1e-14)


@pytest.mark.parametrize("case", range(len(EXACT)))
def test_exact(case):
    f, x, expected = EXACT[case]
    assert wg.grad(f)(x) == pytest.approx(float(expected), rel=1e-12, abs=0.0)
    assert wg.derivative(f)(x) == pytest.approx(float(expected), rel=1e-12, abs=0.0)


def test_strong_zeros():
    assert wg.grad(lambda y: sp.xlogy(0.0, y))(0.0) == 0.0
    assert wg.grad(lambda y: sp.xlog1py(0.0, y))(-1.0) == 0.0
    assert wg.grad(lambda y: sp.rel_entr(0.0, y))(0.0) == 0.0
    assert wg.grad(lambda y: sp.kl_div(0.0, y))(0.0) == 1.0
    assert wg.grad(lambda x: np.where(x > 0, sp.entr(x), 0.0))(0.0) == 0.0
    assert wg.grad(lambda x: np.where(x > 0, sp.xlogy(x, x), 0.0))(0.0) == 0.0
    assert wg.grad(lambda x: np.where(x > 0, sp.gammaln(x), 0.0))(0.0) == 0.0
    assert wg.grad(lambda y: np.sum(sp.rel_entr(np.array([0.0, 0.5]), y)))(np.array([0.0, 1.0])).tolist() == [0.0, -0.5]


def test_second_derivatives_at_special_points():
    second = wg.derivative(wg.derivative(sp.log_ndtr))
    for x in (-30.0, -3.0, 2.0):
        expected = mp.diff(lambda t: mp.log(ncdf(t)), x, 2)
        assert second(x) == pytest.approx(float(expected), rel=1e-11)
    assert wg.derivative(wg.derivative(sp.i0))(0.0) == 0.5
    assert wg.derivative(wg.derivative(sp.j0))(0.0) == -0.5
    assert wg.derivative(wg.derivative(sp.spence))(1.0) == pytest.approx(0.5)
    assert wg.derivative(wg.derivative(sp.exprel))(0.0) == pytest.approx(1 / 3)
    assert wg.derivative(wg.derivative(sp.ellipk))(0.0) == pytest.approx(float(mp.diff(mp.ellipk, 0, 2)), rel=1e-13)
    assert wg.derivative(wg.derivative(wg.derivative(sp.gammaln)))(3.0) == pytest.approx(float(mp.polygamma(2, 3)))


def test_rgamma_at_its_zeros():
    for n in range(5):
        expected = float(mp.diff(mp.rgamma, -n))
        assert wg.derivative(sp.rgamma)(-float(n)) == pytest.approx(expected, rel=1e-14)
        assert wg.derivative(wg.derivative(sp.rgamma))(-float(n)) == pytest.approx(
            float(mp.diff(mp.rgamma, -n, 2)), rel=1e-12
        )
