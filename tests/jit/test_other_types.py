"""Dtypes that native code moves but does not compute with: the rest of such a trace is native."""

import numpy as np
import pytest
import scipy.linalg
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

RNG = np.random.default_rng(1)
A, B = RNG.normal(size=(4, 4)) + 4 * np.eye(4), RNG.normal(size=4)


def native(f, *args):
    jitted = wg.jit(f)
    with np.errstate(all="ignore"):
        agree(jitted, f, *args)
        agree(jitted, f, *args)
        path = jitted._path_of(args, {})[1]
    assert path.native is not None, path.reason
    return jitted, {line.row.name for line, _ in path.native.graph.calls}


# fmt: off
USES = {
    "arithmetic": lambda k, v: (k * v, k / 3.0, k - v, np.sqrt(k) * v, k @ v, k * 1j, np.abs(k) * v, v**k[0]),
    "comparisons": lambda k, v: (k > 5, k == k.T.T, k < v, np.any(k), k.astype(bool), np.isfinite(k * 1.0)),
    "moves": lambda k, v: (k.T, k[1:, ::2] * 1.5, k[0], k[0, 0], k[::-1].ravel()),
    "casts": lambda k, v: (k.astype(float) / 255, k.astype(np.float32), k.astype(np.int64) + 1, k + 1, k + k, np.concatenate([k, k])),
    "sums": lambda k, v: (k.sum(), k.mean(0), np.max(k), np.argmax(k), np.cumsum(k), np.count_nonzero(k)),
    "indices": lambda k, v: (v[k[1] % 4], np.where(k > 3, 1.5, k)),
}
# fmt: on


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32", "uint64", "float16"])
@pytest.mark.parametrize("use", USES)
def test_arguments(use, dtype):
    k = RNG.integers(0, 100, size=(3, 4)).astype(dtype)
    if k.dtype.kind in "iu":
        k[0, :2] = np.iinfo(dtype).max, np.iinfo(dtype).min
    if dtype == "float16" and use == "indices":
        pytest.skip("an index is a whole number")
    jitted = wg.jit(USES[use])
    with np.errstate(all="ignore"):
        agree(jitted, USES[use], k, B)
        agree(jitted, USES[use], k[::-1], B)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint32"])
def test_what_is_computed_in_doubles_is_native(dtype):
    k = RNG.integers(0, 100, size=(3, 4)).astype(dtype)
    k[0, :2] = np.iinfo(dtype).max, np.iinfo(dtype).min
    _, calls = native(lambda k, v: (k * v, k.astype(float) / 255, k @ v, k[1:, ::2] * 1.5, k > 5, k.T), k, B)
    assert calls == set()
    _, calls = native(lambda k, v: k * v if k[0, 0] > 0 else v, k, B)
    assert calls == set()


def test_results_that_nobody_reads():
    _, calls = native(lambda a, b: np.linalg.lstsq(a, b, rcond=None)[0] * 2, A[:, :2], B)
    assert calls == {"numpy.linalg.lstsq"}


def test_pivots():
    def f(a, b):
        return scipy.linalg.lu_solve(scipy.linalg.lu_factor(a), b) * 2

    jitted, _ = native(f, A, B)
    for a in (A[::-1].copy(), A, A[[1, 0, 3, 2]]):
        agree(jitted, f, a, B)
    native(wg.grad(lambda a, b: np.sum(f(a, b) ** 2)), A, B)
    native(lambda a: scipy.linalg.lu_factor(a), A)


def quadtree(c):
    """A sum over leaves: numbers of Python's that differ from run to run, beside single precision."""

    def f(x, y):
        return np.exp(-((x - c[0]) ** 2 + (y - c[1]) ** 2) / (0.1 + c[2] ** 2)) * c[3]

    def total(x, y, h, depth):
        if depth:
            return sum(total(x + sx * h, y + sy * h, h / 2, depth - 1) for sx in (-1, 1) for sy in (-1, 1))
        return h * h * sum(f(x + sx * h, y + sy * h) for sx in (-1, 1) for sy in (-1, 1))

    return total(0.5, 0.5, 0.25, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tables_of_python_s_numbers_are_of_the_precision_of_the_arrays(dtype):
    x = np.array([0.3, 0.5, 0.2, 0.9], dtype)
    for f in (quadtree, wg.grad(quadtree)):
        compiled = wg.jit(f)
        got, expected = compiled(x), f(x)
        assert np.asarray(got).dtype == np.asarray(expected).dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=3e-6 if dtype == np.float32 else 1e-13, atol=1e-7)
        assert "native" in compiled.explain(x)
