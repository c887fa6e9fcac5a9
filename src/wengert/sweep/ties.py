"""Eigenvectors of equal eigenvalues: which rows have them, and the angles by which a recording turns them.

See `rules.linalg_tied`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.value import Line, Recorder, concrete

TIED: dict[Row, Callable[[Any], bool]] = {}
"""row → whether eigenvalues are equal in its result"""


VALUES: set[Row] = set()
"""The rows whose results are eigenvalues or singular values alone."""


class Turning(threading.local):
    """The recorder of the angles, for the recordings that begin now; None: nothing is turned. Where nothing can be
    turned (`alone`), vectors of equal eigenvalues whose cotangent vanishes are taken for vectors that nobody reads."""

    rec: Recorder | None = None
    alone = False


turning = Turning()


def any_tied(lines: list[Line]) -> bool:
    """Whether some line has eigenvectors of equal eigenvalues for its result."""
    return bool(_tied(lines))


def _tied(lines: list[Line]) -> list[int]:
    return [k for k, line in enumerate(lines) if line[0] in TIED and line[2] is not None and TIED[line[0]](line[2])]


def shared(lines: list[Line]) -> bool:
    """Whether several lines may have eigenvalues of one matrix: the cotangents of some belong to the vectors of
    others, and no angle of these tells. Of two lines one of which leads to the other the matrices are two."""
    tied, alone = _tied(lines), [k for k, line in enumerate(lines) if line[0] in VALUES]
    spectra = {k: _spectrum(lines[k][2]) for k in tied}
    below = {k: _read_by(lines, k) for k in (*tied, *alone)}
    pairs = [(i, j) for i in tied for j in (*tied, *alone) if i != j and i not in below[j] and j not in below[i]]
    return any([j not in spectra or spectra[i] == spectra[j] for i, j in pairs])


def _read_by(lines: list[Line], last: int) -> set[int]:
    """The lines that a line depends on."""
    found: set[int] = set()
    queue = [last]
    while queue:
        new = [s for s in lines[queue.pop()][1] if s >= 0 and s not in found]
        found.update(new)
        queue += new
    return found


def _spectrum(y: Any) -> tuple[complex, ...]:
    """The eigenvalues in (w, v), or the singular values in (u, s, vᵀ), to eight digits and in order."""
    w = np.ravel(concrete(y[len(y) - 2])).astype(complex)
    unit = max(float(np.max(np.abs(w), initial=0.0)), 1e-300)
    return tuple(sorted(np.round(w / unit, 8).tolist(), key=lambda z: (z.real, z.imag)))
