"""Elements of recorded values: `x[key]`, iteration, `x.flat`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.record import index
from wengert.record.value import concrete, stopped


def getitem(self: Any, key: Any) -> Any:
    return index.read(self, key)


def setitem(self: Any, key: Any, value: Any) -> None:
    index.write(self, key, value)


def scalar_getitem(self: Any, key: Any) -> Any:
    """x[()], x[...] and x[..., None] of a NumPy scalar; NumPy's error for the rest."""
    concrete(self)[key]
    return self if type(key) is tuple and not key else protocols_array(self)[key]


def protocols_array(x: Any) -> Any:
    """x as a 0-d array."""
    return np.asarray(x)


def iterate(self: Any) -> Iterator[Any]:
    n = len(concrete(self))
    return (self[k] for k in range(n))


def contains(self: Any, x: Any) -> bool:
    return bool(np.any(stopped(self) == stopped(x)))


class Flat:
    """x.flat: the elements in C order, read and written through x, and an iterator that says where it is."""

    __slots__ = ("_places", "array", "index")

    def __init__(self, array: Any) -> None:
        self.array = array
        self._restart()

    def _restart(self) -> None:
        self.index = 0
        self._places = np.ndindex(np.shape(concrete(self.array)))

    @property
    def base(self) -> Any:
        """The array."""
        return self.array

    @property
    def coords(self) -> tuple[int, ...]:
        """The place of the next element; behind the last one NumPy counts on in the first axis."""
        shape = np.shape(concrete(self.array))
        if self.index < concrete(self.array).size:
            return tuple([int(k) for k in np.unravel_index(self.index, shape)])
        return (shape[0], *[0 for _ in shape[1:]]) if shape else ()

    def __getitem__(self, key: Any) -> Any:
        self._restart()
        return np.ravel(self.array)[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._restart()
        shape = np.shape(concrete(self.array))
        places = np.arange(concrete(self.array).size)[index.clean(key)]
        where = np.unravel_index(places, shape) if shape else Ellipsis
        value = np.resize(value, np.shape(places)) if np.ndim(value) else value
        self.array[where] = value

    def __iter__(self) -> Flat:
        return self

    def __next__(self) -> Any:
        place = next(self._places)
        self.index += 1
        return self.array[place[0] if len(place) == 1 else place]

    def __len__(self) -> int:
        return int(concrete(self.array).size)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(np.ravel(self.array), dtype)

    def copy(self) -> Any:
        """The elements, as an array."""
        return np.ravel(self.array).copy()

    def __eq__(self, other: object) -> Any:
        return np.ravel(self.array) == other

    def __ne__(self, other: object) -> Any:
        return np.ravel(self.array) != other

    def __lt__(self, other: Any) -> Any:
        return np.ravel(self.array) < other

    def __le__(self, other: Any) -> Any:
        return np.ravel(self.array) <= other

    def __gt__(self, other: Any) -> Any:
        return np.ravel(self.array) > other

    def __ge__(self, other: Any) -> Any:
        return np.ravel(self.array) >= other

    __hash__ = None  # type: ignore[assignment]
