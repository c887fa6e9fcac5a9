"""Sorting and sets: elements keep their derivatives, ties the order of a stable sort."""

import numpy as np
import pytest
from check import check
from rules.data import COMPLEX, CUBE, ROW, TABLE

import wengert as wg


def in_place(x):
    y = x + x**3
    y.sort()
    y.partition(2)
    return y


ONE = {
    "sort": np.sort,
    "sort stable": lambda x: np.sort(x, stable=True) * np.sort(x, kind="heapsort"),
    "sort_complex": lambda x: np.real(np.sort_complex(x) * 1j * x),
    "partition": lambda x: np.partition(x, [1, 3]),
    "in place": in_place,
    "argsort": lambda x: x[np.argsort(x)] * np.arange(6.0),
    "lexsort": lambda x: x[np.lexsort((x, x > 0))] * np.arange(6.0),
    "sorted": lambda x: np.array(sorted(x)) * np.arange(6.0),
    "unique": lambda x: np.unique(np.concatenate([x, x])),
    "unique with counts": lambda x: np.unique(np.concatenate([x, x[:2]]), return_counts=True)[0],
    "unique inverse": lambda x: np.unique(x, return_inverse=True)[0] * np.unique(x, return_inverse=True)[1],
    "unique_all": lambda x: np.unique_all(np.concatenate([x, 9.0 + x**3])).values,
    "unique_values": lambda x: np.unique_values(np.concatenate([x, 9.0 + x**3])),
    "union1d": lambda x: np.union1d(x, x[:2] * 2),
    "intersect1d": lambda x: np.intersect1d(x, x[:2]),
    "setdiff1d": lambda x: np.setdiff1d(x, x[:2]),
    "setxor1d": lambda x: np.setxor1d(x, x[:2]),
}


@pytest.mark.parametrize("f", ONE.values(), ids=ONE)
def test_rows(f):
    check(f, ROW)


@pytest.mark.parametrize("axis", [0, 1, -1, None])
def test_axes(axis):
    check(lambda x: np.sort(x, axis=axis), CUBE)
    check(lambda x: np.partition(x, 1, axis=axis), CUBE)


def test_complex_and_rows():
    check(lambda x: np.sort(x, axis=0), COMPLEX)
    check(lambda x: np.unique(x[np.array([0, 1, 0, 2])], axis=0), TABLE)


def test_tied_elements_keep_their_order():
    x = np.array([2.0, 1.0, 2.0, 1.0])
    assert np.array_equal(wg.jacobian(np.sort)(x), np.eye(4)[[1, 3, 0, 2]])
    assert np.array_equal(wg.jvp(np.sort, (x,), (np.arange(4.0),))[1], [1, 3, 0, 2])


def test_empty_and_nan():
    assert wg.grad(lambda x: np.sum(np.sort(x)))(np.zeros(0)).shape == (0,)
    assert np.array_equal(wg.grad(lambda x: np.sort(x)[0])(np.array([np.nan, 1.0])), [0, 1])
