"""The language: what the lines of a Wengert list are made of, as frozen data.

    Line    outs = op(*args, **params)
    Var     what a line (or an input) defines, once
    Lit     a constant
    Type    f64[3,2]

Four rows stand for what is not a function of its arguments: `write` stores into the memory of its
first argument (`params`: the `path` of views that leads to the place, and the `key`, whose holes
are filled by further arguments), `guard` says
what Python saw when it looked at a value, `constant` makes a fresh array that is going to be
written to, and `getitem` reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from wengert.ir.row import Row


@dataclass(frozen=True, slots=True)
class Type:
    """`float` (Python's), `f64[]` (NumPy's number or 0-d array), `f64[3,2]`."""

    dtype: str
    shape: tuple[int, ...] = ()
    python: bool = False

    def __str__(self) -> str:
        return self.dtype if self.python else f"{self.dtype}[{','.join(map(str, self.shape))}]"

    @classmethod
    def of(cls, x: Any) -> Type:
        """The type of a plain value."""
        if isinstance(x, (np.ndarray, np.generic)):
            return _array_type(x.dtype, x.shape)
        return _python_type(type(x))


_SHORT = {"float": "f", "complex": "c", "int": "i", "uint": "u", "longdouble": "f", "clongdouble": "c"}


@cache
def _array_type(dtype: Any, shape: tuple[int, ...]) -> Type:
    return Type(short_dtype(dtype), shape)


@cache
def _python_type(kind: type) -> Type:
    return Type(kind.__name__, (), True)


def short_dtype(dtype: Any) -> str:
    """f64, c128, i32, bool."""
    stem = dtype.name.rstrip("0123456789")
    return f"{_SHORT[stem]}{8 * dtype.itemsize}" if stem in _SHORT else dtype.name


@dataclass(eq=False, slots=True)
class Var:
    """A value that is defined once. Two variables are the same only if they are one object.

    Never changed, like Lit and Line; `frozen=True` would make each take four times as long to make.
    """

    type: Type


@dataclass(eq=False, slots=True)
class Lit:
    """A constant."""

    value: Any

    @property
    def type(self) -> Type:
        """The type of the value."""
        return Type.of(self.value)


Atom = Var | Lit


@dataclass(eq=False, slots=True)
class Line:
    """outs = op(*args, **params).

    `op` is the row's own function, or Python's operator where two Python numbers met. `origin` is
    the user's file and line that it came from. `many` says that op returns a sequence, whose items
    are the outs.
    """

    row: Row
    op: Callable[..., Any]
    args: tuple[Atom, ...]
    params: Mapping[str, Any]
    outs: tuple[Var, ...]
    origin: tuple[str, int] = ("", 0)
    many: bool = False

    @property
    def inputs(self) -> tuple[Var, ...]:
        """The variables that the line reads (or writes into)."""
        return tuple([a for a in self.args if type(a) is Var])

    @property
    def kind(self) -> str:
        """`write`, `guard`, `constant`, `getitem`, or `call`."""
        return self.row.name if self.row.name in SPECIAL else "call"


class Hole:
    """Stands in a key for a part that is an argument of the line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "?"


HOLE = Hole()


@dataclass(frozen=True, slots=True)
class Span(Hole):
    """Stands in a key for a slice of that extent and step, of which only the beginning is an argument of the line."""

    extent: int
    step: int

    def __repr__(self) -> str:
        return f"?:+{self.extent}" + (f":{self.step}" if self.step != 1 else "")

    def beginning(self, start: Any) -> slice:
        """The slice that begins there."""
        return slice(start, start + self.extent, None if self.step == 1 else self.step)

    @property
    def places(self) -> range:
        """The places of its elements, from its beginning."""
        return range(0, self.extent, self.step)


def filled(key: Any, parts: Any) -> Any:
    """The key with its holes filled."""
    rest = iter(parts)
    if type(key) is tuple:
        return tuple([_filled(p, rest) for p in key])
    return _filled(key, rest)


def _filled(part: Any, rest: Iterator[Any]) -> Any:
    if part is HOLE:
        return next(rest)
    return part.beginning(next(rest)) if type(part) is Span else part


SPECIAL = frozenset({"write", "guard", "constant", "getitem"})
