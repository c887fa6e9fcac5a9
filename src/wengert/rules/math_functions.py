"""The module math (and cmath): its functions of recorded numbers are NumPy's rows, with Python's value.

math.sin(x) is Python's own number, may differ from np.sin(x) in the last place, and raises where x is not in its
domain. The derivative is that of NumPy's function.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.later import Later
from wengert.record.apply import apply
from wengert.record.numbers import python_row
from wengert.record.observe import observed
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.record.value import concrete, is_value
from wengert.rules import elementwise as elementwise
from wengert.rules import power as power
from wengert.rules import rounding as rounding
from wengert.rules import trig as trig
from wengert.rules.pairs import recordable
from wengert.rules.table import linear, rule

Fn = Callable[..., Any]
_ndarray = np.ndarray
_OVERFLOW = math.log(np.finfo(float).max)

# fmt: off
ROWS_OF: dict[Fn, Any] = {
    math.sin: np.sin, math.cos: np.cos, math.tan: np.tan, math.asin: np.arcsin, math.acos: np.arccos,
    math.atan: np.arctan, math.sinh: np.sinh, math.cosh: np.cosh, math.tanh: np.tanh, math.asinh: np.arcsinh,
    math.acosh: np.arccosh, math.atanh: np.arctanh, math.exp: np.exp, math.exp2: np.exp2, math.expm1: np.expm1,
    math.log: np.log, math.log2: np.log2, math.log10: np.log10, math.log1p: np.log1p, math.sqrt: np.sqrt,
    math.cbrt: np.cbrt, math.pow: np.power, math.atan2: np.arctan2, math.hypot: np.hypot, math.fabs: np.fabs,
    math.degrees: np.degrees, math.radians: np.radians, math.copysign: np.copysign, math.fmod: np.fmod,
}
"""Python's function → NumPy's, whose row it has."""
SPECIAL: dict[Fn, str] = {math.erf: "erf", math.erfc: "erfc", math.gamma: "gamma", math.lgamma: "gammaln"}
"""Python's function → SciPy's."""
DOMAINS: dict[Fn, Fn] = {
    math.asin: lambda x: abs(x) <= 1.0, math.acos: lambda x: abs(x) <= 1.0, math.acosh: lambda x: x >= 1.0,
    math.atanh: lambda x: abs(x) < 1.0, math.log: lambda x: x > 0.0, math.log2: lambda x: x > 0.0,
    math.log10: lambda x: x > 0.0, math.log1p: lambda x: x > -1.0, math.sqrt: lambda x: x >= 0.0,
    math.exp: lambda x: x <= _OVERFLOW, math.expm1: lambda x: x <= _OVERFLOW, math.pow: lambda x, y: x > 0.0,
    math.gamma: lambda x: x > 0.0, math.lgamma: lambda x: x > 0.0,
}
"""Where Python's function has a value: a trace that is run again must know when to raise."""
COMPLEX: dict[Fn, Any] = {
    cmath.exp: np.exp, cmath.log: np.log, cmath.sqrt: np.sqrt, cmath.sin: np.sin, cmath.cos: np.cos,
    cmath.tan: np.tan, cmath.sinh: np.sinh, cmath.cosh: np.cosh, cmath.tanh: np.tanh, cmath.phase: np.angle,
}
# fmt: on


OPS: dict[Any, Any] = {}
"""The op of a row of Python's function → NumPy's."""


def _op(function: Fn, of_arrays: Fn) -> Fn:
    """Python's function of numbers, and NumPy's of arrays: a batch is run as arrays. It takes recorded values too."""

    @wraps(function)
    def op(*xs: Any) -> Any:
        if any([is_value(x) for x in xs]):
            return apply(row, xs)
        return of_arrays(*xs) if any([type(x) is _ndarray and x.ndim for x in xs]) else function(*xs)

    row = python_row(ROWS[of_arrays], op)
    OPS[op] = of_arrays
    return op


def _recorded(function: Fn, of_arrays: Fn) -> Fn:
    """function(*xs) of recorded numbers."""
    op, inside = _op(function, of_arrays), DOMAINS.get(function)
    if inside is None:
        return op

    def of(*xs: Any) -> Any:
        if any([getattr(getattr(x, "rec", None), "traces", False) for x in xs]):
            bool(inside(*xs))
        return op(*xs)

    return of


def _swapped(original: Fn, of: Fn) -> Fn:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not any_recorded(args) or any([np.ndim(concrete(x)) for x in args]):
            return original(*args, **kwargs)
        return of(*args, **kwargs)

    return call


def _enter(function: Fn, of: Fn) -> None:
    replace(function)(lambda original: _swapped(original, of))


_BASIC: dict[Fn, Fn] = {function: _recorded(function, of_arrays) for function, of_arrays in ROWS_OF.items()}
for _function, _of in _BASIC.items():
    if _function not in (math.log, math.hypot):
        _enter(_function, _of)


natural, hypotenuse = _BASIC[math.log], _BASIC[math.hypot]


def _log(x: Any, base: Any = None) -> Any:
    return natural(x) if base is None else natural(x) / natural(base)


_enter(math.log, _log)
_known: dict[Fn, Fn] = {}
_special_functions: Any = Later("wengert.rules.special")


def _special(function: Fn) -> Fn:
    """Of SciPy's row, once it is needed: SciPy is imported then."""

    def of(x: Any) -> Any:
        if function not in _known:
            _known[function] = _recorded(function, getattr(_special_functions.special_gamma.sp, SPECIAL[function]))
        return _known[function](x)

    return of


for _function in SPECIAL:
    _enter(_function, _special(_function))


# ── of many numbers ──

_fsum, _hypot_of = math.fsum, math.hypot
_total = recordable(lambda x: _fsum(x))
linear(_total, lambda c, x: np.broadcast_to(c, np.shape(x)), name="math.fsum")
_length = recordable(lambda x: _hypot_of(*x))
rule(_length, lambda d, y, x: np.sum(x * d) / np.where(y == 0, 1.0, y), name="math.hypot")


def _many(of: Fn) -> Fn:
    """math.fsum, of an array that holds the numbers."""

    def swapped(original: Fn) -> Fn:
        def call(numbers: Any) -> Any:
            numbers = list(numbers)
            return of(np.stack(numbers)) if any_recorded(numbers) else original(numbers)

        return call

    return swapped


replace(math.fsum)(_many(_total))


@replace(math.hypot)
def _hypot(original: Fn) -> Fn:
    def hypot(*xs: Any) -> Any:
        if not any_recorded(xs):
            return original(*xs)
        return hypotenuse(*xs) if len(xs) == 2 else _length(np.stack(xs))

    return hypot


@replace(math.dist)
def _dist(original: Fn) -> Fn:
    def dist(p: Any, q: Any) -> Any:
        p, q = list(p), list(q)
        if not any_recorded((p, q)):
            return original(p, q)
        return _length(np.stack(p) - np.stack(q))

    return dist


@replace(math.prod)
def _prod(original: Fn) -> Fn:
    def prod(numbers: Any, *, start: Any = 1) -> Any:
        for x in numbers:
            start = start * x
        return start

    return prod


# ── what is constant, or control flow ──


@replace(math.isnan, math.isinf, math.isfinite)
def _asked(original: Fn) -> Fn:
    return lambda x: observed(x, original) if any_recorded(x) else original(x)


@replace(math.isclose)
def _isclose(original: Fn) -> Fn:
    def isclose(a: Any, b: Any, *, rel_tol: float = 1e-09, abs_tol: float = 0.0) -> bool:
        if not any_recorded((a, b)):
            return original(a, b, rel_tol=rel_tol, abs_tol=abs_tol)
        return bool(abs(a - b) <= max(rel_tol * max(abs(a), abs(b)), abs_tol))

    return isclose


@replace(math.modf, math.frexp, math.ldexp)
def _parts(original: Fn) -> Fn:
    of_arrays = {"modf": np.modf, "frexp": np.frexp, "ldexp": np.ldexp}[original.__name__]
    return _swapped(original, of_arrays)


# ── complex numbers ──


def _complex(function: Fn, of_arrays: Fn) -> Fn:
    if of_arrays is np.angle:
        return lambda z: np.arctan2(np.imag(z), np.real(z))
    of = _recorded(function, of_arrays)
    return lambda z: of(z if np.iscomplexobj(concrete(z)) else z + 0j)


for _function, _of_arrays in COMPLEX.items():
    _enter(_function, _complex(_function, _of_arrays))


@replace(cmath.polar)
def _polar(original: Fn) -> Fn:
    return _swapped(original, lambda z: (np.abs(z), np.arctan2(np.imag(z), np.real(z))))


@replace(cmath.rect)
def _rect(original: Fn) -> Fn:
    return _swapped(original, lambda r, phi: r * np.cos(phi) + 1j * (r * np.sin(phi)))
