"""Long loops whose values are not computed while they are recorded: nobody may see what is presumed."""

from __future__ import annotations

import numpy as np
import pytest
from same import agree, same

import wengert as wg
from wengert.rules import loop

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

MANY = 800


@pytest.fixture(autouse=True)
def few_steps_are_many(monkeypatch):
    """The results of loops of 800 rounds are presumed, as those of 8,000 are."""
    monkeypatch.setattr(loop, "_MANY_STEPS", 1_000)


def turned(x, n=MANY):
    return wg.fori_loop(0, n, lambda i, v: np.cos(v) * x[0] + 1e-5 * i * x[1], x)


def looked_at(x):
    v = turned(x)
    return np.sum(v) if v[0] > 0 else np.prod(v) * 3


def printed(x):
    v = turned(x)
    return np.sum(v) * len(f"{v[0]:.3f}")


def counted(x):
    return np.ones(int(np.abs(turned(x)[0]) * 10) + 1).sum() * x[0]


def refused(x):
    """At (0.25, -1.5) the matrix is singular at what is presumed."""
    v = wg.fori_loop(0, MANY, lambda i, v: v * 0.5 + x[0], x[1])
    return np.linalg.inv(np.array([[v, 1.0], [1.0, 1.0 / x[0]]])).sum()


def caught(x):
    try:
        return np.linalg.cholesky(np.diag(turned(x) - 0.4))[0, 0]
    except np.linalg.LinAlgError:
        return x[0] * 7


def not_a_number(x):
    v = wg.fori_loop(0, MANY, lambda i, v: v - 1e-4 * x[1], x[0])
    return np.where(v > 0, v, np.sqrt(v))


def one_after_the_other(x):
    u = turned(x)
    v, n = wg.while_loop(lambda c: np.sum(c[0]) > 1e-3, lambda c: (c[0] * 0.5, c[1] + 1), (u * u, 0))
    return np.sum(v) * n + np.sum(wg.scan(lambda c, t: (c * t, c), v, np.ones(MANY))[1])


def of_constants(x):
    v = wg.fori_loop(0, MANY, lambda i, v: np.cos(v) + 1e-5 * i, 0.3)
    return v * x[0]


def inside_out(x):
    return np.sum(wg.vmap(lambda a: wg.fori_loop(0, 50, lambda i, v: np.sin(v) * a, a))(turned(x)))


def as_data(x):
    """Who the result belongs to, and its type, are those of what is computed."""
    v = turned(x)
    return {"v": v, "n": 3, "s": [v[0], np.float64(2.0)]}


FUNCTIONS = [looked_at, printed, counted, refused, caught, not_a_number, one_after_the_other, of_constants, inside_out]


@pytest.mark.parametrize("transform", [lambda f: f, wg.grad, lambda f: wg.jacobian(f, mode="forward")])
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)
def test_the_first_call_and_the_later_ones_are_eager(f, transform):
    with np.errstate(all="ignore"):
        compiled = wg.jit(transform(f))
        for x in ([0.9, 0.1], [0.9, 0.1], [-0.7, 0.5], [0.3, 2.0], [0.25, -1.5]):
            agree(compiled, transform(f), np.array(x))


def test_a_tree_of_results():
    x = np.array([0.9, 0.1])
    compiled = wg.jit(as_data)
    for _ in range(2):
        same(compiled(x), as_data(x))


def test_values_are_presumed():
    compiled = wg.jit(wg.grad(lambda x: np.sum(turned(x))))
    compiled(np.array([0.9, 0.1]))
    ((path,),) = [paths.paths for paths in compiled._signatures.values()]
    assert path.recording.presumed


def test_what_f_changes_is_put_back_where_it_is_called_again():
    calls = []

    def f(x):
        v = turned(x)
        calls.append(1)
        return np.sum(v) if v[0] > 0 else v[0]

    x = np.array([0.9, 0.1])
    compiled = wg.jit(f)
    same(compiled(x), f(x))
    assert len(calls) == 2
