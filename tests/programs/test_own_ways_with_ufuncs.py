"""Objects that have a way of their own with NumPy's ufuncs are asked, on either side of a recorded value."""

import numpy as np
import pytest
from check import check

import wengert as wg

X = np.array([0.3, 1.2, 0.7])


class Tenfold:
    """Without operators: NumPy's call the ufunc, which asks it."""

    def __init__(self, value):
        self.value = value

    def __array_ufunc__(self, ufunc, method, *args, out=None, **settings):
        return getattr(ufunc, method)(*[a.value if isinstance(a, Tenfold) else a for a in args], **settings) * 10


class Length(np.lib.mixins.NDArrayOperatorsMixin):
    """With the operators that NumPy has for such classes."""

    def __init__(self, metres):
        self.metres = metres

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.metres)

    def __array_ufunc__(self, ufunc, method, *args, **settings):
        return Length(getattr(ufunc, method)(*[a.metres if isinstance(a, Length) else a for a in args], **settings))


def in_place(x):
    y = x * 1.0
    kept = y
    y *= Tenfold(X)
    y **= Tenfold(2.0)
    return y + kept


PROGRAMS = {
    "ufuncs": lambda x: np.add(x, Tenfold(X)) + np.add(Tenfold(X), x) + np.arctan2(x, Tenfold(X)),
    "operators": lambda x: x * Tenfold(X) + Tenfold(X).__array_ufunc__(np.subtract, "__call__", x, Tenfold(X)),
    "of a number": lambda x: x[0] * Tenfold(2.0) + x[1] ** Tenfold(2.0),
    "products": lambda x: x @ Tenfold(X),
    "powers": lambda x: x ** Tenfold(2.0),
    "in place": in_place,
    "methods": lambda x: np.multiply.outer(x, Tenfold(X)),
    "options": lambda x: np.hypot(x, Tenfold(X), dtype=float),
    "classes with operators": lambda x: (x * Length(X) + 2.0 * x).metres / (x + Length(X)).metres,
    "their products": lambda x: (x @ Length(X)).metres,
    "their powers": lambda x: (x ** Length(X)).metres + (x[0] - Length(2.0)).metres,
    "what looks like an array": lambda x: np.multiply(x, Length(X)).metres,
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_object_is_asked(name):
    check(PROGRAMS[name], X)


def test_comparisons():
    slope = wg.grad(lambda x: x[0] * np.sum((x < Length(2 * X)).metres))(X)
    np.testing.assert_array_equal(slope, [3.0, 0.0, 0.0])
