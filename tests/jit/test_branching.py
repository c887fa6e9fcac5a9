"""Random branching programs at random inputs in random order: jit gives what Python gives, always."""

import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from jit.programs import programs
from jit.same import agree

import wengert as wg
from wengert.errors import NotCompiledWarning

SETTINGS = settings(
    max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
ORDERS = st.lists(st.integers(0, 11), min_size=6, max_size=14)


def tame(v):
    return np.tanh(v / 2.0) * 2.0


def made(source):
    namespace = {"np": np, "tame": tame, "__name__": "program"}
    exec(source, namespace)
    return namespace["f"]


def inputs(k):
    rng = np.random.default_rng(k)
    return float(rng.normal()), rng.normal(size=3)


@SETTINGS
@given(programs(), ORDERS)
def test_value(source, order):
    note(source)
    f = made(source)
    jitted = wg.jit(f)
    for k in order:
        a, x = inputs(k)
        agree(jitted, f, a, x)
        np.testing.assert_array_equal(x, inputs(k)[1])


@settings(SETTINGS, max_examples=8)
@given(programs(), ORDERS)
def test_gradient(source, order):
    note(source)
    f = wg.grad(made(source), argnums=(0, 1))
    jitted = wg.jit(f)
    for k in order[:8]:
        agree(jitted, f, *inputs(k))


@settings(SETTINGS, max_examples=6)
@given(programs(), ORDERS)
def test_few_paths(source, order):
    """Beyond the bound the function is run as it is."""
    note(source)
    f = made(source)
    jitted = wg.jit(f, max_paths=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for k in order:
            agree(jitted, f, *inputs(k))


def test_bound_names_the_line():
    def f(x):
        return x * 2.0 if int(x) % 2 else x * 3.0  # the line that branches

    jitted = wg.jit(f, max_paths=3)
    for k in range(3):
        jitted(k + 0.5)
    with pytest.warns(NotCompiledWarning, match=r"3 different ways.*\n.*test_branching.py:\d+"):
        assert jitted(7.5) == f(7.5)
    assert jitted(8.5) == f(8.5)  # and says it once: warnings are errors here


def test_branches_both_ways():
    f = lambda x: np.sin(x) if x > 0 else -x * x
    jitted = wg.jit(f)
    for x in (1.0, -1.0, 2.0, -2.0, 0.0, float("inf"), float("nan")):
        agree(jitted, f, x)


def test_trip_counts():
    def collatz_like(x):
        n = 0
        while x > 1.0:
            x = x / 2.0 if int(x) % 2 == 0 else 1.5 * x - 0.5 if n < 20 else x / 3.0
            n += 1
        return x, n

    jitted = wg.jit(collatz_like)
    for x in (7.3, 1.0, 12.9, 7.4, 0.5, 3.3, 12.9):
        agree(jitted, collatz_like, x)
