"""Make loops of repeated stretches of lines, so that code does not grow with the number of steps.

A stretch of `count` times `period` lines is a loop if every argument of its lines is, for all runs,
the same constant or outer value; a number of a table; a result of the same run, or of the run
before (carried); or a result that an earlier loop collected, in order or in reverse order. Whole
numbers in an index may grow by the same step from run to run. What is used outside the loop is
collected, or, from the last run, handed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from wengert.ir.line import Atom, Line, Type, Var
from wengert.ir.loop import Loop
from wengert.ir.periods import FEWEST_LINES, MULTIPLES, Repeat, repeats
from wengert.ir.trace import Trace
from wengert.passes.body import Body
from wengert.passes.carried import Misfit
from wengert.passes.kinds import kinds
from wengert.record.index import GETITEM
from wengert.rules.loop import LOOP, run_loop


def reroll(trace: Trace) -> Trace:
    """The trace with its repeated stretches as loops."""
    if len(trace.lines) < FEWEST_LINES:
        return trace
    return Reroll(trace).run()


class Reroll:
    """The new trace while it is being made. `place[var]` is (loop number, run, position) of a result that is
    in a loop now; `now[var]` what a variable is called in the new trace."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.lines = trace.lines
        self.defined = {out: i for i, line in enumerate(trace.lines) for out in line.outs}
        self.last_use = self._last_uses()
        self.last_write = {
            line.args[0]: i
            for i, line in enumerate(trace.lines)
            if line.kind == "write" and isinstance(line.args[0], Var)
        }
        self.now: dict[Var, Atom] = {}
        self.place: dict[Var, tuple[int, int, Any]] = {}
        self.collected: list[dict[Any, Var]] = []
        self.origins: list[tuple[str, int]] = []
        self.out: list[Line] = []
        self.done = 0

    def run(self) -> Trace:
        """The new trace."""
        look_from = 0
        numbers = kinds(self.lines)
        while True:
            repeat = repeats(numbers, look_from)
            if repeat is None:
                break
            body = next(filter(None, map(self._fitted, _multiples(repeat))), None)
            if body is not None:
                self._loop(body)
            look_from = body.end if body else repeat.start + repeat.period * repeat.count
        return self._whole() if self.collected else self.trace

    def _whole(self) -> Trace:
        """The new trace, when all loops have been found."""
        self._straight(len(self.lines))
        outputs = tuple([self._atom(a) for a in self.trace.outputs])
        return replace(self.trace, lines=tuple(self.out), outputs=outputs)

    def placed(self, var: Var) -> tuple[int, int, Any] | None:
        """Where a result is in a loop."""
        return self.place.get(var)

    def _last_uses(self) -> dict[Var, int]:
        last: dict[Var, int] = {}
        for i, line in enumerate(self.lines):
            for a in line.args:
                if isinstance(a, Var):
                    last[a] = i
        for a in self.trace.outputs:
            if isinstance(a, Var):
                last[a] = len(self.lines)
        return last

    def _fitted(self, repeat: Repeat) -> Body | None:
        """A body for the stretch, or for the part of it that fits."""
        start, period, count = repeat.start, repeat.period, repeat.count
        for _ in range(6):
            if count < 3 or count * period < FEWEST_LINES:
                return None
            try:
                return Body(self, start, period, count)
            except Misfit as misfit:
                if misfit.run is None:
                    return None
                if misfit.run <= 2:
                    skipped = max(misfit.run, 1)
                    start, count = start + skipped * period, count - skipped
                else:
                    count = misfit.run
        return None

    # ── what comes out ──

    def _straight(self, end: int) -> None:
        """The lines up to `end` as they are, but for the names of what they read."""
        for line in self.lines[self.done : end]:
            args = tuple([self._atom(a) for a in line.args])
            self.out.append(line if args == line.args else replace(line, args=args))
        self.done = end

    def _atom(self, atom: Atom) -> Atom:
        """What an atom is called in the new trace; an element of what a loop collected is read where needed."""
        if not isinstance(atom, Var):
            return atom
        known = self.now.get(atom)
        if known is not None:
            return known
        place = self.placed(atom)
        if place is None:
            return atom
        number, k, position = place
        element = Var(atom.type)
        whole, origin = self.collected[number][position], self.origins[number]
        self.out.append(Line(GETITEM, GETITEM.op, (whole,), {"key": k}, (element,), origin))
        self.now[atom] = element
        return element

    def _loop(self, body: Body) -> None:
        self._straight(body.start)
        number = len(self.collected)
        taken = body.collected_positions()
        args = tuple([self._atom(a) for a in body.arguments()])
        outs = [Var(carried.inner.type) for carried in body.carried]
        tapes = {position: Var(_stacked(body.count, body.type(position))) for position in taken}
        loop = Loop(
            body.trace([body.local(position) for position in taken]), body.count, len(body.carried),
            tuple((s.start, s.step) for s in body.sequences), tuple((c.start, c.step) for c in body.counters),
            tuple(c.written for c in body.carried),
        )  # fmt: skip
        results = (*outs, *tapes.values())
        self.out.append(Line(LOOP, run_loop, args, {"loop": loop}, results, body.origin, many=True))
        self.collected.append(tapes)
        self.origins.append(body.origin)
        self.done = body.end
        for carried, out in zip(body.carried, outs, strict=True):
            for var in carried.afterwards:
                self.now[var] = out
        for position in taken:
            for k in range(body.seen):
                self.place[body.at(position[0], k).outs[position[1]]] = (number, k, position)


def _multiples(repeat: Repeat) -> Iterator[Repeat]:
    """The repeat, and what it may be where something is swapped from run to run."""
    for times in MULTIPLES:
        yield Repeat(repeat.start, repeat.period * times, repeat.count // times)


def _stacked(count: int, t: Type) -> Type:
    return Type({"float": "f64", "complex": "c128", "int": "i64"}.get(t.dtype, t.dtype), (count, *t.shape))
