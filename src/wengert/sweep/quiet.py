"""NumPy's floating-point warnings, off while a sweep runs: a derivative is read for its NaN, not for a warning.

`np.errstate(all="ignore")` does the same in about a microsecond, a good part of what a whole
gradient of a few numbers takes. NumPy keeps the state in a context variable; where a release no
longer has it under this name, np.errstate is used.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy._core import umath as _umath

_variable: Any = getattr(_umath, "_extobj_contextvar", None)
_make: Any = getattr(_umath, "_make_extobj", None)
_ignoring: Any = (
    _make(divide="ignore", over="ignore", under="ignore", invalid="ignore") if _make and _variable else None
)


def _hush() -> Any:
    state = np.errstate(all="ignore")
    state.__enter__()
    return state


def _restore(token: Any) -> None:
    token.__exit__(None, None, None)


hush: Callable[[], Any] = _hush if _ignoring is None else partial(_variable.set, _ignoring)
"""Turn the warnings off; what is returned goes to `restore`."""

restore: Callable[[Any], Any] = _restore if _ignoring is None else _variable.reset
"""Turn the warnings on again as they were."""
