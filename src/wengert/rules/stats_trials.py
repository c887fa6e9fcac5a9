"""The number of successes in trials of different probabilities: the coefficients of Π (1 − p + p z)."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import _discrete_distns

from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.described import described, plainly
from wengert.rules.solved import still

_compiled: Any = _discrete_distns._poisson_binom  # type: ignore[attr-defined]


def _value(p: Any, k: Any, kind: str) -> Any:
    return _compiled(k, p, kind)


def _counts(p: Any, k: Any, kind: str) -> Any:
    """P(K = k), or P(K ≤ k), with the probabilities along the first axis."""
    parts: list[Any] = [1.0]
    for j in range(np.shape(concrete(p))[0]):
        before, after = [0.0, *parts], [*parts, 0.0]
        parts = [a * (1.0 - p[j]) + b * p[j] for a, b in zip(after, before, strict=True)]
    total: Any = 0.0
    for count, part in enumerate(parts):
        total = total + np.where(k == count if kind == "pmf" else k >= count, part, 0.0)
    return total


COUNTS = described(_value, _counts, 1, "scipy.stats.poisson_binom")


@replace(_compiled)
def _poisson_binom(original: Any) -> Any:
    def counts(k: Any, args: Any, tp: str) -> Any:
        if not any_recorded(args):
            return plainly(original)(k, args, tp)
        return COUNTS(args, k=np.asarray(still(k)), kind=tp)

    return counts
