"""Sums, means, products and extremes: every spelling and option, zeros, ties and NaNs."""

import numpy as np
import pytest
from check import check
from rules.data import COMPLEX, CUBE, HOLES, MASK, ROW

import wengert as wg
from wengert.errors import LostDerivative

REDUCTIONS = (np.sum, np.mean, np.prod, np.max, np.min, np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanmin)
OPTIONS = (
    {}, {"axis": 1}, {"axis": -1}, {"axis": (0, -1)}, {"axis": (), "keepdims": True}, {"axis": -1, "keepdims": True},
    {"axis": None, "keepdims": True},
)  # fmt: skip
IDENTITY = {"max": -9.0, "min": 9.0, "nanmax": -9.0, "nanmin": 9.0}


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("f", REDUCTIONS, ids=lambda f: f.__name__)
def test_axes(f, options):
    check(lambda x: f(x, **options), CUBE, order=2 if f in (np.prod, np.nanprod) else 1)


@pytest.mark.parametrize("f", REDUCTIONS, ids=lambda f: f.__name__)
def test_where(f):
    start = {"initial": IDENTITY[f.__name__]} if f.__name__ in IDENTITY else {}
    check(lambda x: f(x, axis=1, where=MASK, **start), CUBE)
    x_bar = wg.vjp(lambda x: f(x, axis=1, where=MASK, **start), CUBE)[1](np.ones((3, 2)))[0]
    assert np.all(x_bar[~MASK] == 0)


@pytest.mark.parametrize("f", REDUCTIONS, ids=lambda f: f.__name__)
def test_complex(f):
    check(lambda x: f(x, axis=0), COMPLEX)


@pytest.mark.parametrize("f", [f for f in REDUCTIONS if "mean" not in f.__name__], ids=lambda f: f.__name__)
def test_initial(f):
    check(lambda x, initial: f(x, axis=1, initial=initial), CUBE, -0.35)


@pytest.mark.parametrize("f", REDUCTIONS, ids=lambda f: f.__name__)
def test_float32_stays(f):
    x = CUBE.astype(np.float32)
    assert wg.grad(lambda x: np.sum(f(x, axis=1)))(x).dtype == np.float32
    assert wg.jvp(lambda x: f(x, axis=1), (x,), (x,))[1].dtype == np.float32


@pytest.mark.parametrize("f", [np.nansum, np.nanmean, np.nanprod, np.nanmax, np.nanmin], ids=lambda f: f.__name__)
def test_missing_data_have_no_derivative(f):
    check(lambda x: f(np.where(np.isnan(HOLES), np.nan, x), axis=1), CUBE)
    gradient = wg.grad(lambda x: np.sum(f(x, axis=1) ** 2))(HOLES)
    assert np.all(gradient[np.isnan(HOLES)] == 0)
    assert np.all(np.isfinite(gradient))


SPELLINGS = {
    "methods": lambda x: x.sum(1) + x.mean(axis=1) * x.prod(1) - x.max(1) * x.min(axis=1),
    "reduce": lambda x: np.add.reduce(x) * np.multiply.reduce(x) + np.maximum.reduce(x) * np.minimum.reduce(x),
    "fmax": lambda x: np.fmax.reduce(x, axis=0) * np.fmin.reduce(x, axis=0, keepdims=True),
    "amax": lambda x: np.amax(x, 0) * np.amin(x, 0),
    "ptp": lambda x: np.ptp(x, axis=1) * np.ptp(x),
    "out": lambda x: np.sum(x, axis=0, out=np.zeros((4, 2))),
    "dtype": lambda x: np.sum(x, axis=0, dtype=np.float64) + np.mean(x, axis=0, dtype=np.float64),
    "to complex": lambda x: np.sum(x, axis=0, dtype=complex),
    "list": lambda x: np.sum([x[0, 0, 0] ** 2, x[1, 0, 0]]) * np.max([x[0, 1, 1], x[2, 1, 1] ** 2]),
    "nested sums": lambda x: np.sum(np.sum(x * x, axis=0) ** 2, axis=-1),
}


@pytest.mark.parametrize("f", SPELLINGS.values(), ids=SPELLINGS)
def test_spellings(f):
    check(f, CUBE)


@pytest.mark.parametrize("f", [np.sum, np.mean, np.prod], ids=lambda f: f.__name__)
def test_numbers_and_empty_arrays(f):
    check(f, 1.3)
    check(lambda x: f(x, axis=0), np.ones((2, 0)))


@pytest.mark.parametrize("n", range(1, 9))
@pytest.mark.parametrize("zeros", [(), (0,), (0, -1)], ids=str)
def test_products_with_zeros(n, zeros):
    x = np.arange(1.0, n + 1)
    x[[k for k in zeros if -n <= k < n]] = 0.0
    check(np.prod, x)
    check(np.cumprod, x)


def test_hessian_of_a_product_with_zeros():
    assert np.array_equal(wg.grad(np.prod)(np.array([2.0, 0.0, 3.0])), [0, 6, 0])
    assert np.array_equal(wg.hessian(np.prod)(np.array([2.0, 0.0, 3.0])), [[0, 3, 0], [3, 0, 2], [0, 2, 0]])
    assert np.array_equal(wg.hessian(np.prod)(np.array([0.0, 0.0, 3.0])), [[0, 3, 0], [3, 0, 0], [0, 0, 0]])


def test_products_that_underflow():
    x = np.array([1e-200, 1e-200, 1e200])
    assert np.allclose(wg.grad(np.prod)(x), [1.0, 1.0, 0.0])


def test_tied_elements_share_equally():
    x = np.array([1.0, 3.0, 3.0, 2.0])
    assert np.array_equal(wg.grad(np.max)(x), [0, 0.5, 0.5, 0])
    assert np.array_equal(wg.grad(lambda x: np.max(x, initial=3.0))(x), [0, 1 / 3, 1 / 3, 0])
    assert wg.grad(lambda a, x: np.max(x, initial=a), argnums=(0, 1))(3.0, x)[0] == 1 / 3
    assert np.array_equal(wg.grad(np.ptp)(np.array([1.0, 1.0, 2.0])), [-0.5, -0.5, 1])
    assert np.array_equal(wg.jvp(np.max, (x,), (np.array([9.0, 1.0, 3.0, 9.0]),))[1], 2.0)


def test_nan_in_nan_out():
    x = np.array([1.0, np.nan, 3.0])
    assert np.all(np.isnan(wg.grad(np.max)(x)))
    assert np.array_equal(wg.grad(np.nanmax)(x), [0, 0, 1])
    assert np.array_equal(wg.grad(lambda x: np.sum(np.where([True, False, True], x, 0.0)))(x), [1, 0, 1])


def test_nan_in_one_row_and_a_tie_in_another():
    x = np.array([[1.0, np.nan], [2.0, 2.0]])
    g = wg.grad(lambda x: np.sum(np.max(x, axis=1)))(x)
    assert np.all(np.isnan(g[0]))
    assert np.array_equal(g[1], [0.5, 0.5])
    g = wg.grad(lambda x: np.sum(np.maximum(x, [[0.0, 0.0], [2.0, 0.0]])))(x)
    np.testing.assert_array_equal(g, [[1.0, np.nan], [0.5, 1.0]])


def test_a_dead_maximum_of_nan():
    x = np.array([[1.0, np.nan], [1.0, 2.0]])
    gradient = wg.grad(lambda x: np.sum(np.where(np.array([False, True]), np.max(x, axis=1), 0.0)))(x)
    assert np.array_equal(gradient, [[0, 0], [0, 1]])


def test_infinite_elements():
    x = np.array([np.inf, 1.0, 2.0])
    assert np.array_equal(wg.grad(np.max)(x), [1, 0, 0])
    assert np.array_equal(wg.grad(np.sum)(x), [1, 1, 1])
    assert np.array_equal(wg.grad(np.mean)(x), [1 / 3, 1 / 3, 1 / 3])


def test_integer_results_have_no_derivative():
    assert np.array_equal(
        wg.grad(lambda x: np.sum(x, dtype=int) * x[0])(ROW.copy()), [int(np.sum(ROW, dtype=int)), 0, 0, 0, 0, 0]
    )


def test_shape_of_out_is_numpys_error():
    with pytest.raises(ValueError, match="output parameter"):
        wg.grad(lambda x: np.sum(np.sum(x, axis=0, out=np.zeros(3))))(CUBE)


M = np.array([[0.5, -1.3, 2.2], [0.4, 1.7, -0.6]])
INITIAL = [
    lambda p: np.logaddexp.reduce(M * p, axis=1, initial=p),
    lambda p: np.hypot.reduce(M * p**2, axis=None, initial=p, keepdims=True),
    lambda p: np.subtract.reduce(M * p, axis=0, initial=p),
    lambda p: np.add.reduce(M * p, axis=None, initial=p, where=M > 0),
]


@pytest.mark.parametrize("f", INITIAL)
def test_recorded_initial_values(f):
    check(f, 0.7)


@pytest.mark.parametrize("f", [lambda p: M.sum(initial=p), lambda p: np.add.reduce(M, initial=p).sum()])
def test_initial_values_that_numpy_does_not_ask(f):
    with pytest.raises(LostDerivative, match=r"write np\.sum\(x, initial=p\)"):
        wg.grad(f)(0.7)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, 1, None])
@pytest.mark.parametrize("ufunc", [np.hypot, np.logaddexp, np.logaddexp2])
def test_folds_of_what_is_taken(ufunc, axis, keepdims):
    x = np.array([[1.0, 2.0, 0.5], [0.3, 1.5, 0.8]])
    taken = np.array([[True, False, True], [False, False, True]])
    fold = lambda x, **options: ufunc.reduce(x, axis=axis, keepdims=keepdims, **options)
    check(lambda x: fold(x, where=taken, initial=0.7), x)
    check(lambda x: fold(x, where=taken, initial=x[0, 1]), x)
    check(lambda x: fold(x, where=x > 0.6, initial=x[0, 1]), x)
    check(lambda x: fold(x, initial=x[0, 1]), x)
    if ufunc is np.hypot:  # the others begin with −∞
        check(lambda x: fold(x, where=taken), x)
