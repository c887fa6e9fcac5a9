"""scipy.spatial of recorded points: hulls, triangulations, neighbours."""

import numpy as np
import pytest
from check import check
from scipy.spatial import ConvexHull, Delaunay, KDTree, SphericalVoronoi, Voronoi, cKDTree, tsearch

X = np.random.default_rng(0).normal(size=(7, 2))
B = np.random.default_rng(1).normal(size=(5, 2))
T, CT = KDTree(B), cKDTree(B)


def barycentric(tri, p):
    found = tri.transform[tsearch(tri, p)]
    return np.einsum("ijk,ik->ij", found[:, :2], p - found[:, 2])


# fmt: off
CASES = {
    "hv": lambda x: ConvexHull(x).volume,
    "ha": lambda x: ConvexHull(x).area,
    "hv3": lambda x: ConvexHull(np.column_stack([x,x[:,0]**2+.3*x[::-1,1]])).volume,
    "ha3": lambda x: ConvexHull(np.column_stack([x,x[:,0]**2+.3*x[::-1,1]])).area,
    "hvert": lambda x: x[ConvexHull(x).vertices],
    "dl": lambda x: sum(abs(np.linalg.det(x[s][1:]-x[s][0])) for s in Delaunay(x).simplices)+x[0,0],
    "fs": lambda x: Delaunay(x).find_simplex(np.zeros((1,2)))*x[0,0],
    "kd": lambda x: KDTree(B).query(x)[0],
    "kd2": lambda x: cKDTree(x).query(B,k=2)[0],
    "kdg": lambda x: T.query(x,k=2)[0],
    "kdi": lambda x: (lambda d,i: np.sum((x-B[i])**2))(*KDTree(B).query(x)),
    "ball": lambda x: [len(l) for l in cKDTree(B).query_ball_point(x,1.)]*x[:,0],
    "pairs": lambda x: sum(np.sum((x[i]-x[j])**2) for i,j in cKDTree(x).query_pairs(1.5)),
    "one": lambda x: cKDTree(B).query(x[0])[0],
    "self2": lambda x: cKDTree(x).query(x,k=2)[0][:,1],
    "p1": lambda x: cKDTree(B).query(x,p=1)[0],
    "missing": lambda x: np.exp(-cKDTree(x).query(B,k=4,distance_upper_bound=1.5,workers=-1)[0]),
    "asked": lambda x: [np.sum((B[T.query_ball_point(p,2.)]-p)**2) for p in x],
    "askedc": lambda x: CT.query(x,k=2)[0].sum(0)*len(CT.query_ball_point(x[0],2.)),
    "bounds": lambda x: (KDTree(x).mins, KDTree(x).n*x[0], Delaunay(x).max_bound, ConvexHull(x).nsimplex*x[0]),
    "eq": lambda x: ConvexHull(x).equations,
    "eq3": lambda x: ConvexHull(np.column_stack([x,x[:,0]**2+.3*x[::-1,1]])).equations,
    "tr": lambda x: Delaunay(x).transform,
    "ts": lambda x: barycentric(Delaunay(x), np.array([[.1,.2],[0.,-.1]])),
    "tsx": lambda x: barycentric(Delaunay(np.array([[-9,-9],[9.,-9],[0,9.]])), x),
    "plainq": lambda x: cKDTree(B).query(np.zeros(2))[0]*x[0,0],
    "vor": lambda x: Voronoi(B).vertices.sum()*x[0,0],
}
# fmt: on


@pytest.mark.parametrize("name", CASES)
def test_function(name):
    check(CASES[name], X, h=1e-6, rtol=1e-5)


def test_small_distances():
    rng = np.random.default_rng(8)
    p, q = rng.uniform(size=(6, 2)), rng.uniform(size=(5, 2))

    def f(p, q):
        return cKDTree(p).sparse_distance_matrix(cKDTree(q), 0.5).toarray()

    check(f, p, q, h=1e-5, rtol=1e-5)


@pytest.mark.parametrize("size", [3, 2])
def test_regions_on_a_sphere(size):
    points = np.random.default_rng(2).normal(size=(7, size))

    def f(x):
        made = SphericalVoronoi(2.0 * x / np.linalg.norm(x, axis=1, keepdims=True) + 1.0, 2.0, np.ones(size))
        return made.calculate_areas(), made.vertices

    check(f, points, h=1e-5, rtol=1e-5)
