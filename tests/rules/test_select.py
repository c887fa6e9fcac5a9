"""Selecting by condition or index, and writing what was selected."""

import numpy as np
import pytest
from check import check
from rules.data import CUBE, ROW, TABLE

import wengert as wg


def writing(write):
    """A function of x that writes into a copy of it and returns that."""

    def f(x):
        y = x * 1.0
        write(y, x)
        return y

    return f


ONE = {
    "where": lambda x: np.where(x > 0, x * x, -x),
    "where number": lambda x: np.where(x > 0, x * x, 0.5),
    "where list": lambda x: np.where([True, False], [x[0], x[1] * 2], x[2]),
    "where truth of numbers": lambda x: np.where(x, x * x, 1.0),
    "where one argument": lambda x: x[np.where(x > 0)] ** 2,
    "select": lambda x: np.select([x > 1, x > 0], [x**2, x], default=0.5),
    "select default": lambda x: np.select([x > 1, x > 0], [x**2, np.ones_like(x)], x * x * x),
    "piecewise": lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda z: z * z, lambda z: z + z**3]),
    "choose": lambda x: np.choose([0, 1, 1, 0, 2, 2], [x, x * x, 2 * x]),
    "choose wrap": lambda x: np.choose([0, -1, 4, 0, 2, 2], [x, x * x, 2 * x], mode="wrap"),
    "extract": lambda x: np.extract(x > 0, x * x),
    "compress": lambda x: np.compress([True, False, True], x * x) + x.compress([0, 1, 1]),
    "take": lambda x: np.take(x, [[0, 1], [1, 0]]) * x.take([3, 3]),
    "take one": lambda x: np.take(x, 2) * x.take(-1),
    "take clip": lambda x: np.take(x, [7, -3], mode="clip") * np.take(x, [7, -3], mode="wrap"),
    "take_along_axis": lambda x: np.take_along_axis(x * x, np.argsort(x), axis=0),
    "take_along_axis flat": lambda x: np.take_along_axis(x * x, np.array([0, 3, 3]), axis=None),
    "trim_zeros": lambda x: np.trim_zeros(x * np.array([0, 1, 1, 1, 1, 0])),
    "copyto": writing(lambda y, x: np.copyto(y, x * x)),
    "copyto where": writing(lambda y, x: np.copyto(y, x * x, where=x > 0)),
    "copyto number": writing(lambda y, x: np.copyto(y, x[0] ** 2, where=x > 0)),
    "copyto view": writing(lambda y, x: np.copyto(y[::2], x[:3] ** 2, where=[True, False, True])),
    "putmask": writing(lambda y, x: np.putmask(y, y > 0, x * 3)),
    "putmask repeated": writing(lambda y, x: np.putmask(y, y > 0, x[:2] * 3)),
    "place": writing(lambda y, x: np.place(y, y > 0, x[:2] ** 2)),
    "put": writing(lambda y, x: np.put(y, [0, 3, -1], x[:2] ** 2)),
    "put method": writing(lambda y, x: y.put([0, 9, -1], x[:2] ** 2, mode="clip")),
    "put_along_axis": writing(lambda y, x: np.put_along_axis(y, np.argmax(y, keepdims=True), x[:1] ** 2, axis=0)),
    "nan_to_num": lambda x: np.nan_to_num(x * x),
    "constants": lambda x: x * np.argmax(x) * np.count_nonzero(x > 0) * np.any(x > 0) * np.all(x < 9),
    "comparisons": lambda x: x * np.isclose(x, x) * np.allclose(x, x) * np.array_equal(x, x) * np.isin(x, [x[0], x[1]]),
    "places": lambda x: x * np.searchsorted(np.sort(x), 0.1) * np.digitize(x, [0.0, 1.0]) + x[np.flatnonzero(x > 0)[0]],
    "places by keyword": lambda x: x * np.searchsorted(np.array([0.0, 1.0]), v=x) * np.argmin(a=x),
    "argwhere": lambda x: x[np.argwhere(x > 0)[:, 0]] * x[(x > 0).nonzero()],
}  # fmt: skip
MANY = {
    "take 0": lambda x: np.take(x, [[0, 1], [1, 0]], axis=0) * np.take(x, 1, axis=0),
    "take -1": lambda x: np.take(x, [1, 1, 0], axis=-1),
    "compress": lambda x: np.compress([True, False, True], x * x, axis=0),
    "take_along_axis": lambda x: np.take_along_axis(x, np.argsort(x, axis=1), axis=1),
    "where": lambda x: np.where(x > 0, x * x[0], x[:, :1]),
    "argmax": lambda x: np.argmax(x, axis=1, keepdims=True) * x,
}
FLAT = {
    "fill_diagonal": writing(lambda y, x: np.fill_diagonal(y, x[0, :4] ** 2)),
    "fill_diagonal number": writing(lambda y, x: np.fill_diagonal(y, x[0, 0] ** 2)),
    "put_along_axis": writing(lambda y, x: np.put_along_axis(y, np.argmax(y, axis=1, keepdims=True), x[:, :1] ** 2, axis=1)),
    "putmask": writing(lambda y, x: np.putmask(y, y > 0, x[0] ** 2)),
    "put": writing(lambda y, x: np.put(y, [1, 7], x[0, :2] ** 2)),
}  # fmt: skip


@pytest.mark.parametrize("f", ONE.values(), ids=ONE)
def test_rows(f):
    check(f, ROW)


@pytest.mark.parametrize("f", MANY.values(), ids=MANY)
def test_axes(f):
    check(f, CUBE)


@pytest.mark.parametrize("f", FLAT.values(), ids=FLAT)
def test_tables(f):
    check(f, TABLE)


def test_piecewise_of_a_number():
    check(lambda x: np.piecewise(x, [x < 0, x >= 0], [lambda z: z * z, lambda z: z + z**3]), 0.3)


def test_filling_fresh_arrays():
    check(lambda x: writing_zeros(x), ROW)


def writing_zeros(x):
    y = np.zeros(6)
    np.copyto(y, x * x)
    np.put(y, [1], x[0])
    return y


def test_taking_one_row_is_a_copy():
    def f(x):
        y = x * 1.0
        row = np.take(y, 0, axis=0)
        row[:] = 0.0
        return y

    check(f, TABLE)


def test_dead_branches():
    x = np.array([0.0, 0.0, 4.0])
    assert np.array_equal(wg.grad(lambda x: np.sum(np.where(x > 0, np.sqrt(x), 0.0)))(x), [0, 0, 0.25])
    assert np.array_equal(wg.grad(lambda x: np.sum(np.select([x > 0], [np.sqrt(x)], 0.0)))(x), [0, 0, 0.25])
    assert np.array_equal(wg.jvp(lambda x: np.where(x > 0, np.sqrt(x), 0.0), (x,), (np.ones(3),))[1], [0, 0, 0.25])
    assert np.array_equal(wg.grad(lambda x: np.sum(np.nan_to_num(x * 2)))(np.array([np.nan, 1.0, np.inf])), [0, 2, 0])


def test_numpys_errors():
    for f in (
        lambda x: np.take(x, [9]),
        lambda x: np.choose([0, 5], [x[:2], x[:2]]),
        lambda x: np.put(x.copy(), [9], x[0]),
        lambda x: np.select([x > 0], [x, x]),
        lambda x: np.select([x], [x]),
        lambda x: np.place(x.copy(), x > -9, []),
    ):
        with pytest.raises(Exception) as expected:  # noqa: PT011
            f(ROW)
        with pytest.raises(expected.type):
            wg.vjp(f, ROW)


def test_plain_results_of_constant_functions():
    def f(x):
        assert type(np.argmax(x)) is np.int64
        assert type(np.argsort(x)) is np.ndarray
        assert type(np.any(x > 0)) is np.bool_
        return x

    wg.vjp(f, ROW)
