"""Compiled functions that are described in NumPy: SciPy computes the value, the description is differentiated."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from wengert.ir.row import Push
from wengert.record.apply import INPUT
from wengert.record.protocols import any_recorded, lower
from wengert.record.state import recorded_code, state, wrap_plain
from wengert.record.swap import METHODS, Paused, Recording, guarded, register_replacement, run_body
from wengert.record.value import Array, Recorder, Scalar, concrete, is_value
from wengert.rules.pairs import recordable
from wengert.rules.table import rule
from wengert.sweep.forward import forward

Fn = Callable[..., Any]


def plainly(f: Fn) -> Fn:
    """f as NumPy and SciPy compute it, whatever is being recorded: arguments and results are plain."""

    @wraps(f)
    def call(*args: Any, **kwargs: Any) -> Any:
        with Paused():
            return f(*lower(args), **lower(kwargs))

    return call


def described(f: Fn, body: Fn, n: int, name: str) -> Fn:
    """f(x₁, …, xₙ, **params), for plain and recorded arguments; `body` says in NumPy what f computes."""
    op = recordable(plainly(f))
    rule(op, *[pushed(body, k) for k in range(n)], name=name)
    return op


def pushed(body: Fn, k: int) -> Push:
    """The tangent of `body`'s result, given that of argument k."""

    def push(d: Any, y: Any, *args: Any, **params: Any) -> Any:
        rec = Recorder(("a derivative rule", None))
        slot = rec.append((INPUT, (), None, (), None, None))
        x = args[k]
        start: Any = Array(x, rec, slot) if np.ndim(concrete(x)) else Scalar(x, rec, slot)
        with Recording():
            out = body(*args[:k], start, *args[k + 1 :], **params)
        if not is_value(out) or out.rec is not rec:
            return np.zeros(np.shape(concrete(y)))
        writes = rec.writes
        return forward(rec.close(), writes, [(slot, d)], [out.slot])[0]

    return push


def composed_methods(kind: Any, *names: str) -> None:
    """Run these methods of a class as NumPy code where the arguments or the object hold recorded values."""
    for name in names:
        original = getattr(kind, name)
        is_property = isinstance(original, property)
        METHODS.append(
            (kind, name, original, property(_composed(original.fget)) if is_property else _composed(original))
        )


def _composed(original: Any) -> Any:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if state.bodies or not (any_recorded((args, kwargs)) or holds_recorded(self)):
            return original(self, *args, **kwargs)
        return run_body(original, (self, *args), kwargs)

    method.__name__, method.__doc__ = original.__name__, original.__doc__
    return method


def called_by_users(kind: Any, *names: str, always: str = "") -> None:
    """Run these methods of a class as NumPy code where a user's code calls them: a function that the object holds may
    return recorded values. One that is called by SciPy's own code only is so run `always`."""
    for name in names:
        original = vars(kind)[name]
        METHODS.append((kind, name, original, by_user(original, name == always)))


def by_user(original: Any, always: bool = False) -> Any:
    """The method that is run as NumPy code where a user's code calls it."""

    @wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not state.depth or state.bodies or not (always or recorded_code(sys._getframe(1))):
            return original(self, *args, **kwargs)
        y = run_body(original, (self, *args), kwargs)
        return y if any_recorded(y) else wrap_plain(lower(y))

    return method


def holds_recorded(self: Any) -> bool:
    """Whether an attribute of the object is a recorded value, or holds one."""
    parts = list(getattr(self, "__dict__", {}).values())
    for kind in type(self).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        parts += [getattr(self, s, None) for s in ((slots,) if isinstance(slots, str) else slots)]
    return any(is_value(p) or (isinstance(p, (list, tuple)) and any_recorded(p)) or _inner(p) for p in parts)


def _inner(part: Any) -> bool:
    return type(part).__module__.startswith("scipy.interpolate") and holds_recorded(part)


class _Stand:
    """What stands for a compiled module while recorded values go through the Python code that uses it."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self._module, name)


_stands: dict[Any, _Stand] = {}


def replaces_in(module: Any, name: str) -> Callable[[Fn], Fn]:
    """Decorator: the function to call instead of one of a compiled module, whose own names cannot be swapped."""

    def register(replacement: Fn) -> Fn:
        if module not in _stands:
            _stands[module] = _Stand(module)
            register_replacement(module, _stands[module])
        setattr(_stands[module], name, guarded(getattr(module, name), replacement))
        return replacement

    return register


__all__ = ["called_by_users", "composed_methods", "described", "holds_recorded", "plainly", "pushed", "replaces_in"]
