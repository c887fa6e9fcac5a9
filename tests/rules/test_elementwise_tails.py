"""First and second derivatives against mpmath, far into the tails: differences cannot see lost digits."""

import mpmath
import numpy as np
import pytest

import wengert as wg

mpmath.mp.dps = 60
mpf = mpmath.mpf

TAILS = [
    (np.tanh, mpmath.tanh, [1e-12, 0.3, 5.0, 19.5, 40.0, -150.0, 300.0]),
    (np.arctanh, mpmath.atanh, [1e-12, 0.5, 1 - 1e-12, -1 + 1e-15]),
    (np.arcsin, mpmath.asin, [1e-12, 0.5, 1 - 1e-13, -1 + 1e-15]),
    (np.arccos, mpmath.acos, [1e-12, 0.5, 1 - 1e-13, -1 + 1e-15]),
    (np.arccosh, mpmath.acosh, [1 + 1e-13, 1.5, 1e5, 1e90]),
    (np.arcsinh, mpmath.asinh, [1e-12, 1.5, -1e5, 1e90]),
    (np.arctan, mpmath.atan, [1e-12, 1.5, -1e5, 1e90]),
    (np.expm1, mpmath.expm1, [1e-20, -50.0, 30.0]),
    (np.log1p, mpmath.log1p, [1e-20, -1 + 1e-13, 1e30]),
    (np.exp2, lambda x: mpf(2) ** x, [-900.0, 0.5, 900.0]),
    (np.log2, lambda x: mpmath.log(x, 2), [1e-150, 3.0, 1e150]),
    (np.log10, mpmath.log10, [1e-150, 3.0, 1e150]),
    (np.cbrt, mpmath.cbrt, [1e-90, 3.0, 1e150]),
    (np.tan, mpmath.tan, [1e-10, 1.5, 10.9]),
    (np.sinh, mpmath.sinh, [1e-15, 3.0, -300.0]),
    (lambda x: np.logaddexp(x, 0.0), lambda x: mpmath.log(1 + mpmath.exp(x)), [-300.0, -40.0, 1e-9, 40.0, 300.0]),
    (lambda x: np.logaddexp(x, 1e8), lambda x: mpmath.log(mpmath.exp(x - 10**8) + 1) + 10**8, [1e8 + 0.5, 1e8 - 3.25]),
    (lambda x: np.hypot(x, 1.0), lambda x: mpmath.sqrt(x * x + 1), [1e-30, 0.5, 1e30]),
    (lambda x: np.arctan2(x, 1e-9), lambda x: mpmath.atan2(x, mpf(1e-9)), [1e-30, 1e-9, 1e20]),
    (np.sinc, lambda x: mpmath.sinc(mpmath.pi * x), [1e-9, 1e-3, 0.4, 1.5, 2.5, 2.6, 3.7, 50.3]),
    (np.i0, lambda x: mpmath.besseli(0, x), [1e-9, 0.4, 7.9, -8.1, 90.0, 700.0]),
]  # fmt: skip


@pytest.mark.parametrize(("f", "exact", "points"), TAILS)
def test_tail(f, exact, points):
    for x in points:
        first, second = (derivative(exact, x, order) for order in (1, 2))
        assert wg.grad(f)(x) == pytest.approx(float(first), rel=2e-14, abs=1e-306), x
        scale = float(abs(second))
        assert abs(wg.grad(wg.grad(f))(x) - float(second)) <= 5e-14 * scale + 1e-306, x


def derivative(exact, x, order):
    """By mpmath's differences with a step that suits the size of x and the distance from 1."""
    with mpmath.workdps(400):
        h = mpf(10) ** -60 * min(abs(mpf(x)), abs(1 - abs(mpf(x))))
        return mpmath.diff(exact, mpf(x), order, h=h)


def _sinc(t):
    return mpmath.sinc(mpmath.pi * t)


@pytest.mark.parametrize("k", range(5))
def test_derivatives_of_sinc_and_i0_of_every_order(k):
    f, g = np.sinc, np.i0
    for _ in range(k):
        f, g = wg.grad(f), wg.grad(g)
    for x in (0.0, 1e-4, 0.7, -2.4, 2.7, 9.1):
        with mpmath.workdps(100):
            sinc, bessel = (
                mpmath.diff(h, mpf(x), k, h=mpf(10) ** -15) for h in (_sinc, lambda t: mpmath.besseli(0, t))
            )
        assert f(x) == pytest.approx(float(sinc), rel=1e-13, abs=3e-16 * np.pi**k)
        assert g(x) == pytest.approx(float(bessel), rel=1e-13, abs=1e-300)
