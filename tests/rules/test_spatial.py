"""scipy.spatial of recorded points: hulls, triangulations, neighbours."""

import numpy as np
import pytest
from check import check
from scipy.spatial import ConvexHull, Delaunay, KDTree, Voronoi, cKDTree

X = np.random.default_rng(0).normal(size=(7, 2))
B = np.random.default_rng(1).normal(size=(5, 2))
T = KDTree(B)

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
