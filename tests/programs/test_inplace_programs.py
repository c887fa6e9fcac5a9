"""Ordinary programs that write in place: views, swaps, masks, aliases."""

import numpy as np
import pytest
from check import check

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


X6 = np.array([0.4, -0.2, 0.9, 1.3, -0.7, 0.6])
X4, X3 = X6[:4].copy(), np.array([0.5, 0.3, 1.2])
M3 = np.random.default_rng(1).normal(size=(3, 3))
CASES = {
    prefix_sums: X6, overlapping_shift: X6, swap_rows_and_columns: M3, swap_views_the_classic_mistake: M3,
    put_place_copyto: X6, ellipsis_and_zero_dim: X3, zero_dim_views: X3, transposed_writes: M3, views_of_views: X3,
    reshaped_writes: X3, diagonal_tricks: X4, boolean_writes: np.array([0.4, -0.2, -1.3, 1.4]),
    augmented_through_helper: X4, returned_views: X4, aliased_arguments: X4,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=2e-6)
