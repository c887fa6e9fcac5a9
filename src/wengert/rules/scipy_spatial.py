"""scipy.spatial: which points are neighbours, or on a hull, is control flow; distances and volumes have derivatives."""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np
import scipy.sparse as _sparse
import scipy.spatial as _spatial

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded, lower
from wengert.record.swap import METHODS, Paused, replace
from wengert.record.value import frozen, is_value
from wengert.rules.described import composed_methods, described, plainly
from wengert.rules.draws import Methods
from wengert.rules.linalg import as_array
from wengert.rules.scipy_composed import compose, composed
from wengert.rules.scipy_linalg_tridiagonal import sum_of_singular_values

spatial: Any = _spatial
sparse: Any = _sparse
ConvexHull, Delaunay, Voronoi, cKDTree = spatial.ConvexHull, spatial.Delaunay, spatial.Voronoi, spatial.cKDTree

compose(spatial, "geometric_slerp minkowski_distance minkowski_distance_p")
_procrustes = spatial.procrustes


def _normal(points: Any) -> Any:
    points = np.asarray(points, float)
    centred = points - np.mean(points, axis=0)
    return centred / np.linalg.norm(centred)


# with Aᵀ B = U W Vᵀ the squares left are 1 − (Σ wᵢ)²; the rotation U Vᵀ, which need not be unique, has no part in it
_DISPARITY = described(
    lambda a, b: _procrustes(a, b)[2],
    lambda a, b: 1.0 - sum_of_singular_values(_normal(a).T @ _normal(b)) ** 2,
    2,
    "scipy.spatial.procrustes, its disparity",
)


@replace(_procrustes)
def _turned(original: Any) -> Any:
    matrices = composed(original)

    def call(data1: Any, data2: Any) -> Any:
        made = matrices(data1, data2)
        return (*made[:2], _DISPARITY(as_array(data1), as_array(data2))) if any_recorded(made) else made

    return call


class _Made:
    """What stands for an object that compiled code makes of recorded points: its attributes as far as we know them."""

    def __init__(self, kind: Any, points: Any, options: Any, found: dict[str, Callable[[], Any]]) -> None:
        self._kind, self.points, self._options, self._found = kind, points, options, found
        self.npoints, self.ndim = np.shape(points)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "_found":
            raise AttributeError(name)
        if name in self._found:
            return self._found[name]()
        if name in ("min_bound", "max_bound"):
            return (np.min if name == "min_bound" else np.max)(self.points, axis=0)
        if name in _PLAIN:
            return getattr(plainly(self._kind)(frozen(self.points), **self._options), name)
        raise NoDerivative(
            at_user_line(f"no derivative rule for scipy.spatial.{self._kind.__name__}.{name} of recorded points")
            + f"\nUse one of {', '.join(sorted([*self._found, *_PLAIN]))}, or make it of stop_gradient(points)."
        )


_PLAIN = {"nsimplex", "good", "vertex_neighbor_vertices", "regions", "ridge_vertices", "ridge_dict", "furthest_site"}
"""Attributes that are tables of whole numbers, some of them of different lengths."""


def _attribute(points: Any, kind: Any, name: str, options: Any) -> Any:
    return np.array(getattr(plainly(kind)(points, **options), name))


def _whole(kind: Any, points: Any, names: str, options: Any) -> dict[str, Callable[[], Any]]:
    """Attributes that are tables of whole numbers: a trace notes what they were."""

    def finder(name: str) -> Callable[[], Any]:
        return lambda: look(decide(_attribute, points, kind=kind, name=name, options=options))

    return {name: finder(name) for name in names.split()}


# ── hulls ──


def _facets(points: Any) -> Any:
    return points[look(decide(_attribute, points, kind=ConvexHull, name="simplices", options={}))]


def _volume(points: Any) -> Any:
    """Σ |det(corners − centre)| / d!, over the simplices of a hull and a point inside."""
    facets, d = _facets(points), np.shape(points)[1]
    return np.sum(np.abs(np.linalg.det(facets - np.mean(points, axis=0)))) / factorial(d)


def _area(points: Any) -> Any:
    """Σ √det(E Eᵀ) / (d − 1)!, with the edges E of each facet."""
    facets, d = _facets(points), np.shape(points)[1]
    edges = facets[:, 1:] - facets[:, :1]
    return np.sum(np.sqrt(np.linalg.det(edges @ np.swapaxes(edges, 1, 2)))) / factorial(d - 1)


def _normals(points: Any, options: Any) -> Any:
    """[n, −n·p] of each facet: the unit normal n, outward, is the cross product of the edges from its corner p."""
    facets = points[look(decide(_attribute, points, kind=ConvexHull, name="simplices", options=options))]
    edges = facets[:, 1:] - facets[:, :1]
    minors = [np.delete(edges, k, axis=2) for k in range(np.shape(points)[1])]
    n = np.stack([(-1) ** k * np.linalg.det(minor) for k, minor in enumerate(minors)], axis=1)
    outward = np.sign(np.sum(n * (facets[:, 0] - np.mean(points, axis=0)), axis=1, keepdims=True))
    n = n * outward / np.linalg.norm(n, axis=1, keepdims=True)
    return np.concatenate([n, -np.sum(n * facets[:, 0], axis=1, keepdims=True)], axis=1)


def _equations(points: Any, options: Any) -> Any:
    return _attribute(points, ConvexHull, "equations", options)


EQUATIONS = described(_equations, _normals, 1, "scipy.spatial.ConvexHull.equations")
VOLUME = described(lambda points: np.float64(ConvexHull(points).volume), _volume, 1, "scipy.spatial.ConvexHull.volume")
AREA = described(lambda points: np.float64(ConvexHull(points).area), _area, 1, "scipy.spatial.ConvexHull.area")


def _hull(points: Any, options: Any) -> Any:
    measures: dict[str, Callable[[], Any]] = {"volume": lambda: VOLUME(points), "area": lambda: AREA(points)}
    measures["equations"] = lambda: EQUATIONS(points, options=options)
    found = _whole(ConvexHull, points, "vertices simplices neighbors coplanar", options) | measures
    return _Made(ConvexHull, points, options, found)


def _triangulation(points: Any, options: Any) -> Any:
    def find_simplex(xi: Any, *args: Any) -> Any:
        return look(decide(_simplex, points, xi, args=args, options=options))

    names = "simplices neighbors convex_hull coplanar vertex_to_simplex"
    found = _whole(Delaunay, points, names, options)
    found |= {"find_simplex": lambda: find_simplex, "transform": lambda: TRANSFORM(points, options=options)}
    return _Made(Delaunay, points, options, found)


def _to_barycentric(points: Any, options: Any) -> Any:
    """[T⁻¹, r] of each simplex: T has the other corners, seen from the last one r, for columns."""
    corners = points[look(decide(_attribute, points, kind=Delaunay, name="simplices", options=options))]
    edges = corners[:, :-1] - corners[:, -1:]
    return np.concatenate([np.linalg.inv(np.swapaxes(edges, 1, 2)), corners[:, -1:]], axis=1)


def _transform(points: Any, options: Any) -> Any:
    return _attribute(points, Delaunay, "transform", options)


TRANSFORM = described(_transform, _to_barycentric, 1, "scipy.spatial.Delaunay.transform")


@replace(spatial.tsearch)
def _tsearch(original: Any) -> Any:
    def tsearch(tri: Any, xi: Any) -> Any:
        if isinstance(tri, _Made):
            return tri.find_simplex(xi)
        return original(tri, frozen(xi) if is_value(xi) else lower(xi))

    return tsearch


_find_simplex = Delaunay.find_simplex


def _find_simplex_of_recorded(self: Any, xi: Any, *args: Any, **options: Any) -> Any:
    return _find_simplex(self, frozen(xi) if is_value(xi) else lower(xi), *args, **options)


METHODS.append((Delaunay, "find_simplex", _find_simplex, _find_simplex_of_recorded))


def _simplex(points: Any, xi: Any, args: Any, options: Any) -> Any:
    return plainly(lambda p, x: Delaunay(p, **options).find_simplex(x, *args))(points, xi)


def _of_points(kind: Any, make: Callable[[Any, Any], Any]) -> None:
    @replace(kind)
    def _class(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def construct(points: Any, *args: Any, **options: Any) -> Any:
            if not any_recorded((points,)):
                with Paused():
                    return original(lower(points), *args, **options)
            if args:
                raise TypeError(f"{kind.__name__} of recorded points takes options by name only")
            return make(np.asarray(points), options)

        return construct


# ── Voronoi: a vertex is as far from each of its sites: 2 (pᵢ − p₀)·v = |pᵢ|² − |p₀|² ──


def _sites(points: Any, options: Any) -> Any:
    """For each vertex, d + 1 of the sites whose regions meet there."""
    made = plainly(Voronoi)(points, **options)
    found: list[list[int]] = [[] for _ in made.vertices]
    for site, region in enumerate(made.point_region):
        for vertex in made.regions[region]:
            if vertex >= 0:
                found[vertex].append(site)
    return np.array([sites[: points.shape[1] + 1] for sites in found], int).reshape(-1, points.shape[1] + 1)


def _vertices(points: Any, options: Any) -> Any:
    corners = points[look(decide(_sites, points, options=options))]
    first, rest = corners[:, :1], corners[:, 1:]
    right = np.sum(rest**2, -1) - np.sum(first**2, -1)
    return np.linalg.solve(2.0 * (rest - first), right[:, :, None])[:, :, 0]


VERTICES = described(
    lambda points, options: np.array(Voronoi(points, **options).vertices),
    _vertices,
    1,
    "scipy.spatial.Voronoi.vertices",
)


def _regions(points: Any, options: Any) -> list[list[int]]:
    return [list(region) for region in plainly(Voronoi)(frozen(points), **options).regions]


def _voronoi(points: Any, options: Any) -> Any:
    found = _whole(Voronoi, points, "ridge_points point_region", options)
    found["vertices"] = lambda: VERTICES(points, options=options)
    found["regions"] = lambda: _regions(points, options)
    return _Made(Voronoi, points, options, found)


_of_points(Voronoi, _voronoi)
_of_points(ConvexHull, _hull)
_of_points(Delaunay, _triangulation)


# ── on a sphere: a vertex is the normal of a facet of the hull ──

SphericalVoronoi: Any = spatial.SphericalVoronoi
composed_methods(SphericalVoronoi, "calculate_areas")


@replace(SphericalVoronoi)
def _spherical(original: Any) -> Any:
    def construct(points: Any, radius: Any = 1, center: Any = None, threshold: float = 1e-06) -> Any:
        given = (points, radius, center)
        with Paused():
            made = original(*[frozen(x) if is_value(x) else lower(x) for x in given], threshold)
        if any_recorded(given):
            made.points, made.radius = np.asarray(points, float), radius
            made.center = made.center if center is None else np.asarray(center, float)
            made.vertices = made.radius * EQUATIONS(made.points, options={})[:, :-1] + made.center
        return made

    return construct


# ── neighbours ──


def _queried(points: Any, x: Any, part: int, options: Any) -> Any:
    return np.array(plainly(lambda p, x: cKDTree(p).query(x, **options))(points, x)[part])


def _distance(points: Any, x: Any, part: int, options: Any) -> Any:
    """The p-norm of x − neighbour; where there is none near enough, infinity."""
    i = look(decide(_queried, points, x, part=1, options=options))
    x = x if np.ndim(i) == np.ndim(x) - 1 else np.expand_dims(x, -2)
    p = options.get("p", 2)
    away = np.linalg.norm(x - points[np.minimum(i, len(points) - 1)], ord=p, axis=-1)
    return np.where(i == len(points), np.inf, away) if np.any(i == len(points)) else away


DISTANCE = described(_queried, _distance, 2, "scipy.spatial.KDTree.query")


class _Tree:
    """A tree of points, or a place asked for, that are recorded."""

    def __init__(self, data: Any) -> None:
        self.data = data
        self.n, self.m = np.shape(data)

    def query(
        self, x: Any, k: Any = 1, eps: float = 0.0, p: float = 2.0, distance_upper_bound: Any = np.inf, workers: int = 1
    ) -> Any:
        options = {"k": k, "eps": eps, "p": p, "distance_upper_bound": look(distance_upper_bound)}
        x = np.asarray(x, float)
        i = look(decide(_queried, self.data, x, part=1, options=options))
        d = DISTANCE(self.data, x, part=0, options=options)
        return (d, int(i)) if np.ndim(i) == 0 else (d, i)

    def sparse_distance_matrix(
        self, other: Any, max_distance: float, p: float = 2.0, output_type: str = "dok_matrix"
    ) -> Any:
        """The distances that are small enough, as SciPy's sparse matrix."""
        if output_type not in ("dok_matrix", "coo_matrix"):
            raise NoDerivative(at_user_line(f"no derivative rule for sparse_distance_matrix as {output_type}"))
        tree, others = _frozen(self), _frozen(other)
        plain = plainly(tree.sparse_distance_matrix)(others, max_distance, p, output_type="coo_matrix")
        i, j = plain.coords
        away = np.linalg.norm(self.data[i] - other.data[j], ord=p, axis=-1)
        return sparse.coo_matrix((away, (i, j)), shape=plain.shape)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in ("mins", "maxes"):
            return (np.min if name == "mins" else np.max)(self.data, axis=0)
        method = getattr(plainly(cKDTree)(frozen(self.data)), name)
        if not callable(method):
            return method
        return lambda *args, **options: method(*[_frozen(a) for a in args], **options)


def _frozen(x: Any) -> Any:
    if isinstance(x, _Tree):
        return plainly(cKDTree)(frozen(x.data))
    return frozen(x) if is_value(x) else lower(x)


def _trees(kind: Any) -> None:
    @replace(kind)
    def _class(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def construct(data: Any, *args: Any, **options: Any) -> Any:
            return _Tree(np.asarray(data, float))

        return construct


def _asked(original: Any) -> Any:
    """The method of a plain tree, which may be asked for recorded places."""
    name = original.__name__

    def method(self: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
        if not any_recorded((x, args, kwargs)):
            return plainly(original)(self, x, *args, **kwargs)
        if name == "query":
            return _Tree(np.asarray(self.data)).query(x, *args, **kwargs)
        return plainly(original)(self, *map(_frozen, (x, *args)), **{key: _frozen(v) for key, v in kwargs.items()})

    return method


_trees(cKDTree)
_ASKED = ("query", "query_ball_point", "query_ball_tree", "query_pairs", "count_neighbors")
for _name in _ASKED:
    METHODS.append((Methods(cKDTree, _name), _name, vars(cKDTree)[_name], _asked(vars(cKDTree)[_name])))
if spatial.KDTree is not cKDTree:
    _trees(spatial.KDTree)
    for _name in _ASKED:
        METHODS.append((spatial.KDTree, _name, vars(spatial.KDTree)[_name], _asked(vars(spatial.KDTree)[_name])))
