"""The second derivative of Kolmogorov's distribution, by its two series (each quick where the other is slow)."""

from __future__ import annotations

from typing import Any

import numpy as np

_TERMS = range(1, 9)
_BORDER = 1.0


def kolmogorov_bend(x: Any) -> Any:
    """K″, where K = 2 Σ (−1)ᵏ⁻¹ e^(−2k²x²) = 1 − √(2π)/x Σ e^(−(2k−1)²π²/8x²)."""
    far, near = np.where(np.less(x, _BORDER), _BORDER, x), np.where(np.less(x, _BORDER), x, _BORDER)
    positive = np.where(np.less_equal(near, 0.0), _BORDER, near)
    bend = np.where(np.less_equal(near, 0.0), 0.0, _near(positive))
    return np.where(np.less(x, _BORDER), bend, _far(far))


def _far(x: Any) -> Any:
    total: Any = 0.0
    for k in _TERMS:
        total = total - (-1) ** k * 2.0 * (16.0 * k**4 * x**2 - 4.0 * k**2) * np.exp(-2.0 * k**2 * x**2)
    return total


def _near(x: Any) -> Any:
    """With c = (2k − 1)²π²/8, (e^(−c/x²)/x)″ = e^(−c/x²) (2x⁻³ − 10c x⁻⁵ + 4c² x⁻⁷)."""
    total: Any = 0.0
    for k in _TERMS:
        q = ((2 * k - 1) * np.pi) ** 2 / (8.0 * x**2)
        total = total + np.exp(-q) * (2.0 - 10.0 * q + 4.0 * q**2)
    return -np.sqrt(2.0 * np.pi) / x**3 * total
