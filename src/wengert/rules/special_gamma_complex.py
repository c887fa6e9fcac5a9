"""ψ⁽ⁿ⁾ of complex numbers, which SciPy has for n = 0 only."""

from __future__ import annotations

from math import factorial
from typing import Any

import numpy as np

from wengert.rules.special_calls import lifted

_BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510]
"""B₂, B₄, …"""


def _polygamma(n: Any, z: Any) -> Any:
    """Moved to Re z > 15 + n by ψ⁽ⁿ⁾(z + 1) − ψ⁽ⁿ⁾(z) = (−1)ⁿ n! z⁻ⁿ⁻¹; there Stirling's series,
    (−1)ⁿ⁺¹ ψ⁽ⁿ⁾(z) = (n − 1)! z⁻ⁿ + n! z⁻ⁿ⁻¹/2 + Σ B₂ₖ (2k + n − 1)!/(2k)! z⁻²ᵏ⁻ⁿ."""
    n, z = int(n), np.asarray(z)
    total = np.zeros_like(z)
    while np.any(near := z.real < 15 + n):
        total = total + np.where(near, factorial(n) * np.where(near, z, 1.0) ** (-n - 1), 0.0)
        z = np.where(near, z + 1.0, z)
    total = total + factorial(n - 1) * z**-n + 0.5 * factorial(n) * z ** (-n - 1)
    for k, b in enumerate(_BERNOULLI, 1):
        total = total + b * (factorial(2 * k + n - 1) // factorial(2 * k)) * z ** (-2 * k - n)
    return ((-1) ** (n + 1) * total)[()]


complex_polygamma = lifted(
    _polygamma, None, lambda y, n, z: complex_polygamma(n + 1, z), name="polygamma of complex numbers"
)
