"""np.linalg: eigenvalues and eigenvectors.

Sources: Giles (2008); Seeger et al., arXiv:1710.08717 (2017); Lewis & Sendov (2001).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import INPUT, apply, youngest
from wengert.record.observe import decide
from wengert.record.value import concrete, frozen, is_value, stopped
from wengert.rules.linalg import as_array
from wengert.rules.linalg_triangular import (
    adjoint,
    conj,
    diagonal,
    from_triangle,
    like,
    mt,
    parts,
    scaled_eye,
    solved,
    symmetric,
    to_triangle,
)  # fmt: skip
from wengert.rules.table import handles, rule
from wengert.sweep.forward import forward
from wengert.sweep.ties import turning


def over_gaps(m: Any, w: Any, back: bool = False) -> Any:
    """F∘m with F_ij = 1/(w_j − w_i) off the diagonal."""
    return divided(m, w[..., None, :] - w[..., :, None], decide(coincide, w), back)


def divided(m: Any, difference: Any, dead: Any, back: bool = False) -> Any:
    """m / difference. Where the difference vanishes (`dead`): zero if m does, else NaN; NaN of a cotangent (`back`).

    The diagonal does not count. Eigenvectors of equal eigenvalues have no derivative in directions that mix them.
    What a smooth function of them would need is not in their cotangent, which may well vanish, as that of V e^w V⁻¹
    does at the identity: see `linalg_tied`.
    """
    value = np.where(dead, 0.0, m / np.where(dead, 1.0, difference))
    if dead.sum() == dead.shape[-1] * (dead.size // dead.shape[-1] ** 2):
        return value
    if back and not turning.alone:
        return np.where(dead & ~np.eye(dead.shape[-1], dtype=bool), np.nan, value)
    return apply(UNKNOWN, (value, m), {"where": dead & ~np.eye(dead.shape[-1], dtype=bool)})


def _notable(m: Any) -> Any:
    """Which elements of a matrix are more than rounding."""
    size = np.abs(m)
    return size > 8 * max(m.shape[-2:]) * np.finfo(size.dtype).eps * np.max(
        size, axis=(-2, -1), keepdims=True, initial=0.0
    )


def unknown(value: Any, m: Any, where: Any) -> Any:
    """The value, NaN at the places where it would need more of m than rounding."""
    return np.where(where & _notable(m), np.nan, value)


def _unless_nothing(c: Any, where: Any) -> Any:
    return np.where(where & _notable(stopped(c)), np.nan, 0.0)


# The rule of a tangent may be transposed: then it is the cotangent of these places that must vanish.
UNKNOWN = rule(
    unknown,
    lambda d, y, value, m, where: d,
    lambda d, y, value, m, where: _unless_nothing(d, where),
    pull=(lambda c, y, value, m, where: c, lambda c, y, value, m, where: _unless_nothing(c, where)),
    name="a quotient of nothing by nothing",
)


def columns_over(m: Any, s: Any, dead: Any) -> Any:
    """m / s, column by column: where s vanishes (`dead`) zero if m does, else NaN."""
    value = m * reciprocal(s, dead)[..., None, :]
    return (
        apply(UNKNOWN, (value, m), {"where": np.broadcast_to(dead[..., None, :], np.shape(value))})
        if np.any(dead)
        else value
    )


def coincide(w: Any) -> Any:
    """Which pairs of eigenvalues (each with itself, too) are equal to within rounding."""
    scale = np.max(np.abs(w), axis=-1, keepdims=True, initial=0.0)[..., None]
    apart = np.abs(w[..., None, :] - w[..., :, None])
    return apart <= 8 * w.shape[-1] * np.finfo(w.dtype).eps * scale


def matched(every: Any, some: Any) -> Any:
    """Where among all eigenvalues each of some is; of equal ones each is another."""
    where: list[int] = []
    for row in np.abs(every[None, :] - some[:, None]):
        row[where] = np.inf
        where.append(int(np.argmin(row)))
    return np.array(where, dtype=int)


def reciprocal(x: Any, dead: Any) -> Any:
    """1/x, zero where `dead`."""
    return np.where(dead, 0.0, np.divide(1.0, np.where(dead, 1.0, x)))


# ── A v = v w, A Hermitian.  M = vᴴ Ȧ v:  ẇ = diag M,  v̇ = v (F∘M) ──
# The function reads one triangle of A: so does its derivative (see `to_triangle`).


def push_eigh(d: Any, w: Any, v: Any, lower: bool) -> tuple[Any, Any]:
    """Tangents of eigenvalues and eigenvectors."""
    m = np.matmul(adjoint(v), np.matmul(from_triangle(d, lower), v))
    values = np.real(diagonal(m)) if np.iscomplexobj(m) else diagonal(m)
    return values, np.matmul(v, over_gaps(m, w))


def pull_eigh(w_bar: Any, v_bar: Any, w: Any, v: Any, a: Any, lower: bool) -> Any:
    """Ā = v (diag w̄ + F∘(vᴴ v̄)) vᴴ, its Hermitian part given to the triangle that is read."""
    if v_bar is None:
        h = spectral_gradient(w_bar, w, v, a, lower)
    else:
        inner = symmetric(over_gaps(np.matmul(adjoint(v), conj(v_bar)), w, back=True))
        if w_bar is not None:
            inner = inner + scaled_eye(w_bar, np.shape(w)[-1])
        h = np.matmul(np.matmul(v, inner), adjoint(v))
    return conj(to_triangle(h, lower))


# ── gradients of functions of eigenvalues alone ──
# The gradient of F(w(A)) is v diag(∂F) vᴴ. Its derivative along Ȧ is v (diag(∂Ḟ) + B∘M) vᴴ off the
# diagonal, B_ij = (∂ⱼF − ∂ᵢF)/(w_j − w_i), and in the limit of equal eigenvalues
# B_ij = ∂ᵢ∂ᵢF − ∂ᵢ∂ⱼF (Lewis & Sendov, SIAM J. Matrix Anal. Appl. 23, 2001). The recording that is
# going on knows how the cotangent ∂F came from w: it is asked for those second derivatives.


def spectral_gradient(w_bar: Any, w: Any, v: Any, a: Any, lower: bool) -> Any:
    """v diag(w̄) vᴴ, so that its derivative is right where eigenvalues coincide."""
    plain = concrete(w)
    if not is_value(a) or decide(coincide, w).sum() == plain.size:
        return np.matmul(v * w_bar[..., None, :], adjoint(v))
    return apply(SPECTRAL, (w_bar, a), {"lower": lower, "limits": _limits(w_bar, w)})


def _limits(w_bar: Any, w: Any) -> Any:
    """∂ᵢ∂ᵢF − ∂ᵢ∂ⱼF for coinciding pairs, zero elsewhere."""
    dead = decide(coincide, w)
    second = second_derivatives(w_bar, w, dead.sum(-1) > 1)
    return np.where(dead, between(second, -1.0), 0.0)


def between(second: Any, sign: float) -> Any:
    """(∂ᵢ∂ᵢF + ∂ⱼ∂ⱼF)/2 ± ∂ᵢ∂ⱼF."""
    own = 0.5 * diagonal(second)
    return own[..., :, None] + own[..., None, :] + 0.5 * sign * (second + np.swapaxes(second, -1, -2))


def second_derivatives(w_bar: Any, w: Any, asked: Any) -> Any:
    """The columns that are asked for of ∂w̄/∂w, from the recording in which w̄ was computed from w."""
    plain = concrete(w)
    rec = youngest((w_bar, w))
    second = np.zeros((*plain.shape, plain.shape[-1]))
    if rec is None or not is_value(w_bar) or w_bar.rec is not rec or w.rec is not rec:
        return second
    lines, writes = list(rec.lines), list(rec.writes)  # as they are now: what is asked may be recorded, too
    lines[w.slot] = (INPUT, (), None, (), None, None)
    for place in zip(*np.nonzero(asked), strict=True):
        seed = np.zeros(plain.shape)
        seed[place] = 1.0
        column = forward(lines, writes, [(w.slot, seed)], [w_bar.slot])[0]
        if column is not None:
            second[(*place[:-1], slice(None), place[-1])] = frozen(column)[place[:-1]]
    return second


def spectral(w_bar: Any, a: Any, lower: bool, limits: Any) -> Any:
    """v diag(w̄) vᴴ with the eigenvectors of a."""
    v = _frame(a, lower)[1]
    return np.matmul(v * w_bar[..., None, :], adjoint(v))


def _frame(a: Any, lower: bool) -> Any:
    return np.linalg.eigh(a, "L" if lower else "U")


def _slopes(w_bar: Any, w: Any, limits: Any) -> Any:
    """B, with zeros on the diagonal."""
    dead = decide(coincide, w)
    n = np.shape(w)[-1]
    difference = np.where(dead, 1.0, w[..., None, :] - w[..., :, None])
    b = np.where(dead, limits, (w_bar[..., None, :] - w_bar[..., :, None]) / difference)
    return b * (1.0 - np.eye(n))


def _push_spectral(d: Any, y: Any, w_bar: Any, a: Any, lower: bool, limits: Any) -> Any:
    w, v = _frame(a, lower)
    m = np.matmul(adjoint(v), np.matmul(from_triangle(d, lower), v))
    return np.matmul(np.matmul(v, _slopes(w_bar, w, limits) * m), adjoint(v))


def _pull_spectral(c: Any, y: Any, w_bar: Any, a: Any, lower: bool, limits: Any) -> Any:
    w, v = _frame(a, lower)
    m = np.matmul(adjoint(v), np.matmul(symmetric(conj(c)), v))
    h = np.matmul(np.matmul(v, _slopes(w_bar, w, limits) * m), adjoint(v))
    return conj(to_triangle(h, lower))


def _pull_spectral_values(c: Any, y: Any, w_bar: Any, a: Any, lower: bool, limits: Any) -> Any:
    v = _frame(a, lower)[1]
    return np.real(diagonal(np.matmul(adjoint(v), np.matmul(conj(c), v))))


SPECTRAL = rule(
    spectral,
    lambda d, y, w_bar, a, lower, limits: spectral(d, a, lower, limits),
    _push_spectral,
    pull=(_pull_spectral_values, _pull_spectral),
    name="numpy.linalg.eigvalsh",
)


def _pull_both(c: Any, y: Any, a: Any, UPLO: str) -> Any:
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    return pull_eigh(given.get(0), given.get(1), y[0], y[1], a, UPLO == "L")


EIGH = rule(
    np.linalg.eigh,
    lambda d, y, a, UPLO: push_eigh(d, y[0], y[1], UPLO == "L"),
    pull=(_pull_both,),
)


def _push_values(d: Any, y: Any, a: Any, UPLO: Any) -> Any:
    w, v = np.linalg.eigh(a, UPLO)
    return push_eigh(d, w, v, UPLO == "L")[0]


def _pull_values(c: Any, y: Any, a: Any, UPLO: Any) -> Any:
    return pull_eigh(c, None, y, np.linalg.eigh(a, UPLO)[1], a, UPLO == "L")


EIGVALSH = rule(np.linalg.eigvalsh, _push_values, pull=(_pull_values,))


@handles(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: str = "L") -> Any:
    return apply(EIGVALSH, (as_array(a),), {"UPLO": UPLO.upper()})


# ── A v = v w in general.  M = v⁻¹ Ȧ v:  ẇ = diag M,  v̇ = v (F∘M + diagonal) ──
# LAPACK scales each eigenvector to unit length with a real largest component; the free multiple
# of v in v̇ keeps both.


def _peaks(v: Any) -> Any:
    """Which component of each eigenvector is the largest: LAPACK makes it real."""
    return np.argmax(np.abs(v), axis=-2)[..., None, :]


def push_eig(d: Any, w: Any, v: Any) -> tuple[Any, Any]:
    """Tangents of eigenvalues and (normalised) right eigenvectors."""
    m = solved(v, np.matmul(d, v))
    v_dot = np.matmul(v, over_gaps(m, w))
    v_dot = v_dot - v * np.sum(np.real(conj(v) * v_dot), axis=-2, keepdims=True)
    if np.iscomplexobj(v):
        peak = decide(_peaks, v)
        turn = np.take_along_axis(v_dot, peak, -2) / np.take_along_axis(v, peak, -2)
        v_dot = v_dot - 1j * v * np.imag(turn)
    return diagonal(m), v_dot


def pull_eig(c: Any, y: Any, a: Any) -> Any:
    """Ā = v⁻ᵀ (diag w̄ + F∘(vᵀ X)) vᵀ, with X the cotangent of the unnormalised v̇."""
    w, v = y
    w_bar, x = parts(c, y)
    if (c if isinstance(c, dict) else dict(enumerate(c))).get(1) is None:
        return from_frame(scaled_eye(w_bar, np.shape(v)[-1]), v, a)
    inner = over_gaps(np.matmul(mt(v), unscaled(x, v)), w, back=True) + scaled_eye(w_bar, np.shape(v)[-1])
    return from_frame(inner, v, a)


def unscaled(x: Any, v: Any) -> Any:
    """The cotangent of eigenvectors of any length and phase, from that of LAPACK's."""
    if np.iscomplexobj(v):
        peak = decide(_peaks, v)
        at_peak = np.arange(np.shape(v)[-1])[:, None] == peak
        # −i v Im(turn): Re(Σ −i x v Im t) = Im(Σ x v) Im t, and Im t = Re(−i t)
        t = np.sum(np.imag(x * v), axis=-2, keepdims=True)
        x = x - np.where(at_peak, 1j * t / np.take_along_axis(v, peak, -2), 0.0)
    return x - conj(v) * np.sum(np.real(x * v), axis=-2, keepdims=True)


def from_frame(inner: Any, v: Any, a: Any) -> Any:
    """Ā = v⁻ᵀ D̄ vᵀ, from the cotangent of v⁻¹ Ȧ v."""
    return like(np.matmul(solved(mt(v), inner), mt(v)), a)


EIG = rule(np.linalg.eig, lambda d, y, a: push_eig(d, *y), pull=(pull_eig,))


def _push_eigvals(d: Any, y: Any, a: Any) -> Any:
    v = np.linalg.eig(a)[1]
    return diagonal(solved(v, np.matmul(d, v)))


def _pull_eigvals(c: Any, y: Any, a: Any) -> Any:
    v = np.linalg.eig(a)[1]
    return from_frame(scaled_eye(c, np.shape(v)[-1]), v, a)


EIGVALS = rule(np.linalg.eigvals, _push_eigvals, pull=(_pull_eigvals,))


@handles(np.linalg.eigvals)
def _eigvals(a: Any) -> Any:
    return apply(EIGVALS, (as_array(a),))
