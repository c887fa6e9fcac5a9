"""Incomplete beta, Student's t, F and zeta with respect to their shapes, against 40 digits."""

import mpmath as mp
import numpy as np
import pytest
from scipy import special as sp

import wengert as wg


def regularised(a, b, x):
    return mp.betainc(a, b, 0, x, regularized=True)


@pytest.mark.parametrize("a", [0.02, 1.0, 30.0, 2000.0])
@pytest.mark.parametrize("b", [0.3, 2.0, 400.0])
@pytest.mark.parametrize("part", [0.4, 0.99])
def test_betainc(a, b, part):
    x = part * a / (a + b)
    with mp.workdps(40):
        in_a = float(mp.diff(lambda s: regularised(s, mp.mpf(b), mp.mpf(x)), mp.mpf(a)))
        in_b = float(mp.diff(lambda s: regularised(mp.mpf(a), s, mp.mpf(x)), mp.mpf(b)))
        crossed = float(mp.diff(lambda s, t: regularised(s, t, mp.mpf(x)), (mp.mpf(a), mp.mpf(b)), (1, 1)))
    assert wg.grad(sp.betainc, argnums=(0, 1))(a, b, x) == pytest.approx((in_a, in_b), rel=1e-10)
    assert wg.grad(sp.betaincc, argnums=(1, 0))(a, b, x) == pytest.approx((-in_b, -in_a), rel=1e-10)
    assert wg.grad(wg.grad(sp.betainc), argnums=1)(a, b, x) == pytest.approx(crossed, rel=1e-9)


@pytest.mark.parametrize("v", [0.3, 4.0, 50.0])
@pytest.mark.parametrize("t", [-40.0, -1.0, 1e-8, 0.5, 3.0])
def test_stdtr(v, t):
    def cdf(v):
        tail = regularised(v / 2, mp.mpf(0.5), v / (v + mp.mpf(t) ** 2)) / 2
        return tail if t < 0 else 1 - tail

    with mp.workdps(60):
        expected = float(mp.diff(cdf, mp.mpf(v)))
    assert wg.grad(lambda v: sp.stdtr(v, t))(v) == pytest.approx(expected, rel=1e-10)


def test_edges():
    assert wg.grad(lambda v: sp.stdtr(v, 0.0))(3.0) == 0.0
    crossed = wg.grad(lambda t: wg.grad(lambda v: sp.stdtr(v, t))(3.0))(0.0)
    assert crossed == pytest.approx(
        wg.grad(lambda v: np.exp(sp.gammaln((v + 1) / 2) - sp.gammaln(v / 2)) / np.sqrt(v * np.pi))(3.0)
    )
    assert np.array_equal(wg.grad(lambda a: np.sum(sp.betainc(a, 2.0, np.array([0.0, 1.0]))))(1.5), 0.0)


@pytest.mark.parametrize("s", [-0.5, 0.5, 1.001, 3.0, 40.0])
def test_zeta(s):
    with mp.workdps(30):
        expected = [float(mp.diff(mp.zeta, s, n)) for n in (1, 2)]
    assert wg.derivative(lambda s: sp.zeta(s))(s) == pytest.approx(expected[0], rel=1e-11)
    assert wg.derivative(lambda s: sp.zeta(s), order=2)(s) == pytest.approx(expected[1], rel=1e-11)


@pytest.mark.parametrize("orders", [(1, 0), (0, 1), (1, 1)])
def test_hurwitz(orders):
    f = lambda s, q: sp.zeta(s, q)
    for k, n in enumerate(orders):
        f = wg.grad(f, argnums=k) if n else f
    with mp.workdps(30):
        assert f(2.5, 0.7) == pytest.approx(float(mp.diff(mp.zeta, (2.5, 0.7), orders)), rel=1e-12)
