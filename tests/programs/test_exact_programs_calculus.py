"""Quadrature, roots, interpolation, polynomials, transforms and complex numbers, against high precision."""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
import scipy.special as sp
from exact import at, exactly
from scipy import integrate, interpolate, optimize, signal, spatial

mpf = mp.mpf
X, Y = np.array([0.0, 1.0, 2.5, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 5.0, 4.0])
GRID = np.linspace(0, 1, 17)
PRECISE_GRID = [mpf(float(x)) for x in GRID]
PRECISE_Y = [mpf(t) for t in Y]


def lagrange(y, x):
    n = range(len(X))
    return sum(y[i] * mp.fprod((x - mpf(X[j])) / (mpf(X[i]) - mpf(X[j])) for j in n if j != i) for i in n)


def natural(y, x):
    """The natural cubic spline, by its second derivatives m at the nodes."""
    n, h = len(X), [mpf(b) - mpf(a) for a, b in pairwise(X)]
    a, b = mp.eye(n), mp.zeros(n, 1)
    for i in range(1, n - 1):
        a[i, i - 1], a[i, i], a[i, i + 1] = h[i - 1], 2 * (h[i - 1] + h[i]), h[i]
        b[i] = 6 * ((y[i + 1] - y[i]) / h[i] - (y[i] - y[i - 1]) / h[i - 1])
    m = mp.lu_solve(a, b)
    i = max(k for k in range(n - 1) if X[k] <= x)
    u, v = x - mpf(X[i]), mpf(X[i + 1]) - x
    cubic = (m[i] * v**3 + m[i + 1] * u**3) / (6 * h[i])
    return cubic + (y[i] / h[i] - m[i] * h[i] / 6) * v + (y[i + 1] / h[i] - m[i + 1] * h[i] / 6) * u


def dft(v, k):
    return sum(t * mp.expjpi(-mpf(2) * k * i / len(v)) for i, t in enumerate(v))


def fresnel(a, b):
    return mp.sqrt(mp.pi / 2) * (mp.fresnels(b * mp.sqrt(2 / mp.pi)) - mp.fresnels(a * mp.sqrt(2 / mp.pi)))


def trapezoid(y):
    return sum(y[1:-1]) / 16 + (y[0] + y[-1]) / 32


def simpson(y):
    return (y[0] + y[-1] + 4 * sum(y[1:-1:2]) + 2 * sum(y[2:-1:2])) / 48


def fitted(*y):
    a = mp.matrix([[mpf(x) ** 2, x, 1] for x in X])
    return mp.lu_solve(a.T * a, a.T * mp.matrix(y))[0]


def of_complex(f, part):
    return lambda a, b: getattr(f(mp.mpc(a, b)), part)


# fmt: off
QUAD = {"loss": 30, "compiled": False, "batched": False}
# name: (program, the same in mpmath, points, options)
INTEGRALS = {
    "gauss":        (lambda a: integrate.quad(lambda x: np.exp(-a * x * x), 0, 1)[0], lambda a: mp.sqrt(mp.pi / a) * mp.erf(mp.sqrt(a)) / 2, [50.0], QUAD),
    "between moving ends": (lambda v: integrate.quad(lambda x: np.sin(x * x), v[0], v[1])[0], fresnel, [at(0, 1), at(1, 1), at(3, 0)], {"loss": 30, "norm": True}),
    "gamma":        (lambda a: integrate.quad(lambda t: t ** (a - 1) * np.exp(-t), 0, np.inf)[0], mp.gamma, [2.5], QUAD),
    "beta":         (lambda v: integrate.quad(lambda t: t ** (v[0] - 1) * (1 - t) ** (v[1] - 1), 0, 1)[0], mp.beta, [at(2, 3)], {**QUAD, "order": 1}),
    "singular":     (lambda a: integrate.quad(lambda t: t ** (a - 1), 0, 1)[0], lambda a: 1 / a, [1.4], {**QUAD, "order": 1}),
    "of vectors":   (lambda a: integrate.quad_vec(lambda x: np.array([x ** (a - 1), x]), 0, 1)[0][0], lambda a: 1 / a, [2.0, 3.0], {**QUAD, "order": 1}),
    "to infinity":  (lambda a: integrate.quad(lambda x: np.exp(-a * x) / (1 + x), 0, np.inf)[0], lambda a: mp.exp(a) * mp.e1(a), [0.5], QUAD),
    "fixed":        (lambda a: integrate.fixed_quad(lambda x: np.exp(-a * x), 0, 1, n=10)[0], lambda a: (1 - mp.exp(-a)) / a, [0.5, 1.0], {"loss": 30}),
    "simpson":      (lambda a: integrate.simpson(np.exp(-a * GRID), x=GRID), lambda a: simpson([mp.exp(-a * x) for x in PRECISE_GRID]), [0.5, 50.0], {"loss": 4}),
    "trapezoid":    (lambda a: np.trapezoid(GRID**a, GRID), lambda a: trapezoid([x**a if x else mpf(0) for x in PRECISE_GRID]), [0.5, 2.0], {"loss": 4}),
}
SOLUTIONS = {
    "cubic":        (lambda a: optimize.brentq(lambda x: x**3 + a * x - 1, 0, 2, xtol=1e-15, rtol=1e-15), lambda a: mp.findroot(lambda x: x**3 + a * x - 1, mpf(0.6)), [0.5, 2.0, 0.0], {"loss": 30}),
    "exponential":  (lambda v: optimize.brentq(lambda x: v[0] * np.exp(-x) - v[1] * x, 0, 5, xtol=1e-15), lambda a, b: mp.lambertw(a / b).real, [at(1, 2), at(3, 0.1)], {"loss": 30}),
    "kepler":       (lambda v: optimize.newton(lambda e: e - v[1] * np.sin(e) - v[0], 1.0, tol=1e-14), lambda m, e: mp.findroot(lambda x: x - e * mp.sin(x) - m, mpf(1)), [at(0.5, 0.3), at(0.01, 0.9)], {"loss": 100, "compiled": False}),
    "volatility":   (lambda p: optimize.brentq(lambda s: sp.ndtr(s / 2) - sp.ndtr(-s / 2) - p, 1e-6, 5, xtol=1e-15), lambda p: 2 * mp.sqrt(2) * mp.erfinv(p), [0.1, 0.5, 1e-3], {"loss": 30}),
    "two unknowns": (lambda a: optimize.fsolve(lambda z: np.array([z[0] ** 2 + z[1] - a, z[0] - z[1] ** 3]), np.array([1.0, 1.0]), xtol=1e-13)[0], lambda a: mp.findroot(lambda y: y**6 + y - a, mpf(1)) ** 3, [1.5], {"loss": 100}),
    "quadratic":    (lambda a: np.sort(np.roots(np.array([1.0, -3.0, a])).real)[0], lambda a: (3 - mp.sqrt(9 - 4 * a)) / 2, [1.0, 2.0, 1e-6], {"loss": 50}),
}
CURVES = {
    "linear":       (lambda x: np.interp(x, X, Y) ** 2, lambda x: (3 - (x - 1) / 1.5) ** 2, [1.3, 2.1], {"loss": 4}),
    "natural spline": (lambda x: interpolate.CubicSpline(X, Y, bc_type="natural")(x)[()], lambda x: natural(PRECISE_Y, x), [1.3, 0.5, 2.7], {"loss": 8}),
    "its data":     (lambda y: interpolate.CubicSpline(X, y, bc_type="natural")(1.3) ** 2, lambda *y: natural(y, mpf(1.3)) ** 2, [Y], {"loss": 8, "norm": True}),
    "barycentric":  (lambda x: interpolate.BarycentricInterpolator(X, Y)(x), lambda x: lagrange(PRECISE_Y, x), [1.3, 1.0, 1 + 1e-9], {"loss": 8}),
    "its data too": (lambda v: interpolate.barycentric_interpolate(X, Y * v[1], v[0]) ** 2, lambda x, s: (s * lagrange(PRECISE_Y, x)) ** 2, [at(1.3, 1), at(1, 2)], {"loss": 8}),
    "krogh":        (lambda x: interpolate.KroghInterpolator(X, Y)(x), lambda x: lagrange(PRECISE_Y, x), [1.3, 1.0], {"loss": 30}),
    "polyfit":      (lambda y: np.polyfit(X, y, 2)[0], fitted, [Y, Y * 1e10], {"loss": 30, "norm": True}),
    "chebyshev":    (lambda x: np.polynomial.chebyshev.chebval(x, [1.0, 2.0, 3.0, 4.0]), lambda x: 1 + 2 * x + 3 * mp.chebyt(2, x) + 4 * mp.chebyt(3, x), [1.0, 0.0, 0.3], {"loss": 4}),
    "polydiv":      (lambda v: np.polydiv(np.array([1.0, 2.0, 3.0, 4.0]), v)[1][-1], lambda a, b: 4 - b / a * (3 - b / a * (2 - b / a)), [at(1, 2), at(2, 1e-8)], {"loss": 8}),
}
SIGNALS = {
    "power":        (lambda v: np.abs(np.fft.rfft(v)) ** 2 @ np.array([1.0, 2.0, 3.0]), lambda *v: sum((k + 1) * abs(dft(v, k)) ** 2 for k in range(3)), [at(1, 2, 4, 3), at(1, 1, 1, 1)], {"loss": 2, "norm": True}),
    "log spectrum": (lambda v: np.log(np.abs(np.fft.fft(v))[1]), lambda *v: mp.log(abs(dft(v, 1))), [at(1, 2, 4, 3), at(1, 1, 1, 1 + 1e-8)], {"loss": 2, "norm": True}),
    "phase":        (lambda v: np.angle(np.fft.fft(v)[1]), lambda *v: mp.arg(dft(v, 1)), [at(1, 2, 4)], {"loss": 4, "norm": True}),
    "convolution":  (lambda v: np.convolve(v, v)[2] + signal.fftconvolve(v, v)[2], lambda a, b, c: 2 * (2 * a * c + b * b), [at(1, 2, 4)], {"loss": 40, "norm": True}),
    "response":     (lambda a: np.abs(signal.freqz(np.array([1.0]), np.array([1.0, -a]), worN=np.array([0.5]))[1][0]), lambda a: 1 / abs(1 - a * mp.exp(-0.5j)), [0.5, 0.0, 0.99], {"loss": 2}),
    "filter":       (lambda a: signal.lfilter([1.0], np.array([1.0, -a]), np.array([1.0, 2.0, 3.0]))[2], lambda a: 3 + 2 * a + a * a, [0.5, 0.0, 1.0], {}),
    "distances":    (lambda v: spatial.distance.pdist(v.reshape(3, 2)).sum(), lambda a, b, c, d, e, f: mp.hypot(a - c, b - d) + mp.hypot(a - e, b - f) + mp.hypot(c - e, d - f), [at(0, 0, 3, 4, 1, 1)], {"loss": 4, "norm": True}),
}
COMPLEX = {
    "log":          (lambda v: np.log(v[0] + 1j * v[1]).imag, lambda a, b: mp.atan2(b, a), [at(-1, 1e-20), at(-1, 0), at(1e150, 1e150)], {"loss": 4}),
    "sqrt":         (lambda v: np.sqrt(v[0] + 1j * v[1]).real, of_complex(mp.sqrt, "real"), [at(-1, 1e-5), at(4, 0), at(1e150, 1e150)], {"loss": 4, "norm": True}),
    "power":        (lambda v: ((v[0] + 1j * v[1]) ** (1 / 3)).real, of_complex(lambda z: z ** mpf(1 / 3), "real"), [at(-1, 1e-5), at(4, 0)], {"loss": 4, "norm": True}),
    "tanh":         (lambda v: np.tanh(v[0] + 1j * v[1]).real, of_complex(mp.tanh, "real"), [at(-1, 0.3), at(20, 1)], {"loss": 4}),
    "arctan":       (lambda v: np.arctan(v[0] + 1j * v[1]).imag, of_complex(mp.atan, "imag"), [at(-1, 0.3), at(1e-9, 1.5), at(1e5, 1)], {"loss": 4}),
    "arcsin":       (lambda v: np.arcsin(v[0] + 1j * v[1]).imag, of_complex(mp.asin, "imag"), [at(-1, 0.3), at(0.5, 1e-9), at(1e5, 1)], {"loss": 4}),
}
# fmt: on


@pytest.mark.parametrize("name", INTEGRALS)
def test_integrals(name):
    exactly(*INTEGRALS[name])


@pytest.mark.parametrize("name", SOLUTIONS)
def test_solutions(name):
    exactly(*SOLUTIONS[name])


@pytest.mark.parametrize("name", CURVES)
def test_curves(name):
    exactly(*CURVES[name])


@pytest.mark.parametrize("name", SIGNALS)
def test_signals(name):
    exactly(*SIGNALS[name])


@pytest.mark.parametrize("name", COMPLEX)
def test_complex_numbers(name):
    exactly(*COMPLEX[name])
