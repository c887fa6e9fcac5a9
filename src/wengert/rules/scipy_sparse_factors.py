"""splu and spilu of recorded matrices: what they solve, the factors, and preconditioners, which change no solution.

SuperLU's A[r][:, c] = L U is Gauss's elimination in the order of rows and columns that it chose (L⁻¹ȦU⁻¹ = L⁻¹L̇ + U̇U⁻¹:
strictly lower plus upper triangle).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import numpy as np
import scipy.sparse.linalg as _linalg

from wengert.record.state import compute
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.linalg_triangular import mt, triangular
from wengert.rules.pairs import recordable
from wengert.rules.scipy_sparse_linalg import agreed, operand, plain_operator, refusal, solved, superlu_solve
from wengert.rules.solved import renewed, still
from wengert.rules.sparse_labels import has_recorded, is_recorded, sparse, stilled
from wengert.rules.table import rule

linalg: Any = _linalg
_plain_splu = linalg.splu


def _eliminated(a: Any) -> Any:
    """L − I + U of a matrix that needs no exchanges."""
    y = np.array(a)
    for k in range(len(y)):
        y[k + 1 :, k] /= y[k, k]
        y[k + 1 :, k + 1 :] -= np.outer(y[k + 1 :, k], y[k, k + 1 :])
    return y


def _apart(y: Any) -> tuple[Any, Any]:
    return np.tril(y, -1) + np.eye(np.shape(y)[0]), np.triu(y)


def _push(d: Any, y: Any, a: Any) -> Any:
    low, up = _apart(y)
    inner = mt(triangular(up, mt(triangular(low, d)), lower=False, trans=True))
    return np.matmul(low, np.tril(inner, -1)) + np.matmul(np.triu(inner), up)


elimination = recordable(plainly(_eliminated))
rule(elimination, _push, name="Gauss's elimination")


class Factors:
    """splu(A) of a recorded A."""

    def __init__(self, A: Any) -> None:
        self.A, self.shape = A, A.shape
        self.plain = compute(_plain_splu, (stilled(A).asformat("csc"),), None)
        self.perm_r, self.perm_c, self.nnz = self.plain.perm_r, self.plain.perm_c, self.plain.nnz

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """x with A x = rhs, or with the transpose of A."""
        A = self.A if trans == "N" else self.A.transpose() if trans == "T" else self.A.conj().transpose()
        b = as_array(rhs)
        return agreed(superlu_solve(self.plain, np.asarray(still(b)), trans), solved(A, b))

    def _factor(self, k: int) -> Any:
        order = np.ix_(np.argsort(self.perm_r), np.argsort(self.perm_c))
        plain = (self.plain.L, self.plain.U)[k]
        i, j = plain.tocoo().coords
        data = renewed(plain.tocoo().data, _apart(elimination(self.A.toarray()[order]))[k][i, j])
        return type(plain)(sparse.coo_array((data, (i, j)), shape=plain.shape))

    @property
    def L(self) -> Any:
        """The lower triangle, with ones on its diagonal."""
        return self._factor(0)

    @property
    def U(self) -> Any:
        """The upper triangle."""
        return self._factor(1)


@replace(linalg.splu, linalg.factorized)
def _factors(original: Any) -> Any:
    def factor(A: Any, *args: Any, **kwargs: Any) -> Any:
        if not has_recorded(A):
            return original(A, *args, **kwargs)
        made = Factors(A)
        return made.solve if original.__name__ == "factorized" else made

    return factor


# ── preconditioners ──

_changes_nothing: ContextVar[bool] = ContextVar("changes nothing", default=False)


class Incomplete:
    """spilu(A) of a recorded A: it solves nothing, but may be part of a preconditioner."""

    def __init__(self, A: Any, plain: Any) -> None:
        self.shape, self.nnz, self.perm_r, self.perm_c = A.shape, plain.nnz, plain.perm_r, plain.perm_c
        self._plain = plain

    def solve(self, rhs: Any, trans: str = "N") -> Any:
        """What the factors make of rhs, while a solver asks; of zeros, zeros: SciPy asks for the type."""
        if not _changes_nothing.get() and (is_recorded(rhs) or np.any(rhs)):
            raise refusal("spilu of a recorded matrix", "Make it of stop_gradient(A); as a preconditioner it may be.")
        return superlu_solve(self._plain, np.asarray(concrete(still(rhs))), trans)


@replace(linalg.spilu)
def _incomplete(original: Any) -> Any:
    def spilu(A: Any, *args: Any, **kwargs: Any) -> Any:
        if not has_recorded(A):
            return original(A, *args, **kwargs)
        return Incomplete(A, compute(original, (stilled(A), *args), kwargs))

    return spilu


def plain_preconditioner(M: Any) -> Any:
    """An argument of an iterative solver that changes no x, plain: an array, a matrix, or an operator."""
    if not isinstance(M, linalg.LinearOperator):
        return stilled(M)

    def apply(v: Any) -> Any:
        token = _changes_nothing.set(True)
        try:
            return still(run_body(type(M).matvec, (M, v), {}))
        finally:
            _changes_nothing.reset(token)

    return linalg.LinearOperator(M.shape, matvec=apply, rmatvec=plain_operator(M).rmatvec, dtype=M.dtype)


@replace(
    *[
        getattr(linalg, name)
        for name in ["cg", "cgs", "bicg", "bicgstab", "gmres", "lgmres", "minres", "qmr", "gcrotmk", "tfqmr"]
    ]
)
def _iterative(original: Any) -> Any:
    def iterate(A: Any, b: Any, *args: Any, **kwargs: Any) -> Any:
        dense, theirs = operand(A)
        if not is_recorded(dense) and not is_recorded(b):
            return compute(original, (A, b, *args), kwargs)
        b = as_array(b)
        others = {name: plain_preconditioner(v) for name, v in kwargs.items()}
        plain, *rest = compute(original, (theirs, still(b), *map(plain_preconditioner, args)), others)
        x = solved(dense, np.reshape(b, (-1,)))
        if rest[0] != 0:
            raise refusal(
                f"{original.__name__} that has not converged", "Give it a smaller tolerance or more iterations."
            )
        return (renewed(plain, np.reshape(x, np.shape(plain))), *rest)

    return iterate
