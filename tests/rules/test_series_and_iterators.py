"""Classes of numpy.polynomial, as_strided and nditer with recorded values."""

import numpy as np
import pytest
from check import check
from numpy.lib.stride_tricks import as_strided
from numpy.polynomial import Chebyshev, Hermite, Legendre, Polynomial

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

rng = np.random.default_rng(0)
C, X = rng.normal(size=4), rng.normal(size=(5, 6))
T = np.linspace(0, 1, 8)


def printed(c):
    p = Polynomial(c)
    assert f"{p}"
    return p(1.0)


def with_constants(c):
    p = Polynomial([1.0, 2.0, 3.0])
    return (p * c[0])(c[1]) + (c[0] * p)(2.0) + p(c[2]) + (p + c[1])(0.0)


SERIES = {
    "call": lambda c: Polynomial(c)(0.3) + Polynomial([1, 2.0, 3])(c) + Polynomial(c)(c),
    "arithmetic": lambda c: (Polynomial(c) * Polynomial([1, 2.0]) + 3 - Polynomial(c) ** 2)(T),
    "calculus": lambda c: (2 * Polynomial(c)).deriv().integ(1, k=[c[0]]).coef,
    "fit": lambda c: Chebyshev.fit(T[:4], c, 2)(0.4),
    "convert": lambda c: Chebyshev.fit(T[:4], c, 3).convert(kind=Polynomial).coef,
    "from roots": lambda c: Polynomial.fromroots(c).coef,
    "composed": lambda c: Polynomial(c)(Polynomial([0.0, 1, 2])).coef,
    "roots": lambda c: np.sort(np.abs(Polynomial(c).roots())),
    "linspace": lambda c: Legendre(c, domain=[0, 2]).linspace(5)[1],
    "division": lambda c: (Polynomial(c) // Polynomial([1.0, 2])).coef,
    "iteration": lambda c: -Hermite(c)(c[0]) + len(Hermite(c)) * Hermite(c).degree() * sum(Hermite(c)),
    "shorter": lambda c: Polynomial(c).trim().truncate(3).cutdeg(1).coef,
    "printed": printed,
    "with constants": with_constants,
}


@pytest.mark.parametrize("name", SERIES)
def test_series(name):
    check(SERIES[name], C, rtol=1e-6)


def written_below(x):
    y = x.copy()
    w = as_strided(y, (5, 3), (8, 8))
    y[2] *= 3
    return w**2


def diagonal(a, offset=0):
    begin = a[0, offset:] if offset >= 0 else a[-offset:, 0]
    return as_strided(begin, (len(a) - abs(offset),), ((len(a) + 1) * a.itemsize,))


def written_diagonals(x):
    a = np.outer(x[:3], x[3:6])
    d = diagonal(a)
    np.add(d, x[6] * d, d)
    diagonal(a, 1)[:] = x[:2]
    below = diagonal(a, -1)
    below *= d[1:]
    a *= a[0, 0]
    return a**2, below


def written_columns_first(x):
    a = np.asfortranarray(np.outer(x[:3], x[3:6]))
    diagonal(a)[:] *= x[4:7]
    return a**2


def filled_outside(x):
    a = np.zeros((7, 7))
    diagonal(a)[:] = x
    return a @ x


STRIDED = {
    "written diagonals": written_diagonals,
    "columns first": written_columns_first,
    "filled": filled_outside,
    "before the view": lambda x: as_strided(x[2:], (3,), (-8,)) ** 2,
    "windows": lambda x: as_strided(x, (2, 3), (8, 16)),
    "backwards": lambda x: as_strided(x[::-1], (3, 2), (-8, -16)) * x[0],
    "repeated": lambda x: as_strided(x[1:], shape=(3, 2, 2), strides=(0, 8, 8)),
    "written below": written_below,
}


@pytest.mark.parametrize("name", STRIDED)
def test_as_strided(name):
    check(STRIDED[name], rng.normal(size=7))


def test_as_strided_refused():
    with pytest.raises(NoDerivative, match="strides \\(-8,\\): they lead out of the array"):
        wg.grad(lambda x: as_strided(x[1:], (3,), (-8,)).sum())(C)
    with pytest.raises(LostDerivative, match="not written to through a view by strides whose elements overlap"):
        wg.grad(lambda x: as_strided(x.copy(), (2, 2), (8, 8)).__setitem__((0, 0), 1.0))(C)


def summed(x):
    return sum(v**2 for v in np.nditer(x))


def read_and_written(x):
    y = x.copy()
    with np.nditer(y, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = 2 * v**2
    return y


def indexed(x):
    y = np.zeros_like(x)
    it = np.nditer(x, flags=["multi_index"])
    while not it.finished:
        y[it.multi_index] = it[0] ** 2 * it.multi_index[1]
        it.iternext()
    return y


def several(x):
    y = np.zeros((5, 6))
    for a, b, c in np.nditer([x, x[0], y], op_flags=[["readonly"], ["readonly"], ["readwrite"]]):
        c[...] = a * b
    return y


def in_another_order(x):
    it = np.nditer(x.T, flags=["c_index"], order="F")
    return sum(v * it.index for v in it)


@pytest.mark.parametrize("f", [summed, read_and_written, indexed, several, in_another_order], ids=lambda f: f.__name__)
def test_nditer(f):
    check(f, X)


def test_nditer_in_pieces():
    check(lambda x: sum((v * np.arange(v.size) ** 2).sum() for v in np.nditer(x, flags=["external_loop"])), np.abs(C))
