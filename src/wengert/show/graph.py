"""The computational graph of a trace, laid out from left to right in layers.

A node is an input, a cell of the folded trace, or an output; an edge says that one reads the other.
Layers are longest paths from the inputs; edges over several layers bend around what lies between
through stops of their own. (Sugiyama, Tagawa, Toda 1981, with barycentres.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from wengert.ir.line import Var
from wengert.show.fold import Cell, Folded, cells, fold
from wengert.show.naming import Naming
from wengert.show.notation import width

FOLD_ABOVE = 40
"""Traces of more lines than this are folded."""
HEIGHT, GAP_X, GAP_Y = 58.0, 72.0, 28.0
NARROWEST, WIDEST, LETTER = 112.0, 260.0, 7.4
MOST_STOPS = 6000


@dataclass(slots=True)
class Node:
    """One box: `kind` is input, output or the kind of the line; `members` are inputs, lines or outputs by number."""

    kind: str
    members: list[int]
    label: str
    group: int = -1
    x: float = 0.0
    y: float = 0.0
    width: float = NARROWEST


@dataclass(slots=True)
class Edge:
    """From a node to one that reads it, through `stops`; `back` leads to the next iteration of a loop."""

    source: int
    target: int
    back: bool = False
    stops: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])


@dataclass(slots=True)
class Graph:
    """Nodes (inputs, cells, outputs, in this order), edges, and the groups of cells."""

    nodes: list[Node]
    edges: list[Edge]
    folded: Folded
    inputs: int
    size: tuple[float, float] = (0.0, 0.0)

    def frame(self, g: int) -> tuple[float, float, float, float]:
        """The box around a group: x, y, width, height."""
        inside = [self.nodes[self.inputs + c] for c in self.folded.groups[g].cells]
        left = min(n.x for n in inside)
        top = min(n.y for n in inside)
        right = max(n.x + n.width for n in inside)
        bottom = max(n.y for n in inside) + HEIGHT
        return left, top, right - left, bottom - top


def graph(naming: Naming) -> Graph:
    """The graph of a trace, laid out."""
    trace = naming.trace
    folded = cells(fold(trace.lines) if len(trace.lines) > FOLD_ABOVE else tuple(range(len(trace.lines))))
    nodes = [Node("input", [k], naming.shown[var]) for k, var in enumerate(trace.inputs)]
    nodes += [_of_cell(naming, cell) for cell in folded.cells]
    nodes += [Node("output", [k], name) for k, name in enumerate(naming.outputs)]
    for node in nodes:
        node.width = min(WIDEST, max(NARROWEST, LETTER * width(node.label) + 26))
    g = Graph(nodes, _edges(naming, folded), folded, len(trace.inputs))
    _Layout(g).run()
    return g


def _of_cell(naming: Naming, cell: Cell) -> Node:
    line = naming.trace.lines[cell.lines[0]]
    left, right = naming.left(line), naming.right(line)
    label = f"{left} = {right}" if left else right
    return Node(line.kind, cell.lines, label, cell.groups[-1] if cell.groups else -1)


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


class _Layout:
    """Places the nodes of a graph: layers, order in each layer, coordinates."""

    def __init__(self, g: Graph) -> None:
        self.g = g
        self.forth = [e for e in g.edges if not e.back]
        self.layer = self._layers()
        self.above: dict[int, list[int]] = defaultdict(list)
        self.below: dict[int, list[int]] = defaultdict(list)
        self.stops: dict[int, list[int]] = {}
        self.where = dict(enumerate(self.layer))
        self._add_stops()
        self.order = self._initial_order()

    def run(self) -> None:
        """Set x, y of the nodes and the stops of the edges."""
        sweeps = 8 if len(self.where) < 800 else 2
        for k in range(sweeps):
            self._reorder(self.above if k % 2 == 0 else self.below, range(len(self.order)), k % 2 == 1)
        y = self._heights(sweeps)
        x = self._columns()
        for k, node in enumerate(self.g.nodes):
            node.x, node.y = x[self.layer[k]], y[k]
        for e, edge in enumerate(self.forth):
            edge.stops = [(x[self.where[s]], y[s] + HEIGHT / 2) for s in self.stops.get(e, ())]
        right = max((n.x + n.width for n in self.g.nodes), default=0.0)
        self.g.size = right, max((n.y + HEIGHT for n in self.g.nodes), default=0.0)

    def _layers(self) -> list[int]:
        """Longest paths; an input stands just before the first node that reads it."""
        n = len(self.g.nodes)
        layer = [0] * n
        sources: dict[int, list[int]] = defaultdict(list)
        for e in self.forth:
            sources[e.target].append(e.source)
        for k in range(self.g.inputs, n):
            layer[k] = max((layer[s] + 1 for s in sources[k]), default=1)
        last = max(layer, default=0)
        for k in range(self.g.inputs + len(self.g.folded.cells), n):
            layer[k] = max(last, layer[k])
        readers: dict[int, list[int]] = defaultdict(list)
        for e in self.forth:
            readers[e.source].append(layer[e.target])
        for k in range(self.g.inputs):
            layer[k] = max(0, min(readers[k], default=1) - 1)
        return layer

    def _add_stops(self) -> None:
        made = 0
        for e, edge in enumerate(self.forth):
            a, b = self.layer[edge.source], self.layer[edge.target]
            chain = [edge.source]
            if b - a > 1 and made + b - a <= MOST_STOPS:
                for at in range(a + 1, b):
                    stop = len(self.where)
                    self.where[stop] = at
                    chain.append(stop)
                made += b - a - 1
                self.stops[e] = chain[1:]
            chain.append(edge.target)
            for u, v in pairwise(chain):
                self.above[v].append(u)
                self.below[u].append(v)

    def _initial_order(self) -> list[list[int]]:
        order: list[list[int]] = [[] for _ in range(max(self.where.values(), default=0) + 1)]
        for k, at in self.where.items():
            order[at].append(k)
        return order

    def _reorder(self, neighbours: dict[int, list[int]], layers: Iterable[int], reverse: bool) -> None:
        """Each layer by the barycentres of its neighbours in the layer before."""
        place: dict[int, float] = {}
        for layer in self.order:
            place.update({k: i - len(layer) / 2 for i, k in enumerate(layer)})
        for at in sorted(layers, reverse=reverse):
            layer = self.order[at]
            weight = {k: _mean([place[u] for u in neighbours[k]], place[k]) for k in layer}
            layer.sort(key=lambda k: weight[k])
            place.update({k: i - len(layer) / 2 for i, k in enumerate(layer)})

    def _heights(self, sweeps: int) -> dict[int, float]:
        """y of everything: near the neighbours, never closer than a gap."""
        n = len(self.g.nodes)
        size = {k: HEIGHT + GAP_Y if k < n else GAP_Y for k in self.where}
        y: dict[int, float] = {}
        for layer in self.order:
            top = -sum(size[k] for k in layer) / 2
            for k in layer:
                y[k] = top
                top += size[k]
        for k in range(sweeps + 2):
            layers = self.order if k % 2 == 0 else self.order[::-1]
            neighbours = self.above if k % 2 == 0 else self.below
            for layer in layers:
                centre = {u: _mean([_middle(y, v, n) for v in neighbours[u]], _middle(y, u, n)) for u in layer}
                wanted = [centre[u] - (HEIGHT / 2 if u < n else 0) for u in layer]
                for u, place in zip(layer, _spread(wanted, [size[u] for u in layer]), strict=True):
                    y[u] = place
        top = min(y.values(), default=0.0)
        return {k: v - top - (0 if k < n else HEIGHT / 2) for k, v in y.items()}

    def _columns(self) -> list[float]:
        n = len(self.g.nodes)
        x, at = [], 0.0
        for layer in self.order:
            x.append(at)
            at += max((self.g.nodes[k].width for k in layer if k < n), default=20.0) + GAP_X
        return x


def _middle(y: dict[int, float], k: int, n: int) -> float:
    return y[k] + (HEIGHT / 2 if k < n else 0)


def _mean(xs: list[float], otherwise: float) -> float:
    return sum(xs) / len(xs) if xs else otherwise


def _spread(wanted: list[float], sizes: list[float]) -> list[float]:
    """Places in this order, as near to the wanted ones as the sizes allow: blocks that touch move as one."""
    blocks: list[tuple[float, int, float]] = []  # (place of the first, members, size so far)
    total: list[float] = []
    for want, size in zip(wanted, sizes, strict=True):
        blocks.append((want, 1, size))
        total.append(want)
        while len(blocks) > 1 and blocks[-2][0] + blocks[-2][2] > blocks[-1][0]:
            (a, n, s), (b, m, t) = blocks[-2], blocks[-1]
            blocks[-2:] = [((a * n + (b - s) * m) / (n + m), n + m, s + t)]
    places: list[float] = []
    for start, members, _ in blocks:
        for _ in range(members):
            places.append(start)
            start += sizes[len(places) - 1]
    return places
