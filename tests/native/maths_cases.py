"""For each function of `wengert.native.maths`: its mathematics in mpmath, and where it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

SPECIAL = np.array([
    0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0, 5e-324, -5e-324, 1e-310, -1e-310, 2.2250738585072014e-308,
    -2.2250738585072014e-308, 1.7976931348623157e308, -1.7976931348623157e308, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, 1e-17,
    -1e-17, 1e-8, 1e300, -1e300, 7.5, 1023.0, 1024.0, -1022.0, -1074.0, -1075.0, -1076.0, 709.782712893384,
    709.7827128933841, 710.4758600739439, 710.475860073944, -745.1332191019411, -745.1332191019412, -746.0,
    0.9999999999999999, 1.0000000000000002, -0.9999999999999999, 9007199254740991.0, 9007199254740992.0, 1.5, 2.5, -2.5,
])  # fmt: skip
"""Zeros, infinities, NaN, subnormals, powers of two, halves, and where exponentials overflow and underflow."""


def any_double(rng: np.random.Generator, n: int) -> np.ndarray:
    """Every exponent alike, both signs."""
    x = rng.integers(0, 2**64, 2 * n, dtype=np.uint64).view(float)
    return x[np.isfinite(x)][:n]


def around(rng: np.random.Generator, n: int, *points: float) -> np.ndarray:
    """Near the points, at every distance from 2⁻⁵² to ½."""
    distance = 2.0 ** -rng.uniform(1, 53, n) * rng.choice([-1.0, 1.0], n)
    return rng.choice(np.array(points), n) * (1.0 + distance)


def line(rng: np.random.Generator, n: int) -> np.ndarray:
    """Where exponentials are finite, and small numbers of every size."""
    return np.concatenate([
        rng.uniform(-746, 710.5, n), rng.uniform(-2, 2, n), rng.uniform(-40, 40, n), rng.uniform(-746, -700, n // 4),
        rng.uniform(700, 710.5, n // 4), any_double(rng, n // 4), rng.choice([-1, 1], n) * 2.0 ** rng.uniform(-80, 4, n),
    ])  # fmt: skip


def positive(rng: np.random.Generator, n: int) -> np.ndarray:
    """Every exponent, the neighbourhood of 1, and of the ends of the reduced interval."""
    return np.concatenate([
        np.abs(any_double(rng, n)), rng.uniform(0.5, 2, 2 * n), around(rng, n, 1.0), around(rng, n, 0.5**0.5, 2.0**0.5)
    ])  # fmt: skip


def above_minus_one(rng: np.random.Generator, n: int) -> np.ndarray:
    x = np.concatenate([positive(rng, n), line(rng, n), positive(rng, n) - 1.0, around(rng, n, -0.3, 0.42)])
    return x[x > -1.0]


def angles(rng: np.random.Generator, n: int) -> np.ndarray:
    """Up to the limit 2²⁰, multiples of π/4 and their neighbours, and small numbers of every size."""
    k = rng.integers(-660000, 660000, n) * (np.pi / 2)
    return np.concatenate([
        rng.uniform(-4, 4, 2 * n), rng.uniform(-(2**20), 2**20, n), k, np.nextafter(k, np.inf),
        around(rng, n, *(np.pi / 4 * np.arange(1, 40))), 2.0 ** rng.uniform(-1074, 0, n), any_double(rng, n // 8),
    ])  # fmt: skip


@dataclass(frozen=True)
class Case:
    """`exact` takes and gives numbers of mpmath; `where` samples arguments; `near` is a range for measuring speed."""

    exact: Callable[..., Any]
    where: Callable[[np.random.Generator, int], Any]
    near: tuple[float, float] = (-3.0, 3.0)


# fmt: off
CASES: dict[Any, Case] = {
    np.sqrt:       Case(mpmath.sqrt,                     positive,        (0.1, 9.0)),
    np.square:     Case(lambda x: x * x,                 line),
    np.reciprocal: Case(lambda x: 1 / x,                 any_double,      (0.1, 9.0)),
    np.deg2rad:    Case(mpmath.radians,                  line),
    np.radians:    Case(mpmath.radians,                  line),
    np.rad2deg:    Case(mpmath.degrees,                  line),
    np.degrees:    Case(mpmath.degrees,                  line),
    np.exp:        Case(mpmath.exp,                      line),
    np.exp2:       Case(lambda x: mpf(2) ** x,           lambda rng, n: line(rng, n) * 1.4426),
    np.expm1:      Case(mpmath.expm1,                    line),
    np.log:        Case(mpmath.log,                      positive,        (0.1, 9.0)),
    np.log2:       Case(lambda x: mpmath.log(x) / mpmath.log(2), positive, (0.1, 9.0)),
    np.log10:      Case(lambda x: mpmath.log(x) / mpmath.log(10), positive, (0.1, 9.0)),
    np.log1p:      Case(mpmath.log1p,                    above_minus_one, (-0.5, 9.0)),
    np.sin:        Case(mpmath.sin,                      angles),
    np.cos:        Case(mpmath.cos,                      angles),
    np.tan:        Case(mpmath.tan,                      angles),
    np.sinh:       Case(mpmath.sinh,                     line),
    np.cosh:       Case(mpmath.cosh,                     line),
    np.tanh:       Case(mpmath.tanh,                     line),
}
# fmt: on


def in_ulps(y: float, exact: Any) -> float:
    """|y − exact| in units in the last place of the exact value."""
    nearest = float(exact)
    if np.isnan(y) or np.isinf(y) or np.isinf(nearest) or np.isnan(nearest):
        return 0.0 if y == nearest or (np.isnan(y) and np.isnan(nearest)) else np.inf
    return float(abs(mpf(float(y)) - exact) / mpf(float(np.spacing(abs(nearest)))))


def errors(case: Case, y: np.ndarray, ok: np.ndarray, *xs: np.ndarray) -> np.ndarray:
    """Error of each element in ulp; 0 where it is not claimed to be right."""
    with mp.workprec(200):
        return np.array([
            in_ulps(y[i], case.exact(*(mpf(float(x[i])) for x in xs))) if ok[i] else 0.0 for i in range(len(y))
        ])  # fmt: skip


def arguments(case: Case, rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Samples, as a tuple of arrays."""
    xs = case.where(rng, n)
    return xs if isinstance(xs, tuple) else (xs,)
