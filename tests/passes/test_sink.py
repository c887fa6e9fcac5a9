"""What is the same in every run of a loop, and cheap, is computed where it is used instead of read from far memory."""

import numpy as np
import pytest

import wengert as wg
from wengert.passes.pipeline import optimise

rng = np.random.default_rng(3)
LARGE, SMALL = 20_000, 2_000


def products(x, rows):
    return np.stack([(3 - 2 * x) * row + x for row in rows])


def of_two(x, rows):
    """3x + y is of two arrays, of which the body reads both."""
    y = np.cos(x)
    return np.stack([(3 * x + y) * row - y * x for row in rows])


def dear(x, rows):
    return np.stack([np.exp(x) * row + x for row in rows])


def alone(x, rows):
    """Nothing else reads x in the loop: 3 − 2x takes as much memory as x."""
    return np.stack([(3 - 2 * x) * row for row in rows])


def scaled(x, rows):
    """The factor is a number that changes from call to call."""
    a = x[0]
    return np.stack([(a * x) * row + a * x - x for row in rows])


def written(x, rows):
    """What is written into later is not what it was."""
    y = 2 * x
    out = [y * row + x for row in rows]
    y[0] = 5
    return np.stack(out) + y


def trace_of(f, n):
    return optimise(wg.trace(f)(rng.normal(size=n), rng.normal(size=(40, n))))


def outside(trace):
    """How many lines stand before the loop."""
    return [line.row.name for line in trace.lines].index("loop")


@pytest.mark.parametrize(
    ("f", "n", "lines"),
    [(products, LARGE, 0), (products, SMALL, 2), (of_two, LARGE, 1), (dear, LARGE, 1), (scaled, LARGE, 1)],
)
def test_lines_before_the_loop(f, n, lines):
    assert outside(trace_of(f, n)) == lines


@pytest.mark.parametrize("f", [products, of_two, dear, alone, scaled, written])
def test_same_bits(f):
    x, rows = rng.normal(size=LARGE), rng.normal(size=(40, LARGE))
    expected = f(x, rows)
    assert np.array_equal(trace_of(f, LARGE)(x, rows), expected)
    assert np.array_equal(wg.jit(f)(x, rows), expected)
    x[:] = np.sin(x)
    assert np.array_equal(wg.jit(f)(x, rows), f(x, rows))


def test_derivatives():
    """Cotangents of x gather in a carried sum; the loops of the derivative sink what they may."""
    x, rows = rng.normal(size=LARGE), rng.normal(size=(40, LARGE))
    total = lambda x, rows: np.sum(np.sin(products(x, rows)))
    np.testing.assert_allclose(wg.jit(wg.grad(total))(x, rows), wg.grad(total)(x, rows), rtol=1e-13, atol=1e-12)
