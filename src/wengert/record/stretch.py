"""A stretch of lines that repeats, kept as one run of it: what is expected of the next line, and every line again.

Run k of a stretch has the lines of run 0 with slots, and whole numbers of an index, that are k steps further on.
Numbers that differ from run to run are kept in a table.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

from wengert.record.alike import Unlike, is_entry, known, moved, same, steps
from wengert.record.value import Line, concrete

Origin = tuple[str, int]
_ndarray = np.ndarray
_NO_KEY: Any = object()

LINES, PERIOD, NEXT, RUN, COUNT = range(5)
"""What a cursor says: where the packed lines lie (0: nowhere), how many they are, which line of which run is the next
one, and how many lines there are before it."""
PACK: list[Any] = [None]
"""(expected lines, results) → them as numbers that native code compares lines with, where there is such code."""


class Expected:
    """One line of a stretch, of run 0; `slots` are those of run `at`."""

    __slots__ = (
        "args", "at", "by", "constants", "first", "key", "kind", "number", "origin", "params", "row", "shift", "slots",
        "tables",
    )  # fmt: skip

    def __init__(self, before: Line, line: Line, origin: Origin) -> None:
        """From the lines of the two last runs before the stretch."""
        row, slots, y, args, params, _ = line
        if row is not before[0] or len(slots) != len(before[1]):
            raise Unlike
        self.row, self.args, self.origin = row, args, origin
        self.shift = tuple([_shift(a, b) for a, b in zip(before[1], slots, strict=True)])
        self.first = self.slots = _further(slots, self.shift)
        self.at = 0
        self.kind = _kind(y)
        self.by = steps(before[4], params)
        self.params = moved(params, self.by, 1)
        self.number = self._number()
        self.key = self.number[0] if self.number is not None and self.number[1] == 0 else _NO_KEY
        self.constants = [k for k, s in enumerate(slots) if s < 0]
        self.tables: dict[int, list[Any]] = {k: [] for k in self.constants if known(args[k]) != known(before[3][k])}
        if not all([is_entry(args[k], before[3][k]) for k in self.tables]):
            raise Unlike

    def _number(self) -> tuple[int, int] | None:
        """The index and its step, where the index is a number and the only parameter."""
        params = self.params
        if type(params) is not dict or len(params) != 1 or type(params.get("key")) is not int:
            return None
        return params["key"], 0 if self.by is None else self.by[0]

    def takes(self, line: Line, k: int) -> bool:
        """Whether that is the line, of run k. If so, the next run is expected."""
        row, slots, y, args, params, _ = line
        if k != self.at:
            self.slots, self.at = self._slots(k), k
        if row is not self.row or slots != self.slots:
            return False
        if (
            params is not self.params
            and (params is None or params.get("key") is not self.key)
            and not self._has_params(params, k)
        ):
            return False
        kind = self.kind
        if type(y) is not kind and (type(kind) is type or _kind(y) != kind):
            return False
        for a in self.constants:
            if (a in self.tables or args[a] is not self.args[a]) and not self._has_constant(a, args[a]):
                return False
        self.slots, self.at = _further(slots, self.shift), k + 1
        return True

    def _slots(self, k: int) -> tuple[int, ...]:
        """The slots in run k."""
        return tuple([s + k * d for s, d in zip(self.first, self.shift, strict=True)])

    def _has_params(self, params: Any, k: int) -> bool:
        number = self.number
        if number is not None:
            key = params["key"]
            return type(key) is int and key == number[0] + k * number[1]
        return same(params, moved(self.params, self.by, k))

    def _has_constant(self, a: int, x: Any) -> bool:
        """Whether x is what argument `a` always is; it is noted where they differ."""
        table = self.tables.get(a)
        if table is None:
            mine = self.args[a]
            return (type(x) is float is type(mine) and x == mine != 0.0) or known(x) == known(mine)
        table.append(x)
        return is_entry(x, self.args[a])

    def line(self, k: int, y: Any) -> Line:
        """The line of run k; its result is `y`, of which only the type is right."""
        args = tuple([self.tables[a][k] if a in self.tables else x for a, x in enumerate(self.args)])
        return self.row, self._slots(k), y, args, moved(self.params, self.by, k), None


def _shift(before: int, slot: int) -> int:
    if (before < 0) != (slot < 0):
        raise Unlike
    return slot - before


def _further(slots: tuple[int, ...], shift: tuple[int, ...]) -> tuple[int, ...]:
    """The slots in the next run."""
    n = len(slots)
    if n == 2:
        return slots[0] + shift[0], slots[1] + shift[1]
    return (slots[0] + shift[0],) if n == 1 else tuple([s + d for s, d in zip(slots, shift, strict=True)])


def _kind(y: Any) -> Any:
    """What must be the same of the results in all runs: their type, shape and dtype."""
    if type(y) is _ndarray:
        return y.shape, y.dtype
    y = concrete(y)
    if type(y) is _ndarray:
        return y.shape, y.dtype
    return [_kind(part) for part in y] if isinstance(y, (tuple, list)) else type(y)


class Stretch:
    """`count` runs of `period` lines, the first of which defines slot `start`. The two runs before it are given."""

    def __init__(self, start: int, before: list[Line], last: list[Line], origins: list[Origin]) -> None:
        self.start, self.period = start, len(last)
        self.expected = [Expected(a, b, o) for a, b, o in zip(before, last, origins, strict=True)]
        self.results = [line[2] for line in last]
        packed = PACK[0]
        self.packed = None if packed is None else packed(self.expected, self.results)
        self.cursor = array("q", [0 if self.packed is None else self.packed.buffer_info()[0], self.period, 0, 0, start])

    @property
    def count(self) -> int:
        """How many whole runs there are."""
        return self.cursor[RUN]

    @property
    def end(self) -> int:
        """The slot after the last whole run."""
        return self.start + self.cursor[RUN] * self.period

    def takes(self, line: Line) -> bool:
        """Whether the line is the next one; if so, it is in the stretch."""
        cursor = self.cursor
        at, k = cursor[NEXT], cursor[RUN]
        if not self.expected[at].takes(line, k):
            return False
        if at + 1 == self.period:
            cursor[NEXT], cursor[RUN] = 0, k + 1
        else:
            cursor[NEXT] = at + 1
        cursor[COUNT] += 1
        return True

    def partial(self) -> list[tuple[Line, Origin]]:
        """The lines of the run that is recorded now."""
        k = self.cursor[RUN]
        lines = zip(self.expected, self.results[: self.cursor[NEXT]], strict=False)
        return [(expected.line(k, y), expected.origin) for expected, y in lines]

    def line(self, slot: int) -> Line:
        """The line that defines a slot."""
        k, j = divmod(slot - self.start, self.period)
        return self.expected[j].line(k, self.results[j])

    def origin(self, slot: int) -> Origin:
        """Where that line came from."""
        return self.expected[(slot - self.start) % self.period].origin

    def column(self, j: int, a: int) -> list[Any]:
        """The constant that is argument `a` of line `j`, in each whole run."""
        expected = self.expected[j]
        return expected.tables[a][: self.count] if a in expected.tables else [expected.args[a]] * self.count
