"""Whole numbers and shapes that depend on values: compiled code and batches decide them anew at every point."""

import numpy as np
import pytest

import wengert as wg

POINTS = [np.random.default_rng(seed).normal(size=12) for seed in range(5)]


def count(x):
    return np.count_nonzero(x > 0) // 2 + 1


def longest_run(x):
    return max(len(part) for part in np.split(x, np.flatnonzero(np.diff(np.sign(x))) + 1)) * x[0]


CASES = {
    "places": lambda x: np.nonzero(x > 0)[0].size * x[0],
    "places, by method": lambda x: np.diff(np.sign(x)).nonzero()[0].size * x[0],
    "places, by where": lambda x: len(np.where(x > 0)[0]) * x[0],
    "flat places": lambda x: np.flatnonzero(np.maximum(x, 0.0)).shape[0] * x[0],
    "indices of places": lambda x: len(np.argwhere(x > 0)) * x[0],
    "runs": longest_run,
    "sets": lambda x: np.union1d(np.argsort(x)[:3], [0, 1]).size * x[0],
    "differences of sets": lambda x: np.setdiff1d(np.arange(5), np.argsort(x)[:3]).size * x[0],
    "trimmed": lambda x: np.trim_zeros(np.digitize(x, [0.0])).size * x[0],
    "parts": lambda x: len(np.array_split(x, count(x))) * x[0],
    "a part": lambda x: np.split(x, [count(x)])[0].sum(),
    "a triangle": lambda x: np.tril(np.outer(x[:4], x[:4]), count(x) - 3).sum(),
    "a longer transform": lambda x: np.abs(np.fft.rfft(x, n=count(x) + 4)).sum(),
    "full": lambda x: np.full(count(x), x[0]).sum(),
    "a repeated list": lambda x: np.sum([x[0]] * count(x)) + np.sum(count(x) * [x[1], 1.0]),
    "a repeated tuple": lambda x: np.zeros((2,) * count(x)).size * x[0],
    "where all are": lambda x: np.all(x > 0.1, where=x > 0) * x[0],
    "a sum but for what is none": lambda x: np.nancumsum(np.where(x > 0, x, np.nan))[-1],
    "a part of the order": lambda x: np.partition(x, count(x))[count(x)],
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_counted_is_counted_anew(name):
    f = CASES[name]
    for g in (f, wg.grad(f)):
        compiled, expected = wg.jit(g), [g(x) for x in POINTS]
        np.testing.assert_allclose([compiled(x) for x in POINTS], expected, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(wg.vmap(g)(np.stack(POINTS)), expected, rtol=1e-10, atol=1e-12)
