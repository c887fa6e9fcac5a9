"""Programs of students of numerical methods: differential equations and interpolation."""

import math

import numpy as np
import numpy.linalg as la
import pytest
from ways import every_way

P3 = np.array([0.7, -0.4, 1.2])
Q3 = np.array([1.3, 0.6, -0.2])
P5 = np.array([0.7, -0.4, 1.2, 0.3, 2.1])
Q5 = np.array([1.1, 0.9, -0.5, 1.7, 0.2])
A2 = np.array([0.8, 0.5])
B2 = np.array([1.4, 0.3])


def rkf_with_dense_history(p):
    def f(t, y):
        return np.array([y[1], -p[0] * y[0] - p[1] * abs(y[1]) * y[1]])

    a = [[], [1 / 5], [3 / 40, 9 / 40], [44 / 45, -56 / 15, 32 / 9]]
    c = [0, 1 / 5, 3 / 10, 4 / 5]
    t, y, h = 0.0, np.array([1.0, 0.0]), 0.1
    ts, ys = [t], [y]
    while t < 1 - 1e-12:
        h = min(h, 1 - t)
        ks = []
        for ci, row in zip(c, a):
            ks.append(f(t + ci * h, y + h * sum((aij * k for aij, k in zip(row, ks)), np.zeros(2))))
        y4 = y + h * (ks[0] / 6 + 2 / 3 * ks[2] + ks[3] / 6)
        err = la.norm(h * (ks[0] - 2 * ks[2] + ks[3]) / 10)
        if err < 1e-2:
            t += h
            y = y4
            ts.append(t)
            ys.append(y)
        h *= min(2.0, max(0.3, 0.9 * (1e-2 / max(float(err), 1e-10)) ** 0.5)) if err > 0 else 2
    return np.interp(0.55, ts, np.array(ys)[:, 0]), len(ts) * y[0]


def adams_bashforth_moulton(p):
    f = lambda t, y: -p[0] * y + math.sin(p[1] * t)
    h, n = 0.05, 20
    t = np.linspace(0, n * h, n + 1)
    y = np.zeros(n + 1)
    y[0] = 1
    for i in range(3):
        k1 = f(t[i], y[i])
        k2 = f(t[i] + h / 2, y[i] + h * k1 / 2)
        k3 = f(t[i] + h / 2, y[i] + h * k2 / 2)
        k4 = f(t[i] + h, y[i] + h * k3)
        y[i + 1] = y[i] + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    for i in range(3, n):
        fs = [f(t[i - k], y[i - k]) for k in range(4)]
        pred = y[i] + h / 24 * (55 * fs[0] - 59 * fs[1] + 37 * fs[2] - 9 * fs[3])
        y[i + 1] = y[i] + h / 24 * (9 * f(t[i + 1], pred) + 19 * fs[0] - 5 * fs[1] + fs[2])
    return y[::5]


def shooting_method(p):
    """y'' = −p₀ y + x, y(0) = 0, y(1) = p₁ by secant on the slope."""

    def fire(s):
        y, v, h = 0.0, s, 0.1
        for k in range(10):
            x = k * h
            y, v = y + h * v + h * h / 2 * (-p[0] * y + x), v + h * (-p[0] * y + x)
        return y - p[1]

    s0, s1 = 0.0, 1.0
    f0, f1 = fire(s0), fire(s1)
    while abs(f1) > 1e-12:
        s0, s1, f0 = s1, s1 - f1 * (s1 - s0) / (f1 - f0), f1
        f1 = fire(s1)
    return s1


def collocation_chebyshev(p):
    N = 8
    x = np.cos(np.pi * np.arange(N + 1) / N)
    c = np.hstack([2, np.ones(N - 1), 2]) * (-1) ** np.arange(N + 1)
    X = np.tile(x, (N + 1, 1)).T
    dX = X - X.T
    D = np.outer(c, 1 / c) / (dX + np.eye(N + 1))
    D -= np.diag(D.sum(axis=1))
    L = D @ D - p[0] * np.diag(np.cosh(x * p[1]))
    u = np.zeros(N + 1)
    u[1:-1] = la.solve(L[1:-1, 1:-1], np.exp(4 * x[1:-1]) * 0.1)
    return u[N // 2], D @ u


def multigrid_recursive_2(p):
    def smooth(u, f, h, n):
        for _ in range(n):
            u[1:-1] = u[1:-1] + 0.6 * (0.5 * (u[2:] + u[:-2] + h * h * f[1:-1]) - u[1:-1])

    def vcycle(u, f, h):
        smooth(u, f, h, 2)
        if len(u) <= 3:
            return u
        r = np.zeros(len(u))
        r[1:-1] = f[1:-1] + (u[2:] - 2 * u[1:-1] + u[:-2]) / h**2
        rc = np.r_[0, 0.25 * (r[1:-3:2] + 2 * r[2:-2:2] + r[3:-1:2]), 0]
        ec = vcycle(np.zeros_like(rc), rc, 2 * h)
        e = np.zeros(len(u))
        e[::2] = ec
        e[1::2] = 0.5 * (ec[1:] + ec[:-1])
        u += e
        smooth(u, f, h, 2)
        return u

    n = 16
    x = np.linspace(0, 1, n + 1)
    f = p[0] * np.sin(np.pi * x) + p[1] * x**2
    u = np.zeros(n + 1)
    for _ in range(3):
        u = vcycle(u, f, 1 / n)
    return u[::4]


def divided_differences_hermite(p):
    xs = np.repeat([0.0, 1.0, 2.0], 2)
    n = len(xs)
    Q = np.zeros((n, n))
    vals, ders = p[:3], p[3:]
    for i in range(n):
        Q[i, 0] = vals[i // 2]
        if i % 2 == 1:
            Q[i, 1] = ders[i // 2]
        elif i:
            Q[i, 1] = (Q[i, 0] - Q[i - 1, 0]) / (xs[i] - xs[i - 1])
    for j in range(2, n):
        for i in range(j, n):
            Q[i, j] = (Q[i, j - 1] - Q[i - 1, j - 1]) / (xs[i] - xs[i - j])
    x, out, w = 1.3, Q[0, 0], 1.0
    for k in range(1, n):
        w *= x - xs[k - 1]
        out += Q[k, k] * w
    return out


def cubic_spline_clamped(y):
    n = len(y)
    h = 1.0
    a = np.ones(n)
    b = np.full(n, 4.0)
    c = np.ones(n)
    d = np.zeros(n)
    b[0] = b[-1] = 2
    d[0], d[-1] = 6 * (y[1] - y[0]), 6 * (y[-2] - y[-1])
    for i in range(1, n - 1):
        d[i] = 6 * (y[i + 1] - 2 * y[i] + y[i - 1])
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    M = d.copy()
    M[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        M[i] = (d[i] - c[i] * M[i + 1]) / b[i]
    x = 1.7
    i = min(int(x // h), n - 2)
    t = x - i
    return (M[i] * (1 - t) ** 3 + M[i + 1] * t**3) / 6 + (y[i] - M[i] / 6) * (1 - t) + (y[i + 1] - M[i + 1] / 6) * t, M


# fmt: off
CASES = {
    rkf_with_dense_history: [np.array([4.0, 0.3]), np.array([9.0, 0.1])],
    adams_bashforth_moulton: [A2, B2],
    shooting_method: [A2, B2],
    collocation_chebyshev: [A2, B2],
    multigrid_recursive_2: [A2, B2],
    divided_differences_hermite: [np.r_[P3, Q3], np.r_[Q3, P3]],
    cubic_spline_clamped: [P5, Q5],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
