"""Loop nests as functions of their own, very long ones, and the two other functions that entries and kernels share."""

import gc
import sys
import zlib

import numpy as np
import pytest
from corpus import corpus, derivative
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native.emit import apart, kernel, nans

CORPUS = corpus()


@pytest.mark.parametrize("name", [n for n in CORPUS if zlib.crc32(n.encode()) % 29 == 3])
def test_corpus(name, monkeypatch):
    monkeypatch.setattr(kernel, "_MANY", 0)
    f, x = CORPUS[name]
    agree(wg.jit(f), f, x)
    slope = derivative(f, f(x))
    compiled = wg.jit(slope)
    for point in (x, np.multiply(x, 1.01) if isinstance(x, np.ndarray) else x * 1.01):
        agree(compiled, slope, point)


def test_many_arrays(monkeypatch):
    """A model of many arrays; sums, extremes, truth values and numbers go from nest to nest."""
    made = []
    emit = apart.emit_apart
    monkeypatch.setattr(kernel, "_MANY", 30)
    monkeypatch.setattr(kernel, "emit_apart", lambda *given: made.append(given) or emit(*given))

    def f(weights):
        total = 0.0
        for w in weights.values():
            total += np.sum(np.sin(w) * total**2) + np.max(w) + np.any(w > 1.2) * np.std(w)
        return total

    weights = {f"w{k}": np.linspace(0, 1 + k / 40, 3 * (k + 2)).reshape(3, -1) for k in range(32)}
    agree(wg.jit(wg.value_and_grad(f)), wg.value_and_grad(f), weights)
    assert made


def test_a_chain_longer_than_pythons_stack():
    """Hundreds of operations in a row, no two stretches of which are alike, are one nest."""
    order = np.random.default_rng(4).integers(0, 4, 160)

    def f(x):
        y, z = x, x[::-1]
        for k in order:
            y, z = z, (np.sin(y) + 0.1 * z, y * 0.5 - z[::-1], np.tanh(y * z), y / (1 + z * z))[k]
        return np.sum(y)

    x = np.linspace(-1, 1, 5)
    for g in (f, wg.grad(f)):
        compiled = wg.jit(g)
        agree(compiled, g, x)
        assert "native, compiled" in compiled.explain(x)


def test_outside_the_range_of_a_formula(monkeypatch):
    monkeypatch.setattr(kernel, "_MANY", 0)
    compiled = wg.jit(lambda x: np.sum(np.sin(x)))
    x = np.linspace(0, 9, 50)
    compiled(x)
    x[7] = 1e300
    assert compiled(x) == pytest.approx(np.sum(np.sin(x)), rel=1e-13)


@pytest.mark.parametrize("place", [None, 0, 1, 16, 36])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_nan(place, dtype, monkeypatch):
    made = []
    emit = nans.emit_nan_test
    monkeypatch.setattr(kernel, "emit_nan_test", lambda *given: made.append(given) or emit(*given))
    x = np.linspace(-1, 1, 37).astype(dtype)
    x[[5, 18, 22]] = np.inf, -0.0, -np.inf
    compiled = wg.jit(lambda x: np.any(np.isnan(x)))
    assert compiled(x) == np.any(np.isnan(x))
    if place is not None:
        x[place] = np.nan
    assert compiled(x) == np.any(np.isnan(x))
    assert compiled(x.reshape(1, 37)) == np.any(np.isnan(x))
    assert made


def test_no_memory_for_results_is_left_behind():
    """Guards that fail let go of all the arrays that were made for results."""
    made = wg.jit(lambda a, b: (a + 1, b * 2, a * b) if a[0] > 0 else a)
    a, b = np.ones(3), np.full(3, 2.0)
    made(a, b)
    made(-a, b)
    gc.collect()  # what recording left
    counts = [sys.getrefcount(x) for x in (a, b)]
    for _ in range(100):
        np.testing.assert_array_equal(made(-a, b), -a)
        made(a, b)
    assert [sys.getrefcount(x) for x in (a, b)] == counts
