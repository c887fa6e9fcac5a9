"""Rounding, remainders, and numbers taken apart into whole and fractional parts or exponents."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.apply import apply
from wengert.record.observe import look
from wengert.record.protocols import any_recorded
from wengert.rules.partials import defined
from wengert.rules.table import constant, elementwise, handles, linear


def fraction(x: Any) -> Any:
    """The fractional part: the first result of np.modf."""
    return np.modf(x)[0]


def whole(x: Any) -> Any:
    """The whole part: the second result of np.modf."""
    return np.modf(x)[1]


def mantissa(x: Any) -> Any:
    """m of x = m 2ᵉ: the first result of np.frexp."""
    return np.frexp(x)[0]


def exponent(x: Any) -> Any:
    """e of x = m 2ᵉ: the second result of np.frexp."""
    return np.frexp(x)[1]


def quotient(a: Any, b: Any) -> Any:
    """The first result of np.divmod."""
    return np.divmod(a, b)[0]


def modulus(a: Any, b: Any) -> Any:
    """The second result of np.divmod."""
    return np.divmod(a, b)[1]


def _minus_times(y: Any, a: Any, b: Any) -> Any:
    """−n of y = a − n b; n is found from y, since a / b may round up to the next whole number."""
    return defined(y, -np.rint(np.divide(a - y, b)))


# fmt: off
elementwise(np.remainder,        lambda y, a, b: defined(y, 1.0),   lambda y, a, b: _minus_times(y, a, b), flat=True,
            jumps=np.floor_divide)
elementwise(np.fmod,             lambda y, a, b: defined(y, 1.0),   lambda y, a, b: _minus_times(y, a, b), flat=True,
            jumps=lambda a, b: np.trunc(np.divide(a, b)))
MODULUS = elementwise(modulus,   lambda y, a, b: defined(y, 1.0),   lambda y, a, b: _minus_times(y, a, b), flat=True)
FRACTION = elementwise(fraction, lambda y, x: 1.0)
MANTISSA = elementwise(mantissa, lambda y, x: np.ldexp(1.0, -np.frexp(x)[1]))
elementwise(np.ldexp,            lambda y, x, e: np.ldexp(1.0, e),  None,
            reason="The exponent of ldexp is a whole number.")
constant(quotient, whole, exponent, np.round, np.fix)
# fmt: on
ROUND = ROWS[np.round]


# ── np.unwrap: adds whole periods, whose number is constant ──


def unwrapped(p: Any, **params: Any) -> Any:
    """np.unwrap of a constant period."""
    return np.unwrap(p, **params)


UNWRAP = linear(unwrapped, lambda c, p, **params: c, push=(lambda d, p, **params: d,), name="numpy.unwrap")


@handles(np.unwrap)
def _unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * np.pi) -> Any:
    x = np.asarray(p) if isinstance(p, (list, tuple)) else p
    length = look(period)
    y = apply(UNWRAP, (x,), {"discont": look(discont), "axis": axis, "period": length})
    if not any_recorded(period):
        return y
    periods = np.round((look(y) - look(x)) / length)
    return y + periods * (period - length)


@handles(np.modf)
def _modf(x: Any) -> Any:
    return apply(FRACTION, (x,)), apply(ROWS[whole], (x,))


@handles(np.frexp)
def _frexp(x: Any) -> Any:
    return apply(MANTISSA, (x,)), apply(ROWS[exponent], (x,))


@handles(np.divmod)
def _divmod(a: Any, b: Any) -> Any:
    return apply(ROWS[quotient], (a, b)), apply(MODULUS, (a, b))


@handles(np.round, np.around)
def _round(a: Any, decimals: Any = 0, out: Any = None) -> Any:
    y = apply(ROUND, (a,), {"decimals": decimals} if decimals else None)
    if out is None:
        return y
    out[...] = y
    return out


@handles(np.fix)
def _fix(x: Any, out: Any = None) -> Any:
    return np.trunc(x) if out is None else np.trunc(x, out=out)
