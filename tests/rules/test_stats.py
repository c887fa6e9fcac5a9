"""scipy.stats: distributions in x, loc, scale and shapes, frozen too; functions of samples."""

import numpy as np
import pytest
import scipy.stats as stats
from check import check
from scipy.special import psi

import wengert as wg
from wengert.errors import NoDerivative

X = np.array([0.4, 1.3, 2.9])
U = np.array([0.2, 0.5, 0.7])
# fmt: off
CONTINUOUS = {
    "norm": (), "gamma": (2.3,), "beta": (2.3, 1.4), "expon": (), "t": (4.3,), "laplace": (), "logistic": (), "lognorm": (0.7,),
    "uniform": (), "cauchy": (), "chi2": (3.4,), "f": (4.1, 6.3), "weibull_min": (1.7,), "weibull_max": (1.7,), "pareto": (2.3,),
    "gumbel_r": (), "gumbel_l": (), "halfnorm": (), "halfcauchy": (), "halflogistic": (), "invgamma": (2.6,), "invgauss": (1.3,),
    "rayleigh": (), "maxwell": (), "chi": (3.2,), "genextreme": (0.2,), "genpareto": (0.3,), "exponweib": (1.7, 1.2), "fisk": (2.3,),
    "lomax": (2.2,), "nakagami": (1.8,), "powerlaw": (1.7,), "triang": (0.3,), "hypsecant": (), "skewnorm": (1.2,), "johnsonsu": (0.4, 1.3),
    "gennorm": (1.6,), "loggamma": (1.7,), "vonmises": (1.3,), "exponnorm": (1.2,), "moyal": (), "burr": (2.2, 1.6), "burr12": (2.2, 1.6),
    "betaprime": (2.1, 3.3), "kappa3": (1.4,), "arcsine": (), "bradford": (0.4,), "foldnorm": (1.1,), "levy": (), "truncnorm": (-1.2, 1.9),
}
# fmt: on
OUT_OF_REACH = {
    ("vonmises", "cdf"),
    ("vonmises", "sf"),
    ("vonmises", "logcdf"),
    ("vonmises", "ppf"),
    ("exponnorm", "ppf"),
    ("moyal", "ppf"),
    ("invgauss", "ppf"),
    ("foldnorm", "ppf"),
}  # fmt: skip


def densities(name):
    d, shapes = getattr(stats, name), CONTINUOUS[name]
    return d, np.array(shapes), d.ppf(np.array([0.23, 0.41, 0.76]), *shapes)


@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_densities(name):
    d, shapes, x = densities(name)
    for method in ("logpdf", "pdf"):
        f = getattr(d, method)
        check(lambda x, s, m, c, f=f: f(x, *s, loc=m, scale=c), x, shapes, 0.03, 0.95, h=1e-3, rtol=1e-5)


@pytest.mark.parametrize("name", sorted(CONTINUOUS))
def test_distribution_functions(name):
    d, shapes, x = densities(name)
    for method in ("cdf", "sf", "logcdf"):
        if (name, method) not in OUT_OF_REACH:
            f = getattr(d, method)
            check(lambda x, m, c, f=f: f(x, *shapes, loc=m, scale=c), x, 0.03, 0.95, order=1, h=1e-3, rtol=1e-5)
    if (name, "ppf") not in OUT_OF_REACH:
        check(
            lambda q, m, c: d.ppf(q, *shapes, loc=m, scale=c),
            np.array([0.23, 0.41, 0.76]),
            0.03,
            0.95,
            order=1,
            rtol=1e-5,
        )


def test_slope_of_the_distribution_function_is_the_density():
    for name in ("norm", "gamma", "t", "lognorm", "weibull_min"):
        d, shapes, x = densities(name)
        slope = wg.grad(lambda x, d=d, s=shapes: np.sum(d.cdf(x, *s)))(x)
        np.testing.assert_allclose(slope, d.pdf(x, *shapes), rtol=1e-12)


def test_frozen():
    check(lambda mu, sigma: stats.norm(mu, sigma).logpdf(X), 0.3, 1.4)
    check(lambda mu, sigma: stats.norm(loc=mu, scale=sigma).cdf(X), 0.3, 1.4)
    check(lambda a, b: stats.gamma(a, scale=1 / b).logpdf(X), 2.3, 1.4)
    check(lambda m, x: stats.norm(m, 2.0).logpdf(x), np.array([0.1, 0.2, 0.3]), X)
    check(lambda mu: stats.norm.logpdf(0.3, mu), 1.1)


def test_exact_scores():
    g = wg.grad(lambda a, b: stats.gamma.logpdf(1.7, a, scale=1 / b), argnums=(0, 1))(2.3, 1.4)
    np.testing.assert_allclose(g, [np.log(1.4) + np.log(1.7) - psi(2.3), 2.3 / 1.4 - 1.7], rtol=1e-13)
    assert wg.grad(lambda x: stats.norm.logcdf(x))(-30.0) == pytest.approx(30.033259667433677, rel=1e-14)
    assert wg.grad(lambda x: stats.norm.logsf(x))(30.0) == pytest.approx(-30.033259667433677, rel=1e-14)


def test_outside_the_support_nothing_depends():
    x = np.array([-1.0, 0.5, 2.0])
    for f in (stats.expon.logpdf, stats.expon.pdf, stats.gamma(2.2).pdf, stats.uniform.pdf, stats.expon.cdf):
        g = wg.grad(lambda s, f=f: np.sum(np.where(x > 0, f(x * s), 0.0)))(0.4)
        assert np.isfinite(g)
        assert wg.grad(lambda x, f=f: np.sum(f(x)))(x)[0] == 0.0
    np.testing.assert_array_equal(wg.grad(lambda s: stats.expon.logpdf(x, scale=s)[0])(2.0), 0.0)


COV = np.array([[2.0, 0.3, 0.1], [0.3, 1.5, -0.2], [0.1, -0.2, 0.9]])
COUNTS = np.array([1, 2, 4])


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (lambda x, m, r: stats.multivariate_normal.logpdf(x, m, r @ r.T), (X, 0.3 * X, np.linalg.cholesky(COV))),
        (lambda x, m: stats.multivariate_normal(m, COV).logpdf(x), (np.stack([X, 2 * X]), 0.3 * X)),
        (lambda r: stats.multivariate_normal.pdf(X, np.zeros(3), r @ r.T), (np.linalg.cholesky(COV),)),
        (lambda c: stats.multivariate_normal.logpdf(X, None, c), (1.3,)),
        (lambda x, m, r: stats.multivariate_t.logpdf(x, m, r @ r.T, 4.0), (X, 0.3 * X, np.linalg.cholesky(COV))),
        (lambda a: stats.dirichlet.logpdf(np.array([0.2, 0.3, 0.5]), a), (X,)),
        (lambda m: stats.poisson.logpmf(COUNTS, m), (X,)),
        (lambda m: stats.poisson.pmf(COUNTS, m), (X,)),
        (lambda m: stats.poisson.cdf(COUNTS, m), (X,)),
        (lambda p: stats.binom.logpmf(COUNTS, 6, p), (U,)),
        (lambda p: stats.binom.pmf(COUNTS, 6, p), (U,)),
        (lambda n, p: stats.nbinom.logpmf(COUNTS, n, p), (X, U)),
        (lambda n, p: stats.nbinom.pmf(COUNTS, n, p), (X, U)),
        (lambda p: stats.geom.logpmf(COUNTS, p), (U,)),
        (lambda p: stats.bernoulli.logpmf(np.array([0, 1, 1]), p), (U,)),
        (lambda a, b: stats.betabinom.logpmf(COUNTS, 6, a, b), (X, U)),
        (lambda p: stats.multinomial.logpmf([1, 2, 3], 6, p / np.sum(p)), (U,)),
        (lambda r: stats.wishart.logpdf(COV, 5.0, r @ r.T), (np.linalg.cholesky(COV),)),
    ],
)
def test_other_distributions(f, args):
    check(f, *args, order=1, rtol=1e-5)


SAMPLE = np.array([[0.4, 1.3, 2.9, 0.7], [1.1, 0.2, 0.8, 2.4], [2.2, 0.9, 1.6, 0.3]])
# fmt: off
SAMPLES = [
    stats.zscore, stats.gmean, stats.hmean, lambda x: stats.pmean(x, 2.5), stats.skew, lambda x: stats.kurtosis(x, axis=1), stats.entropy, stats.sem,
    stats.variation, lambda x: stats.moment(x, 3), lambda x: stats.zscore(x, axis=1, ddof=1), lambda x: stats.gmean(x, axis=None),
    lambda x: stats.entropy(x, axis=1, base=2), lambda x: stats.entropy(x[0], x[1]), lambda x: stats.pearsonr(x[0], x[1])[0],
    lambda x: stats.skew(x, axis=1, bias=False), lambda x: stats.kurtosis(x, axis=None, fisher=False), lambda x: stats.gstd(x),
    lambda x: stats.zmap(x[0], x[1]),
]
# fmt: on


@pytest.mark.parametrize("case", range(len(SAMPLES)))
def test_functions_of_samples(case):
    check(SAMPLES[case], SAMPLE, rtol=1e-6)


def test_shapes_without_derivative_are_refused_by_name():
    with pytest.raises(NoDerivative, match=r"chndtr.*argument 1"):
        wg.grad(lambda n: stats.ncx2.cdf(1.3, n, 0.5))(2.0)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: stats.beta.cdf([0.2, 0.5, 0.9], a, b),
        lambda a, b: stats.beta.logsf([0.2, 0.5, 0.9], a, b),
        lambda a, b: stats.beta.ppf([0.2, 0.5, 0.9], a, b),
        lambda a, b: stats.t.cdf([-1.3, 0.4, 3.0], a, scale=b),
        lambda a, b: stats.t.ppf([0.3, 0.6, 0.9], a, scale=b),
        lambda a, b: stats.f.sf([0.4, 1.3, 3.0], a, b),
        lambda a, b: stats.binom.cdf([0, 2, 5], 6, a / 3) * b,
        lambda a, b: stats.nbinom.sf([0, 2, 5], a, b / 2),
        lambda a, b: stats.zipf.logpmf([1, 2, 5], a) * b,
        lambda a, b: stats.multivariate_normal.logpdf([0.3, 0.4], [0.0, a], b * np.eye(2)),
        lambda a, b: stats.multivariate_t.logpdf([0.3, 0.4], [0.0, a], b * np.eye(2), df=3),
    ],
)
def test_shapes(f):
    check(f, 2.2, 1.4, rtol=1e-6)
