"""The two one-sided derivatives of f at a kink, along the element of an argument that moves it most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.sweeps import sweep_back
from wengert.diagnosis.walk import Index, _narrowed, unit

_STEP = 1e-6


@dataclass(frozen=True)
class Sides:
    """Input i, its element, the derivative below and above the kink, and the jump of f across it (None: none)."""

    i: int
    at: Index
    below: float
    above: float
    jump: float | None


def sides(p: Program, step: Step, index: Index, gap: float, pair: tuple[Index, Index] | None = None) -> Sides | None:
    """The derivatives on both sides of the point where the gap of this line vanishes; None if nothing moves it.

    The gap is between the two elements `pair` of the line's argument, if given.
    """
    found = _mover(p, step, index, pair)
    if found is None:
        return None
    i, at, slope = found
    x = p.values[i]
    size = max(1.0, float(np.abs(np.asarray(x)[at])))
    to_kink = -gap / slope if slope and np.isfinite(slope) and abs(gap / slope) < 1e-3 * size else 0.0
    tau = max(_STEP * size, 4 * abs(to_kink) if gap else 0.0)
    below, above = ([_along(p, i, at, to_kink + s * k * tau) for k in (1, 2)] for s in (-1, 1))
    slopes = [_settled(near[1], far[1]) for near, far in (below, above)]
    return Sides(i, at, slopes[0], slopes[1], _jump(below, above, tau))


def _mover(p: Program, step: Step, index: Index, pair: Any) -> tuple[int, Index, float] | None:
    """The element of an input that moves the gap of a line most, and by how much per unit: one reverse sweep."""
    bars = sweep_back(p, _gap_seeds(step, index, pair), step.number, True).inputs
    best: tuple[int, Index, float] | None = None
    for i in p.asked:
        rates = None if bars[i] is None else np.real(np.broadcast_to(bars[i], np.shape(p.values[i])))
        if rates is None or not rates.size or not np.all(np.isfinite(rates)):
            continue
        at = tuple(int(k) for k in np.unravel_index(int(np.argmax(np.abs(rates))), rates.shape))
        if rates[at] and (best is None or abs(rates[at]) > abs(best[2])):
            best = (i, at, float(rates[at]))
    return best


def _gap_seeds(step: Step, index: Index, pair: Any) -> list[tuple[Any, Any]]:
    """The gradient of the gap: of two arguments (or elements) their difference, of one itself."""
    if pair is not None:
        return [(step.line.args[0], unit(step.args[0], pair[0]) - unit(step.args[0], pair[1]))]
    if not step.line.row.broadcast or len(index) != len(step.shape):
        place = np.unravel_index(int(np.argmax(np.abs(step.args[0]))), np.shape(step.args[0]))
        return [(step.line.args[0], unit(step.args[0], tuple(int(k) for k in place)))]
    signs = (1.0, -1.0) if len(step.args) == 2 else (1.0,)
    return [
        (atom, sign * unit(x, _narrowed(index, np.shape(x))))
        for sign, atom, x in zip(signs, step.line.args, step.args, strict=False)
        if np.result_type(x).kind in "fc"
    ]


def _along(p: Program, i: int, at: Index, t: float) -> tuple[float, float]:
    """(Σ f, its derivative) at x + t e, e the unit vector of element `at` of input i."""
    moved = np.array(p.values[i], copy=True)
    moved[at] += t
    values = list(p.values)
    values[i] = moved if np.ndim(moved) else type(p.values[i])(moved)
    try:
        with np.errstate(all="ignore"):
            return p.derivative(values, i, unit(moved, at))
    except Exception:  # f does not exist on this side
        return np.nan, np.nan


def _settled(a: float, b: float) -> float:
    """The derivative extrapolated to the kink from those at one and two steps; infinite where it grows towards it."""
    if not np.isfinite(a) or not np.isfinite(b):
        return a
    if abs(a) > 1.2 * abs(b) and abs(a) > 10:
        return float(np.copysign(np.inf, a))
    return 2 * a - b


def _jump(below: Any, above: Any, tau: float) -> float | None:
    """f just above less f just below, if that is more than its slopes explain."""
    (v0, d0), (v1, d1) = below[0], above[0]
    if not all(np.isfinite(x) for x in (v0, v1, d0, d1)):
        return None
    jump = v1 - v0
    explained = 4 * tau * max(abs(d0), abs(d1)) + 64 * np.finfo(float).eps * max(abs(v0), abs(v1))
    return jump - tau * (d0 + d1) if abs(jump) > explained else None
