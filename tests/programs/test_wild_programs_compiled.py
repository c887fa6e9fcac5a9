"""Compiled programs in the style of numerical libraries: tables of repeated coefficients, models that refer to each other."""

import sys
import types

import numpy as np
import pytest

import wengert as wg

POOL = [0.5, 0.3, 0.7, 1.1, 0.9]
PICKS = np.random.default_rng(0).integers(0, 5, (2, 400)).tolist()
COEFFICIENTS, EXPONENTS = [POOL[i] for i in PICKS[0]], [1 + i % 3 for i in PICKS[1]]
"""The objects in these lists are the same few: a recording must not take "the same object" for "always the same"."""


def equation_of_state(x):
    total = 0.0
    for c, n in zip(COEFFICIENTS, EXPONENTS):
        total += c * np.sin(x * c) * x**n
    return total


def chained(x):
    y = 0.0
    for c in COEFFICIENTS:
        y = np.sin(0.9 * y + c * x)
    return y


@pytest.mark.parametrize("f", [equation_of_state, chained])
def test_tables_whose_entries_are_few_objects(f):
    compiled, gradient = wg.jit(wg.grad(f)), wg.grad(f)
    for x in (0.3, 1.3, 0.3):
        np.testing.assert_allclose(compiled(x), gradient(x), rtol=1e-11)
        np.testing.assert_allclose(wg.jit(f)(x), f(x), rtol=1e-11)


class Node:
    """One of a long chain of objects, each of which knows the next."""

    def __init__(self, weight, following):
        self.weight, self.following = weight, following


def chain_of(n):
    node = None
    for k in range(n):
        node = Node(1.0 + k % 3, node)
    return node


CHAIN = chain_of(1500)


def along(x):
    return CHAIN.weight * x**2 + CHAIN.following.weight * x


def test_objects_that_refer_to_each_other_without_end():
    assert wg.jit(wg.grad(along))(0.7) == wg.grad(along)(0.7)


def test_modules_that_refer_to_each_other():
    first, second = types.ModuleType("first_of_two"), types.ModuleType("second_of_two")
    first.second, second.first, second.scale = second, first, 3.0
    exec("def f(x):\n    return x**2 * second.first.second.scale\n", vars(first))
    sys.modules |= {"first_of_two": first, "second_of_two": second}
    try:
        f = wg.jit(wg.grad(lambda x: first.f(x)))
        assert f(0.5) == 3.0
        second.scale = 5.0
        assert f(0.5) == 5.0
    finally:
        del sys.modules["first_of_two"], sys.modules["second_of_two"]


def test_an_object_array_among_what_a_function_reads():
    systems = np.array([None, np.array([1.0, 2.0])], dtype=object)

    def f(x):
        return np.sum(systems[1] * x) ** 2

    compiled = wg.jit(wg.grad(f))
    assert compiled(0.5) == wg.grad(f)(0.5)
    systems[1] = np.array([3.0, 2.0])
    assert compiled(0.5) == wg.grad(f)(0.5)
