"""The computational graph of a trace: boxes for inputs, lines (of a loop: its body once) and outputs, laid out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from wengert.ir.line import Var
from wengert.show.fold import Cell, Folded, cells, fold
from wengert.show.layout import Point, place
from wengert.show.naming import Naming
from wengert.show.notation import width

FOLD_ABOVE = 40
"""Traces of more lines than this are folded."""
LOW, HIGH = 58.0, 76.0
"""Heights of a box: primal and derivative beside each other, or (arrays) one below the other."""
NARROWEST, WIDEST, LETTER = 164.0, 280.0, 7.6
SIDE, ABOVE, BELOW = 26.0, 46.0, 22.0
"""Room inside the frame of a loop."""


@dataclass(slots=True)
class Node:
    """One box: `kind` is input, output or the kind of the line; `members` are inputs, lines or outputs by number.

    `groups` are the loops around it, from the outermost on.
    """

    kind: str
    members: list[int]
    label: str
    groups: tuple[int, ...] = ()
    x: float = 0.0
    y: float = 0.0
    width: float = NARROWEST

    @property
    def group(self) -> int:
        """The innermost loop around it; −1 for none."""
        return self.groups[-1] if self.groups else -1


@dataclass(slots=True)
class Edge:
    """From a node to one that reads it, through `stops`; `back` leads to the next iteration of a loop."""

    source: int
    target: int
    back: bool = False
    stops: list[Point] = field(default_factory=list[Point])


@dataclass(slots=True)
class Graph:
    """Nodes (inputs, cells, outputs, in this order), edges, and the loops with their frames (x, y, width, height)."""

    nodes: list[Node]
    edges: list[Edge]
    folded: Folded
    height: float = LOW
    size: Point = (0.0, 0.0)
    frames: dict[int, tuple[float, float, float, float]] = field(
        default_factory=dict[int, tuple[float, float, float, float]]
    )


def graph(naming: Naming) -> Graph:
    """The graph of a trace, laid out."""
    trace = naming.trace
    folded = cells(fold(trace.lines) if len(trace.lines) > FOLD_ABOVE else tuple(range(len(trace.lines))))
    nodes = [Node("input", [k], naming.shown[var]) for k, var in enumerate(trace.inputs)]
    nodes += [_of_cell(naming, cell) for cell in folded.cells]
    nodes += [Node("output", [k], f"{name} = {naming.atom(a)}") for k, (name, a) in enumerate(_outputs(naming))]
    for node in nodes:
        node.width = min(WIDEST, max(NARROWEST, LETTER * width(node.label) + 26))
    scalar = all(var.type.shape == () for var in naming.shown)
    g = Graph(nodes, _edges(naming, folded), folded, LOW if scalar else HIGH)
    _Nested(g).arrange()
    return g


def _outputs(naming: Naming) -> list[tuple[str, Any]]:
    return list(zip(naming.outputs, naming.trace.outputs, strict=True))


def _of_cell(naming: Naming, cell: Cell) -> Node:
    line = naming.trace.lines[cell.lines[0]]
    left, right = naming.left(line), naming.right(line)
    return Node(line.kind, cell.lines, f"{left} = {right}" if left else right, cell.groups)


def _edges(naming: Naming, folded: Folded) -> list[Edge]:
    """Who reads whom. What was written to is read from its last write."""
    trace = naming.trace
    n = len(trace.inputs)
    home = {line: n + c for c, cell in enumerate(folded.cells) for line in cell.lines}
    at: dict[Var, int] = {var: k for k, var in enumerate(trace.inputs)}
    found: dict[tuple[int, int], Edge] = {}

    def link(var: Var, target: int) -> None:
        source = at[var]
        back = n <= source and target <= source and target < n + len(folded.cells)
        found.setdefault((source, target), Edge(source, target, back))

    for i, line in enumerate(trace.lines):
        for var in line.inputs:
            link(var, home[i])
        at.update(dict.fromkeys(line.outs, home[i]))
        if line.kind == "write" and line.inputs[:1] == line.args[:1]:
            at[line.inputs[0]] = home[i]
    for k, atom in enumerate(trace.outputs):
        if isinstance(atom, Var):
            link(atom, n + len(folded.cells) + k)
    return list(found.values())


class _Nested:
    """The layout of a graph with loops: each loop is laid out by itself and is one box to what is around it."""

    def __init__(self, g: Graph) -> None:
        self.g = g
        self.inside: dict[int, list[tuple[str, int]]] = defaultdict(list)
        """group → its items in order: nodes and groups."""
        self.between: dict[int, list[tuple[Edge, int, int]]] = defaultdict(list)
        """group → the edges between its items: (edge, place of the source among the items, of the target)."""
        self._sort()

    def _sort(self) -> None:
        place_of: dict[tuple[str, int], int] = {}
        for k, node in enumerate(self.g.nodes):
            chain: list[tuple[str, int]] = [*(("group", x) for x in node.groups), ("node", k)]
            for around, item in zip((-1, *node.groups), chain, strict=True):
                if item not in place_of:
                    place_of[item] = len(self.inside[around])
                    self.inside[around].append(item)
        for edge in self.g.edges:
            if edge.back:
                continue
            a, b = self.g.nodes[edge.source].groups, self.g.nodes[edge.target].groups
            d = next((k for k, (u, v) in enumerate(zip(a, b, strict=False)) if u != v), min(len(a), len(b)))
            ends = [("group", c[d]) if d < len(c) else ("node", k) for c, k in ((a, edge.source), (b, edge.target))]
            s, t = (place_of[end] for end in ends)
            if s < t:
                self.between[a[d - 1] if d else -1].append((edge, s, t))

    def arrange(self) -> None:
        """Set the places of all nodes, edges and frames."""
        self.g.size = self._group(-1)
        for k in range(len(self.g.folded.groups)):  # outer ones come first
            self._move(k)

    def _group(self, around: int) -> Point:
        """Lay out what is in a group, from (0, 0) on; return its size."""
        items = self.inside[around]
        sizes = [self._group_box(k) if kind == "group" else (self.g.nodes[k].width, self.g.height) for kind, k in items]
        pairs = list(dict.fromkeys((s, t) for _, s, t in self.between[around]))
        kinds = [self.g.nodes[k].kind if kind == "node" else "" for kind, k in items]
        first = {i for i, kind in enumerate(kinds) if kind == "input"}
        last = {i for i, kind in enumerate(kinds) if kind == "output"}
        placed = place(sizes, pairs, first, last)
        for (kind, k), (x, y), (w, h) in zip(items, placed.corners, sizes, strict=True):
            if kind == "group":
                self.g.frames[k] = (x, y, w, h)
            else:
                self.g.nodes[k].x, self.g.nodes[k].y = x, y
        stops = dict(zip(pairs, placed.stops, strict=True))
        for edge, s, t in self.between[around]:
            edge.stops = list(stops[s, t])
        return placed.size

    def _group_box(self, k: int) -> Point:
        w, h = self._group(k)
        return w + 2 * SIDE, h + ABOVE + BELOW

    def _move(self, k: int) -> None:
        """From the coordinates of a group to those of what is around it, which has been moved before."""
        x, y, _, _ = self.g.frames[k]
        dx, dy = x + SIDE, y + ABOVE
        for kind, item in self.inside[k]:
            if kind == "group":
                a, b, w, h = self.g.frames[item]
                self.g.frames[item] = (a + dx, b + dy, w, h)
            else:
                self.g.nodes[item].x += dx
                self.g.nodes[item].y += dy
        for edge, _, _ in self.between[k]:
            edge.stops = [(a + dx, b + dy) for a, b in edge.stops]
