"""A NumPy function in another namespace: the same text, with other modules behind the names `np` and `scipy`."""

from __future__ import annotations

from types import FunctionType


def rebound(f, **modules):
    """f, and the functions of its module that it calls, with these globals exchanged."""
    names = dict(f.__globals__) | modules
    for name, value in f.__globals__.items():
        if isinstance(value, FunctionType) and value.__globals__ is f.__globals__:
            names[name] = FunctionType(value.__code__, names, name, value.__defaults__, value.__closure__)
    return names[f.__name__]
