"""How the variables of a trace are called when it is shown, and each line as mathematics: v₂ = log v₁."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Var
from wengert.ir.literal import Row
from wengert.ir.text import Text
from wengert.ir.trace import Trace
from wengert.show import notation
from wengert.show.notation import Template


class Bare(Text):
    """The printer of single lines, without the text of the whole function."""

    def _rows(self) -> list[Row]:
        return []


class Naming:
    """Names for one trace: inputs as the function spells them, v₁, v₂, … for lines, y for the output."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.text = Bare(trace)
        self.shown: dict[Var, str] = {
            var: notation.name(spelled) for var, spelled in zip(trace.inputs, trace.spelled, strict=True)
        }
        for line in trace.lines:
            for out in line.outs:
                self.shown[out] = notation.numbered("v", len(self.shown) - len(trace.inputs) + 1)
        self._spelled = {f"V{k}_": shown for k, shown in enumerate(self.shown.values())}
        self._templates: dict[Any, tuple[Template | None, Template | None]] = {}
        self._statements: dict[Line, tuple[str, str]] = {}
        self.text.names = {var: f"V{k}_" for k, var in enumerate(self.shown)}

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        """y, or y₁, y₂, … of several outputs; another letter if the function has a parameter y."""
        taken = {text[0] for text in self.shown.values() if text[:1] and not text.startswith("v")}
        letter = next((c for c in "yfzg" if c not in taken), "y")
        n = len(self.trace.outputs)
        return (letter,) if n == 1 else tuple(notation.numbered(letter, k + 1) for k in range(n))

    def atom(self, atom: Atom) -> str:
        """A variable's name, or a constant."""
        if isinstance(atom, Lit) and isinstance(atom.value, (int, float)):
            return notation.number(atom.value)
        if isinstance(atom, Lit):
            return notation.mathematics(self.text.atom(atom), self._spelled)
        return self.shown[atom]

    def left(self, line: Line) -> str:
        """v₃, the several results of a line, or the elements that it writes."""
        if line.kind == "write":
            return self._statement(line)[0]
        return "" if line.kind == "guard" else ", ".join(self.shown[out] for out in line.outs)

    def right(self, line: Line) -> str:
        """The expression of a line: x₁·x₂; of a guard what held."""
        if line.row.kind == "constant" and line.row.name in ("copy", "held"):
            return f"stop_gradient({self.atom(line.args[0])})"
        return self._statement(line)[1]

    def _statement(self, line: Line) -> tuple[str, str]:
        """(left, right), each line read once."""
        if line not in self._statements:
            self._statements[line] = self._read(line)
        return self._statements[line]

    def _read(self, line: Line) -> tuple[str, str]:
        variables = list(dict.fromkeys((*line.inputs, *line.outs)))
        key = (line.row, line.op, repr(line.params), tuple(self._pattern(a, variables) for a in line.args))
        if key not in self._templates:
            self._templates[key] = self._template(line, variables)
        left, right = self._templates[key]
        names = {f"a{k}_": self.shown[var] for k, var in enumerate(variables)}
        return left.text(names) if left else "", right.text(names) if right else line.row.name

    def _pattern(self, atom: Atom, variables: list[Var]) -> Any:
        """What the text of a line depends on, of one argument."""
        if isinstance(atom, Var):
            return variables.index(atom), atom.type
        x = atom.value
        return (x.dtype.str, x.shape, x.tobytes()) if isinstance(x, np.ndarray) else (type(x), repr(x))

    def _template(self, line: Line, variables: list[Var]) -> tuple[Template | None, Template | None]:
        known, self.text.names = self.text.names, {var: f"a{k}_" for k, var in enumerate(variables)}
        try:
            node = ast.parse(self.text.line(line)).body[0]
        except (SyntaxError, ValueError, RecursionError):
            return None, None
        finally:
            self.text.names = known
        if isinstance(node, ast.Assign):
            return Template(node.targets[0]), Template(node.value)
        return None, Template(node.test) if isinstance(node, ast.Assert) else None
