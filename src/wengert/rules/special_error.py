"""Error functions and the normal distribution, exact into the tails."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as _special

from wengert.rules.special_calls import ORDER, lifted
from wengert.rules.table import elementwise

sp: Any = _special
_SQRT_PI = float(np.sqrt(np.pi))
_SQRT_2 = float(np.sqrt(2.0))
_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


def _excess(x: Any) -> Any:
    """K(x), where erfcx(x) = 1 / (√π (x + K(x))), for x ≥ 2 by Laplace's continued fraction.

    K = (1/2)/(x + 1/(x + (3/2)/(x + …))); 1 elsewhere.
    """
    safe = np.where(np.greater_equal(x, 2.0), x, 2.0)
    tail: Any = 0.0 * safe
    for k in range(60, 0, -1):
        tail = 0.5 * k / (safe + tail)
    return tail


# y = √π (x + K) erfcx ≡ 1, so K′ = 2K(x + K) − 1
excess = lifted(_excess, lambda y, x: 2.0 * y * (x + y) - 1.0, name="erfcx's continued fraction")


def scaled_slope(y: Any, x: Any) -> Any:
    """erfcx′ = 2x y − 2/√π; where these cancel, −2 K y."""
    plain = 2.0 * x * y - 2.0 / _SQRT_PI
    if np.iscomplexobj(x):
        return plain
    return np.where(np.greater(x, 2.0), -2.0 * excess(x) * y, plain)


def normal_density(x: Any) -> Any:
    """φ(x)."""
    return np.exp(-0.5 * x * x) / _SQRT_2PI


def mills(x: Any) -> Any:
    """Φ(x) / φ(x)."""
    return (_SQRT_PI / _SQRT_2) * sp.erfcx(-x / _SQRT_2)


# fmt: off
elementwise(sp.erf,       lambda y, x: 2.0 / _SQRT_PI * np.exp(-x * x))
elementwise(sp.erfc,      lambda y, x: -2.0 / _SQRT_PI * np.exp(-x * x))
elementwise(sp.erfcx,     lambda y, x: scaled_slope(y, x))
elementwise(sp.erfi,      lambda y, x: 2.0 / _SQRT_PI * np.exp(x * x))
elementwise(sp.dawsn,     lambda y, x: 1.0 - 2.0 * x * y)
elementwise(sp.wofz,      lambda y, z: 2.0j / _SQRT_PI - 2.0 * z * y)
elementwise(sp.erfinv,    lambda y, x: 0.5 * _SQRT_PI * np.exp(y * y))
elementwise(sp.erfcinv,   lambda y, x: -0.5 * _SQRT_PI * np.exp(y * y))
elementwise(sp.ndtr,      lambda y, x: normal_density(x))
elementwise(sp.log_ndtr,  lambda y, x: np.divide(1.0, mills(x)))
elementwise(sp.ndtri,     lambda y, p: _SQRT_2PI * np.exp(0.5 * y * y))
elementwise(sp.ndtri_exp, lambda y, l: mills(y))
elementwise(sp.owens_t,   lambda y, h, a: -0.5 * normal_density(h) * sp.erf(a * h / _SQRT_2),
                          lambda y, h, a: np.exp(-0.5 * h * h * (1.0 + a * a)) / (2.0 * np.pi * (1.0 + a * a)))
# the mean and the standard deviation of a normal distribution, z = Φ⁻¹(p)
elementwise(sp.nrdtrimn,  lambda y, p, sd, x: -sd * _SQRT_2PI * np.exp(0.5 * ((x - y) / sd) ** 2),
                          lambda y, p, sd, x: np.divide(y - x, sd),
                          lambda y, p, sd, x: 1.0)
elementwise(sp.nrdtrisd,  lambda y, mn, p, x: np.divide(-1.0, sp.ndtri(p)),
                          lambda y, mn, p, x: -y * _SQRT_2PI * np.exp(0.5 * sp.ndtri(p) ** 2) / sp.ndtri(p),
                          lambda y, mn, p, x: np.divide(1.0, sp.ndtri(p)))
# V(x; σ, γ) = Re w(z) / (σ√2π), z = (x + iγ) / (σ√2)
elementwise(sp.voigt_profile,
            lambda y, x, s, g: np.real(_faddeeva_slope(x, s, g)) / (2.0 * _SQRT_PI * s * s),
            lambda y, x, s, g: -(y + np.real(_faddeeva_slope(x, s, g) * (x + 1j * g)) / (2.0 * _SQRT_PI * s * s)) / s,
            lambda y, x, s, g: -np.imag(_faddeeva_slope(x, s, g)) / (2.0 * _SQRT_PI * s * s), reason=ORDER)
# fmt: on


def _faddeeva_slope(x: Any, s: Any, g: Any) -> Any:
    """w′(z) = 2i/√π − 2 z w(z)."""
    z = (x + 1j * g) / (s * _SQRT_2)
    return 2.0j / _SQRT_PI - 2.0 * z * sp.wofz(z)
