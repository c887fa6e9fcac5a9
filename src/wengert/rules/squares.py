"""The squares of roots, as smooth functions of the root's arguments (see record/squares.py)."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.row import ROWS, Row
from wengert.record.squares import SQUARED
from wengert.rules import complex as _complex_rules
from wengert.rules import elementwise as _elementwise_rules
from wengert.rules import power as _power_rules
from wengert.rules import trig as _trig_rules
from wengert.rules.linalg_norm import NORM, reduced, spread
from wengert.rules.linalg_triangular import conj
from wengert.rules.statistics import NANSTD, NANVAR, STD, VAR


def _of_elements(root: Row, *partials: Any) -> None:
    """The square of an elementwise root, by its partials."""

    both = tuple(_push(p, root.name != "numpy.sqrt") for p in partials)
    n = len(partials)
    SQUARED[root.pushes] = Row(
        np.square, f"square of {root.name}", "elementwise", both, tuple(_pull(p) for p in partials),
        (frozenset(range(n)),) * n, (False,) * n, broadcast=True,
    )  # fmt: skip


def _push(p: Any, is_real: bool) -> Any:
    def push(d: Any, y: Any, *args: Any) -> Any:
        t = d * p(*args)
        return np.real(t) if is_real and np.iscomplexobj(t) else t

    return push


def _pull(p: Any) -> Any:
    return lambda c, y, *args: c * p(*args)


def _push_norm(d: Any, y: Any, x: Any, axis: Any, keepdims: bool, options: Any = None) -> Any:
    return reduced(2 * conj(x) * d, axis, keepdims)


def _pull_norm(c: Any, y: Any, x: Any, axis: Any, keepdims: bool, options: Any = None) -> Any:
    return spread(c, x, axis, keepdims) * (2 * conj(x))


# fmt: off
_of_elements(ROWS[np.sqrt],      lambda x: 1.0)                                   # (√x)² = x
_of_elements(ROWS[np.absolute],  lambda x: 2 * conj(x))                           # |x|² = x̄x
_of_elements(ROWS[np.fabs],      lambda x: 2 * x)
_of_elements(ROWS[np.hypot],     lambda a, b: 2 * a,        lambda a, b: 2 * b)   # a² + b²
# fmt: on
SQUARED[NORM.pushes] = Row(
    np.square, "square of numpy.linalg.norm", "rule", (_push_norm,), (_pull_norm,), (frozenset({0}),), (False,)
)
SQUARED[STD.pushes] = VAR
SQUARED[NANSTD.pushes] = NANVAR

__all__ = ["_complex_rules", "_elementwise_rules", "_power_rules", "_trig_rules"]
