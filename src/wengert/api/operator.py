"""What every operator object is: a function made from a function, usable as decorator and method."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial, update_wrapper
from types import MethodType
from typing import Any

from wengert.api.inputs import positional, positions, require_callable
from wengert.record import swap


class Operator:
    """A transform of f that waits for arguments. Pickles if f does."""

    name = "operator"

    def __init__(self, f: Callable[..., Any], **options: Any) -> None:
        require_callable(f, self.name)
        if "argnums" in options:
            options["argnums"] = positions(options["argnums"], self.name)
        self.f = f
        self.options = options
        update_wrapper(self, f, assigned=("__module__", "__name__", "__qualname__", "__doc__"), updated=())
        swap.prepare(*roots(f))

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else MethodType(self, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"wengert.{self.name}({getattr(self.f, '__name__', repr(self.f))})"

    def __reduce__(self) -> Any:
        return vars(self)["__qualname__"] if _is_found(self) else (_rebuild, (type(self), self.f, self.options))

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The call with differentiated arguments in their positions."""
        return positional(self.f, args, kwargs, self.options["argnums"]) if kwargs else (args, kwargs)


def _is_found(operator: Operator) -> bool:
    """Whether the operator is what its module knows by its name: it decorates f."""
    found: Any = sys.modules.get(getattr(operator, "__module__", ""))
    for name in getattr(operator, "__qualname__", "").split("."):
        found = getattr(found, name, None)
    return found is operator


def _rebuild(kind: Any, f: Any, options: Any) -> Any:
    return kind(f, **options)


def roots(f: Any) -> tuple[Any, ...]:
    """The plain function in f, and f itself: the object that a method belongs to may hold functions."""
    inner = innermost(f)
    return (inner,) if inner is f else (inner, f)


def innermost(f: Any) -> Any:
    """The plain function under partials, methods, operators and wrappers."""
    while True:
        if isinstance(f, partial):
            f = f.func
        elif isinstance(f, Operator):
            f = f.f
        elif isinstance(f, MethodType):
            f = f.__func__
        elif hasattr(f, "__wrapped__"):
            f = f.__wrapped__
        elif not hasattr(f, "__globals__") and hasattr(type(f), "__call__"):  # noqa: B004
            method = type(f).__call__
            return method if hasattr(method, "__globals__") else f
        else:
            return f
