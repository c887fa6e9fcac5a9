"""Values as a reader sees them: numbers in full, arrays by their shape, a few elements and their range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.ir.line import Type
from wengert.show.notation import number

_SHORT = 4
"""Arrays of up to so many elements are written out."""
ELEMENTS = 64
"""So many elements of an array are kept to be looked at."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What is shown of a value: `text`; of an array also its `type` and first `elements`."""

    text: str
    type: str
    number: float | None = None
    elements: tuple[str, ...] = ()
    size: int = 1


def brief(x: Any) -> Brief | None:
    """What is shown of x; None of a derivative that is zero because nothing depends on it."""
    if x is None:
        return None
    if isinstance(x, np.ndarray) and x.ndim:
        return _array(x)
    value = x.item() if isinstance(x, (np.ndarray, np.generic)) else x
    plain = float(value) if isinstance(value, (float, int)) and not isinstance(value, bool) else None
    return Brief(number(value), str(Type.of(x)), plain)


def _array(x: Any) -> Brief:
    kind = str(Type.of(x))
    elements = tuple(number(e) for e in x.ravel()[:ELEMENTS].tolist())
    if x.size <= _SHORT and x.ndim == 1:
        return Brief(f"[{', '.join(elements)}]", kind, None, elements, x.size)
    if x.size == 0:
        return Brief("[]", kind, None, (), 0)
    shape = "×".join(map(str, x.shape))
    return Brief(f"{shape}: {_range(x)}", kind, None, elements, x.size)


def _range(x: Any) -> str:
    """min … max, or the value that all elements have."""
    if x.dtype.kind not in "fiu":
        first = ", ".join(number(e) for e in x.ravel()[:3].tolist())
        return f"[{first}, …]" if x.size > 3 else f"[{first}]"
    with np.errstate(all="ignore"):
        low, high = x.min(), x.max()
    return f"all {number(low)}" if low == high else f"{number(low)} … {number(high)}"


def text(x: Any) -> str:
    """One line for x; 0 for a missing derivative."""
    shown = brief(x)
    return "0" if shown is None else shown.text


def is_floating(x: Any) -> bool:
    """Whether x can have a derivative."""
    return isinstance(x, (float, complex)) or getattr(getattr(x, "dtype", None), "kind", "") in ("f", "c")
