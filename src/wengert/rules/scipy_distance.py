"""scipy.spatial.distance: tables of distances, and distances of two points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.spatial.distance as _distance

from wengert.errors import NoDerivative
from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace, wrap_plain
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_solvers import refuse_option
from wengert.rules.table import linear, rule

distance: Any = _distance

compose(
    distance,
    "euclidean sqeuclidean cityblock chebyshev canberra braycurtis minkowski jensenshannon mahalanobis seuclidean "
    "cosine correlation",
)


# ── the slope of d(a, b) in a, for differences D = a − b along the last axis and d = d(a, b) ──


def _over(x: Any, d: Any) -> Any:
    """x/d; 0 where the points are the same, the least norm of all slopes."""
    d = np.asarray(d)[..., None]
    return np.where(d == 0, 0.0, x / np.where(d == 0, 1.0, d))


def _farthest(D: Any, d: Any) -> Any:
    """The slope of max |D|, shared equally where several are the largest."""
    largest = np.abs(D) == np.asarray(d)[..., None]
    return np.sign(D) * largest / np.sum(largest, -1, keepdims=True)


def _angle(a: Any, b: Any, d: Any) -> Any:
    """The slope of 1 − a·b/(|a| |b|) in a."""
    aa, bb = np.sum(a * a, -1, keepdims=True), np.sum(b * b, -1, keepdims=True)
    return (a * (np.sum(a * b, -1, keepdims=True) / aa) - b) / np.sqrt(aa * bb)


# fmt: off
SLOPES: dict[str, Callable[[Any, Any, Any], Any]] = {
    "euclidean":   lambda a, b, d: _over(a - b, d),
    "sqeuclidean": lambda a, b, d: 2.0 * (a - b),
    "cityblock":   lambda a, b, d: np.sign(a - b),
    "chebyshev":   lambda a, b, d: _farthest(a - b, d),
    "cosine":      _angle,
}
# fmt: on
ALIASES = {
    "l2": "euclidean",
    "l1": "cityblock",
    "manhattan": "cityblock",
    "linf": "chebyshev",
    "cos": "cosine",
    "sqe": "sqeuclidean",
    "sqeuclid": "sqeuclidean",
    "euclid": "euclidean",
    "eu": "euclidean",
    "e": "euclidean",
    "chebychev": "chebyshev",
    "cityblock": "cityblock",
}  # fmt: skip


def cdist(a: Any, b: Any, metric: str) -> Any:
    """d(a_i, b_j) for all rows."""
    return distance.cdist(a, b, metric)


def pdist(a: Any, metric: str) -> Any:
    """d(a_i, a_j) for i < j."""
    return distance.pdist(a, metric)


def _moved_left(a_dot: Any, d: Any, a: Any, b: Any, metric: str) -> Any:
    a, b = np.asarray(a)[:, None, :], np.asarray(b)[None, :, :]
    return np.sum(SLOPES[metric](a, b, d) * a_dot[:, None, :], -1)


def _moved_right(b_dot: Any, d: Any, a: Any, b: Any, metric: str) -> Any:
    a, b = np.asarray(a)[:, None, :], np.asarray(b)[None, :, :]
    return np.sum(SLOPES[metric](b, a, d) * b_dot[None, :, :], -1)


def _moved(a_dot: Any, d: Any, a: Any, metric: str) -> Any:
    i, j = np.triu_indices(np.shape(a)[0], 1)
    a = np.asarray(a)
    left, right = SLOPES[metric](a[i], a[j], d), SLOPES[metric](a[j], a[i], d)
    return np.sum(left * a_dot[i] + right * a_dot[j], -1)


CDIST = rule(cdist, _moved_left, _moved_right, name="scipy.spatial.distance.cdist")
PDIST = rule(pdist, _moved, name="scipy.spatial.distance.pdist")


def _metric(metric: Any, name: str) -> str:
    known = ALIASES.get(metric.lower(), metric.lower()) if isinstance(metric, str) else ""
    if known not in SLOPES:
        raise NoDerivative(
            at_user_line(f"no derivative rule for scipy.spatial.distance.{name} with metric {metric!r}")
            + f"\nWrite it with NumPy's broadcasting, or use one of {', '.join(sorted(SLOPES))}."
        )
    return known


def _table(row: Any, name: str, points: int) -> None:
    @replace(getattr(distance, name))
    def _make(original: Any) -> Any:
        def distances(*args: Any, **kwargs: Any) -> Any:
            if not any_recorded((args, kwargs)):
                return wrap_plain(compute(original, lower(args), lower(kwargs)))
            sets, rest = args[:points], args[points:]
            given = dict(zip(("XA", "XB") if points == 2 else ("X",), sets, strict=False)) | kwargs
            metric = _metric(rest[0] if rest else given.pop("metric", "euclidean"), name)
            xs = tuple([np.asarray(given.pop(key), dtype=float) for key in (("XA", "XB") if points == 2 else ("X",))])
            if given and any(value is not None for value in given.values()):
                raise refuse_option(f"scipy.spatial.distance.{name}", ", ".join(given))
            return apply(row, xs, {"metric": metric})

        return distances


_table(CDIST, "cdist", 2)
_table(PDIST, "pdist", 1)


# ── condensed and square tables hold the same numbers ──


def condensed_to_square(v: Any, n: int) -> Any:
    """The symmetric n by n table of a vector, zero on its diagonal."""
    table = np.zeros((n, n), np.result_type(v))
    i, j = np.triu_indices(n, 1)
    table[i, j] = v
    table[j, i] = v
    return table


def _folded(c: Any, v: Any, n: int) -> Any:
    i, j = np.triu_indices(n, 1)
    return c[i, j] + c[j, i]


SQUARE = linear(condensed_to_square, _folded, name="scipy.spatial.distance.squareform")


@replace(distance.squareform)
def _squareform(original: Any) -> Any:
    def squareform(X: Any, force: str = "no", checks: bool = True) -> Any:
        form = compute(original, (lower(X), force, checks), None)
        if not contains_value(X) or not any_recorded(X):
            return wrap_plain(form)
        if np.ndim(X) == 1:
            return apply(SQUARE, (X,), {"n": len(form)})
        return X[np.triu_indices(np.shape(X)[0], 1)]

    return squareform


# ── the distance of two sets is that of two of their points: which, is control flow ──


def _farthest_pair(u: Any, v: Any, seed: Any) -> Any:
    return np.array(_directed_hausdorff(u, v, seed)[1:])


_directed_hausdorff = distance.directed_hausdorff


@replace(distance.directed_hausdorff)
def _of_sets(original: Any) -> Any:
    def directed_hausdorff(u: Any, v: Any, rng: Any = 0, seed: Any = 0) -> Any:
        if not any_recorded((u, v)):
            return compute(original, lower((u, v, seed)), None)
        u, v = np.asarray(u), np.asarray(v)
        i, j = look(decide(_farthest_pair, u, v, seed=seed)).tolist()
        return np.sqrt(np.sum((u[i] - v[j]) ** 2)), i, j

    return directed_hausdorff
