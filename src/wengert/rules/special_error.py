"""Error functions and the normal distribution, exact into the tails."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import scipy.special as _special

from wengert.rules.special_calls import ORDER, lifted, piecewise
from wengert.rules.table import elementwise

sp: Any = _special
_SQRT_PI = float(np.sqrt(np.pi))
_SQRT_2 = float(np.sqrt(2.0))
_SQRT_2PI = float(np.sqrt(2.0 * np.pi))


def _fractions(k: int, x: Any, sign: float, terms: int) -> Any:
    """r₁ r₂ … r_k, where rₙ = (n/2) / (x ± rₙ₊₁): Laplace's continued fraction."""
    tail: Any = 0.0 * x
    product: Any = 1.0
    for n in range(terms + k, 0, -1):
        tail = 0.5 * n / (x + sign * tail)
        product = product * tail if n <= k else product
    return product


def _recurred(k: int, y: Any, first: Any, x: Any, twice: float) -> Any:
    """The k-th derivative, from y and y′ by y⁽ⁿ⁺¹⁾ = ±2 (x y⁽ⁿ⁾ + n y⁽ⁿ⁻¹⁾): it cancels where |x| is large."""
    before, now = y, first
    for n in range(1, k):
        before, now = now, twice * (x * now + n * before)
    return now


def _either(far: Any, x: Any, safe: Any, near: Any, f: Any) -> Any:
    return np.where(far, f(np.where(far, x, safe)), near)


# erfcx, Dawson's integral and w solve y′ = ±2 x y + constant. Far from 0 the two terms cancel to −2 r₁ y; with
# rₙ′ = −2 rₙ (rₙ₊₁ − rₙ) the k-th derivative is (−2)ᵏ r₁ … r_k y, all of one sign.
def _erfcx(k: int, x: Any) -> Any:
    y = sp.erfcx(x)
    near = _recurred(k, y, 2.0 * x * y - 2.0 / _SQRT_PI, x, 2.0)
    if np.iscomplexobj(x):
        return near
    return _either(np.greater(x, 2.0), x, 2.0, near, lambda x: (-2.0) ** k * _fractions(k, x, 1.0, 60) * y)


def _dawsn(k: int, x: Any) -> Any:
    y = sp.dawsn(x)
    near = _recurred(k, y, 1.0 - 2.0 * x * y, x, -2.0)
    if np.iscomplexobj(x):
        return near
    return _either(np.greater(np.abs(x), 7.0), x, 7.0, near, lambda x: (-2.0) ** k * _fractions(k, x, -1.0, 20) * y)


def _wofz(k: int, z: Any) -> Any:
    y = sp.wofz(z)
    near = _recurred(k, y, 2.0j / _SQRT_PI - 2.0 * z * y, z, -2.0)
    # next to the real axis exp(−z²), which the fraction does not see, is the real part
    size = np.abs(z)
    far = (size > 7.0) & (np.imag(z) >= 0) & (np.exp(-np.square(size)) < 1e-18 * np.real(y))
    return _either(far, z, 7.0j, near, lambda z: (2.0j) ** k * _fractions(k, -1j * z, 1.0, 20) * y)


@cache
def slope(f: Any, k: int = 1) -> Any:
    """The k-th derivative of one of these three."""
    name = f"derivative {k} of {f.__name__.strip('_')}"
    return lifted(lambda x: f(k, x), lambda y, x: slope(f, k + 1)(x), name=name)


def normal_density(x: Any) -> Any:
    """φ(x)."""
    return np.exp(-0.5 * x * x) / _SQRT_2PI


def mills(x: Any) -> Any:
    """Φ(x) / φ(x)."""
    return (_SQRT_PI / _SQRT_2) * sp.erfcx(-x / _SQRT_2)


def hazard(x: Any) -> Any:
    """φ(x) / Φ(x); left of 0 both vanish, and right of it Φ/φ has no finite square."""
    return piecewise(np.less(x, 0), x, 0.0, lambda x: 1.0 / mills(x), lambda x: normal_density(x) / sp.ndtr(x))


# fmt: off
elementwise(sp.erf,       lambda y, x: 2.0 / _SQRT_PI * np.exp(-x * x))
elementwise(sp.erfc,      lambda y, x: -2.0 / _SQRT_PI * np.exp(-x * x))
elementwise(sp.erfcx,     lambda y, x: slope(_erfcx)(x))
elementwise(sp.erfi,      lambda y, x: 2.0 / _SQRT_PI * np.exp(x * x))
elementwise(sp.dawsn,     lambda y, x: slope(_dawsn)(x))
elementwise(sp.wofz,      lambda y, z: slope(_wofz)(z))
elementwise(sp.erfinv,    lambda y, x: 0.5 * _SQRT_PI * np.exp(y * y))
elementwise(sp.erfcinv,   lambda y, x: -0.5 * _SQRT_PI * np.exp(y * y))
elementwise(sp.ndtr,      lambda y, x: normal_density(x))
elementwise(sp.log_ndtr,  lambda y, x: hazard(x))
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
# V(x; σ, γ) = Re w(z) / (σ√2π), z = (x + iγ) / (σ√2), which diffuses: ∂V/∂σ = σ ∂²V/∂x²
elementwise(sp.voigt_profile,
                          lambda y, x, s, g: np.real(_voigt_in_x(x, s, g)),
                          lambda y, x, s, g: np.real(_voigt_in_width(x, s, g)),
                          lambda y, x, s, g: -np.imag(_voigt_in_x(x, s, g)), reason=ORDER)
# fmt: on


def _voigt_in_x(x: Any, s: Any, g: Any) -> Any:
    """−i / π(x + iγ)² at σ = 0, of Cauchy's density."""
    none = np.equal(s, 0)
    width, z = np.where(none, 1.0, s), np.where(none, x + 1j * g, 1.0)
    return np.where(none, -1j / (np.pi * z * z), _voigt(1, x, width, g) / width)


def _voigt_in_width(x: Any, s: Any, g: Any) -> Any:
    none = np.equal(s, 0)
    width = np.where(none, 1.0, s)
    return np.where(none, 0.0, _voigt(2, x, width, g) / width)


def _voigt(k: int, x: Any, s: Any, g: Any) -> Any:
    """w⁽ᵏ⁾(z) / (σ√2π (√2)ᵏ)."""
    return slope(_wofz, k)((x + 1j * g) / (s * _SQRT_2)) / (s * _SQRT_2PI * _SQRT_2**k)
