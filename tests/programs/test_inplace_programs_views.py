"""Ordinary programs whose views, indices and work arrays are of every kind."""

import numpy as np
import pytest
from check import check

X = np.array([0.4, -0.2, 0.9, 1.3])
M = np.random.default_rng(0).normal(size=(4, 4))


def setitem_with_lists(x):
    A = np.zeros((3, 2))
    A[0] = [x[0], x[1]]
    A[1:] = [[x[2], 1.0], [2.0, x[3]]]
    A[:, 0] += [x[0], 0, 1]
    return A


def flat_iter(x):
    A = np.outer(x, x)
    for k in range(A.size):
        A.flat[k] = A.flat[k] * k
    A.flat = A.flat[::-1]
    return A


def inplace_matmul(x):
    A = np.diag(x)
    A @= A + 1
    A **= 2
    A //= 1.0
    A %= 0.7
    return A + x


def inplace_ops(x):
    y = x.copy()
    y += 1
    y -= x
    y *= x
    y /= 2
    y **= 1.5
    y %= 0.3
    y //= 10
    z = x.copy()
    np.negative(z, out=z)
    z -= y
    return z


def views_alias_after_copyless_reshape(x):
    a = np.zeros((2, 2))
    b = a.reshape(4)
    c = b[1:3]
    d = a.T
    c += x[:2]
    d[0, 1] = x[3]
    return a * b.sum()


def asarray_aliases(x):
    y = np.asarray(x.copy())
    z = np.asarray(y)
    z[0] = 5 * x[1]
    w = np.ascontiguousarray(y)
    w[1] = 0
    q = np.atleast_2d(y)
    q[0, 2] = x[0]
    return y


def swap_slices(x):
    y = x.copy()
    y[:2], y[2:] = y[2:].copy(), y[:2].copy()
    a, b = y[::2], y[1::2]
    a[:], b[:] = b.copy(), a.copy()
    y[[0, 1]], y[[2, 3]] = y[[2, 3]], y[[0, 1]] * 2
    return y


def self_aug(a):
    A = a.copy()
    A += A
    A += A.T
    A *= A
    A[0] += A[1]
    A[:2] -= A[2:]
    A[1:] *= A[:-1]
    A[:, ::-1] += A
    return A


def getitem_variants(x):
    A = np.outer(x, x)
    return (
        A[1, ...],
        A[None, :, 1],
        A[..., np.newaxis][0],
        A[[0, 1], [2, 3]],
        A[[True, False, True, False]],
        A[np.array([[0, 1], [2, 3]])][0],
        A[-1][-2:],
        A[slice(1, 3), ::2],
        A[(1, 2)],
        A[np.int64(2)],
        A[1:1].sum(),
    )


def setitem_variants(x):
    A = np.zeros((4, 4))
    A[1, ...] = x
    A[..., 2] = x**2
    A[[0, 3], [0, 3]] = x[:2]
    A[[True, False, False, False], 1] = x[0]
    A[np.array([[1, 2], [3, 0]]), 0] = x.reshape(2, 2)
    A[slice(2, 4), 3] += x[:2]
    A[np.int64(0)][1] = x[2]
    A[1:3][:, 1:3][0] = x[3]
    A[A > 0.5] = A[A > 0.5] ** 2
    A[()][0, 0] = x[0]
    return A


def del_and_rebind(x):
    y = x.copy()
    v = y[1:]
    del y
    v *= 2
    w = v
    v = v + 1
    w -= x[0]
    return v * w


def swap_tuple_elems(x):
    y = x.copy()
    y[0], y[1], y[2] = y[2], y[0] * y[1], y[1]
    i = 0
    i, y[i] = 3, x[3]
    return y


def chained_assign(x):
    a = b = x.copy()
    a[0] = b[1] = x[2] * x[3]
    c = np.zeros(2)
    c[0] = c[1] = x[0]
    return a * c[0] + b


def iter_write(x):
    A = np.zeros((2, 4))
    for r in A:
        r[:] = x
        r += A[0]
    for i, r in enumerate(A.T):
        r *= i
    for v in A[0]:
        v = v * 2
    return A


def out_param_everywhere(x):
    a = np.empty(4)
    b = np.empty((4, 4))
    np.outer(x, x, out=b)
    np.matmul(b, x, out=a)
    np.add.reduce(b, axis=0, out=a)
    np.maximum(a, x, out=a)
    b.sum(axis=1, out=a)
    np.mean(b, axis=0, out=a[...])
    np.take(x, [3, 2, 1, 0], out=a)
    a.cumsum(out=a)
    np.einsum("ij,j->i", b, a, out=a)
    return a + b


def zero_d_acc(x):
    a = np.zeros(())
    for k in range(3):
        a += x**k
    b = np.array(0.0)
    b[...] = a * x
    a -= b
    return a


def recursion_on_slices(x):
    def s(v):
        return v[0] ** 2 if len(v) == 1 else s(v[: len(v) // 2]) * np.cos(s(v[len(v) // 2 :]))

    def inplace(v):
        if len(v) > 1:
            h = len(v) // 2
            inplace(v[:h])
            inplace(v[h:])
            v[:h] += v[h:]
            v[h:] *= v[:h]

    y = x.copy()
    inplace(y)
    return s(x), y


def raw_buffers_from_captured(x):
    K = M @ M.T
    K[0, 0] += x[0]
    K[1] *= x
    W = M * 2
    W[:, 1] = x
    return np.linalg.solve(K + 9 * np.eye(4), W)


def buffer_as_attribute(x):
    class F:
        def __init__(s):
            s.buf = np.zeros(4)
            s.n = 0

        def push(s, v):
            s.buf[s.n % 4] = v
            s.n += 1
            return s.buf.sum()

    f = F()
    return [f.push(v * v) for v in x]


def stepwise_views(x):
    y = x.copy()
    e = y[::2]
    o = y[1::2]
    r = y[::-1]
    e += o
    r[0] = e[0]
    o -= r[::2]
    return y, r * 2, np.shares_memory(y, r) * y


def block_views(a):
    A = a.copy()
    B = A.reshape(2, 2, 2, 2).swapaxes(1, 2)
    B[0, 1] *= 2
    B[1] = B[0]
    C = A.T.ravel()
    C[0] = 9
    D = A.ravel()
    D[5] = A[0, 0] ** 2
    E = A.T.reshape(-1)
    E[0] = 3
    F = A[:, ::-1].T
    F[1] += F[0]
    return A, C, D, E


def diag_views(a):
    A = a.copy()
    d = np.einsum("ii->i", A)
    d += 1
    A.diagonal().copy()[0]
    np.fill_diagonal(A, A.diagonal() ** 2)
    A[np.tril_indices(4, -1)] = 0
    A[np.triu_indices(4, 1)] *= 2
    return A, np.trace(A), A.diagonal(1)


def array_of_arrays_object(x):
    o = np.empty(2, dtype=object)
    o[0] = x
    o[1] = x[:2] ** 2
    return o[0].sum() * o[1].sum()


CASES = {
    setitem_with_lists: X, flat_iter: X, inplace_matmul: X, inplace_ops: np.abs(X)+.1,
    views_alias_after_copyless_reshape: X, asarray_aliases: X, swap_slices: X, self_aug: M, getitem_variants: X,
    setitem_variants: X, del_and_rebind: X, swap_tuple_elems: X, chained_assign: X, iter_write: X,
    out_param_everywhere: X, zero_d_acc: 0.7, recursion_on_slices: X, raw_buffers_from_captured: X,
    buffer_as_attribute: X, stepwise_views: X, block_views: M, diag_views: M, array_of_arrays_object: X,
}  # fmt: skip


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    check(f, CASES[f], rtol=3e-6, h=3e-4)
