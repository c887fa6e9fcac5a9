"""For each function of `wengert.native.maths`: its mathematics in mpmath, and where it is tried."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

from wengert.rules.python_math import multiply_add

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


def unit(rng: np.random.Generator, n: int) -> np.ndarray:
    """[−1, 1]: near ½ and 1, and small numbers of every size."""
    x = np.concatenate([
        rng.uniform(-1, 1, 2 * n), around(rng, n, 0.5, 1.0, -0.5, -1.0), rng.choice([-1, 1], n) * 2.0 ** rng.uniform(-1074, 0, n),
    ])  # fmt: skip
    return x[np.abs(x) <= 1]


def probabilities(rng: np.random.Generator, n: int) -> np.ndarray:
    x = np.abs(unit(rng, n))
    return x[x < 1]


def above_one(rng: np.random.Generator, n: int) -> np.ndarray:
    x = np.abs(np.concatenate([any_double(rng, n), around(rng, n, 1.0), rng.uniform(1, 9, n)]))
    return x[x >= 1]


def everywhere(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.concatenate([any_double(rng, n), line(rng, n), around(rng, n, 0.41, 1.0, 2.41, 8.0)])


def planes(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Every exponent, like exponents, and like numbers."""
    x = np.concatenate([any_double(rng, n), rng.uniform(-3, 3, n), any_double(rng, n)])
    with np.errstate(over="ignore"):
        y = np.concatenate([any_double(rng, n), rng.uniform(-3, 3, n), x[2 * n :] * 2.0 ** rng.uniform(-3, 3, n)])
    y = np.where(np.isfinite(y), y, 1.0)
    return x, y


def near_products(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Products with something beside them, and with what is nearly the opposite."""
    x, y, z = rng.uniform(-3, 3, (3, 2 * n))
    return x, y, np.concatenate([z[:n], -(x * y)[n:]])


def powers(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Results of every size, bases near 1 with large exponents, negative bases with whole exponents."""
    wide = np.abs(any_double(rng, n))
    tall = around(rng, n, 1.0)
    small = rng.uniform(0, 9, n)
    negative = -rng.uniform(0, 9, n)
    x = np.concatenate([wide, tall, small, negative, wide])
    with np.errstate(all="ignore"):
        y = np.concatenate([
            rng.uniform(-745, 709, n) / np.log(wide), rng.uniform(-745, 709, n) / np.log(tall),
            rng.uniform(-20, 20, n), rng.integers(-300, 300, n), rng.choice([0.5, 2, 3, -1, 1.5, 1 / 3], n),
        ])  # fmt: skip
    return x, np.where(np.isfinite(y), y, 2.0)


def near_pairs(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Non-negative numbers, alike and not alike."""
    x = rng.uniform(0, 9, n)
    return np.concatenate([x, x, np.abs(rng.uniform(0, 1, n))]), np.concatenate([
        x * (1 + 2.0 ** -rng.uniform(1, 50, n)), rng.uniform(0, 9, n), 2.0 ** rng.uniform(-300, 300, n)
    ])  # fmt: skip


def gaussian(rng: np.random.Generator, n: int) -> np.ndarray:
    """Where erfc is not 0 or 2, around ±½, and small numbers of every size."""
    return np.concatenate([
        rng.uniform(-6, 27.3, n), rng.uniform(-2, 2, n), around(rng, n, 0.5, -0.5),
        rng.choice([-1, 1], n) * 2.0 ** rng.uniform(-1070, 0, n),
    ])  # fmt: skip


def gammas(rng: np.random.Generator, n: int) -> np.ndarray:
    """Positive numbers, the zeros of log Γ and of its derivative, and where the formulas change."""
    return np.concatenate([
        rng.uniform(0, 9, 2 * n), 10.0 ** rng.uniform(-290, 300, n), rng.uniform(5, 200, n),
        around(rng, n, 1.0, 2.0, 1.4616321449683623, 0.5, 1.5, 2.5, 8.0),
    ])  # fmt: skip


def first_factor(where: Callable[..., np.ndarray]) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """A number before the argument of a logarithm."""

    def sample(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
        y = where(rng, n)
        return rng.uniform(-9, 9, len(y)), y

    return sample


@dataclass(frozen=True)
class Case:
    """`exact` takes and gives numbers of mpmath; `where` samples arguments; `near` is a range for measuring speed."""

    exact: Callable[..., Any]
    where: Callable[[np.random.Generator, int], Any]
    near: tuple[float, float] = (-3.0, 3.0)
    scale: Callable[..., Any] | None = None
    """The error is measured in ulp of the larger of the result and this."""
    theirs: float = 0.0
    """How far NumPy or SciPy may be from us at special values, because of their error."""


def close(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of all sizes, and not far apart."""
    x = np.concatenate([rng.uniform(-40, 40, n), rng.uniform(-800, 800, n), any_double(rng, n)])
    return x, np.concatenate([x[: 2 * n] + rng.uniform(-40, 40, 2 * n), any_double(rng, n)])


def largest(a: Any, b: Any) -> Any:
    return max(abs(a), abs(b))


def log_sum(a: Any, b: Any, base: Any) -> Any:
    """log(baseᵃ + baseᵇ) in that base."""
    high, low = max(a, b), min(a, b)
    gap = max(low - high, mpf(-1000))
    return high + mpmath.log1p(mpmath.power(base, gap)) / mpmath.log(base)


def cube_root(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


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
    np.arcsin:     Case(mpmath.asin,                     unit,            (-1.0, 1.0)),
    np.arccos:     Case(mpmath.acos,                     unit,            (-1.0, 1.0)),
    np.arctan:     Case(mpmath.atan,                     everywhere),
    np.arcsinh:    Case(mpmath.asinh,                    everywhere),
    np.arccosh:    Case(mpmath.acosh,                    above_one,       (1.0, 9.0)),
    np.arctanh:    Case(mpmath.atanh,                    lambda rng, n: unit(rng, n) * (1 - 2.0**-53), (-1.0, 1.0)),
    np.cbrt:       Case(cube_root,                       everywhere),
    np.power:      Case(mpmath.power,                    powers,          (0.1, 9.0)),
    np.float_power: Case(mpmath.power,                   powers,          (0.1, 9.0)),
    np.hypot:      Case(mpmath.hypot,                    planes),
    np.arctan2:    Case(mpmath.atan2,                    planes),
    np.logaddexp:  Case(lambda a, b: log_sum(a, b, mpmath.e), close, scale=largest),
    np.logaddexp2: Case(lambda a, b: log_sum(a, b, mpf(2)), close, scale=largest),
    multiply_add:  Case(lambda x, y, z: mpmath.fadd(mpmath.fmul(x, y, exact=True), z, exact=True), near_products),
    "scipy.special.expit":     Case(lambda x: 1 / (1 + mpmath.exp(-x)), line),
    "scipy.special.log_expit": Case(lambda x: -mpmath.log1p(mpmath.exp(-x)), line),
    "scipy.special.softplus":  Case(lambda x: mpmath.log1p(mpmath.exp(x)), line),
    "scipy.special.logit":     Case(lambda p: mpmath.log(p / (1 - p)), probabilities, (0.0, 1.0)),
    "scipy.special.entr":      Case(lambda x: -x * mpmath.log(x), positive, (0.1, 9.0)),
    "scipy.special.erf":       Case(mpmath.erf, gaussian),
    "scipy.special.erfc":      Case(mpmath.erfc, gaussian),
    "scipy.special.ndtr":      Case(lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2, lambda rng, n: 1.4 * gaussian(rng, n)),
    "scipy.special.gammaln":   Case(mpmath.loggamma, gammas, (0.1, 12.0), theirs=4e-16),
    "scipy.special.digamma":   Case(mpmath.digamma, gammas, (0.1, 12.0)),
    "scipy.special.psi":       Case(mpmath.digamma, gammas, (0.1, 12.0)),
    "scipy.special.exprel":    Case(lambda x: mpmath.expm1(x) / x, lambda rng, n: line(rng, n) * 0.998),
    "scipy.special.exp10":     Case(lambda x: mpf(10) ** x, lambda rng, n: line(rng, n) * 0.4343),
    "scipy.special.exp2":      Case(lambda x: mpf(2) ** x, lambda rng, n: line(rng, n) * 1.4426),
    "scipy.special.expm1":     Case(mpmath.expm1, line),
    "scipy.special.log1p":     Case(mpmath.log1p, above_minus_one, (-0.5, 9.0)),
    "scipy.special.cbrt":      Case(cube_root, everywhere),
    "scipy.special.xlogy":     Case(lambda x, y: x * mpmath.log(y), first_factor(positive), (0.1, 9.0)),
    "scipy.special.xlog1py":   Case(lambda x, y: x * mpmath.log1p(y), first_factor(above_minus_one), (-0.5, 9.0)),
    "scipy.special.rel_entr":  Case(lambda x, y: x * mpmath.log(x / y), near_pairs, (0.1, 9.0)),
}
# fmt: on


def in_ulps(y: float, exact: Any, scale: Any) -> float:
    """|y − exact| in units in the last place of the exact value, or of a larger scale."""
    nearest = float(exact)
    if np.isnan(y) or np.isinf(y) or np.isinf(nearest) or np.isnan(nearest):
        return 0.0 if y == nearest or (np.isnan(y) and np.isnan(nearest)) else np.inf
    unit = np.spacing(max(abs(nearest), float(scale)))
    return float(abs(mpf(float(y)) - exact) / mpf(float(unit)))


def errors(case: Case, y: np.ndarray, ok: np.ndarray, *xs: np.ndarray) -> np.ndarray:
    """Error of each element in ulp; 0 where it is not claimed to be right."""
    found = np.zeros(len(y))
    with mp.workprec(240):
        for i in np.flatnonzero(ok):
            x = [mpf(float(a[i])) for a in xs]
            found[i] = in_ulps(y[i], case.exact(*x), case.scale(*x) if case.scale else 0.0)
    return found


def arguments(case: Case, rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Samples, as a tuple of arrays."""
    xs = case.where(rng, n)
    return xs if isinstance(xs, tuple) else (xs,)
