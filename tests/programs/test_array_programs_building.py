"""Programs that use the wide surface of NumPy: bins, products, writes, building, order, factors."""

import itertools
import math
from collections import OrderedDict, defaultdict, namedtuple
from functools import reduce

import numpy as np
import pytest
from check import check
from ways import compiled_at_two_points

rng = np.random.default_rng(6)
A0 = rng.normal(size=(4, 4))
x0 = np.array([0.5, -1.2, 0.8, 2.1, 0.3, -0.4])
B3 = rng.normal(size=(2, 3, 4))


def hist(w):
    h, _e = np.histogram([0.1, 0.4, 0.5, 0.9, 0.2, 0.7], bins=3, range=(0, 1), weights=w)
    h2, _ = np.histogram([0.1, 0.4, 0.5, 0.9, 0.2, 0.7], bins=[0, 0.3, 0.8, 1.0], weights=w, density=True)
    H, *_ = np.histogram2d(np.arange(6), np.arange(6) % 2, bins=(3, 2), weights=w)
    d, _ = np.histogramdd(np.c_[np.arange(6), np.arange(6) % 2], bins=(2, 2), weights=w)
    return (h, h2, H, d, np.bincount([0, 1, 1, 2, 2, 0], w, minlength=5), np.histogram(w, bins=3)[0] * w[0])


def hist_data(x):
    c, e = np.histogram(x, bins=4)
    mid = (e[1:] + e[:-1]) / 2
    return ((c * mid).sum() / c.sum(), np.digitize(x, [-1, 0, 1]) * x, np.searchsorted(np.sort(x), 0.1) * x)


def convs(x):
    return (
        np.convolve(x, [1, 2.0, 1], "same"),
        np.convolve(x, x, "valid"),
        np.convolve([1.0, 2], x),
        np.correlate(x, x, "full"),
        np.correlate(x, [1, 0.5], "same"),
    )


def gradients(A):
    gx, gy = np.gradient(A)
    return (
        gx * gy,
        np.gradient(A, 0.5, axis=1, edge_order=2),
        np.gradient(A[0], np.array([0, 1.0, 3, 4])),
        np.gradient(A, np.array([0.0, 1, 2, 4]), 2.0, axis=(0, 1))[0],
        np.trapezoid(A, dx=0.5, axis=0),
        np.trapezoid(A[0], A[1]),
        np.diff(A, n=2, axis=0, prepend=0),
        np.ediff1d(A, to_begin=0.0, to_end=[1.0, 2]),
    )


def covs(A):
    return (
        np.cov(A),
        np.cov(A, rowvar=False, ddof=0),
        np.cov(A[0], A[1], aweights=[1.0, 2, 3, 4]),
        np.cov(A, fweights=[1, 2, 1, 3]),
        np.corrcoef(A, rowvar=False),
        np.corrcoef(A[0], A[2])[0, 1],
    )


def ufunc_methods(x):
    a = np.zeros(4)
    np.add.at(a, [0, 1, 1, 3, 3, 3], x)
    b = np.ones(3)
    np.multiply.at(b, [0, 0, 2], x[:3])
    c = x.copy()
    np.subtract.at(c, [0, 0], 2 * c[1])
    d = np.full(3, -np.inf)
    np.maximum.at(d, [0, 1, 2, 0, 1, 2], x)
    return (
        a,
        b,
        c,
        d,
        np.add.reduceat(x, [0, 2, 4]),
        np.multiply.reduceat(x, [0, 3, 1]),
        np.maximum.accumulate(x),
        np.multiply.outer(x, x).sum(0),
        np.logaddexp.reduce(x),
        np.add.accumulate(x[::-1]),
        np.subtract.reduce(x),
        np.hypot.reduce(x),
        np.minimum.reduceat(x, [0, 2]),
        np.power.outer(np.abs(x), [1, 2]),
        np.divide.accumulate(x),
        np.subtract.outer(x, x),
    )


def views_flat(x):
    A = np.zeros((3, 4))
    v = A[:, 1:3]
    v.flat = x
    A.T[2] *= 2
    A.ravel()[::5] += x[:3]
    A.flat[[0, 3]] = x[:2]
    r = A.reshape(4, 3)[1:]
    r[:, 0] -= 1
    np.fill_diagonal(A[:, :3], x[3:])
    return (A, r, A[::-1, ::-2])


def put_take(x):
    y = np.zeros(6)
    np.put(y, [0, 2], x[:2])
    np.place(y, y == 0, x)
    np.putmask(y, x > 1, x**2)
    np.copyto(y, x, where=x < -1)
    z = np.zeros((2, 3))
    np.put_along_axis(z, np.array([[0], [2]]), x[:2, None], axis=1)
    return (
        y,
        z,
        np.take(x, [[0, 1], [-1, 2]]),
        np.take_along_axis(x[None], np.argsort(x)[None], 1),
        np.compress([1, 0, 1], x),
        np.extract(x > 0, x),
        np.delete(x, [1, 2]),
        np.insert(x, 2, x[0] ** 2),
        np.insert(x.reshape(2, 3), 1, x[:2], axis=1),
        np.append(x, [1.0]),
        np.resize(x, (2, 4)),
        np.trim_zeros(np.r_[0, x, 0]),
    )


def buildm(x):
    return (
        np.block([[np.eye(2), x[:2, None]], [x[None, 2:5]]]),
        np.r_[x, 1, x[::-1]],
        np.c_[x, x**2],
        np.r_["0,2", x[:2], x[2:4]],
        np.meshgrid(x[:2], x[2:], indexing="ij")[0],
        np.vander(x[:3], 4, increasing=True),
        np.tri(3) * x[:3],
        np.kron(x[:2], np.eye(2)),
        np.tile(x, (2, 2)),
        np.repeat(x, [1, 0, 2, 1, 1, 3]),
        np.pad(x, (1, 2), "reflect"),
        np.pad(x, 2, mode="linear_ramp", end_values=(1.0, 2)),
        np.pad(x, 1, mode="mean"),
        np.pad(x.reshape(2, 3), ((1, 0), (0, 2)), "wrap"),
        np.roll(x, 2),
        np.rot90(x.reshape(2, 3)),
        np.flip(x),
        np.diagflat(x),
        np.triu(np.outer(x, x), 1),
        np.broadcast_to(x, (2, 6)),
        np.moveaxis(x.reshape(1, 2, 3), 0, -1),
        np.array_split(x, 4),
        np.dstack([x, x]),
        np.column_stack((x, x)),
        np.fromiter((v * v for v in x), float, 6),
        np.fromfunction(lambda i, j: x[0] * i + j, (2, 2)),
        np.linspace(x[0], x[1], 4),
        np.geomspace(x[0], 8.0, 3),
        np.logspace(x[0], 1, 3),
        np.arange(3) * x[0],
    )


def linalgs(A):
    S = A @ A.T + 4 * np.eye(4)
    return (
        np.linalg.multi_dot([A, S, A]),
        np.linalg.matrix_power(A, -2),
        np.linalg.cond(S),
        np.linalg.eigvalsh(S),
        np.linalg.svd(A, compute_uv=False),
        np.linalg.norm(A, "nuc"),
        np.linalg.norm(A, 2),
        np.linalg.norm(A, -2),
        np.linalg.norm(A, axis=1, ord=3),
        np.linalg.tensorinv(S.reshape(2, 2, 2, 2), ind=2),
        np.linalg.tensorsolve(S.reshape(2, 2, 4), A[:2, :2]),
        np.linalg.cross(A[:2, :3], A[2:, :3]),
        np.linalg.matrix_norm(A),
        np.linalg.vector_norm(A, axis=0),
        np.linalg.vecdot(A, S),
        np.linalg.trace(A),
        np.linalg.outer(A[0], A[1]),
        np.linalg.diagonal(A, offset=1),
        np.linalg.svdvals(A),
        np.linalg.pinv(A[:3], rcond=1e-10),
        np.linalg.cholesky(S, upper=True),
        np.linalg.matrix_transpose(A),
    )


def eigs(A):
    w, V = np.linalg.eig(A)
    S = A + A.T
    l, U = np.linalg.eigh(S, UPLO="U")
    return (
        np.sum(np.abs(w) ** 2),
        np.real(np.trace(V @ np.diag(w) @ np.linalg.inv(V) @ A)),
        U * np.exp(l) @ U.T,
        U[:, 0] ** 2,
        np.sort(np.abs(np.linalg.eigvals(A))),
    )


def batched(A):
    S = A @ np.swapaxes(A, -1, -2) + 3 * np.eye(4)
    L = np.linalg.cholesky(S)
    _q, r = np.linalg.qr(A)
    return (
        np.linalg.inv(S),
        np.linalg.solve(S, A[:, :, :2]),
        np.linalg.slogdet(S).logabsdet,
        np.linalg.det(A),
        L.mean(axis=0),
        np.abs(np.diagonal(r, axis1=1, axis2=2)),
        np.linalg.pinv(A),
        np.linalg.eigvalsh(S),
        A.mT @ A,
    )


def percentiles(x):
    return (
        [
            np.percentile(x, 37, method=m)
            for m in (
                "linear",
                "lower",
                "higher",
                "midpoint",
                "nearest",
                "hazen",
                "weibull",
                "median_unbiased",
                "normal_unbiased",
                "inverted_cdf",
                "averaged_inverted_cdf",
                "closest_observation",
                "interpolated_inverted_cdf",
            )
        ],
        np.quantile(x, 0.4, weights=np.arange(1, 7), method="inverted_cdf"),
        np.median(x.reshape(2, 3), axis=1, keepdims=True),
        np.percentile(x.reshape(2, 3), [20, 60], axis=0),
        np.ptp(x),
        np.average(x, weights=np.abs(x), returned=True),
    )


def sorts(x):
    i = np.argsort(-x, kind="stable")
    y = np.sort(x)[::-1]
    p = np.partition(x, 2)
    u, inv, cnt = np.unique(np.round([1.0, 2, 1, 2, 3, 1]), return_inverse=True, return_counts=True)
    means = np.array([x[inv == k].mean() for k in range(len(u))])
    z = x.copy()
    z.sort()
    w = x.copy()
    w.partition(3)
    l = np.lexsort((x, np.array([0, 0, 1, 1, 0, 1])))
    return (
        x[i].cumsum(),
        y,
        p[:2].sum(),
        means / cnt,
        z * w[3],
        x[l],
        np.sort(x.reshape(3, 2), axis=0),
        np.unique(x),
        np.argpartition(x, 1)[:1] * x[0],
        np.union1d(x[:3], [7.0]) if False else 0.0,
        np.intersect1d([1, 2], [2, 3]) * x[0],
    )


def errstates(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.log(x)
        s = np.where(x > 0, r, 0.0)
        t = np.true_divide(1.0, x, out=np.zeros_like(x), where=x > 1)
        q = np.nan_to_num(np.sqrt(x))
    return (
        s,
        t,
        q,
        np.log(x, where=x > 0, out=np.zeros(6)),
        np.sum(x, where=x > 0),
        np.max(x, initial=3.0, where=x < 2),
        np.mean(x, where=x > 0),
        np.add(x, 1, where=[True, False] * 3, out=x.copy()),
        np.std(x, where=x > 0, ddof=1),
        np.prod(x, where=x > 0, initial=2.0),
    )


def number_kinds(x):
    s = x[0]
    n = np.float64(2.0) * s
    k = int(x[3]) + s
    r = round(3.3) * s
    return (
        n,
        k,
        r,
        s.item() if False else s,
        abs(s),
        -(s**2),
        s.real,
        pow(s, 2),
        divmod(s, 0.2)[1],
        math.fsum([1.0, 2]) * s,
        max(x),
        min(x.tolist()) if False else min(x),
        sum(x),
        sum(v for v in x if v > 0),
        sorted(x)[2],
        x[x.argmax()],
        x[np.argmin(x)],
        math.pi * s,
        np.dot(list(x), list(x)),
        [*x][1] * 2,
        dict(zip("abcdef", x))["c"] ** 2,
        reduce(lambda a, b: a * b + 1, x),
        list(itertools.accumulate(x, lambda a, b: a + b * b)),
    )


def group_by(x):
    d = defaultdict(list)
    keys = ["a", "b", "a", "c", "b", "a"]
    for k, v in zip(keys, x):
        d[k].append(v)
    Stat = namedtuple("Stat", "mean sd n")
    out = OrderedDict(((k, Stat(np.mean(v), np.std(v), len(v))) for k, v in sorted(d.items())))
    return ([s.mean * s.n + s.sd for s in out.values()], np.array([np.sum(v) for v in d.values()]) @ np.ones(3))


def ascontig(x):
    y = np.ascontiguousarray(x[::2])
    z = np.asfortranarray(np.outer(x, x))
    w = np.require(x, float, "C")
    e = np.empty_like(x)
    e[:] = x
    e[...] *= 2
    v = np.array(x, copy=True, ndmin=2)
    s = np.squeeze(v)
    u = np.atleast_2d(x).T
    q = np.expand_dims(x, (0, 2))
    t = x.astype(np.float64, copy=False)
    b = np.broadcast_arrays(x, np.ones((2, 6)))[0]
    o = np.ones_like(x, shape=3) * x[:3]
    f = np.full(3, x[0])
    g = np.full_like(x, x[1])
    h = np.copy(x)
    h[1:] = h[:-1]
    return (
        y,
        z,
        w,
        e,
        v,
        s,
        u,
        q,
        t,
        b,
        o,
        f,
        g,
        h,
        np.asarray([x[0], 1.0, x[1]]),
        np.array([[x[0], 2], [3, x[1]]]),
        np.stack([x[:2], [1.0, 2]]),
        np.array(list(map(np.sin, x))),
        np.hstack([1.0, x]),
        np.concatenate([x[:2], np.zeros(1)], axis=None),
    )


def string_ops(x):
    cfg = {"kind": "huber", "delta": 1.0, "reduce": "mean"}
    loss = {
        "huber": lambda r, d: np.where(np.abs(r) <= d, 0.5 * r**2, d * (np.abs(r) - 0.5 * d)),
        "l1": lambda r, d: np.abs(r),
    }[cfg["kind"]]
    v = getattr(np, cfg["reduce"])(loss(x, cfg["delta"]))
    msg = f"{v:.3f} {x[0]:+.2e} {x}"
    assert len(msg) > 5
    return v


CASES = {
    hist: x0,
    hist_data: x0,
    convs: x0,
    gradients: A0,
    covs: A0,
    ufunc_methods: x0,
    views_flat: x0,
    put_take: x0,
    buildm: x0,
    linalgs: A0,
    eigs: A0,
    batched: rng.normal(size=(3, 4, 4)),
    percentiles: x0,
    sorts: x0,
    errstates: x0,
    number_kinds: x0,
    group_by: x0,
    ascontig: x0,
    string_ops: x0,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=1e-6)


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_compiled_at_two_points(f):
    compiled_at_two_points(f, CASES[f])
