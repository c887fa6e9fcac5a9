"""A test of names in native code: whether each is bound to what it was, or still absent, and functions have the code
that they had. A name costs what it takes to look it up.

    same(names)()                    True or False
    guarded(call, names)(*args)      call(*args), or NotImplemented without a call
"""

from __future__ import annotations

import ctypes
from ctypes import pythonapi as api
from functools import cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from wengert.native import assembly as ir
from wengert.native.engine import Code, define_symbol, kept_for_good
from wengert.native.objects import I1, I64, ITEMS, PTR, SIZE, TABLE, new_function, over, part_of

_METH_FASTCALL = 0x80
_CALL, _OTHERWISE, _SAME = range(3)
_BOUND, _ABSENT, _CODES = (3, 4, 5), (6, 7), (8, 9)
"""Places in the tuple that the builtin is given as `self`: it holds on to all that is read here."""
_NULL, _VOID = ir.Constant(PTR, None), ir.VoidType()


class _Method(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    ]  # fmt: skip


class Names(NamedTuple):
    """What is compared."""

    bound: list[tuple[dict[str, Any], str, Any]]
    absent: list[tuple[dict[str, Any], str]]
    codes: list[tuple[FunctionType, CodeType]]


def guarded(call: Any, names: Names) -> Any:
    """A builtin function, see above."""
    return _made(call, NotImplemented, None, names)


def same(names: Names) -> Any:
    """A builtin function, see above."""
    return _made(False, False, True, names)


def _made(call: Any, otherwise: Any, same: Any, names: Names) -> Any:
    columns = (range(len(places)) for places in (_BOUND, _ABSENT, _CODES))
    tables = [
        tuple([entry[k] for entry in table]) for table, column in zip(names, columns, strict=True) for k in column
    ]
    return new_function(ctypes.addressof(_definition()), (call, otherwise, same, *tables), None)


@cache
def _definition() -> _Method:
    for name in ("PyDict_GetItem", "PyFunction_GetCode", "PyObject_Vectorcall", "Py_IncRef"):
        define_symbol(f"wengert.{name}", ctypes.cast(getattr(api, name), ctypes.c_void_p).value or 0)
    code = Code(str(_written()))
    kept_for_good(code)
    return _Method(b"guarded", code.entry, _METH_FASTCALL)


def _written() -> ir.Module:
    """entry(self, args, nargs)."""
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(PTR, [PTR, TABLE, I64]), "entry")
    me, args, many = function.args
    b = ir.IRBuilder(function.append_basic_block("entry"))
    changed = function.append_basic_block("changed")

    def api_function(name: str, given: list[Any], result: Any = PTR) -> Any:
        return ir.Function(module, ir.FunctionType(result, given), f"wengert.{name}")

    get_item, get_code = api_function("PyDict_GetItem", [PTR, PTR]), api_function("PyFunction_GetCode", [PTR])

    def need(now: Any, then: Any, otherwise: Any = changed) -> None:
        following = function.append_basic_block("go")
        b.cbranch(b.icmp_signed("==", now, then), following, otherwise)
        b.position_at_end(following)

    for places in (_BOUND, _ABSENT, _CODES):
        tables = [part_of(b, me, ITEMS + 8 * place, PTR) for place in places]
        with over(b, function, part_of(b, tables[0], SIZE, I64)) as k:
            x, y, *rest = [b.load(b.gep(b.bitcast(b.gep(table, [I64(ITEMS)]), TABLE), [k])) for table in tables]
            if places is _CODES:
                need(b.call(get_code, [x]), y)
            else:
                need(b.call(get_item, [x, y]), rest[0] if rest else _NULL)
    call, otherwise = (part_of(b, me, ITEMS + 8 * place, PTR) for place in (_CALL, _OTHERWISE))
    vectorcall, hold = (
        api_function("PyObject_Vectorcall", [PTR, TABLE, I64, PTR]),
        api_function("Py_IncRef", [PTR], _VOID),
    )
    alone = function.append_basic_block("alone")
    need(b.icmp_signed("!=", call, otherwise), I1(1), alone)
    b.ret(b.call(vectorcall, [call, args, many, _NULL]))
    for block, place in ((alone, _SAME), (changed, _OTHERWISE)):
        b.position_at_end(block)
        result = part_of(b, me, ITEMS + 8 * place, PTR)
        b.call(hold, [result])
        b.ret(result)
    return module
