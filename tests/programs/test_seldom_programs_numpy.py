"""Programs with spellings of NumPy seldom met: where=, legacy polynomials, ufunc.at, records, chains, odd strides."""

import collections
import contextlib
import functools
import math
from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy import sparse, spatial, special, stats
from ways import both_tests


def nan_robust(x):
    M = np.array([[1, np.nan, 2], [np.nan, 3, 1], [0.5, 2, np.nan]]) * x
    with np.errstate(invalid="ignore", divide="ignore"):
        cs = np.nancumsum(M, axis=1)
        cp = np.nancumprod(M, axis=0)
        q = np.nanquantile(M, [0.25, 0.6], axis=1, method="median_unbiased", keepdims=True)
        z = (M - np.nanmean(M, 0, keepdims=True)) / np.nanstd(M, axis=0, ddof=1)
        am = np.take_along_axis(M, np.nanargmax(M, axis=1)[:, None], 1)
    return (
        np.nansum(z * z * np.arange(9).reshape(3, 3))
        + cs[:, -1] @ [1, 2, 3]
        + cp[2].sum()
        + q.sum()
        + am.sum()
        + np.nanpercentile(M, 37.0)
        + np.nanmedian(M, axis=None)
    )


def where_and_out_everywhere(x):
    buf = np.full(4, 7.0)
    m = x > 0.4
    np.sqrt(x, out=buf, where=m)
    np.multiply(buf, x, buf, where=~m)
    o2 = np.zeros((2, 4))
    np.add(x, [[1.0], [2.0]], out=o2[::-1], where=[True, False, True, True])
    t = np.empty(())
    np.add.reduce(x, out=t)
    q = np.empty(4)
    np.clip(x, 0.3, None, out=q)
    np.cumsum(q[::-1], out=q)
    np.negative(o2, where=o2 > 1.6, out=o2)
    s = np.sum(o2, axis=0, where=o2 != 0, initial=0.5)
    return buf.sum() + s.prod() + t * q.mean() + np.max(x, where=m, initial=-1) + np.linalg.norm(o2, "nuc")


def choose_select_lexi(x):
    idx = np.digitize(x, [0.4, 1.0, 2.0])
    bank = [x, x**2, np.sin(x), 1 / x]
    c = np.choose(idx, bank, mode="clip")
    c2 = np.choose([3, 1, 0, 7], np.stack(bank), mode="wrap")
    part = np.argpartition(x, 2)[:2]
    s = np.select([x < 0.3, x < 0.9, x < 1.8], [x * 3, x**3, np.log(x)], default=np.nan)
    k = np.lexsort((x, np.array([1, 0, 1, 0])))
    return c.sum() + c2 @ [1, 2, 3, 4] + x[part].prod() + np.nansum(s) + x[k] @ [4, 3, 2, 1]


def polynomial_objects(x):
    p = np.polynomial.Polynomial(x, domain=[-1, 2], window=[0, 1])
    c = np.polynomial.Chebyshev(x[::-1])
    L = np.polynomial.Legendre.fit(np.arange(6.0), np.sin(np.arange(6) * x[0]), 3)
    q = p.convert(kind=np.polynomial.Chebyshev, domain=[-1, 1])
    r = (c * c - c).trim().deriv(2).integ(1, k=[x[1]], lbnd=0.2)
    d = __import__("operator").floordiv(c, np.polynomial.Chebyshev([1, x[2]]))
    cut = c.cutdeg(2) + c.truncate(2)
    return (
        p(0.7)
        + q(0.3)
        + r(0.1)
        + d(0.2)
        + cut(0.3)
        + L.linspace(3)[1].sum()
        + p.roots().real.sum()
        + L.coef[1]
        + np.polynomial.hermite.Hermite.fromroots(x)(0.3)
        + np.polynomial.Laguerre.basis(3)(x).sum()
    )


def legacy_poly1d(x):
    p = np.poly1d(x)
    q = np.poly1d([1, x[1]], variable="z")
    r = np.poly1d([0.5, 0.2], True)
    s = (p * q + r) ** 2 - p.deriv(m=2)
    a, _b = np.polydiv((p * q).c, q.c)
    p[3] = x[2]
    return (
        s(0.3)
        + p.integ(m=2, k=[1, x[0]])(1.1)
        + a.sum()
        + np.polyval(p, q)(0.2)
        + p.o
        + np.poly(np.diag(x)).sum()
        + np.polyder(x, 1) @ [1, 2]
    )


def simulated_annealing(x):
    rng = np.random.RandomState(4)

    def energy(s):
        return ((s - x) ** 2).sum() + 0.3 * np.cos(3 * s).sum()

    s = np.zeros(3)
    E = energy(s)
    best = (E, s.copy())
    T = 1.0
    for k in range(40):
        c = s + rng.normal(scale=0.4, size=3)
        Ec = energy(c)
        if Ec < E or rng.rand() < math.exp(-(Ec - E) / T):
            s, E = c, Ec
        if E < best[0]:
            best = (E, s.copy())
        T *= 0.9
    return best[0] + best[1] @ x


def mcmc_acceptance(x):
    g = np.random.Generator(np.random.PCG64(11))
    logp = lambda q: -0.5 * q @ np.diag([1, x[1]]) @ q - x[0] * q[0] * q[1] ** 2
    q = np.array([0.1, 0.2])
    chain = []
    for _ in range(30):
        prop = q + 0.5 * x[2] * g.standard_normal(2)
        if np.log(g.random()) < logp(prop) - logp(q):
            q = prop
        chain.append(q)
    ch = np.array(chain)
    ac = np.correlate(ch[:, 0] - ch[:, 0].mean(), ch[:, 0] - ch[:, 0].mean(), mode="same")
    return ch.var(axis=0, ddof=1).sum() + ac[15] / ac[14] + np.cov(ch, rowvar=False, bias=True)[0, 1]


def crn_asian_antithetic(x):
    S, v, r = x
    g = np.random.default_rng(np.random.SeedSequence(5))
    z = g.standard_normal((50, 8))
    z = np.concatenate((z, -z))
    inc = (r - v**2 / 2) / 8 + v * np.sqrt(1 / 8) * z
    path = S * np.exp(np.add.accumulate(inc, axis=1))
    geo = stats.gmean(path, axis=1)
    ari = path.mean(-1)
    pa, pg = [np.maximum(q - 100, 0) * np.exp(-r) for q in (ari, geo)]
    C = np.cov(pa, pg)
    beta = C[0, 1] / C[1, 1]
    sg = v * np.sqrt(9 * 17 / (6 * 64))
    return pa.mean() - beta * (pg.mean() - sg) + stats.sem(pa) * 0.1 + np.average(pa > 0, weights=ari)


def structured_record_catalogue(x):
    cat = np.zeros(4, dtype=[("name", "U4"), ("mag", "f8"), ("pos", "f8", (2,)), ("n", "i4")])
    cat["name"] = ["a", "b", "c", "d"]
    cat["mag"] = np.r_[x, x[0] * x[1]]
    cat["pos"] = np.outer([1, 2, 3, 4], x[:2])
    cat["n"] = [1, 2, 3, 4]
    cat.sort(order="mag")
    sel = cat[cat["n"] != 2]
    tot = sum(row["mag"] * row["n"] for row in sel)
    r = cat.view(np.recarray)
    return tot + r.pos[:, 1].std() + cat[["mag", "n"]][1]["mag"] + np.sort(cat, order=["mag"])["pos"][0].sum()


def zero_d_and_empty(x):
    a = np.array(x[0])
    b = a[()]
    c = a[...]
    c = c.reshape(1)
    e = x[5:]
    s = e.sum() + np.prod(e) + np.dot(e, e) + np.concatenate([e, c]).sum()
    z = np.zeros((0, 3))
    t = (z * x).sum(0) + x
    np.nditer(a)
    q = np.squeeze(x[None, :, None])
    d = np.expand_dims(x, (0, 2))
    k = np.atleast_3d(x).shape[1] * np.broadcast_to(a, (2, 2)).sum()
    return (
        s * t.sum()
        + b**2
        + float(q[1])
        + d.swapaxes(0, 1).ravel()[2]
        + k
        + np.linalg.det(np.zeros((0, 0))) * x[0]
        + np.max(e, initial=1)
        + np.linalg.norm(e)
    )


def negative_strides_fortran(x):
    A = np.array(x.reshape(2, 2), order="F")
    B = A[::-1, ::-1].T
    C = np.ravel(B, order="K")
    D = np.reshape(A, (1, 4), order="F")
    E = A.flatten("F")
    A2 = A.copy(order="K")
    A2.T[...] += 1
    A2[:, ::-1] *= [2, 3]
    F = np.require(A2, requirements=["F", "O"])
    G = np.moveaxis(np.stack([A, B, A2], axis=-1), -1, 0)
    H = np.roll(G, (1, -1), axis=(0, 2))
    I = np.flip(H, (0, 1))
    J = np.rot90(I, axes=(1, 2))
    J.flat[3] = x[0]
    J.flat[[1, 2]] = x[1:3]
    return (
        C @ [1, 2, 3, 4]
        + (D * [4, 3, 2, 1]).sum()
        + E[1] * E[2]
        + F[0] @ F[1]
        + (J * np.arange(12).reshape(3, 2, 2)).sum()
    )


def ufunc_at_scatter(x):
    a = np.ones((3, 2))
    np.add.at(a, ([0, 2, 0], [1, 0, 1]), x[:3])
    np.multiply.at(a, (slice(None), 0), x[3])
    np.subtract.at(a, [1], x[:2])
    np.maximum.at(b := np.zeros(3), [0, 1, 1, 2], x)
    np.power.at(a, ([0], [0]), 2.0)
    np.negative.at(a, (1, 1))
    np.divide.at(a, 2, x[1])
    h = np.zeros(4)
    np.logaddexp.at(h, [0, 0, 3], x[1:])
    np.hypot.at(h, [1, 1], [x[0], x[1]])
    return (a * np.arange(6).reshape(3, 2)).sum() + b.prod() + h @ [1, 2, 3, 4]


def try_except_paths(x):
    out = []
    for M in (np.outer(x, x), np.diag(x)):
        try:
            out.append(np.linalg.inv(M).sum() if np.linalg.cond(M) < 1e10 else np.linalg.pinv(M).sum())
        except np.linalg.LinAlgError:
            out.append(x.sum())
    try:
        L = np.linalg.cholesky(np.outer(x, x) - np.eye(4))
    except np.linalg.LinAlgError:
        L = np.diag(x**2)
    try:
        v = x[7]
    except IndexError:
        v = x[-1]
    try:
        w = {"a": x[0]}["b"]
    except (KeyError, ValueError):
        w = x[1]
    else:
        w = 0
    finally:
        out.append(v * w)
    with np.errstate(divide="raise"):
        try:
            k = np.divide(x, 0.0)
        except FloatingPointError:
            k = x
    with contextlib.suppress(ZeroDivisionError):
        out.append(float(x[2]) / 0)
    return sum(out) + np.trace(L) + k.prod()


def dataclass_replace_tree(x):
    @dataclass(frozen=True, order=True)
    class Node:
        w: float
        kids: tuple = ()

        def fold(s, f, init):
            return f(s.w, functools.reduce(lambda a, k: k.fold(f, a), s.kids, init))

        def scaled(s, c):
            return replace(s, w=s.w * c, kids=tuple(k.scaled(c) for k in s.kids))

    t = Node(x[0], (Node(x[1]), Node(x[2], (Node(x[3]),))))
    u = t.scaled(x[1])
    d = asdict(u)
    return (
        u.fold(lambda a, b: a + np.tanh(b) * a, 0.0)
        + d["kids"][1]["kids"][0]["w"] ** 2
        + max(t.kids).w
        + sorted(t.kids, reverse=True)[1].w
    )


def vectorized_signature(x):
    f = np.vectorize(lambda a, b, n=2: a * b**n if a > b else b - a, otypes=[float], excluded={"n"})
    g = np.vectorize(np.linalg.norm, signature="(n)->()")
    h = np.vectorize(lambda A, v: A @ v, signature="(m,n),(n)->(m)")
    A = np.arange(8.0).reshape(2, 2, 2)
    return (
        f(x[:, None], x, n=3).sum()
        + g(np.outer(x, x)).sum()
        + h(A, x[:2]).sum()
        + np.apply_along_axis(lambda r, k: np.sort(r)[::-1][:2] * k, 1, np.outer(x, [1, -1, 2]), x[0]).sum()
        + np.fromfunction(lambda i, j: i * x[0] + j * x[1], (2, 3)).sum()
    )


def graph_pagerank_katz(x):
    E = [(0, 1), (1, 2), (2, 0), (2, 3), (3, 1)]
    r, c = zip(*E)
    w = np.r_[x, 1.0]
    A = sparse.coo_matrix((w, (r, c)), shape=(4, 4)).tocsr()
    d = np.asarray(A.sum(axis=1)).ravel()
    Pm = sparse.diags(1 / d) @ A
    v = np.full(4, 0.25)
    for _ in range(25):
        v = 0.85 * Pm.T.dot(v) + 0.0375
    katz = sparse.linalg.spsolve(sparse.identity(4, format="csc") - 0.3 * A.T.tocsc(), np.ones(4))
    bf = collections.defaultdict(lambda: np.inf, {0: 0.0})
    for _ in range(4):
        for (i, j), ww in zip(E, w):
            bf[j] = min(bf[j], bf[i] + ww)
    return v @ [1, 2, 3, 4] + katz.sum() + bf[3] + A.multiply(A).sum() + A.diagonal(1).prod()


def ecology_hill_numbers(x):
    p = np.abs(x) / np.abs(x).sum()
    q = np.array([0.5, 2, 3])
    D = (p[:, None] ** q).sum(0) ** (1 / (1 - q))
    H = special.entr(p).sum()
    dist = spatial.distance.pdist(np.c_[x, x**2], "braycurtis")
    T = spatial.distance.squareform(dist, checks=False)
    rao = p @ T @ p
    rar = np.sum(1 - special.binom(20 - 20 * p, 5) / special.binom(20, 5))
    return (
        D @ [1, 2, 3]
        + np.exp(H)
        + rao
        + rar
        + spatial.distance.jensenshannon(p, np.full(4, 0.25), base=2)
        + stats.entropy(p, qk=[0.4, 0.3, 0.2, 0.1], base=3)
    )


PROGRAMS = {
    nan_robust: [0.5, 1.5, 0.2],
    where_and_out_everywhere: [0.5, 1.5, 0.2, 2.2],
    choose_select_lexi: [0.5, 1.5, 0.2, 2.2],
    polynomial_objects: [0.5, 1.5, 0.2, 2.2],
    legacy_poly1d: [0.5, 1.5, 0.2],
    simulated_annealing: [0.5, 1.5, 0.2],
    mcmc_acceptance: [0.5, 1.5, 0.2],
    crn_asian_antithetic: [100.0, 0.2, 0.03],
    structured_record_catalogue: [0.4, 1.2, 0.7],
    zero_d_and_empty: [0.4, 1.2, 0.7],
    negative_strides_fortran: [0.4, 1.2, 0.7, 0.9],
    ufunc_at_scatter: [0.4, 1.2, 0.7, 0.9],
    try_except_paths: [0.4, 1.2, 0.7, 0.9],
    dataclass_replace_tree: [0.8, 1.2, 0.5, 0.1],
    vectorized_signature: [0.8, 1.2, 0.5, 0.1],
    graph_pagerank_katz: [0.8, 1.2, 0.5, 0.1],
    ecology_hill_numbers: [0.8, 1.2, 0.5, 0.1],
}
test_program, test_compiled_at_two_points = both_tests(PROGRAMS)
