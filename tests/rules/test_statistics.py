"""Variance, order statistics, averages, covariances."""

import numpy as np
import pytest
from check import check
from rules.data import COMPLEX, CUBE, HOLES, MASK, ROW, TABLE, WEIGHTS

import wengert as wg

SPREADS = (np.var, np.std, np.nanvar, np.nanstd)
OPTIONS = ({}, {"axis": 1}, {"axis": (0, -1), "keepdims": True}, {"axis": 0, "ddof": 1}, {"axis": 1, "where": MASK})
METHODS = (
    "linear", "hazen", "weibull", "median_unbiased", "normal_unbiased", "interpolated_inverted_cdf", "inverted_cdf",
    "averaged_inverted_cdf", "closest_observation", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip
QUANTILES = ((np.quantile, 1.0), (np.percentile, 100.0), (np.nanquantile, 1.0), (np.nanpercentile, 100.0))


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options))
@pytest.mark.parametrize("f", SPREADS, ids=lambda f: f.__name__)
def test_spread(f, options):
    check(lambda x: f(x, **options), CUBE)


@pytest.mark.parametrize("f", SPREADS, ids=lambda f: f.__name__)
def test_spread_of_complex_numbers(f):
    check(lambda x: f(x, axis=0), COMPLEX)


def test_spread_about_a_given_mean():
    check(
        lambda x, m: np.var(x, axis=1, mean=m) + np.std(x, axis=1, mean=m, correction=1),
        CUBE,
        CUBE.mean(1, keepdims=True) + 1,
    )
    check(lambda x: x.std(0) * x.var(axis=0, ddof=1), CUBE)


def test_spread_of_constant_data():
    assert np.array_equal(wg.grad(np.std)(np.full(3, 2.0)), np.zeros(3))
    assert np.all(np.abs(wg.grad(np.std)(np.full(3, 0.1))) < 1e-15)
    assert np.array_equal(wg.grad(np.std)(np.array([2.0])), [0.0])
    assert np.array_equal(wg.grad(np.var)(np.array([2.0])), [0.0])
    assert wg.jvp(np.std, (np.full(3, 2.0),), (np.array([1.0, 2.0, 4.0]),))[1] == 0.0
    assert np.allclose(wg.hessian(np.var)(np.full(3, 0.1)), 2 / 3 * np.eye(3) - 2 / 9)
    assert np.array_equal(
        wg.grad(lambda x: np.sum(np.std(x, axis=1)))(np.array([[1.0, 1.0], [0.0, 2.0]])), [[0, 0], [-0.5, 0.5]]
    )


@pytest.mark.parametrize("f", [np.nanvar, np.nanstd, np.nanmedian], ids=lambda f: f.__name__)
def test_missing_data_have_no_derivative(f):
    check(lambda x: f(np.where(np.isnan(HOLES), np.nan, x), axis=1), CUBE, order=1)
    gradient = wg.grad(lambda x: np.sum(f(x, axis=1) ** 2))(HOLES)
    assert np.all(gradient[np.isnan(HOLES)] == 0)
    assert np.all(np.isfinite(gradient))


@pytest.mark.parametrize("options", [{}, {"axis": 0}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}], ids=str)
@pytest.mark.parametrize("f", [np.median, np.nanmedian], ids=lambda f: f.__name__)
def test_median(f, options):
    check(lambda x: f(x, **options), CUBE, order=1)


def test_median_of_tied_elements():
    assert np.array_equal(wg.grad(np.median)(np.array([1.0, 4.0, 2.0, 3.0])), [0, 0, 0.5, 0.5])
    assert np.array_equal(wg.grad(np.median)(np.array([1.0, 1.0, 2.0])), [0.5, 0.5, 0])
    assert np.allclose(wg.grad(np.median)(np.array([1.0, 1.0, 1.0, 2.0])), [1 / 3, 1 / 3, 1 / 3, 0])
    assert np.all(np.isnan(wg.grad(np.median)(np.array([1.0, np.nan, 2.0]))))
    assert np.array_equal(wg.grad(np.nanmedian)(np.array([1.0, np.nan, 2.0])), [0.5, 0, 0.5])
    assert np.array_equal(wg.grad(np.median)(np.array([1.0, 2.0, np.inf])), [0, 1, 0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("f", "unit"), QUANTILES)
def test_quantile(f, unit, method):
    check(lambda x: f(x, np.array([0.1, 0.33, 0.5, 0.9]) * unit, axis=1, method=method), CUBE, order=1)


@pytest.mark.parametrize(("f", "unit"), QUANTILES)
def test_quantile_of_axes_and_numbers(f, unit):
    check(lambda x: f(x, [0.2 * unit, 0.7 * unit], axis=(0, 2), keepdims=True) + f(x, 0.3 * unit), CUBE)
    check(lambda x: f(np.where(np.isnan(HOLES), 5.0, x), 0.3 * unit, axis=1), CUBE)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("f", "unit"), QUANTILES)
def test_derivative_with_respect_to_q(f, unit, method):
    check(lambda x, q: f(x, q, axis=1, method=method), CUBE, np.array([0.17, 0.53]) * unit, h=1e-4 * unit**0.5)


def test_quantile_of_a_recorded_number():
    check(lambda x, q: np.quantile(x, q), ROW, 0.37)
    assert wg.grad(lambda q: np.quantile(np.array([0.0, 1.0, 3.0]), q))(0.5) == 2.0


def test_weighted_quantile():
    check(lambda x: np.quantile(x, [0.3, 0.6], weights=np.arange(1.0, 7), method="inverted_cdf"), ROW)


OTHERS = {
    "average": lambda x: np.average(x, axis=1),
    "average of rows": lambda x: np.average(x, axis=0, weights=x[:, 0] + 3.0, keepdims=True),
    "sum of weights": lambda x: np.average(x, weights=x * x, returned=True)[1],
    "cov": lambda x: np.cov(x),
    "cov of columns": lambda x: np.cov(x, rowvar=False, ddof=0),
    "cov of two": lambda x: np.cov(x[0], x[1] ** 2),
    "cov weighted": lambda x: np.cov(x, aweights=x[0] + 3.0),
    "corrcoef": lambda x: np.corrcoef(x),
}


@pytest.mark.parametrize("f", OTHERS.values(), ids=OTHERS)
def test_averages_and_covariances(f):
    check(f, TABLE)


def test_complex_covariance():
    check(np.cov, COMPLEX)


def test_average_refuses_as_numpy_does():
    with pytest.raises(ZeroDivisionError, match="sum to zero"):
        wg.grad(lambda w: np.average(ROW, weights=w))(np.zeros(6))
    with pytest.raises(TypeError, match="Axis must be specified"):
        wg.grad(lambda x: np.average(x, weights=WEIGHTS))(TABLE)
