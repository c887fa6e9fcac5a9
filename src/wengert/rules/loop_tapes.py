"""Which lines of a derivative's recording depend on a cotangent, and what the others have to keep for them."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from math import prod

import numpy as np

from wengert.ir.line import Atom, Line, Var

CHEAP = frozenset(
    {
        *(np.add, np.subtract, np.multiply, np.negative, np.positive),
        *(operator.add, operator.sub, operator.mul, operator.neg, operator.pos),
    }
)
"""Functions that cost no more than reading their result from memory."""


@dataclass(frozen=True, eq=False)
class Split:
    """`before` runs without a cotangent, `after` with; `needs` is what the second reads of the first."""

    before: tuple[Line, ...]
    after: tuple[Line, ...]
    needs: tuple[Var, ...]


def split(
    lines: tuple[Line, ...], cotangents: Iterable[Var], outputs: Iterable[Atom], free: set[Var], fixed: set[Var]
) -> Split:
    """The lines in two. `outputs` are those of the second part; what is `free` costs nothing to read; of that,
    what is `fixed` is the same in every run."""
    touched, outputs = _touched(lines, set(cotangents)), tuple(outputs)
    after = [line for line in lines if any([v in touched for v in (*line.inputs, *line.outs)])]
    within = set(after)
    before = [line for line in lines if line not in within]
    needs = {v for line in after for v in line.inputs} | {a for a in outputs if isinstance(a, Var)}
    needs -= touched | {out for line in after for out in line.outs}
    again, needs = _recomputed(before, needs, free, fixed)
    order = dict.fromkeys([v for line in lines for v in (*line.inputs, *line.outs)] + [*outputs])
    return Split(tuple(before), (*again, *after), tuple([v for v in order if isinstance(v, Var) and v in needs]))


def _touched(lines: tuple[Line, ...], touched: set[Var]) -> set[Var]:
    """What depends on a cotangent; memory that one is written to, from its beginning."""
    while True:
        owners = [
            line.inputs[0]
            for line in lines
            if line.kind == "write" and line.inputs[0] not in touched and any([v in touched for v in line.inputs])
        ]
        touched.update(owners)
        size = len(touched)
        for line in lines:
            if any([v in touched for v in line.inputs]):
                touched.update(line.outs)
        if len(touched) == size and not owners:
            return touched


def _recomputed(before: list[Line], needs: set[Var], free: set[Var], fixed: set[Var]) -> tuple[list[Line], set[Var]]:
    """(lines to run again, cheap or the same in every run; what is needed then): where that needs no more memory."""
    defined = {out: i for i, line in enumerate(before) for out in line.outs}
    written = {line.inputs[0] for line in before if line.kind == "write"}
    needs, again, still = set(needs), set[int](), _unmoved(before, fixed)
    heap: list[int] = []
    for var in needs:
        if var in defined:
            heappush(heap, -defined[var])
    while heap:
        i = -heappop(heap)
        line = before[i]
        if i in again or not (_is_cheap(line) or i in still) or any([v in written for v in (*line.inputs, *line.outs)]):
            continue
        new = {v for v in line.inputs if v not in needs and v not in free}
        if sum(_size(v) for v in new) > sum(_size(v) for v in line.outs if v in needs):
            continue
        again.add(i)
        needs -= set(line.outs)
        needs |= set(line.inputs)
        for var in line.inputs:
            if var in defined:
                heappush(heap, -defined[var])
    return [before[i] for i in sorted(again)], needs


def _unmoved(lines: list[Line], fixed: set[Var]) -> set[int]:
    """The lines that are the same in every run."""
    known, found = set(fixed), set[int]()
    for i, line in enumerate(lines):
        if line.kind in ("call", "getitem") and line.row.name != "loop" and all([v in known for v in line.inputs]):
            known.update(line.outs)
            found.add(i)
    return found


def _is_cheap(line: Line) -> bool:
    return line.op in CHEAP or line.row.view or line.kind == "constant"


def _size(var: Var) -> int:
    return prod(var.type.shape)
