"""The cotangent of a Cholesky factorisation, in place: Murray's blocked algorithm (rules/linalg_cholesky.py)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.counted import Counted
from wengert.native.emit.routines import clear, routine, taken
from wengert.native.emit.scalars import I32, I64
from wengert.native.node import Node

if TYPE_CHECKING:
    from wengert.native.emit.kernel import Kernel


def cholesky_cotangent(k: Kernel, node: Node) -> None:
    """L̄ becomes Ā, the last block first."""
    n, size = node.info
    taken(k, node, node.args[1])
    clear(k, node, above=True, order=n)
    block = _Block(k, node)
    with Counted(k, -(-n // size)) as number:
        block.step(number)
    clear(k, node, above=True, order=n)


class _Block:
    """One block: rows i to j of L are [R D], the rows below them [B C]. To BLAS, a row-major X is Xᵀ."""

    def __init__(self, k: Kernel, node: Node) -> None:
        self.k, self.node = k, node
        self.n, self.size = node.info
        self.dims = [k.alloca(I32) for _ in range(3)]

    def step(self, number: Any) -> None:
        """Write what is done to the block of that number, from the last."""
        b, n = self.k.b, self.n
        j = b.sub(I64(n), b.mul(number, I64(self.size)))
        i = b.sub(j, I64(self.size))
        i = b.select(b.icmp_signed("<", i, I64(0)), I64(0), i)
        for place, x in zip(self.dims, (i, b.sub(j, i), b.sub(I64(n), j)), strict=True):
            b.store(b.trunc(x, I32), place)
        self._run(i, j, self.k.base(self.node.args[0]), self.k.base(self.node))

    def _run(self, i: Any, j: Any, low: Any, bar: Any) -> None:
        at, run, n = self._at, partial(routine, self.k, self.node), self.n
        before, size, below = self.dims
        room, many = at(bar, I64(n), I64(0)), self.k.b.sub(j, i)
        r, d, b, c = at(low, i, I64(0)), at(low, i, i), at(low, j, I64(0)), at(low, j, i)
        r_bar, d_bar, b_bar, c_bar = at(bar, i, I64(0)), at(bar, i, i), at(bar, j, I64(0)), at(bar, j, i)
        run("trsm", "L", "U", "N", "N", size, below, 1.0, d, n, c_bar, n)  # C̄ ← C̄ D⁻¹
        run("gemm", "N", "T", size, size, below, -1.0, c, n, c_bar, n, 1.0, d_bar, n)  # D̄ ← D̄ − C̄ᵀ C
        self._copy_lower(d_bar, room, many)
        run("trmm", "R", "U", "T", "N", size, size, 1.0, d, n, room, size)  # T = Dᵀ D̄
        self._mirror(room, many)  # S = ½ (Φ(T) + Φ(T)ᵀ)
        run("trsm", "L", "U", "N", "N", size, size, 1.0, d, n, room, size)  # S D⁻¹
        run("trsm", "R", "U", "T", "N", size, size, 1.0, d, n, room, size)  # H = D⁻ᵀ S D⁻¹
        self._put_lower(room, d_bar, many)
        run("gemm", "N", "N", before, below, size, -1.0, r, n, c_bar, n, 1.0, b_bar, n)  # B̄ ← B̄ − C̄ R
        run("gemm", "N", "T", before, size, below, -1.0, b, n, c_bar, n, 1.0, r_bar, n)  # R̄ ← R̄ − C̄ᵀ B
        run("gemm", "N", "N", before, size, size, -2.0, r, n, room, size, 1.0, r_bar, n)  # R̄ ← R̄ − 2 H R

    def _at(self, matrix: Any, row: Any, column: Any, width: Any = None) -> Any:
        b = self.k.b
        return b.gep(matrix, [b.add(b.mul(row, I64(self.n) if width is None else width), column)])

    def _copy_lower(self, block: Any, room: Any, many: Any) -> None:
        """The lower triangle of a block, zeros above it."""
        b, zero = self.k.b, ir.Constant(room.type.pointee, 0.0)
        with Counted(self.k, many) as r, Counted(self.k, many) as c:
            x = b.select(b.icmp_signed("<=", c, r), b.load(self._at(block, r, c)), zero)
            b.store(x, self._at(room, r, c, many))

    def _mirror(self, room: Any, many: Any) -> None:
        """Half of the lower triangle, on both sides."""
        b, half = self.k.b, ir.Constant(room.type.pointee, 0.5)
        with Counted(self.k, many) as r, Counted(self.k, b.add(r, I64(1))) as c:
            x = b.fmul(b.load(self._at(room, r, c, many)), half)
            b.store(x, self._at(room, r, c, many))
            b.store(x, self._at(room, c, r, many))

    def _put_lower(self, room: Any, block: Any, many: Any) -> None:
        """A symmetric cotangent, given to the lower triangle: twice what is below the diagonal."""
        b, (one, two) = self.k.b, [ir.Constant(room.type.pointee, x) for x in (1.0, 2.0)]
        with Counted(self.k, many) as r, Counted(self.k, b.add(r, I64(1))) as c:
            factor = b.select(b.icmp_signed("==", r, c), one, two)
            b.store(b.fmul(factor, b.load(self._at(room, r, c, many))), self._at(block, r, c))
