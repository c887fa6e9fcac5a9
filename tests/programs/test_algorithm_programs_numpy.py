"""Ordinary programs with many of the NumPy functions of every day."""

import numpy as np
import pytest
from check import check

X = np.array([0.4, -0.2, 0.9, 1.3])
M = np.random.default_rng(0).normal(size=(4, 4))


def bitmask_sets(x):
    best = {}
    for s in range(1, 8):
        best[s] = min(best.get(s & ~(1 << b), 0) + x[b] ** 2 * (b + 1) for b in range(3) if s >> b & 1)
    return best[7] * best[3]


def knapsack(x):
    w = [1, 2, 3, 2]
    D = np.zeros(6)
    for v, k in zip(x**2, w):
        D[k:] = np.maximum(D[k:], D[:-k] + v)
    return D


def lcs_soft(x):
    D = [[0.0] * 5 for _ in range(5)]
    for i in range(1, 5):
        for j in range(1, 5):
            D[i][j] = np.log(np.exp(D[i - 1][j]) + np.exp(D[i][j - 1]) + x[i - 1] * x[j - 1] ** 2 + 3)
    return np.array(D)


def masked_mean(x):
    m = np.isfinite(x) & (x > 0)
    return x[m].mean() * m.sum() / len(x), np.where(m, x, np.nan)[m].sum()


def piecewise(x):
    return np.piecewise(x, [x < 0, x >= 1], [lambda t: t**2, lambda t: np.exp(t), 0.5]) * x + np.select(
        [x < 0, x < 1], [x, x**2], default=x**3
    )


def cumulative_misc(x):
    return (
        np.cumprod(x) + np.maximum.accumulate(x) + np.logaddexp.accumulate(x),
        np.add.reduceat(x, [0, 2]),
        np.subtract.outer(x, x),
    )


def np_where_index(x):
    (i,) = np.where(x > 0)
    j = np.flatnonzero(x < 0)
    k = np.argwhere(x > 0.5)[:, 0]
    y = x.copy()
    y[i] *= 2
    y[j] = 0
    y[k[-1]] = x[0]
    return y


def gs_residual_history(x):
    A = np.array([[4.0, 1, 0, 0], [1, 4, 1, 0], [0, 1, 4, 1], [0, 0, 1, 4]])
    u = np.zeros(4)
    hist = []
    for _ in range(5):
        for i in range(4):
            u[i] = (x[i] - A[i, :i].dot(u[:i]) - A[i, i + 1 :].dot(u[i + 1 :])) / A[i, i]
        hist.append(np.linalg.norm(A.dot(u) - x))
    return u * u, hist[2]


def while_conv(x):
    y = np.ones(4)
    it = 0
    while True:
        new = 0.5 * (y + (x**2 + 1) / y)
        delta = np.max(np.abs(new - y))
        y[:] = new
        it += 1
        if delta < 1e-12 or it > 50:
            break
    return y


def linspace_arange(x):
    t = np.linspace(x[1], x[2], 5)
    g = np.arange(4) * x[0]
    l = np.logspace(x[0], x[2], 3)
    ge = np.geomspace(x[0], x[2], 4)
    m = np.mgrid[0:2, 0:2] * x[0]
    f = np.full((2, 2), x[3])
    return (
        t,
        g,
        l,
        ge,
        m.sum(),
        f,
        np.full_like(f, x[0]),
        np.eye(2) * x[1],
        np.diag(x),
        np.tri(4) @ x,
        np.vander(x, 3),
        np.tile(x, 2),
        np.repeat(x, 2),
        np.r_[x, 1.0, x[0]],
        np.c_[x, x**2],
    )


def concat_variants(x):
    return (
        np.hstack([x[:2], [1.0], x[2]]),
        np.vstack((x, np.ones(4))),
        np.dstack([x, x]),
        np.append(x, x[0]),
        np.insert(x, 1, x[3]),
        np.delete(x, [0]),
        np.stack([x, x], -1),
        np.column_stack([x, x**2]),
        np.block([[x[:2]], [x[2:]]]),
        np.split(x, 2)[1],
        np.array_split(x, 3)[0],
        np.roll(x, 1),
        np.flip(x),
        np.rot90(np.outer(x, x)),
    )


CASES = {
    bitmask_sets: X, knapsack: X, lcs_soft: X, masked_mean: X, piecewise: X, cumulative_misc: X, np_where_index: X,
    gs_residual_history: X, while_conv: X, linspace_arange: X, concat_variants: X,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
