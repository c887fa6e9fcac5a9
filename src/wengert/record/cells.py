"""Where functions hold other functions without a name: the cells of closures, and default arguments."""

from __future__ import annotations

from types import CellType, FunctionType
from typing import Any

import numpy as np

from wengert.record.replaced import KINDS, REPLACED, original_of


def replaced_cells(f: Any) -> list[tuple[CellType | Default, Any, Any]]:
    """(cell, replacement, original) for the closure cells and defaults below f that hold a function to be swapped."""
    cells: list[tuple[CellType | Default, Any, Any]] = []
    queue, seen = [f], {id(f)}
    while queue:
        g = queue.pop()
        for cell in (*(getattr(g, "__closure__", None) or ()), *default_cells(g)):
            held = content(cell)
            original = original_of(held)
            if original is not None:
                cells.append((cell, REPLACED[original], original))
            elif type(held) is FunctionType and id(held) not in seen:
                seen.add(id(held))
                queue.append(held)
    return cells


class Default:
    """A default argument of a function, as a cell."""

    __slots__ = ("f", "k")

    def __init__(self, f: FunctionType, k: int) -> None:
        self.f, self.k = f, k

    @property
    def cell_contents(self) -> Any:
        return (self.f.__defaults__ or ())[self.k]

    @cell_contents.setter
    def cell_contents(self, value: Any) -> None:
        defaults = self.f.__defaults__ or ()
        self.f.__defaults__ = (*defaults[: self.k], value, *defaults[self.k + 1 :])


class Defaults(dict[str, Any]):
    """The default arguments of a function that a module names, as a namespace."""

    def __init__(self, cells: list[Default]) -> None:
        super().__init__({str(cell.k): cell.cell_contents for cell in cells})
        self.cells = {str(cell.k): cell for cell in cells}

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self.cells[key].cell_contents = value

    def update(self, new: dict[str, Any]) -> None:  # type: ignore[override]
        for key, value in new.items():
            self[key] = value


def default_cells(f: Any) -> list[Default]:
    """The default arguments that are functions, or NumPy's types."""
    if type(f) is not FunctionType or f.__defaults__ is None:
        return []
    return [Default(f, k) for k, d in enumerate(f.__defaults__) if type(d) in KINDS or is_floating(d)]


def is_floating(x: Any) -> bool:
    """Whether x is one of NumPy's types of real or complex numbers."""
    return isinstance(x, type) and issubclass(x, np.inexact)


def content(cell: Any) -> Any:
    """What a cell holds, if anything."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
