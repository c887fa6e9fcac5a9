"""The derivative of a loop run by run, where that of its body looks at values."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.loop import Loop
from wengert.record.replay import replay
from wengert.record.value import Array, Recorder, is_value
from wengert.rules.loop_body import quietly, started, zero_if_none
from wengert.sweep import forward as forwards
from wengert.sweep import reverse as reverses


class Runs:
    """All runs of a loop, recorded for a derivative."""

    def __init__(self, loop: Loop, args: tuple[Any, ...], range_of: tuple[Any, ...], active: tuple[bool, ...]) -> None:
        self.rec = Recorder(("a loop", None))
        self.slots = [-1] * len(args)
        values = list(args)
        for k, is_active in enumerate(active):
            if is_active:
                values[k], self.slots[k] = started(values[k], self.rec)
        self.results = _unrolled(loop, values, [int(x) for x in range_of] or [0, loop.count])

    def push(self, dots: list[Any], strict: bool) -> list[Any]:
        """The tangents of the results."""
        seeds = [(s, d) for s, d in zip(self.slots, dots, strict=True) if s >= 0]
        return quietly(forwards._sweep, self.rec, seeds, self._results(), strict)

    def pull(self, bars: dict[int, Any], strict: bool) -> list[Any]:
        """The cotangents of the arguments."""
        slots = self._results()
        seeds = [(slots[k], c) for k, c in bars.items() if slots[k] >= 0]
        found = quietly(reverses._sweep, self.rec, seeds, [s for s in self.slots if s >= 0], strict)
        known = iter(found)
        return [next(known) if s >= 0 else None for s in self.slots]

    def _results(self) -> list[int]:
        return [y.slot if is_value(y) and y.rec is self.rec else -1 for y in self.results]


def _unrolled(loop: Loop, args: list[Any], range_of: list[int]) -> list[Any]:
    n, s = loop.carried, len(loop.sequences)
    carried = [
        x.copy("K") if w and type(x) in (Array, np.ndarray) else x for x, w in zip(args[:n], loop.written, strict=True)
    ]
    last = len(loop.body.outputs) - loop.until
    collected: list[list[Any]] = [[None] * loop.count for _ in range(last - n)]
    rounds = 0
    for k in range(*range_of):
        rounds += 1
        elements = [x[start + k * step] for x, (start, step) in zip(args[n : n + s], loop.sequences, strict=True)]
        counters = [start + k * step for start, step in loop.counters]
        results = replay(loop.body, [*carried, *elements, *counters, *args[n + s :]])
        carried = results[:n]
        for into, y in zip(collected, results[n:last], strict=True):
            into[k] = y.copy() if type(y) in (Array, np.ndarray) else y
        if loop.until and not results[-1]:
            break
    stacked = [np.stack([zero_if_none(y, run) for y in part]) for part in collected for run in [_any(part)]]
    return [*carried, *stacked, *[np.int64(rounds)] * loop.until]


def _any(part: list[Any]) -> Any:
    return next(y for y in part if y is not None)
