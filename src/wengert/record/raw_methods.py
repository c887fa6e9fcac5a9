"""Methods of plain ndarrays that need to know of recorded values: `A.dot(x)`, `A.copy()`, `A.astype(float)`.

They are C functions in the type's own dictionary, out of reach of NumPy's protocols: `A.dot(x)`
would convert x to a plain array, and `A0.copy()` makes an array that cannot hold recorded values.
While a transform runs whose module calls a method of one of these names, or that runs SciPy's own
Python code, the dictionary refers to replacements, which call the originals for everybody else.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Callable
from functools import partial
from types import CodeType
from typing import Any

import numpy as np

from wengert.record.build import SEQUENCES, contains_value
from wengert.record.state import state, user_code, wrap_plain
from wengert.record.value import is_value

_TYPE: dict[str, Any] = gc.get_referents(np.ndarray.__dict__)[0]
_ORIGINALS: dict[str, Any] = {
    name: _TYPE[name] for name in ("dot", "copy", "astype", "flatten", "repeat", "searchsorted", "tobytes", "__new__")
}
_modified = partial(ctypes.pythonapi.PyType_Modified, ctypes.py_object(np.ndarray))
"""Tells CPython that the type's dictionary has changed."""
_KEPT_AFTER = 400
"""CPython gives a type a bounded number of versions (1000 since 3.13): then the replacements stay."""


def _dot(self: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
    if state.depth and (is_value(b) or hasattr(b, "answers_first") or (type(b) in SEQUENCES and contains_value(b))):
        return np.dot(self, b, *args, **kwargs)
    return _ORIGINALS["dot"](self, b, *args, **kwargs)


def _searchsorted(self: Any, v: Any, *args: Any, **kwargs: Any) -> Any:
    if state.depth and is_value(v):
        return np.searchsorted(self, v, *args, **kwargs)
    return _ORIGINALS["searchsorted"](self, v, *args, **kwargs)


def _tobytes(self: Any, *args: Any, **kwargs: Any) -> Any:
    """Of an array of objects the addresses of its elements: of recorded numbers, what they are as an array."""
    if state.depth and self.dtype.kind == "O" and contains_value(self):
        return np.array(self, float).tobytes(*args, **kwargs)
    return _ORIGINALS["tobytes"](self, *args, **kwargs)


def _fresh(name: str) -> Callable[..., Any]:
    original = _ORIGINALS[name]

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if state.depth and name == "astype" and self.dtype.kind == "O" and contains_value(self):
            return _of_numbers(self, *args, **kwargs)
        y = original(self, *args, **kwargs)
        if state.depth and type(y) is np.ndarray and y is not self and user_code(sys._getframe(1)):
            return wrap_plain(y)
        return y

    method.__name__ = name
    method.__doc__ = original.__doc__
    return method


def _of_numbers(self: Any, dtype: Any, *_: Any, **__: Any) -> Any:
    """x.astype(dtype) of an object array of recorded numbers."""
    return np.array(self, dtype)


def _new(kind: Any, *args: Any, **kwargs: Any) -> Any:
    buffer = kwargs.get("buffer", args[2] if len(args) > 2 else None)
    if state.depth and buffer is not None and isinstance(buffer, np.ndarray) and type(buffer) is not np.ndarray:
        return OF_BUFFER[0](_ORIGINALS["__new__"], kind, *args, **kwargs)
    return _ORIGINALS["__new__"](kind, *args, **kwargs)


OF_BUFFER: list[Callable[..., Any]] = []
"""What makes an array of a subclass over the memory of a recorded array: (np.ndarray's own, subclass, arguments)."""

_REPLACEMENTS: dict[str, Any] = {
    "dot": _dot,
    "searchsorted": _searchsorted,
    "tobytes": _tobytes,
    "__new__": staticmethod(_new),
} | {name: _fresh(name) for name in ("copy", "astype", "flatten", "repeat")}


class _Switch:
    """Whether any prepared module calls these methods, and how often they were swapped."""

    wanted = False
    installed = False
    count = 0


def is_raw(name: str) -> bool:
    """Whether a method of this name may be replaced."""
    return name in _ORIGINALS


def want(code: CodeType) -> bool:
    """Switch the replacements on from now on, if this code names one of the methods. True if they were off."""
    return any(name in _ORIGINALS for name in code.co_names) and want_all()


def want_all() -> bool:
    """Switch the replacements on from now on. True if they were off."""
    _Switch.wanted, before = True, _Switch.wanted
    return not before


def is_wanted() -> bool:
    """Whether the replacements are switched on."""
    return _Switch.wanted


def install() -> None:
    """Refer to the replacements."""
    if not _Switch.installed:
        _Switch.installed = True
        _Switch.count += 1
        _refer(_REPLACEMENTS)


def uninstall() -> None:
    """Refer to NumPy's own methods again."""
    if _Switch.installed and (sys.version_info < (3, 13) or _Switch.count < _KEPT_AFTER):
        _Switch.installed = False
        _refer(_ORIGINALS)


def _refer(methods: dict[str, Any]) -> None:
    _TYPE.update(methods)
    _modified()
