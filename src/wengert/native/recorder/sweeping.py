"""The reverse sweep over the lines of a recording, as `sweep/reverse.py` does it with plain zeros.

    backwards(lines, bars, owned, first, failed)

What hands a cotangent, a number or a small array, to a few arguments is done here, as is what was read at whole
numbers; for all other lines Python's functions are called.
"""

from __future__ import annotations

from typing import Any

from wengert.native.objects import DESCR, DIMS, I32, I64, ITEMS, LIST_ITEMS, PTR, RANK, SIZE, part_of
from wengert.native.recorder.body import I64P, NULL, Body
from wengert.sweep.reverse import LARGE

_MOST_SLOTS, _MOST_ARGS = 3, 6
_ROW, _SLOTS, _RESULT, _ARGS, _PARAMS, _SHAPES = range(6)
"""Places in a line."""


class _Line:
    """One line while it is visited: its number, where its cotangent is, and the parts of it."""

    def __init__(self, f: Body, lines: Any, bars: Any, k: Any) -> None:
        self.k, self.place = k, place(f, bars, k)
        self.c = f.b.load(self.place)
        self.line = f.b.load(place(f, lines, k))
        parts = (f.item(self.line, n) for n in range(6))
        self.row, self.slots, self.result, self.args, self.params, self.shapes = parts


def write_sweep(f: Body) -> None:
    """backwards(lines, bars, owned, first, failed)."""
    lines, bars, owned, first, failed = (f.given(f.args[1], k) for k in range(5))
    f.need(f.has_type(lines, "list"))
    head, body, following, done, error = (
        f.function.append_basic_block(name) for name in ("head", "body", "following", "done", "error")
    )
    stop, last, before = f.number(first), _size(f, lines), f.b.block
    f.b.branch(head)
    f.b.position_at_end(head)
    i = f.b.phi(I64)
    i.add_incoming(last, before)
    f.b.cbranch(f.b.icmp_signed(">", i, stop), body, done)
    f.b.position_at_end(body)
    k = f.b.sub(i, I64(1))
    _visit(f, _Line(f, lines, bars, k), (bars, owned), following, error)
    i.add_incoming(k, following)
    with f.b.goto_block(following):
        f.b.branch(head)
    with f.b.goto_block(done):
        f.b.ret(f.held(f.object("None")))
    with f.b.goto_block(error):
        f.call("PyList_SetItem", failed, I64(0), f.call("PyLong_FromSsize_t", k))
        f.b.ret(NULL)
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python("backwards", lines, bars, owned, first, f.object("0"), failed))


def _visit(f: Body, line: _Line, tables: tuple[Any, Any], following: Any, error: Any) -> None:
    """Hand on the cotangent of a line, if there is one."""
    none = f.object("None")
    plain, other, slow, read = (f.function.append_basic_block(name) for name in ("plain", "other", "slow.line", "read"))
    f.need(f.b.icmp_signed("!=", line.c, none), otherwise=following)
    f.b.cbranch(f.is_same(f.part(line.row, "Row.special"), f.object("False")), plain, other)
    f.b.position_at_end(plain)
    f.need(f.b.icmp_signed("!=", line.row, f.object("take")), otherwise=slow)
    f.need(f.b.icmp_signed("<=", _size(f, line.slots), I64(_MOST_SLOTS)), otherwise=slow)
    f.need(f.b.icmp_signed("<=", _size(f, line.args), I64(_MOST_ARGS)), otherwise=slow)
    _need_small(f, line.c, slow)
    _hand_on(f, line, tables, error)
    f.b.branch(following)
    f.b.position_at_end(slow)
    _in_python(f, "pull_line", (*tables, line.line, line.c, f.object("0")), error)
    _forget(f, line)
    f.b.branch(following)
    f.b.position_at_end(other)
    f.need(f.b.icmp_signed("!=", line.row, f.object("input")), otherwise=following)
    written, unwritten, special = (f.function.append_basic_block(name) for name in ("write", "read.or", "special"))
    f.b.cbranch(f.is_same(line.row, f.object("write")), written, unwritten)
    f.b.position_at_end(written)
    _unwrite(f, line, tables, special, error)
    f.b.branch(following)
    f.b.position_at_end(unwritten)
    f.b.cbranch(f.is_same(line.row, f.object("getitem")), read, special)
    f.b.position_at_end(special)
    number = f.need_made(f.call("PyLong_FromSsize_t", line.k))
    _in_python(f, "special", (*tables, number, line.line, line.c, f.object("0")), error, number)
    f.b.branch(following)
    f.b.position_at_end(read)
    _scatter(f, line, tables, error)
    _forget(f, line)
    f.b.branch(following)


def _in_python(f: Body, name: str, given: tuple[Any, ...], error: Any, own: Any = None) -> None:
    """Call a function for what it does."""
    result = f.in_python(name, *given)
    if own is not None:
        f.let_go(own)
    f.need(f.b.icmp_signed("!=", result, NULL), otherwise=error)
    f.let_go(result)


def _forget(f: Body, line: _Line) -> None:
    """The cotangent has been handed on."""
    f.b.store(f.held(f.object("None")), line.place)
    f.let_go(line.c)


# ── lines with a pullback for each argument ──


def _need_small(f: Body, c: Any, otherwise: Any) -> None:
    """A number, or an array over which a pass costs less than Python."""
    array, small = f.function.append_basic_block("array"), f.function.append_basic_block("small")
    f.b.cbranch(f.has_type(c, "float64", "float"), small, array)
    f.b.position_at_end(array)
    f.need(f.has_type(c, "ndarray"), otherwise=otherwise)
    dims, size = f.b.bitcast(part_of(f.b, c, DIMS, PTR), I64P), f.room(I64)
    f.b.store(I64(1), size)
    with f.over(f.b.sext(part_of(f.b, c, RANK, I32), I64)) as axis:
        f.b.store(f.b.mul(f.b.load(size), f.b.load(f.b.gep(dims, [axis]))), size)
    f.need(f.b.icmp_signed("<", f.b.load(size), I64(LARGE)), otherwise=otherwise)
    f.b.branch(small)
    f.b.position_at_end(small)


def _hand_on(f: Body, line: _Line, tables: tuple[Any, Any], error: Any) -> None:
    """x̄ₖ += Aₖᵀ c for each argument that is recorded."""
    parts = _pulled(f, line, error)
    _forget(f, line)
    for n, part in enumerate(parts):
        g = f.b.load(part)
        with f.when(f.b.icmp_signed("!=", g, NULL)):
            _add(f, tables, f.item(line.slots, n), g, error)


def _pulled(f: Body, line: _Line, error: Any) -> list[Any]:
    """Where the cotangents of the arguments are: NULL for one that is not recorded."""
    pulls, factors, many = f.part(line.row, "Row.pulls"), f.part(line.row, "Row.factors"), _size(f, line.args)
    table = f.room(PTR, 2 + _MOST_ARGS)
    f.b.store(line.c, table)
    f.b.store(line.result, f.b.gep(table, [I64(1)]))
    items = f.b.bitcast(f.b.gep(line.args, [I64(ITEMS)]), PTR.as_pointer())
    with f.over(many) as k:
        f.b.store(f.b.load(f.b.gep(items, [k])), f.b.gep(table, [f.b.add(k, I64(2))]))
    slots, known = _size(f, line.slots), _size(f, pulls)
    fewer = f.b.select(f.b.icmp_signed("<", slots, known), slots, known)
    parts = [f.room(PTR) for _ in range(_MOST_SLOTS)]
    for part in parts:
        f.b.store(NULL, part)
    for n, part in enumerate(parts):
        with f.when(f.b.icmp_signed("<", I64(n), fewer)), f.when(_is_recorded(f, line.slots, n)):
            f.b.store(_pull(f, line, (f.item(pulls, n), _factor(f, factors, n)), (table, many)), part)
            _fit(f, line, n, part)
            with f.b.if_then(f.is_same(f.b.load(part), NULL), likely=False):
                _let_go_all(f, parts[:n])
                f.b.branch(error)
    return parts


def _factor(f: Body, factors: Any, n: int) -> Any:
    """The partial derivative that pulling is to multiply with; NULL where it is more than that."""
    return f.chosen(f.b.icmp_signed("<", I64(n), _size(f, factors)), lambda: f.item(factors, n), lambda: NULL)


def _pull(f: Body, line: _Line, ways: tuple[Any, Any], given: tuple[Any, Any]) -> Any:
    """The cotangent of one argument, of which nobody else holds the reference; NULL where an error was raised."""
    pull, factor = ways
    table, many = given
    first, second = (f.b.load(f.b.gep(table, [I64(k)])) for k in (2, 3))
    ends: list[tuple[Any, Any]] = []
    done = f.function.append_basic_block("pulled")
    for name, make in (
        ("same", lambda: f.held(line.c)),
        ("minus", lambda: f.call("PyNumber_Negative", line.c)),
        ("times_second", lambda: f.call("PyNumber_Multiply", line.c, second)),
        ("times_first", lambda: f.call("PyNumber_Multiply", line.c, first)),
    ):
        this, other = f.function.append_basic_block(name), f.function.append_basic_block("other.pull")
        f.b.cbranch(f.is_same(pull, f.object(f"pull {name}")), this, other)
        f.b.position_at_end(this)
        ends.append((make(), f.b.block))
        f.b.branch(done)
        f.b.position_at_end(other)

    def product() -> Any:
        rest = f.b.bitcast(f.b.gep(table, [I64(1)]), PTR)
        p = f.call("PyObject_Vectorcall", factor, rest, f.b.add(many, I64(1)), NULL)
        return f.chosen(f.is_same(p, NULL), lambda: p, lambda: _times(f, line.c, p))

    def call() -> Any:
        params = f.b.select(f.is_same(line.params, f.object("None")), NULL, line.params)
        return f.call("PyObject_VectorcallDict", pull, f.b.bitcast(table, PTR), f.b.add(many, I64(2)), params)

    ends.append((f.chosen(f.b.icmp_signed("!=", factor, NULL), product, call), f.b.block))
    f.b.branch(done)
    f.b.position_at_end(done)
    return f.joined(*ends)


def _times(f: Body, c: Any, p: Any) -> Any:
    """c p, which is taken over."""
    g = f.call("PyNumber_Multiply", c, p)
    f.let_go(p)
    return g


def _fit(f: Body, line: _Line, n: int, part: Any) -> None:
    """A cotangent of what was broadcast, as one of the argument."""
    g = f.b.load(part)
    with f.when(f.b.icmp_signed("!=", line.shapes, f.object("None"))), f.when(f.b.icmp_signed("!=", g, NULL)):
        f.b.store(f.in_python("fit", g, f.item(line.shapes, n)), part)
        f.let_go(g)


def _is_recorded(f: Body, slots: Any, n: int) -> Any:
    return f.b.icmp_signed(">=", f.number(f.item(slots, n)), I64(0))


def _let_go_all(f: Body, parts: list[Any]) -> None:
    for part in parts:
        g = f.b.load(part)
        with f.when(f.b.icmp_signed("!=", g, NULL)):
            f.let_go(g)


def _add(f: Body, tables: tuple[Any, Any], slot: Any, g: Any, error: Any) -> None:
    """bars[slot] += g, which is taken over."""
    at = place(f, tables[0], f.number(slot))
    b = f.b.load(at)
    first, second, number, other, done = (
        f.function.append_basic_block(name) for name in ("first", "second", "number", "other.sum", "added")
    )
    f.b.cbranch(f.is_same(b, f.object("None")), first, second)
    f.b.position_at_end(first)
    f.b.store(g, at)
    f.let_go(b)
    f.b.branch(done)
    f.b.position_at_end(second)
    f.b.cbranch(f.has_type(b, "float64", "float"), number, other)
    f.b.position_at_end(number)
    total = f.call("PyNumber_Add", b, g)
    f.let_go(g)
    f.need(f.b.icmp_signed("!=", total, NULL), otherwise=error)
    f.b.store(total, at)
    f.let_go(b)
    f.b.branch(done)
    f.b.position_at_end(other)
    _in_python(f, "add", (*tables, slot, g), error, g)
    f.b.branch(done)
    f.b.position_at_end(done)


# ── elements that were read ──


def _scatter(f: Body, line: _Line, tables: tuple[Any, Any], error: Any) -> None:
    """bars[s][key] += c."""
    bars, owned = tables
    slow, done = f.function.append_basic_block("scatter"), f.function.append_basic_block("scattered")
    key, slot = f.call("PyDict_GetItem", line.params, f.object('"key"')), f.item(line.slots, 0)
    bar = f.b.load(place(f, bars, f.number(slot)))
    f.need(f.has_type(line.c, "float64", "float"), otherwise=slow)
    f.need(f.has_type(bar, "ndarray"), otherwise=slow)
    f.need(f.is_same(f.call("PySet_Contains", owned, slot), I32(1)), otherwise=slow)
    _need_whole(f, key, slow)
    f.held(bar)
    x = f.call("PyObject_GetItem", bar, key)
    f.let_go(bar)
    f.need(f.b.icmp_signed("!=", x, NULL), otherwise=error)
    y = f.call("PyNumber_Add", x, line.c)
    f.let_go(x)
    f.need(f.b.icmp_signed("!=", y, NULL), otherwise=error)
    put = f.call("PyObject_SetItem", bar, key, y)
    f.let_go(y)
    f.need(f.is_same(put, I32(0)), otherwise=error)
    f.b.branch(done)
    f.b.position_at_end(slow)
    _in_python(f, "scatter", (*tables, slot, f.item(line.args, 0), key, line.c), error)
    f.b.branch(done)
    f.b.position_at_end(done)


# ── elements that were written ──


def _unwrite(f: Body, line: _Line, tables: tuple[Any, Any], otherwise: Any, error: Any) -> None:
    """Undo owner[key] = value, of a number at one place: the cotangent of that is the value's."""
    bars, owned = tables
    owner, value = f.item(line.slots, 0), f.item(line.slots, 1)
    bar = f.b.load(place(f, bars, f.number(owner)))
    done = f.function.append_basic_block("unwritten")
    f.need(f.b.icmp_signed("!=", bar, f.object("None")), otherwise=done)
    f.need(f.is_same(_size(f, f.item(line.shapes, 0)), I64(0)), otherwise=otherwise)
    f.need(f.is_same(_size(f, f.call("PyDict_GetItem", line.params, f.object('"path"'))), I64(0)), otherwise=otherwise)
    key = f.call("PyDict_GetItem", line.params, f.object('"key"'))
    f.need(f.has_type(bar, "ndarray"), otherwise=otherwise)
    f.need(f.is_same(part_of(f.b, bar, DESCR, PTR), f.object("dtype")), otherwise=otherwise)
    f.need(f.is_same(f.call("PySet_Contains", owned, owner), I32(1)), otherwise=otherwise)
    _need_whole(f, key, otherwise)
    f.held(bar)
    g = f.call("PyObject_GetItem", bar, key)
    several = f.function.append_basic_block("several")
    f.need(f.b.icmp_signed("!=", g, NULL), otherwise=error)
    f.need(f.has_type(g, "float64"), otherwise=several)
    put = f.call("PyObject_SetItem", bar, key, f.object("0.0"))
    f.let_go(bar)
    f.need(f.is_same(put, I32(0)), otherwise=error)
    kept, dropped = f.function.append_basic_block("kept"), f.function.append_basic_block("dropped")
    f.b.cbranch(f.b.icmp_signed(">=", f.number(value), I64(0)), kept, dropped)
    f.b.position_at_end(kept)
    _add(f, tables, value, g, error)
    f.b.branch(done)
    with f.b.goto_block(dropped):
        f.let_go(g)
        f.b.branch(done)
    with f.b.goto_block(several):
        f.let_go(g)
        f.let_go(bar)
        f.b.branch(otherwise)
    f.b.position_at_end(done)


def _need_whole(f: Body, key: Any, otherwise: Any) -> None:
    """A whole number of Python's, or a tuple of them."""
    several, done = f.function.append_basic_block("several"), f.function.append_basic_block("whole")
    f.b.cbranch(f.has_type(key, "int"), done, several)
    f.b.position_at_end(several)
    f.need(f.has_type(key, "tuple"), otherwise=otherwise)
    items = f.b.bitcast(f.b.gep(key, [I64(ITEMS)]), PTR.as_pointer())
    with f.over(_size(f, key)) as k:
        f.need(f.has_type(f.b.load(f.b.gep(items, [k])), "int"), otherwise=otherwise)
    f.b.branch(done)
    f.b.position_at_end(done)


def place(f: Body, items: Any, k: Any) -> Any:
    """Where item k of a list is."""
    return f.b.gep(f.b.bitcast(part_of(f.b, items, LIST_ITEMS, PTR), PTR.as_pointer()), [k])


def _size(f: Body, x: Any) -> Any:
    return part_of(f.b, x, SIZE, I64)
