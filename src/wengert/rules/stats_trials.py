"""The number of successes in trials of different probabilities: the coefficients of Π (1 − p + p z)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats as _stats

from wengert.record.protocols import any_recorded
from wengert.record.value import concrete
from wengert.rules.described import described
from wengert.rules.solved import still
from wengert.rules.stats_extremes import swap_in

law: Any = _stats.poisson_binom
_METHODS: dict[str, Any] = {name: getattr(type(law), name) for name in ("_pmf", "_cdf")}


def _value(p: Any, k: Any, kind: str) -> Any:
    return _METHODS[kind](law, k, *p)


def _counts(p: Any, k: Any, kind: str) -> Any:
    """P(K = k), or P(K ≤ k), with the probabilities along the first axis."""
    parts: list[Any] = [1.0]
    for j in range(np.shape(concrete(p))[0]):
        before, after = [0.0, *parts], [*parts, 0.0]
        parts = [a * (1.0 - p[j]) + b * p[j] for a, b in zip(after, before, strict=True)]
    total: Any = 0.0
    for count, part in enumerate(parts):
        total = total + np.where(k == count if kind == "_pmf" else k >= count, part, 0.0)
    return total


COUNTS = described(_value, _counts, 1, "scipy.stats.poisson_binom")


def _by(kind: str) -> Callable[[Any], Any]:
    def of(original: Any) -> Any:
        def method(self: Any, k: Any, *args: Any) -> Any:
            if not any_recorded(args):
                return original(self, k, *args)
            k, *parts = np.broadcast_arrays(np.atleast_1d(np.asarray(still(k))), *args)
            return COUNTS(np.stack(parts), k=np.asarray(still(k)).astype(np.int64), kind=kind)

        return method

    return of


for _name in _METHODS:
    swap_in(law, _name, _by(_name))
