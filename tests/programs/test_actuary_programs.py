"""Programs of an actuary and of an optimiser: lives, reserves, curves, iterations."""

import copy
import operator
from collections import ChainMap, Counter
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache, cached_property, partial, singledispatch

import numpy as np
import pytest
from check import check
from scipy import linalg, optimize, special, stats
from scipy.special import expit
from ways import compiled_at_two_points

rng = np.random.default_rng(8)
X = rng.normal(size=(15, 3))
y = rng.normal(size=15)
yb = (rng.random(15) < 0.5).astype(float)
ret = rng.normal(0, 0.02, size=(20, 3))
K = rng.integers(0, 3, 15)
b3 = np.array([0.3, -0.2, 0.5])


class R2:
    def normal(self, size):
        return np.sin(np.arange(np.prod(size)) * 1.7).reshape(size)


rng2 = R2()


class Sex(Enum):
    M = "m"
    F = "f"


@dataclass(frozen=True)
class Gompertz:
    a: float
    b: float
    sex: Sex = Sex.M

    def hazard(self, x):
        return self.a * np.exp(self.b * x) * (1.0 if self.sex is Sex.M else 0.6)

    def tpx(self, t, x):
        return np.exp(
            -self.a / self.b * np.exp(self.b * x) * np.expm1(self.b * t) * (1.0 if self.sex is Sex.M else 0.6)
        )


def life_annuity(p):
    m = Gompertz(np.exp(p[0]) * 0.0001, p[1])
    f = replace(m, sex=Sex.F)
    v = 1 / (1 + p[2])
    t = np.arange(0, 50)
    ax = {s.sex.name: np.sum(v**t * s.tpx(t, 60)) for s in (m, f)}
    joint = (v**t * m.tpx(t, 60) * f.tpx(t, 58)).sum()
    Ax = 1 - (1 - v) * ax["M"]
    prem = Ax / ax["M"]
    V = [np.sum(v ** (t[k:] - k) * m.tpx(t[k:] - k, 60 + k)) for k in (5, 10)]
    return (ax, joint, prem, [1 - (1 - v) * a - prem * a for a in V])


def chain_ladder(p):
    C = np.array(
        [[100, 150, 170, 175.0], [110, 165, 190, np.nan], [120, 190, np.nan, np.nan], [130, np.nan, np.nan, np.nan]]
    )
    C = C * (1 + p[:, None])
    n = 4
    f = np.ones(n)
    for j in range(n - 1):
        f[j] = C[: n - 1 - j, j + 1].sum() / C[: n - 1 - j, j].sum()
    full = C.copy()
    for i in range(1, n):
        for j in range(n - i, n):
            full[i, j] = full[i, j - 1] * f[j - 1]
    ult = full[:, -1]
    latest = np.array([C[i, n - 1 - i] for i in range(n)])
    sig = np.zeros(n - 1)
    for j in range(n - 2):
        sig[j] = np.sum(C[: n - 1 - j, j] * (C[: n - 1 - j, j + 1] / C[: n - 1 - j, j] - f[j]) ** 2) / (n - j - 2)
    return ((ult - latest).sum(), f, sig)


def panjer(p):
    lam, q = (np.exp(p[0]), expit(p[1]))
    fx = q * (1 - q) ** np.arange(12)
    g = np.zeros(12)
    g[0] = np.exp(-lam * (1 - fx[0]))
    for k in range(1, 12):
        g[k] = lam / k * sum(j * fx[j] * g[k - j] for j in range(1, k + 1))
    ph = np.fft.fft(fx, 64)
    h = np.real(np.fft.ifft(np.exp(lam * (ph - 1))))[:12]
    return (g, h, np.cumsum(g)[-1])


def credibility(p):
    data = np.exp(p[0]) + rng2.normal(size=(4, 6)) * p[1] + np.arange(4)[:, None] * p[2]
    m = data.mean(1)
    s2 = data.var(axis=1, ddof=1).mean()
    a = m.var(ddof=1) - s2 / 6
    Z = 6 / (6 + s2 / max(a, 1e-08))
    return Z * m + (1 - Z) * m.mean()


def bond_curve(z):
    t = np.array([0.5, 1, 2, 5.0])
    df = np.exp(-z * t)
    disc = lambda s: np.exp(-np.interp(s, t, z) * s)
    cf = [(k * 0.5, 2.5 + (100 if k == 6 else 0)) for k in range(1, 7)]
    price = sum((c * disc(s) for s, c in cf))
    ytm = optimize.newton(lambda r: sum((c * np.exp(-r * s) for s, c in cf)) - price, 0.03)
    dur = sum((s * c * disc(s) for s, c in cf)) / price
    fwd = -np.diff(np.log(df)) / np.diff(t)
    return (price, ytm, dur, fwd)


def nelson_siegel(p):
    t = np.array([0.25, 1, 2, 5, 10, 30.0])
    L = np.c_[
        np.ones(6), (1 - np.exp(-t / p[3])) / (t / p[3]), (1 - np.exp(-t / p[3])) / (t / p[3]) - np.exp(-t / p[3])
    ]
    return (L @ p[:3], np.linalg.lstsq(L, np.linspace(0.02, 0.05, 6), rcond=None)[0])


def bs_greeks(p):
    S, sig, r = p
    Ks = np.array([90.0, 100, 110])
    T = 0.5
    d1 = (np.log(S / Ks) + (r + 0.5 * sig**2) * T) / (sig * np.sqrt(T))
    d2 = d1 - sig * np.sqrt(T)
    call = S * stats.norm.cdf(d1) - Ks * np.exp(-r * T) * stats.norm.cdf(d2)
    iv = np.array(
        [
            optimize.brentq(
                lambda s, k=k, c=c: (
                    S * stats.norm.cdf((np.log(S / k) + (r + 0.5 * s * s) * T) / (s * T**0.5))
                    - k * np.exp(-r * T) * stats.norm.cdf((np.log(S / k) + (r - 0.5 * s * s) * T) / (s * T**0.5))
                    - c
                ),
                0.01,
                2,
            )
            for k, c in zip(Ks, call)
        ]
    )
    return (call, iv)


def lagrangian(x0):
    x, lam = (x0.copy(), 0.0)
    rho = 1.0
    for k in range(3):
        for _ in range(5):
            g = 2 * (x - np.array([1, 2, 3.0])) + (lam + rho * (x.sum() - 1)) * np.ones(3)
            x -= 0.1 * g
        lam += rho * (x.sum() - 1)
        rho *= 1.5
    return (x, lam)


def admm_lasso(yv):
    A = X[:3] + np.eye(3)
    z = u = np.zeros(3)
    L = np.linalg.cholesky(A.T @ A + np.eye(3))
    for _ in range(6):
        x = linalg.cho_solve((L, True), A.T @ yv + z - u)
        z = np.sign(x + u) * np.maximum(np.abs(x + u) - 0.05, 0)
        u = u + x - z
    return (z, 0.5 * np.sum((A @ z - yv) ** 2) + 0.05 * np.abs(z).sum())


def trust_region(x0):
    f = lambda x: (1 - x[0]) ** 2 + 10 * (x[1] - x[0] ** 2) ** 2 + x[2] ** 4
    x, D = (x0.copy(), 1.0)
    for _ in range(4):
        g = np.array([-2 * (1 - x[0]) - 40 * x[0] * (x[1] - x[0] ** 2), 20 * (x[1] - x[0] ** 2), 4 * x[2] ** 3])
        H = np.diag([2 - 40 * (x[1] - 3 * x[0] ** 2), 20, 12 * x[2] ** 2 + 1])
        H[0, 1] = H[1, 0] = -40 * x[0]
        p = -np.linalg.solve(H, g)
        if (n := np.linalg.norm(p)) > D:
            p *= D / n
        rho = (f(x) - f(x + p)) / -(g @ p + 0.5 * p @ H @ p)
        D = D * 0.5 if rho < 0.25 else min(2 * D, 4.0)
        if rho > 0:
            x = x + p
    return x


def frank_wolfe(q):
    x = np.ones(3) / 3
    Q = np.cov(X.T)
    for k in range(8):
        g = Q @ x - q
        s = np.zeros(3)
        s[np.argmin(g)] = 1.0
        d = s - x
        ga = min(1.0, max(0.0, -(g @ d) / (d @ Q @ d)))
        x = x + ga * d
    return x


def simplex_proj(v):
    u = np.sort(v)[::-1]
    css = np.cumsum(u) - 1
    r = np.nonzero(u - css / np.arange(1, 4) > 0)[0][-1]
    th = css[r] / (r + 1)
    return (np.maximum(v - th, 0), special.softmax(v), v / np.abs(v).sum())


def lru_poly(x):

    @cache
    def leg(n, i):
        return 1.0 if n == 0 else x[i] if n == 1 else ((2 * n - 1) * x[i] * leg(n - 1, i) - (n - 1) * leg(n - 2, i)) / n

    @singledispatch
    def show(v):
        return v

    @show.register(int)
    def _(v):
        return v * 2.0

    class C:
        @cached_property
        def z(self):
            return x.sum() ** 2

        @property
        def w(self):
            return self.z + 1

        def __getattr__(self, n):
            return 3.0

    c = C()
    return (
        [leg(5, i) for i in range(3)],
        show(x),
        show(2) * x,
        c.z * c.w * c.other,
        partial(np.power, x)(2.0),
        operator.itemgetter(0, 2)(x),
        Counter(np.sign(x))[1.0] * x,
        copy.copy(x) + copy.deepcopy({"a": x})["a"],
        ChainMap({"a": x}, {})["a"],
    )


CASES = {
    life_annuity: np.array([0.5, 0.09, 0.03]),
    chain_ladder: np.array([0.05, 0.02, 0.04, 0.01]),
    panjer: np.array([0.4, 0.8]),
    credibility: np.array([0.4, 0.8, 0.3]),
    bond_curve: np.array([0.03, 0.035, 0.04, 0.042]),
    nelson_siegel: np.array([0.04, -0.02, 0.01, 1.5]),
    bs_greeks: np.array([100.0, 0.2, 0.03]),
    lagrangian: np.array([0.2, 0.5, 0.3]),
    admm_lasso: np.array([0.2, 0.5, 0.3]),
    trust_region: np.array([0.2, 0.5, 0.3]),
    frank_wolfe: np.array([0.2, 0.5, 0.3]),
    simplex_proj: np.array([0.2, 0.5, 0.3]),
    lru_poly: np.array([0.2, 0.5, 0.3]),
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=1e-6)


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_compiled_at_two_points(f):
    compiled_at_two_points(f, CASES[f])
