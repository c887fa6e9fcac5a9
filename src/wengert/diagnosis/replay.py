"""One call of a function as a program whose every intermediate value is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.operator import innermost
from wengert.api.products import jvp
from wengert.api.trace import Call, recorded
from wengert.diagnosis.source import Sited, Where, places
from wengert.ir.line import Atom, Line, Var
from wengert.ir.text import Text
from wengert.ir.trace import RUN, Trace
from wengert.ir.trace import _call as call_line
from wengert.record import swap
from wengert.record.value import follow


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Step:
    """One line as it ran: the values that it read, and those that it defined.

    Of the array that a `getitem` reads or a write writes into, no more than the shape is meant.
    """

    number: int
    line: Line
    args: tuple[Any, ...]
    outs: tuple[Any, ...]

    @property
    def y(self) -> Any:
        """What the line's derivative knows as its result."""
        return self.outs if self.line.many else self.outs[0] if self.outs else None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the result; () where there are several."""
        return np.shape(self.outs[0]) if len(self.outs) == 1 else ()

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the line."""
        return dict(self.line.params)


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Program:
    """A trace, its values, and where each line came from. `asked` are the inputs to differentiate."""

    trace: Trace
    values: list[Any]
    steps: list[Step]
    where: list[Where]
    sites: list[Any]
    results: list[Any]
    asked: tuple[int, ...]
    readers: dict[Var, list[tuple[int, int]]] = field(default_factory=dict[Var, list[tuple[int, int]]])
    call: Call | None = None
    makers: dict[Var, tuple[int, int]] = field(default_factory=dict[Var, tuple[int, int]])

    @cached_property
    def text(self) -> Text:
        """The names of variables, and the text of lines."""
        return Text(self.trace)

    @cached_property
    def influential(self) -> set[int]:
        """The lines on whose values the result depends, through whole numbers, truth values and writes too."""
        wanted: set[Var] = {a for a in self.trace.outputs if isinstance(a, Var)}
        lines: set[int] = set()
        for step in reversed(self.steps):
            touched = step.line.inputs[:1] if step.line.kind == "write" else step.line.outs
            if any(v in wanted for v in touched):
                lines.add(step.number)
                wanted.update(step.line.inputs)
        return lines

    def derivative(self, values: list[Any], i: int, tangent: Any) -> tuple[float, float]:
        """(Σ f, its derivative along the tangent of input i) at other values of the inputs: f is called again."""
        assert self.call is not None
        zeros = [np.zeros_like(x)[()] for x in values]
        zeros[i] = tangent
        y, y_dot = jvp(self.call, tuple(values), tuple(zeros))
        return _total(y), _total(y_dot)

    def writes(self, var: Var) -> list[int]:
        """The lines that write into the memory of var."""
        return [n for n, k in self.readers.get(var, ()) if k == 0 and self.steps[n].line.kind == "write"]

    def name(self, atom: Atom) -> str:
        """What the text of the trace calls an operand."""
        return self.text.atom(atom)

    def show(self, n: int) -> str:
        """Line n as text."""
        return self.text.line(self.steps[n].line)


def program(f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Any = None) -> Program:
    """Record f at these arguments, and run its lines."""
    swap.prepare(innermost(f))
    call = Call(f, args, kwargs)
    lines = Sited()
    with np.errstate(all="ignore"):
        trace, listing = recorded(call, lines, "diagnose")
    sites = [lines.sites[k] for k in listing.sources]
    p = replay(trace, [call.leaves[k] for k in call.picked], sites, asked(call, args, argnums))
    return replace(p, call=call)


def _total(y: Any) -> float:
    """The sum of all floating numbers in y."""
    leaves = [x for x in tree.flatten(y)[0] if isinstance(x, (np.ndarray, np.generic, float, complex))]
    return float(sum(np.sum(np.real(x)) for x in leaves if np.result_type(x).kind in "fc"))


def asked(call: Call, args: tuple[Any, ...], argnums: Any) -> tuple[int, ...]:
    """Which of the floating leaves belong to the arguments `argnums` (None: all of them)."""
    if argnums is None:
        return tuple(range(len(call.picked)))
    wanted = {argnums} if isinstance(argnums, int) else set(argnums)
    owner = [k for k, x in enumerate(args) for _ in tree.flatten(x)[0]]
    return tuple(i for i, leaf in enumerate(call.picked) if leaf < len(owner) and owner[leaf] in wanted)


def replay(trace: Trace, values: list[Any], sites: list[Any], asked: tuple[int, ...]) -> Program:
    """Run the lines of a trace, keeping what each read and gave."""
    env: dict[Var, Any] = dict(zip(trace.inputs, values, strict=True))
    shared: set[Var] = set(trace.inputs)
    steps: list[Step] = []
    readers: dict[Var, list[tuple[int, int]]] = {}
    with np.errstate(all="ignore"):
        for n, line in enumerate(trace.lines):
            for k, atom in enumerate(line.args):
                if isinstance(atom, Var):
                    readers.setdefault(atom, []).append((n, k))
            steps.append(_step(n, line, env, shared))
    results = [env[a] if isinstance(a, Var) else a.value for a in trace.outputs]
    makers = {v: (n, k) for n, line in enumerate(trace.lines) for k, v in enumerate(line.outs)}
    return Program(trace, values, steps, places(sites), sites, results, asked, readers, makers=makers)


def _step(n: int, line: Line, env: dict[Var, Any], shared: set[Var]) -> Step:
    """Run one line. Memory that an earlier step holds on to is copied before it is written to."""
    args = tuple(env[a] if isinstance(a, Var) else a.value for a in line.args)
    if line.kind == "write":
        owner: Any = line.args[0]
        if owner in shared:
            env[owner] = np.array(args[0], order="K")
            shared.discard(owner)
        place = follow(env[owner], line.params["path"])
        place[line.params["key"]] = args[1]
        return Step(n, line, args, ())
    outs = tuple(RUN.get(line.row.name, call_line)(line, list(args)))
    if line.kind == "getitem":
        outs = tuple(y.copy() if isinstance(y, np.ndarray) else y for y in outs)
    else:
        shared.update(a for a in line.args if isinstance(a, Var))
    if line.kind != "constant" and line.row.name != "copy":
        shared.update(line.outs)
    env.update(zip(line.outs, outs, strict=True))
    return Step(n, line, args, outs)
