"""scipy.linalg: the algebraic Riccati equations.

The solution X is the least cost over all gains K, so that its derivative needs none of K's. With
A_c = A − B K, and F = Q̇ + Kᴴ Ṙ K − Ṡ K − (Ṡ K)ᴴ beside the terms of Ȧ and Ḃ,

    continuous:  K = R⁻¹ (Bᴴ X + Sᴴ),             A_cᴴ Ẋ + Ẋ A_c + F + X D + Dᴴ X = 0,           D = Ȧ − Ḃ K,
    discrete:    K = (R + Bᴴ X B)⁻¹ (Bᴴ X A + Sᴴ),  Ẋ = A_cᴴ Ẋ A_c + F + A_cᴴ X D + Dᴴ X A_c.

Source: Kao and Hennequin, arXiv:2011.11430 (2020).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg as sl

from wengert.record.apply import apply
from wengert.record.state import compute
from wengert.rules.linalg import as_array
from wengert.rules.linalg_triangular import adjoint
from wengert.rules.scipy_linalg import native, replaces
from wengert.rules.solved import renewed, still
from wengert.rules.table import rule

continuous_lyapunov = native(sl.solve_continuous_lyapunov)
discrete_lyapunov = native(sl.solve_discrete_lyapunov)


def _with_adjoint(m: Any) -> Any:
    return m + adjoint(m)


def _standard(a: Any, q: Any, e: Any, s: Any) -> tuple[Any, Any, Any]:
    """A, Q, S of the equation without E that has the same solution: A E⁻¹, E⁻ᴴ Q E⁻¹, E⁻ᴴ S."""
    below = lambda m: np.linalg.solve(adjoint(e), m)
    return adjoint(below(adjoint(a))), below(adjoint(below(adjoint(q)))), below(s)


def _continuous_gain(x: Any, a: Any, b: Any, r: Any, s: Any) -> Any:
    return np.linalg.solve(r, np.matmul(adjoint(b), x) + adjoint(s))


def _discrete_gain(x: Any, a: Any, b: Any, r: Any, s: Any) -> Any:
    bx = np.matmul(adjoint(b), x)
    return np.linalg.solve(r + np.matmul(bx, b), np.matmul(bx, a) + adjoint(s))


def _continuous(f: Any, x: Any, d: Any, closed: Any) -> Any:
    """Ẋ from F, D and A_c."""
    total = f if d is None else f + _with_adjoint(np.matmul(x, d))
    return continuous_lyapunov(adjoint(closed), -total)


def _discrete(f: Any, x: Any, d: Any, closed: Any) -> Any:
    total = f if d is None else f + _with_adjoint(np.matmul(adjoint(closed), np.matmul(x, d)))
    return discrete_lyapunov(adjoint(closed), total)


def _enter(original: Any, gain: Any, solve: Any) -> None:
    name = f"scipy.linalg.{original.__name__}"

    def closed(x: Any, a: Any, b: Any, r: Any, s: Any) -> tuple[Any, Any]:
        k = gain(x, a, b, r, s)
        return k, a - np.matmul(b, k)

    def of_a(d: Any, x: Any, a: Any, b: Any, q: Any, r: Any, s: Any, **_: Any) -> Any:
        return solve(np.zeros(np.shape(x)), x, d, closed(x, a, b, r, s)[1])

    def of_b(d: Any, x: Any, a: Any, b: Any, q: Any, r: Any, s: Any, **_: Any) -> Any:
        k, c = closed(x, a, b, r, s)
        return solve(np.zeros(np.shape(x)), x, -np.matmul(d, k), c)

    def of_q(d: Any, x: Any, a: Any, b: Any, q: Any, r: Any, s: Any, **_: Any) -> Any:
        return solve(0.5 * _with_adjoint(d), x, None, closed(x, a, b, r, s)[1])

    def of_r(d: Any, x: Any, a: Any, b: Any, q: Any, r: Any, s: Any, **_: Any) -> Any:
        k, c = closed(x, a, b, r, s)
        return solve(np.matmul(adjoint(k), np.matmul(0.5 * _with_adjoint(d), k)), x, None, c)

    def of_s(d: Any, x: Any, a: Any, b: Any, q: Any, r: Any, s: Any, **_: Any) -> Any:
        k, c = closed(x, a, b, r, s)
        return solve(-_with_adjoint(np.matmul(d, k)), x, None, c)

    def call(f: Any, a: Any, b: Any, q: Any, r: Any, s: Any, crossed: bool, balanced: bool) -> Any:
        return f(a, b, q, r, s=s if crossed else None, balanced=balanced)

    op = native(original, call)
    row = rule(op, of_a, of_b, of_q, of_r, of_s, name=name)

    @replaces(original)
    def _solve(a: Any, b: Any, q: Any, r: Any, e: Any = None, s: Any = None, balanced: bool = True) -> Any:
        options = {"crossed": s is not None, "balanced": bool(balanced)}
        given = (a, b, q, r, e, s)
        a, b, q, r = [np.atleast_2d(as_array(m)) for m in given[:4]]
        cross = np.zeros(np.shape(b)) if s is None else np.atleast_2d(as_array(s))
        if e is None:
            return apply(row, (a, b, q, r, cross), options)
        standard = _standard(a, q, np.atleast_2d(as_array(e)), cross)
        x = apply(row, (standard[0], b, standard[1], r, standard[2]), options)
        return renewed(compute(original, still(given), {"balanced": balanced}), x)


_enter(sl.solve_continuous_are, _continuous_gain, _continuous)
_enter(sl.solve_discrete_are, _discrete_gain, _discrete)
