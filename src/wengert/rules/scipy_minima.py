"""scipy.optimize: minima at bounds and under constraints, as functions of what the functions given read.

Where the constraints c(x) = 0 are active (equations, inequalities and bounds that hold x back), the minimum of f is a
stationary point of L(x, λ) = f(x) − λ·c(x): an equation in x and λ together, to which steps of Newton's method are
recorded as for any other (`rules.solved`). The multipliers to start from are those of least squares at the x that
SciPy found. Source: Nocedal and Wright, Numerical Optimization, ch. 12 and 18.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.observe import look
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.described import composed_methods
from wengert.rules.solved import Observed, gradient, held, solution, solved_for, still, value_and_jacobian
from wengert.rules.solver_line import Traced

optimize: Any = _optimize
Fn = Callable[..., Any]
NEAR = 1e-6
"""How near to its bound, relatively, a constraint is active."""


def refuse(name: str, why: str) -> NoDerivative:
    """The error for a way of solving that has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative of the result of scipy.optimize.{name} {why}"))


composed_methods(optimize.Bounds, "__init__")
composed_methods(optimize.LinearConstraint, "__init__")

# ── what holds x back ──

Constraint = tuple[Fn, Any, Any]
"""(c, low, high): low ≤ c(x) ≤ high, each of shape (m,)."""


def both_bounds(bounds: Any) -> Any:
    """(low, high), or Bounds, as Bounds."""
    return bounds if isinstance(bounds, optimize.Bounds) else optimize.Bounds(*map(as_array, bounds))


def bounds_of(bounds: Any, n: int) -> list[Constraint]:
    """Bounds in any of SciPy's spellings, as one constraint."""
    if bounds is None:
        return []
    if isinstance(bounds, optimize.Bounds):
        low, high = as_array(bounds.lb), as_array(bounds.ub)
    else:
        pairs = [(-np.inf if a is None else a, np.inf if b is None else b) for a, b in bounds]
        low, high = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    return [(lambda x: x, low + np.zeros(n), high + np.zeros(n))]


def constraints_of(constraints: Any) -> list[Constraint]:
    """SciPy's constraints: dictionaries and objects, one or many."""
    if isinstance(constraints, dict) or not isinstance(constraints, (list, tuple)):
        constraints = (constraints,)
    return [_constraint(c) for c in constraints]


def _constraint(c: Any) -> Constraint:
    if isinstance(c, dict):
        args = c.get("args", ())
        high = 0.0 if c["type"] == "eq" else np.inf
        return (lambda x: np.reshape(np.asarray(c["fun"](x, *args)), (-1,))), 0.0, high
    if isinstance(c, optimize.LinearConstraint):
        return (lambda x: np.matmul(np.atleast_2d(as_array(c.A)), x)), as_array(c.lb), as_array(c.ub)
    return (lambda x: np.reshape(np.asarray(c.fun(x)), (-1,))), as_array(c.lb), as_array(c.ub)


def plain_constraints(constraints: Any, observed: Observed) -> Any:
    """The constraints as the solver gets them: of plain numbers."""
    if isinstance(constraints, (list, tuple)):
        return [plain_constraints(c, observed) for c in constraints]
    if isinstance(constraints, dict):
        made: dict[str, Any] = dict(constraints) | {"args": ()}
        args: Any = constraints.get("args", ())
        return made | {k: observed(made[k], args) for k in ("fun", "jac") if callable(made.get(k))}
    if isinstance(constraints, optimize.NonlinearConstraint):
        jac = observed(constraints.jac) if callable(constraints.jac) else constraints.jac
        low, high = still(constraints.lb), still(constraints.ub)
        return optimize.NonlinearConstraint(observed(constraints.fun), low, high, jac, constraints.hess)
    observed.sees([constraints.A, constraints.lb, constraints.ub])
    if isinstance(observed, Traced):
        return constraints
    return optimize.LinearConstraint(still(constraints.A), still(constraints.lb), still(constraints.ub))


def is_near(y: Any, bound: Any) -> Any:
    """Where y is at a finite bound."""
    finite = np.where(np.isfinite(bound), bound, 0.0)
    return np.isfinite(bound) & (np.abs(y - finite) <= NEAR * (1.0 + np.abs(finite)))


def _active(constraint: Constraint, x: Any) -> Fn | None:
    """The components that hold x back, as a function that is zero there."""
    c, low, high = constraint
    y = held(c(x), x)
    none = np.zeros(np.shape(concrete(y)))
    low, high = low + none, high + none
    at_low, at_high = look(is_near(y, held(low, x))), look(is_near(y, held(high, x)))
    where = np.flatnonzero(at_low | at_high)
    if not where.size:
        return None
    goal = np.where(at_low, low, high)[where]
    return lambda x: c(x)[where] - goal


# ── minima ──


def minimum(f: Fn, x: Any, held: list[Constraint], name: str) -> Any:
    """The minimum x of f, of shape (n,), plain or a compiler's, as a function of what f and the constraints read."""
    active = [g for g in (_active(c, x) for c in held) if g is not None]
    if not active:
        return solution(gradient(f), x, f"scipy.optimize.{name}")
    c = lambda x: np.concatenate([g(x) for g in active])
    multipliers = _multipliers(f, c, x, name)
    n = np.shape(concrete(x))[0]
    lagrangian = lambda z: f(z[:n]) - np.sum(z[n:] * c(z[:n]))
    start = np.concatenate([x, multipliers])
    try:
        return solved_for(gradient(lagrangian), start, f"scipy.optimize.{name}")[:n]
    except np.linalg.LinAlgError:
        raise refuse(name, "whose active constraints depend on each other at the solution") from None


def _multipliers(f: Fn, c: Fn, x: Any, name: str) -> Any:
    slope, jacobian = held(gradient(f)(x), x), held(value_and_jacobian(c, x)[1], x)
    multipliers = np.linalg.lstsq(np.transpose(jacobian), slope, rcond=None)[0]
    weight = np.abs(multipliers) * np.linalg.norm(jacobian, axis=1)
    if np.any(weight <= NEAR * (np.linalg.norm(slope) + NEAR)):
        raise refuse(name, "at a bound or constraint that does not hold it back: it has a derivative to one side only")
    return multipliers
