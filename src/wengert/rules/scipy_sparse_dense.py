"""scipy.sparse.linalg: what is left to dense matrices: exponentials, inverses, eigenvalues, least squares."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.linalg as _dense_linalg
import scipy.sparse.linalg as _linalg

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.estimates import estimated
from wengert.rules.linalg_eigen import matched
from wengert.rules.scipy_linalg_pencils import of_any_phase
from wengert.rules.scipy_sparse_factors import plain_preconditioner
from wengert.rules.scipy_sparse_linalg import agreed, dense_of, operand, plain_operator, refusal
from wengert.rules.solved import renewed, still
from wengert.rules.sparse_labels import has_recorded, is_recorded, is_uncounted, sparse, stilled

linalg: Any = _linalg
dense_linalg: Any = _dense_linalg
_linspace: Any = np.linspace


def _as_dense(A: Any) -> Any:
    return A.toarray() if sparse.issparse(A) else dense_of(A)


@replace(linalg.expm_multiply)
def _expm_multiply(original: Any) -> Any:
    signature = inspect.signature(original)

    def expm_multiply(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        (A, theirs), B = operand(given["A"]), given["B"]
        options = {key: value for key, value in given.items() if key not in ("A", "B")}
        if not any(is_recorded(part) for part in (A, B, *options.values())):
            return compute(original, (), given)
        plain = compute(original, (theirs, still(as_array(B))), {key: still(v) for key, v in options.items()})
        options.pop("traceA", None)
        if not options:
            return renewed(plain, np.matmul(dense_linalg.expm(_as_dense(A)), B))
        span = {"num": 50} | {key: value for key, value in options.items() if value is not None}
        matrix, times = _as_dense(A), _linspace(**span)
        return renewed(plain, np.stack([np.matmul(dense_linalg.expm(t * matrix), B) for t in times]))

    return expm_multiply


def _aligned(plain: Any, vectors: Any) -> Any:
    """±v by columns, as the vectors that SciPy found."""
    signs = np.sign(np.sum(plain * np.conj(concrete(still(vectors))), axis=0).real)
    return vectors * np.where(signs == 0, 1.0, signs)


def _found_at(w: Any, values: Any) -> Any:
    """Where in w each of the values is that SciPy found."""
    return matched(concrete(still(w)), values)


def _options(signature: inspect.Signature, args: Any, kwargs: Any) -> tuple[Any, dict[str, Any]]:
    """The matrix, and all other arguments by name."""
    given = signature.bind(*args, **kwargs)
    given.apply_defaults()
    options = dict(given.arguments)
    return options.pop("A"), options


@replace(linalg.eigsh)
def _eigsh(original: Any) -> Any:
    signature = inspect.signature(original)

    def eigsh(*args: Any, **kwargs: Any) -> Any:
        given, options = _options(signature, args, kwargs)
        A, theirs = operand(given)
        M, _ = (None, None) if options["M"] is None else operand(options["M"])
        if not is_recorded(A) and not is_recorded(M):
            return original(*args, **kwargs)
        if options["mode"] != "normal":
            raise refusal("eigsh with mode", "Use scipy.linalg.eigh with dense matrices.")
        found = compute(original, (theirs,), {name: plain_preconditioner(v) for name, v in options.items()})
        w, v = np.linalg.eigh(_as_dense(A)) if M is None else dense_linalg.eigh(_as_dense(A), _as_dense(M))
        values = found[0] if options["return_eigenvectors"] else found
        where = _found_at(w, values)
        lam = renewed(values, w[where])
        return (lam, renewed(found[1], _aligned(found[1], v[:, where]))) if options["return_eigenvectors"] else lam

    return eigsh


@replace(linalg.lobpcg)
def _lobpcg(original: Any) -> Any:
    signature = inspect.signature(original)

    def lobpcg(*args: Any, **kwargs: Any) -> Any:
        given, options = _options(signature, args, kwargs)
        A, theirs = operand(given)
        if not is_recorded(A):
            return original(*args, **kwargs)
        if options["B"] is not None or options["Y"] is not None:
            raise refusal("lobpcg with B or Y", "Use scipy.linalg.eigh with dense matrices.")
        options = {name: plain_preconditioner(value) for name, value in options.items()}
        values, vectors, *rest = compute(original, (theirs,), options)
        w, v = np.linalg.eigh(_as_dense(A))
        where = _found_at(w, values)
        return renewed(values, w[where]), renewed(vectors, _aligned(vectors, v[:, where])), *rest

    return lobpcg


@replace(linalg.svds)
def _svds(original: Any) -> Any:
    def svds(A: Any, k: int = 6, *args: Any, **kwargs: Any) -> Any:
        matrix, theirs = operand(A)
        if not is_recorded(matrix):
            return original(A, k, *args, **kwargs)
        found = compute(original, (theirs, k, *args), kwargs)
        u, s, vh = np.linalg.svd(_as_dense(matrix), full_matrices=False)
        if not isinstance(found, tuple):
            return renewed(found, s[_found_at(s, found)])
        where = _found_at(s, found[1])
        signs = np.sign(np.sum(found[0] * concrete(still(u))[:, where], axis=0))
        return (
            renewed(found[0], u[:, where] * signs),
            renewed(found[1], s[where]),
            renewed(found[2], vh[where] * signs[:, None]),
        )

    return svds


@replace(linalg.norm)
def _norm(original: Any) -> Any:
    def norm(x: Any, ord: Any = None, axis: Any = None) -> Any:
        if not has_recorded(x):
            return original(x, ord, axis)
        plain = compute(original, (stilled(x), ord, axis), None)
        return agreed(plain, np.linalg.norm(x.toarray(), ord, axis))

    return norm


def _made_dense(name: str, f: Any) -> None:
    """A function of a sparse matrix, its derivative by the function f of the dense one."""

    @replace(getattr(linalg, name))
    def _of(original: Any) -> Any:  # pyright: ignore[reportUnusedFunction]
        def of(A: Any, *args: Any, **kwargs: Any) -> Any:
            if not is_recorded(A):
                return compute(original, (A, *args), kwargs)
            plain = compute(original, (stilled(A), *args), kwargs)
            value = f(_as_dense(A), *args, **kwargs)
            if not sparse.issparse(plain):
                return renewed(plain, value)
            i, j = plain.tocoo().coords
            return type(plain)(sparse.coo_array((renewed(plain.tocoo().data, value[i, j]), (i, j)), shape=plain.shape))

        return of


_made_dense("inv", np.linalg.inv)
_made_dense("expm", lambda A: dense_linalg.expm(A))
_made_dense("matrix_power", np.linalg.matrix_power)


_lsqr = linalg.lsqr
_NORM = "Use np.linalg.norm of the matrix as an array, or wengert.stop_gradient."
_CONDITION = "Use np.linalg.cond of the matrix as an array, or wengert.stop_gradient."
_ESTIMATES = {
    True: {4: ("anorm", _NORM), 5: ("acond", _CONDITION)},
    False: {4: ("norma", _NORM), 5: ("conda", _CONDITION)},
}
"""Whether it is lsqr → the places of estimates in its result after x, with their names and what to use instead"""


@replace(linalg.lsqr, linalg.lsmr)
def _least_squares(original: Any) -> Any:
    """x = argmin |A x − b|² + d² |x − x₀|² of full column rank, and the norms of x and of what is left; estimates that
    go by the way to x (of norms and the condition of A) have no derivative."""
    signature = inspect.signature(original)

    def solve_least(*args: Any, **kwargs: Any) -> Any:
        given = dict(signature.bind(*args, **kwargs).arguments)
        A, b, damp = given["A"], given["b"], given.get("damp", 0.0)
        dense = dense_of(A) if isinstance(A, linalg.LinearOperator) else A
        if not any(is_recorded(part) for part in (dense, b, damp, given.get("x0"))):
            return compute(original, (), given)
        plain = {key: still(value) for key, value in given.items() if key not in ("A", "b")}
        matrix = plain_operator(A) if dense is not A else stilled(A)
        x, *rest = compute(original, (matrix, still(b)), plain)
        matrix, b = _as_dense(dense), np.reshape(as_array(b), (-1,))
        start, upper, right = given.get("x0"), matrix, b
        if any_recorded(damp) or damp:
            b = np.concatenate([b, np.zeros(x.size) if start is None else damp * start])
            matrix = np.concatenate([matrix, damp * np.eye(x.size)])
        y = np.linalg.lstsq(matrix, b, rcond=None)[0]
        left = b - np.matmul(matrix, y)
        norms = {2: right - np.matmul(upper, y), 3: left, 7: y if start is None else y - start}
        for place, of in (norms if original is _lsqr else {2: left, 6: y}).items():
            rest[place] = renewed(rest[place], np.linalg.norm(of))
        of_all = np.sum(matrix) + np.sum(b)
        for place, (name, remedy) in _ESTIMATES[original is _lsqr].items():
            what = f"{name}, which scipy.sparse.linalg.{original.__name__} estimates"
            rest[place] = estimated(rest[place], of_all, what, remedy)
        return (renewed(x, y), *rest)

    return solve_least


@replace(linalg.spsolve_triangular)
def _spsolve_triangular(original: Any) -> Any:
    def spsolve_triangular(A: Any, b: Any, lower: bool = True, *args: Any, **kwargs: Any) -> Any:
        if not is_recorded(A) and not is_recorded(b):
            return compute(original, (A, b, lower, *args), kwargs)
        plain = compute(original, (stilled(A), still(as_array(b)), lower, *args), kwargs)
        triangle = _as_dense(A)
        diagonal = kwargs.get("unit_diagonal", args[2] if len(args) > 2 else False)
        if diagonal:
            triangle = triangle - np.diag(np.diag(triangle)) + np.eye(np.shape(plain)[0])
        return renewed(plain, np.linalg.solve(triangle, as_array(b)))

    return spsolve_triangular


@replace(linalg.eigs)
def _eigs(original: Any) -> Any:
    """Values only: how vectors are scaled is left to ARPACK."""
    signature = inspect.signature(original)

    def eigs(*args: Any, **kwargs: Any) -> Any:
        given, options = _options(signature, args, kwargs)
        A, theirs = operand(given)
        if not is_recorded(A):
            return original(*args, **kwargs)
        if options["M"] is not None:
            raise refusal("eigs with M", "Use scipy.linalg.eig with dense matrices.")
        found = compute(original, (theirs,), options)
        values = found[0] if options["return_eigenvectors"] else found
        w, v = np.linalg.eig(_as_dense(A))
        where = _found_at(w, values)
        lam = renewed(values, w[where])
        if not options["return_eigenvectors"]:
            return lam
        v = v[:, where]
        inner = np.sum(np.conj(concrete(still(v))) * found[1], axis=0)
        return lam, of_any_phase(renewed(found[1], v * (inner / np.abs(inner))))

    return eigs


@replace(linalg.aslinearoperator)
def _as_operator(original: Any) -> Any:
    def aslinearoperator(A: Any) -> Any:
        if not is_recorded(A):
            return compute(original, (A,), None)
        return linalg.LinearOperator(
            A.shape, matvec=lambda v: A @ v, rmatvec=lambda v: np.conj(A.T) @ v, matmat=lambda v: A @ v, dtype=A.dtype
        )

    return aslinearoperator


@replace(*[getattr(linalg, name) for name in ("spbandwidth", "is_sptriangular") if hasattr(linalg, name)])
def _of_pattern(original: Any) -> Any:
    """What depends on where SciPy would have stored numbers: not on zeros that are kept for their derivatives."""

    def of(A: Any) -> Any:
        if not has_recorded(A):
            return compute(original, (A,), {})
        plain = stilled(A).copy()
        if is_uncounted(A) and hasattr(plain, "eliminate_zeros"):
            plain.eliminate_zeros()
        return compute(original, (plain,), {})

    return of
