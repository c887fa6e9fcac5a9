"""What must hold of every trace: each variable is defined once, before it is used."""

from __future__ import annotations

from wengert.ir.line import Var
from wengert.ir.trace import Trace


def check(trace: Trace) -> Trace:
    """The trace itself; raises ValueError where it is malformed."""
    defined: set[Var] = set()

    def define(var: Var, where: str) -> None:
        if var in defined:
            raise ValueError(f"{where} defines a variable a second time")
        defined.add(var)

    for k, var in enumerate(trace.inputs):
        define(var, f"input {k}")
    for i, line in enumerate(trace.lines):
        for var in line.inputs:
            if var not in defined:
                raise ValueError(f"line {i} ({line.row.name}) uses a variable that is not defined yet")
        if line.kind in ("write", "guard") and line.outs:
            raise ValueError(f"line {i} ({line.row.name}) defines a variable")
        for var in line.outs:
            define(var, f"line {i} ({line.row.name})")
    for k, atom in enumerate(trace.outputs):
        if isinstance(atom, Var) and atom not in defined:
            raise ValueError(f"output {k} is not defined")
    return trace
