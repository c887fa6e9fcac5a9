"""Native methods of recorded values, once a program records much: they need llvmlite, and a moment to be there."""

from __future__ import annotations

from wengert.record.state import state
from wengert.record.value import Line

_MANY = 50_000
"""So many lines take about as long as it takes to load what makes further ones quicker."""
_CALL = 20
"""So many lines take as long as a call of a function that is recorded."""


class Busy:
    """How much more is recorded before it is worth it; 0 once that is done."""

    left = _MANY


def count(lines: list[Line]) -> list[Line]:
    """The lines, that have been recorded: noted."""
    Busy.left -= len(lines) + _CALL
    if Busy.left <= 0:
        Busy.left = 1
        quicken()
    return lines


def quicken() -> None:
    """Let native code record, where there can be any; not while something is recorded."""
    if state.depth or not Busy.left:
        return
    Busy.left = 0
    try:
        from wengert.native import recorder
    except ImportError:
        return
    recorder.install()
