"""What each thread is doing: how many transforms it runs, and whose Python code it runs for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.value import Array, Scalar


class State(threading.local):
    """`depth` transforms are running; `bodies` are the library functions run on recorded values."""

    depth = 0
    bodies: frozenset[Any] = frozenset()


state = State()


def compute(op: Callable[..., Any], data: Any, params: dict[str, Any] | None) -> Any:
    """op(*data, **params). NumPy's own Python code works on plain arrays as it always does."""
    if not state.bodies or type(op) is np.ufunc or any([type(d) is Array or type(d) is Scalar for d in data]):
        return op(*data) if params is None else op(*data, **params)
    bodies, state.bodies = state.bodies, frozenset()
    try:
        return op(*data, **(params or {}))
    finally:
        state.bodies = bodies
