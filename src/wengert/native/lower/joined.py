"""Complex values in one piece, as functions of NumPy have them: memory with one axis more, real and imaginary parts."""

from __future__ import annotations

from wengert.ir.line import Line
from wengert.native.lower.places import joined
from wengert.native.lower.table import Lowering, memory_of
from wengert.native.maker import Maker
from wengert.native.node import Form, Node, identity
from wengert.passes.complex_values import JOIN, PARTS


def part_forms(rank: int, k: int) -> tuple[Form, ...]:
    """Where part k of the elements lies."""
    return (*identity(rank), (k, ()))


def part(m: Maker, z: Node, k: int) -> Node:
    """One part of a joined value."""
    rank = len(z.shape) - 1
    return m.view(z, part_forms(rank, k), z.shape[:-1])


def join(m: Maker, x: Node, y: Node) -> Node:
    """Two parts of the same shape and dtype as one value; the value that they are parts of, if they are."""
    rank = len(x.shape)
    if x.kind == "view" and x.info == part_forms(rank, 0) and x.args[0].shape == (*x.shape, 2):
        whole = x.args[0]
        if y is m.view(whole, part_forms(rank, 1), x.shape):
            return whole
    parts = tuple([m.reshape(part, (*part.shape, 1)) for part in (x, y)])
    return joined(m, parts, (*x.shape, 2), x.dtype, rank)


def _join(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    t = line.outs[0].type
    dtype = memory_of(t)[1]
    x, y = [m.broadcast(m.cast(a, dtype), t.shape) for a in args]
    return join(m, x, y)


def _parts(m: Maker, line: Line, args: tuple[Node, ...]) -> tuple[Node, Node]:
    return part(m, args[0], 0), part(m, args[0], 1)


JOINED: dict[str, Lowering] = {JOIN.name: _join, PARTS.name: _parts}
"""The name of a row → its form for joined values."""
