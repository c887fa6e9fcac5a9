"""Incomplete beta functions, Student's t and F: their derivatives in the shapes, to any order, by quadrature."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np

from wengert.rules.special_calls import lifted, slope_of
from wengert.rules.special_gamma import beta_density, polygamma, sp
from wengert.rules.special_gamma_shape import HALF_LINE_NODES, HALF_LINE_WEIGHTS
from wengert.rules.table import elementwise


def _slope(p: int, q: int, a: Any, b: Any) -> Any:
    """∂ᵖ⁺ᑫ/∂aᵖ∂bᑫ of ln B(a, b)."""
    both = polygamma(p + q - 1, a + b)
    return (polygamma(p - 1, a) if q == 0 else polygamma(q - 1, b) if p == 0 else 0.0) - both


def _score(i: int, j: int, a: Any, b: Any, log_t: Any, log_rest: Any, ratio: Any = None) -> Any:
    """(∂ⁱ⁺ʲ/∂aⁱ∂bʲ f)/f of f = tᵃ⁻¹ (1 − t)ᵇ⁻¹ / B(a, b): a Bell polynomial of the derivatives of ln f.

    `ratio(p, q)` is added to the derivatives: of another factor of f.
    """

    def log_slope(p: int, q: int) -> Any:
        own = log_t if (p, q) == (1, 0) else log_rest if (p, q) == (0, 1) else 0.0
        return own - _slope(p, q, a, b) + (0.0 if ratio is None else ratio(p, q))

    bell: dict[tuple[int, int], Any] = {(0, 0): 1.0}
    for m in range(j):
        bell[0, m + 1] = sum(comb(m, q) * bell[0, m - q] * log_slope(0, q + 1) for q in range(m + 1))
    for n in range(i):
        for m in range(j + 1):
            bell[n + 1, m] = sum(
                comb(n, p) * comb(m, q) * bell[n - p, m - q] * log_slope(p + 1, q)
                for p in range(n + 1)
                for q in range(m + 1)
            )
    return bell[i, j]


def _below(i: int, j: int, a: Any, b: Any, x: Any, rest: Any) -> Any:
    """∫₀ˣ ∂ⁱ⁺ʲf dt for x no greater than the mean or so, with 1 − x given; for a ≥ 1.

    With t/(1 − t) = x/(1 − x) · e⁻ᵛ the integrand is smooth in v and falls off at the rate a (1 − x) − b x at
    least, or like a bell of width √(1/a + 1/b).
    """
    a, b, x, rest = a[..., None], b[..., None], x[..., None], rest[..., None]
    rate = np.sqrt(a * b / (a + b)) + a * rest - b * x
    odds = x / rest * np.exp(-HALF_LINE_NODES / rate)
    t, back = odds / (1.0 + odds), 1.0 / (1.0 + odds)
    values = beta_density(a, b, t) * t * back * _score(i, j, a, b, np.log(t), np.log(back))
    return values @ HALF_LINE_WEIGHTS / rate[..., 0]


def _step(i: int, j: int, a: Any, b: Any, x: Any, rest: Any) -> Any:
    """Derivatives of xᵃ (1 − x)ᵇ / (a B(a, b)) = I(a, b) − I(a + 1, b)."""

    def ratio(p: int, q: int) -> Any:
        return 0.0 if q else (-1.0) ** p * np.prod(np.arange(1.0, p)) / a**p

    return beta_density(a, b, x) * x * rest / a * _score(i, j, a, b, np.log(x), np.log(rest), ratio)


def _lesser(i: int, j: int, a: Any, b: Any, x: Any, rest: Any) -> Any:
    low = a < 1
    above = np.where(low, a + 1.0, a)
    return _below(i, j, above, b, x, rest) + np.where(low, _step(i, j, a, b, x, rest), 0.0)


def _by_shapes(i: Any, j: Any, a: Any, b: Any, x: Any) -> Any:
    """∂ⁱ⁺ʲI/∂aⁱ∂bʲ, by the lesser of I and 1 − I = I with a and b, x and 1 − x exchanged."""
    i, j = int(np.max(i)), int(np.max(j))
    a, b, x = np.broadcast_arrays(*[np.asarray(v, float) for v in (a, b, x)])
    unknown = (np.equal(a, 0.0) & (i > 1)) | (np.equal(b, 0.0) & (j > 1))
    a, b = np.where(np.equal(a, 0.0) & (b > 0.0), _LEAST, a), np.where(np.equal(b, 0.0) & (a > 0.0), _LEAST, b)
    live = (x > 0) & (x < 1) & (a > 0) & (b > 0) & np.isfinite(a + b)
    a, b, inside = [np.where(live, v, 0.5) for v in (a, b, x)]
    below = a * (1.0 - inside) >= b * inside
    above, y = ~below, np.zeros(below.shape)
    y[below] = _lesser(i, j, a[below], b[below], inside[below], 1.0 - inside[below])
    y[above] = -_lesser(j, i, b[above], a[above], 1.0 - inside[above], inside[above])
    return np.where(live & unknown, np.nan, np.where(live, y, np.where(np.isnan(x), x, 0.0)))[()]


_LEAST = 1e-30
"""Stands for a shape of 0, where the first derivatives are those from above; of the second no digit would be left."""
by_shapes = lifted(
    _by_shapes,
    None,
    None,
    lambda y, i, j, a, b, x: by_shapes(np.add(i, 1), j, a, b, x),
    lambda y, i, j, a, b, x: by_shapes(i, np.add(j, 1), a, b, x),
    lambda y, i, j, a, b, x: (
        beta_density(a, b, x) * _score(int(np.max(i)), int(np.max(j)), a, b, np.log(x), np.log1p(-x))
    ),
    name="shape derivative of betainc",
)


# ── Student's t: F = ½ ± ½ I(½, v/2; t²/(v + t²)), and beyond |t| = √v by 1 − I, whose argument is then small ──


def t_density(v: Any, t: Any) -> Any:
    """Of Student's t with v degrees of freedom."""
    return np.exp(-0.5 * (v + 1.0) * np.log1p(t * t / v)) / (np.sqrt(v) * sp.beta(0.5, 0.5 * v))


def _t_by_freedom(v: Any, t: Any) -> Any:
    """∂F/∂v."""
    still = np.equal(t, 0) | np.isinf(t)
    square = np.where(still, 1.0, t) ** 2
    near, far, half = square / (v + square), v / (v + square), 0.5 * v
    moved = square / (v + square) ** 2
    by_near = 0.5 * by_shapes(0, 1, 0.5, half, near) - beta_density(0.5, half, near) * moved
    by_far = -(0.5 * by_shapes(1, 0, half, 0.5, far) + beta_density(half, 0.5, far) * moved)
    return np.where(still, 0.0, 0.5 * np.sign(t) * np.where(square < v, by_near, by_far))[()]


t_by_freedom = lifted(
    _t_by_freedom,
    lambda y, v, t: slope_of(_t_by_freedom, 0, v, t),
    lambda y, v, t: slope_of(t_density, 0, v, t),
    name="derivative of stdtr",
)


# ── F: I(m/2, n/2; m x/(m x + n)) ──


def f_density(m: Any, n: Any, x: Any) -> Any:
    """Of F with (m, n) degrees of freedom."""
    w = m * x / (m * x + n)
    return beta_density(0.5 * m, 0.5 * n, w) * m * n / (m * x + n) ** 2


def _f_by_first(m: Any, n: Any, x: Any) -> Any:
    w = m * x / (m * x + n)
    moved = beta_density(0.5 * m, 0.5 * n, w) * n * x / (m * x + n) ** 2
    return 0.5 * by_shapes(1, 0, 0.5 * m, 0.5 * n, w) + moved


def _f_by_second(m: Any, n: Any, x: Any) -> Any:
    w = m * x / (m * x + n)
    moved = beta_density(0.5 * m, 0.5 * n, w) * m * x / (m * x + n) ** 2
    return 0.5 * by_shapes(0, 1, 0.5 * m, 0.5 * n, w) - moved


def _f_moved(by: Any, m: Any, n: Any, y: Any) -> Any:
    """How the inverse moves; not at 0, the end of the support."""
    still = np.equal(y, 0.0)
    inside = np.where(still, 1.0, y)
    return np.where(still, 0.0, np.divide(-by(m, n, inside), f_density(m, n, inside)))


# fmt: off
elementwise(sp.betainc,      lambda y, a, b, x: by_shapes(1, 0, a, b, x), lambda y, a, b, x: by_shapes(0, 1, a, b, x),
                             lambda y, a, b, x: beta_density(a, b, x))
elementwise(sp.betaincc,     lambda y, a, b, x: -by_shapes(1, 0, a, b, x), lambda y, a, b, x: -by_shapes(0, 1, a, b, x),
                             lambda y, a, b, x: -beta_density(a, b, x))
elementwise(sp.stdtr,        lambda y, v, t: t_by_freedom(v, t), lambda y, v, t: t_density(v, t))
elementwise(sp.stdtrit,      lambda y, v, p: np.divide(-t_by_freedom(v, y), t_density(v, y)),
                             lambda y, v, p: np.divide(1.0, t_density(v, y)))
elementwise(sp.fdtr,         lambda y, m, n, x: _f_by_first(m, n, x), lambda y, m, n, x: _f_by_second(m, n, x),
                             lambda y, m, n, x: f_density(m, n, x))
elementwise(sp.fdtrc,        lambda y, m, n, x: -_f_by_first(m, n, x), lambda y, m, n, x: -_f_by_second(m, n, x),
                             lambda y, m, n, x: -f_density(m, n, x))
elementwise(sp.fdtri,        lambda y, m, n, p: _f_moved(_f_by_first, m, n, y),
                             lambda y, m, n, p: _f_moved(_f_by_second, m, n, y),
                             lambda y, m, n, p: np.divide(1.0, f_density(m, n, y)))
# fmt: on
