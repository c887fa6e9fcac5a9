"""Python's own complex arithmetic on parts, as the Python that runs has it.

Up to 3.13 a real operand is a complex one whose imaginary part is 0. From 3.14 on it has no imaginary part, and
products and quotients that come out as nan + nanj are found anew where an operand is infinite (C99, annex G.5.1).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Type
from wengert.ir.row import Row
from wengert.passes import complex_maths as maths
from wengert.passes.complex_maths import Pair
from wengert.passes.parting import Parted, Parting

MIXED = sys.version_info >= (3, 14)
"""Whether real and complex operands meet as they are, and infinities are found anew."""

# ── what native code has as it stands (native/maths/pairs.py): a line for each part ──

PRODUCT, QUOTIENT, REAL_QUOTIENT = "Python's product", "Python's quotient", "Python's quotient of a real number"


def _rows(name: str, f: Callable[..., complex]) -> tuple[Row, Row]:
    return (
        Row(lambda *x: f(*x).real, f"{name}, real part", "linear"),
        Row(lambda *x: f(*x).imag, f"{name}, imaginary part", "linear"),
    )


PRODUCT_ROWS = _rows(PRODUCT, lambda a, b, c, d: complex(a, b) * complex(c, d))
QUOTIENT_ROWS = _rows(QUOTIENT, lambda a, b, c, d: complex(a, b) / complex(c, d))
REAL_QUOTIENT_ROWS = _rows(REAL_QUOTIENT, lambda a, c, d: a / complex(c, d))


def _called(p: Parting, rows: tuple[Row, Row], *xs: Atom) -> Parted:
    x, y = [p.call(row, row.op, xs, {}, Type("float", (), True)) for row in rows]
    return x, y


# ── sums, products, quotients ──


def _plus(z: Pair, w: Pair) -> Pair:
    (a, b), (c, d) = z, w
    return a + c, d if b is None else b if d is None else b + d


def _minus(z: Pair, w: Pair) -> Pair:
    (a, b), (c, d) = z, w
    return a - c, -d if b is None else b if d is None else b - d


def _scaled(z: Pair, w: Pair) -> Pair:
    (a, b), (c, d) = z, w
    return a * c, a * d if b is None else b * c


def _over(z: Pair, w: Pair) -> Pair:
    return np.divide(z[0], w[0]), np.divide(z[1], w[0])


def add(p: Parting, z: Parted, w: Parted) -> Parted:
    """z + w, from 3.14 on."""
    return _formula(p, _plus, z, w)


def subtract(p: Parting, z: Parted, w: Parted) -> Parted:
    """z − w, from 3.14 on."""
    return _formula(p, _minus, z, w)


def multiply(p: Parting, z: Parted, w: Parted) -> Parted:
    """z w."""
    if not MIXED:
        return _formula(p, maths.multiply, z, w)
    if z[1] is None or w[1] is None:
        return _formula(p, _scaled, z, w)
    return _called(p, PRODUCT_ROWS, z[0], z[1], w[0], w[1])


def divide(p: Parting, z: Parted, w: Parted) -> Parted:
    """z / w, w not being zero."""
    if not MIXED:
        return _formula(p, maths.quotient, z, w)
    if w[1] is None:
        return _formula(p, _over, z, w)
    if z[1] is None:
        return _called(p, REAL_QUOTIENT_ROWS, z[0], w[0], w[1])
    return _called(p, QUOTIENT_ROWS, z[0], z[1], w[0], w[1])


def _formula(p: Parting, f: Callable[..., Any], *pairs: Parted) -> Parted:
    x, y = p.formula(f, list(pairs))
    return x, y


# ── powers ──


@cache
def whole_power(n: int) -> Callable[[Pair], Pair]:
    """z ↦ zⁿ by squares and products, beginning with 1, and 1 over that for n < 0."""

    def power(z: Pair) -> Pair:
        y: Pair = (1.0, 0.0)
        p, k = z, abs(n)
        while k:
            y = maths.multiply(y, p) if k & 1 else y
            k >>= 1
            p = maths.square(p) if k else p
        return maths.quotient((1.0, 0.0), y) if n < 0 else y

    return power
