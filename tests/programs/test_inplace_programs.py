"""Ordinary programs that work in place: buffers, views, swaps, scatters, aliases."""

from collections import deque

import numpy as np
import pytest
from check import check

BUFFER = np.zeros(4)
TABLE = np.arange(12.0).reshape(3, 4)


def prefix_sums(x):
    x = x.copy()
    for k in range(1, x.size):
        x[k] += x[k - 1]
    step = 1
    y = x.copy()
    while step < y.size:
        y[step:] += y[:-step].copy()
        step *= 2
    return x, y


def overlapping_shift(x):
    x = x * 1.0
    x[1:] = x[:-1]
    x[:-2] += x[2:]
    x[1:-1] *= x[2:]
    return x


def swap_rows_and_columns(a):
    A = np.array(a)
    A[[0, 2]] = A[[2, 0]]
    A[:, [0, 1]] = A[:, [1, 0]]
    A[0], A[1] = A[1].copy(), A[0].copy()
    A[0, 0], A[1, 1] = A[1, 1], A[0, 0]
    return A


def swap_views_the_classic_mistake(a):
    A = np.array(a)
    A[0], A[1] = A[1], A[0]
    return A * TABLE[:, :3]


def put_place_copyto(x):
    y = np.sin(x)
    np.put(y, [0, -1], [y[1] * 2, y[2] ** 2])
    np.place(y, y > 0.5, [x[0], x[1] * x[2]])
    z = np.empty_like(y)
    np.copyto(z, y)
    np.copyto(z, x**3, where=x > 0)
    np.putmask(z, z < -0.5, z**2)
    return z


def ellipsis_and_zero_dim(x):
    total = np.zeros(())
    total[()] = x[0]
    total[...] += x[1] ** 2
    total += x[2]
    out = np.empty(3)
    out[...] = total
    out[..., 0] *= 2
    cell = np.array(0.0)
    cell[...] = x.sum()
    return out * cell


def zero_dim_views(x):
    y = x.copy()
    last = y[..., -1]
    first = y[0, ...]
    last *= 3
    first[...] = last**2
    return y


def transposed_writes(a):
    A = a.copy()
    A.T[0] = A[0] * 2
    A.T[1:, 0] += A[1:, 0]
    B = A.swapaxes(0, 1)
    B[::2, ::-1] -= 1.5 * A[0]
    return A


def views_of_views(x):
    buf = np.zeros((3, 4))
    block = buf[1:, 1:]
    row = block[-1]
    tail = row[1:]
    tail[:] = x[:2]
    row[0] = x[2] * tail[1]
    block[0] = row**2
    buf[0, ::3] = block[0, :2]
    tail *= buf[0, 3]
    return buf, row.sum() + tail.prod()


def reshaped_writes(x):
    A = np.zeros((2, 3))
    flat = A.reshape(-1)
    flat[::2] = x
    A.ravel()[1] = x[0] * x[1]
    A.flat[3] = x[2] ** 2
    A.reshape(3, 2)[:, 1] += flat[0]
    return A


def diagonal_tricks(x):
    n = len(x)
    A = np.zeros((n, n))
    A[np.diag_indices(n)] = x
    A.flat[1 :: n + 1] = 0.5
    A[np.arange(n - 1) + 1, np.arange(n - 1)] = x[:-1] * x[1:]
    np.fill_diagonal(A[1:, 1:], A.sum(axis=0)[:-1])
    np.einsum("ii->i", A)[...] += 1.0
    return A @ A


def boolean_writes(x):
    y = x.copy()
    y[y < 0] = 0
    y[y > 1] = 1 / y[y > 1]
    m = (x > -1) & (x < 0.5)
    y[m] += x[m] ** 2
    y[~m] *= x[~m][::-1]
    A = np.outer(y, y)
    A[A > 0.3] -= x.mean()
    A[m] = x
    A[:, m] *= 2
    return A


def augmented_through_helper(x):
    def normalise(v):
        v -= v.mean()
        v /= v.std()

    A = np.vstack([x, x**2])
    for row in A:
        normalise(row)
    normalise(A[:, 1:])
    return A


def returned_views(x):
    def interior(u):
        return u[1:-1]

    u = np.zeros(len(x) + 2)
    interior(u)[:] = x
    interior(interior(u))[...] *= 2
    u[0], u[-1] = u[-2], u[1]
    return u, interior(u)


def aliased_arguments(x):
    def combine(out, a, b):
        out[:] = a + b
        out *= a
        return out

    u = x.copy()
    first = combine(u, u, u)
    second = combine(u[1:], u[:-1], u[1:])
    return first, second, u


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
    prefix_sums: X6, overlapping_shift: X6, swap_rows_and_columns: M3, swap_views_the_classic_mistake: M3,
    put_place_copyto: X6, ellipsis_and_zero_dim: X3, zero_dim_views: X3, transposed_writes: M3, views_of_views: X3,
    reshaped_writes: X3, diagonal_tricks: X4, boolean_writes: np.array([0.4, -0.2, -1.3, 1.4]),
    augmented_through_helper: X4, returned_views: X4, aliased_arguments: X4, one_buffer_many_iterations: X3,
    module_level_buffer: X4, ping_pong: X6, circular_buffer: X6, moving_window_deque: X6, lists_of_arrays: X3,
    shared_rows: X3, scatter_add: X6, gather_with_ix: M3, sort_in_place: X6, insertion_sort: X6,
    quicksort_by_views: X6, stacked_out: X4, where_argument: X6, structured_blocks: X4,
    strides_and_negative_steps: X4, write_then_read_older_copy: X4, mutated_argument: X3,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6)
