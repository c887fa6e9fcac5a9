"""Programs of a statistician: robust errors, tests, moments, densities of many families, mixtures."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from check import check
from scipy import optimize, special, stats
from scipy.stats import multivariate_normal, norm
from ways import compiled_at_two_points

rng = np.random.default_rng(5)
X = rng.normal(size=(12, 3))
Y = rng.normal(size=12)
N = rng.poisson(3, size=12)
G = np.array([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2])
T = rng.exponential(size=12) + 0.2
D = rng.random(12) < 0.6


def ols_with_sandwich(b):
    e = Y - X @ b
    bread = np.linalg.inv(X.T @ X)
    meat = (X * e[:, None]).T @ (X * e[:, np.newaxis])
    V = bread @ meat @ bread
    se = np.sqrt(np.diag(V))
    return (b / se, np.trace(V))


def newey_west(b):
    e = Y - X @ b
    n, _k = X.shape
    L = 3
    g = X * e[:, None]
    S = g.T @ g / n
    for l in range(1, L + 1):
        w = 1 - l / (L + 1)
        Gm = g[l:].T @ g[:-l] / n
        S += w * (Gm + Gm.T)
    return (np.linalg.slogdet(S)[1], S)


def clustered_se(b):
    e = Y - X @ b
    meat = np.zeros((3, 3))
    for g in np.unique(G):
        idx = G == g
        s = X[idx].T @ e[idx]
        meat += np.outer(s, s)
    return np.linalg.solve(X.T @ X, meat)


def gmm_two_step(y):
    Z = np.column_stack([X, X[:, 0] ** 2, np.ones(len(y))])
    W = np.linalg.inv(Z.T @ Z)
    A = X.T @ Z @ W @ Z.T
    b = np.linalg.solve(A @ X, A @ y)
    u = y - X @ b
    S = (Z * u[:, None] ** 2).T @ Z
    A = X.T @ Z @ np.linalg.pinv(S) @ Z.T
    b2 = np.linalg.solve(A @ X, A @ y)
    gbar = Z.T @ (y - X @ b2)
    return (b2, gbar @ np.linalg.solve(S, gbar))


def durbin_watson_and_friends(y):
    b, res, _rank, _sv = np.linalg.lstsq(X, y, rcond=None)
    e = y - X @ b
    dw = np.sum(np.diff(e) ** 2) / np.sum(e**2)
    H = X @ np.linalg.pinv(X)
    lev = np.diag(H)
    stud = e / np.sqrt(np.sum(e**2) / (12 - 3) * (1 - lev))
    cook = stud**2 * lev / (1 - lev) / 3
    jb = 12 / 6 * (stats.skew(e) ** 2 + stats.kurtosis(e) ** 2 / 4)
    return (dw, cook, jb, res)


def ttests(y):
    a, b = (y[:6], y[6:])
    return (
        stats.ttest_ind(a, b).statistic,
        stats.ttest_ind(a, b, equal_var=False).pvalue,
        stats.ttest_1samp(y, 0.1).pvalue,
        stats.ttest_rel(a, b)[1],
    )


def correlations(y):
    r, p = stats.pearsonr(X[:, 0], y)
    lr = stats.linregress(X[:, 1], y)
    return (r, p, lr.slope, lr.intercept, lr.rvalue, lr.stderr, lr.pvalue)


def anova(y):
    F, p = stats.f_oneway(y[G == 0], y[G == 1], y[G == 2])
    b, pb = stats.bartlett(y[:6], y[6:])
    l = stats.levene(y[:6], y[6:])
    return (F, p, b, pb, l.statistic, l.pvalue)


def normality(y):
    s = stats.jarque_bera(y)
    return (s.statistic, s.pvalue, stats.skewtest(y).statistic)


def normality2(y):
    y = np.concatenate([y, y**2 - 1, 0.5 * y**3])
    return (stats.normaltest(y).statistic, stats.kurtosistest(y).pvalue)


def cramer(y):
    return stats.cramervonmises(y, "expon").statistic


def shapiro_like(y):
    n = len(y)
    m = norm.ppf((np.arange(1, n + 1) - 0.375) / (n + 0.25))
    return np.dot(m, np.sort(y)) ** 2 / (m @ m) / np.sum((y - y.mean()) ** 2)


def means(y):
    return (
        stats.gmean(y),
        stats.hmean(y),
        stats.pmean(y, 3),
        stats.trim_mean(y, 0.1),
        stats.tmean(y, (0.1, 5)),
        stats.sem(y),
        stats.variation(y),
        stats.iqr(y),
        stats.median_abs_deviation(y),
    )


def standardise(y):
    return (stats.zscore(y), stats.zscore(y, ddof=1), stats.gzscore(y), stats.zmap(y[:4], y), stats.gstd(y))


def moms(y):
    d = stats.describe(y)
    return (
        d.mean,
        d.variance,
        d.skewness,
        d.kurtosis,
        stats.moment(y, 3),
        stats.moment(y, [2, 4]),
        stats.kstat(y, 3),
        stats.kstatvar(y, 2),
        stats.skew(y, bias=False),
        stats.kurtosis(y, fisher=False, bias=False),
    )


def entropies(y):
    p = y / y.sum()
    q = np.roll(p, 2)
    return (stats.entropy(p), stats.entropy(p, q, base=2), special.rel_entr(p, q).sum(), special.kl_div(p, q).sum())


def diff_entropy(y):
    return stats.differential_entropy(y)


def boxcox_lambda(l):
    return (
        stats.boxcox_llf(l[0], T),
        special.boxcox(T, l[0]),
        special.inv_boxcox(T, l[0]),
        stats.yeojohnson_llf(l[0], T - 1),
    )


def mvn_blocks(p):
    S = np.array([[p[1], p[0]], [p[0], 1.0]])
    mvn = multivariate_normal(mean=[0.1, p[0]], cov=S)
    return (mvn.logpdf(X[:, :2]).sum(), mvn.entropy(), multivariate_normal.pdf(X[0, :2], cov=S))


def mvt(p):
    S = np.array([[p[1], p[0]], [p[0], 1.0]])
    return (
        stats.multivariate_t.logpdf(X[:, :2], loc=p, shape=S, df=5).sum(),
        stats.multivariate_t(p, S, df=4.0).pdf(X[:3, :2]),
    )


def mvt_df(p):
    S = np.array([[p[1], p[0]], [p[0], 1.0]])
    return stats.multivariate_t.logpdf(X[:, :2], p[:2], S, p[2])


def dirichlets(a):
    x = np.array([0.2, 0.3, 0.5])
    d = stats.dirichlet(a)
    return (stats.dirichlet.logpdf(x, a), d.mean(), d.var(), d.entropy(), stats.dirichlet.pdf(x, a), d.cov())


def wisharts(p):
    S = np.array([[p[0], p[1]], [p[1], p[2]]])
    W = np.array([[2.0, 0.3], [0.3, 1.0]])
    return (
        stats.wishart.logpdf(W, df=4, scale=S),
        stats.invwishart.logpdf(W, 5, S),
        stats.invwishart.logpdf(S, 5, W),
        stats.wishart(df=p[0] + 3, scale=W).logpdf(S),
        stats.wishart.entropy(4, S),
        stats.wishart.mean(4, S),
    )


def multinom(p):
    q = special.softmax(p)
    return (
        stats.multinomial.logpmf([3, 2, 1], n=6, p=q),
        stats.multinomial(6, q).entropy(),
        stats.multinomial.cov(6, q),
        stats.multivariate_hypergeom.mean([3, 4, 5], 4) * p,
    )


def dirmult(p):
    return (stats.dirichlet_multinomial.logpmf([3, 2, 1], np.exp(p), 6), stats.dirichlet_multinomial.mean(np.exp(p), 6))


def frozen_dists(p):
    d = stats.gamma(a=np.exp(p[0]), scale=p[1])
    return (
        d.mean(),
        d.var(),
        d.std(),
        d.cdf(1.3),
        d.sf(0.4),
        d.logpdf(T).sum(),
        d.ppf(0.3),
        d.median(),
        d.entropy(),
        d.moment(2),
        d.interval(0.9),
        d.stats("mvsk"),
    )


def families(p):
    a, b = np.exp(p)
    x = np.array([0.2, 0.5, 0.8])
    return (
        stats.beta.logpdf(x, a, b),
        stats.beta.cdf(x, a, b),
        stats.beta.ppf(x, a, b),
        stats.f.logpdf(x, a, b),
        stats.weibull_min.logpdf(x, a, scale=b),
        stats.lognorm.logcdf(x, s=a, scale=b),
        stats.pareto.logpdf(x + 2, a),
        stats.gumbel_r.logpdf(x, p[0], b),
        stats.logistic.logsf(x, p[0], b),
        stats.laplace.logpdf(x, p[0], b),
        stats.cauchy.logcdf(x, p[0], b),
        stats.invgamma.logpdf(x, a, scale=b),
        stats.genextreme.logpdf(x, p[0], scale=2.0),
        stats.genpareto.logsf(x, p[0], scale=b),
        stats.skewnorm.logpdf(x, p[0], scale=b),
        stats.burr12.logpdf(x, a, b),
        stats.fisk.logpdf(x, a),
        stats.rayleigh.logpdf(x, scale=b),
        stats.nakagami.logpdf(x, a),
        stats.invgauss.logpdf(x, a),
    )


def cens_frank(theta):

    @dataclass
    class Params:
        shape: float
        scale: float
        rest: dict = field(default_factory=dict)

    p = Params(np.exp(theta[0]), np.exp(theta[1]), {"cure": special.expit(theta[2])})
    S = stats.weibull_min(p.shape, scale=p.scale)
    ll = np.where(D, np.log1p(-p.rest["cure"]) + S.logpdf(T), np.log(p.rest["cure"] + (1 - p.rest["cure"]) * S.sf(T)))
    return ll.sum()


def kde(p):
    k = stats.gaussian_kde(T)
    return (k(p), k.logpdf(p), k.evaluate(p[0]))


def kde_data(t):
    k = stats.gaussian_kde(t)
    return (k([0.5, 1.0]), k.integrate_box_1d(0, 1), k.factor * k.covariance)


def kde_2d(d):
    k = stats.gaussian_kde(d, bw_method=0.4, weights=np.arange(1.0, 6))
    return k(np.zeros((2, 1))) if d.shape[0] == 2 else k(np.zeros((3, 2)))


def chisq(o):
    c = stats.chisquare(o, o.sum() / 4 * np.ones(4))
    t = stats.contingency.expected_freq(o.reshape(2, 2))
    r = stats.chi2_contingency(o.reshape(2, 2))
    return (
        c.statistic,
        c.pvalue,
        t,
        r.statistic,
        r.pvalue,
        stats.power_divergence(o, lambda_="log-likelihood").statistic,
        stats.contingency.odds_ratio(np.array([[3, 4], [5, 6]]), kind="sample").statistic * o,
        stats.contingency.association(np.array([[3, 4], [5, 6]])) * o,
    )


def wasser(p):
    return (stats.wasserstein_distance(T * p[0], Y + p[1]), stats.energy_distance(T * p[0], Y + p[1]))


def hotelling(A):
    m = A.mean(axis=0)
    S = np.cov(A, rowvar=False)
    t2 = 6 * m @ np.linalg.solve(S, m)
    return (
        stats.f.sf(t2 * 3 / (3 * 5), 3, 3),
        np.corrcoef(A.T),
        stats.zscore(A, axis=1),
        stats.multivariate_normal(m, S).logpdf(A),
    )


def mixture_class(t):

    class Mixture:
        def __init__(self, comps, w):
            self.comps, self.w = (comps, np.asarray(w))

        def logpdf(self, x):
            return special.logsumexp([c.logpdf(x) for c in self.comps], axis=0, b=self.w[:, None])

        def cdf(self, x):
            return sum((w * c.cdf(x) for w, c in zip(self.w, self.comps)))

    w = special.expit(t[0])
    m = Mixture([norm(t[1], 1), stats.t(4, loc=-1, scale=np.exp(t[0]))], [w, 1 - w])
    return (m.logpdf(Y), m.cdf(Y), optimize.brentq(lambda x: m.cdf(x) - 0.4, -10, 10))


CASES = {
    ols_with_sandwich: np.array([0.3, -0.2, 0.5]),
    newey_west: np.array([0.3, -0.2, 0.5]),
    clustered_se: np.array([0.3, -0.2, 0.5]),
    gmm_two_step: Y,
    durbin_watson_and_friends: Y,
    ttests: Y,
    correlations: Y,
    anova: Y,
    normality: Y,
    normality2: Y,
    cramer: T,
    shapiro_like: T,
    means: T,
    standardise: T,
    moms: T,
    entropies: T,
    diff_entropy: T,
    boxcox_lambda: np.array([0.3]),
    mvn_blocks: np.array([0.3, 1.2]),
    mvt: np.array([0.3, 1.2]),
    mvt_df: np.array([0.3, 1.2, 2.0]),
    dirichlets: np.array([1.3, 1.2, 2.0]),
    wisharts: np.array([1.3, 0.2, 2.0]),
    multinom: np.array([1.3, 0.2, 2.0]),
    dirmult: np.array([1.3, 0.2, 2.0]),
    frozen_dists: np.array([0.3, 0.7]),
    families: np.array([0.3, 0.7]),
    cens_frank: np.array([0.3, 0.7, 0.2]),
    kde: np.array([0.5, 0.2]),
    kde_data: T,
    kde_2d: X[:5].T.copy(),
    chisq: np.array([3.0, 4.0, 5.0, 6.0]),
    wasser: np.array([0.5, 1.5]),
    hotelling: X[:6],
    mixture_class: np.array([0.2, 0.4]),
}  # fmt: skip
NEAR = {means}
"""Kinks are near: the differences take small steps."""


# Yates' correction makes the statistic of chi2_contingency zero, where the density of its p-value is infinite.
doubtful = pytest.mark.filterwarnings("ignore::wengert.errors.DoubtfulZeroWarning")


@doubtful
@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], h=1e-5 if f in NEAR else 1e-3, rtol=1e-5)


@doubtful
@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_compiled_at_two_points(f):
    compiled_at_two_points(f, CASES[f])
