"""Rewrites that hold for every floating number, bit for bit: infinities, NaN and signs of zero included.

(Which NaN is NaN's own affair.) What is missing here on purpose: x + 0 is not x where x is −0,
x · 0 is not 0 where x is infinite, x − x is not 0 where x is NaN, −(a − b) is not b − a where a = b.
"""

from __future__ import annotations

from math import frexp
from typing import Any

import numpy as np

from wengert.ir.line import Lit, Var
from wengert.passes.pattern import Rewrite
from wengert.passes.rewrite import Table

_MATRIX = np.arange(6.0).reshape(2, 3) + 0.5
_TENSOR = np.arange(24.0).reshape(2, 3, 4) + 0.5
_INSIDE = np.linspace(0.05, 0.95, 19)
_MASK = np.array([True, False, True])
_ANY = "fciub"


def _is_nan(y: Any) -> Any:
    return np.not_equal(y, y)


def _isnt(truth: Any) -> Any:
    """Not ~, which makes −2 of Python's True."""
    return np.logical_not(truth)


def is_power_of_two(c: Any) -> bool:
    """Whether c is a constant ±2ᵏ that has an inverse: then x/c and x·(1/c) are the same number, rounded once."""
    x: Any = c.value if isinstance(c, Lit) else None
    if type(x) not in (int, float, np.float64, np.float32) or not 0 < abs(x) < 2.0**120:
        return False
    return abs(frexp(x)[0]) == 0.5 and frexp(x)[1] > -120


def composed(first: Any, then: Any, rank: int) -> tuple[int, ...]:
    """The axes of one transpose in place of two."""
    inner, outer = [tuple(range(rank))[::-1] if axes is None else axes for axes in (first, then)]
    return tuple([int(inner[int(k)]) % rank for k in outer])


def _is_order(axes: Any) -> bool:
    return axes is None or isinstance(axes, (tuple, list))


# fmt: off
NUMBERS = (
    Rewrite(lambda x: -np.negative(x),                      lambda x: x, kinds=_ANY),
    Rewrite(lambda x: +x,                         lambda x: x, kinds=_ANY, copies=True),
    Rewrite(lambda x: x * 1,                      lambda x: x, copies=True),
    Rewrite(lambda x: x / 1,                      lambda x: x, copies=True),
    Rewrite(lambda x: x ** 1,                     lambda x: x, copies=True),
    Rewrite(lambda x: x - 0,                      lambda x: x, copies=True),
    Rewrite(lambda x: x + -0.0,                   lambda x: x, copies=True),
    Rewrite(lambda x: x * -1,                     lambda x: -x),
    Rewrite(lambda x: x / -1,                     lambda x: -x),
    Rewrite(lambda x, c: x / c,                   lambda x, c: x * (1 / c),
            where=lambda x, c: isinstance(x, Var) and is_power_of_two(c)),
    Rewrite(lambda a, b: a - -b,                  lambda a, b: a + b),
    Rewrite(lambda a, b: a + -b,                  lambda a, b: a - b),
    Rewrite(lambda a, b: -a * -b,                 lambda a, b: a * b),
    Rewrite(lambda a, b: -a / -b,                 lambda a, b: a / b, kinds="f"),
    Rewrite(lambda x: np.abs(-x),                 lambda x: np.abs(x), kinds="fi"),
    Rewrite(lambda x: np.abs(np.abs(x)),          lambda x: np.abs(x)),
    Rewrite(lambda x: np.square(-x),              lambda x: np.square(x)),
    Rewrite(lambda x: np.maximum(x, x),           lambda x: x, copies=True),
    Rewrite(lambda x: np.minimum(x, x),           lambda x: x, copies=True),
    Rewrite(lambda x: np.sign(np.sign(x)),        lambda x: np.sign(x)),
    Rewrite(lambda x: np.floor(np.floor(x)),      lambda x: np.floor(x)),
    Rewrite(lambda x: np.ceil(np.ceil(x)),        lambda x: np.ceil(x)),
)
CHOICES = (
    Rewrite(lambda c, x: np.where(c, x, x),       lambda c, x: x, at=(_MASK, _MASK + 1.0), kinds=_ANY, copies=True),
    Rewrite(lambda x, y: np.where(True, x, y),    lambda x, y: x, kinds=_ANY, copies=True),
    Rewrite(lambda x, y: np.where(False, x, y),   lambda x, y: y, kinds=_ANY, copies=True),
    Rewrite(lambda c: ~~c,                        lambda c: c, at=(_MASK,)),
    Rewrite(lambda c: np.logical_not(~c),         lambda c: c, at=(_MASK,)),
    Rewrite(lambda c: np.logical_not(np.logical_not(c)), lambda c: c, at=(_MASK,)),
    Rewrite(lambda c: c & c,                      lambda c: c, at=(_MASK,), copies=True),
    Rewrite(lambda c: c | c,                      lambda c: c, at=(_MASK,), copies=True),
)
# Whether y = op(x) is no number, which the derivative of op asks, depends on x alone: y need not be computed.
DOMAINS = (
    *[Rewrite(lambda x, op=op: _is_nan(op(x)),    lambda x: _isnt(np.greater_equal(x, 0)), at=(_INSIDE,))
      for op in (np.log, np.log2, np.log10, np.sqrt)],
    Rewrite(lambda x: _is_nan(np.log1p(x)),       lambda x: _isnt(np.greater_equal(x, -1)), at=(_INSIDE,)),
    *[Rewrite(lambda x, op=op: _is_nan(op(x)),    lambda x: _isnt(np.less_equal(np.abs(x), 1)), at=(_INSIDE,))
      for op in (np.arcsin, np.arccos, np.arctanh)],
)
COMPLEX = (
    Rewrite(lambda z: np.conj(np.conj(z)),        lambda z: z, at=(np.array([1 + 2j]),), kinds=_ANY, copies=True),
    Rewrite(lambda x: np.conj(x),                 lambda x: x, copies=True),
)
PLACES = (
    Rewrite(lambda x, s: np.reshape(x, s),        lambda x, s: x, at=(_MATRIX, (2, 3)), kinds=_ANY),
    Rewrite(lambda x, s, t: np.reshape(np.reshape(x, s), t), lambda x, s, t: np.reshape(x, t),
            at=(_MATRIX, (6,), (3, 2)), kinds=_ANY),
    Rewrite(lambda x, p: np.transpose(x, p),      lambda x, p: x, at=(_TENSOR, (0, 1, 2)), kinds=_ANY,
            where=lambda x, p: _is_order(p) and composed(p, range(len(x.type.shape)), len(x.type.shape))
            == tuple(range(len(x.type.shape)))),
    Rewrite(lambda x, p, q: np.transpose(np.transpose(x, p), q),
            lambda x, p, q: np.transpose(x, composed(p, q, np.ndim(x))),
            at=(_TENSOR, (1, 2, 0), (2, 1, 0)), kinds=_ANY, where=lambda x, p, q: _is_order(p) and _is_order(q)),
    Rewrite(lambda x, i, j: np.swapaxes(np.swapaxes(x, i, j), i, j), lambda x, i, j: x, at=(_TENSOR, 0, 2), kinds=_ANY),
    Rewrite(lambda x, i, j: np.moveaxis(np.moveaxis(x, i, j), j, i), lambda x, i, j: x, at=(_TENSOR, 0, 2), kinds=_ANY),
    Rewrite(lambda x, k: np.squeeze(np.expand_dims(x, k), k), lambda x, k: x, at=(_MATRIX, 1), kinds=_ANY),
    Rewrite(lambda x, s: np.broadcast_to(x, s),   lambda x, s: x, at=(_MATRIX, (2, 3)), kinds=_ANY),
    Rewrite(lambda x, s, t: np.broadcast_to(np.broadcast_to(x, s), t), lambda x, s, t: np.broadcast_to(x, t),
            at=(_MATRIX, (4, 2, 3), (5, 4, 2, 3)), kinds=_ANY),
    Rewrite(lambda x: x[::-1][::-1],              lambda x: x, at=(_MATRIX,), kinds=_ANY),
    Rewrite(lambda x: x[...],                     lambda x: x, at=(_MATRIX,), kinds=_ANY),
    Rewrite(lambda x, y: np.stack([x, y])[0],     lambda x, y: x, at=(_MATRIX, _MATRIX + 1), kinds=_ANY, copies=True),
    Rewrite(lambda x, y: np.stack([x, y])[1],     lambda x, y: y, at=(_MATRIX, _MATRIX + 1), kinds=_ANY, copies=True),
    Rewrite(lambda x: x.copy(),                   lambda x: x, at=(_MATRIX,), kinds=_ANY, copies=True),
    Rewrite(lambda x: x.copy("K"),                lambda x: x, at=(_MATRIX,), kinds=_ANY, copies=True),
)
# fmt: on

EXACT = Table((*NUMBERS, *CHOICES, *DOMAINS, *COMPLEX, *PLACES))
