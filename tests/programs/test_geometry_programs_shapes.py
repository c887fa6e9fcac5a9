"""Programs of geometers: meshes, curves, polygons, grids."""

import heapq
import math

import numpy as np
import pytest
from ways import every_way

X16 = np.random.default_rng(0).normal(size=16)
X24 = np.random.default_rng(1).normal(size=24)


def mesh_volume_and_area(p):
    V = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1.0]])
    V = V * p[:3] + 0.1 * p[3] * V[::-1]
    F = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    a, b, c = V[F[:, 0]], V[F[:, 1]], V[F[:, 2]]
    vol = np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6
    n = np.cross(b - a, c - a)
    areas = 0.5 * np.linalg.norm(n, axis=1)
    vn = np.zeros_like(V)
    for k in range(3):
        np.add.at(vn, F[:, k], n)
    vn /= np.linalg.norm(vn, axis=1, keepdims=True)
    return vol, areas, vn


def cotangent_laplacian(p):
    V = np.array([[0, 0, 0], [1, 0, 0.2], [1, 1, 0], [0, 1, 0.1], [0.5, 0.5, 0.0]])
    V = V + np.zeros((5, 3))
    V[4] = p
    F = [(0, 1, 4), (1, 2, 4), (2, 3, 4), (3, 0, 4)]
    L = np.zeros((5, 5))
    for f in F:
        for k in range(3):
            i, j, o = f[k], f[(k + 1) % 3], f[(k + 2) % 3]
            u, v = V[i] - V[o], V[j] - V[o]
            cot = np.dot(u, v) / np.linalg.norm(np.cross(u, v))
            L[i, j] -= 0.5 * cot
            L[j, i] -= 0.5 * cot
    np.fill_diagonal(L, -L.sum(axis=1))
    H = L @ V
    return np.linalg.norm(H, axis=1)[4], np.linalg.eigvalsh(L)[1:]


def barycentric_and_ray_triangle(p):
    o, d = np.array([0.2, 0.3, -1.0]), np.array([p[0], p[1], 1.0])
    d /= np.linalg.norm(d)
    tris = [np.array([[0, 0, z], [1, 0, z + p[2]], [0, 1, z]]) for z in (1.0, 0.4)]
    best, hit = np.inf, None
    for T in tris:
        e1, e2 = T[1] - T[0], T[2] - T[0]
        h = np.cross(d, e2)
        a = e1 @ h
        if abs(a) < 1e-9:
            continue
        s = o - T[0]
        u = s @ h / a
        q = np.cross(s, e1)
        v = d @ q / a
        t = e2 @ q / a
        if u >= 0 and v >= 0 and u + v <= 1 and 0 < t < best:
            best, hit = t, (1 - u - v, u, v)
    if hit is None:
        return 0.0, np.zeros(3)
    return best, np.array(hit)


def catmull_rom_curvature(p):
    P = p.reshape(-1, 2)
    out = []
    for i in range(1, len(P) - 2):
        p0, p1, p2, p3 = P[i - 1 : i + 3]
        for t in np.linspace(0, 1, 4):
            d1 = 0.5 * ((p2 - p0) + 2 * t * (2 * p0 - 5 * p1 + 4 * p2 - p3) + 3 * t**2 * (-p0 + 3 * p1 - 3 * p2 + p3))
            d2 = 0.5 * (2 * (2 * p0 - 5 * p1 + 4 * p2 - p3) + 6 * t * (-p0 + 3 * p1 - 3 * p2 + p3))
            out.append((d1[0] * d2[1] - d1[1] * d2[0]) / np.linalg.norm(d1) ** 3)
    return np.array(out)


def bspline_basis_recursive(p):
    k = 3
    n = len(p)
    t = np.concatenate([[0] * k, np.linspace(0, 1, n - k + 1), [1] * k])

    def N(i, k, x):
        if k == 0:
            return 1.0 if t[i] <= x < t[i + 1] else 0.0
        a = 0 if t[i + k] == t[i] else (x - t[i]) / (t[i + k] - t[i]) * N(i, k - 1, x)
        b = 0 if t[i + k + 1] == t[i + 1] else (t[i + k + 1] - x) / (t[i + k + 1] - t[i + 1]) * N(i + 1, k - 1, x)
        return a + b

    return np.array([sum(p[i] * N(i, k, x) for i in range(n)) for x in (0.1, 0.45, 0.8 + 0.1 * 0)])


def nurbs_circle(w):
    ctrl = np.array([[1, 0], [1, 1], [0, 1]], float)
    wts = np.array([1, w, 1])
    u = np.linspace(0, 1, 5)
    B = np.stack([(1 - u) ** 2, 2 * u * (1 - u), u**2], axis=1)
    num = (B * wts) @ ctrl
    den = B @ wts
    C = num / den[:, None]
    return np.hypot(C[:, 0], C[:, 1])


def polygon_clipping_area(p):
    """Sutherland-Hodgman against a square, shoelace area."""
    poly = [(p[0], p[1]), (p[0] + 1.3, p[1] + 0.2), (p[0] + 0.6, p[1] + 1.4)]
    for axis, bound, keep_less in ((0, 0, False), (0, 1, True), (1, 0, False), (1, 1, True)):
        inside = (lambda q: q[axis] <= bound) if keep_less else (lambda q: q[axis] >= bound)  # noqa: B023
        out = []
        for a, b in zip(poly, poly[1:] + poly[:1]):
            if inside(a) != inside(b):
                t = (bound - a[axis]) / (b[axis] - a[axis])
                out.append((a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])) if inside(b) else None)
                if out[-1] is None:
                    out[-1] = (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]))
            if inside(b):
                out.append(b)
        poly = out
        if not poly:
            return 0.0
    x, y = np.array(poly).T
    return 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))


def convex_hull_perimeter(p):
    pts = sorted(map(tuple, p.reshape(-1, 2)))

    def half(points):
        hull = []
        for q in points:
            while (
                len(hull) >= 2
                and (hull[-1][0] - hull[-2][0]) * (q[1] - hull[-2][1])
                - (hull[-1][1] - hull[-2][1]) * (q[0] - hull[-2][0])
                <= 0
            ):
                hull.pop()
            hull.append(q)
        return hull

    hull = half(pts)[:-1] + half(pts[::-1])[:-1]
    total = 0.0  # sum() of floats is compensated from Python 3.12 on
    for a, b in zip(hull, hull[1:] + hull[:1]):
        total += math.dist(a, b)
    return total


def occupancy_ray_update(p):
    grid = np.zeros((8, 8))
    x, y, th = p
    for k in range(12):
        cx, cy = x + 0.5 * k * np.cos(th), y + 0.5 * k * np.sin(th)
        i, j = int(cx), int(cy)
        if not (0 <= i < 7 and 0 <= j < 7):
            break
        fx, fy = cx - i, cy - j
        grid[i, j] += (1 - fx) * (1 - fy)
        grid[i + 1, j] += fx * (1 - fy)
        grid[i, j + 1] += (1 - fx) * fy
        grid[i + 1, j + 1] += fx * fy
    return np.log1p(grid).sum(), grid[3]


def astar_cost(w):
    cost = np.abs(w.reshape(4, 4)) + 0.1
    start, goal = (0, 0), (3, 3)
    frontier = [(0.0, start)]
    best = {start: 0.0}
    came = {}
    while frontier:
        g, cur = heapq.heappop(frontier)
        if cur == goal:
            break
        if g > best[cur]:
            continue
        for dx, dy in ((1, 0), (0, 1), (-1, 0), (0, -1)):
            nx, ny = cur[0] + dx, cur[1] + dy
            if 0 <= nx < 4 and 0 <= ny < 4:
                ng = g + cost[nx, ny]
                if ng < best.get((nx, ny), math.inf):
                    best[(nx, ny)] = ng
                    came[nx, ny] = cur
                    heapq.heappush(frontier, (ng, (nx, ny)))
    return best[goal]


# fmt: off
CASES = {
    mesh_volume_and_area: [np.array([1.0, 2, 1.5, 0.3]), np.array([0.5, 1, 1, -0.3])],
    cotangent_laplacian: [np.array([0.5, 0.4, 0.3]), np.array([0.3, 0.6, 0.7])],
    barycentric_and_ray_triangle: [np.array([0.05, 0.1, 0.2]), np.array([0.2, 0.15, 0.1]), np.array([3.0, 3.0, 0.0])],
    catmull_rom_curvature: [X16[:12], X24[:12]],
    bspline_basis_recursive: [X16[:6], X24[:6]],
    nurbs_circle: [0.7071, 1.2],
    polygon_clipping_area: [np.array([-0.33, -0.24]), np.array([0.2, 0.3]), np.array([5.0, 5.0])],
    convex_hull_perimeter: [X16[:12], X24[:12]],
    occupancy_ray_update: [np.array([1.2, 1.3, 0.5]), np.array([3.2, 1.3, 1.5])],
    astar_cost: [X16, X24[:16]],
}
# fmt: on


@pytest.mark.parametrize("f", CASES, ids=lambda f: f.__name__)
def test_program(f):
    every_way(f, CASES[f])
