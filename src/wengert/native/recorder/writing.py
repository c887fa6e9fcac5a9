"""`a[key] = value`: a recorded number into the memory of a real array of its own recording, at one place.

What it does is what `record/index._quick_write` does; it leaves everything else to `record/index.write`.
"""

from __future__ import annotations

from typing import Any

from wengert.native.objects import DESCR, I32, I64, ITEMS, PTR, RANK, SIZE, part_of
from wengert.native.recorder.arrays import traces
from wengert.native.recorder.body import NULL, Body
from wengert.native.recorder.operators import line


def write_setitem(f: Body, push: Any) -> None:
    """a[key] = value."""
    me, given, many, names = f.args
    f.need(f.is_same(names, NULL))
    f.need(f.is_same(many, I64(2)))
    key, value = f.given(given, 0), f.given(given, 1)
    f.need(f.has_type(value, "Scalar"))
    rec, data, y = f.part(value, "Scalar.rec"), f.part(me, "Array.primal"), f.part(value, "Scalar.primal")
    f.need(f.is_same(f.part(me, "Array.rec"), rec))
    f.need(f.is_same(f.part(me, "Array.root"), f.object("None")))
    f.need(f.is_same(f.part(me, "Array.shared"), f.object("False")))
    f.need(f.b.not_(traces(f, rec)))
    f.need(f.has_type(data, "ndarray"))
    f.need(f.is_same(part_of(f.b, data, DESCR, PTR), f.object("dtype")))
    f.need(f.has_type(y, "float", "float64"))
    _need_place(f, key, f.b.sext(part_of(f.b, data, RANK, I32), I64))
    put = f.call("PyObject_SetItem", data, key, y)
    with f.b.if_then(f.b.icmp_signed("!=", put, I32(0)), likely=False):
        f.b.ret(NULL)
    _note(f, push, (me, key, value, rec, data))
    f.b.ret(f.held(f.object("None")))
    with f.b.goto_block(f.slow):
        f.b.ret(f.method_in_python("slow setitem", *f.args))


def _need_place(f: Body, key: Any, rank: Any) -> None:
    """A whole number for each axis."""
    several, done = f.function.append_basic_block("several"), f.function.append_basic_block("place")
    f.need(f.has_type(key, "int"), otherwise=several)
    f.need(f.is_same(rank, I64(1)))
    f.b.branch(done)
    f.b.position_at_end(several)
    f.need(f.has_type(key, "tuple"))
    f.need(f.is_same(part_of(f.b, key, SIZE, I64), rank))
    items = f.b.bitcast(f.b.gep(key, [I64(ITEMS)]), PTR.as_pointer())
    with f.over(rank) as k:
        f.need(f.has_type(f.b.load(f.b.gep(items, [k])), "int"))
    f.b.branch(done)
    f.b.position_at_end(done)


def _note(f: Body, push: Any, given: tuple[Any, ...]) -> None:
    """Append the line of the write; the array has another version."""
    me, key, value, rec, data = given
    none = f.object("None")
    params = f.need_made(f.call("PyDict_New"))
    f.call("PyDict_SetItem", params, f.object('"path"'), f.object("()"))
    f.call("PyDict_SetItem", params, f.object('"key"'), key)
    slots = f.part(me, "Array.slot"), f.part(value, "Scalar.slot")
    made = line(f, f.object("write"), slots, none, (data, none), params, shapes=f.held(f.object("shape of a number")))
    f.let_go(params)
    slot = f.b.call(push, [f.part(rec, "Recorder.lines"), made])
    with f.b.if_then(f.b.icmp_signed("<", slot, I64(0)), likely=False):
        f.b.ret(NULL)
    number = f.whole(slot)
    f.call("PyList_Append", f.part(rec, "Recorder.writes"), number)
    f.let_go(number)
    before = f.part(me, "Array.version")
    f.put(me, "Array.version", f.whole(f.b.add(f.number(before), I64(1))))
    f.let_go(before)
