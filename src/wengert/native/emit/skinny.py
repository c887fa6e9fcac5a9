"""Products of matrices with few columns, in registers: BLAS is made for large ones, and packs what it multiplies.

Y = A B with few terms keeps B in registers, and goes over the rows of A. Y = Aᵀ B with few rows and columns keeps Y in
registers, and goes over the rows of both; a long sum is made of the sums of blocks. Multiplications and additions are
fused where the processor can.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.counted import Counted
from wengert.native.emit.routines import PTR, Helper, zero
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
Addresses = tuple[Any, Any, Any]
"""Where A, B and Y begin."""


def is_skinny(n: int, inner: int, p: int, turned: tuple[bool, bool]) -> bool:
    """Whether it pays, for n rows, `inner` terms and p columns, `turned` being which factors lie transposed."""
    many, pieces = registers(), len(_pieces(p, register_bytes() // 8))
    if turned[0]:
        return not turned[1] and inner >= _FEW and n * pieces <= _SUMS * many
    if turned[1]:
        return n >= _FEW and inner * p <= _LONG and inner * pieces <= 4 * many
    return n >= _FEW and inner * pieces <= _HELD * many


class Skinny:
    """Products with these counts of terms and columns, each kind a function of the module, while they are written."""

    def __init__(self, k: Function | Helper, dtype: str, inner: int, p: int) -> None:
        self.k, self.dtype, self.kind, self.size = k, dtype, TYPES[dtype], SIZES[dtype]
        self.inner, self.p = inner, p
        self.pieces = _pieces(p, register_bytes() // self.size)

    @property
    def b(self) -> Any:
        return self.k.b

    def rows(self, at: Addresses, n: Any, turned: bool) -> None:
        """n rows of Y = A B, at these addresses; B lies transposed if `turned`."""
        a, b, y = at
        helper = self._helper(f"rows.{self.inner}.{self.p}", Skinny._write_rows)
        self.b.call(helper, [a, self._turned(b) if turned else b, y, _number(n)])

    def sums(self, at: Addresses, n: int) -> None:
        """All n rows of Y = Aᵀ B, A having `inner` rows of n."""
        if self.inner <= _BLOCK:
            self.block(at, n, self.inner, False)
            return
        (a, b, y), inner = at, self.inner
        zero(self.k, self.b.bitcast(y, PTR), I64(n * self.p * self.size))
        with Counted(self.k, -(-inner // _BLOCK)) as block:
            low = self.b.mul(block, I64(_BLOCK), flags=("nsw",))
            many = SIMPLE["min_i"](self.b, I64(_BLOCK), self.b.sub(I64(inner), low, flags=("nsw",)))
            places = (self.b.gep(x, [self.b.mul(low, I64(m), flags=("nsw",))]) for x, m in ((a, n), (b, self.p)))
            self.block((*places, y), n, many, True)

    def block(self, at: Addresses, n: int, many: Any, adds: bool) -> None:
        """What some rows of A and B make; `adds`: to what lies there."""
        name = f"{'more' if adds else 'sums'}.{n}.{self.p}"
        helper = self._helper(name, lambda inside, a, b, y, many: inside._write_block((a, b, y), n, many, adds))
        self.b.call(helper, [*at, _number(many)])

    def _helper(self, name: str, write: Callable[..., None]) -> Any:
        """The function of that name; written, if there is none yet, as `write(a product, *its arguments)` says."""
        module, name = self.b.module, f"{name}.{self.dtype}"
        if (known := module.globals.get(name)) is not None:
            return known
        pointer = self.kind.as_pointer()
        helper = Helper(module, name, [pointer, pointer, pointer, I64])
        write(Skinny(helper, self.dtype, self.inner, self.p), *helper.function.args)
        helper.finish()
        return helper.function

    def _turned(self, factor: Any) -> Any:
        """B, which lies transposed, as it is."""
        b, inner, p = self.b, self.inner, self.p
        place = self.k.alloca(ir.ArrayType(self.kind, inner * p))
        made = b.bitcast(place, self.kind.as_pointer())
        with Counted(self.k, p) as j, Counted(self.k, inner) as t:
            x = b.load(b.gep(factor, [b.add(b.mul(j, I64(inner)), t)], inbounds=True))
            b.store(x, b.gep(made, [b.add(b.mul(t, I64(p)), j)], inbounds=True))
        return made

    def _row(self, base: Any, place: Any, width: int) -> Any:
        """Elements from a place on."""
        return load_lanes(self.b, base, place, 1, width, self.size) if width else self._at(base, place)

    def _at(self, base: Any, place: Any) -> Any:
        return self.b.load(self.b.gep(base, [place], inbounds=True))

    def _put(self, x: Any, y: Any, place: Any, width: int) -> None:
        if width:
            store_lanes(self.b, x, y, place, 1, self.size)
        else:
            self.b.store(x, self.b.gep(y, [place], inbounds=True))

    def _added(self, x: Any, y: Any, total: Any, width: int) -> Any:
        """total + x y, for a number x."""
        x = spread(self.b, x, width) if width else x
        return self.b.fmul(x, y) if total is None else intrinsic(self.b, "fmuladd", x, y, total)

    # ── Y = A B ──

    def _write_rows(self, a: Any, factor: Any, y: Any, n: Any) -> None:
        kept = [[self._row(factor, I64(t * self.p + k), w) for w, k in self.pieces] for t in range(self.inner)]
        with Counted(self.k, n) as i:
            from_, to = (self.b.mul(i, I64(m), flags=("nsw",)) for m in (self.inner, self.p))
            totals: list[Any] = [None] * len(self.pieces)
            for t in range(self.inner):
                x = self._at(a, self._after(from_, t))
                totals = [
                    self._added(x, row, total, width)
                    for row, total, (width, _) in zip(kept[t], totals, self.pieces, strict=True)
                ]
            for total, (width, first) in zip(totals, self.pieces, strict=True):
                self._put(total, y, self._after(to, first), width)

    def _after(self, place: Any, k: int) -> Any:
        return self.b.add(place, I64(k), flags=("nsw",)) if k else place

    # ── Y = Aᵀ B ──

    def _write_block(self, at: Addresses, n: int, many: Any, adds: bool) -> None:
        """A few rows of Y at a time."""
        step = max(int(_HELD * registers()) // len(self.pieces), 1)
        for first in range(0, n, step):
            self._some(at, n, range(first, min(first + step, n)), many, adds)

    def _some(self, at: Addresses, n: int, lines: range, many: Any, adds: bool) -> None:
        a, factor, y = at
        held = [[self._register(width) for width, _ in self.pieces] for _ in lines]
        with Counted(self.k, many) as i:
            from_, beside = (self.b.mul(i, I64(m), flags=("nsw",)) for m in (n, self.p))
            row = [self._row(factor, self._after(beside, first), width) for width, first in self.pieces]
            for line, mine in zip(lines, held, strict=True):
                x = self._at(a, self._after(from_, line))
                for of_b, register, (width, _) in zip(row, mine, self.pieces, strict=True):
                    self.b.store(self._added(x, of_b, self.b.load(register), width), register)
        for line, mine in zip(lines, held, strict=True):
            for register, (width, first) in zip(mine, self.pieces, strict=True):
                total, place = self.b.load(register), I64(line * self.p + first)
                self._put(self.b.fadd(self._row(y, place, width), total) if adds else total, y, place, width)

    def _register(self, width: int) -> Any:
        kind = vector(self.kind, width)
        pointer = self.k.alloca(kind)
        self.b.store(constant(kind, 0.0), pointer)
        return pointer


def _number(n: Any) -> Any:
    return I64(n) if isinstance(n, int) else n


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
