"""Dead code: lines that no result and no guard needs."""

from __future__ import annotations

from dataclasses import replace

from wengert.ir.dce import live_lines
from wengert.ir.line import Var
from wengert.ir.trace import Trace


def dce(trace: Trace, pinned: frozenset[Var] = frozenset()) -> Trace:
    """The trace without dead code. A line of a row that raises stays."""
    lines = live_lines(trace.lines, (*trace.outputs, *pinned), raising=True)
    return trace if len(lines) == len(trace.lines) else replace(trace, lines=lines)
