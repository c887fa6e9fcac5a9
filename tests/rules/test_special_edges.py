"""scipy.special where its own formula has an edge: truncated orders, poles, multiples of 2π, widths of 0."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp

import wengert as wg

mp.mp.dps = 40

# fmt: off
# (function, points, the same in mpmath)
CASES = [
    (lambda x: sp.poch(x, 0.5), [0.0, -3.0],       lambda x: mp.rf(x, 0.5)),
    (lambda x: sp.poch(x, 2.0), [0.0, -2.0, -5.0], lambda x: x * (x + 1)),
    (lambda x: sp.poch(x, 5.0), [-3.0],            lambda x: mp.rf(x, 5)),
    (lambda x: sp.elliprc(1.5, x), [-0.7, 0.7],    lambda x: mp.elliprc(1.5, x)),
    (lambda x: sp.elliprc(x, -3.0), [2.0],         lambda x: mp.elliprc(x, -3)),
    (lambda p: sp.boxcox(0.0, p), [0.5, 2.0],      lambda p: -1 / p),
    (lambda p: sp.boxcox1p(-1.0, p), [0.5, 2.0],   lambda p: -1 / p),
    (sp.zeta,  [-1.5, -2.0, -8.3, -1.0],           mp.zeta),
    (sp.zetac, [-1.5, -2.0, -12.0],                mp.zeta),
    (lambda x: sp.voigt_profile(x, 0.0, 1.0), [0.3],   lambda x: 1 / (mp.pi * (1 + x * x))),
    (lambda g: sp.voigt_profile(0.3, 0.0, g), [0.8],   lambda g: g / (mp.pi * (g * g + mp.mpf("0.09")))),
]
# fmt: on


@pytest.mark.parametrize(("f", "points", "reference"), CASES)
def test_slopes(f, points, reference):
    for x in points:
        np.testing.assert_allclose(wg.grad(f)(x), float(mp.diff(reference, mp.mpf(x))), rtol=1e-11)


def test_limits():
    np.testing.assert_allclose(wg.grad(sp.it2struve0)(0.0), -2.0 / np.pi, rtol=1e-14)
    assert wg.grad(lambda s: sp.voigt_profile(0.3, s, 1.0))(0.0) == 0.0
    a = sp.elliprg(0.0, 1.0, 0.4)
    np.testing.assert_allclose(
        wg.grad(lambda b: sp.elliprg(0.0, b, 0.4))(1.0) + 0.4 * wg.grad(lambda c: sp.elliprg(0.0, 1.0, c))(0.4),
        0.5 * a,
        rtol=1e-12,
    )


@pytest.mark.filterwarnings("ignore:floating point number truncated")
@pytest.mark.filterwarnings("ignore:non-integer arg n is deprecated")
@pytest.mark.parametrize("f", [
    lambda n, x: sp.kn(n, x), lambda n, x: sp.yn(n, x), lambda n, x: sp.expn(n, x), lambda n, x: sp.bdtr(1.0, n, x),
    lambda n, x: sp.bdtrc(1.0, n, x), lambda n, x: sp.bdtri(1.0, n, x), lambda n, x: sp.nbdtr(1.0, n, x),
    lambda n, x: sp.nbdtrc(1.0, n, x), lambda n, x: sp.nbdtri(1.0, n, x),
])  # fmt: skip
def test_truncated_orders(f):
    """SciPy takes the whole part of such an order: so does the derivative."""
    assert wg.grad(lambda x: f(2.5, x))(0.4) == wg.grad(lambda x: f(2.0, x))(0.4)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5])
def test_dirichlet_kernel(n):
    """It is cos(nx/2) and its like at 2π: D″ = ±(1 − n²)/12, where SciPy's code has a constant."""
    for turns in (-2, 0, 1, 3):
        x, sign = 2.0 * np.pi * turns, (-1.0) ** (turns * (n - 1))
        np.testing.assert_allclose(
            wg.grad(wg.grad(lambda t: sp.diric(t, n)))(x), sign * (1.0 - n * n) / 12.0, atol=1e-12
        )
    np.testing.assert_allclose(
        wg.grad(lambda t: sp.diric(t, n))(0.7), (sp.diric(0.7 + 1e-5, n) - sp.diric(0.7 - 1e-5, n)) / 2e-5, atol=1e-9
    )
