"""Movements of elements that come in pairs, each the transpose of the other."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from wengert.ir.row import ROWS
from wengert.record.apply import apply
from wengert.record.value import is_value
from wengert.rules.table import linear

Move = Callable[..., Any]


def pair(forward: Move, backward: Move, view: bool = False) -> tuple[Move, Move]:
    """Rows for A and Aᵀ, both as functions of (x, **params) with the same parameters.

    The functions returned take plain and recorded values alike, so that either movement can stand
    in the derivative of the other, to any order.
    """
    a, a_transposed = recordable(forward), recordable(backward)
    linear(a, lambda c, x, **params: a_transposed(c, **params), view=view)
    linear(a_transposed, lambda c, x, **params: a(c, **params))
    return a, a_transposed


def recordable(f: Move) -> Move:
    """f as a primitive's op that takes recorded values too: a rule can call it under this name in any transform."""

    @wraps(f)
    def op(*args: Any, **params: Any) -> Any:
        return apply(ROWS[op], args, params) if any([is_value(a) for a in args]) else f(*args, **params)

    return op
