"""numpy.random: shuffling recorded arrays, whose order is drawn as NumPy draws it and then applied.

The generators' methods are compiled and would swap rows that are views of each other.
"""

from __future__ import annotations

import ctypes
import gc
from typing import Any

import numpy as np

from wengert.record.protocols import any_recorded
from wengert.record.state import state
from wengert.record.swap import METHODS, replace
from wengert.record.value import concrete, is_value


class Methods:
    """The methods of a compiled class, that can be set nevertheless: in the dictionary that the class looks in."""

    def __init__(self, kind: type, name: str) -> None:
        self.kind, self.__name__ = kind, name
        self._names = gc.get_referents(kind.__dict__)[0]
        self._kind = ctypes.py_object(kind)

    def update(self, methods: dict[str, Any]) -> None:
        """Let the names mean these methods."""
        self._names.update(methods)
        _modified(self._kind)


_modified = ctypes.pythonapi.PyType_Modified


def _order(generator: Any, shuffle: Any, x: Any, axis: int) -> Any:
    order = np.arange(np.shape(concrete(x))[axis])
    shuffle(generator, order)
    return order


def _shuffled(shuffle: Any) -> Any:
    def method(self: Any, x: Any, axis: int = 0) -> None:
        if not is_value(x):
            return shuffle(self, x, axis) if axis else shuffle(self, x)
        x[...] = np.take(x, _order(self, shuffle, x, axis), axis)
        return None

    return method


def _permuted(permutation: Any, shuffle: Any) -> Any:
    def method(self: Any, x: Any, axis: int = 0) -> Any:
        if not state.depth or not any_recorded(x):
            return permutation(self, x, axis) if axis else permutation(self, x)
        x = np.asarray(x)
        return np.take(x, _order(self, shuffle, x, axis), axis)

    return method


for _kind in (np.random.Generator, np.random.RandomState):
    _shuffle, _permutation = _kind.__dict__["shuffle"], _kind.__dict__["permutation"]
    METHODS.append((Methods(_kind, "shuffle"), "shuffle", _shuffle, _shuffled(_shuffle)))
    METHODS.append((Methods(_kind, "permutation"), "permutation", _permutation, _permuted(_permutation, _shuffle)))


@replace(np.random.shuffle, np.random.permutation)
def _global(original: Any) -> Any:
    """The functions of the module are methods of the one global generator, bound long ago."""
    generator, name = original.__self__, original.__name__
    plain = np.random.RandomState.__dict__["shuffle"]
    method = _shuffled(plain) if name == "shuffle" else _permuted(np.random.RandomState.__dict__[name], plain)
    return lambda x: method(generator, x)
