"""numpy.polynomial: its functions are Python code on arrays, and are run as such on recorded values."""

from __future__ import annotations

from importlib import import_module
from types import FunctionType
from typing import Any

from numpy.polynomial._polybase import ABCPolyBase
from numpy.polynomial.polyutils import mapparms

from wengert.record.build import contains_value
from wengert.record.state import state
from wengert.record.swap import METHODS, replace, run_body
from wengert.rules.axes import as_array

FAMILIES = ("polynomial", "chebyshev", "legendre", "hermite", "hermite_e", "laguerre")
_PLAIN = ("trim", "line", "weight", "companion")


def _functions() -> list[Any]:
    """The public functions of all families that calculate with coefficients or points."""
    found: list[Any] = []
    for family in FAMILIES:
        module = import_module(f"numpy.polynomial.{family}")
        found += [getattr(module, name) for name in module.__all__ if isinstance(getattr(module, name), FunctionType)]
    return list(dict.fromkeys(f for f in found if not f.__name__.endswith(_PLAIN)))


@replace(*_functions())
def _on_recorded(original: Any) -> Any:
    def call(*args: Any, **kwargs: Any) -> Any:
        if not contains_value([*args, *kwargs.values()]):
            return original(*args, **kwargs)
        return run_body(original, args, kwargs)

    return call


def _call_series(self: Any, arg: Any) -> Any:
    """p(x) of a numpy.polynomial.Polynomial, Chebyshev, … at recorded points."""
    if not state.depth or not contains_value(arg):
        return _call(self, arg)
    offset, scale = mapparms(self.domain, self.window)
    return run_body(type(self)._val, (offset + scale * as_array(arg), self.coef), {})


_call = ABCPolyBase.__call__
METHODS.append((ABCPolyBase, "__call__", _call, _call_series))
