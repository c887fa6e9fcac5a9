"""Programs as public libraries have them: arrays that objects make and fill later, functions that classes hold."""

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
import pytest
from check import check
from scipy import integrate

import wengert as wg
from wengert.errors import LostDerivative

X = np.array([0.7, -1.3])
TABLE = np.array([[1.5, 0.2], [0.3, 0.9]])


# ── plain arrays that containers hold, written to later ──


class Mixture:
    """Its parameters are drawn, kept in a dict, and updated in place."""

    def __init__(self, n):
        self.parameters = {}
        self.n = n

    def start(self):
        draws = np.random.RandomState(0)
        self.parameters = {
            "mean": draws.uniform(-1.0, 1.0, self.n * 2).reshape(self.n, 2),
            "spread": [TABLE @ TABLE.T + k for k in range(self.n)],
            "share": TABLE[0] / TABLE[0].sum(),
        }

    def step(self, x):
        mean, spread, share = (self.parameters[key] for key in ("mean", "spread", "share"))
        for k in range(self.n):
            mean[k] += share[k] * x**2
            spread[k][0] = mean[k] * x
        share[:] = np.exp(mean[:, 0])

    def fit(self, x):
        self.start()
        for _ in range(2):
            self.step(x)
        return self.parameters


def a_mixture(x):
    fitted = Mixture(2).fit(x)
    return fitted["mean"], fitted["share"], fitted["spread"]


class Stiffness:
    def __init__(self):
        self.K = TABLE @ TABLE.T
        self.first = self.K[0]

    def add(self, x):
        self.K[0, 0] += x[0] * x[1]
        return self


def a_matrix_of_an_object(x):
    s = Stiffness()
    return s.add(x).K @ x, s.first * x[0]


def an_object_made_before(x):
    KEPT.K = TABLE @ TABLE.T
    return KEPT.add(x).K @ x


KEPT = Stiffness()


def views_of_what_nobody_else_has(x):
    rows = (TABLE + 1.0).T
    rows[0] = x
    flat = np.reshape(TABLE * 2.0, (4,))
    flat[1:3] *= x
    drawn = np.random.default_rng(0).normal(size=6).reshape(3, 2)[1:]
    drawn[0] = x**2
    return rows, flat, drawn


def entries_of_a_list(x):
    parts = [TABLE + k for k in range(3)]
    for part in parts:
        part[0] = x
    return parts[1] * parts[2]


@pytest.mark.parametrize("f", [a_mixture, a_matrix_of_an_object, views_of_what_nobody_else_has, entries_of_a_list])
def test_arrays_that_containers_hold(f):
    check(f, X)
    compiled = wg.jit(lambda x: f(x)[1])
    for x in (X, X + 0.25):
        np.testing.assert_allclose(compiled(x), f(x)[1], rtol=1e-14)


def held_twice(x):
    model = Stiffness()
    model.K = model.L = TABLE @ TABLE.T
    model.K[0] = x
    return model.L


def held_from_outside(x):
    model = OUTSIDE["model"]
    model.K[0] = x
    return model.K


OUTSIDE = {"model": Stiffness()}


@pytest.mark.parametrize("f", [held_twice, held_from_outside])
def test_arrays_that_others_know_are_left_alone(f):
    before = OUTSIDE["model"].K.copy()
    for _ in range(2):
        with pytest.raises(LostDerivative, match="into a plain array"):
            wg.jvp(f, (X,), (X,))
    np.testing.assert_array_equal(OUTSIDE["model"].K, before)
    assert type(OUTSIDE["model"].K) is np.ndarray


def written_through_another_view(x):
    rows = TABLE @ TABLE.T
    first = rows[0]
    rows = None
    part = first[:1]
    first[:] = x
    return part


def test_a_view_with_another_view_beside_it():
    try:
        y, y_dot = wg.jvp(written_through_another_view, (X,), (np.ones(2),))
    except LostDerivative:
        return
    np.testing.assert_array_equal((y, y_dot), (X[:1], [1.0]))


# ── functions that classes hold ──


class Satellite:
    """A class without a dictionary of instances, which keeps NumPy's function when it is first needed."""

    __slots__ = ("mass",)
    array = None

    def __init__(self):
        self.mass = 2.0

    def state(self, x):
        if self.array is None:
            from numpy import array

            Satellite.array = array
        return self.array([x[0] * self.mass, x[1] ** 2])


class Law:
    link = math.exp
    convert = staticmethod(np.asarray)
    integral = staticmethod(integrate.quad)

    def __call__(self, x):
        area, _ = self.integral(lambda t: t * x[0], 0.0, 1.0)
        return self.convert([self.link(x[0]), x[1] * area])


class Steeper(Law):
    link = math.sinh


@dataclass
class Unit:
    weight: float = 1.5
    activation: Callable[[float], float] = math.tanh

    def __call__(self, x):
        return self.activation(self.weight * x[0]) * x


SATELLITE = Satellite()
SATELLITE.state(X)


@pytest.mark.parametrize("f", [SATELLITE.state, Law(), Steeper(), lambda x: Steeper()(x), lambda x: Unit(2.0)(x)])
def test_functions_that_classes_hold(f):
    before = {kind: dict(vars(kind)) for kind in (Satellite, Law, Steeper, Unit)}
    check(f, X)
    for kind, attributes in before.items():
        now = {name: vars(kind)[name] for name in attributes}
        assert all(now[name] is value for name, value in attributes.items() if not name.startswith("__"))


def test_an_attribute_that_is_bound_anew_stays():
    class Rule:
        link = math.exp

    slope = wg.grad(lambda x: Rule.link(x))
    assert slope(1.0) == math.exp(1.0)
    Rule.link = math.sin
    assert (slope(1.0), Rule.link) == (math.cos(1.0), math.sin)


# ── places that are named twice, in every spelling ──


class Pair(NamedTuple):
    row: Any
    column: Any


class Places(list[int]):
    pass


class Marked(np.ndarray):
    pass


class Computed:
    def __array__(self, dtype=None, copy=None):
        return np.array([1, 1])


SQUARE = np.array([[0.7, -1.3], [0.4, 1.9]])
MANY = [
    (slice(None), (0, 0)),
    ((0, 1, 0), (1, 1, 1)),
    ((0, 0),),
    (..., (1, 1)),
    (slice(None), ((0, 0), (1, 0))),
    [(0, 0), (1, 1)],
    Pair((0, 0), (1, 1)),
    (slice(None), Pair(0, 0)),
    (slice(None), Places([1, 1])),
    Places([0, 0]),
    (slice(None), array("l", [0, 0])),
    (slice(None), np.array([1, 1]).view(Marked)),
    np.array([1, 1]).view(Marked),
    Computed(),
    (slice(None), Computed()),
    (slice(None), ()),
    (slice(None), range(1, -1, -1)),
    range(0),
    (True, (1, 1)),
    Pair(1, np.int64(0)),
]


@pytest.mark.parametrize("key", MANY)
def test_a_place_that_is_named_twice(key):
    check(lambda x: x[key] ** 2 * x[key], SQUARE)

    def written(x):
        y = np.zeros((2, 2))
        y[key] = x[key] * 3.0
        np.add.at(y, key, x[key] ** 2)
        return y * y

    check(written, SQUARE)
    slope = wg.jit(wg.grad(lambda x: np.sum(np.sin(x[key]))))
    for x in (SQUARE, SQUARE + 0.25):
        np.testing.assert_allclose(slope(x), wg.grad(lambda x: np.sum(np.sin(x[key])))(x), rtol=1e-14)


def all_products(x):
    """Features of a polynomial: columns that are a product of the same column twice."""
    chosen = [k for n in range(3) for k in combinations_with_replacement(range(2), n)]
    features = np.empty((len(x), len(chosen)))
    for i, columns in enumerate(chosen):
        features[:, i] = np.prod(x[:, columns], axis=1)
    return features


def test_products_of_a_column_with_itself():
    check(all_products, SQUARE)


# ── writes by functions and methods, to arrays that NumPy made ──


def filled(x):
    K = TABLE @ TABLE.T
    K.fill(x[0])
    L = TABLE @ TABLE
    np.fill_diagonal(L, x)
    M = TABLE + 1.0
    np.copyto(M, x)
    return K * L * M


def added_to_a_row(x):
    K = TABLE @ TABLE.T
    K[0] += x
    for row in K:
        row *= x
    return K


def given_for_out(x):
    K = TABLE @ TABLE.T
    np.multiply(K, x, out=K)
    np.add(K[0], x, out=K[1])
    np.add.at(K, (0,), x)
    np.put(K, [3], x[0])
    return K


@pytest.mark.parametrize("f", [filled, added_to_a_row, given_for_out])
def test_writes_by_functions(f):
    check(f, X)


def test_an_array_of_the_function_around():
    def f(x):
        K = SQUARE @ SQUARE.T

        def put(i):
            K[i, 0] = x[0] ** (i + 1)

        put(0)
        put(1)
        return K[:, 0] * x[1]

    check(f, X)
    check(wg.jit(f), X)


def test_an_array_of_a_function_outside_is_not_taken():
    K = SQUARE @ SQUARE.T

    def f(x):
        K[0, 0] = x[0]
        return K.sum()

    for _ in range(2):
        with pytest.raises(TypeError, match="would cut its derivative"):
            wg.grad(f)(X)
        assert type(K) is np.ndarray
