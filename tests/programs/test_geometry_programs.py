"""Programs of geometers and roboticists."""

from dataclasses import astuple, dataclass, replace

import numpy as np
import pytest
from scipy import spatial
from scipy.spatial.distance import cdist, cosine, euclidean, pdist, squareform
from scipy.spatial.transform import Rotation, Slerp
from ways import every_way

X16 = np.random.default_rng(0).normal(size=16)
X24 = np.random.default_rng(1).normal(size=24)


def rotation_from_euler(p):
    R = Rotation.from_euler("xyz", p)
    v = R.apply([1.0, 2.0, 3.0])
    return v, R.as_matrix()


def rotation_algebra(p):
    r1 = Rotation.from_rotvec(p[:3])
    r2 = Rotation.from_quat([p[3], 0.1, 0.2, 0.9])
    r = r1 * r2.inv()
    return r.as_quat(), r.magnitude(), r.as_euler("zyx", degrees=True)


def rotation_align(p):
    a = np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]])
    b = a + 0.2 * np.outer(p, [1, 2, 3])
    R, _ = Rotation.align_vectors(b, a)
    return R.as_matrix()


def attitude_propagation(w):
    q = Rotation.identity()
    for k in range(5):
        q = q * Rotation.from_rotvec(0.1 * w)
    return q.as_rotvec(), q.as_matrix()[0]


def slerp_camera(p):
    key = Rotation.from_euler("z", [[0.0], [p], [90.0]], degrees=True)
    s = Slerp([0, 1, 2], key)
    return s([0.3, 1.4]).as_matrix()


def hull_by_scipy(p):
    pts = p.reshape(-1, 2)
    hull = spatial.ConvexHull(pts)
    h = pts[hull.vertices]
    d = h - np.roll(h, 1, axis=0)
    return np.sum(np.sqrt((d**2).sum(-1)))


def delaunay_interpolation(p):
    pts = p.reshape(-1, 2)
    tri = spatial.Delaunay(pts)
    area = 0
    for s in tri.simplices:
        a, b, c = pts[s]
        area += abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2
    return area


def chamfer_distance(p):
    A = p.reshape(-1, 2)
    B = np.array([[0.0, 0], [1, 1], [2, 0.5]])
    D = cdist(A, B)
    return D.min(0).mean() + D.min(1).mean(), cdist(A, B, "cityblock").sum(), squareform(pdist(A))[0]


def nearest_by_tree(p):
    B = np.array([[0.0, 0], [1, 1], [2, 0.5]])
    tree = spatial.cKDTree(B)
    A = p.reshape(-1, 2)
    d, i = tree.query(A)
    return np.sum(d**2), np.linalg.norm(A - B[i])


def distance_names(p):
    u, v = p[:3], p[3:]
    return (
        euclidean(u, v),
        cosine(u, v),
        spatial.distance.cityblock(u, v),
        spatial.distance.chebyshev(u, v),
        spatial.distance.correlation(u, v),
        spatial.distance.braycurtis(u, v),
        spatial.distance.canberra(u, v),
        spatial.distance.minkowski(u, v, 3),
        spatial.distance.sqeuclidean(u, v),
        spatial.distance.seuclidean(u, v, [1.0, 2, 3]),
        spatial.distance.mahalanobis(u, v, np.eye(3) + 0.1),
        spatial.distance.jensenshannon(np.abs(u), np.abs(v)),
        spatial.distance.directed_hausdorff(u.reshape(3, 1), v.reshape(3, 1))[0],
    )


@dataclass(frozen=True)
class Camera:
    f: float
    cx: float = 0.0
    cy: float = 0.0
    k1: float = 0.0

    def project(self, X):
        x, y = X[..., 0] / X[..., 2], X[..., 1] / X[..., 2]
        r2 = x * x + y * y
        d = 1 + self.k1 * r2
        return np.stack([self.f * d * x + self.cx, self.f * d * y + self.cy], axis=-1)


def camera_reprojection(p):
    cam = replace(Camera(p[0]), k1=p[1], cx=0.1)
    X = np.array([[0.1, 0.2, 2], [-0.3, 0.4, 3], [0.5, -0.2, 2.5]]) + [0, 0, p[2]]
    uv = cam.project(X)
    target = np.round(uv.copy(), 1)
    return np.sum((uv - np.array(target)) ** 2) + sum(astuple(cam)), uv.ravel()


def homography_dlt(p):
    src = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], dtype=float)
    dst = src + p.reshape(4, 2)
    A = []
    for (x, y), (u, v) in zip(src, dst):
        A.append([-x, -y, -1, 0, 0, 0, u * x, u * y, u])
        A.append([0, 0, 0, -x, -y, -1, v * x, v * y, v])
    A = np.array(A)
    h = np.linalg.solve(A[:, :8], -A[:, 8])
    H = np.append(h, 1).reshape(3, 3)
    q = H @ np.array([0.5, 0.5, 1])
    return q[:2] / q[2]


# fmt: off
CASES = {
    rotation_from_euler: [np.array([0.3, -0.5, 0.9]), np.array([1.3, 0.5, -2.0])],
    rotation_algebra: [np.array([0.3, -0.5, 0.9, 0.2]), np.array([0.1, 0.2, 1.9, -0.2])],
    rotation_align: [np.array([0.3, -0.5, 0.9]), np.array([0.1, 0.2, -0.3])],
    attitude_propagation: [np.array([0.3, -0.5, 0.9]), np.array([2.0, 0.2, -0.3])],
    slerp_camera: [30.0, 60.0],
    homography_dlt: [X16[:8] * 0.1, X24[:8] * 0.1],
    camera_reprojection: [np.array([1.5, 0.1, 0.5]), np.array([2.0, -0.1, 0.2])],
    distance_names: [X16[:6], X24[:6]],
    nearest_by_tree: [X16[:8], X24[:8]],
    hull_by_scipy: [X16[:12], X24[:12]],
    delaunay_interpolation: [X16[:12], X24[:12]],
    chamfer_distance: [X16[:8], X24[:8]],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
