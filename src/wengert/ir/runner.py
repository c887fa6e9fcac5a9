"""A trace as a Python function of its input values, for traces that are run many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.trace import RUN, Trace

_known: WeakKeyDictionary[Trace, Callable[..., tuple[Any, ...]]] = WeakKeyDictionary()


def runner(trace: Trace) -> Callable[..., tuple[Any, ...]]:
    """The values of the trace's inputs ↦ those of its outputs. Raises OffTrace where a guard does not hold."""
    known = _known.get(trace)
    if known is None:
        known = _known[trace] = _Runner(trace).function()
    return known


class _Runner:
    """The text of the function, and what it refers to."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.refers: dict[str, Any] = {}
        self.names: dict[Var, str] = {var: f"x{k}" for k, var in enumerate(trace.inputs)}

    def function(self) -> Callable[..., tuple[Any, ...]]:
        body = [f"    {self._line(line)}" for line in self.trace.lines]
        results = "".join([f"{self._atom(a)}, " for a in self.trace.outputs])
        given = ", ".join([self.names[var] for var in self.trace.inputs])
        text = "\n".join([f"def run({given}):", *body, f"    return ({results})"])
        exec(compile(text, f"<{self.trace.name}>", "exec"), self.refers)
        return self.refers.pop("run")  # else the function and its globals would be a cycle

    def _line(self, line: Line) -> str:
        args = ", ".join([self._atom(a) for a in line.args])
        left = "".join([f"{self._defined(out)}, " for out in line.outs])
        special = RUN.get(line.row.name)
        if special is not None:
            call = f"{self._named(special)}({self._named(line)}, [{args}])"
            return f"{left}= {call}" if left else call
        options = f", **{self._named(dict(line.params))}" if line.params else ""
        left = left if line.many else left.removesuffix(", ")
        return f"{left} = {self._named(line.op)}({args}{options})"

    def _defined(self, out: Var) -> str:
        name = self.names[out] = f"v{len(self.names)}"
        return name

    def _atom(self, atom: Atom) -> str:
        if isinstance(atom, Lit):
            return self._named(atom.value)
        return self.names[atom]

    def _named(self, x: Any) -> str:
        name = f"c{len(self.refers)}"
        self.refers[name] = x
        return name
