"""Programs that need few functions swapped, or none: those that a look at their code understands whole.

`lambda x: np.log(x[0] * x[1])` names one ufunc, which asks its arguments by itself. Where every name that a function
and the functions it calls look up is a number, an array, a ufunc, a builtin that calls nobody, one of those functions,
or one that is swapped, only the last are swapped: the names need not be bound anew at every call.
Whatever is missed is refused when it meets a recorded value; then the function is run again with all that it may need.
"""

from __future__ import annotations

import builtins
import dis
import sys
from types import CodeType, FunctionType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from wengert.record.cells import content
from wengert.record.raw_methods import is_raw
from wengert.record.reach import Entry, is_users_module
from wengert.record.replaced import original_of
from wengert.record.state import state
from wengert.record.swap import SWAPPED, Recording, looked, needed_entries, only

_BUILTINS = frozenset({
    "abs", "all", "any", "bool", "dict", "divmod", "enumerate", "int", "isinstance", "len", "list", "max", "min", "pow",
    "print", "range", "repr", "reversed", "round", "slice", "sorted", "str", "sum", "tuple", "zip",
})  # fmt: skip
"""Those that work on what they are given, and look nothing up."""
_UNKNOWN = frozenset({
    "DELETE_GLOBAL", "IMPORT_FROM", "IMPORT_NAME", "IMPORT_STAR", "LOAD_BUILD_CLASS", "LOAD_CLASSDEREF", "LOAD_NAME",
    "LOAD_FROM_DICT_OR_DEREF", "LOAD_FROM_DICT_OR_GLOBALS", "LOAD_SUPER_ATTR", "STORE_ATTR", "STORE_GLOBAL",
})  # fmt: skip
"""Instructions of code that is not looked into."""
_NUMBERS = {float, np.float64, int, bool, complex, np.float32, np.int64, np.complex128, np.ndarray}
DATA: frozenset[type] = frozenset(_NUMBERS | {str, bytes, type(None), range, slice})
"""The types of what has no code of a user's behind it."""
_MOST = 30
"""So many functions are looked into."""
_LONG = 64
"""A list with more elements is not looked through before every call."""
_TIMES = 3
"""A function that is called so often is looked into; and so often again where its names are bound anew."""


class _NotSimple(Exception):
    """Something is reached of which it is not known what it calls."""


class _Survey:
    """What a function can reach by name."""

    def __init__(self, f: FunctionType) -> None:
        self.names: set[str] = set()
        self.places: dict[int, dict[str, Any]] = {}
        self.same: dict[tuple[int, str], tuple[dict[str, Any], str, Any]] = {}
        self.numbers: dict[tuple[int, str], tuple[dict[str, Any], str]] = {}
        self.cells: list[tuple[Any, Any]] = []
        self.functions: list[FunctionType] = []
        self.add(f)
        before = -1
        while before != len(self.functions) + len(self.places) + len(self.names):
            before = len(self.functions) + len(self.places) + len(self.names)
            for place in list(self.places.values()):
                for name in self.names & place.keys():
                    self.named(place, name)

    def add(self, f: FunctionType) -> None:
        """The names of a function, and what its cells hold."""
        if any(f is g for g in self.functions):
            return
        self.functions.append(f)
        if len(self.functions) > _MOST or not _has_plain_defaults(f) or vars(f) or original_of(f) is not None:
            raise _NotSimple
        self.code(f.__code__, f.__globals__)
        for cell in f.__closure__ or ():
            held = content(cell)
            if original_of(held) is not None:
                raise _NotSimple
            self.cells.append((cell, None if _is_plain_held(held) else held))
            self.value(held)

    def code(self, code: CodeType, space: dict[str, Any]) -> None:
        """The names of this code and the code in it."""
        for step in dis.get_instructions(code):
            if step.opname in _UNKNOWN:
                raise _NotSimple
            if step.opname == "LOAD_GLOBAL":
                self.looked_up(space, step.argval)
        self.names.update(code.co_names)
        for const in code.co_consts:
            if isinstance(const, CodeType):
                self.code(const, space)

    def looked_up(self, space: dict[str, Any], name: str) -> None:
        """A name of a module's, or a builtin's."""
        if name in space:
            self.named(space, name)
        elif name in _BUILTINS or _is_exception(getattr(builtins, name, None)):
            self.same[id(space), name] = space, name, None
        else:
            raise _NotSimple

    def named(self, space: dict[str, Any], name: str) -> None:
        """What a name is bound to in a namespace."""
        value = space[name]
        if _is_plain_held(value):
            self.numbers[id(space), name] = space, name
        elif (id(space), name) not in self.same:
            self.same[id(space), name] = space, name, value
            self.value(value)

    def value(self, value: Any) -> None:
        """What can be reached from a value."""
        kind = type(value)
        if _is_plain_held(value) or kind is np.ufunc:
            return
        if original_of(value) is not None or kind is type(np.sum):
            if not _is_of_arrays(original_of(value) or value):
                raise _NotSimple
            return
        if kind is FunctionType and is_users_module(value.__globals__.get("__name__") or ""):
            self.add(value)
        elif kind is SimpleNamespace or (kind is ModuleType and _is_known(value.__name__)):
            self.places[id(vars(value))] = vars(value)
        else:
            raise _NotSimple


def _is_data(value: Any) -> bool:
    """Whether value is of a type that has no code behind it: an array of objects holds what it likes."""
    kind = type(value)
    return kind in DATA and (kind is not np.ndarray or not value.dtype.hasobject)


def _is_plain_held(value: Any) -> bool:
    """Whether a name or cell may hold another value at every call: data, or a list or tuple of such."""
    kind = type(value)
    if kind is np.ndarray:
        return not value.dtype.hasobject
    return _is_data(value) or ((kind is list or kind is tuple) and len(value) <= _LONG and all(map(_is_data, value)))


def _has_plain_defaults(f: FunctionType) -> bool:
    return not f.__kwdefaults__ and all(map(_is_data, f.__defaults__ or ()))


def _is_exception(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _is_known(module: str) -> bool:
    return module in _OF_ARRAYS or module == "scipy" or is_users_module(module)


_OF_ARRAYS = frozenset({
    "numpy", "numpy.linalg", "numpy.fft", "math", "cmath", "scipy.special", "scipy.linalg", "scipy.fft",
})  # fmt: skip
"""The modules whose functions return numbers and arrays: no objects with methods that would have to be swapped."""


def _is_of_arrays(function: Any) -> bool:
    module = str(getattr(function, "__module__", None))
    return module in _OF_ARRAYS or module.partition("._")[0] in _OF_ARRAYS


class _Plan:
    """What a function needs swapped, while the names that it looks up are bound to what they were."""

    __slots__ = (
        "cells", "code", "functions", "looked", "numbers", "own", "recording", "same", "sizes", "space", "tries",
    )  # fmt: skip

    def __init__(self, f: FunctionType, tries: int) -> None:
        survey = _Survey(f)
        self.code, self.space, self.looked, self.tries = f.__code__, f.__globals__, looked(), tries
        n = len(f.__closure__ or ())
        self.own, self.cells = tuple([held for _, held in survey.cells[:n]]), tuple(survey.cells[n:])
        self.same = tuple([(space.get, name, x) for space, name, x in survey.same.values()])
        self.numbers = tuple([(space.get, name) for space, name in survey.numbers.values()])
        self.functions = tuple([(g, g.__code__, g.__defaults__) for g in survey.functions[1:]])
        self.sizes = tuple([(s, len(s)) for s in survey.places.values() if _is_users(s)])
        self.recording = only(_restricted(survey))

    def holds(self, f: FunctionType) -> bool:
        """Whether the names of f are bound to what they were."""
        if SWAPPED.looks != self.looked or SWAPPED.running or SWAPPED.found or len(sys.modules) != SWAPPED.modules:
            return False
        for get, name, value in self.same:
            if get(name) is not value:
                return False
        for get, name in self.numbers:
            if not _is_plain_held(get(name)):
                return False
        if f.__globals__ is not self.space or not (
            f.__defaults__ is f.__kwdefaults__ is None or _has_plain_defaults(f)
        ):
            return False
        for space, size in self.sizes:
            if len(space) != size:
                return False
        try:
            for cell, held in zip(f.__closure__ or (), self.own):  # noqa: B905 (they are the cells of one code)
                now = cell.cell_contents
                if (now is not held) if held is not None else not _is_plain_held(now):
                    return False
        except ValueError:  # nothing is in a cell
            return all(map(_is_still, f.__closure__ or (), self.own)) and self._is_as_before()
        return not (self.cells or self.functions) or self._is_as_before()

    def _is_as_before(self) -> bool:
        """Whether cells of other functions hold what they held, and these functions have the code that they had."""
        for g, code, defaults in self.functions:
            if g.__code__ is not code or g.__defaults__ is not defaults or g.__kwdefaults__ or g.__dict__:
                return False
        return all([_is_still(cell, held) for cell, held in self.cells])


def _is_still(cell: Any, held: Any) -> bool:
    now = content(cell)
    return _is_plain_held(now) if held is None else now is held


def _is_users(space: dict[str, Any]) -> bool:
    """Whether a namespace is a user's module or a SimpleNamespace: names may be added to it."""
    module = space.get("__spec__") and space.get("__name__")
    return not isinstance(module, str) or is_users_module(module)


def _restricted(survey: _Survey) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """What is swapped for every function, without what this one does not name."""
    if any(map(is_raw, survey.names)):
        raise _NotSimple  # a method of plain arrays
    named: dict[int, set[str]] = {}
    for space, name, value in survey.same.values():
        if original_of(value) is not None:
            named.setdefault(id(space), set()).add(name)
    libraries, users = needed_entries()
    return _named_in(libraries, named), _named_in(users, named)


def _named_in(entries: tuple[Entry, ...], named: dict[int, set[str]]) -> tuple[Entry, ...]:
    """The entries, restricted to these names."""
    parts: list[Entry] = []
    for space, replacements, originals in entries:
        keys = originals.keys() & named.get(id(space), set())
        if keys:
            parts.append((space, {k: replacements[k] for k in keys}, {k: originals[k] for k in keys}))
    return tuple(parts)


_plans: dict[int, _Plan | int] = {}
"""code, by its id → its plan; before that, how often it was called; or _NEVER"""
_NEVER = -1
_KEPT = 4096


def recording_of(f: FunctionType, args: tuple[Any, ...], plain: bool) -> Recording | None:
    """What suffices to be open while f is called with these arguments; None if that is not known. `plain`: they are
    numbers and arrays."""
    if state.depth:
        return None
    if not plain:
        for x in args:
            if not _is_data(x) and not _is_plain(x):
                return None
    plan = _plans.get(id(f.__code__), 0)
    if type(plan) is _Plan:
        if plan.holds(f):
            return plan.recording
        if looked() >= 0:
            _make(f, plan.tries - (plan.looked == looked()))
    elif plan != _NEVER:
        _plans[id(f.__code__)] = count = plan + 1  # type: ignore[operator]
        if count >= _TIMES and looked() >= 0:
            _make(f, _TIMES)
    return None


def _is_plain(x: Any) -> bool:
    """Whether x is a container of numbers and arrays: none of a class of the user's."""
    return type(x) in (list, tuple, dict) and all(
        [_is_data(part) or _is_plain(part) for part in (x.values() if type(x) is dict else x)]
    )


def _make(f: FunctionType, tries: int) -> None:
    """Look into f; the next call knows."""
    if len(_plans) > _KEPT:
        _plans.clear()
    try:
        _plans[id(f.__code__)] = _Plan(f, tries) if tries else _NEVER
    except _NotSimple:
        _plans[id(f.__code__)] = _NEVER


def forbid(f: Any) -> bool:
    """From now on all is swapped for this function. False if it was."""
    code = getattr(f, "__code__", None)
    plan = _plans.get(id(code))
    if type(plan) is not _Plan:
        return False
    _plans[id(code)] = _NEVER
    return True
