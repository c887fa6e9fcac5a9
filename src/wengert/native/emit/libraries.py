"""Calls of compiled functions of other libraries: LAPACK, BLAS, the inner loops of ufuncs; and running sums.

Arrays here are row-major; to LAPACK and BLAS they are the transposed ones.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.cholesky import cholesky_cotangent
from wengert.native.emit.counted import Counted
from wengert.native.emit.products import emit_stack
from wengert.native.emit.routines import PTR, at, clear, routine, status, succeeded, taken
from wengert.native.emit.scalars import I8, I32, I64, SIMPLE, TYPES
from wengert.native.emit.strips import load_lanes, most_lanes, store_lanes, strips
from wengert.native.maths.lanes import lanes
from wengert.native.node import SIZES, Node

if TYPE_CHECKING:
    from wengert.native.emit.kernel import Kernel


# ── P L U ──


def _lu(k: Kernel, node: Node) -> None:
    """The factors, the sign of the permutation or 0, the pivots."""
    n, b = node.info, k.b
    info, pivots = status(k), b.bitcast(at(k, node, n * n + 1), I32.as_pointer())
    routine(k, node, "getrf", n, n, taken(k, node, node.args[0]), n, pivots, info)
    t = TYPES[node.dtype]
    start = b.select(succeeded(k, info), ir.Constant(t, 1.0), ir.Constant(t, 0.0))
    place = at(k, node, n * n)
    b.store(start, place)
    with Counted(k, n) as i:
        pivot = b.load(b.gep(pivots, [i]))
        moved = b.icmp_signed("!=", b.sext(pivot, I64), b.add(i, ir.Constant(I64, 1)))
        sign = b.load(place)
        b.store(b.select(moved, b.fneg(sign), sign), place)


def _lu_solve(k: Kernel, node: Node) -> None:
    factor, right = node.args
    m, n = node.shape
    b, info = k.b, status(k)
    sign = b.load(at(k, factor, n * n))
    k.fail(b.fcmp_ordered("==", sign, ir.Constant(sign.type, 0.0)))
    pivots = b.bitcast(at(k, factor, n * n + 1), I32.as_pointer())
    routine(k, node, "getrs", node.info, n, m, k.base(factor), n, pivots, taken(k, node, right), n, info)


# ── triangles ──


def _cholesky(k: Kernel, node: Node) -> None:
    lower, clean = node.info
    n, info = node.shape[0], status(k)
    routine(k, node, "potrf", "U" if lower else "L", n, taken(k, node, node.args[0]), n, info)
    k.fail(k.b.not_(succeeded(k, info)))
    if clean and n > 1:
        clear(k, node, above=lower)


def _triangular(k: Kernel, node: Node) -> None:
    """T X = B as Xᵀ Tᵀ = Bᵀ."""
    t, right = node.args
    lower, trans, unit = node.info
    n, m = node.shape
    if not unit:
        _no_zero_on_diagonal(k, t)
    flags = "R", "U" if lower else "L", "T" if trans else "N", "U" if unit else "N"
    routine(k, node, "trsm", *flags, m, n, 1.0, k.base(t), n, taken(k, node, right), m)


def _lower_inverse(k: Kernel, node: Node) -> None:
    n, info = node.shape[0], status(k)
    routine(k, node, "trtri", "U", "N", n, taken(k, node, node.args[0]), n, info)
    k.fail(k.b.not_(succeeded(k, info)))
    if n > 1:
        clear(k, node, above=True)


def _triangle_product(k: Kernel, node: Node) -> None:
    """Y = T X as Yᵀ = Xᵀ Tᵀ, Y = X T as Yᵀ = Tᵀ Xᵀ: a lower triangle is an upper one to BLAS."""
    t, x = node.args
    side, turn = node.info
    rows, columns = node.shape
    flags = "R" if side == "left" else "L", "U", "T" if turn else "N", "N"
    routine(k, node, "trmm", *flags, columns, rows, 1.0, k.base(t), t.shape[0], taken(k, node, x), columns)


def _no_zero_on_diagonal(k: Kernel, t: Node) -> None:
    b, n = k.b, t.shape[0]
    found = k.alloca(I8)
    b.store(ir.Constant(I8, 0), found)
    with Counted(k, n) as i:
        x = b.load(b.gep(k.base(t), [b.mul(i, ir.Constant(I64, n + 1))]))
        zero = b.zext(b.fcmp_ordered("==", x, ir.Constant(x.type, 0.0)), I8)
        b.store(b.or_(b.load(found), zero), found)
    k.fail(b.icmp_signed("!=", b.load(found), ir.Constant(I8, 0)))


# ── a matrix times a vector ──


def _gemv(k: Kernel, node: Node) -> None:
    """y = a x, or aᵀ x (`info`)."""
    a, x = node.args
    rows, columns = a.shape
    how = "N" if node.info else "T"
    routine(k, node, "gemv", how, columns, rows, 1.0, k.base(a), columns, k.base(x), 1, 0.0, k.base(node), 1)


def _stack_product(k: Kernel, node: Node) -> None:
    emit_stack(k, node, I64(0), node.shape[0])


# ── running sums ──


def _scan(k: Kernel, node: Node) -> None:
    """y[i] = y[i−1] op x[i] along one axis, in registers for as many columns as they hold."""
    op, axis = node.info
    x, b = node.args[0], k.b
    n, inner = node.shape[axis], prod(node.shape[axis + 1 :])
    with Counted(k, prod(node.shape[:axis])) as o:
        first = b.mul(o, ir.Constant(I64, n * inner))
        for width, start, many in strips(inner, most_lanes(SIZES[node.dtype])):
            with Counted(k, many * max(width, 1), step=max(width, 1)) as j:
                _scan_columns(k, node, x, op, b.add(first, b.add(j, I64(start))), width)


def _scan_columns(k: Kernel, node: Node, x: Node, op: str, top: Any, width: int) -> None:
    b, (n, inner) = k.b, (node.shape[node.info[1]], prod(node.shape[node.info[1] + 1 :]))
    y = _taken(k, x, top, width)
    held = k.alloca(y.type)
    b.store(y, held)
    _put(k, node, y, top)
    if n > 1:
        with Counted(k, n - 1) as i:
            place = b.add(top, b.mul(b.add(i, I64(1)), I64(inner)))
            y = SIMPLE[op](b, b.load(held), _taken(k, x, place, width))
            b.store(y, held)
            _put(k, node, y, place)


def _taken(k: Kernel, x: Node, place: Any, width: int) -> Any:
    if width:
        return load_lanes(k.b, k.base(x), place, 1, width, SIZES[x.dtype])
    return k.b.load(k.b.gep(k.base(x), [place]))


def _put(k: Kernel, node: Node, y: Any, place: Any) -> None:
    if lanes(y.type):
        store_lanes(k.b, y, k.base(node), place, 1, SIZES[node.dtype])
    else:
        k.b.store(y, k.b.gep(k.base(node), [place]))


# ── the inner loop of a ufunc: loop(addresses, &counts, steps, data) ──


def _ufunc(k: Kernel, node: Node) -> None:
    """`info`: the loop, its counts, the steps in bytes, and where the results begin in the node's memory."""
    loop, counts, steps, starts = node.info
    b = k.b
    parts = [k.base(a, I8) for a in node.args]
    parts += [b.gep(k.base(node, I8), [ir.Constant(I64, start)]) for start in starts]
    table = k.alloca(PTR, max(len(parts), 2))
    for j, part in enumerate(parts):
        b.store(part, b.gep(table, [ir.Constant(I64, j)]))
    given: list[Any] = [table, _numbers(k, counts), _numbers(k, steps), ir.Constant(I64, loop.data).inttoptr(PTR)]
    b.call(k.external(loop.name, [x.type for x in given]), given)


def _numbers(k: Kernel, xs: tuple[int, ...]) -> Any:
    """The address of whole numbers."""
    memory = k.alloca(I64, max(len(xs), 2))
    for j, x in enumerate(xs):
        k.b.store(ir.Constant(I64, x), k.b.gep(memory, [ir.Constant(I64, j)]))
    return memory


LIBRARY: dict[str, Any] = {
    "lu": _lu,
    "lu solve": _lu_solve,
    "cholesky": _cholesky,
    "triangular": _triangular,
    "lower inverse": _lower_inverse,
    "cholesky cotangent": cholesky_cotangent,
    "triangle product": _triangle_product,
    "gemv": _gemv,
    "stack product": _stack_product,
    "scan": _scan,
    "ufunc": _ufunc,
}
"""What a node of kind `library` is, by its op → what writes the call."""
