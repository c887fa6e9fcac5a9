"""What is looked at in objects that are neither containers of Python's nor arrays: slots, bytes, context variables."""

from __future__ import annotations

import array
import ctypes
from collections.abc import Iterator
from contextvars import ContextVar
from io import IOBase
from threading import local
from typing import Any, NamedTuple

GONE: Any = object()
_BYTES = (bytearray, array.array, ctypes.Array, ctypes._SimpleCData, ctypes.Structure)  # type: ignore[attr-defined]


class Peek(NamedTuple):
    """One thing that an object held: a slot of this name, its bytes, the value of a context variable."""

    x: Any
    kind: str
    name: str
    then: Any

    def now(self) -> Any:
        """What it holds now."""
        if self.kind == "slot":
            return getattr(self.x, self.name, GONE)
        return bytes(self.x) if self.kind == "bytes" else self.x.get(GONE)

    @property
    def changed(self) -> bool:
        """Whether it holds something else."""
        now = self.now()
        return now is not self.then and not (self.kind == "bytes" and now == self.then)

    def restore(self) -> None:
        """Put back what it held."""
        if self.kind == "bytes":
            memoryview(self.x).cast("B")[:] = self.then
        elif self.kind == "context":
            self.x.set(self.then)
        elif self.then is GONE:
            object.__delattr__(self.x, self.name)
        else:
            object.__setattr__(self.x, self.name, self.then)

    @property
    def what(self) -> str:
        """Its name in messages."""
        if self.kind == "slot":
            return f"an attribute of an object of type {type(self.x).__name__}"
        return f"the contents of an object of type {type(self.x).__name__}"

    def test(self, name: Any) -> str:
        """Python code that is true if it holds the same; `name(x)` is how that code names x."""
        if self.then is GONE:
            return "False"
        if self.kind == "slot":
            return f"{name(self.x)}.{self.name} is {name(self.then)}"
        if self.kind == "bytes":
            return f"bytes({name(self.x)}) == {name(self.then)}"
        return f"{name(self.x)}.get(None) is {name(self.then)}"


def peek(x: Any) -> Peek | None:
    """What there is to be looked at in x, if it is one thing."""
    if isinstance(x, _BYTES):
        return Peek(x, "bytes", "", bytes(x))
    return Peek(x, "context", "", x.get(GONE)) if isinstance(x, ContextVar) else None


def slots(x: Any) -> list[Peek]:
    """The slots of an object."""
    found: list[Peek] = []
    for cls in type(x).__mro__:
        names = vars(cls).get("__slots__", ())
        for name in (names,) if isinstance(names, str) else tuple(names):
            if name in ("__dict__", "__weakref__"):
                continue
            full = f"_{cls.__name__.lstrip('_')}{name}" if name.startswith("__") and not name.endswith("__") else name
            found.append(Peek(x, "slot", full, getattr(x, full, GONE)))
    return found


def is_opaque(x: Any) -> bool:
    """Whether x is a library's object with a state that cannot be looked at: an iterator, what a thread holds."""
    return isinstance(x, local) or (isinstance(x, Iterator) and not isinstance(x, IOBase))
