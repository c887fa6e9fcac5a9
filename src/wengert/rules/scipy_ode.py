"""scipy.integrate.ode: an integrator that goes on from where it was. The values are those of SciPy's compiled code;
their derivative is that of a second solution, from one time to the next, as with odeint. What LSODA has returned it
writes over when it goes on; a recorded result stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import scipy.integrate as _integrate

from wengert.errors import LostDerivative, NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.swap import METHODS
from wengert.rules.axes import as_array
from wengert.rules.described import plainly
from wengert.rules.scipy_ivp import exactly
from wengert.rules.solved import Observed, renewed, still

integrate: Any = _integrate
Fn = Callable[..., Any]
Ode = integrate.ode


def _method(name: str) -> Callable[[Fn], Fn]:
    """Decorator: of(original) → the method that the class has while recording."""

    def register(of: Fn) -> Fn:
        original = getattr(Ode, name)
        METHODS.append((Ode, name, original, wraps(original)(of(original))))
        return of

    return register


@_method("set_initial_value")
def _begin(original: Fn) -> Fn:
    def set_initial_value(self: Any, y: Any, t: Any = 0.0) -> Any:
        plainly(original)(self, still(as_array(y)), still(t))
        self._recorded = np.reshape(as_array(y), -1) if any_recorded(y) else None
        self.t = t
        return self

    return set_initial_value


def _keeping(kept: list[Exception], f: Fn) -> Fn:
    def g(*args: Any) -> Any:
        try:
            return f(*args)
        except (LostDerivative, NoDerivative) as error:
            kept.append(error)
            raise

    return g


@_method("integrate")
def _go_on(original: Fn) -> Fn:
    def go_on(self: Any, t: Any, step: Any = False, relax: Any = False) -> Any:
        start, y0 = self.t, getattr(self, "_recorded", None)
        f, jac, params, jac_params = self.f, self.jac, self.f_params, self.jac_params
        observed = Observed(watched=True)
        kept: list[Exception] = []
        self.t, self.f, self.f_params = still(start), observed(_keeping(kept, f), tuple(params)), ()
        if jac is not None:
            self.jac, self.jac_params = observed(jac, tuple(jac_params)), ()
        begun = self._y.copy()
        try:
            plain = plainly(original)(self, still(t), step, relax)
        except Exception:  # compiled code has an error of its own for what its function raised
            if kept:
                raise kept[0] from None
            raise
        finally:
            self.f, self.jac, self.f_params, self.jac_params = f, jac, params, jac_params
        if not observed.recorded and y0 is None and not any_recorded((start, t)):
            observed.refuse_thresholds(
                "the right-hand side of scipy.integrate.ode", "Integrate up to that value first."
            )
            return plain
        if step or relax or np.iscomplexobj(plain) or self.t != still(t):
            raise NoDerivative(
                at_user_line("scipy.integrate.ode has no derivative rule for single steps, nor for complex values")
                + "\nUse scipy.integrate.solve_ivp, or integrate to given times."
            )
        self.t = t
        y = exactly(lambda s, y: f(s, y, *params), start, begun if y0 is None else y0, t)
        self._recorded = renewed(plain, y)
        return self._recorded

    return go_on


def _now(self: Any) -> Any:
    recorded = getattr(self, "_recorded", None)
    return self._y if recorded is None else recorded


METHODS.append((Ode, "y", Ode.__dict__["y"], property(_now)))
