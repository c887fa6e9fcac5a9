"""np.linalg: the pseudo-inverse and least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.protocols import lower as lowered
from wengert.record.value import concrete
from wengert.rules.described import described
from wengert.rules.linalg import as_array
from wengert.rules.linalg_triangular import (
    adjoint,
    column,
    conj,
    from_triangle,
    like,
    symmetric,
    to_triangle,
    uncolumn,
)  # fmt: skip
from wengert.rules.pairs import recordable
from wengert.rules.table import handles, rule, variadic

# ── what a pseudo-inverse leaves out ──
# L = A P projects on the range that P reads, R = P A on its own. As 1 − A P, a projector would have errors of the size
# of the condition number, and P Pᴴ multiplies these by its square: products come from an orthonormal basis.
# Where singular values are left out that are no zeros, A = A_r + N, and with X = (1 − L) L̇ L, Y = (1 − R) Ṙ R
#   X = ((1 − L) Ȧ + N Y) P,  Y = ((1 − R) Ȧᴴ + Nᴴ X) Pᴴ,  since L A = A R,  and  Ṗ = −P Ȧ P + Y P + P Xᴴ.


def _outside(a: Any, p: Any, c: Any, cut: bool = False) -> Any:
    """(1 − L) c for the pseudo-inverse p of a, to whatever rank."""
    u, s, _ = np.linalg.svd(a, full_matrices=False)
    sizes = np.linalg.norm(np.matmul(p, u), axis=-2) * s  # 1 where P holds 1/σ, 0 where it leaves σ out
    kept = np.cumsum((sizes > 0.5)[..., ::-1], axis=-1)[..., ::-1] > 0
    u = u * kept[..., None, :]
    rest = c - np.matmul(u, np.matmul(adjoint(u), c))
    whole = np.count_nonzero(kept, axis=-1) == np.shape(a)[-2]
    return np.where(np.asarray(whole)[..., None, None], 0.0, rest)


def _push_outside(d: Any, y: Any, a: Any, p: Any, c: Any, cut: bool = False) -> Any:
    """−L̇ c, L̇ = X + Xᴴ."""
    if cut:
        x, _ = turned(d, a, p)
        return -np.matmul(x + adjoint(x), c)
    inner = np.matmul(adjoint(p), np.matmul(adjoint(d), y))
    return -outside(a, p, np.matmul(d, np.matmul(p, c))) - inner


outside = recordable(_outside)
OUTSIDE = rule(
    outside,
    _push_outside,
    lambda d, y, a, p, c, cut=False: np.zeros(np.shape(y)),  # only the rank is read from P
    lambda d, y, a, p, c, cut=False: outside(a, p, d, cut=cut),
    pull=(None, None, lambda c, y, a, p, x, cut=False: conj(outside(a, p, conj(c), cut=cut))),
    name="products beyond the range",
)


def _stein(a: Any, b: Any, g: Any) -> Any:
    """The solution of X = A X B + G for Hermitian A and B."""
    (alpha, u), (beta, v) = np.linalg.eigh(a), np.linalg.eigh(b)
    inner = np.matmul(np.matmul(adjoint(u), g), v) / (1.0 - alpha[..., :, None] * beta[..., None, :])
    return np.matmul(np.matmul(u, inner), adjoint(v))


stein = recordable(_stein)
STEIN = rule(
    stein,
    lambda d, y, a, b, g: stein(a, b, np.matmul(np.matmul(d, y), b)),
    lambda d, y, a, b, g: stein(a, b, np.matmul(np.matmul(a, y), d)),
    lambda d, y, a, b, g: stein(a, b, d),
    pull=(None, None, lambda c, y, a, b, g: conj(stein(a, b, conj(c)))),
    name="Stein equation",
)


def turned(d: Any, a: Any, p: Any) -> tuple[Any, Any]:
    """X and Y above: how the ranges turn."""
    ah, ph = adjoint(a), adjoint(p)
    n = outside(a, p, a, cut=True)
    right = outside(ah, ph, np.matmul(adjoint(d), ph), cut=True)
    left = outside(a, p, np.matmul(d, p), cut=True) + np.matmul(np.matmul(n, right), p)
    x = stein(np.matmul(n, adjoint(n)), np.matmul(ph, p), left)
    return x, right + np.matmul(np.matmul(adjoint(n), x), ph)


# ── pseudo-inverse and least squares, where the rank does not change (Golub & Pereyra 1973) ──
# Ṗ = −P Ȧ P + P Pᴴ Ȧᴴ (1 − L) + (1 − R) Ȧᴴ Pᴴ P, with the projectors L = A P, R = P A


def push_pinv(d: Any, y: Any, a: Any) -> Any:
    """The tangent of y = a⁺."""
    ah, yh = adjoint(a), adjoint(y)
    first = -np.matmul(np.matmul(y, d), y)
    second = np.matmul(y, adjoint(outside(a, y, np.matmul(d, y))))
    third = np.matmul(outside(ah, yh, np.matmul(adjoint(d), yh)), y)
    return first + second + third


def pull_pinv(c: Any, y: Any, a: Any) -> Any:
    """The transpose of `push_pinv`, term by term."""
    c, ah, yh = conj(c), adjoint(a), adjoint(y)
    first = -np.matmul(np.matmul(yh, c), yh)
    second = np.matmul(outside(a, y, adjoint(np.matmul(yh, c))), yh)
    third = np.matmul(yh, adjoint(outside(ah, yh, np.matmul(c, yh))))
    return conj(first + second + third)


def push_cut(d: Any, y: Any, a: Any) -> Any:
    """The tangent of y = P, the pseudo-inverse of the r largest singular values of a, where the others are no zeros."""
    x, right = turned(d, a, y)
    return -np.matmul(np.matmul(y, d), y) + np.matmul(right, y) + np.matmul(y, adjoint(x))


def push_pinvh(d: Any, y: Any, a: Any, lower: bool) -> Any:
    """The tangent of the pseudo-inverse of a Hermitian matrix, of which one triangle is read."""
    return push_pinv(from_triangle(d, lower), y, from_triangle(a, lower))


def push_pinvh_cut(d: Any, y: Any, a: Any, lower: bool) -> Any:
    """`push_cut` of a Hermitian matrix, of which one triangle is read."""
    return push_cut(from_triangle(d, lower), y, from_triangle(a, lower))


def pull_pinvh(c: Any, y: Any, a: Any, lower: bool) -> Any:
    """The transpose of `push_pinvh`."""
    return conj(to_triangle(symmetric(conj(pull_pinv(c, y, from_triangle(a, lower)))), lower))


def pinv(a: Any, options: Any) -> Any:
    """np.linalg.pinv."""
    return np.linalg.pinv(a, **options)


def pinvh(a: Any, options: Any) -> Any:
    """np.linalg.pinv(a, hermitian=True), which reads the lower triangle."""
    return np.linalg.pinv(a, hermitian=True, **options)


PINV = rule(
    pinv,
    lambda d, y, a, options: push_pinv(d, y, a),
    pull=(lambda c, y, a, options: pull_pinv(c, y, a),),
    name="numpy.linalg.pinv",
)
PINVH = rule(
    pinvh,
    lambda d, y, a, options: push_pinvh(d, y, a, True),
    pull=(lambda c, y, a, options: pull_pinvh(c, y, a, True),),
    name="numpy.linalg.pinv",
)
PINV_CUT = rule(
    lambda a, options: pinv(a, options), lambda d, y, a, options: push_cut(d, y, a), name="numpy.linalg.pinv"
)
PINVH_CUT = rule(
    lambda a, options: pinvh(a, options),
    lambda d, y, a, options: push_pinvh_cut(d, y, a, True),
    name="numpy.linalg.pinv",
)


def is_cut(*limits: Any) -> bool:
    """Whether singular values may be left out that are more than rounding errors."""
    return any([limit is not None and bool(np.any(concrete(limit) > _ROUNDING)) for limit in limits])


_ROUNDING = 1e-9
"""What is left out below that, relative to the largest, changes a derivative by the square of it."""


@handles(np.linalg.pinv)
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, **options: Any) -> Any:
    if rcond is not None:
        options["rcond"] = rcond
    rows = (PINV_CUT, PINVH_CUT) if is_cut(*options.values()) else (PINV, PINVH)
    return apply(rows[bool(hermitian)], (as_array(a),), {"options": lowered(options)})


def push_lstsq(dots: list[Any], y: Any, a: Any, b: Any, limit: Any) -> Any:
    """Tangents of (x, residuals, rank, singular values): x = A⁺ b, |b − A x|² where there is one. Singular values up to
    `limit` times the largest are left out."""
    a_dot, b_dot = dots
    x, residuals, _, s = y
    vector = np.ndim(b) == 1
    xs, p = column(x, vector), np.linalg.pinv(a, rcond=limit)
    rest = column(b, vector) - np.matmul(a, xs)
    rest_dot: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if a_dot is not None:
        rest_dot = rest_dot - np.matmul(a_dot, xs)
    x_dot = np.matmul(p, rest_dot)
    if a_dot is not None:
        ah = adjoint(a_dot)
        x_dot = x_dot + np.matmul(p, np.matmul(adjoint(p), np.matmul(ah, rest)))
        x_dot = x_dot + outside(adjoint(a), adjoint(p), np.matmul(ah, np.matmul(adjoint(p), xs)))
    r_dot = 2.0 * np.real(np.sum(conj(rest) * rest_dot, axis=-2))
    r_dot = r_dot if np.size(residuals) else np.zeros(np.shape(residuals))
    return uncolumn(x_dot, vector), r_dot, 0, _push_singular_values(a, a_dot, s)


def _push_singular_values(a: Any, a_dot: Any, s: Any) -> Any:
    if a_dot is None:
        return np.zeros(np.shape(s))
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.real(np.sum(conj(u) * np.matmul(a_dot, adjoint(vh)), axis=-2))


def pull_lstsq(c: Any, y: Any, a: Any, b: Any, limit: Any) -> list[Any]:
    """Cotangents of a and b: the transpose of `push_lstsq`."""
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    x, residuals, _, _ = y
    vector = np.ndim(b) == 1
    xs, p = column(x, vector), np.linalg.pinv(a, rcond=limit)
    rest = column(b, vector) - np.matmul(a, xs)
    rest_bar: Any = np.zeros(np.shape(concrete(rest)))
    a_bar: Any = np.zeros(np.shape(a))
    if given.get(0) is not None:
        x_bar = conj(column(given[0], vector))
        ph = adjoint(p)
        rest_bar = rest_bar + np.matmul(ph, x_bar)
        a_bar = a_bar + np.matmul(rest, np.matmul(adjoint(rest_bar), ph))
        beyond = outside(adjoint(a), ph, x_bar)
        a_bar = a_bar + np.matmul(np.matmul(ph, xs), adjoint(beyond))
    if given.get(1) is not None and np.size(residuals):
        rest_bar = rest_bar + 2.0 * rest * given[1]
    a_bar = a_bar - np.matmul(rest_bar, adjoint(xs))
    if given.get(3) is not None:
        u, _, vh = np.linalg.svd(a, full_matrices=False)
        a_bar = a_bar + np.matmul(u * given[3], vh)
    return [like(conj(a_bar), a), like(conj(uncolumn(rest_bar, vector)), b)]


def lstsq(a: Any, b: Any, rcond: Any) -> Any:
    """np.linalg.lstsq."""
    return np.linalg.lstsq(a, b, rcond=rcond)


LSTSQ = variadic(
    lstsq,
    lambda dots, y, a, b, rcond: push_lstsq(dots, y, a, b, _limit(rcond, a)),
    lambda c, y, a, b, rcond: pull_lstsq(c, y, a, b, _limit(rcond, a)),
    reads=True,
    name="numpy.linalg.lstsq",
)
_cut = described(
    lambda a, b, rcond: np.linalg.lstsq(a, b, rcond=rcond)[0],
    lambda a, b, rcond: np.matmul(np.linalg.pinv(a, rcond=rcond), b),
    2,
    "numpy.linalg.lstsq",
)


def _limit(rcond: Any, a: Any) -> float:
    """The relative size of the singular values that are left out, if a user names none."""
    eps = float(np.finfo(concrete(a).dtype).eps)
    return eps * max(np.shape(a)) if rcond is None else eps if concrete(rcond) < 0 else float(concrete(rcond))


@handles(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    a, b = as_array(a), as_array(b)
    y = apply(LSTSQ, (a, b), {"rcond": rcond})
    return (_cut(a, b, rcond=rcond), *y[1:]) if is_cut(rcond) else y


@handles(np.linalg.matrix_rank)
def _matrix_rank(A: Any, tol: Any = None, hermitian: bool = False, *, rtol: Any = None) -> Any:
    """An integer: constant wherever it is continuous."""
    return decide(
        _rank,
        as_array(A),
        *[as_array(t) for t in (tol, rtol) if t is not None],
        tol=tol is not None,
        hermitian=hermitian,
    )


def _rank(a: Any, *limit: Any, tol: bool, hermitian: bool) -> Any:
    return np.linalg.matrix_rank(a, hermitian=hermitian, **({"tol" if tol else "rtol": limit[0]} if limit else {}))
