"""For each subclass of np.ndarray a class like it, whose instances hold a recorded array: its *shadow*.

It has the attributes that Python code gives the subclass, and `Flavoured` (`record/flavoured.py`) in the place of
np.ndarray.
"""

from __future__ import annotations

import dis
from abc import ABCMeta
from itertools import pairwise
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line

SHADOWS: dict[type, Any] = {}
"""subclass of np.ndarray → its shadow; np.ndarray itself → Flavoured"""
_HEAP = 1 << 9
"""The flag of a class that Python code made."""


class Shadow(ABCMeta):
    """The class of shadows: what is an instance of the subclass is one of the shadow."""

    kind: Any = np.ndarray

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.kind)


def is_flavoured(x: Any) -> bool:
    """Whether x is a recorded array in the shape of a subclass of np.ndarray."""
    return type(type(x)) is Shadow


def is_one_array(structure: Any) -> bool:
    """Whether a structure of optree's is that of one array, be it of a subclass of np.ndarray."""
    return structure.type is None or type(structure.type) is Shadow


def shadow(kind: Any) -> Any:
    """The shadow of a subclass of np.ndarray; refuses what it cannot stand for."""
    if kind not in SHADOWS:
        _refuse_what_is_compiled(kind)
        bases = tuple([shadow(b) if issubclass(b, np.ndarray) else b for b in kind.__bases__])
        cell = CellType()
        hidden = ("__dict__", "__weakref__", "__slots__")
        space = {name: _rebound(x, cell, kind) for name, x in vars(kind).items() if name not in hidden}
        made = Shadow(kind.__name__, bases, space | {"kind": kind})
        cell.cell_contents = made
        SHADOWS[kind] = made
    return SHADOWS[kind]


def is_users(kind: type) -> bool:
    """Whether a subclass of np.ndarray is a user's that has, or can have, a shadow."""
    return not kind.__module__.startswith("numpy") and not _unfit(kind)


def _unfit(kind: Any) -> str:
    """Why a class has no shadow, if so."""
    if not kind.__flags__ & _HEAP or type(kind) not in (type, ABCMeta):
        return "is not a plain class of Python's"
    if "__init__" in vars(kind):
        return "has an __init__ (np.ndarray's way is __new__ and __array_finalize__)"
    return ""


def _refuse_what_is_compiled(kind: Any) -> None:
    if reason := _unfit(kind):
        raise NoDerivative(
            at_user_line(f"a recorded array cannot be seen as one of class {kind.__name__}, which {reason}")
            + "\nHold the array in an attribute of an object instead of making it one of a subclass of np.ndarray."
        )


def _rebound(x: Any, cell: CellType, kind: Any) -> Any:
    """An attribute of the subclass, whose functions mean the shadow by `super()`, and Flavoured by np.ndarray."""
    if type(x) is FunctionType:
        return _rebound_function(x, cell, kind)
    if isinstance(x, (staticmethod, classmethod)):
        return type(x)(_rebound(x.__func__, cell, kind))
    if isinstance(x, property):
        parts = [None if f is None else _rebound(f, cell, kind) for f in (x.fget, x.fset, x.fdel)]
        return property(*parts, doc=x.__doc__)
    return x


def _rebound_function(f: FunctionType, cell: CellType, kind: Any) -> FunctionType:
    free, names = f.__code__.co_freevars, f.__code__.co_names
    closure = tuple([cell if name == "__class__" else c for name, c in zip(free, f.__closure__ or (), strict=True)])
    space: Any = f.__globals__
    if _calls_methods_of_ndarray(f) or ("super" in names and "__class__" not in free):
        space = Namespace(space, kind)
    made = FunctionType(f.__code__, space, f.__name__, f.__defaults__, closure)
    made.__kwdefaults__, made.__doc__, made.__qualname__ = f.__kwdefaults__, f.__doc__, f.__qualname__
    return made


def _calls_methods_of_ndarray(f: FunctionType) -> bool:
    """Whether the function says np.ndarray.method; it may also ask whether a class is np.ndarray."""
    if "ndarray" not in f.__code__.co_names:
        return False
    lines = list(dis.get_instructions(f))
    return any(a.argval == "ndarray" and b.opname in ("LOAD_ATTR", "LOAD_METHOD") for a, b in pairwise(lines))


class Namespace(dict[str, Any]):
    """A module's names as the functions of a shadow see them: np.ndarray is Flavoured, and the subclass its shadow."""

    def __init__(self, names: dict[str, Any], kind: Any) -> None:
        super().__init__()
        self.names, self.kind = names, kind

    def __missing__(self, name: str) -> Any:
        value = self.names[name]
        if value is np.ndarray or value is self.kind:
            return SHADOWS[value]
        return Package(value) if isinstance(value, ModuleType) and hasattr(value, "ndarray") else value

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        return self.names.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.names


class Package:
    """NumPy, with Flavoured as its ndarray."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._module, name)
        return SHADOWS[np.ndarray] if value is np.ndarray else value
