"""Log-densities, tails, quantiles and entropies of scipy.stats in all their parameters, against high precision."""

import mpmath as mp
import numpy as np
import pytest
from check import check
from exact import at, exactly
from scipy import stats

import wengert as wg

mpf, log, exp, gamln, cdf = mp.mpf, mp.log, mp.exp, mp.loggamma, mp.ncdf
X = (0.1, 0.5, 2.0)


def lower(a, x):
    return mp.gammainc(a, 0, x, regularized=True)


def upper(a, x):
    return mp.gammainc(a, x, mp.inf, regularized=True)


def beta(a, b, x):
    return mp.betainc(a, b, 0, x, regularized=True)


def logistic(x, m, s):
    z = (x - m) / s
    return -z - 2 * log(1 + exp(-z)) - log(s)


def gev(x, c):
    t = -log_ratio(x, -c)
    return -exp(t) + t * (1 - c)


def log_ratio(x, c):
    """log(1 + c x) / c."""
    return log(1 + c * x) / c if c else x


def bivariate(a, b, r):
    x, y = mpf(0.3) - a, mpf(0.2) - b
    return -(x * x - 2 * r * x * y + y * y) / (2 * (1 - r * r)) - log(2 * mp.pi) - log(1 - r * r) / 2


def dirichlet(*a):
    return gamln(sum(a)) - sum(gamln(t) for t in a) + sum((t - 1) * log(mpf(p)) for t, p in zip(a, X3, strict=True))


X3 = (0.3, 0.2, 0.5)

# fmt: off
# name: (program of the vector v, the same in mpmath, points, options)
DENSITIES = {
    "norm":       (lambda v: stats.norm.logpdf(*v), lambda x, m, s: -(((x - m) / s) ** 2) / 2 - log(s * mp.sqrt(2 * mp.pi)), [at(0.5, 0.1, 2), at(1e3, 0.1, 0.01)], {}),
    "sample":     (lambda v: stats.norm.logpdf(np.array(X), v[0], np.exp(v[1])).sum(), lambda m, s: sum(-(((x - m) / exp(s)) ** 2) / 2 - s for x in X), [at(0.3, 2), at(0.3, -20)], {}),
    "gamma":      (lambda v: stats.gamma.logpdf(v[0], v[1], scale=v[2]), lambda x, a, s: (a - 1) * log(x / s) - x / s - gamln(a) - log(s), [at(0.5, 0.1, 2), at(1e3, 50, 0.1), at(1, 1, 1)], {"loss": 4}),
    "beta":       (lambda v: stats.beta.logpdf(*v), lambda x, a, b: (a - 1) * log(x) + (b - 1) * mp.log1p(-x) - gamln(a) - gamln(b) + gamln(a + b), [at(0.5, 0.1, 2), at(1e-10, 50, 0.1), at(0.3, 1, 1)], {"loss": 4}),
    "t":          (lambda v: stats.t.logpdf(*v), lambda x, n: gamln((n + 1) / 2) - gamln(n / 2) - log(mp.pi * n) / 2 - (n + 1) / 2 * log(1 + x**2 / n), [at(0.5, 3), at(1e5, 1), at(0, 2)], {"loss": 4, "norm": True}),
    "weibull":    (lambda v: stats.weibull_min.logpdf(v[0], v[1], scale=v[2]), lambda x, c, s: log(c / s) + (c - 1) * log(x / s) - (x / s) ** c, [at(0.5, 0.1, 2), at(3, 1, 2)], {"loss": 4}),
    "logistic":   (lambda v: stats.logistic.logpdf(*v), logistic, [at(0.5, 0.5, 2), at(-100, 0.1, 0.5), at(100, 0.1, 0.5)], {"digits": 500, "loss": 2}),
    "generalised logistic": (lambda v: stats.genlogistic.logpdf(*v), lambda x, c: log(c) - x - (c + 1) * log(1 + exp(-x)), [at(0, 2), at(0, 1), at(3, 0.5), at(-3, 0.5)], {"loss": 2}),
    "cauchy":     (lambda v: stats.cauchy.logpdf(*v), lambda x, m, s: -log(mp.pi * s * (1 + ((x - m) / s) ** 2)), [at(0, 0, 1), at(3, 1, 2), at(1e20, 0, 1), at(1e-9, 0, 1)], {"loss": 2, "norm": True}),
    "lognorm":    (lambda v: stats.lognorm.logpdf(v[0], v[1], scale=v[2]), lambda x, s, c: -log(s * x * mp.sqrt(2 * mp.pi)) - log(x / c) ** 2 / (2 * s * s), [at(0.5, 0.1, 2), at(1e-100, 1, 0.5)], {"loss": 4}),
    "genextreme": (lambda v: stats.genextreme.logpdf(*v), gev, [at(0.05, 0.1), at(-2, 0.1), at(2, -0.3), at(-2, 0), at(0.5, 1e-9)], {"loss": 8}),
    "pareto at 0": (lambda v: stats.genpareto.logpdf(v[0], v[1], scale=v[2]), lambda x, c, s: -(c + 1) * log_ratio(x / s, c) - log(s), [at(0.5, 0, 2), at(3, -0.1, 2), at(30, 0, 2), at(3, 1e-9, 2)], {"loss": 8}),
    "vonmises":   (lambda v: stats.vonmises.logpdf(*v), lambda x, k: k * mp.cos(x) - log(2 * mp.pi * mp.besseli(0, k)), [at(0.3, 2), at(1, 1e-9), at(0.01, 700)], {"loss": 8}),
    "skewnorm":   (lambda v: stats.skewnorm.logpdf(*v), lambda x, a: -x * x / 2 + log(cdf(a * x)), [at(0.3, 2), at(-4, 5)], {"loss": 8, "digits": 250}),
    "invgauss":   (lambda v: stats.invgauss.logpdf(*v), lambda x, m: -log(2 * mp.pi * x**3) / 2 - ((x - m) / m) ** 2 / (2 * x), [at(0.3, 2), at(4, 0.1)], {"loss": 8}),
    "exponnorm":  (lambda v: stats.exponnorm.logpdf(*v), lambda x, k: -log(2 * k) + 1 / (2 * k * k) - x / k + log(mp.erfc(-(x - 1 / k) / mp.sqrt(2))), [at(0.3, 2), at(30, 0.5)], {"loss": 30, "digits": 400}),
    "bivariate":  (lambda v: stats.multivariate_normal.logpdf(np.array([0.3, 0.2]), v[:2], np.array([[1, v[2]], [v[2], 1.0]])), bivariate, [at(0.3, 2, 0.5), at(0.3, 0, 0.999)], {"loss": 8}),
    "dirichlet":  (lambda v: stats.dirichlet.logpdf(np.array(X3), v), dirichlet, [at(0.3, 2, 0.5), at(30, 2, 500)], {"loss": 8}),
    "beta density": (lambda v: stats.beta.pdf(*v), lambda x, a, b: x ** (a - 1) * (1 - x) ** (b - 1) / mp.beta(a, b), [at(0.3, 2, 3), at(0.99, 30, 0.7), at(1e-8, 0.5, 1)], {"loss": 30}),
}
TAILS = {
    "log normal cdf": (lambda v: stats.norm.logcdf(*v), lambda x, m, s: log(cdf((x - m) / s)), [at(0.5, 0.1, 2), at(-50, 0.1, 0.5), at(8, 0.1, 0.3)], {"digits": 400}),
    "log normal sf": (lambda v: stats.norm.logsf(*v), lambda x, m, s: log(cdf(-(x - m) / s)), [at(50, 0.1, 0.5), at(-8, 0.1, 0.3)], {"digits": 400}),
    "normal sf":  (lambda v: stats.norm.sf(*v), lambda x, m, s: cdf(-(x - m) / s), [at(0.5, 0.1, 2), at(10, 0.1, 0.5)], {}),
    "gamma cdf":  (lambda v: stats.gamma.cdf(v[0], v[1], scale=v[2]), lambda x, a, s: lower(a, x / s), [at(0.5, 0.1, 2), at(1, 1, 1)], {"loss": 30}),
    "log gamma sf": (lambda v: stats.gamma.logsf(v[0], v[1]), lambda x, a: log(upper(a, x)), [at(0.5, 0.1), at(30, 2)], {"loss": 300}),
    "beta cdf":   (lambda v: stats.beta.cdf(*v), lambda x, a, b: beta(a, b, x), [at(0.5, 0.1, 2), at(0.3, 1, 1)], {"loss": 50, "digits": 120}),
    "beta sf":    (lambda v: stats.beta.sf(*v), lambda x, a, b: beta(b, a, 1 - x), [at(0.99, 30, 10)], {"loss": 50, "digits": 150}),
    "t sf":       (lambda v: stats.t.sf(*v), lambda x, n: beta(n / 2, mpf(1) / 2, n / (n + x * x)) / 2, [at(0.5, 3), at(30, 2.5)], {"loss": 50}),
    "exponential": (lambda v: stats.expon.logsf(*v), lambda x, m, s: -(x - m) / s, [at(0.5, 0.1, 2), at(80, 0, 2)], {"loss": 4}),
    "log weibull cdf": (lambda v: stats.weibull_min.logcdf(v[0], v[1]), lambda x, c: log(1 - exp(-(x**c))), [at(0.5, 0.1), at(30, 1)], {"loss": 8}),
    "log lognormal sf": (lambda v: stats.lognorm.logsf(*v), lambda x, s: log(cdf(-log(x) / s)), [at(0.5, 0.1), at(1e100, 1)], {"loss": 4, "digits": 300}),
    "generalised pareto": (lambda v: stats.genpareto.sf(*v), lambda x, c: exp(-log_ratio(x, c)), [at(0.05, 0.1), at(2, 1e-9), at(2, -0.3), at(2, 0)], {"loss": 8}),
    "extreme quantile": (lambda v: stats.genextreme.ppf(*v), lambda q, c: mp.expm1(c * log(-log(q))) / -c if c else -log(-log(q)), [at(0.3, 0), at(0.99, 0.2), at(1e-10, 0)], {"loss": 8}),
    "generalised normal": (lambda x: stats.gennorm.cdf(x, 2.0), lambda x: cdf(x * mp.sqrt(2)), [0.0, 1.0, -3.0], {"loss": 8}),
    "double weibull": (lambda v: stats.dweibull.cdf(*v), lambda x, c: 1 - exp(-(x**c)) / 2 if x > 0 else exp(-((-x) ** c)) / 2, [at(0.5, 1.5), at(-0.5, 1.5)], {"loss": 4}),
    "truncated":  (lambda v: stats.truncnorm.cdf(*v), lambda x, a, b: (cdf(x) - cdf(a)) / (cdf(b) - cdf(a)), [at(10.5, 10, 11)], {"loss": 30, "digits": 150}),
    "chi2":       (lambda v: stats.chi2.logsf(*v), lambda x, k: log(upper(k / 2, x / 2)), [at(2, 3)], {"loss": 60}),
}
QUANTILES = {
    "normal":     (lambda v: stats.norm.ppf(*v), lambda p, m, s: m + s * mp.sqrt(2) * mp.erfinv(2 * p - 1), [at(0.5, 0.1, 2), at(1e-12, 0.1, 0.5)], {"loss": 8}),
    "weibull":    (lambda v: stats.weibull_min.ppf(v[0], v[1], scale=v[2]), lambda q, c, s: s * (-mp.log1p(-q)) ** (1 / c), [at(0.5, 0.1, 2), at(1e-10, 2, 2)], {"loss": 4}),
    "gamma entropy": (lambda v: stats.gamma.entropy(v[0], scale=v[1]), lambda a, s: a + log(s) + gamln(a) + (1 - a) * mp.digamma(a), [at(0.5, 0.1), at(10, 50), at(1e6, 1)], {"loss": 30}),
    "normal entropy": (lambda s: stats.norm.entropy(0.0, s), lambda s: log(s), [1e-5, 2.0], {}),
}
COUNTS = {
    "poisson":    (lambda m: stats.poisson.logpmf(3, m), lambda m: 3 * log(m) - m, [1e-10, 2.0, 1e5], {}),
    "poisson at 0": (lambda m: stats.poisson.logpmf(0, m), lambda m: -m, [1e-10, 2.0, 0.0], {}),
    "poisson cdf": (lambda m: stats.poisson.cdf(3, m), lambda m: upper(4, m), [1e-3, 2.0, 1e2], {"loss": 20}),
    "binomial":   (lambda p: stats.binom.logpmf(3, 10, p), lambda p: 3 * log(p) + 7 * mp.log1p(-p), [1e-10, 0.3, 1 - 1e-9], {"loss": 4}),
    "none of ten": (lambda p: stats.binom.logpmf(0, 10, p), lambda p: 10 * mp.log1p(-p), [0.0, 1e-10, 0.3], {"loss": 4}),
    "binomial probability": (lambda p: stats.binom.pmf(1, 10, p) + stats.binom.pmf(10, 10, p), lambda p: 10 * p * (1 - p) ** 9 + p**10, [1e-10, 0.3, 0.0, 1.0], {"loss": 300}),
    "negative binomial": (lambda v: stats.nbinom.pmf(2, *v), lambda n, p: n * (n + 1) / 2 * p**n * (1 - p) ** 2, [at(2.5, 0.3), at(1, 1)], {"loss": 300}),
    "geometric":  (lambda p: stats.geom.logsf(5, p), lambda p: 5 * mp.log1p(-p), [1e-10, 0.3], {"loss": 8}),
}
# fmt: on


@pytest.mark.parametrize("name", DENSITIES)
def test_densities(name):
    exactly(*DENSITIES[name])


@pytest.mark.parametrize("name", TAILS)
def test_tails(name):
    exactly(*TAILS[name])


@pytest.mark.parametrize("name", QUANTILES)
def test_quantiles_and_entropies(name):
    exactly(*QUANTILES[name])


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name):
    exactly(*COUNTS[name])


@pytest.mark.parametrize(("a", "b", "slope"), [(1.0, 1.0, 0.0), (2.0, 0.5, 0.75), (2.0, 3.0, 12.0), (1.0, 2.0, -2.0)])
def test_beta_densities_at_the_ends(a, b, slope):
    assert wg.grad(lambda x: stats.beta.pdf(x, a, b))(0.0) == pytest.approx(slope)
    assert wg.grad(lambda x: stats.beta.pdf(x, b, a))(1.0) == pytest.approx(-slope)


def test_distribution_functions_at_the_centre():
    for c in (1.0, 1.3):
        assert wg.grad(lambda x: stats.gennorm.cdf(x, c))(0.0) == pytest.approx(stats.gennorm.pdf(0.0, c))  # noqa: B023
        assert wg.grad(lambda x: stats.dweibull.sf(x, c))(0.0) == -stats.dweibull.pdf(0.0, c)  # noqa: B023
    crossed = wg.hessian(lambda v: stats.gennorm.cdf(v[0], v[1]))(np.array([0.0, 1.3]))
    expected = wg.grad(lambda b: stats.gennorm.pdf(0.0, b))(1.3)
    assert [crossed[0, 1], crossed[1, 0]] == pytest.approx([expected, expected])


@pytest.mark.parametrize("b", [1.0, 1.5, 2.0, 3.0])
def test_quantiles_at_the_centre(b):
    slope = wg.grad(stats.gennorm.ppf)(0.5, b)
    assert slope == pytest.approx(1 / stats.gennorm.pdf(0.0, b), rel=1e-14)
    assert wg.grad(stats.gennorm(b, 1.0, 2.0).isf)(0.5) == pytest.approx(-2 * slope, rel=1e-14)
    crossed = wg.hessian(lambda v: stats.gennorm.ppf(v[0], v[1]))(np.array([0.5, b]))
    expected = wg.grad(lambda b: 1 / stats.gennorm.pdf(0.0, b))(b)
    assert [crossed[0, 1], crossed[1, 0], crossed[1, 1]] == pytest.approx([expected, expected, 0.0], rel=1e-12)
    for p in (0.3, 0.8):
        check(stats.gennorm.ppf, p, b, rtol=1e-6)


def test_frozen_and_fitted_distributions_at_the_centre():
    law = stats.logistic(0.0, 1.0)
    assert wg.derivative(law.logpdf, order=2)(0.0) == -0.5
    assert wg.hessian(lambda v: stats.logistic.nnlf((v[0], v[1]), np.zeros(3)))(np.array([0.0, 1.0]))[0, 0] == 1.5
