"""Doubles, their bits, and truths while code is emitted: expressions in Python become instructions of LLVM.

Each may be a vector of them: every operation is straight-line and has a vector form on AVX2.
No operation carries a fast-math flag. `fma` is fused on every target: where the processor has no such
instruction LLVM calls the C library's, which is exact and slow.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

from wengert.native import assembly as ir
from wengert.native.maths.lanes import constant, like, suffix

DOUBLE, I64, I1 = ir.DoubleType(), ir.IntType(64), ir.IntType(1)


def bits_of(x: float) -> int:
    """The bits of a double as an unsigned integer."""
    return struct.unpack("<Q", struct.pack("<d", x))[0]


@dataclass(frozen=True, slots=True, eq=False)
class Real:
    """A double."""

    b: Any
    v: Any

    def like(self, x: Real | float) -> Real:
        return x if isinstance(x, Real) else Real(self.b, constant(like(self.v.type, DOUBLE), float(x)))

    def __add__(self, y: Real | float) -> Real:
        return Real(self.b, self.b.fadd(self.v, self.like(y).v))

    def __sub__(self, y: Real | float) -> Real:
        return Real(self.b, self.b.fsub(self.v, self.like(y).v))

    def __mul__(self, y: Real | float) -> Real:
        return Real(self.b, self.b.fmul(self.v, self.like(y).v))

    def __truediv__(self, y: Real | float) -> Real:
        return Real(self.b, self.b.fdiv(self.v, self.like(y).v))

    def __radd__(self, y: float) -> Real:
        return self.like(y) + self

    def __rsub__(self, y: float) -> Real:
        return self.like(y) - self

    def __rmul__(self, y: float) -> Real:
        return self.like(y) * self

    def __rtruediv__(self, y: float) -> Real:
        return self.like(y) / self

    def __neg__(self) -> Real:
        return Real(self.b, self.b.fneg(self.v))

    def __abs__(self) -> Real:
        return intrinsic("llvm.fabs", self)

    def __lt__(self, y: Real | float) -> Truth:
        return compare("<", self, y)

    def __le__(self, y: Real | float) -> Truth:
        return compare("<=", self, y)

    def __gt__(self, y: Real | float) -> Truth:
        return compare(">", self, y)

    def __ge__(self, y: Real | float) -> Truth:
        return compare(">=", self, y)

    def equals(self, y: Real | float) -> Truth:
        return compare("==", self, y)

    def isnan(self) -> Truth:
        return Truth(self.b, self.b.fcmp_unordered("uno", self.v, self.v))

    def bits(self) -> Bits:
        return Bits(self.b, self.b.bitcast(self.v, like(self.v.type, I64)))


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """The 64 bits of a double, or an integer."""

    b: Any
    v: Any

    def like(self, n: Bits | int) -> Bits:
        return n if isinstance(n, Bits) else Bits(self.b, constant(like(self.v.type, I64), n & (2**64 - 1)))

    def __add__(self, n: Bits | int) -> Bits:
        return Bits(self.b, self.b.add(self.v, self.like(n).v))

    def __sub__(self, n: Bits | int) -> Bits:
        return Bits(self.b, self.b.sub(self.v, self.like(n).v))

    def __rsub__(self, n: int) -> Bits:
        return self.like(n) - self

    def __and__(self, n: Bits | int) -> Bits:
        return Bits(self.b, self.b.and_(self.v, self.like(n).v))

    def __or__(self, n: Bits | int) -> Bits:
        return Bits(self.b, self.b.or_(self.v, self.like(n).v))

    def __xor__(self, n: Bits | int) -> Bits:
        return Bits(self.b, self.b.xor(self.v, self.like(n).v))

    def __lshift__(self, n: int) -> Bits:
        return Bits(self.b, self.b.shl(self.v, self.like(n).v))

    def __rshift__(self, n: int) -> Bits:
        """Zeros move in from the left."""
        return Bits(self.b, self.b.lshr(self.v, self.like(n).v))

    def equals(self, n: Bits | int) -> Truth:
        return Truth(self.b, self.b.icmp_unsigned("==", self.v, self.like(n).v))

    def real(self) -> Real:
        return Real(self.b, self.b.bitcast(self.v, like(self.v.type, DOUBLE)))


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """An i1."""

    b: Any
    v: Any

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.b, self.b.and_(self.v, other.v))

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.b, self.b.or_(self.v, other.v))

    def __xor__(self, other: Truth) -> Truth:
        return Truth(self.b, self.b.xor(self.v, other.v))

    def __invert__(self) -> Truth:
        return Truth(self.b, self.b.not_(self.v))


def compare(op: str, x: Real, y: Real | float) -> Truth:
    """Ordered: false where one is NaN."""
    return Truth(x.b, x.b.fcmp_ordered(op, x.v, x.like(y).v))


def called(b: Any, name: str, *xs: Any) -> Any:
    """A call of an LLVM intrinsic that is named after the type of its first argument, which is that of its value."""
    kind = xs[0].type
    name = f"{name}.{suffix(kind)}"
    function = b.module.globals.get(name)
    if function is None:
        function = ir.Function(b.module, ir.FunctionType(kind, [x.type for x in xs]), name)
    return b.call(function, xs)


def intrinsic(name: str, x: Real, *more: Real | float) -> Real:
    """A function of LLVM from doubles to a double."""
    return Real(x.b, called(x.b, name, x.v, *(x.like(y).v for y in more)))


def fma(x: Real, y: Real | float, z: Real | float) -> Real:
    """x·y + z, rounded once."""
    return intrinsic("llvm.fma", x, y, z)


def copysign(x: Real, sign: Real) -> Real:
    """|x| with the sign of another."""
    return intrinsic("llvm.copysign", x, sign)


def sqrt(x: Real) -> Real:
    """√x, correctly rounded."""
    return intrinsic("llvm.sqrt", x)


def select(test: Truth, yes: Real | float, no: Real | float) -> Real:
    """yes where the test holds, else no."""
    some = Real(test.b, test.v)
    return Real(test.b, test.b.select(test.v, some.like(yes).v, some.like(no).v))


def at_most(x: Real, bound: float) -> Real:
    """min(x, bound); NaN stays NaN."""
    return select(x > bound, bound, x)


def at_least(x: Real, bound: float) -> Real:
    """max(x, bound); NaN stays NaN."""
    return select(x < bound, bound, x)
