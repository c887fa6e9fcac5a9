"""Programs of people who work with data: estimators, likelihoods, filters, samplers, scores."""

from collections import defaultdict
from functools import partial
from itertools import accumulate, pairwise, product

import numpy as np
import pytest
from check import check
from scipy import special, stats
from scipy.linalg import cho_factor, cho_solve, solve_triangular

rng = np.random.default_rng(11)
T = rng.exponential(size=12) + 0.1
EVENT = rng.random(12) < 0.7
X = rng.normal(size=(12, 2))
Y = X @ [0.5, -0.3] + 0.2 * rng.normal(size=12)
COUNTS = rng.poisson(2.0, size=12)
GROUP = np.array([0, 0, 1, 2, 1, 0, 2, 2, 1, 0, 1, 2])
NOISE = rng.normal(size=(10, 8))
UNIFORM = rng.random(10)


def lognormal_censored(p):
    shape, scale = np.exp(p[0]), np.exp(p[1])
    log_f = stats.lognorm.logpdf(T, shape, scale=scale)
    log_s = stats.lognorm.logsf(T, shape, scale=scale)
    return -np.sum(np.where(EVENT, log_f, log_s))


def accelerated_failure(p):
    z = (np.log(T) - X @ p[:2]) / np.exp(p[2])
    return -(stats.gumbel_l.logpdf(z)[EVENT] - p[2]).sum() - stats.gumbel_l.logsf(z[~EVENT]).sum()


def gompertz_survival(p):
    a, b = np.exp(p)
    hazard = lambda t: a * np.exp(b * t)
    cumulative = lambda t: a / b * np.expm1(b * t)
    return sum((np.log(hazard(t)) if e else 0.0) - cumulative(t) for t, e in zip(T, EVENT, strict=True))


def kaplan_meier_weighted(w):
    order = np.argsort(T)
    w, event = w[order], EVENT[order]
    at_risk = np.cumsum(w[::-1])[::-1]
    return np.cumprod(1 - np.where(event, w / at_risk, 0) * 0.9)


def many_distributions(p):
    a, b = p[0] + 1, p[1] + 0.5
    x = np.linspace(0.2, 0.8, 4)
    total = stats.beta.logpdf(x, a, b).sum() + stats.gamma.logcdf(x, a, scale=b).sum()
    total += stats.t.logpdf(x, df=a, loc=p[1], scale=b).sum() + stats.laplace.cdf(x, p[0], b).sum()
    total += stats.weibull_min.logsf(x, a, scale=b).sum() + stats.logistic.logpdf(x, loc=a).sum()
    total += (
        stats.cauchy.logpdf(x, a, b).sum() + stats.expon.logpdf(x, scale=a).sum() + stats.pareto.logpdf(x + 2, b).sum()
    )
    total += (
        stats.chi2.logpdf(x, a).sum()
        + stats.invgamma.logpdf(x, a, scale=b).sum()
        + stats.rayleigh.logpdf(x, scale=b).sum()
    )
    return total + stats.uniform.logpdf(x, loc=0, scale=a).sum() + stats.halfnorm.logpdf(x, scale=b).sum()


def discrete_distributions(p):
    q = special.expit(p)
    total = stats.binom.logpmf([1, 2, 3], 5, q[0]).sum() + stats.poisson.logpmf(COUNTS, np.exp(p[1])).sum()
    total += stats.geom.logpmf([1, 4], q[1]).sum() + stats.nbinom.logpmf(COUNTS, 3.0, q[0]).sum()
    return total + stats.bernoulli.logpmf([0, 1, 1], q[1]).sum()


def hierarchical_with_groups(p):
    mu, tau, offsets = p[0], np.exp(p[1]), p[2:]
    theta = mu + tau * offsets
    residuals = defaultdict(list)
    for g, y in zip(GROUP.tolist(), Y.tolist(), strict=True):
        residuals[g].append(y - theta[g])
    likelihood = sum(-0.5 * np.dot(r, r) for r in residuals.values())
    return likelihood + stats.norm.logpdf(offsets).sum() + stats.halfcauchy.logpdf(tau, scale=2) + p[1]


def mcmc_with_fixed_noise(p):
    log_post = lambda x: -0.5 * (x - p[0]) ** 2 / p[1] - 0.1 * x**4
    x, chain, accepted = 0.3, [], 0
    for step, u in zip(NOISE[:, 0], UNIFORM, strict=True):
        proposal = x + 0.8 * step * p[1]
        if np.log(u) < log_post(proposal) - log_post(x):
            x = proposal
            accepted += 1
        chain.append(x)
    print(f"acceptance {accepted / len(chain):.0%}", end="")
    return np.mean(chain) + np.var(chain, ddof=1)


def hamiltonian_step(q):
    U = lambda q: 0.5 * q @ q + 0.1 * np.sum(q**4)
    dU = lambda q: q + 0.4 * q**3
    p = NOISE[0, : q.size].copy()
    h0 = U(q) + p @ p / 2
    p = p - 0.05 * dU(q)
    for i in range(6):
        q = q + 0.1 * p
        p -= 0.1 * dU(q) if i < 5 else 0.05 * dU(q)
    return np.append(q, U(q) + p @ p / 2 - h0)


def particle_filter(p):
    particles = NOISE[0] * p[1]
    loglik = 0.0
    for noise, y in zip(NOISE[1:], Y[:9], strict=True):
        particles = p[0] * particles + p[1] * noise
        logw = stats.norm.logpdf(y, particles, 0.5)
        loglik += special.logsumexp(logw) - np.log(particles.size)
        w = special.softmax(logw)
        ancestors = np.searchsorted(np.cumsum(w), (np.arange(8) + 0.37) / 8).clip(max=7)
        particles = particles[ancestors]
    return loglik


def kalman_smoother(p):
    A, Q, R = np.array([[1.0, p[0]], [0.0, 0.9]]), p[1] * np.eye(2), p[2]
    H = np.array([[1.0, 0.0]])
    m, P = np.zeros(2), np.eye(2)
    ms, Ps = np.empty((6, 2)), np.empty((6, 2, 2))
    for t in range(6):
        m, P = A @ m, A @ P @ A.T + Q
        S = H @ P @ H.T + R
        K = P @ H.T / S
        m = m + (K * (Y[t] - H @ m)).ravel()
        P = P - K @ S @ K.T
        ms[t], Ps[t] = m, P
    for t in range(4, -1, -1):
        prior = A @ Ps[t] @ A.T + Q
        G = np.linalg.solve(prior.T, (Ps[t] @ A.T).T).T
        ms[t] += G @ (ms[t + 1] - A @ ms[t])
        Ps[t] += G @ (Ps[t + 1] - prior) @ G.T
    return ms[:, 0], np.trace(Ps, axis1=1, axis2=2)


def unscented_transform(p):
    m, L = p[:2], np.array([[np.exp(p[2]), 0.0], [p[3], np.exp(p[4])]])
    spread = np.sqrt(3.0) * L
    points = np.vstack([m, m + spread.T, m - spread.T])
    w = np.array([1 / 3] + [1 / 6] * 4)
    images = np.apply_along_axis(lambda s: np.array([s[0] * np.cos(s[1]), s[0] * np.sin(s[1])]), 1, points)
    mean = w @ images
    d = images - mean
    return mean, (w * d.T) @ d


def baum_welch_step(logits):
    pi, A = special.softmax(logits[0]), special.softmax(logits[1:4], axis=1)
    B = np.stack([stats.norm.pdf(Y[:6], loc=mu, scale=0.5) for mu in logits[4]])
    alpha = np.zeros((6, 3))
    alpha[0] = pi * B[:, 0]
    for t in range(1, 6):
        np.matmul(alpha[t - 1], A, out=alpha[t])
        alpha[t] *= B[:, t]
    beta = np.ones((6, 3))
    for t in range(4, -1, -1):
        beta[t] = A @ (B[:, t + 1] * beta[t + 1])
    gamma = alpha * beta
    gamma /= gamma.sum(axis=1, keepdims=True)
    xi = np.einsum("ti,ij,jt,tj->ij", alpha[:-1], A, B[:, 1:], beta[1:])
    return gamma[2], xi / xi.sum(1, keepdims=True)


def stationary_distribution(logits):
    P = np.exp(logits - logits.max(axis=1, keepdims=True))
    P /= P.sum(axis=1)[:, None]
    n = len(P)
    A = np.vstack([P.T - np.eye(n), np.ones(n)])
    b = np.append(np.zeros(n), 1.0)
    pi, *_ = np.linalg.lstsq(A, b, rcond=None)
    return pi, np.linalg.matrix_power(P, 5)[0]


def absorption_times(logits):
    P = special.softmax(logits.reshape(3, 4), axis=1)
    Q, R = P[:, :3], P[:, 3:]
    N = np.linalg.inv(np.eye(3) - Q)
    return N.sum(axis=1) + (N @ R).ravel()


KERNELS = {
    "rbf": lambda d, s: np.exp(-0.5 * (d / s) ** 2),
    "matern32": lambda d, s: (1 + np.sqrt(3) * d / s) * np.exp(-np.sqrt(3) * d / s),
    "periodic": lambda d, s: np.exp(-2 * np.sin(np.pi * d) ** 2 / s**2),
    "rational": lambda d, s: (1 + d**2 / (2 * s**2)) ** -1.0,
}


def gaussian_process_sum_of_kernels(p):
    t = np.linspace(0, 1, 8)
    d = np.abs(np.subtract.outer(t, t))
    K = sum(np.exp(w) * k(d, np.exp(s)) for k, w, s in zip(KERNELS.values(), p[:4], p[4:], strict=True))
    K[np.diag_indices_from(K)] += 0.1
    factor = cho_factor(K, lower=True)
    return 0.5 * Y[:8] @ cho_solve(factor, Y[:8]) + np.log(np.diag(factor[0])).sum()


def sparse_gaussian_process(z):
    t = np.linspace(0, 1, 8)
    k = lambda a, b: np.exp(-((a[:, None] - b) ** 2) / 0.1)
    L = np.linalg.cholesky(k(z, z) + 1e-4 * np.eye(z.size))
    V = solve_triangular(L, k(z, t), lower=True)
    Q = V.T @ V + 0.1 * np.eye(8)
    trace = np.sum(1 - np.einsum("ij,ij->j", V, V))
    return -0.5 * np.linalg.slogdet(Q).logabsdet - 0.5 * Y[:8] @ np.linalg.solve(Q, Y[:8]) - 5 * trace


def arma_likelihood(p):
    phi, theta, sigma = np.tanh(p[0]), np.tanh(p[1]), np.exp(p[2])
    e = np.zeros(len(Y))
    for t in range(len(Y)):
        e[t] = Y[t] - (phi * Y[t - 1] + theta * e[t - 1] if t > 0 else 0)
    return stats.norm.logpdf(e, scale=sigma).sum()


def garch(p):
    omega, alpha, beta = p
    h = [np.var(Y)]
    for r in Y[:-1]:
        h.append(omega + alpha * r**2 + beta * h[-1])
    h = np.asarray(h)
    return 0.5 * (np.log(2 * np.pi * h) + Y**2 / h).sum()


def holt_winters(p):
    alpha, beta, gamma = 1 / (1 + np.exp(-p))
    level, trend, season = Y[0], 0.0, list(np.zeros(4))
    sse = 0
    for i, y in enumerate(Y):
        forecast = level + trend + season[i % 4]
        sse += (y - forecast) ** 2
        last, level = level, alpha * (y - season[i % 4]) + (1 - alpha) * (level + trend)
        trend = beta * (level - last) + (1 - beta) * trend
        season[i % 4] = gamma * (y - level) + (1 - gamma) * season[i % 4]
    return np.sqrt(sse / len(Y))


def exponential_smoothing_by_accumulate(p):
    smooth = list(accumulate(Y, lambda s, y: s + p[0] * (y - s), initial=p[1]))
    return np.array([b - a for a, b in pairwise(smooth)])


def vector_autoregression(coefficients):
    A = coefficients.reshape(2, 2)
    history = [np.array([0.5, -0.2])]
    for _ in range(5):
        history.append(A @ history[-1] + 0.1 * np.sin(history[-1]))
    Z = np.array(history)
    return np.cov(Z, rowvar=False), np.corrcoef(Z.T)[0, 1]


def frank_copula(p):
    theta = p[0]
    u, v = stats.norm.cdf(X[:, 0] * p[1]), stats.expon.cdf(T)
    a = -np.expm1(-theta)
    numerator = theta * a * np.exp(-theta * (u + v))
    return np.sum(np.log(numerator / (a - np.expm1(-theta * u) * np.expm1(-theta * v)) ** 2))


def student_copula(p):
    rho, nu = np.tanh(p[0]), 4
    z = X * np.exp(p[1])
    quadratic = (z[:, 0] ** 2 - 2 * rho * z[:, 0] * z[:, 1] + z[:, 1] ** 2) / (1 - rho**2)
    joint = special.gammaln((nu + 2) / 2) - special.gammaln(nu / 2) - np.log(nu * np.pi) - 0.5 * np.log(1 - rho**2)
    return np.sum(joint - (nu + 2) / 2 * np.log1p(quadratic / nu) - stats.t.logpdf(z, nu).sum(axis=1))


def weighted_quantile(w):
    order = np.argsort(Y)
    cw = np.cumsum(w[order])
    return np.interp([0.25, 0.5, 0.75], (cw - 0.5 * w[order]) / cw[-1], Y[order])


def trimmed_and_winsorised(x):
    s = np.sort(x)
    lo, hi = np.percentile(x, [20, 80])
    mad = np.median(np.abs(x - np.median(x)))
    return s[2:-2].mean(), np.clip(x, lo, hi).std(), mad, np.ptp(x), stats.iqr(x) if False else hi - lo


def bootstrap_of_ratio(x):
    index = np.random.default_rng(3).integers(0, 6, size=(7, 6))
    samples = x.reshape(2, 6)[:, index]
    ratios = samples[0].mean(-1) / samples[1].mean(-1)
    return np.quantile(ratios, [0.1, 0.9]), np.std(ratios, ddof=1)


def moments(x):
    return stats.skew(x), stats.kurtosis(x), stats.zscore(x), stats.gmean(np.exp(x)), stats.sem(x)


def rank_correlation_smooth(x):
    n = len(x)
    ranks = 0.5 + sum(special.expit((x - x[j]) / 0.3) for j in range(n))
    r = ranks - ranks.mean()
    target = np.arange(n) - (n - 1) / 2
    return r @ target / np.sqrt((r @ r) * (target @ target))


def auc_hinge(w):
    scores = X @ w
    positive, negative = scores[EVENT], scores[~EVENT]
    margins = [max(0.0, 1 - (a - b)) for a, b in product(positive, negative)]
    return np.mean(margins)


def iteratively_reweighted(beta):
    for _ in range(1):
        mu = np.exp(X @ beta)
        W = mu[:, np.newaxis]
        z = X @ beta + (COUNTS - mu) / mu
        beta = np.linalg.solve(X.T @ (W * X) + 0.1 * np.eye(2), X.T @ (mu * z))
    return beta


def lasso_by_coordinate_descent(p):
    beta = np.zeros(2)
    for _, j in product(range(20), range(2)):
        residual = p[1] * Y - X @ beta + X[:, j] * beta[j]
        rho = X[:, j] @ residual
        beta[j] = np.sign(rho) * np.maximum(abs(rho) - p[0], 0) / (X[:, j] @ X[:, j])
    return beta


def ridge_cross_validation(p):
    lam, score = np.exp(p[0]), []
    for fold in np.array_split(np.arange(12), 4):
        train = np.ones(12, dtype=bool)
        train[fold] = False
        A, b = X[train], Y[train] ** 2 * p[1]
        beta = np.linalg.solve(A.T @ A + lam * np.identity(2), A.T @ b)
        score.append(np.mean((Y[fold] - X[fold] @ beta) ** 2))
    return np.average(score, weights=[1, 2, 3, 4])


def leave_one_out_kernel_regression(h):
    K = np.exp(-0.5 * ((T[:, None] - T[None, :]) / h) ** 2)
    np.fill_diagonal(K, 0.0)
    fitted = K @ Y / K.sum(axis=1)
    return ((Y - fitted) ** 2).mean()


def mahalanobis_of_sample(x):
    Z = x.reshape(6, 2)
    d = Z - Z.mean(axis=0)
    S = d.T @ d / (len(Z) - 1)
    return np.sqrt(np.einsum("ni,ij,nj->n", d, np.linalg.inv(S), d))


def factor_model(p):
    loadings, noise = p[:4].reshape(4, 1), np.exp(p[4:])
    S = loadings @ loadings.T + np.diag(noise)
    return stats.multivariate_normal.logpdf(NOISE[:3, :4], mean=np.zeros(4), cov=S).sum()


def negative_sampling(log_likelihood, p):
    return -log_likelihood(p) + 0.5 * np.sum(p**2)


map_estimate = partial(negative_sampling, lambda p: stats.norm.logpdf(Y, X @ p, 0.5).sum())
map_estimate.__name__ = "map_estimate"


def mutual_information(logits):
    joint = special.softmax(logits.reshape(3, 4))
    outer = np.outer(joint.sum(1), joint.sum(0))
    return special.rel_entr(joint, outer).sum() / stats.entropy(joint.sum(0))


def group_means_by_bincount(w):
    totals, sizes = np.bincount(GROUP, weights=w * Y), np.bincount(GROUP, weights=w)
    means = totals / sizes
    within = np.add.reduceat((w * (Y - means[GROUP]) ** 2)[np.argsort(GROUP, kind="stable")], [0, 4, 8])
    return np.concatenate((means, within))


P3, P5 = np.array([0.3, -0.2, 0.1]), np.array([0.2, -0.4, 0.1, 0.3, -0.1])
W12 = rng.uniform(0.5, 1.5, 12)
CASES = {
    lognormal_censored: P3[:2], accelerated_failure: P3, gompertz_survival: P3[:2], kaplan_meier_weighted: W12,
    many_distributions: np.array([0.43, 0.3]), discrete_distributions: P3[:2], hierarchical_with_groups: P5,
    mcmc_with_fixed_noise: np.array([0.2, 0.8]), hamiltonian_step: P3, particle_filter: np.array([0.7, 0.4]),
    kalman_smoother: np.array([0.5, 0.2, 0.3]), unscented_transform: np.array([1.0, 0.3, -0.5, 0.1, -0.7]),
    baum_welch_step: rng.normal(size=(5, 3)), stationary_distribution: rng.normal(size=(3, 3)),
    absorption_times: rng.normal(size=12), gaussian_process_sum_of_kernels: rng.normal(size=8) * 0.3,
    sparse_gaussian_process: np.array([0.1, 0.5, 0.9]), arma_likelihood: P3, garch: np.array([0.05, 0.2, 0.6]),
    holt_winters: P3, exponential_smoothing_by_accumulate: np.array([0.4, 0.1]), vector_autoregression: rng.normal(size=4) * 0.5,
    frank_copula: np.array([2.0, 0.7]), student_copula: P3[:2], weighted_quantile: W12, trimmed_and_winsorised: rng.normal(size=10),
    bootstrap_of_ratio: rng.uniform(1, 2, 12), moments: rng.normal(size=6), rank_correlation_smooth: rng.normal(size=6),
    auc_hinge: P3[:2], iteratively_reweighted: P3[:2], lasso_by_coordinate_descent: np.array([0.5, 1.1]),
    ridge_cross_validation: np.array([0.1, 1.2]), leave_one_out_kernel_regression: 0.4, mahalanobis_of_sample: rng.normal(size=12),
    factor_model: rng.normal(size=8), map_estimate: P3[:2], mutual_information: rng.normal(size=12), group_means_by_bincount: W12,
}  # fmt: skip
OPTS = {}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], **{"rtol": 3e-6, "h": 3e-4} | OPTS.get(f, {}))
