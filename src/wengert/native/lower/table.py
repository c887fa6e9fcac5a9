"""The table of lowerings: a primitive, and what makes its nodes.

A lowering gets the maker, the line, and the nodes of its arguments, and returns the node of the
result (or a tuple of nodes). It raises Unsupported where it has none for these types; the line is
then given to NumPy.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.ir.line import Line, Lit, Type
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import NARROW, Node, Shape
from wengert.passes.complex_values import is_complex

Lowering = Callable[[Maker, Line, tuple[Node, ...]], Any]
LOWER: dict[Any, Lowering] = {}
"""primitive (or the name of a row of ours) → its lowering"""

PYTHON_TYPES = {"float": "f64", "int": "i64", "bool": "bool"}
COMPUTED = {"f64", "f32", "i64", "bool"}


def lowers(*keys: Any) -> Callable[[Lowering], Lowering]:
    """Decorator: this is how each of these primitives becomes nodes."""

    def register(lowering: Lowering) -> Lowering:
        for key in keys:
            LOWER[key] = lowering
        return lowering

    return register


def dtype_of_type(t: Type) -> str:
    """The node dtype of a trace type; Unsupported if there is none."""
    dtype = PYTHON_TYPES.get(t.dtype) if t.python else t.dtype
    if dtype not in COMPUTED:
        raise Unsupported(f"type {t}")
    return dtype


def memory_of(t: Type) -> tuple[Shape, str]:
    """(shape, dtype) of the memory of a value: complex numbers are an axis more, real part and imaginary part."""
    if is_complex(t):
        return (*t.shape, 2), "f32" if t.dtype == "c64" else "f64"
    return t.shape, _MOVED.get(t.dtype) or dtype_of_type(t)


_MOVED = {**{name: name for name in NARROW}, "f16": "raw f16", "u64": "raw u64"}


def result_dtype(line: Line) -> str:
    """The dtype of the line's only result."""
    return dtype_of_type(line.outs[0].type)


def literal(line: Line, k: int) -> Any:
    """The value of argument k, which must be a constant."""
    atom = line.args[k]
    if not isinstance(atom, Lit):
        raise Unsupported(f"argument {k} of {line.row.name} varies")
    return atom.value


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    """A canonical axis argument (None, an int, or ints) as a tuple of axes."""
    if axis is None or not rank:
        return tuple(range(rank))
    return tuple(sorted({k % rank for k in (axis if isinstance(axis, tuple) else (axis,))}))
