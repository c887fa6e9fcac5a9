"""scipy.integrate: initial value problems.

solve_ivp is SciPy's own Python, run on recorded values: the steps that are taken are recorded, for the sizes that they
have (Bock, 1981, calls that internal numerical differentiation). Sizes are chosen by norms of errors, in which the
solution is not smooth and on which it does not depend. LSODA (odeint) is compiled: its values are kept, and their
derivative is that of a second solution, more exact than the first, by solve_ivp.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import compute
from wengert.record.swap import METHODS, replace, run_body
from wengert.record.value import stopped
from wengert.rules.axes import as_array
from wengert.rules.jumping import Steps
from wengert.rules.scipy_private import ivp
from wengert.rules.solved import Observed, renewed, still

integrate: Any = _integrate


_RIGHT_HAND_SIDE = "the right-hand side of scipy.integrate.solve_ivp"
_OF_ODEINT = "the right-hand side of scipy.integrate.odeint"
_SOLVE_TWICE = (
    "Solve up to there (with an event that has terminal = True, of a right-hand side that goes on smoothly), and from\n"
    "there on with what was found."
)


@replace(ivp.common.norm)
def _norm(original: Any) -> Any:
    """By which the steps are chosen, and Newton's iterations ended."""
    return lambda x: original(stopped(x))


def _error_of_steps(original: Any) -> Any:
    def estimate(self: Any, *given: Any) -> Any:
        return original(self, *map(stopped, given))

    return estimate


_estimate: Any = integrate.DOP853._estimate_error_norm  # the others take the norm
MADE_BY[integrate.DOP853] = frozenset({"DOP853", "solve_ivp", "odeint", "ode"})
METHODS.append((integrate.DOP853, "_estimate_error_norm", _estimate, _error_of_steps(_estimate)))


class _Met(Exception):
    """The right-hand side returned a recorded value."""


def _plain_only(f: Any) -> Any:
    def g(*args: Any, **kwargs: Any) -> Any:
        y = f(*args, **kwargs)
        if any_recorded(y):
            raise _Met
        return y

    return g


@replace(integrate.solve_ivp)
def _stepped(original: Any) -> Any:
    signature = inspect.signature(original)

    def solve_ivp(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        options = given.pop("options")
        if not any_recorded((given, options)):
            observed = Observed(watched=True)
            try:
                found = compute(original, (), given | options | {"fun": observed(_plain_only(given["fun"]))})
            except _Met:
                pass
            else:
                observed.refuse_thresholds(_RIGHT_HAND_SIDE, _SOLVE_TWICE)
                return found
        if given["method"] in ("LSODA", integrate.LSODA):
            return _by_lsoda(original, given, options)
        steps = Steps(given["fun"], _RIGHT_HAND_SIDE, _SOLVE_TWICE)
        found = run_body(original, (), given | options | {"fun": steps})
        if not (steps.order or steps.apart):
            steps.refuse_thresholds(_RIGHT_HAND_SIDE, _SOLVE_TWICE)
        return found

    return solve_ivp


def _by_lsoda(original: Any, given: dict[str, Any], options: dict[str, Any]) -> Any:
    if given["events"] is not None or given["dense_output"]:
        raise NoDerivative(
            at_user_line("no derivative rule for scipy.integrate.solve_ivp(method='LSODA') with events or dense_output")
            + "\nUse another method."
        )
    args = given["args"] or ()
    fun = lambda t, y: given["fun"](t, y, *args)
    plain = {key: still(part) for key, part in (given | options).items()} | {"fun": Observed()(fun), "args": None}
    found = compute(original, (), plain)
    if any_recorded((given["t_span"], given["t_eval"])):
        found.t = renewed(found.t, _times(found.t, given["t_span"], given["t_eval"]))
    steps = Steps(fun, _RIGHT_HAND_SIDE, _SOLVE_TWICE)
    found.y = renewed(found.y, exactly(steps, given["t_span"], given["y0"], found.t, False))
    return found


def _times(found: Any, span: Any, asked: Any) -> Any:
    """The times as they depend on what was given: steps begin at the start, and the last ends at the end."""
    if asked is not None:
        return as_array(asked)
    start, end = span
    return np.concatenate([as_array(start + (found[:-1] - still(start))), np.reshape(as_array(end), (1,))])


_TOLERANCES = {"rtol": 1e-11, "atol": 1e-13}


def exactly(fun: Any, span: Any, y0: Any, times: Any, stiff: bool) -> Any:
    """The solution at the times, one column each."""
    method = "Radau" if stiff else "DOP853"
    given = {"method": method, "t_eval": times, **_TOLERANCES}
    return run_body(plain_ivp, (fun, span, y0), given).y


plain_ivp = integrate.solve_ivp


@replace(integrate.odeint)
def _odeint(original: Any) -> Any:
    signature = inspect.signature(original)

    def odeint(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = dict(bound.arguments)
        extra = given.pop("args")
        extra = extra if isinstance(extra, tuple) else (extra,)
        func, t, y0 = given["func"], given["t"], given["y0"]
        observed = Observed(watched=True)
        plain = {key: still(part) for key, part in given.items()} | {"func": observed(func, extra)}
        if callable(given["Dfun"]):
            plain["Dfun"] = observed(given["Dfun"], extra)
        found = compute(original, (), plain | {"full_output": True})
        y, info = found
        if not observed.recorded and not any_recorded((t, y0)):
            observed.refuse_thresholds(_OF_ODEINT, _SOLVE_TWICE)
            return found if given["full_output"] else y
        fun = (lambda t, y: func(t, y, *extra)) if given["tfirst"] else (lambda t, y: func(y, t, *extra))
        t = as_array(t)
        stiff = bool(np.any(info["mused"] == _BACKWARD))
        exact = exactly(Steps(fun, _OF_ODEINT, _SOLVE_TWICE), (t[0], t[-1]), np.reshape(as_array(y0), (-1,)), t, stiff)
        y = renewed(y, np.transpose(exact))
        return (y, info) if given["full_output"] else y

    return odeint


_BACKWARD = 2
"""What LSODA calls the formulas for stiff problems."""
