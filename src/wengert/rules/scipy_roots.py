"""scipy.optimize: roots, minima and fits as functions of what the functions given to the solver read."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.solved import Observed, gradient, renewed, solution, still, value_and_jacobian

optimize: Any = _optimize
Fn = Callable[..., Any]
DONE: set[str] = set()
"""The solvers that have a derivative."""


def _handles(*names: str) -> Callable[[Fn], Fn]:
    """Decorator: handler(original, given) for each solver, with its arguments by name; extra ones under `kwargs`."""

    def register(handler: Fn) -> Fn:
        for name in names:
            DONE.add(name)
            replace(getattr(optimize, name))(lambda original: _bound(original, handler))
        return handler

    return register


def _bound(original: Any, handler: Fn) -> Fn:
    signature = inspect.signature(original)

    def solve(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        extra = given.pop("kwargs", None) if _takes_any(signature) else None
        return handler(original, given | (extra or {}))

    return solve


def _takes_any(signature: inspect.Signature) -> bool:
    return any(p.kind is p.VAR_KEYWORD for p in signature.parameters.values())


def _run(original: Any, observed: Observed, given: dict[str, Any], *functions: str) -> Any:
    """The solver on plain numbers; its functions take the recorded `args` from us."""
    args = given.pop("args", ())
    args = args if isinstance(args, tuple) else (args,)
    plain = {key: observed(f, args) if key in functions and callable(f) else still(f) for key, f in given.items()}
    return compute(original, (), plain)


def refuse(name: str, why: str) -> NoDerivative:
    """The error for a way of solving that has no derivative here."""
    return NoDerivative(at_user_line(f"no derivative of the result of scipy.optimize.{name} {why}"))


def _with_args(f: Fn, args: Any) -> Fn:
    args = args if isinstance(args, tuple) else (args,)
    return lambda x: f(x, *args)


# ── roots ──


@_handles("brentq", "brenth", "ridder", "bisect", "toms748")
def _bracketed(original: Any, given: dict[str, Any]) -> Any:
    observed, f = Observed(), _with_args(given["f"], given["args"])
    found = _run(original, observed, dict(given), "f")
    if not observed.recorded:
        return found
    x = np.array([found[0] if given["full_output"] else found], float)
    root = solution(lambda x: f(x[0]), x, f"scipy.optimize.{original.__name__}")[0]
    if not given["full_output"]:
        return root
    found[1].root = root
    return root, found[1]


def _root(f: Fn, x: Any, name: str) -> Any:
    x = np.asarray(x, float)
    root = solution(lambda flat: f(np.reshape(flat, x.shape)), x.ravel(), f"scipy.optimize.{name}")
    return np.reshape(root, x.shape)


@_handles("fsolve")
def _fsolve(original: Any, given: dict[str, Any]) -> Any:
    observed, f = Observed(), _with_args(given["func"], given["args"])
    found = _run(original, observed, dict(given), "func", "fprime")
    if not observed.recorded:
        return found
    x = _root(f, found[0] if given["full_output"] else found, "fsolve")
    return (x, {"nfev": found[1]["nfev"]}, *found[2:]) if given["full_output"] else x


def _result(found: Any, **recorded: Any) -> Any:
    """What a solver says, without the parts that would have lost their derivative."""
    kept = {k: found[k] for k in ("success", "status", "message", "nfev", "njev", "nhev", "nit") if k in found}
    return optimize.OptimizeResult(**recorded, **kept)


@_handles("root")
def _any_root(original: Any, given: dict[str, Any]) -> Any:
    observed, f = Observed(), _with_args(given["fun"], given["args"])
    found = _run(original, observed, dict(given), "fun", "jac", "callback")
    if not observed.recorded:
        return found
    equations = (lambda x: f(x)[0]) if given["jac"] is True else f
    x = _root(equations, found.x, "root")
    return _result(found, x=x, fun=equations(x))


# ── minima ──


def _is_inside(x: Any, bounds: Any) -> bool:
    """Whether no bound holds x back."""
    if bounds is None:
        return True
    if isinstance(bounds, optimize.Bounds):
        low, high = bounds.lb, bounds.ub
    else:
        pairs = [(-np.inf if a is None else a, np.inf if b is None else b) for a, b in bounds]
        low, high = (np.array(side, float) for side in zip(*pairs, strict=True))
    return bool(np.all((x > low) & (x < high)))


@_handles("minimize")
def _minimize(original: Any, given: dict[str, Any]) -> Any:
    observed, f = Observed(), _with_args(given["fun"], given["args"])
    found = _run(original, observed, dict(given), "fun", "jac", "hess", "hessp", "callback")
    if not observed.recorded:
        return found
    if given["constraints"]:
        raise refuse("minimize", "under constraints")
    if not _is_inside(found.x, still(given["bounds"])):
        raise refuse("minimize", "at a bound")
    value = (lambda x: f(x)[0]) if given["jac"] is True else f
    x = _root(gradient(value), found.x, "minimize")
    return _result(found, x=x, fun=value(x))


@_handles("minimize_scalar")
def _minimize_scalar(original: Any, given: dict[str, Any]) -> Any:
    observed, f = Observed(), _with_args(given["fun"], given["args"])
    found = _run(original, observed, dict(given), "fun")
    if not observed.recorded:
        return found
    slope = gradient(lambda x: f(x[0]))
    x = solution(slope, np.array([found.x], float), "scipy.optimize.minimize_scalar")[0]
    return _result(found, x=x, fun=f(x))


_LOSSES: dict[str, Fn] = {
    "linear": lambda z: z,
    "soft_l1": lambda z: 2.0 * (np.sqrt(1.0 + z) - 1.0),
    "huber": lambda z: np.where(z <= 1.0, z, 2.0 * np.sqrt(np.where(z <= 1.0, 1.0, z)) - 1.0),
    "cauchy": np.log1p,
    "arctan": np.arctan,
}


@_handles("least_squares")
def _least_squares(original: Any, given: dict[str, Any]) -> Any:
    args, options = given["args"], given["kwargs"] or {}
    observed, fun = Observed(), given["fun"]
    f = lambda x: np.reshape(np.asarray(fun(x, *args, **options)), (-1,))
    plain = dict(given) | {"fun": lambda x: fun(x, *args, **options), "args": (), "kwargs": {}}
    if callable(given["jac"]):
        plain["jac"] = lambda x: given["jac"](x, *args, **options)
    found = _run(original, observed, plain, "fun", "jac", "callback")
    if not observed.recorded:
        return found
    if given["loss"] not in _LOSSES:
        raise refuse("least_squares", "with a loss of your own")
    if np.any(found.active_mask):
        raise refuse("least_squares", "at a bound")
    loss, scale = _LOSSES[given["loss"]], still(given["f_scale"])
    cost = lambda x: 0.5 * scale**2 * np.sum(loss((f(x) / scale) ** 2))
    x = _root(gradient(cost), found.x, "least_squares")
    return _result(found, x=x, cost=cost(x), fun=f(x))


@_handles("curve_fit")
def _curve_fit(original: Any, given: dict[str, Any]) -> Any:
    observed, model = Observed(), given["f"]
    found = _run(original, observed, dict(given), "f", "jac")
    sigma = given["sigma"]
    if not observed.recorded and not any_recorded((given["xdata"], given["ydata"], sigma)):
        return found
    if given["full_output"] or (sigma is not None and np.ndim(concrete(as_array(sigma))) > 1):
        raise refuse("curve_fit", "with full_output or a matrix sigma")
    x = given["xdata"]
    x = np.asarray(x, float) if isinstance(x, (list, tuple)) else x
    y, weight = as_array(given["ydata"]), 1.0 if sigma is None else 1.0 / as_array(sigma)
    residuals = lambda p: np.reshape((model(x, *p) - y) * weight, (-1,))
    p = _root(gradient(lambda p: 0.5 * np.sum(residuals(p) ** 2)), found[0], "curve_fit")
    r, j = value_and_jacobian(residuals, p)
    covariance = np.linalg.inv(np.matmul(np.transpose(j), j))
    if not given["absolute_sigma"]:
        covariance = covariance * (np.sum(r**2) / (np.shape(concrete(r))[0] - len(found[0])))
    return p, renewed(found[1], covariance)
