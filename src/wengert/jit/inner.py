"""Functions that a line of a trace gives to a solver of SciPy's, compiled."""

from __future__ import annotations

from typing import Any

from wengert.ir.trace import Trace
from wengert.passes.pipeline import optimise
from wengert.rules.solver_ways import Way


def compile_functions(trace: Trace, native: Any, threads: int | None) -> None:
    """Compile what the trace's lines give to solvers. What has no native form is run by NumPy."""
    for line in trace.lines:
        if line.row.name == "loop":
            compile_functions(line.params["loop"].body, native, threads)
        elif line.row.name == "solver":
            for ways in line.params["solver"].functions:
                for way in ways.ways:
                    _compile(way, native, threads)


def _compile(way: Way, native: Any, threads: int | None) -> None:
    if way.native:
        return
    trace = optimise(way.trace)
    compile_functions(trace, native, threads)
    try:
        way.native.append(native.compile_trace(trace, way.passed, way.out_kinds, False, threads))
    except native.Unsupported:
        return
