"""scipy.integrate: initial value problems.

solve_ivp is SciPy's own Python, run on recorded values: the steps that are taken are recorded, for the sizes that they
have (Bock, 1981, calls that internal numerical differentiation). Sizes are chosen by norms of errors, in which the
solution is not smooth and on which it does not depend. LSODA (odeint) is compiled: its values are kept, and their
derivative is that of a second solution, more exact than the first, by solve_ivp.
"""

from __future__ import annotations

import inspect
from functools import wraps
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
from wengert.rules.jumping import Jumped, Steps
from wengert.rules.scipy_private import ivp
from wengert.rules.solved import FAR, Observed, renewed, still
from wengert.rules.walls import TOLERANCES, Problem, plain_ivp

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


def _each(change: Any, events: Any) -> Any:
    return events if events is None else change(events) if callable(events) else [change(event) for event in events]


def _plain_only(f: Any) -> Any:
    @wraps(f)  # an event may say that it is terminal
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
                plain = {"fun": observed(_plain_only(given["fun"])), "events": _each(_plain_only, given["events"])}
                found = compute(original, (), given | options | plain)
            except _Met:
                pass
            else:
                return found if not observed.looks.moved else _beyond(original, given, options, observed)
        if given["method"] in ("LSODA", integrate.LSODA):
            return _by_lsoda(original, given, options)
        steps = Steps(given["fun"], _RIGHT_HAND_SIDE, _SOLVE_TWICE, another=True)
        try:
            found = run_body(original, (), given | options | {"fun": steps})
        except Jumped as jump:
            return _beyond(original, given, options, steps, jump)
        if not (steps.order or steps.apart) and steps.looks.moved:
            return _beyond(original, given, options, steps)
        return found

    return solve_ivp


def _beyond(original: Any, given: Any, options: Any, observed: Observed, jump: Jumped | None = None) -> Any:
    """What solve_ivp finds, with the derivative of a second solution, which looks at no more than there is of it."""
    method, fun, events, args = given["method"], given["fun"], given["events"], given["args"] or ()
    events = () if events is None else (events,) if callable(events) else tuple(events)
    one = (lambda t, y, *args: np.ravel(fun(t, y[:, None], *args))) if given["vectorized"] else fun
    steps = Steps(one, _RIGHT_HAND_SIDE, _SOLVE_TWICE)
    span, asked = given["t_span"], given["t_eval"]
    try:
        if given["dense_output"]:
            raise Jumped
        stiff = method in ("Radau", "BDF", integrate.Radau, integrate.BDF)
        exact = Problem(steps, args, span, given["y0"], stiff, events).solution()
        found = _found(original, given, options, events)
        if (found.status == 1) != exact.ended:
            raise Jumped
        times = _times(found.t, span, asked) if any_recorded((span, asked)) else found.t
        y = exact.solve(times)
        ends, states = exact.events()
        if exact.ended and asked is None:
            times = np.concatenate([as_array(times[:-1]), [exact.last_of(ends)]])
            y = exact.at(times)
        return _renew(found, times, y, ends, states)
    except Jumped as met:
        if not (jump or str(met)):
            observed.refuse_thresholds(_RIGHT_HAND_SIDE, _SOLVE_TWICE)
        raise (jump or met).refusal() from None


def _found(original: Any, given: Any, options: Any, events: Any) -> Any:
    """What SciPy finds, with plain numbers."""
    given = given | options
    plain = {key: Observed()(f) if callable(f) and key != "method" else still(f) for key, f in given.items()}
    return compute(original, (), plain | {"events": [Observed()(event) for event in events] or None})


def _renew(found: Any, times: Any, y: Any, ends: Any, states: Any) -> Any:
    """With the derivatives of what was found again; Jumped if that is not the same."""
    pairs = [(found.t, times), (found.y, y)]
    pairs += [*zip(found.t_events or [], ends, strict=True), *zip(found.y_events or [], states, strict=True)]
    for plain, again in pairs:
        if np.shape(plain) != np.shape(still(again)) or np.any(
            np.abs(plain - still(again)) > FAR * (1 + np.abs(plain))
        ):
            raise Jumped
    found.t, found.y, *more = [renewed(plain, again) for plain, again in pairs]
    if found.t_events is not None:
        found.t_events, found.y_events = more[: len(ends)], more[len(ends) :]
    return found


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
    found.y = renewed(found.y, exactly(Problem(steps, (), given["t_span"], given["y0"], False), found.t))
    return found


def _times(found: Any, span: Any, asked: Any) -> Any:
    """The times as they depend on what was given: steps begin at the start, and the last ends at the end."""
    if asked is not None:
        return as_array(asked)
    start, end = span
    return np.concatenate([as_array(start + (found[:-1] - still(start))), np.reshape(as_array(end), (1,))])


def exactly(problem: Problem, times: Any) -> Any:
    """The solution at the times, one column each."""
    p, steps = problem, problem.steps
    given = {"method": "Radau" if p.stiff else "DOP853", "t_eval": times, **TOLERANCES}
    steps.another = True
    try:
        return run_body(plain_ivp, (steps, p.span, p.y0), given).y
    except Jumped as jump:
        try:
            return p.solution().solve(times)
        except Jumped:
            raise jump.refusal() from None


def refuse_thresholds(observed: Observed, problem: Problem) -> None:
    """Refuse a plain solution that meets a jump which moves."""
    if observed.looks.moved:
        try:
            problem.solution()
        except Jumped:
            observed.refuse_thresholds(problem.steps.name, problem.steps.remedy)


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
        fun = (lambda t, y: func(t, y, *extra)) if given["tfirst"] else (lambda t, y: func(y, t, *extra))
        t = as_array(t)
        stiff = bool(np.any(info["mused"] == _BACKWARD))
        steps = Steps(fun, _OF_ODEINT, _SOLVE_TWICE)
        problem = Problem(steps, (), (t[0], t[-1]), np.reshape(as_array(y0), (-1,)), stiff)
        if not observed.recorded and not any_recorded((t, y0)):
            refuse_thresholds(observed, problem)
            return found if given["full_output"] else y
        exact = exactly(problem, t)
        y = renewed(y, np.transpose(exact))
        return (y, info) if given["full_output"] else y

    return odeint


_BACKWARD = 2
"""What LSODA calls the formulas for stiff problems."""
