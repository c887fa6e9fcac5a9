"""Ufuncs called with lists of recorded numbers: `np.exp([a, b])`, `np.add.reduce([a, b])`; `np.float64(x)`.

A ufunc turns a list into an array in C, where no protocol is asked. Only a program that was refused
for it is run again with the ufuncs of its own modules (and `np` itself, there) replaced by ones
that look into lists: everybody else calls NumPy's ufuncs directly.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from wengert.record.build import array_of, build, contains_value, may_hold
from wengert.record.state import state
from wengert.record.value import concrete, is_value

_METHODS = frozenset({"reduce", "accumulate", "outer", "reduceat", "at"})


def opened(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, with lists of recorded values as recorded arrays."""
    if not state.depth:
        return args
    return tuple([build(a) if may_hold(a) and contains_value(a) else a for a in args])


class OfLists:
    """Stands for a ufunc: the same, and looks into lists."""

    def __init__(self, ufunc: Any) -> None:
        self.__wrapped__ = ufunc

    __class__ = property(lambda self: np.ufunc)  # type: ignore[assignment]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__wrapped__(*opened(args), **kwargs)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.__wrapped__, name)
        return (lambda *args, **kwargs: found(*opened(args), **kwargs)) if name in _METHODS else found

    def __eq__(self, other: object) -> bool:
        return self.__wrapped__ is getattr(other, "__wrapped__", other)

    def __hash__(self) -> int:
        return hash(self.__wrapped__)

    def __repr__(self) -> str:
        return repr(self.__wrapped__)

    def __copy__(self) -> OfLists:
        return self

    def __deepcopy__(self, memo: object) -> OfLists:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _itself, (self.__wrapped__,)


def _itself(value: Any) -> Any:
    """What a pickle of a stand-in is, read again."""
    return listed(value) if InUse.now else value


class _Kept(type):
    """The type of what stands for np.float64 and its like: `np.float64(x)` keeps the derivative of x."""

    __wrapped__: Any

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        args = opened(args)
        if len(args) == 1 and is_value(args[0]):
            y = array_of(args[0], cls.__wrapped__)
            return y if np.ndim(concrete(y)) else y[()]
        return cls.__wrapped__(*args, **kwargs)

    def __eq__(cls, other: Any) -> bool:
        return getattr(other, "__wrapped__", other) is cls.__wrapped__

    def __hash__(cls) -> int:
        return hash(cls.__wrapped__)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, cls.__wrapped__)

    def __subclasscheck__(cls, kind: Any) -> bool:
        return issubclass(kind, cls.__wrapped__)


copyreg.pickle(_Kept, lambda kept: (_itself, (kept.__wrapped__,)))  # pyright: ignore[reportArgumentType]


class InUse:
    """Whether the user's modules have these stand-ins now."""

    now = False


_FLOATING = (np.float64, np.float32, np.complex128, np.complex64)


class Package(ModuleType):
    """Stands for a module of NumPy or SciPy: the same, its ufuncs looking into lists, for a thread that records."""

    def __init__(self, module: ModuleType) -> None:
        super().__init__(module.__name__, module.__doc__)
        self.__wrapped__ = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.__wrapped__, name)
        if not state.depth:
            return found
        return _opening(found) if state.beside and type(found) in _FUNCTIONS else listed(found)


_FUNCTIONS = {FunctionType, type(np.sum)}


def _opening(function: Any) -> Any:
    """The function, which looks into arrays of objects."""

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        return function(*opened(args), **kwargs)

    return called


_KNOWN: dict[int, Any] = {}
"""id of a ufunc or module (which outlives us) → what stands for it."""


_LISTED = frozenset({np.ufunc, type, ModuleType})
"""The types of what has a stand-in: a quick look before it is made."""


def listed(value: Any) -> Any:
    """What stands for a ufunc, a floating type, or a module of NumPy's or SciPy's; any other value as it is."""
    if type(value) is np.ufunc:
        return _stand_in(value, OfLists)
    if type(value) is type and value in _FLOATING:
        return _stand_in(value, lambda kind: _Kept(kind.__name__, (kind,), {"__wrapped__": kind}))
    if type(value) is ModuleType and value.__name__.partition(".")[0] in ("numpy", "scipy"):
        return _stand_in(value, Package)
    return value


def _stand_in(value: Any, make: Callable[[Any], Any]) -> Any:
    if id(value) not in _KNOWN:
        _KNOWN[id(value)] = make(value)
    return _KNOWN[id(value)]


def entries(namespaces: list[dict[str, Any]]) -> list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """(namespace, replacements, originals) for the user's namespaces."""
    found: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = []
    for namespace in namespaces:
        changed = {
            name: new
            for name, value in list(namespace.items())
            if type(value) in _LISTED and (new := listed(value)) is not value
        }
        if changed:
            found.append((namespace, changed, {name: namespace[name] for name in changed}))
    return found
