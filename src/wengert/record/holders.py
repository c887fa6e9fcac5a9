"""Where a program holds ufuncs without a name of its own: attributes of objects and classes, tables, closures."""

from __future__ import annotations

from functools import partial
from itertools import islice
from types import FunctionType, MethodType
from typing import Any

import numpy as np

from wengert.record.cells import Default, Places, content, put_in_cell
from wengert.record.reach import is_users_module

_MOST = 2000
"""How many objects are looked at."""


def holders(root: Any) -> list[dict[Any, Any]]:
    """The places that can be reached from a function and hold a ufunc."""
    found: list[dict[Any, Any]] = []
    queue, seen = [root], set[int]()
    while queue and len(seen) < _MOST:
        x = queue.pop()
        if id(x) not in seen:
            seen.add(id(x))
            queue += [part for part in _parts(x, found) if type(part) not in _DATA]
    return found


_DATA = {int, float, complex, str, bytes, bool, type(None), np.ndarray, np.float64, np.ufunc}


def _parts(x: Any, found: list[dict[Any, Any]]) -> list[Any]:
    """What x refers to; the places in x that hold a ufunc are added to found."""
    if type(x) is FunctionType:
        cells = dict(enumerate([*(x.__closure__ or ()), *[Default(x, k) for k in range(len(x.__defaults__ or ()))]]))
        _add(found, {k: content(cell) for k, cell in cells.items()}, partial(put_in_cell, cells))
        _add(found, x.__kwdefaults__ or {}, (x.__kwdefaults__ or {}).__setitem__)
        named = x.__globals__ if is_users_module(str(x.__globals__.get("__name__"))) else {}
        inside = [content(cell) for cell in x.__closure__ or ()]
        return [*inside, *(x.__defaults__ or ()), *[named[name] for name in x.__code__.co_names if name in named]]
    if isinstance(x, (MethodType, staticmethod, classmethod)):
        return [x.__func__, getattr(x, "__self__", None)]
    if isinstance(x, partial):
        return [x.func, *x.args, *x.keywords.values()]
    if type(x) in (list, dict, tuple):
        held = dict(islice(x.items() if type(x) is dict else enumerate(x), 64))
        if type(x) is not tuple:
            _add(found, held, x.__setitem__)
        return list(held.values())
    return _parts_of_object(x, found)


def _parts_of_object(x: Any, found: list[dict[Any, Any]]) -> list[Any]:
    kind: Any = x if isinstance(x, type) else type(x)
    module = getattr(kind, "__module__", None)
    if not is_users_module(module if isinstance(module, str) else "builtins"):
        return []
    own = [base for base in kind.__mro__ if is_users_module(base.__module__)]
    for base in own:
        _add(found, dict(vars(base)), partial(setattr, base))
    held = getattr(x, "__dict__", None)
    if type(held) is dict:
        _add(found, held, held.__setitem__)
    return [part for base in own for part in vars(base).values()] + list((held if type(held) is dict else {}).values())


def _add(found: list[dict[Any, Any]], held: dict[Any, Any], put: Any) -> None:
    ufuncs = {name: value for name, value in held.items() if type(value) is np.ufunc}
    if ufuncs:
        found.append(Places(ufuncs, put))
