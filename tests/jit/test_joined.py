"""Lists that a loop has appended to: arrays made of them are slices, also where more is in the list."""

import numpy as np
import pytest
from same import same

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
N = 800


def begun(x):
    values = [x[0]]
    for _ in range(N):
        values.append(3.3 * values[-1] * (1 - values[-1]))
    return np.sum(np.array(values) * np.arange(N + 1.0)) / N


def ended(x):
    values = []
    for k in range(N):
        values.append(np.sin(x[0] * k))
    values.extend([x[1], 2.0, x[0] * x[1]])
    return np.sum(np.array(values) ** 2)


def rows(x):
    path = [x]
    for _ in range(N):
        path.append(np.tanh(path[-1][::-1] * 1.1))
    path = np.array(path)
    return np.sum(path[:, 0] * np.sin(path[:, 1]))


def of_two_loops(x):
    values, v = [x[0] * x[1]], x[0]
    for _ in range(N):
        v = np.cos(v) * x[1]
        values.append(v)
    values.append(x[1])
    for _ in range(N):
        v = np.sin(v) + 0.1
        values.insert(len(values), v)
    return np.sum(np.array(values[::-1]) * np.linspace(0, 1, 2 * N + 2))


@pytest.mark.parametrize("transform", [lambda f: f, wg.grad], ids=["value", "gradient"])
@pytest.mark.parametrize("f", [begun, ended, rows, of_two_loops])
def test_compiled_is_eager_in_few_lines(f, transform):
    x = np.array([0.4, 0.7])
    compiled = wg.jit(transform(f))
    for _ in range(2):
        same(compiled(x), transform(f)(x), rtol=1e-9)
    ((path,),) = [paths.paths for paths in compiled._signatures.values()]
    assert len(path.trace.lines) < 200
