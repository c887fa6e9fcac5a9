"""Products of matrices with few columns, in registers: BLAS is made for large ones, and packs what it multiplies.

Y = A B with few terms keeps B in registers, and goes over the rows of A. Y = Aᵀ B with few rows and columns keeps Y in
registers, and goes over the rows of both; a long sum is made of the sums of blocks. Multiplications and additions are
fused where the processor can.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.counted import Counted
from wengert.native.emit.scalars import I64, SIMPLE, TYPES, intrinsic
from wengert.native.emit.strips import load_lanes, store_lanes
from wengert.native.maths.lanes import constant, spread, vector
from wengert.native.node import SIZES
from wengert.native.processor import register_bytes, registers

if TYPE_CHECKING:
    from wengert.native.emit.function import Function

_FEW = 16
"""Fewer rows than this are BLAS's."""
_HELD, _SUMS = 3 / 4, 5 / 4
"""How many registers, of those that there are, B may take, and Y (some rows of it at a time)."""
_LONG = 512
"""A transposed B of more elements than this is turned by BLAS."""
_BLOCK = 2048
"""A sum of more terms than this is made of sums of blocks."""


def is_skinny(n: int, inner: int, p: int, turned: tuple[bool, bool]) -> bool:
    """Whether it pays, for n rows, `inner` terms and p columns, `turned` being which factors lie transposed."""
    many, pieces = registers(), len(_pieces(p, register_bytes() // 8))
    if turned[0]:
        return not turned[1] and inner >= _FEW and n * pieces <= _SUMS * many
    if turned[1]:
        return n >= _FEW and inner * p <= _LONG and inner * pieces <= 4 * many
    return n >= _FEW and inner * pieces <= _HELD * many


class Skinny:
    """A product while it is being written, of the matrices at these addresses."""

    def __init__(self, k: Function, dtype: str, at: tuple[Any, Any, Any], inner: int, p: int) -> None:
        self.k, self.kind, self.size = k, TYPES[dtype], SIZES[dtype]
        (self.a, self.factor, self.y), self.inner, self.p = at, inner, p
        self.pieces = _pieces(p, register_bytes() // self.size)

    @property
    def b(self) -> Any:
        return self.k.b

    def _row(self, base: Any, place: Any, width: int, step: int = 1) -> Any:
        """Elements from a place on."""
        return load_lanes(self.b, base, place, step, width, self.size) if width else self._at(base, place)

    def _at(self, base: Any, place: Any) -> Any:
        return self.b.load(self.b.gep(base, [place], inbounds=True))

    def _put(self, x: Any, place: Any, width: int) -> None:
        if width:
            store_lanes(self.b, x, self.y, place, 1, self.size)
        else:
            self.b.store(x, self.b.gep(self.y, [place], inbounds=True))

    def _added(self, x: Any, y: Any, total: Any, width: int) -> Any:
        """total + x y, for a number x."""
        x = spread(self.b, x, width) if width else x
        return self.b.fmul(x, y) if total is None else intrinsic(self.b, "fmuladd", x, y, total)

    # ── Y = A B ──

    def rows(self, n: Any, turned: bool) -> None:
        """n rows of Y; B lies transposed if `turned`."""
        kept = [self._of_factor(t, turned) for t in range(self.inner)]
        with Counted(self.k, n) as i:
            from_, to = (self.b.mul(i, I64(m), flags=("nsw",)) for m in (self.inner, self.p))
            totals: list[Any] = [None] * len(self.pieces)
            for t in range(self.inner):
                x = self._at(self.a, self._after(from_, t))
                totals = [
                    self._added(x, y, total, width)
                    for y, total, (width, _) in zip(kept[t], totals, self.pieces, strict=True)
                ]
            for total, (width, first) in zip(totals, self.pieces, strict=True):
                self._put(total, self._after(to, first), width)

    def _of_factor(self, t: int, turned: bool) -> list[Any]:
        """Row t of B."""
        if turned:
            return [self._row(self.factor, I64(first * self.inner + t), w, self.inner) for w, first in self.pieces]
        return [self._row(self.factor, I64(t * self.p + first), w) for w, first in self.pieces]

    def _after(self, place: Any, k: int) -> Any:
        return self.b.add(place, I64(k), flags=("nsw",)) if k else place

    # ── Y = Aᵀ B ──

    def sums(self, n: int) -> None:
        """All n rows of Y, A having `inner` rows of n."""
        if self.inner <= _BLOCK:
            self.block(n, I64(0), self.inner, False)
            return
        with Counted(self.k, n * self.p) as i:
            self._put(ir.Constant(self.kind, 0.0), i, 0)
        with Counted(self.k, -(-self.inner // _BLOCK)) as block:
            low = self.b.mul(block, I64(_BLOCK), flags=("nsw",))
            many = SIMPLE["min_i"](self.b, I64(_BLOCK), self.b.sub(I64(self.inner), low, flags=("nsw",)))
            self.block(n, low, many, True)

    def block(self, n: int, low: Any, many: Any, adds: bool) -> None:
        """What some rows of A and B make, a few rows of Y at a time; `adds`: to what lies there."""
        step = max(int(_HELD * registers()) // len(self.pieces), 1)
        for first in range(0, n, step):
            self._some(n, range(first, min(first + step, n)), low, many, adds)

    def _some(self, n: int, lines: range, low: Any, many: Any, adds: bool) -> None:
        registers = [[self._register(width) for width, _ in self.pieces] for _ in lines]
        with Counted(self.k, many) as i:
            at = self.b.add(low, i, flags=("nsw",))
            from_, beside = (self.b.mul(at, I64(m), flags=("nsw",)) for m in (n, self.p))
            row = [self._row(self.factor, self._after(beside, first), width) for width, first in self.pieces]
            for line, mine in zip(lines, registers, strict=True):
                x = self._at(self.a, self._after(from_, line))
                for y, register, (width, _) in zip(row, mine, self.pieces, strict=True):
                    self.b.store(self._added(x, y, self.b.load(register), width), register)
        for line, mine in zip(lines, registers, strict=True):
            for register, (width, first) in zip(mine, self.pieces, strict=True):
                total, place = self.b.load(register), I64(line * self.p + first)
                self._put(self.b.fadd(self._row(self.y, place, width), total) if adds else total, place, width)

    def _register(self, width: int) -> Any:
        kind = vector(self.kind, width)
        pointer = self.k.alloca(kind)
        self.b.store(constant(kind, 0.0), pointer)
        return pointer


def _pieces(p: int, most: int) -> list[tuple[int, int]]:
    """(lanes, first) of registers that hold p columns, each a power of two; 0 lanes for one column."""
    found: list[tuple[int, int]] = []
    first = 0
    while first < p:
        width = min(most, 1 << ((p - first).bit_length() - 1))
        found.append((width if width > 1 else 0, first))
        first += width
    return found


__all__ = ["Skinny", "is_skinny"]
