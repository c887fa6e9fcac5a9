"""One number, or several side by side: the types of vectors, constants, a number in every lane.

What is written for a number is written for a vector of them by the same code: every operation of LLVM on numbers is
also one on vectors, lane by lane.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from wengert.native import assembly as ir

_I32 = ir.IntType(32)


@cache
def vector(kind: Any, count: int) -> Any:
    """`count` numbers of a kind side by side; the kind itself for 0."""
    return ir.VectorType(kind, count) if count else kind


def lanes(kind: Any) -> int:
    """How many numbers a type holds; 0 for a number."""
    return kind.count if isinstance(kind, ir.VectorType) else 0


def element(kind: Any) -> Any:
    """The type of the numbers."""
    return kind.element if isinstance(kind, ir.VectorType) else kind


def like(kind: Any, number: Any) -> Any:
    """As many numbers of another type."""
    return vector(number, lanes(kind))


class Everywhere(ir.Constant):
    """A constant in every lane."""

    __slots__ = ("number",)

    def __init__(self, kind: Any, number: ir.Constant) -> None:
        super().__init__(kind, number)
        self.number = number


def constant(kind: Any, value: Any) -> Any:
    """A constant, in every lane of the type."""
    return Everywhere(kind, ir.Constant(kind.element, value)) if lanes(kind) else ir.Constant(kind, value)


def constant_of(x: Any) -> Any:
    """The number that a constant is, in one lane or all; None if it is none."""
    return x.number.constant if isinstance(x, Everywhere) else x.constant if isinstance(x, ir.Constant) else None


def spread(b: Any, x: Any, count: int) -> Any:
    """The number x in every lane."""
    if isinstance(x, ir.Constant):
        return Everywhere(vector(x.type, count), x)
    none = ir.Constant(vector(x.type, count), ir.Undefined)
    first = b.insert_element(none, x, ir.Constant(_I32, 0))
    return b.shuffle_vector(first, none, ir.Constant(vector(_I32, count), None))


def suffix(kind: Any) -> str:
    """What LLVM's intrinsics for the type have at the end of their names."""
    number = element(kind)
    count = lanes(kind)
    return f"{f'v{count}' if count else ''}{number.intrinsic_name}"
