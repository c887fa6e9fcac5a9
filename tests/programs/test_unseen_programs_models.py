"""Programs of econometrics, survival, state space and finance."""

import math

import numpy as np
from scipy import linalg, special, stats
from scipy.special import expit, gammaln
from scipy.stats import norm
from ways import both_tests

rng = np.random.default_rng(11)

X = rng.normal(size=(15, 2))

y = X @ [0.5, -1] + rng.normal(size=15)

cnt = rng.poisson(2, 15)

g = rng.integers(0, 3, 15)

T = rng.weibull(1.5, 15) + 0.05

ev = rng.random(15) < 0.7


def ar1_exact(t):
    ph, c, ls = (np.tanh(t[0]), t[1], t[2])
    s2 = np.exp(2 * ls)
    ll = stats.norm.logpdf(y[0], c / (1 - ph), np.sqrt(s2 / (1 - ph**2)))
    for a, b in zip(y[1:], y[:-1]):
        ll += stats.norm.logpdf(a, loc=c + ph * b, scale=math.exp(ls))
    return ll


def garch11(t):
    w, a, b = (np.exp(t[0]), expit(t[1]), expit(t[2]) * 0.9)
    h = np.empty_like(y)
    h[0] = np.var(y)
    for i in range(1, len(y)):
        h[i] = w + a * y[i - 1] ** 2 + b * h[i - 1]
    return -0.5 * np.sum(np.log(h) + y**2 / h)


def stochastic_vol(t):
    ph, mu, s = (np.tanh(t[0]), t[1], np.exp(t[2]))
    h = [mu + t[3] * s / np.sqrt(1 - ph * ph)]
    for e in t[4:]:
        h.append(mu + ph * (h[-1] - mu) + s * e)
    return np.sum(norm.logpdf(y[:5], scale=np.exp(np.asarray(h) / 2))) - 0.5 * np.sum(t[3:] ** 2)


xs = np.sort(rng.random(8) * 4)


def gp(K):
    L = np.linalg.cholesky(K + 0.01 * np.eye(8))
    a = linalg.cho_solve((L, True), y[:8])
    return -0.5 * y[:8] @ a - np.log(np.diag(L)).sum()


def gp_changepoint(t):
    s = expit((xs - 2 - t[0]) * 3)
    D = xs[:, None] - xs
    return gp(np.outer(1 - s, 1 - s) * np.exp(-(D**2) * np.exp(t[1])) + np.outer(s, s) * np.exp(-abs(D) * np.exp(t[2])))


def ordinal_logit(t):
    k = np.digitize(y, [-1, 0.5])
    c = np.concatenate(([-np.inf], np.cumsum([t[2], np.exp(t[3])]), [np.inf]))
    e = X @ t[:2]
    return np.log(expit(c[k + 1] - e) - expit(c[k] - e)).sum()


def zip_where(t):
    lam = np.exp(X @ t[:2])
    p = expit(t[2])
    return np.where(cnt == 0, np.log(p + (1 - p) * np.exp(-lam)), np.log1p(-p) + stats.poisson.logpmf(cnt, lam)).sum()


def hurdle_poisson(t):
    lam = np.exp(X @ t[:2])
    z = cnt == 0
    ll = np.zeros(15)
    ll[z] = np.log(expit(t[2]))
    ll[~z] = (
        special.log_expit(-t[2])
        + special.xlogy(cnt[~z], lam[~z])
        - lam[~z]
        - gammaln(cnt[~z] + 1)
        - np.log(-np.expm1(-lam[~z]))
    )
    return ll.sum()


def cox_breslow(b):
    o = np.argsort(-T)
    e = X[o] @ b
    return np.sum((e - np.logaddexp.accumulate(e))[ev[o]])


def loglogistic_frailty(t):
    a, b, th = np.exp(t)
    H = np.log1p((T / a) ** b)
    h = b / a * (T / a) ** (b - 1) / (1 + (T / a) ** b)
    tot = 0
    for k in range(3):
        m = g == k
        d = ev[m].sum()
        tot += (
            np.log(h[m][ev[m]]).sum()
            + gammaln(1 / th + d)
            - gammaln(1 / th)
            + d * np.log(th)
            - (1 / th + d) * np.log1p(th * H[m].sum())
        )
    return tot


def piecewise_exponential(t):
    cuts = np.array([0, 0.5, 1.0, np.inf])
    ex = np.clip(T[:, None], cuts[:-1], cuts[1:]) - cuts[:-1]
    d = np.digitize(T, cuts[1:-1])
    return np.sum(ev * t[d]) - np.sum(ex @ np.exp(t))


def horseshoe(t):
    lam = np.exp(t[:2])
    return (
        np.sum(np.log(2 / np.pi) - np.log1p(lam**2))
        + norm.logpdf(t[2:], 0, lam).sum()
        + norm.logpdf(y, X @ t[2:]).sum()
    )


def lkj_wishart(t):
    L = np.zeros((2, 2))
    L[0, 0] = np.exp(t[0])
    L[1, 0] = t[1]
    L[1, 1] = np.exp(t[2])
    S = L @ L.T
    return stats.wishart.logpdf(S, 5, np.eye(2)) + stats.multivariate_normal.logpdf(X, np.zeros(2), S).sum()


Zi = np.c_[X, X[:, 0] * X[:, 1]]


def gmm_cue(b):
    m = Zi * (y - X @ b)[:, None]
    gb = m.mean(axis=0)
    S = np.cov(m.T, bias=True)
    return len(y) * gb @ np.linalg.solve(S, gb)


def var_fevd(Y):
    Z = np.hstack([np.ones((11, 1)), Y[:-1]])
    B, _res, _rk, _sv = np.linalg.lstsq(Z, Y[1:], rcond=None)
    E = Y[1:] - Z @ B
    Sg = E.T @ E / 8
    Pc = np.linalg.cholesky(Sg)
    A = B[1:].T
    th = Pc
    acc = np.zeros((2, 2))
    for _ in range(4):
        acc += th**2
        th = A @ th
    return acc / acc.sum(1, keepdims=True)


def hp_filter(s):
    n = len(s)
    D = np.diff(np.eye(n), 2, axis=0)
    tr = np.linalg.solve(np.eye(n) + 100 * D.T @ D, s)
    return s - tr


def svensson_bond(p):
    t = np.arange(1, 6)
    z = (
        p[0]
        + p[1] * (1 - np.exp(-t / p[3])) / (t / p[3])
        + p[2] * ((1 - np.exp(-t / p[3])) / (t / p[3]) - np.exp(-t / p[3]))
    )
    return np.sum(5 * np.exp(-z * t)) + 100 * np.exp(-z[-1] * 5)


def sabr_hagan(p):
    a, b, rho, nu = (p[0], p[1], p[2], p[3])
    F = 100.0
    t = 1.0
    out = []
    for K in (80.0, 100.0, 120.0):
        if abs(F - K) < 1e-08:
            v = (
                a
                / F ** (1 - b)
                * (
                    1
                    + (
                        (1 - b) ** 2 / 24 * a * a / F ** (2 - 2 * b)
                        + rho * b * nu * a / 4 / F ** (1 - b)
                        + (2 - 3 * rho**2) / 24 * nu**2
                    )
                    * t
                )
            )
        else:
            FK = (F * K) ** ((1 - b) / 2)
            l = math.log(F / K)
            z = nu / a * FK * l
            x = math.log((math.sqrt(1 - 2 * rho * z + z * z) + z - rho) / (1 - rho))
            v = (
                a
                / (FK * (1 + (1 - b) ** 2 / 24 * l**2 + (1 - b) ** 4 / 1920 * l**4))
                * z
                / x
                * (
                    1
                    + ((1 - b) ** 2 / 24 * a * a / FK**2 + rho * b * nu * a / 4 / FK + (2 - 3 * rho**2) / 24 * nu**2)
                    * t
                )
            )
        out.append(v)
    return out


def vasicek_cap(p):
    r, k, s = p
    B = lambda t: (1 - np.exp(-k * t)) / k
    A = lambda t: np.exp((0.03 - s**2 / (2 * k * k)) * (B(t) - t) - s**2 / (4 * k) * B(t) ** 2)
    Pz = lambda t: A(t) * np.exp(-B(t) * r)
    sp = s * np.sqrt((1 - np.exp(-2 * k)) / (2 * k)) * B(1.0)
    h = np.log(Pz(2.0) / (Pz(1.0) * 0.96)) / sp + sp / 2
    return Pz(2.0) * norm.cdf(h) - 0.96 * Pz(1.0) * norm.cdf(h - sp)


CASES = {
    ar1_exact: [0.5, 0.1, 0.2],
    garch11: [-1.0, -2.0, 1.0],
    stochastic_vol: [0.9, -1.0, 0.3] + list(rng.normal(size=5) * 0.2),
    gp_changepoint: [0.1, 0.2, 0.3],
    ordinal_logit: [0.3, -0.2, -1.0, 0.3],
    zip_where: [0.3, -0.2, 0.4],
    hurdle_poisson: [0.3, -0.2, 0.4],
    cox_breslow: [0.3, -0.2],
    loglogistic_frailty: [0.3, -0.2, 0.1],
    piecewise_exponential: [0.3, -0.2, 0.1],
    horseshoe: [0.2, 0.3, 0.1, 0.5],
    lkj_wishart: [0.3, 0.2, 0.4],
    gmm_cue: [0.2, 0.3],
    var_fevd: rng.normal(size=(12, 2)),
    hp_filter: y,
    svensson_bond: [0.03, -0.02, 0.01, 1.5],
    sabr_hagan: [0.2, 0.5, -0.3, 0.4],
    vasicek_cap: [0.02, 0.3, 0.05],
}

test_program, test_compiled = both_tests(CASES)
