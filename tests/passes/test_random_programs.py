"""Random programs with writes, views, guards and loops: every pass keeps their meaning, eagerly and compiled."""

import numpy as np
import pytest
from agreement import alone, identical, outcome
from hypothesis import example, given, settings
from hypothesis import strategies as st

import wengert as wg
from wengert.errors import OffTrace
from wengert.passes.pipeline import NAMES, PASSES, optimise

OPS = {
    "add": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "sub": lambda a, b: a - b,
    "quarter": lambda a, b: a / 4.0,
    "neg": lambda a, b: -a,
    "one": lambda a, b: a * 1,
    "zero": lambda a, b: a + 0,
    "sin": lambda a, b: np.sin(a),
    "abs": lambda a, b: np.abs(a),
    "max": lambda a, b: np.maximum(a, b),
    "where": lambda a, b: np.where(a > b, a, b),
    "scale": lambda a, b: (a * 0.5) * 3.0,
    "T": lambda a, b: a.T,
    "flip": lambda a, b: a[::-1],
    "reshape": lambda a, b: np.reshape(np.reshape(a, 9), (3, 3)),
    "copy": lambda a, b: a.copy(),
    "sum": lambda a, b: a + np.sum(b, axis=0),
    "dot": lambda a, b: np.tanh(a @ b),
    "row": lambda a, b: a[1] + b,
    "stack": lambda a, b: np.stack([a, b])[1],
}
WRITES = {
    "cell": lambda a, b: a.__setitem__((1, 2), b[0, 0]),
    "line": lambda a, b: a.__setitem__(0, b[2]),
    "part": lambda a, b: a[1:].__setitem__((slice(None), 0), b[:2, 1]),
    "plus": lambda a, b: a.__iadd__(b),
    "transposed": lambda a, b: a.T.__setitem__(2, 1.5),
}
steps = st.lists(
    st.tuples(st.sampled_from([*OPS, *WRITES, "branch", "loop"]), st.integers(0, 5), st.integers(0, 5)),
    min_size=3,
    max_size=14,
)


def program(recipe):
    def f(x, y):
        pool = [x, y, x * y, x + 0.5, np.zeros((3, 3)) + y, y.copy()]
        for name, i, j in recipe:
            a, b = pool[i], pool[j]
            if name in WRITES:
                if i > 1:
                    WRITES[name](a, b)
            elif name == "branch":
                pool[i] = a - 0.5 if np.sum(a) > 0 else a + 0.5
            elif name == "loop":
                for _ in range(12):
                    a = np.sin(a) + b * 0.25 + np.sin(a) * 1 + np.cos(b) - (-b) * np.cos(b)
                pool[i] = a
            else:
                pool[i] = OPS[name](a, b)
        return tuple(pool[2:])

    return f


A = np.array([[0.3, -0.0, 1.2], [np.pi, -1.0, 0.25], [2.0, 0.1, -0.6]])
B = np.array([[1.0, 0.5, -0.5], [0.0, 2.0, 0.125], [-1.0, 0.75, 3.0]])


@settings(max_examples=50, deadline=None)
@given(steps)
def test_passes_keep_every_bit(recipe):
    trace = wg.trace(program(recipe))(A, B)
    for values in ([A, B], [B, A], [np.where(A > 1, np.nan, A), np.where(B > 1, -np.inf, B)]):
        expected = outcome(trace, values)
        for name, apply in PASSES.items():
            if name != "real":
                identical(outcome(alone(apply, trace), values), expected)
        for left_out in ("", *NAMES):
            identical(outcome(optimise(trace, without=(left_out,)), values), expected)


@settings(max_examples=40, deadline=None)
@given(steps)
@example([("sub", 4, 1), ("T", 4, 0), ("reshape", 4, 0), ("cell", 4, 0)])  # x − x, of which a copy is written into
def test_real_rewrites_agree_to_rounding(recipe):
    trace = wg.trace(program(recipe))(A, B)
    expected = outcome(trace, [A, B])
    got = outcome(optimise(trace, real=True), [A, B])
    if got is OffTrace:  # a value on the edge of a branch
        return
    for a, b in zip(got, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9 * np.max(np.abs(b), initial=1.0))


@settings(max_examples=8, deadline=None)
@given(steps)
def test_compiled(recipe):
    pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")
    f = program(recipe)
    for options in ({}, {"without": NAMES}):
        for got, expected in zip(wg.jit(f, **options)(A, B), f(A, B), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-10, atol=1e-10 * np.max(np.abs(expected), initial=1.0))
