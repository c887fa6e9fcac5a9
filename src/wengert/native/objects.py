"""Python's and NumPy's objects as they lie in memory, and native functions that read them.

The layouts are those of CPython (object.h, floatobject.h) and of NumPy's ndarraytypes.h, both part of their
stable ABI.
"""

from __future__ import annotations

import ctypes
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from wengert.native import assembly as ir

I1, I8, I32, I64 = (ir.IntType(width) for width in (1, 8, 32, 64))
PTR = I8.as_pointer()
TABLE = PTR.as_pointer()

TYPE, SIZE, LIST_ITEMS, NUMBER_VALUE = 8, 16, 24, 16
SLICE_PARTS = (16, 24, 32)
DATA, RANK, DIMS, BASE, DESCR, FLAGS, DEALLOC = 16, 24, 32, 48, 56, 64, 48
"""How many bytes into an object its parts lie."""
ITEMS: int = tuple.__basicsize__
"""The same, of a tuple's items: Python 3.14 keeps the hash before them."""
_C_ORDER_AND_ALIGNED = 0x101


new_function = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.py_object)(
    ("PyCFunction_NewEx", ctypes.pythonapi)
)
"""A builtin function: (address of a PyMethodDef, what it is given as `self`, its module)."""


def part_of(b: ir.IRBuilder, x: Any, offset: int, kind: Any) -> Any:
    """What lies so many bytes into an object."""
    return b.load(b.bitcast(b.gep(x, [ir.Constant(I64, offset)]), kind.as_pointer()))


@contextmanager
def over(b: ir.IRBuilder, function: Any, n: Any) -> Generator[Any]:
    """A loop over 0 … n − 1, n ≥ 0."""
    before = b.block
    head, body, after = (function.append_basic_block() for _ in range(3))
    b.branch(head)
    b.position_at_end(head)
    i: Any = b.phi(I64)
    i.add_incoming(I64(0), before)
    b.cbranch(b.icmp_signed("<", i, n), body, after)
    b.position_at_end(body)
    yield i
    i.add_incoming(b.add(i, I64(1)), b.block)
    b.branch(head)
    b.position_at_end(after)


class Arrays:
    """Two functions of the module, so that an entry grows with its arguments and results by a call of each:

    memory(x, ndarray, descr, dims, rank)   where the elements of x lie; NULL if it is not such an array
    release(table, n)                       frees n arrays that nobody else has seen
    """

    def __init__(self, module: ir.Module) -> None:
        self.module = module
        self.memory = self._begin("arrays.memory", PTR, [PTR, PTR, PTR, PTR, I64])
        self._write_memory()
        self.release = self._begin("arrays.release", ir.VoidType(), [TABLE, I64])
        self._write_release()

    def _begin(self, name: str, result: Any, given: list[Any]) -> Any:
        function = ir.Function(self.module, ir.FunctionType(result, given), name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        self.b = ir.IRBuilder(function.append_basic_block())
        return function

    def _write_memory(self) -> None:
        x, kind, descr, dims, rank = self.memory.args
        self.other = self.memory.append_basic_block("other")
        ir.IRBuilder(self.other).ret(ir.Constant(PTR, None))
        self._need(part_of(self.b, x, TYPE, PTR), kind)
        self._need(part_of(self.b, x, DESCR, PTR), descr)
        order = ir.Constant(I32, _C_ORDER_AND_ALIGNED)
        self._need(self.b.and_(part_of(self.b, x, FLAGS, I32), order), order)
        self._need(part_of(self.b, x, RANK, I32), self.b.trunc(rank, I32))
        own, wanted = (self.b.bitcast(p, I64.as_pointer()) for p in (part_of(self.b, x, DIMS, PTR), dims))
        with over(self.b, self.memory, rank) as axis:
            self._need(*(self.b.load(self.b.gep(p, [axis])) for p in (own, wanted)))
        self.b.ret(part_of(self.b, x, DATA, PTR))

    def _need(self, x: Any, y: Any) -> None:
        following = self.memory.append_basic_block()
        self.b.cbranch(self.b.icmp_signed("==", x, y), following, self.other)
        self.b.position_at_end(following)

    def _write_release(self) -> None:
        table, many = self.release.args
        with over(self.b, self.release, many) as k:
            x = self.b.load(self.b.gep(table, [k]))
            free = part_of(self.b, part_of(self.b, x, TYPE, PTR), DEALLOC, PTR)
            self.b.store(ir.Constant(I64, 0), self.b.bitcast(x, I64.as_pointer()))
            self.b.call(self.b.bitcast(free, ir.FunctionType(ir.VoidType(), [PTR]).as_pointer()), [x])
        self.b.ret_void()
