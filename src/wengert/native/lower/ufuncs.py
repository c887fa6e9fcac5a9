"""Ufuncs without a formula of our own: native code calls the ufunc's own inner loop over a whole array.

A loop is taken where it works on doubles, floats or whole numbers and gives floating results: such
loops do without the interpreter. Which one it is, NumPy's own resolution of types says.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from wengert.ir.line import Line, Type
from wengert.native.engine import define_symbol
from wengert.native.lower.table import dtype_of_type
from wengert.native.maker import SHORT, Maker, Unsupported, unbroadcast
from wengert.native.node import DTYPES, Node


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
    if any(d not in SHORT for d in dtypes) or any(d.kind != "f" for d in dtypes[ufunc.nin :]):
        return None
    signatures = [[np.dtype(c) for c in text.replace("->", "")] for text in ufunc.types]
    if list(dtypes) not in signatures or len(set(dtypes[ufunc.nin :])) != 1:
        return None
    raw, k = _UFunc.from_address(id(ufunc)), signatures.index(list(dtypes))
    if (raw.nin, raw.nout, raw.ntypes) != (ufunc.nin, ufunc.nout, len(signatures)) or not raw.functions[k]:
        return None
    name = f"ufunc.{id(ufunc)}.{k}"
    define_symbol(f"wengert.{name}", raw.functions[k] or 0)
    short = [SHORT[d] for d in dtypes]
    return Loop(name, (raw.data[k] or 0) if raw.data else 0, tuple(short[: ufunc.nin]), tuple(short[ufunc.nin :]))


def _given(t: Type) -> Any:
    """What NumPy's resolution is told about an argument: Python's numbers are weak."""
    if t.python:
        return {"float": float, "int": int}.get(t.dtype, np.dtype(bool))
    return np.dtype(DTYPES[dtype_of_type(t)])


def by_loop(m: Maker, line: Line, args: tuple[Node, ...]) -> Any:
    """The results of a ufunc, by its inner loop."""
    if not isinstance(line.op, np.ufunc) or line.params or line.op.signature is not None:
        raise Unsupported("there is no native form of it")
    loop = loop_of(line.op, tuple([_given(a.type) for a in line.args]))
    if loop is None:
        raise Unsupported(f"{line.row.name} has no loop for these types")
    shape, count = line.outs[0].type.shape, int(np.prod(line.outs[0].type.shape))
    dtype, outs = loop.outputs[0], len(loop.outputs)
    if dtype != dtype_of_type(line.outs[0].type):
        raise Unsupported(f"{line.row.name} of another dtype than its loop's")
    if not count:
        raise Unsupported("an empty array")
    parts = tuple([_operand(m, m.cast(a, t), shape) for a, t in zip(args, loop.inputs, strict=True)])
    whole = m.make("library", "ufunc", parts, (outs * count,), dtype, (loop, count, outs))
    results = tuple([m.reshape(_part(m, whole, j * count, count), shape) for j in range(outs)])
    return results if outs > 1 else results[0]


def _part(m: Maker, x: Node, start: int, count: int) -> Node:
    return m.view(x, ((start, ((1, 0),)),), (count,))


def _operand(m: Maker, x: Node, shape: tuple[int, ...]) -> Node:
    """One element, or as many as the result has."""
    x = unbroadcast(x)
    return m.reshape(m.broadcast(x, shape), (int(np.prod(shape)),)) if x.size > 1 else m.reshape(x, (1,))
