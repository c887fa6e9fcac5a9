"""scipy.stats at shapes where SciPy's code takes another formula, in which the shape does not occur."""

import mpmath as mp
import numpy as np
import pytest
from scipy import stats
from scipy.spatial import distance

import wengert as wg
from wengert.errors import NoDerivative

mp.mp.dps = 40


def kappa_cdf(x, h, k):
    u = (1 - k * x) ** (1 / k)
    return (1 - h * u) ** (1 / h)


def kappa_ppf(q, h, k):
    return (1 - ((1 - q**h) / h) ** k) / k


NEAR = mp.mpf("1e-18")


@pytest.mark.parametrize(("h", "k"), [(0.0, 0.2), (0.3, 0.0), (0.0, 0.0), (0.3, -0.2)])
def test_kappa(h, k):
    """Slopes in both shapes, against those of the general formula close by."""
    at = mp.mpf(h) + NEAR, mp.mpf(k) + NEAR
    x, q = mp.mpf("0.4"), mp.mpf("0.3")
    exact = [mp.diff(lambda a: kappa_cdf(x, a, at[1]), at[0]), mp.diff(lambda a: kappa_cdf(x, at[0], a), at[1])]
    for derivative in (wg.grad, lambda f, argnums: wg.jit(wg.grad(f, argnums=argnums))):
        got = derivative(lambda h, k: stats.kappa4.cdf(0.4, h, k), argnums=(0, 1))(h, k)
        np.testing.assert_allclose(got, [float(e) for e in exact], rtol=1e-9)
    exact = [mp.diff(lambda a: kappa_ppf(q, a, at[1]), at[0]), mp.diff(lambda a: kappa_ppf(q, at[0], a), at[1])]
    got = wg.grad(lambda h, k: stats.kappa4.ppf(0.3, h, k), argnums=(0, 1))(h, k)
    np.testing.assert_allclose(got, [float(e) for e in exact], rtol=1e-9)
    log_density = lambda h, k: mp.log(mp.diff(lambda x: kappa_cdf(x, h, k), x))
    exact = [mp.diff(lambda a: log_density(a, at[1]), at[0]), mp.diff(lambda a: log_density(at[0], a), at[1])]
    for name in ("logpdf", "pdf"):
        f = getattr(stats.kappa4, name)
        got = np.array(wg.grad(lambda h, k, f=f: f(0.4, h, k), argnums=(0, 1))(h, k))
        scale = 1.0 if name == "logpdf" else f(0.4, h, k)
        np.testing.assert_allclose(got / scale, [float(e) for e in exact], rtol=1e-8)


def test_pearson():
    """Against the distribution of the standardised gamma law with skewness γ."""

    def cdf(g):
        a = 4 / g**2
        return mp.gammainc(a, 0, a + mp.mpf("0.7") * mp.sqrt(a), regularized=True)

    small = [mp.mpf("1e-2"), mp.mpf("2e-2")]
    up, upper = [cdf(g) for g in small]
    down, lower = [1 - mp.gammainc(4 / g**2, 0, 4 / g**2 - mp.mpf("0.7") * 2 / g, regularized=True) for g in small]
    slope = (8 * (up - down) - (upper - lower)) / (12 * small[0])
    bend = (16 * (up + down) - (upper + lower) - 30 * mp.ncdf(0.7)) / (12 * small[0] ** 2)
    f = lambda g: stats.pearson3.cdf(0.7, g)
    np.testing.assert_allclose(wg.grad(f)(0.0), float(slope), rtol=1e-6)
    np.testing.assert_allclose(wg.derivative(f, order=2)(0.0), float(bend), rtol=1e-5)
    assert wg.grad(lambda g: stats.pearson3.sf(0.7, g))(0.0) == -wg.grad(f)(0.0)
    undone = lambda g: stats.pearson3.cdf(stats.pearson3.ppf(0.3, g), g)
    np.testing.assert_allclose(wg.grad(undone)(0.0), 0.0, atol=1e-14)
    np.testing.assert_allclose(wg.derivative(undone, order=2)(0.0), 0.0, atol=1e-14)
    mixed = np.array([0.0, 0.4])
    gradient = wg.grad(lambda g: np.sum(stats.pearson3.logpdf(0.7, g)))(mixed)
    np.testing.assert_allclose(gradient[0], 0.7 * (0.49 - 3.0) / 6.0, rtol=1e-12)
    np.testing.assert_allclose(gradient[1], wg.grad(lambda g: stats.pearson3.logpdf(0.7, g))(0.4), rtol=1e-12)
    with pytest.raises(NoDerivative, match="no third derivative"):
        wg.derivative(f, order=3)(0.0)


def test_moments_of_extreme_values():
    mean = lambda c: (1 - mp.gamma(1 + c)) / c
    variance = lambda c: (mp.gamma(1 + 2 * c) - mp.gamma(1 + c) ** 2) / c**2
    for order in (1, 2):
        for f, exact in ((stats.genextreme.mean, mean), (stats.genextreme.var, variance)):
            got = wg.derivative(lambda c, f=f: f(c), order=order)(0.0)
            np.testing.assert_allclose(got, float(mp.diff(exact, NEAR, order)), rtol=1e-10)
    assert np.isnan(wg.grad(lambda c: stats.genextreme.stats(c, moments="s") * 1.0)(0.0))
    both = wg.grad(lambda c: np.sum(stats.genextreme.mean(c)))(np.array([0.0, 0.2]))
    np.testing.assert_allclose(both[1], float(mp.diff(mean, mp.mpf("0.2"))), rtol=1e-12)


def test_skew_normal():
    f = lambda a: stats.skewnorm.logpdf(0.4, a)
    np.testing.assert_allclose(wg.grad(f)(0.0), 0.4 * np.sqrt(2.0 / np.pi), rtol=1e-13)
    np.testing.assert_allclose(wg.derivative(f, order=2)(0.0), -0.16 * 2.0 / np.pi, rtol=1e-12)
    np.testing.assert_allclose(wg.grad(lambda a: stats.skewnorm.pdf(0.4, a))(0.0), np.exp(f(0.0)) * wg.grad(f)(0.0))


def test_truncated_pareto():
    mean = lambda b: b / (b - 1) * (3**b - 3) / (3**b - 1)
    f = lambda b: stats.truncpareto.mean(b, 3.0)
    for b in (1.0, 2.5):
        np.testing.assert_allclose(wg.grad(f)(b), float(mp.diff(mean, mp.mpf(b) + NEAR)), rtol=1e-10)


NAME = "logpdf"


def test_methods_by_name():
    """Nothing in this code says which method it calls."""
    law = getattr(stats, "gen" + "extreme")
    slope = wg.grad(lambda c: getattr(law, NAME)(0.4, c))(0.0)
    t = 0.4
    np.testing.assert_allclose(slope, -0.5 * t * t * np.exp(-t) * -1 - 0.5 * t * t + t, rtol=1e-12)


X = np.array([0.5, 1.3, 2.2, 3.1])
PARAMETERS = {
    "power mean": (stats.pmean, lambda x, p: np.mean(x**p) ** (1 / p), (0.0,)),
    "weighted": (
        lambda x, p: stats.pmean(x, p, weights=[1.0, 2.0, 3.0, 1.0]),
        lambda x, p: (np.sum(x**p * np.array([1, 2, 3, 1])) / 7) ** (1 / p),
        (0.0,),
    ),
    "divergence": (
        lambda x, p: stats.power_divergence(x, lambda_=p).statistic,
        lambda x, p: 2 / (p * (p + 1)) * np.sum(x * ((x / np.mean(x)) ** p - 1)),
        (-1.0, 0.0, 1.0),
    ),
    "Box and Cox": (
        lambda x, p: stats.boxcox_llf(p, x),
        lambda x, p: (p - 1) * np.sum(np.log(x)) - 2 * np.log(np.var((x**p - 1) / p)),
        (0.0,),
    ),
    "Yeo and Johnson": (
        lambda x, p: stats.yeojohnson(np.concatenate([x, -x]), lmbda=p),
        lambda x, p: np.concatenate([((1 + x) ** p - 1) / p, -((1 + x) ** (2 - p) - 1) / (2 - p)]),
        (0.0, 2.0),
    ),
    "Minkowski": (
        lambda x, p: distance.minkowski(x, x[::-1] ** 2, p),
        lambda x, p: np.sum(np.abs(x - x[::-1] ** 2) ** p) ** (1 / p),
        (2.0, 1.0),
    ),
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_powers_that_scipy_treats_apart(name):
    """Slopes in the power and in the data, against the formula at powers around it, extrapolated."""
    f, formula, powers = PARAMETERS[name]
    for p in powers:
        slope = lambda q, f=formula: wg.jacobian(f, argnums=1)(X, q)
        around = (4 * (slope(p + 1e-3) + slope(p - 1e-3)) - (slope(p + 2e-3) + slope(p - 2e-3))) / 6
        for derivative in (wg.jacobian, lambda f, argnums: wg.jit(wg.jacobian(f, argnums=argnums))):
            np.testing.assert_allclose(derivative(f, argnums=1)(X, p), around, rtol=1e-6, atol=1e-8)
        in_data = lambda q, f=formula: wg.jacobian(f)(X, q)
        around = (4 * (in_data(p + 1e-3) + in_data(p - 1e-3)) - (in_data(p + 2e-3) + in_data(p - 2e-3))) / 6
        np.testing.assert_allclose(wg.jacobian(lambda x, p=p: f(x, p))(X), around, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(wg.jacobian(f)(X, p), wg.jacobian(lambda x, p=p: f(x, p))(X), rtol=1e-12, atol=1e-14)
