"""One run of a loop's body, recorded with a derivative inside; which of its inputs the derivative depends on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.trace import Trace, nameless
from wengert.record.apply import INPUT
from wengert.record.listing import Listing, Unplaced
from wengert.record.replay import replay
from wengert.record.value import LOOPED, Array, Recorder, Scalar, concrete, is_value
from wengert.sweep.quiet import hush, loudness, restore

RunLoop = Callable[..., tuple[Any, ...]]


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
        values = [self.given(x.copy("K") if w else x) for x, w in zip(examples, _written(loop, examples), strict=True)]
        for k, written in enumerate(loop.written):
            if written and type(values[k]) is Array:
                values[k].shared = False
        self.inner = Recorder(("a loop", None))
        self.starts: dict[int, int] = {}
        for k, (value, is_active) in enumerate(zip(values, active, strict=True)):
            if is_active:
                values[k], self.starts[k] = started(value, self.inner)
        for k, written in enumerate(loop.written):
            if written and type(values[k]) is Array:
                values[k].shared = False
        self.results = replay(loop.body, values)

    def given(self, x: Any, t: Type | None = None) -> Any:
        """An input of the trace; a further one if its type is named."""
        if t is not None:
            self.types.append(t)
        return started(x, self.outer)[0]

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
        atoms = [atom_of(listing, self.outer, y) for y in outputs]
        return as_trace(listing.inputs, tuple(listing.lines), atoms), atoms


def _written(loop: Loop, examples: list[Any]) -> list[bool]:
    """Which inputs of the body are arrays that it writes to."""
    flags = (*loop.written, *[False] * (len(examples) - len(loop.written)))
    return [flag and type(x) is np.ndarray for flag, x in zip(flags, examples, strict=True)]


def _guards(lines: Any) -> int:
    return sum([line.kind == "guard" for line in lines])


def started(x: Any, rec: Recorder) -> tuple[Any, int]:
    """x as an input of the recording, and its slot."""
    slot = rec.append((INPUT, (), None, (), None, None))
    if type(x) is np.ndarray or type(x) is Array:
        value = Array(x, rec, slot)
        value.shared = True
        return value, slot
    return Scalar(x, rec, slot), slot


def atom_of(listing: Listing, rec: Recorder, y: Any) -> Atom:
    """What a value of the recording is called in its listing."""
    return listing.atom(y.slot if is_value(y) and y.rec is rec else -1, y)


def as_trace(inputs: Iterable[Var], lines: Iterable[Line], outputs: Iterable[Atom]) -> Trace:
    """The body of a loop, without dead code."""
    return nameless("body", inputs, lines, outputs).dce(raising=True)


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


def made_once(loop: Loop, key: Any, make: Callable[[], Any]) -> Any:
    """What the loop remembers under this key; None where the derivative of its body is irregular."""
    if key not in loop.memo:
        try:
            loop.memo[key] = make()
        except Irregular:
            loop.memo[key] = None
    return loop.memo[key]


def without_range(loop: Loop, args: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """The arguments without the range, and the range."""
    end = len(args) - 2 * loop.ranged
    return args[:end], args[end:]


def quietly(sweep: Callable[..., Any], rec: Recorder, seeds: Any, wanted: Any, strict: bool) -> Any:
    """A sweep over the recording, without warnings."""
    before = loudness()
    try:
        hush()
        return sweep(rec.lines, rec.writes, seeds, wanted, strict)
    finally:
        restore(before)


# ── small things ──


def ones_like(x: Any) -> Any:
    return np.ones(np.shape(x), np.asarray(x).dtype)[()]


def zero_if_none(c: Any, x: Any) -> Any:
    x = concrete(x)
    return np.zeros(np.shape(x), np.asarray(x).dtype)[()] if c is None else c


def cast(c: Any, x: Any) -> Any:
    """A cotangent of x in its shape and dtype."""
    if c is None:
        return None
    x, seen = np.asarray(concrete(x)), np.asarray(concrete(c))
    if seen.dtype.kind == "c" != x.dtype.kind:
        c = np.real(c)
    if seen.dtype != x.dtype:
        c = c.astype(x.dtype)
    return np.broadcast_to(c, x.shape) if seen.shape != x.shape else c
