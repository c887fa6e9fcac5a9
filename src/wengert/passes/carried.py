"""What the body of a loop takes from outside: carried values, sequences, counters; and the runs of a stretch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from wengert.ir.line import Atom, Var

Position = tuple[int, int]
"""(line of the body, number of its result)."""


class Misfit(Exception):
    """The stretch is no loop; `run` is the first run that does not fit, if it is known."""

    def __init__(self, run: int | None = None) -> None:
        super().__init__()
        self.run = run


@dataclass(eq=False)
class Carried:
    """A value that each run hands to the next: `inner` is what the body calls it, `last` what it hands on.
    `position` is where it is computed, and `lag` how many runs before, `follows` what carries it one run less;
    `owner` is the array that is written to, if it is one array in all runs; `changed` says that each run writes
    into what the one before has handed on. `afterwards` are the variables of the old trace that are its last value."""

    first: Atom
    inner: Var
    position: Position | None = None
    lag: int = 1
    follows: Carried | None = None
    owner: Var | None = None
    changed: bool = False
    last: Any = None
    afterwards: list[Var] = field(default_factory=list[Var])

    @property
    def written(self) -> bool:
        """Whether it is an array that the body writes to."""
        return self.changed or self.owner is not None


class Beyond(Protocol):
    """The runs of a stretch, which follow those that are lines of the trace."""

    count: int

    def variable(self, twin: Var, k: int) -> Var | None: ...
    def variables(self, twin: Var) -> list[Var]: ...
    def has(self, var: Var) -> bool: ...
    def constants(self, at: int, a: int) -> list[Any]: ...
    def last(self, at: int, a: int) -> Var: ...


@dataclass(eq=False)
class Stepped:
    """A sequence, or a counter, of which run k sees start + k·step."""

    source: Any
    inner: Var
    start: int
    step: int
