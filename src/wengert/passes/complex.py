"""A trace of complex numbers as one of real numbers, for a compiler that knows no others.

Every complex variable becomes two, its real and its imaginary part, and a line becomes lines on the parts
(`complex_rows.py` says which). What has no such form is called as it is: its arguments are joined to complex values
before, its results parted afterwards. So are the inputs and outputs of the trace, whose types stay as they were.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from wengert.ir.line import Line
from wengert.ir.trace import Trace
from wengert.passes.complex_algebra import ALGEBRA
from wengert.passes.complex_rows import ROWWISE
from wengert.passes.complex_values import has_complex, is_complex
from wengert.passes.parting import Parting, Rules

RULES: Rules = {**ROWWISE, **ALGEBRA}
"""A primitive, or the name of a row → its results on parts."""


@dataclass(eq=False)
class RealTrace:
    """What became of a trace. `origin`: from which of its lines each of the new ones comes, those in loops included."""

    trace: Trace
    origin: dict[Line, Line] = field(default_factory=dict[Line, Line])


def in_parts(trace: Trace) -> RealTrace:
    """The trace without complex variables, but between lines that join and part them."""
    if not has_complex(trace):
        return RealTrace(trace)
    parting = Parting(RULES, {})
    for var in trace.inputs:
        if is_complex(var.type):
            parting.values[var] = parting.parted(var)
    parting.run(trace.lines)
    outputs = tuple([parting.joined(a) for a in trace.outputs])
    return RealTrace(replace(trace, lines=tuple(parting.lines), outputs=outputs), parting.origin)
