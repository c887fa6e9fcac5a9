"""NumPy as its documentation shows it: lists, iterators, outputs by position, order in memory, masked arrays' options."""

import numpy as np
import pytest
from check import check

import wengert as wg
from wengert import errors

M = np.array([[0.3, 0.2, 0.5], [0.7, 0.1, 0.4]])
MASK = np.array([[False, True, False], [False, False, True]])
ma = np.ma
P = np.polynomial

LISTS = {
    "amax": lambda t: np.amax([t, 2 * t]),
    "amin": lambda t: np.amin([[t, 2 * t], [3.0, t * t]], 0),
    "unique_all": lambda t: np.unique_all([t, 2 * t, t]).values,
    "unique_counts": lambda t: np.unique_counts([t, 2 * t, t]).values,
    "setxor1d": lambda t: np.setxor1d([t, 2 * t], [1.0, 2.0]),
    "multi_dot": lambda t: np.linalg.multi_dot([[[t, 1.0], [2.0, t]], [[t, 0.0], [1.0, 1.0]], [[t], [2.0]]]),
    "windows": lambda t: np.lib.stride_tricks.sliding_window_view([t, 2.0, t * t], 2),
    "histogram_bin_edges": lambda t: np.histogram_bin_edges([t, 2 * t, 3.0], bins=3),
    "histogramdd": lambda t: np.histogramdd([[0.1 * t, 0.2], [0.4 * t, 0.5]], bins=2)[1][0],
    "emath.sqrt": lambda t: np.imag(np.emath.sqrt([t, -2 * t])),
    "emath.power": lambda t: np.imag(np.emath.power([t, -2 * t], [2, 0.5])),
    "polyval2d": lambda t: P.polynomial.polyval2d([0.1 * t, 0.2], [0.1, t], [[1.0, 2.0], [3.0, 4.0]]),
    "polygrid2d": lambda t: P.polynomial.polygrid2d([0.1 * t, 0.2], [0.1, t], [[1.0, 2.0], [3.0, 4.0]]),
    "identity": lambda t: P.Chebyshev.identity(domain=[0, t]).coef,
    "getdomain": lambda t: P.polyutils.getdomain([t, 1.0, 3 * t]),
    "as_series": lambda t: P.polyutils.as_series([[t, 2 * t], [1.0, 0.0]])[0],
    "polyder": lambda t: np.polyder(np.poly1d([t, 2 * t, 3.0]))(0.5),
    "polyint": lambda t: np.polyint(np.poly1d([t, 2 * t, 3.0]), k=[t])(0.5),
    "polydiv": lambda t: np.polydiv(np.poly1d([t, 2 * t, 3.0]), [t, 1.0])[0](0.5),
    "poly1d / poly1d": lambda t: (np.poly1d([t, 2 * t, -3.0]) / np.poly1d([t, 2.0]))[0](0.3),
    "polyval of both": lambda t: np.polyval(np.poly1d([t, 2 * t]), np.poly1d([t, 1.0]))(0.5),
}  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_lists(name):
    check(LISTS[name], 1.3)


def test_a_list_stays_a_list():
    check(lambda t: np.array([*np.trim_zeros([0.0, t, 2 * t, 0.0]), 1.0]), 1.3)


def test_flat_is_an_iterator():
    def f(x):
        it, total = x.flat, 0.0
        first = next(it)
        assert it.index == 1
        assert it.coords == (0, 1)
        for v in it:
            total = total * first + v + it.index
        return total + it[2]

    check(f, M)


def test_broadcast_is_an_iterator():
    def f(x):
        both = np.broadcast(x, x[0])
        total = next(both)[1] * 0.5
        for a, b in both:
            total = total + a * b * both.index
        row, column = np.broadcast(x[:, :1], np.ones(3)).iters
        return total + next(row) * next(column) + next(row)

    check(f, M)


@pytest.mark.parametrize("function", [np.isneginf, np.isposinf])
def test_outputs_by_position(function):
    def f(t):
        y = 2.0 * t * np.ones(3)
        z = function(np.array([-np.inf, 0.0, np.inf]) * t, y)
        return y + z * t

    check(f, 1.3)
    assert wg.grad(lambda t: np.sum(np.any(np.ones((2, 3)) * t, 0, 5.0 * t * np.ones(3))))(1.0) == 0.0


def test_order_of_what_is_made_of_lists():
    def f(t):
        made = (np.array([[t, 2.0], [3.0, 4.0]], order="F"), np.asfortranarray([[t, 2.0], [3.0, 4.0]]))
        assert all(x.flags.f_contiguous for x in made)
        return [x.ravel("K") * np.arange(4.0) for x in made]

    check(f, 1.3)


def test_ndmax():
    def f(t):
        parts = np.array([[t, 2.0], [3.0, t]], dtype=object, ndmax=1)
        assert parts.shape == (2,)
        return parts[0][0] * parts[1][1]

    check(f, 1.3)


def test_what_needs_no_change_is_itself():
    def f(x):
        assert np.atleast_1d(x) is x
        assert np.atleast_2d(x) is x
        assert np.squeeze(x) is x
        return x * 2.0

    check(f, M)


def test_second_derivatives_through_python_complex_numbers():
    check(lambda t: np.imag(np.geomspace(1j * t, 16j * t, 4)) ** 2, 1.3)


def test_text_of_digits():
    def f(x):
        return x * len(np.format_float_positional(x[0], precision=3)) + len(np.array2string(x))

    xs = np.array([[1.25, 2.0], [1.5, 2.0], [10.123, 2.0], [1.25, 3.5], [2.0, 2.0]])
    np.testing.assert_array_equal(wg.vmap(f)(xs), [f(x) for x in xs])
    g = wg.jit(f)
    for x in xs:
        np.testing.assert_array_equal(g(x), f(x))


MASKED = {
    "mask of another shape": lambda x: ma.array(x, mask=[0, 1, 0, 1, 0, 0]).sum(axis=0).filled(9.0),
    "keep_mask": lambda x: ma.array(ma.array(x, mask=MASK), keep_mask=False, mask=~MASK).filled(0.5),
    "fill_value": lambda x: (1 + ma.array(x, mask=MASK, fill_value=-5.0)).filled(),
    "fill_value of a part": lambda x: ma.array(x, mask=MASK, fill_value=-5.0)[0].filled(),
    "fill_value of std": lambda x: ma.array(x, mask=[[1, 0, 0], [1, 0, 0]], fill_value=-5.0).std(0).filled() ** 2,
    "masked_equal": lambda x: ma.masked_equal(x, value=x[0, 0]).filled(),
    "masked_inside": lambda x: ma.masked_inside(x, v1=0.45, v2=0.25).filled(2.0),
    "masked_values": lambda x: ma.masked_values(x, x[0, 0], rtol=1e-9, shrink=True).filled(),
    "ndmin": lambda x: ma.array(x, ndmin=3).filled(1.0),
    "sum of a dtype": lambda x: ma.array(x, mask=MASK).sum(axis=0, dtype=float).filled(1.0),
    "order": lambda x: ma.array(x, mask=MASK).ravel(order="F").filled(1.0),
    "min with a fill value": lambda x: ma.array(x, mask=MASK).min(axis=0, fill_value=0.05).filled(1.0),
    "average": lambda x: ma.average(ma.array(x, mask=MASK), axis=0, weights=ma.array([1.0, 2.0], mask=[0, 1])).filled(3.0),
    "average of both axes": lambda x: ma.average(ma.array(x, mask=MASK), axis=(0, 1), weights=np.ones((2, 3))),
    "real": lambda x: ma.array(x, mask=MASK).real.filled(1.0),
    "positive": lambda x: (+ma.array(x, mask=MASK)).filled(1.0),
    "np.copy": lambda x: np.copy(ma.array(x, mask=MASK)),
}  # fmt: skip


@pytest.mark.parametrize("name", MASKED)
def test_masked_options(name):
    check(MASKED[name], M)


def test_masked_in_place():
    def f(x):
        m = ma.array(x * 1.0, mask=MASK)
        m.shape = (3, 2)
        m.fill_value = 4.0
        m.put([0, 1], [7.0, 8.0])
        return m.filled() * (1 + m.argmin(fill_value=-1.0))

    check(f, M)
    with pytest.raises(errors.NoDerivative, match="hard mask"):
        wg.grad(lambda x: ma.array(x, mask=MASK).harden_mask().sum())(M)


def test_order_of_masked_arrays():
    def f(x):
        return x * np.sum(ma.array(x, mask=MASK).argsort(axis=1) * np.arange(3))

    check(f, M)


@pytest.mark.parametrize("method", ["svd", "eigh", "cholesky"])
def test_draws_at_equal_eigenvalues(method):
    def f(mean, s):
        generator = np.random.default_rng(3)
        return generator.multivariate_normal(mean, s**2 * np.eye(2), size=4, method=method) ** 2

    check(f, np.array([0.3, -0.2]), 1.3)
    g = wg.jvp(lambda s: np.random.default_rng(3).multivariate_normal(np.zeros(2), s * np.eye(2)), (1.0,), (1.0,))
    assert np.all(np.isfinite(g[1]))
