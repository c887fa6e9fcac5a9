"""Boxes and arrows from left to right in layers (Sugiyama, Tagawa, Toda 1981, with barycentres).

Layers are longest paths; an edge over several layers bends around what lies between through stops of
its own; each box stands as near to its neighbours as the boxes above and below it allow.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise

GAP_X, GAP_Y = 92.0, 30.0
MOST_STOPS = 6000
LARGE = 800
"""Of larger graphs the order in the layers is improved less often."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """The upper left corners of the boxes, the stops of the edges, and the size of the whole."""

    corners: list[Point]
    stops: list[list[Point]]
    size: Point


def place(sizes: list[Point], edges: list[tuple[int, int]], first: set[int], last: set[int]) -> Placed:
    """Boxes of these sizes, in an order in which every edge leads to a later one.

    `first` are inputs: each stands just before the first box that reads it. `last` are outputs, which
    stand in the last layer.
    """
    return _Layout(sizes, edges, first, last).placed()


class _Layout:
    """One graph. Stops are numbered after the boxes, and have no height."""

    def __init__(self, sizes: list[Point], edges: list[tuple[int, int]], first: set[int], last: set[int]) -> None:
        self.sizes = sizes
        self.edges = edges
        self.layer = self._layers(first, last)
        self.above: dict[int, list[int]] = defaultdict(list)
        self.below: dict[int, list[int]] = defaultdict(list)
        self.stops: list[list[int]] = []
        self._add_stops()
        self.order: list[list[int]] = [[] for _ in range(max(self.layer, default=0) + 1)]
        for k, at in enumerate(self.layer):
            self.order[at].append(k)

    def placed(self) -> Placed:
        """The result."""
        sweeps = 8 if len(self.layer) < LARGE else 2
        for k in range(sweeps):
            self._reorder(down=k % 2 == 0)
        y = self._heights(sweeps + 2)
        x, widths = self._columns()
        corners = [(x[self.layer[k]], y[k]) for k in range(len(self.sizes))]
        stops = [self._bends(chain, x, widths, y) for chain in self.stops]
        right = max((cx + w for (cx, _), (w, _) in zip(corners, self.sizes, strict=True)), default=0.0)
        bottom = max((cy + h for (_, cy), (_, h) in zip(corners, self.sizes, strict=True)), default=0.0)
        return Placed(corners, stops, (right, bottom))

    def _bends(self, chain: list[int], x: list[float], widths: list[float], y: list[float]) -> list[Point]:
        """An edge keeps its height while it passes a layer."""
        return [(x[at] + dx, y[s]) for s in chain for at in (self.layer[s],) for dx in (0.0, widths[at])]

    def _layers(self, first: set[int], last: set[int]) -> list[int]:
        n = len(self.sizes)
        layer = [0 if k in first else 1 for k in range(n)]
        sources: list[list[int]] = [[] for _ in range(n)]
        readers: list[list[int]] = [[] for _ in range(n)]
        for s, t in self.edges:
            sources[t].append(s)
            readers[s].append(t)
        for k in range(n):
            if k not in first:
                layer[k] = max((layer[s] + 1 for s in sources[k]), default=1)
        deepest = max(layer, default=0)
        for k in last:
            layer[k] = deepest
        for k in first:
            layer[k] = max(0, min((layer[t] for t in readers[k]), default=1) - 1)
        lowest = min(layer, default=0)
        return [at - lowest for at in layer]

    def _add_stops(self) -> None:
        for a, b in self.edges:
            chain: list[int] = []
            if len(self.layer) + self.layer[b] - self.layer[a] <= len(self.sizes) + MOST_STOPS:
                for at in range(self.layer[a] + 1, self.layer[b]):
                    chain.append(len(self.layer))
                    self.layer.append(at)
            self.stops.append(chain)
            for u, v in pairwise([a, *chain, b]):
                self.above[v].append(u)
                self.below[u].append(v)

    def _reorder(self, down: bool) -> None:
        """Each layer by the barycentres of its neighbours in the layer before."""
        neighbours = self.above if down else self.below
        at: dict[int, float] = {}
        for layer in self.order:
            at.update({k: i - len(layer) / 2 for i, k in enumerate(layer)})
        for layer in self.order if down else reversed(self.order):
            weight = {k: _mean([at[u] for u in neighbours[k]], at[k]) for k in layer}
            layer.sort(key=weight.__getitem__)
            at.update({k: i - len(layer) / 2 for i, k in enumerate(layer)})

    def _height(self, k: int) -> float:
        return self.sizes[k][1] if k < len(self.sizes) else 0.0

    def _heights(self, sweeps: int) -> list[float]:
        """The upper edge of everything, from 0 on."""
        half = [self._height(k) / 2 for k in range(len(self.layer))]
        middle = [0.0] * len(half)
        sizes = [[2 * half[k] + GAP_Y for k in layer] for layer in self.order]
        for layer, size in zip(self.order, sizes, strict=True):
            top = -sum(size) / 2
            for k, s in zip(layer, size, strict=True):
                middle[k], top = top + half[k], top + s
        for sweep in range(sweeps):
            neighbours = self.above if sweep % 2 == 0 else self.below
            for layer, size in list(zip(self.order, sizes, strict=True))[:: 1 if sweep % 2 == 0 else -1]:
                wanted = [_mean([middle[v] for v in neighbours[k]], middle[k]) - half[k] for k in layer]
                for k, top in zip(layer, _spread(wanted, size), strict=True):
                    middle[k] = top + half[k]
        upper = min((m - h for m, h in zip(middle, half, strict=True)), default=0.0)
        return [m - h - upper for m, h in zip(middle, half, strict=True)]

    def _columns(self) -> tuple[list[float], list[float]]:
        """Left edges and widths of the layers."""
        n = len(self.sizes)
        widths = [max((self.sizes[k][0] for k in layer if k < n), default=0.0) for layer in self.order]
        x: list[float] = []
        at = 0.0
        for w in widths:
            x.append(at)
            at += w + GAP_X
        return x, widths


def _mean(xs: list[float], otherwise: float) -> float:
    return sum(xs) / len(xs) if xs else otherwise


def _spread(wanted: list[float], sizes: list[float]) -> list[float]:
    """Places in this order, as near to the wanted ones as the sizes allow: blocks that touch move as one."""
    blocks: list[tuple[float, int, float]] = []  # (place of the first, members, size of all)
    for want, size in zip(wanted, sizes, strict=True):
        blocks.append((want, 1, size))
        while len(blocks) > 1 and blocks[-2][0] + blocks[-2][2] > blocks[-1][0]:
            (a, n, s), (b, m, t) = blocks[-2:]
            blocks[-2:] = [((a * n + (b - s) * m) / (n + m), n + m, s + t)]
    places: list[float] = []
    for start, members, _ in blocks:
        for _ in range(members):
            places.append(start)
            start += sizes[len(places) - 1]
    return places
