"""Programs of natural science, learning, images and plain Python that met wengert for the first time."""

import cmath
import collections
import functools
import itertools
import math
import operator
from dataclasses import dataclass

import numpy as np
import scipy.sparse.linalg as sla
from scipy import linalg, sparse, spatial, special, stats
from ways import both_tests

rng = np.random.default_rng(1234)
v8 = rng.normal(size=8)
M45 = rng.normal(size=(4, 5))
Y = (np.random.default_rng(5).random((10, 4)) < 0.5).astype(int)


def transit_quadratic_ld(p):
    k, b, u = p
    t = np.linspace(-1.2, 1.2, 25)
    z = np.sqrt(b**2 + t**2)
    flux = np.ones_like(z)
    full = z <= 1 - k
    part = (z > 1 - k) & (z < 1 + k)
    mu = np.sqrt(1 - z[full] ** 2)
    flux[full] -= k**2 * (1 - u * (1 - mu)) / (1 - u / 3)
    zp = z[part]
    k0 = np.arccos((k**2 + zp**2 - 1) / (2 * k * zp))
    k1 = np.arccos((1 - k**2 + zp**2) / (2 * zp))
    flux[part] -= (k**2 * k0 + k1 - 0.5 * np.sqrt(4 * zp**2 - (1 + zp**2 - k**2) ** 2)) / np.pi
    return flux


def barnes_hut_like_tree(X):

    def build(idx, c, h, depth=0):
        if len(idx) <= 1 or depth > 4:
            return (X[idx].mean(axis=0) if len(idx) else None, len(idx), None, h)
        kids = []
        groups = collections.defaultdict(list)
        for i in idx:
            groups[tuple(bool(X[i, k] > c[k]) for k in range(3))].append(i)
        for key, g in groups.items():
            kids.append(build(g, c + h / 2 * (2 * np.array(key) - 1), h / 2, depth + 1))
        com = sum(k[0] * k[1] for k in kids) / len(idx)
        return (com, len(idx), kids, h)

    def pot(node, p):
        d = np.sqrt(np.sum((node[0] - p) ** 2) + 0.1)
        if node[2] is None or node[3] / d < 0.9:
            return node[1] / d
        return sum(pot(k, p) for k in node[2])

    t = build(list(range(len(X))), np.zeros(3), 3.0)
    return sum(pot(t, x) for x in X)


def two_compartment_pk_doses(p):
    ka, ke, V, k12 = p
    doses = [(0, 100), (6, 50), (12, 75)]
    t = np.linspace(0, 24, 13)

    def bolus(tt):
        a = ke + k12
        return ka / (V * (ka - a)) * (np.exp(-a * tt) - np.exp(-ka * tt))

    c = np.zeros_like(t)
    for t0, d in doses:
        m = t >= t0
        c[m] += d * bolus(t[m] - t0)
    auc = np.trapezoid(c, t)
    return (np.log(c[1:]), auc, c.max(), t[c.argmax()] * ke)


def renewal_epidemic(p):
    R, k = p
    w = stats.gamma.pdf(np.arange(1, 8), 2.0, scale=1 / k)
    w /= w.sum()
    inc = [1.0]
    for t in range(15):
        Rt = R if t < 8 else R * 0.4
        inc.append(Rt * sum((i * ww for i, ww in zip(inc[::-1], w))))
    return stats.poisson.logpmf([1, 2, 2, 3, 5, 6, 7, 9, 10, 8, 7, 5, 4, 3, 2, 1], np.array(inc) + 1e-09).sum()


def hypocentre_residuals(p):
    st = np.array([[0, 0], [10, 0], [0, 10], [8, 9.0]])
    d = np.hypot(*(st - p[:2] * 10).T)
    t = np.sqrt(d**2 + (p[2] * 5) ** 2) / 6 + p[3]
    obs = np.array([2.1, 2.5, 2.6, 2.7])
    r = t - obs
    r = r - r.mean()
    return np.where(np.abs(r) < 0.3, r**2 / 2, 0.3 * (np.abs(r) - 0.15))


def ph_triprotic_newton(p):
    Ka = np.array([0.007, 6e-08, 4e-13])
    C, Na, s = (p[0], p[0] * p[1], 1.0)
    pH = 7.0
    for _ in range(60):
        h = 10 ** (-pH)
        den = h**3 + Ka[0] * h**2 + Ka[0] * Ka[1] * h + Ka.prod()
        ch = C * (Ka[0] * h**2 + 2 * Ka[0] * Ka[1] * h + 3 * Ka.prod()) / den
        F = Na + h - 1e-14 / h - ch
        e = 0.0001
        h2 = 10 ** (-(pH + e))
        d2 = h2**3 + Ka[0] * h2**2 + Ka[0] * Ka[1] * h2 + Ka.prod()
        F2 = Na + h2 - 1e-14 / h2 - C * (Ka[0] * h2**2 + 2 * Ka[0] * Ka[1] * h2 + 3 * Ka.prod()) / d2
        st = F / ((F2 - F) / e)
        pH = pH - np.clip(st, -1, 1)
    return pH * s


def energy_balance_icecap(p):
    S0, a, eps = p
    x = np.linspace(-0.975, 0.975, 20)
    s = 1 - 0.48 * 0.5 * (3 * x**2 - 1)
    T_ = 15 * np.ones(20)
    for _ in range(30):
        al = np.where(T_ < -10, 0.6, a)
        Tn = np.empty_like(T_)
        Q = S0 / 4 * s * (1 - al)
        m = T_.mean()
        Tn[:] = (Q - 210 + 3.8 * m) / (2.1 + 3.8)
        T_ = 0.5 * T_ + 0.5 * Tn
    return (T_, (T_ < -10).sum() * eps)


def felsenstein_gtr_recursion(p):
    tree_ = (("A", 0.1), ((("C", 0.2), ("A", 0.3)), 0.15))
    pi = np.array([0.3, 0.2, 0.2, 0.3])
    k = p[2]
    R = np.array([[0, 1, k, 1], [1, 0, 1, k], [k, 1, 0, 1], [1, k, 1, 0]])
    Q = R * pi
    Q -= np.diag(Q.sum(1))
    Q /= -(pi @ np.diag(Q))

    def lik(node):
        if isinstance(node, str):
            v = np.zeros(4)
            v["ACGT".index(node)] = 1
            return v
        out = np.ones(4)
        for child, bl in node:
            out = out * (linalg.expm(Q * bl * p[1]) @ lik(child))
        return out

    return np.log(pi @ lik(tree_))


def rasch_conditional_esf(b):
    eps = np.exp(-b)
    g = np.zeros(5)
    g[0] = 1
    for e in eps:
        g[1:] = g[1:] + e * g[:-1]
    ll = 0.0
    for y in Y:
        r = y.sum()
        ll += np.log(eps[y == 1]).sum() - np.log(g[r])
    return ll


def kriging_with_variogram(p):
    nug, sill, rang = p
    X = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.6]])
    z = np.array([1, 2, 1.5, 3, 2.2])
    h = spatial.distance.cdist(X, X)

    def g(h):
        a = rang * 4
        r = h / a
        return np.where(h == 0, 0, np.where(h < a, nug + sill * (1.5 * r - 0.5 * r**3), nug + sill))

    n = 5
    A = np.ones((n + 1, n + 1))
    A[:n, :n] = g(h)
    A[n, n] = 0
    b = np.ones(n + 1)
    b[:n] = g(np.linalg.norm(X - np.array([0.3, 0.4]), axis=1))
    w = np.linalg.solve(A, b)
    return (w[:n] @ z, w @ b)


def lstm_cell_class(W):

    class Cell:
        def __init__(s, W):
            s.Wi, s.Wf, s.Wo, s.Wg = (np.tile(w, (2, 1)) for w in W)
            s.h = np.zeros(2)
            s.c = np.zeros(2)

        def __call__(s, x):
            z = np.concatenate([[x], s.h])
            i, f, o = (special.expit(M @ z) for M in (s.Wi, s.Wf, s.Wo))
            g = np.tanh(s.Wg @ z)
            s.c = f * s.c + i * g
            s.h = o * np.tanh(s.c)
            return s.h

    c = Cell(W)
    return [c(x) for x in (0.1, 0.5, -0.3)]


def batchnorm_running_state(X):
    st = {"mean": np.zeros(3), "var": np.ones(3), "n": 0}

    def bn(x, mom=0.9):
        mu = x.mean(0)
        var = x.var(0)
        st["mean"] *= mom
        st["mean"] += (1 - mom) * mu
        st["var"] = mom * st["var"] + (1 - mom) * var * len(x) / (len(x) - 1)
        st["n"] += 1
        return (x - mu) / np.sqrt(var + 1e-05)

    a = bn(X[:3])
    b = bn(X[3:] + a)
    return (b, st["mean"], st["var"], (X[0] - st["mean"]) / np.sqrt(st["var"]) * st["n"])


def knn_regression_soft_votes(X):
    d = ((X[:, None] - X[None]) ** 2).sum(-1)
    np.fill_diagonal(d, np.inf)
    k = 3
    idx = np.argpartition(d, k, axis=1)[:, :k]
    dk = np.take_along_axis(d, idx, 1)
    w = 1 / (dk + 0.1)
    y = np.arange(7.0)
    return (w * y[idx]).sum(1) / w.sum(1)


def se3_exp_adjoint_taylor(xi):
    w, v = (xi[:3], xi[3:])
    th = np.linalg.norm(w)
    K = np.array([[0, -w[2], w[1]], [w[2], 0, -w[0]], [-w[1], w[0], 0]])
    if th < 1e-06:
        R = np.eye(3) + K + K @ K / 2
        V = np.eye(3) + K / 2 + K @ K / 6
    else:
        R = np.eye(3) + np.sin(th) / th * K + (1 - np.cos(th)) / th**2 * K @ K
        V = np.eye(3) + (1 - np.cos(th)) / th**2 * K + (th - np.sin(th)) / th**3 * K @ K
    return (R, V @ v)


def sdf_sphere_tracing_shade(p):
    c = np.array([p[0], p[1], 3.0])
    sdf = lambda q: np.minimum(np.linalg.norm(q - c) - 0.8, max(q[1] + 1, -5.0))
    tot = 0
    for px in (-0.1, 0.15):
        d = np.array([px, -0.1, 1.0])
        d = d / np.linalg.norm(d)
        t = 0.0
        for _ in range(40):
            s = sdf(t * d)
            t = t + s
            if s < 1e-10:
                break
        q = t * d
        n = (q - c) / np.linalg.norm(q - c)
        l = np.array([p[2], 1, -1])
        l /= np.sqrt(l @ l)
        tot = tot + max(n @ l, 0.0) + p[3] * max(0, (2 * (n @ l) * n - l) @ -d) ** 8
    return tot


def thin_film_tmm_complex(p):
    r = []
    for lam in (0.5, 0.6, 0.7):
        n = [1, p[0], p[1] - 0.05j, 1.52]
        d = [0.1, p[2]]
        M = np.eye(2, dtype=complex)
        for nk, dk in zip(n[1:3], d):
            ph = 2 * np.pi * nk * dk / lam
            M = M @ np.array([[np.cos(ph), 1j * np.sin(ph) / nk], [1j * nk * np.sin(ph), np.cos(ph)]])
        B, C = M @ np.array([1, n[3]])
        Y_ = C / B
        rr = (1 - Y_) / (1 + Y_)
        r.append(abs(rr) ** 2)
        r.append(4 * np.real(n[3]) / abs(B + C) ** 2)
    return np.array(r)


def shallow_water_hll(h):
    hu = np.zeros(8)
    g = 9.81
    dt = 0.02
    for _ in range(5):
        hl, hr = (np.append(h[0], h), np.append(h, h[-1]))
        ql, qr = (np.append(-hu[0], hu), np.append(hu, -hu[-1]))
        ul, ur = (ql / hl, qr / hr)
        cl, cr = (np.sqrt(g * hl), np.sqrt(g * hr))
        sl = np.minimum(ul - cl, ur - cr)
        sr = np.maximum(ul + cl, ur + cr)
        F = lambda h, q: np.array([q, q * q / h + 0.5 * g * h * h])
        Fl, Fr = (F(hl, ql), F(hr, qr))
        U = np.array([hr - hl, qr - ql])
        Fx = np.where(sl >= 0, Fl, np.where(sr <= 0, Fr, (sr * Fl - sl * Fr + sl * sr * U) / (sr - sl)))
        h = h - dt / 0.5 * np.diff(Fx[0])
        hu = hu - dt / 0.5 * np.diff(Fx[1])
    return (h, hu)


def fem_triangles_add_at_spsolve(p):
    xy = np.array([[0, 0], [1, 0], [1, 1], [0, 1], [0.5, 0.5]])
    tri = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])
    K = np.zeros((5, 5))
    F = np.zeros(5)
    for e, t in enumerate(tri):
        x = xy[t] * np.array([1, p[2] + 0.5])
        B = np.linalg.inv(np.column_stack([np.ones(3), x]))[1:]
        area = abs(np.linalg.det(np.column_stack([np.ones(3), x]))) / 2
        k = p[0] if e % 2 else p[1]
        np.add.at(K, np.ix_(t, t), k * area * B.T @ B)
        np.add.at(F, t, area / 3)
    free = [2, 4]
    u = np.zeros(5)
    u[free] = sla.spsolve(sparse.csc_matrix(K[np.ix_(free, free)]), F[free])
    return (u, u @ K @ u)


def rounding_keys_cache(x):
    cache = {}

    def f(v):
        key = round(float(v), 1)
        if key not in cache:
            cache[key] = v**2
        return cache[key]

    return [f(t) for t in (x[0], x[0] + 0.01, x[1], x[2], x[3], x[0])]


def complex_intermediate_poles(x):
    z = x[0] + 1j * x[1]
    w = np.array([z, z.conjugate(), z**2, 1 / z])
    r = np.roots([1, x[0], x[1], x[2]])
    g = np.prod(1j * 1.3 - r)
    p = np.poly(r).real
    w.real += x[2]
    w[1:].imag *= 2
    return (
        np.abs(w),
        np.angle(w[2]),
        abs(g),
        p,
        np.sort(np.abs(r)),
        np.real_if_close(z * z.conjugate()),
        cmath.phase(z),
        w.view(float)[:3],
        np.log(z).imag,
        (z ** x[2]).real,
        abs(np.exp(1j * x)).sum(),
        np.sqrt(-1 + 0j + x).imag,
    )


def viterbi_then_rescore(M):
    A = M[:, :4] - special.logsumexp(M[:, :4], axis=1, keepdims=True)
    d = M[:, 4]
    bp = []
    for t in range(4):
        c = d[:, None] + A
        bp.append(c.argmax(0))
        d = c.max(0) + 0.1 * t
    path = [int(d.argmax())]
    for b in reversed(bp):
        path.append(int(b[path[-1]]))
    return (
        d.max(),
        sum((A[i, j] for i, j in zip(path[1:], path))),
        np.array(path) @ M[:, 0] if False else M[path[0], 0],
    )


def kruskal_mst_union_find(w):
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2), (1, 3)]
    par = list(range(4))

    def find(i):
        while par[i] != i:
            par[i] = par[par[i]]
            i = par[i]
        return i

    tot = 0.0
    used = []
    for x, (i, j) in sorted(zip(w, edges)):
        a, b = (find(i), find(j))
        if a != b:
            par[a] = b
            tot += x**2
            used.append(x)
    return (tot, np.prod(used), max(used))


def blp_contraction_berry(p):
    s = np.array([0.2, 0.3, 0.1])
    v = np.random.default_rng(9).normal(size=(10, 1))
    x = np.array([1, 0.5, -0.2])
    d = np.zeros(3)
    for it in range(300):
        u = d + p[2] * v * x
        e = np.exp(u)
        pr = (e / (1 + e.sum(1, keepdims=True))).mean(0)
        dn = d + np.log(s) - np.log(pr)
        if np.max(np.abs(dn - d)) < 1e-12:
            break
        d = dn
    xi = d - p[0] * x - p[1]
    Zi = np.column_stack([np.ones(3), x])
    g = Zi.T @ xi
    return (d, g @ np.linalg.inv(Zi.T @ Zi) @ g)


def hmc_step_with_accept(q):
    U = lambda q: 0.5 * q @ q + 0.3 * q[0] ** 2 * q[1] ** 2 + np.log1p(q[0] ** 2)
    g = lambda q: np.array([q[0] + 0.6 * q[0] * q[1] ** 2 + 2 * q[0] / (1 + q[0] ** 2), q[1] + 0.6 * q[0] ** 2 * q[1]])
    p = np.array([0.3, -0.6])
    H0 = U(q) + 0.5 * p @ p
    qq = q.copy()
    p = p - 0.05 * g(qq)
    for i in range(8):
        qq += 0.1 * p
        if i < 7:
            p -= 0.1 * g(qq)
    p = p - 0.05 * g(qq)
    dH = H0 - U(qq) - 0.5 * p @ p
    u = 0.5
    return (np.where(np.log(u) < dH, qq, q), np.minimum(1, np.exp(dH)), dH)


def duck_typed_scalars(x):

    def listify(p):
        return list(p) if hasattr(p, "__iter__") else [p]

    def dim(p):
        return getattr(p, "ndim", 0)

    def norm(p):
        return math.sqrt(sum(t * t for t in listify(p)))

    out = [norm(x), norm(x[0]), norm(list(x)), norm(float(x[1]) if False else x[1]) * (dim(x) + 1)]
    for p in (x[0], x, [x[1], x[2]], 3.0):
        if isinstance(p, (int, float)):
            out.append(p * 2)
        elif isinstance(p, np.ndarray):
            out.append(p.sum() ** 2)
        elif isinstance(p, collections.abc.Sequence):
            out.append(p[0] * p[1])
    return out


def linked_list_and_tree_nodes(x):

    class Node:
        __slots__ = ("l", "n", "r", "v")

        def __init__(s, v):
            s.v = v
            s.l = s.r = None
            s.n = 1

        def add(s, v):
            s.n += 1
            side = "l" if v < s.v else "r"
            if getattr(s, side) is None:
                setattr(s, side, Node(v))
            else:
                getattr(s, side).add(v)

        def __iter__(s):
            if s.l:
                yield from s.l
            yield s.v
            if s.r:
                yield from s.r

    root = Node(x[0])
    for v in x[1:]:
        root.add(v)
    return ([v * (k + 1) for k, v in enumerate(root)], root.n * x[0])


def units_with_operator_overloads(x):

    @dataclass(frozen=True)
    class Q:
        v: float
        u: str = "m"

        def __add__(s, o):
            return Q(s.v + o.v, s.u)

        def __mul__(s, o):
            return Q(s.v * (o.v if isinstance(o, Q) else o), s.u + (o.u if isinstance(o, Q) else ""))

        __rmul__ = __mul__

        def __lt__(s, o):
            return s.v < o.v

        def __float__(s):
            return float(s.v)

        def __array__(s, dtype=None, copy=None):
            return np.asarray(s.v)

    qs = [Q(v) for v in x]
    t = sum(qs[1:], qs[0])
    m = max(qs)
    p = functools.reduce(operator.mul, qs)
    return (t.v, m.v * 2, p.v, (3 * qs[0]).v, sorted(qs)[1].v, len(p.u) * x[0])


def context_manager_and_finally(x):
    log = []

    class Scale:
        def __init__(s, k):
            s.k = k

        def __enter__(s):
            log.append(s.k)
            return s

        def __exit__(s, *a):
            log.append(-s.k / 2)
            return a[0] is ZeroDivisionError

    y = 0.0
    with Scale(x[0]) as s, Scale(x[1]):
        y = s.k**2
    with Scale(x[2]):
        y = y + 1 / 0
    try:
        raise ValueError(x[0] * 2)
    except ValueError as e:
        y = y + e.args[0]
    finally:
        y = y * x[1]
    return (y, log)


def phylo_upgma_distances(d):
    D = np.abs(np.subtract.outer(np.cumsum(d), np.cumsum(d) ** 1.1))
    D = D + D.T
    cl = dict.fromkeys(range(5), (1, 0.0))
    h = []
    D = D.copy()
    act = list(range(5))
    while len(act) > 1:
        i, j = min(itertools.combinations(act, 2), key=lambda ij: D[ij])
        ni, nj = (cl[i][0], cl[j][0])
        hh = D[i, j] / 2
        h.append(hh)
        for k in act:
            if k not in (i, j):
                D[i, k] = D[k, i] = (ni * D[i, k] + nj * D[j, k]) / (ni + nj)
        cl[i] = (ni + nj, hh)
        act.remove(j)
    return h


CASES = {
    transit_quadratic_ld: [0.1, 0.35, 0.2],
    barnes_hut_like_tree: rng.normal(size=(6, 3)),
    two_compartment_pk_doses: [1.2, 0.3, 15.0, 0.1],
    renewal_epidemic: [2.5, 0.3],
    hypocentre_residuals: [0.3, 0.4, 2.0, 1.0],
    ph_triprotic_newton: [0.01, 0.5, 0.2],
    energy_balance_icecap: [1365.0, 0.3, 0.6],
    felsenstein_gtr_recursion: [0.1, 0.6, 2.0],
    rasch_conditional_esf: [0.2, -0.1, 0.4, -0.3],
    kriging_with_variogram: [0.5, 1.0, 0.3],
    lstm_cell_class: rng.normal(size=(4, 3)),
    batchnorm_running_state: rng.normal(size=(6, 3)),
    knn_regression_soft_votes: rng.normal(size=(7, 2)),
    se3_exp_adjoint_taylor: [0.1, -0.2, 0.3, 0.5, 0.1, -0.4],
    sdf_sphere_tracing_shade: [0.1, 0.2, 0.3, 0.5],
    thin_film_tmm_complex: [1.4, 2.1, 0.25],
    shallow_water_hll: 1 + 0.2 * v8,
    fem_triangles_add_at_spsolve: [1.0, 2.0, 0.5],
    rounding_keys_cache: [1.0, 2.0, 0.5, 0.1],
    complex_intermediate_poles: [0.3, 1.2, 0.7],
    viterbi_then_rescore: M45,
    kruskal_mst_union_find: [0.2, 0.5, 0.9, 0.3, 0.7, 0.4],
    blp_contraction_berry: [0.5, -0.3, 1.2],
    hmc_step_with_accept: [0.5, 0.3],
    duck_typed_scalars: [0.5, 1.2, -0.3],
    linked_list_and_tree_nodes: [0.5, 1.2, 0.3, 0.9],
    units_with_operator_overloads: [0.5, 1.2, 0.3, 0.9],
    context_manager_and_finally: [0.5, 1.2, 0.3],
    phylo_upgma_distances: rng.random(5) + 0.3,
}


test_program, test_compiled = both_tests(CASES)
