"""scipy.special: Legendre functions and spherical harmonics with their derivatives (diff_n), and of every degree."""

import mpmath
import numpy as np
import pytest
import scipy.special as sp
from check import check

import wengert as wg

X, ANGLE = np.array([-0.7, 0.1, 0.6]), np.array([0.3, 1.2, 2.9])

ONE = {
    "legendre_p": (lambda x, n: sp.legendre_p(4, x, diff_n=n), X),
    "of every degree": (lambda x, n: sp.legendre_p_all(4, x, diff_n=n), X),
    "associated": (lambda x, n: sp.assoc_legendre_p(4, 2, x, diff_n=n), X),
    "associated, of a negative order": (lambda x, n: sp.assoc_legendre_p(3, -1, x, diff_n=n), X),
    "normed": (lambda x, n: sp.assoc_legendre_p(4, 1, x, norm=True, diff_n=n), X),
    "every associated one": (lambda x, n: sp.assoc_legendre_p_all(3, 4, x, diff_n=n), X),
    "every normed one": (lambda x, n: sp.assoc_legendre_p_all(3, 2, x, norm=True, diff_n=n), X),
    "spherical": (lambda x, n: sp.sph_legendre_p(4, 2, x, diff_n=n), ANGLE),
    "every spherical one": (lambda x, n: sp.sph_legendre_p_all(3, 2, x, diff_n=n), ANGLE),
    "a number": (lambda x, n: sp.legendre_p(3, x[0], diff_n=n), X),
    "several degrees": (lambda x, n: sp.legendre_p(np.array([[2], [5]]), x, diff_n=n), X),
}


@pytest.mark.parametrize("name", ONE)
def test_each_is_the_slope_of_the_one_before(name):
    f, x = ONE[name]
    given = f(x, 2)
    for n in (1, 2):
        y, dot = wg.jvp(lambda x, n=n: f(x, n), (x,), (np.ones_like(x),))
        np.testing.assert_array_equal(y, f(x, n))
        np.testing.assert_allclose(dot[:2], given[1:3], rtol=1e-9, atol=1e-10)
    check(lambda x: f(x, 1), x)
    y, dot = wg.jvp(lambda x: f(x, 0), (x,), (np.ones_like(x),))
    np.testing.assert_array_equal(y, f(x, 0))
    np.testing.assert_allclose(dot[0], given[1], rtol=1e-9, atol=1e-10)


def test_third_and_fourth_derivatives():
    f = lambda x: sp.legendre_p(6, x, diff_n=2)[2]
    for x in (-0.9, 0.2, 1.0):
        for order in (1, 2):
            with mpmath.workdps(40):
                expected = float(mpmath.diff(lambda t: mpmath.legendre(6, t), x, 2 + order))
            np.testing.assert_allclose(wg.derivative(f, order=order)(x), expected, rtol=1e-11)
    np.testing.assert_allclose(wg.jit(wg.grad(f))(0.2), wg.grad(f)(0.2), rtol=1e-14)


PAIRS = {
    "sph_harm_y": lambda theta, phi, n: sp.sph_harm_y(3, 2, theta, phi, diff_n=n),
    "of every degree": lambda theta, phi, n: sp.sph_harm_y_all(2, 2, theta, phi, diff_n=n),
}


@pytest.mark.parametrize("name", PAIRS)
def test_gradients_and_hessians_in_angles(name):
    f, phi = PAIRS[name], np.array([-0.4, 2.2, 0.9])
    y, gradient, hessian = f(ANGLE, phi, 2)
    for k, tangents in enumerate([(1.0, 0.0), (0.0, 1.0)]):
        dots = [t * np.ones_like(ANGLE) for t in tangents]
        values, slopes = wg.jvp(lambda a, b: f(a, b, 2), (ANGLE, phi), tuple(dots))
        for value, expected in zip(values, (y, gradient, hessian), strict=True):
            np.testing.assert_array_equal(value, expected)
        np.testing.assert_allclose(slopes[0], gradient[..., k], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(slopes[1], hessian[..., k], rtol=1e-9, atol=1e-12)
    check(lambda a: [np.real(part) + np.imag(part) for part in f(a[0], a[1], 1)], np.stack([ANGLE, phi]))
    check(lambda a: np.real(sp.sph_harm_y_all(2, 1, a, 0.3)), ANGLE)
