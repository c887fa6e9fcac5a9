"""sinc, i0 and log(1 + z)/z: smooth functions whose derivatives of every order come from one integral each.

The integrands are smooth, so a few dozen points give every digit, at 0 as well: no formula that
divides by x is needed there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import factorial
from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace, wrap_plain
from wengert.rules.partials import with_partials
from wengert.rules.table import elementwise, handles

_asarray = np.asarray
"""NumPy's own, whatever is swapped in while recording."""


@cache
def gauss() -> list[tuple[float, float]]:
    """Nodes and weights of ∫₀¹ (Gauss–Legendre)."""
    nodes, weights = np.polynomial.legendre.leggauss(24)
    return [(float(s + 1.0) / 2.0, float(w) / 2.0) for s, w in zip(nodes, weights, strict=True)]


def _spherical(t: Any, k: int) -> Any:
    """dᵏ/dtᵏ (sin t / t) = ∫₀¹ sᵏ cos(s t + kπ/2) ds for moderate t."""
    wave = np.sin if k % 2 else np.cos
    total = sum(w * s**k * wave(s * t) for s, w in gauss())
    return -total if k % 4 in (1, 2) else total


def _recurred(t: Any, k: int) -> Any:
    """The same for large t: t f = sin t, so t f⁽ᵏ⁾ + k f⁽ᵏ⁻¹⁾ = sin⁽ᵏ⁾ t."""
    waves = (np.sin(t), np.cos(t), -np.sin(t), -np.cos(t))
    f = waves[0] / t
    for n in range(1, k + 1):
        f = (waves[n % 4] - n * f) / t
    return f


def _sinc(x: Any, k: int) -> Any:
    t = np.pi * x
    near = np.abs(t) < 1.0 + k
    return np.pi**k * np.where(near, _spherical(np.where(near, t, 0.0), k), _recurred(np.where(near, 1.0, t), k))


_ANGLES = (np.arange(64) + 0.5) * (np.pi / 128)
_COSINES = [(float(c), float(d)) for c, d in zip(np.cos(_ANGLES), 2 * np.sin(_ANGLES / 2) ** 2, strict=True)]
"""cosθ and 1 − cosθ."""


def _bessel(x: Any, k: int) -> Any:
    """dᵏ/dxᵏ I₀(x) = (2/π) ∫ cosᵏθ {cosh | sinh}(x cosθ) dθ, θ from 0 to π/2 (midpoint rule).

    Of 2 cosh(r cosθ) = eʳ e^(−r(1 − cosθ)) (1 + e^(−2r cosθ)) the factor eʳ comes last, in two halves:
    nothing overflows before the result does.
    """
    r = np.abs(x)
    total = 0.0
    for c, d in _COSINES:
        wave = -np.expm1(-2 * c * r) if k % 2 else 1.0 + np.exp(-2 * c * r)
        total = total + c**k * np.exp(-d * r) * wave
    y = total / 128 * np.exp(r / 2) * np.exp(r / 2)
    return np.copysign(y, x) if k % 2 else y


def _log_ratio(z: Any, k: int) -> Any:
    """dᵏ/dzᵏ log(1 + z)/z = (−1)ᵏ k! ∫₀¹ sᵏ (1 + s z)⁻ᵏ⁻¹ ds near 0; elsewhere z f = log(1 + z), as above."""
    near = np.abs(z) < 0.5
    u, w = np.where(near, z, 0.0), np.where(near, 1.0, z)
    inner = (-1.0) ** k * factorial(k) * sum(weight * s**k * (1.0 + s * u) ** (-k - 1) for s, weight in gauss())
    outer = np.log1p(w) / w
    for n in range(1, k + 1):
        outer = ((-1.0) ** (n - 1) * factorial(n - 1) * (1.0 + w) ** -n - n * outer) / w
    return np.where(near, inner, outer)


def _family(compute: Callable[[Any, int], Any], name: str) -> Callable[[int], Any]:
    """k ↦ the k-th derivative of a function, each with a row that refers to the next."""

    @cache
    def derivative(k: int) -> Any:
        @with_partials(lambda y, x: derivative(k + 1)(x), name=f"{name}^({k})")
        def function(x: Any) -> Any:
            x = _asarray(x)
            return _asarray(compute(x.astype(np.result_type(x, np.float64)), k)).astype(x.dtype)[()]

        return function

    return derivative


sinc_derivative = _family(_sinc, "numpy.sinc")
i0_derivative = _family(_bessel, "numpy.i0")
log_ratio = _family(_log_ratio, "log(1 + z)/z")(0)

SINC = elementwise(np.sinc, lambda y, x: sinc_derivative(1)(x))
I0 = elementwise(np.i0, lambda y, x: i0_derivative(1)(x))


@handles(np.sinc)
def _sinc_row(x: Any) -> Any:
    return apply(SINC, (x,))


@handles(np.i0)
def _i0_row(x: Any) -> Any:
    return apply(I0, (x,))


@replace(np.kaiser)
def _kaiser(original: Any) -> Any:
    def kaiser(M: Any, beta: Any) -> Any:
        if not any_recorded(beta) or M <= 1:
            return wrap_plain(original(look(M), look(beta)))
        half = (M - 1) / 2.0
        places = np.sqrt(1 - ((np.arange(M) - half) / half) ** 2.0)
        return np.i0(beta * places) / np.i0(beta)

    return kaiser
