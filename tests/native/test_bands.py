"""Bands of rows: what is computed a few rows at a time is what is computed a whole array after the other."""

import numpy as np
import pytest
from same import agree

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native import bands
from wengert.native.emit import bands as emitted

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(97, 12)), RNG.normal(size=97)
W, V = RNG.normal(size=(12, 10)) / 4, RNG.normal(size=12)


@pytest.fixture(params=[(4000, 1, 1e9), (5000, 4, 1e9), (5000, 4, 0)], ids=["few rows", "some rows", "threads"])
def made(request, monkeypatch):
    """The bands that are written, with room for few rows; on several threads."""
    room, width, large = request.param
    monkeypatch.setattr(bands, "MUCH", 64)
    monkeypatch.setattr(bands, "ROOM", room)
    monkeypatch.setattr(bands, "WIDTH", width)
    monkeypatch.setattr(emitted, "LARGE", large)
    seen, write = [], emitted.emit_split

    def noted(kernel, nests, split, rows, memory):
        seen.append((split, memory))
        return write(kernel, nests, split, rows, memory)

    monkeypatch.setattr(emitted, "emit_split", noted)
    return seen


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def logistic(w, x, y):
    return np.mean(np.logaddexp(0, -y * (x @ w))) + np.sum(w**2)


def classes(w, x, y):
    p = softmax(x @ w)
    return -np.sum(np.log(p[np.arange(len(y)), 1] + 0.1) * y)


def normalised(x):
    z = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-3)
    return np.tanh(z) * np.sum(z**2, axis=1)[:, None]


def stacks(a, b):
    return np.sum(np.tanh(a @ b - 1) ** 2, axis=1) + np.swapaxes(a, 1, 2)[:, :, 0]


def gram(x):
    z = np.tanh(x)
    return z.T @ (z * 2), z @ z.T, np.any(z > 0.99, axis=0)


A, B = RNG.normal(size=(19, 20, 6)), RNG.normal(size=(19, 6, 6))
PROGRAMS = {
    "logistic regression": (wg.grad(logistic), (V, X, Y)),
    "its Hessian": (wg.hessian(logistic), (V, X, Y)),
    "several classes": (wg.grad(classes), (W, X, Y)),
    "softmax of a softmax": (lambda x: softmax(softmax(x) * 3), (X,)),
    "normalised rows": (normalised, (X,)),
    "gradient of normalised rows": (wg.grad(lambda x: np.sum(normalised(x) * X)), (X,)),
    "stacks": (stacks, (A, B)),
    "gradient of stacks": (wg.grad(lambda a, b: np.sum(stacks(a, b)), argnums=(0, 1)), (A, B)),
    "products with itself": (gram, (X,)),
}


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("name", PROGRAMS)
def test_rows_at_a_time(name, threads, made):
    f, args = PROGRAMS[name]
    jitted = wg.jit(f, threads=threads)
    jitted(*args)
    agree(jitted, f, *args)
    assert made, "no band"


def test_the_number_of_threads_changes_nothing(made):
    f = wg.grad(logistic)
    one, three = (wg.jit(f, threads=n) for n in (1, 3))
    for jitted in (one, three):
        jitted(V, X, Y)
    np.testing.assert_array_equal(one(V, X, Y), three(V, X, Y))


def test_what_sums_up_the_rows_is_read_after_them(made):
    """The second use of the sum belongs to another band."""

    def f(x):
        y = np.sin(x)
        z = y * np.sum(y, axis=0)
        return np.cos(z) - np.max(z, axis=1, keepdims=True)

    jitted = wg.jit(f)
    jitted(X)
    agree(jitted, f, X)
    assert len(made) >= 1


def test_other_rows_are_not_read_too_early(made):
    """A row of the product needs all rows of one factor; a shifted row has not been computed."""

    def f(x):
        y = np.exp(-np.abs(x))
        shifted = np.cumsum(y[1:] * y[:-1], axis=1)
        return y @ y.T, shifted, y[::-1] @ W

    jitted = wg.jit(f)
    jitted(X)
    agree(jitted, f, X)


def test_small_arrays_have_none(monkeypatch):
    monkeypatch.setattr(emitted, "emit_split", lambda *_: pytest.fail("a band"))
    jitted = wg.jit(wg.grad(logistic))
    jitted(V, X, Y)
    agree(jitted, wg.grad(logistic), V, X, Y)


def test_memory_of_what_is_read_in_a_band_is_not_used_again(made):
    """A value that dies in the middle of a band is needed for the next rows."""

    def f(x):
        a = np.tanh(x @ W)
        b = np.exp(a @ W.T)
        c = np.sin(b @ W)
        d = np.cos(c @ W.T)
        return np.sum(d @ W, axis=1)

    jitted = wg.jit(f)
    jitted(X)
    agree(jitted, f, X)
    assert made


def test_explained(made):
    jitted = wg.jit(wg.grad(logistic))
    jitted(V, X, Y)
    assert "rows at a time" in jitted.explain(V, X, Y)


def test_what_a_band_alone_reads_has_memory_for_some_rows(made):
    gradient = wg.grad(lambda x: np.sum(normalised(x) * X))
    jitted = wg.jit(gradient)
    jitted(X)
    agree(jitted, gradient, X)
    own = [(split, rows) for split, rows in made if rows is not None]
    assert own
    for split, rows in own:
        assert rows.size < X.nbytes
        assert rows.memory.size >= rows.size * split.count


@pytest.mark.parametrize("threads", [1, 2, 7])
def test_parts_that_run_at_once_have_memory_of_their_own(threads):
    x = np.random.default_rng(0).normal(size=(20_000, 40))
    weights = np.linspace(-1, 1, 40)

    def f(w):
        h = np.tanh(x * w)
        e = np.exp(h - h.max(axis=1, keepdims=True))
        return np.sum(np.log(e.sum(axis=1)) * (h @ w))

    jitted = wg.jit(wg.grad(f), threads=threads)
    expected = jitted(weights)
    first = jitted(weights)
    for _ in range(20):
        g = jitted(weights)
        np.testing.assert_array_equal(g, first)
        np.testing.assert_allclose(g, expected, rtol=1e-9)


def test_what_is_read_elsewhere_has_memory_for_all_rows(made):
    """By a sum over the rows that comes later, by a number, by the caller."""

    def f(x):
        a = np.sin(x @ W)
        b = np.exp(a) * 2.0
        c = np.cos(b @ W.T)
        total = np.sum(c)
        if c[3, 2] > 1e9:
            return x, a[::-1] * total
        return c.T @ b, a[::-1] * total

    jitted = wg.jit(f)
    jitted(X)
    agree(jitted, f, X)
    agree(jitted, f, X + 1.0)
