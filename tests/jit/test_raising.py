"""Compiled functions leave their path where a guard, or an error, that nobody reads the value of says so."""

import math

import numpy as np
import pytest

import wengert as wg

STEPS = np.linspace(0.0, 3.0, 40)
PROPOSALS = np.random.default_rng(0).normal(size=(40, 3))


def only_guards(x):
    y = x[0]
    for k in range(40):
        if x[0] * STEPS[k] > 4:
            y = y * 2
    return y


def annealed(x):
    """From step 14 on nothing is accepted at (0.5, 1.5, 0.2): a loop of guards."""
    rng = np.random.RandomState(4)
    s, temperature = np.zeros(3), 1.0
    energy = ((s - x) ** 2).sum()
    for _ in range(40):
        trial = s + rng.normal(scale=0.4, size=3)
        new = ((trial - x) ** 2).sum() + 0.3 * np.cos(3 * trial).sum()
        if new < energy or rng.rand() < math.exp(-(new - energy) / temperature):
            s, energy = trial, new
        temperature *= 0.9
    return energy


def nested_guards(x):
    y = x[0]
    for i in range(12):
        for k in range(12):
            if (PROPOSALS[k] @ x) * STEPS[i] > 9:
                y = y + x[1]
    return y


def asked_in_a_loop(x):
    y = x[0]
    for k in range(40):
        try:
            math.sqrt(x[0] * k - 3) if k > 20 else 0
        except ValueError:
            y = y * 2
    return y


def asked_of_a_logarithm(x):
    try:
        math.log(x[0] - 3)
    except ValueError:
        return 2 * x[0]
    return x[0]


def overflow(x):
    try:
        return float(x[0]) ** 400.0
    except OverflowError:
        return 2 * x[0]


def asked_of_an_exponential(x):
    try:
        math.exp(x[0])
    except OverflowError:
        return 2 * x[0]
    return x[0]


def division(x):
    try:
        return 3.0 / float(x[0] - 3)
    except ZeroDivisionError:
        return 2 * x[0]


def division_of_complex(x):
    try:
        return complex(x[0], 1).real / complex(x[0] - 3, 0).real
    except ZeroDivisionError:
        return 2 * x[0]


def asked_of_a_division(x):
    try:
        1 / float(x[0] - 3)
    except ZeroDivisionError:
        return 2 * x[0]
    return x[0]


def told_to_raise(x):
    with np.errstate(all="raise"):
        try:
            return np.sqrt(x[0] - 3) + (1 / x[:1]).sum()
        except FloatingPointError:
            return 3 * x[0]


def told_to_raise_for_good(x):
    before = np.seterr(invalid="raise", divide="raise")
    try:
        return np.sum(np.log(x - 3))
    except FloatingPointError:
        return 3 * x[0]
    finally:
        np.seterr(**before)


PLACES = [np.array([5.0, 1.0, 3.0]), np.array([3.0, 1.0, 0.5]), np.array([2.0, 1.0, -1.0]), np.array([0.05, 2.0, 1.0])]
PLACES += [np.array([800.0, 4.0, 3.0]), np.array([0.5, 1.5, 0.2]), 1.05 * np.array([0.5, 1.5, 0.2])]


@pytest.mark.parametrize(
    "f",
    [
        only_guards, annealed, nested_guards, asked_in_a_loop, asked_of_a_logarithm, overflow, asked_of_an_exponential,
        division, division_of_complex, asked_of_a_division, told_to_raise, told_to_raise_for_good,
    ],
)  # fmt: skip
@pytest.mark.parametrize("derived", [False, True])
def test_other_ways(f, derived):
    g = wg.grad(f) if derived else f
    expected = [g(x) for x in PLACES]
    for shift in range(len(PLACES)):
        compiled = wg.jit(g)
        for k in [*range(len(PLACES)), *range(len(PLACES))]:
            k = (k + shift) % len(PLACES)
            np.testing.assert_allclose(compiled(PLACES[k]), expected[k], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "f",
    [
        only_guards,
        asked_of_a_logarithm,
        asked_of_an_exponential,
        division,
        asked_of_a_division,
        overflow,
        told_to_raise,
    ],
)
def test_batches(f):
    slopes = wg.vmap(wg.grad(f))(np.stack(PLACES))
    np.testing.assert_allclose(slopes, [wg.grad(f)(x) for x in PLACES], rtol=1e-9)
