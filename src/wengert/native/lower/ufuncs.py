"""Ufuncs without a formula of our own: native code calls the ufunc's own inner loop over a whole array.

A loop is taken where it works on doubles, floats, complex or whole numbers and gives floating or complex results: such
loops do without the interpreter. Which one it is, NumPy's own resolution of types says.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from math import prod
from typing import Any

import numpy as np

from wengert.ir.line import Line, Type
from wengert.native.engine import define_symbol
from wengert.native.lower.joined import join
from wengert.native.lower.table import dtype_of_type, memory_of
from wengert.native.maker import SHORT, Maker, Unsupported, unbroadcast
from wengert.native.node import DTYPES, NARROW, SIZES, Node
from wengert.passes.complex_values import is_complex


class _UFunc(ctypes.Structure):
    """The beginning of NumPy's PyUFuncObject (numpy/ufuncobject.h)."""

    _fields_ = (
        ("head", ctypes.c_byte * object.__basicsize__),
        ("nin", ctypes.c_int), ("nout", ctypes.c_int), ("nargs", ctypes.c_int), ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)), ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
    )  # fmt: skip


@dataclass(frozen=True)
class Loop:
    """An inner loop: the symbol that it is known by, its data, the dtypes of its arguments and results."""

    name: str
    data: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


@cache
def loop_of(ufunc: Any, given: tuple[Any, ...]) -> Loop | None:
    """The loop that NumPy would take for these types of arguments; None if it is not one we can call."""
    try:
        dtypes = ufunc.resolve_dtypes((*given, *[None] * ufunc.nout))
    except (TypeError, ValueError):
        return None
    if any(d not in _NAMES for d in dtypes) or any(d.kind not in "fc" for d in dtypes[ufunc.nin :]):
        return None
    signatures = [[np.dtype(c) for c in text.replace("->", "")] for text in ufunc.types]
    if list(dtypes) not in signatures or len(set(dtypes[ufunc.nin :])) != 1:
        return None
    return loop_at(ufunc, signatures.index(list(dtypes)), len(signatures), tuple([_NAMES[d] for d in dtypes]))


def loop_at(ufunc: Any, k: int, count: int, dtypes: tuple[str, ...]) -> Loop | None:
    """Loop number k of a ufunc that has so many, for these dtypes of arguments and results."""
    raw = _UFunc.from_address(id(ufunc))
    if (raw.nin, raw.nout, raw.ntypes) != (ufunc.nin, ufunc.nout, count) or not raw.functions[k]:
        return None
    name = f"ufunc.{id(ufunc)}.{k}"
    define_symbol(f"wengert.{name}", raw.functions[k] or 0)
    data = (raw.data[k] or 0) if raw.data else 0
    return Loop(name, data, dtypes[: ufunc.nin], dtypes[ufunc.nin :])


_NAMES = {**SHORT, np.dtype(np.complex128): "c128", np.dtype(np.complex64): "c64"}
_PYTHONS: dict[str, Any] = {"float": float, "int": int, "complex": complex, "bool": np.dtype(bool)}


def _given(t: Type) -> Any:
    """What NumPy's resolution is told about an argument: Python's numbers are weak."""
    if t.python:
        return _PYTHONS[t.dtype]
    if is_complex(t):
        return np.dtype(np.complex64 if t.dtype == "c64" else np.complex128)
    return np.dtype(DTYPES[t.dtype if t.dtype in NARROW else dtype_of_type(t)])


def by_loop(m: Maker, line: Line, args: tuple[Node, ...]) -> Any:
    """The results of a ufunc, by its inner loop."""
    if not isinstance(line.op, np.ufunc) or line.params or line.op.signature is not None:
        raise Unsupported("there is no native form of it")
    loop = loop_of(line.op, tuple([_given(a.type) for a in line.args]))
    if loop is None:
        raise Unsupported(f"{line.row.name} has no loop for these types")
    t, outs, double = line.outs[0].type, len(loop.outputs), loop.outputs[0][0] == "c"
    memory, dtype = memory_of(t)
    count, size = prod(t.shape), prod(memory)
    if dtype != PARTS_OF.get(loop.outputs[0], loop.outputs[0]) or double != is_complex(t):
        raise Unsupported(f"{line.row.name} of another dtype than its loop's")
    if not count:
        raise Unsupported("an empty array")
    parts = tuple(
        [_operand(m, a, atom.type, name, t.shape) for a, atom, name in zip(args, line.args, loop.inputs, strict=True)]
    )
    steps = [0 if one else bytes_of(name) for (_, one), name in zip(parts, loop.inputs, strict=True)]
    step = bytes_of(loop.outputs[0])
    info = loop, (count,), (*steps, *[step] * outs), tuple([j * count * step for j in range(outs)])
    whole = m.make("library", "ufunc", tuple([x for x, _ in parts]), (outs * size,), dtype, info)
    results = tuple([m.reshape(_part(m, whole, j * size, size), memory) for j in range(outs)])
    return results if outs > 1 else results[0]


PARTS_OF = {"c128": "f64", "c64": "f32"}


def bytes_of(name: str) -> int:
    """How many bytes an element takes."""
    return 2 * SIZES[PARTS_OF[name]] if name in PARTS_OF else SIZES[name]


def _part(m: Maker, x: Node, start: int, count: int) -> Node:
    return m.view(x, ((start, ((1, 0),)),), (count,))


def _operand(m: Maker, x: Node, t: Type, name: str, shape: tuple[int, ...]) -> tuple[Node, bool]:
    """The memory that a loop reads, as dtype `name`: one element, or as many as the result has; whether it is one."""
    if name in PARTS_OF:
        return joined_operand(m, x, t, PARTS_OF[name], shape)
    x = unbroadcast(m.cast(x, name))
    if x.size > 1:
        return m.reshape(m.broadcast(x, shape), (prod(shape),)), False
    return m.reshape(x, (1,)), True


def joined_operand(m: Maker, x: Node, t: Type, dtype: str, shape: tuple[int, ...]) -> tuple[Node, bool]:
    """The same of complex numbers."""
    x = m.cast(x, dtype)
    if not is_complex(t):
        x = join(m, x, m.broadcast(m.number(0.0, dtype), x.shape))
    if x.size == 2:
        return m.reshape(x, (2,)), True
    return m.reshape(m.broadcast(x, (*shape, 2)), (2 * prod(shape),)), False
