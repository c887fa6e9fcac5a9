"""Derivatives that are NaN because eigenvalues are equal: f is recorded once more, in a basis that turns.

See `rules.linalg_tied`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record import swap
from wengert.record.apply import youngest
from wengert.record.value import Recorder, concrete, is_value
from wengert.sweep.arithmetic import any_has_nan
from wengert.sweep.reverse import reverse
from wengert.sweep.ties import any_tied, shared, turning

_MOST = 256
"""Results of which each is swept from by itself."""


def unless_tied(run: Any, pairs: list[tuple[int, Any]], bars: list[Any]) -> list[Any]:
    """The cotangents of a finished recording's inputs, `bars`, where equal eigenvalues made NaNs of some."""
    if not any_tied(run.lines):
        return bars
    if shared(run.lines):
        turning.alone = True
        try:
            return reverse(run.lines, run.writes, pairs, run.slots)
        finally:
            turning.alone = False
    with swap.Recording():
        again, rec = _turned(run)
        if again is None:
            return bars
        seeds = [(again.out_slots[run.out_slots.index(slot)], c) for slot, c in pairs]
        found = reverse(again.lines, again.writes, seeds, again.slots)
        return [x.primal if is_value(x) and youngest((x,)) is rec else x for x in found]


def _turned(run: Any) -> tuple[Any, Any]:
    """(the recording of f in a basis that turns, the recorder of its angles); None where f is not what it was."""
    if run.turned is None:
        before, turning.rec = turning.rec, Recorder(("a basis that turns", run.call[0]))
        try:
            again = type(run)(*run.call, "grad")
            run.turned = (again if _is_same(again, run) else None, turning.rec)
        finally:
            turning.rec = before
    return run.turned


def _is_same(again: Any, run: Any) -> bool:
    """Whether two calls had the same results."""
    known = zip(again.out_leaves, run.out_leaves, strict=False)
    return len(again.out_leaves) == len(run.out_leaves) and all([
        np.array_equal(concrete(a), concrete(b), equal_nan=True) for a, b in known
    ])  # fmt: skip


def by_rows_if_tied(run: Any, seeds: list[Any], dots: list[Any]) -> list[Any]:
    """The tangents of a finished recording's results, `dots`, where equal eigenvalues made NaNs of some: row by row."""
    leaves = [concrete(x) for x in (*run.leaves, *run.out_leaves)]
    if not any_tied(run.lines) or any([np.iscomplexobj(x) for x in leaves]):
        return dots
    bad = [any_has_nan([d]) for d in dots]
    if sum([np.size(concrete(y)) for y, b in zip(run.out_leaves, bad, strict=False) if b]) > _MOST:
        return dots
    return [_tangent(run, k, seeds) if b else d for k, (d, b) in enumerate(zip(dots, bad, strict=True))]


def _tangent(run: Any, k: int, seeds: list[Any]) -> Any:
    like = np.asarray(concrete(run.out_leaves[k]))
    found: list[Any] = []
    for place in np.ndindex(like.shape):
        unit = concrete(np.zeros(like.shape, like.dtype))
        unit[place] = 1.0
        bars = run.pull([unit[()] if j == k else None for j in range(len(run.out_slots))])
        parts = [np.sum(b * d) for b, d in zip(bars, seeds, strict=True) if b is not None and d is not None]
        found.append(sum(parts[1:], parts[0]) if parts else 0.0)
    return np.reshape(np.stack(found), like.shape)[()]
