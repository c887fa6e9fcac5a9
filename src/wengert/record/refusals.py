"""Refusals that the user's own code catches: counted, so that a recording knows that f went another way.

`try: y = fast(x)`, `except Exception: y = slow(x)`: where `fast` refuses a recorded value, f does what it does not do
with plain numbers, and nobody would know.
"""

from __future__ import annotations

import threading
from typing import Any

from wengert.errors import NOTED, LostDerivative, NoDerivative


class _Refusals(threading.local):
    """How many refusals there have been in this thread, and what the last one said: its class, arguments, marks. A
    recorded number that went into a set or a dictionary by its identity counts HASHED."""

    count = 0
    last: tuple[type[Exception], tuple[Any, ...], dict[str, Any]] | None = None


refusals = _Refusals()
HASHED = 1 << 32


def _note(error: Exception) -> None:
    refusals.count += 1
    refusals.last = (type(error), error.args, {})  # not the error itself, whose traceback holds every frame


NOTED.append(_note)


def marked(kind: type[LostDerivative], error: LostDerivative, **marks: Any) -> Any:
    """The error, as one of a class that knows more."""
    refused: Any = kind(*error.args)
    refused.__dict__.update(marks)
    refusals.last = (kind, error.args, marks)
    return refused


def last_refusal() -> LostDerivative | NoDerivative:
    """The last refusal, once more."""
    assert refusals.last is not None
    kind, args, marks = refusals.last
    error: Any = kind(*args)
    error.__dict__.update(marks)
    refusals.last = None
    return error


class Forgiven:
    """Context manager: what is refused inside does not matter, because wengert itself goes another way."""

    __slots__ = ("count",)

    def __enter__(self) -> None:
        self.count = refusals.count

    def __exit__(self, *_: object) -> None:
        refusals.count = self.count
