"""Functions of SciPy that are NumPy code through and through: run as the code they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.record.protocols import any_recorded, lower
from wengert.record.state import compute
from wengert.record.swap import replace, run_body, wrap_plain


def compose(module: Any, names: str) -> None:
    """Let these functions of the module (those that this version of SciPy has) run on recorded values."""
    for name in names.split():
        if hasattr(module, name):
            replace(getattr(module, name))(_composed)


def _composed(original: Callable[..., Any]) -> Callable[..., Any]:
    def of(*args: Any, **kwargs: Any) -> Any:
        if any_recorded((args, kwargs)):
            return run_body(original, args, kwargs)
        return wrap_plain(compute(original, lower(args), lower(kwargs)))

    return of
