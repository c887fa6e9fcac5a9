"""The reverse sweep by native code is that by Python: the same numbers, errors, and nothing lost or left behind."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from two_ways import both

import wengert as wg
from wengert.ir.row import ROWS

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native import recorder

pytestmark = pytest.mark.skipif(not recorder.install(), reason="this Python's objects do not lie as they should")

X = np.array([0.7, 1.3, -0.4])
A = np.arange(6.0).reshape(2, 3) / 3 - 0.5
LONG = np.linspace(-1, 1, 40_000)


@pytest.fixture(autouse=True)
def installed():
    recorder.install()
    yield
    recorder.install()


def bits(x):
    """Something to compare: NaN is NaN, and −0.0 is not 0.0."""
    if isinstance(x, (tuple, list)):
        return [bits(part) for part in x]
    return type(x), np.asarray(x).dtype, np.shape(x), np.asarray(x).tobytes()


def same(f, *args):
    """The same value and gradient, twice."""
    for _ in range(2):
        native, python = both(recorder, lambda: bits(wg.value_and_grad(f, argnums=tuple(range(len(args))))(*args)))
        assert native == python


def filled(x):
    y = np.zeros(5)
    for k in range(3):
        y[k] = x[k] * x[0]
        y[k + 1] += x[k] ** 2
    return y @ y


def filled_by_places(m):
    y, z = np.zeros((2, 3)), np.ones(4)
    for i in range(2):
        for j in range(3):
            y[i, j] = np.sin(m[i, j]) * m[0, j]
            y[i, -j - 1] = y[i, j] * 0.5
            z[j - 3] = y[i, j] + z[j]
    view = y[0]
    y[0, 0] = view[1] * m[1, 1]
    z[0] = 3.0
    z[1] = z[1]
    kept = y.copy()
    y[1, 2] = z[2]
    return np.sum(y * kept) + z @ z + view[0]


def overwritten(x):
    y = x * 1.0
    for k in range(3):
        y[0] = y[k] * x[k]
        y[k] = y[0] ** 2
        y[0] = 1.0
    row = np.zeros((2, 3))
    row[1] = x[0]
    row[0, 2] = x[1]
    return np.sum(y) + np.sum(row * x)


def walked(x):
    total, v = 0.0, x[0, 0]
    for i in range(2):
        for j in range(3):
            v = np.sin(v) * x[i, j] + x[j % 2, i] * 0.5
            total += v * v * x[i, j]
    return total + x[0, 0] + x.sum()


PROGRAMS = {
    "numbers": (lambda a, b: np.log(a * b) / a - b**a + (-a) * np.exp(b), 1.5, 2.5),
    "one number twice": (lambda a: a * a + a + a / a, 1.5),
    "numbers of NumPy's": (lambda a: np.float64(a) * a, np.float64(1.5)),
    "elements": (lambda x: x[0] * x[1] + x[0] * x[-1] + x[0], X),
    "elements of a matrix": (walked, A),
    "rows": (lambda m: (m[0] * m[1] + m[0]).sum() + m[1, 0], A),
    "slices": (lambda x: np.sum(x[1:] * x[:-1]) + x[::-1][0], X),
    "masks and lists": (lambda x: np.sum(x[x > 0] ** 2) + np.sum(x[[0, 0, 1]] * 2), X),
    "arrays": (lambda x: np.sum(np.exp(x) * x + np.tanh(x * x)), X),
    "broadcast": (lambda m, x: np.sum(m * x + m[:, :1] - x), A, X),
    "large": (lambda x: np.sum(np.sin(x) * x) + x[3], LONG),
    "no axes": (lambda x: x * x, np.array(1.5)),
    "empty": (lambda x: np.sum(x * x) + 0.0, np.zeros((0, 3))),
    "single precision": (lambda x: np.sum(np.exp(x) * x), X.astype("f")),
    "complex": (lambda x: np.sum(np.abs(np.exp(1j * x) * x) ** 2), X),
    "written": (filled, X),
    "written by places": (filled_by_places, A),
    "overwritten": (overwritten, X),
    "products": (lambda m, x: np.sum((m @ x) ** 2) + x @ x, A, X),
    "several results": (lambda m: np.linalg.slogdet(m.T @ m + np.eye(3))[1], A),
    "variadic": (lambda x: np.sum(np.concatenate([x, x[:2], 2 * x]) ** 2), X),
    "zero times infinity": (lambda x: np.sum(np.where(x > 0, np.log(np.where(x > 0, x, 1.0)), 0.0)) + x[0] * 0, X),
    "NaN": (lambda x: np.sqrt(x[0] - x[0]) * x[1], X),
    "not reached": (lambda x, y: np.sum(x) + 0.0, X, X),
    "constants": (lambda x: x[0] * 3 + np.sum(X * 2), X),
    "many arguments": (lambda x: np.clip(x, x[2], x[0] + 1).sum() + np.interp(0.5, [0, 1, 2], x), X),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(name):
    same(*PROGRAMS[name])


@pytest.mark.parametrize("key", [7, -8, (0, 0), (0,), 2**80, "a", 1.0, None])
def test_places_that_may_not_be_there(key):
    def f(x):
        y = np.zeros(3)
        y[1] = x[0]
        try:
            y[key] = x[1]
        except (IndexError, TypeError, OverflowError) as error:
            y[2] = x[2] * len(str(error))
        return np.sum(y * y)

    same(f, X)


def test_what_has_ended_is_refused():
    kept = []

    def f(x):
        kept[:] = [np.zeros(2) * x[0], x[1]]
        return x[0] * x[1]

    for _ in range(3):
        wg.grad(f)(X)
        array, number = kept
        with pytest.raises(wg.errors.LeakedValue):
            array[0] = number


def test_long_loops_leave_nothing_tracked():
    """What is kept of a line is no work for the garbage collector; it is freed as ever."""

    def f(x):
        y = np.zeros(len(x))
        for k in range(len(x)):
            y[k] = x[k] * x[k]
        found.append(len(gc.get_objects()))
        return np.sum(y)

    found = [len(gc.get_objects())]
    for _ in range(3):
        wg.grad(f)(LONG[:3000])
    assert max(found) - found[0] < 3000
    found.append(len(gc.get_objects()))
    assert found[-1] - found[0] < 500


@pytest.mark.parametrize("name", ["numbers", "elements", "arrays", "written", "products"])
def test_orders(name):
    f, *args = PROGRAMS[name]
    for transform in (wg.hessian, wg.jacobian):
        native, python = both(recorder, lambda transform=transform: bits(transform(f)(*args)))
        assert native == python


STEPS = [
    lambda v, w, x: (v * w, v),
    lambda v, w, x: (v + w, v - w),
    lambda v, w, x: (np.sin(v), w),
    lambda v, w, x: (v * x[0], w + x[1]),
    lambda v, w, x: (w, np.sum(x * v)),
    lambda v, w, x: (v / (2.0 + w * w), -w),
    lambda v, w, x: ((x * w)[1], v),
    lambda v, w, x: (np.maximum(v, w), w * 0.5),
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=12))
def test_random_programs(steps):
    def f(x):
        v, w = x[0], x[1] * x[2]
        for step in steps:
            v, w = step(v, w, x)
        return v + w

    same(f, X)


class Failing:
    """A row of np.exp whose pullback raises an error the second time."""

    def __init__(self, error):
        self.error, self.calls = error, 0
        self.row = replace(ROWS[np.exp], pulls=(self.pull,), factors=(), memo={})

    def pull(self, c, y, x):
        self.calls += 1
        if self.calls == 2:
            raise self.error
        return c * np.exp(x)

    def given(self, patch):
        self.calls = 0
        patch.setitem(ROWS, np.exp, self.row)


def test_an_error_names_the_line_that_failed(monkeypatch):
    def f(x):
        a = np.exp(x[0])
        b = a * x[1]
        return np.exp(b) * 2.0

    notes = []
    for put in (recorder.install, recorder.remove):
        put()
        Failing(ValueError("no")).given(monkeypatch)
        with pytest.raises(ValueError, match="no") as caught:
            wg.grad(f)(X)
        notes.append(caught.value.__notes__)
        monkeypatch.undo()
    assert notes[0] == notes[1]
    assert len(notes[0]) == 1
    assert "while differentiating numpy.exp" in notes[0][0]


def test_an_interruption_is_not_swallowed(monkeypatch):
    Failing(KeyboardInterrupt()).given(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        wg.grad(lambda x: np.exp(np.exp(x[0])))(X)
    monkeypatch.undo()
    assert wg.grad(lambda x: np.exp(x[0]))(X)[0] == np.exp(X[0])


def test_nothing_is_lost_or_left_behind():
    def f(x):
        v = x[0]
        for k in range(60):
            v = np.sin(v) * x[k % 3] + v * v - x[1] / (2.0 + v)
        y = np.exp(x) * x + x[::-1]
        return v + np.sum(y) + np.sum(y[:2] * x[1:]) + filled(x)

    def count():
        gc.collect()
        known = [None, 1.0, 0, X, ROWS[np.multiply], np.float64]
        return len(gc.get_objects()), *map(sys.getrefcount, known)

    g = wg.grad(f)
    for _ in range(5):
        g(X)
    before = count()
    for _ in range(20):
        g(X)
    after = count()
    assert after[0] - before[0] < 10
    for k, (a, b) in enumerate(zip(before[1:], after[1:], strict=True)):
        assert k < 3 or abs(a - b) < 10, (k, a, b)


def test_references_after_errors(monkeypatch):
    failing = Failing(ValueError("no"))
    g = wg.grad(lambda x: np.sum(np.exp(x * 2.0)) * np.exp(x[0] * x[1]))

    def attempt():
        with monkeypatch.context() as patch:
            failing.given(patch)
            with pytest.raises(ValueError, match="no"):
                g(X)
            failing.error.__traceback__ = failing.error.__context__ = None
            failing.error.__dict__.clear()

    for _ in range(3):
        attempt()
    gc.collect()
    before = len(gc.get_objects()), sys.getrefcount(X)
    for _ in range(20):
        attempt()
    gc.collect()
    assert abs(len(gc.get_objects()) - before[0]) < 10
    assert abs(sys.getrefcount(X) - before[1]) < 3
