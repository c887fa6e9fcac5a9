"""Ordinary programs of numerical analysis: quadrature, roots, interpolation, linear algebra by hand."""

from itertools import combinations

import numpy as np
import pytest
from check import check


def simpson(a):
    x, h = np.linspace(0.0, a, 21, retstep=True)
    y = np.exp(-(x**2)) * np.cos(a * x)
    return h / 3 * (y[0] + y[-1] + 4 * y[1:-1:2].sum() + 2 * y[2:-1:2].sum())


def romberg(a):
    f = lambda t: 1 / (1 + a * t * t)
    R = np.zeros((5, 5))
    for i in range(5):
        n = 2**i
        t = np.arange(n + 1) / n
        R[i, 0] = np.sum((f(t[1:]) + f(t[:-1])) / 2) / n
        for j in range(1, i + 1):
            R[i, j] = R[i, j - 1] + (R[i, j - 1] - R[i - 1, j - 1]) / (4**j - 1)
    return R[-1, -1]


def adaptive_quadrature(p):
    calls = 0

    def f(t):
        nonlocal calls
        calls += 1
        return np.sin(p[0] * t) * np.exp(-p[1] * t)

    def integrate(a, b, fa, fm, fb, tol):
        m = (a + b) / 2
        f1, f2 = f((a + m) / 2), f((m + b) / 2)
        whole, halves = (b - a) / 6 * (fa + 4 * fm + fb), (b - a) / 12 * (fa + 4 * f1 + 2 * fm + 4 * f2 + fb)
        if abs(whole - halves) < tol:
            return halves + (halves - whole) / 15
        return integrate(a, m, fa, f1, fm, tol / 2) + integrate(m, b, fm, f2, fb, tol / 2)

    return integrate(0.0, 2.0, f(0.0), f(1.0), f(2.0), 1e-5)


def secant(c):
    f = lambda x: np.cos(x) - c * x
    x0, x1 = 0.0 * c + 0.3, 0.8 + 0.0 * c
    for _ in range(30):
        f0, f1 = f(x0), f(x1)
        if f1 == f0 or abs(x1 - x0) < 1e-12:
            break
        x0, x1 = x1, x1 - f1 * (x1 - x0) / (f1 - f0)
    return x1


def brent_then_polish(c):
    f = lambda x: x**3 - 2 * x - c
    a, b, fa, fb = 1.0, 3.0, f(1.0), f(3.0)
    d = e = b - a
    xc, fc = a, fa
    for _ in range(60):
        if np.sign(fb) == np.sign(fc):
            xc, fc, d = a, fa, b - a
            e = d
        if abs(fc) < abs(fb):
            a, b, xc, fa, fb, fc = b, xc, b, fb, fc, fb
        m = 0.5 * (xc - b)
        if abs(m) < 1e-3 or fb == 0:
            break
        if abs(e) > 1e-3 and abs(fa) > abs(fb):
            s = fb / fa
            p, q = 2 * m * s, 1 - s
            p, q = (p, -q) if p > 0 else (-p, q)
            d, e = (p / q, d) if 2 * p < 3 * m * q else (m, m)
        else:
            d = e = m
        a, fa = b, fb
        b = b + d
        fb = f(b)
    for _ in range(4):
        b -= f(b) / (3 * b * b - 2)
    return b


def natural_spline(y):
    x = np.array([0.0, 1.0, 2.5, 3.0, 4.0])
    h = np.diff(x)
    n = len(x)
    A, r = np.eye(n), np.zeros(n)
    for i in range(1, n - 1):
        A[i, i - 1 : i + 2] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        r[i] = 3 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    c = np.linalg.solve(A, r)
    t = np.array([0.4, 2.0, 2.7, 3.9])
    k = np.searchsorted(x, t) - 1
    s = t - x[k]
    d = (c[k + 1] - c[k]) / (3 * h[k])
    b = (y[k + 1] - y[k]) / h[k] - h[k] * (2 * c[k] + c[k + 1]) / 3
    return y[k] + s * (b + s * (c[k] + s * d))


def de_boor(c):
    t, p = np.array([0, 0, 0, 0.3, 0.6, 1, 1, 1.0]), 2
    out = []
    for x in (0.1, 0.45, 0.9):
        k = np.searchsorted(t, x, side="right") - 1
        d = [c[j + k - p] ** 2 for j in range(p + 1)]
        for r in range(1, p + 1):
            for j in range(p, r - 1, -1):
                alpha = (x - t[j + k - p]) / (t[j + 1 + k - r] - t[j + k - p])
                d[j] = (1 - alpha) * d[j - 1] + alpha * d[j]
        out.append(d[p])
    return out


def neville(y):
    x = np.arange(len(y)) / 3
    table = y.tolist() if type(y) is list else list(y)
    for m in range(1, len(x)):
        for i in range(len(x) - m):
            table[i] = ((0.5 - x[i + m]) * table[i] + (x[i] - 0.5) * table[i + 1]) / (x[i] - x[i + m])
    return table[0] ** 2


def householder_qr(A):
    R, Q = A.copy(), np.eye(len(A))
    for k in range(A.shape[1] - 1):
        x = R[k:, k]
        v = x.copy()
        v[0] += np.copysign(np.linalg.norm(x), x[0])
        v /= np.linalg.norm(v)
        R[k:] -= 2 * np.outer(v, v @ R[k:])
        Q[:, k:] -= 2 * np.outer(Q[:, k:] @ v, v)
    return Q, np.triu(R)


def jacobi_eigenvalues(M):
    A = (M + M.T) / 2
    n = len(A)
    for _ in range(5):
        for p, q in combinations(range(n), 2):
            theta = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
            c, s = np.cos(theta), np.sin(theta)
            J = np.eye(n)
            J[[p, q], [p, q]] = c
            J[p, q], J[q, p] = s, -s
            A = J.T @ A @ J
    return np.sort(np.diag(A))


def givens_least_squares(A):
    R = np.hstack([A, np.arange(1.0, len(A) + 1)[:, None]])
    m, n = A.shape
    for j in range(n):
        for i in range(m - 1, j, -1):
            r = np.hypot(R[i - 1, j], R[i, j])
            c, s = R[i - 1, j] / r, R[i, j] / r
            R[[i - 1, i], :] = np.array([[c, s], [-s, c]]) @ R[[i - 1, i], :]
    x = np.zeros(n)
    for i in range(n)[::-1]:
        x[i] = (R[i, -1] - R[i, i + 1 : n] @ x[i + 1 :]) / R[i, i]
    return x


def cholesky_loops(M):
    A = M @ M.T + np.eye(len(M))
    L = np.zeros_like(A)
    for i in range(len(A)):
        for j in range(i + 1):
            s = sum(L[i, k] * L[j, k] for k in range(j))
            L[i, j] = np.sqrt(A[i, i] - s) if i == j else (A[i, j] - s) / L[j, j]
    return L


def determinant_by_recursion(A):
    def det(M):
        if M.shape == (1, 1):
            return M[0, 0]
        return sum((-1) ** j * M[0, j] * det(np.delete(M[1:], j, axis=1)) for j in range(len(M)))

    return det(A), np.linalg.det(A)


def conjugate_gradients(b):
    A = 4 * np.eye(5) - np.eye(5, k=1) - np.eye(5, k=-1)
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for _ in range(len(b)):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        rs, old = r @ r, rs
        if np.sqrt(rs) < 1e-3:
            break
        p = r + rs / old * p
    return x * x


def arnoldi_gmres(b):
    A = np.array([[3.0, 1, 0], [0, 2, 1], [1, 0, 4]])
    Q, H = [b / np.sqrt(b @ b)], np.zeros((3, 2))
    for k in range(2):
        v = A @ Q[-1]
        for i, q in enumerate(Q):
            H[i, k] = q @ v
            v = v - H[i, k] * q
        H[k + 1, k] = np.linalg.norm(v)
        Q.append(v / H[k + 1, k])
    e = np.zeros(3)
    e[0] = np.linalg.norm(b)
    y, *_ = np.linalg.lstsq(H, e, rcond=None)
    return np.column_stack(Q[:2]) @ y


def power_iteration(M):
    v = np.ones(len(M))
    A = M.T @ M
    for _ in range(6):
        v = A @ v
        v = v / np.abs(v).max()
    return v @ A @ v / (v @ v)


X4, X5 = np.array([0.4, -0.2, 0.9, 1.3]), np.array([0.4, 0.3, 0.9, 1.3, 0.7])
M3 = np.random.default_rng(5).normal(size=(3, 3))
M43 = np.random.default_rng(6).normal(size=(4, 3))
CASES = {
    simpson: 1.2, romberg: 0.8, adaptive_quadrature: np.array([3.0, 0.7]), secant: 1.1, brent_then_polish: 3.0,
    natural_spline: X5, de_boor: X5, neville: X4, householder_qr: M43, jacobi_eigenvalues: M3,
    givens_least_squares: M43, cholesky_loops: M3, determinant_by_recursion: M3, conjugate_gradients: X5,
    arnoldi_gmres: X4[:3], power_iteration: M3,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
