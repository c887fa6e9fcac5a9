"""Programs of textbooks: money, epidemics, statistics, learning, linear algebra, special functions."""

import numpy as np
import pytest
from check import check
from scipy import integrate, linalg, special, stats

rng = np.random.default_rng(7)


def prim_mst(W):
    W = (W + W.T) / 2
    n = len(W)
    intree = [0]
    total = 0.0
    while len(intree) < n:
        best = None
        for i in intree:
            for j in range(n):
                if j in intree:
                    continue
                if best is None or W[i, j] < best[0]:
                    best = (W[i, j], j)
        total += best[0]
        intree.append(best[1])
    return total


def pagerank_power(A):
    P = A / A.sum(axis=0, keepdims=True)
    d = 0.85
    r = np.ones(4) / 4
    for _ in range(30):
        r = (1 - d) / 4 + d * P @ r
    L = np.diag(A.sum(1)) - A
    return (r, np.linalg.det(L[1:, 1:]))


def crr_american(p):
    S, sig, r = p
    K = 105.0
    T = 1.0
    n = 10
    dt = T / n
    u = np.exp(sig * np.sqrt(dt))
    d = 1 / u
    q = (np.exp(r * dt) - d) / (u - d)
    ST = S * u ** np.arange(n, -1, -1) * d ** np.arange(0, n + 1)
    V = np.maximum(K - ST, 0)
    for i in range(n - 1, -1, -1):
        ST = S * u ** np.arange(i, -1, -1) * d ** np.arange(0, i + 1)
        V = np.exp(-r * dt) * (q * V[:-1] + (1 - q) * V[1:])
        V = np.maximum(V, K - ST)
    return V[0]


def heston_char(p):
    kappa, theta, sig, rho, v0 = p
    T = 0.5
    S0 = 100.0
    r = 0.01
    u = np.linspace(0.1, 20, 25)

    def phi(u):
        a = kappa - rho * sig * 1j * u
        d = np.sqrt(a**2 + sig**2 * (1j * u + u**2))
        g = (a - d) / (a + d)
        C = 1j * u * r * T + kappa * theta / sig**2 * ((a - d) * T - 2 * np.log((1 - g * np.exp(-d * T)) / (1 - g)))
        D = (a - d) / sig**2 * (1 - np.exp(-d * T)) / (1 - g * np.exp(-d * T))
        return np.exp(C + D * v0 + 1j * u * np.log(S0))

    K = 105.0
    integrand = np.real(np.exp(-1j * u * np.log(K)) * phi(u - 1j) / (1j * u * phi(-1j)))
    P1 = 0.5 + np.trapezoid(integrand, u) / np.pi
    return P1


def bootstrap_curve(rates):
    mats = np.array([1, 2, 3, 4])
    df = []
    for i, (m, c) in enumerate(zip(mats, rates)):
        annuity = sum(df)
        df.append((1 - c * annuity) / (1 + c))
    df = np.array(df)
    zero = -np.log(df) / mats
    fwd = df[:-1] / df[1:] - 1
    t = np.array([0.5, 1.7, 3.2])
    logdf = np.interp(t, np.r_[0, mats], np.concatenate(([0.0], np.log(df))))
    return (zero, fwd, np.exp(logdf))


def seird_vaccination(p):
    beta, gam, mu = p
    S, E, I, R, D = (0.99, 0.0, 0.01, 0.0, 0.0)
    hist = []
    for day in range(40):
        b = beta * (0.5 if 10 <= day < 20 else 1.0) * 4
        inf = b * S * I / (S + E + I + R)
        S, E, I, R, D = (
            S - inf,
            E + inf - 0.2 * E,
            I + 0.2 * E - gam * I - mu * I * 0.1,
            R + gam * I,
            D + mu * I * 0.1,
        )
        hist.append((S, E, I, R, D))
    H = np.array(hist)
    return (H[:, 2].max(), H[-1], np.argmax(H[:, 2]) * 1.0)


def glm_irls(beta):
    X = np.c_[np.ones(8), np.linspace(-1, 1, 8), np.cos(np.arange(8))]
    y = np.array([1, 0, 2, 1, 3, 2, 4, 1.0])
    for _ in range(4):
        mu = np.exp(X @ beta)
        W = np.diag(mu)
        z = X @ beta + (y - mu) / mu
        beta = np.linalg.lstsq(np.sqrt(W) @ X, np.sqrt(mu) * z, rcond=None)[0]
    dev = 2 * np.sum(special.xlogy(y, y / mu) - (y - mu))
    return (dev, np.sqrt(np.diag(np.linalg.inv(X.T @ W @ X))))


def mixture_skewed(p):
    x = np.array([-1.2, 0.3, 0.5, 2.1, 1.7])
    w = 1 / (1 + np.exp(-p[0]))
    pdf = w * stats.norm.pdf(x, p[2], p[1]) + (1 - w) * stats.skewnorm.pdf(x, p[3], loc=1, scale=p[4])
    return -np.log(pdf).sum()


def dist_tour(p):
    a, b, s = p
    x = np.array([0.2, 0.5, 0.9])
    o = [
        stats.gamma.logpdf(x, a, scale=s),
        stats.weibull_min.logsf(x, b, scale=s),
        stats.lognorm.logcdf(x, s),
        stats.expon.ppf(x * 0.9, scale=a),
        stats.logistic.cdf(x, loc=a, scale=b),
        stats.gumbel_r.logpdf(x, a, b),
        stats.pareto.logpdf(x + 1, b),
        stats.cauchy.cdf(x, a, b),
        stats.laplace.logcdf(x, a, b),
        stats.rayleigh.isf(x * 0.9, scale=s),
        stats.invgamma.logpdf(x, a),
        stats.beta.logpdf(x, a, b),
        stats.chi2.logpdf(x, a),
        stats.t.logpdf(x, a, loc=b, scale=s),
        stats.halfnorm.logpdf(x, 0, s),
        stats.genextreme.logpdf(x, -0.1, a, b),
        stats.invgauss.logpdf(x, a, scale=s),
        stats.truncnorm.logpdf(x, -1, b),
        stats.vonmises.logpdf(x, a),
        stats.fisk.logpdf(x, a),
    ]
    return np.concatenate(o)


def dist_tour_cdf(p):
    a, b, s = p
    x = np.array([0.2, 0.5, 0.9])
    o = [
        stats.gamma.cdf(x, a, scale=s),
        stats.gamma.sf(x, 2.0, scale=s),
        stats.beta.cdf(x, a, b),
        stats.chi2.sf(x, a),
        stats.t.cdf(x, 5, loc=a, scale=s),
        stats.f.cdf(x, a, b),
        stats.norm.ppf(x, a, s),
        stats.norm.isf(x, a, s),
        stats.lognorm.ppf(x, s, scale=a),
        stats.weibull_min.ppf(x, a, scale=s),
        stats.gamma.ppf(x, a, scale=s),
        stats.beta.ppf(x, a, b),
        stats.t.ppf(x, a, loc=b),
        stats.expon.logsf(x, scale=s),
        stats.erlang.cdf(x, 2, scale=s),
        stats.gompertz.cdf(x, a),
        stats.genpareto.sf(x, 0.2, scale=s),
        stats.kumaraswamy.cdf(x, a, b) if hasattr(stats, "kumaraswamy") else x,
        stats.burr12.cdf(x, a, b),
        stats.exponweib.cdf(x, a, b),
    ]
    return np.concatenate(o)


def gp_composite_kernel(h):
    X = np.linspace(0, 3, 7)
    y = np.sin(X) + 0.1 * np.cos(5 * X)
    d = X[:, None] - X[None, :]
    rbf = h[0] ** 2 * np.exp(-0.5 * d**2 / h[1] ** 2)
    per = np.exp(-2 * np.sin(np.pi * np.abs(d) / h[3]) ** 2)
    rq = (1 + d**2 / (2 * 0.8 * h[1])) ** (-0.8)
    K = rbf * per + 0.3 * rq + h[2] ** 2 * np.eye(7)
    L = np.linalg.cholesky(K)
    al = linalg.cho_solve((L, True), y)
    nll = 0.5 * y @ al + np.log(np.diag(L)).sum() + 3.5 * np.log(2 * np.pi)
    Xs = np.array([0.4, 2.2])
    Ks = h[0] ** 2 * np.exp(-0.5 * (Xs[:, None] - X) ** 2 / h[1] ** 2)
    v = linalg.solve_triangular(L, Ks.T, lower=True)
    return (nll, Ks @ al, h[0] ** 2 - (v**2).sum(0))


def lda_scatter(X):
    g = [X[:2], X[2:]]
    m = X.mean(0)
    Sw = sum((c - c.mean(0)).T @ (c - c.mean(0)) for c in g) + 0.5 * np.eye(3)
    Sb = sum(len(c) * np.outer(c.mean(0) - m, c.mean(0) - m) for c in g)
    w = linalg.eigh(Sb, Sw, eigvals_only=True)
    v = np.linalg.solve(Sw, g[0].mean(0) - g[1].mean(0))
    return (w[-1], v / np.linalg.norm(v))


def conv_net_strides(x, w):
    n, c, h, ww = x.shape
    f, _, kh, kw = w.shape
    s = x.strides
    cols = np.lib.stride_tricks.as_strided(x, (n, c, h - kh + 1, ww - kw + 1, kh, kw), s + s[2:])
    y = np.einsum("nchwij,fcij->nfhw", cols, w)
    y = np.maximum(y, 0)
    y = y.reshape(n, f, 2, 2, 2, 2).max(axis=(3, 5))
    return y


def causal_attention_heads(x, W):
    T, D = x.shape
    H = 2
    q = (x @ W).reshape(T, H, -1).transpose(1, 0, 2)
    k = (x @ W.T).reshape(T, H, -1).transpose(1, 0, 2)
    v = x.reshape(T, H, D // H).swapaxes(0, 1)
    s = q @ k.transpose(0, 2, 1) / np.sqrt(D // H)
    mask = np.triu(np.ones((T, T), bool), 1)
    s = np.where(mask, -np.inf, s)
    s = s - s.max(-1, keepdims=True)
    e = np.exp(s)
    a = e / e.sum(-1, keepdims=True)
    return (a @ v).transpose(1, 0, 2).reshape(T, D)


def log_det_and_friends(A):
    S = A @ A.T + 3 * np.eye(3)
    _sign, ld = np.linalg.slogdet(S)
    _q, r = np.linalg.qr(A)
    _P, L, U = linalg.lu(S)
    w, V = np.linalg.eigh(S)
    sq = V @ np.diag(np.sqrt(w)) @ V.T
    return (
        ld,
        np.abs(np.diag(r)),
        L[2],
        U[0],
        sq,
        np.linalg.cond(S),
        np.linalg.matrix_power(A, 3)[0],
        linalg.expm(A * 0.1)[1],
        np.linalg.norm(A, "nuc"),
        np.linalg.norm(A, 2),
        np.linalg.norm(A, 1),
    )


def poly_tour(c):
    x = np.linspace(-1, 1, 4)
    P = np.polynomial.Polynomial(c)
    T = np.polynomial.chebyshev.chebval(x, c)
    L = np.polynomial.legendre.legval(x, c)
    H = np.polynomial.hermite.hermval(x, c)
    return (
        P(x),
        P.deriv()(x),
        P.integ()(x),
        T,
        L,
        H,
        np.polyval(c, x),
        np.polyder(c),
        np.polyint(c),
        np.polymul(c, [1, 2]),
        np.convolve(c, c),
        (P * P)(x),
        np.poly1d(c)(x),
    )


def quad_scipy_like(a):
    x, w = np.polynomial.legendre.leggauss(12)
    I = np.sum(w * np.exp(-a * x**2))
    xs = np.linspace(0, 1, 21)
    ys = np.exp(-a * xs) * np.sin(3 * xs)
    return (
        I,
        np.trapezoid(ys, xs),
        integrate.simpson(ys, x=xs),
        integrate.trapezoid(ys, dx=0.05),
        integrate.cumulative_trapezoid(ys, xs, initial=0)[-1],
        integrate.romb(ys[:17], dx=0.05),
    )


def complex_newton_fractal(p):
    z = complex(1.0, 0.5) * p[0] + 1j * p[1]
    for _ in range(6):
        z = z - (z**3 - 1) / (3 * z**2)
    w = np.exp(1j * np.pi * p[0]) * np.conj(z)
    return (abs(w - 1j * p[1]), z.real, z.imag, np.angle(w))


ROUGH = {crr_american: 1e-5}
CASES = {
    prim_mst: (rng.random((5, 5)) + 0.1,),
    pagerank_power: (rng.random((4, 4)),),
    crr_american: (np.array([100.0, 0.2, 0.03]),),
    heston_char: (np.array([1.5, 0.04, 0.3, -0.6, 0.05]),),
    bootstrap_curve: (np.array([0.01, 0.015, 0.02, 0.022]),),
    seird_vaccination: (np.array([0.3, 0.1, 0.05]),),
    glm_irls: (np.array([0.2, -0.1, 0.4]),),
    mixture_skewed: (np.array([0.5, 1.5, -0.3, 0.7, 0.6]),),
    dist_tour: (np.array([1.5, 2.0, 0.8]),),
    dist_tour_cdf: (np.array([1.5, 2.0, 0.8]),),
    gp_composite_kernel: (np.array([0.7, 0.3, 0.2, 1.0]),),
    lda_scatter: (rng.normal(size=(5, 3)),),
    conv_net_strides: (
        rng.normal(size=(1, 2, 6, 6)),
        rng.normal(size=(2, 2, 3, 3)),
    ),
    causal_attention_heads: (
        rng.normal(size=(4, 6)),
        rng.normal(size=(6, 6)) * 0.3,
    ),
    log_det_and_friends: (rng.normal(size=(3, 3)),),
    poly_tour: (np.array([1.2, 0.3, -0.5, 0.1]),),
    quad_scipy_like: (0.7,),
    complex_newton_fractal: (np.array([0.3, 0.8]),),
}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, *CASES[f], h=ROUGH.get(f, 1e-3), rtol=1e-6)
