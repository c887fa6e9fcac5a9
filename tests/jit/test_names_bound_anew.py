"""A compiled function is recorded anew when a name that it reads is bound to another function of NumPy's."""

from __future__ import annotations

import threading

import numpy as np
import pytest

import wengert as wg

X = np.array([0.7, 1.9])
act, reduced, rate = np.tanh, np.sum, 2.0
MEMORY = np.array([1.0, 2.0])
VIEW = memoryview(MEMORY)


@pytest.mark.parametrize("compiled", [wg.jit, lambda f: wg.jit(wg.grad(f))])
def test_functions_of_numpys_by_name(compiled):
    def make():
        inner = np.tanh

        def bind(g):
            nonlocal inner
            global act
            inner = act = g

        return lambda x: np.sum(inner(x) * act(x)), bind

    f, bind = make()
    run = compiled(f)
    for g in (np.tanh, np.exp, np.cumsum, lambda x: x**2, np.sin, np.tanh):
        bind(g)
        plain = f(X) if compiled is wg.jit else wg.grad(lambda x, g=g: np.sum(g(x) * g(x)))(X)
        for _ in range(3):
            assert np.allclose(run(X), plain)


def test_a_function_that_is_swapped_while_it_is_recorded():
    global reduced
    slope = wg.jit(wg.grad(lambda x: reduced(x**2)))
    for g, expected in ((np.sum, 2 * X), (np.prod, [5.054, 1.862]), (np.mean, X), (np.sum, 2 * X)):
        reduced = g
        for _ in range(3):
            assert np.allclose(slope(X), expected)


def test_another_threads_transform_changes_nothing():
    global reduced
    reduced = np.sum
    f = wg.jit(lambda x: reduced(x**2))
    f(X)
    entered, done = threading.Event(), threading.Event()

    def waiting(x):
        entered.set()
        done.wait(10)
        return reduced(np.zeros(2) + x)

    thread = threading.Thread(target=lambda: wg.grad(waiting)(X))
    thread.start()
    entered.wait(10)
    assert np.allclose(f(X), np.sum(X**2))
    assert f._forgotten == 0
    done.set()
    thread.join()
    assert reduced is np.sum


def test_names_that_are_found_by_text():
    global rate
    for f in (lambda x: np.sum(x) * globals()["rate"], lambda x: eval("np.sum(x) * rate", globals(), {"x": x})):
        run = wg.jit(f)
        for rate in (2.0, 3.0, 4.0):
            assert np.allclose(run(X), rate * X.sum())


def test_memory_that_is_seen_through_a_memoryview():
    slope = wg.jit(wg.grad(lambda x: np.sum(x) * VIEW[0]))
    for value in (1.0, 3.0):
        MEMORY[0] = value
        assert np.allclose(slope(X), value)
