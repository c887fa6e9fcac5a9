"""One call of a jitted function, taken apart: what is an input of the trace, and what the trace is made for."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import BadInput
from wengert.record.value import Array, Scalar

_INPUT_NUMBERS = {
    float: "float", np.float64: "float64", np.float32: "float32",
    complex: "complex", np.complex128: "complex128", np.complex64: "complex64",
}  # fmt: skip
_INPUT_DTYPES = "fciub"
_PLAIN = (int, str, bytes, type(None), np.dtype, type)


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
    if isinstance(x, np.generic):
        return (type(x), x.tobytes())
    return (type(x), x if isinstance(x, (*_PLAIN, Static)) else Same(x))


class Same:
    """Equal if it is the same object (which is kept alive, so that its address stays its own)."""

    __slots__ = ("x",)

    def __init__(self, x: Any) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.x is other.x

    def __hash__(self) -> int:
        return id(self.x)


class Static:
    """An argument that is fixed by request: equal if type and value are."""

    __slots__ = ("key", "x")

    def __init__(self, x: Any) -> None:
        self.x = x
        self.key = _typed(x)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Static) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def _typed(x: Any) -> Any:
    """x, such that 1, 1.0 and True, 0.0 and −0.0, are different."""
    if type(x) is tuple:
        return tuple([_typed(part) for part in x])
    return (type(x), repr(x) if isinstance(x, (float, complex)) else x)


def with_static(
    args: tuple[Any, ...], kwargs: dict[str, Any], numbers: tuple[int, ...], names: tuple[str, ...]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The call with the arguments in these places as Static."""
    places = {k % len(args) for k in numbers if -len(args) <= k < len(args)}
    args = tuple([_static(x, f"argument {k}") if k in places else x for k, x in enumerate(args)])
    return args, {name: _static(x, f"argument {name}") if name in names else x for name, x in kwargs.items()}


def _static(x: Any, what: str) -> Static:
    try:
        fixed = Static(x)
        hash(fixed)
    except TypeError:
        raise BadInput(
            f"jit: static {what} is of type {type(x).__name__}, which cannot be hashed.\n"
            "Pass a number, a string, or a tuple of them, or take the argument out of static_argnums."
        ) from None
    return fixed


def taken_apart(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[list[Any], Any]:
    """(the leaves of a call, its structure)."""
    if not kwargs and all([type(a) in _INPUT_NUMBERS or type(a) is np.ndarray for a in args]):
        return list(args), len(args)
    leaves, structure = tree.flatten((args, kwargs))
    return leaves, structure


def put_together(leaves: list[Any], structure: Any, raw: bool = False) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """(args, kwargs) again; `raw` leaves static arguments wrapped."""
    if type(structure) is int:
        return tuple(leaves), {}
    return tree.unflatten(structure, [x.x if type(x) is Static and not raw else x for x in leaves])


def is_recorded(leaves: list[Any]) -> bool:
    """Whether a transform outside is recording this call."""
    return any([type(x) is Array or type(x) is Scalar for x in leaves])


_CODE = (FunctionType, BuiltinFunctionType, MethodType, np.ufunc)


def cannot_be_fixed(x: Any) -> bool:
    """Whether a leaf is neither an input nor something whose value can be seen to be the same again."""
    if kind_of(x) or isinstance(x, (*_PLAIN, np.generic, Static, *_CODE)):
        return False
    return isinstance(x, np.ndarray) or not isinstance(getattr(x, "__dict__", None), dict)


def has_state(x: Any) -> bool:
    """Whether a fixed leaf may change without becoming another object."""
    return not (kind_of(x) or isinstance(x, (*_PLAIN, np.generic)))
