"""Elementwise functions: the calculus table. y is the result, already computed."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.apply import apply
from wengert.record.value import concrete
from wengert.rules.table import constant, elementwise, handles, linear

# fmt: off
# ── arithmetic ──
elementwise(np.add,       lambda y, a, b: 1.0,             lambda y, a, b: 1.0)
elementwise(np.subtract,  lambda y, a, b: 1.0,             lambda y, a, b: -1.0)
elementwise(np.multiply,  lambda y, a, b: b,               lambda y, a, b: a)
elementwise(np.divide,    lambda y, a, b: np.divide(1.0, b),  lambda y, a, b: -(y / b))
elementwise(np.negative,  lambda y, x: -1.0)
elementwise(np.positive,  lambda y, x: 1.0)
elementwise(np.power,     lambda y, x, p: np.where(np.equal(p, 0), 0.0, p * np.power(x, p - 1.0)),
                          lambda y, x, p: y * np.log(np.where(np.equal(x, 0), 1.0, x)))
elementwise(np.sin,       lambda y, x: np.cos(x))
elementwise(np.cos,       lambda y, x: -np.sin(x))
elementwise(np.exp,       lambda y, x: y)
elementwise(np.log,       lambda y, x: np.divide(1.0, x))
elementwise(np.sqrt,      lambda y, x: np.divide(0.5, y))
constant(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.floor)
# ── complex numbers: linear over the reals ──
linear(np.conjugate,      lambda c, x: np.conjugate(c))
linear(np.real,           lambda c, x: c)
linear(np.imag,           lambda c, x: -1j * c)
# fmt: on


@handles(np.real)
def _real(x: Any) -> Any:
    return apply(ROWS[np.real], (x,)) if np.iscomplexobj(concrete(x)) else x


@handles(np.imag)
def _imag(x: Any) -> Any:
    return apply(ROWS[np.imag], (x,)) if np.iscomplexobj(concrete(x)) else np.zeros_like(x)
