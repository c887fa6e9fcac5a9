"""One group as one loop nest: everything that runs over the same domain, element by element.

Sums over all axes, or over the last ones, are kept in registers; sums over other axes are kept in
memory. A long sum is made of the sums of blocks, so that its rounding error stays small and does
not depend on how the loop is vectorised.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from math import prod
from typing import TYPE_CHECKING, Any

from llvmlite import ir

from wengert.native.demand import is_uniform, places_read
from wengert.native.emit.counted import Counted
from wengert.native.emit.routines import filled
from wengert.native.emit.scalars import F64, I8, I64, SIMPLE, TYPES, hidden, intrinsic
from wengert.native.maths.loop import AccessGroup
from wengert.native.memory import Memory
from wengert.native.node import Form, Node, compose, flat, identity
from wengert.native.piecewise import parts
from wengert.native.schedule import Group

if TYPE_CHECKING:
    from wengert.native.emit.function import Function

TINY = 64
"""The loops of a nest of so many simple operations are written out: LLVM takes a millisecond or two for a loop."""
BLOCK = 2048
"""A sum over more elements than this is made of sums of blocks of this many."""

_STARTS: dict[str, Any] = {
    "add": 0, "mul": 1, "max": float("-inf"), "min": float("inf"), "any": 0, "all": 1,
}  # fmt: skip
_COMBINES = {"add": "add", "mul": "mul", "max": "maximum", "min": "minimum", "any": "or", "all": "and"}


_NAMES = 8
"""An array that is read at several distances goes by so many names: each takes a register."""
_names = count()
"""Every nest has scopes of its own: memory is used again from one nest to the next."""


@dataclass(frozen=True)
class Chunk:
    """The part of a nest that is written: the loop at `level`, from `low` to before `high`. Sums of the whole nest
    are handed to `keep`."""

    level: int
    low: Any
    high: Any
    keep: Callable[[Node, Any], None]


class Loops:
    """The loop nest of one group while it is being written, or a chunk of it."""

    def __init__(self, kernel: Function, group: Group, chunk: Chunk | None = None) -> None:
        self.k, self.group, self.chunk = kernel, group, chunk
        self.roots = sorted(group.roots, key=lambda n: n.serial)
        self.domain, self.flat = self._domain()
        self.parts = parts(group.cuts, self.domain)
        self.variables: dict[int, Any] = {}
        self.box: list[tuple[int, int]] = [(0, n) for n in self.domain]
        self.scopes: dict[Memory, Any] = {}
        self.marked: list[tuple[Any, Memory]] = []
        self.mine = set(self.roots)
        self.sums: dict[Node, Any] = {}
        self.apart = AccessGroup(kernel.b.module) if self._is_parallel() else None
        self.distances: dict[Any, list[tuple[int, ...]]] = {}
        self.is_tiny = chunk is None and group.work <= TINY

    @property
    def b(self) -> Any:
        return self.k.b

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
        self._mark()

    def prepare(self) -> None:
        """Numbers that are needed, memory that is written to in part, and sums at their start."""
        for root in self.roots:
            if root.kind in ("insert", "scatter") and not self._follows(root):
                if root not in self.k.layout.in_place:
                    self._fill_base(root)
            elif root.kind == "reduce" and root.shape and not self.inner(root):
                self.fill(root, start_of(root))

    def _nothing(self) -> None:
        """Reductions of no elements."""
        for root in self.roots:
            if root.kind != "reduce" or not self.inner(root):
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

    def inner(self, root: Node) -> bool:
        """Whether a reduction is over all axes or the last ones, so that a register holds it."""
        rank, axes = len(self.group.domain), root.info
        return axes == tuple(range(rank - len(axes), rank))

    def _descend(self, level: int) -> None:
        """The loop at a level, and those inside; sums that belong to this level begin before and end after it."""
        if level == len(self.domain):
            self._body()
            return
        begun = [r for r in self.roots if r.kind == "reduce" and self.inner(r) and self.level(r) == level]
        for root in begun:
            self.sums[root] = self._register(root)
        last, extent = level == len(self.domain) - 1, self.domain[level]
        blocked = last and extent > BLOCK and any(r in self.sums and r.op == "add" for r in self.roots)
        for low, high in self.parts[level]:
            self.box[level] = low, high
            (self._in_blocks if blocked else self._plain)(level, *self._ends(level, low, high))
            if len(self.parts[level]) > 1:
                self._settle()
        for root in begun:
            self._deliver(root, level)

    def _ends(self, level: int, low: int, high: int) -> tuple[Any, Any]:
        """Where the loop over a part of its extent begins and ends."""
        chunk = self.chunk
        if chunk is None or chunk.level != level:
            return low, high
        if len(self.parts[level]) == 1:
            return chunk.low, chunk.high
        ends = ir.Constant(I64, low), ir.Constant(I64, high)
        return SIMPLE["max_i"](self.b, ends[0], chunk.low), SIMPLE["min_i"](self.b, ends[1], chunk.high)

    def _between(self, low: Any, high: Any) -> Any:
        """high − low."""
        return high - low if isinstance(low, int) and isinstance(high, int) else self.b.sub(high, low, flags=("nsw",))

    def level(self, root: Node) -> int:
        return 0 if self.flat else len(self.group.domain) - len(root.info)

    def _plain(self, level: int, low: Any, high: Any) -> None:
        """Sums of several levels are made of sums of their innermost level."""
        if self.is_tiny:
            for k in range(low, high):
                self.variables[level] = ir.Constant(I64, k)
                self._descend(level + 1)
            return
        with Counted(self.k, self._between(low, high), self._marks(level)) as i:
            self.variables[level] = self._from(low, i)
            self._descend(level + 1)

    def _marks(self, level: int) -> AccessGroup | None:
        return self.apart if level == len(self.domain) - 1 else None

    def _is_parallel(self) -> bool:
        """Whether no run of the innermost loop touches memory that another writes to."""
        last = len(self.group.domain) - 1
        for root in self.roots:
            along = [k for _, terms in root.info for _, k in terms] if root.kind == "insert" else [last]
            summed = root.kind == "reduce" and not self.inner(root) and last in root.info
            if root.kind == "scatter" or summed or last not in along:
                return False
        return last >= 0

    def _from(self, low: Any, i: Any) -> Any:
        """low + i."""
        if isinstance(i, ir.Constant):
            return ir.Constant(I64, low) if isinstance(low, int) else low
        if low == 0:
            return i
        return self.b.add(i, ir.Constant(I64, low) if isinstance(low, int) else low, flags=("nsw",))

    def _in_blocks(self, level: int, low: Any, high: Any) -> None:
        totals = dict(self.sums)
        if not isinstance(low, int):
            many = self.b.add(self._between(low, high), ir.Constant(I64, BLOCK - 1))
            blocks = self.b.udiv(many, ir.Constant(I64, BLOCK))
            with Counted(self.k, blocks) as block:
                start = self.b.add(low, self.b.mul(block, ir.Constant(I64, BLOCK), flags=("nsw",)), flags=("nsw",))
                end = SIMPLE["min_i"](self.b, self.b.add(start, ir.Constant(I64, BLOCK), flags=("nsw",)), high)
                self._one_block(level, self._between(start, end), start, totals)
            self.sums = totals
            return
        full, rest = divmod(high - low, BLOCK)
        if full:
            with Counted(self.k, full) as block:
                start = self.b.mul(block, ir.Constant(I64, BLOCK), flags=("nsw",))
                self._one_block(level, BLOCK, self._from(low, start), totals)
        if rest:
            self._one_block(level, rest, low + full * BLOCK, totals)
        self.sums = totals

    def _one_block(self, level: int, count: Any, start: Any, totals: dict[Node, Any]) -> None:
        self.sums = {root: self._register(root) for root in totals}
        with Counted(self.k, count, self._marks(level)) as i:
            self.variables[level] = self._from(start, i)
            self._descend(level + 1)
        for root, total in totals.items():
            part = self.b.load(self.sums[root])
            self.b.store(self.combined(root, self.b.load(total), part), total)

    def _settle(self) -> None:
        """Let LLVM not merge the end of a sum in one part with the next part: neither is vectorised then."""
        for pointer in self.sums.values():
            x = self.b.load(pointer)
            if x.type in (I64, F64):
                self.b.store(self.b.bitcast(hidden(self.b, self.b.bitcast(x, I64), 0), x.type), pointer)

    def _register(self, root: Node) -> Any:
        """A truth value is kept as a whole number."""
        kind = I64 if root.dtype == "bool" else TYPES[root.dtype]
        pointer = self.k.alloca(kind)
        self.b.store(ir.Constant(kind, start_of(root).constant), pointer)
        return pointer

    def _deliver(self, root: Node, level: int) -> None:
        """The end of a sum: into memory at the place of the outer loops, or into the slot of a number."""
        y = self.b.load(self.sums.pop(root))
        if self.chunk is not None and level <= self.chunk.level:
            self.chunk.keep(root, y)
        else:
            self.put(root, y, self.k.evaluated(flat(identity(level), root.shape), self) if root.shape else None)

    def put(self, root: Node, y: Any, place: Any) -> None:
        """Store a sum."""
        y = self.b.trunc(y, I8) if root.dtype == "bool" else y
        if root.shape:
            self._store(root, y, place)
        else:
            self.b.store(y, self.k.slot(root))

    # ── one element ──

    def _body(self) -> None:
        here = identity(len(self.group.domain))
        memo: dict[Any, Any] = {}
        for root in self.roots:
            self._root(root, here, memo)

    def _root(self, root: Node, here: tuple[Form, ...], memo: dict[Any, Any]) -> None:
        if root.kind in ("insert", "scatter") and self._follows(root) and root not in self.k.layout.in_place:
            self._fill_base(root)
        if root.kind == "reduce":
            x = self.value(root.args[0], here, memo)
            self._accumulate(root, x)
        elif root.kind == "insert":
            v = self.value(root.args[1], here if root.args[1].shape else (), memo)
            self._store(root, v, self._place(compose(root.info, here), root))
        elif root.kind == "scatter":
            self._scatter(root, here, memo)
        else:
            y = self.k.computed(root, here, memo, self)
            memo[root, here] = y
            self._store(root, y, self._place(here, root))

    def value(self, node: Node, at: tuple[Form, ...], memo: dict[Any, Any]) -> Any:
        """The element of a node at a place of this nest."""
        return self.k.value(node, at, memo, self)

    def is_mine(self, node: Node) -> bool:
        """Whether the node is computed by this nest, so that its value here is in a register."""
        return node in self.mine and node.kind not in ("reduce", "insert", "scatter")

    def distance(self, node: Node, forms: tuple[Form, ...], by: Node | None) -> int:
        """A number for how far a place is from where else the nest reads the array; 0 for the first one.
        LLVM would carry the elements along from run to run instead of reading them again, and work on one at a time."""
        if self.flat or not any(terms for _, terms in forms) or not self.k.is_steady(self.k.layout.of[node]):
            return 0
        known = self.distances.setdefault((node, by, tuple(terms for _, terms in forms)), [])
        const = tuple(c for c, _ in forms)
        if const not in known:
            known.append(const)
        return known.index(const) % _NAMES

    def _place(self, forms: tuple[Form, ...], node: Node) -> Any:
        if self.flat:
            return self.variables[0]
        return self.k.evaluated(flat(forms, node.shape), self)

    def _accumulate(self, root: Node, x: Any) -> None:
        pointer = self.sums.get(root)
        if pointer is not None:
            x = self.b.zext(x, I64) if root.dtype == "bool" else x
            self.b.store(self.combined(root, self.b.load(pointer), x), pointer)
            return
        kept = tuple(f for k, f in enumerate(identity(len(self.group.domain))) if k not in root.info)
        self.add_at(root, x, self.k.evaluated(flat(kept, root.shape), self))

    def add_at(self, root: Node, x: Any, place: Any) -> None:
        """Add x to the sum that lies at a flat place in memory."""
        address = self.b.gep(self.k.base(root), [place], inbounds=True)
        before = self.b.load(address)
        self.mark(before, self.k.layout.of[root])
        if root.dtype == "bool":
            before = self.b.trunc(before, TYPES["bool"])
        self._store(root, self.combined(root, before, x, False), place)

    def combined(self, root: Node, a: Any, x: Any, free: bool = True) -> Any:
        """a op x; a sum in a register may be taken in any order."""
        if root.op == "add" and root.dtype in ("f64", "f32"):
            return self.b.fadd(a, x, flags=("reassoc", "nsz") if free else ())
        if root.op in ("max", "min") and root.dtype in ("f64", "f32"):
            return intrinsic(self.b, "maximum" if root.op == "max" else "minimum", a, x)
        return SIMPLE[_COMBINES[root.op]](self.b, a, x)

    def _scatter(self, root: Node, here: tuple[Form, ...], memo: dict[Any, Any]) -> None:
        place = self.value(root.args[1], here if root.args[1].shape else (), memo)
        v = self.value(root.args[2], here if root.args[2].shape else (), memo)
        if root.op == "add":
            address = self.b.gep(self.k.base(root), [place], inbounds=True)
            before = self.b.load(address)
            self.mark(before, self.k.layout.of[root])
            v = SIMPLE["add"](self.b, before, v)
        self._store(root, v, place)

    def _store(self, node: Node, y: Any, place: Any) -> None:
        y = self.k.stored_form(y)
        if node.shape:
            instruction = self.b.store(y, self.b.gep(self.k.base(node), [place], inbounds=True))
            self.mark(instruction, self.k.layout.of[node])
        else:
            self.b.store(y, self.k.slot(node))

    # ── different pieces of memory do not overlap ──

    def mark(self, instruction: Any, memory: Memory) -> None:
        """Note which memory a load or store touches."""
        if self.apart is not None:
            instruction.set_metadata("llvm.access.group", self.apart)
        if self.k.is_steady(memory):
            self.marked.append((instruction, memory))

    def _mark(self) -> None:
        """Tell LLVM that accesses to different pieces of memory in this nest are independent."""
        memories = list({m: None for _, m in self.marked})
        if len(memories) < 2:
            return
        module = self.b.module
        name = f"{self.k.function.name}.{next(_names)}"
        domain = module.add_metadata([ir.MetaDataString(module, name)])
        scopes = {
            m: module.add_metadata([ir.MetaDataString(module, f"{name}.{i}"), domain]) for i, m in enumerate(memories)
        }
        mine = {m: module.add_metadata([s]) for m, s in scopes.items()}
        others = {m: module.add_metadata([s for o, s in scopes.items() if o is not m]) for m in memories}
        for instruction, memory in self.marked:
            instruction.set_metadata("alias.scope", mine[memory])
            instruction.set_metadata("noalias", others[memory])


def start_of(root: Node) -> Any:
    """The neutral element."""
    value = _STARTS[root.op]
    return ir.Constant(TYPES[root.dtype], value if root.dtype not in ("i64", "bool") else int(value))
