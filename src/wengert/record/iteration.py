"""NumPy's iterators over recorded arrays: ndenumerate, broadcast; nditer is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.build import contains_value
from wengert.record.elements import Flat
from wengert.record.locate import at_user_line
from wengert.record.swap import replace
from wengert.record.value import concrete, is_value


@replace(np.ndenumerate)
def _ndenumerate(original: Any) -> Any:
    def ndenumerate(arr: Any) -> Any:
        return _enumerated(np.asarray(arr)) if contains_value(arr) and type(arr) is not np.ndarray else original(arr)

    return ndenumerate


def _enumerated(x: Any) -> Iterator[tuple[tuple[int, ...], Any]]:
    return ((place, x[place]) for place in np.ndindex(np.shape(concrete(x))))


class Broadcast:
    """np.broadcast(*xs) of recorded arrays: the shapes are NumPy's, the elements are recorded."""

    def __init__(self, plain: Any, xs: tuple[Any, ...]) -> None:
        self._plain = plain
        self._xs = np.broadcast_arrays(*xs)
        self.reset()

    def __iter__(self) -> Broadcast:
        return self

    def __next__(self) -> tuple[Any, ...]:
        y = tuple([next(part) for part in self.iters])
        self.index += 1
        return y

    def reset(self) -> None:
        """Back to the first element."""
        self.index = 0
        self.iters = tuple([Flat(x) if is_value(x) else x.flat for x in self._xs])

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


class Nditer:
    """np.nditer over recorded arrays, one element at a time: each is a view of no axes, to be read or written."""

    def __init__(self, plain: Any, operands: tuple[Any, ...]) -> None:
        self._plain = plain
        self._operands = operands
        self._first = True

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        if self._first:
            self._first = False
        elif not self._plain.iternext():
            raise StopIteration
        return self[0] if len(self._operands) == 1 else tuple([self[k] for k in range(len(self._operands))])

    def __getitem__(self, k: int) -> Any:
        x = self._operands[k]
        index = self._plain.multi_index[self._plain.ndim - np.ndim(x) :]
        place = tuple([0 if n == 1 else i for i, n in zip(index, np.shape(x), strict=True)])
        return x[(*place, ...)]

    def __setitem__(self, k: int, value: Any) -> None:
        self[k][...] = value

    def __enter__(self) -> Nditer:
        return self

    def __exit__(self, *_: object) -> None:
        self._plain.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)

    @property
    def operands(self) -> tuple[Any, ...]:
        return self._operands

    value = property(lambda self: self[0] if len(self._operands) == 1 else tuple(self[k] for k in range(self.nop)))

    def iternext(self) -> bool:
        return self._plain.iternext()


class Chunks:
    """np.nditer with external_loop: rows of elements, as NumPy chooses them for labels that lie in memory likewise."""

    def __init__(self, labels: Any, operands: tuple[Any, ...]) -> None:
        self._labels = labels
        self._flat = [np.reshape(x, -1) for x in operands]

    def __iter__(self) -> Iterator[Any]:
        for chunk in self._labels:
            chunks = chunk if isinstance(chunk, tuple) else (chunk,)
            parts = tuple([x[place.copy()] for x, place in zip(self._flat, chunks, strict=True)])
            yield parts[0] if len(parts) == 1 else parts

    def __enter__(self) -> Chunks:
        return self

    def __exit__(self, *_: object) -> None:
        self._labels.close()


def _labels(x: Any) -> Any:
    """The places 0, 1, … of x's elements in reading order, in an array that lies in memory as x does."""
    places = np.empty_like(concrete(x), dtype=np.intp)
    places[...] = np.arange(places.size).reshape(places.shape)
    return places


_FLAGS = frozenset({"multi_index", "c_index", "f_index", "refs_ok", "zerosize_ok", "common_dtype", "reduce_ok"})
_MODES = frozenset({"readonly", "readwrite", "writeonly", "no_broadcast", "allocate"})


def _refuse_nditer(option: str) -> NoDerivative:
    return NoDerivative(
        at_user_line(f"no derivative through numpy.nditer with {option}")
        + "\nIterate with np.ndenumerate or np.ndindex and index the array."
    )


def _modes(op_flags: Any) -> set[str]:
    return {word for entry in op_flags or () for word in ([entry] if isinstance(entry, str) else entry)}


def _allocating(given: list[Any], op_flags: Any) -> Any:
    """The flags of the operands, where one is made by nditer."""
    if all(x is not None for x in given):
        return None
    return op_flags or [["writeonly", "allocate"] if x is None else ["readonly"] for x in given]


@replace(np.nditer)
def _nditer(original: Any) -> Any:
    def nditer(op: Any, flags: Any = None, op_flags: Any = None, *args: Any, **kwargs: Any) -> Any:
        ops = tuple(op) if isinstance(op, (tuple, list)) else (op,)
        if not contains_value(op) or all([type(x) is np.ndarray for x in ops]):  # object arrays are NumPy's
            return original(op, flags, op_flags, *args, **kwargs)
        flags = tuple(flags or ())
        if (
            "external_loop" in flags
            and _modes(op_flags) <= {"readonly"}
            and not args
            and kwargs.keys() <= {"order", "buffersize"}
        ):
            return Chunks(original([_labels(x) for x in map(np.asarray, ops)], [*flags], op_flags, **kwargs), ops)
        unknown = [*(set(flags) - _FLAGS), *(_modes(op_flags) - _MODES), *map(str, args), *(set(kwargs) - {"order"})]
        if unknown:
            raise _refuse_nditer(unknown[0])
        given = [None if x is None else concrete(np.asarray(x)) for x in ops]
        plain = original(given, [*{*flags, "multi_index"}], _allocating(given, op_flags), **kwargs)
        arrays = [np.zeros_like(y) if x is None else np.asarray(x) for x, y in zip(ops, plain.operands, strict=True)]
        return Nditer(plain, tuple(arrays))

    return nditer
