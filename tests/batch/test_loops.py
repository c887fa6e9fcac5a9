"""Loops that a compiler keeps, on a batch: one loop on all examples."""

import numpy as np
import pytest

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

rng = np.random.default_rng(11)
X = rng.uniform(0.1, 0.9, size=(7, 3))
S = rng.uniform(0.1, 0.9, size=7)
TABLE = np.linspace(0.0, 1.0, 80)


def carried(x):
    return np.sum(wg.fori_loop(0, 80, lambda k, h: np.tanh(h * x + 0.1), x))


def begins_alike(x):
    """What is carried is the same for all examples before the first run, and differs afterwards."""
    return np.sum(wg.fori_loop(0, 80, lambda k, h: 0.9 * h + np.sin(x) / (k + 1), np.zeros(3)))


def one_for_all(x):
    """Of two carried values one never differs."""
    n, total = wg.fori_loop(0, 80, lambda k, c: (c[0] * 1.01, c[1] + c[0] * x), (1.0, x))
    return np.sum(total) * n


def scanned(x):
    end, seen = wg.scan(lambda c, e: (np.sin(c) * x + e, c * c), x, TABLE)
    return np.sum(end) + np.sum(seen[::7])


def own_sequence(x):
    xs = np.outer(TABLE, x)
    end, seen = wg.scan(lambda c, e: (c + np.cos(e) * c[::-1], c[0]), x, xs)
    return np.sum(end) + np.sum(seen)


def python_loop(x):
    for _ in range(150):
        x = 3.7 * x * (1 - x)
    return np.sum(x)


def written(x):
    y = np.zeros(120)
    y[:3] = x
    for k in range(3, 120):
        y[k] = np.sin(y[k - 1]) + 0.5 * y[k - 3]
    return np.sum(y)


def written_twice(x):
    """In reverse the body writes twice into an array that is the same for all examples."""
    v, m = x[0] * 1.0, np.ones((4, 3)) * 0.1
    for k in range(1, 235):
        v = 0.95 * v + 0.01 * np.exp(-v * v) * x[2]
        m[k % 4, 1] = 0.9 * m[k % 4, 1] + 0.1 * v
    return np.sum(m)


def loop_in_loop(x):
    def round_of(k, h):
        return wg.fori_loop(0, 5, lambda j, g: np.sin(g) + 0.1 * x, h)

    return np.sum(wg.fori_loop(0, 60, round_of, x))


def until(x):
    return np.sum(wg.while_loop(lambda h: np.sum(h) < 20.0, lambda h: h * 1.3 + x, x))


def integrated(x):
    """In reverse the body writes a number of the example into an array that is the same for all."""
    place, speed = x[0], x[1]
    for _ in range(60):
        place, speed = place + 0.01 * speed, speed - 0.01 * (np.sin(place) * x[2] + 0.1 * speed)
    return place * place + speed


PROGRAMS = [
    integrated,
    carried,
    begins_alike,
    one_for_all,
    scanned,
    own_sequence,
    python_loop,
    written,
    written_twice,
    loop_in_loop,
    until,
]


def each(f, xs):
    return np.stack([f(x) for x in xs])


@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_derivatives(f):
    slope = wg.grad(f)
    expected = each(slope, X)
    for compiled in (wg.jit(wg.vmap(slope)), wg.jit(wg.grad(lambda xs: np.sum(wg.vmap(f)(xs))))):
        for _ in range(2):
            np.testing.assert_allclose(compiled(X), expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(wg.jit(wg.vmap(slope))(1.01 * X), each(slope, 1.01 * X), rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("f", PROGRAMS[:7], ids=lambda f: f.__name__)
def test_second_order_and_batches_of_batches(f):
    np.testing.assert_allclose(
        wg.jit(wg.vmap(wg.hessian(f)))(X), each(wg.hessian(f), X), rtol=1e-9, atol=1e-10
    )  # fmt: skip
    both = np.stack([X, X[::-1] * 1.1])
    slope = wg.grad(f)
    expected = np.stack([each(slope, part) for part in both])
    np.testing.assert_allclose(wg.jit(wg.vmap(wg.vmap(slope)))(both), expected, rtol=1e-11, atol=1e-13)


def test_numbers():
    def logistic(v):
        for _ in range(300):
            v = 4 * v * (1 - v)
        return v

    slope = wg.grad(logistic)
    compiled = wg.jit(wg.vmap(slope))
    compiled(S)
    np.testing.assert_allclose(compiled(S), each(slope, S), rtol=1e-9)


def test_some_arguments_are_the_same_for_all():
    def f(w, x):
        return np.sum(wg.fori_loop(0, 80, lambda k, h: np.tanh(w @ h + 0.1), x))

    w = rng.normal(size=(3, 3))
    slope = wg.grad(f, argnums=(0, 1))
    compiled = wg.jit(wg.vmap(slope, in_axes=(None, 0)))
    compiled(w, X)
    for got, k in zip(compiled(w, X), range(2), strict=True):
        np.testing.assert_allclose(got, np.stack([slope(w, x)[k] for x in X]), rtol=1e-11)


@pytest.mark.parametrize("f", [scanned, own_sequence, python_loop, written, integrated], ids=lambda f: f.__name__)
def test_it_is_one_loop(f):
    """Not a loop for each example, nor lines for each in a body."""
    compiled = wg.jit(wg.vmap(wg.grad(f)))
    compiled(X)
    (signature,) = compiled._signatures.values()
    loops = [line for line in signature.paths[0].recording.trace.lines if line.row.name == "loop"]
    batched = [line for line in loops if any(7 in v.type.shape[:2] for v in line.inputs)]
    assert batched
    assert len(loops) <= 12
    assert max(len(line.params["loop"].body.lines) for line in batched) < 30


def test_tapes_are_in_the_same_order_every_time():
    """Two recordings of one loop are alike: its results are in the order in which the body computes them."""
    texts = set()
    for _ in range(4):
        compiled = wg.jit(wg.grad(lambda x: scanned(x)), without=("cse",))
        compiled(X[0])
        texts.add(compiled.explain(X[0]).split("def ")[1])
    assert len(texts) == 1
