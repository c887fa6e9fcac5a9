"""The forward sweep: tangents of the inputs → tangents of the results.

The lines are visited first to last: ẏ = Σ Aₖ ẋₖ. A missing tangent is zero and is never computed.
A slot that is written to in place has a tangent that is written to in place.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.record.apply import PICK
from wengert.record.index import WRITE
from wengert.record.value import Line, concrete, follow, is_value
from wengert.sweep.arithmetic import has_nan, owned_copy, strong
from wengert.sweep.doubt import MOVED, PLAIN, STRONG, Settled, moved_partials, settled
from wengert.sweep.quiet import hush, loudness, restore
from wengert.sweep.turned import TURNED, unless_turned


def forward(lines: list[Line], writes: list[int], seeds: list[tuple[int, Any]], outputs: list[int]) -> list[Any]:
    """The tangents of the output slots (None: it depends on no input), given those of inputs."""
    before = loudness()
    try:
        hush()
        result = _sweep(lines, writes, seeds, outputs, PLAIN)
        if any([has_nan(x) for x in result]):
            result = settled(lambda lines, seeds, mode: _sweep(lines, writes, seeds, outputs, mode), lines, seeds)
            if TURNED and any([has_nan(x) for x in result]):
                again = lambda lines, seeds: _sweep(lines, writes, seeds, outputs, STRONG)
                result = Settled(unless_turned(result, again, lines, seeds))
    finally:
        restore(before)
    return result


def _sweep(
    lines: list[Line], writes: list[int], seeds: list[tuple[int, Any]], outputs: list[int], mode: int
) -> list[Any]:
    dots: list[Any] = [None] * len(lines)
    written = {lines[i][1][0] for i in writes}
    owned: set[int] = set()
    for s, d in seeds:
        dots[s] = d if dots[s] is None else dots[s] + d
    for i, line in enumerate(lines):
        row, slots, y, args, params, shapes = line
        if row is WRITE:
            _write(dots, owned, line)
            continue
        if row.variadic:
            _push_all(dots, i, line, mode)
            continue
        if row is PICK:
            parts = dots[slots[0]]
            dots[i] = None if parts is None else parts[params["k"]]  # type: ignore[index]
            continue
        if row.joint is not None and all([s >= 0 and dots[s] is not None for s in slots[:2]]):
            dots[i] = row.joint(dots[slots[0]], dots[slots[1]], y, *args, **(params or {}))
            continue
        total = dots[i]
        for k, s in enumerate(slots):
            if s < 0 or dots[s] is None or not row.pushes:
                continue
            d = dots[s]
            if mode and row.partials:
                partials = moved_partials(row, slots) if mode == MOVED else row.partials
                t = _real_if(strong(d, partials[k](y, *args)), y)  # type: ignore[misc]
            else:
                t = row.pushes[k](d, y, *args, **(params or {}))  # type: ignore[misc]
            if s in written and _aliases(t, d):
                t = owned_copy(t)
            total = t if total is None else _add(total, t)
        if total is not None:
            if shapes is not None and np.shape(total) != shapes[-1]:
                total = np.broadcast_to(total, shapes[-1])
            dots[i] = total
    return [dots[s] if s >= 0 else None for s in outputs]


def _real_if(t: Any, y: Any) -> Any:
    """A tangent of y; ẏ = Re(p ż) where y is real and z complex."""
    return np.real(t) if np.iscomplexobj(concrete(t)) and not np.iscomplexobj(concrete(y)) else t


def _add(a: Any, b: Any) -> Any:
    if type(a) is tuple or type(a) is list:
        return tuple(x + y for x, y in zip(a, b, strict=True))
    return a + b


def _aliases(t: Any, d: Any) -> bool:
    return t is d or getattr(t, "base", None) is not None


def _write(dots: list[Any], owned: set[int], line: Line) -> None:
    _, (owner, value), _, (like, _), params, _ = line
    assert params is not None
    v = dots[value] if value >= 0 else None
    dot = dots[owner]
    if dot is None and v is None:
        return
    if dot is None or owner not in owned or (is_value(v) and not is_value(dot)):
        fresh = np.zeros_like(like, dtype=np.result_type(concrete(like).dtype, 0.0 if dot is None else concrete(dot)))
        if dot is not None:
            fresh[...] = dot
        dots[owner] = dot = fresh
        owned.add(owner)
    follow(dot, params["path"])[params["key"]] = 0 if v is None else v


def _push_all(dots: list[Any], i: int, line: Line, mode: int) -> None:
    row, slots, y, args, params, _ = line
    given = [dots[s] if s >= 0 else None for s in slots]
    if any(d is not None for d in given):
        push = row.strict_pushes[0] if mode and row.strict_pushes else row.pushes[0]
        dots[i] = push(given, y, *args, **(params or {}))  # type: ignore[misc]
