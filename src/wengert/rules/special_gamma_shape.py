"""Incomplete gamma functions: their derivatives in the shape, to any order, by quadrature."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from wengert.rules.special_calls import lifted
from wengert.rules.special_gamma import gamma_density, polygamma, sp
from wengert.rules.table import elementwise

_STEP = 1 / 24
_TAU = np.arange(-4.75, 4.75, _STEP)
HALF_LINE_NODES = np.exp(_TAU - np.exp(-_TAU))
HALF_LINE_WEIGHTS = _STEP * HALF_LINE_NODES * (1.0 + np.exp(-_TAU))
"""∫₀^∞ f(w) dw for f that decays like e⁻ʷ or faster (Takahasi and Mori 1974, the rule for such f)."""


def bell(k: int, slopes: list[Any]) -> Any:
    """(∂ᵏ g) / g, given ∂ ln g, ∂² ln g, …: the complete Bell polynomial of them."""
    found: list[Any] = [1.0]
    for n in range(k):
        found.append(sum(comb(n, i) * found[n - i] * slopes[i] for i in range(n + 1)))
    return found[k]


def _score(k: int, a: Any, t: Any) -> Any:
    """(∂ᵏ/∂aᵏ g) / g of the density g(t) = tᵃ⁻¹ e⁻ᵗ / Γ(a)."""
    return bell(k, [np.log(t) - sp.psi(a), *(-polygamma(n, a) for n in range(1, k))])


def _integral(k: int, a: Any, x: Any) -> Any:
    """∫₀ˣ ∂ᵏg/∂aᵏ dt for a ≥ 1, or, with its sign changed, the integral from x on: that of the lesser side.

    With t = x eᵛ the integrand is smooth in v; it falls off at the rate |a − x|, or like a bell of width 1/√a.
    """
    a, x = a[..., None], x[..., None]
    below = x < a
    side = np.where(below, -1.0, 1.0)
    rate = np.where(below, np.sqrt(a) + a - x, np.sqrt(x) + x - a)
    t = x * np.exp(side * HALF_LINE_NODES / rate)
    values = gamma_density(a, t) * t * _score(k, a, t)
    return -(side * values) @ HALF_LINE_WEIGHTS / rate[..., 0]


def _by_shape(k: Any, a: Any, x: Any) -> Any:
    """∂ᵏP/∂aᵏ; below a = 1 by P(a, x) = P(a + 1, x) + xᵃ e⁻ˣ / Γ(a + 1)."""
    order = int(np.max(k))
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))
    live = (x > 0) & np.isfinite(x)
    inside, above = np.where(live, x, 1.0), np.where(a < 1, a + 1.0, a)
    step = np.where(a < 1, gamma_density(above, inside) * _score(order, above, inside), 0.0)
    return np.where(live, _integral(order, above, inside) + step, np.where(np.isnan(x), x, 0.0))[()]


by_shape = lifted(
    _by_shape,
    None,
    lambda y, k, a, x: by_shape(np.add(k, 1), a, x),
    lambda y, k, a, x: gamma_density(a, x) * _score(int(np.max(k)), a, x),
    name="shape derivative of gammainc",
)

# fmt: off
elementwise(sp.gammainc,     lambda y, a, x: by_shape(1, a, x),
                             lambda y, a, x: gamma_density(a, x))
elementwise(sp.gammaincc,    lambda y, a, x: -by_shape(1, a, x),
                             lambda y, a, x: -gamma_density(a, x))
# fmt: on
