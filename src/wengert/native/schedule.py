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

from wengert.native.node import Form, Node, Shape, compose, identity

LOOPED = {"reduce", "insert", "scatter"}
CALLED = {"matmul", "library", "call", "loop"}
CHEAP = 14
MOST_ROOTS = 24


@dataclass(eq=False)
class Group:
    """Stored nodes that are computed in one loop nest over `domain`."""

    step: int
    domain: Shape
    roots: list[Node] = field(default_factory=list[Node])


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
    live = _live(wanted)
    stored = _must_be_stored(live, wanted)
    while True:
        done = _Assignment(live, stored)
        more = _too_often(done, live)
        if not more:
            return Plan(live, stored, done.ready, done.steps())
        stored |= more


def _live(wanted: list[Node]) -> list[Node]:
    seen: set[Node] = set()
    stack = list(wanted)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return sorted(seen, key=lambda n: n.serial)


def _must_be_stored(live: list[Node], wanted: list[Node]) -> set[Node]:
    stored = {n for n in live if n.kind in LOOPED | CALLED or n.kind in ("input", "const", "item")}
    stored |= {n for n in wanted if n.shape}
    for node in live:
        if node.kind in CALLED:
            stored |= {a for a in node.args if a.shape}
        elif node.kind in ("gather", "reshape") or (node.kind in LOOPED and not is_uniform(node.args[0])):
            stored |= {node.args[0]} if node.args[0].shape and node.kind != "reduce" else set()
    return {n for n in stored if n.shape or n.kind in LOOPED | CALLED | {"item", "input", "const"}}


def is_uniform(node: Node) -> bool:
    """Whether the node repeats one number."""
    return node.kind == "view" and not node.args[0].shape


class _Assignment:
    """Which step each stored node and each number falls to."""

    def __init__(self, live: list[Node], stored: set[Node]) -> None:
        self.stored = stored
        self.ready: dict[Node, int] = {}
        self.group: dict[Node, Group] = {}
        self.groups: list[Group] = []
        self.calls: list[tuple[int, Node]] = []
        self._open: dict[Shape, list[Group]] = {}
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

    def _place(self, node: Node) -> None:
        if node.kind in ("input", "const"):
            self.ready[node] = 0
        elif node.kind == "item":
            self.ready[node] = self.ready[node.args[0]]
        elif node.kind in CALLED:
            step = max((self._ready(a) for a in node.args), default=0)
            self.calls.append((step, node))
            self.ready[node] = step + 1
        elif node.kind == "reshape" and node.args[0] in self.stored and node in self.stored:
            self.ready[node] = self._ready(node.args[0])
        elif node in self.stored:
            self._join(node)
        elif not node.shape:
            self.ready[node] = max((self._ready(a) for a in node.args), default=0)

    def _ready(self, node: Node) -> int:
        known = self.ready.get(node)
        if known is not None:
            return known
        return max((self.ready[d] for d, _ in self.reads(node)), default=0)

    def _join(self, node: Node) -> None:
        """Put the node into the first group that can take it."""
        domain = domain_of(node)
        need = 0
        for d, pointwise in self.reads(node):
            ready = self.ready[d]
            mate = self.group.get(d)
            together = mate is not None and mate.domain == domain and (pointwise or not domain)
            need = max(need, ready - 1 if together else ready)
        for group in self._open.setdefault(domain, []):
            if group.step >= need and len(group.roots) < MOST_ROOTS:
                break
        else:
            group = Group(need, domain)
            self.groups.append(group)
            self._open[domain].append(group)
        group.roots.append(node)
        self.group[node] = group
        self.ready[node] = group.step + 1

    def reads(self, node: Node) -> set[tuple[Node, bool]]:
        """The stored nodes and numbers that computing the node reads, and whether at its own place only."""
        found: set[tuple[Node, bool]] = set()
        seen: set[tuple[Node, bool]] = set()
        stack = [(a, same) for a, same in operands(node)]
        while stack:
            item = stack.pop()
            if item in seen:
                continue
            seen.add(item)
            n, same = item
            if n in self.stored or not n.shape:
                found.add((n, same and n.kind not in LOOPED))
            else:
                stack.extend((a, same and more) for a, more in operands(n))
        return found


def operands(node: Node) -> list[tuple[Node, bool]]:
    """The arguments, and whether each is read at the place that is computed."""
    if node.kind == "map":
        return [(a, True) for a in node.args]
    if node.kind == "reduce":
        return [(node.args[0], True)]
    if node.kind == "insert":
        return [(node.args[0], False), (node.args[1], True)]
    if node.kind == "scatter":
        return [(node.args[0], False), (node.args[1], True), (node.args[2], True)]
    if node.kind == "gather":
        return [(node.args[0], False), (node.args[1], True)]
    return [(a, False) for a in node.args]


def domain_of(node: Node) -> Shape:
    """What the loop nest that computes a stored node runs over."""
    if node.kind == "reduce":
        return node.args[0].shape
    if node.kind == "insert":
        return node.args[1].shape
    return node.args[1].shape if node.kind == "scatter" else node.shape


# ── what is computed too often ──

_COSTS = {"div": 6, "sqrt": 6, "reciprocal": 6, "cast": 1, "same": 0, "neg": 1}


def _cost(node: Node) -> int:
    if node.kind == "map":
        return _COSTS.get(node.op, 1) if isinstance(node.op, str) and node.op in _SIMPLE else 20
    return 3 if node.kind == "gather" else 0


_SIMPLE = frozenset(
    {
        *("add", "sub", "mul", "div", "neg", "same", "square", "sqrt", "reciprocal", "abs", "maximum", "minimum"),
        *("fmax", "fmin", "copysign", "where", "cast", "lt", "le", "gt", "ge", "eq", "ne", "and", "or", "xor", "not"),
        *("isnan", "isinf", "isfinite", "signbit", "max_i", "min_i"),
    }
)


def _too_often(done: _Assignment, live: list[Node]) -> set[Node]:
    stored = done.stored
    cost: dict[Node, int] = {}
    for n in live:
        inner = (
            0
            if n in stored and n.kind in ("input", "const")
            else sum(1 if a in stored or not a.shape else cost[a] for a in n.args)
        )
        cost[n] = _cost(n) + inner
    heavy = {n for n in live if n.shape and n not in stored and n.kind in ("map", "gather") and cost[n] >= CHEAP}
    if not heavy:
        return set()
    times: dict[Node, int] = dict.fromkeys(heavy, 0)
    for group in done.groups:
        _count(group.roots, group.domain, stored, times)
    for n in live:
        if not n.shape and n not in stored:
            _count([n], (), stored, times)
    found = {n for n in heavy if times[n] > n.size}
    inner = {a for n in found for a in _inside(n, stored)}
    return found - inner


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


def _count(roots: list[Node], domain: Shape, stored: set[Node], times: dict[Node, int]) -> None:
    """Add to `times` how often each node is computed in one group."""
    size = prod(domain)
    here = identity(len(domain))
    seen: set[tuple[Node, tuple[Form, ...]]] = set()
    mine = set(roots)
    stack: list[tuple[Node, tuple[Form, ...]]] = []
    for root in roots:
        stack.extend((a, at) for a, at in places_read(root, here))
    while stack:
        item = stack.pop()
        n, at = item
        if item in seen or not n.shape or (n in stored and n not in mine):
            continue
        seen.add(item)
        if n in times:
            times[n] += size
        if n not in stored:
            stack.extend(places_read(n, at))


def places_read(node: Node, at: tuple[Form, ...]) -> list[tuple[Node, tuple[Form, ...]]]:
    """The arguments that are computed in place, and where, when the node is computed at a place."""
    if node.kind == "map":
        return [(a, at if a.shape else ()) for a in node.args]
    if node.kind == "view":
        return [(node.args[0], compose(node.info, at))]
    if node.kind == "reduce":
        return [(node.args[0], at)]
    if node.kind == "insert":
        return [(node.args[1], at if node.args[1].shape else ())]
    if node.kind == "gather":
        return [(node.args[1], at if node.args[1].shape else ())]
    return [(node.args[1], at), (node.args[2], at if node.args[2].shape else ())] if node.kind == "scatter" else []
