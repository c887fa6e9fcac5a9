"""NumPy's functions as programs use them, a score at a time."""

import collections
import functools
import itertools
import operator

import numpy as np
import pytest
from check import check
from scipy import linalg

rng = np.random.default_rng(8)


def nan_stats(x):
    y = x.copy()
    y[0, 1] = np.nan
    y[2, 3] = np.nan
    return (
        np.nanmean(y, axis=1),
        np.nanvar(y),
        np.nanstd(y, axis=0),
        np.nansum(y**2, axis=0),
        np.nanmax(y, axis=1),
        np.nanmedian(y),
        np.nanpercentile(y, 30),
        np.nan_to_num(y, nan=2.0) ** 2,
        np.nanprod(y),
        np.nancumsum(y)[3],
        np.nanmin(y),
        np.nanquantile(y, [0.2, 0.7], axis=1),
    )


def cov_corr(x):
    return (
        np.cov(x),
        np.corrcoef(x, rowvar=False),
        np.cov(x[0], x[1], ddof=0),
        np.cov(x.T, aweights=[1, 2, 3, 4]),
        np.percentile(x, [10, 50, 90], axis=0),
        np.quantile(x, 0.3, method="hazen"),
        np.median(x, axis=1),
        np.ptp(x, axis=0),
        np.average(x, weights=[1, 2, 3.0], axis=1),
        np.std(x, ddof=1),
    )


def weighted_histogram(w):
    data = np.array([0.1, 0.4, 0.35, 0.8, 0.9, 0.2, 0.65, 0.5])
    h, _e = np.histogram(data, bins=4, weights=w, density=True)
    b = np.bincount([0, 1, 1, 3, 0, 2, 2, 3], weights=w, minlength=5)
    d = np.digitize(data, [0.25, 0.5, 0.75])
    H, _, _ = np.histogram2d(data, data[::-1], bins=2, weights=w)
    return (h, b, [w[d == k].mean() for k in range(4)], H)


def scatter_ufuncs(x):
    a = np.zeros(4)
    np.add.at(a, [0, 1, 1, 3, 2, 0], x)
    b = np.ones(3)
    np.multiply.at(b, [0, 1, 2, 0, 1, 2], x)
    c = np.add.reduceat(x, [0, 2, 5])
    d = np.multiply.accumulate(x)
    e = np.maximum.accumulate(x)
    f = np.subtract.outer(x, x[:2])
    g = np.logaddexp.reduce(x)
    h = np.minimum.reduce(x.reshape(2, 3), axis=0)
    i = np.hypot.reduce(x)
    m = np.full(3, -np.inf)
    np.maximum.at(m, [0, 0, 1, 1, 2, 2], x)
    s = np.zeros(4)
    np.subtract.at(s, np.array([0, 1, 1, 3, 2, 0]), x**2)
    return (a, b, c, d, e, f, g, h, i, m, s)


def nditer_rw(x):
    y = x.copy()
    with np.nditer(y, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = v * v + 1
    it = np.nditer(x, flags=["multi_index"])
    s = 0
    while not it.finished:
        s += it[0] * it.multi_index[1]
        it.iternext()
    return (y, s)


def views_writes(x):
    a = x.copy()
    np.diagonal(a)
    a[1:, ::2] *= 2
    a[::-1][0] += 1
    a.T[0] = a[1]
    b = a[:, ::-1]
    b[0, 0] = 5 * b[1, 1]
    np.fill_diagonal(a, a.sum(0))
    a[a > 1] = 1
    a[[0, 2]] = a[[2, 0]]
    a[np.ix_([0, 1], [2, 3])] -= a[:2, :2]
    c = a.reshape(-1)
    c[3::4] = c[::4] ** 2
    e = np.asfortranarray(a)
    f = e.ravel(order="K")
    g = e.flatten("F")
    return (a, f, g, np.trace(a), a.T.copy()[1])


def tensors_einsum(T):
    a = np.einsum("ijk,ljk->il", T, T)
    b = np.einsum("iij->j", T[:, :2])
    c = np.tensordot(T, T, axes=([0, 2], [0, 2]))
    d = np.einsum("...k,k->...", T, np.arange(4.0))
    e = np.einsum(T, [0, 1, 2], [2, 0])
    f = np.inner(T[0], T[1])
    g = np.outer(T[0, 0], T[1, 1, :2])
    h = np.kron(T[0, :2, :2], T[1, :2, :2])
    i = np.vdot(T, T)
    j = np.matmul(T, T.transpose(0, 2, 1))
    k = np.linalg.multi_dot([T[0], T[1].T, T[0]])
    l = np.einsum("ij,jk,kl->il", T[0], T[1].T, T[0])
    m = np.cross(T[0].T, T[1].T)
    n = np.moveaxis(T, 0, -1)[1]
    o = np.rollaxis(T, 2)[0]
    p = np.linalg.vecdot(T, T)
    q = np.linalg.matrix_norm(T)
    r = np.matvec(T, np.ones(4))
    return (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r)


def sorts(x):
    i = np.argsort(x)[::-1]
    p = np.partition(x, 2)[:3].sum()
    ap = x[np.argpartition(x, 2)[:2]].sum()
    s = np.searchsorted(np.sort(x), 0.1)
    _u, _inv = np.unique(np.round(x), return_inverse=True)
    l = np.lexsort((x, np.sign(x)))
    m = np.sort(x.reshape(2, 3), axis=0)
    t = sorted(x)[1]
    mx = max(x)
    am = x[np.argmax(np.abs(x))]
    w = np.flatnonzero(x > 0)
    z = x[w].sum()
    nz = x[np.nonzero(x < 0)]
    k = np.take_along_axis(x.reshape(2, 3), np.argsort(x.reshape(2, 3), 1), 1)
    e = np.extract(x > 0, x)
    c = np.compress(x < 0, x)
    un = np.unique(x)
    return (
        x[i],
        p,
        ap,
        s * x[0],
        x[l],
        m,
        t,
        mx,
        am,
        z,
        nz,
        k,
        e,
        c,
        un,
        np.trim_zeros(np.r_[0, x, 0]),
        np.sort_complex(x).real,
        np.median(sorted(x)),
    )


def set_and_build(x):
    a = np.insert(x, 2, x[0] ** 2)
    b = np.delete(x, 1)
    c = np.r_[x[:2], 0, x[3]]
    d = np.c_[x, x**2]
    e = np.tile(x, 2)
    f = np.repeat(x, [1, 2, 0, 1, 3])
    g = np.block([[np.eye(2), x[:2, None]], [x[None, :2], np.array([[x[4]]])]])
    h = np.stack([x, x], axis=-1)
    i = np.split(np.r_[x, x[0]], 3)[1]
    j = np.flip(x)
    k = np.rot90(np.outer(x, x))
    l = np.resize(x, 7)
    m = np.pad(x, 2, mode="symmetric")
    n = np.pad(x, (1, 2), mode="linear_ramp", end_values=(0, 1))
    o = np.triu(np.outer(x, x))
    p = np.diag(x, 1)
    q = np.diff(x, n=2, prepend=0)
    r = np.ediff1d(x)
    s = np.array_split(x, 2)[0]
    t = np.dstack([x, x])
    u = np.fliplr(d)
    v = np.select([x > 0], [x])
    w = np.choose([0, 1, 0, 1, 1], [x, -x])
    y = np.pad(x, 1, mode="mean")
    z = np.vander(x, 3)
    aa = np.tri(5) @ x
    ab = np.geomspace(1, x[0] ** 2 + 1, 4)
    ac = np.logspace(0, x[1], 3)
    ad = np.linspace(x[0], x[1], 5)
    ae = np.meshgrid(x, x[:2], indexing="ij")[1]
    af = np.full_like(x, x[2])
    ag = np.unstack(d)[1] if hasattr(np, "unstack") else x
    return (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, y, z, aa, ab, ac, ad, ae, af, ag)


def elementary(x):
    y = np.abs(x) + 0.1
    return (
        [
            f(x)
            for f in (
                np.sinh,
                np.tanh,
                np.arctan,
                np.expm1,
                np.cbrt,
                np.sinc,
                np.exp2,
                np.arcsinh,
                np.square,
                np.reciprocal,
                np.deg2rad,
                np.positive,
                np.negative,
                np.fabs,
                np.i0,
            )
        ]
        + [f(y) for f in (np.log2, np.log10, np.log1p, np.sqrt)]
        + [
            np.logaddexp(x, y),
            np.logaddexp2(x, 1),
            np.arctan2(x, y),
            np.hypot(x, y),
            np.fmod(x, 0.7),
            np.mod(x, 0.7),
            np.remainder(x, -0.7),
            x // 0.3 * x,
            np.divmod(x, 0.6)[1],
            np.power(y, x),
            np.float_power(y, 2.5),
            np.copysign(y, x),
            np.maximum(x, 0.2),
            np.fmin(x, 0.1),
            np.clip(x, -0.5, 0.5),
            x.clip(min=0),
            np.heaviside(x, 0.5) * x,
            np.sign(x) * x**2,
            np.modf(x)[0],
            np.frexp(y)[0],
            np.ldexp(x, 2),
            np.rint(x) * x,
            np.trunc(x) + x,
            np.nextafter(x, 1) * 0 + x,
            np.interp(x, [-1, 0, 1], [0, 1, 0.5]),
            np.unwrap(x * 4),
            np.real_if_close(x + 0j),
            np.angle(x + 1j),
            np.arccosh(1 + y),
            np.arctanh(x / 5),
            x,
        ]
    )


def generators(x):

    def gen(xs):
        acc = 0
        for v in xs:
            acc = 0.5 * acc + v
            yield acc

    a = list(gen(x))
    b = sum((v * w for v, w in itertools.pairwise(x)))
    c = functools.reduce(operator.mul, x)
    d = list(itertools.accumulate(x))
    e = [u * v for u, v in itertools.combinations(x, 2)]
    f = dict(zip("abcd", x))
    f["e"] = f["a"] * f["b"]
    g = max(f, key=f.get)
    h = sum(t**2 for t in x)
    i = [*itertools.chain(x, [x[0]])]
    j = np.fromiter((v * 2 for v in x), float)
    k = np.array([v for v in x if v > 0])
    dd = collections.defaultdict(float)
    for q, v in enumerate(x):
        dd[q % 2] += v**2
    return (
        a,
        b,
        c,
        d,
        e,
        f[g],
        h,
        i,
        j,
        k,
        dd[0] * dd[1],
        np.array(list(f.values())),
        functools.reduce(np.logaddexp, x),
    )


def recursion_memo(x):
    n = len(x)

    @functools.lru_cache(None)
    def mcm(i, j):
        if i == j:
            return 0.0
        return min(mcm(i, k) + mcm(k + 1, j) + x[i] * x[k] * x[j] for k in range(i, j))

    def fft(a):
        if len(a) == 1:
            return a
        e, o = (fft(a[::2]), fft(a[1::2]))
        w = np.exp(-2j * np.pi * np.arange(len(e)) / len(a))
        return np.concatenate([e + w * o, e - w * o])

    def hanoi(k):
        return x[0] if k == 0 else 2 * hanoi(k - 1) + x[k]

    return (mcm(0, n - 1), np.abs(fft(x[:4])), hanoi(4))


def dp_seam(E):
    M = E.copy()
    for i in range(1, 5):
        for j in range(5):
            lo, hi = (max(j - 1, 0), min(j + 1, 4))
            M[i, j] += M[i - 1, lo : hi + 1].min()
    path = [int(np.argmin(M[-1]))]
    for i in range(3, -1, -1):
        j = path[-1]
        lo = max(j - 1, 0)
        path.append(lo + int(np.argmin(M[i, lo : min(j + 1, 4) + 1])))
    return (M[-1].min(), sum((E[i, j] for i, j in zip(range(4, -1, -1), path))))


def hmm_scaled(A, b):
    A = A / A.sum(1, keepdims=True)
    B = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8], [0.5, 0.5]])
    obs = [0, 1, 1, 0, 1]
    al = b / b.sum() * B[:, 0]
    c = [al.sum()]
    al /= c[0]
    for o in obs[1:]:
        al = al @ A * B[:, o]
        c.append(al.sum())
        al = al / c[-1]
    d = np.log(b / b.sum() * B[:, 0])
    for o in obs[1:]:
        d = (d[:, None] + np.log(A)).max(0) + np.log(B[:, o])
    return (np.log(c).sum(), al, d.max())


def complex_tour(x):
    z = x[:2] + 1j * x[2:]
    return (
        np.abs(z),
        np.angle(z),
        z.real * z.imag,
        np.conj(z) * z,
        z**2,
        np.sqrt(z),
        np.log(z),
        np.exp(z),
        np.sin(z),
        np.linalg.norm(z),
        np.vdot(z, z).real,
        np.prod(z),
        np.cumsum(z),
        1 / z,
        np.polyval(z, 0.5),
        np.outer(z, z.conj()),
        np.fft.fft(z),
        np.sum(z).imag,
        z.T,
        np.isreal(z).sum() * x[0],
        np.roots([1, x[0], 5]).imag.max(),
        np.where(z.real > 0, z, 0),
        np.array([z[0], x[0]]),
        z.conjugate(),
        np.arctan(z),
        np.tanh(z),
        np.power(z, 1.5),
        abs(z[0]),
    )


def complex_matrix(x):
    H = np.array([[x[0], x[1] - 1j * x[2]], [x[1] + 1j * x[2], -x[0] + 1]])
    w, V = np.linalg.eigh(H)
    U = linalg.expm(-1j * H)
    psi = U @ np.array([1, 0])
    rho = np.outer(psi, psi.conj())
    S = -np.sum(w**2 * np.log(w**2))
    return (
        w,
        np.abs(V[0]) ** 2,
        np.abs(psi) ** 2,
        np.trace(rho @ H).real,
        np.linalg.det(H).real,
        np.linalg.inv(H + 3 * np.eye(2)),
        S,
        np.linalg.solve(H, psi),
        H.conj().T[0],
        np.linalg.svd(H)[1],
        np.kron(H, np.array([[0, 1], [1, 0]])).real,
    )


def householder_tridiag(A):
    A = (A + A.T) / 2
    n = 3
    T = A.copy()
    Q = np.eye(n)
    for k in range(n - 2):
        v = T[k + 1 :, k].copy()
        v[0] += np.copysign(np.linalg.norm(v), v[0])
        v /= np.linalg.norm(v)
        H = np.eye(n)
        H[k + 1 :, k + 1 :] -= 2 * np.outer(v, v)
        T = H @ T @ H
        Q = Q @ H
    for _ in range(6):
        mu = T[-1, -1]
        q, r = np.linalg.qr(T - mu * np.eye(3))
        T = r @ q + mu * np.eye(3)
    return (np.sort(np.diag(T)), Q @ Q.T)


def fft_tour(x):
    return (
        np.fft.rfft(x),
        np.fft.irfft(x[:5], 8),
        np.fft.fft(x, 10),
        np.fft.fftshift(x),
        np.fft.ifft(x).imag,
        np.fft.fft2(x.reshape(2, 4)),
        np.fft.hfft(x[:3]),
        np.fft.ifftshift(x)[0],
        np.fft.rfftn(x.reshape(2, 2, 2)),
        np.fft.fftn(x.reshape(4, 2), axes=[0]),
        np.fft.fft(x, norm="ortho"),
        np.correlate(x, x[:3], "full"),
        np.convolve(x, [1, 2.0, 1], "same"),
    )


def kmeans_and_knn(X):
    c = X[:2].copy()
    for _ in range(3):
        d = ((X[:, None] - c) ** 2).sum(-1)
        lab = d.argmin(1)
        for k in range(2):
            if np.any(lab == k):
                c[k] = X[lab == k].mean(axis=0)
    D = np.sqrt(((X[:, None] - X[None]) ** 2).sum(-1) + 1e-12)
    nn = np.sort(D, axis=1)[:, 1]
    return (c, nn)


def inplace_sorts(x):
    a = x.copy()
    a.sort()
    b = x.copy()
    b[::-1].sort()
    c = x.copy()
    c.partition(1)
    d = x.copy()
    d.fill(x[0])
    e = x.copy()
    e.resize(2) if False else None
    f = x.copy()
    f.put([0, 1], [x[3], 2])
    g = np.empty(4)
    np.copyto(g, x, where=x > 0) if False else np.copyto(g, x)
    h = x.copy()
    np.place(h, h > 0, x[:1])
    k = x.copy()
    np.putmask(k, k > 0, k**2)
    l = x.copy()
    np.clip(l, 0, 1, out=l)
    m = np.empty((2, 2))
    np.dot(x.reshape(2, 2), x.reshape(2, 2), out=m)
    n = x.copy()
    n += n[::-1]
    o = x.copy()
    o[1:] += o[:-1]
    p = x.copy()
    np.add(p, 1, out=p, where=p > 0)
    q = x.copy()
    np.put_along_axis(q, np.array([1]), x[0], 0)
    s = x.copy()
    s.shape = (2, 2)
    s[0] *= 3
    x.copy()
    np.random.default_rng(0).shuffle(np.arange(3))
    u = x.copy()
    u.flat[1] = 3 * x[0]
    u.real[2] = x[1]
    return (a, b, c, d, f, g, h, k, l, m, n, o, p, q, s, u)


ROUGH = {cov_corr: 1e-5, elementary: 1e-5}
CASES = {
    nan_stats: (rng.normal(size=(3, 4)),),
    cov_corr: (rng.normal(size=(4, 3)),),
    weighted_histogram: (rng.random(8),),
    scatter_ufuncs: (rng.normal(size=6),),
    nditer_rw: (rng.normal(size=(3, 4)),),
    views_writes: (rng.normal(size=(4, 4)),),
    tensors_einsum: (rng.normal(size=(2, 3, 4)),),
    sorts: (rng.normal(size=6),),
    set_and_build: (rng.normal(size=5),),
    elementary: (rng.normal(size=5),),
    generators: (rng.normal(size=4),),
    recursion_memo: (rng.random(6) + 0.5,),
    dp_seam: (rng.random((5, 5)),),
    hmm_scaled: (
        rng.random((4, 4)) + 0.1,
        rng.random(4),
    ),
    complex_tour: (rng.normal(size=4) + 0.0,),
    complex_matrix: (rng.normal(size=3),),
    householder_tridiag: (rng.normal(size=(3, 3)),),
    fft_tour: (rng.normal(size=8),),
    kmeans_and_knn: (rng.normal(size=(4, 2)),),
    inplace_sorts: (rng.normal(size=4),),
}


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, *CASES[f], h=ROUGH.get(f, 1e-3), rtol=1e-6)
