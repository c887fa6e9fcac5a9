"""Passes over the text of programs: what each gives, and what it leaves alone."""

import numpy as np
import pytest
from agreement import alone, identical, outcome

import wengert as wg
from wengert.ir.check import check
from wengert.passes.cse import cse
from wengert.passes.fold import fold
from wengert.passes.pipeline import NAMES, PASSES, optimise

X = np.array([0.3, 0.7, 1.1])


def body(trace):
    """The statements of the text, without types."""
    return [row.split("#")[0].strip() for row in str(trace).splitlines()[1:]]


# ── common subexpressions ──


def test_the_same_thing_is_computed_once():
    t = wg.trace(lambda x: np.sin(x) * np.cos(x) + np.sin(x) / np.cos(x))(X)
    assert body(cse(t)) == [
        "v0 = np.sin(x)",
        "v1 = np.cos(x)",
        "v2 = v0 * v1",
        "v3 = v0 / v1",
        "v4 = v2 + v3",
        "return v4",
    ]


def test_constants_are_equal_by_their_bits():
    t = wg.trace(lambda x: (x + 0.0, x + -0.0, x + 0.0, x * np.array([1.0, 2, 3]), x * np.array([1.0, 2, 3])))(X)
    assert body(cse(t))[-1] == "return (v0, v1, v0, v2, v2)"


def test_parameters_count():
    t = wg.trace(lambda x: (np.sum(x, axis=0), np.sum(x, axis=1), np.sum(x, axis=0), x[1:], x[1:], x[:1]))(
        np.ones((2, 3))
    )
    assert body(cse(t))[-1] == "return (v0, v1, v0, v2, v2, v3)"


def test_reading_after_a_write_is_reading_again():
    def f(x):
        y = x * 2
        a = np.sin(y[1:])
        b = np.sin(y[1:])
        y[2] = 0.0
        c = np.sin(y[1:])
        return a + b + c

    t = wg.trace(f)(X)
    once = alone(cse, t)
    identical(outcome(once, [X]), outcome(t, [X]))
    assert str(once).count("np.sin") == 2
    assert str(t).count("np.sin") == 3


def test_an_owner_that_is_written_to_is_nobody_elses():
    def f(x):
        y, z, w = x * 2, x * 2, x * 2
        y[0] = 7.0
        return y + z + w

    t = wg.trace(f)(X)
    once = alone(cse, t)
    assert str(once).count("x * 2") == 2
    identical(outcome(once, [X]), outcome(t, [X]))


def test_guards_are_tested_once_for_each_state_of_memory():
    def f(x):
        y = x * 1.0
        if y[0] > 0 and y[0] > 0:
            y[0] = y[0] - 1.0
        return y if y[0] > 0 else -y

    t = wg.trace(f)(X)
    once = alone(cse, t)
    assert sum(line.kind == "guard" for line in once.lines) == 2
    identical(outcome(once, [X + 1]), outcome(t, [X + 1]))


# ── constants ──


def test_constants_are_folded():
    t = optimise(wg.trace(lambda x: x / 4.0 + np.where(True, x, -x))(X), without=("dce",))
    assert "x * 0.25" in str(t)
    assert "1 / 4" not in str(t)


def test_large_and_failing_constants_stay():
    from wengert.ir.line import Line, Lit, Type, Var
    from wengert.ir.row import ROWS
    from wengert.ir.trace import Trace

    def single(op, *values, shape=()):
        out = Var(Type("f64", shape))
        line = Line(ROWS[op], op, tuple(Lit(v) for v in values), {}, (out,))
        return Trace("f", (), (), (), (), (line,), (out,), lambda *a: list(a), lambda ys: ys[0])

    assert not len(fold(single(np.sin, np.float64(0.5))))
    assert fold(single(np.sin, np.ones(10_000), shape=(10_000,))).lines
    assert fold(single(np.sin, "text")).lines


def test_guards_on_constants_go_if_they_hold():
    t = wg.trace(lambda x: x if x * 0 + 1 > 0 else -x)(1.5)
    folded = optimise(t, real=True)
    assert not any(line.kind == "guard" for line in folded.lines)
    assert any(line.kind == "guard" for line in optimise(t).lines)


# ── the pipeline ──


def loop_program(x):
    y, unused = x, x
    for _ in range(100):
        y = np.sin(y) * np.cos(x) + np.sin(y) * 1
        unused = unused * 2
    return y


def test_bodies_of_loops_are_optimised():
    t = optimise(wg.trace(loop_program)(0.5).dce())
    (loop,) = [line.params["loop"] for line in t.lines if line.row.name == "loop"]
    assert [line.row.name for line in loop.body.lines].count("numpy.sin") == 1
    check(loop.body)
    identical(outcome(t, [0.7]), outcome(wg.trace(loop_program)(0.5), [0.7]))


def test_rows_that_raise_stay():
    def f(x):
        np.linalg.cholesky(x)
        return x

    assert "cholesky" in str(optimise(wg.trace(f)(np.eye(2))))


@pytest.mark.parametrize("real", [False, True])
def test_what_was_optimised_is_a_trace_that_is_optimised_no_further(real):
    t = optimise(wg.trace(wg.grad(lambda x: np.sum(np.sin(x) ** 2 * x.T / 4)))(np.ones((3, 3))), real)
    assert optimise(t, real) is t


def test_each_pass_can_be_left_out_and_is_shown():
    t = wg.trace(lambda x: (np.sin(x), np.sin(-np.negative(x)) * 1))(X)
    seen = []
    optimise(t, real=True, seen=lambda name, trace: seen.append(name))
    assert tuple(dict.fromkeys(seen)) == NAMES
    for name in PASSES:
        without: list[str] = []
        optimise(t, real=True, without=(name,), seen=lambda name, trace, to=without: to.append(name))
        assert name not in without
    assert "-" in str(optimise(t, without=("exact",)))
    assert "-" not in str(optimise(t))


def test_options_of_jit():
    f = lambda x: np.exp(x) * np.exp(x[::-1]) + (x * 2.0) * 3.0
    plain, real = wg.jit(f), wg.jit(f, real=True)
    np.testing.assert_allclose(real(X), plain(X), rtol=1e-14)
    assert "x * 6.0" in real.source(X)
    assert "x * 6.0" not in plain.source(X)
    assert "x * 6.0" not in wg.jit(f, real=True, without="real").source(X)
    with pytest.raises(ValueError, match=r"jit: without names 'csee', which is no pass.\nThe passes are reroll, .*cse"):
        wg.jit(f, without=("csee",))
    with pytest.raises(TypeError, match=r"jit: without is 3.\nPass the names of passes: reroll"):
        wg.jit(f, without=3)
    with pytest.raises(TypeError, match=r"jit: real is 'yes'.\nPass True to allow"):
        wg.jit(f, real="yes")


def test_an_error_in_a_pass_is_said_and_not_fatal(monkeypatch):
    def broken(trace, pinned):
        raise KeyError("boom")

    monkeypatch.setitem(PASSES, "cse", broken)
    f = wg.jit(lambda x: x * 2)
    with pytest.warns(wg.errors.NotCompiledWarning, match="is not optimised, because of an error in wengert's passes"):
        f(X)
    np.testing.assert_array_equal(f(X), X * 2)


def test_an_array_of_all_elements_is_the_array():
    def f(x):
        y, seen = x, []
        for _ in range(60):
            y = x * y * (1.0 - y)
            seen.append(y)
        return np.sum(np.array(seen) ** 2) + np.sum(np.stack([seen[k] for k in range(3, 40, 4)]))

    t = wg.trace(f)(0.5).dce()
    u = optimise(t)
    assert len(u) < 20
    assert "assemble" in [line.row.name for line in optimise(t, without=("gather",)).lines]
    identical(outcome(u, [0.7]), outcome(t, [0.7]))


def test_writes_at_counters_are_writes():
    def f(x):
        a, b = np.zeros(150), np.ones(150) * x
        a[0] = x
        for k in range(1, 150):
            a[k] = np.sin(a[k - 1]) * x
            c = b
            b = b * 1.5
            b[k] = np.sum(c[:2])
        return a, b

    t = wg.trace(f)(0.5).dce()
    u = optimise(t)
    (loop,) = [line.params["loop"] for line in u.lines if line.row.name == "loop"]
    kinds = [line.kind for line in loop.body.lines]
    assert kinds.count("write") == 2
    assert not [line for line in loop.body.lines if line.row.name == "set"]
    for without in ((), ("inplace",)):
        identical(outcome(optimise(t, without=without), [0.7]), outcome(t, [0.7]))
        for got, expected in zip(wg.jit(f, without=without)(0.7), f(0.7), strict=True):
            np.testing.assert_allclose(got, expected, rtol=1e-13)
