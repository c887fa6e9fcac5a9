"""Ordinary programs of numerical analysis, algorithms, data structures and finance."""

import heapq
from collections import Counter, OrderedDict, defaultdict, deque
from contextlib import contextmanager
from functools import lru_cache, partial, reduce, wraps
from itertools import accumulate, combinations, islice, product

import numpy as np
import pytest
import scipy.special
from check import check
from scipy.special import ndtr
from scipy.stats import norm

GRAPH = {"a": ["b", "c"], "b": ["c", "d"], "c": ["d"], "d": []}


# ── quadrature, roots, interpolation ──


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


# ── linear algebra by hand ──


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


# ── dynamic programming, graphs, data structures ──


def floyd_warshall(w):
    n = 4
    D = np.full((n, n), np.inf)
    np.fill_diagonal(D, 0)
    D[[0, 1, 2, 3, 0], [1, 2, 3, 0, 2]] = w**2
    for k in range(n):
        np.minimum(D, D[:, k, None] + D[None, k, :], out=D)
    return D


def dijkstra_with_heap(w):
    edges = dict(zip([("a", "b"), ("a", "c"), ("b", "c"), ("b", "d"), ("c", "d")], w))
    best, queue, done = {"a": 0.0}, [(0.0, "a")], set()
    while queue:
        d, node = heapq.heappop(queue)
        if node in done:
            continue
        done.add(node)
        for other in GRAPH[node]:
            new = d + abs(edges[node, other])
            if other not in best or new < best[other]:
                best[other] = new
                heapq.heappush(queue, (new, other))
    return best["d"] ** 2


def weighted_edit_distance(costs):
    s, t = "kitten", "sitting"
    insert, delete, replace = costs
    D = np.zeros((len(s) + 1, len(t) + 1))
    D[:, 0] = delete * np.arange(len(s) + 1)
    D[0] = insert * np.arange(len(t) + 1)
    for (i, a), (j, b) in product(enumerate(s, 1), enumerate(t, 1)):
        D[i, j] = min(D[i - 1, j] + delete, D[i, j - 1] + insert, D[i - 1, j - 1] + (0 if a == b else replace))
    return D


def smooth_viterbi(x):
    trellis = [{state: x[state] for state in range(3)}]
    for t in range(1, 4):
        previous = trellis[-1]
        row = {s: np.logaddexp.reduce([previous[r] - 0.3 * (r - s) ** 2 * x[0] for r in previous]) for s in range(3)}
        trellis.append({s: v + np.sin(t * x[s]) for s, v in row.items()})
    return max(trellis[-1].values()), list(trellis[-1].values())


def memoised_recursion(x):
    memo = {}

    def value(n):
        if n not in memo:
            memo[n] = x if n <= 1 else np.tanh(value(n - 1) * value(n - 2) + value(n // 2))
        return memo[n]

    @lru_cache
    def cached(n):
        return x**2 if n == 0 else np.sin(cached(n - 1)) + cached(n // 2) * 0.1

    return value(9) + cached(6)


class Node:
    __slots__ = ("left", "right", "value")

    def __init__(self, value):
        self.value, self.left, self.right = value, None, None

    def insert(self, value):
        side = "left" if value < self.value else "right"
        child = getattr(self, side)
        if child is None:
            setattr(self, side, Node(value))
        else:
            child.insert(value)

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right

    def depth_sum(self, depth=1):
        total = depth * self.value
        for child in (self.left, self.right):
            if child is not None:
                total = total + child.depth_sum(depth + 1)
        return total


def binary_search_tree(x):
    root = Node(x[0])
    for v in x[1:]:
        root.insert(v)
    return np.array(list(root)), root.depth_sum() ** 2


def sorting_network(x):
    y = list(x)
    for i, j in [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)]:
        y[i], y[j] = np.minimum(y[i], y[j]), np.maximum(y[i], y[j])
    return np.array(y) * np.arange(4)


def heaps(x):
    h = [v**2 for v in x]
    heapq.heapify(h)
    out = [heapq.heappop(h) for _ in range(3)]
    return sum(out) * heapq.nlargest(1, x)[0], sorted(x, reverse=True)[:2], min(x, key=lambda v: abs(v - 0.5))


def reservoirs(x):
    groups, order = defaultdict(float), OrderedDict()
    for k, v in enumerate(x):
        groups["even" if k % 2 == 0 else "odd"] += v**2
        order[f"k{k}"] = v
    order.move_to_end("k0")
    counts = Counter(np.sign(x))
    queue = deque(order.values())
    queue.rotate(2)
    return groups["even"] * groups["odd"] / counts[1.0], queue[0] * queue[-1]


# ── Python: generators, decorators, contexts, exceptions ──


def counted(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return f(*args, **kwargs)

    wrapper.calls = 0
    return wrapper


@counted
def polynomial(x, *coefficients, scale=1.0):
    return scale * reduce(lambda total, c: total * x + c, coefficients, 0.0)


def iterators(x):
    def iterate(v):
        while True:
            yield v
            v = np.cos(v)

    *_, settled = islice(iterate(x), 8)
    running = list(accumulate(islice(iterate(x), 4), lambda a, b: a * b + 1))
    quadratic = partial(polynomial, x, scale=2.0)
    total = sum(a * b for a, b in zip(running, map(np.sin, running)) if a > -10)
    return settled + total + quadratic(1.0, x, 3.0)


class Exhausted(Exception):
    pass


def exceptions_and_contexts(x):
    trail = []

    @contextmanager
    def level(name):
        trail.append(name)
        try:
            yield len(trail)
        finally:
            trail.pop()

    y = x
    try:
        for k in range(10):
            with level(f"{k}:{y:.2f}") as depth:
                y = y * y / 2 + depth * 0.1
                if y > 3:
                    raise Exhausted(y)
    except Exhausted as stop:
        (y,) = stop.args
    try:
        {}["missing"]
    except KeyError:
        y = y + 1
    with np.errstate(divide="ignore"):
        return y * np.log(x) if not trail else 0.0


class Dual:
    def __init__(self, a, b=0.0):
        self.a, self.b = a, b

    def __add__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a + other.a, self.b + other.b)

    __radd__ = __add__

    def __mul__(self, other):
        other = other if isinstance(other, Dual) else Dual(other)
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    __rmul__ = __mul__

    def sin(self):
        return Dual(np.sin(self.a), self.b * np.cos(self.a))


def users_own_dual_numbers(x):
    d = Dual(x, 1.0)
    y = (2 * d * d + 1) * d.sin() + 3.0
    return y.a, y.b


# ── series, complex analysis ──


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


# ── finance ──


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


X4, X5 = np.array([0.4, -0.2, 0.9, 1.3]), np.array([0.4, 0.3, 0.9, 1.3, 0.7])
M3 = np.random.default_rng(5).normal(size=(3, 3))
M43 = np.random.default_rng(6).normal(size=(4, 3))
CASES = {
    simpson: 1.2, romberg: 0.8, adaptive_quadrature: np.array([3.0, 0.7]), secant: 1.1, brent_then_polish: 3.0,
    natural_spline: X5, de_boor: X5, neville: X4, householder_qr: M43, jacobi_eigenvalues: M3,
    givens_least_squares: M43, cholesky_loops: M3, determinant_by_recursion: M3, conjugate_gradients: X5,
    arnoldi_gmres: X4[:3], power_iteration: M3, floyd_warshall: X5, dijkstra_with_heap: X5,
    weighted_edit_distance: np.array([1.0, 1.2, 1.5]), smooth_viterbi: X4[:3], memoised_recursion: 0.6,
    binary_search_tree: X4, sorting_network: X4, heaps: X4, reservoirs: X4, iterators: 0.7,
    exceptions_and_contexts: 2.3, users_own_dual_numbers: 0.8, continued_fraction: 0.6, bessel_series: 1.7,
    mandelbrot_smooth: np.array([0.4, 0.5]), impedance: np.array([1.0, 0.5, 0.8]), contour_integral: 0.3,
    black_scholes: np.array([100.0, 95, 1, 0.02, 0.3]), american_put_tree: np.array([95.0, 0.3, 0.02]),
    monte_carlo_asian: np.array([100.0, 0.2]), bond_yield: 101.0, sabr: np.array([0.04, -0.3, 0.5]),
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
