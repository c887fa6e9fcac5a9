"""Modified Bessel functions: their derivatives in the order, to any order, for real x > 0.

    eˣ ∂ᵏK_ν = ∫₀^∞ e^(−x (cosh t − 1)) tᵏ (cosh or sinh)(νt) dt,
    e⁻ˣ ∂ᵏI_ν = Σ_n ∂ᵏ e⁻ˣ (x/2)^(2n+ν) / n! Γ(n + ν + 1).

The integrand is even, analytic, and falls off doubly exponentially: the trapezoidal rule converges exponentially. In x
both follow the recurrences of the functions themselves, which hold for every order and so may be differentiated in it.
"""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from wengert.rules.special_bessel import ive_slope, kve_slope
from wengert.rules.special_calls import lifted, real_only
from wengert.rules.special_gamma import sp
from wengert.rules.special_gamma_shape import bell
from wengert.rules.table import elementwise

_FAR = 40.0
"""The exponent beyond which an integrand is nothing."""


def _kve_by_order(k: Any, v: Any, x: Any) -> Any:
    """∂ᵏ/∂νᵏ eˣ K_ν(x). The integrand has its peak where x sinh t = |ν|, of width (ν² + x²)^(−1/4)."""
    order = int(np.max(k))
    v, x = np.broadcast_arrays(np.asarray(v, float), np.asarray(x, float))
    live = (x > 0) & np.isfinite(x)
    v, x = v[..., None], np.where(live, x, 1.0)[..., None]
    size = np.hypot(v, x)
    last = np.arcsinh(np.abs(v) / x) + np.arccosh(1.0 + _FAR / size)
    steps = int(np.max(np.ceil(last / np.minimum(0.2, 0.3 / np.sqrt(size))), initial=1.0))
    t = last * np.arange(steps + 1) / steps
    weights = np.where(np.arange(steps + 1) == 0, 0.5, 1.0) * last / steps
    fall = 2.0 * x * np.sinh(0.5 * t) ** 2
    both = np.exp(v * t - fall) + (-1.0) ** order * np.exp(-v * t - fall)
    return np.where(live, np.sum(0.5 * weights * t**order * both, axis=-1), np.nan)[()]


def _ive_by_order(k: Any, v: Any, x: Any) -> Any:
    """∂ᵏ/∂νᵏ e⁻ˣ I_ν(x), for ν < 0 by I_ν = I_−ν − (2/π) sin(πν) K_ν."""
    v, x = np.broadcast_arrays(np.asarray(v, float), np.asarray(x, float))
    order, size = int(np.max(k)), np.abs(v)
    y = _by_series(order, size, x)
    if np.any(v < 0):
        turns = [np.pi**j * np.sin(np.pi * size + 0.5 * np.pi * j) * comb(order, j) for j in range(order + 1)]
        more = sum([turn * _kve_by_order(order - j, size, x) for j, turn in enumerate(turns)])
        y = np.where(v < 0, (-1.0) ** order * (y + 2.0 / np.pi * np.exp(-2.0 * x) * more), y)
    return y[()]


def _by_series(order: int, v: Any, x: Any) -> Any:
    live = (x > 0) & np.isfinite(x)
    at_zero = np.where((x == 0) & (v > 0), 0.0, np.nan)
    v, x = v[..., None], np.where(live, x, 1.0)[..., None]
    n = np.arange(40.0 + np.max(x, initial=0.0) + 20.0 * np.sqrt(np.max(x, initial=0.0)))
    half, above = np.log(0.5 * x), n + v + 1.0
    terms = np.exp((2.0 * n + v) * half - sp.gammaln(n + 1.0) - sp.gammaln(above) - x)
    slopes = [half - sp.psi(above), *(-sp.polygamma(j, above) for j in range(1, order))]
    return np.where(live, np.sum(terms * bell(order, slopes), axis=-1), at_zero)


kve_by_order = lifted(
    _kve_by_order,
    None,
    lambda y, k, v, x: kve_by_order(np.add(k, 1), v, x),
    lambda y, k, v, x: y - 0.5 * (kve_by_order(k, v - 1.0, x) + kve_by_order(k, v + 1.0, x)),
    name="order derivative of kve",
)
ive_by_order = lifted(
    _ive_by_order,
    None,
    lambda y, k, v, x: ive_by_order(np.add(k, 1), v, x),
    lambda y, k, v, x: 0.5 * (ive_by_order(k, v - 1.0, x) + ive_by_order(k, v + 1.0, x)) - y,
    name="order derivative of ive",
)


def _k_first(v: Any, x: Any) -> Any:
    real_only(sp.kv, x)
    return kve_by_order(1, v, x)


def _i_first(v: Any, x: Any) -> Any:
    real_only(sp.iv, x)
    return ive_by_order(1, v, x)


# fmt: off
elementwise(sp.kv,  lambda y, v, x: np.exp(-x) * _k_first(v, x),
                    lambda y, v, x: -0.5 * (sp.kv(v - 1, x) + sp.kv(v + 1, x)))
elementwise(sp.kve, lambda y, v, x: _k_first(v, x), lambda y, v, x: kve_slope(y, v, x))
elementwise(sp.iv,  lambda y, v, x: np.exp(x) * _i_first(v, x),
                    lambda y, v, x: 0.5 * (sp.iv(v - 1, x) + sp.iv(v + 1, x)))
elementwise(sp.ive, lambda y, v, x: _i_first(v, x), lambda y, v, x: ive_slope(y, v, x))
# fmt: on
