"""What a leading batch axis means to a row: the table that the rules fill, and the rule of elementwise rows.

A rule has the values of the arguments, with a leading axis where they differ between examples, and
gives the value of the result with a leading axis. `sweep.batched.BATCHED`, the same for the tangents
of linear rows of one argument, is looked at too: there ẏ = A ẋ, so that pushing is computing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply, plain
from wengert.record.value import concrete, is_value
from wengert.sweep.batched import BATCHED


class Given(NamedTuple):
    """The arguments of one line: xs[k] has a leading axis of `size` where many[k]; `examples` and `y` are those
    of one example."""

    row: Row
    xs: list[Any]
    many: list[bool]
    examples: tuple[Any, ...]
    y: Any
    size: int


BATCHES: dict[Any, Callable[..., Any]] = {}
"""row → rule(given, **params) → the result with a leading axis, or NotImplemented: then example by example."""


def compute(row: Row, xs: Any, params: dict[str, Any] | None) -> Any:
    """row.op(*xs, **params), recorded where an argument is."""
    if any([is_value(x) for x in xs]) and row.name != "loop":  # a loop's own function records it
        return plain(apply(row, tuple(xs), params or None))
    return row.op(*xs, **(params or {}))


def batched(given: Given, params: dict[str, Any]) -> Any:
    """The result of a line for the whole batch, or NotImplemented."""
    row = given.row
    rule = BATCHES.get(row) or BATCHES.get(row.op)
    if rule is not None:
        return rule(given, **params)
    if row in BATCHED and given.many == [True]:
        return BATCHED[row](given.xs[0], given.y, given.examples[0], **params)
    if is_elementwise(row):
        return elementwise(given, **params)
    return NotImplemented


def has_rule(row: Row) -> bool:
    """Whether the shape of the row's result is the same for all examples: it is not computed example by example."""
    return row in BATCHES or row.op in BATCHES or row in BATCHED or is_elementwise(row)


def is_elementwise(row: Row) -> bool:
    """Whether the row's function broadcasts its arguments."""
    op: Any = row.op
    return row.broadcast or (type(op) is np.ufunc and op.signature is None)


def elementwise(given: Given, **params: Any) -> Any:
    """The arguments' own axes aligned from the last, behind the batch's."""
    first = given.y[0] if isinstance(given.y, tuple) else given.y
    rank = np.ndim(concrete(first))
    xs = [lift(x, rank) if many else x for x, many in zip(given.xs, given.many, strict=True)]
    return as_typed(compute(given.row, xs, params), given.y)


def lift(x: Any, rank: int) -> Any:
    """x with axes of length 1 behind the batch's, so that each example has `rank` axes."""
    shape = np.shape(concrete(x))
    missing = rank + 1 - len(shape)
    return np.reshape(x, (shape[0],) + (1,) * missing + shape[1:]) if missing > 0 else x


def as_typed(z: Any, y: Any) -> Any:
    """z in the dtype that one example's result y has: among arrays a Python number has no dtype of its own."""
    if isinstance(z, tuple):
        return tuple([as_typed(part, like) for part, like in zip(z, y, strict=True)])
    wanted, found = getattr(concrete(y), "dtype", None), getattr(concrete(z), "dtype", None)
    return z.astype(wanted) if wanted is not None and found is not None and found != wanted else z
