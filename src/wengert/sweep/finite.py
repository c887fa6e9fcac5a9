"""Large products of small matrices, which are known to be finite without being read."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from math import inf
from typing import Any

import numpy as np


class _Known(threading.local):
    """Weak references to the last large products that are known to be finite: a sweep writes into no array but those
    that it has made by adding."""

    last: deque[Any] | None = None


_known = _Known()
_LARGE = 1 << 15
"""Elements from which on it takes longer to read a product than to ask."""
_MUCH, _LAST = 2, 16


def product(a: Any, b: Any) -> Any:
    """a @ b of plain matrices. No element exceeds |a| |b|, the root of the sums of their squares (Cauchy, Schwarz)."""
    y = a @ b
    if y.size >= _LARGE and _MUCH * (a.size + b.size) <= y.size and a.dtype == b.dtype == float:
        _note(y, _squares(a) * _squares(b))
    return y


def _squares(a: Any) -> float:
    row = a.ravel(order="K")
    return float(row.dot(row))


def _note(y: Any, bound: float) -> None:
    if bound < inf:
        if _known.last is None:
            _known.last = deque(maxlen=_LAST)
        _known.last.append(weakref.ref(y))


def is_finite_product(x: Any) -> bool:
    """Whether x is one of the last products that are known to be finite."""
    return type(x) is np.ndarray and x.size >= _LARGE and any([known() is x for known in _known.last or ()])
