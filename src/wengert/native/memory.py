"""Where stored arrays lie: in the arguments, the results, or a workspace whose parts are used again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wengert.native.bands import Band, is_by_row, made, parts
from wengert.native.demand import is_uniform, places_read
from wengert.native.node import Node, identity
from wengert.native.schedule import Group, Plan

ALIGN = 64


@dataclass(eq=False)
class Memory:
    """One piece of memory: `kind` input, const, output or work; `at` which one, or the offset in bytes."""

    kind: str
    at: int
    size: int
    first: int = -1
    last: int = 0


@dataclass(eq=False)
class Rows:
    """Memory for the rows that a band computes at a time, of arrays that nobody else reads: as many slots as parts,
    each of so many bytes, and where in a slot the memory of each array is."""

    memory: Memory
    size: int
    at: dict[Node, int]


class Layout:
    """The memory of every stored array of a plan."""

    def __init__(
        self, plan: Plan, outputs: list[Node], consts: dict[Node, int], owned: frozenset[int] = frozenset()
    ) -> None:
        self.plan, self.owned = plan, owned
        self.kept: set[int] = set()
        self.of: dict[Node, Memory] = {}
        self.copied: list[tuple[int, Node]] = []
        self.in_place: set[Node] = set()
        self._when = _steps(plan)
        self._readers = _readers(plan, self._when, outputs)
        for node in plan.live:
            if node in plan.stored and node.shape:
                self.of[node] = self._memory(node, consts)
        self._give_outputs(outputs)
        self.rows = dict(self._by_rows())
        self.work = self._lay_out()

    def _memory(self, node: Node, consts: dict[Node, int]) -> Memory:
        if node.kind == "input":
            return Memory("input", node.info, node.bytes)
        if node.kind == "const":
            return Memory("const", consts[node], node.bytes)
        if node.kind == "reshape":
            return self.of[node.args[0]]
        base = written_into(node)
        if base is not None and self._may_be_in_place(node, base):
            self.in_place.add(node)
            return self.of[base]
        return Memory("work", -1, node.bytes)

    def _may_be_in_place(self, node: Node, base: Node) -> bool:
        """Whether nobody reads the memory of `base` after the node has been written into it."""
        if is_uniform(base):
            return False
        memory, group = self.of[base], self._when[node][1]
        if memory.kind != "work" and not (memory.kind == "input" and memory.at in self.owned):
            return False
        for other, m in self.of.items():
            if m is not memory:
                continue
            for step, reader, owner in self._readers.get(other, ()):
                if reader is node:
                    continue
                if owner is not None and owner is group and not group.domain and reader.serial < node.serial:
                    continue
                if step >= group.step and not (step == group.step and owner is None):
                    return False
            if not self._reads_own_place(node, other):
                return False
        return True

    def _reads_own_place(self, node: Node, base: Node) -> bool:
        """Whether the value that is written reads `base` only at the place where it is written."""
        if node.kind == "matmul" and base in node.args[:2]:
            return False
        seen = set()
        stack = places_read(node, identity(len(self._when[node][1].domain)))
        while stack:
            n, at = stack.pop()
            if (n, at) in seen or not n.shape:
                continue
            seen.add((n, at))
            if n is base and (node.kind == "scatter" or at != node.info):
                return False
            if n in self.plan.stored:
                continue
            if (n.kind in ("gather", "reshape")) and n.args[0] is base:
                return False
            stack.extend(places_read(n, at))
        return True

    def _give_outputs(self, outputs: list[Node]) -> None:
        taken: set[Memory] = set()
        for k, node in enumerate(outputs):
            if not node.shape:
                continue
            memory = self.of[node]
            if memory.kind == "input" and memory.at == k and k in self.owned:
                self.kept.add(k)
            elif memory.kind == "work" and memory not in taken:
                memory.kind, memory.at = "output", k
                taken.add(memory)
            else:
                self.copied.append((k, node))

    # ── what only a band reads ──

    def _by_rows(self) -> Iterator[tuple[Band, Rows]]:
        """The memory of each band that has some of its own."""
        sharing: dict[Memory, list[Node]] = {}
        for node, memory in self.of.items():
            sharing.setdefault(memory, []).append(node)
        for step, things in enumerate(self.plan.steps):
            for band in [thing for thing in things if isinstance(thing, Band)]:
                size, at = 0, dict[Node, int]()
                for node in [n for thing in band.things for n in made(thing)]:
                    if node in self.of and self._is_by_row(node, band, step, sharing[self.of[node]]):
                        self.of[node].kind, at[node] = "rows", size
                        size += -(-(node.bytes // band.extent * band.rows) // ALIGN) * ALIGN
                if at:
                    yield band, Rows(Memory("work", -1, size * parts(band.extent, band.rows)[1], step, step), size, at)

    def _is_by_row(self, node: Node, band: Band, step: int, sharing: list[Node]) -> bool:
        """Whether only the band that computes the array needs it, and only row by row."""
        if self.of[node].kind != "work" or not is_by_row(node):
            return False
        if any([(n is not node and n.kind != "reshape") or n.shape[:1] != (band.extent,) for n in sharing]):
            return False
        if any([copied in sharing for _, copied in self.copied]):
            return False
        readers = [reader for n in sharing for reader in self._readers.get(n, ())]
        return all([at == step and group is not None for at, _, group in readers])

    def _lay_out(self) -> int:
        """Give every piece of the workspace its place: first fit among those that are alive at the same time."""
        for node, memory in self.of.items():
            if memory.kind == "work":
                step = self._when[node][0] if node in self._when else 0
                memory.first = step if memory.first < 0 else min(memory.first, step)
                memory.last = max([memory.last, step, *[s for s, _, _ in self._readers.get(node, ())]])
        for _, node in self.copied:
            if self.of[node].kind == "work":
                self.of[node].last = 1 << 30
        placed: list[Memory] = []
        pieces = [*self.of.values(), *[rows.memory for rows in self.rows.values()]]
        for memory in sorted(dict.fromkeys(m for m in pieces if m.kind == "work"), key=lambda m: (m.first, -m.size)):
            at = 0
            for other in sorted(placed, key=lambda m: m.at):
                apart = other.last < memory.first or memory.last < other.first
                if not apart and at < other.at + other.size and other.at < at + memory.size:
                    at = -(-(other.at + other.size) // ALIGN) * ALIGN
            memory.at = at
            placed.append(memory)
        return max((m.at + m.size for m in placed), default=0)


def written_into(node: Node) -> Node | None:
    """What the node's memory begins as, if it is more than a place to put results."""
    if node.kind == "matmul":
        return node.args[2] if len(node.args) > 2 else None
    return node.args[0] if node.kind in ("insert", "scatter") else None


def _steps(plan: Plan) -> dict[Node, tuple[int, Group]]:
    """The step, and the group, that each node is computed in."""
    when: dict[Node, tuple[int, Group]] = {}
    for step, things in enumerate(plan.steps):
        for thing in things:
            for part in thing.things if isinstance(thing, Band) else [thing]:
                group = part if isinstance(part, Group) else Group(step, (-1,))
                when.update(dict.fromkeys(made(part), (step, group)))
    for node in plan.live:
        if node.kind == "item":
            when[node] = when[node.args[0]]
    return when


Reader = tuple[int, Node, "Group | None"]


def _readers(plan: Plan, when: dict[Node, tuple[int, Group]], outputs: list[Node]) -> dict[Node, list[Reader]]:
    """Who reads each stored node, and at which step (a number that reads it: before the step's groups)."""
    out: dict[Node, list[Reader]] = {}
    for node in plan.live:
        if node in when and node.kind != "item":
            step, group = when[node]
            _note(plan, node, (step, node, group), out)
        elif not node.shape and node not in plan.stored:
            _note(plan, node, (plan.ready[node], node, None), out)
    for node in outputs:
        out.setdefault(node, []).append((1 << 29, node, None))
    return out


def _note(plan: Plan, node: Node, reader: Reader, out: dict[Node, list[Reader]]) -> None:
    seen: set[Node] = set()
    stack = list(node.args)
    while stack:
        n = stack.pop()
        if n in seen or not n.shape:
            continue
        seen.add(n)
        if n in plan.stored:
            out.setdefault(n, []).append(reader)
            if n.kind == "reshape":
                stack.extend(n.args)
        else:
            stack.extend(n.args)
