"""Ordinary programs of finance, of series, and of complex analysis."""

import numpy as np
import pytest
import scipy.special
from check import check
from scipy.special import ndtr
from scipy.stats import norm


def continued_fraction(x):
    tiny = 1e-30
    f = C = tiny
    D = 0.0
    for n in range(1, 100):
        a, b = (x if n == 1 else (n - 1) ** 2 * x**2), 2 * n - 1
        D = 1 / (b + a * D)
        C = b + a / C
        f *= C * D
        if abs(C * D - 1) < 1e-15:
            break
    return f


def bessel_series(x):
    term, total, k = 1.0, 0.0, 0
    while abs(term) > 1e-17:
        total += term
        k += 1
        term *= -(x**2) / 4 / k**2
    return total


def mandelbrot_smooth(p):
    c = p[0] + 1j * p[1]
    z, n = 0j, 0
    while np.abs(z) < 10 and n < 50:
        z = z * z + c
        n += 1
    return n + 1 - np.log(np.log(np.abs(z))) / np.log(2)


def impedance(p):
    R, L, C = p
    w = np.logspace(-1, 1, 5)
    Z = R + 1j * w * L + 1 / (1j * w * C)
    return 20 * np.log10(np.abs(R / Z)), np.angle(Z, deg=True)


def contour_integral(a):
    t = 2 * np.pi * np.arange(16) / 16
    z = a + 0.5 * np.exp(1j * t)
    f = np.exp(z) / (z - a) ** 2
    return (f * 0.5j * np.exp(1j * t)).sum() * (t[1] - t[0]) / (2j * np.pi)


def black_scholes(p):
    S, K, T, r, sigma = p
    d1 = (np.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * np.sqrt(T))
    d2 = d1 - sigma * np.sqrt(T)
    call = S * norm.cdf(d1) - K * np.exp(-r * T) * ndtr(d2)
    return call, call - S + K * np.exp(-r * T), norm.pdf(d1), scipy.special.erf(d2)


def american_put_tree(p):
    S, sigma, r = p
    n, dt = 12, 1 / 12
    u = np.exp(sigma * np.sqrt(dt))
    q = (np.exp(r * dt) - 1 / u) / (u - 1 / u)
    prices = S * u ** np.arange(n, -n - 1, -2)
    values = np.maximum(100.0 - prices, 0)
    for i in range(n - 1, -1, -1):
        values[:-1] = np.exp(-r * dt) * (q * values[:-1] + (1 - q) * values[1:])
        values = values[:-1]
        prices = prices[:-1] / u
        np.maximum(values, 100.0 - prices, out=values)
    return values[0]


def monte_carlo_asian(p):
    S0, sigma = p
    z = np.random.default_rng(42).standard_normal((20, 6))
    paths = S0 * np.exp(np.cumsum(-0.5 * sigma**2 / 6 + sigma / np.sqrt(6) * z, axis=1))
    payoff = np.where(paths.mean(axis=1) > 100, paths.mean(axis=1) - 100, 0)
    return payoff.mean(), np.percentile(paths[:, -1], [5, 95])


def bond_yield(price):
    cash = np.full(8, 2.5)
    cash[-1] += 100
    t = np.arange(1, 9) / 2
    y = 0.03
    for _ in range(20):
        pv = cash * np.exp(-y * t)
        y = y - (pv.sum() - price) / -(t * pv).sum()
    return y


def sabr(p):
    alpha, rho, nu = p
    F, K, T, beta = 0.03, np.array([0.02, 0.025, 0.035]), 2.0, 0.5
    m, lk = (F * K) ** ((1 - beta) / 2), np.log(F / K)
    z = nu / alpha * m * lk
    x = np.log((np.sqrt(1 - 2 * rho * z + z**2) + z - rho) / (1 - rho))
    a = alpha / (m * (1 + ((1 - beta) * lk) ** 2 / 24))
    return a * z / x * (1 + T * (rho * beta * nu * alpha / (4 * m) + (2 - 3 * rho**2) * nu**2 / 24))


CASES = {
    continued_fraction: 0.6, bessel_series: 1.7, mandelbrot_smooth: np.array([0.4, 0.5]),
    impedance: np.array([1.0, 0.5, 0.8]), contour_integral: 0.3, black_scholes: np.array([100.0, 95, 1, 0.02, 0.3]),
    american_put_tree: np.array([95.0, 0.3, 0.02]), monte_carlo_asian: np.array([100.0, 0.2]), bond_yield: 101.0,
    sabr: np.array([0.04, -0.3, 0.5]),
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
