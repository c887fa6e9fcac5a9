"""numpy.polynomial: its functions and classes are Python code on arrays, and are run as such on recorded values."""

from __future__ import annotations

from functools import wraps
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np
from numpy.polynomial._polybase import ABCPolyBase
from numpy.polynomial.polyutils import as_series, getdomain, mapdomain, mapparms, trimcoef

from wengert.record.build import contains_value
from wengert.record.state import state
from wengert.record.swap import METHODS, replace, run_body
from wengert.rules.axes import as_array

FAMILIES = ("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre")


_FUNCTIONS = (FunctionType, type(np.sum))


def _functions() -> list[Any]:
    """The public functions of all families that calculate with coefficients or points."""
    found: list[Any] = [as_series, getdomain, mapdomain, trimcoef]
    for family in FAMILIES:
        module = import_module(f"numpy.polynomial.{family}")
        found += [getattr(module, name) for name in module.__all__ if type(getattr(module, name)) in _FUNCTIONS]
    return list(dict.fromkeys(found))


@replace(*_functions())
def _on_recorded(original: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not contains_value([*args, *kwargs.values()]):
            return original(*args, **kwargs)
        return run_body(original, args, kwargs)

    return call


def _call_series(self: Any, arg: Any) -> Any:
    """p(x) of a numpy.polynomial.Polynomial, Chebyshev, … where p or x is recorded."""
    if not state.depth or not contains_value([_inside(arg), self.coef]):
        return _call(self, arg)
    offset, scale = mapparms(self.domain, self.window)
    x = arg if isinstance(arg, ABCPolyBase) else as_array(arg)
    return run_body(type(self)._val, (offset + scale * x, self.coef), {})


def _inside(x: Any) -> Any:
    return x.coef if isinstance(x, ABCPolyBase) else x


_METHODS = (
    "__init__ __add__ __sub__ __mul__ __truediv__ __floordiv__ __mod__ __divmod__ __pow__ __radd__ __rsub__ __rmul__ "
    "__rdivmod__ __rfloordiv__ __rmod__ __rtruediv__ __neg__ cutdeg trim truncate convert integ deriv roots linspace"
)
_MAKERS = "fit fromroots identity basis"


def _method_on_recorded(original: Any) -> Any:
    """A method of a series whose coefficients, or whose arguments, are recorded."""

    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not state.depth or not contains_value([vars(self).get("coef"), *map(_inside, args), *kwargs.values()]):
            return original(self, *args, **kwargs)
        return run_body(original, (self, *args), kwargs)

    return method


def _maker_on_recorded(original: Any) -> Any:
    """A class method that makes a series from recorded values."""

    @wraps(original)
    def make(cls: Any, *args: Any, **kwargs: Any) -> Any:
        if not state.depth or not contains_value([*args, *kwargs.values()]):
            return original(cls, *args, **kwargs)
        return run_body(original, (cls, *args), kwargs)

    return classmethod(make)


_call = ABCPolyBase.__call__
METHODS.append((ABCPolyBase, "__call__", _call, _call_series))
for _name in _METHODS.split():
    METHODS.append((ABCPolyBase, _name, vars(ABCPolyBase)[_name], _method_on_recorded(vars(ABCPolyBase)[_name])))
for _name in _MAKERS.split():
    METHODS.append(
        (ABCPolyBase, _name, vars(ABCPolyBase)[_name], _maker_on_recorded(vars(ABCPolyBase)[_name].__func__))
    )
