"""Matrix products of real arrays: Arrays of one recording, or one and a plain array.

    product(a, b, row, reads)   an Array or Scalar; NULL without an error where Python has to do it
    standin(x)                  something of the shape of x: x itself, unless it is large; a new reference

It does what `record/quick.product` does.
"""

from __future__ import annotations

from typing import Any

from wengert.native.objects import DESCR, DIMS, I32, I64, PTR, RANK, part_of
from wengert.native.recorder.arrays import (
    ARRAY,
    PLAIN,
    Operand,
    computed,
    has_bit,
    new_array,
    operand_of,
    owned_by,
    return_unless_slow,
    share,
    traces,
)  # fmt: skip
from wengert.native.recorder.body import I64P, NULL, Body
from wengert.native.recorder.learnt import BITS, KEEPS_FIRST, KEEPS_SECOND
from wengert.native.recorder.operators import append, line, need_no_error, new_scalar
from wengert.record.apply import BIG


def write_product(f: Body, push: Any, standin: Any) -> Any:
    """a @ b."""
    a, b, row, reads = f.args
    one = f.b.select(f.has_type(a, "Array"), a, b)
    f.need(f.has_type(one, "Array"))
    rec = f.part(one, "Array.rec")
    f.need(f.b.icmp_signed("!=", rec, f.object("None")))
    traced = traces(f, rec)
    first, second = (_matrix(f, x, rec) for x in (a, b))
    recorded = [f.b.zext(o.is_recorded(f), I64) for o in (first, second)]
    mask = f.b.add(recorded[0], f.b.mul(I64(2), recorded[1]))
    mine = f.b.lshr(reads, f.b.mul(mask, I64(BITS)))
    pairs = owned_by(f, one, (first, second))
    y = computed(f, pairs, lambda: f.call("PyNumber_MatrixMultiply", first.data, second.data), need_no_error)
    saved = [
        _kept(f, o, f.b.or_(traced, has_bit(f, mine, bit)), traced, standin)
        for o, bit in ((first, KEEPS_FIRST), (second, KEEPS_SECOND))
    ]
    shape = f.chosen(traced, lambda: f.held(y), lambda: f.need_made(f.b.call(standin, [y])))
    made = line(f, row, (first.slot, second.slot), shape, None, f.object("None"), f.tuple(*saved))
    f.let_go(shape)
    slot = append(f, push, rec, made, y)
    number = f.function.append_basic_block("number")
    f.need(f.has_type(y, "ndarray"), otherwise=number)
    f.b.ret(new_array(f, y, rec, slot, f.object("False")))
    f.b.position_at_end(number)
    f.b.ret(new_scalar(f, y, rec, slot))
    with f.b.goto_block(f.slow):
        f.b.ret(NULL)
    return f.function


def _matrix(f: Body, x: Any, rec: Any) -> Operand:
    """An operand that is an array."""
    operand = operand_of(f, x, rec)
    f.need(f.either(*[f.is_same(operand.kind, I64(kind)) for kind in (ARRAY, PLAIN)]))
    f.need(f.b.icmp_signed(">", part_of(f.b, operand.data, RANK, I32), I32(0)))
    f.need(f.is_same(part_of(f.b, operand.data, DESCR, PTR), f.object("dtype")))
    return operand


def write_standin(f: Body) -> Any:
    """Large arrays are not held for their shapes."""
    (x,) = f.args
    size = f.b.alloca(I64)
    f.b.store(I64(1), size)
    with f.when(f.has_type(x, "ndarray")):
        dims = f.b.bitcast(part_of(f.b, x, DIMS, PTR), I64P)
        with f.over(f.b.sext(part_of(f.b, x, RANK, I32), I64)) as k:
            f.b.store(f.b.mul(f.b.load(size), f.b.load(f.b.gep(dims, [k]))), size)
    f.need(f.b.icmp_signed("<=", f.b.load(size), I64(BIG)))
    f.b.ret(f.held(x))
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python("standin", x))
    return f.function


def _kept(f: Body, o: Operand, read: Any, traced: Any, standin: Any) -> Any:
    """An operand safe from later writes where the derivative reads it, else something of its shape; a new reference."""

    def own() -> Any:
        share(f, o.x, traced)
        return f.held(o.data)

    def safe() -> Any:
        return f.chosen(o.is_recorded(f), own, lambda: f.need_made(f.in_python("snapshot", o.data, o.data)))

    return f.chosen(read, safe, lambda: f.need_made(f.b.call(standin, [o.data])))


def write_matmul(f: Body, reflected: bool, product: Any, reads: int) -> None:
    """self @ other; other @ self."""
    me, other = f.args
    operands = (other, me) if reflected else (me, other)
    return_unless_slow(f, f.b.call(product, [*operands, f.object("row matmul"), I64(reads)]))
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python(f"slow array {'r' if reflected else ''}matmul", me, other))
