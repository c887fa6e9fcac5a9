"""scipy.linalg.blas and scipy.linalg.lapack: the functions that programs call for products, factors and solutions.

SciPy computes the value; the derivative is that of a description in NumPy. Of symmetric and triangular matrices one
triangle is read, and the other one of what is written stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, Signature
from typing import Any

import numpy as np
import scipy.linalg as sl
from scipy.linalg import blas, lapack

from wengert.errors import NoDerivative
from wengert.record import swap
from wengert.record.build import contains_value
from wengert.record.flavoured import bare
from wengert.record.locate import at_user_line
from wengert.record.protocols import lower as lowered
from wengert.record.value import concrete
from wengert.rules import scipy_linalg_lu as scipy_linalg_lu
from wengert.rules import scipy_linalg_triangular as scipy_linalg_triangular
from wengert.rules.described import described, plainly, pushed
from wengert.rules.pairs import recordable
from wengert.rules.scipy_linalg import RECORDED
from wengert.rules.table import rule

Fn = Callable[..., Any]
_solve_triangular, _cho_solve = RECORDED[sl.solve_triangular], RECORDED[sl.cho_solve]
_cholesky, _solve, _lu_factor, _lu_solve = (
    RECORDED[f] for f in (sl.cholesky, sl.solve, sl.lu_factor, sl.lu_solve)
)  # fmt: skip


def _turned(a: Any, trans: int) -> Any:
    return np.conj(np.transpose(a)) if trans == _CONJUGATED else np.transpose(a) if trans else a


_CONJUGATED = 2


def _triangle(a: Any, lower: int, k: int = 0) -> Any:
    return np.tril(a, -k) if lower else np.triu(a, k)


def _whole(a: Any, lower: int) -> Any:
    """The symmetric matrix of which a triangle is read."""
    return _triangle(a, lower) + np.transpose(_triangle(a, lower, 1))


def _read(a: Any, lower: int, unit: int) -> Any:
    return _triangle(a, lower, 1) + np.eye(len(a)) if unit else _triangle(a, lower)


def beside(y: Any, a: Any, lower: int, unit: int = 0) -> Any:
    """y in its triangle, a in what is not written."""
    return _triangle(y, lower, unit) + _triangle(a, not lower, 0 if unit else 1)


def _plus(y: Any, beta: Any, c: Any) -> Any:
    return y if c is None else y + beta * c


# ── what they compute ──


def _gemm(alpha: Any, a: Any, b: Any, beta: Any, c: Any, trans_a: int, trans_b: int) -> Any:
    return _plus(alpha * np.matmul(_turned(a, trans_a), _turned(b, trans_b)), beta, c)


def _gemv(alpha: Any, a: Any, x: Any, beta: Any, y: Any, trans: int) -> Any:
    return _plus(alpha * np.matmul(_turned(a, trans), x), beta, y)


def _symm(alpha: Any, a: Any, b: Any, beta: Any, c: Any, side: int, lower: int) -> Any:
    a = _whole(a, lower)
    return _plus(alpha * (np.matmul(b, a) if side else np.matmul(a, b)), beta, c)


def _symv(alpha: Any, a: Any, x: Any, beta: Any, y: Any, lower: int) -> Any:
    return _plus(alpha * np.matmul(_whole(a, lower), x), beta, y)


def _syrk(alpha: Any, a: Any, beta: Any, c: Any, trans: int, lower: int) -> Any:
    a = _turned(a, trans)
    y = alpha * np.matmul(a, np.transpose(a))
    return _triangle(y, lower) if c is None else beside(y + beta * c, c, lower)


def _syr(alpha: Any, x: Any, a: Any, lower: int) -> Any:
    y = alpha * (x[:, None] * x)
    return _triangle(y, lower) if a is None else _triangle(y, lower) + a


def _ger(alpha: Any, x: Any, y: Any, a: Any) -> Any:
    return _plus(alpha * (x[:, None] * y), 1.0, a)


def _trmm(alpha: Any, a: Any, b: Any, side: int, lower: int, trans_a: int, diag: int) -> Any:
    a = _turned(_read(a, lower, diag), trans_a)
    return alpha * (np.matmul(b, a) if side else np.matmul(a, b))


def _trsm(alpha: Any, a: Any, b: Any, side: int, lower: int, trans_a: int, diag: int) -> Any:
    how = {"lower": bool(lower), "unit_diagonal": bool(diag)}
    if not side:
        return alpha * _solve_triangular(a, b, trans=trans_a, **how)
    if trans_a == _CONJUGATED:  # X Aᴴ = B is A Xᴴ = Bᴴ
        return alpha * np.conj(np.transpose(_solve_triangular(a, np.conj(np.transpose(b)), trans=0, **how)))
    return alpha * np.transpose(_solve_triangular(a, np.transpose(b), trans=0 if trans_a else 1, **how))


def _potrf(a: Any, lower: int, clean: int) -> Any:
    y = _cholesky(a, lower=bool(lower))
    return y if clean else beside(y, a, lower)


def _potri(c: Any, lower: int) -> Any:
    return beside(_cho_solve((c, bool(lower)), np.eye(len(c))), c, lower)


def _trtrs(a: Any, b: Any, lower: int, trans: int, unitdiag: int) -> Any:
    return _solve_triangular(a, b, trans=trans, lower=bool(lower), unit_diagonal=bool(unitdiag))


def _trtri(c: Any, lower: int, unitdiag: int) -> Any:
    y = _solve_triangular(c, np.eye(len(c)), lower=bool(lower), unit_diagonal=bool(unitdiag))
    return beside(y, c, lower, unitdiag)


def _getrs(lu: Any, b: Any, piv: Any, trans: int) -> Any:
    return _lu_solve((lu, np.asarray(piv)), b, trans=trans)


def _inverse(lu: Any, piv: Any) -> Any:
    return _lu_solve((lu, np.asarray(piv)), np.eye(len(lu)))


def no_slope(arrays: Any) -> Any:
    """NaN by each argument: what LAPACK leaves where it found no factor or solution. The last one has its shape."""
    return arrays[-1] * np.nan + sum(np.sum(a) for a in arrays) * np.nan


def _fitting(push: Fn, name: str) -> Fn:
    """The tangent, where the description has the shape of SciPy's result: BLAS reads vectors as matrices of one column,
    matrices as vectors, and only the beginning of what is longer."""

    def tangent(d: Any, y: Any, *args: Any, **settings: Any) -> Any:
        try:
            dot = push(d, y, *args, **settings)
        except np.linalg.LinAlgError:
            return np.zeros(np.shape(concrete(y))) + np.sum(d) * np.nan
        except ValueError:
            dot = None
        if dot is None or np.shape(concrete(dot)) != np.shape(concrete(y)):
            shapes = ", ".join([str(np.shape(concrete(a))) for a in args if a is not None])
            raise NoDerivative(
                f"no derivative of {name} with arguments of the shapes {shapes}\n"
                "Give matrices with two axes and vectors with one, of lengths that belong together."
            ) from None
        return dot

    return tangent


# ── how they are called ──

_DESCRIBED: list[tuple[Any, str, str, str, Fn, str]] = [
    # module, name, arguments, those that are differentiated, description, what is written to (axpy and scal: always)
    (blas, "gemm", "alpha a b beta=0 c=None trans_a=0 trans_b=0 overwrite_c=0", "alpha a b beta c", _gemm, "c"),
    (blas, "symm", "alpha a b beta=0 c=None side=0 lower=0 overwrite_c=0", "alpha a b beta c", _symm, "c"),
    (blas, "syrk", "alpha a beta=0 c=None trans=0 lower=0 overwrite_c=0", "alpha a beta c", _syrk, "c"),
    (blas, "trmm", "alpha a b side=0 lower=0 trans_a=0 diag=0 overwrite_b=0", "alpha a b", _trmm, "b"),
    (blas, "trsm", "alpha a b side=0 lower=0 trans_a=0 diag=0 overwrite_b=0", "alpha a b", _trsm, "b"),
    (blas, "gemv", "alpha a x beta=0 y=None * trans=0 overwrite_y=0", "alpha a x beta y", _gemv, "y"),
    (blas, "symv", "alpha a x beta=0 y=None * lower=0 overwrite_y=0", "alpha a x beta y", _symv, "y"),
    (blas, "syr", "alpha x lower=0 * a=None overwrite_a=0", "alpha x a", _syr, "a"),
    (blas, "ger", "alpha x y * a=None overwrite_a=0", "alpha x y a", _ger, "a"),
    (blas, "dot", "x y", "x y", lambda x, y: np.dot(x, y), ""),
    (blas, "nrm2", "x", "x", lambda x: np.linalg.norm(x), ""),
    (blas, "asum", "x", "x", lambda x: np.sum(np.abs(x)), ""),
    (blas, "axpy", "x y * a=1 overwrite_y=1", "x y a", lambda x, y, a: a * x + y, "y"),
    (blas, "scal", "a x * overwrite_x=1", "a x", lambda a, x: a * x, "x"),
    (lapack, "potrf", "a lower=0 clean=1 overwrite_a=0", "a", _potrf, "a"),
    (lapack, "potrs", "c b lower=0 overwrite_b=0", "c b", lambda c, b, lower: _cho_solve((c, bool(lower)), b), "b"),
    (lapack, "potri", "c lower=0 overwrite_c=0", "c", _potri, "c"),
    (lapack, "trtrs", "a b lower=0 trans=0 unitdiag=0 * overwrite_b=0", "a b", _trtrs, "b"),
    (lapack, "trtri", "c lower=0 unitdiag=0 overwrite_c=0", "c", _trtri, "c"),
    (lapack, "getrf", "a overwrite_a=0", "a", lambda a: _lu_factor(a)[0], "a"),
    (lapack, "getri", "lu piv lwork=None overwrite_lu=0", "lu", _inverse, "lu"),
    (lapack, "getrs", "lu piv b trans=0 overwrite_b=0", "lu b", _getrs, "b"),
]


MEMORY = ("lwork", "liwork", "lrwork")
"""Arguments that say how much memory to work in: SciPy's own choice will do."""


def name_of(original: Any) -> str:
    """The public name of a function of BLAS or LAPACK."""
    name = original.__name__.removeprefix("function ")
    return f"scipy.linalg.{'lapack' if hasattr(lapack, name) else 'blas'}.{name}"


def signature(text: str) -> Signature:
    """The parameters that a row of the table names."""
    kind, parameters = Parameter.POSITIONAL_OR_KEYWORD, []
    for part in text.split():
        if part == "*":
            kind = Parameter.KEYWORD_ONLY
            continue
        name, has_default, default = part.partition("=")
        value = Parameter.empty if not has_default else None if default == "None" else int(default)
        parameters.append(Parameter(name, kind, default=value))
    return Signature(parameters)


def _define(original: Any, text: str, moving: list[str], body: Fn, written: str, of_lapack: bool) -> None:
    parameters, flag = signature(text), f"overwrite_{written}"

    def value(*args: Any, **settings: Any) -> Any:
        given = {name: a for name, a in zip(moving, args, strict=True) if a is not None}
        # what SciPy may write to is not the caller's
        given = {name: np.array(a, order="F") if np.ndim(a) else a for name, a in given.items()}
        y = original(**given, **settings)
        return y[0] if of_lapack else y

    name, many = name_of(original), len(moving)
    op = recordable(plainly(value))
    rule(op, *[_fitting(pushed(body, k), name) for k in range(many)], name=name)
    failed = described(value, lambda *arrays, **settings: no_slope(arrays), many, name)

    reads = "alpha" in moving or written not in ("x", "y")

    def call(*args: Any, **kwargs: Any) -> Any:
        if not contains_value((*args, *kwargs.values())):
            return swap.wrap_plain(original(*args, **kwargs))
        given = bound(original, parameters, bare(args), bare(kwargs))
        parts = dict(given.arguments)
        overwrite = parts.pop(flag, 0)
        arrays = [np.asarray(a) if isinstance(a, (list, tuple)) else a for a in map(parts.pop, moving)]
        read = (
            arrays
            if not reads
            else [a if name == written else _as_read(name, a) for name, a in zip(moving, arrays, strict=True)]
        )
        settings = {name: concrete(s) for name, s in parts.items() if name not in MEMORY}
        others = _others(original, moving, read, settings) if of_lapack else ()
        y = (failed if others and others[-1] else op)(*read, **settings)
        target: Any = arrays[moving.index(written)] if overwrite else None
        if is_overwritten(target, y):
            target[...] = y
            y = target
        return (y, *others) if of_lapack else y

    swap.replace(original)(lambda original: call)


def _as_read(name: str, a: Any) -> Any:
    """An argument with the axes that BLAS reads: a vector in the place of a matrix is a column, and the reverse."""
    shape = np.shape(concrete(a))
    if name in "abc" and len(shape) == 1:
        return np.reshape(a, (-1, 1))
    return np.reshape(a, -1) if name in "xy" and len(shape) > 1 and max(shape) == np.prod(shape) else a


def bound(original: Any, parameters: Signature, args: Any, kwargs: Any) -> Any:
    """The arguments by name; an error for those that are not described: lengths, offsets and steps in memory."""
    try:
        given = parameters.bind(*args, **kwargs)
    except TypeError:
        with swap.Paused():
            original(*lowered(args), **lowered(kwargs))  # SciPy's own error, if it refuses them too
        raise NoDerivative(
            at_user_line(f"no derivative of {name_of(original)} with these arguments, only with {parameters}")
            + "\nSlice the arrays instead of giving lengths, offsets and steps."
        ) from None
    given.apply_defaults()
    return given


def is_overwritten(target: Any, y: Any) -> bool:
    """Whether SciPy would write y into the memory of this argument."""
    plain = concrete(target)
    return type(plain) is np.ndarray and plain.flags.f_contiguous and plain.dtype == concrete(y).dtype


def _others(original: Any, moving: list[str], arrays: list[Any], settings: dict[str, Any]) -> Any:
    """What a function of LAPACK returns beside its result: places of pivots, whether it found one."""
    plain = {name: np.array(lowered((a,))[0], order="F") for name, a in zip(moving, arrays, strict=True)}
    return original(**plain, **settings)[1:]


_REAL_ONLY = {"syrk", "syr", "symv", "ger", "dot", "nrm2", "asum", "potri", "trtri"}
"""Those that have another name or other arguments for complex numbers, or read a triangle otherwise."""

for _module, _name, _text, _moving, _body, _written in _DESCRIBED:
    for _prefix in "sd" if _name in _REAL_ONLY else "sdcz":
        _original = getattr(_module, _prefix + _name)
        _define(_original, _text, _moving.split(), _body, _written, _module is lapack)


for _prefix in "cz":
    _define(getattr(blas, _prefix + "dotu"), "x y", ["x", "y"], lambda x, y: np.dot(x, y), "", False)
    _define(getattr(blas, _prefix + "dotc"), "x y", ["x", "y"], lambda x, y: np.dot(np.conj(x), y), "", False)


def _by_type(original: Fn) -> Fn:
    """get_lapack_funcs and get_blas_funcs, which look at the arrays' types."""

    def functions(names: Any, arrays: Any = (), *args: Any, **kwargs: Any) -> Any:
        found = original(names, [concrete(a) for a in arrays], *args, **kwargs)
        many = isinstance(found, (list, tuple))
        ours = [swap.REPLACED.get(f, f) for f in (found if many else [found])]
        for f, mine in zip(found if many else [found], ours, strict=True):
            if mine is not f:
                known = ("dtype", "int_dtype", "typecode", "prefix", "module_name")
                mine.__dict__.update({name: getattr(f, name) for name in known if hasattr(f, name)})
        return ours if many else ours[0]

    return functions


for _original in (sl.get_lapack_funcs, sl.get_blas_funcs):
    swap.replace(_original)(_by_type)
