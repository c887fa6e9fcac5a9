"""Larger, smaller, clipped, and other functions made of pieces (kinks follow docs/explanation/kinks.md)."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.protocols import any_recorded
from wengert.record.value import is_value
from wengert.rules.partials import defined
from wengert.rules.table import elementwise, handles, rule
from wengert.sweep.arithmetic import some

_clip: Any = np._core.umath.clip  # type: ignore[attr-defined]


def _share(y: Any, a: Any, b: Any) -> Any:
    """1 where y is a, shared with b where it is both; NaN where y is NaN."""
    chosen, other = np.equal(y, a), np.equal(y, b)
    if type(y) is np.ndarray and type(chosen) is type(other) is np.ndarray:
        apart = np.not_equal(chosen, other)
        if np.count_nonzero(apart) == apart.size:  # no tie, no NaN
            return chosen
    tie = chosen & other
    return defined(y, np.where(tie, 0.5, chosen) if some(tie) else chosen)


def at_least(x: Any, low: Any) -> Any:
    """np.clip(x, low, None)."""
    return np.maximum(x, low)


def at_most(x: Any, high: Any) -> Any:
    """np.clip(x, None, high)."""
    return np.minimum(x, high)


def _inside(y: Any, x: Any, low: Any, high: Any) -> Any:
    """1 on the closed interval; 0 where the bounds leave no room."""
    return defined(y, np.equal(y, x) & np.less(low, high))


def _below(y: Any, x: Any, low: Any, high: Any) -> Any:
    """1 where the lower bound holds x up, shared with the upper one where they are equal."""
    return defined(y, np.less(x, low) * (np.less(low, high) + 0.5 * np.equal(low, high)))


def _above(y: Any, x: Any, low: Any, high: Any) -> Any:
    """What is left: y is one of x, low and high."""
    return 1.0 - _inside(y, x, low, high) - _below(y, x, low, high)


# fmt: off
for larger in (np.maximum, np.minimum, np.fmax, np.fmin):
    elementwise(larger,       lambda y, a, b: _share(y, a, b),  lambda y, a, b: _share(y, b, a), flat=True)
CLIP = elementwise(_clip,     _inside,                          _below,      _above, flat=True)
LOW = elementwise(at_least,   lambda y, x, low: defined(y, np.equal(y, x)),
                              lambda y, x, low: defined(y, np.not_equal(y, x)), flat=True)
HIGH = elementwise(at_most,   lambda y, x, high: defined(y, np.equal(y, x)),
                              lambda y, x, high: defined(y, np.not_equal(y, x)), flat=True)
elementwise(np.copysign,      lambda y, a, b: np.sign(a) * np.copysign(1.0, b),  lambda y, a, b: 0.0, flat=True,
            jumps=lambda a, b: np.signbit(b))
elementwise(np.heaviside,     lambda y, x, h: 0.0,              lambda y, x, h: np.equal(x, 0), flat=True,
            jumps=lambda x, h: np.sign(x))
elementwise(np.nextafter,     lambda y, a, b: 1.0,              lambda y, a, b: 0.0, flat=True)
# fmt: on


@handles(np.clip)
def _clip_any(
    a: Any, a_min: Any = None, a_max: Any = None, out: Any = None, *, min: Any = None, max: Any = None, **options: Any
) -> Any:
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    x = np.asarray(a) if isinstance(a, (list, tuple)) else a
    if out is not None or options:
        return _clip_into(x, low, high, out, options)
    if low is None and high is None:
        return np.positive(x)
    if low is None:
        return apply(HIGH, (x, _operand(high)))
    return apply(LOW, (x, _operand(low))) if high is None else apply(CLIP, (x, _operand(low), _operand(high)))


def _clip_into(x: Any, low: Any, high: Any, out: Any, options: dict[str, Any]) -> Any:
    """np.clip with out=, dtype= or where=: as the ufuncs that it stands for."""
    options = options if out is None else options | {"out": out}
    if low is None and high is None:
        return np.positive(x, **options)
    if low is None:
        return np.minimum(x, high, **options)
    return np.maximum(x, low, **options) if high is None else _clip(x, low, high, **options)


def _operand(bound: Any) -> Any:
    return np.asarray(bound) if isinstance(bound, (list, tuple)) else bound


def without_nan(x: Any, **values: Any) -> Any:
    """np.nan_to_num."""
    return np.nan_to_num(x, **values)


def _kept(d: Any, y: Any, x: Any, **values: Any) -> Any:
    """d where x is finite; real and imaginary parts each by themselves."""
    if not np.iscomplexobj(x):
        return np.where(np.isfinite(x), d, 0.0)
    real, imag = (np.where(np.isfinite(part), 1.0, 0.0) for part in (np.real(x), np.imag(x)))
    return real * np.real(d) + 1j * (imag * np.imag(d))


NAN_TO_NUM = rule(without_nan, _kept, pull=(_kept,), reads=((0,),), name="numpy.nan_to_num")


def _with_replacements(y: Any, x: Any, values: dict[str, Any]) -> Any:
    if np.iscomplexobj(x):
        return _with_replacements(np.real(y), np.real(x), values) + 1j * _with_replacements(
            np.imag(y), np.imag(x), values
        )
    for name, is_met in _NOT_FINITE.items():
        if any_recorded(values[name]):
            y = np.where(is_met(x), values[name], y)
    return y if np.ndim(x) else y[()]


_NOT_FINITE: dict[str, Any] = {"nan": np.isnan, "posinf": np.isposinf, "neginf": np.isneginf}


@handles(np.nan_to_num)
def _nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    x = np.asarray(x) if isinstance(x, (list, tuple)) else x
    values = {"nan": nan, "posinf": posinf, "neginf": neginf}
    y = apply(NAN_TO_NUM, (x,), {name: look(value) for name, value in values.items()})
    if any_recorded(values):
        y = _with_replacements(y, look(x), values)
    if copy or not is_value(x) or not np.ndim(x):
        return y
    x[...] = y
    return x
