"""math and cmath of Python on recorded numbers: Python's own value, the derivative of NumPy's function."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from functools import cache, reduce
from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.apply import apply
from wengert.record.numbers import python_number
from wengert.record.swap import replace
from wengert.record.value import concrete, is_value
from wengert.rules.described import described
from wengert.rules.partials import unit
from wengert.rules.table import elementwise

Fn = Callable[..., Any]
TWINS: dict[Any, Any] = {}
"""op of math → the function of NumPy or SciPy that has the same meaning"""


def python_op(original: Fn, twin: Fn, *partials: Any) -> Fn:
    """The primitive whose value is Python's, with the row of the twin; many examples at once are an array."""

    def op(*args: Any) -> Any:
        if any([is_value(a) for a in args]):
            return apply(row, args)
        return _of_many(twin, args) if any([type(a) is np.ndarray for a in args]) else original(*args)

    op.__name__, op.__module__, op.__wrapped__ = original.__name__, original.__module__, original  # type: ignore[attr-defined]
    name = f"{original.__module__}.{original.__name__}" if partials else ROWS[twin].name
    row = elementwise(op, *(partials or ROWS[twin].partials), name=name)
    TWINS[op] = twin
    return op


def _of_many(twin: Fn, args: Any) -> Any:
    y = twin(*args)
    if not np.all(np.isfinite(y)):
        raise ValueError("math domain error")
    return y


def _number(x: Any) -> Any:
    """What Python makes a number of: a recorded array of no axes is one; others raise what NumPy has them raise."""
    if is_value(x) and isinstance(x, np.ndarray):
        return x[()] if np.ndim(concrete(x)) == 0 else float(concrete(x))
    return x


def on_numbers(op: Fn) -> Callable[[Fn], Fn]:
    """What a function of Python's is while recording."""

    def make(original: Fn) -> Fn:
        def of(*args: Any) -> Any:
            if not any([is_value(a) for a in args]):
                return original(*args)
            return op(*[_number(a) for a in args])

        return of

    return make


# fmt: off
FUNCTIONS: dict[str, Any] = {
    "sqrt": np.sqrt, "exp": np.exp, "expm1": np.expm1, "exp2": np.exp2, "cbrt": np.cbrt, "log2": np.log2,
    "log10": np.log10, "log1p": np.log1p, "sin": np.sin, "cos": np.cos, "tan": np.tan, "asin": np.arcsin,
    "acos": np.arccos, "atan": np.arctan, "sinh": np.sinh, "cosh": np.cosh, "tanh": np.tanh, "asinh": np.arcsinh,
    "acosh": np.arccosh, "atanh": np.arctanh, "degrees": np.degrees, "radians": np.radians, "fabs": np.fabs,
    "atan2": np.arctan2, "copysign": np.copysign, "fmod": np.fmod, "pow": np.power,
}
COMPLEX = (
    "sqrt", "exp", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh",
    "atanh",
)
# fmt: on

for _module, _names in ((math, FUNCTIONS), (cmath, COMPLEX)):
    for _name in _names:
        if hasattr(_module, _name):
            replace(getattr(_module, _name))(on_numbers(python_op(getattr(_module, _name), FUNCTIONS[_name])))


# ── logarithms, with a base or without ──


def _with_base(log: Any) -> None:
    """log(x), and log(x, base) = log(x)/log(base) as CPython divides them."""
    of_one = on_numbers(python_op(log, np.log))(log)

    @replace(log)
    def _log(original: Fn) -> Fn:  # pyright: ignore[reportUnusedFunction]
        def of(x: Any, *base: Any) -> Any:
            if not (base and any([is_value(v) for v in (x, *base)])):
                return of_one(x) if not base else original(x, *base)
            return of_one(x) / of_one(base[0])

        return of


_with_base(math.log)
_with_base(cmath.log)


# ── lengths and products of any number of arguments ──


def _component(k: int) -> Fn:
    return lambda y, *args: unit(args[k], y)


_math_hypot = math.hypot
_HYPOT = python_op(_math_hypot, np.hypot)


@cache
def _hypot(n: int) -> Fn:
    if n == 2:
        return _HYPOT
    partials = [_component(k) for k in range(n)]
    return python_op(_math_hypot, lambda *xs: np.sqrt(sum([x * x for x in xs])), *partials)


def _lengths(original: Fn) -> Fn:
    def hypot(*coordinates: Any) -> Any:
        if not any([is_value(x) for x in coordinates]):
            return original(*coordinates)
        return _hypot(len(coordinates))(*[_number(x) for x in coordinates])

    return hypot


replace(math.hypot)(_lengths)


@replace(math.dist)
def _dist(original: Fn) -> Fn:
    def dist(p: Any, q: Any) -> Any:
        p, q = list(p), list(q)
        if len(p) != len(q) or not any([is_value(x) for x in (*p, *q)]):
            return original(p, q)
        return _hypot(len(p))(*[_number(x) - _number(y) for x, y in zip(p, q, strict=True)])

    return dist


@replace(math.prod)
def _prod(original: Fn) -> Fn:
    def prod(iterable: Any, *, start: Any = 1) -> Any:
        parts = list(iterable)
        if not any([is_value(x) for x in (start, *parts)]):
            return original(parts, start=start)
        return reduce(lambda a, b: a * b, parts, start)

    return prod


# ── parts and scales ──


@replace(math.modf)
def _modf(original: Fn) -> Fn:
    return lambda x: _parts(_number(x)) if is_value(x) else original(x)


def _parts(x: Any) -> Any:
    whole = python_number(np.trunc(x))
    return x - whole, whole


@replace(math.frexp)
def _frexp(original: Fn) -> Fn:
    return lambda x: _mantissa_and_exponent(_number(x)) if is_value(x) else original(x)


def _mantissa_and_exponent(x: Any) -> tuple[Any, int]:
    m, e = np.frexp(x)
    return python_number(m), int(e)


@replace(math.ldexp)
def _ldexp(original: Fn) -> Fn:
    return lambda x, i: _number(x) * 2.0 ** int(i) if is_value(x) else original(x, i)


REMAINDER = python_op(
    math.remainder, lambda x, y: x - y * np.rint(x / y),
    lambda r, x, y: 1.0, lambda r, x, y: -np.rint(x / y),
)  # fmt: skip
replace(math.remainder)(on_numbers(REMAINDER))


def multiply_add(x: Any, y: Any, z: Any) -> Any:
    """math.fma of arrays."""
    return np.asarray(np.frompyfunc(_fma, 3, 1)(x, y, z), float)


_fma: Any = getattr(math, "fma", None)  # from Python 3.13 on
if _fma is not None:
    replace(_fma)(
        on_numbers(python_op(_fma, multiply_add, lambda v, x, y, z: y, lambda v, x, y, z: x, lambda v, x, y, z: 1.0))
    )


@replace(math.nextafter)
def _nextafter(original: Fn) -> Fn:
    op = described(original, lambda x, y, **steps: x * 1.0, 2, "math.nextafter")

    def nextafter(x: Any, y: Any, /, **steps: Any) -> Any:
        if not (is_value(x) or is_value(y)):
            return original(x, y, **steps)
        return op(_number(x), _number(y), **steps)

    return nextafter


@replace(math.ulp)
def _ulp(original: Fn) -> Fn:
    return lambda x: python_number(np.spacing(np.abs(_number(x)))) if is_value(x) else original(x)


TESTS = {
    math.isnan: np.isnan, math.isinf: np.isinf, math.isfinite: np.isfinite,
    cmath.isnan: np.isnan, cmath.isinf: np.isinf, cmath.isfinite: np.isfinite,
}  # fmt: skip


@replace(*TESTS)
def _tested(original: Fn) -> Fn:
    return lambda x: bool(TESTS[original](_number(x))) if is_value(x) else original(x)


@replace(math.isclose, cmath.isclose)
def _isclose(original: Fn) -> Fn:
    def isclose(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> bool:
        if not (is_value(a) or is_value(b)):
            return original(a, b, rel_tol=rel_tol, abs_tol=abs_tol)
        if a == b:
            return True
        d = abs(a - b)
        return bool(d < math.inf and (d <= rel_tol * abs(b) or d <= rel_tol * abs(a) or d <= abs_tol))

    return isclose


# ── polar coordinates ──


@replace(cmath.phase)
def _phase(original: Fn) -> Fn:
    return lambda z: np.angle(_number(z)) if is_value(z) else original(z)


@replace(cmath.polar)
def _polar(original: Fn) -> Fn:
    return lambda z: (abs(_number(z)), np.angle(_number(z))) if is_value(z) else original(z)


RECT = python_op(
    cmath.rect, lambda r, phi: r * np.exp(1j * phi),
    lambda z, r, phi: np.exp(1j * phi), lambda z, r, phi: 1j * z,
)  # fmt: skip
replace(cmath.rect)(on_numbers(RECT))
