"""Lines of a recording for a compiler, in which a stretch that repeats is kept once.

What a loop of Python's records is the same lines again and again. Where that shows, a further line is only compared
with what is expected of it. Whatever does not fit ends the stretch, and is a line like any other.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.ir.periods import MULTIPLES, ongoing
from wengert.record.alike import Unlike
from wengert.record.locate import user_frame
from wengert.record.stretch import COUNT, Origin, Stretch
from wengert.record.value import Line

FIRST_LOOK = 512
"""So many lines are recorded before repeats are looked for; then twice as many, and so on."""
WORTH = 2048
"""A stretch of fewer lines is undone: straight lines show more, of loops in loops say."""
RUNS = 6
"""So many runs are kept before the stretch: what is special about the first ones, which read what was there before the
loop, shows there."""


class Straight:
    """Lines as they are, the first of which defines slot `start`."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.lines: list[Line] = []
        self.origins: list[Origin] = []

    def add(self, line: Line, origin: Origin) -> None:
        """One more line."""
        self.lines.append(line)
        self.origins.append(origin)

    def line(self, slot: int) -> Line:
        """The line that defines a slot."""
        return self.lines[slot - self.start]

    def kinds(self) -> np.ndarray[Any, Any]:
        """A number for each line that is the same for the same operation of the same line of the user's."""
        numbers: dict[Any, int] = {}
        keys = [(id(line[0]), origin) for line, origin in zip(self.lines, self.origins, strict=True)]
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


class Repeating:
    """Lines that remember which of the user's lines each came from; a list of them, as a recorder needs it.

    `cursor` is where that of the stretch that is recorded lies: native code that appends lines goes by it.
    """

    __slots__ = ("_caller", "_count", "_due", "_parts", "_stretch", "cursor")

    def __init__(self) -> None:
        self.clear()
        self._caller = user_frame()

    def clear(self) -> None:
        """Forget all lines."""
        self._parts: list[Straight | Stretch] = [Straight(0)]
        self._stretch: Stretch | None = None
        self.cursor = self._count = 0
        self._due = FIRST_LOOK

    def append(self, line: Line) -> None:
        """Add a line."""
        stretch = self._stretch
        if stretch is not None:
            if stretch.takes(line):
                return
            self.end()
        self._count += 1
        self._add(line, self._origin())

    def __len__(self) -> int:
        stretch = self._stretch
        return self._count if stretch is None else stretch.cursor[COUNT]

    def __getitem__(self, slot: int) -> Line:
        stretch = self._stretch
        if stretch is not None and slot >= stretch.start:
            return stretch.line(slot)
        return next(part for part in reversed(self._parts) if part.start <= slot).line(slot)

    def __delitem__(self, which: slice) -> None:
        """Forget the lines from slot `which.start` on."""
        slot = which.start
        self.end()
        while slot < self._parts[-1].start:
            self._parts.pop()
        if isinstance(stretch := self._parts[-1], Stretch):
            self._parts.pop()
            self._undo(stretch)
        tail = self._tail
        del tail.lines[slot - tail.start :], tail.origins[slot - tail.start :]
        self._count = slot

    def parts(self) -> Iterator[Straight | Stretch]:
        """The lines in order, once the recording has ended."""
        self.end()
        yield from self._parts

    def write_out(self, stretch: Stretch) -> None:
        """Have a stretch's lines as they are."""
        at = self._parts.index(stretch)
        before, after = self._parts[at - 1], self._parts[at + 1]
        assert isinstance(before, Straight)
        assert isinstance(after, Straight)
        _write(stretch, before)
        before.lines += after.lines
        before.origins += after.origins
        del self._parts[at : at + 2]

    # ── stretches ──

    @property
    def _tail(self) -> Straight:
        tail = self._parts[-1]
        assert isinstance(tail, Straight)
        return tail

    def _origin(self) -> Origin:
        frame, tail = user_frame(), self._tail
        if frame is self._caller and tail.origins:  # f has returned: what is left to do belongs to its last line
            return tail.origins[-1]
        return ("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno)

    def _add(self, line: Line, origin: Origin) -> None:
        tail = self._tail
        tail.add(line, origin)
        if len(tail.lines) >= self._due:
            self._due = 2 * len(tail.lines)
            self._look()

    def _look(self) -> None:
        """Begin a stretch if the last lines repeat: what is swapped from run to run repeats after two."""
        found = ongoing(self._tail.kinds(), RUNS)
        if found is not None:
            start, period = found
            for times in MULTIPLES:
                if self._begin(start, period * times):
                    return

    def _begin(self, start: int, period: int) -> bool:
        """Whether a stretch has begun."""
        tail = self._tail
        ends = [start + k * period for k in range(RUNS - 2, RUNS + 1)]
        if ends[2] > len(tail.lines):
            return False
        before, last, rest = (tail.lines[i:j] for i, j in zip(ends, [*ends[1:], None], strict=True))
        try:
            stretch = Stretch(tail.start + ends[2], before, last, tail.origins[ends[1] : ends[2]])
        except Unlike:
            return False
        if not all([stretch.takes(line) for line in rest]):
            return False
        del tail.lines[ends[2] :], tail.origins[ends[2] :]
        self._stretch, self.cursor = stretch, stretch.cursor.buffer_info()[0]
        return True

    def end(self) -> None:
        """Nothing more is expected: the stretch has its whole runs, or is undone."""
        stretch = self._stretch
        if stretch is None:
            return
        self._stretch, self.cursor = None, 0
        self._count = stretch.cursor[COUNT]
        if stretch.count * stretch.period < WORTH:
            self._undo(stretch)
        else:
            self._parts += [stretch, Straight(stretch.end)]
            self._due = FIRST_LOOK
        tail = self._tail
        for line, origin in stretch.partial():
            tail.add(line, origin)

    def _undo(self, stretch: Stretch) -> None:
        tail = self._tail
        _write(stretch, tail)
        self._due = max(FIRST_LOOK, 2 * len(tail.lines))


def _write(stretch: Stretch, straight: Straight) -> None:
    for slot in range(stretch.start, stretch.end):
        straight.add(stretch.line(slot), stretch.origin(slot))
