"""A solver of SciPy's as one line of a compiler's recording: its plain result, as a function of all that it read.

The functions given to the solver become traces (`rules.solver_ways`), the call becomes a line (`rules.solver_call`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from wengert.record.protocols import lower
from wengert.record.state import compute, settle, state
from wengert.record.swap import Paused
from wengert.record.value import ROLLED, Recorder, concrete, is_value, stopped
from wengert.rules.solved import Observed
from wengert.rules.solver_call import (
    PARTS,
    Made,
    Place,
    Solver,
    copied,
    filled,
    is_fixed,
    nested,
    parts_of,
    put_together,
    solved,
    taken_apart,
)
from wengert.rules.solver_ways import MOST_WAYS, ORIGIN, NoWay, Way, Ways, recorded

Fn = Callable[..., Any]
MOST_SOLVERS = 32
"""Different ones, in one compiled function."""


def observer(exact: bool = False, watched: bool = False) -> Observed:
    """What gives a solver its functions: while a compiler records, so that the solver becomes a line.

    `exact` says that the last bits of the functions show in what is found: a minimum is known to half of the digits.
    """
    return Traced(exact) if state.rolling else Observed(watched)


class _Given:
    """A user's function on its way to the solver, while a compiler records."""

    def __init__(self, traced: Traced, f: Fn, args: tuple[Any, ...], plainly: Fn) -> None:
        update_wrapper(self, f)
        self.traced, self.f, self.args, self.plainly, self.bodies = traced, f, args, plainly, state.bodies
        self.ways = Ways(f)

    def __call__(self, *xs: Any, **kwargs: Any) -> Any:
        if not self.traced.why:
            try:
                return self._by_trace(xs, kwargs)
            except NoWay as reason:
                self.traced.why = str(reason)
        return self.plainly(*xs, **kwargs)

    def _by_trace(self, xs: tuple[Any, ...], kwargs: Any) -> Any:
        for way in self.ways.ways:
            try:
                return way.bound(self.traced.plain)(*xs)
            except Exception:  # another way may do
                continue
        if kwargs or not all([type(x) in _INPUTS for x in xs]):
            raise NoWay("the function given to a solver is called with more than numbers and arrays")
        if len(self.ways.ways) == MOST_WAYS:
            raise NoWay("the function given to a solver branches in too many ways")
        return self._another(xs).bound(self.traced.plain)(*xs)

    def _another(self, xs: tuple[Any, ...]) -> Way:
        outer, state.bodies = state.bodies, self.bodies
        _around.solvers.append(self.traced)
        try:
            way = recorded(self.f, xs, self.args, self.traced.place)
        finally:
            state.bodies = outer
            _around.solvers.pop()
        self.ways.ways.append(way)
        return way


class _Around(threading.local):
    """The solvers whose functions this thread is recording: they depend on what solvers inside read. The different
    lines of the compiler's recording of that serial number."""

    def __init__(self) -> None:
        self.solvers: list[Traced] = []
        self.known: tuple[int, set[Solver]] = (0, set())


_around = _Around()
_INPUTS = {float, np.float64, complex, np.complex128, np.ndarray}


class Traced(Observed):
    """Functions as a solver calls them, while a compiler records. `values` are what the line reads, `read` these as
    they are differentiated; `why` says why there can be no line."""

    def __init__(self, exact: bool = False) -> None:
        super().__init__()
        self.exact = exact
        self.began = Recorder(ORIGIN).serial  # recordings from now on are inside
        self.values: list[Any] = []
        self.functions: list[Ways] = []
        self.why = ""
        self._known: dict[Any, int] = {}
        self.read: list[Any] = []

    def __call__(self, f: Fn, args: tuple[Any, ...] = ()) -> Any:
        given = _Given(self, f, args, super().__call__(f, args))
        self.functions.append(given.ways)
        return given

    def settled(self, y: Any) -> Any:
        """The plain value of what a function returned, which no line shows."""
        for value in _values(y):
            _freeze(value, self.why)
        return super().settled(y)

    def sees(self, x: Any) -> None:
        """Note that the result depends on x, too."""
        self.recorded = self.recorded or any([self.order_of(value) > 0 for value in _values(x)])

    def order_of(self, x: Any) -> int:
        """How many derivatives are being taken, through x, of what the line gives: those inside its recording."""
        order, base = 0, max([value.rec.serial for value in self.values], default=0)
        while is_value(x):
            order += x.rec is not None and not x.rec.traces and base < x.rec.serial < self.began
            x = x.primal
        return order

    @property
    def plain(self) -> tuple[Any, ...]:
        """The values now."""
        return tuple([concrete(x) for x in self.values])

    def place(self, x: Any) -> int:
        """Which argument of the line a value that a function reads is."""
        self.read.append(x)
        return self._place(x)

    def _place(self, x: Any) -> int:
        seen = stopped(x)
        if not is_value(seen) or not _is_for_lines(seen.rec):
            raise NoWay("a solver in a loop of the compiler's, or in a batch")
        for outer in _around.solvers:
            if outer is not self:
                outer.read.append(x)
        key = (seen.rec.serial, seen.slot)
        if key not in self._known:
            self._known[key] = len(self.values)
            self.values.append(seen)
        return self._known[key]

    def solve(self, original: Fn, given: dict[str, Any]) -> Any:
        """The solver's result, whose numbers the compiler's recording knows."""
        settle()
        try:
            template = self._template(given)
            found = self._found(original, given)
            if not self.values and not self.why:
                return found
            if self.why:
                raise NoWay
        except NoWay as reason:
            self.why = self.why or str(reason)
            self.freeze(given, self.why)
            found = compute(original, (), lowered(given))
            self.recorded = self.order > 0  # a compiler's recording is given up
            return found
        self.order = max([self.order_of(x) for x in self.read], default=0)
        self.recorded = self.order > 0
        line = Solver(original, template, taken_apart(found, []), self.functions, self.exact)
        if not self._is_one_of_few(line):
            self.freeze(given, f"more than {MOST_SOLVERS} solvers are given functions that differ")
            return found
        return put_together(line.form, iter(solved(*self.values, solver=line)))

    def _is_one_of_few(self, line: Solver) -> bool:
        """Whether the compiler's recording has few lines that differ from each other: each is compiled by itself."""
        serials = [x.rec.serial for x in self.values if x.rec.traces is ROLLED]
        if not serials:
            return True
        serial, known = _around.known
        if serial != serials[0]:
            known = set()
        known.add(line)
        _around.known = serials[0], known
        return len(known) <= MOST_SOLVERS

    def line(self, function: Fn, given: dict[str, Any], name: str) -> Any:
        """What a function of plain numbers, and of the functions that are traced, returns, as another line."""
        template = self._template(given)
        plain = self.plain
        self.functions = [x for x in given.values() if type(x) is Ways]
        with Paused():
            found = function(**filled(template, plain, lambda ways: ways.bound(plain)))
        line = Solver(function, template, taken_apart(found, []), self.functions, self.exact, name)
        return put_together(line.form, iter(solved(*self.values, solver=line)))

    def _found(self, original: Fn, given: dict[str, Any]) -> Any:
        """What SciPy finds. That it raises an error, which the user may catch, no line shows."""
        try:
            return compute(original, (), lowered(given))
        except BaseException:
            self.freeze(given, "a solver raised an error")
            raise

    def freeze(self, given: dict[str, Any], why: str) -> None:
        """Note that no line shows what is found."""
        for value in (*self.values, *_values(given)):
            _freeze(value, why)

    def _template(self, x: Any) -> Any:
        """A nest of arguments as a line keeps it."""
        kind = type(x)
        if is_value(x):
            return copied(x.primal) if x.rec is None else Place(self._place(x))
        if kind is _Given or kind is Ways:
            return x.ways if kind is _Given else x
        if kind is dict or kind is tuple or kind is list:
            return nested(x, self._template)
        if kind in PARTS:
            return Made(kind, self._template(parts_of(x)))
        if is_fixed(x):
            return x
        if kind is np.ndarray and not x.dtype.hasobject:
            return x.copy()
        raise NoWay(f"a solver is given a {kind.__name__}")


def _is_for_lines(rec: Recorder) -> bool:
    """Whether nobody will differentiate the recording: it is the compiler's, or that of another solver's function."""
    return rec.origin is ORIGIN or (rec.traces is ROLLED and not rec.apart)


def _freeze(x: Any, why: str) -> None:
    while is_value(x):
        if x.rec is not None and x.rec.traces:
            x.rec.freeze(why)
        x = x.primal


def _values(x: Any) -> list[Any]:
    """The recorded values in a nest."""
    if is_value(x):
        return [x]
    if type(x) in PARTS:
        return _values(parts_of(x))
    if type(x) is tuple or type(x) is list:
        return [value for part in x for value in _values(part)]
    return [value for part in x.values() for value in _values(part)] if type(x) is dict else []


def lowered(x: Any) -> Any:
    """A nest of arguments with plain values for recorded ones."""
    if type(x) in PARTS:
        return type(x)(*lowered(parts_of(x)))
    return nested(x, lowered) if type(x) in (dict, tuple, list) else lower(x)
