"""Functions of SciPy that are NumPy code through and through: run as the code they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace, run_body, wrap_plain
from wengert.rules.described import holds_recorded


def compose(module: Any, names: str) -> None:
    """Let these functions of the module (those that this version of SciPy has) run on recorded values."""
    for name in names.split():
        if hasattr(module, name):
            replace(getattr(module, name))(_composed)


def _composed(original: Callable[..., Any]) -> Callable[..., Any]:
    def of(*args: Any, **kwargs: Any) -> Any:
        if any_recorded((args, kwargs)) or any([_is_scipys(a) and holds_recorded(a) for a in args]):
            return run_body(original, args, kwargs)
        return wrap_plain(compute(original, lower(args), lower(kwargs)))

    return of


def _is_scipys(x: Any) -> bool:
    """Whether x is an object of one of SciPy's classes: a system, which may hold recorded matrices."""
    return type(x).__module__.startswith("scipy.")
