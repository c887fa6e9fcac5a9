"""Where a line of a recording stands in the user's program: file, line, expression, and how often it ran."""

from __future__ import annotations

import linecache
import os
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from wengert.record.listing import Located
from wengert.record.locate import user_frame
from wengert.record.value import Line

Site = tuple[Any, int, int]
"""(code, line number, instruction): one place in the program."""
_UNKNOWN: Site = (None, 0, -1)


class Sited(Located):
    """Lines that remember the instruction of the user's program each came from."""

    def __init__(self) -> None:
        super().__init__()
        self.sites: list[Site] = []

    def append(self, line: Line) -> None:
        frame = user_frame()
        site = _UNKNOWN if frame is None else (frame.f_code, frame.f_lineno, frame.f_lasti)
        self.sites.append(site)
        self.origins.append(("", 0) if frame is None else (frame.f_code.co_filename, frame.f_lineno))
        list.append(self, line)

    def clear(self) -> None:
        super().clear()
        self.sites.clear()


@dataclass(frozen=True)
class Where:
    """A place in the user's program, and which of its runs is meant.

    `run` counts from 1; in a loop it is the iteration, `runs` is how often the place was reached.
    """

    file: str
    line: int
    function: str
    code: str
    run: int
    runs: int

    def __str__(self) -> str:
        at = f"{os.path.basename(self.file)}:{self.line}" if self.file else "an unknown line"
        often = f", run {self.run} of {self.runs}" if self.runs > 1 else ""
        return f"{at} in {self.function}{often}" if self.function else at + often


def places(sites: list[Site]) -> list[Where]:
    """For each line, where it stands."""
    totals = Counter(sites)
    seen: Counter[Site] = Counter()
    found: list[Where] = []
    for site in sites:
        seen[site] += 1
        found.append(_where(site, seen[site], totals[site]))
    return found


def _where(site: Site, run: int, runs: int) -> Where:
    code, line, instruction = site
    if code is None:
        return Where("", 0, "", "", run, runs)
    name = "" if code.co_name == "<module>" else code.co_name
    return Where(code.co_filename, line, name, _expression(code, instruction, line), run, runs)


@cache
def _expression(code: Any, instruction: int, line: int) -> str:
    """The source text of one instruction; of the whole line where positions are not known."""
    whole = linecache.getline(code.co_filename, line)
    positions = list(code.co_positions())
    if 0 <= instruction // 2 < len(positions):
        first, last, start, end = positions[instruction // 2]
        if first == last == line and start is not None and end is not None:
            return whole.encode()[start:end].decode(errors="replace")
    return whole.strip()
