"""Right-hand sides that look at the solution: where they jump there is no derivative of the recorded steps.

Let f be f₋ before, and f₊ after, the time t* at which σ(t, y, θ) = 0. The sensitivity s = dy/dθ jumps there as well,
s₊ − s₋ = (f₋ − f₊) dt*/dθ (Hairer, Nørsett and Wanner, Solving Ordinary Differential Equations I, 1993, II.6). The
steps of a solver, once recorded, have no such term. Where f only has a kink it is zero.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.looks import Looks
from wengert.record.protocols import any_recorded
from wengert.record.value import is_value
from wengert.rules.axes import as_array
from wengert.rules.solved import Observed, order_of, still

TRIED, _SURFACES, _HALVINGS = 3, 8, 55
"""How often a change of answers is looked into, at how many places between two calls, how exactly each is found."""
_CONTINUOUS = 1e-7
"""Up to this part of its size f may differ on both sides of a place that is known to the last bit: it may be a root."""


Answers = dict[Any, set[Any]]
"""place of the program, or row and number → what was answered there"""


class Jumped(Exception):
    """A right-hand side jumps somewhere, of which its text tells: there may be another way."""

    def refusal(self) -> NoDerivative:
        """What to raise if there is none."""
        return NoDerivative(str(self))


class Steps(Observed):
    """The right-hand side as the recorded steps of a solver call it. It is refused where it jumps: where two calls saw
    different answers to a look at what is differentiated, and f differs on both sides of the place between them. If
    there may be `another` way, Jumped is raised.
    `apart` says that this is recorded now and differentiated later."""

    def __init__(self, fun: Any, name: str, remedy: str, another: bool = False) -> None:
        super().__init__(watched=True)
        self.fun, self.name, self.remedy, self.another = fun, name, remedy, another
        self.recorder: Any = None
        self.apart = False
        self.before: tuple[Any, ...] | None = None
        self.first: Any = None
        self.tried: dict[Any, int] = {}

    def __call__(self, t: Any, y: Any = None, *args: Any) -> Any:
        answers, f = self._answered(self.looks, t, y, args)
        self.order = max([self.order, *[order_of(part) for part in _parts(f)]])
        self.apart = self.apart or (self.recorder is not None and self.recorder.apart)
        self.first = f if self.first is None else self.first
        here = t, y, args, f, answers
        if self.before is not None and self.before[-1] != here[-1] and self._is_new(self.before[-1], here[-1]):
            self._compare(self.before, here)
        self.before = here
        return f

    def _answered(self, looks: Looks, t: Any, y: Any, args: Any) -> tuple[Answers, Any]:
        """What f saw where it looked, or what stands for that; f(t, y)."""
        mark = None if self.recorder is None or self.recorder.ended else self.recorder.mark()
        with looks:
            f = self.fun(t, y, *args)
        answers: Answers = dict(looks.now)
        if mark is not None and self.recorder is not None:
            pieces(self.recorder, mark[0], answers)
        self.recorder = next((part.rec for part in _parts(f) if is_value(part)), self.recorder)
        return answers, f

    def _is_new(self, *answers: Answers) -> bool:
        key = tuple([frozenset([(place, frozenset(found)) for place, found in a.items()]) for a in answers])
        self.tried[key] = self.tried.get(key, 0) + 1
        return self.tried[key] <= TRIED

    def _compare(self, before: Any, here: Any) -> None:
        (t0, y0, args, f0, _), (t1, y1, _, f1, _) = before, here
        start, span = still(t0), still(t1) - still(t0)  # what is decided by the time alone moves with nothing
        still([y0, y1])  # a trace of this does not hold for other arguments

        def at(way: float) -> tuple[Any, Any]:
            return self._answered(Looks(), start + way * span, y0 + way * (y1 - y0), args)

        try:
            self.look_between(at, max(map(size_of, (self.first, f0, f1))))
        except Jumped as jump:
            if self.another:
                raise
            raise jump.refusal() from None

    def look_between(self, at: Any, size: float) -> None:
        """Look for jumps between at(0) and at(1), answers and f at parts of the way."""
        with suppress(ArithmeticError, ValueError):  # f need not be defined between
            self._search(at, size)

    def _search(self, at: Any, size: float) -> None:
        (answers, _), (last, _), low = at(0.0), at(1.0), 0.0
        for _ in range(_SURFACES):
            if answers == last:
                return
            high = 1.0
            for _ in range(_HALVINGS):
                middle = 0.5 * (low + high)
                if at(middle)[0] == answers:
                    low = middle
                else:
                    high = middle
            (_, below), (following, above) = at(low), at(high)
            if not size_of(_plain(below) - _plain(above)) <= _CONTINUOUS * max(size, size_of(below), size_of(above)):
                raise Jumped(
                    at_user_line(f"{self.name} jumps where {_changed(answers, following)}, and the jump moves")
                    + f"\n{self.remedy}"
                )
            answers, low = following, high


def pieces(recorder: Any, start: int, answers: Answers) -> None:
    """Add on which pieces of functions with jumps the lines from there on are."""
    for k in range(start, len(recorder.lines)):
        row, _, _, given, _, _ = recorder.lines[k]
        if row.jumps:
            answers[row.name, len(answers)] = {np.asarray(row.jumps(*map(still, given))).tobytes()}


def _parts(f: Any) -> Any:
    return f if isinstance(f, (list, tuple)) else [f]


def _plain(f: Any) -> Any:
    return 1.0 * np.ravel(still(as_array(f) if any_recorded(f) else f))


def size_of(f: Any) -> float:
    """The largest of the numbers that f returned."""
    return float(np.max(np.abs(_plain(f)), initial=0.0))


def _changed(before: Answers, after: Answers) -> str:
    """The line of the program whose look is answered otherwise."""
    places = [place for place in {**before, **after} if place is not None and before.get(place) != after.get(place)]
    if not places:
        return "it decides otherwise"
    code, at = places[0]
    if isinstance(code, str):
        return f"{code} does"
    line = list(code.co_positions())[at // 2][0]
    return f"line {line} of {code.co_filename.rpartition('/')[2]} decides otherwise"
