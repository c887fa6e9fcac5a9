"""scipy.spatial.distance: tables of distances, and distances of two points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.spatial as _spatial
import scipy.spatial.distance as _distance
import scipy.special as _special

from wengert.errors import NoDerivative
from wengert.record.apply import apply
from wengert.record.build import contains_value
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.protocols import any_recorded, compute_plain, lower
from wengert.record.state import compute
from wengert.record.swap import replace, run_body, wrap_plain
from wengert.rules.axes import as_array
from wengert.rules.scipy_composed import compose, steps
from wengert.rules.solved import renewed, still
from wengert.rules.table import linear, rule

distance: Any = _distance
spatial: Any = _spatial
special: Any = _special
Fn = Callable[..., Any]

compose(
    distance,
    "euclidean sqeuclidean cityblock chebyshev canberra braycurtis jensenshannon mahalanobis seuclidean "
    "cosine correlation dice hamming jaccard russellrao rogerstanimoto sokalsneath yule",
)
steps(distance, "is_valid_dm is_valid_y num_obs_y num_obs_dm")


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


def _refused(metric: str, name: str, given: dict[str, Any]) -> NoDerivative:
    options = "".join([f", {key}=" for key in given])
    return NoDerivative(
        at_user_line(f"no derivative rule for scipy.spatial.distance.{name} with metric {metric!r}{options}")
        + f"\nWrite it with NumPy's broadcasting, or use one of {', '.join(sorted(SLOPES.keys() | FORMULAS))}."
    )


# ── distances with parameters, and of one's own: SciPy's value, and the derivative of the formula ──


def _ratio(a: Any, b: Any) -> Any:
    """a/b, and 0 where both are 0."""
    return a / np.where(b == 0, 1.0, b)


def _minkowski(a: Any, b: Any, p: float = 2.0, w: Any = 1.0) -> Any:
    d = np.abs(a - b)
    safe = np.where(d == 0, 1.0, d)
    total = np.sum(w * np.where(d == 0, 0.0, safe**p), -1)
    return np.where(total == 0, 0.0, np.where(total == 0, 1.0, total) ** (1.0 / p))


def _jensenshannon(a: Any, b: Any, base: Any = None) -> Any:
    p, q = a / np.sum(a, -1, keepdims=True), b / np.sum(b, -1, keepdims=True)
    m = (p + q) / 2.0
    s = np.sum(special.rel_entr(p, m) + special.rel_entr(q, m), -1) / 2.0
    return np.sqrt(s if base is None else s / np.log(base))


def _mahalanobis(a: Any, b: Any, VI: Any) -> Any:
    d = a - b
    s = np.sum(np.matmul(d, VI) * d, -1)
    return np.where(s == 0, 0.0, np.sqrt(np.where(s == 0, 1.0, s)))


def _cosine(a: Any, b: Any, w: Any = 1.0) -> Any:
    return 1.0 - np.sum(w * a * b, -1) / np.sqrt(np.sum(w * a * a, -1) * np.sum(w * b * b, -1))


def _correlation(a: Any, b: Any, w: Any = 1.0) -> Any:
    total = np.sum(w * np.ones(np.shape(a)[-1]))
    a, b = (x - np.sum(w * x, -1, keepdims=True) / total for x in (a, b))
    return _cosine(a, b, w)


def _largest(a: Any, b: Any, w: Any = 1.0) -> Any:
    """max |a − b| where there is a weight: how much makes no difference."""
    return np.max(np.where(np.greater(w, 0.0), np.abs(a - b), 0.0), -1)


# fmt: off
FORMULAS: dict[str, Fn] = {
    "minkowski":     _minkowski,
    "jensenshannon": _jensenshannon,
    "mahalanobis":   _mahalanobis,
    "correlation":   _correlation,
    "seuclidean":    lambda a, b, V: _minkowski(a, b, 2.0, 1.0 / as_array(V)),
    "canberra":      lambda a, b, w=1.0: np.sum(w * _ratio(np.abs(a - b), np.abs(a) + np.abs(b)), -1),
    "braycurtis":    lambda a, b, w=1.0: np.sum(w * np.abs(a - b), -1) / np.sum(w * np.abs(a + b), -1),
    "cosine":        _cosine,
    "euclidean":     lambda a, b, w=1.0: _minkowski(a, b, 2.0, w),
    "sqeuclidean":   lambda a, b, w=1.0: np.sum(w * (a - b) ** 2, -1),
    "cityblock":     lambda a, b, w=1.0: np.sum(w * np.abs(a - b), -1),
    "chebyshev":     _largest,
}
# fmt: on


_UNWEIGHTED = {"jensenshannon", "mahalanobis", "seuclidean"}


def _pairs(a: Any, b: Any) -> tuple[Any, Any]:
    """The rows of every pair."""
    return np.asarray(a)[:, None, :], np.asarray(b)[None, :, :]


def _by_formula(original: Any, metric: str, xs: Any, given: dict[str, Any]) -> Any:
    if metric == "seuclidean" and "V" not in given:
        given["V"] = np.var(np.concatenate(xs), axis=0, ddof=1)
    if metric == "mahalanobis" and "VI" not in given:
        given["VI"] = np.transpose(np.linalg.inv(np.cov(np.transpose(np.concatenate(xs)))))
    plain = compute(original, tuple(map(still, xs)), {"metric": metric} | {k: still(v) for k, v in given.items()})
    if len(xs) == 2:
        a, b = _pairs(*xs)
    else:
        i, j = np.triu_indices(np.shape(xs[0])[0], 1)
        a, b = xs[0][i], xs[0][j]
    return renewed(plain, FORMULAS[metric](a, b, **given))


def _by_function(f: Fn, xs: Any, given: dict[str, Any]) -> Any:
    """A distance of one's own, of every pair."""
    if len(xs) == 2:
        return np.stack([np.stack([f(a, b, **given) for b in xs[1]]) for a in xs[0]])
    n = np.shape(xs[0])[0]
    return np.stack([f(xs[0][i], xs[0][j], **given) for i in range(n) for j in range(i + 1, n)])


def _table(row: Any, name: str, points: int) -> None:
    keys = ("XA", "XB") if points == 2 else ("X",)

    @replace(getattr(distance, name))
    def _make(original: Any) -> Any:
        def distances(*args: Any, **kwargs: Any) -> Any:
            if not any_recorded((args, kwargs)) and not callable(kwargs.get("metric", args[points : points + 1])):
                return wrap_plain(compute_plain(original, args, kwargs))
            sets, rest = args[:points], args[points:]
            given = dict(zip(keys, sets, strict=False)) | kwargs
            metric = rest[0] if rest else given.pop("metric", "euclidean")
            xs = tuple([np.asarray(given.pop(key), dtype=float) for key in keys])
            given = {key: value for key, value in given.items() if value is not None}
            if callable(metric) and not is_swapped(metric):
                return _by_function(metric, xs, given)
            metric = metric if isinstance(metric, str) else getattr(metric, "__name__", "")
            known = ALIASES.get(metric.lower(), metric.lower())
            if not given and known in SLOPES:
                return apply(row, xs, {"metric": known})
            if known not in FORMULAS or ("w" in given and known in _UNWEIGHTED) or "out" in given:
                raise _refused(metric, name, given)
            return _by_formula(original, known, xs, given)

        return distances


def is_swapped(f: Any) -> bool:
    """Whether f is a function of SciPy's, or stands for one."""
    return getattr(f, "__module__", "").startswith("scipy") or hasattr(f, "__wrapped__")


_table(CDIST, "cdist", 2)
_table(PDIST, "pdist", 1)


# ── of two points ──


@replace(distance.minkowski)
def _by_power(original: Any) -> Any:
    """SciPy's norm has a way of its own for p = 2, in which p does not occur."""

    def minkowski(u: Any, v: Any, p: Any = 2, w: Any = None) -> Any:
        if not any_recorded(p):
            return run_body(original, (u, v, p, w), {}) if any_recorded((u, v, w)) else original(u, v, p, w)
        plain = compute(original, (still(u), still(v), still(p), still(w)), None)
        return renewed(plain, _minkowski(as_array(u), as_array(v), p, 1.0 if w is None else as_array(w)))

    return minkowski


def _two_points(metric: str) -> Fn:
    def between(original: Any) -> Any:
        def of(u: Any, v: Any, w: Any = None, centered: bool = True) -> Any:
            options = {"centered": centered} if metric == "correlation" else None
            plain = compute(original, (still(u), still(v), still(w)), options)
            if not any_recorded((u, v, w)):
                return plain
            u, v = (np.asarray(x, dtype=float) for x in (u, v))
            w = np.ones(np.shape(u)) if w is None else as_array(w)
            if metric == "correlation" and centered:
                u, v = u - np.sum(w * u) / np.sum(w), v - np.sum(w * v) / np.sum(w)
            y = 1.0 - np.sum(w * u * v) / np.sqrt(np.sum(w * u * u) * np.sum(w * v * v))
            return renewed(plain, y)

        return of

    return between


for _name in ("cosine", "correlation"):
    replace(getattr(distance, _name))(_two_points(_name))


@replace(spatial.distance_matrix)
def _distance_matrix(original: Any) -> Any:
    def distance_matrix(x: Any, y: Any, p: Any = 2.0, threshold: int = 1000000) -> Any:
        if not any_recorded((x, y, p)):
            return original(x, y, p, threshold)
        a, b = _pairs(as_array(x), as_array(y))
        plain = compute(original, (still(x), still(y), still(p)), None)
        if p == np.inf:
            return renewed(plain, np.max(np.abs(a - b), axis=-1))
        return renewed(plain, _minkowski(a, b, p))

    return distance_matrix


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
            return compute_plain(original, (u, v, seed))
        u, v = np.asarray(u), np.asarray(v)
        i, j = look(decide(_farthest_pair, u, v, seed=seed)).tolist()
        return np.sqrt(np.sum((u[i] - v[j]) ** 2)), i, j

    return directed_hausdorff
