"""The cotangents of a loop: two loops.

The first is the loop itself, which also collects what the derivative of each run reads (its tape); the second goes
from the last run to the first, carries the cotangents, and adds up those of what does not change.

The bodies of both are found by recording one run of the body with a derivative inside. Of the lines of that
recording, those that depend on a cotangent belong to the second loop; the others to the first. A cheap line is
computed again in the second where that spares a tape (Griewank & Walther 2008, chapter 12).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace
from wengert.record.swap import Recording
from wengert.record.value import Array, concrete, is_value
from wengert.rules.loop_body import (
    BodyRun,
    Parts,
    RunLoop,
    activity,
    as_trace,
    cast,
    examples,
    made_once,
    ones_like,
    quietly,
    without_range,
    zero_if_none,
)
from wengert.rules.loop_runs import Runs
from wengert.rules.loop_tapes import split
from wengert.sweep import reverse as reverses


@dataclass(frozen=True, eq=False)
class Reversed:
    """The two loops. `tapes` are the results of the first that the second reads, `again` the inputs of the body
    that it reads anew; `carried`, `collected`, `sequences`, `fixed` are the active ones of each kind."""

    first: Loop
    second: Loop
    tapes: list[int]
    again: list[int]
    fixed_again: list[int]
    carried: list[int]
    collected: list[int]
    sequences: list[int]
    fixed: list[int]


def backward(
    run_loop: RunLoop, loop: Loop, args: tuple[Any, ...], active: tuple[bool, ...], bars: dict[int, Any], strict: bool
) -> list[Any]:
    """The cotangents of the arguments (None: zero), from those of the results."""
    every = args
    args, range_of = without_range(loop, args)
    active = active[: len(args)]
    given = examples(loop, args)
    parts = Parts.of(loop)
    bars = {k: c for k, c in bars.items() if c is not None}
    with Recording():
        key = ("backward", active, tuple(sorted(k for k in bars if k >= loop.carried)), strict)
        back: Reversed | None = made_once(loop, key, lambda: _reversed(loop, given, active, key[2], strict))
        if back is None:
            return Runs(loop, args, range_of, active).pull(bars, strict) + [None] * len(range_of)
        results = run_loop(*every, loop=back.first)
        shift = -parts.counters
        starts = [zero_if_none(bars.get(k), args[k]) for k in back.carried]
        sums = [np.zeros_like(concrete(args[k + shift])) for k in back.fixed]
        sequences = [
            *[results[t] for t in back.tapes],
            *[args[k] for k in back.again],
            *[bars[k] for k in back.collected],
        ]
        fixed = [args[k + shift] for k in back.fixed_again]
        out = run_loop(*starts, *sums, *sequences, *fixed, *_backwards(loop, range_of, results), loop=back.second)
    cotangents: list[Any] = [None] * len(every)
    for k, c in zip(back.carried, out, strict=False):
        cotangents[k] = c
    for i, k in enumerate(back.fixed):
        cotangents[k + shift] = out[len(back.carried) + i]
    for i, k in enumerate(back.sequences):
        stacked = out[len(back.carried) + len(back.fixed) + i]
        cotangents[k] = _scattered(stacked, args[k], loop.sequences[k - parts.carried], loop.count)
    return cotangents


def _reversed(
    loop: Loop, given: list[Any], arguments: tuple[bool, ...], seeded: tuple[int, ...], strict: bool
) -> Reversed:
    parts = Parts.of(loop)
    active = activity(loop, given, arguments)
    run = BodyRun(loop, given, active)
    n = parts.carried
    carried = [k for k in range(n) if active[k]]
    fixed = [k for k in range(parts.fixed, parts.inputs) if active[k]]
    sequences = [k for k in range(n, parts.moving) if active[k]]
    collected = [k for k in seeded if run.slot(k) >= 0]
    seeds: list[tuple[int, Any]] = []
    for k in carried + collected:
        like = ones_like(concrete(run.results[k]) if run.slot(k) >= 0 else given[k])
        c = run.given(like, Type.of(like))
        if run.slot(k) >= 0:
            seeds.append((run.slot(k), c))
    sums = [run.given(ones_like(given[k]), Type.of(ones_like(given[k]))) for k in fixed]
    seeds += [(run.starts[k], c) for k, c in zip(fixed, sums, strict=True)]
    wanted = [run.starts[k] for k in (*carried, *fixed, *sequences)]
    found = quietly(reverses._sweep, run.inner, seeds, wanted, strict)
    outputs = [
        zero_if_none(cast(g, given[k]), given[k]) for g, k in zip(found, (*carried, *fixed, *sequences), strict=True)
    ]
    kept = [run.primal(k) for k in range(len(loop.body.outputs))]
    trace, atoms = run.trace([*kept, *outputs])
    given_ct = trace.inputs[parts.inputs :]
    ends = len(carried), len(carried) + len(collected)
    ct_inputs, ct_collected = [*given_ct[: ends[0]], *given_ct[ends[1] :]], list(given_ct[ends[0] : ends[1]])
    return _built(loop, parts, trace, atoms, ct_inputs, ct_collected, (carried, collected, sequences, fixed))


def _built(
    loop: Loop, parts: Parts, trace: Trace, atoms: list[Atom], carried_ct: list[Var], collected_ct: list[Var],
    kinds: tuple[list[int], list[int], list[int], list[int]],
) -> Reversed:  # fmt: skip
    """The two loops, from the recording of one run with its derivative."""
    carried, collected, sequences, fixed = kinds
    body = trace.inputs[: parts.inputs]
    outputs = atoms[len(loop.body.outputs) :]
    ends = atoms[parts.outputs : len(loop.body.outputs)]
    halves = split(
        trace.lines, trace.inputs[parts.inputs :], outputs, set(body[parts.carried :]), set(body[parts.fixed :])
    )
    needed = set(halves.needs)
    taped = [v for v in halves.needs if v not in set(body[parts.carried :])]
    again = [k for k in range(parts.carried, parts.moving) if body[k] in needed]
    fixed_again = [k for k in range(parts.fixed, parts.inputs) if body[k] in needed]
    n = loop.count
    first = replace(
        loop, body=as_trace(body, halves.before, (*atoms[: parts.outputs], *taped, *ends)), memo={},
        extends=(
            loop, (*range(parts.outputs), *[parts.outputs + len(taped)] * loop.until),
            tuple(range(parts.inputs - parts.counters + 2 * loop.ranged)),
        ),
    )  # fmt: skip
    counters = body[parts.moving : parts.fixed]
    inputs = [*carried_ct, *taped, *[body[k] for k in again], *collected_ct, *counters, *[body[k] for k in fixed_again]]
    back = [(start + (n - 1) * step, -step) for start, step in loop.sequences]
    second = Loop(
        as_trace(inputs, halves.after, outputs), n, len(carried_ct),
        (*[(n - 1, -1)] * len(taped), *[back[k - parts.carried] for k in again], *[(n - 1, -1)] * len(collected)),
        tuple((start + (n - 1) * step, -step) for start, step in loop.counters), (False,) * len(carried_ct),
        ranged=loop.until or loop.ranged,
    )  # fmt: skip
    tapes = [parts.outputs + i for i in range(len(taped))]
    return Reversed(first, second, tapes, again, fixed_again, carried, collected, sequences, fixed)


def _backwards(loop: Loop, range_of: tuple[Any, ...], results: tuple[Any, ...]) -> tuple[Any, ...]:
    """The range of the loop from the last run to the first."""
    if loop.until:
        return loop.count - results[-1], loop.count
    return tuple([loop.count - end for end in reversed(range_of)])


def _scattered(stacked: Any, whole: Any, places: tuple[int, int], count: int) -> Any:
    """Cotangents of the elements that the runs saw (from the last run to the first) as one of the sequence."""
    start, step = places
    shape = np.shape(concrete(whole))
    if step == 1 and start == 0 and shape[0] == count:
        return stacked[::-1]
    new = np.zeros(shape, concrete(stacked).dtype)
    into: Any = Array(new) if is_value(stacked) else new
    if step == 0:
        into[start] = np.sum(stacked, axis=0)
    elif step > 0:
        into[start : start + step * (count - 1) + 1 : step] = stacked[::-1]
    else:
        into[start + step * (count - 1) : start + 1 : -step] = stacked
    return into
