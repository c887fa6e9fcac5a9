"""The compiled functions below scipy.interpolate's piecewise polynomials and B-splines, described in NumPy."""

from __future__ import annotations

from math import perm
from typing import Any

import numpy as np
import scipy.interpolate as _interpolate
from scipy.interpolate import _bsplines, _ppoly, _rgi  # type: ignore[attr-defined]

from wengert.record.observe import decide
from wengert.record.protocols import any_recorded
from wengert.record.swap import replace
from wengert.rules.described import described, plainly, replaces_in

interpolate: Any = _interpolate
ppoly: Any = _ppoly
dierckx: Any = _bsplines._dierckx  # type: ignore[attr-defined]


def segment(knots: Any, x: Any, first: int, last: int) -> Any:
    """The index i, first ≤ i ≤ last, of the interval [tᵢ, tᵢ₊₁) in which each point lies."""
    if knots[-1] < knots[0]:
        knots, x = -knots, -x
    return np.clip(np.searchsorted(knots, x, "right") - 1, first, last)


def is_outside(knots: Any, x: Any, first: int, last: int) -> Any:
    """Which points no interval holds."""
    low, high = sorted((knots[first], knots[last]))
    return ~((x >= low) & (x <= high))


def without_outside(y: Any, knots: Any, x: Any, first: int, last: int, extrapolate: bool) -> Any:
    """y (one line per point), NaN where it is not defined."""
    outside = decide(np.isnan, x) if extrapolate else decide(is_outside, knots, x, first=first, last=last)
    return np.where(outside[:, None], np.nan, y)


# ── piecewise polynomials: y = Σ c[k − 1 − p, i] sᵖ with s = x − xᵢ ──


def polynomial(c: Any, knots: Any, x: Any, nu: int, extrapolate: bool) -> Any:
    """The derivative of order nu at each point, one column per polynomial."""
    k, m, n = np.shape(c)
    i = decide(segment, knots, x, first=0, last=m - 1)
    s = (x - knots[i])[:, None]
    total: Any = np.zeros((np.shape(x)[0], n))
    power: Any = 1.0
    for p in range(nu, k):
        total = total + c[k - 1 - p][i] * (power * perm(p, nu))
        power = power * s
    return without_outside(total, knots, x, 0, m, extrapolate)


def _polynomial(c: Any, knots: Any, x: Any, nu: int, extrapolate: bool) -> Any:
    out = np.empty((len(x), c.shape[2]), c.dtype)
    ppoly.evaluate(*[np.ascontiguousarray(a) for a in (c, knots, x)], nu, extrapolate, out)
    return out


def antiderivative(c: Any, knots: Any) -> Any:
    """The coefficients of the integral from the first knot on."""
    k, _, n = np.shape(c)
    rest = c / np.arange(k, 0.0, -1)[:, None, None]
    widths = np.diff(knots)[:, None]
    parts: Any = 0.0
    for p in range(k):
        parts = parts + rest[p] * widths ** (k - p)
    start = np.concatenate([np.zeros((1, n)), np.cumsum(parts, axis=0)[:-1]])
    return np.concatenate([rest, start[None]])


def integral(c: Any, knots: Any, ends: Any, extrapolate: bool) -> Any:
    """The integral between two ends."""
    y = polynomial(antiderivative(c, knots), knots, ends, 0, extrapolate)
    return y[1] - y[0]


def _integral(c: Any, knots: Any, ends: Any, extrapolate: bool) -> Any:
    out = np.empty(c.shape[2], c.dtype)
    ppoly.integrate(np.ascontiguousarray(c), np.ascontiguousarray(knots), *ends, extrapolate, out=out)
    return out


evaluate_polynomial = described(_polynomial, polynomial, 3, "scipy.interpolate.PPoly")
integrate_polynomial = described(_integral, integral, 3, "scipy.interpolate.PPoly.integrate")


@replaces_in(ppoly, "evaluate")
def _evaluate(c: Any, x: Any, xp: Any, dx: int, extrapolate: bool, out: Any) -> None:
    out[...] = evaluate_polynomial(c, x, xp, nu=int(dx), extrapolate=bool(extrapolate))


@replaces_in(ppoly, "integrate")
def _integrate(c: Any, x: Any, a: Any, b: Any, extrapolate: bool, out: Any) -> None:
    out[...] = integrate_polynomial(c, x, np.stack([a, b]), extrapolate=bool(extrapolate))


@replaces_in(ppoly, "fix_continuity")
def _fix_continuity(c: Any, x: Any, order: int) -> None:
    if not any_recorded((c, x)):
        plainly(ppoly.fix_continuity)(c, x, order)
        return
    k, m, _ = np.shape(c)
    for i in range(1, m):
        width = x[i] - x[i - 1]
        for nu in range(order, -1, -1):
            total: Any = 0.0
            for p in range(nu, k):
                total = total + c[k - 1 - p, i - 1] * (perm(p, nu) * width ** (p - nu))
            c[k - 1 - nu, i] = total / perm(nu, nu)


# ── B-splines: de Boor's recursion (de Boor, A Practical Guide to Splines, 1978) ──


def _is_empty(t: Any, k: int) -> Any:
    return t[k:] == t[:-k]


def spline(t: Any, c: Any, x: Any, k: int, nu: int, extrapolate: bool) -> Any:
    """The derivative of order nu of Σ cⱼ Bⱼ at each point, one column per spline."""
    first, last, knots = k, np.shape(t)[0] - k - 1, t
    if nu > k:
        return without_outside(np.zeros((np.shape(x)[0], np.shape(c)[1])), knots, x, first, last, extrapolate)
    degree = k
    c = c[: np.shape(t)[0] - k - 1]
    for _ in range(nu):  # the derivative's coefficients: k (cⱼ − cⱼ₋₁) / (tⱼ₊ₖ − tⱼ)
        inner = t[1:-1]
        empty = decide(_is_empty, inner, k=degree)
        width = np.where(empty, 1.0, inner[degree:] - inner[:-degree])
        c = np.where(empty[:, None], 0.0, degree * np.diff(c, axis=0) / width[:, None])
        t, degree = inner, degree - 1
    i = decide(segment, t, x, first=degree, last=np.shape(t)[0] - degree - 2)
    d = [c[i - degree + j] for j in range(degree + 1)]
    for r in range(1, degree + 1):
        for j in range(degree, r - 1, -1):
            left, right = t[i - degree + j], t[i + 1 + j - r]
            a = ((x - left) / (right - left))[:, None]
            d[j] = (1.0 - a) * d[j - 1] + a * d[j]
    return without_outside(d[degree], knots, x, first, last, extrapolate)


def _spline(t: Any, c: Any, x: Any, k: int, nu: int, extrapolate: bool) -> Any:
    return dierckx.evaluate_spline(
        *[np.ascontiguousarray(a) for a in (t, c)], k, np.ascontiguousarray(x), nu, extrapolate
    )


evaluate_spline = described(_spline, spline, 3, "scipy.interpolate.BSpline")


@replaces_in(dierckx, "evaluate_spline")
def _evaluate_spline(t: Any, c: Any, k: int, x: Any, nu: int, extrapolate: bool) -> Any:
    return evaluate_spline(t, c, x, k=int(k), nu=int(nu), extrapolate=bool(extrapolate))


# ── regular grids ──


def _find_indices(original: Any) -> Any:
    def find_indices(grid: Any, xi: Any) -> Any:
        if not any_recorded((grid, xi)):
            return plainly(original)(grid, xi)
        indices: list[Any] = []
        distances: list[Any] = []
        for knots, x in zip(grid, xi, strict=True):
            i = decide(segment, knots, x, first=0, last=np.shape(knots)[0] - 2)
            indices.append(i)
            distances.append((x - knots[i]) / (knots[i + 1] - knots[i]))
        return np.stack(indices), distances

    return find_indices


def _evaluate_linear_2d(original: Any) -> Any:
    def evaluate_linear_2d(values: Any, indices: Any, distances: Any, grid: Any, out: Any) -> Any:
        if not any_recorded((values, distances)):
            return plainly(original)(values, indices, distances, grid, out)
        i, j = indices
        a, b = distances
        low = values[i, j] * (1.0 - a) * (1.0 - b) + values[i, j + 1] * (1.0 - a) * b
        return low + values[i + 1, j] * a * (1.0 - b) + values[i + 1, j + 1] * a * b

    return evaluate_linear_2d


def _coordinates(original: Any) -> Any:
    def coordinates(points: Any, ndim: Any = None) -> Any:
        if isinstance(points, tuple) and len(points) == 1:
            points = points[0]
        if not any_recorded(points):
            return plainly(original)(points, ndim)
        if isinstance(points, tuple):
            return np.stack(np.broadcast_arrays(*points), axis=-1)
        points = np.asarray(points)
        return points.reshape(-1, 1 if ndim is None else ndim) if np.ndim(points) == 1 else points

    return coordinates


replace(_rgi.find_indices)(_find_indices)
replace(_rgi.evaluate_linear_2d)(_evaluate_linear_2d)
replace(_rgi._ndim_coords_from_arrays)(_coordinates)
