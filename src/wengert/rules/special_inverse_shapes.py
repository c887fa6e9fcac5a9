"""Inverses of distribution functions in a shape, with all their derivatives.

Let y be the shape z_k for which F(z) = p. Then ∂y/∂p = 1/F_k, and ∂y/∂z_j = −F_j/F_k. The numbers of successes and
trials are real there: P(K ≤ k) is I_{1−p}(n − k, k + 1) of the binomial, and I_p(n, k + 1) of the negative binomial
distribution (DLMF 8.17.5).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.rules import special_distributions as special_distributions
from wengert.rules.special_gamma import sp
from wengert.rules.table import elementwise

Fn = Callable[..., Any]
_NEAR = 1e-6
"""So near to p is F(y) where a shape was found; else SciPy's value is a bound of its search, which does not move."""


def _partials_of(op: Any) -> tuple[Fn, ...]:
    partials: Any = ROWS[op].partials
    return tuple([lambda *z, partial=partial: partial(op(*z), *z) for partial in partials])


_BETA = _partials_of(sp.betainc)


def _binomial(k: Any, n: Any, p: Any) -> Any:
    return sp.betainc(n - k, k + 1.0, 1.0 - p)


def _negative_binomial(k: Any, n: Any, p: Any) -> Any:
    return sp.betainc(n, k + 1.0, p)


_BINOMIAL: tuple[Fn, ...] = (
    lambda k, n, p: _BETA[1](n - k, k + 1.0, 1.0 - p) - _BETA[0](n - k, k + 1.0, 1.0 - p),
    lambda k, n, p: _BETA[0](n - k, k + 1.0, 1.0 - p),
    lambda k, n, p: -_BETA[2](n - k, k + 1.0, 1.0 - p),
)
_NEGATIVE: tuple[Fn, ...] = (
    lambda k, n, p: _BETA[1](n, k + 1.0, p),
    lambda k, n, p: _BETA[0](n, k + 1.0, p),
    lambda k, n, p: _BETA[2](n, k + 1.0, p),
)


def _slope(function: Fn, partials: tuple[Fn, ...], of: int, place: int, by: int) -> Fn:
    """∂y/∂z_by, where y is at `of` and p was given at `place`."""

    def slope(y: Any, *given: Any) -> Any:
        z = list(given)
        p = z.pop(place)
        z.insert(of, y)
        found = np.less_equal(np.abs(function(*z) - p), _NEAR * p)
        names = [k for k in range(len(z)) if k != of]
        names.insert(place, of)
        numerator = 1.0 if by == place else -partials[names[by]](*z)
        return np.where(found | np.isnan(y), np.divide(numerator, partials[of](*z)), 0.0)

    return slope


def inverse(op: Any, function: Any, of: int, place: int, partials: tuple[Fn, ...] | None = None) -> None:
    """Enter the row of an inverse of F: y stands at `of` among the arguments of F, p at `place` among its own."""
    parts = _partials_of(function) if partials is None else partials
    elementwise(op, *[_slope(function, parts, of, place, by) for by in range(op.nin)])


inverse(sp.gdtria, sp.gdtr, 0, 0)
inverse(sp.gdtrib, sp.gdtr, 1, 1)
inverse(sp.gdtrix, sp.gdtr, 2, 2)
inverse(sp.chdtriv, sp.chdtr, 0, 0)
inverse(sp.btdtria, sp.betainc, 0, 0)
inverse(sp.btdtrib, sp.betainc, 1, 1)
inverse(sp.fdtridfd, sp.fdtr, 1, 1)
inverse(sp.stdtridf, sp.stdtr, 0, 0)
inverse(sp.bdtrik, _binomial, 0, 0, _BINOMIAL)
inverse(sp.bdtrin, _binomial, 1, 1, _BINOMIAL)
inverse(sp.nbdtrik, _negative_binomial, 0, 0, _NEGATIVE)
inverse(sp.nbdtrin, _negative_binomial, 1, 1, _NEGATIVE)
