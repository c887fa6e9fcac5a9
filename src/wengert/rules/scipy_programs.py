"""scipy.optimize: linear programs, and linear least squares within bounds.

A vertex is where n of the constraints meet: x = A⁻¹ b over those that hold it. Least squares within bounds are those
of the variables that are free. Which constraints hold is piecewise constant.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_minima import bounds_of, is_near, refuse
from wengert.rules.scipy_roots import handles, result, run
from wengert.rules.solved import Observed, renewed, still

optimize: Any = _optimize


@handles("linprog")
def _linprog(original: Any, given: dict[str, Any]) -> Any:
    found = run(original, Observed(), dict(given))
    names = ("c", "A_ub", "b_ub", "A_eq", "b_eq", "bounds")
    if not any_recorded([given[key] for key in names]) or found.x is None:
        return found
    c = as_array(given["c"])
    x = _vertex(given, found.x) if any_recorded([given[key] for key in names[1:]]) else found.x
    return result(found, x=x, fun=renewed(found.fun, np.sum(c * x)))


def _vertex(given: dict[str, Any], x: Any) -> Any:
    n, rows, goals = x.size, [], []
    if given["A_eq"] is not None:
        rows.append(np.atleast_2d(as_array(given["A_eq"])))
        goals.append(np.atleast_1d(as_array(given["b_eq"])))
    if given["A_ub"] is not None:
        A, b = np.atleast_2d(as_array(given["A_ub"])), np.atleast_1d(as_array(given["b_ub"]))
        tight = np.flatnonzero(is_near(np.matmul(still(A), x), still(b)))
        rows.append(A[tight])
        goals.append(b[tight])
    for k, goal in _tight_bounds(given["bounds"], x):
        rows.append(np.eye(n)[k : k + 1])
        goals.append(np.reshape(goal, (1,)))
    held, b = np.concatenate(rows), np.concatenate(goals)
    if np.shape(concrete(held))[0] != n or np.linalg.matrix_rank(still(held)) != n:
        raise refuse("linprog", "where not exactly as many constraints meet as there are variables")
    return renewed(x, np.linalg.solve(held, b))


def _tight_bounds(bounds: Any, x: Any) -> list[tuple[Any, Any]]:
    if not isinstance(bounds, optimize.Bounds):
        rows = np.shape(concrete(as_array(_numbers(bounds))))
        bounds = [bounds] * x.size if rows == (2,) else bounds
        bounds = list(bounds) * x.size if rows == (1, 2) else bounds
    (_, low, high) = bounds_of(bounds, x.size)[0]
    held = [(k, low[k]) for k in np.flatnonzero(is_near(x, still(low)))]
    return held + [(k, high[k]) for k in np.flatnonzero(is_near(x, still(high)) & ~is_near(x, still(low)))]


def _numbers(bounds: Any) -> Any:
    """Bounds with numbers for None."""
    if isinstance(bounds, (list, tuple)):
        return [_numbers(b) for b in bounds]
    return 0.0 if bounds is None else bounds


@handles("lsq_linear")
def _lsq_linear(original: Any, given: dict[str, Any]) -> Any:
    found = run(original, Observed(), dict(given))
    if not any_recorded([given["A"], given["b"], given["bounds"]]):
        return found
    bounds = given["bounds"]
    pairs = bounds if isinstance(bounds, optimize.Bounds) else optimize.Bounds(*bounds)
    (_, low, high) = bounds_of(pairs, found.x.size)[0]
    fixed = np.where(found.active_mask < 0, low, np.where(found.active_mask > 0, high, 0.0))
    x = _least(as_array(given["A"]), as_array(given["b"]), found.active_mask == 0, fixed)
    residual = np.matmul(as_array(given["A"]), x) - as_array(given["b"])
    return result(found, x=renewed(found.x, x), cost=0.5 * np.sum(residual**2), fun=residual)


def _least(A: Any, b: Any, free: Any, fixed: Any) -> Any:
    """argmin |A x − b| over the free components of x."""
    rest = b - np.matmul(A, np.where(free, 0.0, fixed))
    x = np.zeros(free.size) + 0.0 * np.sum(rest)
    x[free] = np.linalg.lstsq(A[:, free], rest, rcond=None)[0]
    return np.where(free, x, fixed)


@handles("nnls")
def _nnls(original: Any, given: dict[str, Any]) -> Any:
    x, norm = run(original, Observed(), dict(given))
    if not any_recorded([given["A"], given["b"]]):
        return x, norm
    A, b = as_array(given["A"]), as_array(given["b"])
    r = _least(A, b, x > 0, np.zeros(x.size))
    return renewed(x, r), renewed(norm, np.linalg.norm(np.matmul(A, r) - b))


@replace(optimize.linear_sum_assignment)
def _assignment(original: Any) -> Any:
    """The rows and columns that are matched: whole numbers, of which no derivative is asked."""
    return lambda *args, **kwargs: compute(original, tuple(map(still, args)), {k: still(v) for k, v in kwargs.items()})


@replace(optimize.isotonic_regression)
def _isotonic(original: Any) -> Any:
    """Within the blocks that it finds, which are piecewise constant, each value is the mean of the block."""

    def isotonic_regression(y: Any, *, weights: Any = None, increasing: bool = True) -> Any:
        found = compute(original, (still(y),), {"weights": still(weights), "increasing": increasing})
        if not any_recorded((y, weights)):
            return found
        y = as_array(y)
        w = np.ones(np.shape(concrete(y))) if weights is None else as_array(weights)
        blocks = list(pairwise(found.blocks.tolist()))
        sums = np.stack([np.sum(w[i:j]) for i, j in blocks])
        means = np.stack([np.sum((w * y)[i:j]) for i, j in blocks]) / sums
        found.x = renewed(found.x, np.repeat(means, np.diff(found.blocks)))
        found.weights = renewed(found.weights, sums)
        return found

    return isotonic_regression
