"""A loop as one line: a body, itself a trace, that is run again and again.

    inputs of the body    carried values, elements of sequences, counters, then what does not change
    outputs of the body   the carried values for the next run, then what is collected

The line's results are the carried values after the last run, then the collected ones stacked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.ir.row import Row

if TYPE_CHECKING:
    from wengert.ir.trace import Trace


@dataclass(frozen=True, eq=False)
class Loop:
    """What is run `count` times. The line's arguments are the first values of what is carried, the
    sequences, and what does not change. Run k sees element start + k·step of a sequence, and the
    counter start + k·step. `written[i]` says that carried value i is changed in place."""

    body: Trace
    count: int
    carried: int
    sequences: tuple[tuple[int, int], ...]
    counters: tuple[tuple[int, int], ...]
    written: tuple[bool, ...]

    def __repr__(self) -> str:
        return f"<loop of {self.count} times {len(self.body.lines)} lines>"


def run_loop(*args: Any, loop: Loop) -> tuple[Any, ...]:
    """The loop by NumPy."""
    n, s = loop.carried, len(loop.sequences)
    carried = [x.copy() if w and isinstance(x, np.ndarray) else x for x, w in zip(args[:n], loop.written, strict=True)]
    sequences, fixed = args[n : n + s], args[n + s :]
    collected: list[list[Any]] = [[] for _ in range(len(loop.body.outputs) - n)]
    for k in range(loop.count):
        elements = [x[start + k * step] for x, (start, step) in zip(sequences, loop.sequences, strict=True)]
        counters = [start + k * step for start, step in loop.counters]
        results = list(loop.body(*carried, *elements, *counters, *fixed))
        carried = results[:n]
        for into, y in zip(collected, results[n:], strict=True):
            into.append(y.copy() if isinstance(y, np.ndarray) else y)
    return (*carried, *[np.array(part) for part in collected])


LOOP = Row(run_loop, "loop", "constant", special=True)
