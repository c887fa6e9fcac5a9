"""Norms: every order and axis, the kinks at zero and ties."""

import numpy as np
import pytest
from check import check

import wengert as wg

rng = np.random.default_rng(3)
X = rng.normal(size=5)
M = rng.normal(size=(3, 4))
T = rng.normal(size=(2, 3, 4))
Z = M + 1j * rng.normal(size=M.shape)


@pytest.mark.parametrize("ord", [None, 2, 1, np.inf, -np.inf, 0, 3, -1, 0.5, 2.5])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("keepdims", [False, True])
def test_vectors(ord, axis, keepdims):
    for x in (X,) if axis is None else (M, Z):
        check(lambda x: np.linalg.norm(x, ord, axis, keepdims) * x.real.flat[0], x)


@pytest.mark.parametrize("ord", [None, "fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [None, (-2, -1), (2, 0)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_matrices(ord, axis, keepdims):
    for x in (M, Z) if axis is None else (T,):
        check(lambda x: np.linalg.norm(x, ord, axis, keepdims), x)


def test_other_spellings():
    check(lambda x: np.linalg.vector_norm(x, axis=(0, 2), keepdims=True), T)
    check(lambda x: np.linalg.vector_norm(x, ord=3), M)
    check(lambda x: np.linalg.matrix_norm(x), T)
    check(lambda x: np.linalg.matrix_norm(x, ord="nuc", keepdims=True), T)
    check(lambda a, b: np.linalg.norm([a, b]), 3.0, 4.0)
    check(np.linalg.norm, T)
    check(np.linalg.norm, -2.0)


@pytest.mark.parametrize("ord", [None, 1, 2, 3, 1.5])
def test_zero_is_the_least_slope(ord):
    g = wg.grad(lambda x: np.linalg.norm(x, ord))
    np.testing.assert_array_equal(g(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(wg.jvp(lambda x: np.linalg.norm(x, ord), (np.zeros(3),), (np.ones(3),))[1], 0)
    assert np.all(np.isfinite(wg.hessian(lambda x: np.linalg.norm(x, ord))(np.zeros(3))))


def test_one_zero_row_stays_alone():
    x = np.array([[3.0, 4.0], [0.0, 0.0]])
    np.testing.assert_allclose(wg.grad(lambda x: np.sum(np.linalg.norm(x, axis=1)))(x), [[0.6, 0.8], [0, 0]])


def test_zero_matrix():
    for ord in ("fro", "nuc", 2, 1, np.inf):
        np.testing.assert_array_equal(
            wg.grad(lambda x, ord=ord: np.linalg.norm(x, ord))(np.zeros((2, 2))), np.zeros((2, 2))
        )


def test_ties_are_shared():
    np.testing.assert_array_equal(
        wg.grad(lambda x: np.linalg.norm(x, np.inf))(np.array([1.0, -1, 0.5])), [0.5, -0.5, 0]
    )
    np.testing.assert_allclose(wg.grad(lambda a: np.linalg.norm(a, 2))(np.eye(3)), np.eye(3) / 3, atol=1e-15)
    np.testing.assert_allclose(wg.grad(lambda a: np.linalg.norm(a, "nuc"))(np.eye(3)), np.eye(3), atol=1e-15)


def test_float32_stays():
    g = wg.grad(lambda x: np.linalg.norm(x, 3) + np.linalg.norm(x))(X.astype(np.float32))
    assert g.dtype == np.float32
