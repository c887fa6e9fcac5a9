"""One group as one loop nest: everything that runs over the same domain, element by element.

Where no run of a loop touches what another writes, it works on several elements at a time. A long sum
is made of the sums of blocks, so that its rounding error stays small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.demand import is_uniform, places_read
from wengert.native.emit.between import Between
from wengert.native.emit.counted import Counted
from wengert.native.emit.homes import Homes
from wengert.native.emit.routines import filled
from wengert.native.emit.scalars import I8, I64, SIMPLE
from wengert.native.emit.strips import most_lanes, room_for, store_lanes, strips
from wengert.native.emit.sums import Sums, start_of
from wengert.native.maths.lanes import lanes
from wengert.native.node import SIZES, Form, Node, compose, flat, identity
from wengert.native.piecewise import parts
from wengert.native.schedule import Group

if TYPE_CHECKING:
    from wengert.native.emit.function import Function

TINY = 64
"""The loops of a nest of so many simple operations are written out: LLVM takes a millisecond or two for a loop."""
LARGE = 5_000_000
"""Simple operations (some 0.3 ms) from which on a nest is worth a thread more."""
FEW, MOST, MUCH_CODE = 4, 7, 250
"""Inner loops of few runs are written out always; those of more where they add up, if that is not too many operations.
Other loops of 5 or more work on one vector at a time."""
BLOCK = 2048
"""A sum over more elements than this is made of sums of blocks of this many."""


@dataclass(frozen=True)
class Chunk:
    """The part of a nest that is written: the loop at `level`, from `low` to before `high`, `count` runs if that is
    known. Sums of the whole nest are handed to `keep`."""

    level: int
    low: Any
    high: Any
    keep: Callable[[Node, Any], None]
    count: int | None = None


class Loops:
    """The loop nest of one group while it is being written, or a chunk of it."""

    def __init__(self, kernel: Function, group: Group, chunk: Chunk | None = None) -> None:
        self.k, self.group, self.chunk = kernel, group, chunk
        self.roots = sorted(group.roots, key=lambda n: n.serial)
        self.domain, self.flat = self._domain()
        self.parts = parts(group.cuts, self.domain)
        self.variables: dict[int, Any] = {}
        self.box: list[tuple[int, int]] = [(0, n) for n in self.domain]
        self.mine = set(self.roots)
        self.is_large = group.work >= LARGE
        self.sums = Sums(self)
        self.is_tiny = chunk is None and group.work <= TINY
        self.axis, self.most = self._vectors()
        self.homes = Homes(kernel, len(self.domain), self.axis) if self.most else None
        self.lanes = self.run = 0
        self.between = Between(self)

    @property
    def b(self) -> Any:
        return self.k.b

    # ── several elements at a time ──

    def _vectors(self) -> tuple[int, int]:
        """The loop that works on several elements at a time, and how many at most; 0 if none does. Short innermost
        loops are written out in the loop around them."""
        last = len(self.domain) - 1
        if self.is_tiny or self.k.careful or last < 0:
            return last, 0
        for axis in (self._around_short_ones(), last):
            if self._is_parallel(axis):
                longest = max(high - low for low, high in self.parts[axis])
                size = max(4, *[SIZES[n.dtype] for n in self._met()])
                most = min(room_for(longest), most_lanes(size, self.group.work))
                return axis, most if longest > 1 else 0
        return last, 0

    def _around_short_ones(self) -> int:
        """The innermost loop that is not short, if it is long beside those inside it and they are not much code."""
        last = axis = len(self.domain) - 1
        inside = 1
        while axis and self.domain[axis] <= MOST:
            inside *= self.domain[axis]
            axis -= 1
        is_sum = all(root.kind == "reduce" and last in root.info for root in self.roots)
        fits = inside <= FEW or (inside <= MOST and is_sum and self.is_short_code(inside))
        return axis if fits and self.domain[axis] >= 2 * inside else last

    def is_short_code(self, times: int) -> bool:
        """Whether the body may be written so many times."""
        return times * (self.group.work // max(prod(self.group.domain), 1)) <= MUCH_CODE

    def _met(self) -> set[Node]:
        """The nodes whose elements are computed or read."""
        seen: set[Node] = set()
        stack = list(self.roots)
        while stack:
            node = stack.pop()
            if node not in seen:
                seen.add(node)
                stack.extend(a for a in node.args if node in self.mine or node not in self.k.plan.stored)
        return seen

    def stride(self, form: Form) -> int:
        """How far apart the places of neighbouring elements are."""
        return 1 if self.flat else sum(a for a, k in form[1] if k == self.axis)

    def _across(self, level: int, low: Any, count: Any) -> None:
        """The loop in vectors: strips of several elements, then those that are left."""
        if not isinstance(count, int):
            rest = self.b.and_(count, ir.Constant(I64, self.most - 1))
            whole = self.b.sub(count, rest, flags=("nsw",))
            self._strip(level, low, whole, self.most)
            self._strip(level, self.b.add(low, whole, flags=("nsw",)), rest, 0)
            return
        several = self.sums.is_beside()
        runs = [(*run, 1) for run in self.sums.runs] if several else strips(count, self.most)
        for self.run, (width, first, many) in enumerate(runs):
            start = low + first if isinstance(low, int) else self._from(first, low)
            self._strip(level, start, many * max(width, 1), width)

    def _strip(self, level: int, low: Any, count: Any, width: int) -> None:
        with Counted(self.k, count, step=max(width, 1)) as i:
            self.lanes = width
            self.variables[level] = self._from(low, i)
            if self.homes is not None:
                self.homes.forget(level + 1)
            self.between.begin()
            self._descend(level + 1)
            self.between.end()
        self.lanes = 0

    # ── what the loops run over ──

    def _domain(self) -> tuple[tuple[int, ...], bool]:
        """The extents of the loops; one loop over all elements where every access is in C order."""
        domain = self.group.domain
        if len(domain) < 2 or self.group.cuts or not self._in_order():
            return domain, False
        return (prod(domain),), True

    def _in_order(self) -> bool:
        """Whether everything is read and written at the place that is computed, or is one number."""
        rank = len(self.group.domain)
        here = identity(rank)
        seen: set[Any] = set()
        stack: list[Any] = []
        for root in self.roots:
            if root.kind == "reduce" and len(root.info) != rank:
                return False
            if root.kind == "scatter" or (root.kind == "insert" and root.shape != root.args[1].shape):
                return False
            if root.kind == "insert" and root.info != here:
                return False
            stack.extend(places_read(root, here))
        while stack:
            n, at = stack.pop()
            if not n.shape or (n, at) in seen:
                continue
            seen.add((n, at))
            if at != here or n.shape != self.group.domain or n.kind == "index":
                return False
            if n in self.k.plan.stored:
                continue
            if n.kind == "reshape":
                continue
            stack.extend(places_read(n, at))
        return True

    # ── the nest ──

    def emit(self) -> None:
        """Write the loops."""
        self.prepare()
        if not prod(self.group.domain):
            self._nothing()
            return
        self.write()

    def write(self) -> None:
        """Write the loops alone."""
        self._descend(0)

    def prepare(self) -> None:
        """Numbers that are needed, memory that is written to in part, and sums at their start."""
        for root in self.roots:
            if root.kind in ("insert", "scatter") and not self._follows(root):
                if root not in self.k.layout.in_place:
                    self._fill_base(root)
            elif root.kind == "reduce" and self.sums.needs_memory(root):
                self.fill(root, start_of(root))

    def _nothing(self) -> None:
        """Reductions of no elements."""
        for root in self.roots:
            if root.kind != "reduce" or not self.sums.in_register(root):
                continue
            if root.shape:
                self.fill(root, start_of(root))
            else:
                self.b.store(self.k.stored_form(start_of(root)), self.k.slot(root))

    def _follows(self, root: Node) -> bool:
        """Whether what is written into is itself computed in this nest (which then has no loop): before it."""
        return root.args[0] in self.mine

    def _fill_base(self, root: Node) -> None:
        base = root.args[0]
        if is_uniform(base):
            self.fill(root, self.k.number(base.args[0]))
        else:
            self.k.copy(self.k.base(root, I8), self.k.base(base, I8), root.bytes)

    def fill(self, node: Node, value: Any) -> None:
        """Store a number at every place of the node's memory."""
        if self.is_tiny and node.size <= TINY:
            for k in range(node.size):
                self.b.store(self.k.stored_form(value), self.b.gep(self.k.base(node), [I64(k)], inbounds=True))
            return
        filled(self.k, node, self.k.stored_form(value))

    def _descend(self, level: int) -> None:
        """The loop at a level, and those inside."""
        if level == len(self.domain):
            self._body()
        elif self.homes is not None and level <= self.axis:
            with self.homes.before(level):
                self._loop(level)
        else:
            self._loop(level)

    def _loop(self, level: int) -> None:
        """The loop at a level; sums that belong to this level begin before and end after it."""
        begun = self.sums.begin_at(level)
        self.sums.running.update({root: self.sums.register(root) for root in begun})
        last, extent = self.axis if self.most else len(self.domain) - 1, self.domain[level]
        known = self._known_count(level)
        blocked = level == last and (known or extent) > BLOCK and any(r.op == "add" for r in self.sums.running)
        for low, high in self.parts[level]:
            self.box[level] = low, high
            low, high = self._ends(level, low, high)
            if blocked:
                self._in_blocks(level, low, high)
            else:
                self._plain(level, low, known or self._between(low, high))
        for root in begun:
            self.sums.end(root, level)

    def _known_count(self, level: int) -> int | None:
        """How often the loop runs, where that of a chunk is known."""
        chunk = self.chunk
        return chunk.count if chunk and chunk.level == level and len(self.parts[level]) == 1 else None

    def _ends(self, level: int, low: int, high: int) -> tuple[Any, Any]:
        """Where the loop over a part of its extent begins, and ends (there, where the chunk is elsewhere)."""
        chunk = self.chunk
        if chunk is None or chunk.level != level:
            return low, high
        if len(self.parts[level]) == 1:
            return chunk.low, chunk.high
        begin = SIMPLE["max_i"](self.b, ir.Constant(I64, low), chunk.low)
        end = SIMPLE["min_i"](self.b, ir.Constant(I64, high), chunk.high)
        return begin, SIMPLE["max_i"](self.b, begin, end)

    def _between(self, low: Any, high: Any) -> Any:
        """high − low."""
        return high - low if isinstance(low, int) and isinstance(high, int) else self.b.sub(high, low, flags=("nsw",))

    def _plain(self, level: int, low: Any, count: Any) -> None:
        """Sums of several levels are made of sums of their innermost level."""
        if self.most and level == self.axis:
            self._across(level, low, count)
            return
        if self.is_tiny or (self.most and level > self.axis):
            for k in range(low, low + count):
                self.variables[level] = ir.Constant(I64, k)
                if self.homes is not None:
                    self.homes.inside[level] = k
                self._descend(level + 1)
            return
        with Counted(self.k, count) as i:
            self.variables[level] = self._from(low, i)
            self._descend(level + 1)

    def _is_parallel(self, axis: int) -> bool:
        """Whether no run of a loop touches memory that another writes to."""
        axis = len(self.group.domain) - 1 if self.flat else axis
        for root in self.roots:
            along = [k for _, terms in root.info for _, k in terms] if root.kind == "insert" else [axis]
            summed = root.kind == "reduce" and not self.sums.is_apart(root, axis)
            if root.kind == "scatter" or summed or axis not in along:
                return False
        return axis >= 0

    def _from(self, low: Any, i: Any) -> Any:
        """low + i."""
        if isinstance(i, ir.Constant):
            return ir.Constant(I64, low) if isinstance(low, int) else low
        if low == 0:
            return i
        return self.b.add(i, ir.Constant(I64, low) if isinstance(low, int) else low, flags=("nsw",))

    def _in_blocks(self, level: int, low: Any, high: Any) -> None:
        totals = dict(self.sums.running)
        if not isinstance(low, int):
            many = self.b.add(self._between(low, high), ir.Constant(I64, BLOCK - 1))
            blocks = self.b.udiv(many, ir.Constant(I64, BLOCK))
            with Counted(self.k, blocks) as block:
                start = self.b.add(low, self.b.mul(block, ir.Constant(I64, BLOCK), flags=("nsw",)), flags=("nsw",))
                end = SIMPLE["min_i"](self.b, self.b.add(start, ir.Constant(I64, BLOCK), flags=("nsw",)), high)
                self._one_block(level, self._between(start, end), start, totals)
            self.sums.running = totals
            return
        full, rest = divmod(high - low, BLOCK)
        if full:
            with Counted(self.k, full) as block:
                start = self.b.mul(block, ir.Constant(I64, BLOCK), flags=("nsw",))
                self._one_block(level, BLOCK, self._from(low, start), totals)
        if rest:
            self._one_block(level, rest, low + full * BLOCK, totals)
        self.sums.running = totals

    def _one_block(self, level: int, count: Any, start: Any, totals: dict[Node, Any]) -> None:
        self.sums.running = {root: self.sums.register(root) for root in totals}
        if self.most:
            self._across(level, start, count)
        else:
            with Counted(self.k, count) as i:
                self.variables[level] = self._from(start, i)
                self._descend(level + 1)
        self.sums.join(totals)

    # ── one element ──

    def _body(self) -> None:
        here = identity(len(self.group.domain))
        memo: Any = {} if self.homes is None else self.homes
        for root in self.roots:
            self._root(root, here, memo)

    def _root(self, root: Node, here: tuple[Form, ...], memo: Any) -> None:
        if root.kind in ("insert", "scatter") and self._follows(root) and root not in self.k.layout.in_place:
            self._fill_base(root)
        if root.kind == "reduce":
            self.sums.take_in(root, self._in_lanes(self.value(root.args[0], here, memo)))
        elif root.kind == "insert":
            v = self.value(root.args[1], here if root.args[1].shape else (), memo)
            self._store(root, v, compose(root.info, here))
        elif root.kind == "scatter":
            self._scatter(root, here, memo)
        else:
            y = self.k.computed(root, here, memo, self)
            memo[root, here] = y
            self._store(root, y, here)

    def value(self, node: Node, at: tuple[Form, ...], memo: Any) -> Any:
        """The element of a node at a place of this nest."""
        return self.k.value(node, at, memo, self)

    def is_mine(self, node: Node) -> bool:
        """Whether the node is computed by this nest, so that its value here is in a register."""
        return node in self.mine and node.kind not in ("reduce", "insert", "scatter")

    def _in_lanes(self, x: Any) -> Any:
        """One value for all elements is one in each lane."""
        return self.homes.in_lanes(x, self.lanes) if self.homes is not None and self.lanes else x

    def _scatter(self, root: Node, here: tuple[Form, ...], memo: Any) -> None:
        place = self.value(root.args[1], here if root.args[1].shape else (), memo)
        v = self.value(root.args[2], here if root.args[2].shape else (), memo)
        if root.op == "add":
            address = self.b.gep(self.k.base(root), [place], inbounds=True)
            before = self.b.load(address)
            v = SIMPLE["add"](self.b, before, v)
        self.store_at(root, v, place)

    def _store(self, node: Node, y: Any, forms: tuple[Form, ...]) -> None:
        """Write an element, or several."""
        y = self._in_lanes(y)
        if not node.shape:
            self.b.store(self.k.stored_form(y), self.k.slot(node))
        elif self.flat:
            self.store_at(node, y, self.variables[0])
        else:
            place = flat(forms, node.shape)
            stride = self.stride(place)
            if self.between.fits(stride):
                self.between.put(node, self.k.stored_form(y), place, stride)
            else:
                self.store_at(node, y, self.k.evaluated(place, self), stride)

    def store_at(self, node: Node, y: Any, place: Any, stride: int = 1) -> None:
        """Write an element to a flat place, or several."""
        y, base = self.k.stored_form(y), self.k.base(node)
        if lanes(y.type):
            store_lanes(self.b, y, base, place, stride, SIZES[node.dtype])
        else:
            self.b.store(y, self.b.gep(base, [place], inbounds=True))
