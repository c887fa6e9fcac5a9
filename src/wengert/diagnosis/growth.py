"""Why is this gradient huge, or vanishing? The heaviest path to the output, and what each place of the program
multiplied the derivative by along it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wengert.diagnosis.advice import EDGES, FLAT
from wengert.diagnosis.describe import at_line, element
from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.report import Finding, Link, number
from wengert.diagnosis.sweeps import Cotangents, partial
from wengert.diagnosis.walk import Index, _covered, _given, _owner_index, products
from wengert.ir.line import Var

_LARGE, _ABSOLUTE, _SMALL = 1e8, 1e10, 1e-16
_MOST_STEPS = 20_000


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Hop:
    """One line on a path: the argument and its element, the element of the result, the partial between them.

    `kept` is how much of partial · cotangent is left in the whole cotangent of the argument's element:
    less than a millionth says that other contributions cancel it.
    """

    step: Step
    k: int
    at: Index
    slope: float
    kept: float = 1.0


def heaviest(p: Program, cots: Cotangents, var: Var, index: Index) -> list[Hop]:
    """From an element of an input to the output, always through the largest contribution."""
    path: list[Hop] = []
    after = p.makers.get(var, (-1, 0))[0]
    while len(path) < _MOST_STEPS:
        hop = _heaviest_reader(p, cots, var, index, after)
        if hop is None:
            break
        path.append(replace(hop, kept=_kept(p, cots, var, index, hop)))
        if hop.step.line.kind == "write":
            owner: Any = hop.step.line.args[0]
            var, index, after = owner, hop.at, hop.step.number
        else:
            outs = [k for k, c in enumerate(cots.outs[hop.step.number]) if c is not None]
            var, index, after = hop.step.line.outs[outs[0]], hop.at, hop.step.number
    return path


def _kept(p: Program, cots: Cotangents, var: Var, index: Index, hop: Hop) -> float:
    """|the cotangent of var[index]| / |partial · cotangent| of the heaviest line that reads it."""
    if hop.step.line.kind == "write":
        return 1.0
    if var in p.makers:
        n, k = p.makers[var]
        whole = cots.outs[n][k] if k < len(cots.outs[n]) else None
    else:
        whole = cots.inputs[p.trace.inputs.index(var)]
    c = next(c for c in cots.outs[hop.step.number] if c is not None)
    if whole is None or np.ndim(c) != len(hop.at):
        return 1.0
    handed = hop.slope * _size(np.asarray(c)[hop.at])
    size = _size(np.broadcast_to(whole, np.shape(whole) or ())[index] if np.shape(whole) else whole)
    return size / handed if handed and np.isfinite(handed) else 1.0


def _heaviest_reader(p: Program, cots: Cotangents, var: Var, index: Index, after: int) -> Hop | None:
    best: Hop | None = None
    weight = -1.0
    for n, k in p.readers.get(var, ()):
        step = p.steps[n]
        if n <= after or all(c is None for c in cots.outs[n]):
            continue
        if step.line.kind == "write":
            if k == 1:
                w = _size(np.asarray(cots.outs[n][0])[index])
                if w > weight:
                    best, weight = Hop(step, k, _owner_index(step, index), 1.0), w
            elif _covered(step, index):
                break
            continue
        if step.line.kind == "getitem" and not _covered(step, index):
            continue
        g = _given(step, cots.outs[n], k, cots.strict)
        w = -1.0 if g is None else _size(np.broadcast_to(g, np.shape(step.args[k]))[index])
        if w > weight:
            weight, at = w, _heaviest_result(step, cots.outs[n], k, index, cots.strict)
            out = next(j for j, c in enumerate(cots.outs[n]) if c is not None)
            best = Hop(step, k, at, _size(partial(step, k, out, at, index)))
    return best


def _size(x: Any) -> float:
    """|x|, NaN as infinity."""
    size = float(np.abs(x))
    return np.inf if np.isnan(size) else size


def _heaviest_result(step: Step, cs: tuple[Any, ...], k: int, index: Index, strict: bool) -> Index:
    c = next(c for c in cs if c is not None)
    shape = np.shape(c)
    if step.line.kind == "getitem":
        numbers = np.arange(int(np.size(step.args[0]))).reshape(np.shape(step.args[0]))
        mine = np.asarray(numbers[step.line.params["key"]]) == numbers[index]
        weights = np.where(mine, np.abs(c), -1.0)
    elif step.line.row.broadcast and len(cs) == 1:
        numbers = np.arange(int(np.size(step.args[k]))).reshape(np.shape(step.args[k]))
        shape = step.shape
        weights = np.where(
            np.broadcast_to(numbers, shape) == numbers[index], np.abs(products(step, cs[0], k, strict)), -1.0
        )
    else:
        weights = _through_others(step, c, k, index)
    flat = int(np.argmax(np.where(np.isnan(weights), np.inf, weights)))
    return tuple(int(i) for i in np.unravel_index(flat, shape)) if shape else ()


def _through_others(step: Step, c: Any, k: int, index: Index) -> Any:
    """|cᵢ ∂yᵢ/∂x| of a line that is not elementwise: by one tangent."""
    row = step.line.row
    a = None if row.variadic or step.line.many else row.pushes[k]
    if a is None:
        return np.abs(c)
    e = np.zeros(np.shape(step.args[k]), np.result_type(step.args[k], float))
    e[index] = 1
    with np.errstate(all="ignore"):
        d = a(e[()], step.y, *step.args, **step.params)
    return np.abs(c * np.broadcast_to(d, np.shape(c)))


# ── findings ──


def huge_or_vanishing(p: Program, cots: Cotangents, i: int, size: float) -> list[Finding]:
    """Whether the gradient for input i is out of proportion, and which places of the program made it so.

    `size` is |f|. Huge: |g| max(|x|, 1) > 1e8 max(|f|, 1), or |g| > 1e10. Vanishing: a change of x by its own size
    (or by 1) changes f by less than its last digit, or by less than 1e-16.
    """
    g, x = cots.inputs[i], p.values[i]
    if g is None or not np.all(np.isfinite(x)):
        return []
    moved = np.abs(np.broadcast_to(g, np.shape(x))) * np.maximum(np.abs(x), 1.0)
    largest = np.where(np.isfinite(moved), moved, -1.0)
    if np.size(largest) == 0:
        return []
    if np.max(largest) > _LARGE * max(size, 1.0) or np.max(np.abs(g), where=np.isfinite(g), initial=0.0) > _ABSOLUTE:
        at = tuple(int(k) for k in np.unravel_index(int(np.argmax(largest)), np.shape(x)))
        return [_finding(p, cots, i, at, "huge")]
    small = (moved > 0) & (moved <= _SMALL * max(size, 1.0))
    if np.any(small):
        at = tuple(int(k) for k in np.argwhere(small)[0])
        return [_finding(p, cots, i, at, "vanishing")]
    return []


def overflowed(p: Program, cots: Cotangents, i: int, index: Index) -> list[Finding]:
    """What made a gradient overflow."""
    return [_finding(p, cots, i, index, "huge")]


def _finding(p: Program, cots: Cotangents, i: int, index: Index, kind: str) -> Finding:
    path = heaviest(p, cots, p.trace.inputs[i], index)
    cancelled = [hop for hop in path if hop.kept < _CANCELLED] if kind == "vanishing" else []
    if cancelled:
        return _cancelled(p, cots, i, index, cancelled[0])
    factors = _by_place(p, path)
    pick = max if kind == "huge" else min
    about = element(p.trace.spelled[i], index)
    g = np.broadcast_to(cots.inputs[i], np.shape(p.values[i]))[index]
    if not factors:
        return Finding(kind, f"it is {number(g)}, as the cotangent of the result is.", about, "adjoint")
    site, (log, hops) = pick(factors.items(), key=lambda item: item[1][0])
    del site
    extreme = pick(hops, key=lambda hop: hop.slope)
    short = extreme.step.line.row.name.replace("numpy.", "np.", 1)
    verb = "grows" if kind == "huge" else "shrinks"
    if len(hops) > 1:
        each = float(np.exp(log / len(hops)))
        product = f"10^{log / np.log(10):.1f}" if abs(log) > 30 else number(float(np.exp(log)))
        what = (
            f"it is {number(g)}: on the heaviest path {short} ran {len(hops)} times and multiplied the derivative by "
            f"{number(each)} each time, {product} in all"
        )
        advice = "scale what is repeated, stop earlier, or use a form without the recurrence." if kind == "huge" else (
            "scale what is repeated, or give the derivative a shorter path to the output."
        )  # fmt: skip
    else:
        what = f"it is {number(g)}: it {verb} most at {short}, whose partial derivative is {number(extreme.slope)}"
        advice = (EDGES if kind == "huge" else FLAT).get(extreme.step.line.row.name, "")
    chain = tuple(Link(p.show(h.step.number), p.where[h.step.number], h.slope, h.at) for h in reversed(path))
    return at_line(p, kind, extreme.step, extreme.at, what, about=about, sweep="adjoint", chain=chain, advice=advice)


_CANCELLED = 1e-6


def _cancelled(p: Program, cots: Cotangents, i: int, index: Index, hop: Hop) -> Finding:
    """The finding where contributions cancel to a rounding error."""
    g = np.broadcast_to(cots.inputs[i], np.shape(p.values[i]))[index]
    ratio = number(1 / max(hop.kept, 1e-300))
    what = f"it is {number(g)}, a rounding error: contributions that are {ratio} times as large cancel"
    return at_line(
        p, "vanishing", hop.step, hop.at, what, about=element(p.trace.spelled[i], index), sweep="adjoint",
        advice="the function does not depend on it, as far as double precision can tell.",
    )  # fmt: skip


def _by_place(p: Program, path: list[Hop]) -> dict[Any, tuple[float, list[Hop]]]:
    """Per place of the program: (Σ log |partial|, its lines on the path)."""
    found: dict[Any, tuple[float, list[Hop]]] = {}
    with np.errstate(divide="ignore"):
        for hop in path:
            site = (p.sites[hop.step.number], hop.step.line.row.name)
            log, hops = found.get(site, (0.0, []))
            found[site] = (log + float(np.log(hop.slope)), [*hops, hop])
    return found
