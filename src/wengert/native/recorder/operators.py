"""The operators of Scalar: two real numbers of one recording, or one and a plain number; lines, and what is new.

They do what `record/operators.py` does, which they leave everything else to.
"""

from __future__ import annotations

from typing import Any

from wengert.native.objects import I64, LIST_ITEMS, PTR, SIZE, part_of
from wengert.native.recorder.body import NULL, Body
from wengert.native.recorder.objects import SQUARES

_CALLED = {"add": "Add", "sub": "Subtract", "mul": "Multiply", "truediv": "TrueDivide", "pow": "Power"}
"""The functions of Python's, PyNumber_…, that are the operators."""


def operate(f: Body, name: str, x: Any, z: Any) -> Any:
    """x ∘ z of plain operands."""
    return f.call(f"PyNumber_{_CALLED[name]}", x, z, *([f.object("None")] if name == "pow" else []))


def new_scalar(f: Body, y: Any, rec: Any, slot: Any) -> Any:
    """A Scalar that takes over y."""
    out = f.need_made(f.call("PyType_GenericAlloc", f.object("Scalar"), I64(0)))
    f.put(out, "Scalar.primal", y)
    f.put(out, "Scalar.rec", f.held(rec))
    f.put(out, "Scalar.slot", f.whole(slot))
    return out


def line(
    f: Body, row: Any, slots: tuple[Any, ...], y: Any, args: Any, params: Any, saved: Any = None, shapes: Any = None
) -> Any:
    """A line; what is given is not taken over, but for `saved` (in place of `args`) and `shapes`."""
    saved = f.tuple(*[f.held(x) for x in args]) if saved is None else saved
    shapes = f.held(f.object("None")) if shapes is None else shapes
    return f.tuple(f.held(row), f.tuple(*[f.held(s) for s in slots]), f.held(y), saved, f.held(params), shapes)


def append(f: Body, push: Any, rec: Any, made: Any, y: Any) -> Any:
    """The slot of a line that has been appended to the recording."""
    slot = f.b.call(push, [f.part(rec, "Recorder.lines"), made])
    with f.b.if_then(f.b.icmp_signed("<", slot, I64(0)), likely=False):
        f.let_go(y)
        f.b.ret(NULL)
    return slot


def write_binary(f: Body, name: str, reflected: bool, push: Any) -> None:
    """self ∘ other; or other ∘ self, of a plain number and a Scalar."""
    me, other = f.args
    x, rec, none = f.part(me, "Scalar.primal"), f.part(me, "Scalar.rec"), f.object("None")
    f.need(f.has_type(x, "float", "float64"))
    if reflected or name == "pow":
        f.need(f.has_type(other, "float", "float64", "int"))
        pair, slots = (x, other), (f.part(me, "Scalar.slot"), f.object("-1"))
    else:
        z, its_slot = _second(f, other, rec)
        pair, slots = (x, z), (f.part(me, "Scalar.slot"), its_slot)
    if reflected:
        pair, slots = pair[::-1], slots[::-1]
    need_no_square_of_root(f, name, (me, other, rec), "Scalar")
    y = operate(f, name, *pair)
    need_no_error(f, y)
    if name == "pow":  # a negative number to the power of a fraction is complex
        need_type(f, y, "float", "float64")
    made = line(f, f.object(f"row {name}"), slots, y, pair, none)
    f.b.ret(new_scalar(f, y, rec, append(f, push, rec, made, y)))
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python(f"slow {'r' if reflected else ''}{name}", me, other))


def write_negative(f: Body, push: Any) -> None:
    """−self."""
    me = f.args[0]
    x = f.part(me, "Scalar.primal")
    f.need(f.has_type(x, "float", "float64"))
    y = f.call("PyNumber_Negative", x)
    need_no_error(f, y)
    rec = f.part(me, "Scalar.rec")
    made = line(f, f.object("row negative of a number"), (f.part(me, "Scalar.slot"),), y, (x,), f.object("None"))
    f.b.ret(new_scalar(f, y, rec, append(f, push, rec, made, y)))
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python("slow neg", me))


def need_no_square_of_root(f: Body, name: str, given: tuple[Any, Any, Any], kind: str) -> None:
    """The square of a root has a way of its own, but in a trace."""
    me, other, rec = given
    if name not in SQUARES:
        return
    done = f.function.append_basic_block("no.root")
    if name == "mul":
        f.need(f.is_same(me, other), otherwise=done)
    f.need(f.is_same(f.part(rec, "Recorder.traces"), f.object("False")), otherwise=done)
    lines = f.part(rec, "Recorder.lines")
    f.need(f.has_type(lines, "list"))
    slot = f.number(f.part(me, f"{kind}.slot"))
    f.need(f.b.icmp_unsigned("<", slot, part_of(f.b, lines, SIZE, I64)))  # an attempt may have been given up
    items = f.b.bitcast(part_of(f.b, lines, LIST_ITEMS, PTR), PTR.as_pointer())
    row = f.item(f.b.load(f.b.gep(items, [slot])), 0)
    f.need(f.b.icmp_signed("!=", f.call("PyDict_GetItem", f.object("no roots"), row), NULL))
    f.b.branch(done)
    f.b.position_at_end(done)


def need_type(f: Body, y: Any, *names: str) -> None:
    """Be slow where a result is of another type."""
    other = f.function.append_basic_block("other")
    f.need(f.has_type(y, *names), otherwise=other)
    with f.b.goto_block(other):
        f.let_go(y)
        f.b.branch(f.slow)


def _second(f: Body, other: Any, rec: Any) -> tuple[Any, Any]:
    """The number and the slot of the second operand."""
    b, number, both = f.b, f.function.append_basic_block("number"), f.function.append_basic_block("both")
    f.need(f.has_type(other, "Scalar"), otherwise=number)
    f.need(f.is_same(f.part(other, "Scalar.rec"), rec))
    inner, slot = f.part(other, "Scalar.primal"), f.part(other, "Scalar.slot")
    f.need(f.has_type(inner, "float", "float64"))
    recorded = b.block
    b.branch(both)
    b.position_at_end(number)
    f.need(f.has_type(other, "float", "float64", "int"))
    none, plain = f.object("-1"), b.block
    b.branch(both)
    b.position_at_end(both)
    return f.joined((inner, recorded), (other, plain)), f.joined((slot, recorded), (none, plain))


def need_no_error(f: Body, y: Any) -> None:
    """Be slow where Python or NumPy raised an error: it is raised once more there."""
    failed = f.function.append_basic_block("failed")
    f.need(f.b.icmp_signed("!=", y, NULL), otherwise=failed)
    with f.b.goto_block(failed):
        f.call("PyErr_Clear")
        f.b.branch(f.slow)


def need_current(f: Body, me: Any) -> None:
    """A view must be of its owner as that is now."""
    root = f.part(me, "Array.root")
    with f.when(f.b.icmp_signed("!=", root, f.object("None"))):
        f.need(f.is_same(f.number(f.part(me, "Array.stamp")), f.number(f.part(root, "Array.version"))))
