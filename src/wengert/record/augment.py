"""`raw += x`: a recorded value added to an array that NumPy made out of our sight."""

from __future__ import annotations

import dis
import sys
from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.record.hold import refused
from wengert.record.locate import at_user_line, user_frame
from wengert.record.value import Array, Recorder, concrete

_IN_PLACE = range(13, 26)
"""The arguments of BINARY_OP that are augmented assignments."""


def store_in_raw(target: Any, y: Any, where: Any) -> Any:
    """`raw += y` for a recorded y: the name is bound to y where nothing else can see the array.

    An augmented assignment binds its target anew, so it may be given another object, if the old
    one is in no other hands: it owns its memory and only the target name refers to it.
    """
    references = sys.getrefcount(target)
    if _probing:
        _probing.append(references)
        return y
    frame = user_frame()
    if (
        frame is not None
        and where is True
        and target.base is None
        and np.shape(concrete(y)) == target.shape
        and target.dtype.kind in "fc"
        and _augmented(frame)
        and references <= _baseline()
    ):
        return y.astype(target.dtype, copy=False)
    error = LostDerivative(
        at_user_line(f"writing a recorded value into a plain {target.dtype} array would cut its derivative")
        + "\nMake that array inside the function with np.zeros, np.array or np.copy, so that it can hold "
        "recorded values, or write stop_gradient(value) if that is what you want."
    )
    raise refused(error, frame, storing=False)


def _augmented(frame: Any) -> bool:
    code, at = frame.f_code.co_code, frame.f_lasti
    return dis.opname[code[at]] == "BINARY_OP" and code[at + 1] in _IN_PLACE


_probing: list[int] = []
_known: list[int] = []


def _baseline() -> int:
    """How many references an array that only a local name refers to has, seen from store_in_raw."""
    if not _known:
        _probing.append(0)
        raw: Any = np.ndarray(2)
        raw += Array(np.ndarray(2), Recorder(), 0)
        _known.append(_probing.pop())
        _probing.clear()
    return _known[0]
