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


EDGES = {
    # ∂I/∂a = −∫ₓ¹ (1 − t)ᵇ⁻¹/t dt at a = 0, since 1/B(a, b) begins as a
    "betainc, a = 0": (lambda a: sp.betainc(a, 2.0, 0.3), 0.0, float(-mp.quad(lambda t: (1 - t) / t, [0.3, 1]))),
    "betainc, b = 0": (lambda b: sp.betainc(2.0, b, 0.3), 0.0, float(mp.quad(lambda t: t / (1 - t), [0, 0.3]))),
    "betaincc, a = 0": (lambda a: sp.betaincc(a, 2.0, 0.3), 0.0, float(mp.quad(lambda t: (1 - t) / t, [0.3, 1]))),
    "betainc of x, a = 0": (lambda x: sp.betainc(0.0, 2.0, x), 0.3, 0.0),
    "betaincinv, p = 0": (lambda a: sp.betaincinv(a, 3.0, 0.0), 2.0, 0.0),
    "betaincinv, p = 1": (lambda b: sp.betaincinv(2.0, b, 1.0), 2.0, 0.0),
    "gammaincinv, p = 0": (lambda a: sp.gammaincinv(a, 0.0), 2.0, 0.0),
    "gammainccinv, p = 1": (lambda a: sp.gammainccinv(a, 1.0), 0.7, 0.0),
    "beta": (lambda a: sp.beta(a, 2.0), -2.0, 0.75),  # 1/(a (a + 1))
    "betaln": (lambda a: sp.betaln(a, 2.0), -3.0, 5 / 6),
    "agm": (lambda a: sp.agm(0.0, a), 2.0, 0.0),
    "agm from 0": (lambda a: sp.agm(a, 2.0), 0.0, np.inf),
}


@pytest.mark.parametrize("name", EDGES)
@pytest.mark.parametrize("derivative", [wg.grad, wg.derivative, lambda f: wg.jit(wg.grad(f))])
def test_edges(name, derivative):
    f, x, slope = EDGES[name]
    np.testing.assert_allclose(derivative(f)(x), slope, rtol=1e-12, atol=1e-15)


BENDS = [
    (lambda p: sp.betaincinv(0.5, 0.5, p), 0.0, np.pi**2 / 2),  # sin²(πp/2)
    (lambda p: sp.betaincinv(0.5, 0.5, p), 1.0, -(np.pi**2) / 2),
    (lambda p: sp.betainccinv(0.5, 0.5, p), 0.0, -(np.pi**2) / 2),
    (lambda p: sp.betaincinv(1.0, 3.0, p), 0.0, 2 / 9),  # 1 − (1 − p)^(1/3)
    (lambda p: sp.betaincinv(0.4, 1.5, p), 0.0, 0.0),
    (lambda p: sp.gammaincinv(0.5, p), 0.0, np.pi / 2),  # the inverse of erf, squared
    (lambda p: sp.gammaincinv(1.0, p), 0.0, 1.0),  # −ln(1 − p)
    (lambda p: sp.gammainccinv(1.0, p), 1.0, 1.0),
    (lambda p: sp.gammaincinv(1.0, p), 0.3, 1 / 0.49),
]


@pytest.mark.parametrize(("f", "p", "bend"), BENDS)
def test_bends_of_inverses(f, p, bend):
    for twice in (lambda f: wg.derivative(f, order=2), lambda f: wg.grad(wg.grad(f)), lambda f: wg.jit(wg.hessian(f))):
        np.testing.assert_allclose(twice(f)(p), bend, rtol=1e-11, atol=1e-15)


def test_no_second_derivative_at_a_shape_of_zero_is_claimed():
    assert np.isnan(wg.derivative(lambda a: sp.betainc(a, 2.0, 0.3), order=2)(0.0))
    assert np.isnan(wg.derivative(lambda p: sp.betaincinv(0.5, 0.5, p), order=3)(0.0))


NEGATIVE = [
    (sp.eval_legendre, sp.eval_legendre, 1, 1), (sp.eval_sh_legendre, sp.eval_sh_legendre, 1, 1),
    (sp.eval_chebyt, sp.eval_chebyt, 0, 1), (sp.eval_sh_chebyt, sp.eval_sh_chebyt, 0, 1),
    (sp.eval_chebyc, sp.eval_chebyc, 0, 1), (sp.eval_chebyu, sp.eval_chebyu, 2, -1),
    (sp.eval_sh_chebyu, sp.eval_sh_chebyu, 2, -1), (sp.eval_chebys, sp.eval_chebys, 2, -1),
    (lambda n, x: sp.lpmv(0, n, x), sp.eval_legendre, 1, 1),
]  # fmt: skip


@pytest.mark.parametrize(("f", "positive", "shift", "sign"), NEGATIVE)
def test_negative_degrees(f, positive, shift, sign):
    for n in (-1, -2, -3, -5, -3.0):
        for order in (1, 2, 3):
            got = wg.derivative(lambda x, n=n: f(n, x), order=order)(0.3)
            mirrored = max(int(-n) - shift, 0) if int(-n) != 1 or shift < 2 else 0
            slope = wg.derivative(lambda x, m=mirrored: positive(m, x), order=order)(0.3)
            np.testing.assert_allclose(got, sign * slope, rtol=1e-11, atol=1e-12)
