"""Programs as libraries write them: objects that are arrays, quantities with units."""

import numpy as np
import pytest
from check import check
from ways import every_way

import wengert as wg
from wengert.errors import NoDerivative

POINT = np.array([0.7, 1.3, 2.1])


# ── objects that are arrays ──


class Cell:
    """Three vectors."""

    def __init__(self, lengths):
        self.lengths = lengths

    def __array__(self, dtype=None, copy=None):
        return np.diag(np.asarray(self.lengths, dtype=float))

    def volume(self):
        return np.linalg.det(self)


def test_objects_that_say_that_they_are_arrays():
    every_way(lambda x: Cell(x).volume(), [POINT, POINT + 1])
    check(lambda x: np.sum(np.asarray(Cell(x)) ** 2) + np.array(Cell(x))[1, 1], POINT)
    check(lambda x: np.dot(np.eye(3), Cell(x)) + (x + Cell(x)), POINT)
    check(lambda x: x.__array__() ** 2, POINT)


def test_the_flat_elements_compared():
    check(lambda x: np.sum(x) if any(x.flat != 0) and np.all(x.flat > 0.5) else x[0], POINT)
    check(lambda x: np.sum(x.flat) * x.flat.copy(), POINT)


def test_an_array_of_parts_of_different_lengths():
    def energy(x):
        parts = np.array([x, x[:2] * x[1]], dtype=object)
        return sum(np.sum(p**2) for p in parts)

    check(energy, POINT)


def test_a_subclass_of_ndarray_with_an_init_is_refused_by_name():
    class Signal(np.ndarray):
        def __init__(self, *_):
            self.rate = 1.0

    with pytest.raises(NoDerivative, match="class Signal"):
        wg.grad(lambda x: np.sum(x.view(Signal)))(POINT)


class Quantity:
    """A number or array with a unit, which knows NumPy's ufuncs and none of its functions."""

    __array_priority__ = 17

    def __init__(self, magnitude, power):
        self.magnitude, self.power = magnitude, power

    def __mul__(self, other):
        if isinstance(other, Quantity):
            return Quantity(self.magnitude * other.magnitude, self.power + other.power)
        return Quantity(self.magnitude * other, self.power)

    __rmul__ = __mul__

    def __rtruediv__(self, other):
        return Quantity(other / self.magnitude, -self.power)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return {np.multiply: self.__mul__, np.divide: self.__rtruediv__}[ufunc](inputs[0])


METRE = Quantity(1.0, 1)


def test_quantities_hold_recorded_numbers():
    def area(x):
        side = x * METRE
        assert type(side) is Quantity
        return (side * side * 2.0).magnitude + (x / METRE).magnitude

    check(area, 0.7)
    check(area, POINT)
