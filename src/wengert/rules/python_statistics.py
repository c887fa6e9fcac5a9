"""Python's statistics of lists of recorded numbers: its own value, the derivative of NumPy's function."""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np

from wengert.record.swap import replace
from wengert.record.value import is_value
from wengert.rules.described import described

TWINS: dict[Any, Any] = {
    statistics.mean: np.mean,
    statistics.fmean: np.mean,
    statistics.pvariance: np.var,
    statistics.variance: lambda x: np.var(x, ddof=1),
    statistics.pstdev: np.std,
    statistics.stdev: lambda x: np.std(x, ddof=1),
    statistics.geometric_mean: lambda x: np.exp(np.mean(np.log(x))),
    statistics.harmonic_mean: lambda x: 1.0 / np.mean(1.0 / x),
}
"""Python's function of a list → the same of an array; the median and its like need no other: they sort and average."""


def _value(original: Any) -> Any:
    return lambda x: original(x.tolist())


@replace(*TWINS)
def _of_recorded(original: Any) -> Any:
    twin = TWINS[original]
    op = described(_value(original), lambda x: twin(x), 1, f"statistics.{original.__name__}")

    def call(data: Any, *args: Any, **kwargs: Any) -> Any:
        data = data if isinstance(data, (list, tuple)) else list(data)
        if args or kwargs or not any([is_value(x) for x in data]):
            return original(data, *args, **kwargs)
        return op(np.array(data))

    return call
