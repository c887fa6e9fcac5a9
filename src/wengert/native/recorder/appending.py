"""`Repeating.append`: a line that is as the stretch expects it; and lines of any recording.

length(lines)          how many lines a Repeating has
append(lines, line)    0; −1 if an error was raised
push(lines, line)      the slot of the line, which is taken over; −1 if an error was raised
"""

from __future__ import annotations

from typing import Any

from wengert.native import assembly as ir
from wengert.native.objects import DESCR, DIMS, I32, I64, ITEMS, NUMBER_VALUE, PTR, RANK, SIZE, part_of
from wengert.native.recorder.body import I64P, NULL, Body
from wengert.record import packed
from wengert.record.stretch import COUNT, LINES, NEXT, PERIOD, RUN

_SLOTS_OF_LINE, _RESULT, _ARGS, _PARAMS = 1, 2, 3, 4
"""Places in a line."""
_FAILED = ir.Constant(I64, -1)


def word(f: Body, words: Any, k: int | Any) -> Any:
    """The number at a place of a table."""
    return f.b.load(f.b.gep(words, [k if isinstance(k, ir.Value) else I64(k)]))


def _set_word(f: Body, words: Any, k: int, x: Any) -> None:
    f.b.store(x, f.b.gep(words, [I64(k)]))


def _pointer(f: Body, number: Any) -> Any:
    return f.b.inttoptr(number, PTR)


def write_length(f: Body) -> Any:
    """How many lines there are."""
    (lines,) = f.args
    cursor = f.call("PyLong_AsVoidPtr", f.part(lines, "Repeating.cursor"))
    f.need(f.b.icmp_signed("!=", cursor, NULL))
    f.b.ret(word(f, f.b.bitcast(cursor, I64P), COUNT))
    with f.b.goto_block(f.slow):
        f.b.ret(f.number(f.part(lines, "Repeating._count")))
    return f.function


def write_append(f: Body) -> Any:
    """Compare the line with what is expected; if it is that, the cursor moves on."""
    lines, line = f.args
    address = f.call("PyLong_AsVoidPtr", f.part(lines, "Repeating.cursor"))
    f.need(f.b.icmp_signed("!=", address, NULL))
    cursor = f.b.bitcast(address, I64P)
    table, at, run = word(f, cursor, LINES), word(f, cursor, NEXT), word(f, cursor, RUN)
    f.need(f.b.icmp_signed("!=", table, I64(0)))
    words = f.b.gep(f.b.inttoptr(table, I64P), [f.b.mul(at, I64(packed.WORDS))])
    f.need(f.is_same(f.item(line, 0), _pointer(f, word(f, words, packed.ROW))))
    _compare_slots(f, words, f.item(line, _SLOTS_OF_LINE), run)
    _compare_result(f, words, f.item(line, _RESULT))
    _compare_params(f, words, f.item(line, _PARAMS), run)
    _compare_constant(f, words, f.item(line, _ARGS))
    _move_on(f, cursor, at, run)
    f.b.ret(I64(0))
    with f.b.goto_block(f.slow):
        f.let_go(f.need_made(f.in_python("slow append", lines, line)))
        f.b.ret(I64(0))
    return f.function


def _compare_slots(f: Body, words: Any, slots: Any, run: Any) -> None:
    many = word(f, words, packed.SLOTS)
    f.need(f.is_same(part_of(f.b, slots, SIZE, I64), many))
    _compare_slot(f, words, slots, run, 0)
    with f.when(f.is_same(many, I64(2))):
        _compare_slot(f, words, slots, run, 1)


def _compare_slot(f: Body, words: Any, slots: Any, run: Any, k: int) -> None:
    further = f.b.mul(run, word(f, words, packed.SHIFT + k))
    f.need(f.is_same(f.number(f.item(slots, k)), f.b.add(word(f, words, packed.SLOT + k), further)))


def _compare_result(f: Body, words: Any, y: Any) -> None:
    f.need(f.is_same(f.type_of(y), _pointer(f, word(f, words, packed.KIND))))
    rank = word(f, words, packed.RANK)
    with f.when(f.b.icmp_signed(">=", rank, I64(0))):
        f.need(f.is_same(f.b.sext(part_of(f.b, y, RANK, I32), I64), rank))
        f.need(f.is_same(part_of(f.b, y, DESCR, PTR), _pointer(f, word(f, words, packed.DTYPE))))
        dims = f.b.bitcast(part_of(f.b, y, DIMS, PTR), I64P)
        for k in range(packed.MOST_DIMS):
            with f.when(f.b.icmp_signed(">", rank, I64(k))):
                f.need(f.is_same(word(f, dims, k), word(f, words, packed.DIMS + k)))


def _compare_params(f: Body, words: Any, params: Any, run: Any) -> None:
    with f.when(f.b.icmp_signed("!=", params, _pointer(f, word(f, words, packed.PARAMS)))):
        many = word(f, words, packed.ITEMS)
        f.need(f.b.icmp_signed(">", many, I64(0)))
        f.need(f.has_type(params, "dict"))
        f.need(f.is_same(f.call("PyDict_Size", params), many))
        for k in range(packed.MOST_ITEMS):
            with f.when(f.b.icmp_signed(">", many, I64(k))):
                _compare_item(f, words, params, run, k)


def _compare_item(f: Body, words: Any, params: Any, run: Any, k: int) -> None:
    x = f.call("PyDict_GetItem", params, _pointer(f, word(f, words, packed.NAME + k)))
    f.need(f.b.icmp_signed("!=", x, NULL))
    done = f.function.append_basic_block("done")
    if k:
        f.b.cbranch(f.is_same(x, _pointer(f, word(f, words, packed.ITEM + k))), done, f.slow)
    else:
        _compare_first(f, words, x, run, done)
    f.b.position_at_end(done)


def _compare_first(f: Body, words: Any, x: Any, run: Any, done: Any) -> None:
    """The item is one object always, or consists of whole numbers."""
    counted = word(f, words, packed.COUNTED)
    several, whole = f.function.append_basic_block("several"), f.function.append_basic_block("whole")
    with f.when(f.is_same(counted, I64(0))):
        f.b.cbranch(f.is_same(x, _pointer(f, word(f, words, packed.ITEM))), done, f.slow)
    f.b.cbranch(f.b.icmp_signed("<", counted, I64(0)), whole, several)
    f.b.position_at_end(whole)
    _compare_whole(f, words, x, run, 0)
    f.b.branch(done)
    f.b.position_at_end(several)
    f.need(f.has_type(x, "tuple"))
    f.need(f.is_same(part_of(f.b, x, SIZE, I64), counted))
    for k in range(packed.MOST_WHOLE):
        with f.when(f.b.icmp_signed(">", counted, I64(k))):
            _compare_whole(f, words, f.item(x, k), run, k)
    f.b.branch(done)


def _compare_whole(f: Body, words: Any, x: Any, run: Any, k: int) -> None:
    f.need(f.has_type(x, "int"))
    moved = f.b.add(word(f, words, packed.WHOLE + k), f.b.mul(run, word(f, words, packed.STEP + k)))
    found = f.call("PyLong_AsSsize_t", x)
    with f.when(f.is_same(found, _FAILED)):
        f.call("PyErr_Clear")
    f.need(f.is_same(found, moved))


def _compare_constant(f: Body, words: Any, args: Any) -> None:
    place = word(f, words, packed.CONSTANT)
    done = f.function.append_basic_block("compared")
    f.need(f.b.icmp_signed(">=", place, I64(0)), otherwise=done)
    items = f.b.bitcast(f.b.gep(args, [I64(ITEMS)]), PTR.as_pointer())
    x = f.b.load(f.b.gep(items, [place]))
    entries = word(f, words, packed.ENTRIES)
    differing = f.function.append_basic_block("differing")
    f.need(f.is_same(entries, I64(0)), otherwise=differing)
    equal = f.function.append_basic_block("equal")
    f.need(f.b.icmp_signed("!=", x, _pointer(f, word(f, words, packed.OBJECT))), otherwise=done)
    f.b.branch(equal)
    f.b.position_at_end(equal)
    f.need(f.is_same(f.type_of(x), _pointer(f, word(f, words, packed.FLOAT))))
    f.need(f.is_same(part_of(f.b, x, NUMBER_VALUE, I64), word(f, words, packed.NUMBER)))
    f.b.branch(done)
    f.b.position_at_end(differing)
    f.need(f.is_same(f.type_of(x), _pointer(f, word(f, words, packed.ENTRY))))
    f.need(f.is_same(f.call("PyList_Append", _pointer(f, entries), x), I32(0)))
    f.b.branch(done)
    f.b.position_at_end(done)


def _move_on(f: Body, cursor: Any, at: Any, run: Any) -> None:
    following = f.b.add(at, I64(1))
    last = f.is_same(following, word(f, cursor, PERIOD))
    _set_word(f, cursor, NEXT, f.b.select(last, I64(0), following))
    _set_word(f, cursor, RUN, f.b.add(run, f.b.zext(last, I64)))
    _set_word(f, cursor, COUNT, f.b.add(word(f, cursor, COUNT), I64(1)))


def write_push(f: Body, length: Any, append: Any) -> Any:
    """Append to a list, a Repeating, or whatever else there is."""
    lines, line = f.args
    repeating = f.function.append_basic_block("repeating")
    f.need(f.has_type(lines, "list"), otherwise=repeating)
    slot = part_of(f.b, lines, SIZE, I64)
    done = f.call("PyList_Append", lines, line)
    _leave_untracked(f, line)
    f.let_go(line)
    f.b.ret(f.b.select(f.is_same(done, I32(0)), slot, _FAILED))
    f.b.position_at_end(repeating)
    f.need(f.has_type(lines, "Repeating"))
    slot = f.b.call(length, [lines])
    status = f.b.call(append, [lines, line])
    f.let_go(line)
    f.b.ret(f.b.select(f.is_same(status, I64(0)), slot, _FAILED))
    with f.b.goto_block(f.slow):
        found = f.in_python("push", lines, line)
        f.let_go(line)
        slot = f.number(f.need_made(found))
        f.let_go(found)
        f.b.ret(slot)
    return f.function


def _leave_untracked(f: Body, line: Any) -> None:
    """Nothing of a line is part of a cycle, and the collector would visit all lines again and again."""
    for part in (line, f.item(line, _SLOTS_OF_LINE), f.item(line, _ARGS)):
        f.call("PyObject_GC_UnTrack", part)
    params = f.item(line, _PARAMS)
    with f.when(f.has_type(params, "dict")):
        f.call("PyObject_GC_UnTrack", params)


def write_append_method(f: Body, append: Any) -> None:
    """append(self, line)."""
    f.need(f.is_same(f.b.call(append, list(f.args)), I64(0)))
    f.b.ret(f.held(f.object("None")))
    with f.b.goto_block(f.slow):
        f.b.ret(NULL)


def write_length_method(f: Body, length: Any) -> None:
    """__len__(self)."""
    f.b.ret(f.whole(f.b.call(length, [f.args[0]])))
    ir.IRBuilder(f.slow).ret(NULL)
