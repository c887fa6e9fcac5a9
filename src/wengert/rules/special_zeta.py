"""ζ(s, q) = Σ (q + n)⁻ˢ: its derivatives in s and q, by the Euler-Maclaurin formula.

With f(t) = t⁻ˢ lnᵏ t, and t = q + N,  (−1)ᵏ ∂ᵏζ/∂sᵏ = Σ_{n<N} f(q + n) + ∫ₜ^∞ f + f(t)/2 − Σⱼ B₂ⱼ/(2j)! f⁽²ʲ⁻¹⁾(t).
Source: Johansson, Numer. Algorithms 69 (2015), arXiv:1309.2877.
"""

from __future__ import annotations

from math import factorial, perm
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.rules.special_calls import lifted
from wengert.rules.special_gamma import cospi, sinpi, sp
from wengert.rules.table import elementwise

_TERMS, _CORRECTIONS = 20, 10
_BERNOULLI = [
    float(b) / factorial(2 * j)
    for j, b in enumerate([1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798,
                           -174611 / 330], 1)
]  # fmt: skip


def _sum(k: int, s: Any, q: Any) -> Any:
    """(−1)ᵏ ∂ᵏζ/∂sᵏ."""
    n = q[..., None] + np.arange(_TERMS)
    total = np.sum(n ** -s[..., None] * np.log(n) ** k, axis=-1)
    t = q + _TERMS
    log, power = np.log(t), t**-s
    rest = sum(perm(k, i) * log ** (k - i) / (s - 1.0) ** (i + 1) for i in range(k + 1))
    total = total + power * (t * rest + 0.5 * log**k)
    # f⁽ᵐ⁾ = t⁻ˢ⁻ᵐ P(ln t), P ← P' − (s + m) P
    p: list[Any] = [np.zeros_like(s)] * k + [np.ones_like(s)]
    for m in range(2 * _CORRECTIONS - 1):
        slope = [(i + 1) * p[i + 1] for i in range(k)] + [0.0]
        p = [d - (s + m) * c for d, c in zip(slope, p, strict=True)]
        if m % 2 == 0:
            value = sum(c * log**i for i, c in enumerate(p))
            total = total - _BERNOULLI[m // 2] * power * t ** -(m + 1.0) * value
    return total


def _slopes(k: Any, s: Any, q: Any) -> Any:
    order = int(np.max(k))
    if np.iscomplexobj(s) or np.iscomplexobj(q):
        raise NoDerivative(at_user_line("no derivative rule for scipy.special.zeta of complex numbers"))
    s, q = np.broadcast_arrays(np.asarray(s, float), np.asarray(q, float))
    known = (q > 0) & (s > -1.0) & (s != 1.0)
    y = (-1.0) ** order * _sum(order, np.where(known, s, 2.0), np.where(known, q, 1.0))
    left = (s <= -1.0) & (q == 1.0)
    rest = _left(np.where(left, s, -2.0)) if order == 1 else np.nan
    return np.where(known, y, np.where(left, rest, np.nan))[()]


def _left(s: Any) -> Any:
    """ζ′(s) left of −1, from ζ(s) = 2 (2π)ˢ⁻¹ sin(πs/2) Γ(t) ζ(t) with t = 1 − s."""
    t = 1.0 - s
    zeta_t = sp.zeta(t)
    log = np.log(2.0 * np.pi) - sp.psi(t) + _sum(1, t, np.ones_like(t)) / zeta_t
    turn = log * sinpi(0.5 * s) + 0.5 * np.pi * cospi(0.5 * s)
    return 2.0 * (2.0 * np.pi) ** (s - 1.0) * sp.gamma(t) * zeta_t * turn


zeta_slopes = lifted(
    _slopes,
    None,
    lambda y, k, s, q: zeta_slopes(np.add(k, 1), s, q),
    lambda y, k, s, q: -s * zeta_slopes(k, s + 1.0, q) - k * zeta_slopes(np.subtract(k, 1), s + 1.0, q),
    name="derivative of zeta",
)
"""∂ᵏζ/∂sᵏ, for s > −1 and q > 0; the first also left of it for q = 1; elsewhere NaN."""

zeta = lifted(
    sp.zeta,
    lambda y, s, q: zeta_slopes(1, s, q),
    lambda y, s, q: -s * zeta(s + 1, q),
    name="scipy.special.zeta",
)
riemann_zeta = lifted(lambda s: sp.zeta(s), lambda y, s: zeta_slopes(1, s, 1.0), name="scipy.special.zeta")
ufuncs: Any = sp._ufuncs
elementwise(sp.zetac, lambda y, s: zeta_slopes(1, s, 1.0))
elementwise(ufuncs._zeta, lambda y, s, q: zeta_slopes(1, s, q), lambda y, s, q: -s * zeta(s + 1, q))
elementwise(ufuncs._riemann_zeta, lambda y, s: zeta_slopes(1, s, 1.0))
