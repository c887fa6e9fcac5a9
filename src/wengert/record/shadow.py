"""What `float` and `complex` mean in a user's module while a function is recorded that calls them on recorded values.

Python's own must return plain numbers, and would cut the derivative. So a function that was refused for that is
run again with these names bound, in the modules whose code called them, to classes that are Python's in every way
but that they convert recorded numbers to recorded numbers.
"""

from __future__ import annotations

import threading
from types import FrameType, FunctionType
from typing import Any

import numpy as np

from wengert.record.listed import InUse, listed
from wengert.record.numbers import as_complex, as_float
from wengert.record.value import concrete, is_value


class _Same(type):
    """A class that is taken for a builtin one."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, cls.__base__)  # type: ignore[arg-type]

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__base__)  # type: ignore[arg-type]

    def __eq__(cls, other: Any) -> bool:
        return other is cls or other is cls.__base__

    def __hash__(cls) -> int:
        return hash(cls.__base__)


class _Float(_Same):
    def __call__(cls, *args: Any) -> Any:
        if any([is_value(a) for a in args]):
            return as_float(*args)
        return _of_object(args[0], "__float__", float) if len(args) == 1 else float(*args)


class _Complex(_Same):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if any([is_value(a) for a in (*args, *kwargs.values())]):
            return as_complex(*args, **kwargs)
        return (
            _of_object(args[0], "__complex__", complex) if len(args) == 1 and not kwargs else complex(*args, **kwargs)
        )


def _of_object(x: Any, method: str, kind: type) -> Any:
    """x as a number: what a class of the user's returns from its own method may be recorded."""
    own = getattr(type(x), method, None)
    if type(own) is not FunctionType:
        return kind(x)
    y = own(x)
    return y if is_value(y) else kind(x)


class _Type(_Same):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) != 1:
            return type(*args, **kwargs)
        x = args[0]
        if not is_value(x):
            return _STANDS.get(type(x)) or type(x)
        kind = type(concrete(x))
        return _STANDS.get(kind) or (listed(kind) if InUse.now else kind)


def _hasattr(x: Any, name: str) -> bool:
    """hasattr(x, name) for the number or array that x is: class Scalar has an `__iter__`, which is None."""
    return hasattr(concrete(x), name)


def _more(kind: type, convert: Any) -> dict[str, Any]:
    """What a class has instead of Python's: `from_number`, which there is from 3.14 on. Its dtype is for NumPy."""
    made: dict[str, Any] = {"dtype": np.dtype(kind)}
    original = getattr(kind, "from_number", None)
    if original is not None:
        made["from_number"] = staticmethod(lambda x: convert(x) if is_value(x) else original(x))
    return made


SHADOWS: dict[str, Any] = {
    "float": _Float("float", (float,), _more(float, as_float)),
    "complex": _Complex("complex", (complex,), _more(complex, as_complex)),
    "type": _Type("type", (type,), {}),
    "hasattr": _hasattr,
}
"""builtin name → what stands for it, so that `type(x) is float` still holds; `dtype` is for NumPy."""
_SHADOWS = tuple(SHADOWS.items())
_STANDS = {float: SHADOWS["float"], complex: SHADOWS["complex"]}


def is_shadow(value: Any) -> bool:
    """Whether value stands for a builtin while a transform runs."""
    return any([value is shadow for _, shadow in _SHADOWS])


def called_by_name(frame: FrameType) -> bool:
    """Whether this code may have called `float` or `complex` by the name."""
    return any(name in frame.f_code.co_names and name not in frame.f_globals for name in ("float", "complex"))


def shadowed_by(body: Any) -> list[dict[str, Any]]:
    """The module of a function of SciPy's, or of Python's statistics, that is run on recorded values."""
    while hasattr(body, "__wrapped__"):
        body = body.__wrapped__
    namespace: dict[str, Any] = getattr(body, "__globals__", {})
    return [namespace] if str(namespace.get("__name__")).startswith(("scipy.", "statistics")) else []


_lock = threading.Lock()
_running: dict[int, int] = {}
"""module → how many recordings have its names shadowed"""


class Shadowing:
    """Context manager: the names stand for our classes in these namespaces."""

    __slots__ = ("namespaces",)

    def __init__(self, namespaces: list[dict[str, Any]]) -> None:
        self.namespaces = list(namespaces)

    def __enter__(self) -> None:
        with _lock:
            for namespace in self.namespaces:
                _bind(namespace)

    def __exit__(self, *_: object) -> None:
        with _lock:
            for namespace in self.namespaces:
                _unbind(namespace)

    def open(self, namespaces: list[dict[str, Any]]) -> None:
        """Enter for those of these namespaces that are not among ours."""
        new = namespaces[len(self.namespaces) :]
        self.namespaces += new
        Shadowing(new).__enter__()

    def close(self) -> None:
        """Leave all namespaces."""
        self.__exit__()
        self.namespaces.clear()


def _bind(namespace: dict[str, Any]) -> None:
    running = _running.get(id(namespace), 0)
    _running[id(namespace)] = running + 1
    if not running:
        for name, shadow in _SHADOWS:
            namespace.setdefault(name, shadow)


def _unbind(namespace: dict[str, Any]) -> None:
    running = _running.pop(id(namespace), 1)  # an interruption may have come between this and the rest
    if running > 1:
        _running[id(namespace)] = running - 1
        return
    for name, shadow in _SHADOWS:
        if namespace.get(name) is shadow:
            del namespace[name]
