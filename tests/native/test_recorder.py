"""Recording by native code is recording by Python: the same lines, values, errors, and nothing lost or left behind."""

from __future__ import annotations

import gc
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from two_ways import both

import wengert as wg
from wengert.api.recorded import Recorded
from wengert.errors import LeakedValue, NoDerivative
from wengert.ir.row import ROWS, Row
from wengert.record.repeating import Repeating
from wengert.record.stretch import Stretch
from wengert.record.value import ROLLED, Array, Recorder, Scalar

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

from wengert.native import recorder

pytestmark = pytest.mark.skipif(not recorder.install(), reason="this Python's objects do not lie as they should")

X = np.array([0.7, 1.3, -0.4])
A = np.arange(6.0).reshape(2, 3) / 3 - 0.5


@pytest.fixture(autouse=True)
def installed():
    recorder.install()
    yield
    recorder.install()


def shown(x):
    """A part of a line, as something to compare: NaN is NaN, and -0.0 is not 0.0."""
    if isinstance(x, (Scalar, Array)):
        return type(x).__name__, x.slot, shown(x.primal)
    if isinstance(x, np.ndarray):
        return x.dtype.str, x.shape, x.strides, x.tobytes()
    if isinstance(x, (tuple, list)):
        return type(x), [shown(part) for part in x]
    if isinstance(x, dict):
        return {name: shown(part) for name, part in x.items()}
    return type(x), repr(x)


def lines_of(f, *args, traces=False):
    """The lines that f records, or the error that it raises, and the warnings."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        try:
            run = Recorded(f, args, {}, tuple(range(len(args))), "grad", traces=traces)
            lines = [(line[0].name, line[0], *map(shown, line[1:])) for line in run.lines]
            found = lines, run.out_slots, shown(run.out_leaves)
        except Exception as error:
            found = type(error), str(error)
    return found, [(w.category, str(w.message)) for w in seen]


def same_lines(f, *args):
    """Eagerly, in a trace, and in one whose loops are kept once."""
    for traces in (False, True):
        native, python = both(recorder, lambda traces=traces: lines_of(f, *args, traces=traces))
        assert native == python


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}
NUMBERS = [
    2,
    0,
    -1,
    3.5,
    -0.0,
    np.float64(1.5),
    np.float32(0.5),
    True,
    10**400,
    1j,
    float("nan"),
    float("inf"),
    np.int64(2),
]


@pytest.mark.parametrize("number", NUMBERS, ids=repr)
@pytest.mark.parametrize("name", OPERATORS)
def test_a_recorded_operand_and_a_number(name, number):
    operate = OPERATORS[name]
    for x in (0.7, np.float64(0.7), 0.0, -1.5, X, A, np.zeros((0, 3)), X.astype(np.float32), X + 1j, np.array(2.0)):
        same_lines(lambda x: operate(x, number), x)
        same_lines(lambda x: operate(number, x), x)


@pytest.mark.parametrize("name", OPERATORS)
def test_two_recorded_operands(name):
    operate = OPERATORS[name]
    for x, y in ((0.7, 1.5), (0.0, 0.0), (0.7, np.float64(2.0)), (X, X + 1), (X, A), (0.7, X), (A, np.array(3.0)),
                 (X, X.astype(np.float32)), (X, 1j * X), (A, A[:1])):  # fmt: skip
        same_lines(operate, x, y)
        same_lines(operate, y, x)
        same_lines(lambda x, y: operate(x, x) + y, x, y)


UFUNCS = [np.exp, np.log, np.sqrt, np.tanh, np.negative, np.square, np.abs, np.floor, np.sign, np.arctan2, np.multiply]


@pytest.mark.parametrize("ufunc", UFUNCS, ids=lambda u: u.__name__)
def test_ufuncs(ufunc):
    for x in (0.7, np.float64(-0.7), X, A.T, X.astype(np.float32), X + 1j, np.array(2.0), 0.0):
        if ufunc.nin == 1:
            same_lines(lambda x: (ufunc(x), ufunc(x), ufunc(x, dtype=float)), x)
        else:
            for other in (np.float64(2.0), 2.0, X):
                same_lines(lambda x: (ufunc(other, x), ufunc(x, other), ufunc(x, x)), x)  # noqa: B023


@pytest.mark.parametrize(
    "key", [0, -1, 5, True, (0,), (1, 2), (1, -1), (2, 0), (0, True), np.int64(1), (0, slice(None)), ()]
)
def test_elements(key):
    for x in (X, A, A.T, A.astype(np.float32), A + 1j, A[:, ::2]):
        same_lines(lambda x: x[key], x)
        same_lines(lambda x: (x * 1.0)[key] * 2, x)


def test_a_view_of_what_has_been_written_is_read_again():
    def f(x):
        y = x * 1.0
        row = y[1:]
        before = row + 1
        y[1] = 5.0 * x[0]
        return before, row + 1, row[0], row * row, np.exp(row), -row

    same_lines(f, X)
    same_lines(f, np.linspace(0, 1, 5))


def test_a_write_does_not_reach_what_a_line_reads():
    def f(x):
        y = x + 0.0
        z, w = y * y, np.exp(y)
        y[0] = 7.0
        w *= 2
        return np.sum(z * 3 + w)

    native, python = both(recorder, lambda: wg.grad(f)(X))
    assert np.array_equal(native, python)
    same_lines(f, X)


def test_the_square_of_a_root_has_its_own_line():
    def f(x):
        r, s = np.sqrt(x[0] * x[0] + x[1] * x[1]), np.abs(x)
        return r * r + r**2, s * s, s**2, (x * 2) ** 2, x[2] * x[2]

    for _ in range(3):  # native code learns which rows are none
        same_lines(f, X)


def test_large_arrays_are_not_written_to():
    """NumPy adds in place to large arrays to which there is one reference."""
    x = np.linspace(0, 1, 100_000)

    def f(x):
        a = np.sin(x)
        b, c, d = a + 1.0, a * a, 2.0 - a
        return np.sum(a * b) + np.sum(c * d)

    native, python = both(recorder, lambda: wg.grad(f)(x))
    assert np.array_equal(native, python)


def test_a_warning_that_changes_the_array():
    """What the user has NumPy call when it warns may write to the operand."""

    def f(x):
        a = x * 1.0

        def write(*_):
            a[0] = 3.0

        with np.errstate(divide="call", call=write):
            return np.sum(1.0 / a) + a[0]

    native, python = both(recorder, lambda: lines_of(f, np.array([0.0, 1.0])))
    assert native[0][2] == python[0][2]


def test_values_of_another_recording():
    kept = []
    wg.grad(lambda x: kept.append(x) or np.sum(x))(X)
    wg.grad(lambda x: kept.append(x) or x)(2.0)
    for use in (lambda v: v + 1.0, lambda v: 1.0 - v, lambda v: v * v, np.exp, lambda v: -v):
        for value in kept:
            with pytest.raises(LeakedValue):
                use(value)
    with pytest.raises(LeakedValue):
        kept[0][0]


def test_values_of_an_attempt_that_was_given_up():
    rec = Recorder()
    for value in (Scalar(2.0, rec, 7), Array(X, rec, 7)):
        for use in (lambda v: v * v, lambda v: v**2):
            with pytest.raises(IndexError):
                use(value)


def test_derivatives_of_derivatives():
    def f(x):
        v = x[0] * x[1]
        for k in range(5):
            v = v * 0.5 + np.sin(v) * x[2] ** 2 / (k + 1) - -v
        return v + np.sum(np.exp(-x) * x) / 2.0

    native, python = both(recorder, lambda: (wg.hessian(f)(X), wg.derivative(lambda t: f(t * X), order=3)(0.4)))
    assert np.array_equal(native[0], python[0])
    assert native[1] == python[1]


def test_a_rule_that_is_given_later(monkeypatch):
    def f(x):
        return np.sum(np.cbrt(x))

    for _ in range(3):
        wg.grad(f)(np.ones(3))
    other = Row(
        np.cbrt, "other", "elementwise", (lambda d, y, x: 7 * d,), (lambda c, y, x: 7 * c,), (frozenset(),), (False,)
    )
    monkeypatch.setitem(ROWS, np.cbrt, other)
    for _ in range(3):
        assert np.array_equal(wg.grad(f)(np.ones(3)), [7, 7, 7])
    monkeypatch.delitem(ROWS, np.cbrt)
    with pytest.raises(NoDerivative):
        wg.grad(f)(np.ones(3))


def test_threads_that_record_at_once():
    from concurrent.futures import ThreadPoolExecutor

    def f(x):
        v = x[0]
        for _ in range(300):
            v = np.sin(v) * x[1] + v / 3
        return v

    expected = wg.grad(f)(X)
    with ThreadPoolExecutor(4) as pool:
        assert all(np.array_equal(g, expected) for g in pool.map(lambda _: wg.grad(f)(X), range(40)))


def test_nothing_is_lost_or_left_behind():
    """References are counted as Python counts them: what a recording made is gone when it is."""

    def f(x):
        v = x[0]
        for k in range(50):
            v = v * x[1] + 2.0 / (v + k) - -v + np.exp(-v) + x[k % 3] ** 2
        y, m = x * 2.0 + x, np.outer(x, x)
        for k in range(20):
            y = 0.1 * y + m[k % 3] - m[:, 1][::-1] + m[None, :, 0][0]
            m = np.tanh(np.maximum(m, 0.1) @ m + y[:, None] * X - C @ m)
        return v + np.sum(np.exp(y) * y - y / 3.0 + np.hypot(2.0, y) ** 2)

    def count():
        gc.collect()
        known = [Scalar, Array, None, 1.0, "key", X, type(X), float, np.float64]
        return len(gc.get_objects()), *map(sys.getrefcount, known)

    C = np.eye(3)
    for _ in range(3):
        wg.grad(f)(X)
    (tracked, *before), _ = count(), [wg.grad(f)(X) for _ in range(20)]
    now, *after = count()
    assert now - tracked <= 25  # there may be fewer: others' garbage
    assert all(abs(b - a) <= 25 for a, b in zip(before, after, strict=True)), (before, after)


# ── loops that are kept once ──


def carried(x):
    v, w = x[0], x * 1.0
    for _ in range(400):
        v = v * 0.5 + np.sin(v) * x[1] - 0.1
        w = w * 0.9 + np.cos(w)
    return v + np.sum(w)


def counted(x):
    y, v = np.tile(x, 200), x[0]
    for k in range(500):
        v = v + y[k] * 0.01 + k * x[1] - x[0] / (k + 1.5)
    return v


def places(x):
    a, v = np.outer(np.arange(300.0), x), x[0]
    for k in range(300):
        v = 0.9 * v + a[k, 0] * a[k, 2] + a[0, 1]
    return v


def branching(x):
    v = x[0]
    for k in range(600):
        v = v * x[1] if k % 7 else v / 3.0 + x[2]
        if v > 50:
            v = v - 40.0
    return v


def ends_within(x):
    v = x[0]
    for k in range(700):
        v = 0.99 * v + x[1]
        if k == 650:
            break
        v = np.exp(-v)
    return v * v


def signs_of_zero(x):
    v = x[0]
    for k in range(2000):
        v = v * 0.5 + (0.0 if k % 2 else -0.0)
    return v


def other_types(x):
    v, w = x[0], x[1]
    for k in range(1500):
        v = v * (2.0 if k < 1400 else np.float64(2.0)) / 3
        w = w + (1 if k < 1200 else 1.0)
    return v + w


LOOPS = [carried, counted, places, branching, ends_within, signs_of_zero, other_types]


def repeated(f):
    """The lines, and what is kept once."""
    lines = Repeating()
    run = Recorded(f, (X,), {}, (0,), "jit", lines=lines, traces=ROLLED)
    kept = [(type(p).__name__, getattr(p, "start", 0), getattr(p, "count", 0)) for p in lines.parts()]
    whole = [
        (line[0].name, *map(shown, line[1:2]), shown(line[4])) for line in map(lines.__getitem__, range(len(lines)))
    ]
    tables = [
        [shown(part.column(j, a)) for j, e in enumerate(part.expected) for a in sorted(e.tables)]
        for part in lines.parts()
        if isinstance(part, Stretch)
    ]
    return kept, whole, tables, run.out_slots, shown(run.out_leaves), len(lines)


@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
def test_loops(f):
    native, python = both(recorder, lambda: repeated(f))
    assert native == python
    assert any(kind == "Stretch" for kind, _, _ in native[0]) or f is branching


@pytest.mark.parametrize("f", LOOPS, ids=lambda f: f.__name__)
def test_compiled_loops(f):
    expected = wg.grad(f)(X)
    assert np.allclose(wg.jit(wg.grad(f))(X), expected, rtol=1e-12, atol=0)


NAMES = ["v", "w", "x[0]", "x[1]", "0.5", "2", "np.float64(1.5)"]
steps = st.lists(
    st.tuples(st.sampled_from("vw"), st.sampled_from(NAMES), st.sampled_from(["+", "-", "*", "/"]), st.sampled_from(NAMES)),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(steps, st.integers(0, 40))
def test_programs(steps, times):
    body = "\n".join([f"        {target} = np.tanh(({a}) {op} ({b}) + 0.1 * x[1])" for target, a, op, b in steps])
    source = f"def f(x):\n    v, w = x[0], x[1] * 2\n    for k in range({times}):\n{body}\n    return v + w\n"
    scope = {"np": np}
    exec(source, scope)
    same_lines(scope["f"], X)


SHAPES = [(), (1,), (3,), (2, 3), (2, 1), (1, 3), (0,), (4, 2, 3), (1, 1, 1, 1, 3)]


@pytest.mark.parametrize("name", [*OPERATORS, "maximum", "arctan2", "multiply", "hypot"])
def test_shapes_of_two_operands(name):
    """Recorded or plain, in every order, of every two shapes, those that do not fit included."""
    operate = OPERATORS.get(name) or getattr(np, name)
    rng = np.random.default_rng(0)
    values = [rng.uniform(0.5, 2, shape) for shape in SHAPES]
    for a in values:
        for b in [*values, 1.5, values[3].T, values[3].astype(np.float32), np.arange(3), [1.0, 2.0, 3.0]]:
            same_lines(lambda x: operate(x, b), a)  # noqa: B023
            same_lines(lambda x: operate(b, x), a)  # noqa: B023
            if isinstance(b, np.ndarray):
                same_lines(operate, a, b)
                same_lines(operate, a, float(b.sum()))


VIEWS = [
    slice(1, None), slice(None, None, -1), (slice(None), 0), (0, slice(1, 3)), (slice(None), None), None, Ellipsis, (Ellipsis, 0),
    (None, 1), slice(None), (slice(0, 2), slice(None, None, 2)), slice(np.int64(1), None), slice(5, 9), (0, 1, 2, 3), [0, 1],
    np.array([1, 0]), (slice(None), [0, 1]), slice(True, None), slice("a"), 1.5, (slice(None), True),
]  # fmt: skip


@pytest.mark.parametrize("key", VIEWS, ids=repr)
def test_views(key):
    """Views of views too, and what is written through them afterwards."""

    def written(x):
        y = x * 2.0
        z = y[key]
        z[...] = z * 3 + 1
        y[0] = 7.0
        return y, z * 1.0

    for x in (A, A.T, np.arange(24.0).reshape(2, 3, 4), X, A.astype(np.float32), A + 1j, np.zeros((0, 3))):
        same_lines(lambda x: x[key], x)
        same_lines(lambda x: (x[::-1][key] * 2, x.T[key]), x)
        same_lines(written, x)


def test_products():
    rng = np.random.default_rng(0)
    shapes = [(3,), (3, 3), (2, 3), (3, 2), (2, 3, 3), (0, 3), (3, 0), (1, 3), (40, 40), ()]
    values = [rng.normal(size=shape) for shape in shapes]
    c = rng.normal(size=(3, 3))

    def changed(x):
        c[...] = np.eye(3)
        y, z = c @ x, x @ c
        c[...] = 7.0
        return y, z

    for a in values:
        for b in [*values, values[2].astype(np.float32), np.arange(3), [1.0, 2.0, 3.0], 2.0]:
            same_lines(lambda x: x @ b, a)  # noqa: B023
            same_lines(lambda x: b @ x, a)  # noqa: B023
            same_lines(lambda x: np.matmul(x, b), a)  # noqa: B023
            if isinstance(b, np.ndarray):
                same_lines(lambda x, y: x @ y, a, b)
    for x in (X, np.eye(3), A):
        same_lines(changed, x)
    same_lines(lambda x: x @ x, X)


def test_a_plain_operand_that_is_written_to_afterwards():
    c = np.array([1.0, 2.0, 3.0])

    def f(x):
        c[:] = [1.0, 2.0, 3.0]
        y, z, w = x * c, c + x, np.maximum(c, x * 3)
        c[:] = 100.0
        return np.sum(y * z * w)

    native, python = both(recorder, lambda: (wg.grad(f)(X), wg.jit(wg.grad(f))(X)))
    assert np.array_equal(native[0], python[0])
    assert np.array_equal(native[1], python[1])
    same_lines(f, X)
