"""The cotangent of a Cholesky factorisation, in place: Murray's blocked algorithm (rules/linalg_cholesky.py)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from wengert.native.emit.counted import Counted
from wengert.native.emit.routines import PTR, at, clear, routine, taken, zero
from wengert.native.emit.scalars import F64, I64
from wengert.native.node import Node

if TYPE_CHECKING:
    from wengert.native.emit.kernel import Kernel


def cholesky_cotangent(k: Kernel, node: Node) -> None:
    """L̄ becomes Ā, the last block first."""
    n, size = node.info
    low, _ = node.args
    taken(k, node, node.args[1])
    if n > 1:
        clear(k, node, above=True, order=n)
    room = at(k, node, n * n)
    for end in range(n, 0, -size):
        begin = max(0, end - size)
        _cotangent_of_block(k, node, (begin, end, n), _Blocks(k, low, n), _Blocks(k, node, n), room)
    if n > 1:
        clear(k, node, above=True, order=n)


class _Blocks:
    """The addresses of blocks of a matrix of order n."""

    def __init__(self, k: Kernel, node: Node, n: int) -> None:
        self.k, self.node, self.n = k, node, n

    def __getitem__(self, place: tuple[int, int]) -> Any:
        return at(self.k, self.node, place[0] * self.n + place[1])


def _cotangent_of_block(k: Kernel, node: Node, at: tuple[int, int, int], low: _Blocks, bar: _Blocks, room: Any) -> None:
    """Rows begin to end of L are [R D], the rows below them [B C]. To BLAS, a row-major X is Xᵀ."""
    i, j, n = at
    size, below = j - i, n - j
    run = partial(routine, k, node)
    if below:
        run("trsm", "L", "U", "N", "N", size, below, 1.0, low[i, i], n, bar[j, i], n)  # C̄ ← C̄ D⁻¹
        run("gemm", "N", "T", size, size, below, -1.0, low[j, i], n, bar[j, i], n, 1.0, bar[i, i], n)  # D̄ ← D̄ − C̄ᵀ C
    _copy_lower(k, bar[i, i], room, size, n)
    run("trmm", "R", "U", "T", "N", size, size, 1.0, low[i, i], n, room, size)  # T = Dᵀ D̄
    _mirror(k, room, size)  # S = ½ (Φ(T) + Φ(T)ᵀ)
    run("trsm", "L", "U", "N", "N", size, size, 1.0, low[i, i], n, room, size)  # S D⁻¹
    run("trsm", "R", "U", "T", "N", size, size, 1.0, low[i, i], n, room, size)  # H = D⁻ᵀ S D⁻¹
    _put_lower(k, room, bar[i, i], size, n)
    if below and i:
        run("gemm", "N", "N", i, below, size, -1.0, low[i, 0], n, bar[j, i], n, 1.0, bar[j, 0], n)  # B̄ ← B̄ − C̄ R
        run("gemm", "N", "T", i, size, below, -1.0, low[j, 0], n, bar[j, i], n, 1.0, bar[i, 0], n)  # R̄ ← R̄ − C̄ᵀ B
    if i:
        run("gemm", "N", "N", i, size, size, -2.0, low[i, 0], n, room, size, 1.0, bar[i, 0], n)  # R̄ ← R̄ − 2 H R


def _lower_places(k: Kernel, size: int, body: Any) -> None:
    """body(row, column) for the lower triangle, the diagonal included."""
    with Counted(k, size) as row, Counted(k, k.b.add(row, ir.Constant(I64, 1))) as column:
        body(row, column)


def _copy_lower(k: Kernel, matrix: Any, room: Any, size: int, n: int) -> None:
    """The lower triangle of a block, zeros above it."""
    b = k.b
    zero(k, b.bitcast(room, PTR), ir.Constant(I64, size * size * (8 if room.type.pointee == F64 else 4)))
    _lower_places(k, size, lambda r, c: b.store(b.load(_place(b, matrix, r, c, n)), _place(b, room, r, c, size)))


def _mirror(k: Kernel, room: Any, size: int) -> None:
    """Half of the lower triangle, on both sides."""
    b = k.b

    def one(r: Any, c: Any) -> None:
        x = b.fmul(b.load(_place(b, room, r, c, size)), ir.Constant(room.type.pointee, 0.5))
        b.store(x, _place(b, room, r, c, size))
        b.store(x, _place(b, room, c, r, size))

    _lower_places(k, size, one)


def _put_lower(k: Kernel, room: Any, matrix: Any, size: int, n: int) -> None:
    """A symmetric cotangent, given to the lower triangle: twice what is below the diagonal."""
    b = k.b

    def one(r: Any, c: Any) -> None:
        factor = b.select(b.icmp_signed("==", r, c), *[ir.Constant(room.type.pointee, x) for x in (1.0, 2.0)])
        b.store(b.fmul(factor, b.load(_place(b, room, r, c, size))), _place(b, matrix, r, c, n))

    _lower_places(k, size, one)


def _place(b: Any, matrix: Any, row: Any, column: Any, n: int) -> Any:
    return b.gep(matrix, [b.add(b.mul(row, ir.Constant(I64, n)), column)])
