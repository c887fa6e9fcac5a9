"""What a function decides by looking at values that are differentiated: whether the same look gave different answers.

An integrand `x > s` returns plain numbers, and only where its answer changes does the integral depend on s. Looks are
noted only while somebody watches.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from wengert.record.locate import user_frame
from wengert.record.value import concrete, is_value

WATCHED: list[None] = []
"""Not empty while somebody watches, in any thread."""


class _Watchers(threading.local):
    def __init__(self) -> None:
        self.all: list[Looks] = []


_watchers = _Watchers()


class Looks:
    """Context manager, entered once per call of a function: notes the answers that each place of the program got.
    `moved` if those of two calls differ."""

    __slots__ = ("first", "moved", "now")

    def __init__(self) -> None:
        self.first: dict[Any, set[Any]] = {}
        self.now: dict[Any, set[Any]] = {}
        self.moved = False

    def __enter__(self) -> None:
        self.now = {}
        _watchers.all.append(self)
        WATCHED.append(None)

    def __exit__(self, *_: object) -> None:
        WATCHED.pop()
        _watchers.all.remove(self)
        for place, answers in self.now.items():
            self.moved = self.moved or self.first.setdefault(place, answers) != answers


def note(looked_at: Any, answer: Any) -> None:
    """Note the answer, for those who watch in this thread, if it is of what is differentiated."""
    if not _watchers.all or not any([_is_differentiated(x) for x in looked_at]):
        return
    frame: Any = user_frame()
    place = None if frame is None else (frame.f_code, frame.f_lasti)
    x = concrete(answer)
    found = x.tobytes() if isinstance(x, np.ndarray) else x if isinstance(x, (bool, int, float, np.generic)) else None
    for looks in _watchers.all:
        looks.now.setdefault(place, set()).add(found)


def _is_differentiated(x: Any) -> bool:
    if isinstance(x, (list, tuple)):
        return any([_is_differentiated(part) for part in x])
    while is_value(x):
        if x.rec is not None and (not x.rec.traces or x.rec.apart):  # what is apart is differentiated later
            return True
        x = x.primal
    return False
