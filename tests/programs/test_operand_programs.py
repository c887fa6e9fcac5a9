"""Programs whose classes meet numbers: `2.0 * vector`, `x < quantity`, `type(name, bases, {...}, key=...)`, fractions."""

from array import array
from collections import deque
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.special as sp
from check import check
from ways import every_way

import wengert as wg

POINTS = [np.array([0.5, 1.5, 0.2]), np.array([1.5, 0.5, 0.7]), np.array([0.51, 0.5, 0.9])]


class Vector:
    def __init__(self, *parts):
        self.parts = parts

    def __add__(self, other):
        return Vector(*[a + b for a, b in zip(self.parts, other.parts, strict=True)])

    def __rmul__(self, factor):
        return Vector(*[factor * c for c in self.parts])


def factors_before_vectors(x):
    v, w = Vector(x[1], x[2], 3.0), Vector(1.0, x[0], 0.5)
    s = x[0] * v + float(x[1]) * w + 2.0 * v
    return s.parts[0] * s.parts[1] + s.parts[2]


class Sequence(Vector):
    def __len__(self):
        return len(self.parts)

    def __getitem__(self, k):
        return self.parts[k]


def factors_before_sequences(x):
    v = x[0] * Sequence(x[1], x[2], 3.0)  # to NumPy an array of its elements
    w = float(x[0]) * Sequence(x[1], x[2], 3.0)
    return v.sum() * v[1] + w.parts[0] * w.parts[2]


class Quantity:
    def __init__(self, value, power):
        self.value, self.power = value, power

    def __mul__(self, other):
        if isinstance(other, Quantity):
            return Quantity(self.value * other.value, self.power + other.power)
        return Quantity(self.value * other, self.power)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return Quantity(self.value / other.value, self.power - other.power)

    def __rtruediv__(self, other):
        return Quantity(other / self.value, -self.power)

    def __add__(self, other):
        return Quantity(self.value + other.value, self.power)

    def __radd__(self, other):
        return self if other == 0 else Quantity(self.value + other, self.power)

    def __rsub__(self, other):
        return Quantity(other - self.value, self.power)

    def __pow__(self, n):
        return Quantity(self.value**n, self.power * n)

    def __lt__(self, other):
        return self.value < getattr(other, "value", other)

    def __gt__(self, other):
        return self.value > getattr(other, "value", other)


def quantities(x):
    mass, length, time = x[0] * Quantity(1.0, 1), float(x[1]) * Quantity(2.0, 2), x[2] / Quantity(x[0], 1)
    return (mass * length / time**2).value + sum([mass, length]).value + (x[1] - 3 * mass).value


def compared(x):
    larger = x[0] * 3 if x[0] < Quantity(x[1], 0) else x[1] * x[2]
    return larger + (x[2] if float(x[0]) > Quantity(x[2], 0) else x[0] ** 2)


class Gain:
    def __init__(self, a):
        self.a = a

    def __rmul__(self, x):
        return x * self.a

    def __rsub__(self, x):
        return x - self.a

    def __rpow__(self, x):
        return x**self.a

    def __rmod__(self, x):
        return x % self.a


def objects_that_answer_with_numbers(x):
    return x[2] * Gain(x[0]) + (x[1] - Gain(x[0])) + x[1] ** Gain(x[2]) + x[1] % Gain(0.4 * x[0] + 1)


def arrays_before_objects(x):
    pairs = x * Quantity(x[1], 1)
    return sum([q.value for q in pairs]) * x[2] + np.sum((x - Gain(x[0])) ** 2)


class Kernel:
    known = {}  # noqa: RUF012

    def __init_subclass__(cls, /, key, **kwargs):
        super().__init_subclass__(**kwargs)
        Kernel.known[key] = cls

    def __rmul__(self, c):
        return type("Scaled", (Kernel,), {"__call__": lambda q, t: c * self(t)}, key="scaled")()

    def __add__(self, other):
        return type("Sum", (Kernel,), {"__call__": lambda q, t: self(t) + other(t)}, key="sum")()


class Gaussian(Kernel, key="gaussian"):
    def __init__(self, width):
        self.width = width

    def __call__(self, t):
        return np.exp(-((t / self.width) ** 2))


def kernels(x):
    return (x[0] * Kernel.known["gaussian"](x[1]) + Gaussian(x[2]))(np.array([0.3, 0.8])).sum()


def fractions(x):
    third = x[0] * Fraction(1, 3) + float(x[1]) * Fraction(2, 3)
    return third * (2.0 if x[0] < Decimal("0.7") else 3.0) + (x[2] if x[1] >= Fraction(1, 1) else x[0])


def fractions_and_ufuncs(x):
    return x[0] * 3 if np.less(x[0], Fraction(7, 10)) else x[1]


def fractions_and_arrays(x):
    return np.sum(np.where(x > Fraction(6, 10), x, x**2)) + np.sum(x[x < Quantity(x[1] + 0.1, 0)])


PROGRAMS = [
    factors_before_vectors, factors_before_sequences, quantities, compared, objects_that_answer_with_numbers,
    arrays_before_objects, kernels, fractions, fractions_and_ufuncs, fractions_and_arrays,
]  # fmt: skip


@pytest.mark.parametrize("f", PROGRAMS)
def test_program(f):
    every_way(f, POINTS)


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("derived", [False, True])
def test_compiled_both_ways(f, derived):
    g = wg.grad(f) if derived else f
    compiled = wg.jit(g)
    for x in [*POINTS, *POINTS[::-1], *POINTS]:
        np.testing.assert_allclose(compiled(x), g(x), rtol=1e-10, atol=1e-12)


class Labelled:
    """A library's column: NumPy reads it as an array, and its own operators match labels, which a rule knows nothing of."""

    def __init__(self, *numbers):
        self.numbers = np.array(numbers)

    def __array__(self, dtype=None, copy=None):
        return self.numbers

    def __getitem__(self, label):
        raise KeyError(label)

    def __array_ufunc__(self, *args, **kwargs):
        raise ValueError("labels do not match")


COLUMN = Labelled(1.0, 2.0, 4.0)
READ_AS_ARRAYS = {
    "matrix and column": lambda x: np.sum(np.dot(np.outer(x, x[::-1]), COLUMN) ** 2),
    "column and matrix": lambda x: np.sum(np.dot(COLUMN, np.outer(x, x[::-1])) ** 2),
    "table of columns": lambda x: np.interp(x[0], COLUMN, COLUMN) * np.interp(1.7 * x[1], [0, 1, 2], COLUMN),
    "orders in a range": lambda x: np.sum(sp.iv(range(3), x) * sp.gammaincc(range(1, 4), x)),
    "degrees in a range": lambda x: np.sum(sp.eval_legendre(range(3), x)),
    "array of the standard library": lambda x: np.sum(sp.gammaincc(array("d", [1.0, 2.0, 4.0]), x)),
    "weights in a column": lambda x: np.average(x**2, weights=COLUMN),
    "weights in an array": lambda x: np.average(x**2, weights=array("d", [1.0, 2.0, 4.0])),
    "deque": lambda x: np.sum(sp.jv(deque([0.0, 1.0, 2.0]), x)),
}


@pytest.mark.parametrize("name", READ_AS_ARRAYS)
def test_what_numpy_reads_as_an_array(name):
    check(READ_AS_ARRAYS[name], POINTS[0])


def test_an_array_of_the_standard_library_is_as_it_was():
    weights = array("d", [1.0, 2.0, 4.0])
    _, pullback = wg.vjp(lambda x: np.multiply(x, weights), POINTS[0])
    weights[0] = 100.0
    np.testing.assert_array_equal(pullback(np.ones(3))[0], [1.0, 2.0, 4.0])
