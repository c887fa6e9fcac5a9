"""Functions that choose elements: where, … (kinks follow docs/explanation/kinks.md)."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply
from wengert.rules.table import enter, handles


def _keep(c: Any, y: Any, m: Any, a: Any, b: Any) -> Any:
    return np.where(m, c, 0.0)


def _drop(c: Any, y: Any, m: Any, a: Any, b: Any) -> Any:
    return np.where(m, 0.0, c)


WHERE = enter(
    Row(
        np.where, "numpy.where", "linear", (None, _keep, _drop), (None, _keep, _drop),
        (frozenset(), frozenset({0}), frozenset({0})), (False,) * 3, broadcast=True,
    )
)  # fmt: skip


@handles(np.where)
def _where(condition: Any, *branches: Any) -> Any:
    if not branches:
        return np.nonzero(condition)
    x, y = (np.array(b) if type(b) in (list, tuple) else b for b in branches)
    return apply(WHERE, (condition, x, y))
