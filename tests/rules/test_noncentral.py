"""Noncentral t and F, and boxes of normal vectors: slopes in variable, noncentrality, mean and covariance."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp
from check import check
from scipy import stats
from scipy.stats import multivariate_normal

import wengert as wg

mp.mp.dps = 30

OF_T = {
    "pdf": lambda t, c: stats.nct.pdf(t, 3.0, c),
    "logpdf": lambda t, c: stats.nct.logpdf(t, 3.0, c),
    "cdf": lambda t, c: stats.nct.cdf(t, 3.0, c),
    "few degrees": lambda t, c: stats.nct.cdf(t, 0.7, c),
    "sf": lambda t, c: stats.nct.sf(t, 1.4, c),
    "variance": lambda t, c: stats.nct.var(t + 5.0, c) + stats.nct.mean(t + 5.0, c),
}
OF_F = {
    "pdf": lambda x, c: stats.ncf.pdf(x, 3.0, 4.0, c),
    "logpdf": lambda x, c: stats.ncf.logpdf(x, 3.0, 4.0, c),
    "cdf": lambda x, c: stats.ncf.cdf(x, 3.0, 4.0, c),
    "sf": lambda x, c: stats.ncf.sf(x, 3.0, 4.0, c),
    "variance": lambda x, c: stats.ncf.var(x, 7.0 + x, c) + stats.ncf.mean(x, 7.0 + x, c),
}


@pytest.mark.parametrize("name", OF_T)
@pytest.mark.parametrize("t", [-0.8, 0.0, 1.2])
def test_noncentral_t(name, t):
    check(OF_T[name], t, 0.5, rtol=1e-6)


@pytest.mark.parametrize(
    ("m", "slope"), [(3.0, np.inf), (4.0, (4.0 / 9.0) ** 2 * np.exp(-0.2) / sp.beta(2.0, 4.5)), (4.5, 0.0), (27.0, 0.0)]
)
def test_noncentral_f_where_it_begins(m, slope):
    """f(x) = e^(−λ/2) (m/n)^(m/2) x^(m/2 − 1)/B(m/2, n/2) + …"""
    f = lambda x: stats.ncf.pdf(x, m, 9.0, 0.4)
    assert wg.grad(f)(0.0) == pytest.approx(slope, rel=1e-14)
    assert wg.jvp(f, (0.0,), (1.0,))[1] == pytest.approx(slope, rel=1e-14)


def test_second_slope_of_noncentral_f_where_it_begins():
    first = np.exp(-0.2) * (6.0 / 9.0) ** 3 / sp.beta(3.0, 4.5)
    assert wg.derivative(lambda x: stats.ncf.pdf(x, 6.0, 9.0, 0.4), order=2)(0.0) == pytest.approx(2 * first, rel=1e-13)


@pytest.mark.parametrize("name", OF_F)
def test_noncentral_f(name):
    check(OF_F[name], 1.2, 0.5, rtol=1e-6)
    jitted = wg.jit(wg.grad(OF_F[name], argnums=(0, 1)))(1.2, 0.5)
    np.testing.assert_allclose(jitted, wg.grad(OF_F[name], argnums=(0, 1))(1.2, 0.5), rtol=1e-13)


def test_inverses_undo():
    """∂q/∂c = −∂F/∂c / f."""
    for law, shapes in ((stats.nct, (3.0,)), (stats.ncf, (3.0, 4.0))):
        for inverse, function in (("ppf", "cdf"), ("isf", "sf")):
            f, g = getattr(law, function), getattr(law, inverse)
            undone = lambda p, c, f=f, g=g, s=shapes: f(g(p, *s, c), *s, c)
            slopes = wg.grad(undone, argnums=(0, 1))(0.3, 0.5)
            np.testing.assert_allclose(slopes, (1.0, 0.0), atol=1e-8)


def test_noncentral_t_in_the_noncentrality_exactly():
    """∂F/∂μ = −∫ φ(t √(v/ν) − μ) of chi-squared."""
    v, t, c = 3, mp.mpf("1.2"), mp.mpf("0.5")
    density = lambda u: mp.exp(-u / 2) * u ** (mp.mpf(v) / 2 - 1) / (2 ** (mp.mpf(v) / 2) * mp.gamma(mp.mpf(v) / 2))
    slope = -mp.quad(lambda u: mp.npdf(t * mp.sqrt(u / v) - c) * density(u), [0, 1, 5, 20, 100])
    np.testing.assert_allclose(wg.grad(lambda c: sp.nctdtr(3.0, c, 1.2))(0.5), float(slope), rtol=1e-12)


COV = np.array([[1.0, 0.3], [0.3, 2.0]])
BOXES = {
    "point": (lambda x: multivariate_normal.cdf(x, [0.0, 0.1], COV), np.array([0.4, -0.2])),
    "points": (lambda x: multivariate_normal.cdf(x, [0.0, 0.1], COV), np.array([[0.4, -0.2], [1.0, 2.0]])),
    "mean": (lambda m: multivariate_normal.cdf([0.4, -0.2], m, COV), np.array([0.1, 0.1])),
    "covariance": (lambda a: multivariate_normal.cdf([0.4, -0.2], [0.0, 0.0], a @ a.T + COV), np.array([[0.3, 0.1], [0.2, 0.4]])),
    "logcdf": (lambda x: multivariate_normal([0.0, 0.1], COV).logcdf(x), np.array([0.4, -0.2])),
    "lower ends": (lambda a: multivariate_normal.cdf([0.4, 0.2], [0.0, 0.1], COV, lower_limit=a), np.array([-1.0, 2.0])),
    "no end": (lambda x: multivariate_normal.cdf([np.inf, x], [0.0, 0.0], COV), 1.3),
}  # fmt: skip


@pytest.mark.parametrize("name", BOXES)
def test_boxes_in_the_plane(name):
    f, x = BOXES[name]
    check(f, x, rtol=1e-6)
    total = lambda x: np.sum(f(x))
    np.testing.assert_allclose(wg.jit(wg.grad(total))(x), wg.grad(total)(x), rtol=1e-12)


def alike(b, rho):
    """P(X < b) for equal correlations ρ: ∫ φ(z) Π Φ((bₖ − √ρ z)/√(1 − ρ)) dz."""
    z, w = np.polynomial.hermite_e.hermegauss(80)
    inside = sp.ndtr((np.reshape(b, (-1, 1)) - np.sqrt(rho) * z) / np.sqrt(1.0 - rho))
    return np.sum(w * np.prod(inside, axis=0)) / np.sqrt(2.0 * np.pi)


def test_boxes_in_space():
    b, rho = np.array([0.4, -0.2, 0.9]), 0.3

    def f(b, rho):
        cov = (1.0 - rho) * np.eye(3) + rho * np.ones((3, 3))
        return multivariate_normal.cdf(b, np.zeros(3), cov, rng=np.random.default_rng(1))

    np.testing.assert_allclose(f(b, rho), alike(b, rho), rtol=1e-4)
    for got, exact in zip(wg.grad(f, argnums=(0, 1))(b, rho), wg.grad(alike, argnums=(0, 1))(b, rho), strict=True):
        np.testing.assert_allclose(got, exact, rtol=1e-9)
    np.testing.assert_allclose(wg.hessian(f)(b, rho), wg.hessian(alike)(b, rho), rtol=1e-8)
    second = wg.derivative(lambda r: f(b, r), order=2)(rho), wg.derivative(lambda r: alike(b, r), order=2)(rho)
    np.testing.assert_allclose(*second, rtol=1e-8)


def test_boxes_in_more_dimensions():
    """SciPy integrates over random points: so does the derivative, to about as many digits."""
    x = np.array([0.3, -0.2, 0.9, 1.4])
    slope = wg.grad(lambda x: multivariate_normal.cdf(x, np.zeros(4), np.eye(4)))(x)
    expected = stats.norm.pdf(x) * np.prod(stats.norm.cdf(x)) / stats.norm.cdf(x)
    np.testing.assert_allclose(slope, expected, rtol=1e-5)
