"""Reading and writing elements of every example of a batch at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.batch.table import BATCHES, Given, compute
from wengert.ir.line import filled
from wengert.record.index import GETITEM
from wengert.record.value import Array, concrete, follow, is_value
from wengert.record.varying import ADD, SET, TAKE

_arange, _asarray = np.arange, np.asarray


def axis_stays(key: Any) -> bool:
    """Whether x[(:, *key)] is x[key] with the batch axis first: at most one index array, and no number beside it."""
    parts = key if type(key) is tuple else (key,)
    arrays = [p for p in parts if isinstance(p, (np.ndarray, list, bool, np.bool_))]
    return not arrays or (len(arrays) == 1 and not any(isinstance(p, (int, np.integer)) for p in parts))


def behind(key: Any) -> tuple[Any, ...]:
    """The index of each example's x[key]."""
    return (slice(None), *(key if type(key) is tuple else (key,)))


def places(shape: tuple[int, ...], path: Any, key: Any) -> Any:
    """Where in the memory of an array of that shape its view at `path`, indexed by `key`, lies."""
    return follow(_arange(int(np.prod(shape))).reshape(shape), path)[key]


def getitem(given: Given, key: Any) -> Any:
    """x[key] of each example."""
    x = given.xs[0]
    if axis_stays(key):
        return x[behind(key)]
    shape = np.shape(concrete(given.examples[0]))
    flat = np.reshape(x, (given.size, int(np.prod(shape))))
    return flat[:, _asarray(places(shape, (), key))]


BATCHES[GETITEM] = getitem


def take(given: Given, key: Any) -> Any:
    """x[key] of each example, at a place that a trace computes and that is the same for all."""
    if any(given.many[1:]) or not axis_stays(_filled(key, given.xs[1:])):
        return NotImplemented
    return compute(TAKE, given.xs, {"key": behind(key)})


def stored(given: Given, key: Any) -> Any:
    """Each example's x after x[key] = v, or np.add.at(x, key, v), at such a place."""
    x, v, *parts = given.xs
    where = _filled(key, parts)
    if any(given.many[2:]) or not axis_stays(where):
        return NotImplemented
    if not given.many[0]:
        x = np.broadcast_to(x, (given.size, *np.shape(concrete(x))))
    if given.many[1]:
        v = fitted(v, np.ndim(concrete(given.examples[0])[where]))
    return compute(given.row, [x, v, *parts], {"key": behind(key)})


def _filled(key: Any, parts: Any) -> Any:
    return filled(key, [concrete(part) for part in parts])


BATCHES[TAKE] = take
BATCHES[SET] = BATCHES[ADD] = stored


def write(owner: Any, like: Any, path: Any, key: Any, value: Any, many: bool) -> Any:
    """owner[key] = value at the view `path` of every example; returns owner, an Array if it has become recorded."""
    if is_value(value) and not is_value(owner):
        owner = Array(owner)
    if not path and axis_stays(key):
        rank = np.ndim(concrete(like)[key])
        owner[behind(key)] = fitted(value, rank) if many else value
    elif concrete(like).dtype.kind != "c" or not path:
        where = _asarray(places(np.shape(concrete(like)), path, key))
        flat = np.reshape(owner, (len(owner), -1))
        flat[:, where] = fitted(value, where.ndim) if many else value
    else:
        for b in range(len(owner)):
            follow(owner[b, ...], path)[key] = value[b] if many else value
    return owner


def fitted(value: Any, rank: int) -> Any:
    """A batch of values, to be broadcast against regions of that rank."""
    shape = np.shape(concrete(value))
    spare = len(shape) - 1 - rank
    if spare > 0:  # NumPy drops leading axes of length 1 of what it writes
        return np.reshape(value, (shape[0], *shape[1 + spare :]))
    return np.reshape(value, (shape[0],) + (1,) * -spare + shape[1:])
