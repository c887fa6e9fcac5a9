"""The square of a root: `np.linalg.norm(x)**2` is smooth where the norm has a kink.

By the chain rule its derivative at 0 is 0 · (a subgradient), and the second derivative is lost. So
the line that defines y is looked at when y² is taken: if it is a root (sqrt, abs, hypot, norm,
std), the square is recorded as what it is, a function of the root's own arguments. The value
stays NumPy's y².
"""

from __future__ import annotations

from typing import Any

from wengert.ir.row import Row
from wengert.record.value import Array, Scalar

SQUARED: dict[Any, Row] = {}
"""pushes of a root → the row of its square: same arguments and parameters."""


def square_of_root(y: Any, op: Any) -> Any:
    """op(y) = y² recorded as a function of y's arguments; None where y is no root (any more)."""
    rec = y.rec
    if rec is None or rec.traces or (type(y) is Array and (y.root is not None or y.version)):
        return None
    line = rec.lines[y.slot]
    row = SQUARED.get(line[0].pushes)
    if row is None or (rec.writes and _written_since(rec, y.slot, line[1])):
        return None
    value = op(y.primal)
    slot = rec.append((row, line[1], value, *line[3:]))
    return Scalar(value, rec, slot) if type(y) is Scalar else Array(value, rec, slot)


def _written_since(rec: Any, slot: int, arguments: tuple[int, ...]) -> bool:
    """Whether one of the argument slots has been written to after line `slot`."""
    return any(rec.lines[at][1][0] in arguments for at in rec.writes if at > slot)
