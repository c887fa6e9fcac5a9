"""Products of matrices, or of some rows of them: by BLAS, or in registers where they are skinny.

To BLAS arrays, which are row-major here, are the transposed ones: y = a b is yᵀ = bᵀ aᵀ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wengert.native.emit.counted import Counted
from wengert.native.emit.routines import PTR, routine, zero
from wengert.native.emit.scalars import I32, I64
from wengert.native.emit.skinny import Addresses, Skinny, is_skinny
from wengert.native.node import Node

if TYPE_CHECKING:
    from wengert.native.emit.function import Function

_ROWS, _SMALL = 500, 2048
"""A sum over the rows of two matrices whose product has few elements: 100,000 rows of 50 and 10 columns take 12.7 ms in
one call, 4.5 in calls of 500 rows (OpenBLAS 0.3.30, one thread)."""


def emit_matmul(k: Function, node: Node) -> None:
    """y = a b, or y += a b."""
    _whole(k, node, (k.base(node.args[0]), k.base(node.args[1]), k.base(node)), len(node.args) > 2)


def emit_stack(k: Function, node: Node, start: Any, count: Any) -> None:
    """yᵢ = aᵢ bᵢ for some i, where a factor may be one matrix for all."""
    n, inner, p = sizes(node)
    with Counted(k, count) as i:
        which = k.b.add(start, i)
        a, b, y = [
            k.base(x) if len(x.shape) == 2 else k.b.gep(k.base(x), [k.b.mul(which, I64(size))])
            for x, size in ((node.args[0], n * inner), (node.args[1], inner * p), (node, n * p))
        ]
        _whole(k, node, (a, b, y), False)


def _whole(k: Function, node: Node, at: Addresses, added: bool) -> None:
    n, inner, p = sizes(node)
    if added or not is_skinny(n, inner, p, node.info):
        if not added and node.info == (True, False) and inner > 8 * _ROWS and n * p <= _SMALL:
            _in_blocks(k, node, at)
        else:
            _by_blas(k, node, (n, inner, p), at, added)
        return
    product = Skinny(k, node.dtype, inner, p)
    if node.info[0]:
        product.sums(at, n)
    else:
        product.rows(at, n, node.info[1])


def _in_blocks(k: Function, node: Node, at: Addresses) -> None:
    """y = aᵀ b as the sum of products of some rows, which stay in the cache while BLAS goes over them again."""
    (n, inner, p), (a, b, y) = sizes(node), at
    zero(k, k.b.bitcast(y, PTR), I64(node.bytes))
    for first, many, count in ((0, inner // _ROWS, _ROWS), (inner - inner % _ROWS, 1, inner % _ROWS)):
        if not count:
            continue
        with Counted(k, many) as i:
            row = k.b.add(k.b.mul(i, I64(_ROWS)), I64(first))
            places = [k.b.gep(x, [k.b.mul(row, I64(m))]) for x, m in ((a, n), (b, p))]
            _by_blas(k, node, (n, count, p), (places[0], places[1], y), True)


def emit_rows(k: Function, node: Node, start: Any, count: Any) -> None:
    """Some rows of y = a b."""
    n, inner, p = sizes(node)
    a, b, y = k.base(node.args[0]), k.base(node.args[1]), k.base(node)
    at = (k.b.gep(a, [k.b.mul(start, I64(inner))]), b, k.b.gep(y, [k.b.mul(start, I64(p))]))
    if is_skinny(n, inner, p, node.info):
        Skinny(k, node.dtype, inner, p).rows(at, count, node.info[1])
    else:
        _by_blas(k, node, (_counted(k, count), inner, p), at, False)


def emit_sum_of_rows(k: Function, node: Node, y: Any, start: Any, count: Any) -> None:
    """y += aᵀ b of some rows of a and b."""
    n, inner, p = sizes(node)
    a, b = [k.b.gep(k.base(x), [k.b.mul(start, I64(m))]) for x, m in ((node.args[0], n), (node.args[1], p))]
    if is_skinny(n, inner, p, node.info):
        Skinny(k, node.dtype, inner, p).block((a, b, y), n, count, True)
    else:
        _by_blas(k, node, (n, _counted(k, count), p), (a, b, y), True)


def sizes(node: Node) -> tuple[int, int, int]:
    """Rows, terms, columns of a product of matrices, or of stacks of them."""
    return node.shape[-2], node.args[0].shape[-2 if node.info[0] else -1], node.shape[-1]


def _by_blas(k: Function, node: Node, counts: tuple[Any, Any, Any], at: Addresses, adds: bool) -> None:
    (n, inner, p), (a, b, y) = counts, at
    flags = ["T" if turn else "N" for turn in reversed(node.info)]
    steps = [x.shape[-1] for x in (node.args[1], node.args[0], node)]
    routine(
        k, node, "gemm", *flags, p, n, inner, 1.0, b, max(steps[0], 1), a, max(steps[1], 1), float(adds), y, steps[2]
    )


def _counted(k: Function, count: Any) -> Any:
    """The address of a number of rows, or that number itself."""
    if isinstance(count, int):
        return count
    place = k.alloca(I32)
    k.b.store(k.b.trunc(count, I32), place)
    return place


__all__ = ["emit_matmul", "emit_rows", "emit_stack", "emit_sum_of_rows", "sizes"]
