"""NumPy's iterators over recorded arrays: ndenumerate, broadcast; nditer is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.build import contains_value
from wengert.record.locate import at_user_line
from wengert.record.swap import replace
from wengert.record.value import concrete


@replace(np.ndenumerate)
def _ndenumerate(original: Any) -> Any:
    def ndenumerate(arr: Any) -> Any:
        return _enumerated(np.asarray(arr)) if contains_value(arr) else original(arr)

    return ndenumerate


def _enumerated(x: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    return ((place, x[place]) for place in np.ndindex(np.shape(concrete(x))))


class Broadcast:
    """np.broadcast(*xs) of recorded arrays: the shapes are NumPy's, the elements are recorded."""

    def __init__(self, plain: Any, xs: tuple[Any, ...]) -> None:
        self._plain = plain
        self._xs = xs

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return zip(*[np.ravel(x) for x in np.broadcast_arrays(*self._xs)], strict=True)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


@replace(np.broadcast)
def _broadcast(original: Any) -> Any:
    def broadcast(*xs: Any) -> Any:
        if not contains_value(xs):
            return original(*xs)
        arrays = tuple([np.asarray(x) for x in xs])
        return Broadcast(original(*map(concrete, arrays)), arrays)

    return broadcast


@replace(np.nditer)
def _nditer(original: Any) -> Any:
    def nditer(op: Any, *args: Any, **kwargs: Any) -> Any:
        if contains_value(op):
            raise NoDerivative(
                at_user_line("no derivative through numpy.nditer")
                + "\nIterate with np.ndenumerate or np.ndindex and index the array."
            )
        return original(op, *args, **kwargs)

    return nditer
