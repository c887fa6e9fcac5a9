"""Programs of students of numerical methods."""

import itertools
import math

import numpy as np
import numpy.linalg as la
import pytest
from ways import every_way

P3 = np.array([0.7, -0.4, 1.2])
Q3 = np.array([1.3, 0.6, -0.2])
A2 = np.array([0.8, 0.5])
B2 = np.array([1.4, 0.3])


def muller_root(p):
    f = lambda x: x**3 - p[0] * x - p[1]
    x0, x1, x2 = 0.5, 1.5, 2.5
    for _ in range(30):
        h1, h2 = x1 - x0, x2 - x1
        d1, d2 = (f(x1) - f(x0)) / h1, (f(x2) - f(x1)) / h2
        a = (d2 - d1) / (h2 + h1)
        b = a * h2 + d2
        disc = np.sqrt(b * b - 4 * f(x2) * a)
        den = b + disc if abs(b + disc) > abs(b - disc) else b - disc
        dx = -2 * f(x2) / den
        x0, x1, x2 = x1, x2, x2 + dx
        if abs(dx) < 1e-10:
            break
    return x2


def regula_falsi_illinois(p):
    f = lambda x: math.cos(x) - p * x
    a, b = 0.0, 2.0
    fa, fb = f(a), f(b)
    side = 0
    for i in range(100):
        c = (fa * b - fb * a) / (fa - fb)
        if abs(b - a) < 1e-13 * abs(b + a):
            break
        fc = f(c)
        if fc * fb > 0:
            b, fb = c, fc
            if side == -1:
                fa /= 2
            side = -1
        elif fa * fc > 0:
            a, fa = c, fc
            if side == 1:
                fb /= 2
            side = 1
        else:
            break
    return c


def secant_broyden(p):
    def F(v):
        return np.array([v[0] + 0.5 * math.sin(v[1]) - p[0], v[1] - 0.3 * v[0] ** 2 - p[1]])

    x = np.zeros(2)
    B = np.eye(2)
    f = F(x)
    for _ in range(40):
        s = la.solve(B, -f)
        x = x + s
        fn = F(x)
        y = fn - f
        B += np.outer(y - B @ s, s) / (s @ s)
        f = fn
        if la.norm(f) < 1e-12:
            break
    return x


def jacobi_matrix_splitting(p):
    A = np.diag(3.0 + np.asarray(p)) + np.diag([1.0, 0.5], 1) + np.diag([-0.5, 1], -1)
    b = np.arange(1, 4)
    D = np.diagonal(A)
    R = A - np.diagflat(D)
    x = np.ones(3)
    k = 0
    while la.norm(A @ x - b) > 1e-12 and k < 500:
        x = (b - R.dot(x)) / D
        k += 1
    return x


def preconditioned_cg(p):
    n = 8
    A = np.zeros((n, n))
    A.flat[:: n + 1] = 2.5
    A.flat[1 :: n + 1] = -1
    A.flat[n :: n + 1] = -1
    A[np.diag_indices(n)] += np.r_[p, p]
    b = np.ones(n)
    M = 1 / A.diagonal()
    x = np.zeros(n)
    r = b - A @ x
    z = M * r
    d = z.copy()
    rz = r @ z
    for _ in range(n * 2):
        q = A @ d
        alpha = rz / (d @ q)
        x += alpha * d
        r -= alpha * q
        if la.norm(r) < 1e-13:
            break
        z = M * r
        rz, old = r @ z, rz
        d = z + rz / old * d
    return x


def lanczos_lowest(p):
    rng = np.random.default_rng(1)
    S = rng.normal(size=(6, 6))
    A = S + S.T + np.diag(p)
    m = 5
    q = np.ones(6) / np.sqrt(6)
    Q, alphas, betas = [q], [], []
    for j in range(m):
        w = A @ Q[j]
        alphas.append(w @ Q[j])
        w = w - alphas[-1] * Q[j] - (betas[-1] * Q[j - 1] if j else 0)
        for v in Q:
            w -= (w @ v) * v
        betas.append(la.norm(w))
        Q.append(w / betas[-1])
    T = np.diag(alphas) + np.diag(betas[:-1], 1) + np.diag(betas[:-1], -1)
    return la.eigvalsh(T)[[0, -1]]


def qr_algorithm_shifts(p):
    A = np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 2]]) + np.diag(p)
    for _ in range(40):
        mu = A[-1, -1]
        Q, R = la.qr(A - mu * np.eye(3))
        A = R @ Q + mu * np.eye(3)
        if abs(A[-1, -2]) < 1e-14:
            break
    return np.sort(np.diag(A)), np.trace(A)


def richardson_table(f_par):
    f = lambda x: math.exp(math.sin(f_par * x))
    n = 5
    D = np.zeros((n, n))
    h = 0.4
    for i in range(n):
        D[i, 0] = (f(1 + h) - f(1 - h)) / (2 * h)
        for j in range(1, i + 1):
            D[i, j] = D[i, j - 1] + (D[i, j - 1] - D[i - 1, j - 1]) / (4**j - 1)
        h /= 2
    return D[n - 1, n - 1]


def gauss_quadrature_from_scratch(n_par):
    """Golub-Welsch."""
    n = 5
    beta = 0.5 / np.sqrt(1 - (2.0 * np.arange(1, n)) ** -2)
    T = np.diag(beta, 1) + np.diag(beta, -1)
    D, V = la.eigh(T)
    w = 2 * V[0] ** 2
    return np.dot(w, np.exp(-n_par * D**2)), sum(wi * math.cos(n_par * xi) for xi, wi in zip(D, w))


def monte_carlo_stratified(p):
    rng = np.random.RandomState(12)
    n = 6
    total = 0
    for i, j in itertools.product(range(n), repeat=2):
        u, v = (i + rng.rand()) / n, (j + rng.rand()) / n
        x, y = p[0] * u, p[1] * v
        if x * x + y * y < 1:
            total += np.sqrt(1 - x * x - y * y)
    return total * p[0] * p[1] / n**2


# fmt: off
CASES = {
    muller_root: [np.array([2.0, 1.0]), np.array([1.0, 2.0])],
    regula_falsi_illinois: [1.0, 0.6],
    secant_broyden: [A2, B2],
    jacobi_matrix_splitting: [np.abs(P3), np.abs(Q3)],
    preconditioned_cg: [np.array([0.1, 0.4, 0.2, 0.9]), np.array([1.1, 0.4, 0.7, 0.3])],
    lanczos_lowest: [np.arange(6.0), np.arange(6.0)[::-1] * 0.5],
    qr_algorithm_shifts: [P3, Q3],
    richardson_table: [0.8, 1.5],
    gauss_quadrature_from_scratch: [0.8, 1.5],
    monte_carlo_stratified: [np.array([0.8, 0.9]), np.array([1.0, 0.7])],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
