"""Where functions hold other functions without a name: the cells of closures, and default arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
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


class Places(dict[Any, Any]):
    """What is held where, as a namespace: what is bound here is put there."""

    def __init__(self, held: dict[Any, Any], put: Callable[[Any, Any], None]) -> None:
        super().__init__(held)
        self.put = put

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.put(key, value)

    def update(self, new: dict[Any, Any]) -> None:  # type: ignore[override]
        for key, value in new.items():
            self[key] = value


class Attributes(dict[str, Any]):
    """The attributes of a class, as a namespace of functions: always what they are now."""

    def __init__(self, kind: type) -> None:
        super().__init__()
        self.kind = kind
        self.replaced: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(vars(self.kind))

    def __getitem__(self, name: str) -> Any:
        return _function(vars(self.kind)[name])

    def get(self, name: str, default: Any = None) -> Any:
        return _function(vars(self.kind).get(name, default))

    def items(self) -> list[tuple[str, Any]]:  # type: ignore[override]
        return [(name, _function(value)) for name, value in vars(self.kind).items()]

    def values(self) -> list[Any]:  # type: ignore[override]
        return [value for _, value in self.items()]

    def __setitem__(self, name: str, value: Any) -> None:
        attribute = self.replaced.pop(name, None)
        if attribute is None or _function(attribute) is not value:
            now = self.replaced[name] = vars(self.kind)[name]
            binds = type(now) is not staticmethod and hasattr(type(now), "__get__")
            attribute = value if binds else staticmethod(value)
        setattr(self.kind, name, attribute)

    def update(self, new: dict[str, Any]) -> None:  # type: ignore[override]
        for name, value in new.items():
            self[name] = value


def _function(attribute: Any) -> Any:
    return attribute.__func__ if type(attribute) is staticmethod else attribute


def defaults(cells: list[Default]) -> Places:
    """The default arguments of a function that a module names, as a namespace."""
    named = {str(cell.k): cell for cell in cells}
    return Places({name: cell.cell_contents for name, cell in named.items()}, partial(put_in_cell, named))


def put_in_cell(cells: Mapping[Any, CellType | Default], key: Any, value: Any) -> None:
    """Let a cell hold the value."""
    cells[key].cell_contents = value


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
