"""Loops in compiled functions: long programs, and loops as functions, differentiated without being unrolled."""

from __future__ import annotations

import re

import numpy as np
import pytest
from elements import by_element

import wengert as wg
from wengert import tree

SMALL = np.array([0.7, 0.5])


def oscillator(x):
    y, v = x[0], 0.0
    for _ in range(400):
        v = v - 0.01 * np.sin(y) * x[1]
        y = y + 0.01 * v
    return y * y + v


def logistic(x):
    v = x[0]
    for _ in range(600):
        v = 2.9 * v * (1 - v) * x[1] * 2
    return v


def filled(x):
    """A write per step, each reading what the step before has written."""
    y = np.zeros(400)
    y[0] = x[0]
    for i in range(1, 400):
        y[i] = np.sin(y[i - 1]) * x[1] + 0.1 * i * x[0]
    return np.mean(y * y)


def converging(x):
    """A loop whose end depends on values, and a branch in it."""
    v, n = np.array([x[0], x[1], 0.3]), 0
    while np.max(np.abs(v)) > 1e-6 and n < 900:
        v = v * 0.95 + 0.01 * np.sin(v)
        n += 1
        if v[0] > 0.5:
            v = v * 0.9
    return np.sum(v) * 1e6


def in_a_closure(x):
    """What is written to, and what is read, belongs to the function around."""
    kept = np.zeros(300)

    def inner(z):
        for i in range(300):
            z = np.cos(z) * x[0]
            kept[i] = z
        return z

    return inner(x[1]) + np.mean(kept**2)


def of_data(x):
    """Rows of a table, one per step; a total besides what is carried."""
    table, h, total = np.cos(np.arange(600.0)).reshape(300, 2), np.zeros(2), 0.0
    for row in table:
        h = np.tanh(0.5 * h + row * x)
        total = total + np.sum(h) ** 2
    return total / 300


def matrices(x):
    P, Q = np.eye(2), np.diag(np.exp(x))
    A, total = np.array([[0.9, 0.2], [0.0, 0.8]]), 0.0
    for _ in range(150):
        P = A @ P @ A.T + Q
        total = total + np.log(P[0, 0]) + np.linalg.slogdet(P)[1]
        P = P - np.outer(P[:, 0], P[0]) / (P[0, 0] + 1)
    return total


def dead_branch(x):
    """Strong zeros: the slope of the branch that is not taken is infinite."""
    v = x[0]
    for _ in range(300):
        v = 0.9 * v + 0.01 * np.where(v > 0.4, np.sqrt(np.abs(v - 0.4)) * x[1], 0.1 * x[0] * (v == 0.4))
    return v


LONG = [oscillator, logistic, filled, converging, in_a_closure, of_data, matrices, dead_branch]


def for_each(x):
    return np.sum(wg.fori_loop(0, 200, lambda i, v: np.sin(v) * x + 0.01 * i, x))


def scanned(x):
    def step(carry, t):
        h, k = carry
        h = np.tanh(0.3 * h[::-1] + t * x)
        return (h, k + 1.0), np.sum(h) ** 2

    (h, k), ys = wg.scan(step, (x, 0.0), np.linspace(0, 1, 100))
    return np.sum(h) * k + np.sum(ys * np.arange(100.0))


def scanned_backwards(x):
    def step(carry, t):
        return carry * 0.9 + t["a"] @ x, {"y": carry[0] * t["b"]}

    c, ys = wg.scan(
        step, np.zeros(2), {"a": np.sin(np.arange(200.0)).reshape(50, 2, 2), "b": np.arange(50.0)}, reverse=True
    )
    return np.sum(c**2) + np.sum(ys["y"] ** 2)


def nested(x):
    def round_(i, v):
        inner = wg.fori_loop(0, 5, lambda j, u: u * 0.7 + 0.1 * np.sin(u * x), v)
        return inner + 0.01 * wg.grad(lambda z: np.sum(np.cos(z * v)))(v)

    return np.sum(wg.fori_loop(0, 60, round_, x))


def chosen(x):
    def round_(i, v):
        v = wg.cond(v[0] > 0.5, lambda u: u * 0.5 + np.sqrt(u[0] - 0.5) * x, lambda u: np.sin(u) + x * 0.3, v)
        return wg.switch(i % 3, [lambda u: u * 0.9, np.sin, lambda u: u * u], v)

    return np.sum(wg.fori_loop(0, 50, round_, x))


def shifting(x):
    """Places that a counter computes, and an array that moves along."""

    def round_(i, s):
        total, kept = s
        kept = np.concatenate([kept[1:], np.sin(total) * np.ones(1)])
        return total * 0.9 + x[i % 2] + kept[0], kept

    total, kept = wg.fori_loop(2, 90, round_, (x[0] * 1.0, np.zeros(5)))
    return total + np.sum(kept**2)


def newton(x):
    return wg.while_loop(lambda v: np.abs(v * v - x[0]) > 1e-12, lambda v: 0.5 * (v + x[0] / v), x[0]) * x[1]


def counted(x):
    z, k = wg.while_loop(
        lambda c: (np.sum(c[0]) > 0.5) & (c[1] < 100),
        lambda c: (np.sin(c[0]) * x[0] + 0.1 * x[1], c[1] + 1),
        (x * 3.0, 0),
    )
    return np.sum(z**2) * k


FUNCTIONS = [for_each, scanned, scanned_backwards, nested, chosen, shifting, newton, counted]
TRANSFORMS = {
    "value": lambda f: f,
    "value_and_grad": wg.value_and_grad,
    "jvp": lambda f: lambda x: wg.jvp(f, (x,), (np.array([1.0, -0.5]),)),
    "hessian": wg.hessian,
}


def close(a, b, ulps=1e4):
    for x, y in zip(tree.flatten(a)[0], tree.flatten(b)[0], strict=True):
        assert type(x) is type(y)
        scale = max(float(np.max(np.abs(y))), 1e-300)
        np.testing.assert_allclose(x, y, rtol=0, atol=ulps * 2.2e-16 * scale)


@pytest.mark.parametrize("transform", TRANSFORMS)
@pytest.mark.parametrize("f", LONG + FUNCTIONS, ids=lambda f: f.__name__)
def test_the_compiled_derivative_is_the_eager_one(f, transform):
    eager = TRANSFORMS[transform](f)
    compiled = wg.jit(eager)
    for x in (SMALL, SMALL, SMALL * 1.0001):
        close(compiled(x), eager(x))
    (paths,) = compiled._signatures.values()
    assert not paths.given_up, paths.given_up
    assert not any(path.reason for path in paths.paths)


@pytest.mark.parametrize("f", [oscillator, logistic, filled, converging, of_data, matrices])
def test_a_long_program_is_few_lines(f):
    compiled = wg.jit(wg.grad(f))
    compiled(SMALL)
    ((path,),) = [paths.paths for paths in compiled._signatures.values()]
    assert len(path.recording.trace.lines) < 200


@pytest.mark.parametrize("f", [for_each, scanned, scanned_backwards, nested, chosen, shifting, newton])
def test_a_loop_as_a_function_is_one_line(f):
    compiled = wg.jit(f)
    compiled(SMALL)
    ((path,),) = [paths.paths for paths in compiled._signatures.values()]
    assert [line.row.name for line in path.recording.trace.lines].count("loop") == 1
    assert len(path.recording.trace.lines) < 30


@pytest.mark.parametrize("order", [1, 2, 3])
def test_one_recording_serves_every_number_of_rounds(order):
    f = newton
    for _ in range(order):
        f = (lambda g: lambda x: np.sum(wg.grad(g)(x)))(f)
    compiled = wg.jit(f)
    for a in (2.0, 3.0, 100.0, 1e6, 4.0, 0.25):
        x = np.array([a, 1.5])
        close(compiled(x), f(x))
    (paths,) = compiled._signatures.values()
    assert len(paths.paths) <= 2, "a further one where the rounds are more than the next power of two"


def test_a_round_that_python_decides_on_is_run_by_python():
    def f(x):
        return wg.fori_loop(0, 20, lambda i, v: v * 0.5 + x if i % 2 == 0 else np.sin(v), x)

    compiled = wg.jit(wg.grad(f))
    close(compiled(0.3), wg.grad(f)(0.3))


def refusing(u):
    if u < 0.5:
        raise ValueError("not for this")
    return u * 0.9


BRANCHES = {
    "raises": lambda x: lambda i, v: wg.cond(v > 0.5, refusing, lambda u: u * 0.5 + x * 0.3, v),
    "raises later": lambda x: (
        lambda i, v: wg.cond(
            i > 30,
            lambda u: u * np.linalg.inv(np.array([[1.0, 2.0], [2.0, 4.0 + (u - u)]]))[0, 0],
            lambda u: u * 0.5 + x,
            v,
        )
    ),
}


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_branch_that_is_not_taken_may_raise(branch):
    def f(x):
        return wg.fori_loop(0, 20, BRANCHES[branch](x), x * 0.2)

    close(wg.jit(wg.grad(f))(1.2), wg.grad(f)(1.2))


def test_a_round_must_return_the_types_it_was_given():
    compiled = wg.jit(lambda x: wg.fori_loop(0, 10, lambda i, v: np.stack([v, v]), x))
    with pytest.raises(TypeError, match="carry is float, and <lambda> returned"):
        compiled(1.0)


def test_random_loops():
    """Random bodies, as Python's loop and as a function, in reverse and forward over reverse."""
    pieces = [
        lambda v, x, i: v * 0.9 + x,
        lambda v, x, i: np.sin(v) * x[::-1],
        lambda v, x, i: v[::-1] * np.cos(x),
        lambda v, x, i: v + 0.01 * i,
        lambda v, x, i: np.where(v > 0.1, v * 0.5, x),
        lambda v, x, i: np.maximum(v, x) * 0.7,
        lambda v, x, i: v - 0.1 * np.sum(v * x),
        lambda v, x, i: np.tanh(np.outer(v, x) @ v),
        lambda v, x, i: np.concatenate([v[1:], v[:1] * x[0]]),
    ]
    rng = np.random.default_rng(5)
    x = rng.normal(size=4) / 2
    for _ in range(6):
        steps = [pieces[k] for k in rng.integers(len(pieces), size=3)]

        def body(i, v, x, steps=steps):
            for step in steps:
                v = step(v, x, i)
            return v

        def python(x, body=body):
            v = x
            for i in range(250):
                v = body(i, v, x)
            return np.sum(v * np.arange(4.0))

        def function(x, body=body):
            return np.sum(wg.fori_loop(0, 250, lambda i, v: body(i, v, x), x) * np.arange(4.0))

        for f in (python, function):
            for transform in (wg.grad, wg.hessian):
                close(wg.jit(transform(f))(x), transform(python)(x), ulps=1e6)


def into_memory(x):
    """Every element is written, and read by the next run."""
    y = np.zeros(len(x))
    for i in range(1, len(x)):
        y[i] = np.sin(x[i]) * y[i - 1] + x[i - 1]
    return np.sum(y**2)


@pytest.mark.parametrize("f", [by_element, into_memory])
@pytest.mark.parametrize(
    "derivative", [wg.grad, lambda f: lambda x: wg.hvp(f, (x,), (x,)), lambda f: lambda x: wg.jvp(f, (x,), (x,))[1]]
)
def test_a_run_of_a_derivative_costs_as_much_however_long_the_array_is(f, derivative):
    """Tangents and cotangents of an array are changed where the run reads or writes, not copied."""
    costs = []
    for n in (300, 1200):
        x = np.linspace(0.1, 1.0, n)
        compiled = wg.jit(derivative(f))
        np.testing.assert_allclose(compiled(x), derivative(f)(x), rtol=1e-11)
        costs.append([int(k) for k in re.findall(r"lines, (\d+) operations each", compiled.explain(x))])
    assert costs[0]
    assert costs[0] == costs[1]
