"""The graph behind tensors: a Wengert list whose lines know each other by reference instead of by number.

Each operation makes one node per line that the core records for it. A node refers to the nodes (or
leaf tensors) of its arguments and to nothing that came after it, so a graph that nobody holds is freed
at once. A derivative numbers the nodes that it needs, in the order of their making: that is a Wengert
list again, and `wengert.sweep.reverse` goes over it.

A WRITE node stands for the same storage as its first argument; both get one slot.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import INPUT, PICK
from wengert.record.index import WRITE
from wengert.record.value import Array, Line, Recorder, Scalar

_serials = count(1)
INPUT_LINE: Line = (INPUT, (), None, (), None, None)


class Node:
    """One line: row, the nodes or leaf tensors of its arguments (None: constant), what its derivative reads."""

    __slots__ = ("args", "hooks", "name", "params", "parents", "row", "serial", "shapes", "y")

    def __init__(self, row: Row, parents: tuple[Any, ...], y: Any, args: Any, params: Any, shapes: Any) -> None:
        self.row = row
        self.parents = parents
        self.y = y
        self.args = args
        self.params = params
        self.shapes = shapes
        self.serial = next(_serials)
        self.hooks: list[Any] | None = None
        self.name: str | None = None


def kept(node: Node) -> tuple[Any, bool]:
    """Which arguments (None: all), and whether the result, the derivative of a node reads."""
    row = node.row
    if row.variadic:
        return (None if row.keeps_args else frozenset()), bool(row.keeps_result)
    if row.special or not row.keeps_args:
        return frozenset(), False
    wanted = [k for k, p in enumerate(node.parents) if p is not None]
    reads = frozenset[int]().union(*[row.keeps_args[k] for k in wanted])
    return reads, any([row.keeps_result[k] for k in wanted])


def free(node: Node) -> None:
    """Let go of what the derivative of a node reads, if it reads anything."""
    row = node.row
    known = row.memo.get(_mask(node)) if len(node.parents) < 3 else None
    reads, reads_result = known or kept(node)
    if reads is None or reads or reads_result:
        node.y = node.args = None


def _mask(node: Node) -> int:
    parents = node.parents
    mask = 1 if parents and parents[0] is not None else 0
    return mask | 2 if len(parents) == 2 and parents[1] is not None else mask


def ancestors(roots: list[Any]) -> tuple[list[Node], list[Any]]:
    """The nodes that the roots depend on, oldest first, and the leaf tensors among them."""
    nodes: list[Node] = []
    leaves: list[Any] = []
    seen: set[Any] = set()
    stack = list(roots)
    while stack:
        p = stack.pop()
        if p is None or p in seen:
            continue
        seen.add(p)
        if type(p) is Node:
            nodes.append(p)
            stack += p.parents
        else:
            leaves.append(p)
    nodes.sort(key=_by_serial)
    return nodes, leaves


def _by_serial(node: Node) -> int:
    return node.serial


# ── lines of a recording become nodes ──


class Threads:
    """A recording whose slots are tied to nodes: values of the graph go in, its lines come out as nodes."""

    __slots__ = ("nodes", "rec", "wrapped")

    def __init__(self, rec: Recorder) -> None:
        self.rec = rec
        self.nodes: list[Any] = []
        self.wrapped: dict[tuple[int, int], Any] = {}

    def wrap(self, data: Any, parent: Any) -> Any:
        """data, the value of `parent`, as a recorded value."""
        if isinstance(data, (tuple, list)):  # the results of one line, which PICK takes apart
            parts = [self.wrap(d, Node(PICK, (parent,), None, (None,), {"k": k}, None)) for k, d in enumerate(data)]
            return type(data)(*parts) if hasattr(data, "_fields") else type(data)(parts)
        key = (id(parent), id(data))
        value = self.wrapped.get(key)
        if value is None:
            self.advance()
            slot = len(self.nodes)
            self.rec.lines.append(INPUT_LINE)
            self.nodes.append(parent)
            value = Array(data, self.rec, slot) if type(data) is np.ndarray else Scalar(data, self.rec, slot)
            if type(value) is Array:
                value.shared = True
            self.wrapped[key] = value
        return value

    def advance(self) -> None:
        """Make nodes of the lines recorded so far."""
        extend(self.nodes, self.rec.lines)

    def node_of(self, value: Any) -> Any:
        """The node that a recorded value is now defined by; None for a constant."""
        if type(value) not in (Array, Scalar) or value.rec is not self.rec:
            return None
        self.advance()
        return self.nodes[value.slot]


def extend(nodes: list[Any], lines: Any) -> None:
    """One node for each line beyond those that have one; a slot that is written to goes on as the WRITE."""
    for at in range(len(nodes), len(lines)):
        row, slots, y, args, params, shapes = lines[at]
        parents = tuple([nodes[s] if s >= 0 else None for s in slots])
        node = Node(row, parents, y, args, params, shapes)
        nodes.append(node)
        if row is WRITE:
            nodes[slots[0]] = node


# ── nodes become lines ──


HOOK = Row(
    lambda x, call: x, "hook", "linear", (None,), (lambda c, y, x, call: call(c),), (frozenset(),), (False,)
)  # fmt: skip
"""A place of the list where somebody wants to see, or to change, the cotangent."""


def hook_line(slot: int, call: Any) -> Line:
    """The line that shows the cotangent of a slot to `call`."""
    return (HOOK, (slot,), None, (None,), {"call": call}, None)
