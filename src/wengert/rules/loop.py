"""The loop as a primitive: what runs it, and its line on recorded values."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from wengert.batch.table import BATCHES
from wengert.ir.loop import Loop
from wengert.ir.row import Row
from wengert.ir.runner import runner
from wengert.record.apply import apply, plain, youngest
from wengert.record.state import state
from wengert.record.swap import Paused
from wengert.record.value import is_value
from wengert.rules.loop_batch import batch
from wengert.rules.loop_forward import forward
from wengert.rules.loop_reverse import backward


def run_loop(*args: Any, loop: Loop, active: tuple[bool, ...] = ()) -> tuple[Any, ...]:
    """The carried values after the last run, then what was collected, stacked.

    Of recorded arguments it is a line of their recording, which notes which of them are recorded.
    """
    rec = youngest(args)
    if rec is None:
        run = _presumed if state.presuming and _has_known_runs(loop) else _by_numpy
        with Paused(), np.errstate(all="ignore"):
            return run(tuple([plain(a) for a in args]), loop)
    params: dict[str, Any] = {"loop": loop}
    if not rec.traces:
        params["active"] = tuple([is_value(a) and a.rec is rec for a in args])
        return apply(LOOP, args, params)
    with _Presuming(loop):
        return apply(LOOP, args, params)


class _Presuming:
    """The values of a line with this loop are presumed, if it is long and that is allowed."""

    def __init__(self, loop: Loop) -> None:
        self.now = state.may_presume and loop.steps > _MANY_STEPS

    def __enter__(self) -> None:
        self.before, state.presuming = state.presuming, self.now

    def __exit__(self, *_: object) -> None:
        state.presuming = self.before


def _has_known_runs(loop: Loop) -> bool:
    """Whether it is known how many runs there are: then a few of them tell the types of all results."""
    return not loop.until and not loop.ranged


_MANY_STEPS, _FEW_RUNS = 10_000, 3


def _presumed(args: tuple[Any, ...], loop: Loop) -> tuple[Any, ...]:
    """Results of the right types, from a few runs."""
    state.presumed = True
    results = _by_numpy(args, replace(loop, count=_FEW_RUNS, extends=None, memo={}))
    carried, columns = results[: loop.carried], results[loop.carried :]
    return (*carried, *[np.resize(column, (loop.count, *column.shape[1:])) for column in columns])


def _by_numpy(args: tuple[Any, ...], loop: Loop) -> tuple[Any, ...]:
    begin, end = 0, loop.count
    if loop.ranged:
        *args, begin, end = args  # type: ignore[assignment]
    n, s = loop.carried, len(loop.sequences)
    carried = tuple(
        [x.copy("K") if w and isinstance(x, np.ndarray) else x for x, w in zip(args[:n], loop.written, strict=True)]
    )
    sequences, fixed = args[n : n + s], args[n + s :]
    run = runner(loop.body)
    collected: list[tuple[Any, ...]] = []
    moving = [*zip(sequences, loop.sequences, strict=True)]
    last = len(loop.body.outputs) - loop.until
    for k in range(begin, end):
        elements = [x[start + k * step] for x, (start, step) in moving]
        counters = [start + k * step for start, step in loop.counters]
        results = run(*carried, *elements, *counters, *fixed)
        carried = results[:n]
        collected.append(tuple([y.copy() if isinstance(y, np.ndarray) else y for y in results[n:last]]))
        if loop.until and not results[-1]:
            break
    columns = [np.array(part) for part in zip(*collected, strict=True)]
    if len(collected) < loop.count:
        columns = [_padded(column, begin, loop.count) for column in columns]
    return (*carried, *columns, np.int64(len(collected))) if loop.until else (*carried, *columns)


def _padded(column: Any, begin: int, count: int) -> Any:
    """What some of the runs gave as an array for all."""
    whole = np.zeros((count, *column.shape[1:]), column.dtype)
    whole[begin : begin + len(column)] = column
    return whole


def _push(dots: Any, y: Any, *args: Any, loop: Loop, active: Any) -> Any:
    return forward(run_loop, loop, args, dots, strict=False)


def _strict_push(dots: Any, y: Any, *args: Any, loop: Loop, active: Any) -> Any:
    return forward(run_loop, loop, args, dots, strict=True)


def _pull(bars: Any, y: Any, *args: Any, loop: Loop, active: Any) -> Any:
    return backward(run_loop, loop, args, active, bars, strict=False)


def _strict_pull(bars: Any, y: Any, *args: Any, loop: Loop, active: Any) -> Any:
    return backward(run_loop, loop, args, active, bars, strict=True)


LOOP = Row(
    run_loop, "loop", "rule", (_push,), (_pull,), (frozenset({0}),), (False,),
    strict_pulls=(_strict_pull,), strict_pushes=(_strict_push,), variadic=True, special=True,
)  # fmt: skip
"""args: what is carried, the sequences, what does not change. The results are several."""

BATCHES[LOOP] = partial(batch, run_loop)
