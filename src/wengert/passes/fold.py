"""Fold constants: what depends on constants alone is computed once, here."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.trace import Trace
from wengert.passes.effects import Memory, renamed, renamed_outputs

LARGEST = 4096
"""Arguments and results of more elements stay as they are: constants are part of the program."""


def fold(trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
    """The trace with results of constants as constants, and without guards that hold for them."""
    memory: Memory | None = None
    now: dict[Var, Atom] = {}
    lines: list[Line] = []
    for old in trace.lines:
        line = renamed(old, now)
        if all([isinstance(a, Lit) for a in line.args]) and line.args and line.row.name != "loop":
            memory = memory or Memory(trace, pinned)
            values = None if any([out in memory.written for out in line.outs]) else _values(line)
            if values is not None:
                now.update(zip(line.outs, map(Lit, values), strict=True))
                continue
        lines.append(line)
    if len(lines) == len(trace.lines):
        return trace
    return replace(trace, lines=tuple(lines), outputs=renamed_outputs(trace, now))


def _values(line: Line) -> tuple[Any, ...] | None:
    """The results, or None where the line is better left alone: large, failing, or not what its types say."""
    given: list[Any] = [a.value for a in line.args if isinstance(a, Lit)]
    if line.kind in ("write", "constant") or any([np.size(x) > LARGEST for x in given if isinstance(x, np.ndarray)]):
        return None
    if any([int(np.prod(out.type.shape)) > LARGEST for out in line.outs]):
        return None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if line.kind == "guard":
                holds = np.array_equal(line.params["read"](given[0]), line.params["value"])
                return () if holds else None
            y = line.op(*given, **line.params)
    except Exception:  # it will fail when the program runs, as it does without us
        return None
    ys = tuple(y) if line.many else (y,)
    same = len(ys) == len(line.outs) and all([Type.of(v) == o.type for v, o in zip(ys, line.outs, strict=True)])
    return ys if same else None
