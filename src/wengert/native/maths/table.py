"""The table: which function is computed how, and the largest error that was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.native.maths import (
    arcs,
    circular,
    error,
    exact,
    exponential,
    gamma,
    hyperbolic,
    logarithm,
    logistic,
    pairs,
    power,
)
from wengert.native.maths.real import Real, Truth, copysign, fma, sqrt
from wengert.rules.python_math import multiply_add


@dataclass(frozen=True)
class Maths:
    """`emit(b, *xs)` writes instructions at the builder b and returns (value, ok).

    `xs` are doubles of LLVM, or vectors of them; the code has no branches. `ok` is None where every double is right,
    else an i1 that is false where the value must be computed in another way. `ulp` is the largest error
    found against mpmath, in units in the last place of the true result (tests/native/test_maths.py). `careful` writes
    the other way to compute it, where that is not a function of the C library.
    """

    emit: Callable[..., tuple[Any, Any]]
    arity: int
    ulp: float
    careful: Callable[..., tuple[Any, Any]] | None = None


def emitter(f: Callable[..., Real | Truth | tuple[Real, Truth]]) -> Callable[..., tuple[Any, Any]]:
    """`emit` of a function of Reals."""

    def emit(b: Any, *xs: Any) -> tuple[Any, Any]:
        y = f(*(Real(b, x) for x in xs))
        return (y[0].v, y[1].v) if isinstance(y, tuple) else (y.v, None)

    return emit


# fmt: off
# (function, formula, largest error found in ulp)
UNARY: list[tuple[Any, Callable[..., Any], float]] = [
    # ── exact ──
    (np.sqrt,       sqrt,                             0.5),
    (np.square,     lambda x: x * x,                  0.5),
    (np.reciprocal, lambda x: 1.0 / x,                0.5),
    (np.negative,   lambda x: -x,                     0.0),
    (np.positive,   lambda x: x,                      0.0),
    (np.absolute,   abs,                              0.0),
    (np.fabs,       abs,                              0.0),
    (np.floor,      exact.by_intrinsic("llvm.floor"), 0.0),
    (np.ceil,       exact.by_intrinsic("llvm.ceil"),  0.0),
    (np.trunc,      exact.by_intrinsic("llvm.trunc"), 0.0),
    (np.rint,       exact.by_intrinsic("llvm.rint"),  0.0),
    (np.sign,       exact.sign,                       0.0),
    (np.deg2rad,    exact.deg2rad,                    1.0),
    (np.radians,    exact.deg2rad,                    1.0),
    (np.rad2deg,    exact.rad2deg,                    1.0),
    (np.degrees,    exact.rad2deg,                    1.0),
    (np.signbit,    exact.signbit,                    0.0),
    (np.isnan,      Real.isnan,                       0.0),
    (np.isinf,      exact.isinf,                      0.0),
    (np.isfinite,   exact.isfinite,                   0.0),
    # ── exponentials and logarithms ──
    (np.exp,        exponential.exp,                  1.0),
    (np.exp2,       exponential.exp2,                 1.0),
    (np.expm1,      exponential.expm1,                1.2),
    (np.log,        logarithm.log,                    1.0),
    (np.log2,       logarithm.log2,                   1.0),
    (np.log10,      logarithm.log10,                  1.0),
    (np.log1p,      logarithm.log1p,                  1.0),
    # ── circular and hyperbolic ──
    (np.sin,        circular.sin,                     1.0),
    (np.cos,        circular.cos,                     1.0),
    (np.tan,        circular.tan,                     1.0),
    (np.sinh,       hyperbolic.sinh,                  1.0),
    (np.cosh,       hyperbolic.cosh,                  1.0),
    (np.tanh,       hyperbolic.tanh,                  1.1),
    (np.arcsin,     arcs.arcsin,                      1.0),
    (np.arccos,     arcs.arccos,                      1.0),
    (np.arctan,     arcs.arctan,                      1.0),
    (np.arcsinh,    arcs.arcsinh,                     1.0),
    (np.arccosh,    arcs.arccosh,                     1.0),
    (np.arctanh,    arcs.arctanh,                     1.0),
    (np.cbrt,       power.cbrt,                       1.0),
    # ── SciPy's ──
    ("scipy.special.expit",     logistic.expit,       1.0),
    ("scipy.special.log_expit", logistic.log_expit,   1.0),
    ("scipy.special.softplus",  logistic.softplus,    1.0),
    ("scipy.special.logit",     logistic.logit,       1.0),
    ("scipy.special.entr",      logistic.entr,        2.0),
    ("scipy.special.erf",       error.erf,            1.5),
    ("scipy.special.erfc",      error.erfc,           2.0),
    ("scipy.special.ndtr",      error.ndtr,           2.0),
    ("scipy.special.gammaln",   gamma.gammaln,        3.0),
    ("scipy.special.digamma",   gamma.digamma,        2.5),
    ("scipy.special.psi",       gamma.digamma,        2.5),
    ("scipy.special.exprel",    exponential.exprel,   2.0),
    ("scipy.special.exp10",     exponential.exp10,    1.0),
    ("scipy.special.exp2",      exponential.exp2,     1.0),
    ("scipy.special.expm1",     exponential.expm1,    1.2),
    ("scipy.special.log1p",     logarithm.log1p,      1.0),
    ("scipy.special.cbrt",      power.cbrt,           1.0),
]

BINARY: list[tuple[Any, Callable[..., Any], float]] = [
    (np.copysign,     copysign,           0.0),
    (np.maximum,      exact.maximum,      0.0),
    (np.minimum,      exact.minimum,      0.0),
    (np.fmax,         exact.fmax,         0.0),
    (np.fmin,         exact.fmin,         0.0),
    (np.heaviside,    exact.heaviside,    0.0),
    (np.fmod,         exact.fmod,         0.0),
    (np.remainder,    exact.remainder,    0.0),
    (np.floor_divide, exact.floor_divide, 0.0),
    (np.power,        power.power,        1.0),
    (np.float_power,  power.power,        1.0),
    (np.hypot,        power.hypot,        1.0),
    (np.arctan2,      arcs.arctan2,       1.0),
    (np.logaddexp,    logistic.logaddexp, 1.0),
    (np.logaddexp2,   logistic.logaddexp2, 1.0),
    ("scipy.special.xlogy",    logistic.xlogy,    2.0),
    ("scipy.special.xlog1py",  logistic.xlog1py,  2.0),
    ("scipy.special.rel_entr", logistic.rel_entr, 2.0),
]
# fmt: on


MATHS: dict[Any, Maths] = {
    key: Maths(emitter(f), arity, ulp) for arity, rows in ((1, UNARY), (2, BINARY)) for key, f, ulp in rows
}
MATHS[multiply_add] = Maths(emitter(fma), 3, 0.5)
for _name, _arity, _fast, _careful in pairs.PARTS:
    MATHS[_name] = Maths(emitter(_fast), _arity, 0.0, emitter(_careful))
