"""scipy.linalg: functions of matrices and matrix equations.

For an analytic f, f([[A, E], [0, A]]) = [[f(A), L(A, E)], [0, f(A)]] with the Fréchet derivative L
(Mathias 1996; Higham, *Functions of Matrices*, 3.2; Al-Mohy & Higham 2009 for expm), and the
transpose of L(A, ·) is L(Aᵀ, ·). Recording the block matrix gives every further order.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record import swap
from wengert.record.apply import apply
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.value import concrete, is_value
from wengert.rules.linalg import as_array, refuse
from wengert.rules.linalg_triangular import adjoint, conj, like, mt
from wengert.rules.scipy_linalg import RECORDED, native, replaces, scipy
from wengert.rules.solved import Observed, renewed, still
from wengert.rules.table import rule, variadic

with suppress(ImportError):
    # logm imports compiled code when it is first called, which must not meet what a recording swaps in.
    import_module("scipy.linalg._matfuncs_inv_ssq")


def frechet(f: Callable[[Any], Any], a: Any, e: Any) -> Any:
    """L_f(a, e), from f of a block matrix."""
    n = np.shape(a)[-1]
    top = np.concatenate([a, e], axis=-1)
    bottom = np.concatenate([np.zeros(np.shape(a)), a], axis=-1)
    return f(np.concatenate([top, bottom], axis=-2))[..., :n, n:]


def _expm_frechet(a: Any, e: Any) -> Any:
    """L(a, e) of the exponential: SciPy's own routine on plain matrices."""
    if is_value(a) or is_value(e) or np.ndim(a) != 2 or np.iscomplexobj(a) or np.iscomplexobj(e):
        return frechet(_expm_op, a, e)
    return scipy.expm_frechet(a, e, compute_expm=False)


_expm_op = native(sl.expm)
EXPM = rule(
    _expm_op,
    lambda d, y, a: _expm_frechet(a, d),
    pull=(lambda c, y, a: like(_expm_frechet(mt(a), c), a),),
    name="scipy.linalg.expm",
)
_logm_op = native(sl.logm)
LOGM = rule(
    _logm_op,
    lambda d, y, a: frechet(_logm_op, a, d),
    pull=(lambda c, y, a: like(frechet(_logm_op, mt(a), c), a),),
    name="scipy.linalg.logm",
)
_power_op = native(sl.fractional_matrix_power, lambda f, a, t: f(a, t))


def _power_of(t: Any) -> Callable[[Any], Any]:
    return lambda m: _power_op(m, t=t)


POWER = rule(
    _power_op,
    lambda d, y, a, t: frechet(_power_of(t), a, d),
    pull=(lambda c, y, a, t: like(frechet(_power_of(t), mt(a), c), a),),
    name="scipy.linalg.fractional_matrix_power",
)


@replaces(sl.expm)
def _expm(A: Any) -> Any:
    return apply(EXPM, (as_array(A),))


@replaces(sl.logm)
def _logm(A: Any, disp: Any = True) -> Any:
    if disp is False:
        raise refuse("scipy.linalg.logm(disp=False)", "leave out disp.")
    return apply(LOGM, (as_array(A),))


@replaces(sl.fractional_matrix_power)
def _fractional_matrix_power(A: Any, t: Any) -> Any:
    if any_recorded(t):  # the derivative of Aᵗ in t
        return renewed(scipy.fractional_matrix_power(still(A), still(t)), _expm(t * _logm(as_array(A))))
    return apply(POWER, (as_array(A),), {"t": concrete(t)})


# ── A X + X B = Q  ⇒  A Ẋ + Ẋ B = Q̇ − Ȧ X − X Ḃ;  with Aᵀ W + W Bᵀ = c:  Q̄ = W, Ā = −W Xᵀ, B̄ = −Xᵀ W ──


def sylvester(a: Any, b: Any, q: Any) -> Any:
    """The solution X of A X + X B = Q."""
    recorded = is_value(a) or is_value(b) or is_value(q)
    return (RECORDED[scipy.solve_sylvester] if recorded else scipy.solve_sylvester)(a, b, q)


def _push_sylvester(dots: list[Any], x: Any, a: Any, b: Any, q: Any) -> Any:
    a_dot, b_dot, q_dot = dots
    right: Any = np.zeros(np.shape(x)) if q_dot is None else q_dot
    if a_dot is not None:
        right = right - np.matmul(a_dot, x)
    if b_dot is not None:
        right = right - np.matmul(x, b_dot)
    return sylvester(a, b, right)


def _pull_sylvester(c: Any, x: Any, a: Any, b: Any, q: Any) -> list[Any]:
    w = sylvester(mt(a), mt(b), c)
    return [like(-np.matmul(w, mt(x)), a), like(-np.matmul(mt(x), w), b), like(w, q)]


SYLVESTER = variadic(sylvester, _push_sylvester, _pull_sylvester, reads=True, name="scipy.linalg.solve_sylvester")


@replaces(sl.solve_sylvester)
def _solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    return apply(SYLVESTER, (as_array(a), as_array(b), as_array(q)))


# ── A X + X Aᴴ = Q and A X Aᴴ − X + Q = 0: the adjoint equation has Aᴴ for A ──


def _push_continuous(dots: list[Any], x: Any, a: Any, q: Any) -> Any:
    a_dot, q_dot = dots
    right: Any = np.zeros(np.shape(x)) if q_dot is None else q_dot
    if a_dot is not None:
        right = right - np.matmul(a_dot, x) - np.matmul(x, adjoint(a_dot))
    return _continuous_op(a, right)


def _pull_continuous(c: Any, x: Any, a: Any, q: Any) -> list[Any]:
    w = _continuous_op(adjoint(a), conj(c))
    a_bar = -np.matmul(w, adjoint(x)) - np.matmul(adjoint(w), x)
    return [like(conj(a_bar), a), like(conj(w), q)]


def _push_discrete(dots: list[Any], x: Any, a: Any, q: Any, method: Any) -> Any:
    a_dot, q_dot = dots
    right: Any = np.zeros(np.shape(x)) if q_dot is None else q_dot
    if a_dot is not None:
        right = right + np.matmul(np.matmul(a_dot, x), adjoint(a)) + np.matmul(np.matmul(a, x), adjoint(a_dot))
    return _discrete_op(a, right, method=method)


def _pull_discrete(c: Any, x: Any, a: Any, q: Any, method: Any) -> list[Any]:
    w = _discrete_op(adjoint(a), conj(c), method=method)
    a_bar = np.matmul(np.matmul(w, a), adjoint(x)) + np.matmul(np.matmul(adjoint(w), a), x)
    return [like(conj(a_bar), a), like(conj(w), q)]


_continuous_op = native(sl.solve_continuous_lyapunov)
_discrete_op = native(sl.solve_discrete_lyapunov)
CONTINUOUS = variadic(
    _continuous_op, _push_continuous, _pull_continuous, reads=True, name="scipy.linalg.solve_continuous_lyapunov"
)
DISCRETE = variadic(
    _discrete_op, _push_discrete, _pull_discrete, reads=True, name="scipy.linalg.solve_discrete_lyapunov"
)


@replaces(sl.solve_continuous_lyapunov)
def _solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    return apply(CONTINUOUS, (as_array(a), as_array(q)))


@replaces(sl.solve_discrete_lyapunov)
def _solve_discrete_lyapunov(a: Any, q: Any, method: Any = None) -> Any:
    return apply(DISCRETE, (as_array(a), as_array(q)), {"method": method})


# ── Y Y = A  ⇒  Y Ẏ + Ẏ Y = Ȧ ──

_sqrtm_op = native(sl.sqrtm)
SQRTM = rule(
    _sqrtm_op,
    lambda d, y, a: sylvester(y, y, d),
    pull=(lambda c, y, a: like(sylvester(mt(y), mt(y), c), a),),
    reads=((0,),),
    name="scipy.linalg.sqrtm",
)


@replaces(sl.sqrtm)
def _sqrtm(A: Any, disp: Any = True, blocksize: Any = None) -> Any:
    if disp is False:
        raise refuse("scipy.linalg.sqrtm(disp=False)", "leave out disp.")
    return apply(SQRTM, (as_array(A),))


# ── SciPy's own compositions of expm ──


def composed(name: str) -> None:
    """Run SciPy's own source of this function on recorded values."""
    original = getattr(sl, name)
    body = original
    while hasattr(body, "__wrapped__"):
        body = body.__wrapped__

    @replaces(original)
    def run(*args: Any, **kwargs: Any) -> Any:
        return swap.run_body(body, tuple(as_array(a) for a in args), kwargs)


COMPOSED = """
cosm sinm tanm coshm sinhm tanhm khatri_rao companion fiedler_companion solve_circulant null_space orth
"""
for _name in COMPOSED.split():
    composed(_name)


# ── S = sign(A), N = S A = (A²)^½  ⇒  N Ṡ + Ṡ N = Ȧ − S Ȧ S (Higham, *Functions of Matrices*, 5.1) ──


def _sign_of(s: Any, a: Any, d: Any) -> Any:
    n = np.matmul(s, a)
    return sylvester(n, n, d - np.matmul(s, np.matmul(d, s)))


SIGNM = rule(
    native(sl.signm),
    lambda d, y, a: _sign_of(y, a, d),
    pull=(lambda c, y, a: like(_sign_of(mt(y), mt(a), c), a),),
    name="scipy.linalg.signm",
)


@replaces(sl.signm)
def _signm(A: Any, disp: Any = True) -> Any:
    if disp is False:
        raise refuse("scipy.linalg.signm(disp=False)", "leave out disp.")
    return apply(SIGNM, (as_array(A),))


# ── f(A) = v f(w) v⁻¹ for a function of the user's ──


@swap.replace(sl.funm)
def _funm(original: Any) -> Any:
    def funm(A: Any, func: Any, disp: Any = True) -> Any:
        observed = Observed()
        plain = compute(original, (still(A), observed(func)), {"disp": disp})
        if not observed.recorded and not any_recorded(A):
            return plain
        if disp is False:
            raise refuse("scipy.linalg.funm(disp=False)", "leave out disp.")
        w, v = np.linalg.eig(as_array(A))
        value = np.matmul(v * func(np.asarray(w, complex))[..., None, :], np.linalg.inv(v))
        return renewed(plain, value if np.iscomplexobj(plain) else np.real(value))

    RECORDED[original] = funm
    return funm
