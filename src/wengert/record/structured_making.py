"""Structured arrays that can hold recorded numbers, made of NumPy's, of lists of records, and of recorded arrays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert import tree
from wengert.record.build import contains_value
from wengert.record.observe import look
from wengert.record.places import holds_numbers, refusal, widths
from wengert.record.state import WRAPS
from wengert.record.structured import FUNCTIONS, Record, Structured
from wengert.record.value import Array, concrete, is_value

_array, _empty, _stack = np.array, np.empty, np.stack
"""NumPy's own, whatever is swapped in while recording."""


def made(raw: Any) -> Any:
    """A new structured array of NumPy's as one that can hold recorded numbers; another array as it is."""
    if raw.base is not None or not holds_numbers(raw.dtype):
        return raw
    return of(raw, isinstance(raw, np.recarray))


def of(raw: Any, by_name: bool = False) -> Structured:
    """A copy of a structured array of NumPy's."""
    memory: dict[Any, Any] = {kind: _empty((*raw.shape, n), kind) for kind, n in widths(raw.dtype).items()}
    y = Structured(raw.dtype, raw.shape, memory, by_name=by_name)
    y[...] = raw
    y._memory = {kind: Array(m) if kind.kind in "fc" else m for kind, m in memory.items()}
    return y


def seen(x: Any, dtype: np.dtype[Any]) -> Any:
    """The view of a recorded array as records of its own numbers: x.view([('u', float), ('v', float)])."""
    plain = concrete(x)
    if widths(dtype).keys() != {plain.dtype} or not plain.flags.c_contiguous:
        raise refusal(f"view as {dtype}")
    shape = _empty(plain.shape, plain.dtype).view(dtype).shape
    return Structured(dtype, shape, {plain.dtype: x.reshape((*shape, widths(dtype)[plain.dtype]))})


def nested(x: Any, dtype: Any) -> Any:
    """np.array(x, dtype) of nested lists of tuples, some with recorded numbers."""
    kind = np.dtype(dtype)
    raw = _array(bare(x), kind)
    y = of(raw)
    _fill(y.reshape(-1), list(_records(x, raw.ndim)))
    return y


def _fill(target: Structured, records: list[Any]) -> None:
    for k, name in enumerate(target.dtype.names or ()):
        column, values = target.field(name), [r[k] if isinstance(r, (tuple, Record, np.void)) else r for r in records]
        if isinstance(column, Structured):
            flat = column.reshape(-1)
            _fill(flat, [r for v in values for r in _records(v, column.ndim - target.ndim)])
        elif contains_value(values):
            column[...] = np.array(values)


def _records(x: Any, ndim: int) -> Iterator[Any]:
    """The records in a nest of lists of that many axes."""
    if not ndim:
        yield x
    else:
        for part in x:
            yield from _records(part, ndim - 1)


def bare(x: Any) -> Any:
    """x with plain numbers; of a record a tuple."""
    if type(x) in (list, tuple):
        return type(x)([bare(part) for part in x])
    return x.plain() if isinstance(x, Structured) else look(x) if is_value(x) else x


def cast(x: Any, dtype: np.dtype[Any]) -> Structured:
    """x.astype(dtype) of a recorded array: each field of a record is its number."""
    y = of(_empty(np.shape(concrete(x)), dtype))
    y[...] = x
    return y


def as_made(x: Any, dtype: Any = None, copy: Any = True) -> Any:
    """np.array(x), np.asarray(x) of a structured array, or of a list of some."""
    if not isinstance(x, Structured):
        return FUNCTIONS[_stack](x)
    if dtype is not None and np.dtype(dtype) != x.dtype:
        return x.astype(dtype)
    return x.copy().view(np.ndarray) if copy else x.view(np.ndarray)


# ── as a container, where a function returns one ──


class _Rest:
    """What is not differentiated of a structured array."""

    def __init__(self, x: Structured) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Rest) and self.x.dtype == other.x.dtype

    def __hash__(self) -> int:
        return hash(self.x.dtype)


def _split(x: Structured) -> Any:
    return [m for kind, m in x._memory.items() if kind.kind in "fc"], _Rest(x)


def _join(rest: _Rest, children: Any) -> Any:
    x, numbers = rest.x, iter(children)
    memory: dict[Any, Any] = {kind: next(numbers) if kind.kind in "fc" else m for kind, m in x._memory.items()}
    if not all(isinstance(m, np.ndarray) for m in memory.values()):
        return Structured(x.dtype, x.shape, memory, x._places, x._by_name)  # something that stands for results
    shape = np.shape(next(m for kind, m in memory.items() if kind.kind in "fc"))[:-1]
    memory = {k: m if k.kind in "fc" else np.broadcast_to(m, (*shape, m.shape[-1])) for k, m in memory.items()}
    y = type(x)(x.dtype, shape, memory, x._places, x._by_name)
    return y if any(map(is_value, memory.values())) else y.plain()


tree.NODES[Structured] = tree.NODES[Record] = (_split, _join)


WRAPS["V"] = made
