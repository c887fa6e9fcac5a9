"""scipy.stats: kernel densities, expectations, tests of fit, functions of ranks, densities over compiled code."""

import numpy as np
import pytest
from check import check
from scipy import stats

import wengert as wg
from wengert.errors import NoDerivative
from wengert.rules.stats_shapiro import weights_by_formula

rng = np.random.default_rng(5)
T = rng.exponential(size=9) + 0.2
Y = rng.normal(size=9)
CLOUD = rng.normal(size=(2, 6))


def test_kernel_density():
    def f(data, at):
        k = stats.gaussian_kde(data)
        return k(at), k.logpdf(at), k.integrate_box_1d(at[0], 3.0), k.covariance, stats.gaussian_kde(T, at[1])(T[:2])

    check(f, T, np.array([0.5, 0.3]))


def test_kernel_density_in_two_dimensions():
    def f(data, weights):
        k = stats.gaussian_kde(data, bw_method="silverman", weights=weights)
        return k(np.array([[0.1, -0.3], [0.2, 0.4]])), k.logpdf(data[:, :1])

    check(f, CLOUD, np.arange(1.0, 7.0))


EXPECTATIONS = {
    "normal": lambda a: stats.norm(a, a + 1).expect(lambda x: x**2),
    "between": lambda a: stats.norm(a, 1.0).expect(np.cos, lb=-1, ub=2),
    "uniform": lambda a: stats.uniform(-a, 3 * a).expect(np.exp),
    "beta": lambda a: stats.beta(a + 2, 3.0).expect(),
    "conditional": lambda a: stats.norm(a).expect(lambda x: x - 1, lb=1.0, conditional=True),
    "Poisson": lambda a: stats.poisson(a).expect(lambda k: k**2),
    "truncated Poisson": lambda a: stats.poisson.expect(lambda k: k * a, args=(3.0,), lb=1, conditional=True),
}


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_expectations(name):
    check(EXPECTATIONS[name], 0.7, rtol=1e-6, order=1)


def test_an_expectation_has_the_derivative_of_its_closed_form():
    assert abs(wg.derivative(lambda a: stats.norm(a, a + 1).expect(lambda x: x**2), order=2)(0.7) - 4.0) < 1e-9


def test_tests_of_fit():
    def f(y):
        return (
            stats.kstest(y, "expon").statistic,
            stats.ks_1samp(y, lambda t: 1 - np.exp(-t)).pvalue,
            stats.cramervonmises(y, "expon").statistic,
            stats.combine_pvalues(y / 9, method="stouffer").pvalue,
            stats.theilslopes(y, Y)[0],
        )

    check(f, T, order=1, h=1e-5, rtol=1e-5)


def test_functions_of_ranks_are_constant():
    def f(y):
        tau, u, w = stats.kendalltau(y, T)[0], stats.mannwhitneyu(y[:4], y[4:]).statistic, stats.wilcoxon(y).statistic
        return stats.rankdata(y) * y, tau * y, u * y, w * y, stats.kruskal(y[:4], y[4:]).pvalue * y

    check(f, Y)


def test_densities():
    def f(p):
        S = np.array([[p[0], p[1]], [p[1], p[2]]])
        return (
            stats.invwishart.logpdf(S, 5, np.eye(2)),
            stats.invwishart(p[0] + 4, S).logpdf(np.array([[2.0, 0.3], [0.3, 1.0]])),
            stats.vonmises_fisher.logpdf(np.array([0, 0.6, 0.8]), p / np.linalg.norm(p), p[2]),
            stats.skellam.logpmf(np.arange(-2, 3), p[0], p[2]),
            stats.ncx2.logpdf(p, 2.0, p[1] + 1),
            stats.boxcox_llf(p[1], T),
        )

    check(f, np.array([1.3, 0.2, 2.0]))


@pytest.mark.parametrize("n", [3, 4, 11, 12])
def test_shapiro(n):
    x = np.random.default_rng(n).normal(size=n)
    check(lambda x: tuple(stats.shapiro(x)), x, h=1e-4, rtol=1e-5)
    rows = np.stack([x, x[::-1] ** 2])
    check(lambda x: stats.shapiro(x, axis=1).statistic, rows, h=1e-4, rtol=1e-5)


def test_trials_of_different_probabilities():
    p = np.array([0.1, 0.4, 0.7, 0.2])
    law = stats.poisson_binom
    check(lambda p: (law.pmf([0, 2, 4], p), law.cdf(2, p), law(p).logpmf(1), law.mean(p), law.var(p)), p)
    f = lambda p: law.logpmf(2, p)
    np.testing.assert_allclose(wg.jit(wg.grad(f))(p), wg.grad(f)(p), rtol=1e-13)


LAWS = {
    "uniform": lambda a: (stats.Uniform(a=a, b=1.2).logpdf(0.7), stats.Uniform(a=a, b=1.2).cdf(0.7)),
    "truncated": lambda a: stats.truncate(stats.Normal(mu=a, sigma=1.0), lb=-1.0 - a, ub=1.0 + a).cdf(0.2),
    "made": lambda a: stats.make_distribution(stats.gamma)(a=a).logpdf(1.2),
}


@pytest.mark.parametrize("name", LAWS)
def test_laws_with_recorded_ends(name):
    check(LAWS[name], 0.3, rtol=1e-6)


def test_fits_of_a_law_that_a_variable_holds():
    """The name says nothing of the class: the first law is fitted, then others by the same code."""
    x = np.array([1.0, 2.0, 3.5])
    law = stats.norm
    slope = lambda: wg.grad(lambda x: law.fit(x)[1])(x)
    slope()
    for law, exact in ((stats.expon, [-2 / 3, 1 / 3, 1 / 3]), (stats.uniform, [-1.0, 0.0, 1.0])):  # noqa: B007
        np.testing.assert_allclose(slope(), exact, atol=1e-12)
    check(lambda x: (stats.kstwo.logcdf(x, 10), stats.kstwo.logsf(x, 10)), 0.3, order=1)


def test_studentized_range():
    """Its slope is its density; Tukey's test is made of it."""
    law = stats.studentized_range
    for x in (0.7, 3.1):
        assert wg.grad(lambda x: law.cdf(x, 3, 10))(x) == law.pdf(x, 3, 10) == -wg.grad(lambda x: law.sf(x, 3, 10))(x)
    np.testing.assert_allclose(wg.grad(lambda p: law.cdf(law.ppf(p, 3, 10), 3, 10))(0.9), 1.0, rtol=1e-6)
    groups = np.random.default_rng(0).normal(size=(3, 5))
    check(lambda g: stats.tukey_hsd(g[0], g[1], g[2]).pvalue[0, 1:], groups, order=1, h=1e-2, rtol=1e-5)
    for refused in (lambda x: law.pdf(x, 3, 10), lambda k: law.cdf(3.1, k, 10)):
        with pytest.raises(NoDerivative, match="studentized_range"):
            wg.grad(refused)(3.0)


def test_weights_of_shapiro_and_wilk():
    """By the formula, which newer versions of SciPy have, as by compiled code, which older ones have."""
    for n in (3, 4, 5, 6, 12):
        x = np.sort(np.random.default_rng(n).normal(size=n))
        half = weights_by_formula(n)
        top = np.sum(half * (x[: n // 2] - x[::-1][: n // 2]))
        np.testing.assert_allclose(top**2 / np.sum((x - x.mean()) ** 2), stats.shapiro(x).statistic, rtol=1e-7)
