"""scipy.sparse.csgraph: the edges of a path or tree are control flow; lengths are sums of their weights."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.sparse.csgraph as _csgraph

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded
from wengert.record.swap import Paused, replace
from wengert.record.value import concrete
from wengert.rules.described import described, holds_recorded, plainly
from wengert.rules.scipy_composed import compose
from wengert.rules.solved import still
from wengert.rules.sparse_labels import has_recorded, is_uncounted, sparse, stilled

csgraph: Any = _csgraph

compose(csgraph, "laplacian")


def _dense(graph: Any, name: str) -> Any:
    """The weights as a matrix, where 0 means that there is no edge."""
    if not has_recorded(graph):
        return np.asarray(graph)
    if not is_uncounted(graph) and np.any(np.equal(concrete(graph.data), 0)):
        raise NoDerivative(
            at_user_line(f"no derivative rule for scipy.sparse.csgraph.{name} with edges of weight zero")
        )
    return graph.toarray()


def _is_graph_recorded(graph: Any) -> bool:
    return any_recorded((graph,)) or has_recorded(graph)


# ── lengths of shortest paths ──

_LENGTHS = ("shortest_path", "dijkstra", "bellman_ford", "johnson", "floyd_warshall")
_ORIGINALS = {name: getattr(csgraph, name) for name in _LENGTHS}


def _paths(weights: Any, name: str, part: int, options: Any) -> Any:
    """The lengths (part 0), the predecessors (part 1), or the sources (part 2)."""
    return plainly(_ORIGINALS[name])(weights, return_predecessors=True, **options)[part]


def _lengths(weights: Any, name: str, part: int, options: Any) -> Any:
    """Σ of the weights along each path, from its end back to its start."""
    before = np.atleast_2d(look(decide(_paths, weights, name=name, part=1, options=options)))
    if not options.get("directed", True):
        other = np.swapaxes(weights, 0, 1)
        plain = np.asarray(still(weights))
        back = (plain.T != 0) & ((plain == 0) | (plain > plain.T))
        weights = np.where(back, other, weights)
    row, here = np.nonzero(before >= 0)
    pair = (row, here)
    total = np.zeros(before.shape)
    while len(row):
        last = before[row, here]
        np.add.at(total, pair, weights[last, here])
        on = before[row, last] >= 0
        row, here, pair = row[on], last[on], (pair[0][on], pair[1][on])
    shape = np.shape(look(decide(_paths, weights, name=name, part=1, options=options)))
    return np.reshape(total, shape)


LENGTHS = described(_paths, _lengths, 1, "scipy.sparse.csgraph.shortest_path")


def _of_paths(name: str) -> None:
    signature = inspect.signature(_ORIGINALS[name])

    @replace(_ORIGINALS[name])
    def _replaced(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def lengths(*args: Any, **kwargs: Any) -> Any:
            options = dict(signature.bind(*args, **kwargs).arguments)
            graph = options.pop("csgraph")
            if not _is_graph_recorded(graph):
                with Paused():
                    return original(*args, **kwargs)
            asked = options.pop("return_predecessors", False)
            weights = _dense(graph, name)
            of = {"name": name, "options": options}
            counted = options.get("unweighted", False)
            found = look(decide(_paths, weights, part=0, **of)) if counted else LENGTHS(weights, part=0, **of)
            more = (1, 2) if options.get("min_only", False) else (1,)
            return (found, *[look(decide(_paths, weights, part=k, **of)) for k in more]) if asked else found

        return lengths


for _name in _LENGTHS:
    _of_paths(_name)


# ── spanning trees ──

_minimum_spanning_tree = csgraph.minimum_spanning_tree


def _edges(weights: Any) -> Any:
    """The ends of the tree's edges, one column for each edge."""
    tree = plainly(_minimum_spanning_tree)(weights).tocoo()
    return np.array([tree.row, tree.col])


@replace(_minimum_spanning_tree)
def _tree(original: Any) -> Any:
    def minimum_spanning_tree(csgraph: Any, overwrite: bool = False) -> Any:
        if not _is_graph_recorded(csgraph):
            with Paused():
                return original(csgraph, overwrite)
        weights = _dense(csgraph, "minimum_spanning_tree")
        i, j = look(decide(_edges, weights))
        return sparse.csr_matrix((weights[i, j], (i, j)), shape=np.shape(concrete(weights)))

    return minimum_spanning_tree


# ── orders, components, matchings: whole numbers ──

_WHOLE = (
    "connected_components", "breadth_first_order", "depth_first_order", "reverse_cuthill_mckee",
    "maximum_bipartite_matching", "min_weight_full_bipartite_matching", "structural_rank", "maximum_flow",
)  # fmt: skip


@replace(*[getattr(csgraph, name) for name in _WHOLE])
def _whole(original: Any) -> Any:
    def of(*args: Any, **options: Any) -> Any:
        plain = [_as_stored(a) for a in args], {name: _as_stored(a) for name, a in options.items()}
        with Paused():
            return original(*plain[0], **plain[1])

    return of


def _as_stored(graph: Any) -> Any:
    """The plain graph, without the zeros that SciPy would not have stored."""
    if not holds_recorded(graph):
        return still(graph)
    plain = stilled(graph)
    if is_uncounted(graph) and hasattr(plain, "eliminate_zeros"):
        plain = plain.copy()
        plain.eliminate_zeros()
    return plain
