"""Plain arrays that a function makes and gives to objects, dicts and lists: `self.K = A @ A.T`, later `self.K[i] += x`.

As in `hold.py` they become Arrays where nobody can tell the difference: the one reference to such an array is the entry
of its container. It must have been put there since the function began, for what a container held before is somebody
else's, who expects to see what is written to it. So of a container that a frame did not make, only what comes into it
while the frame runs is taken; of one that only the frame refers to, all.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from wengert.record.reach import is_users_module
from wengert.record.value import Array

_MOST = 256
"""So many entries of a container are looked at: this happens before every line."""
_DEEPEST = 4


def _references_to_a_local() -> int:
    own = np.zeros(1)
    names = sys._getframe().f_locals
    x = names["own"]
    return sys.getrefcount(x) if x is own else 0


def _references_to_an_entry() -> int:
    held = [np.zeros(1)]
    x = held[0]
    return sys.getrefcount(x)


LOCAL = _references_to_a_local()
"""References to what only a local name refers to. Beside the name there are x, f_locals where it is a copy (before
Python 3.13), and the call where it does not borrow (before 3.14)."""
_ENTRY = _references_to_an_entry()
"""References to what only an entry of a container refers to."""


class Contents:
    """What the containers that a frame's names refer to held when the frame met them."""

    __slots__ = ("met",)

    def __init__(self) -> None:
        self.met: dict[int, set[int]] = {}

    def take(self, names: dict[str, Any]) -> None:
        """Make Arrays of the arrays that have come into containers."""
        for name in list(names):
            x = names[name]
            is_own = sys.getrefcount(x) <= LOCAL
            inside = _entries(x)
            if inside is not None:
                self._take(x, inside, is_own, 0)

    def _take(self, x: Any, inside: Any, is_own: bool, depth: int) -> None:
        """`is_own`: whether nobody else refers to the container x, whose entries these are."""
        keys = list(inside) if type(inside) is not list else range(len(inside))
        if len(keys) > _MOST:
            return
        old = set[int]() if is_own else self.met.get(id(x))
        if old is None:
            self.met[id(x)] = {id(inside[key]) for key in keys}
            return
        for key in keys:
            part = inside[key]
            is_own = id(part) not in old and sys.getrefcount(part) <= _ENTRY
            if type(part) is np.ndarray:
                if is_own and part.dtype.kind != "O" and is_own_memory(part):
                    inside[key] = Array(part)
            elif depth < _DEEPEST and (deeper := _entries(part)) is not None:
                self._take(part, deeper, is_own, depth + 1)


def _entries(x: Any) -> Any:
    """The entries of a container, to be written to; None if x is none."""
    kind = type(x)
    if kind is list or kind is dict:
        return x
    if kind is SimpleNamespace or (is_users_module(str(kind.__module__)) and kind.__dictoffset__):
        held = object.__getattribute__(x, "__dict__")
        return held if type(held) is dict else None
    return None


def is_own_memory(x: Any) -> bool:
    """Whether the memory of x can hold numbers that are recorded, and the array that has it is known to x alone."""
    if not x.flags.writeable or x.dtype.kind not in "fcO":
        return False
    base = x.base
    while base is not None:  # what np.asarray makes of a matrix that nobody else has
        if not issubclass(type(base), np.ndarray) or sys.getrefcount(base) > _ENTRY:
            return False
        base = base.base
    return True
