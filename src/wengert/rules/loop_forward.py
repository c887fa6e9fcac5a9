"""The tangents of a loop: a body carries them beside the values."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wengert.ir.line import Type
from wengert.ir.loop import Loop
from wengert.record.swap import Recording
from wengert.rules.loop_body import (
    BodyRun,
    Parts,
    RunLoop,
    activity,
    cast,
    examples,
    made_once,
    ones_like,
    quietly,
    without_range,
    zero_if_none,
)
from wengert.rules.loop_runs import Runs
from wengert.sweep import forward as forwards


def forward(run_loop: RunLoop, loop: Loop, args: tuple[Any, ...], dots: list[Any], strict: bool) -> tuple[Any, ...]:
    """The tangents of the results, from those of the arguments (None: zero)."""
    args, range_of = without_range(loop, args)
    dots = dots[: len(args)]
    given = examples(loop, args)
    parts = Parts.of(loop)
    with Recording():
        key = ("forward", tuple(d is not None for d in dots), strict)
        made = made_once(loop, key, lambda: _pushed(loop, given, key[1], strict))
        if made is None:
            return tuple(Runs(loop, args, range_of, tuple(d is not None for d in dots)).push(dots, strict))
        pushed, active, moved = made
        n, s = parts.carried, parts.sequences
        given_dots = {
            k: zero_if_none(d, a) for k, (d, a) in enumerate(zip(dots, args, strict=True)) if active[parts.input_of(k)]
        }
        kinds = [range(n), range(n, n + s), range(n + s, len(args))]
        arguments: list[Any] = []
        for kind in kinds:
            arguments += [args[k] for k in kind] + [given_dots[k] for k in kind if k in given_dots]
        results = run_loop(*arguments, *range_of, loop=pushed)
        return tuple([None if at is None else results[at] for at in moved])


def _pushed(
    loop: Loop, given: list[Any], arguments: tuple[bool, ...], strict: bool
) -> tuple[Loop, tuple[bool, ...], list[Any]]:
    """The loop with tangents, which inputs have one, and where the tangent of each result is."""
    parts = Parts.of(loop)
    active = activity(loop, given, arguments)
    run = BodyRun(loop, given, active)
    tangents = {k: run.given(ones_like(given[k]), Type.of(ones_like(given[k]))) for k in run.starts}
    seeds = [(slot, tangents[k]) for k, slot in run.starts.items()]
    slots = [run.slot(k) for k in range(parts.outputs)]
    dots = quietly(forwards._sweep, run.inner, seeds, slots, strict)
    ends = [run.primal(parts.outputs)] if loop.until else []
    n = parts.carried
    carried = [k for k in range(n) if active[k]]
    dots = [cast(d, run.results[k]) for k, d in enumerate(dots)]
    collected = [k for k in range(n, parts.outputs) if dots[k] is not None]
    hands = [run.primal(k) for k in range(n)] + [zero_if_none(dots[k], given[k]) for k in carried]
    keeps = [run.primal(k) for k in range(n, parts.outputs)] + [dots[k] for k in collected]
    trace, _ = run.trace(hands + keeps + ends)
    places = {k: parts.inputs + i for i, k in enumerate(run.starts)}
    order: list[int] = []
    for kind in (range(n), range(n, parts.moving), range(parts.moving, parts.fixed), range(parts.fixed, parts.inputs)):
        order += [*kind, *[places[k] for k in kind if k in places]]
    moving = [k for k in range(n, parts.moving) if active[k]]
    last = n + len(carried) + parts.sequences + len(moving)
    arguments_count = last + (parts.inputs - parts.fixed) + sum([active[k] for k in range(parts.fixed, parts.inputs)])
    pushed = Loop(
        replace(trace, inputs=tuple(trace.inputs[k] for k in order)), loop.count, n + len(carried),
        (*loop.sequences, *[loop.sequences[k - n] for k in moving]), loop.counters,
        (*loop.written, *[False] * len(carried)), loop.until, loop.ranged,
        (
            loop,
            (
                *range(n), *[n + len(carried) + i for i in range(parts.outputs - n)],
                *[len(trace.outputs) - 1] * loop.until,
            ),
            (
                *range(n), *[n + len(carried) + i for i in range(parts.sequences)],
                *[last + i for i in range(parts.inputs - parts.fixed)],
                *[arguments_count + i for i in range(2 * loop.ranged)],
            ),
        ),
    )  # fmt: skip
    first = n + len(carried) + (parts.outputs - n)
    where: list[Any] = [n + carried.index(k) if k in carried else None for k in range(n)]
    where += [first + collected.index(k) if k in collected else None for k in range(n, parts.outputs)]
    where += [None] * loop.until
    return pushed, active, where
