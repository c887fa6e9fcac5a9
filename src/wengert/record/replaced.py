"""The functions that are swapped while a derivative is recorded, and what stands for each of them."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np

REPLACED: dict[Any, Any] = {}
"""original function → its replacement."""

ORIGINAL: dict[Any, Any] = {}
"""replacement → original: what a namespace holds while a transform runs."""

KINDS: set[Any] = {type(np.zeros), type(np.sum), FunctionType, type(np.vectorize), np.ufunc}
"""The types that originals have: a quick look before the dictionary is asked."""


def is_replaced(value: Any) -> bool:
    """Whether value is one of the functions that are swapped while recording."""
    return type(value) in KINDS and value in REPLACED


def original_of(value: Any) -> Any:
    """The function to be swapped that value is, or already stands for; else None."""
    if type(value) not in KINDS:
        return None
    return value if value in REPLACED else ORIGINAL.get(value)
