"""A native function while it is being written: objects, their parts, calls of Python's functions.

Where something is not as the function needs it, `need` leaves it for `slow`, what Python does otherwise: nothing may
have been changed by then.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from wengert.native import assembly as ir
from wengert.native.objects import I32, I64, ITEMS, PTR, TYPE, over, part_of
from wengert.native.recorder.objects import PLACES

I64P = I64.as_pointer()
NULL = ir.Constant(PTR, None)
CONTEXT = "context"
_RESULTS: dict[str, Any] = {
    **dict.fromkeys(("PyDict_Size", "PyLong_AsSsize_t"), I64),
    **dict.fromkeys(("PyDict_SetItem", "PyList_Append", "PyList_SetItem"), I32),
    **dict.fromkeys(("PyObject_RichCompareBool", "PyObject_SetItem", "PySet_Contains"), I32),
    **dict.fromkeys(("Py_DecRef", "Py_IncRef", "PyErr_Clear", "PyObject_GC_UnTrack"), ir.VoidType()),
}
"""What functions give that do not give an object."""


class Body:
    """One function of the module."""

    def __init__(self, module: ir.Module, places: dict[str, int], name: str, given: Sequence[Any], result: Any) -> None:
        self.module, self.places = module, places
        self.function = ir.Function(module, ir.FunctionType(result, list(given)), name)
        self.function.linkage = "internal"
        self.args = self.function.args
        self.b = ir.IRBuilder(self.function.append_basic_block("entry"))
        self.slow = self.function.append_basic_block("slow")

    # ── where to go on ──

    def need(self, condition: Any, otherwise: Any = None) -> None:
        """Go on where that holds, else be slow."""
        following = self.function.append_basic_block("go")
        self.b.cbranch(condition, following, otherwise or self.slow)
        self.b.position_at_end(following)

    @contextmanager
    def when(self, condition: Any) -> Generator[None]:
        """Lines that are run if the condition holds."""
        with self.b.if_then(condition):
            yield

    def need_made(self, x: Any) -> Any:
        """x, which is NULL where there was no memory for it, or an error was raised: then return NULL as well."""
        with self.b.if_then(self.is_same(x, NULL), likely=False):
            self.b.ret(NULL if self.function.function_type.return_type is PTR else ir.Constant(I64, -1))
        return x

    def is_same(self, x: Any, y: Any) -> Any:
        """Whether two objects, or numbers, are the same."""
        return self.b.icmp_signed("==", x, y)

    def either(self, *conditions: Any) -> Any:
        """Whether one of them holds."""
        whole = conditions[0]
        for condition in conditions[1:]:
            whole = self.b.or_(whole, condition)
        return whole

    def joined(self, *ways: tuple[Any, Any]) -> Any:
        """The value of the way, (value, block), on which one came."""
        whole = self.b.phi(ways[0][0].type)
        for value, block in ways:
            whole.add_incoming(value, block)
        return whole

    def chosen(self, condition: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
        """What one of two functions makes, by whether the condition holds."""
        then, other, after = (self.function.append_basic_block(name) for name in ("then", "else", "chosen"))
        self.b.cbranch(condition, then, other)
        ways: list[tuple[Any, Any]] = []
        for block, make in ((then, yes), (other, no)):
            self.b.position_at_end(block)
            ways.append((make(), self.b.block))
            self.b.branch(after)
        self.b.position_at_end(after)
        return self.joined(*ways)

    @contextmanager
    def over(self, n: Any) -> Generator[Any]:
        """A loop over 0 … n − 1."""
        with over(self.b, self.function, n) as k:
            yield k

    # ── objects ──

    def object(self, name: str) -> Any:
        """One of the objects that are known by name."""
        table = self.b.load(self.b.bitcast(self.module.globals[CONTEXT], PTR.as_pointer()))
        return self.b.load(self.b.gep(self.b.bitcast(table, PTR.as_pointer()), [ir.Constant(I64, PLACES[name])]))

    def type_of(self, x: Any) -> Any:
        """Its class."""
        return part_of(self.b, x, TYPE, PTR)

    def has_type(self, x: Any, *names: str) -> Any:
        """Whether it is of exactly one of those classes."""
        kind = self.type_of(x)
        return self.either(*[self.is_same(kind, self.object(name)) for name in names])

    def part(self, x: Any, name: str) -> Any:
        """An attribute of wengert's own object."""
        return part_of(self.b, x, self.places[name], PTR)

    def put(self, x: Any, name: str, value: Any) -> None:
        """Set an attribute of an object that is new: it holds the reference from now on."""
        at = self.b.gep(x, [ir.Constant(I64, self.places[name])])
        self.b.store(value, self.b.bitcast(at, PTR.as_pointer()))

    def call(self, name: str, *given: Any) -> Any:
        """Call a function of Python's."""
        symbol = f"wengert.{name}"
        result = _RESULTS.get(name, PTR)
        known = self.module.globals.get(symbol)
        if known is None:
            known = ir.Function(self.module, ir.FunctionType(result, [x.type for x in given]), symbol)
        return self.b.call(known, list(given))

    def held(self, x: Any) -> Any:
        """x, with one reference more."""
        self.call("Py_IncRef", x)
        return x

    def let_go(self, x: Any) -> None:
        """One reference less."""
        self.call("Py_DecRef", x)

    def number(self, x: Any) -> Any:
        """The value of a whole number of Python's."""
        return self.call("PyLong_AsSsize_t", x)

    def whole(self, n: Any) -> Any:
        """A whole number of Python's."""
        return self.need_made(self.call("PyLong_FromSsize_t", n))

    def tuple(self, *items: Any) -> Any:
        """A tuple that takes over the references."""
        made = self.need_made(self.call("PyTuple_New", ir.Constant(I64, len(items))))
        for k, x in enumerate(items):
            self.b.store(x, self.b.bitcast(self.b.gep(made, [ir.Constant(I64, ITEMS + 8 * k)]), PTR.as_pointer()))
        return made

    def item(self, x: Any, k: int) -> Any:
        """An item of a tuple."""
        return part_of(self.b, x, ITEMS + 8 * k, PTR)

    def given(self, table: Any, k: int) -> Any:
        """An argument of a function that is given a table of them."""
        return self.b.load(self.b.gep(self.b.bitcast(table, PTR.as_pointer()), [ir.Constant(I64, k)]))

    def call_object(self, x: Any, *given: Any) -> Any:
        """Call an object."""
        table = self.room(PTR, len(given))
        for k, part in enumerate(given):
            self.b.store(part, self.b.gep(table, [ir.Constant(I64, k)]))
        return self.call("PyObject_Vectorcall", x, self.b.bitcast(table, PTR), I64(len(given)), NULL)

    def room(self, kind: Any, n: int = 1) -> Any:
        """Room for so many, in the frame of the function."""
        entry = self.function.basic_blocks[0]
        room = ir.IRBuilder(entry).alloca(kind, n)
        entry.lines.insert(0, entry.lines.pop())
        return room

    def in_python(self, name: str, *given: Any) -> Any:
        """Call one of the known objects."""
        return self.call_object(self.object(name), *given)

    def method_in_python(self, name: str, me: Any, table: Any, many: Any, names: Any) -> Any:
        """Call one of the known objects as a method, with what the method here was given."""
        method = self.need_made(self.call("PyMethod_New", self.object(name), me))
        result = self.call("PyObject_Vectorcall", method, table, many, names)
        self.let_go(method)
        return result
