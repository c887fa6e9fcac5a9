"""scipy.optimize: roots, minima and fits as functions of what the functions given to the solver read."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import scipy.optimize as _optimize

from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace, run_body
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_minima import both_bounds, bounds_of, constraints_of, minimum, plain_constraints, refuse
from wengert.rules.solved import Observed, gradient, renewed, solution, still, value_and_jacobian
from wengert.rules.solver_line import Traced, observer
from wengert.rules.solver_results import result

optimize: Any = _optimize
Fn = Callable[..., Any]
DONE: set[str] = set()
"""The solvers that have a derivative."""


def handles(*names: str) -> Callable[[Fn], Fn]:
    """Decorator: handler(original, given) for each solver, with its arguments by name; extra ones under `kwargs`."""

    def register(handler: Fn) -> Fn:
        for name in names:
            DONE.add(name)
            replace(getattr(optimize, name))(lambda original: _bound(original, handler))
        return handler

    return register


def _bound(original: Any, handler: Fn) -> Fn:
    signature = inspect.signature(original)
    rest = _takes_any(signature)

    def solve(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        said = set(bound.arguments) | set(bound.arguments.get(rest, ()))
        bound.apply_defaults()
        given = dict(bound.arguments)
        extra = given.pop(rest, None) or {}
        return handler(_without_defaults(original, signature, said), given | extra)

    return solve


def _without_defaults(original: Any, signature: inspect.Signature, said: set[str]) -> Fn:
    """The solver without what its caller did not say: SciPy asks whether old and new names of an option are mixed."""

    default = {name: p.default for name, p in signature.parameters.items()}

    @wraps(original)
    def bare(**given: Any) -> Any:
        return original(**{key: v for key, v in given.items() if key in said or v is not default.get(key)})

    return bare


def _takes_any(signature: inspect.Signature) -> str:
    """The name of the parameter that takes any keyword."""
    return next((p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), "")


def run(original: Any, observed: Observed, given: dict[str, Any], *functions: str) -> Any:
    """The solver on plain numbers; its functions take the recorded `args` from us."""
    args = given.pop("args", ())
    args = args if isinstance(args, tuple) else (args,)
    given = {key: observed(f, args) if key in functions and callable(f) else f for key, f in given.items()}
    if isinstance(observed, Traced):
        return observed.solve(original, given)
    return compute(original, (), still(given))


def _with_args(f: Fn, args: Any) -> Fn:
    args = args if isinstance(args, tuple) else (args,)
    return lambda x: f(x, *args)


# ── roots ──


def _refuse_jump(observed: Observed, f: Fn, x: Any, name: str) -> None:
    """Refuse a root that is a jump over zero, at a place that is looked at."""
    if isinstance(observed, Traced) or not observed.looks.moved or not np.isfinite(x):
        return
    near, far = [min(abs(float(still(f(x - d)))), abs(float(still(f(x + d))))) for d in (1e-9, 1e-7)]
    if near > 0.5 * far:
        observed.refuse_thresholds(f"the function given to {name}", "Return that value: it is the root.")


@handles("brentq", "brenth", "ridder", "bisect", "toms748")
def _bracketed(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(watched=True), _with_args(given["f"], given["args"])
    found = run(original, observed, dict(given), "f")
    if not observed.recorded:
        _refuse_jump(observed, f, found[0] if given["full_output"] else found, f"scipy.optimize.{original.__name__}")
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


@handles("fsolve")
def _fsolve(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(), _with_args(given["func"], given["args"])
    found = run(original, observed, dict(given), "func", "fprime")
    if not observed.recorded:
        return found
    x = _root(f, found[0] if given["full_output"] else found, "fsolve")
    return (x, {"nfev": found[1]["nfev"]}, *found[2:]) if given["full_output"] else x


@handles("fixed_point")
def _fixed_point(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(), _with_args(given["func"], given["args"])
    found = run(original, observed, dict(given), "func")
    if not observed.recorded:
        return found
    x = _root(lambda x: f(x) - x, found, "fixed_point")
    return x if np.ndim(found) else x[()]


@handles("newton_krylov", "broyden1", "broyden2", "anderson", "linearmixing", "diagbroyden", "excitingmixing")
def _inexact(original: Any, given: dict[str, Any]) -> Any:
    observed = observer(exact=True)
    found = run(original, observed, dict(given), "F", "callback")
    return _root(given["F"], found, original.__name__) if observed.recorded else found


@handles("newton")
def _newton(original: Any, given: dict[str, Any]) -> Any:
    """One number is found by Python code whose steps are recorded as they are taken."""
    if np.size(concrete(as_array(given["x0"]))) == 1:
        return run_body(original, (), given) if any_recorded(given["x0"]) else original(**given)
    observed, f = observer(), _with_args(given["func"], given["args"])
    found = run(original, observed, dict(given), "func", "fprime", "fprime2")
    if not observed.recorded:
        return found
    if given["full_output"]:
        raise refuse("newton", "with full_output")
    return _root(f, found, "newton")


@handles("root_scalar")
def _root_scalar(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(watched=True), _with_args(given["f"], given["args"])
    found = run(original, observed, dict(given), "f", "fprime", "fprime2")
    equation = (lambda x: f(x[0])[0]) if given["fprime"] is True else (lambda x: f(x[0]))
    if not observed.recorded:
        _refuse_jump(observed, lambda x: equation([x]), found.root, "scipy.optimize.root_scalar")
        return found
    found.root = solution(equation, np.array([found.root], float), "scipy.optimize.root_scalar")[0]
    return found


@handles("root")
def _any_root(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(exact=given["method"] != "hybr"), _with_args(given["fun"], given["args"])
    found = run(original, observed, dict(given), "fun", "jac", "callback")
    if not observed.recorded:
        return found
    equations = (lambda x: f(x)[0]) if given["jac"] is True else f
    x = _root(equations, found.x, "root")
    return result(found, x=x, fun=as_array(equations(x)))


# ── minima ──


@handles("minimize")
def _minimize(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(exact=True), _with_args(given["fun"], given["args"])
    constraints = given["constraints"]
    plain = dict(given) | ({"constraints": plain_constraints(constraints, observed)} if constraints else {})
    found = run(original, observed, _freed(plain, observed), "fun", "jac", "hess", "hessp", "callback")
    if not observed.recorded:
        return found
    value = (lambda x: f(x)[0]) if given["jac"] is True else f
    held = bounds_of(given["bounds"], np.size(found.x)) + (constraints_of(constraints) if constraints else [])
    x = _lowest(value, found.x, held, "minimize")
    return result(found, {"jac": lambda: renewed(found.jac, gradient(value)(x))}, x=x, fun=value(x))


def _freed(given: dict[str, Any], observed: Observed) -> dict[str, Any]:
    """The arguments with plain bounds."""
    bounds: Any = given.get("bounds")
    is_object = isinstance(bounds, optimize.Bounds)
    observed.sees([bounds.lb, bounds.ub] if is_object else bounds)
    if not is_object or isinstance(observed, Traced):
        return given
    return given | {"bounds": optimize.Bounds(still(bounds.lb), still(bounds.ub), bounds.keep_feasible)}


def _lowest(f: Fn, x: Any, held: Any, name: str) -> Any:
    """The minimum, in the shape that SciPy gives x."""
    shape = np.shape(x)
    low = minimum(lambda flat: f(np.reshape(flat, shape)), np.asarray(x, float).ravel(), held, name)
    return np.reshape(low, shape)


@handles("differential_evolution", "dual_annealing", "shgo", "direct")
def _global(original: Any, given: dict[str, Any]) -> Any:
    observed, f = Observed(), _with_args(given["func"], given["args"])
    if given.get("constraints"):
        raise refuse(original.__name__, "under constraints")
    found = run(original, observed, _freed(dict(given), observed), "func", "callback")
    if not observed.recorded:
        return found
    x = _lowest(f, found.x, bounds_of(given["bounds"], np.size(found.x)), original.__name__)
    return result(found, x=x, fun=f(x))


@handles("basinhopping")
def _basinhopping(original: Any, given: dict[str, Any]) -> Any:
    observed, options = Observed(), dict(given["minimizer_kwargs"] or {})
    f = _with_args(given["func"], options.pop("args", ()))
    if options.keys() & {"jac", "bounds", "constraints", "hess"}:
        raise refuse("basinhopping", "with jac, bounds or constraints")
    found = run(original, observed, dict(given) | {"func": f, "minimizer_kwargs": options}, "func")
    if not observed.recorded:
        return found
    x = _lowest(f, found.x, [], "basinhopping")
    return result(found, x=x, fun=f(x))


@handles("fmin", "fmin_powell", "fmin_bfgs", "fmin_cg", "fmin_ncg", "fmin_l_bfgs_b", "fmin_tnc", "fmin_slsqp", "brute")
def _older(original: Any, given: dict[str, Any]) -> Any:
    """The functions that return x, or a tuple that begins with x."""
    name = original.__name__
    objective = "f" if "f" in given else "func"
    observed, f = observer(exact=True), _with_args(given[objective], given["args"])
    if any(given.get(key) for key in ("eqcons", "ieqcons", "f_eqcons", "f_ieqcons")):
        raise refuse(name, "under constraints; call minimize")
    functions = (objective, "fprime", "fhess", "fhess_p", "callback")
    found = run(original, observed, dict(given), *functions)
    if not observed.recorded:
        return found
    with_gradient = name in ("fmin_l_bfgs_b", "fmin_tnc") and given["fprime"] is None and not given["approx_grad"]
    value = (lambda x: f(x)[0]) if with_gradient else f
    x0, *rest = found if isinstance(found, tuple) else (found,)
    x = _lowest(value, x0, bounds_of(given.get("bounds") or None, np.size(x0)), name)
    if not isinstance(found, tuple):
        return x
    if name != "fmin_tnc":
        rest[0] = value(x)
    return (x, *rest)


@handles("fminbound", "brent", "golden")
def _older_scalar(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(exact=True), _with_args(given["func"], given["args"])
    found = run(original, observed, dict(given), "func")
    if not observed.recorded:
        return found
    x0, *rest = found if isinstance(found, tuple) else (found,)
    held = bounds_of([(given["x1"], given["x2"])], 1) if "x1" in given else []
    x = minimum(lambda x: f(x[0]), np.array([x0], float), held, original.__name__)[0]
    return (x, f(x), *rest[1:]) if isinstance(found, tuple) else x


@handles("minimize_scalar")
def _minimize_scalar(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(exact=True), _with_args(given["fun"], given["args"])
    found = run(original, observed, dict(given), "fun")
    if not observed.recorded:
        return found
    held = bounds_of([given["bounds"]], 1) if given["bounds"] is not None else []
    x = minimum(lambda x: f(x[0]), np.array([found.x], float), held, "minimize_scalar")[0]
    return result(found, x=x, fun=f(x))


_LOSSES: dict[str, Fn] = {
    "linear": lambda z: z,
    "soft_l1": lambda z: 2.0 * (np.sqrt(1.0 + z) - 1.0),
    "huber": lambda z: np.where(z <= 1.0, z, 2.0 * np.sqrt(np.where(z <= 1.0, 1.0, z)) - 1.0),
    "cauchy": np.log1p,
    "arctan": np.arctan,
}


@handles("least_squares")
def _least_squares(original: Any, given: dict[str, Any]) -> Any:
    args, options = given["args"], given["kwargs"] or {}
    observed, fun = observer(exact=True), given["fun"]
    f = lambda x: np.reshape(np.asarray(fun(x, *args, **options)), (-1,))
    plain = dict(given) | {"fun": lambda x: fun(x, *args, **options), "args": (), "kwargs": {}}
    if callable(given["jac"]):
        plain["jac"] = lambda x: given["jac"](x, *args, **options)
    found = run(original, observed, plain, "fun", "jac", "callback")
    if not observed.recorded:
        return found
    if given["loss"] not in _LOSSES:
        raise refuse("least_squares", "with a loss of your own")
    loss, scale = _LOSSES[given["loss"]], still(given["f_scale"])
    cost = lambda x: 0.5 * scale**2 * np.sum(loss((f(x) / scale) ** 2))
    pairs = both_bounds(given["bounds"])
    x = _lowest(cost, found.x, bounds_of(pairs, np.size(found.x)), "least_squares")
    later = {"grad": lambda: renewed(found.grad, gradient(cost)(x))}
    if given["loss"] == "linear" and type(found.get("jac")) is np.ndarray:
        later["jac"] = lambda: renewed(found.jac, value_and_jacobian(f, x)[1])
    return result(found, later, x=x, cost=cost(x), fun=f(x))


@handles("leastsq")
def _leastsq(original: Any, given: dict[str, Any]) -> Any:
    observed, f = observer(exact=not given["full_output"]), _with_args(given["func"], given["args"])
    found = run(original, observed, dict(given), "func", "Dfun")
    if not observed.recorded:
        return found
    residuals = lambda x: np.asarray(f(x))
    x = _root(gradient(lambda x: 0.5 * np.sum(residuals(x) ** 2)), found[0], "leastsq")
    if not given["full_output"]:
        return (x, *found[1:])
    r, j = value_and_jacobian(residuals, x)
    covariance = None if found[1] is None else renewed(found[1], np.linalg.inv(np.matmul(np.transpose(j), j)))
    return x, covariance, _without_factors(found[2], r), *found[3:]


def _without_factors(found: dict[str, Any], residuals: Any) -> dict[str, Any]:
    """What MINPACK says, without the factors of a Jacobian by differences."""
    return {"nfev": found["nfev"], "fvec": renewed(found["fvec"], residuals)}


@handles("curve_fit")
def _curve_fit(original: Any, given: dict[str, Any]) -> Any:
    observed, model = observer(exact=not given["full_output"]), given["f"]
    found = run(original, observed, dict(given), "f", "jac")
    sigma = given["sigma"]
    observed.sees((given["xdata"], given["ydata"], sigma))
    if not observed.recorded:
        return found
    if sigma is not None and np.ndim(concrete(as_array(sigma))) > 1:
        raise refuse("curve_fit", "with a matrix sigma")
    x = given["xdata"]
    x = np.asarray(x, float) if isinstance(x, (list, tuple)) else x
    y, weight = as_array(given["ydata"]), 1.0 if sigma is None else 1.0 / as_array(sigma)
    residuals = lambda p: np.reshape((model(x, *p) - y) * weight, (-1,))
    p = _root(gradient(lambda p: 0.5 * np.sum(residuals(p) ** 2)), found[0], "curve_fit")
    r, j = value_and_jacobian(residuals, p)
    covariance = np.linalg.inv(np.matmul(np.transpose(j), j))
    if not given["absolute_sigma"]:
        covariance = covariance * (np.sum(r**2) / (np.shape(concrete(r))[0] - len(found[0])))
    fit = (p, renewed(found[1], covariance))
    return (*fit, _without_factors(found[2], r), *found[3:]) if given["full_output"] else fit
