"""Products of matrices in loops, done by one product outside."""

import numpy as np
import pytest

import wengert as wg
from wengert.passes.pipeline import optimise
from wengert.rules.products import MATMUL

rng = np.random.default_rng(8)
RUNS = 30


def rnn(w, u, xs):
    """A batch of states."""
    h = np.zeros((xs.shape[1], u.shape[0]))
    for x in xs:
        h = np.tanh(x @ w + h @ u)
    return np.sum(h * h)


def of_vectors(w, u, xs):
    """One state: the gradients of the weights are sums of columns times rows."""
    h = np.zeros(u.shape[0])
    for x in xs[:, 0]:
        h = np.sin(x @ w + h @ u)
    return h @ h


def twice(w, u, xs):
    """u is used twice in a run, so that its gradient is a sum of two products a run."""
    h = np.ones((xs.shape[1], u.shape[0]))
    for x in xs:
        h = np.tanh(x @ w + np.sin(h @ u) @ u) / 2
    return np.sum(h)


def backwards(w, u, xs):
    h = np.zeros((xs.shape[1], u.shape[0]))
    for x in xs[::-1]:
        h = np.tanh(x @ w + h @ u)
    return np.sum(h**3)


def written(w, u, xs):
    """States are rows of an array."""
    states = np.zeros((len(xs) + 1, xs.shape[1], u.shape[0]))
    for t in range(len(xs)):
        states[t + 1] = np.tanh(xs[t] @ w + states[t] @ u)
    return np.sum(states)


def sampled(w, u, xs):
    """A sum of products that is no gradient, and begins with something."""
    s = w.T @ w
    for x in xs:
        s = s + (x @ w).T @ np.cos(x @ w)
    return np.sum(s * u)


def read_between(w, u, xs):
    """Every run reads the sum: it must stay where it is."""
    s = u
    for x in xs:
        s = s + np.sin((x @ w).T @ (x @ w)) + np.tanh(s)
    return np.sum(s)


FUNCTIONS = [rnn, of_vectors, twice, backwards, written, sampled, read_between]


def inputs(dtype=float):
    w, u, xs = rng.normal(size=(16, 24)) / 4, rng.normal(size=(24, 24)) / 5, rng.normal(size=(RUNS, 4, 16))
    return w.astype(dtype), u.astype(dtype), xs.astype(dtype)


def close(a, b, rtol):
    np.testing.assert_allclose(a, b, rtol=rtol, atol=rtol * np.max(np.abs(b)))


@pytest.mark.parametrize("f", FUNCTIONS)
def test_values_and_gradients(f):
    args = inputs()
    value, gradients = wg.value_and_grad(f, argnums=(0, 1, 2))(*args)
    compiled = wg.jit(wg.value_and_grad(f, argnums=(0, 1, 2)))
    compiled(*args)
    got, bars = compiled(*args)
    close(got, value, 1e-13)
    for a, b in zip(bars, gradients, strict=True):
        close(a, b, 1e-12)


def test_single_precision():
    args = inputs(np.float32)
    compiled = wg.jit(wg.grad(rnn))
    compiled(*args)
    assert compiled(*args).dtype == np.float32
    close(compiled(*args), wg.grad(rnn)(*args), 2e-5)


def test_sums_in_double_precision_of_products_in_single():
    def f(a, b, s):
        for k in range(RUNS):
            s = s + a[k, :, None] * b[k, None, :]
        return s

    a, b = (
        (10.0 ** rng.uniform(-3, 3, size=(RUNS, 24))).astype(np.float32),
        rng.normal(size=(RUNS, 24)).astype(np.float32),
    )
    compiled = wg.jit(f)
    compiled(a, b, np.zeros((24, 24)))
    np.testing.assert_allclose(compiled(a, b, np.zeros((24, 24))), f(a, b, np.zeros((24, 24))), rtol=1e-13, atol=1e-10)


def test_transposes_that_turn_nothing():
    def f(a, b):
        s = np.zeros((24, 24))
        for k in range(RUNS):
            s = s + np.transpose(np.reshape(a[k], (24, 1)), (0, 1)) @ np.reshape(b[k], (1, 24))
            s = s + np.transpose(np.reshape(b[k], (1, 24)), (1, 0)) @ np.reshape(a[k], (1, 24))
        return s

    a, b = rng.normal(size=(2, RUNS, 24))
    compiled = wg.jit(f)
    compiled(a, b)
    close(compiled(a, b), f(a, b), 1e-13)


def products_in_loops(f, **options):
    """How many products the loops of the gradient do in a run."""
    gradient = wg.jit(wg.grad(f, argnums=(0, 1)), **options)
    args = inputs()
    gradient(*args)
    loops = [line for line in gradient.explain(*args).splitlines() if line.startswith("        ")]
    return sum(" @ " in line for line in loops)


@pytest.mark.parametrize(("f", "inside"), [(rnn, 2), (twice, 4)])
def test_where_the_products_are(f, inside):
    """Forward h u, in reverse c uᵀ stay in the loops; x w, and the gradients of w and u, do not."""
    assert products_in_loops(f) == inside


def test_without_the_pass():
    assert products_in_loops(rnn, without="products") > 2


def test_small_products_stay():
    """Of a few elements, where BLAS is not called at all."""

    def small(w, x):
        h = np.zeros(3)
        for _ in range(RUNS):
            h = np.tanh(w @ h + x)
        return np.sum(h)

    w, x = rng.normal(size=(3, 3)), rng.normal(size=3)
    trace = optimise(wg.trace(wg.grad(small))(w, x))
    assert not any(line.row is MATMUL and line.outs[0].type.shape == (3, 3) for line in trace.lines)
    np.testing.assert_allclose(wg.jit(wg.grad(small))(w, x), wg.grad(small)(w, x), rtol=1e-12)


def test_second_order():
    w, u, xs = inputs()
    v = rng.normal(size=u.shape)
    hvp = lambda u: wg.hvp(lambda u: rnn(w, u, xs), (u,), v)
    np.testing.assert_allclose(wg.jit(hvp)(u), hvp(u), rtol=1e-11, atol=1e-12)
