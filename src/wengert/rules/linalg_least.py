"""np.linalg: the pseudo-inverse and least squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.protocols import lower as lowered
from wengert.record.value import concrete
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
from wengert.rules.table import handles, rule, variadic

# ── pseudo-inverse and least squares, where the rank does not change (Golub & Pereyra 1973) ──
# Ṗ = −P Ȧ P + P Pᴴ Ȧᴴ (1 − A P) + (1 − P A) Ȧᴴ Pᴴ P


def push_pinv(d: Any, y: Any, a: Any) -> Any:
    """The tangent of y = a⁺."""
    m, n = np.shape(a)[-2:]
    dh, yh = adjoint(d), adjoint(y)
    first = -np.matmul(np.matmul(y, d), y)
    second = np.matmul(np.matmul(np.matmul(y, yh), dh), np.eye(m) - np.matmul(a, y))
    third = np.matmul(np.matmul(np.eye(n) - np.matmul(y, a), dh), np.matmul(yh, y))
    return first + second + third


def pull_pinv(c: Any, y: Any, a: Any) -> Any:
    """The transpose of `push_pinv`, term by term."""
    m, n = np.shape(a)[-2:]
    c, yh = conj(c), adjoint(y)
    ch = adjoint(c)
    first = -np.matmul(np.matmul(yh, c), yh)
    second = np.matmul(np.matmul(np.eye(m) - np.matmul(a, y), ch), np.matmul(y, yh))
    third = np.matmul(np.matmul(yh, y), np.matmul(ch, np.eye(n) - np.matmul(y, a)))
    return conj(first + second + third)


def push_pinvh(d: Any, y: Any, a: Any, lower: bool) -> Any:
    """The tangent of the pseudo-inverse of a Hermitian matrix, of which one triangle is read."""
    return push_pinv(from_triangle(d, lower), y, from_triangle(a, lower))


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


@handles(np.linalg.pinv)
def _pinv(a: Any, rcond: Any = None, hermitian: bool = False, **options: Any) -> Any:
    if rcond is not None:
        options["rcond"] = rcond
    return apply(PINVH if hermitian else PINV, (as_array(a),), {"options": lowered(options)})


def push_lstsq(dots: list[Any], y: Any, a: Any, b: Any) -> Any:
    """Tangents of (x, residuals, rank, singular values): x = A⁺ b, |b − A x|² where there is one."""
    a_dot, b_dot = dots
    x, residuals, _, s = y
    vector = np.ndim(b) == 1
    xs, p = column(x, vector), np.linalg.pinv(a)
    rest = column(b, vector) - np.matmul(a, xs)
    rest_dot: Any = 0.0 if b_dot is None else column(b_dot, vector)
    if a_dot is not None:
        rest_dot = rest_dot - np.matmul(a_dot, xs)
    x_dot = np.matmul(p, rest_dot)
    if a_dot is not None:
        ah = adjoint(a_dot)
        n = np.shape(a)[-1]
        x_dot = x_dot + np.matmul(p, np.matmul(adjoint(p), np.matmul(ah, rest)))
        x_dot = x_dot + np.matmul(np.eye(n) - np.matmul(p, a), np.matmul(ah, np.matmul(adjoint(p), xs)))
    r_dot = 2.0 * np.real(np.sum(conj(rest) * rest_dot, axis=-2))
    r_dot = r_dot if np.size(residuals) else np.zeros(np.shape(residuals))
    return uncolumn(x_dot, vector), r_dot, 0, _push_singular_values(a, a_dot, s)


def _push_singular_values(a: Any, a_dot: Any, s: Any) -> Any:
    if a_dot is None:
        return np.zeros(np.shape(s))
    u, _, vh = np.linalg.svd(a, full_matrices=False)
    return np.real(np.sum(conj(u) * np.matmul(a_dot, adjoint(vh)), axis=-2))


def pull_lstsq(c: Any, y: Any, a: Any, b: Any) -> list[Any]:
    """Cotangents of a and b: the transpose of `push_lstsq`."""
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    x, residuals, _, _ = y
    vector = np.ndim(b) == 1
    xs, p, n = column(x, vector), np.linalg.pinv(a), np.shape(a)[-1]
    rest = column(b, vector) - np.matmul(a, xs)
    rest_bar: Any = np.zeros(np.shape(concrete(rest)))
    a_bar: Any = np.zeros(np.shape(a))
    if given.get(0) is not None:
        x_bar = conj(column(given[0], vector))
        ph = adjoint(p)
        rest_bar = rest_bar + np.matmul(ph, x_bar)
        a_bar = a_bar + np.matmul(rest, np.matmul(adjoint(rest_bar), ph))
        outside = np.matmul(np.eye(n) - np.matmul(p, a), x_bar)
        a_bar = a_bar + np.matmul(np.matmul(ph, xs), adjoint(outside))
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
    lambda dots, y, a, b, rcond: push_lstsq(dots, y, a, b),
    lambda c, y, a, b, rcond: pull_lstsq(c, y, a, b),
    reads=True,
    name="numpy.linalg.lstsq",
)


@handles(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> Any:
    return apply(LSTSQ, (as_array(a), as_array(b)), {"rcond": rcond})


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
