"""What a function reads by name: numbers and arrays of its module and closure, which may change between calls."""

from __future__ import annotations

from types import CodeType, FunctionType
from typing import Any

import numpy as np

from wengert.api.operator import Operator, innermost

_WATCHED = (int, float, complex, str, bytes, tuple, np.generic, np.ndarray, type(None))


class Names:
    """The values that a function found by name when it was recorded; `changed()` looks again."""

    def __init__(self, f: Any) -> None:
        self.cells: list[tuple[Any, Any]] = []
        self.globals: list[tuple[dict[str, Any], str, Any]] = []
        self.contents: list[tuple[Any, Any]] = []
        self.draws = False
        self._seen: set[int] = set()
        self._function(innermost(f))
        for _, x in self.cells:
            self._array(x)
        for _, _, x in self.globals:
            self._array(x)

    def __bool__(self) -> bool:
        return bool(self.cells or self.globals)

    def changed(self) -> bool:
        """Whether a name means something else now, or an array has other contents."""
        for cell, x in self.cells:
            try:
                if cell.cell_contents is not x:
                    return True
            except ValueError:
                return True
        for namespace, name, x in self.globals:
            if namespace.get(name) is not x:
                return True
        return any(not _same_bytes(array, then) for array, then in self.contents)

    def _array(self, x: Any) -> None:
        if type(x) is np.ndarray and x.flags.writeable and x.dtype.kind in "fciub":
            self.contents.append((x, x.copy()))

    def _function(self, f: Any) -> None:
        f = innermost(f) if isinstance(f, Operator) else f
        if not isinstance(f, FunctionType) or id(f) in self._seen or _is_library(f):
            return
        self._seen.add(id(f))
        for cell in f.__closure__ or ():
            try:
                self._found(cell.cell_contents, lambda x, cell=cell: self.cells.append((cell, x)))
            except ValueError:
                continue
        names = _names(f.__code__)
        self.draws = self.draws or "random" in names
        for name in names:
            if name in f.__globals__:
                namespace = f.__globals__
                self._found(namespace[name], lambda x, n=name, d=namespace: self.globals.append((d, n, x)))

    def _found(self, x: Any, note: Any) -> None:
        if isinstance(x, _WATCHED):
            note(x)
        elif isinstance(x, (FunctionType, Operator)):
            note(x)
            self._function(x)


def _names(code: CodeType) -> set[str]:
    """The global names that a function's code, and the code of functions defined in it, mention."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names(constant)
    return found


def _is_library(f: FunctionType) -> bool:
    return (f.__module__ or "").partition(".")[0] in ("numpy", "scipy", "wengert")


def _same_bytes(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
