"""`__array_ufunc__`: a ufunc of one recorded number or real array, or of one of NumPy's numbers and a recorded one.

What it does is what `record/protocols.py` does, which it leaves everything else to.
"""

from __future__ import annotations

from typing import Any

from wengert.native.objects import I1, I32, I64
from wengert.native.recorder.arrays import computed, real, return_array, return_pair, return_unless_slow, share, traces
from wengert.native.recorder.body import NULL, Body
from wengert.native.recorder.learnt import BITS, KEEPS_FIRST, KEEPS_RESULT, UNKNOWN
from wengert.native.recorder.operators import append, line, need_no_error, new_scalar

_EQUAL = 2
"""Py_EQ."""


def write_ufunc(f: Body, push: Any, pair: Any, product: Any) -> None:
    """__array_ufunc__(self, ufunc, method, *inputs)."""
    me, given, many, names = f.args
    f.need(f.is_same(names, NULL))
    f.need(f.b.icmp_signed(">=", many, I64(3)))
    ufunc, method, first = (f.given(given, k) for k in range(3))
    f.need(f.is_same(f.call("PyObject_RichCompareBool", method, f.object('"__call__"'), I32(_EQUAL)), I32(1)))
    entry = f.call("PyDict_GetItem", f.object("known ufuncs"), ufunc)
    f.need(f.b.icmp_signed("!=", entry, NULL))
    f.need(f.has_type(entry, "tuple"))
    row, reads = f.item(entry, 0), f.number(f.item(entry, 1))
    f.need(f.is_same(f.call("PyDict_GetItem", f.object("rows"), ufunc), row))  # it may have another by now
    two, number = f.function.append_basic_block("two"), f.function.append_basic_block("number")
    f.need(f.is_same(many, I64(3)), otherwise=two)
    f.need(f.is_same(first, me))
    f.need(f.has_type(me, "Array"), otherwise=number)
    _of_array(f, me, ufunc, push, row, reads)
    f.b.position_at_end(number)
    x = f.part(me, "Scalar.primal")
    f.need(f.has_type(x, "float", "float64"))
    _number(f, push, (me, ufunc, row), (f.part(me, "Scalar.slot"),), (x,))
    f.b.position_at_end(two)
    _of_two(f, given, (push, pair, product), row, reads)
    with f.b.goto_block(f.slow):
        f.b.ret(f.method_in_python("slow ufunc", *f.args))


def _of_two(f: Body, given: Any, ways: tuple[Any, Any, Any], row: Any, reads: Any) -> None:
    """number ∘ self of numbers; first ∘ second where one is an Array."""
    me, _, many, _ = f.args
    push, pair, product = ways
    ufunc, first, second = f.given(given, 0), f.given(given, 2), f.given(given, 3)
    f.need(f.is_same(many, I64(4)))
    arrays = f.function.append_basic_block("arrays")
    f.need(f.has_type(me, "Scalar"), otherwise=arrays)
    x = f.part(me, "Scalar.primal")
    f.need(f.has_type(x, "float", "float64"))
    f.need(f.is_same(second, me))
    f.need(f.has_type(first, "float64"))
    _number(f, push, (me, ufunc, row), (f.object("-1"), f.part(me, "Scalar.slot")), (first, x))
    f.b.position_at_end(arrays)
    matrices = f.function.append_basic_block("matrices")
    f.need(f.b.icmp_signed("!=", ufunc, f.object("matmul")), otherwise=matrices)
    return_pair(f, pair, (first, second), row, reads, ufunc)
    f.b.position_at_end(matrices)
    return_unless_slow(f, f.b.call(product, [first, second, row, reads]))


def _number(f: Body, push: Any, what: tuple[Any, ...], slots: tuple[Any, ...], data: tuple[Any, ...]) -> None:
    me, ufunc, row = what
    y = f.call_object(ufunc, *data)
    need_no_error(f, y)
    rec = f.part(me, "Scalar.rec")
    made = line(f, row, slots, y, data, f.object("None"))
    f.b.ret(new_scalar(f, y, rec, append(f, push, rec, made, y)))


def _of_array(f: Body, me: Any, ufunc: Any, push: Any, row: Any, reads: Any) -> None:
    f.need(f.is_same(f.b.and_(reads, I64(UNKNOWN << BITS)), I64(0)))
    x = _recorded(f, me)
    y = computed(f, [(me, x)], lambda: f.call_object(ufunc, x))
    reads_argument, reads_result = (
        f.b.icmp_signed("!=", f.b.and_(reads, I64(bit << BITS)), I64(0)) for bit in (KEEPS_FIRST, KEEPS_RESULT)
    )
    _finish(f, push, (me, x, y, row), reads_argument, reads_result)


def write_array_negative(f: Body, push: Any) -> None:
    """−self of an Array."""
    me = f.args[0]
    x = _recorded(f, me)
    y = computed(f, [(me, x)], lambda: f.call("PyNumber_Negative", x))
    _finish(f, push, (me, x, y, f.object("row negative")), I1(0), I1(0))
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python("slow array neg", me))


def _recorded(f: Body, me: Any) -> Any:
    f.need(f.b.icmp_signed("!=", f.part(me, "Array.rec"), f.object("None")))
    return real(f, me)


def _finish(f: Body, push: Any, what: tuple[Any, ...], reads_argument: Any, reads_result: Any) -> None:
    me, x, y, row = what
    rec, none = f.part(me, "Array.rec"), f.object("None")
    traced = traces(f, rec)
    with f.when(reads_argument):
        share(f, me, traced)
    saved = f.b.select(f.b.or_(traced, reads_argument), x, none)
    kept = f.b.select(f.b.or_(traced, reads_result), y, none)
    made = line(f, row, (f.part(me, "Array.slot"),), kept, (saved,), none)
    return_array(f, push, (rec, made, y), (traced, reads_result))
