"""scipy.cluster: who belongs to whom is piecewise constant; centres, distances and heights of merges are not.

Heights follow the recurrence of Lance and Williams, Comput. J. 9 (1967), over the merges that SciPy chose.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.cluster.hierarchy as _hierarchy
import scipy.cluster.vq as _vq
import scipy.spatial.distance as _distance

from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.scipy_composed import compose, steps
from wengert.rules.solved import renewed, still

vq: Any = _vq
hierarchy: Any = _hierarchy
distance: Any = _distance

compose(vq, "whiten")


def _columns(x: Any) -> Any:
    return x[:, None] if x.ndim == 1 else x


def _distances(obs: Any, book: Any, codes: Any) -> Any:
    return np.linalg.norm(_columns(obs) - _columns(book)[codes], axis=1)


@replace(vq.vq, vq.py_vq)
def _quantized(original: Any) -> Any:
    def quantize(obs: Any, code_book: Any, check_finite: bool = True) -> Any:
        codes, plain = compute(original, (still(obs), still(code_book)), {"check_finite": check_finite})
        if not any_recorded((obs, code_book)):
            return codes, plain
        return codes, renewed(plain, _distances(as_array(obs), as_array(code_book), codes))

    return quantize


def _centres(obs: Any, plain: Any, codes: Any) -> Any:
    """The means of the observations of each code; a centre that has none stays."""
    held = (codes[:, None] == np.arange(len(plain))).astype(float)
    counts = np.sum(held, axis=0)
    means = np.matmul((held / np.where(counts == 0, 1.0, counts)).T, _columns(obs))
    return renewed(plain, np.where((counts == 0)[:, None], 0.0, means).reshape(np.shape(plain)))


@replace(vq.kmeans, vq.kmeans2)
def _means(original: Any) -> Any:
    signature = inspect.signature(original)

    def of(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        name = "obs" if "obs" in signature.parameters else "data"
        obs = given[name]
        book, second = compute(original, (), {key: still(value) for key, value in given.items()})
        if not any_recorded(obs):
            return book, second
        codes = compute(vq.vq, (still(obs), book), None)[0]
        centres = _centres(as_array(obs), book, codes)
        if name == "data":
            return centres, second
        return centres, renewed(second, np.mean(_distances(as_array(obs), centres, codes)))

    return of


# ── heights: d(ab, c) from d(a, c), d(b, c), d(a, b) and the sizes a, b, c ──

# fmt: off
UPDATES: dict[str, Callable[..., Any]] = {
    "single":   lambda u, v, w, a, b, c: np.minimum(u, v),
    "complete": lambda u, v, w, a, b, c: np.maximum(u, v),
    "average":  lambda u, v, w, a, b, c: (a * u + b * v) / (a + b),
    "weighted": lambda u, v, w, a, b, c: (u + v) / 2,
    "centroid": lambda u, v, w, a, b, c: np.sqrt((a * u**2 + b * v**2) / (a + b) - a * b * w**2 / (a + b) ** 2),
    "median":   lambda u, v, w, a, b, c: np.sqrt((u**2 + v**2) / 2 - w**2 / 4),
    "ward":     lambda u, v, w, a, b, c: np.sqrt(((a + c) * u**2 + (b + c) * v**2 - c * w**2) / (a + b + c)),
}
# fmt: on


def _heights(table: Any, merges: Any, method: str) -> list[Any]:
    """The distance at which each pair merges, from the table of all distances."""
    n = len(merges) + 1
    rows = {k: {j: table[k, j] for j in range(n) if j != k} for k in range(n)}
    sizes = [1.0] * n
    heights: list[Any] = []
    for k, (a, b) in enumerate(merges):
        first, second = rows.pop(a), rows.pop(b)
        heights.append(first[b])
        sizes.append(sizes[a] + sizes[b])
        new: dict[int, Any] = {}
        for c, row in rows.items():
            new[c] = UPDATES[method](first[c], second[c], first[b], sizes[a], sizes[b], sizes[c])
            row[n + k] = new[c]
        rows[n + k] = new
    return heights


def linkage(original: Any) -> Any:
    """hierarchy.linkage, with heights that move."""

    def linkage(y: Any, method: str = "single", metric: Any = "euclidean", optimal_ordering: bool = False) -> Any:
        plain = compute(original, (still(y), method, metric, optimal_ordering), None)
        if not any_recorded(y):
            return plain
        y = as_array(y)
        table = distance.squareform(y if y.ndim == 1 else distance.pdist(y, metric))
        heights = np.stack(_heights(table, plain[:, :2].astype(int), method))
        made = np.array(plain) + 0.0 * np.sum(heights)
        made[:, 2] = renewed(plain[:, 2], heights)
        return made

    return linkage


replace(hierarchy.linkage)(linkage)


@replace(*[getattr(hierarchy, name) for name in UPDATES])
def _by_method(original: Any) -> Any:
    """`ward(y)` is linkage(y, "ward")."""
    method = original.__name__
    return lambda y: linkage(hierarchy.linkage)(y, method, "euclidean")


@replace(hierarchy.cophenet)
def _cophenet(original: Any) -> Any:
    """The heights at which the points of each pair meet: which merge that is, labels in place of heights tell."""

    def cophenet(Z: Any, Y: Any = None) -> Any:
        plain = compute(original, (still(Z), still(Y)), None)
        if not any_recorded((Z, Y)):
            return plain
        labels = np.array(still(Z))
        labels[:, 2] = np.arange(len(labels))
        found = np.take(as_array(Z)[:, 2], compute(original, (labels,), None).astype(int))
        if Y is None:
            return renewed(plain, found)
        return renewed(plain[0], np.corrcoef(as_array(Y), found)[0, 1]), renewed(plain[1], found)

    return cophenet


steps(hierarchy, "num_obs_linkage cut_tree is_isomorphic fclusterdata is_valid_im")


@replace(
    hierarchy.fcluster, hierarchy.leaves_list, hierarchy.is_monotonic, hierarchy.is_valid_linkage, hierarchy.leaders
)
def _of_merges(original: Any) -> Any:
    """Labels, of which no derivative is asked."""
    return lambda Z, *args, **kwargs: compute(original, (still(Z), *lower(args)), lower(kwargs))
