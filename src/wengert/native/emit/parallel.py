"""A large loop nest in parts: a function of its own for a range of the outermost loop, which several threads call.

Where the parts begin and end is fixed when the code is written, and their sums are added up in order: the result does
not depend on how many threads there are. What every part adds to (a sum over the outermost axis that has axes of its
own) each part has a copy of.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wengert.native import assembly as ir
from wengert.native.emit.apart import Apart, word
from wengert.native.emit.counted import Counted
from wengert.native.emit.function import Function
from wengert.native.emit.loops import BLOCK, Chunk, Loops
from wengert.native.emit.scalars import I64, STORED
from wengert.native.emit.sums import start_of
from wengert.native.node import Node
from wengert.native.threads import NAME, PART, RUN, define_run

UNIT = BLOCK
"""The innermost loop is split at multiples of this."""
_MOST = 16
_COPIES = 1 << 14
"""Up to this many bytes of sums each part has copies of."""


@dataclass(frozen=True)
class Split:
    """How a nest is split: the loop at `level`, of `extent`, into `count` parts of `size`."""

    level: int
    extent: int
    size: int
    count: int

    def is_shared(self, loops: Loops, root: Node) -> bool:
        """Whether all parts add to the same memory."""
        return root.kind == "reduce" and not loops.sums.inner(root) and self.level in root.info


def split_of(loops: Loops) -> Split | None:
    """How the nest is split, if it is large and its parts do not write to the same places."""
    if not loops.is_large:
        return None
    level = next((k for k, n in enumerate(loops.domain) if n > 1), None)
    if level is None or not all(_is_apart(root, level) for root in loops.roots) or not define_run():
        return None
    extent = loops.domain[level]
    unit = UNIT if level == len(loops.domain) - 1 else 1
    units = -(-extent // unit)
    size = unit * -(-units // _MOST)
    split = Split(level, extent, size, -(-extent // size))
    copies = sum(root.bytes for root in loops.roots if split.is_shared(loops, root))
    return split if split.count > 1 and copies <= _COPIES else None


def _is_apart(root: Node, level: int) -> bool:
    """Whether what is written for one value of the variable is not written for another; sums can be made of parts."""
    if root.kind == "insert":
        return any(k == level for _, terms in root.info for _, k in terms)
    return root.kind != "scatter"


class Part(Apart):
    """The function of a part while it is being written. The frame begins with the copies and the sums of all parts."""

    def __init__(self, parent: Function, split: Split, sums: list[Node], shared: list[Node]) -> None:
        self.split, self.sums = split, sums
        self.copies: dict[Node, int] = {}
        self.copied = 0
        for root in shared:
            self.copies[root] = self.copied
            self.copied += -(-root.bytes // 64) * 8
        self.sums_at = split.count * self.copied
        super().__init__(parent, PART, self.sums_at + split.count * len(sums))

    def base(self, node: Node, element_type: Any = None) -> Any:
        """The first element of a stored array; of what all parts add to, of this part's copy."""
        if node not in self.copies:
            return super().base(node, element_type)
        key = ("copy", node, str(element_type))
        if key not in self.pointers:
            b = ir.IRBuilder(self.entry)
            place = b.add(b.mul(self.which, I64(self.copied)), I64(self.copies[node]))
            self.pointers[key] = word(b, self.frame, place, element_type or STORED[node.dtype])
        return self.pointers[key]

    def place_of_sum(self, b: Any, which: Any, root: Node) -> Any:
        """The word of the frame for a part's sum."""
        return b.add(b.mul(which, I64(len(self.sums))), I64(self.sums_at + self.sums.index(root)))

    @property
    def which(self) -> Any:
        """The number of the part."""
        return self.function.args[5]


def emit_parts(loops: Loops, split: Split) -> None:
    """Write the function of a part, and run all parts."""
    kernel = loops.k
    loops.prepare()
    sums = [r for r in loops.roots if r.kind == "reduce" and loops.sums.inner(r) and loops.sums.level(r) <= split.level]
    part = Part(kernel, split, sums, [r for r in loops.roots if split.is_shared(loops, r)])
    _write(part, loops)
    frame = part.framed()
    part.noted(_run(kernel, part, kernel.b.bitcast(frame, PART.args[4])))
    for root in sums:
        _add_up(part, loops, root, frame)
    for root in part.copies:
        _add_copies(part, loops, root, frame)


def _write(part: Part, loops: Loops) -> None:
    b, split = part.b, part.split
    low = b.mul(part.which, I64(split.size), flags=("nsw",))
    high, end = b.add(low, I64(split.size), flags=("nsw",)), I64(split.extent)
    high = b.select(b.icmp_signed("<", high, end), high, end)

    def keep(root: Node, y: Any) -> None:
        b.store(y, word(b, part.frame, part.place_of_sum(b, part.which, root), y.type))

    mine = Loops(part, loops.group, Chunk(split.level, low, high, keep))
    for root in part.copies:
        mine.fill(root, start_of(root))
    mine.write()
    part.ended()


def _run(kernel: Function, part: Part, frame: Any) -> Any:
    b, function = kernel.b, kernel.function
    run = b.module.globals.get(NAME) or ir.Function(b.module, RUN, NAME)
    args, results, context, _, threads = function.args
    given = [part.function, args, results, context, kernel.workspace(), frame]
    return b.call(run, [threads, I64(part.split.count), *given])


def _add_up(part: Part, loops: Loops, root: Node, frame: Any) -> None:
    """A sum of the whole nest, from those of its parts."""
    kind = I64 if root.dtype == "bool" else STORED[root.dtype]
    total = ir.Constant(kind, start_of(root).constant)
    for k in range(part.split.count):
        pointer = word(loops.b, frame, part.place_of_sum(loops.b, I64(k), root), kind)
        total = loops.sums.combined(root, total, loops.b.load(pointer))
    loops.sums.put(root, total, I64(0))


def _add_copies(part: Part, loops: Loops, root: Node, frame: Any) -> None:
    """Sums with axes, from the copies of all parts."""
    b = loops.b
    with Counted(loops.k, part.split.count) as k, Counted(loops.k, root.size) as i:
        place = b.add(b.mul(k, I64(part.copied)), I64(part.copies[root]))
        x = b.load(b.gep(word(b, frame, place, STORED[root.dtype]), [i]))
        loops.sums.add_at(root, b.trunc(x, ir.IntType(1)) if root.dtype == "bool" else x, i)


__all__ = ["emit_parts", "split_of"]
