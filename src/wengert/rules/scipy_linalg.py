"""scipy.linalg: systems, inverses, least squares. Imported when scipy.linalg has been.

SciPy's functions are plain Python: while a derivative is being recorded their names refer to the
functions below, which apply a row where an argument is recorded and call SciPy otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.errors import NoDerivative
from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.flavoured import bare
from wengert.record.observe import look
from wengert.record.protocols import any_recorded
from wengert.record.protocols import lower as lowered
from wengert.record.shadows import is_flavoured
from wengert.record.state import compute
from wengert.record.value import concrete, frozen, is_value
from wengert.rules.described import described
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_det import adjugate, trace_product
from wengert.rules.linalg_least import (
    is_cut,
    pull_lstsq,
    pull_pinv,
    pull_pinvh,
    push_cut,
    push_lstsq,
    push_pinv,
    push_pinvh,
    push_pinvh_cut,
)  # fmt: skip
from wengert.rules.linalg_triangular import (
    column,
    conj,
    diagonal,
    from_triangle,
    like,
    mt,
    scaled_eye,
    symmetric,
    to_triangle,
    uncolumn,
)  # fmt: skip
from wengert.rules.scipy_linalg_stacks import stacked
from wengert.rules.table import rule, variadic

scipy = SimpleNamespace(**{name: getattr(sl, name) for name in sl.__all__})
"""SciPy's own functions, whatever their names refer to at the moment."""

RECORDED: dict[Any, Callable[..., Any]] = {}
"""function of scipy.linalg → what it does to recorded values."""


def replaces(original: Any) -> Callable[[Any], Any]:
    """Decorator: this is what the function does when an argument is recorded."""

    def register(handler: Any) -> Any:
        handler = stacked(original, handler)

        def replacement(*args: Any, **kwargs: Any) -> Any:
            if any(map(is_flavoured, (*args, *kwargs.values()))) or any_recorded((args, kwargs)):
                args, kwargs = bare(args), bare(kwargs)  # SciPy's results are plain arrays, also of matrices
            if any_recorded((args, kwargs)):
                return handler(*args, **kwargs)
            return swap.wrap_plain(compute(original, lowered(args), lowered(kwargs)))

        RECORDED[original] = handler
        swap.replace(original)(lambda original: replacement)
        return handler

    return register


def native(original: Any, call: Callable[..., Any] | None = None) -> Callable[..., Any]:
    """The operation of a row: SciPy's own on plain arrays, ours on values recorded further out.

    `call(function, *args, **params)` says how the row's arguments become the function's.
    """

    def op(*args: Any, **params: Any) -> Any:
        function = RECORDED[original] if any([is_value(a) for a in args]) else original
        return function(*args, **params) if call is None else call(function, *args, **params)

    op.__name__, op.__module__ = original.__name__, "scipy.linalg"
    return op


# ── A x = b, with what SciPy is told about A ──
# A ẋ = ḃ − Ȧ x;  b̄ = A⁻ᵀ c,  Ā = −b̄ xᵀ, given to those elements of the array that are read.

_HERMITIAN = {"her", "hermitian", "pos", "positive definite"}
_SYMMETRIC = {"sym", "symmetric"}
_PARTIAL: dict[Any, Callable[[Any], Any]] = {
    "diagonal": lambda a: a * np.eye(np.shape(a)[-1]),
    "tridiagonal": lambda a: np.triu(np.tril(a, 1), -1),
    "upper triangular": np.triu,
    "lower triangular": np.tril,
}
_TRANSPOSED = {"upper triangular": "lower triangular", "lower triangular": "upper triangular"}


def seen(a: Any, assume_a: Any, lower: bool) -> Any:
    """The matrix that is solved with, of which only some elements of `a` are read."""
    if assume_a in _HERMITIAN:
        return from_triangle(a, lower)
    if assume_a in _SYMMETRIC:
        strict = np.tril(a, -1) if lower else np.triu(a, 1)
        return strict + mt(strict) + scaled_eye(diagonal(a), np.shape(a)[-1])
    return _PARTIAL.get(assume_a, lambda a: a)(a)


def unseen(m: Any, assume_a: Any, lower: bool) -> Any:
    """The transpose of `seen`."""
    if assume_a in _HERMITIAN:
        return to_triangle(symmetric_plain(m), lower)
    if assume_a in _SYMMETRIC:
        return to_triangle(0.5 * (m + mt(m)), lower)
    return _PARTIAL.get(assume_a, lambda m: m)(m)


def symmetric_plain(m: Any) -> Any:
    """The part of an (unconjugated) cotangent that a Hermitian perturbation sees."""
    return conj(symmetric(conj(m)))


def _push_solve(dots: list[Any], x: Any, a: Any, b: Any, assume_a: Any, lower: bool, transposed: bool) -> Any:
    a_dot, b_dot = dots
    vector = np.ndim(b) == 1
    right: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if a_dot is not None:
        m_dot = seen(a_dot, assume_a, lower)
        right = right - np.matmul(mt(m_dot) if transposed else m_dot, column(x, vector))
    return uncolumn(_solve_op(a, right, assume_a=assume_a, lower=lower, transposed=transposed), vector)


def _pull_solve(c: Any, x: Any, a: Any, b: Any, assume_a: Any, lower: bool, transposed: bool) -> list[Any]:
    vector = np.ndim(b) == 1
    c, x = column(c, vector), column(x, vector)
    if assume_a in _HERMITIAN:
        b_bar = conj(_solve_op(a, conj(c), assume_a=assume_a, lower=lower, transposed=transposed))
    elif assume_a in _SYMMETRIC:
        b_bar = _solve_op(a, c, assume_a=assume_a, lower=lower, transposed=transposed)
    else:
        turned = _TRANSPOSED.get(assume_a, assume_a)
        b_bar = _solve_op(mt(a), c, assume_a=turned, lower=lower, transposed=transposed)
    m_bar = -np.matmul(x, mt(b_bar)) if transposed else -np.matmul(b_bar, mt(x))
    return [like(unseen(m_bar, assume_a, lower), a), like(uncolumn(b_bar, vector), b)]


_solve_op = native(sl.solve)
SOLVE = variadic(_solve_op, _push_solve, _pull_solve, reads=True, name="scipy.linalg.solve")


@replaces(sl.solve)
def _solve(
    a: Any, b: Any, lower: bool = False, overwrite_a: bool = False, overwrite_b: bool = False,
    check_finite: bool = True, assume_a: Any = None, transposed: bool = False,
) -> Any:  # fmt: skip
    a, b = as_array(a), as_array(b)
    if np.size(concrete(a)) == 1:
        scipy.solve(concrete(a), concrete(b))
        return b / np.reshape(a, ())
    return apply(SOLVE, (a, b), {"assume_a": assume_a, "lower": bool(lower), "transposed": bool(transposed)})


# ── inverse, determinant, pseudo-inverse ──


def _push_inv(d: Any, y: Any, a: Any, assume_a: Any, lower: bool) -> Any:
    return -np.matmul(np.matmul(y, seen(d, assume_a, lower)), y)


def _pull_inv(c: Any, y: Any, a: Any, assume_a: Any, lower: bool) -> Any:
    return unseen(-np.matmul(np.matmul(mt(y), c), mt(y)), assume_a, lower)


INV = rule(native(sl.inv), _push_inv, pull=(_pull_inv,), reads=((),), name="scipy.linalg.inv")
DET = rule(
    native(sl.det),
    lambda d, y, a: trace_product(adjugate(a), d),
    pull=(lambda c, y, a: like((c[..., None, None] if np.ndim(c) else c) * mt(adjugate(a)), a),),
    name="scipy.linalg.det",
)
PINV = rule(
    native(sl.pinv, lambda f, a, options: f(a, **options)),
    lambda d, y, a, options: push_pinv(d, y, a),
    pull=(lambda c, y, a, options: pull_pinv(c, y, a),),
    name="scipy.linalg.pinv",
)
PINVH = rule(
    native(sl.pinvh, lambda f, a, lower, options: f(a, lower=lower, **options)),
    lambda d, y, a, lower, options: push_pinvh(d, y, a, lower),
    pull=(lambda c, y, a, lower, options: pull_pinvh(c, y, a, lower),),
    name="scipy.linalg.pinvh",
)

PINV_CUT = rule(
    native(sl.pinv, lambda f, a, options: f(a, **options)),
    lambda d, y, a, options: push_cut(d, y, a),
    name="scipy.linalg.pinv",
)
PINVH_CUT = rule(
    native(sl.pinvh, lambda f, a, lower, options: f(a, lower=lower, **options)),
    lambda d, y, a, lower, options: push_pinvh_cut(d, y, a, lower),
    name="scipy.linalg.pinvh",
)


@replaces(sl.inv)
def _inv(
    a: Any, overwrite_a: bool = False, check_finite: bool = True, *, assume_a: Any = None, lower: bool = False
) -> Any:
    return apply(INV, (as_array(a),), {"assume_a": assume_a, "lower": bool(lower)})


@replaces(sl.det)
def _det(a: Any, overwrite_a: bool = False, check_finite: bool = True) -> Any:
    return apply(DET, (as_array(a),))


@replaces(sl.pinv)
def _pinv(a: Any, *, return_rank: bool = False, check_finite: bool = True, **options: Any) -> Any:
    row = PINV_CUT if is_cut(options.get("atol"), options.get("rtol")) else PINV
    y = apply(row, (as_array(a),), {"options": lowered(options)})
    return (y, scipy.pinv(frozen(a), return_rank=True, **lowered(options))[1]) if return_rank else y


@replaces(sl.pinvh)
def _pinvh(
    a: Any, atol: Any = None, rtol: Any = None, lower: bool = True, return_rank: bool = False, check_finite: bool = True
) -> Any:
    options = lowered({"atol": atol, "rtol": rtol})
    row = PINVH_CUT if is_cut(atol, rtol) else PINVH
    y = apply(row, (as_array(a),), {"lower": bool(lower), "options": options})
    return (y, scipy.pinvh(frozen(a), lower=lower, return_rank=True, **options)[1]) if return_rank else y


# ── least squares ──

LSTSQ = variadic(
    native(sl.lstsq, lambda f, a, b, options: f(a, b, **options)),
    lambda dots, y, a, b, options: push_lstsq(dots, y, a, b, _limit(options["cond"], a)),
    lambda c, y, a, b, options: pull_lstsq(c, y, a, b, _limit(options["cond"], a)),
    reads=True,
    name="scipy.linalg.lstsq",
)


def _limit(cond: Any, a: Any) -> Any:
    """The relative size of the singular values that are left out."""
    return np.finfo(concrete(a).dtype).eps if cond is None or cond < 0 else cond


_cut = described(
    native(sl.lstsq, lambda f, a, b, options: f(a, b, **options)[0]),
    lambda a, b, options: np.matmul(np.linalg.pinv(a, rcond=options["cond"]), b),
    2,
    "scipy.linalg.lstsq",
)


@replaces(sl.lstsq)
def _lstsq(
    a: Any, b: Any, cond: Any = None, overwrite_a: bool = False, overwrite_b: bool = False,
    check_finite: bool = True, lapack_driver: Any = None,
) -> Any:  # fmt: skip
    if lapack_driver == "gelsy":
        raise refuse("scipy.linalg.lstsq(lapack_driver='gelsy')", "use the default driver.")
    options = {"cond": look(cond), "lapack_driver": lapack_driver}
    a, b = as_array(a), as_array(b)
    y = apply(LSTSQ, (a, b), {"options": options})
    return (_cut(a, b, options=options), *y[1:]) if is_cut(options["cond"]) else y


def refuse_function(name: str, why: str = "") -> None:
    """Replace a function of scipy.linalg by an error for recorded arguments."""

    @replaces(getattr(sl, name))
    def refused(*args: Any, **kwargs: Any) -> Any:
        raise NoDerivative(refuse(f"scipy.linalg.{name}", why or "it is not implemented.").args[0])
