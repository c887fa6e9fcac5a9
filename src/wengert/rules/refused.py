"""Functions and classes that have no derivative here are refused of recorded numbers, with what to use instead."""

from __future__ import annotations

from typing import Any

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.protocols import any_recorded, lower
from wengert.record.reach import MADE_BY
from wengert.record.state import wrap_plain
from wengert.record.swap import METHODS, replace


def _refusing(original: Any, name: str, remedy: str) -> Any:
    def refused(*args: Any, **kwargs: Any) -> Any:
        if any_recorded((args, kwargs)):
            raise NoDerivative(at_user_line(f"no derivative rule for {name}") + f"\n{remedy}")
        return wrap_plain(original(*lower(args), **lower(kwargs)))

    refused.__name__, refused.__doc__ = original.__name__, original.__doc__
    return refused


def refuse_function(f: Any, name: str, remedy: str) -> None:
    """Refuse recorded arguments of a function."""
    replace(f)(lambda original: _refusing(original, name, remedy))


def refuse_class(cls: Any, name: str, remedy: str) -> None:
    """Refuse to make objects of recorded numbers."""
    MADE_BY[cls] = frozenset({cls.__name__})
    METHODS.append((cls, "__init__", vars(cls)["__init__"], _refusing(vars(cls)["__init__"], name, remedy)))
