"""np.linalg.det and slogdet, also of singular matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.value import concrete, frozen
from wengert.rules.linalg import as_array
from wengert.rules.linalg_triangular import (
    adjoint,
    like,
    mt,
)  # fmt: skip
from wengert.rules.table import handles, rule
from wengert.sweep.arithmetic import strong

# ── Jacobi: d det A = tr(adj(A) Ȧ);  d log|det A| = Re tr(A⁻¹ Ȧ) ──


def trace_product(a: Any, b: Any) -> Any:
    """tr(a b) of each pair."""
    return np.sum(a * mt(b), axis=(-2, -1))


def adjugate(a: Any) -> Any:
    """adj(a), the transposed cofactors: det(a) a⁻¹ where a is regular, exact where it is singular."""
    plain = concrete(a)
    if not plain.size:
        return np.zeros(plain.shape)
    if decide(_regular, a):
        det = np.linalg.det(a)
        return (det[..., None, None] if plain.ndim > 2 else det) * np.linalg.inv(a)
    if plain.ndim == 2:
        return _adjugate_in_frame(a)
    return np.reshape(np.stack([adjugate(m) for m in np.reshape(a, (-1, *plain.shape[-2:]))]), plain.shape)


def _regular(a: Any) -> bool:
    """Whether no matrix is nearly singular."""
    return _clearly_regular(a) or not np.any(_nearly_singular(a))


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
    u, s, vh = np.linalg.svd(frozen(a))
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
        return np.reshape(
            np.stack([inverse_or_infinite(m) for m in np.reshape(a, (-1, *np.shape(a)[-2:]))]), np.shape(a)
        )


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


@handles(np.linalg.det)
def _det(a: Any) -> Any:
    return apply(DET, (as_array(a),))


@handles(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    return apply(SLOGDET, (as_array(a),))
