"""The short way of a call: Python code made for one signature, which tests it, and takes calls apart.

For a call `f({"w": x}, 3)` that is compiled with x as its only input, and a result `(y, {"z": z})`::

    def route(args, kwargs):
        a0, a1 = args
        if kwargs or type(a0) is not dict or len(a0) != 1 or a1 is not … : return NotImplemented
        y = call(a0["w"])
        …
        return (y[0], {"z": y[1]})

The native function looks at the types of its arguments itself. Containers other than Python's own
(dataclasses, named tuples) take the long way, through optree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.jit.call import Static, kind_of

_MISSING = (KeyError, IndexError, ValueError, TypeError)


class _Unroutable(Exception):
    pass


class _Writer:
    """The code of one route while it is written, and what it refers to."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"MISSING": _MISSING}
        self.tests: list[str] = []
        self.inputs: list[str] = []

    def name(self, x: Any) -> str:
        """A name for a value."""
        name = f"k{len(self.names)}"
        self.names[name] = x
        return name

    def argument(self, text: str, x: Any) -> None:
        """Test that what `text` says is as x, and pass on its inputs."""
        kind: Any = type(x)
        if kind_of(x):
            self.inputs.append(text)
        elif kind is tuple or kind is list:
            self.tests += [f"type({text}) is {kind.__name__}", f"len({text}) == {len(x)}"]
            for k, part in enumerate(x):
                self.argument(f"{text}[{k}]", part)
        elif kind is dict:
            self.tests += [f"type({text}) is dict", f"len({text}) == {len(x)}"]
            for key in _ordered(x):
                self.argument(f"{text}[{self.key(key)}]", x[key])
        else:
            self.fixed(text, x)

    def key(self, key: Any) -> str:
        """The key of a dict, written out."""
        if type(key) not in (str, int):
            raise _Unroutable
        return repr(key)

    def fixed(self, text: str, x: Any) -> None:
        """Test that a value is x."""
        if type(x) is Static:
            self.tests.append(f"Static({text}) == {self.name(x)}")
            self.names["Static"] = Static
        elif type(x) in (int, str, bytes):
            self.tests += [f"type({text}) is {type(x).__name__}", f"{text} == {self.name(x)}"]
        elif isinstance(x, np.generic) or hasattr(type(x), "__match_args__") or hasattr(x, "_fields"):
            raise _Unroutable
        else:
            self.tests.append(f"{text} is {self.name(x)}")

    def result(self, x: Any) -> str:
        """An expression that builds a result like x, whose outputs are `_Output`s."""
        kind: Any = type(x)
        if kind is _Output:
            return x.text
        if kind is tuple or kind is list:
            parts = "".join(f"{self.result(part)}, " for part in x)
            return f"({parts})" if kind is tuple else f"[{parts}]"
        if kind is dict:
            return "{" + ", ".join(f"{self.key(key)}: {self.result(part)}" for key, part in x.items()) + "}"
        if kind in (int, float, bool, str, type(None)):
            return self.name(x)
        raise _Unroutable


def _ordered(x: dict[Any, Any]) -> list[Any]:
    """The keys in the order in which the leaves of a dict are counted (optree sorts them)."""
    try:
        return sorted(x)
    except TypeError:
        raise _Unroutable from None


class _Output:
    """Stands for one output of the trace."""

    def __init__(self, text: str) -> None:
        self.text = text


def route(args: tuple[Any, ...], kwargs: dict[str, Any], path: Any) -> Any:
    """route(args, kwargs) → the result, or NotImplemented where the call is not of this kind or goes another
    way; None if no route can be written."""
    w = _Writer()
    try:
        for k, x in enumerate(args):
            w.argument(f"a{k}", x)
        for name in _ordered(kwargs):
            w.argument(f"kwargs[{name!r}]", kwargs[name])
        built = w.result(_outline(path.recording))
    except _Unroutable:
        return None
    w.names["call"] = path.native.call
    unpacked = "".join(f"a{k}, " for k in range(len(args)))
    tests = " and ".join([f"len(kwargs) == {len(kwargs)}" if kwargs else "not kwargs", *w.tests])
    code = f"""def route(args, kwargs):
    try:
        ({unpacked}) = args
        if not ({tests}):
            return NotImplemented
        y = call({", ".join(w.inputs)})
    except MISSING:
        return NotImplemented
    if y is None or y is NotImplemented:
        return NotImplemented
    return {built}
"""
    exec(code, w.names)
    return w.names["route"]


def _outline(recording: Any) -> Any:
    """The result, with an _Output where each output of the trace goes."""
    n = len(recording.places)
    outputs = [_Output("y" if n == 1 else f"y[{k}]") for k in range(n)]
    if n == 0:
        raise _Unroutable
    return recording.result(outputs)


__all__ = ["route"]
