"""Orthogonal polynomials and Legendre functions, in their variable; degree and parameters have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_calls import in_last
from wengert.rules.special_gamma import sp


def lower(n: Any, factor: Any, f: Any) -> Any:
    """factor · f(n − 1), zero for n = 0."""
    none = np.equal(n, 0)
    return np.where(none, 0.0, factor) * f(np.where(none, 1, n) - 1)


def reflected(n: Any, shift: int) -> Any:
    """−n − shift for a negative whole degree: P₋ₙ₋₁ = Pₙ, T₋ₙ = Tₙ, U₋ₙ₋₂ = −Uₙ."""
    return np.where(_is_negative(n), -n - shift, n)


def _is_negative(n: Any) -> Any:
    return np.less(n, 0) & np.equal(n, np.floor(n))


def _no_less(n: Any) -> Any:
    """0 for −1, where the polynomial is 0."""
    return np.where(np.equal(n, -1), 0, n)


def _second_kind(n: Any, factor: float, x: Any) -> Any:
    """The slope of Uₙ; U₋₁ = 0."""
    n, sign = reflected(n, 2), np.where(_is_negative(n), -factor, factor)
    return lower(_no_less(n), sign, lambda k: sp.eval_gegenbauer(k, 2.0, x))


def lpmv_slope(y: Any, m: Any, v: Any, x: Any) -> Any:
    """−√(1 − x²) P_v^m′ = P_v^{m+1} + m x P_v^m / √(1 − x²); for m = 0, (v + 1)/2 · P_{v−1}^{(1,1)}."""
    polynomial, r = np.equal(m, 0), reflected(v, 1)
    w = np.where(polynomial, 0.5, 1.0 - x * x)
    slope = -(sp.lpmv(m + 1, v, x) + m * x * y / np.sqrt(w)) / np.sqrt(w)
    return np.where(polynomial, lower(r, 0.5 * (r + 1), lambda k: sp.eval_jacobi(k, 1.0, 1.0, x)), slope)


def _first_kind(n: Any, factor: float, f: Any) -> Any:
    n = reflected(n, 0)
    return lower(n, factor * n, f)


def _legendre_slope(n: Any, factor: float, z: Any) -> Any:
    n = reflected(n, 1)
    return lower(n, factor * (n + 1.0), lambda k: sp.eval_jacobi(k, 1.0, 1.0, z))


# fmt: off
in_last(sp.eval_legendre,    lambda y, n, x: _legendre_slope(n, 0.5, x))
in_last(sp.eval_sh_legendre, lambda y, n, x: _legendre_slope(n, 1.0, 2.0 * x - 1.0))
in_last(sp.eval_chebyt,      lambda y, n, x: _first_kind(n, 1.0, lambda k: sp.eval_chebyu(k, x)))
in_last(sp.eval_sh_chebyt,   lambda y, n, x: _first_kind(n, 2.0, lambda k: sp.eval_sh_chebyu(k, x)))
in_last(sp.eval_chebyc,      lambda y, n, x: _first_kind(n, 1.0, lambda k: sp.eval_chebys(k, x)))
in_last(sp.eval_chebyu,      lambda y, n, x: _second_kind(n, 2.0, x))
in_last(sp.eval_sh_chebyu,   lambda y, n, x: _second_kind(n, 4.0, 2.0 * x - 1.0))
in_last(sp.eval_chebys,      lambda y, n, x: _second_kind(n, 1.0, 0.5 * x))
in_last(sp.eval_hermite,     lambda y, n, x: lower(n, 2.0 * n, lambda k: sp.eval_hermite(k, x)))
in_last(sp.eval_hermitenorm, lambda y, n, x: lower(n, n, lambda k: sp.eval_hermitenorm(k, x)))
in_last(sp.eval_laguerre,    lambda y, n, x: lower(n, -1.0, lambda k: sp.eval_genlaguerre(k, 1.0, x)))
in_last(sp.eval_genlaguerre, lambda y, n, a, x: lower(n, -1.0, lambda k: sp.eval_genlaguerre(k, a + 1.0, x)))
in_last(sp.eval_gegenbauer,
        lambda y, n, a, x: lower(_no_less(n), 2.0 * a, lambda k: sp.eval_gegenbauer(k, a + 1.0, x)))
in_last(sp.eval_jacobi,
        lambda y, n, a, b, x: lower(n, 0.5 * (n + a + b + 1.0), lambda k: sp.eval_jacobi(k, a + 1.0, b + 1.0, x)))
in_last(sp.eval_sh_jacobi,   lambda y, n, p, q, x: lower(n, n, lambda k: sp.eval_sh_jacobi(k, p + 2.0, q + 1.0, x)))
in_last(sp.lpmv,             lambda y, m, v, x: lpmv_slope(y, m, v, x))
# fmt: on
