"""What writes lines at the end of a block."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

from wengert.native.assembly.module import Block, Call, Function, Module, Phi, Room
from wengert.native.assembly.types import IntType, PointerType, Value, VectorType

_Method = Callable[..., Value]
_I1 = IntType(1)
_SIGNS = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


def _binary(name: str) -> _Method:
    def method(self: IRBuilder, x: Value, y: Value, flags: Sequence[str] = ()) -> Value:
        return self.line(x.type, f"{' '.join([name, *flags])} {x.typed}, {y.ref}")

    return method


def _conversion(name: str) -> _Method:
    def method(self: IRBuilder, x: Value, kind: Any) -> Value:
        return x if x.type is kind else self.line(kind, f"{name} {x.typed} to {kind.text}")

    return method


def _comparison(name: str, prefix: str, of_equal: str) -> _Method:
    """Whole numbers are equal or not whatever their signs."""
    codes = {s: (of_equal if code in ("eq", "ne") else prefix) + code for s, code in _SIGNS.items()}
    codes |= {"uno": "uno", "ord": "ord"}

    def method(self: IRBuilder, sign: str, x: Value, y: Value) -> Value:
        kind = VectorType(_I1, x.type.count) if isinstance(x.type, VectorType) else _I1
        return self.line(kind, f"{name} {codes[sign]} {x.typed}, {y.ref}")

    return method


class IRBuilder:
    """Each method writes a line and gives the value that it computes."""

    __slots__ = ("block",)

    def __init__(self, block: Block) -> None:
        self.block = block

    @property
    def function(self) -> Function:
        """The function that the block is in."""
        return self.block.function

    @property
    def module(self) -> Module:
        """The module that the function is in."""
        return self.block.function.module

    def position_at_end(self, block: Block) -> None:
        """Go on in another block."""
        self.block = block

    @contextmanager
    def goto_block(self, block: Block) -> Generator[None]:
        """Write in another block, then here again."""
        here, self.block = self.block, block
        yield
        self.block = here

    def line(self, kind: Any, text: str) -> Value:
        """A line that computes a value."""
        value = Value(kind, self._new_name(), self.block)
        self.block.lines.append(f"{value.ref} = {text}")
        return value

    def _new_name(self) -> str:
        function = self.block.function
        function.count += 1
        return f"%v{function.count}"

    def _later(self, x: Any) -> Any:
        """A line that is text only in the end."""
        self.block.lines.append(x)
        return x

    # ── numbers ──

    add, sub, mul, udiv = _binary("add"), _binary("sub"), _binary("mul"), _binary("udiv")
    fadd, fsub, fmul, fdiv = _binary("fadd"), _binary("fsub"), _binary("fmul"), _binary("fdiv")
    and_, or_, xor, shl, lshr = _binary("and"), _binary("or"), _binary("xor"), _binary("shl"), _binary("lshr")
    icmp_signed, icmp_unsigned = _comparison("icmp", "s", ""), _comparison("icmp", "u", "")
    fcmp_ordered, fcmp_unordered = _comparison("fcmp", "o", "o"), _comparison("fcmp", "u", "u")
    trunc, zext, sext = _conversion("trunc"), _conversion("zext"), _conversion("sext")
    fptrunc, fpext, fptosi = _conversion("fptrunc"), _conversion("fpext"), _conversion("fptosi")
    sitofp, uitofp = _conversion("sitofp"), _conversion("uitofp")
    ptrtoint, inttoptr = _conversion("ptrtoint"), _conversion("inttoptr")

    def neg(self, x: Value) -> Value:
        zero = "zeroinitializer" if isinstance(x.type, VectorType) else "0"
        return self.line(x.type, f"sub {x.type} {zero}, {x.ref}")

    def not_(self, x: Value) -> Value:
        ones = f"splat ({x.type.element} -1)" if isinstance(x.type, VectorType) else "-1"
        return self.line(x.type, f"xor {x.typed}, {ones}")

    def fneg(self, x: Value) -> Value:
        return self.line(x.type, f"fneg {x.typed}")

    def select(self, condition: Value, x: Value, y: Value) -> Value:
        """x where the condition holds, else y."""
        return self.line(x.type, f"select {condition.typed}, {x.typed}, {y.typed}")

    def bitcast(self, x: Value, kind: Any) -> Value:
        """The same bits; of an address, only what is there is said to be something else."""
        if x.type is kind:
            return x
        if isinstance(kind, PointerType):
            return Value(kind, x.ref, x.parent)
        return self.line(kind, f"bitcast {x.typed} to {kind.text}")

    # ── vectors and structures ──

    def insert_element(self, x: Value, number: Value, k: Value) -> Value:
        return self.line(x.type, f"insertelement {x.typed}, {number.typed}, {k.typed}")

    def extract_element(self, x: Value, k: Value) -> Value:
        return self.line(x.type.element, f"extractelement {x.typed}, {k.typed}")

    def shuffle_vector(self, x: Value, y: Value, mask: Value) -> Value:
        kind = VectorType(x.type.element, mask.type.count)
        return self.line(kind, f"shufflevector {x.typed}, {y.typed}, {mask.typed}")

    def insert_value(self, x: Value, part: Value, k: int) -> Value:
        return self.line(x.type, f"insertvalue {x.typed}, {part.typed}, {k}")

    def extract_value(self, x: Value, k: int) -> Value:
        return self.line(x.type.elements[k], f"extractvalue {x.typed}, {k}")

    # ── memory ──

    def alloca(self, kind: Any, count: int = 1) -> Room:
        """Memory on the stack; where it is aligned may be said later."""
        return self._later(Room(kind, self._new_name(), self.block, count))

    def load(self, pointer: Value, align: int = 0, typ: Any = None) -> Value:
        kind = typ or pointer.type.pointee
        return self.line(kind, f"load {kind.text}, {pointer.typed}{_aligned(align)}")

    def store(self, x: Value, pointer: Value, align: int = 0) -> None:
        self.block.lines.append(f"store {x.typed}, {pointer.typed}{_aligned(align)}")

    def gep(self, base: Value, places: Sequence[Value], inbounds: bool = False) -> Value:
        """The address of the element at a place."""
        (place,) = places
        how = "getelementptr inbounds" if inbounds else "getelementptr"
        return self.line(base.type, f"{how} {base.type.pointee.text}, {base.typed}, {place.typed}")

    def load_atomic(self, pointer: Value, ordering: str, align: int) -> Value:
        kind = pointer.type.pointee
        return self.line(kind, f"load atomic {kind}, {pointer.typed} {ordering}, align {align}")

    def atomic_rmw(self, op: str, pointer: Value, x: Value, ordering: str) -> Value:
        """What was there before."""
        return self.line(x.type, f"atomicrmw {op} {pointer.typed}, {x.typed} {ordering}")

    # ── where to go ──

    def call(self, function: Value, given: Sequence[Value]) -> Call:
        """A call, of which more may be said later."""
        result = function.type.pointee.return_type
        text = f"call {result.text} {function.ref}({', '.join([x.typed for x in given])})"
        return self._later(Call(result, self._new_name(), self.block, text))

    def phi(self, kind: Any) -> Phi:
        """A value that depends on where one comes from, which is said later."""
        return self._later(Phi(kind, self._new_name(), self.block))

    def ret(self, x: Value) -> None:
        self._leave(f"ret {x.typed}")

    def ret_void(self) -> None:
        self._leave("ret void")

    def branch(self, block: Block) -> None:
        self._leave(f"br label %{block.ref}")

    def cbranch(self, condition: Value, yes: Block, no: Block, likely: bool = True) -> None:
        """Go on in `yes` or `no`."""
        weights = "" if likely else ", !prof !0"
        self._leave(f"br {condition.typed}, label %{yes.ref}, label %{no.ref}{weights}")

    def _leave(self, text: str) -> None:
        self.block.lines.append(text)
        self.block.is_terminated = True

    @contextmanager
    def if_then(self, condition: Value, likely: bool = True) -> Generator[None]:
        """Lines that are run if the condition holds."""
        inside, after = self.function.append_basic_block("then"), self.function.append_basic_block("after")
        self.cbranch(condition, inside, after, likely)
        self.block = inside
        yield
        if not self.block.is_terminated:
            self.branch(after)
        self.block = after


def _aligned(align: int) -> str:
    return f", align {align}" if align else ""
