"""Put the native code in the place of Python's: methods of Scalar, Array and Repeating.

Everything that it does Python does as well, in the same way, only slower: where this Python is not what the code
expects, nothing is put anywhere.
"""

from __future__ import annotations

import ctypes
import platform
import sys
import threading
from ctypes import pythonapi as api
from functools import cache
from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.native import assembly as ir
from wengert.native import cache as disk
from wengert.native.engine import Code, define_symbol, kept_for_good
from wengert.native.objects import I1, I64, PTR, new_function
from wengert.native.recorder import appending, arrays
from wengert.native.recorder.body import CONTEXT, Body
from wengert.native.recorder.learnt import reads
from wengert.native.recorder.objects import BINARY, OBJECTS, REFLECTED, SYMBOLS, NotHere, address, places, row_of
from wengert.native.recorder.operators import write_binary, write_negative
from wengert.native.recorder.products import write_matmul, write_product, write_standin
from wengert.native.recorder.reading import write_getitem, write_is_basic
from wengert.native.recorder.sweeping import write_sweep
from wengert.native.recorder.ufuncs import write_array_negative, write_ufunc
from wengert.native.recorder.writing import write_setitem
from wengert.record.packed import packed
from wengert.record.repeating import Repeating
from wengert.record.stretch import PACK
from wengert.record.swap import load_rules
from wengert.record.value import Array, Scalar
from wengert.sweep.reverse import Quick

_LAST = (3, 14)
"""The last version of Python of which it has been tried."""
_HEAD = 16
"""An object begins with a counter and a type: with more, in a Python without global lock."""
_METH_NOARGS, _METH_O, _METH_FASTCALL, _METH_FASTCALL_KEYWORDS = 4, 8, 0x80, 0x82


class _Method(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    ]  # fmt: skip


_new_method = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.c_void_p)(("PyDescr_NewMethod", api))


def install() -> bool:
    """Put native methods where Python's were, if they are not there already. Whether they are there now."""
    with _lock:
        if not _originals:
            load_rules()
            with disk.silently():
                found = _methods()
            for kind, name, method in found:
                _originals.append((kind, name, kind.__dict__[name]))
                setattr(kind, name, method)
            PACK[0] = packed if found else None
        return bool(_originals)


def remove() -> None:
    """Put Python's methods where they were."""
    with _lock:
        PACK[0] = None
        for kind, name, method in _originals:
            setattr(kind, name, method)
        _originals.clear()


_lock = threading.Lock()
_originals: list[tuple[Any, str, Any]] = []
_kept: list[Any] = []
"""What native code refers to."""


@cache
def _methods() -> list[tuple[Any, str, Any]]:
    """(class, name, method) of all; none where this Python is not what the code expects."""
    usual = platform.python_implementation() == "CPython" and object.__basicsize__ == _HEAD
    if not usual or sys.version_info[:2] > _LAST:
        return []
    try:
        where = places()
    except NotHere:
        return []
    for name in SYMBOLS:
        define_symbol(f"wengert.{name}", address(name))
    module, methods = written(where)
    code = Code(str(module))
    objects = [find() for find in OBJECTS.values()]
    table = (ctypes.py_object * len(objects))(*objects)
    addresses = (ctypes.c_void_p * len(methods))()
    ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.entry)(
        ctypes.addressof(table), ctypes.addressof(addresses)
    )
    kept_for_good(code)
    definitions = [
        _Method(name.encode(), call, flags) for (_, name, flags), call in zip(methods, addresses, strict=True)
    ]
    _kept.extend([table, *definitions])
    return [
        (kind, name, _made(kind, flags, ctypes.addressof(definition)))
        for (kind, name, flags), definition in zip(methods, definitions, strict=True)
    ]


def _made(kind: Any, flags: int, definition: int) -> Any:
    """A method of the class; or a function that it holds."""
    return new_function(definition, None, None) if flags == _METH_FASTCALL else _new_method(kind, definition)


def written(where: dict[str, int]) -> tuple[ir.Module, list[tuple[Any, str, int]]]:
    """The module; the classes, names and flags of the methods, whose addresses `entry` gives in this order."""
    module = ir.Module()
    context = ir.GlobalVariable(module, I64, CONTEXT)
    context.initializer, context.linkage = I64(0), "internal"

    def begin(name: str, given: list[Any], result: Any = PTR) -> Body:
        return Body(module, where, name, given, result)

    length = appending.write_length(begin("length", [PTR], I64))
    append = appending.write_append(begin("append", [PTR, PTR], I64))
    push = appending.write_push(begin("push", [PTR, PTR], I64), length, append)
    kept = arrays.write_kept(begin("kept", [PTR, I64, PTR, I1, I1]))
    same_shape = arrays.write_same_shape(begin("same_shape", [PTR, PTR], I1))
    pair = arrays.write_pair(begin("pair", [PTR, PTR, PTR, I64, I64, PTR]), push, kept, same_shape)
    methods: list[tuple[Any, str, int]] = []
    functions: list[Any] = []

    def method(kind: Any, name: str, flags: int = _METH_O) -> Body:
        given = [PTR, PTR, *[I64, PTR][: {_METH_FASTCALL: 1, _METH_FASTCALL_KEYWORDS: 2}.get(flags, 0)]]
        body = begin(f"{kind.__name__}.{name}", given)
        methods.append((kind, name, flags))
        functions.append(body.function)
        return body

    appending.write_append_method(method(Repeating, "append"), append)
    appending.write_length_method(method(Repeating, "__len__", _METH_NOARGS), length)
    is_basic = write_is_basic(begin("is_basic", [PTR], I1))
    write_getitem(method(Array, "__getitem__"), push, is_basic)
    write_setitem(method(Array, "__setitem__", _METH_FASTCALL_KEYWORDS), push)
    standin = write_standin(begin("standin", [PTR]))
    product = write_product(begin("product", [PTR, PTR, PTR, I64]), push, standin)
    write_matmul(method(Array, "__matmul__"), False, product, reads(ROWS[np.matmul], 2))
    write_matmul(method(Array, "__rmatmul__"), True, product, reads(ROWS[np.matmul], 2))
    write_negative(method(Scalar, "__neg__", _METH_NOARGS), push)
    write_array_negative(method(Array, "__neg__", _METH_NOARGS), push)
    for kind in (Scalar, Array):
        write_ufunc(method(kind, "__array_ufunc__", _METH_FASTCALL_KEYWORDS), push, pair, product)
    for name in BINARY:
        write_binary(method(Scalar, f"__{name}__"), name, False, push)
        arrays.write_array_binary(method(Array, f"__{name}__"), name, False, pair, reads(row_of(name), 2))
    for name in REFLECTED:
        write_binary(method(Scalar, f"__r{name}__"), name, True, push)
        arrays.write_array_binary(method(Array, f"__r{name}__"), name, True, pair, reads(row_of(name), 2))
    write_sweep(method(Quick, "backwards", _METH_FASTCALL))
    _write_entry(module, context, functions)
    return module, methods


def _write_entry(module: ir.Module, context: Any, functions: list[Any]) -> None:
    """entry(objects, addresses): note where the objects are, and tell where the functions are."""
    entry = ir.Function(module, ir.FunctionType(ir.VoidType(), [PTR, PTR]), "entry")
    b = ir.IRBuilder(entry.append_basic_block("entry"))
    objects, addresses = entry.args
    b.store(objects, b.bitcast(context, PTR.as_pointer()))
    table = b.bitcast(addresses, PTR.as_pointer())
    for k, function in enumerate(functions):
        b.store(b.bitcast(function, PTR), b.gep(table, [I64(k)]))
    b.ret_void()
