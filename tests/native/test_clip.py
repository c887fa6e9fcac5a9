"""np.clip bit for bit: NumPy has one loop for bounds that are numbers and another for arrays, and zeros have signs."""

import numpy as np
import pytest

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

SPECIAL = np.array([-0.0, 0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 2.0])


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shapes", [((), ()), ((1,), (1,)), ((), None), (None, (1,)), (None, None)], ids=str)
@pytest.mark.parametrize("n", [1, 5, 40])
def test_zeros_and_bounds(n, shapes, dtype):
    rng = np.random.default_rng(0)
    clip = wg.jit(np.clip)
    for _ in range(60):
        x, low, high = (np.asarray(rng.choice(SPECIAL, (n,) if s is None else s), dtype)[()] for s in (None, *shapes))
        clip(x, low, high)
        got, expected = clip(x, low, high), np.clip(x, low, high)
        np.testing.assert_array_equal(got, expected)
        np.testing.assert_array_equal(np.signbit(got)[~np.isnan(got)], np.signbit(expected)[~np.isnan(got)])


def test_bounds_written_out():
    x = np.array([-0.0, 0.5, np.nan, -3.0, 7.0])
    f = wg.jit(lambda x: np.clip(x, 0.0, 1.0))
    f(x)
    np.testing.assert_array_equal(np.signbit(f(x)), np.signbit(np.clip(x, 0.0, 1.0)))
