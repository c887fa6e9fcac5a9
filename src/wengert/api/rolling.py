"""Long functions inside jit: when a recording is given up, to be made anew by itself.

A derivative of a derivative records every step of f at every level. Where that becomes long, the recording is given
up, and what a compiler has registered here is asked for another function, of the same meaning, in fewer steps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.record.value import ROLLED, Array, Line, Recorder, Scalar

ROLL: list[Callable[..., Any]] = []
"""What makes another function of one that is long (`api/rolled.py`), once there is a compiler."""
LONGEST = 1000
"""Lines from which on a function is recorded apart."""


class TooLong(BaseException):
    """A recording has more than LONGEST lines, these. No `except Exception` of a user's hides it."""


class Short(list[Line]):
    """Lines of a recording that is given up when it becomes long; a bare `except` of a user's may hide that."""

    given_up = False

    def append(self, line: Line) -> None:
        if len(self) >= LONGEST:
            self.given_up = True
            raise TooLong(self)
        super().append(line)


class Around:
    """The recordings to which some values belong, as they are before a derivative inside them begins."""

    def __init__(self, leaves: list[Any]) -> None:
        self.recorders = list({id(rec): rec for x in leaves for rec in _recorders(x)}.values())
        self.marks = [rec.mark() for rec in self.recorders]

    @property
    def rolls(self) -> bool:
        """Whether a compiler records, and nothing that would have to understand loops is in between."""
        kinds = [rec.traces for rec in self.recorders if rec.traces]
        return bool(kinds) and all([kind is ROLLED for kind in kinds])

    def restore(self) -> None:
        """Take back what has been recorded since."""
        for rec, mark in zip(self.recorders, self.marks, strict=True):
            rec.cut(mark)


def _recorders(x: Any) -> list[Recorder]:
    found: list[Recorder] = []
    while type(x) is Scalar or type(x) is Array:
        if x.rec is not None:
            found.append(x.rec)
        x = x.primal
    return found
