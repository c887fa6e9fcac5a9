"""Which examples of a batch go the way of the recorded one, where Python looked at a value."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.batch.line import of_type
from wengert.record.observe import look, plain_copy


def agreeing(x: Any, example: Any, read: Any, value: Any) -> Any:
    """For each example of x, whether read(x) is `value`."""
    plain = np.asarray(look(x))
    if read is bool and plain.size == len(plain):
        return np.reshape(plain, -1).astype(bool) == value
    if read is plain_copy:
        same = plain == value
        if plain.dtype.kind in "fc":
            same = same | ((plain != plain) & np.not_equal(value, value))
        return np.reshape(same, (len(plain), -1)).all(axis=1)
    return np.array([_same(read(of_type(part, example)), value) for part in plain])


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b, equal_nan=np.asarray(a).dtype.kind in "fc")
    return bool(a == b or (a != a and b != b))
