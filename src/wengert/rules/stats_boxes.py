"""The probability that a normal vector lies in a box, in up to three dimensions: its density on the faces, and, for a
correlation, on the edges.

    ∂/∂b₁ P(a < X < b) = φ(b₁) P(a₂ < X₂ < b₂, … | X₁ = b₁),    ∂P/∂ρ₁₂ = ∂²P/∂b₁∂b₂ − …    (Plackett, 1954)

Given some of the components the others are normal, so that everything is a probability in fewer dimensions.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import scipy.stats._qmvnt as _qmvnt

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.pairs import recordable
from wengert.rules.solved import renewed, still
from wengert.rules.special_error import normal_density
from wengert.rules.special_gamma import sp
from wengert.rules.table import elementwise

boxes: Any = _qmvnt
_bvnu, _automatic, _of_normal = boxes._bvnu, boxes._qauto, boxes._qmvn
_TWO_PI = 2.0 * float(np.pi)


def _upper(h: Any, k: Any, r: Any) -> Any:
    """P(X > h, Y > k) for the correlation r."""
    return np.vectorize(_bvnu, otypes=[float])(h, k, r)[()]


def _pair_density(x: Any, y: Any, r: Any) -> Any:
    """φ(x, y; r), 0 at infinity."""
    known = np.isfinite(x) & np.isfinite(y)
    x, y, rest = np.where(known, x, 0.0), np.where(known, y, 0.0), 1.0 - r * r
    return np.where(known, np.exp(-0.5 * (x * x - 2.0 * r * x * y + y * y) / rest) / (_TWO_PI * np.sqrt(rest)), 0.0)


def _within(end: Any, mean: Any, s: Any) -> Any:
    """(end − mean)/s, where infinity is infinity whatever the others are."""
    known = np.isfinite(end)
    return np.where(known, (np.where(known, end, 0.0) - mean) / s, end)[()]


def _upper_slope(h: Any, k: Any, r: Any) -> Any:
    """∂/∂h."""
    known = np.isfinite(h)
    h = np.where(known, h, 0.0)
    return np.where(known, -normal_density(h) * sp.ndtr(-_within(k, r * h, np.sqrt(1.0 - r * r))), 0.0)


UPPER = recordable(plainly(_upper))
elementwise(
    UPPER,
    lambda y, h, k, r: _upper_slope(h, k, r),
    lambda y, h, k, r: _upper_slope(k, h, r),
    lambda y, h, k, r: _pair_density(h, k, r),
    name="the probability of a quadrant",
)


def rectangle(low: Any, high: Any, r: Any) -> Any:
    """P(low < (X, Y) < high), as SciPy adds it up."""
    (a, b), (c, d) = low, high
    return UPPER(a, b, r) - UPPER(c, b, r) - UPPER(a, d, r) + UPPER(c, d, r)


def _cuboid(*args: Any) -> Any:
    """P(low < X < high) in three dimensions: low, high, ρ₁₂, ρ₁₃, ρ₂₃."""
    a, b, c = args[6:]
    r = np.array([[1.0, a, b], [a, 1.0, c], [b, c, 1.0]])
    rng = np.random.default_rng(0)
    return _automatic(_of_normal, r, np.array(args[:3]), np.array(args[3:6]), rng, error=1e-6, limit=3000000)[0]


_OTHERS = ((1, 2), (0, 2), (0, 1))
_PLACE = {(0, 1): 0, (0, 2): 1, (1, 2): 2, (1, 0): 0, (2, 0): 1, (2, 1): 2}


def _face(i: int, x: Any, *args: Any) -> Any:
    """φ(x) P(the others in the box | Xᵢ = x)."""
    j, k = _OTHERS[i]
    low, high, r = args[:3], args[3:6], args[6:]
    p, q = r[_PLACE[i, j]], r[_PLACE[i, k]]
    s, t = np.sqrt(1.0 - p * p), np.sqrt(1.0 - q * q)
    known = np.isfinite(x)
    x = np.where(known, x, 0.0)[()]
    lower, upper = [(_within(end[j], p * x, s), _within(end[k], q * x, t)) for end in (low, high)]
    inside = rectangle(lower, upper, (r[_PLACE[j, k]] - p * q) / (s * t))
    return np.where(known, normal_density(x) * inside, 0.0)[()]


def _edges(i: int, j: int, *args: Any) -> Any:
    """Σ ± φ(xᵢ, xⱼ) P(the third in its interval | xᵢ, xⱼ), over the ends of the two intervals."""
    k = 3 - i - j
    low, high, r = args[:3], args[3:6], args[6:]
    p, q, w = r[_PLACE[i, j]], r[_PLACE[i, k]], r[_PLACE[j, k]]
    f, g = (q - p * w) / (1.0 - p * p), (w - p * q) / (1.0 - p * p)
    s = np.sqrt(1.0 - f * q - g * w)
    total: Any = 0.0
    for (sign, x), (turn, y) in product(((1.0, high[i]), (-1.0, low[i])), ((1.0, high[j]), (-1.0, low[j]))):
        known = np.isfinite(x) & np.isfinite(y)
        mean = np.where(known, f * np.where(known, x, 0.0) + g * np.where(known, y, 0.0), 0.0)
        inside = sp.ndtr(_within(high[k], mean, s)) - sp.ndtr(_within(low[k], mean, s))
        total = total + sign * turn * _pair_density(x, y, p) * inside
    return total


CUBOID = recordable(plainly(_cuboid))
elementwise(
    CUBOID,
    *[lambda y, *args, i=i: -_face(i, args[i], *args) for i in range(3)],
    *[lambda y, *args, i=i: _face(i, args[3 + i], *args) for i in range(3)],
    *[lambda y, *args, i=i, j=j: _edges(i, j, *args) for i, j in ((0, 1), (0, 2), (1, 2))],
    name="scipy.stats.multivariate_normal.cdf",
)


def _described(covar: Any, low: Any, high: Any) -> Any:
    """The probability by components in units of their standard deviations."""
    n = np.shape(covar)[0]
    s = [np.sqrt(covar[k, k]) for k in range(n)]
    below, above = [[_within(end[k], 0.0, s[k]) for k in range(n)] for end in (low, high)]
    correlations = [covar[j, k] / (s[j] * s[k]) for j, k in ((0, 1), (0, 2), (1, 2)) if k < n]
    if n == 2:
        return rectangle(below, above, correlations[0])
    return CUBOID(*below, *above, *correlations)


@replace(_automatic)
def _in_box(original: Any) -> Any:
    def probability(func: Any, covar: Any, low: Any, high: Any, rng: Any, **options: Any) -> Any:
        if not any_recorded((covar, low, high)) or np.shape(covar)[0] == 1:
            return original(func, covar, low, high, rng, **options)
        n = np.shape(covar)[0]
        if func is not _of_normal or n > 3:
            raise NoDerivative(
                at_user_line(f"no derivative of the probability of a box in {n} dimensions")
                + "\nThere is one of scipy.stats.multivariate_normal.cdf in up to three."
            )
        found = original(func, still(covar), still(low), still(high), rng, **options)
        y = _described(as_array(covar), as_array(low), as_array(high))
        return renewed(np.float64(found[0]), y), *found[1:]

    return probability
