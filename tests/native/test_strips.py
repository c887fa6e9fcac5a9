"""Loops in vectors: every extent, every way to lie in memory, every width of registers."""

import os
import subprocess
import sys

import numpy as np
import pytest

import wengert as wg
from wengert.native.emit import strips as written
from wengert.native.emit.strips import strips

pytest.importorskip("llvmlite")

EXTENTS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 25, 33, 64, 100]
rng = np.random.default_rng(7)


@pytest.fixture(params=[16, 32, 64])
def width(request, monkeypatch):
    """So many bytes in a register, and two registers at a time."""
    monkeypatch.setattr(written, "register_bytes", lambda: request.param)
    monkeypatch.setattr(written, "_MUCH", 0)
    monkeypatch.setenv("WENGERT_CACHE", "0")


def same(f, *args, sums=False):
    """The compiled function gives what NumPy gives: the same bits where nothing is summed up."""
    compiled = wg.jit(f)
    compiled(*args)
    got, want = compiled(*args), f(*args)
    for g, w in zip(got, want, strict=True):
        assert (np.shape(g), np.asarray(g).dtype) == (np.shape(w), np.asarray(w).dtype)
        if sums:
            short = np.asarray(w).dtype == np.float32
            np.testing.assert_allclose(g, w, rtol=1e-5 if short else 1e-12, atol=1e-5 if short else 1e-13)
        else:
            np.testing.assert_array_equal(g, w)


@pytest.mark.parametrize("most", [4, 8, 16])
def test_strips_cover_everything_once(most):
    for n in range(1, 70):
        runs = strips(n, most)
        places = [k for width, first, many in runs for k in range(first, first + many * max(width, 1))]
        assert places == list(range(n))
        assert all(width == 0 or 1 < width <= most for width, _, _ in runs)


@pytest.mark.parametrize("n", EXTENTS)
def test_one_axis(n, width):
    """Neighbours, strides, backwards, whole numbers, truths, choices."""

    def f(x, y, k):
        big = np.where(x > y, x * y, x - y)
        return (
            big / (2.0 + y), x[::-1] - y, np.arange(n) * k - x, (x > 0) & (y < k), np.maximum(x, y) * (k > 3),
            np.sqrt(np.abs(x)) + np.full(n, y[0]), k[::-1] + 2 * k, np.float32(1) * x.astype(np.float32), -x,
        )  # fmt: skip

    same(f, rng.normal(size=n), rng.normal(size=n), rng.integers(0, 9, n))


@pytest.mark.parametrize("n", EXTENTS)
def test_sums_of_one_axis(n, width):
    def f(x, k):
        wide = x.astype(np.float32)
        return (
            np.sum(x), np.max(x), np.min(x), np.prod(x), np.sum(k), np.max(k), np.any(x > 2), np.all(x < 9),
            np.any(x > 20), np.all(x < 0), np.sum(wide), np.max(wide), np.sum(x * k), np.mean(x[::-1] * x),
        )  # fmt: skip

    same(f, rng.normal(size=n), rng.integers(0, 9, n), sums=True)


@pytest.mark.parametrize("n", EXTENTS)
def test_strides(n, width):
    def f(x, places):
        return (
            x[::2] - x[1::2],
            x[::3][:n] * 2 + x[:n],
            x[places] * x[:n],
            x[1 + np.arange(n)] - x[:n],
            x[::5][: n // 2],
        )

    same(f, rng.normal(size=4 * n), rng.integers(0, 4 * n, n))


SHAPES = [(1, 5), (3, 3), (40, 2), (40, 3), (40, 7), (5, 9), (17, 16), (9, 33)]
SHAPES += [(4, 3, 10), (3, 40, 3), (40, 2, 2), (20, 2, 4), (9, 2, 3), (3, 30, 2, 2)]


@pytest.mark.parametrize("shape", SHAPES)
def test_several_axes(shape, width):
    """Elementwise with transposition and broadcasting; sums over every set of axes."""

    def maps(a, b):
        turned = a.swapaxes(0, -1)
        return turned.copy() * 2 - np.flip(turned), a * b[..., :1] + b, a - b[..., ::-1], (a > b) | (a < 0), a.T + 1

    def sums(a, b):
        rank = a.ndim
        sets = [(k,) for k in range(rank)] + [(0, 1), tuple(range(rank)), (0, rank - 1)]
        y = a * b[..., :1]
        found = [np.sum(y, axis=s) for s in sets] + [np.max(y, axis=s) for s in sets]
        return (*found, *[np.any(y > 1, axis=s) for s in sets], *[np.all(y < 1, axis=s) for s in sets])

    a, b = rng.normal(size=shape), rng.normal(size=shape)
    same(maps, a, b)
    same(sums, a, b, sums=True)


@pytest.mark.parametrize("n", [3, 8, 37])
def test_pieces_and_writes(n, width):
    """Loops that are cut, and arrays that are written to."""

    def f(x, v):
        y = np.zeros(n + 4)
        y[2:-2] = x
        y[: n // 2] *= v[: n // 2]
        z = np.concatenate([x[::-1], v, y[:3]])
        w = y.copy()
        w[::2] += 1.0
        return y, z * 2, w, np.diff(y), np.pad(x, 2) + y

    same(f, rng.normal(size=n), rng.normal(size=n))


def test_pairs_in_space(width):
    """Distances of points: the sum over three coordinates is done in the loop over the points."""

    def f(p):
        d = p[:, None] - p[None]
        return np.sqrt(np.sum(d**2, axis=2) + 1.0), np.sum(p * p, axis=1), np.mean(p, axis=0), np.max(d, axis=2)

    for n in (2, 9, 23, 64):
        same(f, rng.normal(size=(n, 3)), sums=True)
        same(f, rng.normal(size=(n, 2)), sums=True)


def test_long_sums_keep_their_digits(width):
    """A sum of many numbers is made of sums of blocks: as good as NumPy's own."""
    x = np.full(1_000_003, 0.1)
    total = wg.jit(lambda x: np.sum(x * 1.0))
    total(x)
    assert abs(total(x) - 100000.3) < 1e-8


@pytest.mark.parametrize("n", [5, 64, 1000])
def test_functions_out_of_their_range_in_a_lane(n, width):
    """One angle that the fast formula does not claim, in any lane, has the whole done with care."""

    def f(x):
        return np.sin(x), np.sum(np.cos(x))

    for place in (0, n // 2, n - 1):
        x = rng.normal(size=n)
        compiled = wg.jit(f)
        compiled(x)
        x[place] = 1e22
        np.testing.assert_allclose(compiled(x)[0], np.sin(x), rtol=1e-14)
        np.testing.assert_allclose(compiled(x)[1], np.sum(np.cos(x)), rtol=1e-12)


def test_running_sums(width):
    def f(a):
        return np.cumsum(a, axis=0), np.cumsum(a, axis=1), np.cumprod(a, axis=1), np.maximum.accumulate(a, axis=0)

    for shape in ((1, 1), (5, 3), (9, 17), (40, 8)):
        same(f, rng.normal(size=shape), sums=True)


def test_fills_and_nans(width):
    """The functions of the module that fill memory, and that look for NaN, at every extent."""
    for n in (*range(1, 40), 100):
        f = wg.jit(wg.grad(lambda x: np.sum(np.where(x > 0, x, 3.0) * np.full(len(x), 2.5))))
        x = rng.normal(size=n)
        f(x)
        np.testing.assert_array_equal(f(x), 2.5 * (x > 0))
        x[n - 1] = np.nan
        assert np.array_equal(f(x), 2.5 * (x > 0))


@pytest.mark.parametrize("n", [3, 9, 10, 16, 17, 40])
@pytest.mark.parametrize("columns", [2, 3, 4, 5])
def test_columns(n, columns, width):
    """Few columns: read and written with what lies between; sums of each column; joined columns; every second row."""

    def f(p):
        x, y = p[:, 0], p[:, -1]
        joined = np.stack([x * y, x - y, *[p[:, k] for k in range(columns)]], axis=1)
        q = p - np.mean(p, axis=0)
        q[1:, 1] += x[:-1]
        q[::2] *= 2.0
        small = (p.astype(np.float32) * np.float32(2))[:, ::-1]
        return (
            joined,
            q,
            np.sum(q * q, axis=0),
            np.max(p, axis=0),
            p > y[:, None],
            small,
            np.any(p > 1.5, axis=0),
            q[:, 0],
        )

    same(f, rng.normal(size=(n, columns)), sums=True)


@pytest.mark.parametrize("n", [1, 5, 16, 33, 3000])
def test_complex_numbers(n, width):
    def f(x, z):
        w = np.exp(1j * x) * z
        return w, np.abs(w) + w.real, np.sum(w * w.conj()), w[::-1] * 2j

    same(f, rng.normal(size=n), rng.normal(size=n) + 1j * rng.normal(size=n), sums=True)
    gradient = wg.grad(lambda p: np.sum(np.abs(np.exp(1j * p[:, 0]) * p[:, 1]) + np.hypot(p[:, 0], p[:, 1])))
    same(lambda p: (gradient(p),), rng.normal(size=(n, 2)), sums=True)


def test_many_rows_of_few_columns(width):
    """Longer than a block, and large enough for several threads."""

    def f(p):
        return (
            np.sum(p, axis=0),
            np.sum(p * p),
            (p * 2 - np.mean(p, axis=0))[::1000],
            np.sum(np.sqrt(np.sum(p * p, axis=1))),
        )

    for n in (2048, 5001, 300_000):
        same(f, rng.normal(size=(n, 3)), sums=True)
    same(lambda p: (np.sum(p, axis=(0, 1)), np.sum(p, axis=1)), rng.normal(size=(3, 5000, 3)), sums=True)


def test_batches_of_small_functions(width):
    """Slices in a batch are written as slices: there is nothing to place one by one."""
    rosenbrock = lambda x: np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
    gradients, hessians = wg.vmap(wg.grad(rosenbrock)), wg.vmap(wg.hessian(rosenbrock))
    for n in (2, 5, 7, 10):
        same(lambda x: (gradients(x), hessians(x)), rng.normal(size=(37, n)), sums=True)


GUARDED = """
import ctypes, mmap
import numpy as np, wengert as wg

def f(x):
    windows = np.lib.stride_tricks.sliding_window_view(x, 4)[::2, ::-1].T
    return windows * 2.0 + 1.0, x[1::2] - x[::2], x[::3] * 2.0

page = mmap.PAGESIZE
memory = mmap.mmap(-1, 3 * page)
start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
for fence in (start, start + 2 * page):
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(fence), page, 0) == 0
x = np.frombuffer(memory, float, page // 8, page)
x[:] = np.arange(len(x))
compiled = wg.jit(f)
for _ in range(2):
    for got, want in zip(compiled(x), f(x), strict=True):
        assert np.array_equal(got, want)
print("read nothing else", flush=True)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="pages are protected as Linux does it")
def test_nothing_beside_an_array_is_read():
    """What lies between elements is read with them, but not before the first one or behind the last."""
    environment = {**os.environ, "WENGERT_CACHE": "0"}
    found = subprocess.run([sys.executable, "-c", GUARDED], capture_output=True, text=True, env=environment)
    assert found.stdout == "read nothing else\n", found.stderr
