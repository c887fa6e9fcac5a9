"""Ordinary likelihoods, written with no knowledge of wengert: regressions, mixtures, chains, hierarchies, densities."""

import numpy as np
import pytest
from check import check
from scipy import linalg, special, stats
from scipy.special import gammaln, log_ndtr, logsumexp
from scipy.stats import multivariate_normal, norm

rng = np.random.default_rng(11)
X = rng.normal(size=(10, 3))
Y = rng.normal(size=10)
COUNTS = rng.poisson(2.0, size=10)
BINARY = (rng.uniform(size=10) < 0.5).astype(int)
GROUP = np.array([0, 0, 1, 1, 1, 2, 2, 0, 1, 2])
TIMES = rng.exponential(size=10) + 0.1
EVENT = np.array([1, 1, 0, 1, 0, 1, 1, 0, 1, 1], dtype=bool)


def poisson_regression(beta):
    eta = X.dot(beta)
    return np.sum(COUNTS * eta - np.exp(eta) - gammaln(COUNTS + 1))


def poisson_regression_by_scipy(beta):
    return stats.poisson.logpmf(COUNTS, mu=np.exp(X @ beta)).sum()


def logistic_regression(beta):
    p = 1.0 / (1.0 + np.exp(-(X @ beta)))
    return -np.mean(np.where(BINARY == 1, np.log(p), np.log1p(-p)))


def logistic_by_expit(beta):
    p = special.expit(X @ beta)
    return -(special.xlogy(BINARY, p) + special.xlog1py(1 - BINARY, -p)).sum() + 0.5 * beta @ beta


def probit(beta):
    sign = 2 * BINARY - 1
    return log_ndtr(sign * X.dot(beta)).sum()


def probit_by_norm(beta):
    eta = X @ beta
    return np.sum(np.where(BINARY, norm.logcdf(eta), norm.logsf(eta)))


def negative_binomial(theta):
    mu, r = np.exp(X @ theta[:3]), np.exp(theta[3])
    return np.sum(
        gammaln(COUNTS + r)
        - gammaln(r)
        - gammaln(COUNTS + 1.0)
        + r * np.log(r / (r + mu))
        + COUNTS * np.log(mu / (r + mu))
    )


def negative_binomial_by_scipy(theta):
    mu, r = np.exp(X @ theta[:3]), np.exp(theta[3])
    return stats.nbinom.logpmf(COUNTS, r, r / (r + mu)).sum()


def gamma_regression(theta):
    mu = np.exp(X @ theta[:3])
    shape = np.exp(theta[3])
    return stats.gamma.logpdf(TIMES, a=shape, scale=mu / shape).sum()


def beta_regression(theta):
    y = special.expit(Y)
    mu, phi = special.expit(X @ theta[:3]), np.exp(theta[3])
    return stats.beta(mu * phi, (1 - mu) * phi).logpdf(y).sum()


def zero_inflated_poisson(theta):
    rate, p = np.exp(X @ theta[:3]), special.expit(theta[3])
    ll = np.empty(len(COUNTS))
    zero = COUNTS == 0
    ll[zero] = np.log(p + (1 - p) * np.exp(-rate[zero]))
    ll[~zero] = np.log1p(-p) + stats.poisson.logpmf(COUNTS[~zero], rate[~zero])
    return ll.sum()


def ordinal_probit(theta):
    cuts = np.concatenate([[-np.inf], np.cumsum(np.r_[theta[3], np.exp(theta[4:])]), [np.inf]])
    level = np.minimum(COUNTS, 2)
    eta = X @ theta[:3]
    return np.log(norm.cdf(cuts[level + 1] - eta) - norm.cdf(cuts[level] - eta)).sum()


def multinomial_logit(theta):
    W = np.hstack([theta.reshape(3, 2), np.zeros((3, 1))])
    U = X @ W
    return -np.sum(U[np.arange(10), GROUP] - logsumexp(U, axis=1))


def conditional_logit(beta):
    total = 0
    for g in range(3):
        members = np.flatnonzero(GROUP == g)
        u = [X[i] @ beta for i in members]
        total += u[0] - logsumexp(u)
    return total


def student_t_regression(theta):
    nu = 2 + np.exp(theta[4])
    return stats.t.logpdf(Y, df=nu, loc=X @ theta[:3], scale=np.exp(theta[3])).sum()


def student_t_by_hand(theta):
    mu, sigma, nu = theta
    z = (Y - mu) / sigma
    c = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(nu * np.pi) - np.log(sigma)
    return sum(c - (nu + 1) / 2 * np.log1p(zi * zi / nu) for zi in z)


def huber(beta):
    r = Y - X @ beta
    delta = 0.7
    return np.where(np.abs(r) <= delta, 0.5 * r**2, delta * (np.abs(r) - 0.5 * delta)).sum()


def huber_by_special(beta):
    return special.huber(0.7, Y - X @ beta).sum() + special.pseudo_huber(0.7, Y - X @ beta).sum()


def quantile_regression(beta):
    r = Y - X @ beta
    return np.mean(np.maximum(0.3 * r, (0.3 - 1) * r)) + 0.01 * np.linalg.norm(beta)


def elastic_net(beta):
    return 0.5 * np.mean((Y - X @ beta) ** 2) + 0.1 * np.abs(beta).sum() + 0.2 * np.linalg.norm(beta, 2) ** 2


def gaussian_mixture(theta):
    logw = theta[:2] - logsumexp(theta[:2])
    mu, log_sigma = theta[2:4], theta[4:6]
    return logsumexp(logw + norm.logpdf(Y[:, None], mu, np.exp(log_sigma)), axis=1).sum()


def gaussian_mixture_in_two_dimensions(theta):
    means = theta[:4].reshape(2, 2)
    L = np.zeros((2, 2))
    L[np.tril_indices(2)] = theta[4:7]
    cov = L @ L.T + np.eye(2)
    out = np.zeros((10, 2))
    for k, m in enumerate(means):
        out[:, k] = multivariate_normal.logpdf(X[:, :2], mean=m, cov=cov) + np.log([0.3, 0.7][k])
    return np.logaddexp.reduce(out, axis=1).sum()


def mixture_with_weights_in_b(theta):
    w = np.exp(theta[:2]) / np.exp(theta[:2]).sum()
    return logsumexp(norm(theta[2:4], 0.5).logpdf(Y[:, np.newaxis]), b=w, axis=-1).mean()


def em_steps(theta):
    mu, sigma, pi = theta[:2].copy(), np.ones(2), np.array([0.5, 0.5])
    for _ in range(4):
        r = pi * norm.pdf(Y[:, None], mu, sigma)
        r /= r.sum(axis=1, keepdims=True)
        n = r.sum(0)
        mu = (r * Y[:, None]).sum(0) / n
        sigma = np.sqrt(np.einsum("nk,nk->k", r, (Y[:, None] - mu) ** 2) / n + 0.01 * theta[2] ** 2)
        pi = n / len(Y)
    return np.r_[mu, sigma, pi]


def random_intercepts(theta):
    mu, log_tau, log_sigma = theta[:3]
    a = theta[3:6]
    lp = norm.logpdf(mu, 0, 5) + stats.halfcauchy.logpdf(np.exp(log_tau), scale=2.5) + log_tau
    lp += norm.logpdf(a, loc=mu, scale=np.exp(log_tau)).sum()
    lp += norm.logpdf(Y, loc=a[GROUP], scale=np.exp(log_sigma)).sum()
    return lp


def eight_schools(theta):
    y = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
    sigma = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])
    params = dict(mu=theta[0], tau=np.exp(theta[1]), eta=theta[2:])
    effect = params["mu"] + params["tau"] * params["eta"]
    lp = {
        "mu": stats.norm(0, 5).logpdf(params["mu"]),
        "tau": stats.cauchy(loc=0, scale=5).logpdf(params["tau"]) + theta[1],
        "eta": stats.norm().logpdf(params["eta"]).sum(),
        "y": stats.norm.logpdf(y, effect, sigma).sum(),
    }
    return sum(lp.values())


def weibull_survival(theta):
    shape, scale = np.exp(theta[:2])
    ll = stats.weibull_min.logsf(TIMES, shape, scale=scale)
    ll[EVENT] = stats.weibull_min.logpdf(TIMES[EVENT], shape, scale=scale)
    return ll.sum()


def weibull_by_hand(theta):
    k, lam = np.exp(theta[0]), np.exp(theta[1])
    log_hazard = np.log(k / lam) + (k - 1) * np.log(TIMES / lam)
    return (EVENT * log_hazard - (TIMES / lam) ** k).sum()


def cox_partial_likelihood(beta):
    order = np.argsort(-TIMES)
    eta = (X @ beta)[order]
    log_risk = np.logaddexp.accumulate(eta)
    return np.sum((eta - log_risk)[EVENT[order]])


def cox_with_loops(beta):
    risk = np.exp(np.dot(X, beta))
    ll = 0.0
    for i, (t, d) in enumerate(zip(TIMES, EVENT)):
        if not d:
            continue
        ll += np.log(risk[i]) - np.log(np.sum(risk[TIMES >= t]))
    return ll


def tobit(theta):
    mu = X @ theta[:3]
    s = np.exp(theta[3])
    censored = Y <= 0
    return np.sum(norm.logcdf((0 - mu[censored]) / s)) + np.sum(
        norm.logpdf((Y[~censored] - mu[~censored]) / s) - np.log(s)
    )


def truncated_normal(theta):
    a, b = (0.0 - theta[0]) / theta[1], (3.0 - theta[0]) / theta[1]
    return stats.truncnorm.logpdf(np.minimum(TIMES, 2.9), a, b, loc=theta[0], scale=theta[1]).sum()


def gaussian_copula(theta):
    u = norm.cdf(X[:, 0])
    v = stats.expon.cdf(TIMES, scale=theta[1])
    rho = np.tanh(theta[0])
    a, b = norm.ppf(u), norm.ppf(v)
    return np.sum(-0.5 * np.log(1 - rho**2) - (rho**2 * (a**2 + b**2) - 2 * rho * a * b) / (2 * (1 - rho**2)))


def clayton_copula(theta):
    u, v = special.expit(X[:, :2].T * theta[1])
    a = theta[0]
    return np.sum(np.log1p(a) - (a + 1) * np.log(u * v) - (2 + 1 / a) * np.log(u**-a + v**-a - 1))


def lkj_correlation(z):
    n = 3
    L = np.eye(n)
    logdet, k = 0.0, 0
    for i in range(1, n):
        left = 1.0
        for j in range(i):
            t = np.tanh(z[k])
            L[i, j] = t * np.sqrt(left)
            logdet += np.log1p(-t * t) + 0.5 * np.log(left)
            left -= L[i, j] ** 2
            k += 1
        L[i, i] = np.sqrt(left)
    d = np.diag(L)
    q = linalg.solve_triangular(L, X.T, lower=True)
    return logdet + np.sum((n - np.arange(1, n + 1)) * np.log(d)) - 0.5 * np.sum(q * q) - 10 * np.log(d).sum()


def wishart_prior(theta):
    L = np.zeros((3, 3))
    L[np.tril_indices(3, -1)] = theta[3:]
    np.fill_diagonal(L, np.exp(theta[:3]))
    S = L @ L.T
    sign, logdet = np.linalg.slogdet(S)
    assert sign > 0
    return 0.5 * (7 - 3 - 1) * logdet - 0.5 * np.trace(S) - special.multigammaln(3.5, 3)


def normal_by_inverse(theta):
    C = np.cov(X.T) + np.diag(theta**2)
    d = X - theta
    return -0.5 * np.einsum("ni,ij,nj->", d, np.linalg.inv(C), d) - 5 * np.log(np.linalg.det(C))


def normal_by_cholesky(theta):
    C = np.exp(-(np.subtract.outer(theta, theta) ** 2)) + 0.1 * np.identity(3)
    c = linalg.cho_factor(C, lower=True)
    return -0.5 * sum(x @ linalg.cho_solve(c, x) for x in X) - 10 * np.log(np.diag(c[0])).sum()


def normal_by_scipy(theta):
    C = np.exp(-(np.subtract.outer(theta, theta) ** 2)) + 0.1 * np.identity(3)
    return multivariate_normal(mean=theta, cov=C).logpdf(X).sum() + multivariate_normal.pdf(X[0], theta, C)


def dirichlet_multinomial(theta):
    a = np.exp(theta)
    n = np.bincount(GROUP, minlength=3)
    return gammaln(a.sum()) - gammaln(n.sum() + a.sum()) + (gammaln(n + a) - gammaln(a)).sum()


def dirichlet_by_scipy(theta):
    p = np.exp(theta) / np.sum(np.exp(theta))
    return stats.dirichlet.logpdf(np.array([0.2, 0.3, 0.5]), np.exp(theta)) + stats.multinomial.logpmf([2, 3, 1], 6, p)


def stick_breaking(v):
    b = special.expit(v)
    w = np.append(b, 1.0) * np.append(1.0, np.cumprod(1 - b))
    return (w * np.arange(len(w))).sum() + stats.beta.logpdf(b, 1, 2.5).sum()


def kl_of_normals(theta):
    m, s = theta[:3], np.exp(theta[3:])
    S1 = np.diag(s**2)
    S2 = np.cov(X, rowvar=False)
    iS2 = np.linalg.inv(S2)
    return 0.5 * (np.trace(iS2 @ S1) + m @ iS2 @ m - 3 + np.linalg.slogdet(S2)[1] - np.linalg.slogdet(S1)[1])


def divergences(theta):
    p, q = special.softmax(theta), special.softmax(-(theta**2))
    m = 0.5 * (p + q)
    return special.rel_entr(p, q).sum() + special.kl_div(q, p).sum() + special.entr(m).sum() + stats.entropy(p, m)


def method_of_moments(theta):
    x = Y * theta[0] + theta[1] * Y**2
    return np.array([np.mean(x), x.var(ddof=1), stats.skew(x), stats.kurtosis(x), np.median(x), np.percentile(x, 30)])


def correlations(theta):
    x, y = X[:, 0] + theta[0] * Y, np.sin(theta[1] * X[:, 1]) + Y
    return np.corrcoef(x, y)[0, 1], np.cov(x, y, ddof=0), stats.zscore(x) @ y


def kernel_density(h):
    grid = np.linspace(-2, 2, 9)
    return norm.pdf((grid[:, None] - Y) / h).mean(axis=1) / h


def importance_weights(theta):
    logw = norm.logpdf(Y, theta[0], np.exp(theta[1])) - norm.logpdf(Y)
    w = np.exp(logw - logw.max())
    w /= w.sum()
    return 1 / np.sum(w**2), np.average(Y**2, weights=w)


def isotonic_ranks(theta):
    x = np.sort(Y * theta[0] + theta[1])
    return np.diff(x) @ np.arange(9) + np.sum(x[stats.rankdata(Y).astype(int) - 1] * Y)


T3, T4, T6 = np.array([0.3, -0.4, 0.2]), np.array([0.3, -0.4, 0.2, 0.1]), np.array([0.3, -0.4, 0.2, 0.1, -0.2, 0.5])
CASES = {
    poisson_regression: T3, poisson_regression_by_scipy: T3, logistic_regression: T3, logistic_by_expit: T3,
    probit: T3, probit_by_norm: T3, negative_binomial: T4, negative_binomial_by_scipy: T4, gamma_regression: T4,
    beta_regression: T4, zero_inflated_poisson: T4, ordinal_probit: T6[:5], multinomial_logit: T6,
    conditional_logit: T3, student_t_regression: T6[:5], student_t_by_hand: np.array([0.2, 0.9, 4.0]), huber: T3,
    huber_by_special: T3, quantile_regression: T3, elastic_net: T3, gaussian_mixture: T6,
    gaussian_mixture_in_two_dimensions: np.r_[T6, 0.4], mixture_with_weights_in_b: T4, em_steps: T3,
    random_intercepts: T6, eight_schools: np.r_[0.4, 0.3, T6, 0.1, -0.6], weibull_survival: T3[:2],
    weibull_by_hand: T3[:2], cox_partial_likelihood: T3, cox_with_loops: T3, tobit: T4,
    truncated_normal: np.array([0.8, 1.1]), gaussian_copula: np.array([0.3, 1.2]), clayton_copula: np.array([0.7, 0.8]),
    lkj_correlation: T3, wishart_prior: T6, normal_by_inverse: T3, normal_by_cholesky: T3 * 3, normal_by_scipy: T3 * 3,
    dirichlet_multinomial: T3, dirichlet_by_scipy: T3, stick_breaking: T3, kl_of_normals: T6, divergences: T3,
    method_of_moments: np.array([0.9, 0.2]), correlations: np.array([0.4, 0.8]), kernel_density: 0.4,
    importance_weights: np.array([0.2, 0.3]), isotonic_ranks: np.array([1.1, 0.2]),
}  # fmt: skip
ONCE = {huber, huber_by_special}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=1e-6, order=1 if f in ONCE else 2)
