"""When everything is computed, and what gets memory of its own.

A node is *stored* if it has memory (inputs, constants, results, reductions, what a library is
called with); every other node is computed where it is used, inside the loop that uses it. Stored
nodes over the same domain that do not wait for each other share one loop nest: a group. A group
has a step; what it reads is there before its step.

A node that would be computed more often than it has elements, and is not cheap, is stored too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod

from wengert.native.demand import CALLED, LOOPED, At, Demand, demand, domain_of, is_uniform, places_read
from wengert.native.node import Node, Shape, compose, identity, needed
from wengert.native.piecewise import MOST_PARTS, Cut, count

CHEAP = 14
MOST_ROOTS = 24
MOST_DEPTH = 12
"""Pieces within pieces: from so many on, one is stored."""
MOST_CODE = 3000
"""A nest is cut into parts until all of them have so many operations."""


@dataclass(eq=False)
class Group:
    """Stored nodes that are computed in one loop nest over `domain`, whose loops are cut at `cuts`. `work`: simple
    operations on numbers, roughly. `divided`: its outermost loop is run in several parts, by a band."""

    step: int
    domain: Shape
    roots: list[Node] = field(default_factory=list[Node])
    cuts: set[Cut] = field(default_factory=set[Cut])
    work: int = 0
    divided: bool = False


@dataclass(eq=False)
class Plan:
    """The order of things: at each step first numbers, then groups and calls."""

    live: list[Node]
    stored: set[Node]
    ready: dict[Node, int]
    steps: list[list[Group | Node]]


def plan(wanted: Iterable[Node]) -> Plan:
    """A plan that computes the wanted nodes."""
    wanted = list(wanted)
    live = needed(wanted)
    stored = _must_be_stored(live, wanted)
    stored |= _read_at_several_places(live, stored)
    demands: dict[Node, Demand] = {}
    while True:
        done = _Assignment(live, stored, demands)
        more = _undecided(done) or _too_often(done, live)
        if not more:
            _weigh(done.groups, live, stored)
            return Plan(live, stored, done.ready, done.steps())
        stored |= more
        for node, known in list(demands.items()):
            if not more.isdisjoint(known.far) or any(n in more for n, _ in known.times):
                del demands[node]


def _must_be_stored(live: list[Node], wanted: list[Node]) -> set[Node]:
    stored = {n for n in live if n.kind in LOOPED | CALLED or n.kind in ("input", "const", "item")}
    stored |= {n for n in wanted if n.shape}
    for node in live:
        if node.kind in CALLED:
            stored |= {a for a in node.args if a.shape}
        elif node.kind in ("gather", "reshape") or (node.kind in LOOPED and not is_uniform(node.args[0])):
            stored |= {node.args[0]} if node.args[0].shape and node.kind != "reduce" else set()
    stored |= _deep(live, stored)
    return {n for n in stored if n.shape or n.kind in LOOPED | CALLED | {"item", "input", "const"}}


def _deep(live: list[Node], stored: set[Node]) -> set[Node]:
    """Pieces whose parts hold pieces whose parts hold pieces, and so on."""
    depth: dict[Node, int] = {}
    found: set[Node] = set()
    for node in live:
        inside = [depth[a] + (k > 0 and node.kind == "piece") for k, a in enumerate(node.args)]
        depth[node] = 0 if node in stored else max(inside, default=0)
        if depth[node] > MOST_DEPTH:
            found.add(node)
            depth[node] = 0
    return found


class _Assignment:
    """Which step each stored node and each number falls to."""

    def __init__(self, live: list[Node], stored: set[Node], demands: dict[Node, Demand]) -> None:
        self.stored, self.demands = stored, demands
        self.ready: dict[Node, int] = {}
        self.group: dict[Node, Group] = {}
        self.groups: list[Group] = []
        self.numbers: list[Node] = []
        self.calls: list[tuple[int, Node]] = []
        self._open: dict[Shape, list[Group]] = {}
        self._looked_at: dict[Node, int] = {}
        for node in live:
            self._place(node)

    def steps(self) -> list[list[Group | Node]]:
        """Groups and calls by step."""
        count = 1 + max([g.step for g in self.groups] + [s for s, _ in self.calls] + [-1])
        out: list[list[Group | Node]] = [[] for _ in range(count)]
        for step, node in self.calls:
            out[step].append(node)
        for group in self.groups:
            out[group.step].append(group)
        return out

    def demand(self, node: Node) -> Demand:
        """What computing the node takes."""
        known = self.demands.get(node)
        if known is None:
            known = self.demands[node] = demand(node, self.stored)
        return known

    def _place(self, node: Node) -> None:
        if node.kind in ("input", "const"):
            self.ready[node] = 0
        elif node.kind == "item":
            self.ready[node] = self.ready[node.args[0]]
        elif node.kind in CALLED:
            step = max((self.ready[a] for a in node.args), default=0)
            self.calls.append((step, node))
            self.ready[node] = step + 1
        elif node.kind == "reshape" and node.args[0] in self.stored and node in self.stored:
            self.ready[node] = self.ready[node.args[0]]
        elif node in self.stored:
            self._join(node)
        elif not node.shape:
            self.numbers.append(node)
            reads = [d for d, _ in self.demand(node).reads]
            step = self.ready[node] = max((self.ready[d] for d in reads), default=0)
            self._looked_at.update({d: max(step, self._looked_at.get(d, 0)) for d in reads})

    def _join(self, node: Node) -> None:
        """Put the node into the first group that can take it."""
        its = self.demand(node)
        domain = its.domain
        # What is written into memory comes after the numbers that are read there: then it may be written in place.
        need = self._looked_at.get(node.args[0], 0) if node.kind in ("insert", "scatter") else 0
        for d, pointwise in its.reads:
            ready = self.ready[d]
            mate = self.group.get(d)
            together = mate is not None and mate.domain == domain and (pointwise or not domain)
            need = max(need, ready - 1 if together else ready)
        for group in self._open.setdefault(domain, []):
            if (
                group.step >= need
                and len(group.roots) < MOST_ROOTS
                and count(group.cuts | its.cuts, domain) <= MOST_PARTS
            ):
                break
        else:
            group = Group(need, domain)
            self.groups.append(group)
            self._open[domain].append(group)
        group.roots.append(node)
        group.cuts |= its.cuts
        self.group[node] = group
        self.ready[node] = group.step + 1


def _undecided(done: _Assignment) -> set[Node]:
    """Pieces that must be stored: where they are read, no part of a loop knows which side it is on, or there would
    be too many parts."""
    found: set[Node] = set()
    for known in done.demands.values():
        found |= known.vague | known.far
        if known.cuts and count(known.cuts, known.domain) > min(MOST_PARTS, MOST_CODE // max(len(known.times), 1)):
            found |= {n for n, _ in known.times if n.kind == "piece"}
    return found - done.stored


# ── what is computed too often ──

_REPEATED = {"map", "gather", "piece"}
_COSTS = {"div": 6, "sqrt": 6, "reciprocal": 6, "cast": 1, "same": 0, "neg": 1}


def _cost(node: Node) -> int:
    if node.kind == "map":
        return _COSTS.get(node.op, 1) if isinstance(node.op, str) and node.op in _SIMPLE else 20
    return 3 if node.kind == "gather" else 0


def _costs(live: list[Node], stored: set[Node]) -> dict[Node, int]:
    """What one element of each node costs, where it is computed."""
    cost: dict[Node, int] = {}
    for n in live:
        cost[n] = _cost_of(n, cost, stored)
    return cost


def _cost_of(n: Node, cost: dict[Node, int], stored: set[Node]) -> int:
    parts = [1 if a in stored or not a.shape else cost[a] for a in n.args]
    leaf = n in stored and n.kind in ("input", "const")
    return _cost(n) + (0 if leaf else max(parts) if n.kind == "piece" else sum(parts))


_SIMPLE = frozenset(
    {
        *("add", "sub", "mul", "div", "neg", "same", "square", "sqrt", "reciprocal", "abs", "maximum", "minimum"),
        *("fmax", "fmin", "copysign", "where", "cast", "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "xor", "not"),
        *("isnan", "isinf", "isfinite", "signbit", "max_i", "min_i"),
    }
)


def _weigh(groups: list[Group], live: list[Node], stored: set[Node]) -> None:
    cost = _costs(live, stored)
    for group in groups:
        group.work = prod(group.domain) * sum(1 + cost[root] for root in group.roots)


def _too_often(done: _Assignment, live: list[Node]) -> set[Node]:
    """Nodes that are not cheap, and are computed more often than they have elements."""
    stored = done.stored
    cost = _costs(live, stored)
    heavy = {n for n in live if n.shape and n not in stored and n.kind in _REPEATED and cost[n] >= CHEAP}
    if not heavy:
        return set()
    times: dict[Node, int] = dict.fromkeys(heavy, 0)
    for roots in [*[g.roots for g in done.groups], *[[n] for n in done.numbers]]:
        together: dict[tuple[Node, At], int] = {}
        for root in roots:
            for item, size in done.demand(root).times.items():
                if item[0] in heavy:
                    together[item] = max(together.get(item, 0), size)
        for (n, _), size in together.items():
            times[n] += size
    found = {n for n in heavy if times[n] > n.size}
    inner = {a for n in found for a in _inside(n, stored)}
    return found - inner


def _read_at_several_places(live: list[Node], stored: set[Node]) -> set[Node]:
    """Nodes that are not cheap, and of which a node not far from them reads more elements than there are.

    `_too_often` finds them too, but one layer after the other: in a stencil of many steps, that a layer is read too
    often shows when the next one is stored.
    """
    readers: dict[Node, list[Node]] = {}
    for n in live:
        for a in dict.fromkeys(n.args):
            readers.setdefault(a, []).append(n)
    found: set[Node] = set()
    cost: dict[Node, int] = {}
    for n in live:
        cost[n] = _cost_of(n, cost, stored)
        heavy = n.shape and n not in stored and n.kind in _REPEATED and cost[n] >= CHEAP
        if heavy and _is_read_too_often(n, readers, stored):
            found.add(n)
            cost[n] = 1
    return found


_NEAR = 24


def _is_read_too_often(node: Node, readers: dict[Node, list[Node]], stored: set[Node]) -> bool:
    """Whether one of the nodes near it, each of which is computed once at least, reads it too often."""
    places: dict[Node, set[At]] = {node: {identity(len(node.shape))}}
    ahead = list(readers.get(node, ()))
    for _ in range(_NEAR):
        if not ahead:
            return False
        reader = min(ahead, key=lambda n: n.serial)
        ahead.remove(reader)
        if reader in places or reader.kind == "piece":
            continue
        domain = domain_of(reader)
        its = {compose(form, at) for a, at in places_read(reader, identity(len(domain))) for form in places.get(a, ())}
        if reader.kind != "view" and prod(domain) * len(its) > node.size:
            return True
        if reader not in stored:
            places[reader] = its
            ahead += readers.get(reader, ())
    return False


def _inside(node: Node, stored: set[Node]) -> set[Node]:
    """The nodes that are computed where the node is."""
    seen: set[Node] = set()
    stack = list(node.args)
    while stack:
        n = stack.pop()
        if n not in seen and n not in stored and n.shape:
            seen.add(n)
            stack.extend(n.args)
    return seen
