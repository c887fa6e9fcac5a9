"""Functions of SciPy that are NumPy code through and through: run as the code they are."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

from wengert.record.listed import listed
from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace, run_body, wrap_plain
from wengert.rules.described import holds_recorded
from wengert.rules.solved import still


def compose(module: Any, names: str) -> None:
    """Let these functions of the module (those that this version of SciPy has) run on recorded values."""
    for name in names.split():
        if hasattr(module, name):
            replace(getattr(module, name))(composed)


def steps(module: Any, names: str) -> None:
    """Let these functions, whose results are whole numbers or truth values, be asked of plain numbers."""
    for name in names.split():
        if hasattr(module, name):
            replace(getattr(module, name))(_step)


def _step(original: Callable[..., Any]) -> Callable[..., Any]:
    def of(*args: Any, **kwargs: Any) -> Any:
        plain = {name: still(value) for name, value in kwargs.items()}
        return wrap_plain(compute(original, tuple(map(still, args)), plain))

    return of


class _Names(dict[str, Any]):
    """A module's names, with a NumPy whose types and ufuncs keep derivatives."""

    def __init__(self, names: dict[str, Any]) -> None:
        super().__init__()
        self.names = names

    def __missing__(self, name: str) -> Any:
        return listed(self.names[name])

    def get(self, name: str, default: Any = None) -> Any:  # type: ignore[override]
        return self.names.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.names


def _with_types(f: Any) -> Any:
    """f, where it says np.float64(x) of an array."""
    if type(f) is not FunctionType or "float64" not in f.__code__.co_names:
        return f
    made = FunctionType(f.__code__, _Names(f.__globals__), f.__name__, f.__defaults__, f.__closure__)
    made.__kwdefaults__ = f.__kwdefaults__
    return made


def composed(original: Callable[..., Any]) -> Callable[..., Any]:
    """A function of SciPy's that runs on recorded values."""
    body = _with_types(original)

    def of(*args: Any, **kwargs: Any) -> Any:
        if any_recorded((args, kwargs)) or any([_is_scipys(a) and holds_recorded(a) for a in args]):
            return run_body(body, args, kwargs)
        return wrap_plain(compute(original, lower(args), lower(kwargs)))

    return of


def _is_scipys(x: Any) -> bool:
    """Whether x is an object of one of SciPy's classes: a system, which may hold recorded matrices."""
    return type(x).__module__.startswith("scipy.")
