"""np.matrix of recorded numbers."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from wengert.record.build import contains_value
from wengert.record.flavoured import adopted, bare, flavoured
from wengert.record.reach import MADE_BY
from wengert.record.shadows import is_flavoured
from wengert.record.state import state, user_code
from wengert.record.swap import METHODS

_new = np.matrix.__new__


def _making(kind: Any, data: Any, dtype: Any = None, copy: bool = True) -> Any:
    if not (state.depth and (is_flavoured(data) or contains_value(data) or contains_value(bare(data)))):
        y = _new(kind, data, dtype, copy)
        return adopted(y) if state.depth and y.dtype.kind in "fc" and user_code(sys._getframe(1)) else y
    y = np.array(bare(data), dtype) if copy else np.asarray(bare(data), dtype)
    if np.ndim(y) > 2:
        raise ValueError("matrix must be 2-dimensional")
    return flavoured(np.atleast_2d(y), kind)


MADE_BY[np.matrix] = frozenset({"matrix", "asmatrix", "bmat", "matlib"})
METHODS.append((np.matrix, "__new__", staticmethod(_new), staticmethod(_making)))
