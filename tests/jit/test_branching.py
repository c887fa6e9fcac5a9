"""Random branching programs at random inputs in random order: jit gives what Python gives, always."""

import warnings

import numpy as np
import pytest
from branching import programs
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from same import agree

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


def grouped(x):
    groups = {}
    for v in x:
        groups.setdefault(v > 0.5, []).append(v)
    return {str(k): np.mean(v) for k, v in groups.items()}


@pytest.mark.parametrize(
    ("f", "points"),
    [
        (grouped, [np.array([0.1, 0.9, 0.7]), np.array([0.9, 0.1, 0.7]), np.array([0.1, 0.2, 0.3])]),
        (lambda x: 1.0 if x[0] in {0.0, 1.0} else x[1], [np.array([0.5, 2.0]), np.array([1.0, 2.0])]),
        (lambda x: x[1] * {0.5: 3.0}.get(x[0], 4.0), [np.array([0.1, 2.0]), np.array([0.5, 2.0])]),
        (lambda x: len(set(x)) * x[0], [np.array([0.1, 2.0]), np.array([2.0, 2.0])]),
        (lambda x: x[0] * (f"{x[1]:.1f}" == "2.0"), [np.array([0.1, 2.0]), np.array([2.0, 2.1])]),
        (lambda x: x[0] * len(str(x[1])), [np.array([0.1, 2.0]), np.array([2.0, 2.125])]),
        (lambda x: x[0] * round(x[1]), [np.array([0.1, 2.0]), np.array([2.0, 2.7])]),
        (lambda x: sorted(x)[0] * x[0], [np.array([0.1, 2.0]), np.array([3.0, 2.7])]),
        (lambda x: x[[int(v) for v in x]], [np.array([0.1, 1.0]), np.array([1.0, 0.7])]),
        (lambda x: x[x > 0.5].sum(), [np.array([0.1, 1.0]), np.array([1.0, 0.7])]),
        (lambda x: x[np.argmax(x)] * np.argmin(x), [np.array([0.1, 1.0]), np.array([1.0, 0.7])]),
        (lambda x: np.count_nonzero(x) * x[0], [np.array([0.1, 1.0]), np.array([1.0, 0.0])]),
        (lambda x: np.unique(x).size * x[0], [np.array([0.1, 1.0]), np.array([1.0, 1.0])]),
        (lambda x: np.nonzero(x)[0].sum() + x[0], [np.array([0.1, 1.0]), np.array([1.0, 0.0])]),
        (lambda x: x[0] if np.allclose(x, 1.0) else x[1] * 2, [np.array([0.1, 1.0]), np.array([1.0, 1.0])]),
        (lambda x: x[0] if all(x) else x[1] - 1, [np.array([0.1, 1.0]), np.array([1.0, 0.0])]),
        (lambda x: max(x) * 2 + min(x, key=abs), [np.array([0.1, 1.0]), np.array([-1.0, 0.5])]),
        (lambda x: x[0] * np.isnan(x[1]), [np.array([0.1, np.nan]), np.array([-1.0, 0.5])]),
        (lambda x: np.searchsorted([0.0, 1.0, 2.0], x[0]) * x[1], [np.array([0.1, 1.0]), np.array([1.5, 0.5])]),
        (
            lambda x: np.sign(x[0]) * x[1] if np.sign(x[0]) == 1.0 else x[0],
            [np.array([0.1, 1.0]), np.array([-1.5, 0.5])],
        ),
        (lambda x: np.floor(x[0]) * x[1], [np.array([0.1, 1.0]), np.array([1.5, 0.5])]),
        (lambda x: x.astype(int) * 2, [np.array([0.1, 1.0]), np.array([1.5, 0.5])]),
        (lambda x: x.tolist(), [np.array([0.1, 1.0]), np.array([1.5, 0.5])]),
        (lambda x: x[0].item() * 2, [np.array([0.1, 1.0]), np.array([1.5, 0.5])]),
        (lambda x: float(x[0]) * 2, [np.array([0.1, 1.0]), np.array([1.5, 0.5])]),
        (lambda x: x[0].is_integer(), [np.array([0.1, 1.0]), np.array([1.0, 0.5])]),
        (lambda x: (x > 0.5).any(), [np.array([0.1, 1.0]), np.array([0.2, 0.5])]),
        (lambda x: np.bincount(x.astype(int)), [np.array([0.1, 1.0]), np.array([3.2, 0.5])]),
        (lambda x: np.histogram(x, bins=2)[0], [np.array([0.1, 1.0]), np.array([3.2, 0.5])]),
    ],
)
def test_ways_of_looking(f, points):
    """Whatever Python can see of a value, the compiled function sees again."""
    jitted = wg.jit(f)
    for x in (points[0], *points, *points):
        agree(jitted, f, x)
