"""Ordinary numerical programs, written with no knowledge of wengert: integrators, filters, solvers, recursions."""

import numpy as np
import pytest
from check import check

rng = np.random.default_rng(7)
A0 = rng.normal(size=(4, 4))
DATA = rng.normal(size=(12, 3))


def rk4_pendulum(theta):
    state = np.array([theta[0], theta[1]])
    h = 0.05

    def rhs(s):
        return np.array([s[1], -np.sin(s[0]) * theta[2]])

    for _ in range(20):
        k1 = rhs(state)
        k2 = rhs(state + h / 2 * k1)
        k3 = rhs(state + h / 2 * k2)
        k4 = rhs(state + h * k3)
        state = state + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return state[0]


def double_pendulum(y):
    g, l1, l2, m1, m2 = 9.81, 1.0, 0.7, 1.0, 0.5
    y = y.copy()
    for _ in range(10):
        t1, t2, w1, w2 = y
        d = t1 - t2
        den = 2 * m1 + m2 - m2 * np.cos(2 * d)
        a1 = (
            -g * (2 * m1 + m2) * np.sin(t1)
            - m2 * g * np.sin(t1 - 2 * t2)
            - 2 * np.sin(d) * m2 * (w2**2 * l2 + w1**2 * l1 * np.cos(d))
        ) / (l1 * den)
        a2 = (
            2
            * np.sin(d)
            * (w1**2 * l1 * (m1 + m2) + g * (m1 + m2) * np.cos(t1) + w2**2 * l2 * m2 * np.cos(d))
            / (l2 * den)
        )
        y += 0.01 * np.array([w1, w2, a1, a2])
    return y


def heat_equation(u0):
    u = np.zeros((11, u0.size))
    u[0] = u0
    for n in range(10):
        u[n + 1, 1:-1] = u[n, 1:-1] + 0.2 * (u[n, 2:] - 2 * u[n, 1:-1] + u[n, :-2])
        u[n + 1, 0] = u[n + 1, 1]
        u[n + 1, -1] = u[n + 1, -2]
    return np.sum(u[-1] ** 2)


def thomas(d):
    n = d.size
    a, b, c = -np.ones(n), 2.5 * np.ones(n), -np.ones(n)
    d = d.copy()
    b[0] += d[0] ** 2
    for i in range(1, n):
        w = a[i] / b[i - 1]
        b[i] -= w * c[i - 1]
        d[i] -= w * d[i - 1]
    x = np.empty(n)
    x[-1] = d[-1] / b[-1]
    for i in range(n - 2, -1, -1):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return x


def gaussian_elimination(M):
    A = M.copy()
    n = len(A)
    b = np.arange(1.0, n + 1)
    for k in range(n):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            b[[k, p]] = b[[p, k]]
        for i in range(k + 1, n):
            f = A[i, k] / A[k, k]
            A[i, k:] -= f * A[k, k:]
            b[i] = b[i] - f * b[k]
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - A[i, i + 1 :] @ x[i + 1 :]) / A[i, i]
    return x


def gram_schmidt(M):
    Q = np.zeros_like(M)
    for j in range(M.shape[1]):
        v = M[:, j].copy()
        for i in range(j):
            v -= np.dot(Q[:, i], M[:, j]) * Q[:, i]
        Q[:, j] = v / np.linalg.norm(v)
    return Q


def dynamic_time_warping(x):
    y = np.sin(np.linspace(0, 3, 5))
    n, m = len(x), len(y)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            D[i, j] = (x[i - 1] - y[j - 1]) ** 2 + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def kalman(theta):
    q, r = np.exp(theta[0]), np.exp(theta[1])
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    x, P, ll = np.zeros(2), np.eye(2), 0.0
    for z in DATA[:, 0]:
        x = F @ x
        P = F @ P @ F.T + q * np.eye(2)
        S = (H @ P @ H.T)[0, 0] + r
        K = P @ H.T / S
        innovation = z - (H @ x)[0]
        x = x + K[:, 0] * innovation
        P = (np.eye(2) - K @ H) @ P
        ll += -0.5 * (np.log(2 * np.pi * S) + innovation**2 / S)
    return ll


def hmm_forward(logits):
    T = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    alpha = np.ones(3) / 3
    total = 0.0
    for row in np.abs(DATA[:6]):
        alpha = (alpha @ T) * np.exp(-row)
        s = alpha.sum()
        alpha /= s
        total += np.log(s)
    return total


def newton_sqrt(a):
    x = a
    for _ in range(8):
        x = 0.5 * (x + a / x)
    return x


def bisection_then_newton(c):
    lo, hi = 0.0, 4.0
    f = lambda x: x**3 - c
    while hi - lo > 0.1:
        mid = (lo + hi) / 2
        if f(mid) > 0:
            hi = mid
        else:
            lo = mid
    x = (lo + hi) / 2 + 0 * c
    for _ in range(6):
        x = x - f(x) / (3 * x**2)
    return x


def collatz_like(x):
    steps = 0
    while x < 50.0:
        x = x * 1.7 + 0.3 if steps % 2 == 0 else x * x * 0.5 + 1.0
        steps += 1
    return x


def softmax_regression(W):
    logits = DATA @ W.reshape(3, 2)
    logits = logits - logits.max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -logp[np.arange(12), np.arange(12) % 2].mean()


def conv2d(image):
    kernel = np.array([[0.0, 1.0, 0.5], [-1.0, 2.0, 0.1], [0.3, 0.0, -0.7]])
    out = np.zeros((image.shape[0] - 2, image.shape[1] - 2))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = np.sum(image[i : i + 3, j : j + 3] * kernel)
    return np.maximum(out, 0).sum()


def nbody(pos):
    pos = pos.reshape(4, 3).copy()
    vel = np.zeros_like(pos)
    for _ in range(3):
        acc = np.zeros_like(pos)
        for i in range(4):
            for j in range(4):
                if i != j:
                    r = pos[j] - pos[i]
                    acc[i] += r / (np.dot(r, r) + 0.1) ** 1.5
        vel += 0.1 * acc
        pos += 0.1 * vel
    return 0.5 * np.sum(vel**2)


def cumulative_and_views(x):
    M = np.outer(x, x)
    d = M.diagonal().copy()
    M.T[0] *= 2
    top = M[:2]
    top += d[:2, None]
    flat = M.ravel()
    flat[::2] = 0
    return M


def fibonacci(x):
    def fib(n):
        return x if n < 2 else fib(n - 1) + np.sin(fib(n - 2))

    return fib(6)


def horner(c):
    t = np.linspace(-1, 1, 7)
    total = np.zeros_like(t)
    for a in c[::-1]:
        total = total * t + a
    return total


def gauss_legendre(a):
    nodes, weights = np.polynomial.legendre.leggauss(8)
    return np.sum(weights * np.exp(-a * nodes**2))


def lorenz_euler(p):
    x, y, z = 1.0, 1.0, 1.0
    s, r, b = p
    for _ in range(15):
        x, y, z = x + 0.01 * s * (y - x), y + 0.01 * (x * (r - z) - y), z + 0.01 * (x * y - b * z)
    return x * y * z


def quicksort_median(x):
    def sort(v):
        if len(v) <= 1:
            return v
        pivot = v[0]
        return sort([a for a in v[1:] if a < pivot]) + [pivot] + sort([a for a in v[1:] if a >= pivot])

    v = sort(list(x))
    return v[len(v) // 2] ** 2 + v[0] * v[-1]


def lu_determinant(M):
    U = M.astype(float)
    det = 1.0
    for k in range(len(U)):
        det *= U[k, k]
        U[k + 1 :] -= np.outer(U[k + 1 :, k] / U[k, k], U[k])
    return det


def moving_average(x):
    w = np.ones(3) / 3
    return np.convolve(x, w, mode="valid") ** 2


def adam(x):
    m = np.zeros_like(x)
    v = np.zeros_like(x)
    for t in range(1, 6):
        g = 2 * (x - 1) + 0.1 * np.cos(x)
        m = 0.9 * m + 0.1 * g
        v = 0.99 * v + 0.01 * g**2
        x = x - 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.99**t)) + 1e-8)
    return np.sum(x**2)


X3 = np.array([0.5, 0.3, 1.2])
X6 = np.array([0.4, -0.2, 0.9, 1.3, -0.7, 0.6])
M4 = A0 + 3 * np.eye(4)
CASES = {
    rk4_pendulum: X3, double_pendulum: np.array([1.0, 0.5, 0.2, -0.1]), heat_equation: X6, thomas: X6,
    gaussian_elimination: M4, gram_schmidt: M4, dynamic_time_warping: X6, kalman: np.array([-1.0, 0.2]),
    hmm_forward: A0[:3, :3], newton_sqrt: 2.0, bisection_then_newton: 5.0, collatz_like: 1.3,
    softmax_regression: X6, conv2d: rng.normal(size=(5, 5)), nbody: rng.normal(size=12),
    cumulative_and_views: X3, fibonacci: 0.4, horner: X3, gauss_legendre: 0.7, lorenz_euler: np.array([10.0, 28.0, 2.6]),
    quicksort_median: X6, lu_determinant: M4, moving_average: X6, adam: X3 + 2,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=1e-6)
