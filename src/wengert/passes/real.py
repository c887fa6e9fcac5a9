"""Rewrites that hold for real numbers: on request, for they change the last digits, and more at the edges.

The value is the same in exact arithmetic wherever the program as it is written is defined. Rounding
differs; NaN, infinity and the sign of zero may be lost (0 · x is 0, x/x is 1, exp(log x) is x for
negative x too), and so may overflow on the way be (exp a · exp b becomes exp(a + b)).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Lit, Var
from wengert.passes.pattern import Rewrite
from wengert.passes.rewrite import Table
from wengert.record.value import concrete

_SQUARE = np.array([[4.0, 1.0, 0.5], [0.5, 3.0, 1.0], [1.0, 0.25, 5.0]])
_VECTOR = np.array([0.5, -1.0, 2.0])
_POINT = np.array([0.3, 1.2, 2.5])


def everywhere(number: int, x: Any) -> Any:
    """The number, in the type and shape of x, at the cost of one number."""
    x = concrete(x)
    if isinstance(x, np.ndarray):
        return np.broadcast_to(np.array(number, x.dtype), x.shape)
    return type(x)(number)


def is_number(x: Any) -> bool:
    """Whether x is one constant number."""
    return isinstance(x, Lit) and not np.ndim(x.value)


def are_numbers(x: Any, a: Any, b: Any) -> bool:
    """Whether a and b are constants, so that what is computed of them is folded."""
    return isinstance(x, Var) and is_number(a) and is_number(b)


def _is_inexact(*atoms: Any) -> bool:
    """Whether all are floating: whole numbers wrap around, and their division is another function."""
    return all([a.type.dtype[0] == "f" for a in atoms])


def _is_narrower(a: Any, b: Any, v: Any) -> bool:
    """Whether A (B v) takes fewer multiplications than (A B) v."""
    if len(a.type.shape) != 2 or len(b.type.shape) != 2 or len(v.type.shape) not in (1, 2):
        return False
    (m, k), n, r = a.type.shape, b.type.shape[1], (*v.type.shape, 1)[1]
    return k * n * r + m * k * r < m * k * n + m * n * r


def _is_matrix(a: Any, *_: Any) -> bool:
    return len(a.type.shape) == 2


def _is_scalar(a: Any, x: Any, *_: Any) -> bool:
    """Whether a factor without axes can be taken out of a sum."""
    return not a.type.shape and len(x.type.shape) > 0 and _is_inexact(a, x)


# fmt: off
NUMBERS = (
    Rewrite(lambda x: x + 0,                      lambda x: x, kinds="f", copies=True),
    Rewrite(lambda x: 0 - x,                      lambda x: -x, kinds="f"),
    Rewrite(lambda x: x * 0,                      lambda x: everywhere(0, x), kinds="f"),
    Rewrite(lambda x: x - x,                      lambda x: everywhere(0, x), kinds="f"),
    Rewrite(lambda x: x / x,                      lambda x: everywhere(1, x), kinds="f"),
    Rewrite(lambda a, b: -(a - b),                lambda a, b: b - a, kinds="f", once=True),
    Rewrite(lambda x, a, b: (x * a) * b,          lambda x, a, b: x * (a * b), kinds="f", where=are_numbers),
    Rewrite(lambda x, a, b: (x + a) + b,          lambda x, a, b: x + (a + b), kinds="f", where=are_numbers),
    Rewrite(lambda x, a, b: (x - a) - b,          lambda x, a, b: x - (a + b), kinds="f", where=are_numbers),
    Rewrite(lambda x, a, b: (x * a) / b,          lambda x, a, b: x * (a / b), kinds="f", where=are_numbers),
    Rewrite(lambda x, c: x / c,                   lambda x, c: x * (1 / c), kinds="f",
            where=lambda x, c: isinstance(x, Var) and is_number(c)),
    Rewrite(lambda x, y: x * (1 / y),             lambda x, y: x / y, kinds="f", once=True,
            where=lambda x, y: isinstance(y, Var)),
    Rewrite(lambda x: 1 / (1 / x),                lambda x: x, kinds="f", copies=True),
    Rewrite(lambda a, x, y: a * x + a * y,        lambda a, x, y: a * (x + y), kinds="f", once=True),
)
POWERS = (
    Rewrite(lambda x: x ** 2,                     lambda x: x * x, kinds="f"),
    Rewrite(lambda x: x ** 3,                     lambda x: x * x * x, kinds="f"),
    Rewrite(lambda x: x ** 4,                     lambda x: (x * x) * (x * x), kinds="f"),
    Rewrite(lambda x: x ** -1,                    lambda x: 1 / x, kinds="f"),
    Rewrite(lambda x: x ** -2,                    lambda x: 1 / (x * x), kinds="f"),
    Rewrite(lambda x: np.sqrt(x) * np.sqrt(x),    lambda x: x, kinds="f", copies=True),
    Rewrite(lambda x: np.square(np.sqrt(x)),      lambda x: x, kinds="f", copies=True),
    Rewrite(lambda x: np.sqrt(x * x),             lambda x: np.abs(x), kinds="f"),
    Rewrite(lambda x: np.sqrt(np.square(x)),      lambda x: np.abs(x), kinds="f"),
)
EXPONENTIALS = (
    Rewrite(lambda x: np.log(np.exp(x)),          lambda x: x, kinds="f", copies=True),
    Rewrite(lambda x: np.exp(np.log(x)),          lambda x: x, kinds="f", copies=True),
    Rewrite(lambda a, b: np.exp(a) * np.exp(b),   lambda a, b: np.exp(a + b), kinds="f", once=True),
    Rewrite(lambda a, b: np.exp(a) / np.exp(b),   lambda a, b: np.exp(a - b), kinds="f", once=True),
    Rewrite(lambda x: np.log(1 + x),              lambda x: np.log1p(x), kinds="f", once=True),
    Rewrite(lambda x: np.exp(x) - 1,              lambda x: np.expm1(x), kinds="f", once=True),
)
SUMS = (
    Rewrite(lambda a, x: np.sum(a * x),           lambda a, x: a * np.sum(x), at=(0.7, _VECTOR), once=True,
            where=_is_scalar),
    Rewrite(lambda a, x, k: np.sum(a * x, axis=k), lambda a, x, k: a * np.sum(x, axis=k), at=(0.7, _SQUARE, 1),
            once=True, where=_is_scalar),
    Rewrite(lambda a, x: np.sum(x / a),           lambda a, x: np.sum(x) / a, at=(0.7, _VECTOR), once=True,
            where=_is_scalar),
    Rewrite(lambda x: np.sum(-x),                 lambda x: -np.sum(x), at=(_VECTOR,), kinds="f", once=True),
)
PRODUCTS = (
    Rewrite(lambda a, b, v: (a @ b) @ v,          lambda a, b, v: a @ (b @ v), at=(_SQUARE, _SQUARE + 1, _VECTOR),
            kinds="f", once=True, where=_is_narrower),
    Rewrite(lambda a, b: np.linalg.inv(a) @ b,    lambda a, b: np.linalg.solve(a, b), at=(_SQUARE, _VECTOR),
            kinds="f", once=True, where=_is_matrix),
    Rewrite(lambda a: np.log(np.linalg.det(a)),   lambda a: np.linalg.slogdet(a)[1], at=(_SQUARE,), kinds="f",
            once=True, where=_is_matrix),
    Rewrite(lambda a: np.log(np.abs(np.linalg.det(a))), lambda a: np.linalg.slogdet(a)[1], at=(_SQUARE,), kinds="f",
            once=True, where=_is_matrix),
)
# fmt: on

REAL = Table((*NUMBERS, *POWERS, *EXPONENTIALS, *SUMS, *PRODUCTS))
