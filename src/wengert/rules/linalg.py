"""np.linalg: systems of equations and inverses; what all linear algebra rules share.

Every rule differentiates the defining equation of the result. Sources: Giles, *Collected matrix
derivative results for forward and reverse mode AD* (2008), and those named beside the others.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import _umath_linalg  # type: ignore[attr-defined]

from wengert.errors import NoDerivative
from wengert.ir.row import HANDLERS
from wengert.record.apply import apply, as_numpy_reads
from wengert.record.locate import at_user_line
from wengert.record.value import concrete
from wengert.rules.linalg_triangular import (
    column,
    like,
    mt,
    uncolumn,
)  # fmt: skip
from wengert.rules.table import handles, rule, variadic


def as_array(x: Any) -> Any:
    """Nested lists of recorded values as an array; other sequences as NumPy reads them."""
    return np.array(x) if isinstance(x, (list, tuple)) else as_numpy_reads(x)


def refuse(name: str, why: str) -> NoDerivative:
    """The error for a form of a function that has no derivative."""
    return NoDerivative(at_user_line(f"no derivative rule for {name}: {why}"))


# ── A x = b  ⇒  A ẋ = ḃ − Ȧ x;   b̄ = A⁻ᵀ c,  Ā = −b̄ xᵀ ──


def solve(a: Any, b: Any) -> Any:
    """np.linalg.solve."""
    return np.linalg.solve(a, b)


def _push_solve(dots: list[Any], x: Any, a: Any, b: Any) -> Any:
    a_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right = 0.0 if b_dot is None else column(b_dot, vector)
    if a_dot is not None:
        right = right - np.matmul(a_dot, column(x, vector))
    return uncolumn(np.linalg.solve(a, right), vector)


def _pull_solve(c: Any, x: Any, a: Any, b: Any) -> list[Any]:
    vector = np.ndim(b) == 1
    b_bar = np.linalg.solve(mt(a), column(c, vector))
    a_bar = -np.matmul(b_bar, mt(column(x, vector)))
    return [like(a_bar, a), like(uncolumn(b_bar, vector), b)]


SOLVE = variadic(solve, _push_solve, _pull_solve, reads=True, name="numpy.linalg.solve")


@handles(np.linalg.solve)
def _solve(a: Any, b: Any) -> Any:
    return apply(SOLVE, (as_array(a), as_array(b)))


# ── A A⁻¹ = 1  ⇒  d(A⁻¹) = −A⁻¹ Ȧ A⁻¹ ──

INV = rule(
    np.linalg.inv,
    lambda d, y, a: -np.matmul(np.matmul(y, d), y),
    pull=(lambda c, y, a: -np.matmul(np.matmul(mt(y), c), mt(y)),),
    reads=((),),
)


@handles(np.linalg.inv)
def _inv(a: Any) -> Any:
    return apply(INV, (as_array(a),))


RAW_INV = rule(_umath_linalg.inv, INV.pushes[0], pull=INV.pulls, reads=((),), name="numpy.linalg.inv")
"""np.linalg.cond calls the compiled function itself: NaN where np.linalg.inv raises."""
HANDLERS[_umath_linalg.inv] = lambda a, signature=None: apply(RAW_INV, (a,))


@handles(np.linalg.tensorsolve)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """The equations as one matrix."""
    n = np.ndim(concrete(a))
    if axes is not None:
        last = [int(k) % n for k in axes]
        a = np.transpose(a, [k for k in range(n) if k not in last] + last)
    shape = np.shape(concrete(a))[np.ndim(concrete(b)) - n :]
    size = int(np.prod(shape))
    if concrete(a).size != size**2:
        raise np.linalg.LinAlgError(
            "Input arrays must satisfy the requirement             prod(a.shape[b.ndim:]) == prod(a.shape[:b.ndim])"
        )
    return np.reshape(np.linalg.solve(np.reshape(a, (size, size)), np.ravel(b)), shape)
