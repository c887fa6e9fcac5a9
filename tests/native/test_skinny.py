"""Products of matrices with few columns, and sums over other axes than the last ones, against NumPy."""

import numpy as np
import pytest

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native.emit import products, skinny

RNG = np.random.default_rng(1)


def rounding(terms, dtype):
    """Bound of what the order of a sum of numbers below 1 can change."""
    return 4 * terms * np.finfo(dtype).eps


@pytest.fixture
def used(monkeypatch):
    """How often a product was written by us."""
    seen = []

    class Noted(products.Skinny):
        def __init__(self, *args):
            seen.append(args)
            super().__init__(*args)

    monkeypatch.setattr(products, "Skinny", Noted)
    return seen


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("n", "inner", "p"), [(40, 10, 10), (133, 3, 2), (64, 9, 1), (17, 5, 15), (100, 2, 31)])
@pytest.mark.parametrize("turned", [False, True])
def test_rows(n, inner, p, turned, dtype, used):
    a, b = RNG.random((3, n, inner)).astype(dtype), RNG.random((3, p, inner) if turned else (3, inner, p)).astype(dtype)
    f = wg.jit(lambda a, b: a @ (np.swapaxes(b, 1, 2) if turned else b))
    f(a, b)
    expected = a @ (np.swapaxes(b, 1, 2) if turned else b)
    np.testing.assert_allclose(f(a, b), expected, rtol=0, atol=inner * rounding(inner, dtype))
    assert f(a, b).dtype == dtype
    assert used


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(("inner", "n", "p"), [(40, 10, 10), (333, 3, 2), (5000, 4, 7), (2049, 20, 6)])
def test_sums(inner, n, p, dtype, used):
    a, b = RNG.random((2, inner, n)).astype(dtype), RNG.random((2, inner, p)).astype(dtype)
    f = wg.jit(lambda a, b: np.swapaxes(a, 1, 2) @ b)
    f(a, b)
    np.testing.assert_allclose(f(a, b), np.swapaxes(a, 1, 2) @ b, rtol=0, atol=inner * rounding(np.sqrt(inner), dtype))
    assert used


@pytest.mark.parametrize(
    "f",
    [lambda a, b: a @ b[:7], lambda a, b: a[:, :6] @ b[:5].T, lambda a, b: a.T @ b, lambda a, b: (a.T @ b) + b[:7]],
    ids=["rows", "turned", "sums", "added"],
)
def test_matrices(f, used):
    a, b = RNG.random((300, 7)), RNG.random((300, 6))
    jitted = wg.jit(f)
    jitted(a, b)
    np.testing.assert_allclose(jitted(a, b), f(a, b), rtol=1e-13)
    assert used


@pytest.mark.parametrize("rows", [4001, 4500, 10_000])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_long_sum_in_blocks(rows, dtype):
    a, b = RNG.normal(size=(rows, 50)).astype(dtype), RNG.normal(size=(rows, 10)).astype(dtype)
    f = wg.jit(lambda a, b: a.T @ b)
    f(a, b)
    np.testing.assert_allclose(f(a, b), a.T @ b, rtol=0, atol=rows * rounding(1, dtype))
    captured = wg.jit(lambda b: (a.T @ b, a @ (a.T @ b)))
    captured(b)
    for got, expected in zip(captured(b), (a.T @ b, a @ (a.T @ b)), strict=True):
        np.testing.assert_allclose(got, expected, rtol=0, atol=50 * rows * rounding(1, dtype))


def test_not_finite(used):
    a, b = RNG.random((20, 3, 3)).repeat(20, axis=1), RNG.random((20, 3, 4))
    a[3, 2, 1], b[5, 0, 2], b[6, 1, 1] = np.nan, np.inf, -np.inf
    f = wg.jit(lambda a, b: a @ b)
    f(a, b)
    np.testing.assert_allclose(f(a, b), a @ b, rtol=1e-14)
    assert used


@pytest.mark.parametrize("bits", [16, 32, 64])
def test_what_fits_depends_on_the_registers(bits, monkeypatch):
    monkeypatch.setattr(skinny, "register_bytes", lambda: bits)
    fits = [p for p in range(1, 40) if skinny.is_skinny(1000, 8, p, (False, False))]
    assert fits
    assert max(fits) <= bits


SHAPES = [(7, 40, 10), (5, 33, 20), (3, 50, 64), (4, 30, 3), (6, 25, 6), (9, 17, 1), (2, 3, 49), (1, 2100, 5)]
AXES = [0, 1, 2, (0, 1), (0, 2), (1, 2), (0, 1, 2)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("op", [np.sum, np.max, np.any, np.all, np.prod])
def test_reductions(op, axes, shape):
    x, m = RNG.normal(size=shape), RNG.normal(size=shape[2:])

    def f(x, m):
        z = x - m
        z = z > 1 if op in (np.any, np.all) else 1 + z / x.size if op is np.prod else z
        return op(z, axis=axes), z

    jitted = wg.jit(f)
    jitted(x, m)
    for got, expected in zip(jitted(x, m), f(x, m), strict=True):
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
