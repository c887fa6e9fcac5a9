"""Why is this gradient zero? One unit tangent is pushed forward; where it dies, a line says why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from wengert.diagnosis.advice import COMPARISONS, EDGES, FLAT, NOT_CHOSEN, STEPS
from wengert.diagnosis.describe import at_line, element
from wengert.diagnosis.nonfinite import value_origin
from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.report import Finding, number
from wengert.diagnosis.sweeps import Tangents, forward, push
from wengert.diagnosis.walk import Index, _narrowed, first, nonfinite, unit
from wengert.ir.line import Var


def why_zero(p: Program, i: int, zeros: Any, most: int = 8) -> list[Finding]:
    """The reasons why these elements (a mask) of the gradient for input i are zero, each once.

    So many of them (`most`) are looked at, one by one.
    """
    found: dict[Any, tuple[Finding, list[Index]]] = {}
    places = [tuple(int(k) for k in at) for at in np.argwhere(zeros)]
    for index in places[:most]:
        blockers = _blockers(p, p.trace.inputs[i], index)
        finding = blockers[0]
        key = (finding.what if finding.where is None else finding.where, finding.primitive)
        found.setdefault(key, (finding, []))[1].append(index)
        for other in blockers[1:]:
            found.setdefault((other.where, other.primitive, "also"), (other, []))[1].append(index)
    whole = len(places) == np.size(p.values[i])
    seen = len(places[:most])
    return [_about(f, p.trace.spelled[i], at, whole and len(at) == seen) for f, at in found.values()]


def _about(f: Finding, name: str, indices: list[Index], whole: bool) -> Finding:
    """The finding, for these elements (or for all of the argument)."""
    shown = ", ".join(element(name, at) for at in indices[:4]) + (", …" if len(indices) > 4 else "")
    return replace(f, about=name if whole else shown)


def _blockers(p: Program, var: Var, index: Index) -> list[Finding]:
    """Every line where the influence of one element ends, the likeliest cause first."""
    if not p.readers.get(var) and var not in p.trace.outputs:
        return [Finding("zero", "the function never uses it.", advice="pass it on, or leave it out of argnums.")]
    t = forward(p, {var: unit(p.values[p.trace.inputs.index(var)], index)}, True)
    live = p.influential
    found: list[tuple[int, Finding]] = []
    for step in p.steps:
        dots = t.args[step.number]
        if step.line.kind == "write":
            found += _overwritten(p, step, dots, t)
        elif any(d is not None and np.any(d) for d in dots):
            found += _ends(p, step, dots, t, live)
    if not found:
        return [Finding("zero", "no line reads this element: the program reads others of the array.",
                        advice="check the indices.")]  # fmt: skip
    found.sort(key=lambda item: item[0])
    best = found[0][0]
    return [f for rank, f in found if rank == best][:3]


def _ends(p: Program, step: Step, dots: tuple[Any, ...], t: Tangents, live: set[int]) -> list[tuple[int, Finding]]:
    """(rank, finding) if a tangent that reaches this line does not leave it."""
    n, row = step.number, step.line.row
    index = _touched(step, dots)
    if step.line.kind == "guard":
        return [(5, _guarded(p, step))]
    if step.line.kind == "getitem" and not np.any(t.outs[n][0]):
        return []
    if row.kind == "constant" or not row.pushes:
        return [(_rank_of_constant(p, n, live), _constant(p, step, index))]
    outs = t.outs[n]
    if all(o is None or not np.any(o) for o in outs):
        rank, finding = _blocked(p, step, dots, index)
        return [(rank if n in live else 7, finding)]
    if n not in live:
        return [(6, at_line(p, "zero", step, index, "this is computed, but the result does not depend on it.",
                            advice="return it, or check which variable is returned."))]  # fmt: skip
    return []


def _touched(step: Step, dots: tuple[Any, ...]) -> Index:
    """An element of the result that the tangent would reach."""
    for d in [d for d in dots if d is not None]:
        at = first(np.not_equal(d, 0))
        if at is not None and np.shape(d) == step.shape:
            return at
    if step.line.row.broadcast:
        reached = np.zeros(step.shape, bool)
        for d in dots:
            if d is not None:
                reached = reached | np.broadcast_to(np.not_equal(d, 0), reached.shape)
        return first(reached) or ()
    return ()


def _rank_of_constant(p: Program, n: int, live: set[int]) -> int:
    name = p.steps[n].line.row.name
    if name in COMPARISONS:
        return 4
    guarded = any(p.steps[m].line.kind == "guard" for v in p.steps[n].line.outs for m, _ in p.readers.get(v, ()))
    return 1 if n in live or guarded else 6


def _constant(p: Program, step: Step, index: Index) -> Finding:
    name = step.line.row.name
    short = name.replace("numpy.", "np.", 1)
    if name == "stop_gradient":
        what = "stop_gradient ends the derivative here."
    elif name in COMPARISONS and _only_looked_at(p, step):
        what = f"a branch: the condition was {number(step.y)}, and what follows depends on it in no other way."
    elif name in COMPARISONS:
        what = f"{short} gives truth values, which are constant wherever they have a derivative."
    else:
        what = f"{short} is constant wherever it has a derivative" + (
            " (whole numbers cannot move a little)." if name == "astype" else "."
        )
    return at_line(p, "zero", step, index, what, advice=STEPS.get(name, _CONDITION if name in COMPARISONS else _STEP))


_STEP = "keep it out of what is differentiated."
_CONDITION = "let the value itself enter the result, or use a smooth step, scipy.special.expit(x / width)."


def _only_looked_at(p: Program, step: Step) -> bool:
    """Whether nothing but Python's own `if` reads the result."""
    readers = [n for v in step.line.outs for n, _ in p.readers.get(v, ())]
    return bool(readers) and all(p.steps[n].line.kind == "guard" for n in readers)


def _guarded(p: Program, step: Step) -> Finding:
    read, value = step.line.params["read"], step.line.params["value"]
    how = {"bool": f"a branch: its condition was {value}", "plain_copy": "a lookup by value"}
    what = how.get(read.__name__, f"{read.__name__}(…) = {number(value)}: a whole number")
    return Finding(
        "zero", f"Python looked at it here ({what}); what follows does not depend on it in any other way.",
        where=p.where[step.number], line=p.show(step.number), primitive="guard",
        operands=((p.name(step.line.args[0]), step.args[0]),),
        advice="a branch or index chosen by a value has derivative zero: let the value itself enter the result.",
    )  # fmt: skip


def _blocked(p: Program, step: Step, dots: tuple[Any, ...], index: Index) -> tuple[int, Finding]:
    """(rank, why) a line with a derivative lets this tangent through as zero."""
    name = step.line.row.name
    parts = [(k, d) for k, d in enumerate(dots) if d is not None and np.any(d)]
    with np.errstate(all="ignore"):
        each = [push(step, tuple(d if k == j else None for j in range(len(dots))), True)[0] for k, d in parts]
    if len(parts) > 1 and any(e is not None and np.any(e) for e in each):
        terms = " + ".join(number(np.asarray(e)[index] if np.ndim(e) == len(index) else e) for e in each)
        return 0, at_line(p, "zero", step, index, f"the contributions of two paths cancel: {terms} = 0.",
                          advice="the function does not depend on it, or the paths should not cancel.")  # fmt: skip
    k, d = parts[0]
    partials = step.line.row.partials
    if step.line.row.broadcast and partials and partials[k] is not None:
        return 0, _flat(p, step, k, index)
    if name == "numpy.where":
        taken = bool(np.broadcast_to(step.args[0], step.shape)[index])
        return 0, at_line(p, "zero", step, index, f"np.where took the other branch here (condition {taken}).",
                          advice=FLAT["numpy.where"])  # fmt: skip
    if np.count_nonzero(d) > 1 and step.line.row.kind in ("linear", "bilinear"):
        return 0, at_line(p, "zero", step, index, f"the contributions cancel in {_short(name)}.",
                          advice="the function does not depend on it: a sum that is always the same?")  # fmt: skip
    why = NOT_CHOSEN.get(name, "")
    what = f"{_short(name)} does not depend on it here" + (f": {why}" if why else ".")
    return 0, at_line(p, "zero", step, index, what, advice=FLAT.get(name, ""))


def _short(name: str) -> str:
    return name.replace("numpy.", "np.", 1)


def _flat(p: Program, step: Step, k: int, index: Index) -> Finding:
    """An elementwise line whose partial is zero, or so small that its product with the tangent is."""
    name = _short(step.line.row.name)
    with np.errstate(all="ignore"):
        partial = np.broadcast_to(step.line.row.partials[k](step.y, *step.args), step.shape)[index]  # type: ignore[misc]
    for j, x in enumerate(step.args):
        if isinstance(x, (np.ndarray, float, np.floating)):
            at = _narrowed(index, np.shape(x))
            if len(step.shape) == len(index) and nonfinite(np.asarray(x)[at]):
                root = value_origin(p, step.line.args[j], at, step.number, "")
                what = f"{root.what}, so the derivative of {name} is {number(partial)}."
                return replace(root, kind="zero", what=what)
    if partial == 0:
        what = f"the partial derivative of {name} is exactly 0 here" + _reason(step, k, index)
    else:
        what = f"the partial derivative of {name} is {number(partial)} here: the product underflows to 0."
    return at_line(p, "zero", step, index, what, advice=FLAT.get(step.line.row.name, ""))


def _reason(step: Step, k: int, index: Index) -> str:
    values = [
        float(np.real(np.asarray(x)[_narrowed(index, np.shape(x))]))
        if isinstance(x, (np.ndarray, float, int, np.generic))
        else np.nan
        for x in step.args
    ]
    name = step.line.row.name
    if name == "numpy.multiply":
        return f": the other factor is {number(values[1 - k])}."
    if name in ("numpy.maximum", "numpy.minimum", "numpy.fmax", "numpy.fmin"):
        return f": the other argument, {number(values[1 - k])}, was taken, not {number(values[k])}."
    if name == "clip":
        return f": {number(values[0])} lies outside the bounds."
    if name in EDGES or name in FLAT:
        return f" (at {number(values[k])})."
    return "."


def _overwritten(p: Program, step: Step, dots: tuple[Any, ...], t: Tangents) -> list[tuple[int, Finding]]:
    """A write over an element that carried the tangent."""
    dot = dots[0]
    if dot is None or step.line.params["path"]:
        return []
    was = np.asarray(dot)[step.line.params["key"]]
    if not np.any(was) or (dots[1] is not None and np.any(dots[1])):
        return []
    return [(2, at_line(p, "zero", step, (), "the element is overwritten here.", advice="write to a copy."))]
