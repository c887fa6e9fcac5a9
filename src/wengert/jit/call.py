"""One call of a jitted function, taken apart: what is an input of the trace, and what the trace is made for."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert import tree
from wengert.record.value import Array, Scalar

_INPUT_NUMBERS = {
    float: "float", np.float64: "float64", np.float32: "float32", complex: "complex", np.complex128: "complex128",
}  # fmt: skip
_INPUT_DTYPES = "fciub"


def kind_of(x: Any) -> str:
    """`float`, `float64`, `array`: how an input of a trace is passed; '' if it is no input."""
    t = type(x)
    known = _INPUT_NUMBERS.get(t)
    if known is not None:
        return known
    return "array" if t is np.ndarray and x.dtype.kind in _INPUT_DTYPES else ""


def description(x: Any) -> Any:
    """What a trace assumes about a leaf: the type of an input, and of everything else the value itself."""
    kind = kind_of(x)
    if kind == "array":
        return (x.dtype.str, x.shape)
    if kind:
        return kind
    return (type(x), Same(x)) if not _is_plain(x) else (type(x), x)


def _is_plain(x: Any) -> bool:
    return isinstance(x, (int, str, bytes, bool, type(None), np.integer, np.bool_))


class Same:
    """Equal if it is the same object (which is kept alive, so that its address stays its own)."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.x is other.x

    def __hash__(self) -> int:
        return id(self.x)


def taken_apart(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any]:
    """(the leaves of a call, its structure)."""
    if not kwargs and all([type(a) in _INPUT_NUMBERS or type(a) is np.ndarray for a in args]):
        return list(args), len(args)
    leaves, structure = tree.flatten((args, kwargs))
    return leaves, structure


def put_together(leaves: list[Any], structure: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """(args, kwargs) again."""
    if type(structure) is int:
        return tuple(leaves), {}
    return tree.unflatten(structure, leaves)


def is_recorded(leaves: list[Any]) -> bool:
    """Whether a transform outside is recording this call."""
    return any([type(x) is Array or type(x) is Scalar for x in leaves])
