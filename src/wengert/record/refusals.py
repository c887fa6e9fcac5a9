"""Refusals that the user's own code catches: noted, so that a recording knows that f went another way.

`try: y = fast(x)`, `except Exception: y = slow(x)`: where `fast` refuses a recorded value, f does what it does not do
with plain numbers, and nobody would know. So is noted that a recorded number went into a set or dict by its identity.
"""

from __future__ import annotations

import threading
from itertools import count
from typing import Any

from wengert.errors import NOTED, LostDerivative, NoDerivative

Said = tuple[type[Exception], tuple[Any, ...], dict[str, Any]]
"""What a refusal said: its class, arguments and marks. Not the error itself, whose traceback holds every frame."""
_MOST = 64


class Clock:
    """`now` differs from what it was if anything has been noted in any thread."""

    __slots__ = ("now",)

    def __init__(self) -> None:
        self.now = 0


class _Notes(threading.local):
    """(time, what was said, or None for a number by its identity): what has been noted in this thread."""

    def __init__(self) -> None:
        self.all: list[tuple[int, Said | None]] = []


clock, _times, _notes = Clock(), count(1), _Notes()


def note(said: Said | None) -> None:
    """Note it now."""
    clock.now = time = next(_times)  # each is given once, so that no other thread can put the clock back
    if len(_notes.all) >= _MOST:
        del _notes.all[: _MOST // 2]
    _notes.all.append((time, said))


NOTED.append(lambda error: note((type(error), error.args, {})))


def marked(kind: type[LostDerivative], error: LostDerivative, **marks: Any) -> Any:
    """The error, as one of a class that knows more."""
    refused: Any = kind(*error.args)
    refused.__dict__.update(marks)
    note((kind, error.args, marks))
    return refused


def noted_since(time: int) -> list[Said | None]:
    """What has been noted in this thread since the clock showed that."""
    return [said for at, said in _notes.all if at > time]


def last_refusal(time: int) -> LostDerivative | NoDerivative | None:
    """The last refusal since then, once more."""
    said = [s for s in noted_since(time) if s is not None]
    if not said:
        return None
    kind, args, marks = said[-1]
    error: Any = kind(*args)
    error.__dict__.update(marks)
    return error


def forget_since(time: int) -> None:
    """Forget what has been noted in this thread since."""
    _notes.all = [entry for entry in _notes.all if entry[0] <= time]


class Forgiven:
    """Context manager: what is refused inside does not matter, because wengert itself goes another way."""

    __slots__ = ("time",)

    def __enter__(self) -> None:
        self.time = clock.now

    def __exit__(self, *_: object) -> None:
        if clock.now != self.time:
            forget_since(self.time)
