"""A band while it is being written: some rows of all its nests and products, then the next rows."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import TYPE_CHECKING, Any

from wengert.native.bands import Band, is_summed
from wengert.native.emit.counted import Counted
from wengert.native.emit.loops import LARGE, Chunk, Loops
from wengert.native.emit.parallel import Part, Split, divided, emit_split
from wengert.native.emit.products import emit_rows, emit_stack, emit_sum_of_rows
from wengert.native.emit.scalars import I64, SIMPLE
from wengert.native.node import Node
from wengert.native.schedule import Group

if TYPE_CHECKING:
    from wengert.native.emit.kernel import Kernel

Write = Callable[[Part, Any, Any], None]
"""write(part, start, end): what writes the rows from `start` to before `end`."""


def emit_band(k: Kernel, band: Band) -> None:
    """Write it as a function, and call it; where it is much work, several threads do."""
    nests: list[Loops] = []
    writes = [_written(k, band, thing, nests) for thing in band.things]
    split = divided(nests, 0, band.extent, band.rows) if band.work >= LARGE else None

    def write(part: Part, low: Any, high: Any) -> None:
        b = part.b
        many = b.udiv(b.add(b.sub(high, low), I64(band.rows - 1)), I64(band.rows))
        with Counted(part, many) as i:
            start = b.add(low, b.mul(i, I64(band.rows), flags=("nsw",)), flags=("nsw",))
            end = b.add(start, I64(band.rows), flags=("nsw",))
            end = end if band.even else SIMPLE["min_i"](b, end, high)
            part.at_row(start)
            for rows in writes:
                rows(part, start, end)

    emit_split(k, nests, split or Split(0, band.extent, band.extent, 1), write, k.layout.rows.get(band))


def _written(k: Kernel, band: Band, thing: Group | Node, nests: list[Loops]) -> Write:
    """What writes rows of a thing; its nest, if it is one, goes to the others."""

    def many(part: Part, start: Any, end: Any) -> Any:
        return band.rows if band.even else part.b.sub(end, start)

    if isinstance(thing, Node) and not is_summed(thing) and thing.op != "gemv":
        by = emit_rows if thing.kind == "matmul" else emit_stack
        return lambda part, start, end: by(part, thing, start, many(part, start, end))
    group = thing if isinstance(thing, Group) else _as_nest(k, thing)
    nests.append(Loops(k, group))
    if isinstance(thing, Node) and thing.kind == "matmul":
        return lambda part, start, end: emit_sum_of_rows(
            part, thing, part.base(group.roots[0]), start, many(part, start, end)
        )
    # A nest of one loop over all elements counts these.
    inner = prod(group.domain[1:]) if nests[-1].flat else 1
    count = band.rows * inner if band.even else None

    def write(part: Part, start: Any, end: Any) -> None:
        low, high = [part.b.mul(x, I64(inner), flags=("nsw",)) if inner > 1 else x for x in (start, end)]
        Loops(part, group, Chunk(0, low, high, part.keep, count)).write()

    return write


def _as_nest(k: Kernel, node: Node) -> Group:
    """A product with a vector, or one that is a sum over the rows, as a nest that has the memory of the product."""
    a, x = node.args
    row, column, last = [(0, ((1, axis),)) for axis in range(3)]
    domain = (*a.shape, x.shape[1]) if node.kind == "matmul" else a.shape
    right, over = ((row, last), (0,)) if node.kind == "matmul" else ((row,), (0,)) if node.info else ((column,), (1,))
    parts = [
        Node("view", None, (y,), domain, y.dtype, forms, node.serial) for y, forms in ((a, (row, column)), (x, right))
    ]
    products = Node("map", "mul", tuple(parts), domain, node.dtype, None, node.serial)
    root = Node("reduce", "add", (products,), node.shape, node.dtype, over, node.serial)
    k.layout.of[root] = k.layout.of[node]
    return Group(node.serial, domain, [root], work=2 * prod(domain), divided=True)


__all__ = ["emit_band"]
