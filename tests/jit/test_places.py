"""Indices that vary, beside numbers, lists and slices that do not."""

import numpy as np
import pytest
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

X = np.random.default_rng(1).normal(size=(6, 5, 4))


def native(f, *args):
    jitted = wg.jit(f)
    for _ in range(2):
        agree(jitted, f, *args)
    path = jitted._path_of(args, {})[1]
    assert path.native is not None, path.reason
    assert not path.native.graph.calls


def writes(x):
    y, total = np.zeros((6, 5, 4)), 0.0
    for k in range(1, 6):
        y[k, 3] = x[k - 1, 2] * 2
        y[k, :, 1] = x[k, :, -1] + y[k - 1, :, 1]
        y[2, k - 1, 3] = x[-1, k - 1, 0]
        total += x[0, k - 1, 2] * y[k, 3, 1]
    return y, total


def test_fixed_numbers_beside_ones_that_vary():
    native(writes, X)
    native(wg.grad(lambda x: writes(x)[1] + np.sum(writes(x)[0] ** 2)), X)


@pytest.mark.parametrize("i", [0, 2, -1])
def test_reads(i):
    native(
        lambda x, i: (x[i, 2], x[i, :, 1], x[1, i, :3], x[i, [0, 2]], x[i, [0, 2], :2], x[2, i, 3]),
        X[:, :, :4],
        np.array(i),
    )
    native(lambda x, i: (x[np.array([1, 2]), i], x[[1, 2], :, i], x[..., i, 1]), X, np.array(i))


def test_absolute_values_of_numbers():
    native(lambda a: abs(a) * 2 + abs(-a), -1.5)
