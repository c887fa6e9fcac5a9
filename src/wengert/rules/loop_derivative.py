"""The derivative of a loop is a loop.

Forward, a body carries tangents beside the values. In reverse there are two loops: the first is the loop
itself, which also collects what the derivative of each run reads (its tape); the second goes from the last
run to the first, carries the cotangents, and adds up those of what does not change.

The bodies of both are found by recording one run of the body with a derivative inside. Of the lines of that
recording, those that depend on a cotangent belong to the second loop; the others to the first. A cheap line is
computed again in the second where that spares a tape (Griewank & Walther 2008, chapter 12).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.ir.dce import RAISING
from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace
from wengert.record.apply import INPUT
from wengert.record.listing import Listing, Unplaced
from wengert.record.replay import replay
from wengert.record.swap import Recording
from wengert.record.value import LOOPED, Array, Recorder, Scalar, concrete, is_value
from wengert.rules.tapes import split
from wengert.sweep import forward as forwards
from wengert.sweep import reverse as reverses
from wengert.sweep.quiet import hush, restore

Run = Callable[..., tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Parts:
    """Where the kinds of arguments of a body and its outputs are."""

    carried: int
    sequences: int
    counters: int
    inputs: int
    outputs: int

    @classmethod
    def of(cls, loop: Loop) -> Parts:
        """Those of a loop."""
        return cls(
            loop.carried,
            len(loop.sequences),
            len(loop.counters),
            len(loop.body.inputs),
            len(loop.body.outputs) - loop.until,
        )

    @property
    def moving(self) -> int:
        """Carried values and sequences."""
        return self.carried + self.sequences

    @property
    def fixed(self) -> int:
        """The first input that does not change."""
        return self.moving + self.counters

    def input_of(self, argument: int) -> int:
        """Which input of the body an argument of the line is (or goes into)."""
        return argument if argument < self.moving else argument + self.counters


class Irregular(Exception):
    """A derivative of the body looks at values: the runs are differentiated one by one."""


class BodyRun:
    """One run of a body, recorded for a trace (`outer`) and, inside that, for a derivative (`inner`)."""

    def __init__(self, loop: Loop, examples: list[Any], active: tuple[bool, ...]) -> None:
        self.loop, self.active = loop, active
        self.outer = Recorder(("a loop", None), traces=LOOPED)
        self.outer.lines = Unplaced()
        self.types = [var.type for var in loop.body.inputs]
        values = [self.given(x) for x in examples]
        for k, written in enumerate(loop.written):
            if written and type(values[k]) is Array:
                values[k].shared = False
        self.inner = Recorder(("a loop", None))
        self.starts: dict[int, int] = {}
        for k, (value, is_active) in enumerate(zip(values, active, strict=True)):
            if is_active:
                values[k], self.starts[k] = _started(value, self.inner)
        for k, written in enumerate(loop.written):
            if written and type(values[k]) is Array:
                values[k].shared = False
        self.results = replay(loop.body, values)

    def given(self, x: Any, t: Type | None = None) -> Any:
        """An input of the trace; a further one if its type is named."""
        if t is not None:
            self.types.append(t)
        return _started(x, self.outer)[0]

    def slot(self, k: int) -> int:
        """The slot of result k; −1 if it does not depend on what is active."""
        y = self.results[k]
        return y.slot if is_value(y) and y.rec is self.inner else -1

    def primal(self, k: int) -> Any:
        """Result k as the trace knows it."""
        y = self.results[k]
        return y.primal if is_value(y) and y.rec is self.inner else y

    def trace(self, outputs: list[Any]) -> tuple[Trace, list[Atom]]:
        """The finished recording; what the outputs are called in it."""
        listing = Listing(self.outer.lines, self.types)
        if self.outer.frozen or _guards(listing.lines) > _guards(self.loop.body.lines):
            raise Irregular
        self.outer.close()
        atoms = [_atom(listing, self.outer, y) for y in outputs]
        return _as_trace(listing.inputs, tuple(listing.lines), atoms), atoms


def _guards(lines: Any) -> int:
    return sum([line.kind == "guard" for line in lines])


def _started(x: Any, rec: Recorder) -> tuple[Any, int]:
    slot = rec.append((INPUT, (), None, (), None, None))
    if type(x) is np.ndarray or type(x) is Array:
        value = Array(x, rec, slot)
        value.shared = True
        return value, slot
    return Scalar(x, rec, slot), slot


def _atom(listing: Listing, rec: Recorder, y: Any) -> Atom:
    return listing.atom(y.slot if is_value(y) and y.rec is rec else -1, y)


def _as_trace(inputs: Any, lines: tuple[Line, ...], outputs: Any) -> Trace:
    names = tuple(f"x{k}" for k in range(len(inputs)))
    return Trace("body", names, tuple(inputs), names, (), lines, tuple(outputs), lambda *args: list(args), tuple).dce(
        RAISING
    )


# ── what is active ──


def examples(loop: Loop, args: tuple[Any, ...]) -> list[Any]:
    """Plain values of the inputs of the first run."""
    plain = [concrete(a) for a in args]
    n, s = loop.carried, len(loop.sequences)
    elements = [x[start] for x, (start, _) in zip(plain[n : n + s], loop.sequences, strict=True)]
    counters = [np.int64(start) for start, _ in loop.counters]
    given = [*plain[:n], *elements, *counters, *plain[n + s :]]
    return [_like(x, var.type) for x, var in zip(given, loop.body.inputs, strict=True)]


def _like(x: Any, t: Type) -> Any:
    """x as the body has it: carried values may begin as numbers of another kind."""
    return float(x) if t.python and t.dtype == "float" else np.asarray(x)[()] if not np.ndim(x) and not t.python else x


def activity(loop: Loop, given: list[Any], arguments: tuple[bool, ...]) -> tuple[bool, ...]:
    """Which inputs of the body depend on the arguments that are active: what a run hands on may come to."""
    parts = Parts.of(loop)
    active = [False] * parts.inputs
    for a, is_active in enumerate(arguments):
        k = parts.input_of(a)
        active[k] = is_active and np.asarray(given[k]).dtype.kind in "fc"
    while True:
        run = BodyRun(loop, given, tuple(active))
        more = [k for k in range(parts.carried) if run.slot(k) >= 0 and not active[k]]
        if not more:
            return tuple(active)
        for k in more:
            active[k] = True


def _made(loop: Loop, key: Any, make: Callable[[], Any]) -> Any:
    """What the loop remembers under this key; None where the derivative of its body is irregular."""
    if key not in loop.memo:
        try:
            loop.memo[key] = make()
        except Irregular:
            loop.memo[key] = None
    return loop.memo[key]


# ── forward ──


def forward(run_loop: Run, loop: Loop, args: tuple[Any, ...], dots: list[Any], strict: bool) -> tuple[Any, ...]:
    """The tangents of the results, from those of the arguments (None: zero)."""
    args, range_of = _apart(loop, args)
    dots = dots[: len(args)]
    given = examples(loop, args)
    parts = Parts.of(loop)
    with Recording():
        key = ("forward", tuple(d is not None for d in dots), strict)
        made = _made(loop, key, lambda: _pushed(loop, given, key[1], strict))
        if made is None:
            return tuple(Runs(loop, args, tuple(d is not None for d in dots)).push(dots, strict))
        pushed, active, moved = made
        n, s = parts.carried, parts.sequences
        given_dots = {
            k: _zero_if_none(d, a) for k, (d, a) in enumerate(zip(dots, args, strict=True)) if active[parts.input_of(k)]
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
    tangents = {k: run.given(_ones(given[k]), Type.of(_ones(given[k]))) for k in run.starts}
    seeds = [(slot, tangents[k]) for k, slot in run.starts.items()]
    slots = [run.slot(k) for k in range(parts.outputs)]
    dots = _quietly(forwards._sweep, run.inner, seeds, slots, strict)
    ends = [run.primal(parts.outputs)] if loop.until else []
    n = parts.carried
    carried = [k for k in range(n) if active[k]]
    dots = [_cast(d, run.results[k]) for k, d in enumerate(dots)]
    collected = [k for k in range(n, parts.outputs) if dots[k] is not None]
    hands = [run.primal(k) for k in range(n)] + [_filled(dots[k], given[k]) for k in carried]
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
            (*range(n), *[n + len(carried) + i for i in range(parts.outputs - n)], *[len(trace.outputs) - 1] * loop.until),
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


# ── in reverse ──


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
    run_loop: Run, loop: Loop, args: tuple[Any, ...], active: tuple[bool, ...], bars: dict[int, Any], strict: bool
) -> list[Any]:
    """The cotangents of the arguments (None: zero), from those of the results."""
    every = args
    args, range_of = _apart(loop, args)
    active = active[: len(args)]
    given = examples(loop, args)
    parts = Parts.of(loop)
    bars = {k: c for k, c in bars.items() if c is not None}
    with Recording():
        key = ("backward", active, tuple(sorted(k for k in bars if k >= loop.carried)), strict)
        back: Reversed | None = _made(loop, key, lambda: _reversed(loop, given, active, key[2], strict))
        if back is None:
            return Runs(loop, args, range_of, active).pull(bars, strict) + [None] * len(range_of)
        results = run_loop(*every, loop=back.first)
        shift = -parts.counters
        starts = [_zero_if_none(bars.get(k), args[k]) for k in back.carried]
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
    extra: list[Any] = []
    seeds: list[tuple[int, Any]] = []
    for k in carried + collected:
        like = _ones(concrete(run.results[k]) if run.slot(k) >= 0 else given[k])
        c = run.given(like, Type.of(like))
        extra.append(c)
        if run.slot(k) >= 0:
            seeds.append((run.slot(k), c))
    sums = [run.given(_ones(given[k]), Type.of(_ones(given[k]))) for k in fixed]
    seeds += [(run.starts[k], c) for k, c in zip(fixed, sums, strict=True)]
    wanted = [run.starts[k] for k in (*carried, *fixed, *sequences)]
    found = _quietly(reverses._sweep, run.inner, seeds, wanted, strict)
    outputs = [
        _filled(_cast(g, given[k]), given[k]) for g, k in zip(found, (*carried, *fixed, *sequences), strict=True)
    ]
    kept = [run.primal(k) for k in range(len(loop.body.outputs))]
    trace, atoms = run.trace([*kept, *outputs])
    m = parts.inputs
    seeds_of = dict(zip([*carried, *collected, *fixed], trace.inputs[m:], strict=True))
    ct_inputs = [seeds_of[k] for k in carried] + [
        trace.inputs[m + len(carried) + len(collected) + i] for i in range(len(fixed))
    ]
    ct_collected = [trace.inputs[m + len(carried) + i] for i in range(len(collected))]
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
        loop, body=_as_trace(body, halves.before, (*atoms[: parts.outputs], *taped, *ends)), memo={},
        extends=(
            loop, (*range(parts.outputs), *[parts.outputs + len(taped)] * loop.until),
            tuple(range(parts.inputs - parts.counters + 2 * loop.ranged)),
        ),
    )  # fmt: skip
    counters = body[parts.moving : parts.fixed]
    inputs = [*carried_ct, *taped, *[body[k] for k in again], *collected_ct, *counters, *[body[k] for k in fixed_again]]
    back = [(start + (n - 1) * step, -step) for start, step in loop.sequences]
    second = Loop(
        _as_trace(inputs, halves.after, outputs), n, len(carried_ct),
        (*[(n - 1, -1)] * len(taped), *[back[k - parts.carried] for k in again], *[(n - 1, -1)] * len(collected)),
        tuple((start + (n - 1) * step, -step) for start, step in loop.counters), (False,) * len(carried_ct),
        ranged=loop.until or loop.ranged,
    )  # fmt: skip
    tapes = [parts.outputs + i for i in range(len(taped))]
    return Reversed(first, second, tapes, again, fixed_again, carried, collected, sequences, fixed)


def _apart(loop: Loop, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The arguments without the range, and the range."""
    end = len(args) - 2 * loop.ranged
    return args[:end], args[end:]


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


# ── run by run ──


class Runs:
    """All runs of a loop, recorded for a derivative."""

    def __init__(self, loop: Loop, args: tuple[Any, ...], range_of: tuple[Any, ...], active: tuple[bool, ...]) -> None:
        self.rec = Recorder(("a loop", None))
        self.slots = [-1] * len(args)
        values = list(args)
        for k, is_active in enumerate(active):
            if is_active:
                values[k], self.slots[k] = _started(values[k], self.rec)
        self.results = _unrolled(loop, values, [int(x) for x in range_of] or [0, loop.count])

    def push(self, dots: list[Any], strict: bool) -> list[Any]:
        """The tangents of the results."""
        seeds = [(s, d) for s, d in zip(self.slots, dots, strict=True) if s >= 0]
        return _quietly(forwards._sweep, self.rec, seeds, self._results(), strict)

    def pull(self, bars: dict[int, Any], strict: bool) -> list[Any]:
        """The cotangents of the arguments."""
        slots = self._results()
        seeds = [(slots[k], c) for k, c in bars.items() if slots[k] >= 0]
        found = _quietly(reverses._sweep, self.rec, seeds, [s for s in self.slots if s >= 0], strict)
        known = iter(found)
        return [next(known) if s >= 0 else None for s in self.slots]

    def _results(self) -> list[int]:
        return [y.slot if is_value(y) and y.rec is self.rec else -1 for y in self.results]


def _unrolled(loop: Loop, args: list[Any], range_of: list[int]) -> list[Any]:
    n, s = loop.carried, len(loop.sequences)
    carried = [
        x.copy() if w and type(x) in (Array, np.ndarray) else x for x, w in zip(args[:n], loop.written, strict=True)
    ]
    last = len(loop.body.outputs) - loop.until
    collected: list[list[Any]] = [[None] * loop.count for _ in range(last - n)]
    for k in range(*range_of):
        elements = [x[start + k * step] for x, (start, step) in zip(args[n : n + s], loop.sequences, strict=True)]
        counters = [start + k * step for start, step in loop.counters]
        results = replay(loop.body, [*carried, *elements, *counters, *args[n + s :]])
        carried = results[:n]
        for into, y in zip(collected, results[n:last], strict=True):
            into[k] = y.copy() if type(y) in (Array, np.ndarray) else y
        if loop.until and not results[-1]:
            break
    stacked = [np.stack([_zero_if_none(y, run) for y in part]) for part in collected for run in [_any(part)]]
    return [*carried, *stacked, *[np.int64(k + 1)] * loop.until]


def _any(part: list[Any]) -> Any:
    return next(y for y in part if y is not None)


def _quietly(sweep: Callable[..., Any], rec: Recorder, seeds: Any, wanted: Any, strict: bool) -> Any:
    token = hush()
    try:
        return sweep(rec.lines, rec.writes, seeds, wanted, strict)
    finally:
        restore(token)


# ── small things ──


def _ones(x: Any) -> Any:
    return np.ones(np.shape(x), np.asarray(x).dtype)[()]


def _zero_if_none(c: Any, x: Any) -> Any:
    x = concrete(x)
    return np.zeros(np.shape(x), np.asarray(x).dtype)[()] if c is None else c


def _filled(c: Any, x: Any) -> Any:
    return _zero_if_none(c, x)


def _cast(c: Any, x: Any) -> Any:
    """A cotangent of x in its shape and dtype."""
    if c is None:
        return None
    x, seen = np.asarray(concrete(x)), np.asarray(concrete(c))
    if seen.dtype.kind == "c" != x.dtype.kind:
        c = np.real(c)
    if seen.dtype != x.dtype:
        c = c.astype(x.dtype)
    return np.broadcast_to(c, x.shape) if seen.shape != x.shape else c
