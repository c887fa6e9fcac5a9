"""Reductions of a loop nest: where each is kept while the loops run, and how it begins, goes on and ends.

A reduction over all axes, or over the last ones, is kept in a register: with a sum in each lane where the loop works on
vectors, which are added up at its end. Over a short last axis, which is written out, each lane has the sum of its own
element. One over the axes before a last axis that vectors hold at once is in registers too. Others lie in memory.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.native import assembly as ir
from wengert.native.emit.scalars import I8, I64, SIMPLE, TYPES, intrinsic
from wengert.native.emit.strips import load_lanes, padded, strips, total
from wengert.native.maths.lanes import constant, lanes, like, vector
from wengert.native.node import SIZES, Form, Node, flat, identity

if TYPE_CHECKING:
    from wengert.native.emit.loops import Loops

_STARTS: dict[str, Any] = {
    "add": 0, "mul": 1, "max": float("-inf"), "min": float("inf"), "any": 0, "all": 1,
}  # fmt: skip
_COMBINES = {"add": "add", "mul": "mul", "max": "maximum", "min": "minimum", "any": "or", "all": "and"}


def start_of(root: Node) -> Any:
    """The neutral element."""
    value = _STARTS[root.op]
    return ir.Constant(TYPES[root.dtype], value if root.dtype not in ("i64", "bool") else int(value))


class Sums:
    """The reductions among the roots of a nest; `running` has the registers of those that have begun."""

    def __init__(self, loops: Loops) -> None:
        self.loops, self.k = loops, loops.k
        self.rank = len(loops.group.domain)
        self.running: dict[Node, Any] = {}

    @property
    def b(self) -> Any:
        return self.k.b

    # ── where they are kept ──

    def inner(self, root: Node) -> bool:
        """Whether it is over all axes or the last ones."""
        return root.info == tuple(range(self.rank - len(root.info), self.rank))

    def beside(self, root: Node) -> bool:
        """Whether it is over the axes before the last one, all of which vectors hold at once. Several threads have
        copies of it in memory."""
        loops = self.loops
        if not loops.most or loops.axis < len(loops.domain) - 1 or not self.ends_at(root, self.rank - 2):
            return False
        return len(loops.parts[-1]) == 1 and sum(n for *_, n in self._strips()) == 1

    def _strips(self) -> list[tuple[int, int, int]]:
        return strips(self.loops.group.domain[-1], self.loops.most)

    def by_column(self, root: Node) -> bool:
        """Whether it is over the axes before those that are written out: each of its elements has a register."""
        loops = self.loops
        return bool(loops.most) and loops.axis < len(loops.domain) - 1 and self.ends_at(root, loops.axis)

    def ends_at(self, root: Node, axis: int) -> bool:
        """Whether it is over axes up to that one, and one thread does all of it."""
        alone = not self.loops.is_large or root.info[0] > self._outermost()
        return alone and root.info == tuple(range(root.info[0], axis + 1))

    def _outermost(self) -> int:
        return next((k for k, n in enumerate(self.loops.group.domain) if n > 1), 0)

    def is_apart(self, root: Node, axis: int) -> bool:
        """Whether lanes along an axis would not add to the same memory."""
        if self.inner(root):
            return True
        return axis not in root.info if axis == self.rank - 1 else self.ends_at(root, axis)

    def by_lane(self, root: Node) -> bool:
        """Whether each lane has a sum of its own."""
        return bool(self.loops.most) and self.inner(root) and self.level(root) > self.loops.axis

    def in_register(self, root: Node) -> bool:
        """Whether no memory need be prepared."""
        return self.inner(root) or self.beside(root) or self.by_column(root)

    def level(self, root: Node) -> int:
        """Of one over the last axes: the outermost of their loops."""
        return 0 if self.loops.flat else self.rank - len(root.info)

    def begin_at(self, level: int) -> list[Node]:
        """Those that begin before the loop at a level, and end after it."""
        return [r for r in self.loops.roots if r.kind == "reduce" and self._begins(r, level)]

    def _begins(self, root: Node, level: int) -> bool:
        return self.level(root) == level if self.inner(root) else self.in_register(root) and root.info[0] == level

    # ── how they begin, go on, and end ──

    def register(self, root: Node) -> list[Any]:
        """A register, at its start, or one for each column. A truth value is kept as a whole number."""
        return [self._register(root) for _ in range(len(self._columns()) if self.by_column(root) else 1)]

    def _columns(self) -> list[tuple[int, ...]]:
        """The places in the loops that are written out."""
        return list(np.ndindex(self.loops.group.domain[self.loops.axis + 1 :]))

    def _register(self, root: Node) -> Any:
        width = self.loops.lanes if self.by_lane(root) else self.loops.most
        if self.beside(root):
            width = self._strips()[0][0]
        kind = vector(I64 if root.dtype == "bool" else TYPES[root.dtype], width)
        pointer = self.k.alloca(kind)
        self.b.store(constant(kind, self._neutral(root)), pointer)
        return pointer

    def _neutral(self, root: Node) -> Any:
        """What it begins with; true is −1 in lanes, as processors have it."""
        start = start_of(root).constant
        return -start if self.loops.most and root.dtype == "bool" else start

    def take_in(self, root: Node, x: Any) -> None:
        """Go on with x."""
        if root not in self.running:
            self.add_at(root, x, self.k.evaluated(self._place(root), self.loops))
            return
        homes = self.loops.homes
        column = 0
        if homes is not None and self.by_column(root):
            column = self._columns().index(tuple(homes.inside.values()))
        pointer = self.running[root][column]
        if root.dtype == "bool":
            x = (self.b.sext if self.loops.most else self.b.zext)(x, like(x.type, I64))
        in_order = self.beside(root)
        if self.loops.most and not in_order and not self.by_lane(root):
            x = padded(self.b, x, self.loops.most, self._neutral(root))
        self.b.store(self.combined(root, self.b.load(pointer), x, not in_order), pointer)

    def end(self, root: Node, level: int) -> None:
        """Into memory at the place of the outer loops, or into the slot of a number."""
        for pointer, column in zip(self.running.pop(root), self._columns() or [()], strict=False):
            self._end(root, self.b.load(pointer), level, column)

    def _end(self, root: Node, y: Any, level: int, column: tuple[int, ...]) -> None:
        loops = self.loops
        if self.beside(root) or self.by_lane(root):
            y = self.b.trunc(self.b.neg(y), like(y.type, I8)) if root.dtype == "bool" else y
            place = self._place(root)
            loops.store_at(root, y, self.k.evaluated(place, loops), loops.stride(place))
            return
        if loops.most:
            y = total(self.b, y, partial(self.combined, root))
            y = self.b.neg(y) if root.dtype == "bool" else y
        if self.by_column(root):
            loops.variables.update({loops.axis + 1 + k: ir.Constant(I64, i) for k, i in enumerate(column)})
            self.put(root, y, self.k.evaluated(self._place(root), loops))
        elif loops.chunk is not None and level <= loops.chunk.level:
            loops.chunk.keep(root, y)
        else:
            self.put(root, y, self.k.evaluated(flat(identity(level), root.shape), loops) if root.shape else None)

    def put(self, root: Node, y: Any, place: Any) -> None:
        """Store a sum."""
        y = self.b.trunc(y, I8) if root.dtype == "bool" else y
        if root.shape:
            self.loops.store_at(root, y, place)
        else:
            self.b.store(y, self.k.slot(root))

    def join(self, wholes: dict[Node, Any]) -> None:
        """Add the sums of a block to those of all blocks."""
        for root, registers in wholes.items():
            for whole, part in zip(registers, self.running[root], strict=True):
                self.b.store(self.combined(root, self.b.load(whole), self.b.load(part)), whole)

    # ── in memory ──

    def _place(self, root: Node) -> Form:
        kept = tuple(f for k, f in enumerate(identity(self.rank)) if k not in root.info)
        return flat(kept, root.shape)

    def add_at(self, root: Node, x: Any, place: Any) -> None:
        """Add x to the sum that lies at a flat place in memory, or several to as many sums."""
        base, count = self.k.base(root), lanes(x.type)
        if count:
            before = load_lanes(self.b, base, place, 1, count, SIZES[root.dtype])
        else:
            before = self.b.load(self.b.gep(base, [place], inbounds=True))
        if root.dtype == "bool":
            before = self.b.trunc(before, like(x.type, TYPES["bool"]))
        self.loops.store_at(root, self.combined(root, before, x, False), place)

    def combined(self, root: Node, a: Any, x: Any, free: bool = True) -> Any:
        """a op x; a sum in a register may be taken in any order."""
        if root.op == "add" and root.dtype in ("f64", "f32"):
            return self.b.fadd(a, x, flags=("reassoc", "nsz") if free else ())
        if root.op in ("max", "min") and root.dtype in ("f64", "f32"):
            return intrinsic(self.b, "maximum" if root.op == "max" else "minimum", a, x)
        return SIMPLE[_COMBINES[root.op]](self.b, a, x)
