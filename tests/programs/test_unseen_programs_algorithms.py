"""Algorithms by hand: graphs, tables, eliminations, transforms, quadrature, minimisers."""

import collections
import functools
import heapq
import math

import numpy as np
from ways import both_tests

rng = np.random.default_rng(17)

S16 = rng.normal(size=16)


def db2_wavelet_inplace(x):
    c = np.array([1 + math.sqrt(3), 3 + math.sqrt(3), 3 - math.sqrt(3), 1 - math.sqrt(3)]) / (4 * math.sqrt(2))
    a = x.copy()
    n = len(a)
    while n >= 4:
        t = np.zeros(n)
        h = n // 2
        for i in range(h):
            for k in range(4):
                t[i] += c[k] * a[(2 * i + k) % n]
                t[h + i] += (-1) ** k * c[3 - k] * a[(2 * i + k) % n]
        a[:n] = t
        n //= 2
    return np.sign(a) * np.maximum(np.abs(a) - 0.1, 0)


def polygon_moments(p):
    x, y = p.T
    c = x * np.roll(y, -1) - np.roll(x, -1) * y
    A = c.sum() / 2
    return (
        A,
        ((x + np.roll(x, -1)) * c).sum() / 6 / A,
        ((x**2 + x * np.roll(x, -1) + np.roll(x, -1) ** 2) * c).sum() / 12,
    )


def graham_scan_area(P_):
    pts = sorted(map(tuple, P_))
    cross = lambda o, a, b: (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])

    def half(ps):
        h = []
        for p in ps:
            while len(h) >= 2 and cross(h[-2], h[-1], p) <= 0:
                h.pop()
            h.append(p)
        return h[:-1]

    hull = half(pts) + half(pts[::-1])
    return sum((math.dist(a, b) for a, b in zip(hull, hull[1:] + hull[:1])))


def dijkstra_dict(w):
    G = {
        "a": {"b": w[0], "c": w[1]},
        "b": {"c": w[2], "d": w[3]},
        "c": {"d": w[4], "e": w[5]},
        "d": {"e": w[6]},
        "e": {},
    }
    dist = dict.fromkeys(G, math.inf)
    dist["a"] = 0
    q = [(0, "a")]
    while q:
        d, u = heapq.heappop(q)
        if d > dist[u]:
            continue
        for v, c in G[u].items():
            if d + c < dist[v]:
                dist[v] = d + c
                heapq.heappush(q, (dist[v], v))
    return [dist[k] for k in sorted(dist)][1:]


def floyd_minplus(D):
    D = D.copy()
    np.fill_diagonal(D, 0)
    for k in range(4):
        np.minimum(D, D[:, [k]] + D[[k], :], out=D)
    return D


def maxflow_ford_fulkerson(c):
    E = {(0, 1): c[0], (0, 2): c[1], (1, 2): c[2], (1, 3): c[3], (2, 3): c[4]}
    r = collections.defaultdict(float, E)
    flow = 0.0
    while True:
        par = {0: None}
        q = collections.deque([0])
        while q and 3 not in par:
            u = q.popleft()
            for a, b in list(r):
                if a == u and b not in par and (r[a, b] > 1e-12):
                    par[b] = u
                    q.append(b)
        if 3 not in par:
            break
        p = []
        v = 3
        while par[v] is not None:
            p.append((par[v], v))
            v = par[v]
        f = min(r[e] for e in p)
        for a, b in p:
            r[a, b] -= f
            r[b, a] += f
        flow += f
    return flow + c[5] ** 2


def grid_path_memo(C):

    @functools.cache
    def best(i, j):
        return C[i, j] + (
            0 if i == j == 0 else min((best(a, b) for a, b in ((i - 1, j), (i, j - 1)) if a >= 0 and b >= 0))
        )

    return best(4, 4)


def matrix_chain_soft(p):
    n = len(p) - 1
    m = [[0.0] * n for _ in range(n)]
    for L in range(2, n + 1):
        for i in range(n - L + 1):
            j = i + L - 1
            m[i][j] = min(m[i][k] + m[k + 1][j] + p[i] * p[k + 1] * p[j + 1] for k in range(i, j))
    return m[0][n - 1]


A5 = rng.normal(size=(5, 5))


def lu_pivot_solve(A):
    A = A.astype(float, copy=True)
    n = len(A)
    piv = np.arange(n)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(A[k:, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            piv[[k, p]] = piv[[p, k]]
        A[k + 1 :, k] /= A[k, k]
        A[k + 1 :, k + 1 :] -= np.outer(A[k + 1 :, k], A[k, k + 1 :])
    b = np.arange(5.0)[piv]
    for i in range(n):
        b[i] = b[i] - A[i, :i] @ b[:i]
    for i in reversed(range(n)):
        b[i] = (b[i] - A[i, i + 1 :] @ b[i + 1 :]) / A[i, i]
    return b


def jacobi_rotations_packed(v):
    A = np.zeros((4, 4))
    iu = np.triu_indices(4)
    A[iu] = v
    A = A + A.T - np.diag(A.diagonal())
    for _ in range(30):
        off = np.abs(np.triu(A, 1))
        p, q = np.unravel_index(off.argmax(), off.shape)
        if off[p, q] < 1e-10:
            break
        th = 0.5 * math.atan2(2 * A[p, q], A[q, q] - A[p, p])
        c, s = (math.cos(th), math.sin(th))
        J = np.eye(4)
        J[p, p] = J[q, q] = c
        J[p, q] = s
        J[q, p] = -s
        A = J.T @ A @ J
    return np.sort(np.diagonal(A))


def thomas_lists(v):
    b, a, c, d = (list(v[:4]), list(v[4:7]), list(v[7:10]), list(v[10:]))
    for i in range(1, 4):
        m = a[i - 1] / b[i - 1]
        b[i] -= m * c[i - 1]
        d[i] -= m * d[i - 1]
    x = [0] * 4
    x[-1] = d[-1] / b[-1]
    for i in (2, 1, 0):
        x[i] = (d[i] - c[i] * x[i + 1]) / b[i]
    return x


def multigrid_1d_recursive(f):

    def smooth(u, f, h, n):
        for _ in range(n):
            u[1:-1] = u[1:-1] + 0.6 * (0.5 * (u[:-2] + u[2:] + h * h * f[1:-1]) - u[1:-1])
        return u

    def V(u, f, h):
        u = smooth(u, f, h, 2)
        if len(u) <= 5:
            return smooth(u, f, h, 4)
        r = np.zeros_like(u)
        r[1:-1] = f[1:-1] + (u[:-2] - 2 * u[1:-1] + u[2:]) / h**2
        rc = r[::2].copy()
        e = V(np.zeros_like(rc), rc, 2 * h)
        ef = np.zeros_like(u)
        ef[::2] = e
        ef[1::2] = 0.5 * (e[:-1] + e[1:])
        u += ef
        return smooth(u, f, h, 2)

    F = np.append(f, 0.0)
    return V(np.zeros(17), F, 1 / 16)


def fft_butterflies_inplace(x):
    n = len(x)
    a = np.array(x, dtype=complex)
    j = 0
    for i in range(1, n):
        b = n >> 1
        while j & b:
            j ^= b
            b >>= 1
        j |= b
        if i < j:
            a[i], a[j] = (a[j], a[i])
    L = 2
    while L <= n:
        w = np.exp(-2j * np.pi * np.arange(L // 2) / L)
        for i in range(0, n, L):
            u = a[i : i + L // 2].copy()
            v = a[i + L // 2 : i + L] * w
            a[i : i + L // 2] = u + v
            a[i + L // 2 : i + L] = u - v
        L <<= 1
    return np.abs(a)


def faddeev_leverrier(A):
    n = 4
    M = np.zeros((n, n))
    c = [1.0]
    for k in range(1, n + 1):
        M = A @ M + c[-1] * np.eye(n)
        c.append(-np.trace(A @ M) / k)
    return c


def newton_polynomial_inplace(y):
    x = np.arange(5.0) ** 1.2
    c = y.copy()
    for k in range(1, 5):
        c[k:] = (c[k:] - c[k - 1 : -1]) / (x[k:] - x[:-k])
    return functools.reduce(lambda acc, i: acc * (1.7 - x[i]) + c[i], range(3, -1, -1), c[4])


CASES = {
    db2_wavelet_inplace: S16,
    polygon_moments: np.array([[0, 0], [2, 0.1], [2.5, 1.5], [1, 2.2], [-0.3, 1.0]]),
    graham_scan_area: rng.normal(size=(8, 2)),
    dijkstra_dict: rng.random(7) + 0.1,
    floyd_minplus: rng.random((4, 4)) + 0.1,
    maxflow_ford_fulkerson: rng.random(6) + 0.1,
    grid_path_memo: rng.random((5, 5)),
    matrix_chain_soft: rng.random(5) + 0.1,
    lu_pivot_solve: A5,
    jacobi_rotations_packed: np.array([4.0, 1, 0.5, 3, 0.2, 2, 0.1, 0.3, 0.4, 5]) * 1.0,
    thomas_lists: np.r_[np.full(4, 4.0), np.full(3, 1.0), np.full(3, 0.5), np.ones(4)],
    multigrid_1d_recursive: rng.random(16),
    fft_butterflies_inplace: S16,
    faddeev_leverrier: rng.normal(size=(4, 4)),
    newton_polynomial_inplace: rng.normal(size=5),
}

test_program, test_compiled = both_tests(CASES)
