"""`f.source(*args)` of programs with loops is Python that runs, and gives what f gives."""

import re

import numpy as np
import pytest

import wengert as wg

P = np.array([10.0, 28.0, 2.6])


def carried(x, y):
    for _ in range(300):
        x, y = x + 0.01 * (y - x * y), y - 0.01 * x
    return x * y


def of_vector(v):
    x, y = v[0], v[1]
    for _ in range(300):
        x, y = x + 0.01 * (y - x * y), y - 0.01 * x
    return np.array([x * y, x - y])


def squares(x):
    return wg.while_loop(lambda v: v < 100.0, lambda v: v * v, x)


def lorenz(p):
    x = np.array([1.0, 1.0, 1.0])
    for _ in range(200):
        x = x + 0.01 * np.array([p[0] * (x[1] - x[0]), x[0] * (p[1] - x[2]) - x[1], x[0] * x[1] - p[2] * x[2]])
    return x @ x


def nested(x):
    s = x
    for _ in range(60):
        t = s
        for _ in range(40):
            t = t * 0.99 + 0.01 * np.sin(t) * x
        s = s * 0.5 + t * 0.5
    return s * x


def repeated(x):
    return wg.fori_loop(0, 10, lambda i, v: np.sin(v) * x, x)


PROGRAMS = {
    "gradient": (wg.grad(carried), (1.0, 2.0)),
    "Jacobian": (wg.jacobian(of_vector), (np.array([1.0, 2.0]),)),
    "Hessian": (wg.hessian(lambda v: of_vector(v)[0]), (np.array([1.0, 2.0]),)),
    "while": (wg.grad(squares), (2.0,)),
    "while, second order": (wg.grad(wg.grad(squares)), (2.0,)),
    "while, a batch": (wg.vmap(wg.grad(squares)), (np.array([1.5, 2.0, 3.0]),)),
    "fori, second order": (wg.grad(wg.grad(repeated)), (0.4,)),
    "Lorenz": (wg.grad(lorenz), (P,)),
    "Lorenz, second order": (wg.hessian(lorenz), (P,)),
    "nested": (wg.grad(nested), (1.2,)),
    "nested, second order": (wg.grad(wg.grad(nested)), (1.2,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_it_runs(name):
    f, args = PROGRAMS[name]
    jitted = wg.jit(f)
    text = jitted.source(*args)
    exec(text, text.namespace)
    function = re.findall(r"^def (\w+)\(", text, re.MULTILINE)[-1]
    np.testing.assert_allclose(text.namespace[function](*args), f(*args), rtol=1e-12)
