"""What native code learns of as it comes: the ufuncs that it can record, the rows whose results are no roots."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.ir.row import ROWS, Row
from wengert.record.apply import keeps
from wengert.record.protocols import array_ufunc
from wengert.record.squares import SQUARED

BITS = 4
KEEPS_FIRST, KEEPS_SECOND, KEEPS_RESULT, UNKNOWN = 1, 2, 4, 8
"""What a derivative reads: so many bits for each set of operands that are recorded (1 the first, 2 the second, 3
both)."""
KNOWN: dict[Any, Any] = {}
"""ufunc → (row, what its derivative reads), None where native code does not do it."""


def reads(row: Row, n: int) -> int:
    """The bits of a row of n arguments."""
    return sum(_bits(row, mask, n) << BITS * mask for mask in range(1, 1 << n))


def _bits(row: Row, mask: int, n: int) -> int:
    try:
        kept, result = keeps(row, mask, n)
    except NoDerivative:
        return UNKNOWN
    if kept is None:
        return UNKNOWN
    return KEEPS_FIRST * (0 in kept) + KEEPS_SECOND * (1 in kept) + KEEPS_RESULT * result


def shapes(first: bool, second: bool, x: Any, z: Any, y: Any) -> Any:
    """How a cotangent of y becomes one of each operand that is recorded."""
    return (_fit(x) if first else None, _fit(z) if second else None, y.shape)


def _fit(x: Any) -> tuple[tuple[int, ...], bool]:
    return (x.shape if type(x) is np.ndarray else (), False)


def record_ufunc(self: Any, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """As Python does it. From the second time on native code knows whether it can."""
    known = KNOWN.get(ufunc)
    if known is None or known[0] is not ROWS.get(ufunc):
        KNOWN[ufunc] = _known(ufunc)
    return array_ufunc(self, ufunc, method, *inputs, **kwargs)


_OTHERWISE = {np.square, np.power}
"""Squares of roots have a way of their own."""


def _known(ufunc: Any) -> Any:
    row = ROWS.get(ufunc)
    if ufunc is np.matmul and row is not None:
        return row, reads(row, 2)
    if row is None or type(ufunc) is not np.ufunc or ufunc.nout != 1 or len(row.partials) != ufunc.nin:
        return None
    if ufunc in _OTHERWISE or ufunc.nin > 2 or row.kind == "constant":
        return None
    return row, reads(row, ufunc.nin)


NO_ROOTS: dict[Row, bool] = {}
"""Rows of which a result may be squared like any other number: see `record/squares.py`."""


def learning(operate: Any) -> Any:
    """An operator as Python does it, which lets native code know of what its first operand is the result."""

    def in_python(self: Any, other: Any) -> Any:
        lines = self.rec.lines if self.rec is not None else None
        if type(lines) is list and self.slot < len(lines):
            row = lines[self.slot][0]
            if row.pushes not in SQUARED:
                NO_ROOTS[row] = True
        return operate(self, other)

    return in_python
