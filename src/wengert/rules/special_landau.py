"""The derivatives of Landau's density, by two integrals (each without cancellation where the other has it).

With a = 2/π, f(x) = 1/(2πi) ∫ exp(a s ln s + x s) ds along a line to the right of 0 (Landau 1944; the characteristic
function of the stable law with α = β = 1). Each derivative multiplies by s. For x > −0.8 the line is folded around
the negative axis, where s = −t, and the double exponential rule sums; for smaller x it goes through the saddle point
s₀ = exp(−x/a − 1), and the trapezoidal rule sums.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_calls import lifted

_A = 2.0 / np.pi
_BORDER, _LEAST = -0.8, -6.0
_STEP = 0.04
_V = np.arange(-4.6, 6.0, _STEP)
_COUNT = np.arange(300)


def _folded(k: Any, x: Any) -> Any:
    """1/π ∫ (−t)ᵏ exp(−a t ln t − x t) sin 2t dt over t > 0."""
    t = np.exp(_V - np.exp(-_V)) / np.maximum(x, 1.0)
    terms = (-t) ** k * np.exp(-_A * t * np.log(t) - x * t) * np.sin(2.0 * t) * t * (1.0 + np.exp(-_V))
    return _STEP / np.pi * np.sum(terms, axis=-1)


def _through_saddle(k: Any, x: Any) -> Any:
    """1/π ∫ Re sᵏ exp(a s ln s + x s) dy over s = s₀ + i y, y > 0."""
    saddle = np.exp(-x / _A - 1.0)
    step = np.minimum(0.16 * saddle, 0.6 * np.sqrt(saddle / _A))
    s = saddle + 1j * _COUNT * step
    terms = np.where(_COUNT == 0, 0.5, 1.0) * np.real(s**k * np.exp(_A * s * np.log(s) + x * s))
    return step[..., 0] / np.pi * np.sum(terms, axis=-1)


def _derivative(k: Any, x: Any) -> Any:
    k, x = np.asarray(k)[..., None], np.asarray(x, float)[..., None]
    near = _through_saddle(k, np.clip(x, _LEAST, _BORDER))
    y = np.where(x[..., 0] > _BORDER, _folded(k, np.maximum(x, _BORDER)), near)
    return np.where(x[..., 0] < _LEAST, 0.0, np.where(np.isinf(x[..., 0]), 0.0, y))[()]


landau_derivative = lifted(
    _derivative, None, lambda y, k, x: landau_derivative(np.asarray(k) + 1, x), name="a derivative of Landau's density"
)
