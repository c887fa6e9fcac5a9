"""A loop on a batch: one loop whose body runs on all examples.

The body is recorded at one example, and its lines are run on the batch as those of any function that is mapped. A
carried value that is the same for all examples may differ after a run: then it differs from the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.batch.line import Unbatchable
from wengert.batch.replay import Replay
from wengert.batch.table import Given
from wengert.ir.line import Type
from wengert.ir.loop import Loop
from wengert.record.listing import Listing, Unplaced
from wengert.record.replay import replay
from wengert.record.swap import Recording
from wengert.record.value import BATCH, LOOPED, Recorder, concrete, is_value
from wengert.rules.loop_body import Parts, RunLoop, as_trace, atom_of, examples, started

Flags = tuple[bool, ...]


@dataclass(frozen=True, eq=False)
class Batched:
    """The loop on a batch; which of its arguments and results have the axis of the examples."""

    loop: Loop
    arguments: Flags
    results: Flags


def batch(run_loop: RunLoop, given: Given, loop: Loop, active: Any = ()) -> Any:
    """The results of the loop for each example, or NotImplemented."""
    if loop.until or loop.ranged or any([line.kind == "guard" for line in loop.body.lines]):
        return NotImplemented  # the examples' runs differ in number, or in the way they go
    made = _made(loop, given.examples, tuple(given.many), given.size)
    if made is None:
        return NotImplemented
    n, s = loop.carried, len(loop.sequences)
    args = [
        _lifted(x, many, wanted, given.size)
        for x, many, wanted in zip(given.xs, given.many, made.arguments, strict=True)
    ]
    args[n : n + s] = [
        np.moveaxis(x, 1, 0) if many else x for x, many in zip(args[n : n + s], made.arguments[n : n + s], strict=True)
    ]
    results = run_loop(*args, loop=made.loop)
    whole = [y if k < n or not many else np.moveaxis(y, 1, 0) for k, (y, many) in enumerate(_flagged(results, made))]
    return tuple([_lifted(y, many, True, given.size) for y, many in zip(whole, made.results, strict=True)])


def _flagged(results: Any, made: Batched) -> Iterator[tuple[Any, bool]]:
    return zip(results, made.results, strict=True)


def _lifted(x: Any, many: bool, wanted: bool, size: int) -> Any:
    """x with the axis of the examples, if that is wanted."""
    return np.broadcast_to(x, (size, *np.shape(concrete(x)))) if wanted and not many else x


def _made(loop: Loop, args: tuple[Any, ...], many: Flags, size: int) -> Batched | None:
    """The loop on a batch, made once; None where its body is of no use for a batch."""
    key = ("batch", many, size)
    if key not in loop.memo:
        try:
            loop.memo[key] = _make(loop, args, many, size)
        except Unbatchable:
            loop.memo[key] = None
    return loop.memo[key]


def _make(loop: Loop, args: tuple[Any, ...], many: Flags, size: int) -> Batched:
    parts = Parts.of(loop)
    n = parts.carried
    while True:
        inputs = _Body(loop, examples(loop, args), _of_inputs(many, parts), size)
        more = [k for k in range(n) if inputs.results[k] and not many[k]]
        if not more:
            break
        many = tuple([m or k in more for k, m in enumerate(many)])
    results = (*many[:n], *inputs.results[n:])
    batched = Loop(
        inputs.trace(), loop.count, n, loop.sequences, loop.counters, (False,) * n,
        extends=_extended(loop, args, many, size),
    )  # fmt: skip
    return Batched(batched, many, results)


def _of_inputs(many: Flags, parts: Parts) -> Flags:
    """Which inputs of the body have the axis of the examples: counters have not."""
    return (*many[: parts.moving], *(False,) * parts.counters, *many[parts.moving :])


def _extended(loop: Loop, args: tuple[Any, ...], many: Flags, size: int) -> Any:
    """What the loop on a batch extends: the loop on a batch that this one extends."""
    if loop.extends is None:
        return None
    base, results, places = loop.extends
    flags = tuple([many[k] for k in places])
    made = _made(base, tuple([args[k] for k in places]), flags, size)
    return None if made is None or made.arguments != flags else (made.loop, results, places)


class _Body:
    """The body on a batch of equal examples, recorded; which of its results differ between examples."""

    def __init__(self, loop: Loop, values: list[Any], many: Flags, size: int) -> None:
        self.outer = Recorder(("a loop", None), traces=LOOPED)
        self.outer.lines = Unplaced()
        wide = [
            np.array(np.broadcast_to(x, (size, *np.shape(x)))) if m else x for x, m in zip(values, many, strict=True)
        ]
        self.types = [Type.of(x) if m else var.type for x, m, var in zip(wide, many, loop.body.inputs, strict=True)]
        with Recording(), np.errstate(all="ignore"):
            lines, writes, slots, plain = _one_example(loop, values)
            run = Replay(lines, writes, slots, size)
            found = run.run([started(x, self.outer)[0] for x in wide], many)
            if len(run.members) < size:
                raise Unbatchable("the examples go different ways")
            self.outputs = [y if s >= 0 else p for (y, _), s, p in zip(found, slots, plain, strict=True)]
            self.results = [m for _, m in found]
            for k in range(loop.carried):
                self._carry(k, many[k], wide[k])

    def _carry(self, k: int, many: bool, before: Any) -> None:
        """What is carried is of one type in all runs."""
        if many and not self.results[k]:
            self.outputs[k] = np.broadcast_to(self.outputs[k], np.shape(before))
            self.results[k] = True
        y = concrete(self.outputs[k])
        if self.results[k] == many and (np.shape(y) != np.shape(before) or np.result_type(y) != np.result_type(before)):
            raise Unbatchable("what is carried changes its type")

    def trace(self) -> Any:
        """The finished recording."""
        listing = Listing(self.outer.lines, self.types)
        if self.outer.frozen or any([line.kind == "guard" for line in listing.lines]):
            raise Unbatchable("the body looks at values")
        self.outer.close()
        return as_trace(listing.inputs, listing.lines, [atom_of(listing, self.outer, y) for y in self.outputs])


def _one_example(loop: Loop, values: list[Any]) -> tuple[Any, Any, list[int], list[Any]]:
    """The lines of one run; the slots of its results (−1: a constant), and their values."""
    rec = Recorder(("a loop", None), traces=BATCH)
    results = replay(loop.body, [started(x, rec)[0] for x in values])
    slots = [y.slot if is_value(y) and y.rec is rec else -1 for y in results]
    plain = [concrete(y) for y in results]
    writes, frozen = rec.writes, rec.frozen
    if frozen:
        raise Unbatchable("a value was taken as a constant")
    return rec.close(), writes, slots, plain
