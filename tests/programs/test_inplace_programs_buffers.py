"""Ordinary programs that reuse buffers, sort, scatter and change their arguments."""

from collections import deque

import numpy as np
import pytest
from check import check

BUFFER = np.zeros(4)


def one_buffer_many_iterations(x):
    work = np.empty_like(x)
    results = []
    for k in range(4):
        np.multiply(x, k, out=work)
        np.sin(work, out=work)
        work += x
        results.append(work)
    kept = []
    for k in range(3):
        work[:] = x**k
        kept.append(work.copy())
    return results[0] * results[3], kept


def module_level_buffer(x):
    BUFFER[:] = 1.0
    local = BUFFER * x
    BUFFER[:] = 100.0
    return local.sum() ** 2


def ping_pong(x):
    a, b = x.copy(), np.zeros_like(x)
    for _ in range(5):
        b[1:-1] = 0.25 * (a[:-2] + 2 * a[1:-1] + a[2:])
        b[0] = a[-1]
        b[-1] = a[0]
        a, b = b, a
    return a, b


def circular_buffer(x):
    ring = np.zeros(3)
    out = []
    for k, v in enumerate(x):
        ring[k % 3] = v
        out.append(ring.max() - ring.mean())
    return np.array(out)


def moving_window_deque(x):
    window = deque(maxlen=3)
    total, out = 0.0, np.zeros(len(x))
    for i, v in enumerate(x):
        if len(window) == 3:
            total -= window[0]
        window.append(v**2)
        total += v**2
        out[i] = total / len(window)
    window.rotate(1)
    return out, list(window)


def lists_of_arrays(x):
    rows = [x * k for k in range(1, 4)]
    alias = rows[0]
    for r in rows:
        r += rows[0]
    rows[1][0], rows[2][-1] = rows[2][-1], rows[1][0]
    alias *= 0.5
    rows.insert(0, rows.pop() ** 2)
    return np.array(rows)


def shared_rows(x):
    row = np.zeros(3)
    grid = [row] * 2
    grid[0][1] = x[0]
    grid[1][1] += x[1]
    nested = [[0.0] * 3 for _ in range(2)]
    nested[0][2] = x[2]
    nested[1][0] = row[1] ** 2
    return np.array(grid), np.array(nested)


def scatter_add(x):
    idx = np.array([0, 2, 2, 1, 0, 2])
    sums = np.zeros(3)
    np.add.at(sums, idx, x)
    buffered = np.zeros(3)
    buffered[idx] += x
    last = np.zeros(3)
    last[idx] = x**2
    peak = np.full(3, -np.inf)
    np.maximum.at(peak, idx, x)
    means = np.bincount(idx, weights=x, minlength=4)
    return sums, buffered, last, peak, means


def gather_with_ix(a):
    A = a.copy()
    sub = A[np.ix_([0, 2], [1, 2])]
    sub *= 10
    A[np.ix_([0, 2], [1, 2])] += sub
    A[np.ix_([1], [0, 2])] = A[np.ix_([1], [2, 0])]
    B = np.take_along_axis(A, np.argsort(A, axis=1), axis=1)
    np.put_along_axis(B, np.argmax(B, axis=1)[:, None], 0.0, axis=1)
    return A, B


def sort_in_place(x):
    y = x.copy()
    y.sort()
    z = x.copy()
    z[::-1].sort()
    M = np.outer(x, [1.0, -1.0])
    M.sort(axis=0)
    y.partition(2)
    return y * z, M


def insertion_sort(x):
    y = x.copy()
    for i in range(1, len(y)):
        key = y[i]
        j = i - 1
        while j >= 0 and y[j] > key:
            y[j + 1] = y[j]
            j -= 1
        y[j + 1] = key
    return y


def quicksort_by_views(x):
    def sort(v):
        if len(v) < 2:
            return
        pivot = v[-1]
        small = 0
        for k in range(len(v) - 1):
            if v[k] < pivot:
                v[[small, k]] = v[[k, small]]
                small += 1
        v[-1], v[small] = v[small], pivot
        sort(v[:small])
        sort(v[small + 1 :])

    y = x**3 - x
    sort(y)
    return y


def stacked_out(x):
    out = np.empty((2, len(x)))
    np.stack([x, x**2], out=out)
    np.cumsum(out, axis=1, out=out)
    s = np.empty(2)
    np.sum(out, axis=1, out=s)
    np.dot(out, x, out=s)
    np.clip(out, -1, 1.5, out=out)
    return out, s, np.add(s, 1, out=s)


def where_argument(x):
    out = np.full(len(x), 7.0)
    np.log(x, where=x > 0, out=out)
    safe = np.divide(1.0, x, out=np.zeros_like(x), where=np.abs(x) > 0.3)
    return out * safe


def structured_blocks(x):
    A = np.zeros((4, 4))
    A[:2, :2] = x.reshape(2, 2)
    A[2:, 2:] = A[:2, :2].T
    A[:2, 2:] = np.eye(2) * x[0]
    A[2:, :2] = -A[:2, 2:]
    B = np.block([[A, np.zeros((4, 1))], [np.ones((1, 5)) * x[1]]])
    B[1:, 1:] = B[:-1, :-1]
    return B


def strides_and_negative_steps(x):
    y = np.zeros(2 * len(x))
    y[::2] = x
    y[1::2] = x[::-1]
    y[::-3] *= 2
    y[-1:2:-2] = y[: len(y[-1:2:-2])]
    return y


def write_then_read_older_copy(x):
    y = x.copy()
    old = y.copy()
    squares = y**2
    product = y * old
    y[:] = 0
    y += squares
    del old
    return product.sum() * y.sum()


def mutated_argument(x):
    def step(state, log):
        state["u"] += state["v"]
        state["v"] *= 0.9
        log.append(state["u"][0])

    state, log = {"u": x.copy(), "v": np.cos(x)}, []
    for _ in range(4):
        step(state, log)
    return state, log


X6 = np.array([0.4, -0.2, 0.9, 1.3, -0.7, 0.6])
X4, X3 = X6[:4].copy(), np.array([0.5, 0.3, 1.2])
M3 = np.random.default_rng(1).normal(size=(3, 3))
CASES = {
    one_buffer_many_iterations: X3, module_level_buffer: X4, ping_pong: X6, circular_buffer: X6,
    moving_window_deque: X6, lists_of_arrays: X3, shared_rows: X3, scatter_add: X6, gather_with_ix: M3,
    sort_in_place: X6, insertion_sort: X6, quicksort_by_views: X6, stacked_out: X4, where_argument: X6,
    structured_blocks: X4, strides_and_negative_steps: X4, write_then_read_older_copy: X4, mutated_argument: X3,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6)
