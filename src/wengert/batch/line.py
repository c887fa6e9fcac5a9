"""One line of a recording on a batch: by its rule, or example by example."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.batch.table import Given, batched, compute
from wengert.record.value import concrete, is_value


class Unbatchable(Exception):
    """The recording of one example does not say how the others are computed."""


class Ragged(Exception):
    """The examples' results differ in shape or dtype: `agree` are those that are like the recorded example's."""

    def __init__(self, agree: Any) -> None:
        super().__init__("the results of the examples differ in type")
        self.agree = agree


def run_line(given: Given, params: dict[str, Any]) -> Any:
    """The result for the whole batch, with a leading axis."""
    z = batched(given, params)
    return one_by_one(given, params) if z is NotImplemented else z


def one_by_one(given: Given, params: dict[str, Any]) -> Any:
    """The row applied to each example, the results stacked."""
    results = [compute(given.row, _example(given, b), params) for b in range(given.size)]
    if not isinstance(given.y, (tuple, list)):
        return _stacked(results, given.y)
    columns = [[r[k] for r in results] for k in range(len(given.y))]
    return tuple([_stacked(column, like) for column, like in zip(columns, given.y, strict=True)])


def _example(given: Given, b: int) -> list[Any]:
    return [
        of_type(x[b], like) if many else x
        for x, many, like in zip(given.xs, given.many, given.examples, strict=True)
    ]  # fmt: skip


def of_type(x: Any, like: Any) -> Any:
    """An element of a batch as what the recorded example was: a 0-d array, or a number of Python's."""
    if is_value(x):
        return x
    like = concrete(like)
    if isinstance(like, np.ndarray):
        return np.asarray(x)
    return x if isinstance(like, np.generic) else x.item()


def _stacked(parts: list[Any], like: Any) -> Any:
    shape = np.shape(concrete(like))
    if not isinstance(concrete(like), (np.ndarray, np.generic, float, int, complex)):
        raise Unbatchable(f"a result of type {type(concrete(like)).__name__}")
    dtype = np.result_type(concrete(like))
    agree = np.array([np.shape(p) == shape and np.result_type(p) == dtype for p in map(concrete, parts)])
    if not agree.all():
        raise Ragged(agree)
    return np.stack(parts)
