"""scipy.integrate: the objects that step through an initial value problem, ode and OdeSolver's classes.

The classes of solve_ivp are Python code, run on recorded values where a user's code calls them. The integrators of ode
are compiled: their values are kept, and their derivative is that of a second, more exact solution from the state
before. Some of them overwrite the state that they are given, which the program may hold as an earlier result: so do we.
"""

from __future__ import annotations

import inspect
import sys
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import LostDerivative, NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.reach import MADE_BY
from wengert.record.state import recorded_code, state
from wengert.record.swap import METHODS
from wengert.record.value import is_value
from wengert.rules.axes import as_array
from wengert.rules.described import by_user, called_by_users
from wengert.rules.jumping import Steps
from wengert.rules.scipy_ivp import exactly, refuse_thresholds
from wengert.rules.solved import Observed, renewed, still
from wengert.rules.walls import Problem

integrate: Any = _integrate
_RIGHT_HAND_SIDE = "the right-hand side of scipy.integrate.ode"
_REMEDY = "Integrate up to there first."


def _watching(run: Any) -> Any:
    """A solver's `__init__`, whose right-hand side is refused where it jumps."""

    def init(self: Any, fun: Any, *args: Any, **kwargs: Any) -> Any:
        if state.depth and not state.bodies and recorded_code(sys._getframe(1)):
            fun = Steps(fun, f"the right-hand side of scipy.integrate.{type(self).__name__}", _REMEDY)
        return run(self, fun, *args, **kwargs)

    init.__signature__ = inspect.signature(run)  # type: ignore[attr-defined]
    return init


_SOLVERS: dict[str, Any] = {name: getattr(integrate, name) for name in ("RK45", "RK23", "DOP853", "Radau", "BDF")}
for _name, _solver in _SOLVERS.items():
    MADE_BY[_solver] = MADE_BY.get(_solver, frozenset()) | {_name}
for _kind in dict.fromkeys(kind for solver in _SOLVERS.values() for kind in solver.__mro__[:-1]):
    called_by_users(_kind, *[m for m in ("step", "dense_output") if m in vars(_kind)])
    if "__init__" in vars(_kind):
        _begun: Any = vars(_kind)["__init__"]
        METHODS.append((_kind, "__init__", _begun, _watching(by_user(_begun))))
for _kind in (integrate.DenseOutput, integrate.OdeSolution):
    MADE_BY[_kind] = frozenset({"solve_ivp", "dense_output"})
    called_by_users(_kind, "__call__")


def _set_initial_value(original: Any) -> Any:
    def set_initial_value(self: Any, y: Any, t: Any = 0.0) -> Any:
        if not state.depth or type(self) is not integrate.ode or not any_recorded((y, t)):
            return original(self, y, t)
        y = np.reshape(as_array(y), (-1,)) if np.ndim(still(y)) == 0 else as_array(y)
        original(self, still(y), still(t))
        self._y, self.t = renewed(self._y, y), t
        return self

    return set_initial_value


def _keeping(errors: list[Exception], f: Any) -> Any:
    def g(*args: Any) -> Any:
        try:
            return f(*args)
        except (LostDerivative, NoDerivative) as error:
            errors.append(error)
            raise

    return g


def _integrate_to(original: Any) -> Any:
    def integrate_to(self: Any, t: Any, step: bool = False, relax: bool = False) -> Any:
        if not state.depth or type(self) is not integrate.ode:
            return original(self, t, step, relax)
        y, start, kept, observed = self._y, self.t, dict(self.__dict__), Observed(watched=True)
        given = (y, start, t, self.f_params)
        self._y, self.t = memory, _ = still(y).copy(), still(start)
        errors: list[Exception] = []
        self.f, self.f_params = observed(_keeping(errors, self.f), self.f_params), ()
        self.jac, self.jac_params = self.jac and observed(self.jac, self.jac_params), ()
        try:
            original(self, still(t), step, relax)
        except Exception:  # compiled code has an error of its own for what its function raised
            if errors:
                raise errors[0] from None
            raise
        finally:
            for name in ("f", "jac", "f_params", "jac_params"):
                setattr(self, name, kept[name])
        if observed.recorded or any_recorded(given):
            self.t = t if self.t == still(t) else self.t
            end = renewed(self._y, exactly(_problem(self, y, start), np.reshape(as_array(self.t), (1,)))[:, 0])
            same = self._y is memory and is_value(y)
            self._y = y if same else end
            if same:
                y[...] = end
            return self._y
        if observed.looks.moved:
            refuse_thresholds(observed, _problem(self, y, start))
        if self._y is memory and not is_value(y):
            y[...] = memory
            self._y = y
        return self._y

    return integrate_to


def _problem(self: Any, y: Any, start: Any) -> Problem:
    """The state at self.t of the solution that begins at y."""
    how = self._integrator
    if getattr(how, "solout", None) is not None:
        raise NoDerivative(
            at_user_line("no derivative rule for scipy.integrate.ode with solout")
            + "\nCall integrate for each time that is wanted."
        )
    f, args = self.f, self.f_params
    fun = Steps(lambda t, y: f(t, y, *args), _RIGHT_HAND_SIDE, _REMEDY)
    stiff = getattr(how, "meth", 1) == 2 or getattr(how, "with_jacobian", False) is True
    return Problem(fun, (), (start, self.t), as_array(y), stiff)


for _make in (_set_initial_value, _integrate_to):
    _method: Any = integrate.ode.set_initial_value if _make is _set_initial_value else integrate.ode.integrate
    _made = _make(_method)
    _made.__signature__ = inspect.signature(_method)  # type: ignore[attr-defined]
    METHODS.append((integrate.ode, _method.__name__, _method, _made))
