"""Sums of products, in loops and outside: added in place by BLAS where nobody reads what was there before."""

import numpy as np
import pytest

import wengert as wg

pytest.importorskip("llvmlite", reason="pip install 'wengert[jit]'")

RNG = np.random.default_rng(0)
N = 24
A, B, C = (RNG.normal(size=(N, N)) / 5 for _ in range(3))


def two(A, B, C):
    return A @ B + B @ C


def sum_of_sums(A, B, C):
    return A @ B + B @ C + C @ A + C


def used_twice(A, B, C):
    p = A @ B
    return p + C @ p, p * 2.0


def onto_an_argument(A, B, C):
    return C + A @ B, C


def of_itself(A, B, C):
    p = A @ B
    return p + p, p @ p + p


def carried(A, B, C):
    total = np.zeros((N, N))
    for k in range(12):
        total = total + np.cos(A * k) @ B
    return total


def carried_and_kept(A, B, C):
    total, kept = C, []
    for k in range(12):
        kept.append(total)
        total = total + (A * k) @ B
    return total, np.sum(kept, axis=0)


def read_by_its_own_product(A, B, C):
    x = C
    for _ in range(12):
        x = x + 0.1 * (A @ x)
    return x


def times_itself(A, B, C):
    x = C
    for _ in range(8):
        x = x + x @ A
    return x


def two_changing_places(A, B, C):
    x, y = A, C
    for _ in range(10):
        x, y = y + A @ B, x
    return x, y


def outer_products(A, B, C):
    h, total = np.ones(N), 0.0
    for k in range(10):
        h = np.tanh(A @ h + B @ C[k])
        total = total + h @ h
    return total


PROGRAMS = [
    two,
    sum_of_sums,
    used_twice,
    onto_an_argument,
    of_itself,
    carried,
    carried_and_kept,
    read_by_its_own_product,
    times_itself,
    two_changing_places,
]


@pytest.mark.parametrize("f", PROGRAMS)
def test_value(f):
    jitted = wg.jit(f)
    given = [x.copy() for x in (A, B, C)]
    for _ in range(2):
        got, expected = jitted(*given), f(A, B, C)
        for a, b in zip(
            got if type(got) is tuple else (got,), expected if type(got) is tuple else (expected,), strict=True
        ):
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
    for x, y in zip(given, (A, B, C), strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("f", [two, sum_of_sums, carried, read_by_its_own_product, times_itself, outer_products])
def test_gradient(f):
    g = wg.grad(lambda A, B, C: np.sum(f(A, B, C) ** 2), argnums=(0, 1, 2))
    for a, b in zip(wg.jit(g)(A, B, C), g(A, B, C), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-11)


def test_loops_over_carried_arrays():
    """The runs of a nest are independent of each other; those of the loop around it are not."""

    def f(x, y):
        for _ in range(30):
            x, y = np.sin(y) * 0.9 + x[::-1] * 0.1, x * 1.01 + 0.01 * np.roll(y, 3)
        return x, y

    x, y = RNG.normal(size=100), RNG.normal(size=100)
    for a, b in zip(wg.jit(f)(x, y), f(x, y), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)
