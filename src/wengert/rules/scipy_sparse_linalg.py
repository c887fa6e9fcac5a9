"""scipy.sparse.linalg: solutions of A x = b in recorded b and recorded A, and what is left to dense matrices.

    dx = A⁻¹ (db − dA x),     b̄ = A⁻ᵀ x̄,     Ā = −b̄ xᵀ at the elements of A.

An iterative solver's x is taken for the solution: its derivative is that of the solution, found by elimination.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as _dense_linalg
import scipy.sparse.linalg as _linalg

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute, state
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import called_by_users, plainly
from wengert.rules.draws import Methods
from wengert.rules.pairs import recordable
from wengert.rules.solved import renewed, still
from wengert.rules.sparse_labels import (
    is_recorded,
    labelled,
    merged,
    places,
    sparse,
    stilled,
    taken,
    with_data,
)
from wengert.rules.sparse_products import product
from wengert.rules.structure import real_if
from wengert.rules.table import linear, rule

linalg: Any = _linalg
dense_linalg: Any = _dense_linalg

# ── A x = b ──


def _solve(data: Any, b: Any, pattern: Any) -> Any:
    return linalg.spsolve(with_data(pattern, data), b)


def _pushed_data(d: Any, x: Any, data: Any, b: Any, pattern: Any) -> Any:
    return -solve(data, product(d, x, pattern=pattern), pattern=pattern)


def _pushed_b(d: Any, x: Any, data: Any, b: Any, pattern: Any) -> Any:
    return solve(data, d, pattern=pattern)


def _pulled_b(c: Any, x: Any, data: Any, b: Any, pattern: Any) -> Any:
    turned = compute(pattern.transpose, (), None).asformat(pattern.format)
    return real_if(solve(taken(data, turned.data), c, pattern=labelled(turned)), b)


def _pulled_data(c: Any, x: Any, data: Any, b: Any, pattern: Any) -> Any:
    b_bar = _pulled_b(c, x, data, x, pattern)
    i, j, where = places(pattern)
    terms = -np.take(b_bar, i, 0) * np.take(x, j, 0)
    terms = np.sum(terms, -1) if np.ndim(concrete(terms)) == 2 else terms
    labels = np.zeros(np.size(concrete(data)), int)
    labels[where] = np.arange(1, where.size + 1)
    return real_if(np.reshape(taken(terms, labels), np.shape(concrete(data))), data)


solve = recordable(plainly(_solve))
rule(solve, _pushed_data, _pushed_b, pull=(_pulled_data, _pulled_b), name="scipy.sparse.linalg.spsolve")


def solved(A: Any, b: Any) -> Any:
    """The solution for a matrix in any form; b with the axes that SciPy's solvers give x."""
    if not sparse.issparse(A):
        return np.linalg.solve(dense_of(A), b)
    joined = merged(A)
    joined = joined if joined.format in ("csc", "csr") else joined.asformat("csc")
    return solve(joined.data, b, pattern=labelled(joined))


def dense_of(A: Any) -> Any:
    """The matrix of an operator, column by column."""
    if isinstance(A, linalg.LinearOperator):
        return np.stack([np.reshape(run_body(type(A).matvec, (A, e), {}), (-1,)) for e in np.eye(A.shape[1])], axis=-1)
    return as_array(A)


def plain_operator(A: Any) -> Any:
    """The operator, for plain vectors."""

    def way(name: str) -> Any:
        return lambda v: still(run_body(getattr(type(A), name), (A, v), {}))

    ways = {name: way(name) for name in ("matvec", "rmatvec", "matmat", "rmatmat")}
    return linalg.LinearOperator(A.shape, dtype=A.dtype, **ways)


def operand(A: Any) -> tuple[Any, Any]:
    """The matrix, of an operator the dense one, and what SciPy is given in its place."""
    if not isinstance(A, linalg.LinearOperator):
        return A, stilled(A) if is_recorded(A) else A
    dense = dense_of(A)
    return (dense, plain_operator(A)) if is_recorded(dense) else (A, A)


_OPERATIONS = (
    "matvec", "rmatvec", "matmat", "rmatmat", "dot", "rdot",
    "__matmul__", "__rmatmul__", "__mul__", "__rmul__", "__call__",
)  # fmt: skip
_HAS = [name for name in _OPERATIONS if hasattr(linalg.LinearOperator, name)]  # rdot from SciPy 1.18 on
called_by_users(linalg.LinearOperator, *_HAS, "_init_dtype", always="_init_dtype")
MADE_BY[linalg.LinearOperator] = frozenset({"LinearOperator", "aslinearoperator"})


@replace(linalg.spsolve)
def _spsolve(original: Any) -> Any:
    def spsolve(A: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
        if not is_recorded(A) and not is_recorded(b):
            return compute(original, (A, b, *args), kwargs)
        if sparse.issparse(b):
            plain = compute(original, (stilled(A), stilled(b), *args), kwargs)
            return type(plain)(agreed(plain.toarray(), solved(A, b.toarray())))
        b = as_array(b)
        x = compute(original, (stilled(A), still(b), *args), kwargs)
        column = np.ndim(concrete(b)) == 2 and np.shape(concrete(b))[1] == 1
        return agreed(x, solved(A, b[:, 0] if column else b))

    return spsolve


def refusal(name: str, remedy: str) -> NoDerivative:
    """The error for what has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative rule for scipy.sparse.linalg.{name}") + f"\n{remedy}")


def agreed(plain: Any, r: Any) -> Any:
    """r with the value that SciPy computed."""
    return r if np.array_equal(concrete(still(r)), plain) else renewed(plain, r)


# ── factorizations ──


def _by_factors(b: Any, lu: Any, trans: str) -> Any:
    return superlu_solve(lu, np.asarray(b), trans)


def _pull_factors(c: Any, b: Any, lu: Any, trans: str) -> Any:
    """The transpose of A⁻ᴴ is the conjugate of A⁻¹."""
    if trans == "H":
        return real_if(np.conj(by_factors(np.conj(c), lu=lu, trans="N")), b)
    return real_if(by_factors(c, lu=lu, trans="T" if trans == "N" else "N"), b)


SuperLU: Any = type(linalg.splu(sparse.csc_array(np.eye(1))))
superlu_solve = SuperLU.__dict__["solve"]
by_factors = recordable(plainly(_by_factors))
linear(by_factors, _pull_factors, name="scipy.sparse.linalg.SuperLU.solve")


def _solve_method(self: Any, rhs: Any, trans: str = "N") -> Any:
    if not state.depth or not any_recorded(rhs):
        return superlu_solve(self, concrete(rhs), trans)
    return by_factors(as_array(rhs), lu=self, trans=trans)


METHODS.append((Methods(SuperLU, "solve"), "solve", superlu_solve, _solve_method))
