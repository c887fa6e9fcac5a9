"""Bands: what is computed some rows at a time, so that what one loop nest hands to the next is still in the cache.

A nest over a large array has written all of it before the next one reads it, and the caches have forgotten the
beginning when the end is there. Where nests and matrix products run over the same rows (the first axis), and each
reads of what the others compute only the row that it is at itself, they are computed for a few rows, then for the
next few. A sum over the rows is complete when the band is: what reads it comes after.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from wengert.native.demand import domain_of, places_read
from wengert.native.node import Form, Node, identity
from wengert.native.schedule import Group, Plan

MUCH = 1 << 19
"""Less memory than this (bytes) stays in the cache anyway."""
ROOM = 1 << 18
"""How much memory the rows that are computed at a time may take."""
MOST = 1 << 24
"""What a band writes for others is all in memory until it is complete, not in places that are used again; and the C
library has memory of more than 32 MB made anew for every call."""
WIDTH = 64
"""The rows are a multiple of this where there are as many."""
_AHEAD = 60
"""How many things after the first are looked at."""
_MOST = 300
"""How many elements are looked at for one that is stored."""
_THREADED = 1 << 18
"""Products of so many terms are cut by BLAS itself, for its own threads."""
_FEW = 32
"""A product with more columns is bound by arithmetic."""
BLOCK = 2048
"""The most rows at a time: sums of more are made of sums of blocks."""
ROW: Form = (0, ((1, 0),))


@dataclass(eq=False)
class Band:
    """Things that are computed together, `rows` of `extent` at a time, in this order."""

    things: list[Group | Node]
    extent: int
    rows: int

    @property
    def even(self) -> bool:
        """Whether there are as many rows every time."""
        return self.extent % self.rows == 0

    @property
    def groups(self) -> list[Group]:
        """The loop nests among them."""
        return [thing for thing in self.things if isinstance(thing, Group)]

    @property
    def work(self) -> int:
        """Simple operations, roughly."""
        return sum(thing.work if isinstance(thing, Group) else _terms(thing) for thing in self.things)


@dataclass(eq=False, slots=True)
class _Reads:
    """What a thing reads: of `rows` the row that it is at, of `others` anything. `fits`: it may be in a band."""

    rows: set[Node]
    others: set[Node]
    fits: bool
    extent: int = 0

    def add(self, node: Node, same: bool) -> None:
        """It reads the node, of which `same` says whether it is only the row that it is at."""
        while node.kind == "reshape":
            node = node.args[0]
            same = same and node.shape[:1] == (self.extent,)
        (self.rows if same else self.others).add(node)


def banded(plan: Plan) -> Plan:
    """The plan, with bands where they pay."""
    order = [thing for things in plan.steps for thing in things]
    if sum(_written(thing) for thing in order) < MUCH:
        return plan
    found = list(_Search(plan, order).order())
    return plan if len(found) == len(order) else _in_order(plan, found)


def _written(thing: Group | Node) -> int:
    return sum(n.bytes for n in made(thing) if n.dtype)


def made(thing: Group | Node) -> list[Node]:
    """The stored nodes that a thing computes."""
    return thing.roots if isinstance(thing, Group) else [thing]


MOST_PARTS = 16
"""For so many threads there is work."""


def parts(extent: int, unit: int) -> tuple[int, int]:
    """Into how many rows each, and how many parts, threads divide so many rows, at multiples of the unit."""
    units = -(-extent // unit)
    size = unit * -(-units // MOST_PARTS)
    return size, -(-extent // size)


# ── what may be in a band ──


class _Search:
    """Bands among things in their order."""

    def __init__(self, plan: Plan, order: list[Group | Node]) -> None:
        self.plan, self.given = plan, order
        self.of = {node: thing for thing in order for node in made(thing)}
        self.of.update({n: self.of[n.args[0]] for n in plan.live if n.kind == "item"})
        self._reads: dict[Group | Node, _Reads] = {}
        self._sources: dict[Node, set[Group | Node]] = {}

    def order(self) -> Iterator[Group | Node | Band]:
        """All things, each band in one place."""
        rest = self.given
        while rest:
            band, before, after = self._band(rest[: 1 + _AHEAD])
            if band is None:
                yield rest[0]
                rest = rest[1:]
            else:
                yield from before
                yield band
                rest = [*after, *rest[1 + _AHEAD :]]

    def _band(self, things: list[Group | Node]) -> tuple[Band | None, list[Group | Node], list[Group | Node]]:
        """A band that begins with the first thing; what comes before it, and after it."""
        first, *more = things
        if not self.reads(first).fits or self._rowwise_bytes(first) < MUCH // 4:
            return None, [], []
        inside, before, after = [first], list[Group | Node](), list[Group | Node]()
        later, within = set[Group | Node](), {first}
        for thing in more:
            needs = self.sources(thing)
            if needs.isdisjoint(later) and self._joins(thing, within, self.reads(first).extent):
                inside.append(thing)
                within.add(thing)
            elif needs.isdisjoint(later) and needs.isdisjoint(within):
                before.append(thing)
            else:
                after.append(thing)
                later.add(thing)
        band = self._worthwhile(inside, self.reads(first).extent)
        return band, before, after

    def _joins(self, thing: Group | Node, within: set[Group | Node], extent: int) -> bool:
        reads = self.reads(thing)
        if not reads.fits or reads.extent != extent:
            return False
        if not within.isdisjoint({s for n in reads.others for s in self._behind(n)}):
            return False
        return all(self._is_by_row(n, extent) for n in reads.rows if self.of.get(n) in within)

    def _is_by_row(self, node: Node, extent: int) -> bool:
        """Whether a node that a band computes is there for a row when that row has been computed."""
        if node.kind == "reduce" and 0 in node.info:
            return False
        return node.shape[0] == extent and not (node.kind in ("matmul", "library") and is_summed(node))

    def _worthwhile(self, inside: list[Group | Node], extent: int) -> Band | None:
        """The band, if several of them touch the same memory, and much of it."""
        touched: dict[Node, int] = {}
        for thing in inside:
            for node in self._rowwise(thing):
                touched[node] = touched.get(node, 0) + 1
        size = sum(n.bytes for n in touched)
        shared = sum(n.bytes for n, times in touched.items() if times > 1)
        rows = min(ROOM * extent // max(size, 1), *[_most_rows(thing) for thing in inside])
        if len(inside) < 2 or size < MUCH or 4 * shared < size or rows >= extent or size > 2 * ROOM * extent:
            return None
        if sum(self._kept(node, inside) for thing in inside for node in made(thing)) > MOST:
            return None
        return Band(inside, extent, _suitable(rows, extent))

    def _kept(self, node: Node, inside: list[Group | Node]) -> int:
        """How much memory (bytes) a node that the band computes needs besides that for some rows, and results."""
        if node.dtype and (not is_by_row(node) or not self.readers[node].issubset(inside)):
            return node.bytes
        return 0

    @cached_property
    def readers(self) -> defaultdict[Node, set[Group | Node]]:
        """The things that read a node."""
        found: defaultdict[Node, set[Group | Node]] = defaultdict(set)
        for thing in self.given:
            for node in (*self.reads(thing).rows, *self.reads(thing).others):
                found[node].add(thing)
        return found

    def _rowwise(self, thing: Group | Node) -> set[Node]:
        """The arrays of which the thing reads or writes a row at a time."""
        reads = self.reads(thing)
        return {n for n in (*reads.rows, *made(thing)) if n.shape[:1] == (reads.extent,)}

    def _rowwise_bytes(self, thing: Group | Node) -> int:
        return sum(n.bytes for n in self._rowwise(thing))

    # ── what depends on what ──

    def sources(self, thing: Group | Node) -> set[Group | Node]:
        """The things that must come before."""
        reads = self.reads(thing)
        return {s for n in (*reads.rows, *reads.others) for s in self._behind(n)}

    def _behind(self, node: Node) -> set[Group | Node]:
        """The thing that computes a node; the things that a number is made of."""
        if node in self.of:
            return {self.of[node]}
        known = self._sources.get(node)
        if known is None:
            known = self._sources[node] = self._all_behind(node)
        return known

    def _all_behind(self, node: Node) -> set[Group | Node]:
        found: set[Group | Node] = set()
        seen, stack = {node}, list(node.args)
        while stack:
            n = stack.pop()
            if n in seen:
                continue
            seen.add(n)
            if n in self.of:
                found.add(self.of[n])
            else:
                stack.extend(n.args)
        return found

    def reads(self, thing: Group | Node) -> _Reads:
        """What it reads."""
        known = self._reads.get(thing)
        if known is None:
            known = self._reads[thing] = self._of_group(thing) if isinstance(thing, Group) else _of_product(thing)
        return known

    def _of_group(self, group: Group) -> _Reads:
        fits = len(group.domain) > 0 and group.domain[0] > 1
        fits = fits and not any(root.kind in ("insert", "scatter") for root in group.roots)
        found = _Reads(set(), set(), fits, group.domain[0] if group.domain else 0)
        for root in group.roots:
            self._walk(root, found)
        found.rows -= set(group.roots)
        return found

    def _walk(self, root: Node, found: _Reads) -> None:
        """What is read for one root of a group."""
        here = identity(len(domain_of(root)))
        seen: set[tuple[Node, tuple[Form, ...]]] = set()
        stack = [(root, here)]
        while stack:
            node, at = item = stack.pop()
            if item in seen:
                continue
            seen.add(item)
            if len(seen) > _MOST:
                found.fits = False
                found.others.update(_stored_behind(root, self.plan.stored))
                return
            if node is not root and (node in self.plan.stored or not node.shape):
                self._note(node, at, found)
                continue
            if node.kind in ("gather", "scatter", "insert"):
                found.fits = False
                found.others.add(node.args[0])
            if node.kind == "reshape":
                self._note(node, at, found)
            stack += places_read(node, at)

    def _note(self, node: Node, at: tuple[Form, ...], found: _Reads) -> None:
        found.add(node, node.shape[:1] == (found.extent,) and at[0] == ROW)


def _stored_behind(root: Node, stored: set[Node]) -> Iterable[Node]:
    seen, stack = set[Node](), list(root.args)
    while stack:
        n = stack.pop()
        if n not in seen:
            seen.add(n)
            stack.extend(n.args if n not in stored or n.kind == "reshape" else ())
    return seen


def _suitable(rows: int, extent: int) -> int:
    """About so many rows: a part of the extent, so that there are as many every time, or else a multiple of WIDTH."""
    rows = max(rows, 1)
    divisor = next(n for n in range(rows, 0, -1) if extent % n == 0)
    return divisor if 2 * divisor > rows else rows - rows % WIDTH if rows >= WIDTH else rows


# ── products ──


def is_by_row(node: Node) -> bool:
    """Whether a band may have memory for some rows of it alone: no sum, which is begun before them all."""
    if node.kind == "map":
        return True
    return node.kind in ("matmul", "library") and node.op != "gemv" and len(node.args) == 2 and not is_summed(node)


def is_summed(node: Node) -> bool:
    """Whether a product is a sum over the rows."""
    return bool(node.info[0] if node.kind == "matmul" else node.op == "gemv" and node.info)


def _terms(node: Node) -> int:
    """How many products of numbers it is the sum of."""
    if node.op == "gemv":
        return node.args[0].size
    return node.size * node.args[0].shape[-2 if node.info[0] else -1]


def _of_product(node: Node) -> _Reads:
    nothing = _Reads(set(), set(node.args), False)
    if node.kind == "matmul":
        return _of_matmul(node) if len(node.args) == 2 else nothing
    if node.kind != "library" or node.op not in ("gemv", "stack product"):
        return nothing
    if node.op == "gemv":
        a, x = node.args
        rows, others = ([a, x], []) if node.info else ([a], [x])
        return _of_factors(rows, others, a.shape[0] > 1, a.shape[0])
    count, n, p = node.shape
    fits = count > 1 and min(n, p) <= _FEW and _terms(node) < _THREADED * count
    rows, others = [[a for a in node.args if len(a.shape) == rank] for rank in (3, 2)]
    return _of_factors(rows, others, fits, count)


def _of_matmul(node: Node) -> _Reads:
    (a, b), (n, p) = node.args, node.shape
    extent = a.shape[0]
    fits = extent > 1 and min(n if is_summed(node) else p, p) <= _FEW
    if is_summed(node):
        return _of_factors([a, b], [], fits and not node.info[1] and n * p <= _FEW * _FEW * 4, extent)
    return _of_factors([a], [b], fits, extent)


def _most_rows(thing: Group | Node) -> int:
    """How many rows of a product BLAS takes without threads of its own."""
    if isinstance(thing, Node) and thing.kind == "matmul":
        return max(_THREADED * thing.args[0].shape[0] // _terms(thing), 1)
    return BLOCK


def _of_factors(rows: list[Node], others: list[Node], fits: bool, extent: int) -> _Reads:
    found = _Reads(set(), set(others), fits, extent)
    for node in rows:
        found.add(node, True)
    return found


# ── the new order ──


def _in_order(plan: Plan, order: list[Group | Node | Band]) -> Plan:
    """The plan with a step for each thing."""
    ready = {n: 0 for n in plan.live if n.kind in ("input", "const")}
    for k, thing in enumerate(order):
        for part in thing.things if isinstance(thing, Band) else [thing]:
            if isinstance(part, Group):
                part.step, part.divided = k, isinstance(thing, Band)
            ready.update(dict.fromkeys(made(part), k + 1))
    for node in plan.live:
        if node in plan.ready and node not in ready:
            ready[node] = max((_ready(a, ready) for a in node.args), default=0)
    return replace(plan, ready=ready, steps=[[thing] for thing in order])


def _ready(node: Node, ready: dict[Node, int]) -> int:
    """When a node can be computed: it need not be stored."""
    seen, stack, found = {node}, [node], 0
    while stack:
        n = stack.pop()
        if n in ready:
            found = max(found, ready[n])
            continue
        more = [a for a in n.args if a not in seen]
        seen.update(more)
        stack.extend(more)
    return found
