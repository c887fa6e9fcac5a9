"""Types, of each of which there is one object; what has a type; constants."""

from __future__ import annotations

import struct
from typing import Any

_KNOWN: dict[Any, Any] = {}


class _Once(type):
    """The class of classes whose instances are made once for the same parts: they are compared by identity."""

    def __call__(cls, *parts: Any) -> Any:
        key = cls, *[tuple(part) if type(part) is list else part for part in parts]
        known = _KNOWN.get(key)
        return known if known is not None else _KNOWN.setdefault(key, super().__call__(*parts))


class Type(metaclass=_Once):
    """A type; called, a constant of it."""

    text: str
    intrinsic_name: str

    def __str__(self) -> str:
        return self.text

    def as_pointer(self) -> PointerType:
        """The type of its addresses."""
        return PointerType(self)

    def __call__(self, value: Any) -> Constant:
        return Constant(self, value)


class VoidType(Type):
    text = "void"


class IntType(Type):
    def __init__(self, width: int) -> None:
        self.text = self.intrinsic_name = f"i{width}"


class DoubleType(Type):
    text, intrinsic_name = "double", "f64"


class FloatType(Type):
    text, intrinsic_name = "float", "f32"


class PointerType(Type):
    """An address of what is of type `pointee`, which LLVM need not know."""

    text = "ptr"

    def __init__(self, pointee: Any) -> None:
        self.pointee = pointee


class _Row(Type):
    def __init__(self, element: Any, count: int) -> None:
        self.element, self.count = element, count
        opening, closing = self.brackets
        self.text = f"{opening}{count} x {element}{closing}"

    brackets = "[]"


class ArrayType(_Row):
    """Several of a type in memory."""


class VectorType(_Row):
    """Several numbers in a register."""

    brackets = "<>"


class LiteralStructType(Type):
    """Values of several types."""

    def __init__(self, elements: Any) -> None:
        self.elements = tuple(elements)
        self.text = f"{{{', '.join(map(str, self.elements))}}}"


class FunctionType(Type):
    """From `args` to `return_type`."""

    def __init__(self, return_type: Any, args: Any) -> None:
        self.return_type, self.args = return_type, tuple(args)
        self.text = f"{return_type} ({', '.join(map(str, self.args))})"


class Value:
    """What has a type and a name, `typed` both; `parent` is the block whose line computes it."""

    __slots__ = ("parent", "ref", "type", "typed")

    def __init__(self, kind: Any, ref: str, parent: Any = None) -> None:
        self.type, self.ref, self.parent = kind, ref, parent
        self.typed = f"{kind.text} {ref}"


class Undefined:
    """Stands for a constant whose value does not matter."""


class Constant(Value):
    """A number, or one in every lane of a vector; a list of constants in lanes; None, which is zero everywhere."""

    __slots__ = ("constant",)

    def __init__(self, kind: Any, value: Any) -> None:
        self.constant = value
        super().__init__(kind, _written(kind, value))

    def inttoptr(self, kind: Any) -> Value:
        """The address of this number."""
        return Value(kind, f"inttoptr ({self.typed} to {kind})")


def _written(kind: Any, value: Any) -> str:
    if isinstance(kind, IntType):
        return str(int(value))
    if value is None:
        return "null" if isinstance(kind, PointerType) else "zeroinitializer"
    if value is Undefined:
        return "undef"
    if isinstance(kind, _Row):
        opening, closing = kind.brackets
        if isinstance(value, Constant):
            return f"splat ({value.typed})"
        parts = [x if isinstance(x, Constant) else Constant(kind.element, x) for x in value]
        return f"{opening}{', '.join([x.typed for x in parts])}{closing}"
    return f"0x{_bits(float(value), isinstance(kind, FloatType)):016X}"


def _bits(x: float, single: bool) -> int:
    """The bits of a double; a single number is written as the double that it is."""
    if single:
        x = struct.unpack("<f", struct.pack("<f", x))[0]
    return struct.unpack("<Q", struct.pack("<d", x))[0]
