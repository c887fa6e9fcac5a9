"""Programs that use the wide surface of NumPy: masks, iterators, contractions, polynomials, pieces."""

import numpy as np
import pytest
from check import check
from numpy.lib.stride_tricks import as_strided, sliding_window_view
from numpy.polynomial import (
    Chebyshev,
    Hermite,
    Legendre,
    Polynomial,
)
from numpy.polynomial import (
    chebyshev as C,
)
from numpy.polynomial import (
    legendre as Lg,
)
from numpy.polynomial import (
    polynomial as npoly,
)
from ways import compiled_at_two_points

rng = np.random.default_rng(6)
A0 = rng.normal(size=(4, 4))
x0 = np.array([0.5, -1.2, 0.8, 2.1, 0.3, -0.4])
B3 = rng.normal(size=(2, 3, 4))


def masked_basic(x):
    m = np.ma.masked_where(x < 0, x)
    return (m.mean(), m.sum(), m.filled(0.0), np.ma.sqrt(m).sum())


def masked_array_arith(x):
    m = np.ma.array(x, mask=[0, 1, 0, 0, 0, 1])
    z = (m * 2 + x) ** 2
    return (z.sum(), z.compressed(), m.count() * x)


def masked_std(x):
    m = np.ma.masked_less(x, 0.0)
    return (m.std(), m.var(ddof=1), np.ma.average(m, weights=np.arange(1.0, 7)), np.ma.median(m), m.max(), m.min())


def masked_2d(A):
    m = np.ma.masked_greater(A, 0.5)
    return (
        m.mean(axis=0).filled(-1.0),
        m.sum(axis=1).data,
        np.ma.filled(m - m.mean(), 0.0),
        np.ma.log(np.ma.masked_less_equal(A, 0)).sum(),
    )


def masked_invalid(x):
    y = np.array([1.0, np.nan, 2.0, np.nan, 3.0, 4.0]) * x
    return (np.ma.masked_invalid(y).mean(), np.nanmean(y))


def masked_divide(x):
    r = np.ma.divide(x, np.array([1, 0, 2, 0, 3, 4.0]))
    return (r.filled(0.0).sum(), np.ma.dot(np.ma.array(x), x), np.ma.where(x > 0, x, -x).sum())


def masked_set(x):
    m = np.ma.array(x.copy())
    m[1] = np.ma.masked
    m[m > 2] = np.ma.masked
    return (m.sum(), np.ma.anom(m).filled(0.0), (m**2).mean())


def nditer_out(x):
    it = np.nditer([x, np.arange(6.0), None])
    for a, b, c in it:
        c[...] = a * b + 1
    return it.operands[2]


def nditer_flags(x):
    out = np.zeros_like(x)
    with np.nditer([x, out], flags=["multi_index"], op_flags=[["readonly"], ["writeonly"]]) as it:
        for a, o in it:
            o[...] = a * it.multi_index[0]
    return out


def nditer_plain(A):
    s = 0.0
    for v in np.nditer(A, order="F"):
        s = s * 0.9 + v
    for i, v in np.ndenumerate(A):
        s = s + v * i[0]
    for i in np.ndindex(2, 2):
        s += A[i] ** 2
    return s


def einsums(T):
    return (
        np.einsum("ijk->k", T),
        np.einsum("ijk,ijl->kl", T, T),
        np.einsum(T, [0, 1, 2], T, [0, 1, 3], [2, 3]),
        np.einsum("...k,k->...", T, np.arange(4.0)),
        np.einsum("ijk,ijk->", T, T, optimize="greedy"),
        np.einsum(" i j k -> k j i", T),
        np.einsum("iik->k", T[:, :2]),
        np.einsum("ijk,lmk,n->iln", T, T, np.ones(2), optimize=["einsum_path", (0, 1), (0, 1)]),
    )


def einsums2(T):
    out = np.empty((3, 4))
    np.einsum("ijk->jk", T, out=out)
    path, _ = np.einsum_path("ijk,ijl->kl", T, T)
    return (
        out * 2,
        np.einsum("ijk,ijl", T, T, optimize=path),
        np.einsum("...ij,...kj", T, T),
        np.tensordot(T, T, ((0, 1), (0, 1))),
        np.einsum("i...,i...->...", T, T[:, :1]),
        np.einsum(
            "ij,jk,kl,lm->im",
            A0,
            T[0, :3, :3] @ np.eye(3, 4) if False else np.vstack([T[0], T[1, :1]]),
            A0,
            A0,
            optimize=True,
        ),
    )


def strides(x):
    w = sliding_window_view(x, 3)
    a = as_strided(x, shape=(2, 3), strides=(24, 8))
    return (w.mean(axis=-1), w @ np.array([1.0, -2, 1]), a.sum(axis=1))


def sliding2d(A):
    w = sliding_window_view(A, (2, 2))
    return (
        w.max(axis=(2, 3)),
        np.einsum("ijkl,kl->ij", w, np.array([[1.0, 2], [3, 4]])),
        w[::2, ::2].reshape(2, 2, -1).std(axis=-1),
    )


def polys(c):
    p = Polynomial(c)
    q = p.deriv() * p - p.integ(k=[1.0])
    return (
        p(np.linspace(-1, 1, 5)),
        q.coef,
        (p**2)(0.3),
        p.convert(kind=Chebyshev).coef,
        (p // Polynomial([1.0, 1.0])).coef,
        divmod(p, Polynomial([1.0, 2, 1]))[1].coef,
    )


def polys2(c):
    return (
        np.polyval(c, 0.7),
        np.polyder(c),
        np.polyint(c, 2),
        np.polymul(c, [1, 2.0]),
        npoly.polyfromroots(c),
        np.poly(c),
        C.chebval(np.linspace(-1, 1, 4), c),
        Lg.legval(0.3, c),
        Legendre(c).linspace(5)[1],
        Hermite(c)(np.array([0.1, 0.2])),
        C.chebinterpolate(lambda t: np.exp(c[0] * t), 4),
        np.poly1d(c)(2.0),
        (np.poly1d(c) * np.poly1d([1.0, 2])).c,
        np.poly1d(c).deriv(2)(0.5),
    )


def fits(y):
    t = np.arange(6.0) / 3
    return (
        np.polyfit(t, y, 2),
        Polynomial.fit(t, y, 2).convert().coef,
        Chebyshev.fit(t, y, 3)(0.4),
        np.polyfit(t, y, 1, w=np.arange(1.0, 7), full=True)[0],
        C.chebfit(t, y, 2),
        npoly.polyvander(y, 3).sum(axis=0),
        np.polyfit(t, y, 1, cov=True)[1],
    )


def polyroots(c):
    return (np.sort(np.real(np.roots(c))), np.sort(np.real(Polynomial(c[::-1]).roots())))


def vectorizes(x):

    @np.vectorize
    def f(a, b=2.0):
        if a > 0:
            return a**b
        return -a * b

    g = np.vectorize(lambda v, k: np.dot(v, v) * k, signature="(n),()->()")
    np.vectorize(pow, excluded=["b"])
    return (
        f(x),
        f(x, b=3.0),
        g(x.reshape(2, 3), np.array([1.0, 2.0])),
        np.vectorize(lambda a: (a, a * a), otypes=[float, float])(x),
    )


def along(A):

    def norm_row(r, p):
        return r / (np.abs(r) ** p).sum() ** (1 / p)

    return (
        np.apply_along_axis(norm_row, 1, A, 2.0),
        np.apply_over_axes(np.sum, A, [0, 1]),
        np.apply_along_axis(lambda c: np.array([c.min(), c.max()]), 0, A),
        np.apply_along_axis(np.outer, 0, A, np.ones(2)).shape[0] * A,
    )


def piecewises(x):
    return (
        np.piecewise(x, [x < 0, x > 1], [lambda t: t**2, lambda t, k=3: t * k, 1.0]),
        np.piecewise(x, x > 0, [np.log, np.exp]),
        np.select([x < 0, x < 1, True], [x, x**2, 4.0]),
        np.select([x > 5], [x], default=-1.0),
        np.choose((x > 0).astype(int), [x, x**3]),
    )


CASES = {
    masked_basic: x0,
    masked_array_arith: x0,
    masked_std: x0,
    masked_2d: A0,
    masked_invalid: x0,
    masked_divide: x0,
    masked_set: x0,
    nditer_out: x0,
    nditer_flags: x0,
    nditer_plain: A0,
    einsums: B3,
    einsums2: B3,
    strides: x0,
    sliding2d: A0,
    polys: x0,
    polys2: x0,
    fits: x0,
    polyroots: np.array([1.0, -3.3, 2.1, 0.4]),
    vectorizes: x0,
    along: A0,
    piecewises: x0,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=1e-6)


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_compiled_at_two_points(f):
    compiled_at_two_points(f, CASES[f])
