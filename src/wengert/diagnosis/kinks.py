"""Points where a derivative jumps: which primitives have them, how far away they are, and both one-sided derivatives.

A line of KINKS measures, element by element, a signed *gap* that is zero at the kink (a − b for
maximum(a, b), x for abs(x)), and its scale. Where |gap| ≤ near · scale, the argument that moves
the gap most (its gradient is one cotangent pulled back from that line) gives a direction d, and
the gap vanishes near x + t d with t = −gap/slope. The one-sided derivatives are the derivatives of
f along d on both sides of that point, at t ± τ and t ± 2τ, extrapolated to t.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.diagnosis.advice import COMPARISONS
from wengert.diagnosis.describe import at_line, element
from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.report import Finding, number
from wengert.diagnosis.sides import Sides, sides
from wengert.diagnosis.walk import Index, first

Gap = Callable[[Step], tuple[Any, Any]]
"""A line ↦ (gap, scale), both of the shape of some argument or of the result."""


def _difference(i: int, j: int) -> Gap:
    def gap(step: Step) -> tuple[Any, Any]:
        a, b = np.broadcast_arrays(step.args[i], step.args[j])
        return np.subtract(a, b, dtype=float), np.maximum(np.abs(a), np.abs(b))

    return gap


def _at(*points: float) -> Gap:
    """The distance to the nearest of some points; the scale is the largest element, or 1."""

    def gap(step: Step) -> tuple[Any, Any]:
        x = np.real(np.asarray(step.args[0]))
        nearest = min((x - p for p in points), key=lambda d: np.min(np.abs(d), initial=np.inf))
        return nearest, np.ones_like(x)

    return gap


def _whole(offset: float) -> Gap:
    """The distance to the nearest jump of a rounding."""

    def gap(step: Step) -> tuple[Any, Any]:
        factor = 10.0 ** step.params.get("decimals", step.params.get("digits", 0) or 0)
        x = np.asarray(step.args[0], float) * factor + offset
        return (x - np.rint(x)) / factor, np.maximum(np.abs(x), 1.0) / factor

    return gap


def _multiple(step: Step) -> tuple[Any, Any]:
    """The distance to the nearest multiple of the divisor."""
    a, b = np.asarray(step.args[0], float), np.asarray(step.args[1], float)
    return a - np.rint(a / b) * b, np.broadcast_to(np.maximum(np.abs(a), np.abs(b)), step.shape)


def _size(step: Step) -> tuple[Any, Any]:
    """A length, and 1."""
    return np.asarray(step.y, float), np.ones(step.shape)


def _clipped(step: Step) -> tuple[Any, Any]:
    """The distance to the nearer bound."""
    x = np.asarray(step.args[0], float)
    bounds = [np.asarray(b, float) for b in step.args[1:3] if b is not None and not isinstance(b, type(np._NoValue))]  # type: ignore[attr-defined]
    gaps = [x - b for b in bounds]
    if not gaps:
        return np.full(x.shape, np.inf), np.ones(x.shape)
    nearest = gaps[0] if len(gaps) == 1 else np.where(np.abs(gaps[0]) < np.abs(gaps[1]), gaps[0], gaps[1])
    return nearest, np.broadcast_to(np.maximum(np.abs(x), 1e-300), np.shape(nearest))


def _order(step: Step) -> tuple[Any, Any]:
    """(values, places) of the elements in sorted order, along the axis of the reduction or sort."""
    x = np.real(np.asarray(step.args[0], float))
    given = step.params.get("axis", step.args[2] if len(step.args) > 2 else None)
    places = np.arange(x.size).reshape(x.shape)
    if isinstance(given, tuple):
        rest = [k for k in range(x.ndim) if k not in {a % x.ndim for a in given}]
        shape = (*[x.shape[k] for k in rest], -1)
        axes = (*rest, *[a % x.ndim for a in given])
        x, places = x.transpose(axes).reshape(shape), places.transpose(axes).reshape(shape)
    elif not isinstance(given, int):
        x, places = np.ravel(x), np.ravel(places)
    else:
        x, places = np.moveaxis(x, given, -1), np.moveaxis(places, given, -1)
    ascending = np.argsort(x, axis=-1, kind="stable")
    if step.line.row.name in _TOP:
        ascending = ascending[..., -2:]
    elif step.line.row.name in _BOTTOM:
        ascending = ascending[..., :2]
    return np.take_along_axis(x, ascending, -1), np.take_along_axis(places, ascending, -1)


_TOP = {"numpy.max", "numpy.nanmax", "numpy.argmax", "numpy.fmax.reduce"}
_BOTTOM = {"numpy.min", "numpy.nanmin", "numpy.argmin", "numpy.fmin.reduce"}


def _neighbours(step: Step) -> tuple[Any, Any]:
    """The gaps between neighbours in sorted order; of max and min, that to the runner-up."""
    ordered, _ = _order(step)
    return np.diff(ordered, axis=-1), np.maximum(np.abs(ordered[..., 1:]), np.abs(ordered[..., :-1]))


def _pair(step: Step, index: Index) -> tuple[Index, Index]:
    """The two elements of the argument whose gap this is: the upper and the lower one."""
    places = _order(step)[1]
    upper, lower = places[(*index[:-1], index[-1] + 1)], places[index]
    shape = np.shape(step.args[0])
    return tuple(map(int, np.unravel_index(upper, shape))), tuple(map(int, np.unravel_index(lower, shape)))


# fmt: off
KINKS: dict[str, Gap] = {
    "numpy.absolute": _at(0.0), "numpy.fabs": _at(0.0), "numpy.sqrt": _at(0.0), "numpy.cbrt": _at(0.0),
    "numpy.arcsin": _at(-1.0, 1.0), "numpy.arccos": _at(-1.0, 1.0),
    "numpy.maximum": _difference(0, 1), "numpy.minimum": _difference(0, 1),
    "numpy.fmax": _difference(0, 1), "numpy.fmin": _difference(0, 1),
    "numpy.max": _neighbours, "numpy.min": _neighbours, "numpy.nanmax": _neighbours, "numpy.nanmin": _neighbours,
    "numpy.fmax.reduce": _neighbours, "numpy.fmin.reduce": _neighbours,
    "numpy.argmax": _neighbours, "numpy.argmin": _neighbours,
    "numpy.sort": _neighbours, "numpy.argsort": _neighbours, "numpy.median": _neighbours,
    "clip": _clipped, "numpy.linalg.norm": _size, "numpy.hypot": _size, "numpy.std": _size,
    "numpy.sign": _at(0.0), "numpy.heaviside": _at(0.0),
    "numpy.floor": _whole(0.0), "numpy.ceil": _whole(0.0), "numpy.trunc": _whole(0.0), "numpy.rint": _whole(0.5),
    "numpy.round": _whole(0.5), "astype": _whole(0.0),
    "numpy.remainder": _multiple, "numpy.fmod": _multiple, "numpy.floor_divide": _multiple,
    "numpy.less": _difference(0, 1), "numpy.less_equal": _difference(0, 1), "numpy.greater": _difference(0, 1),
    "numpy.greater_equal": _difference(0, 1), "numpy.equal": _difference(0, 1), "numpy.not_equal": _difference(0, 1),
}
# fmt: on
"""primitive → how far its kinks (or jumps) are."""

_MOST = 12


def kinks_of(p: Program, near: float) -> list[Finding]:
    """The kinks that are hit, or that lie within the relative distance `near`, on lines that the result depends on."""
    live = p.influential
    found: list[Finding] = []
    seen: set[Any] = set()
    for step in p.steps:
        gap_of = KINKS.get(step.line.row.name)
        if gap_of is None or not step.line.inputs or not _matters(p, step, live):
            continue
        with np.errstate(all="ignore"):
            gap, scale = gap_of(step)
            close = np.abs(gap) <= near * np.maximum(scale, 1e-300)
        index = first(close)
        site = (p.sites[step.number], step.line.row.name)
        if index is None or site in seen:
            continue
        finding = _kink(p, step, index, float(np.asarray(gap)[index]))
        if finding is not None:
            seen.add(site)
            found.append(finding)
        if len(found) == _MOST:
            break
    return found


def on_a_kink(step: Step, near: float = 1e-15) -> bool:
    """Whether a line sits on a kink of its primitive."""
    gap_of = KINKS.get(step.line.row.name)
    if gap_of is None:
        return False
    with np.errstate(all="ignore"):
        gap, scale = gap_of(step)
        return bool(np.any(np.abs(gap) <= near * np.maximum(scale, 1e-300)))


def _matters(p: Program, step: Step, live: set[int]) -> bool:
    """Whether the result depends on the line: by its value, or because Python looked at it."""
    looked = any(p.steps[n].line.kind == "guard" for v in step.line.outs for n, _ in p.readers.get(v, ()))
    return step.number in live or looked


def _kink(p: Program, step: Step, index: Index, gap: float) -> Finding | None:
    """The finding, with both one-sided derivatives; None where no argument moves the gap, or nothing changes."""
    name = step.line.row.name.replace("numpy.", "np.", 1)
    pair = _pair(step, index) if KINKS[step.line.row.name] is _neighbours else None
    both = sides(p, step, index, gap, pair)
    if both is None:
        return None
    smooth = _smooth(both) and name not in ("np.sqrt", "np.cbrt", "np.arcsin", "np.arccos")
    if smooth and (step.line.row.name in COMPARISONS or gap != 0):
        return None
    hit = "hit" if gap == 0 else f"{number(abs(gap))} away"
    kind = "jump" if both.jump is not None else "kink"
    jumps = f", where f jumps by {number(both.jump)}" if both.jump is not None else ""
    what = f"{name} {'breaks' if kind == 'jump' else 'has a kink'}, {hit}{jumps}" + (
        "; f itself is smooth there" if smooth else ""
    )
    return at_line(
        p, kind, step, _shown(step, index), what, about=f"along {element(p.trace.spelled[both.i], both.at)}",
        sides=(both.below, both.above),
    )  # fmt: skip


def _shown(step: Step, index: Index) -> Index:
    return index if len(step.shape) == len(index) and step.line.row.broadcast else ()


def _smooth(both: Sides) -> bool:
    a, b = both.below, both.above
    return both.jump is None and abs(a - b) <= 1e-5 * max(abs(a), abs(b), 1e-12)
