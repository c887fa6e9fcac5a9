"""Inverses of the incomplete beta and gamma functions, in their probability and shapes, also where that is 0 or 1.

With the density f, the inverse y(p) has the slope 1/f and the bend −f′/f³. At the ends of the support f is 0 or
infinite, and both have limits that their formulas do not show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.rules.special_beta_shape import by_shapes
from wengert.rules.special_calls import lifted, slope_of
from wengert.rules.special_gamma import beta_density, gamma_density, sp
from wengert.rules.special_gamma_shape import by_shape
from wengert.rules.table import elementwise

Fn = Callable[..., Any]


def _bend_at(a: Any, first: Any, size: Any) -> Any:
    """The bend where f begins as yᵃ⁻¹ (1 + first · y)/√size: (1 − a) y¹⁻²ᵃ size, and −first · size for a = 1."""
    grows = np.where(a < 1.0, np.inf, np.where(a > 1.0, -np.inf, -first * size))
    return np.where(a < 0.5, 0.0, np.where(np.equal(a, 0.5), 0.5 * size, grows))


def _beta_bend(a: Any, b: Any, y: Any) -> Any:
    return -((a - 1.0) / y - (b - 1.0) / (1.0 - y)) / beta_density(a, b, y) ** 2


def _beta_ends(a: Any, b: Any, y: Any) -> Any:
    size = sp.beta(a, b) ** 2
    return np.where(np.equal(y, 0.0), _bend_at(a, 1.0 - b, size), -_bend_at(b, 1.0 - a, size))


def _gamma_bend(a: Any, y: Any) -> Any:
    return -((a - 1.0) / y - 1.0) / gamma_density(a, y) ** 2


def _gamma_ends(a: Any, y: Any) -> Any:
    return np.where(np.equal(y, 0.0), _bend_at(a, -1.0, sp.gamma(a) ** 2), np.inf)


def _is_end(y: Any) -> Any:
    return np.equal(y, 0.0) | np.equal(y, 1.0)


def _is_end_of_line(y: Any) -> Any:
    return np.equal(y, 0.0) | np.isinf(y)


def _rate(op: Any, sign: float, density: Fn, is_end: Fn, bend: Fn, ends: Fn) -> Fn:
    """(shapes, p) ↦ ∂y/∂p = ±1/f, with its slopes."""
    name = f"slope of {op.__name__}"

    def slope(*args: Any) -> Any:
        return np.divide(sign, density(*args[:-1], op(*args)))

    def inside(*args: Any) -> Any:
        return bend(*args[:-1], op(*args))

    def bends(*args: Any) -> Any:
        y = op(*args)
        end = is_end(y)
        return np.where(end, ends(*args[:-1], y), bend(*args[:-1], np.where(end, 0.5, y)))

    def slope_in(k: int, y: Any, *args: Any) -> Any:
        still = is_end(op(*args)) & np.equal(y, 0.0)
        return np.where(still, 0.0, slope_of(slope, k, *args))

    def bend_in(k: int, y: Any, *args: Any) -> Any:
        return np.where(is_end(op(*args)), np.nan, slope_of(inside, k, *args))

    bend_of = lifted(bends, *[_in(bend_in, k) for k in range(op.nin)], name=f"second {name}")
    last = lambda y, *args: bend_of(*args)
    return lifted(slope, *[_in(slope_in, k) for k in range(op.nin - 1)], last, name=name)


def _in(slope: Fn, k: int) -> Fn:
    return lambda y, *args: slope(k, y, *args)


_BETA = (beta_density, _is_end, _beta_bend, _beta_ends)
_GAMMA = (gamma_density, _is_end_of_line, _gamma_bend, _gamma_ends)
BETA, BETA_ABOVE = _rate(sp.betaincinv, 1.0, *_BETA), _rate(sp.betainccinv, -1.0, *_BETA)
GAMMA, GAMMA_ABOVE = _rate(sp.gammaincinv, 1.0, *_GAMMA), _rate(sp.gammainccinv, -1.0, *_GAMMA)


def _moved(by: Any, density: Any, still: Any) -> Any:
    """−(∂F/∂a)/f; the ends of the support do not move."""
    return np.where(still, 0.0, np.divide(-by, np.where(still, 1.0, density)))


def _beta_moved(i: int, j: int, y: Any, a: Any, b: Any) -> Any:
    return _moved(by_shapes(i, j, a, b, y), beta_density(a, b, y), _is_end(y))


def gamma_moved(y: Any, a: Any) -> Any:
    """How the inverse y of the incomplete gamma functions moves with the shape."""
    return _moved(by_shape(1, a, y), gamma_density(a, y), np.equal(y, 0.0))


# fmt: off
elementwise(sp.betaincinv,   lambda y, a, b, p: _beta_moved(1, 0, y, a, b),
                             lambda y, a, b, p: _beta_moved(0, 1, y, a, b),
                             lambda y, a, b, p: BETA(a, b, p))
elementwise(sp.betainccinv,  lambda y, a, b, p: _beta_moved(1, 0, y, a, b),
                             lambda y, a, b, p: _beta_moved(0, 1, y, a, b),
                             lambda y, a, b, p: BETA_ABOVE(a, b, p))
elementwise(sp.gammaincinv,  lambda y, a, p: gamma_moved(y, a),
                             lambda y, a, p: GAMMA(a, p))
elementwise(sp.gammainccinv, lambda y, a, p: gamma_moved(y, a),
                             lambda y, a, p: GAMMA_ABOVE(a, p))
# fmt: on
