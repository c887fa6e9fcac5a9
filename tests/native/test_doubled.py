"""Sums with products of powers of two: one instruction where the processor has one, and NumPy's bits all the same."""

import numpy as np
import pytest

import wengert as wg

rng = np.random.default_rng(5)
TINY = np.finfo(float).smallest_subnormal


def far_and_near(n):
    """Numbers of every size, subnormal ones too, and special ones; products by 8 do not overflow."""
    sizes = np.concatenate([rng.uniform(-1074, 1020, n), rng.uniform(-1074, -1010, n), rng.uniform(-2, 2, n)])
    return np.concatenate([rng.choice([-1, 1], 3 * n) * 2.0**sizes, [0.0, -0.0, np.inf, -np.inf, np.nan, TINY, -TINY]])


FORMS = {
    "sum": lambda a, b: 4 * a + b,
    "turned": lambda a, b: b + a * 8,
    "difference": lambda a, b: 4 * a - b,
    "from": lambda a, b: b - 2 * a,
    "negative": lambda a, b: b - a * -4,
    "of negatives": lambda a, b: -(4 * a) - b,
    "two": lambda a, b: 2 * a + 4 * b,
    "halves": lambda a, b: 0.5 * a + b,
    "thirds": lambda a, b: 3 * a + b,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_bits(form, dtype):
    with np.errstate(all="ignore"):
        a = far_and_near(400)
        if dtype is np.float32:
            a = np.where(np.abs(a) > 1e37, 1.0, a)
        a, b = a.astype(dtype), rng.permutation(a).astype(dtype)
        expected = FORMS[form](a, b)
        got = wg.jit(FORMS[form])(a, b)
    np.testing.assert_array_equal(got, expected)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(got[number]), np.signbit(expected[number]))


def test_recurrence():
    """In a loop of numbers, value and derivative are those of Python, bit for bit."""

    def logistic(v):
        for _ in range(300):
            v = 4 * v * (1 - v)
        return v

    for f in (logistic, wg.grad(logistic)):
        assert wg.jit(f)(0.3) == f(0.3)
