"""`a[key]` of an Array: a number, or a view, at whole numbers, slices, None and `...`.

What it does is what `record/index.read` does, which it leaves everything else to.
"""

from __future__ import annotations

from typing import Any

from wengert.native import assembly as ir
from wengert.native.objects import BASE, I1, I64, ITEMS, PTR, SIZE, SLICE_PARTS, part_of
from wengert.native.recorder.arrays import new_array, traces
from wengert.native.recorder.body import NULL, Body
from wengert.native.recorder.operators import append, line, need_current, need_no_error, new_scalar


def write_is_basic(f: Body) -> Any:
    """is_basic(part): a whole number, a slice between whole numbers, None or `...`."""
    (part,) = f.args
    yes, other = f.function.append_basic_block("yes"), f.function.append_basic_block("other")
    simple = f.either(f.has_type(part, "int"), *[f.is_same(part, f.object(name)) for name in ("None", "Ellipsis")])
    f.b.cbranch(simple, yes, other)
    f.b.position_at_end(other)
    f.need(f.has_type(part, "slice"))
    for offset in SLICE_PARTS:
        end = part_of(f.b, part, offset, PTR)
        f.need(f.either(f.is_same(end, f.object("None")), f.has_type(end, "int")))
    f.b.branch(yes)
    with f.b.goto_block(yes):
        f.b.ret(I1(1))
    with f.b.goto_block(f.slow):
        f.b.ret(I1(0))
    return f.function


def write_getitem(f: Body, push: Any, is_basic: Any) -> None:
    """a[key]."""
    me, key = f.args
    rec, data = f.part(me, "Array.rec"), f.part(me, "Array.primal")
    f.need(f.b.icmp_signed("!=", rec, f.object("None")))
    f.need(f.has_type(data, "ndarray"))
    _need_basic(f, key, is_basic)
    need_current(f, me)
    f.held(data)
    y = f.call("PyObject_GetItem", data, key)
    moved = f.b.icmp_signed("!=", f.part(me, "Array.primal"), data)
    f.let_go(data)
    need_no_error(f, y)
    several, other = f.function.append_basic_block("several"), f.function.append_basic_block("other")
    f.need(f.b.not_(moved), otherwise=other)
    f.need(f.has_type(y, "float64"), otherwise=several)
    slot, params = _line(f, push, (me, key, rec, data, y))
    f.let_go(params)
    f.b.ret(new_scalar(f, y, rec, slot))
    f.b.position_at_end(several)
    f.need(f.has_type(y, "ndarray"), otherwise=other)
    base = part_of(f.b, y, BASE, PTR)
    f.need(f.b.icmp_signed("!=", base, NULL), otherwise=other)
    f.need(f.either(f.is_same(base, data), f.is_same(base, part_of(f.b, data, BASE, PTR))), otherwise=other)
    slot, params = _line(f, push, (me, key, rec, data, y))
    f.b.ret(_view(f, me, y, rec, slot, params))
    with f.b.goto_block(other):
        f.let_go(y)
        f.b.branch(f.slow)
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python("slow getitem", me, key))


def _line(f: Body, push: Any, given: tuple[Any, ...]) -> tuple[Any, Any]:
    """The slot of the line, and its parameters: a reference of one's own."""
    me, key, rec, data, y = given
    none = f.object("None")
    params = f.need_made(f.call("PyDict_New"))
    f.call("PyDict_SetItem", params, f.object('"key"'), key)
    kept = f.b.select(traces(f, rec), y, none)
    made = line(f, f.object("getitem"), (f.part(me, "Array.slot"),), kept, (data,), params)
    return append(f, push, rec, made, y), params


def _view(f: Body, me: Any, y: Any, rec: Any, slot: Any, params: Any) -> Any:
    """The Array of a view: its owner, and the way from there. The parameters are taken over."""
    none, root = f.object("None"), f.part(me, "Array.root")
    is_owner = f.is_same(root, none)
    owner = f.b.select(is_owner, me, root)
    last = f.tuple(_step(f, params))
    path = f.need_made(f.call("PySequence_Concat", f.part(me, "Array.path"), last))
    f.let_go(last)
    out = new_array(f, y, rec, slot, f.object("False"))
    for name, value in (("root", f.held(owner)), ("path", path), ("stamp", f.held(f.part(owner, "Array.version")))):
        f.let_go(f.part(out, f"Array.{name}"))
        f.put(out, f"Array.{name}", value)
    return out


def _step(f: Body, params: Any) -> Any:
    return f.tuple(f.held(f.object("getitem function")), params)


def _need_basic(f: Body, key: Any, is_basic: Any) -> None:
    """One part of an index, or a tuple of parts."""
    alone, done = f.function.append_basic_block("alone"), f.function.append_basic_block("basic")
    f.need(f.has_type(key, "tuple"), otherwise=alone)
    items = f.b.bitcast(f.b.gep(key, [ir.Constant(I64, ITEMS)]), PTR.as_pointer())
    with f.over(part_of(f.b, key, SIZE, I64)) as k:
        f.need(f.b.call(is_basic, [f.b.load(f.b.gep(items, [k]))]))
    f.b.branch(done)
    f.b.position_at_end(alone)
    f.need(f.b.call(is_basic, [key]))
    f.b.branch(done)
    f.b.position_at_end(done)
