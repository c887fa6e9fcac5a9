"""Python's math, cmath and statistics on recorded numbers: Python's values and errors, at special points too."""

import cmath
import math
import statistics

import numpy as np
import pytest
from check import check

import wengert as wg

REAL = [
    "sqrt", "exp", "expm1", "exp2", "cbrt", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "sinh",
    "cosh", "tanh", "asinh", "atanh", "degrees", "radians", "fabs", "erf", "erfc", "gamma", "lgamma", "log",
]  # fmt: skip
COMPLEX = [
    "sqrt",
    "exp",
    "log",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
]


@pytest.mark.parametrize("name", [name for name in REAL if hasattr(math, name)])
def test_of_one_number(name):
    def f(x):
        return getattr(math, name)(x) * math.erf(0.3)

    check(f, 0.7)
    check(f, np.float64(0.3))
    compiled = wg.jit(wg.grad(f))
    for x in (0.7, 0.3, 0.9):
        assert compiled(x) == pytest.approx(wg.grad(f)(x), rel=1e-13)


@pytest.mark.parametrize("name", COMPLEX)
def test_of_a_complex_number(name):
    check(lambda z: getattr(cmath, name)(z), 0.3 + 0.4j)
    check(lambda x: getattr(cmath, name)(1j + x), 0.3)


def test_errors_are_pythons():
    for name, x in (("sqrt", -1.0), ("log", 0.0), ("acos", 2.0), ("exp", 800.0)):
        with pytest.raises((ValueError, OverflowError)):
            wg.grad(lambda v, name=name: getattr(math, name)(v))(x)
    compiled = wg.jit(lambda v: math.sqrt(v) * 2.0)
    assert compiled(4.0) == compiled(4.0) == 4.0
    with pytest.raises(ValueError, match=r"math domain error|expected a nonnegative input"):  # until 3.13; from 3.14 on
        compiled(-1.0)
    with pytest.raises(TypeError):
        wg.grad(lambda x: math.sqrt(x))(np.ones(3))


def test_lengths_and_sums():
    def f(x):
        lengths = math.hypot(*x), math.hypot(x[0], x[1]), math.dist(x, [0.0, 1.0, 2.0]), math.hypot(x[0])
        return *lengths, math.fsum(x), math.prod(x), math.fsum([x[0] * k for k in range(5)]), math.prod(x, start=2.0)

    check(f, np.array([0.3, -0.4, 1.2]))
    np.testing.assert_array_equal(wg.grad(lambda x: math.hypot(x[0], x[1], x[2]))(np.zeros(3)), 0.0)


def test_questions_are_control_flow():
    def f(x):
        if math.isclose(x, 2.0, rel_tol=1e-3) or math.isnan(x) or math.isinf(x):
            return 3.0 * x
        return x**2 if math.isfinite(x) else x

    compiled = wg.jit(wg.grad(f))
    for x, slope in ((2.0, 3.0), (2.0001, 3.0), (4.0, 8.0), (2.0, 3.0), (5.0, 10.0)):
        assert wg.grad(f)(x) == compiled(x) == slope
    np.testing.assert_array_equal(
        wg.vmap(wg.grad(f))(np.array([2.0, 4.0, 2.0001, 5.0, 1.0])), [3.0, 8.0, 3.0, 10.0, 2.0]
    )


def test_statistics():
    def f(x):
        one = (
            statistics.mean(list(x)),
            statistics.fmean(x),
            statistics.stdev(x),
            statistics.variance(x),
            statistics.pstdev(x),
        )
        return (
            *one,
            statistics.pvariance(x),
            statistics.median(x),
            statistics.harmonic_mean(list(x)),
            statistics.geometric_mean(x),
        )

    check(f, np.array([0.3, 0.4, 1.2, 0.9]))


def test_math_is_itself_again():
    before = dict(vars(math)), dict(vars(cmath)), dict(vars(statistics))
    wg.grad(lambda x: math.sin(x) + abs(cmath.sin(x)) + statistics.mean([x]))(1.0)
    assert (dict(vars(math)), dict(vars(cmath)), dict(vars(statistics))) == before
