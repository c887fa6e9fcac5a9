"""np.linalg: systems of equations, inverses, determinants and the Cholesky factor.

Every rule differentiates the defining equation of the result. Sources: Giles, *Collected matrix
derivative results for forward and reverse mode AD* (2008); Murray, arXiv:1602.07527 (2016);
Golub & Pereyra, SIAM J. Numer. Anal. 10 (1973) for the pseudo-inverse.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.linalg import _umath_linalg  # type: ignore[attr-defined]

from wengert.errors import NoDerivative
from wengert.ir.row import HANDLERS
from wengert.record.apply import apply
from wengert.record.locate import at_user_line
from wengert.record.protocols import lower as lowered
from wengert.record.value import concrete
from wengert.rules.linalg_triangular import (
    adjoint, column, conj, from_triangle, half_tril, like, mt, symmetric, to_triangle, triangular, uncolumn,
)  # fmt: skip
from wengert.rules.table import handles, rule, variadic
from wengert.sweep.arithmetic import strong


def as_array(x: Any) -> Any:
    """Nested lists of recorded values as an array."""
    return np.array(x) if type(x) in (list, tuple) else x


def refuse(name: str, why: str) -> NoDerivative:
    """The error for a form of a function that has no derivative."""
    return NoDerivative(at_user_line(f"no derivative rule for {name}: {why}"))


# ── A x = b  ⇒  A ẋ = ḃ − Ȧ x;   b̄ = A⁻ᵀ c,  Ā = −b̄ xᵀ ──


def solve(a: Any, b: Any) -> Any:
    """np.linalg.solve."""
    return np.linalg.solve(a, b)


def solve_columns(a: Any, b: Any, vector: bool) -> Any:
    """A⁻¹ b, where b is a stack of vectors or of matrices."""
    return uncolumn(np.linalg.solve(a, column(b, vector)), vector)


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


RAW_INV = rule(_umath_linalg.inv, INV.pushes[0], pull=INV.pulls, reads=((),), name="numpy.linalg.inv")
"""np.linalg.cond calls the compiled function itself: NaN where np.linalg.inv raises."""
HANDLERS[_umath_linalg.inv] = lambda a, signature=None: apply(RAW_INV, (a,))


# ── Jacobi: d det A = tr(adj(A) Ȧ);  d log|det A| = Re tr(A⁻¹ Ȧ) ──


def trace_product(a: Any, b: Any) -> Any:
    """tr(a b) of each pair."""
    return np.sum(a * mt(b), axis=(-2, -1))


def adjugate(a: Any) -> Any:
    """adj(a), the transposed cofactors: det(a) a⁻¹ where a is regular, exact where it is singular."""
    plain = concrete(a)
    if not plain.size:
        return np.zeros(plain.shape)
    if _clearly_regular(plain) or not np.any(_nearly_singular(plain)):
        det = np.linalg.det(a)
        return (det[..., None, None] if plain.ndim > 2 else det) * np.linalg.inv(a)
    if plain.ndim == 2:
        return _adjugate_in_frame(a)
    return np.reshape(np.stack([adjugate(m) for m in np.reshape(a, (-1, *plain.shape[-2:]))]), plain.shape)


def _clearly_regular(a: Any) -> bool:
    """Whether inverses are small enough to exclude nearly singular matrices, without an SVD."""
    try:
        inverse = np.linalg.inv(a)
    except np.linalg.LinAlgError:
        return False
    bound = np.sqrt(np.finfo(inverse.dtype).eps) * a.shape[-1]
    return bool(np.max(np.abs(inverse)) * np.max(np.abs(a)) * bound < 1.0)


def _nearly_singular(a: Any) -> Any:
    if not np.all(np.isfinite(a)):
        return np.zeros(a.shape[:-2], bool)
    s = np.linalg.svd(a, compute_uv=False)
    return s[..., -1] <= np.sqrt(np.finfo(s.dtype).eps) * s[..., 0]


def _adjugate_in_frame(a: Any) -> Any:
    """adj(a) where some singular values (nearly) vanish, differentiable any number of times.

    With frozen unitary U, V from a = U S Vᴴ the matrix B = Uᴴ a V is [[P, Q], [R, T]], P regular and
    T of the order of the corank. With the Schur complement S = T − R P⁻¹ Q (small or zero),
    adj(a) = det(U Vᴴ) V adj(B) Uᴴ and
    adj(B) = det P · [[P⁻¹ det S + P⁻¹Q adj(S) R P⁻¹, −P⁻¹Q adj(S)], [−adj(S) R P⁻¹, adj(S)]].
    """
    u, s, vh = np.linalg.svd(concrete(a))
    k = int(np.sum(s > np.sqrt(np.finfo(s.dtype).eps) * s[0])) if s[0] > 0 else 0
    b = np.matmul(np.matmul(adjoint(u), a), adjoint(vh))
    p, q, r, t = b[:k, :k], b[:k, k:], b[k:, :k], b[k:, k:]
    if k == 0:
        whole = _adjugate_by_traces(t)[0]
    else:
        inverse = np.linalg.inv(p)
        left, right = np.matmul(inverse, q), np.matmul(r, inverse)
        small, det = _adjugate_by_traces(t - np.matmul(r, left))
        corner = inverse * det + np.matmul(np.matmul(left, small), right)
        upper = np.concatenate([corner, -np.matmul(left, small)], axis=1)
        lower = np.concatenate([-np.matmul(small, right), small], axis=1)
        whole = np.linalg.det(p) * np.concatenate([upper, lower], axis=0)
    return np.linalg.det(u) * np.linalg.det(vh) * np.matmul(np.matmul(adjoint(vh), whole), adjoint(u))


def _adjugate_by_traces(a: Any) -> tuple[Any, Any]:
    """adj(a) and det(a) by Faddeev and LeVerrier: no division by anything that can vanish."""
    n = np.shape(a)[-1]
    m: Any = np.eye(n)
    for k in range(1, n):
        am = np.matmul(a, m)
        m = am - np.eye(n) * (np.trace(am) / k)
    sign = -1.0 if n % 2 == 0 else 1.0
    return sign * m, sign * np.trace(np.matmul(a, m)) / n


DET = rule(
    np.linalg.det,
    lambda d, y, a: trace_product(adjugate(a), d),
    pull=(lambda c, y, a: like(c[..., None, None] * mt(adjugate(a)) if np.ndim(c) else c * mt(adjugate(a)), a),),
    reads=((0,),),
)


def inverse_or_infinite(a: Any) -> Any:
    """a⁻¹; infinite where a is singular, as the derivative of log|det a| is."""
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        if np.ndim(a) == 2:
            return np.full(np.shape(a), np.inf)
        return np.reshape(np.stack([inverse_or_infinite(m) for m in np.reshape(a, (-1, *np.shape(a)[-2:]))]), np.shape(a))


def _push_slogdet(d: Any, y: Any, a: Any) -> Any:
    t = trace_product(inverse_or_infinite(a), d)
    return (1j * y[0] * np.imag(t), np.real(t)) if np.iscomplexobj(a) else (np.zeros(np.shape(t)), t)


def _pull_slogdet(c: Any, y: Any, a: Any) -> Any:
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    c_sign, c_log = given.get(0), given.get(1)
    scale: Any = 0.0 if c_log is None else c_log
    if np.iscomplexobj(a) and c_sign is not None:
        # Re(c i s Im t) = Re(−i Re(i c s) t), for Im t = Re(−i t)
        scale = scale - 1j * np.real(1j * c_sign * y[0])
    scale = scale[..., None, None] if np.ndim(scale) else scale
    return strong(scale, mt(inverse_or_infinite(a)))


SLOGDET = rule(np.linalg.slogdet, _push_slogdet, pull=(_pull_slogdet,), reads=((0,),))


@handles(np.linalg.inv)
def _inv(a: Any) -> Any:
    return apply(INV, (as_array(a),))


@handles(np.linalg.det)
def _det(a: Any) -> Any:
    return apply(DET, (as_array(a),))


@handles(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    return apply(SLOGDET, (as_array(a),))


# ── A = L Lᴴ  ⇒  L⁻¹ Ȧ L⁻ᴴ = L⁻¹L̇ + (L⁻¹L̇)ᴴ with L⁻¹L̇ lower triangular,  L̇ = L Φ(L⁻¹ Ȧ L⁻ᴴ) ──
# Φ takes the lower triangle and halves its diagonal (Murray 2016). LAPACK reads one triangle of A,
# so the derivative is that of the matrix with this triangle on both sides: the cotangent lies in
# the triangle that was read, which is exact for every perturbation, symmetric or not.


def push_cholesky(d: Any, y: Any, upper: bool) -> Any:
    """The tangent of the factor y (y yᴴ, or yᴴ y if upper), given that of the matrix."""
    low = adjoint(y) if upper else y
    d = from_triangle(d, not upper)
    m = triangular(low, adjoint(triangular(low, d)))
    low_dot = np.matmul(low, half_tril(adjoint(m)))
    return adjoint(low_dot) if upper else low_dot


def pull_cholesky(c: Any, y: Any, upper: bool) -> Any:
    """The cotangent of the matrix: ½ L⁻ᴴ (P + Pᴴ) L⁻¹ with P = Φ(Lᴴ L̄), in the triangle read."""
    c = conj(c)
    low, low_bar = (adjoint(y), adjoint(c)) if upper else (y, c)
    p = half_tril(np.matmul(adjoint(low), low_bar))
    x = conj(triangular(low, conj(symmetric(p)), trans=True))
    h = conj(triangular(low, conj(adjoint(x)), trans=True))
    return conj(to_triangle(symmetric(h) if np.iscomplexobj(h) else h, not upper))


def cholesky(a: Any, upper: bool) -> Any:
    """np.linalg.cholesky."""
    return np.linalg.cholesky(a, upper=upper) if upper else np.linalg.cholesky(a)


CHOLESKY = rule(
    cholesky,
    lambda d, y, a, upper: push_cholesky(d, y, upper),
    pull=(lambda c, y, a, upper: pull_cholesky(c, y, upper),),
    reads=((),),
    name="numpy.linalg.cholesky",
)


@handles(np.linalg.cholesky)
def _cholesky(a: Any, /, *, upper: bool = False) -> Any:
    return apply(CHOLESKY, (as_array(a),), {"upper": bool(upper)})


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
    if a_dot is None or s is None:
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
def _matrix_rank(*args: Any, **kwargs: Any) -> Any:
    """An integer: constant wherever it is continuous."""
    return np.linalg.matrix_rank(*lowered(args), **lowered(kwargs))


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
