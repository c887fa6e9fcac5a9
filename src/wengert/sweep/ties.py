"""Eigenvectors of equal eigenvalues: which rows have them, and the angles by which a recording turns them.

See `rules.linalg_tied`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from wengert.ir.row import Row
from wengert.record.value import Line, Recorder

TIED: dict[Row, Callable[[Any], bool]] = {}
"""row → whether eigenvalues are equal in its result"""


class Turning(threading.local):
    """The recorder of the angles, for the recordings that begin now; None: nothing is turned."""

    rec: Recorder | None = None


turning = Turning()


def any_tied(lines: list[Line]) -> bool:
    """Whether some line has eigenvectors of equal eigenvalues for its result."""
    return any([line[0] in TIED and line[2] is not None and TIED[line[0]](line[2]) for line in lines])
