"""Arrays made of memory that another object has: a write through them is exact, or refused; its derivative is never 0."""

import array
import contextlib
import ctypes

import numpy as np
import pytest
from numpy.lib.stride_tricks import as_strided
from scipy import sparse

import wengert as wg
from wengert.errors import LostDerivative, NoDerivative

A = np.array([[1.0, 2.0], [3.0, 4.0]])
M = np.asmatrix(A)


class Holder:
    """Gives its array away by one protocol of NumPy's."""

    def __init__(self, a, protocol):
        self.a = a
        if protocol != "__array__":
            setattr(self, protocol, getattr(a, protocol))


class Arrayed:
    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return self.a


def through_memoryview(x):
    B = A @ A.T
    n = np.asarray(memoryview(B))
    n[0] = x
    return np.sum(B**2)


def through_copyto(x):
    B = A @ A.T
    np.copyto(np.asarray(memoryview(B)), x)
    return np.sum(B**2)


def through_out(x):
    B = A @ A.T
    np.multiply(A, x, out=np.asarray(memoryview(B)))
    return np.sum(B**2)


def through_bytes(x):
    memory = memoryview(bytearray(32)).cast("d", (2, 2))
    n = np.array(memory, copy=None)
    n[0] = x
    return np.sum(np.asarray(memory) ** 2)


def through_ctypes(x):
    c = (ctypes.c_double * 3)()
    n = np.asarray(c)
    n[0] = x
    return np.sum(np.asarray(c) ** 2)


def through_array_array(x):
    a = array.array("d", [0, 0, 0])
    n = np.asarray(a)
    n[0] = x
    return np.sum(np.asarray(a) ** 2)


def through_interface(x):
    B = A @ A.T
    n = np.asarray(Holder(B, "__array_interface__"))
    n[0] = x
    return np.sum(B**2)


def through_struct(x):
    B = A @ A.T
    n = np.asarray(Holder(B, "__array_struct__"))
    n[0] = x
    return np.sum(B**2)


def through_array_method(x):
    B = A @ A.T
    n = np.asarray(Arrayed(B))
    n[0] = x
    return np.sum(B**2)


def through_kept_array(x):
    holder = Arrayed(A @ A.T)
    n = np.asarray(holder)
    n[0] = x
    return np.sum(np.asarray(holder) ** 2)


def through_matrix(x):
    B = M @ M.T
    n = np.asarray(B)
    n[0] = x
    return np.sum(np.asarray(B) ** 2)


def through_contiguous(x):
    B = M @ M.T
    n = np.ascontiguousarray(B)
    n[0] = x
    return np.sum(np.asarray(B) ** 2)


def through_masked(x):
    B = np.ma.array(A @ A.T)
    n = np.asarray(B)
    n[0] = x
    return np.sum(np.asarray(B) ** 2)


def through_fromfunction(x):
    B = A @ A.T
    n = np.fromfunction(lambda i: B, (3,))
    n[0] = x
    return np.sum(B**2)


def through_dlpack(x):
    B = np.zeros((2, 2))
    n = np.from_dlpack(B)
    n[0] = x
    return np.sum(B**2)


def through_blocks(x):
    B = np.zeros((4, 4))
    n = as_strided(B, (2, 2, 2, 2), (64, 16, 32, 8))
    n[0] = x
    return np.sum(B**2)


def through_data(x):
    B = np.zeros((2, 2))
    B.data[0, 0] = x
    return np.sum(B**2)


@pytest.mark.parametrize("f", [f for name, f in list(globals().items()) if name.startswith("through_")])
def test_a_write_through_shared_memory_is_exact_or_refused(f):
    h = 1e-5
    slope = (f(1.5 + h) - f(1.5 - h)) / (2 * h)
    for operator in (wg.grad, wg.derivative, lambda f: wg.jit(wg.grad(f))):
        g = operator(f)
        for _ in range(5):
            with contextlib.suppress(LostDerivative, NoDerivative):
                np.testing.assert_allclose(g(1.5), slope, rtol=1e-8)
    with contextlib.suppress(LostDerivative, NoDerivative):
        np.testing.assert_allclose(wg.jit(f)(1.5), f(1.5))


def own_matrix(x):
    K = np.asarray(M @ M.T)
    K[0] = x
    return np.sum(K**2)


def own_dense(x):
    K = np.asarray(sparse.csr_matrix(A).todense())
    K[0, 0] = x
    return np.sum(K**2)


def own_copy(x):
    B = A @ A.T
    n = np.array(memoryview(B))
    n[0] = x
    return np.sum(B * n)


def own_of_array_array(x):
    n = np.array(array.array("d", [1, 2]))
    n[0] = x
    return np.sum(n**2)


def own_of_a_method(x):
    n = np.asarray(Arrayed(A * 2))
    n = n.copy()
    n[0] = x
    return np.sum(n**2)


def own_diagonal(x):
    K = A @ A.T
    d = as_strided(K, (2,), (K.strides[0] + K.strides[1],))
    d += x
    return np.sum(K**2)


def own_stack(x):
    B = A @ A.T
    n = np.array(B, ndmin=3, copy=None)
    n[0, 0] = x
    return np.sum(B**2)


@pytest.mark.parametrize("f", [f for name, f in list(globals().items()) if name.startswith("own_")])
def test_memory_that_nobody_else_has_is_written_to(f):
    h = 1e-5
    slope = (f(1.5 + h) - f(1.5 - h)) / (2 * h)
    g = wg.grad(f)
    for _ in range(5):
        np.testing.assert_allclose(g(1.5), slope, rtol=1e-8)
    np.testing.assert_allclose(wg.jit(wg.grad(f))(1.5), slope, rtol=1e-8)
