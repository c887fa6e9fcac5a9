"""Long loops of Python's: what repeats is recorded once, whatever the loop carries, reads and collects."""

from __future__ import annotations

import numpy as np
import pytest
from same import same

import wengert as wg
from wengert.record.repeating import Repeating

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

X = np.array([0.7, 0.5])
N = 1500


def carried(x):
    y, v = x[0], 0.0
    for _ in range(N):
        v = v - 0.01 * np.sin(y) * x[1]
        y = y + 0.01 * v
    return y * y + v


def whole_numbers_of_a_table(x):
    v, w = x[0], x * 1.0
    for k in range(N):
        v = 0.99 * v + np.sin(x[1] * k) * 0.01
        w = np.cos(w / (k + 1) + k**2 * x)
    return v + np.sum(w)


def two_steps_back(x):
    """Verlet: what is computed is used in the next run and the one after."""
    before, now = x[0], x[0] + 0.01 * x[1]
    for _ in range(N):
        before, now = now, 2 * now - before - 1e-4 * np.sin(now) * x[1]
    return now * before


def three_steps_back(x):
    """Adams and Bashforth's method keeps slopes in a list."""
    y, slopes = x[0], [0.1 * x[1], 0.2 * x[1], 0.3 * x[1]]
    for _ in range(N):
        slopes.append(-np.tanh(y) * x[1])
        y = y + 0.001 * (23 * slopes[-1] - 16 * slopes[-2] + 5 * slopes[-3]) / 12
    return y * y


def numbers_of_a_table(x):
    v = x[0]
    for k in range(N):
        v = 0.99 * v + np.sin(0.01 * k) * x[1]
    return v


DATA = np.cos(np.arange(2.0 * N)).reshape(N, 2)


def rows_of_data(x):
    h = np.zeros(2)
    for row in DATA:
        h = np.tanh(0.5 * h + row * x)
    return np.sum(h**2)


def elements_of_an_argument(x):
    """The argument is long, and read one element after the other, forwards and backwards."""
    w, total, other = np.tile(x, N // 2) * np.arange(N), 0.0, 0.0
    for k in range(N):
        total = 0.9 * total + np.sin(w[k])
    for k in range(N):
        other = 0.9 * other + w[-1 - k] * total
    return other / N


def written(x):
    y = np.zeros(N)
    y[0] = x[0]
    for i in range(1, N):
        y[i] = np.sin(y[i - 1]) * x[1] + 1e-3 * i * x[0]
    return np.mean(y * y)


def written_rows(x):
    path = np.zeros((N, 2))
    path[0] = x
    for i in range(N - 1):
        path[i + 1, 0] = path[i, 0] + 0.01 * path[i, 1]
        path[i + 1, 1] = path[i, 1] - 0.01 * np.sin(path[i, 0])
    return np.sum(path[::50] ** 2)


def collected(x):
    v, values = x[0], []
    for _ in range(N):
        v = 3.2 * v * (1 - v) * (1 - 0.01 * x[1])
        values.append(v)
    return np.mean(np.array(values) ** 2) + values[700] + sum(values[10:13]) + values[-2]


def collected_and_read_backwards(x):
    v, values, back = x[0], [], 0.0
    for _ in range(N):
        v = np.cos(v) * x[1]
        values.append(v)
    for v in reversed(values):
        back = 0.5 * back + v * v
    return back


def ended_by_a_value(x):
    v, n = x * 1.0, 0
    while np.max(np.abs(v)) > 1e-7 and n < 5000:
        v = v * 0.99 + 1e-9 * np.sin(v)
        n += 1
    return np.sum(v) * 1e7 + n


def ended_within_a_round(x):
    v, kept = x[0], 0
    for k in range(5 * N):
        v = v * 0.999
        if v < 0.2:
            break
        v = v + 1e-4 * np.sin(v * x[1])
        kept = k
    return v * kept


def changing_its_mind(x):
    """Other numbers, and another branch, from some round on."""
    v = x[0]
    for k in range(3 * N):
        h = 0.01 if k < 1000 else 0.02
        v = v + h * np.cos(v * x[1])
        if k >= 2500:
            v = v * (1 - h)
    return v


def taking_turns(x):
    v = x * 1.0
    for k in range(N):
        v = np.sin(v) + 0.1 * x if k % 3 else v[::-1] * np.cos(x)
    return np.sum(v)


def loops_in_a_loop(x):
    v = x[0]
    for _ in range(400):
        w = v
        for k in range(6):
            w = w * 0.9 + 0.01 * k * np.sin(w * x[1])
        v = 0.5 * v + w
    return v


def a_long_loop_in_a_loop(x):
    v = x[0]
    for k in range(3):
        for _ in range(N):
            v = v + 0.001 * np.cos(v * x[1]) * (k + 1)
        v = v * x[0]
    return v


def several_results(x):
    A, total = np.array([[2.0, 0.3], [0.3, 1.0]]), 0.0
    for _ in range(400):
        A = 0.9 * A + np.outer(x, x) + 0.1 * np.eye(2)
        sign, value = np.linalg.slogdet(A)
        whole, rest = np.divmod(value, 1.0)
        total = total + sign * value + rest + whole
    return total


def a_derivative_within(x):
    """Newton's method by derivatives of its own."""

    def f(v):
        return np.cosh(v * x[0]) + np.sum(x) * v

    v = 0.1
    for _ in range(150):
        v = v - 0.1 * wg.grad(f)(v) / wg.grad(wg.grad(f))(v)
    return v


def swapped_buffers(x):
    now, then = np.zeros(5), np.zeros(5)
    now[2] = x[0]
    for _ in range(400):
        then[1:-1] = now[1:-1] + 0.1 * x[1] * (now[2:] - 2 * now[1:-1] + now[:-2])
        now, then = then, now
    return np.sum(now**2)


def overwritten(x):
    """An array that is copied before a write, since its old value is still needed."""
    v, total = x * 1.0, 0.0
    for _ in range(600):
        w = v.copy()
        v[0] = np.sin(w[1]) + 0.01
        v[1] = w[0] * x[1]
        total = total + np.sum(w * v)
    return total


def written_by_the_next_run(x):
    """An array that a run makes, and the next one writes into."""
    w, v = x * 1.0, x[1]
    kept = w
    for _ in range(800):
        w[0] = np.sin(v) * 0.3
        v = v * 0.9 + 0.02 * np.dot(w, x) ** 2
        w = np.where(w > 0.1, w * 0.9, 0.2 * x)
    return np.sum(w) * v + np.sum(kept)


def constants_only(x):
    """What does not depend on the argument is not recorded."""
    v = 0.3
    for _ in range(N):
        v = np.sin(v)
    return v * x[0]


ROLLED = [
    carried, whole_numbers_of_a_table, two_steps_back, three_steps_back, numbers_of_a_table, rows_of_data, elements_of_an_argument, written,
    written_rows, collected, collected_and_read_backwards, ended_by_a_value, ended_within_a_round, changing_its_mind,
    taking_turns, loops_in_a_loop, a_long_loop_in_a_loop, several_results, swapped_buffers, overwritten,
    written_by_the_next_run, constants_only,
]  # fmt: skip


def trace_of(compiled):
    (paths,) = compiled._signatures.values()
    assert not paths.given_up, paths.given_up
    assert not any(path.reason for path in paths.paths)
    return paths.paths[0].recording.trace


@pytest.mark.parametrize("transform", [lambda f: f, wg.grad], ids=["value", "gradient"])
@pytest.mark.parametrize("f", [*ROLLED, a_derivative_within], ids=lambda f: f.__name__)
def test_compiled_is_eager(f, transform):
    eager = transform(f)
    compiled = wg.jit(eager)
    for x in (X, X, X * 1.00001):
        same(compiled(x), eager(x), rtol=1e-9)


@pytest.mark.parametrize("f", ROLLED, ids=lambda f: f.__name__)
def test_a_long_loop_is_few_lines(f):
    compiled = wg.jit(f)
    same(compiled(X), f(X))
    assert len(trace_of(compiled).lines) < 300


def kept_and_written(x):
    """What a run makes is kept in a list, and written into by the next one."""
    w = x * 1.0
    values = [w]
    for _ in range(300):
        w[1] = w[0] * 0.5
        w = np.tanh(w) + 0.1 * x[0]
        values.append(w)
    return np.sum(w) + np.sum(values[5]) * np.sum(values[0])


@pytest.mark.parametrize("transform", [lambda f: f, wg.grad, wg.hessian], ids=["value", "gradient", "hessian"])
def test_what_is_kept_may_not_be_carried(transform):
    compiled = wg.jit(transform(kept_and_written))
    same(compiled(X), transform(kept_and_written)(X), rtol=1e-9)


def lines_of(record, *args):
    lines = Repeating()
    wg.api.recorded.Recorded(record, args, {}, tuple(range(len(args))), "jit", lines=lines, traces=True)
    return lines


def plain(line):
    row, slots, _, args, params, _ = line
    return row.name, slots, [None if s >= 0 else a for s, a in zip(slots, args, strict=True)], params


@pytest.mark.parametrize("f", ROLLED, ids=lambda f: f.__name__)
def test_every_line_can_be_had_again(f, monkeypatch):
    """A stretch gives the lines that were recorded, one by one, and all at once when it is written out."""
    repeating = lines_of(f, X)
    monkeypatch.setattr("wengert.record.repeating.FIRST_LOOK", 10**9)
    (straight,) = lines_of(f, X).parts()
    expected = [plain(line) for line in straight.lines]
    assert len(repeating) == len(expected)
    for k in (*range(0, len(expected), 97), len(expected) - 1):
        assert repr(plain(repeating[k])) == repr(expected[k])
    for part in [*repeating.parts()]:
        if not hasattr(part, "lines"):
            repeating.write_out(part)
    (written,) = repeating.parts()
    assert repr([plain(line) for line in written.lines]) == repr(expected)


def test_lines_can_be_taken_back():
    lines = lines_of(carried, X)
    count = len(lines)
    for k in (count - 3, count // 2, 700, 100):
        expected = [repr(plain(lines[i])) for i in (0, k // 2, k - 1)]
        del lines[k:]
        assert len(lines) == k
        assert [repr(plain(lines[i])) for i in (0, k // 2, k - 1)] == expected


def autoregression(x):
    """A window that moves over what has been written."""
    y = np.zeros(len(x) + 3)
    y[:3] = x[:3]
    for t in range(3, len(x) + 3):
        y[t] = np.tanh(y[t - 3 : t] @ x[:3]) + x[t - 3]
    return np.sum(y**2)


def windows(x):
    """Windows of windows, with a step, of columns, and from behind."""
    A = np.outer(x, np.cos(x))
    total = 0.0
    for i in range(len(x) - 5):
        total += np.sum(A[i, i : i + 4 : 2] ** 2) + np.prod(A[i + 1 : i + 3, 2]) - np.max(x[i + 3 : i : -1])
    return total


def smoothed(x):
    """Windows that are written, over each other."""
    y = x.copy()
    for i in range(1, len(x) - 3):
        y[i : i + 3] = y[i - 1 : i + 2] * 0.5 + x[i : i + 3]
        y[i : i + 2] += np.sin(y[i + 1 : i + 3])
    return np.sum(y * x)


def clipped(x):
    """Windows that become shorter at the end, and such as are counted from it at the beginning."""
    total = 0.0
    for i in range(len(x)):
        total += np.sum(x[i : i + 3]) ** 2 + np.sum(x[i - 2 : i + 1] ** 3)
    return total


@pytest.mark.parametrize("f", [autoregression, windows, smoothed, clipped])
@pytest.mark.parametrize("n", [40, 300])
def test_windows_that_move(f, n):
    rng = np.random.default_rng(n)
    x = rng.uniform(-0.5, 0.6, n)
    compiled = wg.jit(wg.grad(f))
    compiled(x)
    assert n < 300 or "loop: " in compiled.explain(x)
    for y in (x, rng.uniform(-0.5, 0.6, n)):
        np.testing.assert_allclose(compiled(y), wg.grad(f)(y), rtol=1e-11, atol=1e-12)
    forward = wg.jit(lambda x: wg.hvp(f, (x,), (np.cos(x),)))
    np.testing.assert_allclose(forward(x), wg.hvp(f, (x,), (np.cos(x),)), rtol=1e-10, atol=1e-11)
