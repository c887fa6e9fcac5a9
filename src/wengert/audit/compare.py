"""How many digits of two results agree."""

from __future__ import annotations

from typing import Any

import numpy as np

ALL = 16.0
"""What is said where every digit of double precision agrees."""


def digits_of(a: Any, b: Any, size: float | None = None) -> float:
    """−log₁₀ of the largest difference, relative to the largest element of b (or to `size`); at most 16.

    NaN and infinities agree where both have the same; they never agree with a number.

    >>> round(digits_of(1.0, 1.0 + 1e-9), 1), digits_of(2.0, 2.0), digits_of(float("nan"), 1.0)
    (9.0, 16.0, 0.0)
    """
    a, b = np.asarray(a), np.asarray(b)
    if a.size == 0:
        return ALL
    u, v = a.astype(float), b.astype(float)
    odd = ~(np.isfinite(u) & np.isfinite(v))
    if np.any(odd & ~((u == v) | (np.isnan(u) & np.isnan(v)))):
        return 0.0
    a, b = np.where(odd, 0.0, a), np.where(odd, 0.0, b)
    error = _largest(a - b)
    if error == 0:
        return ALL
    scale = _largest(b) if size is None else size
    if not scale:
        return 0.0
    return float(min(ALL, max(0.0, -np.log10(error / scale))))


def _largest(x: Any) -> float:
    return float(max((abs(v) for v in np.ravel(x)), default=0.0))


def worst(a: Any, b: Any) -> tuple[int, int]:
    """The (row, column) where a is farthest from b."""
    gap = np.array([[_gap(u, v) for u, v in zip(r, s, strict=True)] for r, s in zip(a, b, strict=True)])
    r, c = np.unravel_index(int(np.argmax(gap)), gap.shape)
    return int(r), int(c)


def _gap(u: Any, v: Any) -> float:
    if not np.isfinite(float(u)) or not np.isfinite(float(v)):
        return 0.0 if float(u) == float(v) else np.inf
    return float(abs(u - v))
