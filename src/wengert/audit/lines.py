"""Line by line: partials against 50 digits, forward against reverse, and digits lost by cancellation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.audit import digits
from wengert.audit.compare import digits_of
from wengert.diagnosis.kinks import on_a_kink
from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.source import Where
from wengert.diagnosis.sweeps import pull, push
from wengert.errors import first_line
from wengert.ir.line import Var

_LINES_PER_PRIMITIVE = 3
_LARGEST = 400


@dataclass(frozen=True)
class Primitive:
    """One primitive at its worst line: `digits` agree with the reference (None: there is none), `dual` between
    forward and reverse."""

    name: str
    lines: int
    digits: float | None
    dual: float
    line: str
    where: Where
    why: str = ""


@dataclass(frozen=True)
class Loss:
    """A line whose result has fewer digits right than what it was computed from."""

    line: str
    where: Where
    primitive: str
    lost: float
    left: float


def primitives(p: Program, rng: Any) -> list[Primitive]:
    """Every primitive of a program with a derivative, in the order in which they come."""
    groups: dict[str, list[Step]] = {}
    for step in p.steps:
        if step.line.kind == "call" and step.line.row.pushes and step.line.inputs:
            groups.setdefault(step.line.row.name, []).append(step)
    found = [_worst(p, name, steps, rng) for name, steps in groups.items()]
    return [f for f in found if f is not None]


def _worst(p: Program, name: str, steps: list[Step], rng: Any) -> Primitive | None:
    chosen = steps[:: max(1, len(steps) // _LINES_PER_PRIMITIVE)][:_LINES_PER_PRIMITIVE]
    seen = [_checked(p, step, len(steps), rng) for step in chosen]
    seen = [s for s in seen if s is not None]
    if not seen:
        return None
    return min(seen, key=lambda s: min(s.dual, 99.0 if s.digits is None else s.digits))


def _checked(p: Program, step: Step, count: int, rng: Any) -> Primitive | None:
    """One line: along a random direction per argument, against 50 digits and against its own transpose."""
    best: list[float] = []
    dual = 16.0
    why = ""
    for k, atom in enumerate(step.line.args):
        x = step.args[k]
        if not isinstance(atom, Var) or np.result_type(x).kind != "f" or not np.all(np.isfinite(np.asarray(x))):
            continue
        d = np.asarray(rng.normal(size=np.shape(x)))[()]
        with np.errstate(all="ignore"):
            ours = push(step, tuple(d if j == k else None for j in range(len(step.args))), False)
            dual = min(dual, _dual(step, k, d, ours, rng))
        try:
            reference = _reference(step, k, d)
        except digits.NotReplayed as error:
            why = first_line(error)
            continue
        best += [digits_of(o, r) for o, r in zip(ours, reference, strict=True) if o is not None]
    if dual == 16.0 and not best and not why:
        return None
    return Primitive(
        step.line.row.name, count, min(best) if best else None, dual, p.show(step.number), p.where[step.number], why
    )


def _reference(step: Step, k: int, d: Any) -> tuple[Any, ...]:
    if not all(_finite(x) for x in (*step.args, *step.outs)):
        raise digits.NotReplayed("values that are not finite")
    if any(np.iscomplexobj(y) for y in step.outs):
        raise digits.NotReplayed("complex numbers")
    if on_a_kink(step):
        raise digits.NotReplayed("on a kink")
    if sum(int(np.size(a)) for a in step.args) > _LARGEST:
        raise digits.NotReplayed("too large")
    with digits.mpmath().workdps(digits.DIGITS):
        y = digits.along(step, k, d)
        return tuple(digits.double(part) for part in (y if step.line.many else (y,)))


def _finite(x: Any) -> bool:
    return not isinstance(x, (float, np.ndarray, np.generic)) or bool(np.all(np.isfinite(x)))


def _dual(step: Step, k: int, d: Any, ours: tuple[Any, ...], rng: Any) -> float:
    """Digits to which ⟨c, A d⟩ = ⟨Aᵀ c, d⟩ holds."""
    if any(o is None or np.iscomplexobj(o) for o in ours):
        return 16.0
    cs = tuple(np.asarray(rng.normal(size=np.shape(y)))[()] for y in step.outs)
    bar = pull(step, cs, False, None if step.line.row.variadic else k)[k]
    if bar is None:
        return 16.0
    left = [np.sum(c * o) for c, o in zip(cs, ours, strict=True)]
    size = sum(float(np.sum(np.abs(c * o))) for c, o in zip(cs, ours, strict=True)) + float(np.sum(np.abs(bar * d)))
    if not np.isfinite(size):
        return 16.0
    return digits_of(float(sum(left)), float(np.sum(bar * d)), size)


def losses(p: Program) -> list[Loss]:
    """The lines that lose four digits or more, the worst first; double precision against 50 digits."""
    mp = digits.mpmath()
    with mp.workdps(digits.DIGITS):
        _, kept = digits.run(p, [digits.exact(x) for x in p.values], keep=True)
        error: dict[Var, float] = {}
        found: list[Loss] = []
        for step, outs in zip(p.steps, kept, strict=True):
            before = max((error.get(a, 0.0) for a in step.line.args if isinstance(a, Var)), default=0.0)
            for var, y, exact in zip(step.line.outs, step.outs, outs, strict=True):
                error[var] = after = _relative(y, exact)
                if after > _WORTH_TELLING and after > 1e3 * max(before, 1e-16):
                    lost = float(np.log10(after / max(before, 1e-16)))
                    found.append(
                        Loss(
                            p.show(step.number), p.where[step.number], step.line.row.name, lost,
                            max(0.0, float(-np.log10(after))),
                        )
                    )  # fmt: skip
    return sorted(found, key=lambda loss: -loss.lost)


_WORTH_TELLING = 1e-12


def _relative(y: Any, exact: Any) -> float:
    """The largest error of a value, relative to its largest element."""
    if np.result_type(y).kind != "f":
        return 0.0
    a, b = np.ravel(np.asarray(y)), np.ravel(np.asarray(exact, object))
    mp = digits.mpmath()
    pairs = [(mp.mpf(float(u)), v) for u, v in zip(a, b, strict=True) if np.isfinite(u)]
    size = max((abs(v) for _, v in pairs), default=0)
    return float(max(abs(u - v) for u, v in pairs) / size) if size else 0.0
