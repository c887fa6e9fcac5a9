"""scipy.optimize.elementwise and scipy.differentiate: functions of arrays, element by element.

SciPy settles with plain numbers; what it found is renewed as a function of what the user's function reads.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.differentiate as differentiate
import scipy.optimize.elementwise as elementwise

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded
from wengert.record.state import compute
from wengert.record.swap import replace
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.scipy_minima import minimum
from wengert.rules.solved import Observed, by_place, gradient, renewed, solution, still, value_and_jacobian

Fn = Callable[..., Any]


_CONTROL = {"tolerances", "maxiter", "order", "initial_step", "step_factor", "step_direction"}
"""Options that say how SciPy goes on: what it looks for does not depend on them."""


def _refuse(name: str, why: str) -> NoDerivative:
    return NoDerivative(at_user_line(f"no derivative rule for {name} {why}"))


def _on_plain(original: Any, f: Fn, given: tuple[Any, ...], extra: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """(what SciPy finds, whether the function reads recorded values)."""
    read = [key for key, value in options.items() if key not in _CONTROL and any_recorded(value)]
    if read:
        raise _refuse(original.__name__, f"in its argument {read[0]}")
    observed = Observed()
    plain = {"args": tuple(map(still, extra))} if extra else {}
    plain |= {key: still(value) for key, value in options.items()}
    found = compute(original, (observed(f), *map(still, given)), plain)
    return found, observed.recorded or any_recorded(extra)


def _without(found: Any, *names: str) -> Any:
    """What was found, without the parts that would have lost their derivative."""
    for name in names:
        found.pop(name, None)
    found._order_keys = [key for key in found._order_keys if key in found]
    return found


# ── roots and minima ──


@replace(elementwise.find_root)
def _find_root(original: Any) -> Any:
    def find_root(f: Fn, init: Any, /, *, args: Any = (), **options: Any) -> Any:
        f, extra = by_place(f, args, options.pop("kwargs", None))
        found, recorded = _on_plain(original, f, (init,), extra, options)
        if not recorded:
            return found
        x = np.asarray(found.x, float)
        equation = lambda flat: f(np.reshape(flat, x.shape), *extra)
        found.x = np.reshape(solution(equation, x.ravel(), "scipy.optimize.elementwise.find_root"), x.shape)
        found.f_x = f(found.x, *extra)
        return _without(found, "bracket", "f_bracket")

    return find_root


@replace(elementwise.find_minimum)
def _find_minimum(original: Any) -> Any:
    def find_minimum(f: Fn, init: Any, /, *, args: Any = (), **options: Any) -> Any:
        f, extra = by_place(f, args, options.pop("kwargs", None))
        found, recorded = _on_plain(original, f, (init,), extra, options)
        if not recorded:
            return found
        x = np.asarray(found.x, float)
        total = lambda flat: np.sum(f(np.reshape(flat, x.shape), *extra))
        found.x = np.reshape(minimum(total, x.ravel(), [], "elementwise.find_minimum"), x.shape)
        found.f_x = f(found.x, *extra)
        return _without(found, "bracket", "f_bracket")

    return find_minimum


@replace(elementwise.bracket_root, elementwise.bracket_minimum)
def _bracket(original: Any) -> Any:
    """Brackets are steps of what the function is: only its values there have derivatives."""

    def bracket(f: Fn, start: Any, *more: Any, args: Any = (), **options: Any) -> Any:
        if any_recorded((start, more)):
            raise _refuse(original.__name__, "in where it starts\nPass it stop_gradient(x).")
        f, extra = by_place(f, args, options.pop("kwargs", None))
        found, recorded = _on_plain(original, f, (start, *more), extra, options)
        if recorded:
            found.f_bracket = tuple([f(x, *extra) for x in found.bracket])
        return found

    return bracket


# ── derivatives by differences: SciPy's numbers, of which the true ones are the derivatives ──


@replace(differentiate.derivative)
def _derivative(original: Any) -> Any:
    def derivative(f: Fn, x: Any, *, args: Any = (), **options: Any) -> Any:
        f, extra = by_place(f, args, options.pop("kwargs", None))
        found, recorded = _on_plain(original, f, (x,), extra, options)
        if not recorded and not any_recorded(x):
            return found
        if options.get("preserve_shape"):
            raise _refuse("scipy.differentiate.derivative", "with preserve_shape")
        shape = np.shape(found.df)
        at = as_array(x) * np.ones(shape)
        slope = gradient(lambda x: np.sum(f(x, *extra)))(at)
        found.df = renewed(found.df, slope)
        found.x = at if np.shape(concrete(x)) != shape else x
        return found

    return derivative


def _of_one_point(name: str, found: Any, x: Any, made: Callable[[Any], Any], key: str) -> Any:
    x = as_array(x)
    if np.ndim(concrete(x)) != 1:
        raise _refuse(f"scipy.differentiate.{name}", "at several points at once")
    setattr(found, key, renewed(getattr(found, key), np.reshape(made(x), np.shape(getattr(found, key)))))
    return found


@replace(differentiate.jacobian)
def _jacobian(original: Any) -> Any:
    def jacobian(f: Fn, x: Any, **options: Any) -> Any:
        found, recorded = _on_plain(original, f, (x,), (), options)
        if not recorded and not any_recorded(x):
            return found
        return _of_one_point("jacobian", found, x, lambda x: value_and_jacobian(f, x)[1], "df")

    return jacobian


@replace(differentiate.hessian)
def _hessian(original: Any) -> Any:
    def hessian(f: Fn, x: Any, **options: Any) -> Any:
        found, recorded = _on_plain(original, f, (x,), (), options)
        if not recorded and not any_recorded(x):
            return found
        return _of_one_point("hessian", found, x, lambda x: value_and_jacobian(gradient(f), x)[1], "ddf")

    return hessian
