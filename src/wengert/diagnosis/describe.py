"""Lines and their elements in words: operands, chains of partials, findings about a line."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.report import Finding, Link
from wengert.diagnosis.sweeps import partial
from wengert.diagnosis.walk import Index, Stop, _narrowed, unit
from wengert.ir.line import Var


def element(name: str, index: Index) -> str:
    """`x[3]`."""
    return f"{name}[{', '.join(map(str, index))}]" if index else name


def operands(p: Program, step: Step, index: Index) -> tuple[tuple[str, Any], ...]:
    """What a line read for one element of its result: (name, value)."""
    found: list[tuple[str, Any]] = []
    for atom, x in zip(step.line.args, step.args, strict=True):
        if not isinstance(x, (np.ndarray, np.generic, float, int, complex)):
            continue
        shape = np.shape(x)
        if step.line.row.broadcast and len(step.shape) == len(index):
            at = _narrowed(index, shape)
            x, name = (np.asarray(x)[at], element(p.name(atom), at))
        else:
            name = p.name(atom)
        if isinstance(atom, Var) or np.ndim(x) == 0:
            found.append((name if isinstance(atom, Var) else "constant", x[()] if isinstance(x, np.ndarray) else x))
    return tuple(found)


def at_line(p: Program, kind: str, step: Step, index: Index, what: str, **more: Any) -> Finding:
    """A finding about one line."""
    return Finding(
        kind=kind,
        what=what,
        where=p.where[step.number],
        line=p.show(step.number),
        primitive=step.line.row.name,
        index=index if step.shape else (),
        operands=operands(p, step, index),
        **more,
    )


def chain_up(p: Program, stop: Stop) -> tuple[Link, ...]:
    """The lines that an upward walk passed, from the output down, with their local partials."""
    links: list[Link] = []
    at: Index | None = None
    for n, index in stop.passed:
        links.append(Link(p.show(n), p.where[n], _slope(p.steps[n], index, at), index))
        at = index
    return tuple(links[::-1])


def chain_down(p: Program, stop: Stop) -> tuple[Link, ...]:
    """The lines that a downward walk passed, from the output down."""
    found: list[Link] = []
    for (n, index), (_, below) in zip(stop.passed, [*stop.passed, (0, stop.index)][1:], strict=True):
        found.append(Link(p.show(n), p.where[n], _slope(p.steps[n], index, below), index))
    return tuple(found)


def _slope(step: Step, index: Index, below: Index | None) -> Any:
    """∂y[index]/∂x of a line, for the element of its argument that the walk went to."""
    if step.line.kind in ("write", "getitem", "constant", "guard") or step.line.row.name == "copy":
        return 1.0
    try:
        return _partial(step, index, below)
    except Exception:  # a line that has no derivative is still worth showing
        return np.nan


def _partial(step: Step, index: Index, below: Index | None) -> Any:
    for k, atom in enumerate(step.line.args):
        if isinstance(atom, Var) and np.result_type(step.args[k]).kind in "fc" and not step.line.many:
            shape = np.shape(step.args[k])
            if len(step.shape) != len(index):
                continue
            at = _narrowed(index, shape) if step.line.row.broadcast else below
            if at is None or len(at) != len(shape):
                at = _largest(step, k, index)
            return partial(step, k, 0, index, at)
    return np.nan


def _largest(step: Step, k: int, index: Index) -> Index:
    from_here = step.line.row.pulls[k](unit(step.y, index), step.y, *step.args, **step.params)  # type: ignore[misc]
    flat = int(np.argmax(np.abs(np.broadcast_to(from_here, np.shape(step.args[k])))))
    return tuple(int(i) for i in np.unravel_index(flat, np.shape(step.args[k])))
