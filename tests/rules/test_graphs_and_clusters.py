"""scipy.sparse.csgraph, scipy.cluster, and the points of scipy.spatial's diagrams."""

import numpy as np
import pytest
import scipy.cluster.hierarchy as hierarchy
import scipy.cluster.vq as vq
import scipy.sparse as sparse
import scipy.sparse.csgraph as graph
import scipy.spatial as spatial
from check import check

import wengert as wg

rng = np.random.default_rng(5)
W = rng.uniform(1, 2, size=(5, 5))
P = rng.uniform(size=(9, 2))
BOOK = P[:2] + 0.1
PATHS = {name: getattr(graph, name) for name in ("dijkstra", "floyd_warshall", "bellman_ford", "johnson")}
CASES = {
    **{name: (f, W) for name, f in PATHS.items()},
    "shortest_path of a sparse graph": (lambda w: graph.shortest_path(sparse.csr_array(w), indices=0), W),
    "either way": (lambda w: graph.dijkstra(w, directed=False), W),
    "from the nearest": (lambda w: graph.dijkstra(w, indices=[0, 2], min_only=True), W),
    "edges counted": (lambda w: graph.dijkstra(w, unweighted=True) * w, W),
    "predecessors": (lambda w: graph.dijkstra(w, return_predecessors=True)[0], W),
    "minimum_spanning_tree": (lambda w: graph.minimum_spanning_tree(w).toarray(), W),
    "laplacian": (graph.laplacian, W),
    "laplacian, normed": (lambda w: graph.laplacian(w, normed=True), W),
    "laplacian of a sparse graph": (lambda w: graph.laplacian(sparse.csr_array(w)).toarray(), W),
    "connected_components": (lambda w: w * graph.connected_components(w)[0], W),
    "whiten": (vq.whiten, P),
    "vq": (lambda p, b: vq.vq(p, b)[1], P, BOOK),
    "kmeans": (lambda p: vq.kmeans(p, P[:2]), P),
    "kmeans2": (lambda p: vq.kmeans2(p, P[:2], minit="matrix")[0], P),
    **{method: (lambda p, m=method: hierarchy.linkage(p, m)[:, 2], P) for method in ("single", "complete", "average")},
    **{method: (lambda p, m=method: hierarchy.linkage(p, m)[:, 2], P) for method in ("weighted", "median", "ward")},
    "centroid": (lambda p: hierarchy.linkage(p, "centroid"), P),
    "Voronoi": (lambda p: spatial.Voronoi(p).vertices, P),
    "procrustes": (spatial.procrustes, P, P[::-1] ** 2),
    "geometric_slerp": (lambda a: spatial.geometric_slerp(a / np.linalg.norm(a), [0.0, 1.0], [0.2, 0.7]), P[0]),
    "minkowski_distance": (spatial.minkowski_distance, P, P + BOOK[0]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_derivatives(case):
    check(*case, h=1e-5, rtol=1e-5)


def test_what_is_not_reached_is_infinitely_far():
    lengths, slope = wg.jvp(lambda w: graph.dijkstra(np.triu(w, 1)), (W,), (np.ones((5, 5)),))
    assert np.isinf(lengths[4, 0])
    np.testing.assert_array_equal(slope, np.triu(slope))
    assert slope[0, 4] == 1


def test_regions_of_recorded_points():
    def area(p):
        made = spatial.Voronoi(p)
        corners = made.vertices[made.regions[made.point_region[k]]]
        x, y = corners.T
        return 0.5 * np.abs(np.sum(x * np.roll(y, 1) - y * np.roll(x, 1)))

    inside = spatial.Voronoi(P)
    k = next(i for i, r in enumerate(inside.point_region) if inside.regions[r] and -1 not in inside.regions[r])
    check(area, P, h=1e-5, rtol=1e-5)
