"""scipy.optimize: linear programs, and linear least squares within bounds.

A vertex is where n of the constraints meet: x = A⁻¹ b over those that hold it. Least squares within bounds are those
of the variables that are free. Which constraints hold is piecewise constant.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_minima import both_bounds, bounds_of, is_near, refuse
from wengert.rules.scipy_roots import handles, run
from wengert.rules.solved import FAR, Observed, renewed, still
from wengert.rules.solver_results import result

optimize: Any = _optimize


@handles("linprog")
def _linprog(original: Any, given: dict[str, Any]) -> Any:
    found = run(original, Observed(), dict(given))
    names = ("c", "A_ub", "b_ub", "A_eq", "b_eq", "bounds")
    if not any_recorded([given[key] for key in names]) or found.x is None:
        return found
    c = as_array(given["c"])
    x = _vertex(given, found.x) if any_recorded([given[key] for key in names[1:]]) else found.x
    later = {"slack": lambda: _left_over(given["A_ub"], given["b_ub"], x, found.slack)}
    later["con"] = lambda: _left_over(given["A_eq"], given["b_eq"], x, found.con)
    return result(found, later, x=x, fun=renewed(found.fun, np.sum(c * x)))


def _left_over(A: Any, b: Any, x: Any, found: Any) -> Any:
    """b − A x."""
    return found if A is None else renewed(found, as_array(b) - np.matmul(as_array(A), x))


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
    return renewed(x, _where_they_meet(rows, goals, n, "linprog"))


def _where_they_meet(rows: list[Any], goals: list[Any], n: int, name: str) -> Any:
    held, b = np.concatenate([np.zeros((0, n)), *rows]), np.concatenate([np.zeros(0), *goals])
    if np.shape(concrete(held))[0] != n or np.linalg.matrix_rank(still(held)) != n:
        raise refuse(name, "where not exactly as many constraints meet as there are variables")
    return np.linalg.solve(held, b)


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


@handles("milp")
def _milp(original: Any, given: dict[str, Any]) -> Any:
    """Whole numbers stay what they are; the other variables are a vertex of what is left."""
    asked: Any = given["constraints"] or []
    single = hasattr(asked, "A") or (len(asked) and not (type(asked[0]) is tuple or hasattr(asked[0], "A")))
    parts = [(c.A, c.lb, c.ub) if hasattr(c, "A") else c for c in ([asked] if single else list(asked))]
    bounds = given["bounds"] or optimize.Bounds(0.0, np.inf)
    low, high = (bounds.lb, bounds.ub) if hasattr(bounds, "lb") else bounds
    inner = any_recorded((parts, low, high))
    plain = {"constraints": [optimize.LinearConstraint(*still(p)) for p in parts], "bounds": still((low, high))}
    found = run(original, Observed(), dict(given) | (plain if inner else {}))
    if found.x is None or not (inner or any_recorded(given["c"])):
        return found
    whole = np.broadcast_to(0 if given["integrality"] is None else given["integrality"], found.x.shape) > 0
    x = _mixed(parts, (low, high), found.x, ~whole) if inner else found.x
    return result(found, x=x, fun=renewed(found.fun, np.sum(as_array(given["c"]) * x)))


def _mixed(parts: list[Any], bounds: Any, x: Any, free: Any) -> Any:
    rows, goals = [], []
    identity: Any = np.eye(x.size)
    for given, *limits in [*parts, (identity, *bounds)]:
        A = np.atleast_2d(as_array(given.toarray() if hasattr(given, "toarray") else given))
        done = ~np.any(still(A)[:, free] != 0, axis=1)
        for limit in limits:
            limit = np.broadcast_to(as_array(limit), (np.shape(A)[0],))
            tight = np.flatnonzero(is_near(np.matmul(still(A), x), still(limit)) & ~done)
            done[tight] = True
            rows.append(A[tight][:, free])
            goals.append(limit[tight] - np.matmul(A[tight][:, ~free], x[~free]))
    y = x + 0.0 * np.sum(np.concatenate(goals))
    y[free] = _where_they_meet(rows, goals, int(free.sum()), "milp")
    return renewed(x, y)


@handles("isotonic_regression")
def _isotonic(original: Any, given: dict[str, Any]) -> Any:
    """The weighted means of blocks: which elements are one block is piecewise constant."""
    y, weights = given["y"], given["weights"]
    found = run(original, Observed(), dict(given))
    if not any_recorded((y, weights)):
        return found
    y = as_array(y)
    w = np.ones(found.x.size) if weights is None else as_array(weights)
    sums = [np.add.reduceat(part, found.blocks[:-1]) for part in (w, w * y)]
    x = np.repeat(sums[1] / sums[0], np.diff(found.blocks))
    return result(found, x=renewed(found.x, x), weights=renewed(found.weights, sums[0]))


@handles("lsq_linear")
def _lsq_linear(original: Any, given: dict[str, Any]) -> Any:
    found = run(original, Observed(), dict(given))
    if not any_recorded([given["A"], given["b"], given["bounds"]]):
        return found
    pairs = both_bounds(given["bounds"])
    (_, low, high) = bounds_of(pairs, found.x.size)[0]
    side = _held(found, given, still(low), still(high))
    x = _least(
        as_array(given["A"]), as_array(given["b"]), side == 0, np.where(side < 0, low, np.where(side > 0, high, 0.0))
    )
    if not np.max(np.abs(still(x) - found.x) / (1.0 + np.abs(found.x)), initial=0.0) <= FAR:
        raise refuse("lsq_linear", "which has not converged, or is at a bound that does not hold it back")
    residual = np.matmul(as_array(given["A"]), x) - as_array(given["b"])
    cost = renewed(found.cost, 0.5 * np.sum(residual**2))
    return result(found, x=renewed(found.x, x), cost=cost, fun=renewed(found.fun, residual))


def _held(found: Any, given: dict[str, Any], low: Any, high: Any) -> Any:
    """−1 and 1 for the variables that a bound holds back, 0 for the others. A method that comes from within stays a
    little away from it: there the slope says so."""
    slope = np.matmul(np.transpose(still(as_array(given["A"]))), np.asarray(found.fun))
    pressed = np.abs(slope) > 1e-4 * (np.linalg.norm(slope) + np.finfo(float).tiny)
    below, above = is_near(found.x, low) & pressed & (slope > 0), is_near(found.x, high) & pressed & (slope < 0)
    return np.where(found.active_mask != 0, found.active_mask, np.where(below, -1, np.where(above, 1, 0)))


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
