"""Plain values as Python text; what is too long (or has no text) becomes a named constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from wengert.ir.spelling import public_name

_SHORT = 8
"""Arrays of up to so many elements are written out."""


class Spelled:
    """Stands in an index for an expression."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __add__(self, number: int) -> Spelled:
        return Spelled(f"{self.name} + {number}" if number >= 0 else f"{self.name} - {-number}")


class Row(NamedTuple):
    """A statement, what is to be noted beside it (types, `guard`), and the line that it is of."""

    code: str
    note: str = ""
    line: Any = None


class Constants:
    """The constants of one text: c0, c1, …, or the names by which the user's function knows them."""

    def __init__(self, captured: Mapping[str, Any]) -> None:
        self.named: dict[str, Any] = {}
        self._captured = captured

    def text(self, x: Any) -> str:
        """An expression whose value is x."""
        kind: Any = type(x)
        if kind is Spelled:
            return x.name
        if kind in _SCALARS or x is Ellipsis:
            return scalar(x)
        if kind is np.ndarray:
            return self._array(x)
        if (
            isinstance(x, np.generic)
            and x.dtype.kind in "fciub"
            and x.dtype.itemsize <= 16
            and kind is not np.longdouble
        ):
            return f"np.{kind.__name__}({scalar(x.item())})"
        if isinstance(x, np.dtype) and x.isbuiltin == 1:
            return f"np.{x.type.__name__}"
        if isinstance(x, type) and issubclass(x, np.generic):
            return f"np.{x.__name__}"
        if isinstance(x, slice):
            return f"slice({self.text(x.start)}, {self.text(x.stop)}, {self.text(x.step)})"
        if isinstance(x, tuple) and kind is tuple:
            return "(" + ", ".join(map(self.text, x)) + ("," if len(x) == 1 else "") + ")"
        if isinstance(x, list):
            return "[" + ", ".join(map(self.text, x)) + "]"
        if repr(x) == "<no value>":
            return "np._NoValue"
        public = public_name(x) if callable(x) else None
        return public or self._name(x)

    def index(self, key: Any) -> str:
        """The text between the brackets of x[key]."""
        if type(key) is tuple and key:
            return ", ".join(map(self._place, key)) + ("," if len(key) == 1 else "")
        return self._place(key)

    def _place(self, key: Any) -> str:
        if isinstance(key, slice):
            start, stop, step = ("" if k is None else str(k) for k in (key.start, key.stop, key.step))
            return f"{start}:{stop}" + (f":{step}" if step else "")
        return str(int(key)) if isinstance(key, np.integer) else self.text(key)

    def _array(self, x: Any) -> str:
        for name, known in self._captured.items():
            if x.size and _same(x, known):
                self.named[name] = known
                return name
        dtype = "" if x.dtype in _USUAL else f", dtype=np.{x.dtype.type.__name__}"
        if x.dtype.kind not in "fciub" or x.dtype.itemsize > 16 or x.dtype.type is np.longdouble:
            return self._name(x)
        if x.size > 1 and x.dtype.kind in "fci" and _is_uniform(x):
            return self._uniform(x)
        if 0 < x.size <= _SHORT and x.flags.c_contiguous:
            return f"np.array({self.text(x.tolist())}{dtype})"
        return self._name(x)

    def _uniform(self, x: Any) -> str:
        """np.zeros(3), np.ones((2, 2)), np.full(3, 0.5)."""
        shape = str(x.size) if x.ndim == 1 else self.text(x.shape)
        value = x.flat[0].item()
        dtype = "" if x.dtype == type(value) else f", dtype=np.{x.dtype.type.__name__}"
        order = "" if x.flags.c_contiguous or not x.flags.f_contiguous else ", order='F'"
        if value in (0, 1) and type(value) is not complex and not np.signbit(value):
            usual = "" if x.dtype == float else f", dtype=np.{x.dtype.type.__name__}"
            return f"np.{('zeros', 'ones')[int(value)]}({shape}{usual}{order})"
        return f"np.full({shape}, {scalar(value)}{dtype}{order})"

    def _name(self, x: Any) -> str:
        for name, known in self.named.items():
            if known is x or (type(x) is np.ndarray is type(known) and _same(x, known)):
                return name
        name = f"c{len([n for n in self.named if n not in self._captured])}"
        self.named[name] = x
        return name


def scalar(x: Any) -> str:
    """A Python number, string, None, truth value or Ellipsis."""
    if x is Ellipsis:
        return "..."
    if type(x) is float and not np.isfinite(x):
        return "np.nan" if x != x else "np.inf" if x > 0 else "-np.inf"
    if type(x) is complex and not (np.isfinite(x) and "-0" not in repr(x)):
        return f"complex({scalar(x.real)}, {scalar(x.imag)})"
    return repr(x)


_SCALARS = {float, int, complex, bool, str, bytes, type(None)}
_USUAL = (np.dtype(float), np.dtype(int), np.dtype(complex), np.dtype(bool))


def _is_uniform(x: Any) -> bool:
    first = x.flat[0].tobytes()
    return x.tobytes() == first * x.size


def _same(a: Any, b: Any) -> bool:
    return (a.dtype, a.shape, a.strides) == (b.dtype, b.shape, b.strides) and a.tobytes() == b.tobytes()
