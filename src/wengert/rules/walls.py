"""Initial value problems whose right-hand side jumps where the solution never comes: beyond an event that ends it, or
beyond its end.

The steps of a solver look further than the solution goes. So the problem is solved once more, more exactly, with a
right-hand side that is no number on the other side of a jump: a step that looks there is rejected, and shorter ones
are taken. What ends at the jump itself is solved to just before it, and from there by one short step whose stages lie
before its end (Ralston, Math. Comp. 16 (1962), of third order): its length d satisfies the event's equation
g(t + d, y(t + d)) = 0, and has the derivatives of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.record.apply import INPUT
from wengert.record.looks import Looks
from wengert.record.state import compute
from wengert.record.swap import run_body
from wengert.record.value import Array, Recorder, is_value
from wengert.rules.axes import as_array
from wengert.rules.jumping import TRIED, Jumped, Steps, pieces, size_of
from wengert.rules.solved import Observed, solved_for, still, value_and_jacobian

integrate: Any = _integrate
plain_ivp = integrate.solve_ivp
TOLERANCES = {"rtol": 1e-11, "atol": 1e-13}
_SHORT = 1e-7
"""The last step, in parts of the whole."""
_REACHED = 1e-9
"""So near the end of a solution a jump is at its end."""


_ROOM = 4000
"""So many looks at a right-hand side that another method found stiff are few enough for one which is explicit."""


_OFTEN = 3000
"""Who looks more often at the other side is there at once, where steps may be as short as the least of numbers."""


class _Stiff(Exception):
    """An explicit method would take too many steps."""


class Walled:
    """A right-hand side that is no number on the other side of a jump. Of y it is seen where it looks, also where y
    depends on nothing."""

    def __init__(self, steps: Steps, args: Any, t: Any, y: Any) -> None:
        self.steps, self.args = steps, args
        self.jump: Jumped | None = None
        self.tried: dict[Any, int] = {}
        self.walls: set[Any] = set()
        self.outer: list[Recorder] = []
        self.room: float = np.inf
        self.beyond = 0
        self._seen(t, y)  # whose recordings it is part of
        self.first = self.before = (t, y, *self._seen(t, y))

    def again(self) -> Walled:
        """At the start of a solution."""
        self.beyond = 0
        self.before = self.first
        return self

    def __call__(self, t: Any, y: Any) -> Any:
        self.room -= 1
        if self.room < 0:
            raise _Stiff
        if np.all(np.isfinite(still(y))):
            answers, f = self._seen(t, y)
            if answers == self.before[2] or not self._is_beyond(t, y, answers):
                self.before = t, y, answers, f
                return f
        self.beyond += 1
        if self.jump is not None and self.beyond > _OFTEN:
            raise self.jump
        return np.full(np.shape(still(self.first[3])), np.nan)

    def _seen(self, t: Any, y: Any) -> tuple[Any, Any]:
        rec = Recorder(("a solver", None))
        inside: Any = Array(1.0 * as_array(y), rec, rec.append((INPUT, (), None, (), None, None)))
        marks = [(outer, outer.mark()[0]) for outer in self.outer if not outer.ended]
        looks = Looks()
        with looks:
            f: Any = as_array(self.steps.fun(t, inside, *self.args))
        answers = dict(looks.now)
        for recorder, mark in [*marks, (rec, 0)]:
            pieces(recorder, mark, answers)
        if is_value(f) and f.rec is rec:
            f = f.primal
        self.outer, part = [], f
        while is_value(part):
            self.outer += [] if part.rec is None else [part.rec]
            part = part.primal
        return frozenset([(place, frozenset(found)) for place, found in answers.items()]), f

    def _is_beyond(self, t: Any, y: Any, answers: Any) -> bool:
        t0, y0, before, f = self.before
        pair = before, answers
        self.tried[pair] = self.tried.get(pair, 0) + 1
        if pair in self.walls or self.tried[pair] > TRIED:
            return pair in self.walls
        start, span, y0, y = still(t0), still(t) - still(t0), still(y0), still(y)

        def at(way: float) -> tuple[Any, Any]:
            answers, f = self._seen(start + way * span, y0 + way * (y - y0))
            return dict(answers), f

        try:
            self.steps.look_between(at, max(size_of(self.first[3]), size_of(f)))
        except Jumped as jump:
            self.jump = jump
            self.walls.add(pair)
            return True
        return False


@dataclass
class Problem:
    """What a solver was asked for."""

    steps: Steps
    args: Any
    span: Any
    y0: Any
    stiff: bool
    events: Any = ()

    def solution(self) -> Solution:
        """The solution; Jumped where it meets a jump."""
        start = still(self.span[0])
        return Solution(self, Walled(self.steps, self.args, start, still(as_array(self.y0))))


class Solution:
    """The solution at any time as a function of what it depends on: a state, at a time before, and one short step."""

    def __init__(self, problem: Problem, walled: Walled) -> None:
        self.problem, self.walled = problem, walled
        self.start, self.end = [float(still(t)) for t in problem.span]
        self.method: dict[str, Any] = {"method": "DOP853", **TOLERANCES}
        walled.room = _ROOM if problem.stiff else np.inf
        try:
            self._look_ahead()
        except _Stiff:
            walled.room = np.inf
            self.method.update({"method": "Radau", "jac": self._slopes})
            self._look_ahead()

    def solve(self, times: Any) -> Any:
        """The states at these times, a column each."""
        wanted = np.concatenate([np.atleast_1d(still(times)), *self.roots])
        wanted = wanted[np.sign(self.end - self.start) * (self.last - wanted) > 0]
        self.times: Any = np.unique(np.append(wanted, self.last))[:: 1 if self.last >= self.start else -1]
        given = {"t_eval": self.times, **self.method}
        self.walled.room = np.inf
        span = self.problem.span[0], self.last
        self.states = run_body(plain_ivp, (self.walled.again(), span, self.problem.y0), given).y
        if np.shape(still(self.states))[-1:] != self.times.shape:
            self._refuse()
        return self.at(times)

    def _slopes(self, t: Any, y: Any) -> Any:
        """∂f/∂y, by no look at the other side of a jump: how fast Newton's iterations converge, not where to."""
        return still(value_and_jacobian(lambda y: self.walled(still(t), y), still(y))[1])

    def _look_ahead(self) -> None:
        """Where the solution ends; the last time to which it is solved; the times of the events."""
        p = self.problem
        events = [_plainly(event, p.args) for event in p.events]
        plain = (Observed()(self.walled.again()), (self.start, self.end), still(as_array(p.y0)))
        found = compute(plain_ivp, plain, {"events": events or None, **self.method})
        self.roots = [np.array(ts) for ts in found.t_events or []]
        last, whole = found.t[-1], abs(found.t[-1] - self.start)
        self.last = last - np.sign(self.end - self.start) * _SHORT * whole
        self.ended = found.status == 1
        if found.status == -1 and self.walled.jump is not None:
            self.ended = self._event_at(found, events, last)
            if not self.ended and abs(self.end - last) > _REACHED * abs(self.end - self.start):
                self._refuse()
        elif found.status == -1:
            self._refuse()
        elif not self.ended:
            self.last = self.end
        if not whole:
            self._refuse()

    def _event_at(self, found: Any, events: Any, last: Any) -> bool:
        """Whether an event that ends the solution is where it cannot go on; its time is among the roots then."""
        whole = abs(last - self.start)
        n = int(np.sum(np.abs(last - found.t) >= _SHORT * whole)) - 1
        for k, event in enumerate(events):
            before, at = [event(found.t[i], found.y[:, i]) for i in (n, -1)]
            slope = (at - before) / (last - found.t[n])
            count, direction = float(getattr(event, "terminal", 0) or np.inf), getattr(event, "direction", 0)
            if slope and abs(at / slope) <= _REACHED * whole and direction * (at - before) >= 0:
                self.roots[k] = np.append(self.roots[k], last)
                return len(self.roots[k]) == count
        return False

    def _refuse(self) -> None:
        raise self.walled.jump or Jumped("")

    def _base(self, t: Any) -> tuple[Any, Any]:
        """The time before t of which there is a state, and the state."""
        k = int(np.argmin(np.abs(self.times - t)))
        return self.times[k], self.states[:, k]

    def _on(self, t: Any, y: Any, d: Any) -> Any:
        """The state after a short step."""
        f = self.walled
        k1 = as_array(f(t, y))
        k2 = as_array(f(t + 0.5 * d, y + 0.5 * d * k1))
        k3 = as_array(f(t + 0.75 * d, y + 0.75 * d * k2))
        return y + d * (2.0 * k1 + 3.0 * k2 + 4.0 * k3) / 9.0

    def at(self, times: Any) -> Any:
        """The states at these times, a column each."""
        columns = []
        for k, t in enumerate(np.atleast_1d(still(times))):
            base, y = self._base(t)
            columns.append(y if t == base and not is_value(times) else self._on(base, y, times[k] - base))
        return self._finite(np.stack(columns, axis=-1))

    def _finite(self, y: Any) -> Any:
        if not np.all(np.isfinite(still(y))):
            self._refuse()
        return y

    def events(self) -> tuple[list[Any], list[Any]]:
        """The times of each event, and the states then."""
        times: list[Any] = []
        states: list[Any] = []
        for event, roots in zip(self.problem.events, self.roots, strict=True):
            found = [self._root(event, t) for t in roots]
            times.append(np.stack([t for t, _ in found]) if found else roots)
            states.append(np.stack([y for _, y in found]) if found else np.zeros((0,)))
        return times, states

    def last_of(self, ends: Any) -> Any:
        """The time at which an event ended the solution."""
        last = [ts[-1] for ts in ends if np.size(still(ts))]
        return last[int(np.argmax([abs(still(t) - self.start) for t in last]))]

    def _root(self, event: Any, t: Any) -> tuple[Any, Any]:
        base, y = self._base(t)
        equation = lambda d: np.reshape(event(base + d[0], self._on(base, y, d[0]), *self.problem.args), (1,))
        d = solved_for(equation, np.array([t - base]), "scipy.integrate.solve_ivp")[0]
        return base + d, self._finite(self._on(base, y, d))


def _plainly(event: Any, args: Any) -> Any:
    observed = Observed()(event)

    @wraps(event)  # it may say that it is terminal
    def plain(t: Any, y: Any) -> Any:
        return observed(t, y, *args)

    return plain
