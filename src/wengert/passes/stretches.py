"""Make loops of the stretches of a recording that repeat, of which it has kept the first runs only."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from wengert.ir.line import Type, Var
from wengert.ir.trace import Trace, nameless
from wengert.passes.body import Body
from wengert.passes.carried import Misfit
from wengert.passes.gather import gather
from wengert.passes.reroll import Reroll
from wengert.record.listing import Listing
from wengert.record.repeating import RUNS, Repeating
from wengert.record.stretch import Stretch


def listed(
    recorded: Repeating, types: list[Type], results: list[tuple[int, Any]], apart: bool = False
) -> tuple[Trace, Listing]:
    """The trace of a recording with those inputs, and (slot, value) of its results. What no loop can be made of is
    written out."""
    while True:
        listing = Listing(recorded, types, apart)
        outputs = tuple([listing.atom(slot, x) for slot, x in results])
        inputs = (*listing.inputs, *[var for var, _ in listing.older.values()])
        trace = nameless("body", inputs, listing.lines, outputs)
        try:
            return (gather(_Rolled(trace, listing).loops()) if listing.stretches else trace), listing
        except _Unfit as unfit:
            recorded.write_out(unfit.stretch)


class _Unfit(Exception):
    """No loop can be made of the stretch."""

    def __init__(self, stretch: Stretch) -> None:
        super().__init__()
        self.stretch = stretch


class _Rolled(Reroll):
    """The new trace while it is being made, of one whose lines have variables of stretches among their arguments."""

    def __init__(self, trace: Trace, listing: Listing) -> None:
        super().__init__(trace)
        self.listing = listing

    def loops(self) -> Trace:
        """The trace with the stretches as loops."""
        for stretch, end in self.listing.stretches:
            self._loop(self._of_stretch(stretch, end))
        return self._whole()

    def _of_stretch(self, stretch: Stretch, end: int) -> Body:
        """The body of a stretch that follows those lines."""
        sources = self.listing.sources
        starts = [bisect_left(sources, stretch.start - k * stretch.period) for k in range(RUNS, 0, -1)]
        period = end - starts[-1]
        beyond = _Runs(self.listing, stretch)
        for seen in range(RUNS, 1, -1):
            start = end - seen * period
            if period and start >= self.done and starts[-seen:] == list(range(start, end, period)):
                try:
                    return Body(self, start, period, seen, beyond)
                except Misfit:
                    continue
        raise _Unfit(stretch)

    def placed(self, var: Var) -> tuple[int, int, Any] | None:
        """Where a result is in a loop."""
        beyond = self.listing.slots.beyond.get(var)
        if beyond is None:
            return super().placed(var)
        _, k, twin = beyond
        place = super().placed(twin)
        return None if place is None else (place[0], place[1] + 1 + k, place[2])


class _Runs:
    """The runs of a stretch, which follow those that are lines of the trace."""

    def __init__(self, listing: Listing, stretch: Stretch) -> None:
        self.slots, self.sources, self.stretch = listing.slots, listing.sources, stretch
        self.count = stretch.count
        self._known: dict[Var, dict[int, Var]] = {}
        for var, (of, k, twin) in self.slots.beyond.items():
            if of is stretch:
                self._known.setdefault(twin, {})[k] = var

    def variable(self, twin: Var, k: int) -> Var | None:
        """What run k calls that result of the run before the stretch; None if nobody names it."""
        return self._known.get(twin, {}).get(k)

    def variables(self, twin: Var) -> list[Var]:
        """All that has a name of those."""
        return list(self._known.get(twin, {}).values())

    def has(self, var: Var) -> bool:
        """Whether the variable is one of the stretch's."""
        beyond = self.slots.beyond.get(var)
        return beyond is not None and beyond[0] is self.stretch

    def constants(self, at: int, a: int) -> list[Any]:
        """Argument `a` of the line that is number `at` in the trace, a constant, in each run of the stretch."""
        return self.stretch.column(self._line(at), a)

    def last(self, at: int, a: int) -> Var:
        """That argument in the last run."""
        return self.slots[self.stretch.line(self.stretch.end - self.stretch.period + self._line(at))[1][a]]

    def _line(self, at: int) -> int:
        return (self.sources[at] - self.stretch.start) % self.stretch.period
