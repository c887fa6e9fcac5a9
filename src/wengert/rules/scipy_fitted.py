"""Splines that are fitted to data: the equations that their coefficients solve, as functions of all that is recorded.

With B the matrix of all B-splines at the points x, and W the weights:

    interpolating   B c = y, with rows for derivatives at the ends,
    least squares   c = argmin |W (y − B c)|²,
    smoothing       c = argmin |D c|² + p |W (y − B c)|², p such that |W (y − B c)|² = s,

where D c are the jumps of the last derivative at the inner knots (Dierckx, *Curve and Surface Fitting with Splines*,
1993). Which points become knots is piecewise constant. FITPACK meets s to a thousandth: its own sum of squares stays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert.record.value import concrete
from wengert.rules.scipy_piecewise import spline
from wengert.rules.scipy_private import part, set_part
from wengert.rules.solved import gradient, renewed, solution, still

optimize: Any = _optimize
End = list[tuple[int, Any]]


def basis(t: Any, x: Any, k: int, nu: int = 0) -> Any:
    """All B-splines, or their derivatives, at the points: one row for each."""
    return spline(t, np.eye(np.shape(concrete(t))[0] - k - 1), x, k, nu, True)


def between_ends(low: Any, inner: Any, high: Any, k: int) -> Any:
    """The inner knots, with k + 1 equal ones at each end."""
    ends = np.ones(k + 1)
    return np.concatenate([low * ends, inner, high * ends])


def not_a_knot(x: Any, k: int) -> Any:
    """The knots of an interpolating spline: points of x, or for even k the middles between them."""
    half = (k + 1) // 2
    inner = x[half:-half] if k % 2 else (0.5 * (x[1:] + x[:-1]))[half:-half]
    return between_ends(x[0], inner, x[-1], k)


def moved(inner: Any, x: Any) -> Any:
    """Inner knots that are points of x, or middles between them, as functions of x."""
    plain = still(x)
    middles = 0.5 * (plain[1:] + plain[:-1])
    low = np.clip(np.searchsorted(plain, inner, "right") - 1, 0, plain.size - 2)
    at = plain[low] == inner
    known = at | np.isclose(middles[low], inner, rtol=1e-12, atol=0.0)
    return np.where(known, np.where(at, x[low], 0.5 * (x[low] + x[low + 1])), inner)


def interpolating(t: Any, x: Any, y: Any, k: int, left: End, right: End) -> Any:
    """The coefficients of the spline through y, with derivatives (order, value) at the ends."""
    rows = [basis(t, x[:1], k, nu) for nu, _ in left]
    rows += [basis(t, x, k), *[basis(t, x[-1:], k, nu) for nu, _ in right]]
    one = (1, np.shape(concrete(y))[1])
    values = [np.broadcast_to(value, one) for _, value in left]
    values += [y, *[np.broadcast_to(value, one) for _, value in right]]
    return np.linalg.solve(np.concatenate(rows), np.concatenate(values))


def least(t: Any, x: Any, y: Any, w: Any, k: int) -> Any:
    """The coefficients of least squares."""
    return np.linalg.lstsq(w[:, None] * basis(t, x, k), w[:, None] * y, rcond=None)[0]


def squares(t: Any, x: Any, y: Any, w: Any, k: int, c: Any) -> Any:
    """|W (y − B c)|²."""
    return np.sum((w[:, None] * (y - np.matmul(basis(t, x, k), c))) ** 2)


def _jumps(t: Any, k: int) -> Any:
    """D, from the last derivative between neighbouring knots."""
    inner = t[k : np.shape(concrete(t))[0] - k]
    return np.diff(basis(t, 0.5 * (inner[1:] + inner[:-1]), k, k), axis=0)


def smoothing(t: Any, x: Any, y: Any, w: Any, k: int, s: Any, plain: Any) -> Any:
    """The coefficients of a smoothing spline, where SciPy found `plain`."""
    found = squares(still(t), still(x), still(y), still(w), k, plain)
    direct = least(t, x, y, w, k)
    if np.shape(concrete(t))[0] == 2 * k + 2 or found <= (1.0 + 1e-7) * still(squares(t, x, y, w, k, direct)):
        return direct  # a polynomial, or already close enough to s
    rows, jumps = w[:, None] * basis(t, x, k), _jumps(t, k)
    normal, rough = np.matmul(np.transpose(rows), rows), np.matmul(np.transpose(jumps), jumps)
    rough = rough * (np.trace(still(normal)) / np.trace(still(rough)))
    right = np.matmul(np.transpose(rows), w[:, None] * y)

    def coefficients(v: Any) -> Any:
        return np.linalg.solve(normal + np.exp(v) * rough, right)

    def excess(v: Any) -> Any:
        return squares(t, x, y, w, k, coefficients(v[0])) - found - (s - still(s))

    def plain_excess(v: float) -> float:
        return float(still(excess(np.array([v]))))

    v = np.array([optimize.brentq(plain_excess, -34.0, 34.0, xtol=1e-14)])
    return coefficients(solution(lambda v: np.reshape(excess(v), (1,)), v, "a smoothing spline")[0])


# ── natural cubic splines: argmin Σ w (y − f)² + λ ∫ f''² has the values f = (W + λ Q R⁻¹ Qᵀ)⁻¹ W y (Reinsch 1967) ──


def _roughness(x: Any) -> Any:
    """Q R⁻¹ Qᵀ: fᵀ of it f is ∫ f''² of the natural spline through f."""
    h = np.diff(x)
    n = np.shape(concrete(x))[0]
    low, high, eye = 1.0 / h[:-1, None], 1.0 / h[1:, None], np.eye(n)
    second = eye[:-2] * low - eye[1:-1] * (low + high) + eye[2:] * high
    inner = np.diag(h[1:] + h[:-1]) / 3 + np.diag(h[1:-1], 1) / 6 + np.diag(h[1:-1], -1) / 6
    return np.matmul(np.transpose(second), np.linalg.solve(inner, second))


def natural_smoothing(x: Any, y: Any, w: Any, lam: Any, plain: Any) -> Any:
    """(knots, coefficients) of make_smoothing_spline; if λ is None, that of generalized cross-validation."""
    rough, t = _roughness(x), np.concatenate([x[0] * np.ones(3), x, x[-1] * np.ones(3)])

    def operator(lam: Any) -> Any:
        return np.linalg.solve(np.diag(w) + lam * rough, np.diag(w))

    def score(v: Any) -> Any:
        hat = operator(np.exp(v[0]))
        n = np.shape(concrete(x))[0]
        return np.sum((y - np.matmul(hat, y)) ** 2) / (1.0 - np.trace(hat) / n) ** 2

    if lam is None:
        f = np.matmul(basis(still(t), still(x), 3), plain)
        force = np.matmul(still(rough), f)
        start = np.sum(force * still(w)[:, None] * (still(y) - f)) / np.sum(force**2)
        lam = np.exp(solution(gradient(score), np.array([np.log(start)]), "make_smoothing_spline without lam")[0])
    values = np.matmul(operator(lam), y)
    return t, interpolating(t, x, values, 3, [(2, 0.0)], [(2, 0.0)])


def spline_of(made: Any, t: Any, c: Any) -> Any:
    """The spline SciPy made, with these knots and coefficients."""
    plain = part(made, "c")
    set_part(made, "t", renewed(part(made, "t"), t))
    set_part(made, "c", renewed(plain, np.reshape(c, np.shape(plain))))
    return made
