"""Programs of an econometrician: likelihoods of time series, structural models, weighting, simulation."""

import math

import numpy as np
import pytest
from check import check
from scipy import special, stats
from scipy.special import expit, gammaln, logsumexp
from ways import compiled_at_two_points

rng = np.random.default_rng(8)
X = rng.normal(size=(15, 3))
y = rng.normal(size=15)
yb = (rng.random(15) < 0.5).astype(float)
ret = rng.normal(0, 0.02, size=(20, 3))
K = rng.integers(0, 3, 15)
b3 = np.array([0.3, -0.2, 0.5])


def poisson_irls(b):
    cnt = K.astype(float)
    eta = X @ b
    for _ in range(4):
        mu = np.exp(eta)
        z = eta + (cnt - mu) / mu
        W = np.diag(mu)
        b = np.linalg.inv(X.T @ W @ X) @ X.T @ W @ z
        eta = np.einsum("ij,j->i", X, b)
    return 2 * np.sum(special.xlogy(cnt, cnt / mu) - (cnt - mu))


def garch_student(p):
    r = ret[:, 0] * 100
    mu, om, al, be = p
    s2 = np.empty_like(r)
    s2[0] = r.var()
    for t in range(1, len(r)):
        s2[t] = om + al * (r[t - 1] - mu) ** 2 + be * s2[t - 1]
    nu = 8.0
    c = gammaln((nu + 1) / 2) - gammaln(nu / 2) - 0.5 * np.log(np.pi * (nu - 2))
    return np.sum(c - 0.5 * np.log(s2) - (nu + 1) / 2 * np.log1p((r - mu) ** 2 / (s2 * (nu - 2))))


def egarch(p):
    r = ret[:, 1] * 50
    ls = 0.0
    ll = []
    for x in r:
        z = x / np.exp(0.5 * ls)
        ll.append(stats.norm.logpdf(x, scale=np.exp(0.5 * ls)))
        ls = p[0] + p[1] * (abs(z) - math.sqrt(2 / math.pi)) + p[2] * ls
    return sum(ll)


def kalman_matrix(p):
    F = np.array([[1.0, 1.0], [0, p[0]]])
    H = np.array([[1.0, 0]])
    Q = np.diag(np.exp(p[1:3]))
    R = np.exp(p[3]) * np.eye(1)
    m, S, ll = (np.zeros(2), np.eye(2) * 10, 0.0)
    for z in y:
        m = F @ m
        S = F @ S @ F.T + Q
        v = z - H @ m
        C = H @ S @ H.T + R
        G = S @ H.T @ np.linalg.inv(C)
        m = m + G @ v
        S = (np.eye(2) - G @ H) @ S
        ll += stats.multivariate_normal.logpdf(v, cov=C)
    return ll


def arma_css(p):
    e = np.zeros(15)
    for t in range(15):
        e[t] = y[t] - p[0] * (y[t - 1] if t else 0) - p[1] * (e[t - 1] if t > 0 else 0) - p[2]
    return ((e[1:] ** 2).sum(), e)


def var_irf(a):
    A = a.reshape(2, 2)
    Sig = np.array([[1.0, 0.3], [0.3, 2.0]])
    L = np.linalg.cholesky(Sig)
    out = [L]
    for h in range(5):
        out.append(A @ out[-1])
    irf = np.stack(out)
    mse = np.cumsum(irf**2, axis=0)
    fevd = mse / mse.sum(axis=2, keepdims=True)
    lr = np.linalg.solve(np.eye(2) - A, L)
    spec = np.abs(np.linalg.inv(np.eye(2) - A * np.exp(-1j * 0.5))) ** 2
    return (fevd[-1], lr, spec)


def state_space_dsge(p):
    beta, sig, rho = p
    A = np.array([[1, 0.0], [sig, 1]])
    B = np.array([[1 / beta, -0.1], [0, rho]])
    M = np.linalg.solve(A, B)
    w, V = np.linalg.eig(M)
    k = np.argsort(np.abs(w))
    V = V[:, k]
    pol = -np.real(V[0, 0] / V[1, 0])
    return (pol, np.real(w[k]))


def value_iteration(p):
    gam, beta = p
    k = np.linspace(0.5, 5, 12)
    V = np.zeros(12)
    c = k[:, None] ** 0.3 + 0.9 * k[:, None] - k[None, :]
    u = np.where(c > 0, (np.maximum(c, 1e-10) ** (1 - gam) - 1) / (1 - gam), -10000000000.0)
    for it in range(30):
        Vn = np.max(u + beta * V[None, :], axis=1)
        if np.max(np.abs(Vn - V)) < 1e-08:
            break
        V = Vn
    return V


def markov_tauchen(p):
    rho, s = p
    z = np.linspace(-2, 2, 5) * s
    h = z[1] - z[0]
    Pm = np.empty((5, 5))
    for i in range(5):
        for j in range(5):
            if j == 0:
                Pm[i, j] = stats.norm.cdf((z[0] - rho * z[i] + h / 2) / 0.7)
            elif j == 4:
                Pm[i, j] = 1 - stats.norm.cdf((z[-1] - rho * z[i] - h / 2) / 0.7)
            else:
                Pm[i, j] = stats.norm.cdf((z[j] - rho * z[i] + h / 2) / 0.7) - stats.norm.cdf(
                    (z[j] - rho * z[i] - h / 2) / 0.7
                )
    w, v = np.linalg.eig(Pm.T)
    pi = np.real(v[:, np.argmax(np.real(w))])
    pi = pi / pi.sum()
    return (pi @ z**2, np.linalg.matrix_power(Pm, 10)[0])


def propensity(b):
    ps = expit(X @ b)
    w = np.where(yb == 1, 1 / ps, 1 / (1 - ps))
    ate = np.average(y[yb == 1], weights=w[yb == 1]) - np.average(y[yb == 0], weights=w[yb == 0])
    ess = w.sum() ** 2 / (w**2).sum()
    bal = np.abs([np.average(X[yb == 1, j], weights=w[yb == 1]) for j in range(3)]).max()
    return (ate, ess, bal)


def blp_contraction(t):
    s = np.array([0.3, 0.2, 0.1])
    nu = np.array([-1.0, 0, 1])
    delta = np.log(s / 0.4)
    for _ in range(25):
        u = delta[:, None] + t[0] * np.outer([1.0, 2, 3], nu)
        pr = np.exp(u) / (1 + np.exp(u).sum(0))
        delta = delta + np.log(s) - np.log(pr.mean(1))
    return delta


def nested_logit(t):
    V = X[:6] @ t
    nests = {"a": [0, 1], "b": [2, 3, 4], "c": [5]}
    lam = {"a": 0.5, "b": 0.8, "c": 1.0}
    IV = {k: logsumexp(V[i] / lam[k]) for k, i in nests.items()}
    den = logsumexp([lam[k] * v for k, v in IV.items()])
    pr = np.zeros(6)
    for k, i in nests.items():
        pr[i] = np.exp(V[i] / lam[k] - IV[k] + lam[k] * IV[k] - den)
    return (np.log(pr), pr.sum())


def cox_efron(b):
    t = np.round(np.abs(y) * 3) + 1
    ev = yb
    eta = X @ b
    ll = 0.0
    for tt in np.unique(t[ev == 1]):
        dset = (t == tt) & (ev == 1)
        R = np.exp(eta[t >= tt]).sum()
        D = np.exp(eta[dset]).sum()
        m = dset.sum()
        ll += eta[dset].sum() - sum(np.log(R - l / m * D) for l in range(m))
    return ll


def mcmc_mh(p):
    g = np.random.default_rng(3)
    th = p.copy()
    lp = lambda t: -0.5 * np.sum((t - 1) ** 2 * np.array([1, 2, 3.0]))
    cur = lp(th)
    acc = 0
    chain = []
    for i in range(12):
        prop = th + 0.3 * g.standard_normal(3)
        new = lp(prop)
        if np.log(g.uniform()) < new - cur:
            th, cur, acc = (prop, new, acc + 1)
        chain.append(th)
    c = np.array(chain)
    return (c.mean(axis=0), c[-1], acc * cur)


def bootstrap_ci(p):
    g = np.random.default_rng(0)
    data = y * p[0] + p[1]
    bs = np.array([np.mean(g.choice(data, size=15)) for _ in range(9)])
    j = np.array([np.delete(data, i).var(ddof=1) for i in range(15)])
    return (
        np.percentile(bs, [10, 90]),
        bs.std(),
        14 / 15 * ((j - j.mean()) ** 2).sum(),
        g.permutation(data)[:3],
        stats.trim_mean(data, 0.2),
    )


def simulated(p):
    g = np.random.default_rng(1)
    z = g.normal(p[0], np.exp(p[1]), size=50)
    e = g.exponential(np.exp(p[2]), 20)
    u = g.uniform(0, p[1], 5)
    ga = g.gamma(2.0, np.exp(p[0]), 5)
    mv = g.multivariate_normal(p[:2], np.eye(2), size=3)
    ln = g.lognormal(p[0], 0.5, 4)
    pois = g.poisson(3, 4)
    return (z.mean(), e.std(), u, ga, mv, ln, pois * p[0])


def portfolio(w):
    S = np.cov(ret.T)
    mu = ret.mean(0) * 250
    v = w @ S @ w
    rc = w * (S @ w) / np.sqrt(v)
    pr = ret @ w
    q = np.quantile(pr, 0.1)
    cvar = pr[pr <= q].mean()
    dd = 1 - np.cumprod(1 + pr) / np.maximum.accumulate(np.cumprod(1 + pr))
    return (
        w @ mu / np.sqrt(v),
        rc,
        q,
        cvar,
        dd.max(),
        np.sum(w**2),
        stats.norm.ppf(0.05, pr.mean(), pr.std()),
        pr[pr < 0].std(),
    )


def black_litterman(q):
    S = np.cov(ret, rowvar=False) + 0.0001 * np.eye(3)
    Pm = np.array([[1, -1, 0.0], [0, 0, 1]])
    pi = 2.5 * S @ np.ones(3) / 3
    tau = 0.05
    Om = np.diag(np.diag(Pm @ (tau * S) @ Pm.T))
    M = np.linalg.inv(np.linalg.inv(tau * S) + Pm.T @ np.linalg.inv(Om) @ Pm)
    mu = M @ (np.linalg.inv(tau * S) @ pi + Pm.T @ np.linalg.inv(Om) @ q[:2])
    w = np.linalg.solve(2.5 * (S + M), mu)
    return (mu, w / w.sum())


CASES = {
    poisson_irls: b3,
    garch_student: np.array([0.1, 0.05, 0.1, 0.85]),
    egarch: np.array([0.1, 0.3, 0.5]),
    kalman_matrix: np.array([0.5, 0.3, 0.2, 0.1]),
    arma_css: np.array([0.5, -0.3, 0.2]),
    var_irf: np.array([0.4, 0.2, 0.1, 0.3]),
    state_space_dsge: np.array([0.4, 0.6, 0.9]),
    value_iteration: np.array([1.5, 0.96]),
    markov_tauchen: np.array([0.5, 1.0]),
    propensity: np.array([0.2, 0.5, 0.3]),
    blp_contraction: np.array([0.2, 0.5, 0.3]),
    nested_logit: np.array([0.2, 0.5, 0.3]),
    cox_efron: np.array([0.2, 0.5, 0.3]),
    mcmc_mh: np.array([0.2, 0.5, 0.3]),
    bootstrap_ci: np.array([0.2, 0.5, 0.3]),
    simulated: np.array([0.2, 0.5, 0.3]),
    portfolio: np.array([0.2, 0.3, 0.5]),
    black_litterman: np.array([0.2, 0.3, 0.5]),
}  # fmt: skip
NEAR = {value_iteration}
"""Kinks are near: the differences take small steps."""


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], h=1e-5 if f in NEAR else 1e-3, rtol=1e-5)


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_compiled_at_two_points(f):
    compiled_at_two_points(f, CASES[f])
