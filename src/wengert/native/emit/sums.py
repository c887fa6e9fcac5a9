"""Reductions of a loop nest: where each is kept while the loops run, and how it begins, goes on and ends.

A reduction over all axes, or over the last ones, is kept in a register: with a sum in each lane where the loop works on
vectors, which are added up at its end. Over a short last axis, which is written out, each lane has the sum of its own
element. One over the axes before a last axis that a few vectors hold is in registers too. Others lie in memory; what
they sum over the last axes comes from a register.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.native import assembly as ir
from wengert.native.emit.scalars import I8, I64, SIMPLE, TYPES, intrinsic
from wengert.native.emit.strips import load_lanes, padded, room_for, shortened, strips, total
from wengert.native.maths.lanes import constant, lanes, like, vector
from wengert.native.node import SIZES, Form, Node, flat, identity

if TYPE_CHECKING:
    from wengert.native.emit.loops import Loops

FEW = 4
"""Up to so many vectors hold the sums beside each other along the last axis."""
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
        return self.tail(root) == len(root.info)

    def tail(self, root: Node) -> int:
        """Over how many of the last axes it is."""
        count = 0
        while count < len(root.info) and root.info[-1 - count] == self.rank - 1 - count:
            count += 1
        return count

    def beside(self, root: Node) -> bool:
        """Whether it is over the axes before the last one, which a few vectors hold."""
        loops = self.loops
        if not loops.most or loops.axis < len(loops.domain) - 1 or not self.ends_at(root, self.rank - 2):
            return False
        return len(loops.parts[-1]) == 1 and len(self.runs) <= 1 + (FEW - 1) * loops.is_short_code(FEW)

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """(lanes, first) for each run of the last loop, if it is done in vectors."""
        found = strips(self.loops.group.domain[-1], self.loops.most)
        return [(width, first + k * max(width, 1)) for width, first, many in found for k in range(many)]

    def is_beside(self) -> bool:
        """Whether there are sums in several registers, one for each run."""
        return len(self.runs) > 1 and any(root.kind == "reduce" and self.beside(root) for root in self.loops.roots)

    def by_column(self, root: Node) -> bool:
        """Whether it is over the axes before those that are written out: each of its elements has a register."""
        loops = self.loops
        return bool(loops.most) and loops.axis < len(loops.domain) - 1 and self.ends_at(root, loops.axis)

    def ends_at(self, root: Node, axis: int) -> bool:
        """Whether it is over axes up to that one."""
        return root.info == tuple(range(root.info[0], axis + 1))

    def is_added(self, root: Node) -> bool:
        """Whether its end is added to what lies in memory: other runs of its loops have been, or will be."""
        if self.inner(root):
            return False
        loops = self.loops
        in_parts = loops.is_large or loops.group.divided
        return self.tail(root) > 0 or (in_parts and root.info[0] <= self._outermost())

    def _outermost(self) -> int:
        return next((k for k, n in enumerate(self.loops.group.domain) if n > 1), 0)

    def is_apart(self, root: Node, axis: int) -> bool:
        """Whether lanes along an axis would not add to the same memory."""
        if self.inner(root) or (self.tail(root) and (axis not in root.info or axis >= self.level(root))):
            return True
        return axis not in root.info if axis == self.rank - 1 else self.ends_at(root, axis)

    def by_lane(self, root: Node) -> bool:
        """Whether each lane has a sum of its own."""
        return bool(self.loops.most) and self.tail(root) > 0 and self.level(root) > self.loops.axis

    def in_register(self, root: Node) -> bool:
        """Whether no memory need be prepared."""
        return self.inner(root) or self.beside(root) or self.by_column(root)

    def needs_memory(self, root: Node) -> bool:
        """Whether its memory is at its start before the loops run."""
        return bool(root.shape) and (not self.in_register(root) or self.is_added(root))

    def level(self, root: Node) -> int:
        """Of one over the last axes: the outermost of their loops."""
        return 0 if self.loops.flat else self.rank - self.tail(root)

    def begin_at(self, level: int) -> list[Node]:
        """Those that begin before the loop at a level, and end after it."""
        return [r for r in self.loops.roots if r.kind == "reduce" and self._begins(r, level)]

    def _begins(self, root: Node, level: int) -> bool:
        return self.level(root) == level if self.tail(root) else self.in_register(root) and root.info[0] == level

    # ── how they begin, go on, and end ──

    def register(self, root: Node) -> list[Any]:
        """A register, at its start, or one for each column, or run. A truth value is kept as a whole number."""
        if self.beside(root):
            # LLVM takes vectors that are no power of two apart where they go from one block to another.
            return [self._register(root, room_for(width)) for width, _ in self.runs]
        width = self.loops.lanes if self.by_lane(root) else self.loops.most
        many = len(self._columns()) if self.by_column(root) else 1
        return [self._register(root, room_for(width)) for _ in range(many)]

    def _columns(self) -> list[tuple[int, ...]]:
        """The places in the loops that are written out."""
        return list(np.ndindex(self.loops.group.domain[self.loops.axis + 1 :]))

    def _register(self, root: Node, width: int) -> Any:
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
        pointer = self.running[root][self._which(root)]
        if root.dtype == "bool":
            x = (self.b.sext if self.loops.most else self.b.zext)(x, like(x.type, I64))
        held = self.b.load(pointer)
        if self.loops.most:
            x = padded(self.b, x, lanes(held.type), self._neutral(root))
        self.b.store(self.combined(root, held, x, not self.beside(root)), pointer)

    def _which(self, root: Node) -> int:
        """Which of its registers goes on."""
        homes = self.loops.homes
        if homes is not None and self.by_column(root):
            return self._columns().index(tuple(homes.inside.values()))
        return self.loops.run if self.beside(root) else 0

    def end(self, root: Node, level: int) -> None:
        """Into memory at the place of the outer loops, or into the slot of a number."""
        loops, held = self.loops, [self.b.load(pointer) for pointer in self.running.pop(root)]
        if self.beside(root):
            for y, (width, first) in zip(held, self.runs, strict=True):
                loops.variables[loops.axis] = I64(first)
                self._end_in_lanes(root, shortened(self.b, y, width))
        elif self.by_lane(root):
            self._end_in_lanes(root, shortened(self.b, held[0], loops.lanes))
        elif self.by_column(root):
            for y, column in zip(held, self._columns(), strict=True):
                loops.variables.update({loops.axis + 1 + k: I64(i) for k, i in enumerate(column)})
                self._end_at(root, self._as_one(root, y))
        else:
            self._end(root, self._as_one(root, held[0]), level)

    def _end_in_lanes(self, root: Node, y: Any) -> None:
        place = self._place(root)
        stride = self.loops.stride(place)
        y = self.b.trunc(self.b.neg(y), like(y.type, I8)) if root.dtype == "bool" else y
        if self.is_added(root):
            self.add_at(root, self._truth(root, y), self.k.evaluated(place, self.loops), stride)
        else:
            self.loops.store_at(root, y, self.k.evaluated(place, self.loops), stride)

    def _as_one(self, root: Node, y: Any) -> Any:
        """All lanes."""
        if not self.loops.most:
            return y
        y = total(self.b, y, partial(self.combined, root))
        return self.b.neg(y) if root.dtype == "bool" else y

    def _end(self, root: Node, y: Any, level: int) -> None:
        loops = self.loops
        if not self.inner(root):
            self._end_at(root, y)
        elif loops.chunk is not None and level <= loops.chunk.level:
            loops.chunk.keep(root, y)
        else:
            self.put(root, y, self.k.evaluated(flat(identity(level), root.shape), loops) if root.shape else None)

    def _end_at(self, root: Node, y: Any) -> None:
        place = self.k.evaluated(self._place(root), self.loops)
        if self.is_added(root):
            self.add_at(root, self._truth(root, y), place)
        else:
            self.put(root, y, place)

    def _truth(self, root: Node, y: Any) -> Any:
        """What was kept, as it is computed with."""
        return self.b.trunc(y, like(y.type, TYPES["bool"])) if root.dtype == "bool" else y

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

    def add_at(self, root: Node, x: Any, place: Any, stride: int = 1) -> None:
        """Add x to the sum that lies at a flat place in memory, or several to as many sums, `stride` apart."""
        base, count = self.k.base(root), lanes(x.type)
        if count:
            before = load_lanes(self.b, base, place, stride, count, SIZES[root.dtype])
        else:
            before = self.b.load(self.b.gep(base, [place], inbounds=True))
        if root.dtype == "bool":
            before = self.b.trunc(before, like(x.type, TYPES["bool"]))
        self.loops.store_at(root, self.combined(root, before, x, False), place, stride)

    def combined(self, root: Node, a: Any, x: Any, free: bool = True) -> Any:
        """a op x; a sum in a register may be taken in any order."""
        if root.op == "add" and root.dtype in ("f64", "f32"):
            return self.b.fadd(a, x, flags=("reassoc", "nsz") if free else ())
        if root.op in ("max", "min") and root.dtype in ("f64", "f32"):
            return intrinsic(self.b, "maximum" if root.op == "max" else "minimum", a, x)
        return SIMPLE[_COMBINES[root.op]](self.b, a, x)
