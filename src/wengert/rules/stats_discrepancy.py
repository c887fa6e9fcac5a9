"""scipy.stats.qmc: how far points are from being evenly spread.

The discrepancies are sums over points and over pairs of points of products over the coordinates.
Source: Fang, Li and Sudjianto, Design and modeling for computer experiments (2006), 3.2; for the mixture Zhou, Fang and
Ning, Journal of Complexity 29 (2013).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats as _stats
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.spatial import distance as _distance

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.solved import renewed, still

qmc: Any = _stats.qmc
distance: Any = _distance


def _sums(x: Any, of_points: Any, of_pairs: Any) -> tuple[Any, Any]:
    """Σ Π of a function of each coordinate of each point, and Σ Π of one of each pair."""
    return np.sum(np.prod(of_points(x), axis=-1)), np.sum(np.prod(of_pairs(x[:, None], x[None, :]), axis=-1))


def _centred(x: Any, n: Any, d: int) -> Any:
    from_half = lambda u: np.abs(u - 0.5)
    points, pairs = _sums(
        x,
        lambda u: 1 + 0.5 * from_half(u) - 0.5 * from_half(u) ** 2,
        lambda u, v: 1 + 0.5 * from_half(u) + 0.5 * from_half(v) - 0.5 * np.abs(u - v),
    )
    return (13 / 12) ** d - 2 / n * points + pairs / n**2


def _wrapped(x: Any, n: Any, d: int) -> Any:
    apart = np.abs(x[:, None] - x[None, :])
    return -((4 / 3) ** d) + np.sum(np.prod(1.5 - apart + apart**2, axis=-1)) / n**2


def _mixed(x: Any, n: Any, d: int) -> Any:
    from_half = lambda u: np.abs(u - 0.5)
    points, pairs = _sums(
        x,
        lambda u: 5 / 3 - 0.25 * from_half(u) - 0.25 * from_half(u) ** 2,
        lambda u, v: 1.875 - 0.25 * from_half(u) - 0.25 * from_half(v) - 0.75 * np.abs(u - v) + 0.5 * (u - v) ** 2,
    )
    return (19 / 12) ** d - 2 / n * points + pairs / n**2


def _starred(x: Any, n: Any, d: int) -> Any:
    points, pairs = _sums(x, lambda u: 1 - u**2, lambda u, v: np.minimum(1 - u, 1 - v))
    return np.sqrt(3.0**-d - 2.0 ** (1 - d) / n * points + pairs / n**2)


_FORMULAS = {"CD": _centred, "WD": _wrapped, "MD": _mixed, "L2-star": _starred}


@replace(qmc.discrepancy)
def _discrepancy(original: Any) -> Any:
    def discrepancy(sample: Any, *, iterative: bool = False, method: Any = "CD", workers: Any = 1) -> Any:
        plain = compute(original, (still(sample),), {"iterative": iterative, "method": method, "workers": workers})
        if not any_recorded(sample):
            return plain
        x = as_array(sample)
        n, d = x.shape
        return renewed(plain, _FORMULAS[method](x, n + bool(iterative), d))

    return discrepancy


@replace(qmc.geometric_discrepancy)
def _geometric(original: Any) -> Any:
    def geometric_discrepancy(sample: Any, method: Any = "mindist", metric: Any = "euclidean") -> Any:
        plain = compute(original, (still(sample), method, metric), None)
        if not any_recorded(sample):
            return plain
        apart = distance.pdist(as_array(sample), metric=metric)
        found = still(apart)
        if method == "mst":
            rows, columns = minimum_spanning_tree(compute(distance.squareform, (found,), None)).nonzero()
            return renewed(plain, np.mean(distance.squareform(apart)[rows, columns]))
        return renewed(plain, np.min(apart[found.nonzero()]))

    return geometric_discrepancy
