"""The row of solvers: SciPy's, called with plain arguments and with functions that are traces (`rules.solver_ways`).

It has no derivative: the steps of Newton's method that follow such a line have (`rules.solved`). What the traces do not
know (a way that a function did not go, another message, an error) ends the run, and the program is recorded anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert import tree
from wengert.errors import OffTrace
from wengert.ir.line import Type
from wengert.ir.row import Row
from wengert.ir.spelling import public_name
from wengert.record.apply import apply
from wengert.record.locate import full_name
from wengert.record.protocols import lower
from wengert.record.state import compute
from wengert.record.swap import Paused
from wengert.record.value import is_value, stopped
from wengert.rules.solver_ways import Untold, Ways, key_of

optimize: Any = _optimize
Fn = Callable[..., Any]


class Solver:
    """How a line calls SciPy: `given` are the keywords, with `Place` and `Ways` in the place of recorded values and
    functions; `form` is that of the result, numbers apart; `functions` are all of the functions, which NumPy
    computes if they must be `exact`."""

    def __init__(
        self, original: Fn, given: dict[str, Any], form: Any, functions: list[Ways], exact: bool, name: str = ""
    ) -> None:
        self.original, self.given, self.form, self.name = original, given, form, name or _name(original)
        self.functions, self.exact = tuple(functions), exact
        self.fixed = {key: x for key, x in given.items() if is_fixed(x)}
        self.moving = {key: x for key, x in given.items() if key not in self.fixed}

    def __repr__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return self is other or (type(other) is Solver and self.key == other.key)

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def key(self) -> Any:
        """What does the same has the same: solves in a loop are one line of it."""
        ways = [way.key for function in self.functions for way in function.ways]
        return self.name, str(self.form), _key(self.given), tuple(ways), self.exact

    def run(self, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """The numbers in SciPy's result."""
        given = filled(self.moving, values, lambda ways: ways.bound(values))
        numbers: list[Any] = []
        with Paused(), np.errstate(all="ignore"):
            form = taken_apart(compute(self.original, (), {**self.fixed, **given}), numbers)
        if form != self.form:
            raise OffTrace(f"{self} gave a result of another form.")
        return tuple(numbers)


def solved(*args: Any, solver: Solver) -> tuple[Any, ...]:
    """The numbers in a solver's result."""
    known = tuple([stopped(x) for x in args])
    if any([is_value(x) for x in known]):
        return apply(SOLVER, known, {"solver": solver})
    return solver.run(tuple([lower(x) for x in known]))


def _name(original: Fn) -> str:
    """The name by which a user knows a solver."""
    return public_name(original) or full_name(original)


SOLVER = Row(solved, "solver", "constant")


def is_fixed(x: Any) -> bool:
    """Whether x cannot change; a bare object is what SciPy takes for nothing."""
    return x is None or type(x) is object or isinstance(x, (bool, int, float, complex, str, np.generic))


def _key(x: Any) -> Any:
    if type(x) in (dict, tuple, list):
        parts = x.items() if type(x) is dict else x
        return type(x), tuple([_key(part) for part in parts])
    if type(x) is Place:
        return Place, x.k
    if type(x) is Made:
        return x.kind, _key(x.parts)
    return type(x) if type(x) is Ways else key_of(x)


class Place:
    """Stands for an argument of the line."""

    def __init__(self, k: int) -> None:
        self.k = k


def filled(x: Any, values: tuple[Any, ...], function: Callable[[Ways], Any]) -> Any:
    """A nest of arguments with values for places."""
    kind = type(x)
    if kind is Place:
        return values[x.k]
    if kind is Ways:
        return function(x)
    if kind is dict or kind is tuple or kind is list:
        return nested(x, lambda part: filled(part, values, function))
    if kind is Made:
        return x.kind(*filled(x.parts, values, function))
    return x.copy() if kind is np.ndarray else x


class Made:
    """Stands for an object of SciPy's that is made of these parts."""

    def __init__(self, kind: Any, parts: tuple[Any, ...]) -> None:
        self.kind, self.parts = kind, parts


def parts_of(x: Any) -> tuple[Any, ...] | None:
    """What an object of SciPy's is made of."""
    names = PARTS.get(type(x))
    return names and tuple([getattr(x, name) for name in names])


PARTS: dict[Any, tuple[str, ...]] = {
    optimize.Bounds: ("lb", "ub", "keep_feasible"),
    optimize.LinearConstraint: ("A", "lb", "ub", "keep_feasible"),
}


def nested(x: Any, function: Callable[[Any], Any]) -> Any:
    """A dict, tuple or list with the function of each part."""
    if type(x) is dict:
        return {key: function(part) for key, part in x.items()}
    return type(x)([function(part) for part in x])


def copied(x: Any) -> Any:
    """x, an array in memory of its own."""
    return x.copy() if type(x) is np.ndarray else x


# ── results ──


def taken_apart(found: Any, numbers: list[Any]) -> Any:
    """The form of a result, something to compare; its numbers and arrays are added to the list."""
    if found is None or type(found) is str:
        return found
    if isinstance(found, (bool, int, float, complex, np.generic)) or type(found) is np.ndarray:
        numbers.append(copied(found))
        return Type.of(found)
    if isinstance(found, dict):
        return type(found), tuple(found), tuple([taken_apart(part, numbers) for part in found.values()])
    if type(found) is tuple or type(found) is list:
        return type(found), None, tuple([taken_apart(part, numbers) for part in found])
    return Untold(type(found).__name__)


def _split(found: Any) -> Any:
    return tuple(found.values()), (type(found), tuple(found)), tuple(found)


def _joined(form: Any, parts: Any) -> Any:
    kind, keys = form
    whole = kind.__new__(kind)
    whole.update(zip(keys, parts, strict=True))
    return whole


tree.NODES[optimize.OptimizeResult] = tree.NODES[optimize.RootResults] = (_split, _joined)


def put_together(form: Any, numbers: Iterator[Any]) -> Any:
    """The result of that form with these numbers."""
    if type(form) is Type:
        return next(numbers)
    if type(form) is not tuple:
        return form
    kind, keys, parts = form
    made = [put_together(part, numbers) for part in parts]
    return kind(made) if keys is None else _joined((kind, keys), made)
