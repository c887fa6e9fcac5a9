"""Solvers of SciPy whose steps are in compiled code: those without a rule, and where the others are.

They may be used on plain numbers inside a differentiated function. Where a recorded value reaches
one, as an argument or as the result of the function that it calls, the error names the solver.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any

import scipy.integrate as _integrate
import scipy.optimize as _optimize

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded, lower
from wengert.record.swap import replace
from wengert.rules import scipy_bvp as scipy_bvp
from wengert.rules import scipy_cubature as scipy_cubature
from wengert.rules import scipy_ivp as scipy_ivp
from wengert.rules import scipy_ode as scipy_ode
from wengert.rules import scipy_programs as scipy_programs
from wengert.rules import scipy_qmc_quad as scipy_qmc_quad
from wengert.rules import scipy_quad as scipy_quad
from wengert.rules import scipy_quad_vec as scipy_quad_vec
from wengert.rules.scipy_composed import compose
from wengert.rules.scipy_roots import DONE

integrate: Any = _integrate
optimize: Any = _optimize

_RECORDED = {"line_search", "check_grad", "approx_fprime"}
"""Python code whose steps are recorded as they are taken, or that is no solver."""

IMPLICIT = (
    "Solve with stop_gradient, r = solve(stop_gradient(a)), and return one Newton step from there: "
    "r - F(r, a)/stop_gradient(dF/dr), whose derivative is that of the solution."
)


class _Watched:
    """The functions that a solver is given: none may give it a recorded value."""

    def __init__(self, name: str, remedy: str) -> None:
        self.name, self.remedy = name, remedy
        self.error: NoDerivative | None = None

    def refusal(self, what: str) -> NoDerivative:
        """The error that names the solver."""
        message = at_user_line(f"{self.name} has no derivative rule, and {what} depends on a differentiated argument")
        self.error = NoDerivative(f"{message}\n{self.remedy} Or add a rule with wengert.rule.")
        return self.error

    def given(self, x: Any) -> Any:
        """x as the solver gets it."""
        if any_recorded(x):
            raise self.refusal("an argument of it")
        if inspect.isfunction(x) or inspect.ismethod(x):
            return self._function(x)
        return lower(x)

    def _function(self, f: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(f)
        def watched(*args: Any, **kwargs: Any) -> Any:
            y = f(*args, **kwargs)
            if any_recorded(y):
                raise self.refusal(f"`{getattr(f, '__name__', 'its function')}`")
            return lower(y)

        return watched


def _solver(module: Any, name: str, remedy: str) -> None:
    full = f"{module.__name__}.{name}"

    @replace(getattr(module, name))
    def _make(original: Any) -> Any:
        def solve(*args: Any, **kwargs: Any) -> Any:
            watched = _Watched(full, remedy)
            args = tuple([watched.given(a) for a in args])
            kwargs = {key: watched.given(a) for key, a in kwargs.items()}
            try:
                y = original(*args, **kwargs)
            except Exception as error:
                if watched.error is not None and error is not watched.error:
                    raise watched.error from None
                raise
            if watched.error is not None:
                raise watched.error
            return y

        return solve


for _name in sorted(
    {name for name in optimize.__all__ if inspect.isfunction(getattr(optimize, name))} - _RECORDED - DONE
):
    if not _name.startswith(("rosen", "show_options", "bracket")):
        _solver(optimize, _name, IMPLICIT)


compose(optimize, "rosen rosen_der rosen_hess rosen_hess_prod approx_fprime check_grad")
compose(integrate, "trapezoid simpson cumulative_trapezoid cumulative_simpson romb fixed_quad")


def refuse_option(name: str, option: str) -> NoDerivative:
    """The error for an argument that changes what a function does."""
    return NoDerivative(at_user_line(f"no derivative rule for {name} with {option}=") + "\nLeave it out.")
