"""Running operations, bins, the methods of ufuncs, interpolation, convolution, polynomials, differences."""

import numpy as np
import numpy.polynomial as series
import pytest
from check import check
from rules.data import COMPLEX, CUBE, MASK, ROW, TABLE, WEIGHTS

import wengert as wg

POINTS = np.array([0.2, 1.3, 3.1, 2.2, 9.0, 4.0])
KNOTS = np.cumsum(WEIGHTS)
DATA = np.array([0.1, 0.2, 0.3, 0.9, 0.5, 2.0])


def at(ufunc, places, n):
    def f(x):
        y = x * x
        ufunc.at(y, places, x[:n])
        return y

    return f


RUNNING = (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)
ONE = {
    "bincount": lambda w: np.bincount([0, 1, 1, 3, 0, 5], weights=w * w, minlength=8),
    "bincount list": lambda w: np.bincount([0, 1, 0], [w[0], w[1] ** 2, w[2]]),
    "histogram": lambda w: np.histogram(DATA, bins=4, weights=w * w)[0],
    "histogram density": lambda w: np.histogram(DATA, bins=[0, 0.25, 0.5, 3], weights=w * w, density=True)[0],
    "histogram range": lambda w: np.histogram(DATA, bins=3, range=(0.15, 1.0), weights=w * w)[0],
    "histogram of weights made here": lambda w: np.histogram(DATA, bins=4, weights=np.ones(DATA.size))[0] * w[0],
    "histogram of made weights": lambda x: np.histogram(x, bins=3, weights=np.ones(x.size))[0] * x[1],
    "histogram edges": lambda x: np.histogram(x, bins=3)[1],
    "histogram of data": lambda x: np.histogram(x, bins=3, density=True)[0],
    "histogram_bin_edges": lambda x: np.histogram_bin_edges(x, bins=3),
    "histogram2d": lambda w: np.histogram2d(DATA, DATA, bins=3, weights=w * w)[0],
    "add.at": at(np.add, [0, 0, 1, -1], 4),
    "subtract.at": at(np.subtract, [0, 0, 1, -1], 4),
    "multiply.at": at(np.multiply, [0, 0, 1, -1], 4),
    "maximum.at": at(np.maximum, [0, 0, 1, -1], 4),
    "divide.at slice": at(np.divide, slice(1, 5), 4),
    "add.reduceat": lambda x: np.add.reduceat(x * x, [0, 3, 1, 5]),
    "multiply.reduceat": lambda x: np.multiply.reduceat(x * x, [0, 3, 1, 5]),
    "multiply.outer": lambda x: np.multiply.outer(x, x) + np.subtract.outer(x, np.ones(6)),
    "hypot.outer": lambda x: np.hypot.outer(x, x[:2]),
    "interp list": lambda x: np.interp(0.5, [0.0, 1.0], [x[0], x[1]]) * x,
    "polyder": lambda p: np.polyder(p, 2) * np.polyint(p, 1)[:4] + np.polyint(p, 2, k=[p[0], 2.0])[:4],
    "polyadd": lambda p: np.polyadd(p, p[:3]) * np.polysub(p, p[1:]),
    "polymul": lambda p: np.polymul(p, p[:3]),
    "polydiv": lambda p: np.polydiv(p, p[:3])[0],
    "poly": np.poly,
    "roots": np.roots,
    "diff": lambda x: np.diff(x * x, 2),
    "diff ends": lambda x: np.diff(x, prepend=0.0, append=x[-1:] ** 2),
    "ediff1d": lambda x: np.ediff1d(x * x),
    "ediff1d ends": lambda x: np.ediff1d(x * x, to_end=x[:2], to_begin=3.0),
    "gradient": lambda x: np.gradient(x * x),
    "trapezoid": lambda x: np.trapezoid(x * x, x) * x,
    "polynomial object": lambda x: series.Polynomial([1.0, 2.0, 3.0])(x),
    "chebyshev object": lambda x: series.Chebyshev([1.0, 2.0, 3.0], domain=[-4, 4])(x),
    "polyfromroots": series.polynomial.polyfromroots,
}  # fmt: skip
TWO = {
    "interp": lambda x, y: np.interp(POINTS, np.cumsum(x * x), y),
    "polyval": lambda p, x: np.polyval(p, x),
    "polyfit": lambda x, y: np.polyfit(x + 3.0 * np.arange(6), y, 2),
    "gradient": lambda x, c: np.gradient(x, np.cumsum(c * c)),
    "gradient of second order": lambda x, c: np.gradient(x, np.cumsum(c * c), edge_order=2),
    "trapezoid": lambda y, x: np.trapezoid(y, np.cumsum(x * x)),
}


@pytest.mark.parametrize("f", ONE.values(), ids=ONE)
def test_rows(f):
    check(f, ROW)


@pytest.mark.parametrize("f", TWO.values(), ids=TWO)
def test_two_rows(f):
    check(f, ROW, WEIGHTS)


@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("f", RUNNING, ids=lambda f: f.__name__)
def test_running(f, axis):
    check(lambda x: f(x, axis=axis), CUBE)
    check(lambda x: f(x, axis=axis), COMPLEX)


CUBES = {
    "cumulative_sum": lambda x: np.cumulative_sum(x, axis=1, include_initial=True),
    "cumulative_prod": lambda x: np.cumulative_prod(x, axis=1),
    "accumulate": lambda x: np.add.accumulate(x) * np.multiply.accumulate(x, axis=1),
    "running extremes": lambda x: np.maximum.accumulate(x, axis=1) * np.minimum.accumulate(x),
    "cumprod with zeros": lambda x: np.cumprod(x * MASK, axis=1),
    "cumsum out": lambda x: x.cumsum(axis=1, out=np.zeros((3, 4, 2))) * x.cumprod(axis=0),
    "add.reduceat": lambda x: np.add.reduceat(x * x, [0, 2], axis=1),
    "diff": lambda x: np.diff(x * x, axis=0) * np.diff(x, 2, axis=1)[:2, :1],
    "gradient": lambda x: np.gradient(x * x, 0.5, axis=1, edge_order=2),
    "gradients": lambda x: np.gradient(x[0] * x[1])[1],
    "trapezoid": lambda x: np.trapezoid(x, dx=0.1, axis=1),
    "apply_along_axis": lambda x: np.apply_along_axis(lambda row: np.sum(row * row) * row, 1, x),
    "apply_along_axis closure": lambda x: np.apply_along_axis(lambda row: row * x[0, 0, 0], 1, np.ones((2, 3))),
    "apply_over_axes": lambda x: np.apply_over_axes(np.sum, x * x, [0, 2]),
    "vectorize": lambda x: np.vectorize(lambda a, b: a * b if a > b else a**2)(x, x[::-1] * 1.1),
    "vectorize made before": lambda x: CHOICE(x, 2.0),
    "vectorize by signature": lambda x: SQUARES(x),
    "vectorize two results": lambda x: np.multiply(*np.vectorize(lambda a: (a, a * a))(x)),
    "vectorize excluded": lambda x: np.vectorize(lambda a, k: a * k[1], excluded=[1])(x, [1.0, 2.0]),
    "vectorize closure": lambda x: np.vectorize(lambda k: x[0, 0, 0] * k)(np.arange(3.0)),
}  # fmt: skip
CHOICE = np.vectorize(lambda a, b: a * b if a > b else a**2)
SQUARES = np.vectorize(lambda row: np.sum(row * row), signature="(n)->()")


@pytest.mark.parametrize("f", CUBES.values(), ids=CUBES)
def test_cubes(f):
    check(f, CUBE)


@pytest.mark.parametrize(
    "ufunc", [np.logaddexp, np.logaddexp2, np.hypot, np.subtract, np.divide], ids=lambda f: f.__name__
)
def test_any_ufunc(ufunc):
    check(lambda x: ufunc.reduce(x, axis=1), CUBE)
    check(lambda x: ufunc.accumulate(x, axis=1), CUBE * CUBE + 0.5)
    check(lambda x, y: ufunc.outer(x, y), TABLE, ROW)


@pytest.mark.parametrize("ufunc", [np.logaddexp, np.logaddexp2, np.hypot], ids=lambda f: f.__name__)
def test_folds_over_axes(ufunc):
    check(lambda x: ufunc.reduce(x, axis=(0, 2), keepdims=True) + ufunc.reduce(x, axis=None), CUBE)


def test_log_sums_of_infinite_terms():
    low = np.full(3, -np.inf)
    assert np.array_equal(wg.grad(np.logaddexp.reduce)(low), np.full(3, 1 / 3))
    assert np.array_equal(wg.grad(np.logaddexp.reduce)(np.array([-np.inf, 0.0])), [0, 1])
    assert np.array_equal(wg.grad(np.logaddexp.reduce)(np.array([np.inf, 0.0, np.inf])), [0.5, 0, 0.5])
    assert np.allclose(wg.grad(np.logaddexp.reduce)(np.array([1e4, 1e4])), [0.5, 0.5])


def test_running_maximum_of_ties():
    expected = [[1, 0, 0, 0], [1, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0, 0, 1]]
    assert np.array_equal(wg.jacobian(np.maximum.accumulate)(np.array([1.0, 0.0, 1.0, 2.0])), expected)


INTERPOLATIONS = {
    "plain": lambda x, p, f: np.interp(x, p, f),
    "ends": lambda x, p, f: np.interp(x, p, f, left=f[0] * 2, right=3.0),
    "period": lambda x, p, f: np.interp(x, p, f, period=4.0),
}


@pytest.mark.parametrize("f", INTERPOLATIONS.values(), ids=INTERPOLATIONS)
def test_interpolation(f):
    check(f, POINTS, KNOTS, ROW)
    check(f, POINTS, KNOTS, ROW + 1j * WEIGHTS)
    check(f, 1.7, KNOTS, ROW)


def test_interpolation_at_knots():
    knots, values = np.array([0.0, 1.0, 2.0, 3.0]), np.array([0.0, 1.0, 4.0, 3.0])
    slopes = wg.grad(lambda x: np.sum(np.interp(x, knots, values)))(np.array([0.0, 1.0, 2.0, 3.0, 4.0, -1.0]))
    assert np.array_equal(slopes, [1, 1, 0, -1, 0, 0])
    assert np.array_equal(wg.jacobian(lambda f: np.interp(knots, knots, f))(values), np.eye(4))


FACTORS = {
    "long": (ROW, WEIGHTS[:4]),
    "short": (WEIGHTS[:3], ROW),
    "equal": (ROW, WEIGHTS),
    "complex": (ROW + 1j * WEIGHTS, WEIGHTS[:3] - 1j * ROW[:3]),
    "mixed": (ROW[:4], WEIGHTS[:3] - 1j * ROW[:3]),
}


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize(("a", "v"), FACTORS.values(), ids=FACTORS)
def test_convolution(a, v, mode):
    check(lambda a, v: np.convolve(a, v, mode), a, v)
    check(lambda a, v: np.correlate(a, v, mode), a, v)


FAMILIES = {
    "polyval": lambda x: series.polynomial.polyval(x, x[:4] * x[0]),
    "polyder": lambda x: series.polynomial.polyder(x) * series.polynomial.polyint(x)[:5],
    "polymul": lambda x: series.polynomial.polymul(x, x[:3]),
    "polyvander": lambda x: series.polynomial.polyvander(x, 3),
    "polyfit": lambda x: series.polynomial.polyfit(np.arange(6.0), x, 2),
    "chebval": lambda x: series.chebyshev.chebval(x, x[:4] * x[0]),
    "chebder": lambda x: series.chebyshev.chebder(x) * series.chebyshev.chebint(x)[:5],
    "chebmul": lambda x: series.chebyshev.chebmul(x, x[:3]),
    "chebvander": lambda x: series.chebyshev.chebvander(x, 3),
    "chebfit": lambda x: series.chebyshev.chebfit(np.arange(6.0), x, 2),
    "legval": lambda x: series.legendre.legval(x, x[:4] * x[0]),
    "legder": lambda x: series.legendre.legder(x) * series.legendre.legint(x)[:5],
    "legmul": lambda x: series.legendre.legmul(x, x[:3]),
    "legvander": lambda x: series.legendre.legvander(x, 3),
    "legfit": lambda x: series.legendre.legfit(np.arange(6.0), x, 2),
    "hermval": lambda x: series.hermite.hermval(x, x[:4] * x[0]),
    "hermder": lambda x: series.hermite.hermder(x) * series.hermite.hermint(x)[:5],
    "hermmul": lambda x: series.hermite.hermmul(x, x[:3]),
    "hermvander": lambda x: series.hermite.hermvander(x, 3),
    "hermfit": lambda x: series.hermite.hermfit(np.arange(6.0), x, 2),
    "hermeval": lambda x: series.hermite_e.hermeval(x, x[:4] * x[0]),
    "hermeder": lambda x: series.hermite_e.hermeder(x) * series.hermite_e.hermeint(x)[:5],
    "hermemul": lambda x: series.hermite_e.hermemul(x, x[:3]),
    "hermevander": lambda x: series.hermite_e.hermevander(x, 3),
    "hermefit": lambda x: series.hermite_e.hermefit(np.arange(6.0), x, 2),
    "lagval": lambda x: series.laguerre.lagval(x, x[:4] * x[0]),
    "lagder": lambda x: series.laguerre.lagder(x) * series.laguerre.lagint(x)[:5],
    "lagmul": lambda x: series.laguerre.lagmul(x, x[:3]),
    "lagvander": lambda x: series.laguerre.lagvander(x, 3),
    "lagfit": lambda x: series.laguerre.lagfit(np.arange(6.0), x, 2),
    "polyval2d": lambda x: series.polynomial.polyval2d(x, x, np.ones((2, 3))),
}


@pytest.mark.parametrize("f", FAMILIES.values(), ids=FAMILIES)
def test_polynomial_families(f):
    check(f, ROW)


def test_names_bound_anew_stay_bound():
    module = globals()
    for function in (np.zeros, np.ones, np.array):
        module["make"] = function
        wg.grad(lambda x: np.sum(x * module["make"]([1])[0]))(ROW)
        assert module["make"] is function
    del module["make"]


def test_numpys_vectorize_is_left_as_it_was():
    before = np.vectorize.__call__
    wg.grad(lambda x: np.sum(SQUARES(x)))(TABLE)
    assert np.vectorize.__call__ is before
    assert np.array_equal(SQUARES(TABLE), np.sum(TABLE * TABLE, axis=1))
