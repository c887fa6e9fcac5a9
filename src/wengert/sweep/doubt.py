"""Whether a zero that met infinity is one.

0·∞ = 0 is right where nothing depends on a value: the branch of np.where that is not taken, an element that is not
read. It need not be right where two factors of the chain rule are zero and infinite at one point only: ∛(x³) = x.

A sweep with strong zeros is done once more, on plain numbers, with every zero among partial derivatives that is another
number nearby moved off zero. What is no longer finite then was decided by such a zero, and is warned of.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import DoubtfulZeroWarning
from wengert.ir.row import Row
from wengert.record.apply import keeps
from wengert.record.locate import user_frame
from wengert.record.value import Line, concrete
from wengert.record.varying import Varying

PLAIN, STRONG, MOVED = 0, 1, 2
"""How a sweep multiplies: as it comes; a zero wins over infinity and NaN; so, with zeros moved."""

Sweep = Callable[[list[Line], list[tuple[int, Any]], int], list[Any]]
_NUMBERS = (float, np.float64)


class Settled(list[Any]):
    """The results of a sweep that had to be done with strong zeros."""


def settled(sweep: Sweep, lines: list[Line], seeds: list[tuple[int, Any]]) -> Settled:
    """The results of the sweep with strong zeros. A warning where some may be wrong."""
    result = Settled(sweep(lines, seeds, STRONG))
    plain = _plainly(lines)
    if plain is not None and _differs(result, sweep, plain, seeds):
        _warn()
    return result


def _differs(result: list[Any], sweep: Sweep, plain: list[Line], seeds: list[tuple[int, Any]]) -> bool:
    try:
        moved = sweep(plain, [(s, concrete(c)) for s, c in seeds], MOVED)
    except Exception:  # a user's own rule that cannot be asked once more: the derivative is there already
        return False
    return any([_was_decided(concrete(x), y) for x, y in zip(result, moved, strict=True)])


def _was_decided(x: Any, y: Any) -> bool:
    """Whether an element of x is finite that is not in y."""
    return x is not None and y is not None and bool(np.any(np.isfinite(x) & ~np.isfinite(y)))


def _plainly(lines: list[Line]) -> list[Line] | None:
    """The lines with plain numbers only; None where some are no lines of one pass over plain numbers."""
    out: list[Line] = []
    for row, slots, y, args, params, shapes in lines:
        if params is not None:
            if isinstance(params.get("key"), Varying) or row.name == "loop":
                return None
            params = {name: concrete(p) for name, p in params.items()}
        out.append((row, slots, _concrete(y), tuple([_concrete(a) for a in args]), params, shapes))
    return out


def _concrete(x: Any) -> Any:
    return type(x)([_concrete(part) for part in x]) if type(x) in (list, tuple) else concrete(x)


def moved_partials(row: Row, slots: tuple[int, ...]) -> tuple[Any, ...]:
    """The partial derivatives of an elementwise row, off zero where a zero of theirs may be another number nearby."""
    kept, keeps_result = keeps(row, sum(1 << k for k, s in enumerate(slots) if s >= 0), len(slots))
    if row.flat or not (keeps_result or any(slots[k] >= 0 for k in kept or ())):
        return row.partials
    return tuple([None if p is None else _moved(p) for p in row.partials])


def _moved(p: Callable[..., Any]) -> Callable[..., Any]:
    return lambda y, *args: off_zero(p(y, *args))


def off_zero(p: Any) -> Any:
    """p, with a number near zero for zero."""
    if type(p) in _NUMBERS:
        return p or _NEAR
    near = _NEAR if np.finfo(p.dtype).max > 1e100 else _NEAR_SINGLE
    return np.where(np.equal(p, 0), p.dtype.type(near), p) if isinstance(p, np.ndarray) else p or p.dtype.type(near)


_NEAR, _NEAR_SINGLE = 1e-200, 1e-30


def _warn() -> None:
    text = (
        "in a derivative, a factor that is zero here met one that is infinite, and 0 was taken: right for x·√x at 0, "
        "not for ∛(x³).\nCompare with a point nearby, and write the function in its smooth form if they differ; "
        "wengert.diagnose tells the lines."
    )
    frame = user_frame()
    if frame is None:
        warnings.warn(text, DoubtfulZeroWarning, stacklevel=2)
        return
    seen = frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(text, DoubtfulZeroWarning, frame.f_code.co_filename, frame.f_lineno, registry=seen)
