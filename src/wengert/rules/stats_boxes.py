"""scipy.stats: the probability that a normal vector lies in a box, multivariate_normal.cdf.

Let P(a, b, Σ) be that of a < X < b, with g_i(v) the density of X_i at v times the probability of the rest of the box
given X_i = v, and h_ij(u, v) the same of two. Then

    ∂P/∂b_i = g_i(b_i),    ∂P/∂a_i = −g_i(a_i),
    ∂P/∂Σ_ij = ∂²P/∂x_i∂x_j = h_ij(b_i, b_j) − h_ij(a_i, b_j) − h_ij(b_i, a_j) + h_ij(a_i, a_j)    (Plackett 1954),
    ∂P/∂Σ_ii = ½ (g_i'(b_i) − g_i'(a_i)),    g_i'(v) = −v/Σ_ii g_i(v) − Σ_j Σ_ij/Σ_ii (h_ij(v, b_j) − h_ij(v, a_j)).

The rest of the box, given some coordinates, is a box of a normal vector of fewer dimensions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.stats import _multivariate

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.pairs import recordable
from wengert.rules.solved import renewed, still
from wengert.rules.special_gamma import sp
from wengert.rules.table import rule

theirs: Any = _multivariate
_of_box: Any = theirs._qauto
_PRECISELY = {"error": 1e-8, "limit": 2_000_000, "n_batches": 10}


def _probability(low: Any, high: Any, cov: Any) -> Any:
    return float(_of_box(theirs._qmvn, cov, low, high, np.random.default_rng(0), **_PRECISELY)[0])


def _given(low: Any, high: Any, cov: Any, here: list[int], at: Any) -> Any:
    """The density of the coordinates `here` at a point, times the probability of the rest of the box."""
    rest = [k for k in range(np.shape(cov)[0]) if k not in here]
    own = cov[np.ix_(here, here)]
    scaled = np.linalg.solve(own, at)
    density = np.exp(-0.5 * at @ scaled) / np.sqrt(np.linalg.det(2.0 * np.pi * own))
    if not rest:
        return density
    cross = cov[np.ix_(rest, here)]
    mean = cross @ scaled
    left = cov[np.ix_(rest, rest)] - cross @ np.linalg.solve(own, cross.T)
    return density * _box(low[rest] - mean, high[rest] - mean, left)


def _box(low: Any, high: Any, cov: Any) -> Any:
    if np.shape(cov)[0] > 1:
        return box(low, high, cov)
    return _below(high[0], np.sqrt(cov[0, 0])) - _below(low[0], np.sqrt(cov[0, 0]))


def _below(limit: Any, size: Any) -> Any:
    plain = concrete(still(limit))
    return sp.ndtr(limit / size) if np.isfinite(plain) else float(plain > 0)


def _face(low: Any, high: Any, cov: Any, i: int, v: Any) -> Any:
    return _given(low, high, cov, [i], np.reshape(v, (1,)))


def _edge(low: Any, high: Any, cov: Any, i: int, j: int, u: Any, v: Any) -> Any:
    return _given(low, high, cov, [i, j], np.stack([u, v]))


def _ends(low: Any, high: Any, j: int) -> list[tuple[float, Any]]:
    """(sign, limit) for the limits of a coordinate that are finite."""
    pairs = [(1.0, high[j]), (-1.0, low[j])]
    return [(sign, v) for sign, v in pairs if np.isfinite(concrete(still(v)))]


def _push_limits(which: int) -> Any:
    def push(d: Any, y: Any, low: Any, high: Any, cov: Any) -> Any:
        total: Any = 0.0 * np.sum(d)
        for i in range(np.shape(cov)[0]):
            limit = (low, high)[which][i]
            if np.isfinite(concrete(still(limit))):
                total = total + (-1.0, 1.0)[which] * d[i] * _face(low, high, cov, i, limit)
        return total

    return push


def _across(low: Any, high: Any, cov: Any, i: int, j: int, u: Any) -> Any:
    return sum([sign * _edge(low, high, cov, i, j, u, v) for sign, v in _ends(low, high, j)], 0.0)


def _push_covariance(d: Any, y: Any, low: Any, high: Any, cov: Any) -> Any:
    """SciPy reads the upper triangle of two dimensions, the lower one of more."""
    n, total = np.shape(cov)[0], 0.0 * np.sum(d)
    for i in range(n):
        others = [j for j in range(n) if j != i]
        for sign, u in _ends(low, high, i):
            across = {j: _across(low, high, cov, i, j, u) for j in others}
            slope = -u / cov[i, i] * _face(low, high, cov, i, u)
            slope = slope - sum([cov[i, j] / cov[i, i] * across[j] for j in others], 0.0)
            total = total + 0.5 * sign * d[i, i] * slope
            for j in others:
                if i < j:
                    total = total + sign * across[j] * (d[i, j] if n == 2 else d[j, i])
    return total


box = recordable(plainly(_probability))
rule(box, _push_limits(0), _push_limits(1), _push_covariance, name="scipy.stats.multivariate_normal.cdf")


@replace(theirs._qauto)
def _in_box(original: Any) -> Any:
    def probability(func: Any, covar: Any, low: Any, high: Any, *args: Any, **kwargs: Any) -> Any:
        if not any_recorded((covar, low, high)) or func is not theirs._qmvn:
            return original(func, covar, low, high, *args, **kwargs)
        given = (func, *map(still, (covar, low, high)), *args)
        found = compute(original, given, kwargs)
        value = _box(*[as_array(part) for part in (low, high, covar)])
        return (renewed(np.float64(np.squeeze(found[0])), value), *found[1:])

    return probability


__all__ = ["box"]
