"""Piecewise linear interpolation, differentiable in the points, the knots and the values.

Between knots,  y = f₀ + s (x − x₀)  with  s = (f₁ − f₀)/(x₁ − x₀)  and  t = (x − x₀)/(x₁ − x₀):

    ∂y/∂x = s,   ∂y/∂f₀ = 1 − t,   ∂y/∂f₁ = t,   ∂y/∂x₀ = −s (1 − t),   ∂y/∂x₁ = −s t.

At an inner knot s is the slope of least norm between its neighbours'; at an outer one, the inner slope.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import apply
from wengert.record.observe import decide
from wengert.record.value import concrete, stopped
from wengert.rules.axes import as_array
from wengert.rules.table import handles, rule
from wengert.sweep.arithmetic import strong


def interp(x: Any, xp: Any, fp: Any) -> Any:
    """np.interp."""
    return np.interp(x, xp, fp)


def _segment(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The segment in which each point lies, whether it lies inside, and whether on an inner knot."""
    return decide(_segment_of, x, xp)


def _segment_of(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    n = len(xp)
    k = np.clip(np.searchsorted(xp, x, "right") - 1, 0, max(n - 2, 0))
    return k, (x >= xp[0]) & (x <= xp[-1]), (k > 0) & np.equal(x, np.asarray(xp)[k])


def _slope(x: Any, xp: Any, fp: Any) -> Any:
    k, inside, knot = _segment(x, xp)
    if np.shape(xp)[0] < 2:
        return np.zeros(np.shape(x))
    s = np.diff(fp) / np.diff(xp)
    right = s[k]
    if np.any(knot):
        right = np.where(knot, _least(s[np.maximum(k - 1, 0)], right), right)
    return np.where(inside, right, np.where(np.isnan(stopped(x)), np.nan, 0.0))


def _least(a: Any, b: Any) -> Any:
    """The number of least norm between a and b (real and imaginary part by themselves)."""
    if np.iscomplexobj(concrete(a)):
        return _least(np.real(a), np.real(b)) + 1j * _least(np.imag(a), np.imag(b))
    p, q = stopped(a), stopped(b)
    nearest = np.where(np.abs(p) < np.abs(q), a, b)
    return np.where(np.sign(p) * np.sign(q) > 0, nearest, 0.0)


def _fraction(x: Any, xp: Any) -> tuple[Any, Any, Any]:
    """The places of both ends of each segment, and t; outside, t is 0 or 1."""
    k, _, _ = _segment(x, xp)
    n = np.shape(xp)[0]
    if n < 2:
        return k, k, np.zeros(np.shape(x))
    t = np.clip(np.divide(x - xp[k], xp[k + 1] - xp[k]), 0.0, 1.0)
    below, above = stopped(x) <= stopped(xp)[0], stopped(x) >= stopped(xp)[-1]
    return k, k + 1, np.where(below, 0.0, np.where(above, 1.0, t))


def _push_x(d: Any, y: Any, x: Any, xp: Any, fp: Any) -> Any:
    return strong(d, _slope(x, xp, fp))


def _push_xp(d: Any, y: Any, x: Any, xp: Any, fp: Any) -> Any:
    k, k1, t = _fraction(x, xp)
    return -_slope(x, xp, fp) * ((1.0 - t) * d[k] + t * d[k1])


def _push_fp(d: Any, y: Any, x: Any, xp: Any, fp: Any) -> Any:
    k, k1, t = _fraction(x, xp)
    return np.where(np.equal(stopped(t), 1), 0.0, (1.0 - t) * d[k]) + np.where(np.equal(stopped(t), 0), 0.0, t * d[k1])


def _pull_x(c: Any, y: Any, x: Any, xp: Any, fp: Any) -> Any:
    bar = strong(c, _slope(x, xp, fp))
    return np.real(bar) if np.iscomplexobj(concrete(bar)) else bar


INTERP = rule(interp, _push_x, _push_xp, _push_fp, pull=(_pull_x, None, None), name="numpy.interp")


@handles(np.interp)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    x, xp, fp = as_array(x), as_array(xp), as_array(fp)
    if period is not None:
        if stopped(period) == 0:
            raise ValueError("period must be a non-zero value")
        return _periodic(x, xp, fp, np.abs(period))
    y = apply(INTERP, (x, xp, fp))
    ends = stopped(xp)
    if left is not None:
        y = _where(stopped(x) < ends[0], left, y)
    if right is not None:
        y = _where(stopped(x) > ends[-1], right, y)
    return y


def _where(mask: Any, a: Any, y: Any) -> Any:
    z = np.where(mask, a, y)
    return z if isinstance(concrete(y), np.ndarray) and np.ndim(concrete(y)) else z[()]


def _periodic(x: Any, xp: Any, fp: Any, period: Any) -> Any:
    if np.ndim(concrete(xp)) != 1 or np.ndim(concrete(fp)) != 1:
        raise ValueError("Data points must be 1-D sequences")
    if len(concrete(xp)) != len(concrete(fp)):
        raise ValueError("fp and xp are not of the same length")
    x, xp = x % period, xp % period
    order = decide(np.argsort, xp)
    xp, fp = xp[order], fp[order]
    xp = np.concatenate((xp[-1:] - period, xp, xp[0:1] + period))
    fp = np.concatenate((fp[-1:], fp, fp[0:1]))
    return apply(INTERP, (x, xp, fp))
