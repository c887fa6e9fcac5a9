"""The modules math and cmath: Python's values, bit for bit, and NumPy's derivatives."""

import cmath
import math
from math import exp, log

import numpy as np
import pytest
from check import check

import wengert as wg

X = np.array([0.3, 0.4, 1.7])

# fmt: off
FUNCTIONS = {
    "trigonometric": lambda a, b, c: (
        math.sin(a), math.cos(a), math.tan(a), math.asin(a), math.acos(a), math.atan(a), math.atan2(a, b),
        math.degrees(a), math.radians(b), math.hypot(a, b), math.hypot(a, b, c), math.hypot(a)),
    "hyperbolic": lambda a, b, c: (
        math.sinh(a), math.cosh(a), math.tanh(a), math.asinh(a), math.acosh(c), math.atanh(a)),
    "powers": lambda a, b, c: (
        math.exp(a), math.exp2(a), math.expm1(a), math.log(a), math.log2(a), math.log10(a), math.log1p(a), math.sqrt(a),
        math.cbrt(a), math.pow(a, b), math.log(c, 10), math.log(c, a + 2), math.log(5.0) * a, exp(-a) * log(c)),
    "special": lambda a, b, c: (math.erf(a), math.erfc(b), math.gamma(c), math.lgamma(a)),
    "parts": lambda a, b, c: (
        math.fabs(-a), math.copysign(a, -b), math.fmod(c, b), math.ldexp(a, 2), math.modf(c)[0], math.floor(c) * a,
        math.ceil(c) * b, math.trunc(c) * a, math.frexp(a)[0], math.factorial(3) * a),
    "of many": lambda a, b, c: (
        math.fsum([a, b, c]), math.fsum(x * x for x in (a, b)), math.prod([a, b], start=c), math.prod([2, 3]) * a,
        math.dist([a, b], [1.0, c]), math.fsum([1.0, 2.0]) * a),
    "asked": lambda a, b, c: (
        a if math.isclose(a, a * (1 + 1e-12)) else b, b if math.isnan(a) or math.isinf(b) else c,
        c if math.isfinite(c) else a),
    "complex": lambda a, b, c: [
        part for z in (cmath.exp(1j * a + b), cmath.log(a + 1j * b), cmath.sqrt(b - 1j * a), cmath.sin(a + 0.5j * c),
                       cmath.tanh(a + 0.2j), cmath.sqrt(-c), cmath.rect(a, b)) for part in (z.real, z.imag)
    ] + [cmath.phase(a + 1j * b), *cmath.polar(a - 1j * b)],
}
# fmt: on


@pytest.mark.parametrize("name", FUNCTIONS)
def test_values_and_derivatives(name):
    f = FUNCTIONS[name]
    check(lambda x: f(*x), X, h=1e-4)
    numbers = [float(x) for x in X]
    values, slopes = wg.jvp(f, tuple(numbers), (1.0, 0.5, -0.3))
    assert list(values) == list(f(*numbers))
    assert all(type(y) is type(v) for y, v in zip(f(*numbers), values, strict=True) if type(v) is float)
    np.testing.assert_allclose(slopes, wg.jvp(lambda x: f(*x), (X,), (np.array([1.0, 0.5, -0.3]),))[1], rtol=1e-14)


def growth(x):
    s, steps = x[0], 0
    while s < 3.0 and steps < 50:
        s = s + 0.1 * math.exp(-s * x[1]) + 0.01 * math.sin(s)
        steps += 1
    return math.sqrt(s) if s > 1.0 else math.log(s)


def test_compiled_and_mapped():
    compiled = wg.jit(wg.grad(growth))
    for x in (X, X[::-1], 2.0 * X):
        np.testing.assert_allclose(compiled(x), wg.grad(growth)(x), rtol=1e-13)
    f = lambda x: math.exp(x) * math.erf(x) + math.hypot(x, 1.0)
    np.testing.assert_allclose(wg.vmap(wg.grad(f))(X), [wg.grad(f)(x) for x in X], rtol=1e-14)
    assert wg.jit(wg.grad(f)).explain(0.5).count("NumPy") == 0


@pytest.mark.parametrize("f", [math.log, math.sqrt, math.acosh, math.asin, math.lgamma])
def test_outside_the_domain_pythons_error_is_raised(f):
    outside = 2.0 if f is math.asin else -1.0 if f is not math.lgamma else -2.0
    g = wg.grad(lambda x: f(x))
    compiled = wg.jit(g)
    compiled(0.5 if f is not math.acosh else 1.5)
    for call in (g, compiled):
        with pytest.raises(ValueError, match=r"math domain error|nonnegative|positive|expected a"):
            call(outside)


def test_python_has_its_functions_again():
    before = [math.sin, math.fsum, cmath.exp, exp]
    wg.grad(lambda x: math.sin(x) * exp(x))(0.5)
    assert before == [math.sin, math.fsum, cmath.exp, exp]
    assert math.sin(np.ones(1)[0]) == math.sin(1.0)
