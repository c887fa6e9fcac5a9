"""A trace: one recorded program, without branches, in the order in which it runs.

A pass is a function from Trace to Trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from wengert.errors import OffTrace
from wengert.ir.dce import live_lines
from wengert.ir.line import Atom, Line, Type, Var, filled
from wengert.ir.text import Text


@dataclass(frozen=True, eq=False)
class Trace:
    """A recorded program.

    `inputs` are the floating numbers and arrays among the arguments, in order; `spelled` says how
    each is reached from the function's parameters (`x`, `params['w']`); `fixed` are the other
    arguments, which the trace takes as they were (spelling, value). `flatten` and `unflatten`
    lead from a call to the values of `inputs`, and from the values of `outputs` to a result.
    `captured` are arrays that the function knows by name.

    >>> import numpy as np, wengert as wg
    >>> t = wg.trace(lambda x, y: (np.sin(x), x * y)[1])(1.0, 2.0)
    >>> t
    <trace of f(float, float): 2 lines>
    >>> print(t.dce())
    def f(x, y):    # x: float, y: float
        v0 = x * y  # float
        return v0
    >>> t(3.0, 5.0)
    15.0
    """

    name: str
    parameters: tuple[str, ...]
    inputs: tuple[Var, ...]
    spelled: tuple[str, ...]
    fixed: tuple[tuple[str, Any], ...]
    lines: tuple[Line, ...]
    outputs: tuple[Atom, ...]
    flatten: Callable[..., list[Any]] = field(repr=False)
    unflatten: Callable[[list[Any]], Any] = field(repr=False)
    captured: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the lines through NumPy. Raises OffTrace where a guard does not hold."""
        return self.unflatten(evaluate(self, self.flatten(*args, **kwargs)))

    def __str__(self) -> str:
        return Text(self).function()

    def source(self) -> str:
        """The whole program as a Python module: imports, then the function. Needs `constants`."""
        return Text(self).module()

    @property
    def constants(self) -> dict[str, Any]:
        """What the text refers to by name because it is too long to be written out."""
        return Text(self).constants()

    @property
    def namespace(self) -> dict[str, Any]:
        """Everything that the text refers to: `exec(str(trace), trace.namespace)` defines the function."""
        return Text(self).namespace()

    def dce(self, raising: bool = False) -> Trace:
        """The trace without lines that no output and no guard needs; `raising` keeps those that may raise."""
        return replace(self, lines=live_lines(self.lines, self.outputs, raising))

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        types = ", ".join(str(x.type) for x in self.inputs)
        return f"<trace of {self.name}({types}): {len(self.lines)} lines>"


def nameless(name: str, inputs: Iterable[Var], lines: Iterable[Line], outputs: Iterable[Atom]) -> Trace:
    """A trace of values, not of a user's call: its inputs are x0, x1, …, what it gives is a tuple."""
    inputs = tuple(inputs)
    names = tuple([f"x{k}" for k in range(len(inputs))])
    return Trace(name, names, inputs, names, (), tuple(lines), tuple(outputs), lambda *args: list(args), tuple)


def evaluate(trace: Trace, values: list[Any]) -> list[Any]:
    """The outputs of the trace for these inputs."""
    env: dict[Var, Any] = dict(zip(trace.inputs, values, strict=True))

    def value(atom: Atom) -> Any:
        return env[atom] if isinstance(atom, Var) else atom.value

    for line in trace.lines:
        run = RUN.get(line.row.name, _call)
        ys = run(line, [value(a) for a in line.args])
        env.update(zip(line.outs, ys, strict=True))
    return [value(atom) for atom in trace.outputs]


def _call(line: Line, args: list[Any]) -> Any:
    y = line.op(*args, **line.params)
    ys = y if line.many else (y,)
    for part, out in zip(ys, line.outs, strict=True):
        if isinstance(part, np.ndarray) and Type.of(part) != out.type:
            raise OffTrace(
                f"{line.row.name} gave {Type.of(part)}, the trace has {out.type} ({line.origin[0]}:{line.origin[1]})."
                "\nTrace the function again at these arguments."
            )
    return ys


def _write(line: Line, args: list[Any]) -> Any:
    place, value, *parts = args
    for function, params in line.params["path"]:
        place = function(place, **params)
    place[filled(line.params["key"], parts)] = value
    return ()


def _constant(line: Line, args: list[Any]) -> Any:
    return (args[0].copy(order="K"),)


def _guard(line: Line, args: list[Any]) -> Any:
    seen = line.params["read"](args[0])
    if not np.array_equal(seen, line.params["value"]):
        file, number = line.origin
        raise OffTrace(
            f"the trace holds where {line.params['read'].__name__} of a value is {line.params['value']} "
            f"({file}:{number}); for these arguments it is {seen}.\nTrace the function again at them."
        )
    return ()


RUN: dict[str, Callable[[Line, list[Any]], Any]] = {"write": _write, "constant": _constant, "guard": _guard}
"""How the special lines run."""
