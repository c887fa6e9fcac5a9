"""Elementwise operations of two operands, one of them a real Array at least; what Arrays are made of.

    pair(a, b, row, reads, code, ufunc)   an Array; NULL without an error where Python has to do it

It does what `record/quick.py` does: the other operand is an Array or Scalar of the same recording, a plain number, or a
plain real array.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.native.objects import DESCR, DIMS, I1, I32, I64, PTR, RANK, part_of
from wengert.native.recorder.body import I64P, NULL, Body
from wengert.native.recorder.learnt import BITS, KEEPS_FIRST, KEEPS_RESULT, KEEPS_SECOND, UNKNOWN
from wengert.native.recorder.objects import BINARY
from wengert.native.recorder.operators import append, line, need_current, need_no_error, need_no_square_of_root, operate

NUMBER, ARRAY, PLAIN, SCALAR = range(4)
"""What an operand is."""


class Operand:
    """An operand: the object, its data, its slot, what it is."""

    def __init__(self, x: Any, data: Any, slot: Any, kind: Any) -> None:
        self.x, self.data, self.slot, self.kind = x, data, slot, kind

    def is_recorded(self, f: Body) -> Any:
        """Whether it is an argument of the line with a slot."""
        return f.either(*[f.is_same(self.kind, I64(k)) for k in (ARRAY, SCALAR)])


def new_array(f: Body, y: Any, rec: Any, slot: Any, shared: Any) -> Any:
    """An Array that takes over y."""
    out = f.need_made(f.call("PyType_GenericAlloc", f.object("Array"), I64(0)))
    f.put(out, "Array.primal", y)
    f.put(out, "Array.rec", f.held(rec))
    f.put(out, "Array.slot", f.whole(slot))
    for name, value in (("root", "None"), ("path", "()"), ("version", "0"), ("stamp", "0")):
        f.put(out, f"Array.{name}", f.held(f.object(value)))
    f.put(out, "Array.shared", f.held(shared))
    return out


def return_array(f: Body, push: Any, what: tuple[Any, Any, Any], kept: tuple[Any, Any]) -> None:
    """Append a line, and return the Array that it defines; the line may hold on to the result."""
    rec, made, y = what
    traced, keeps_result = kept
    slot = append(f, push, rec, made, y)
    shared = f.b.select(f.b.and_(keeps_result, f.b.not_(traced)), f.object("True"), f.object("False"))
    f.b.ret(new_array(f, y, rec, slot, shared))


# ── operands ──


def real(f: Body, a: Any) -> Any:
    """The data of an Array: real, of one dimension at least, as its owner is now."""
    x = f.part(a, "Array.primal")
    f.need(f.has_type(x, "ndarray"))
    f.need(f.is_same(part_of(f.b, x, DESCR, PTR), f.object("dtype")))
    f.need(f.b.icmp_signed(">", part_of(f.b, x, RANK, I32), I32(0)))
    need_current(f, a)
    return x


def operand_of(f: Body, x: Any, rec: Any) -> Operand:
    """An operand of a recording."""
    plain, number, scalar, known = (
        f.function.append_basic_block(name) for name in ("plain", "number", "scalar", "known")
    )
    ways: list[tuple[Any, Any, Any, Any]] = []

    def found(data: Any, slot: Any, kind: int, otherwise: Any) -> None:
        ways.append((data, slot, I64(kind), f.b.block))
        f.b.branch(known)
        if otherwise is not None:
            f.b.position_at_end(otherwise)

    f.need(f.has_type(x, "Array"), otherwise=number)
    f.need(f.is_same(f.part(x, "Array.rec"), rec))
    found(real(f, x), f.part(x, "Array.slot"), ARRAY, number)
    f.need(f.has_type(x, "float", "float64", "int"), otherwise=plain)
    found(x, f.object("-1"), NUMBER, plain)
    f.need(f.has_type(x, "ndarray"), otherwise=scalar)
    f.need(f.is_same(part_of(f.b, x, DESCR, PTR), f.object("dtype")))
    found(x, f.object("-1"), PLAIN, scalar)
    f.need(f.has_type(x, "Scalar"))
    f.need(f.is_same(f.part(x, "Scalar.rec"), rec))
    f.need(f.has_type(f.part(x, "Scalar.primal"), "float", "float64"))
    found(f.part(x, "Scalar.primal"), f.part(x, "Scalar.slot"), SCALAR, None)
    f.b.position_at_end(known)
    data, slot, kind = (f.joined(*[(way[k], way[3]) for way in ways]) for k in range(3))
    return Operand(x, data, slot, kind)


# ── what is computed ──


def computed(
    f: Body,
    operands: list[tuple[Any, Any]],
    compute: Callable[[], Any],
    need: Callable[[Body, Any], None] | None = None,
) -> Any:
    """What is computed of the data of some Arrays (None: of something else): a real array, or what is needed.

    The data is held meanwhile: NumPy writes its result into a large array that nobody else seems to hold, and what it
    calls (of the user's, when it warns) may let the Array have other data.
    """
    for _, data in operands:
        f.held(data)
    y = compute()
    others = [
        f.b.icmp_signed("!=", f.part(owner, "Array.primal"), data) for owner, data in operands if owner is not None
    ]
    for _, data in operands:
        f.let_go(data)
    (need or need_real_result)(f, y)
    with f.b.if_then(f.either(*others), likely=False):
        f.let_go(y)
        f.b.branch(f.slow)
    return y


def need_real_result(f: Body, y: Any) -> None:
    """Be slow where there is an error, or the result is no real array."""
    need_no_error(f, y)
    other = f.function.append_basic_block("other")
    f.need(f.has_type(y, "ndarray"), otherwise=other)
    f.need(f.is_same(part_of(f.b, y, DESCR, PTR), f.object("dtype")), otherwise=other)
    with f.b.goto_block(other):
        f.let_go(y)
        f.b.branch(f.slow)


def traces(f: Body, rec: Any) -> Any:
    """Whether the recording is a trace."""
    return f.b.icmp_signed("!=", f.part(rec, "Recorder.traces"), f.object("False"))


def share(f: Body, a: Any, traced: Any) -> None:
    """Somebody holds on to the owner's memory as it is. In a trace nobody reads it."""
    with f.when(f.b.not_(traced)):
        root = f.part(a, "Array.root")
        owner = f.b.select(f.is_same(root, f.object("None")), a, root)
        before = f.part(owner, "Array.shared")
        f.put(owner, "Array.shared", f.held(f.object("True")))
        f.let_go(before)


def _by_code(f: Body, code: Any, x: Any, z: Any, ufunc: Any) -> Any:
    """x ∘ z by an operator, whose number is the code, or (−1) by the ufunc."""
    done = f.function.append_basic_block("computed")
    ways: list[tuple[Any, Any]] = []

    def found(y: Any) -> None:
        ways.append((y, f.b.block))
        f.b.branch(done)

    for k, name in enumerate(BINARY):
        following = f.function.append_basic_block("other")
        f.need(f.is_same(code, I64(k)), otherwise=following)
        found(operate(f, name, x, z))
        f.b.position_at_end(following)
    found(f.call_object(ufunc, x, z))
    f.b.position_at_end(done)
    return f.joined(*ways)


# ── the line ──


def write_kept(f: Body) -> Any:
    """kept(x, kind, data, read, traced): an operand as it stands in the line; a new reference."""
    x, kind, data, read, traced = f.args
    none = f.object("None")
    either = f.b.or_(read, traced)
    with f.when(f.is_same(kind, I64(PLAIN))):
        with f.when(either):
            f.b.ret(f.in_python("snapshot", data, data))
        f.b.ret(f.held(none))
    with f.when(f.b.and_(f.is_same(kind, I64(ARRAY)), read)):
        share(f, x, traced)
    f.b.ret(f.held(f.b.select(f.either(either, *[f.is_same(kind, I64(k)) for k in (NUMBER, SCALAR)]), data, none)))
    with f.b.goto_block(f.slow):
        f.b.ret(NULL)
    return f.function


def write_same_shape(f: Body) -> Any:
    """same_shape(x, z): whether two arrays have one shape."""
    x, z = f.args
    rank = part_of(f.b, x, RANK, I32)
    f.need(f.is_same(rank, part_of(f.b, z, RANK, I32)))
    mine, its = (f.b.bitcast(part_of(f.b, a, DIMS, PTR), I64P) for a in (x, z))
    with f.over(f.b.sext(rank, I64)) as k:
        f.need(f.is_same(*(f.b.load(f.b.gep(dims, [k])) for dims in (mine, its))))
    f.b.ret(I1(1))
    with f.b.goto_block(f.slow):
        f.b.ret(I1(0))
    return f.function


def _shapes(f: Body, operands: tuple[Operand, Operand], y: Any, same_shape: Any) -> Any:
    """How a cotangent of y becomes one of each operand: None where all have one shape. A new reference."""
    different, done = f.function.append_basic_block("different"), f.function.append_basic_block("shapes")
    for operand in operands:
        is_array = f.is_same(operand.kind, I64(ARRAY))
        f.need(f.b.icmp_signed("!=", operand.kind, I64(SCALAR)), otherwise=different)
        with f.when(is_array):
            f.need(f.b.call(same_shape, [operand.data, y]), otherwise=different)
    none, alike = f.held(f.object("None")), f.b.block
    f.b.branch(done)
    f.b.position_at_end(different)
    recorded = [f.b.select(o.is_recorded(f), f.object("True"), f.object("False")) for o in operands]
    made = f.need_made(f.in_python("shapes", *recorded, *[o.data for o in operands], y))
    unlike = f.b.block
    f.b.branch(done)
    f.b.position_at_end(done)
    return f.joined((none, alike), (made, unlike))


def write_pair(f: Body, push: Any, kept: Any, same_shape: Any) -> Any:
    """a ∘ b."""
    a, b, row, reads, code, ufunc = f.args
    one = f.b.select(f.has_type(a, "Array"), a, b)
    f.need(f.has_type(one, "Array"))
    rec = f.part(one, "Array.rec")
    f.need(f.b.icmp_signed("!=", rec, f.object("None")))
    first, second = operand_of(f, a, rec), operand_of(f, b, rec)
    mask = f.b.add(f.b.zext(first.is_recorded(f), I64), f.b.mul(I64(2), f.b.zext(second.is_recorded(f), I64)))
    mine = f.b.lshr(reads, f.b.mul(mask, I64(BITS)))
    f.need(f.b.not_(has_bit(f, mine, UNKNOWN)))
    y = computed(f, owned_by(f, one, (first, second)), lambda: _by_code(f, code, first.data, second.data, ufunc))
    traced = traces(f, rec)
    none = f.object("None")
    shapes = f.chosen(traced, lambda: f.held(none), lambda: _shapes(f, (first, second), y, same_shape))
    saved = [
        f.need_made(f.b.call(kept, [o.x, o.kind, o.data, has_bit(f, mine, bit), traced]))
        for o, bit in ((first, KEEPS_FIRST), (second, KEEPS_SECOND))
    ]
    keeps_result = has_bit(f, mine, KEEPS_RESULT)
    result = f.b.select(f.b.or_(traced, keeps_result), y, none)
    made = line(f, row, (first.slot, second.slot), result, None, none, f.tuple(*saved), shapes)
    return_array(f, push, (rec, made, y), (traced, keeps_result))
    with f.b.goto_block(f.slow):
        f.b.ret(NULL)
    return f.function


def owned_by(f: Body, one: Any, operands: tuple[Operand, Operand]) -> list[tuple[Any, Any]]:
    """The data of the operands, with the Arrays that hold it: `one`, which is an Array, stands for what is none."""
    primal, owned = f.part(one, "Array.primal"), []
    for o in operands:
        is_array = f.is_same(o.kind, I64(ARRAY))
        owned += [(f.b.select(is_array, o.x, one), f.b.select(is_array, o.data, primal)), (None, o.data)]
    return owned


def has_bit(f: Body, bits: Any, bit: int) -> Any:
    return f.b.icmp_signed("!=", f.b.and_(bits, I64(bit)), I64(0))


# ── the operators ──


def write_array_binary(f: Body, name: str, reflected: bool, pair: Any, reads: int) -> None:
    """self ∘ other; other ∘ self."""
    me, other = f.args
    rec = f.part(me, "Array.rec")
    f.need(f.b.icmp_signed("!=", rec, f.object("None")))
    if name == "pow":
        f.need(f.has_type(other, "float", "int"))
    need_no_square_of_root(f, name, (me, other, rec), "Array")
    operands = (other, me) if reflected else (me, other)
    code = I64(BINARY.index(name))
    return_unless_slow(f, f.b.call(pair, [*operands, f.object(f"row {name}"), I64(reads), code, NULL]))
    with f.b.goto_block(f.slow):
        f.b.ret(f.in_python(f"slow array {'r' if reflected else ''}{name}", me, other))


def return_unless_slow(f: Body, made: Any) -> None:
    """Return what `pair` gave, an error included."""
    nothing, error = f.function.append_basic_block("nothing"), f.function.append_basic_block("error")
    f.need(f.b.icmp_signed("!=", made, NULL), otherwise=nothing)
    f.b.ret(made)
    f.b.position_at_end(nothing)
    f.b.cbranch(f.is_same(f.call("PyErr_Occurred"), NULL), f.slow, error)
    f.b.position_at_end(error)
    f.b.ret(NULL)


def return_pair(f: Body, pair: Any, operands: tuple[Any, Any], row: Any, reads: Any, ufunc: Any) -> None:
    """Return what a ufunc makes of two operands, if it can be done here."""
    return_unless_slow(f, f.b.call(pair, [*operands, row, reads, I64(-1), ufunc]))
