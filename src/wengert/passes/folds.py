"""Make loops of the folds of a recording: stretches of which it has kept the first runs only."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any

from wengert.ir.line import Type, Var
from wengert.ir.trace import Trace, nameless
from wengert.passes.body import Body, Misfit
from wengert.passes.gather import gather
from wengert.passes.reroll import Reroll
from wengert.record.fold import Fold
from wengert.record.folded import RUNS, Folded
from wengert.record.listing import Listing


def listed(
    recorded: Folded, types: list[Type], results: list[tuple[int, Any]], apart: bool = False
) -> tuple[Trace, Listing]:
    """The trace of a recording with those inputs, and (slot, value) of its results. What no loop can be made of is
    written out."""
    while True:
        listing = Listing(recorded, types, apart)
        outputs = tuple([listing.atom(slot, x) for slot, x in results])
        inputs = (*listing.inputs, *[var for var, _ in listing.older.values()])
        trace = nameless("body", inputs, listing.lines, outputs)
        try:
            return (gather(_Rolled(trace, listing).loops()) if listing.folds else trace), listing
        except _Unfit as unfit:
            recorded.unfold(unfit.fold)


class _Unfit(Exception):
    """No loop can be made of the fold."""

    def __init__(self, fold: Fold) -> None:
        super().__init__()
        self.fold = fold


class _Rolled(Reroll):
    """The new trace while it is being made, of one whose lines have variables of folds among their arguments."""

    def __init__(self, trace: Trace, listing: Listing) -> None:
        super().__init__(trace)
        self.listing = listing

    def loops(self) -> Trace:
        """The trace with the folds as loops."""
        for fold, end in self.listing.folds:
            self._loop(self._of_fold(fold, end))
        return self._whole()

    def _of_fold(self, fold: Fold, end: int) -> Body:
        """The body of a fold that follows those lines."""
        sources = self.listing.sources
        starts = [bisect_left(sources, fold.start - k * fold.period) for k in range(RUNS, 0, -1)]
        period = end - starts[-1]
        beyond = _Runs(self.listing, fold)
        for seen in range(RUNS, 1, -1):
            start = end - seen * period
            if period and start >= self.done and starts[-seen:] == list(range(start, end, period)):
                try:
                    return Body(self, start, period, seen, beyond)
                except Misfit:
                    continue
        raise _Unfit(fold)

    def placed(self, var: Var) -> tuple[int, int, Any] | None:
        """Where a result is in a loop."""
        beyond = self.listing.slots.beyond.get(var)
        if beyond is None:
            return super().placed(var)
        _, k, twin = beyond
        place = super().placed(twin)
        return None if place is None else (place[0], place[1] + 1 + k, place[2])


class _Runs:
    """The runs of a fold, which follow those that are lines of the trace."""

    def __init__(self, listing: Listing, fold: Fold) -> None:
        self.slots, self.sources, self.fold = listing.slots, listing.sources, fold
        self.count = fold.count
        self._known: dict[Var, dict[int, Var]] = {}
        for var, (of, k, twin) in self.slots.beyond.items():
            if of is fold:
                self._known.setdefault(twin, {})[k] = var

    def variable(self, twin: Var, k: int) -> Var | None:
        """What run k calls that result of the run before the fold; None if nobody names it."""
        return self._known.get(twin, {}).get(k)

    def variables(self, twin: Var) -> list[Var]:
        """All that has a name of those."""
        return list(self._known.get(twin, {}).values())

    def has(self, var: Var) -> bool:
        """Whether the variable is one of the fold's."""
        beyond = self.slots.beyond.get(var)
        return beyond is not None and beyond[0] is self.fold

    def constants(self, at: int, a: int) -> list[Any]:
        """Argument `a` of the line that is number `at` in the trace, a constant, in each run of the fold."""
        return self.fold.column(self._line(at), a)

    def last(self, at: int, a: int) -> Var:
        """That argument in the last run."""
        return self.slots[self.fold.line(self.fold.end - self.fold.period + self._line(at))[1][a]]

    def _line(self, at: int) -> int:
        return (self.sources[at] - self.fold.start) % self.fold.period
