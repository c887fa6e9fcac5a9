"""A test of names in native code: whether each is bound to what it was, or still absent, and functions have the code
that they had.

    same(names)()                           True or False
    guarded(call, names, empty)(*args)      call(*args), None in place of NotImplemented; or None without a call, also
                                            where the list `empty` no longer is that

A name is looked for where it lay in its dictionary (CPython's pycore_dict.h); only if it is not there is it looked up.
"""

from __future__ import annotations

import ctypes
import struct
import sys
from ctypes import pythonapi as api
from functools import cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from wengert.native import assembly as ir
from wengert.native.engine import Code, define_symbol, kept_for_good
from wengert.native.objects import I32, I64, ITEMS, PTR, SIZE, TABLE, new_function, part_of

_METH_FASTCALL = 0x80
_CALL, _OTHERWISE, _SAME, _REFUSED, _EMPTY, _BOUND, _ABSENT, _CODES = range(8)
"""Places in the tuple that the builtin is given as `self`. The last three are bytes: tables of addresses and numbers;
what lies there is in the tuple as well, which keeps it alive."""
_WIDTHS = {_BOUND: 6, _ABSENT: 2, _CODES: 2}
"""Words of an entry: (namespace, name, value, layout, number, offset), (namespace, name), (function, code)."""
_BYTES = bytes.__basicsize__ - 1
"""Where the contents of bytes begin."""
_NULL, _VOID = ir.Constant(PTR, None), ir.VoidType()

_KEYS, _VALUES = 32, 40
"""Where a dictionary has its table, and the values of one that shares its table with others."""
_LAYOUT, _ENTRIES, _INDICES = 8, 24, 32
"""Where the table has three bytes (its size, the size of its indices, its kind), how many entries there are, the
indices; the entries follow these."""
_LAST = (3, 14)
"""The last version of Python of which it has been tried."""
_NOWHERE = (1 << 32, 0, 0)


class _Method(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p), ("call", ctypes.c_void_p), ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    ]  # fmt: skip


class Names(NamedTuple):
    """What is compared."""

    bound: list[tuple[dict[str, Any], str, Any]]
    absent: list[tuple[dict[str, Any], str]]
    codes: list[tuple[FunctionType, CodeType]]


def guarded(call: Any, names: Names, empty: list[Any]) -> Any:
    """A builtin function, see above."""
    return _made((call, None, None, NotImplemented, empty), names)


def same(names: Names) -> Any:
    """A builtin function, see above."""
    return _made((False, False, True, None, []), names)


def _made(given: tuple[Any, ...], names: Names) -> Any:
    bound = [(d, *_with_place(d, name), x) for d, name, x in names.bound]
    tables = (
        [(id(d), id(name), id(x), *place) for d, name, place, x in bound],
        [(id(d), id(name)) for d, name in names.absent],
        [(id(f), id(code)) for f, code in names.codes],
    )
    packed = [struct.pack(f"{sum(map(len, table))}Q", *[word for entry in table for word in entry]) for table in tables]
    return new_function(ctypes.addressof(_definition()), (*given, *packed, bound, names), None)


# ── where a name lies ──


def _with_place(space: dict[str, Any], name: str) -> tuple[Any, tuple[int, int, int]]:
    """The name as the dictionary has it, and where that lies: the table's layout, the entry's number and offset."""
    names = list(space)
    if name not in space or sys.version_info[:2] > _LAST or _word(id(space) + _VALUES):
        return name, _NOWHERE
    position = names.index(name)
    table, name = _word(id(space) + _KEYS), names[position]
    layout = _word(table + _LAYOUT) & 0xFFFFFF
    _, indices, kind = layout.to_bytes(3, "little")
    if kind > 1:
        return name, _NOWHERE
    width, first = ((24, 8), (16, 0))[kind]  # (hash, key, value), or (key, value) where all keys are strings
    for k in range(position, _word(table + _ENTRIES)):  # there may be gaps
        offset = _INDICES + (1 << indices) + width * k + first
        if _word(table + offset) == id(name):
            return name, (layout, k, offset)
    return name, _NOWHERE


def _word(address: int) -> int:
    return ctypes.c_size_t.from_address(address).value


# ── the code ──


@cache
def _definition() -> _Method:
    for name in ("PyDict_GetItem", "PyFunction_GetCode", "PyObject_Vectorcall", "Py_DecRef", "Py_IncRef"):
        define_symbol(f"wengert.{name}", ctypes.cast(getattr(api, name), ctypes.c_void_p).value or 0)
    code = Code(str(_Written().module))
    kept_for_good(code)
    return _Method(b"guarded", code.entry, _METH_FASTCALL)


class _Written:
    """The module: entry(self, args, nargs)."""

    def __init__(self) -> None:
        self.module = ir.Module()
        self.function = ir.Function(self.module, ir.FunctionType(PTR, [PTR, TABLE, I64]), "entry")
        self.me, args, many = self.function.args
        self.b = b = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.get_item = self._of_python("PyDict_GetItem", [PTR, PTR])
        self.get_code = self._of_python("PyFunction_GetCode", [PTR])
        self.changed, alone = (self.function.append_basic_block(name) for name in ("changed", "alone"))
        self._need(b.icmp_signed("==", part_of(b, self._item(_EMPTY), SIZE, I64), I64(0)), self.changed)
        for place, test in ((_BOUND, self._bound), (_ABSENT, self._absent), (_CODES, self._code)):
            self._each(place, test)
        call = self._item(_CALL)
        self._need(b.icmp_signed("!=", call, self._item(_OTHERWISE)), alone)
        vectorcall = self._of_python("PyObject_Vectorcall", [PTR, TABLE, I64, PTR])
        y = b.call(vectorcall, [call, args, many, _NULL])
        refused = self.function.append_basic_block("refused")
        self._need(b.icmp_signed("!=", y, self._item(_REFUSED)), refused)
        b.ret(y)
        b.position_at_end(refused)
        b.call(self._of_python("Py_DecRef", [PTR], _VOID), [y])
        b.branch(self.changed)
        hold = self._of_python("Py_IncRef", [PTR], _VOID)
        for block, place in ((alone, _SAME), (self.changed, _OTHERWISE)):
            b.position_at_end(block)
            result = self._item(place)
            b.call(hold, [result])
            b.ret(result)

    def _of_python(self, name: str, given: list[Any], result: Any = PTR) -> Any:
        return ir.Function(self.module, ir.FunctionType(result, given), f"wengert.{name}")

    def _item(self, place: int) -> Any:
        return part_of(self.b, self.me, ITEMS + 8 * place, PTR)

    def _need(self, condition: Any, otherwise: Any) -> None:
        following = self.function.append_basic_block("go")
        self.b.cbranch(condition, following, otherwise)
        self.b.position_at_end(following)

    def _each(self, place: int, test: Any) -> None:
        """The test of every entry of a table."""
        b, table, width = self.b, self._item(place), _WIDTHS[place]
        words = b.bitcast(b.gep(table, [I64(_BYTES)]), I64.as_pointer())
        many = b.lshr(part_of(b, table, SIZE, I64), I64(3))
        ended, body = (self.function.append_basic_block(name) for name in ("ended", "body"))
        head, before = self.function.append_basic_block("head"), b.block
        b.branch(head)
        b.position_at_end(head)
        k = b.phi(I64)
        k.add_incoming(I64(0), before)
        b.cbranch(b.icmp_signed("<", k, many), body, ended)
        b.position_at_end(body)
        test([b.load(b.gep(words, [b.add(k, I64(n))])) for n in range(width)])
        k.add_incoming(b.add(k, I64(width)), b.block)
        b.branch(head)
        b.position_at_end(ended)

    def _bound(self, entry: list[Any]) -> None:
        b = self.b
        space, name, value = (b.inttoptr(x, PTR) for x in entry[:3])
        layout, number, offset = entry[3:]
        lookup, done = self.function.append_basic_block("lookup"), self.function.append_basic_block("bound")
        table = part_of(b, space, _KEYS, PTR)
        now = b.and_(b.zext(part_of(b, table, _LAYOUT, I32), I64), I64(0xFFFFFF))
        self._need(b.icmp_signed("==", now, layout), lookup)
        self._need(b.icmp_signed("<", number, part_of(b, table, _ENTRIES, I64)), lookup)
        there = b.gep(table, [offset])
        self._need(b.icmp_signed("==", part_of(b, there, 0, PTR), name), lookup)
        b.cbranch(b.icmp_signed("==", part_of(b, there, 8, PTR), value), done, self.changed)
        b.position_at_end(lookup)
        b.cbranch(b.icmp_signed("==", b.call(self.get_item, [space, name]), value), done, self.changed)
        b.position_at_end(done)

    def _absent(self, entry: list[Any]) -> None:
        space, name = (self.b.inttoptr(x, PTR) for x in entry)
        self._need(self.b.icmp_signed("==", self.b.call(self.get_item, [space, name]), _NULL), self.changed)

    def _code(self, entry: list[Any]) -> None:
        function, code = (self.b.inttoptr(x, PTR) for x in entry)
        self._need(self.b.icmp_signed("==", self.b.call(self.get_code, [function]), code), self.changed)
