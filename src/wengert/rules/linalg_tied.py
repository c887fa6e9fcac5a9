"""Gradients of functions of eigenvectors that are smooth where eigenvalues are equal: V f(w) Vᵀ at the identity.

Let wᵢ = wⱼ, and g(w, V) a function that no turning of the two columns changes, so that it is one of A. Its gradient
is V X Vᵀ with X_ii = w̄_i, and X_ij, for which (F∘VᵀV̄)_ij is nothing by nothing. In a basis turned by θ the diagonal
of X is that of the turned X: w̄_i − w̄_j = cos 2θ (X_ii − X_jj) + 2 sin 2θ X_ij, whose slope at θ = 0 is 4 X_ij. So
the function is recorded once more with V(1 + θ − θᵀ) for V, θ = 0, inside a recording of θ, which then knows that
slope. That no turning changes g shows in VᵀV̄: it is symmetric among equal eigenvalues, for all θ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.apply import INPUT, apply, youngest
from wengert.record.value import Array, Recorder, concrete, frozen, is_value
from wengert.rules.linalg import as_array
from wengert.rules.linalg_eigen import EIG, EIGH, EIGVALS, EIGVALSH, coincide, from_frame, push_eig, push_eigh, unscaled
from wengert.rules.linalg_svd import RAW_SINGULAR_VALUES, SINGULAR_VALUES, SVD, push_svd, vanishing
from wengert.rules.linalg_triangular import adjoint, conj, mt, parts, scaled_eye, symmetric, to_triangle
from wengert.rules.partials import with_partials
from wengert.rules.table import handles, rule
from wengert.sweep.forward import forward
from wengert.sweep.ties import TIED, VALUES, turning

Decomposition = Callable[[Any], Any]
_ROUNDING = 1e-9
"""The share of the largest element of VᵀV̄ below which a part of it is rounding."""


def angles(a: Any, real: bool = False) -> Any:
    """θ for the vectors of a, where a is recorded by the recording that they are turned in; else None."""
    angular, own = turning.rec, youngest((a,))
    if angular is None or own is None or own.serial <= angular.serial:
        return None
    if np.iscomplexobj(concrete(a)) and real:
        return None
    below = youngest((a.primal,))
    if below is not None and below.serial > angular.serial:
        return None
    k = min(np.shape(a)[-2:])
    zeros = concrete(np.zeros((*np.shape(a)[:-2], k, k)))
    return Array(zeros, angular, angular.append((INPUT, (), None, (), None, None)))


def _turns(theta: Any, v: Any) -> Any:
    """The generator of the turning: θ_ji (j > i) mixes vᵢ and vⱼ, and so does i θ_ij where they are complex."""
    low = np.tril(theta, -1)
    turns = low - mt(low)
    if np.iscomplexobj(concrete(v)):
        high = theta - np.tril(theta)
        turns = turns + 1j * (high + mt(high))
    return turns


# ── A = V w Vᵀ ──


def turned_eigh(a: Any, theta: Any, lower: bool, of: Decomposition) -> Any:
    """The eigenvalues, and the eigenvectors V(1 + θ − θᵀ)."""
    w, v = of(a)
    return w, v + np.matmul(v, _turns(theta, v))


def _pull_eigh(c: Any, y: Any, a: Any, theta: Any, lower: bool, of: Decomposition) -> Any:
    given: Any = c if isinstance(c, dict) else dict(enumerate(c))
    (w, v), w_bar, v_bar = y, given.get(0), given.get(1)
    inner: Any = scaled_eye(0.0 * w if w_bar is None else w_bar, np.shape(w)[-1])
    if v_bar is not None:
        inner = inner + _off_diagonal(w, w_bar, np.matmul(adjoint(v), conj(v_bar)), a, theta)
    return conj(to_triangle(np.matmul(np.matmul(v, inner), adjoint(v)), lower))


TURNED_EIGH = rule(
    turned_eigh,
    lambda d, y, a, theta, lower, of: push_eigh(d, y[0], y[1], lower),
    None,
    pull=(_pull_eigh, None),
    name="numpy.linalg.eigh",
)


# ── A = U s Vᵀ.  D = UᵀȦV, S = sym D, T = skew D:  U̇ = U(F∘S + T/(sᵢ + sⱼ)) + …,  V̇ = V(F∘S − T/(sᵢ + sⱼ)) + … ──
# Turned are both: U(1 + θ − θᵀ) and V(1 + θ − θᵀ).


def turned_svd(a: Any, theta: Any, of: Decomposition) -> Any:
    """The thin decomposition, in a basis that turns."""
    u, s, vh = of(a)
    return u + np.matmul(u, _turns(theta, u)), s, vh - np.matmul(_turns(theta, u), vh)


def _pull_svd(c: Any, y: Any, a: Any, theta: Any, of: Decomposition) -> Any:
    (u_bar, s_bar, vh_bar), (u, s, vh) = parts(c, y), y
    s = np.where(vanishing(frozen(s), np.shape(a)), np.nan, s)
    k, v, v_bar = np.shape(s)[-1], mt(vh), mt(vh_bar)
    x, z = np.matmul(mt(u), u_bar), np.matmul(vh, v_bar)
    skew = 0.5 * (x - z - mt(x - z)) / (s[..., None, :] + s[..., :, None])
    inner = scaled_eye(s_bar, k) + _off_diagonal(s, s_bar, x + z, a, theta) + skew
    a_bar = np.matmul(np.matmul(u, inner), vh)
    if np.shape(u)[-2] > k:
        a_bar = a_bar + np.matmul((u_bar - np.matmul(u, x)) / s[..., None, :], vh)
    if np.shape(v)[-2] > k:
        a_bar = a_bar + np.matmul(u, mt((v_bar - np.matmul(v, z)) / s[..., None, :]))
    return a_bar


TURNED_SVD = rule(
    turned_svd, lambda d, y, a, theta, of: push_svd(d, *y), None, pull=(_pull_svd, None), name="numpy.linalg.svd"
)


# ── A = V w V⁻¹.  Ā = V⁻ᵀ X Vᵀ; with V(1 + θ) for V the diagonal of X is w̄ − [X, θᵀ] ──


def turned_eig(a: Any, theta: Any, of: Decomposition) -> Any:
    """The eigenvalues, and the eigenvectors V(1 + θ)."""
    w, v = of(a)
    return w, v + np.matmul(v, theta * (1.0 - np.eye(np.shape(theta)[-1])))


def _pull_eig(c: Any, y: Any, a: Any, theta: Any, of: Decomposition) -> Any:
    (w, v), (w_bar, v_bar) = y, parts(c, y)
    inner: Any = scaled_eye(w_bar, np.shape(w)[-1])
    if (c if isinstance(c, dict) else dict(enumerate(c))).get(1) is not None:
        m, dead = np.matmul(mt(v), unscaled(v_bar, v)), coincide(frozen(w))
        known = np.where(dead, 0.0, m / np.where(dead, 1.0, w[..., None, :] - w[..., :, None]))
        by = _mixed(a) + _mixed(_as_turned(m, theta.rec))
        inner = inner + known + _held(_of_equal(dead, w_bar, m, v, theta), by)
    return from_frame(inner, v, a)


def _of_equal(dead: Any, w_bar: Any, m: Any, v: Any, theta: Any) -> Any:
    """X_ij for equal eigenvalues; NaN where another basis of their space changes the function."""
    x = 0.0 * _below(m, theta.rec)
    pairs = dead & ~np.eye(dead.shape[-1], dtype=bool)
    for place in np.argwhere(pairs):
        lead, i, j = tuple(place[:-2]), int(place[-2]), int(place[-1])
        bars, moved = _along(theta, _only(dead.shape, (*lead, i, j)), w_bar, m)
        size = np.max(np.abs(frozen(m)[lead])) + np.max(np.abs(frozen(w_bar)[lead]))
        parts_of = [frozen(part)[lead][pairs[lead]] for part in (m, moved) if part is not None]
        lost = any([np.any(np.abs(part) > _ROUNDING * size) for part in parts_of])
        lost = lost or np.linalg.cond(frozen(v)[lead]) > 1.0 / _ROUNDING
        found = 0.0 if bars is None else 0.5 * (bars[(*lead, j)] - bars[(*lead, i)])
        x = x + _only(dead.shape, (*lead, i, j)) * (np.nan if lost else found)
    return x


TURNED_EIG = rule(
    turned_eig, lambda d, y, a, theta, of: push_eig(d, *y), None, pull=(_pull_eig, None), name="numpy.linalg.eig"
)


# ── X off the diagonal ──


def _off_diagonal(w: Any, w_bar: Any, m: Any, a: Any, theta: Any) -> Any:
    """sym(F∘m), and for equal eigenvalues what the recording of θ knows."""
    dead = coincide(frozen(w))
    gaps = np.where(dead, 1.0, w[..., None, :] - w[..., :, None])
    known = symmetric(np.where(dead, 0.0, m / gaps))
    by = _mixed(a) + _mixed(_as_turned(m, theta.rec))
    return known + _held(_among_equal(dead, w_bar, m, theta), by)


def _among_equal(dead: Any, w_bar: Any, m: Any, theta: Any) -> Any:
    """X_ij for equal eigenvalues; NaN where a turning changes the function."""
    x = 0.0 * _below(m, theta.rec)
    for place in np.argwhere(dead & ~np.tri(dead.shape[-1], dtype=bool)):
        lead, i, j = tuple(place[:-2]), int(place[-2]), int(place[-1])
        found = 0.25 * _slope(theta, lead, (j, i), dead, w_bar, m)
        if np.iscomplexobj(x):
            found = found - 0.25j * _slope(theta, lead, (i, j), dead, w_bar, m)
        x = x + _only(dead.shape, (*lead, i, j)) * found + _only(dead.shape, (*lead, j, i)) * conj(found)
    return x


def _slope(theta: Any, lead: tuple[int, ...], at: tuple[int, int], dead: Any, w_bar: Any, m: Any) -> Any:
    """What turning by one angle adds to w̄ᵢ − w̄ⱼ, i < j."""
    bars, moved = _along(theta, _only(dead.shape, (*lead, *at)), w_bar, m)
    if not (_is_hermitian(m, dead, lead) and (moved is None or _is_hermitian(moved, dead, lead, m))):
        return np.nan
    return 0.0 if bars is None else bars[(*lead, min(at))] - bars[(*lead, max(at))]


def _only(shape: tuple[int, ...], at: tuple[int, ...]) -> Any:
    """1 at one place, else 0."""
    one = concrete(np.zeros(shape))
    one[at] = 1.0
    return one


def _along(theta: Any, seed: Any, *xs: Any) -> list[Any]:
    """The slopes of values of θ's recording along `seed`."""
    rec = theta.rec
    own = [x for x in xs if is_value(x) and youngest((x,)) is rec]
    dots = forward(list(rec.lines), list(rec.writes), [(theta.slot, seed)], [x.slot for x in own])
    return [next((d for x, d in zip(own, dots, strict=True) if x is y), None) for y in xs]


def _is_hermitian(m: Any, dead: Any, lead: tuple[int, ...], like: Any = None) -> bool:
    """Whether m is Hermitian among equal eigenvalues, compared with it, or with another, as a whole."""
    plain, pairs = frozen(m)[lead], dead[lead] & ~np.eye(dead.shape[-1], dtype=bool)
    size = max([np.max(np.abs(frozen(x)[lead]), initial=0.0) for x in (m, like) if x is not None])
    return not np.any(np.abs(plain - np.conj(plain.T))[pairs] > _ROUNDING * size)


def _below(x: Any, rec: Recorder) -> Any:
    """x without what θ's recording knows of it."""
    return x.primal if is_value(x) and youngest((x,)) is rec else x


def _as_turned(x: Any, rec: Recorder) -> Any:
    """x as what θ's recording alone knows it by."""
    plain = concrete(x)
    return Array(plain, rec, x.slot) if is_value(x) and youngest((x,)) is rec else plain


def _mixed(x: Any) -> Any:
    """A number in which every element of x has a part."""
    return np.sum(x * np.reshape(np.sqrt(np.arange(2.0, 2.0 + np.size(concrete(x)))), np.shape(x)))


@with_partials(lambda y, x, by: 1.0, lambda y, x, by: np.nan, name="what is known where eigenvalues are equal")
def _held(x: Any, by: Any) -> Any:
    """x, of which nobody knows how it moves with the eigenvalues and eigenvectors."""
    return x + 0.0 * by


def any_equal(y: Any) -> bool:
    """Whether eigenvalues in (w, v), or singular values in (u, s, vᵀ), are equal to within rounding."""
    w = concrete(y[len(y) - 2])
    return bool(coincide(w).sum() > w.size)  # of each itself is one


TIED[EIG] = TIED[EIGH] = TIED[SVD] = any_equal
VALUES.update((EIGVALS, EIGVALSH, SINGULAR_VALUES, RAW_SINGULAR_VALUES))


@handles(np.linalg.eigh)
def _eigh(a: Any, UPLO: Any = "L") -> Any:
    a, theta = as_array(a), None if turning.rec is None else angles(a)
    if theta is not None:
        of = lambda a: np.linalg.eigh(a, UPLO)
        return apply(TURNED_EIGH, (a, theta), {"lower": UPLO.upper() == "L", "of": of})
    return apply(EIGH, (a,), {"UPLO": UPLO.upper()})


@handles(np.linalg.eig)
def _eig(a: Any) -> Any:
    a, theta = as_array(a), None if turning.rec is None else angles(a)
    if theta is not None:
        return apply(TURNED_EIG, (a, theta), {"of": np.linalg.eig})
    return apply(EIG, (a,))
