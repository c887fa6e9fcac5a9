"""Loop nests in parts: a function of its own for a range of the outermost loop, which several threads call.

Where the parts begin and end is fixed when the code is written, and their sums are added up in order: the result does
not depend on how many threads there are. What every part adds to (a sum over the outermost axis that has axes of its
own) each part has a copy of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wengert.native import assembly as ir
from wengert.native.bands import parts
from wengert.native.emit.apart import Apart, word
from wengert.native.emit.counted import Counted
from wengert.native.emit.function import Function
from wengert.native.emit.loops import BLOCK, Chunk, Loops
from wengert.native.emit.scalars import I8, I64, STORED
from wengert.native.emit.sums import start_of
from wengert.native.memory import Rows
from wengert.native.node import Node
from wengert.native.threads import NAME, PART, RUN, define_run

UNIT = BLOCK
"""The innermost loop is split at multiples of this."""
_COPIES = 1 << 14
"""Up to this many bytes of sums each part has copies of."""

Keep = Callable[[Node, Any], None]


@dataclass(frozen=True)
class Split:
    """How nests are split: the loop at `level`, of `extent`, into `count` parts of `size`."""

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
    if level is None or not all(_is_apart(root, level) for root in loops.roots):
        return None
    unit = UNIT if level == len(loops.domain) - 1 else 1
    return divided([loops], level, loops.domain[level], unit)


def divided(nests: list[Loops], level: int, extent: int, unit: int) -> Split | None:
    """A split for threads at multiples of the unit; None where threads are none, or have too much to add up."""
    split = Split(level, extent, *parts(extent, unit))
    copies = sum(root.bytes for loops in nests for root in loops.roots if split.is_shared(loops, root))
    return split if split.count > 1 and copies <= _COPIES and define_run() else None


def _is_apart(root: Node, level: int) -> bool:
    """Whether what is written for one value of the variable is not written for another; sums can be made of parts."""
    if root.kind == "insert":
        return any(k == level for _, terms in root.info for _, k in terms)
    return root.kind != "scatter"


class Part(Apart):
    """The function of a part while it is being written. The frame begins with the copies and the sums of all parts."""

    def __init__(self, parent: Function, split: Split, nests: list[Loops], rows: Rows | None = None) -> None:
        self.split, self.rows = split, rows
        self.sums = {root: loops for loops in nests for root in loops.roots if self._is_whole(loops, root)}
        self.copies: dict[Node, int] = {}
        self.copied = 0
        for loops in nests if split.count > 1 else ():
            for root in loops.roots:
                if split.is_shared(loops, root):
                    self.copies[root] = self.copied
                    self.copied += -(-root.bytes // 64) * 8
        self.sums_at = split.count * self.copied
        self.claims_at = self.sums_at + split.count * len(self.sums)
        super().__init__(parent, PART, self.claims_at + (rows is not None))
        self.here = {root: mine for mine in [Loops(self, loops.group) for loops in nests] for root in mine.roots}

    def _is_whole(self, loops: Loops, root: Node) -> bool:
        """Whether it is a sum of the whole nest."""
        return root.kind == "reduce" and loops.sums.inner(root) and loops.sums.level(root) <= self.split.level

    def base(self, node: Node, element_type: Any = None) -> Any:
        """The first element of a stored array; of what all parts add to, of this part's copy."""
        if self.rows is not None and self.layout.of[node].kind == "rows":
            return self.pointers[self.layout.of[node], str(element_type or STORED[node.dtype])]
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
        return b.add(b.mul(which, I64(len(self.sums))), I64(self.sums_at + list(self.sums).index(root)))

    def sum_so_far(self, root: Node) -> Any:
        """Where this part keeps its sum."""
        kind = I64 if root.dtype == "bool" else STORED[root.dtype]
        return word(self.b, self.frame, self.place_of_sum(self.b, self.which, root), kind)

    def begin(self) -> None:
        """Copies and sums at their start."""
        for root in self.copies:
            self.here[root].fill(root, start_of(root))
        for root in self.sums:
            self.b.store(_neutral(root), self.sum_so_far(root))

    def keep(self, root: Node, y: Any) -> None:
        """Go on with the sum of some runs of the outermost loop."""
        place = self.sum_so_far(root)
        self.b.store(self.here[root].sums.combined(root, self.b.load(place), y), place)

    # ── memory for some rows: a slot of the workspace, of which there are as many as parts ──

    def claim(self) -> None:
        """Take a slot that no part has that is running."""
        if self.rows is None:
            return
        b, before = self.b, self.b.block
        again, found = self.function.append_basic_block("again"), self.function.append_basic_block("found")
        b.branch(again)
        b.position_at_end(again)
        k = b.phi(I64)
        k.add_incoming(I64(0), before)
        self.bit = b.shl(I64(1), k)
        old = b.atomic_rmw("or", self._claims(), self.bit, "seq_cst")
        k.add_incoming(b.add(k, I64(1)), again)
        b.cbranch(b.icmp_signed("==", b.and_(old, self.bit), I64(0)), found, again)
        b.position_at_end(found)
        self.memory = b.gep(self.workspace(), [b.add(I64(self.rows.memory.at), b.mul(k, I64(self.rows.size)))])

    def release(self) -> None:
        """Give the slot back."""
        if self.rows is not None:
            self.b.atomic_rmw("and", self._claims(), self.b.xor(self.bit, I64(-1)), "seq_cst")

    def at_row(self, start: Any) -> None:
        """What has memory for the rows from `start` on only: where row 0 would be."""
        for node, at in self.rows.at.items() if self.rows is not None else ():
            offset = self.b.sub(I64(at), self.b.mul(start, I64(node.bytes // node.shape[0])))
            first = self.b.gep(self.memory, [offset])
            for kind in (I8, STORED[node.dtype]):
                self.pointers[self.layout.of[node], str(kind)] = self.b.bitcast(first, kind.as_pointer())

    def _claims(self) -> Any:
        return word(self.b, self.frame, I64(self.claims_at), I64)

    @property
    def which(self) -> Any:
        """The number of the part."""
        return self.function.args[5]


def _neutral(root: Node) -> Any:
    return ir.Constant(I64 if root.dtype == "bool" else STORED[root.dtype], start_of(root).constant)


def emit_parts(loops: Loops, split: Split) -> None:
    """Write the function of a part of a nest, and run all parts."""

    def write(part: Part, low: Any, high: Any) -> None:
        Loops(part, loops.group, Chunk(split.level, low, high, part.keep)).write()

    emit_split(loops.k, [loops], split, write)


def emit_split(
    kernel: Function,
    nests: list[Loops],
    split: Split,
    write: Callable[[Part, Any, Any], None],
    rows: Rows | None = None,
) -> None:
    """Write the function of a part of some nests, and run all parts; `write(part, low, high)` writes what it does."""
    for loops in nests:
        loops.prepare()
    part = Part(kernel, split, nests, rows)
    part.begin()
    part.claim()
    write(part, *_ends(part))
    part.release()
    part.ended()
    frame = part.framed()
    if rows is not None:
        kernel.b.store(I64(0), word(kernel.b, frame, I64(part.claims_at), I64))
    part.noted(_run(kernel, part, kernel.b.bitcast(frame, PART.args[4])))
    for root, loops in part.sums.items():
        _add_up(part, loops, root, frame)
    for loops in nests:
        for root in loops.roots:
            if root in part.copies:
                _add_copies(part, loops, root, frame)


def _ends(part: Part) -> tuple[Any, Any]:
    b, split = part.b, part.split
    if split.count == 1:
        return I64(0), I64(split.extent)
    low = b.mul(part.which, I64(split.size), flags=("nsw",))
    high, end = b.add(low, I64(split.size), flags=("nsw",)), I64(split.extent)
    return low, b.select(b.icmp_signed("<", high, end), high, end)


def _run(kernel: Function, part: Part, frame: Any) -> Any:
    b, function = kernel.b, kernel.function
    args, results, context, _, threads = function.args
    given = [args, results, context, kernel.workspace(), frame]
    if part.split.count == 1:
        return b.call(part.function, [*given, I64(0)])
    run = b.module.globals.get(NAME) or ir.Function(b.module, RUN, NAME)
    return b.call(run, [threads, I64(part.split.count), part.function, *given])


def _add_up(part: Part, loops: Loops, root: Node, frame: Any) -> None:
    """A sum of the whole nest, from those of its parts."""
    total = _neutral(root)
    for k in range(part.split.count):
        pointer = word(loops.b, frame, part.place_of_sum(loops.b, I64(k), root), total.type)
        total = loops.sums.combined(root, total, loops.b.load(pointer))
    loops.sums.put(root, total, I64(0))


def _add_copies(part: Part, loops: Loops, root: Node, frame: Any) -> None:
    """Sums with axes, from the copies of all parts."""
    b = loops.b
    with Counted(loops.k, part.split.count) as k, Counted(loops.k, root.size) as i:
        place = b.add(b.mul(k, I64(part.copied)), I64(part.copies[root]))
        x = b.load(b.gep(word(b, frame, place, STORED[root.dtype]), [i]))
        loops.sums.add_at(root, b.trunc(x, ir.IntType(1)) if root.dtype == "bool" else x, i)


__all__ = ["divided", "emit_parts", "emit_split", "split_of"]
