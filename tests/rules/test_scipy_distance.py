"""Tables of distances with parameters and of one's own, and of points that are the same."""

import numpy as np
import pytest
from check import check
from scipy.spatial import distance, distance_matrix
from scipy.spatial.distance import cdist, pdist

import wengert as wg
from wengert.errors import NoDerivative

Q = np.array([[0.3, 1.2, 0.7], [1.1, 0.4, 0.2], [0.9, 2.3, 1.4], [2.2, 0.8, 0.55], [0.1, 1.7, 2.6]])
V = [1.0, 2.0, 0.5]
VI = np.diag(V) + 0.1

# fmt: off
TABLES = {
    "minkowski": lambda q: (cdist(q[:2], q[2:], "minkowski", p=3), pdist(q, "minkowski", p=1.5),
                            cdist(q[:2], q[2:], "minkowski", p=2.5, w=V)),
    "mahalanobis": lambda q: (cdist(q[:2], q[2:], "mahalanobis", VI=VI), pdist(q, "mahalanobis")),
    "seuclidean": lambda q: (cdist(q[:2], q[2:], "seuclidean", V=V), pdist(q, "seuclidean"),
                             cdist(q[:2], Q[2:], "seuclidean", V=np.abs(q[4]))),
    "canberra": lambda q: (cdist(q[:2], q[2:], "canberra"), pdist(q, "canberra")),
    "braycurtis": lambda q: (cdist(q[:2], q[2:], "braycurtis"), pdist(q, "braycurtis")),
    "jensenshannon": lambda q: (cdist(q[:2], q[2:], "jensenshannon"), pdist(q, "jensenshannon")),
    "correlation": lambda q: (cdist(q[:2], q[2:], "correlation"), pdist(q, metric="correlation")),
    "one's own": lambda q: (cdist(q[:2], q[2:], lambda u, v: np.sum((u - v) ** 4)), pdist(q, lambda u, v: u @ v)),
    "SciPy's own": lambda q: (cdist(q[:2], q[2:], distance.sqeuclidean), pdist(q, metric=distance.cityblock)),
    "of two points": lambda q: (distance.cosine(q[0], q[1]), distance.cosine(q[0], q[1], [1.0, 2, 1]),
                                distance.correlation(q[0], q[1]), distance.correlation(q[0], q[1], centered=False)),
    "distance_matrix": lambda q: (distance_matrix(q[:2], q[2:]), distance_matrix(q[:2], q[2:], p=1),
                                  distance_matrix(q[:2], q[2:], p=np.inf)),
    "directed_hausdorff": lambda q: distance.directed_hausdorff(q[:2], q[2:])[0],
}
# fmt: on


@pytest.mark.parametrize("name", TABLES)
def test_tables(name):
    check(TABLES[name], Q, h=1e-4)


@pytest.mark.parametrize("metric", ["minkowski", "mahalanobis", "seuclidean", "canberra"])
def test_the_same_point_twice_has_slope_zero(metric):
    options = {"mahalanobis": {"VI": VI}, "seuclidean": {"V": V}}.get(metric, {})
    slope = wg.grad(lambda q: cdist(q, Q[:1], metric, **options).sum())(Q[:1])
    np.testing.assert_array_equal(slope, 0.0)


WEIGHTED = ["euclidean", "sqeuclidean", "cityblock", "chebyshev", "cosine", "correlation", "canberra", "braycurtis"]


@pytest.mark.parametrize("metric", WEIGHTED)
def test_weights(metric):
    f = lambda q, w: (cdist(q[:2], q[2:], metric, w=w), pdist(q, metric, w=w))
    check(f, Q * [1.0, 1.1, 0.9], np.array(V), h=1e-4, rtol=1e-6)  # without ties


def test_weights_of_the_same_point_twice():
    slope = wg.grad(lambda q: cdist(q, Q[:1], "euclidean", w=V).sum())(Q[:1])
    np.testing.assert_array_equal(slope, 0.0)


def test_a_metric_without_weights():
    with pytest.raises(NoDerivative, match=r"metric 'hamming', w="):
        wg.grad(lambda w: cdist(Q, Q, "hamming", w=w).sum())(np.ones(3))


def test_powers_of_a_table():
    for p in (1.0, 2.0, 3.0):
        slope = wg.grad(lambda p: np.sum(distance_matrix(Q[:2], Q[2:], p=p)))(p)
        np.testing.assert_allclose(
            slope, wg.grad(lambda p: np.sum(cdist(Q[:2], Q[2:], "minkowski", p=p)))(p), rtol=1e-12
        )
