"""Passes over loops as lines: what one loop can do for two, and what needs no loop."""

import numpy as np
import pytest
from agreement import identical, outcome

import wengert as wg
from wengert.ir.line import Lit
from wengert.passes.extend import extend
from wengert.passes.pipeline import optimise
from wengert.passes.reroll import reroll

A = np.arange(300.0).reshape(60, 5)


def loops(trace):
    return [line for line in trace.lines if line.row.name == "loop"]


def states(x):
    """A loop that begins with an array of constants."""
    return np.sum(wg.fori_loop(0, 60, lambda k, h: np.tanh(h * x + 0.1), np.zeros(3)))


def test_the_loop_of_a_derivative_takes_the_place_of_the_value_s():
    """Both begin with equal constants, which are not one object."""
    x = np.array([0.3, 0.5, 0.9])
    compiled = wg.jit(wg.value_and_grad(states))
    compiled(x)
    assert compiled.explain(x).count("loop: ") == 2
    apart = wg.jit(wg.value_and_grad(states), without="extend")
    apart(x)
    assert apart.explain(x).count("loop: ") == 3
    for got, expected in zip(compiled(x), wg.value_and_grad(states)(x), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-13)


@pytest.mark.parametrize("begin", [np.zeros(3), np.array([0.0, -0.0, 0.0])])
def test_other_constants_are_another_loop(begin):
    """Zeros of another sign are others."""
    x = np.array([0.3, 0.5, 0.9])
    compiled = wg.jit(wg.value_and_grad(states))
    compiled(x)
    (signature,) = compiled._signatures.values()
    whole = optimise(signature.paths[0].recording.trace, without=("extend", "prune"))
    pair = [line for line in loops(whole) if isinstance(line.args[0], Lit)]
    assert len(pair) >= 2
    pair[0].args[0].value = begin
    assert len(loops(extend(whole))) == len(loops(whole)) - (not np.signbit(begin).any())


def rows(x):
    y = x * 2
    return np.stack([y[k].copy() for k in range(60)]), np.stack([y[k].copy() for k in range(59, -1, -1)])


def test_rows_one_by_one_are_a_slice():
    t = wg.trace(rows)(A)
    assert len(loops(reroll(t))) == 2
    u = optimise(t)
    assert not loops(u)
    identical(outcome(u, [A]), outcome(t, [A]))


def test_rows_that_change_meanwhile_are_read_run_by_run():
    def f(x):
        y, seen = x * 1.0, []
        for k in range(59):
            seen.append(y[k].copy())
            y[k + 1] *= 2.0
        return np.stack(seen)

    t = wg.trace(f)(A).dce()
    u = optimise(t)
    identical(outcome(u, [A]), outcome(t, [A]))


def test_rows_from_the_end():
    t = wg.trace(lambda x: np.stack([(x * 1.0)[-k].copy() for k in range(1, 59)]))(A)
    identical(outcome(optimise(t), [A]), outcome(t, [A]))


def test_stacks_of_transposed_matrices():
    """The transpose is BLAS's affair: nothing is copied for it."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 9, 30)), rng.normal(size=(4, 20, 30))
    f = lambda x, y: (
        x @ np.swapaxes(y, 1, 2),
        np.swapaxes(x, 1, 2) @ x,
        np.swapaxes(x, -1, -2) @ np.swapaxes(y[:, :9], 1, 2)[:, :9] @ x[0],
        np.swapaxes(y[:1], 1, 2) @ np.swapaxes(x, 1, 2)[:, :20],
    )
    compiled = wg.jit(f)
    compiled(x, y)
    for got, expected in zip(compiled(x, y), f(x, y), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    assert "view" not in wg.jit(lambda x, y: x @ np.swapaxes(y, 1, 2)).explain(x, y)
