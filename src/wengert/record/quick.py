"""The commonest operations on arrays, recorded without ceremony: float64 arrays of one shape, and numbers.

`quick` does for these what `apply` does for everything; where an operand is anything else it
returns None, and nothing has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import keeps
from wengert.record.value import Array

_ndarray = np.ndarray
_FLOAT = np.dtype(float)
_NUMBERS = {float, int, np.float64}


def quick(row: Row, function: Callable[[Any, Any], Any], a: Any, b: Any) -> Array | None:
    """function(a, b) as a line of `row`: one operand an Array, the other an Array of its recording or a number."""
    first = type(a) is Array
    one, other = (a, b) if first else (b, a)
    rec, x, root = one.rec, one.primal, one.root
    if (
        rec is None
        or rec.traces
        or type(x) is not _ndarray
        or x.dtype is not _FLOAT
        or not x.ndim
        or (root is not None and one.stamp != root.version)
    ):
        return None
    if type(other) in _NUMBERS:
        mask, slots = (1, (one.slot, -1)) if first else (2, (-1, one.slot))
        z, owner = other, None
    elif type(other) is Array and other.rec is rec:
        z, owner = other.primal, other.root
        if type(z) is not _ndarray or z.dtype is not _FLOAT or z.shape != x.shape:
            return None
        if owner is not None and other.stamp != owner.version:
            return None
        owner = other if owner is None else owner
        mask, slots = 3, (one.slot, other.slot)
    else:
        return None
    y = function(x, z) if first else function(z, x)
    if type(y) is not _ndarray or y.dtype is not _FLOAT:
        return None
    kept, keep_result = row.memo.get(mask) or keeps(row, mask, 2)
    saved = _saved(kept, first, x, one if root is None else root, z, owner) if kept else _NOTHING
    lines = rec.lines
    out = Array(y, rec, len(lines))
    lines.append((row, slots, y if keep_result else None, saved, None, None))
    out.shared = keep_result
    return out


_NOTHING = (None, None)


def _saved(kept: Any, first: bool, x: Any, root: Array, z: Any, owner: Array | None) -> tuple[Any, Any]:
    """The operands that the derivative reads, marked as held; None for the others."""
    mine, its = (0, 1) if first else (1, 0)
    if mine in kept:
        root.shared = True
    else:
        x = None
    if owner is not None:
        if its in kept:
            owner.shared = True
        else:
            z = None
    return (x, z) if first else (z, x)
