"""NumPy's floating-point warnings, off while a sweep runs: a derivative is read for its NaN, not for a warning.

`np.errstate(all="ignore")` does the same in about a microsecond, a good part of what a whole
gradient of a few numbers takes. NumPy keeps the state in a context variable; where a release no
longer has it under this name, np.seterr is used.
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


hush: Callable[[], object] = (
    partial(np.seterr, all="ignore") if _ignoring is None else partial(_variable.set, _ignoring)
)
"""Turn the warnings off."""

loudness: Callable[[], Any] = np.geterr if _ignoring is None else _variable.get
"""How it is with the warnings, for `restore`. An interruption may come as soon as `hush` has turned them off: so this
is asked before, and `hush` called where `finally` restores it."""

restore: Callable[[Any], object] = (lambda before: np.seterr(**before)) if _ignoring is None else _variable.set
"""Turn the warnings on again as they were."""
