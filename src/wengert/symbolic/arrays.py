"""Functions of whole arrays on arrays of SymPy expressions: reductions, linear algebra."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

ArrayRule = Callable[..., Any]
"""rule(*arrays of expressions, **params) → an array of expressions, or a tuple of them."""


def reduced(function: Callable[..., Any]) -> ArrayRule:
    """function(*elements) along `axis`, as NumPy's reductions do it."""

    def rule(x: Any, *extra: Any, axis: Any = None, keepdims: Any = False, **params: Any) -> Any:
        require_defaults(extra, params)
        axes = range(x.ndim) if axis is None else [a % x.ndim for a in np.atleast_1d(axis)]
        rest = [k for k in range(x.ndim) if k not in axes]
        rows = np.transpose(x, [*rest, *axes]).reshape((*[x.shape[k] for k in rest], -1))
        result = objects(np.empty(rows.shape[:-1], object))
        for place in np.ndindex(result.shape):
            result[place] = function(*rows[place])
        return np.expand_dims(result, tuple(axes)) if keepdims is True else result

    return rule


def require_defaults(extra: tuple[Any, ...], params: dict[str, Any]) -> None:
    """Raise NotImplementedError for where=, initial=, weights: what a rule here does not know."""
    for x in extra:
        if not (x is None or x is np._NoValue or x is True):
            raise NotImplementedError(f"with the further argument {x!r}")
    for name, x in params.items():
        if name not in ("dtype", "ddof") and not (x is None or x is np._NoValue or x == {}):
            raise NotImplementedError(f"with {name}={x!r}")


def objects(x: Any) -> Any:
    """x as an array of objects; a lone expression as an array without axes."""
    return x if isinstance(x, np.ndarray) and x.dtype == object else np.asarray(x, object)


def _norm(*xs: Any) -> Any:
    return sp.sqrt(sum((sp.Abs(x) ** 2 if x.is_extended_real is False else x**2 for x in xs), sp.Integer(0)))


def _variance(*xs: Any, ddof: Any = 0) -> Any:
    mean = sp.Add(*xs) / len(xs)
    return sp.Add(*[(x - mean) ** 2 for x in xs]) / (len(xs) - ddof)


def _var(x: Any, *extra: Any, ddof: Any = 0, **params: Any) -> Any:
    return reduced(lambda *xs: _variance(*xs, ddof=sp.nsimplify(ddof)))(x, *extra, **params)


def _std(x: Any, *extra: Any, **params: Any) -> Any:
    return np.frompyfunc(sp.sqrt, 1, 1)(_var(x, *extra, **params))


def _stacked(function: Callable[[Any], Any]) -> ArrayRule:
    """function of each matrix of a stack."""

    def rule(A: Any, *_: Any, **__: Any) -> Any:
        parts = [objects(function(sp.Matrix(A[place]))) for place in np.ndindex(A.shape[:-2])]
        return np.stack(parts).reshape((*A.shape[:-2], *parts[0].shape))

    return rule


def _solve(A: Any, b: Any, **_: Any) -> Any:
    if A.ndim != 2:
        raise NotImplementedError("a stack of systems")
    x = sp.Matrix(A).LUsolve(sp.Matrix(b.reshape(b.shape[0], -1)))
    return objects(np.array(x.tolist(), object)).reshape(b.shape)


def _slogdet(A: Any) -> Any:
    det = _stacked(_det)(A)
    return np.frompyfunc(sp.sign, 1, 1)(det), np.frompyfunc(lambda d: sp.log(sp.Abs(d)), 1, 1)(det)


def _det(A: Any) -> Any:
    return A.det(method="berkowitz")


def _inv(A: Any) -> Any:
    # Adjugate over determinant: one division, and nothing is assumed of the pivots.
    return np.array((A.adjugate() / _det(A)).tolist(), object)


def _cholesky(A: Any, *_: Any, upper: bool = False, **__: Any) -> Any:
    """From the triangle that NumPy reads."""

    def factor(M: Any) -> Any:
        n = M.rows
        L = sp.zeros(n, n)
        for j in range(n):
            L[j, j] = sp.sqrt(M[j, j] - sum((L[j, k] ** 2 for k in range(j)), sp.Integer(0)))
            for i in range(j + 1, n):
                entry = M[j, i] if upper else M[i, j]
                L[i, j] = (entry - sum((L[i, k] * L[j, k] for k in range(j)), sp.Integer(0))) / L[j, j]
        return np.array((L.T if upper else L).tolist(), object)

    return _stacked(factor)(A)


def _softmax(x: Any, *_: Any, axis: Any = None, **__: Any) -> Any:
    e = np.frompyfunc(sp.exp, 1, 1)(x)
    return e / reduced(sp.Add)(objects(e), axis=axis, keepdims=True)


def _linspace(start: Any, stop: Any, *_: Any, num: int = 50, endpoint: bool = True, **__: Any) -> Any:
    steps = num - 1 if endpoint else num
    return np.stack([objects(start + (stop - start) * sp.Rational(k, steps)) for k in range(num)])


# fmt: off
ARRAYS: dict[str, ArrayRule] = {
    "numpy.max":    reduced(sp.Max),
    "numpy.min":    reduced(sp.Min),
    "numpy.any":    reduced(sp.Or),
    "numpy.all":    reduced(sp.And),
    "numpy.sum":    reduced(sp.Add),
    "numpy.prod":   reduced(sp.Mul),
    "numpy.var":    _var,
    "numpy.std":    _std,
    "numpy.linalg.norm": reduced(_norm),
    "scipy.linalg.norm": reduced(_norm),
    "numpy.linalg.det":  _stacked(_det),
    "scipy.linalg.det":  _stacked(_det),
    "numpy.linalg.inv":  _stacked(_inv),
    "scipy.linalg.inv":  _stacked(_inv),
    "numpy.linalg.solve": _solve,
    "scipy.linalg.solve": _solve,
    "numpy.linalg.slogdet": _slogdet,
    "numpy.linalg.cholesky": _cholesky,
    "numpy.nan_to_num": lambda x, **_: x,
    "numpy.linspace": _linspace,
    "scipy.special.logsumexp": reduced(lambda *xs: sp.log(sp.Add(*[sp.exp(x) for x in xs]))),
    "scipy.special.softmax": _softmax,
    "scipy.special.log_softmax": lambda x, *_, **params: np.frompyfunc(sp.log, 1, 1)(_softmax(x, **params)),
}
PLAIN = frozenset({"numpy.cumprod", "numpy.concatenate", "numpy.stack", "numpy.vander", "numpy.einsum"})
"""Functions that NumPy itself computes on objects, with their + and *; so it does for the linear and bilinear ones."""
# fmt: on
