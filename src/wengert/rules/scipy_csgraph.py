"""scipy.sparse.csgraph: lengths of shortest paths and of spanning trees are sums of the weights on their edges.

Which edges these are is piecewise constant: SciPy finds them, and the sum over them is recorded.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.sparse.csgraph as _csgraph

from wengert.record.protocols import lower
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.scipy_composed import compose
from wengert.rules.solved import renewed, still
from wengert.rules.sparse_labels import has_recorded, is_recorded, stilled

csgraph: Any = _csgraph

compose(csgraph, "laplacian")


def _weights(graph: Any) -> Any:
    return graph.toarray() if has_recorded(graph) else as_array(graph)


def _edges(before: Any) -> tuple[Any, Any, Any]:
    """(place in the result, from, to) of every edge on the way to every node, from the table of predecessors."""
    place = np.arange(before.size).reshape(before.shape)
    node = np.broadcast_to(np.arange(before.shape[1]), before.shape)
    rows = np.broadcast_to(np.arange(before.shape[0])[:, None], before.shape)
    found: list[Any] = []
    while True:
        previous = before[rows, node]
        on = previous >= 0  # a source has none
        place, node, rows, previous = place[on], node[on], rows[on], previous[on]
        if not place.size:
            parts = found or [np.zeros((3, 0), int)]
            return tuple(np.concatenate(parts, axis=1))  # type: ignore[return-value]
        found.append(np.stack([place, previous, node]))
        node = previous


def _lengths(graph: Any, lengths: Any, before: Any, directed: bool) -> Any:
    """`lengths`, as sums of the recorded weights."""
    place, start, end = _edges(np.atleast_2d(before))
    weights = _weights(graph)
    if not directed:  # an edge has the lesser of the weights that are given for its two directions
        plain = still(weights)
        there, back = plain[start, end], plain[end, start]
        turned = (there == 0) | ((back != 0) & (back < there))
        start, end = np.where(turned, end, start), np.where(turned, start, end)
    total = np.zeros(np.size(lengths)) + 0.0 * np.sum(weights[:1, :1])
    np.add.at(total, place, weights[start, end])
    reached = np.isfinite(lengths)
    value = renewed(np.where(reached, lengths, 0.0), np.reshape(total, np.shape(lengths)))
    return np.where(reached, value, lengths)


@replace(*[getattr(csgraph, n) for n in ("shortest_path", "dijkstra", "floyd_warshall", "bellman_ford", "johnson")])
def _paths(original: Any) -> Any:
    signature = inspect.signature(original)

    def paths(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        graph = given.pop("csgraph")
        if not is_recorded(graph):
            return compute(original, lower((graph,)), lower(given))
        asked = given.pop("return_predecessors", False)
        found = compute(original, (stilled(graph),), lower(given) | {"return_predecessors": True})
        lengths = found[0]
        if not given.get("unweighted", False):
            lengths = _lengths(graph, lengths, found[1], given.get("directed", True))
        return (lengths, *found[1:]) if asked else lengths

    return paths


@replace(csgraph.minimum_spanning_tree)
def _tree(original: Any) -> Any:
    def minimum_spanning_tree(csgraph: Any, overwrite: bool = False) -> Any:
        if not is_recorded(csgraph):
            return compute(original, lower((csgraph,)), {"overwrite": overwrite})
        tree = compute(original, (stilled(csgraph),), None)
        i, j = tree.tocoo().coords
        made = tree.copy()
        made.data = _weights(csgraph)[i, j]
        return made

    return minimum_spanning_tree


STRUCTURE = """
connected_components breadth_first_order depth_first_order structural_rank reverse_cuthill_mckee
maximum_bipartite_matching min_weight_full_bipartite_matching maximum_flow breadth_first_tree depth_first_tree
"""


@replace(*[getattr(csgraph, name) for name in STRUCTURE.split()])
def _of_structure(original: Any) -> Any:
    """Whole numbers, of which no derivative is asked."""

    def of(graph: Any, *args: Any, **kwargs: Any) -> Any:
        return compute(original, (stilled(graph), *lower(args)), lower(kwargs))

    return of
