"""Functions that a line of a trace gives to a solver of SciPy's, compiled."""

from __future__ import annotations

from typing import Any

from wengert.ir.trace import Trace
from wengert.passes.pipeline import optimise
from wengert.rules.solver_ways import Way


def compile_functions(trace: Trace, native: Any, threads: int | None, real: bool = False) -> None:
    """Compile what the trace's lines give to solvers. NumPy computes what has no native form, and what must be exact,
    unless it may differ in the last digits (`real`)."""
    for line in trace.lines:
        if line.row.name == "loop":
            compile_functions(line.params["loop"].body, native, threads, real)
        elif line.row.name == "solver" and (real or not line.params["solver"].exact):
            for ways in line.params["solver"].functions:
                for way in ways.ways:
                    _compile(way, native, threads, real)


def _compile(way: Way, native: Any, threads: int | None, real: bool) -> None:
    if way.native:
        return
    trace = optimise(way.trace, real)
    compile_functions(trace, native, threads, real)
    try:
        way.native.append(native.compile_trace(trace, way.passed, way.out_kinds, False, threads))
    except native.Unsupported:
        return
