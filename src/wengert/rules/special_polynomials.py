"""Orthogonal polynomials and Legendre functions, in their variable; degree and parameters have no derivative."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.rules.special_calls import ORDER
from wengert.rules.special_gamma import sp
from wengert.rules.table import elementwise


def lower(n: Any, factor: Any, f: Any) -> Any:
    """factor · f(n − 1), zero for n = 0."""
    none = np.equal(n, 0)
    return np.where(none, 0.0, factor) * f(np.where(none, 1, n) - 1)


def lpmv_slope(y: Any, m: Any, v: Any, x: Any) -> Any:
    """−√(1 − x²) P_v^m′ = P_v^{m+1} + m x P_v^m / √(1 − x²); for m = 0, (v + 1)/2 · P_{v−1}^{(1,1)}."""
    polynomial = np.equal(m, 0)
    w = np.where(polynomial, 0.5, 1.0 - x * x)
    slope = -(sp.lpmv(m + 1, v, x) + m * x * y / np.sqrt(w)) / np.sqrt(w)
    return np.where(polynomial, lower(v, 0.5 * (v + 1), lambda k: sp.eval_jacobi(k, 1.0, 1.0, x)), slope)


# fmt: off
elementwise(sp.eval_legendre,    None, lambda y, n, x: lower(n, 0.5 * (n + 1), lambda k: sp.eval_jacobi(k, 1.0, 1.0, x)), reason=ORDER)
elementwise(sp.eval_sh_legendre, None, lambda y, n, x: lower(n, n + 1.0, lambda k: sp.eval_jacobi(k, 1.0, 1.0, 2.0 * x - 1.0)), reason=ORDER)
elementwise(sp.eval_chebyt,      None, lambda y, n, x: lower(n, n, lambda k: sp.eval_chebyu(k, x)), reason=ORDER)
elementwise(sp.eval_sh_chebyt,   None, lambda y, n, x: lower(n, 2.0 * n, lambda k: sp.eval_sh_chebyu(k, x)), reason=ORDER)
elementwise(sp.eval_chebyc,      None, lambda y, n, x: lower(n, n, lambda k: sp.eval_chebys(k, x)), reason=ORDER)
elementwise(sp.eval_chebyu,      None, lambda y, n, x: lower(n, 2.0, lambda k: sp.eval_gegenbauer(k, 2.0, x)), reason=ORDER)
elementwise(sp.eval_sh_chebyu,   None, lambda y, n, x: lower(n, 4.0, lambda k: sp.eval_gegenbauer(k, 2.0, 2.0 * x - 1.0)), reason=ORDER)
elementwise(sp.eval_chebys,      None, lambda y, n, x: lower(n, 1.0, lambda k: sp.eval_gegenbauer(k, 2.0, 0.5 * x)), reason=ORDER)
elementwise(sp.eval_hermite,     None, lambda y, n, x: lower(n, 2.0 * n, lambda k: sp.eval_hermite(k, x)), reason=ORDER)
elementwise(sp.eval_hermitenorm, None, lambda y, n, x: lower(n, n, lambda k: sp.eval_hermitenorm(k, x)), reason=ORDER)
elementwise(sp.eval_laguerre,    None, lambda y, n, x: lower(n, -1.0, lambda k: sp.eval_genlaguerre(k, 1.0, x)), reason=ORDER)
elementwise(sp.eval_genlaguerre, None, None, lambda y, n, a, x: lower(n, -1.0, lambda k: sp.eval_genlaguerre(k, a + 1.0, x)), reason=ORDER)
elementwise(sp.eval_gegenbauer,  None, None, lambda y, n, a, x: lower(n, 2.0 * a, lambda k: sp.eval_gegenbauer(k, a + 1.0, x)), reason=ORDER)
elementwise(sp.eval_jacobi,      None, None, None,
            lambda y, n, a, b, x: lower(n, 0.5 * (n + a + b + 1.0), lambda k: sp.eval_jacobi(k, a + 1.0, b + 1.0, x)), reason=ORDER)
elementwise(sp.eval_sh_jacobi,   None, None, None,
            lambda y, n, p, q, x: lower(n, n, lambda k: sp.eval_sh_jacobi(k, p + 2.0, q + 1.0, x)), reason=ORDER)
elementwise(sp.lpmv,             None, None, lambda y, m, v, x: lpmv_slope(y, m, v, x), reason=ORDER)
# fmt: on
