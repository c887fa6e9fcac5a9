"""jit inside and outside of every other transform."""

import numpy as np
import pytest
from same import same

import wengert as wg

X = np.array([0.3, -0.7, 1.1])


def f(x):
    y = np.sin(x) * x
    return np.sum(y * y) if np.sum(x) > 0 else np.sum(np.exp(-y))


OPERATORS = {
    "grad": lambda f: wg.grad(f),
    "value_and_grad": lambda f: wg.value_and_grad(f),
    "jacobian": lambda f: wg.jacobian(f),
    "jacobian forward": lambda f: wg.jacobian(f, mode="forward"),
    "hessian": lambda f: wg.hessian(f),
    "vjp": lambda f: lambda x: (lambda y, pull: (y, pull(2.0)))(*wg.vjp(f, x)),
    "jvp": lambda f: lambda x: wg.jvp(f, (x,), (x * 2,)),
    "hvp": lambda f: lambda x: wg.hvp(f, (x,), (x + 1,)),
    "linearize": lambda f: lambda x: (lambda y, push: (y, push(x)))(*wg.linearize(f, x)),
    "vmap": lambda f: lambda x: wg.vmap(f)(np.stack([x, 2 * x, -x])),
    "vmap of grad": lambda f: lambda x: wg.vmap(wg.grad(f))(np.stack([x, 2 * x, -x])),
    "grad of grad": lambda f: wg.grad(lambda x: np.sum(wg.grad(f)(x) * x)),
    "third order": lambda f: lambda x: wg.derivative(lambda t: f(x + t), order=3)(0.1),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    op = OPERATORS[name]
    for point in (X, -X):
        expected = op(f)(point)
        same(op(wg.jit(f))(point), expected)
        for _ in range(2):
            same(op(wg.jit(f))(point), expected)
    for jitted in (wg.jit(op(f)), wg.jit(op(wg.jit(f))), wg.jit(wg.jit(op(f)))):
        for point in (X, -X, 2 * X, X):
            same(jitted(point), op(f)(point), rtol=1e-10)


def test_trace_through_jit():
    trace = wg.trace(wg.jit(lambda x: np.sin(x) * x))(2.0)
    assert "np.sin(x)" in str(trace)
    assert trace(3.0) == np.sin(3.0) * 3.0


def test_jit_called_by_a_jitted_function_and_by_its_derivative():
    inner = wg.jit(lambda x, k: x**2 if k else x**3)
    outer = wg.jit(lambda x: inner(x, True) + inner(2 * x, False))
    plain = lambda x: x**2 + (2 * x) ** 3
    for x in (1.5, 2.5):
        assert inner(x, True) == x**2
        same(outer(x), plain(x))
        same(wg.grad(outer)(x), wg.grad(plain)(x))


def test_pullbacks_are_kept_after_the_call():
    _, pull = wg.vjp(wg.jit(f), X)
    wg.jit(f)(2 * X)
    same(pull(1.0), (wg.grad(f)(X),) if isinstance(pull(1.0), tuple) else wg.grad(f)(X))


def test_check_grad():
    wg.check_grad(wg.jit(f), X)
