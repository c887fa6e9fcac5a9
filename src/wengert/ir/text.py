"""A trace as a Python function on NumPy: running the text runs the program."""

from __future__ import annotations

import operator
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var, filled
from wengert.ir.literal import Constants, Row, Spelled
from wengert.ir.loop_text import loop_rows
from wengert.ir.spelling import expanded, found, public_name, usual

if TYPE_CHECKING:
    from wengert.ir.trace import Trace

# fmt: off
INFIX: dict[Any, str] = {
    np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.matmul: "@", np.power: "**",
    np.floor_divide: "//", np.remainder: "%",
    np.less: "<", np.less_equal: "<=", np.greater: ">", np.greater_equal: ">=", np.equal: "==", np.not_equal: "!=",
    np.bitwise_and: "&", np.bitwise_or: "|", np.bitwise_xor: "^",
}
PYTHON: dict[Any, Callable[..., Any]] = {
    np.add: operator.add, np.subtract: operator.sub, np.multiply: operator.mul, np.divide: operator.truediv,
    np.power: operator.pow, np.floor_divide: operator.floordiv, np.remainder: operator.mod,
    np.negative: operator.neg, np.positive: operator.pos,
    np.less: operator.lt, np.less_equal: operator.le, np.greater: operator.gt, np.greater_equal: operator.ge,
    np.equal: operator.eq, np.not_equal: operator.ne,
}
"""NumPy's function → Python's operator, for two Python numbers."""
# fmt: on
PREFIX: dict[Any, str] = {np.negative: "-", np.positive: "+", np.invert: "~", operator.neg: "-", operator.pos: "+"}
METHODS: dict[str, str] = {
    "copy": "{0}.copy(order='K')",
    "copy_C": "{0}.copy()",
    "copy_F": "{0}.copy(order='F')",
    "copy_A": "{0}.copy(order='A')",
    "copy_K": "{0}.copy(order='K')",
    "wengert.rules.structure.convert": "np.asarray({0}).astype({dtype})[()]",
    "python_number": "{0}.item()",
    "astype": "np.asarray({0}).astype({dtype})[()]",
    "zero_d": "np.asarray({0})",
}
"""Rows of ours that are a method in NumPy, by their names."""
_OPERATORS: dict[Any, str] = {PYTHON[f]: sign for f, sign in INFIX.items() if f in PYTHON}


class Text:
    """The text of one trace, and the names that it refers to."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.names: dict[Var, str] = dict(zip(trace.inputs, trace.spelled, strict=True))
        self.known = Constants(trace.captured)
        self._named = 0
        uses = Counter(var for line in trace.lines for var in line.inputs)
        uses.update(atom for atom in trace.outputs if isinstance(atom, Var))
        self.uses = uses
        self.rows = self._rows()

    def name(self, var: Var) -> None:
        """Give the variable the next name: v0, v1, …"""
        self.names[var] = f"v{self._named}"
        self._named += 1

    # ── the whole ──

    def function(self) -> str:
        """`def f(x): …`, with types in a column of comments."""
        column = min(max(len(row.code) for row in self.rows), 72)
        return "\n".join(f"{row.code:{column}}  # {row.note}" if row.note else row.code for row in self.rows)

    def module(self) -> str:
        """The function with its imports in front."""
        roots = {"np": "import numpy as np"} | {name: f"import {name}" for name in self._modules()}
        return "\n".join(sorted(roots.values())) + "\n\n\n" + self.function() + "\n"

    def constants(self) -> dict[str, Any]:
        """name → value, of what is not written out."""
        return {name: x for name, x in self.known.named.items() if not isinstance(x, type(np))}

    def namespace(self) -> dict[str, Any]:
        """What the function needs to run."""
        modules = {name.partition(".")[0] for name in self._modules()}
        return {"np": np} | {name: found(name) for name in modules} | self.known.named

    def _modules(self) -> list[str]:
        code = "\n".join(row.code for row in self.rows)
        return sorted(set(re.findall(r"\b(?:scipy(?:\.[a-z_]+)*|c?math)(?=\.[a-zA-Z_0-9]+\b)", code)))

    def _rows(self) -> list[Row]:
        t = self.trace
        types = ", ".join(f"{name}: {var.type}" for name, var in zip(t.spelled, t.inputs, strict=True))
        rows = [Row(f"def {t.name}({', '.join(t.parameters)}):", types)]
        rows += [Row("    " + self._fixed(name, x), "fixed") for name, x in t.fixed if _comparable(x)]
        for line in t.lines:
            rows += [row._replace(code="    " + row.code) for row in self.line_rows(line)]
        return [*rows, Row("    return " + self._result())]

    def _fixed(self, name: str, x: Any) -> str:
        return f"assert {self._equal(name, x)}"

    def line_rows(self, line: Line) -> list[Row]:
        """The statements of a line, and what is noted beside each: types, guards."""
        if line.row.name == "loop":
            return loop_rows(self, line)
        for out in line.outs:
            self.name(out)
        if line.row.name == "set" and line.kind == "call":
            return self._set(line)
        return [Row(self.line(line), self._note(line), line)]

    def _set(self, line: Line) -> list[Row]:
        """A copy with other elements."""
        x, v, *parts = [self.atom(a, line) for a in line.args]
        y = self.names[line.outs[0]]
        place = f"{y}[{self._key(line.params['key'], parts)}]"
        return [Row(f"{y} = np.array({x})", self._note(line), line), Row(f"{place} = {v}")]

    def _key(self, key: Any, parts: list[str]) -> str:
        """The text between the brackets, its holes filled."""
        if not parts:
            return self.known.index(key)
        return self.known.index(filled(key, [Spelled(part) for part in parts]))

    def _note(self, line: Line) -> str:
        return "guard" if line.kind == "guard" else ", ".join(str(out.type) for out in line.outs)

    # ── one line ──

    def line(self, line: Line) -> str:
        """One assignment, or one statement without result."""
        if line.kind == "write":
            return self._write(line)
        if line.kind == "guard":
            return self._guard(line)
        right = self._constant(line) if line.kind == "constant" else self.expression(line)
        left = ", ".join(self.names[out] for out in line.outs) + ("," if line.many and len(line.outs) == 1 else "")
        return f"{left} = {right}"

    def expression(self, line: Line) -> str:
        """op(*args, **params)."""
        args = [self.atom(a, line) for a in line.args]
        if line.kind == "getitem":
            return f"{args[0]}[{self.known.index(line.params['key'])}]"
        if line.row.name == "take":
            copied = ".copy()" if line.outs[0].type.shape else ""
            return f"{args[0]}[{self._key(line.params['key'], args[1:])}]{copied}"
        if line.row.name == "assemble" and not line.params:
            return f"np.array([{', '.join(args)}])"
        sign = _OPERATORS.get(line.op) or (INFIX.get(line.op) if _meets_numpy(line) else None)
        if sign is not None and len(args) == 2 and not line.params:
            return f"{_base(args[0], sign)} {sign} {args[1]}"
        if line.op in PREFIX and (line.op not in PYTHON or _meets_numpy(line)):
            return f"{PREFIX[line.op]}{args[0]}"
        return self._call(line, args)

    def _call(self, line: Line, args: list[str]) -> str:
        params = {name: self.known.text(x) for name, x in line.params.items()}
        if line.row.name in METHODS:
            return METHODS[line.row.name].format(*args, **params)
        return self._applied(line.op, line.row.name, args, params)

    def _applied(self, op: Any, fallback: str, args: list[str], params: dict[str, str]) -> str:
        """op(*args, **params), by its public name, as its expression, or under a name of our own."""
        name = public_name(op)
        if name is not None:
            return usual(f"{name}({', '.join([*args, *(f'{k}={v}' for k, v in params.items())])})")
        text = expanded(op, args, params)
        if text is not None:
            return text
        return f"{self._function(op, fallback)}({', '.join([*args, *(f'{k}={v}' for k, v in params.items())])})"

    def _function(self, op: Any, name: str) -> str:
        """A function that has no public name, under the last part of the name of its row."""
        name = re.sub(r"\W", "", name.rpartition(".")[2])
        name = name if name.isidentifier() and not iskeyword(name) else "function"
        while name in (self.trace.name, *self.names.values()) or self.known.named.get(name, op) is not op:
            name += "_"
        self.known.named[name] = op
        return name

    def _write(self, line: Line) -> str:
        place, value = self.atom(line.args[0], line), self.atom(line.args[1], line)
        for function, params in line.params["path"]:
            if function.__name__ == "getitem":
                place = f"{place}[{self.known.index(params['key'])}]"
            else:
                texts = {name: self.known.text(x) for name, x in params.items()}
                place = self._applied(function, getattr(function, "__name__", "view"), [place], texts)
        key, parts = line.params["key"], [self.atom(a, line) for a in line.args[2:]]
        # The last step of a path is a view, which x[1:] names as well as x[1:][...] does.
        whole = key is Ellipsis and place.endswith("]")
        return f"{place} = {value}" if whole else f"{place}[{self._key(key, parts)}] = {value}"

    def _constant(self, line: Line) -> str:
        text = self.atom(line.args[0], line)
        return text if text.startswith("np.") else f"{text}.copy(order='K')"

    def _guard(self, line: Line) -> str:
        x, read, value = self.atom(line.args[0], line), line.params["read"], line.params["value"]
        if read is bool:
            return f"assert {x}" if value else f"assert not {x}"
        return f"assert {self._equal(f'int({x})' if read is int else x, value)}"

    def _equal(self, text: str, x: Any) -> str:
        value = self.known.text(x)
        if isinstance(x, np.ndarray):
            return f"np.array_equal({text}, {value})"
        return f"{text} == {int(x) if isinstance(x, np.integer) else value}"

    def atom(self, atom: Atom, line: Line | None = None) -> str:
        """A variable's name, or a constant."""
        if isinstance(atom, Var):
            return self.names[atom]
        x = atom.value
        if type(x) is np.float64 and line is not None and _is_double(line):
            x = float(x)
        return self.known.text(x)

    # ── the result ──

    def _result(self) -> str:
        return self._tree(self.trace.unflatten([_Leaf(self.atom(a)) for a in self.trace.outputs]))

    def _tree(self, x: Any) -> str:
        if isinstance(x, _Leaf):
            return x.text
        if isinstance(x, dict):
            items = ", ".join(f"{k!r}: {self._tree(v)}" for k, v in x.items())
            return f"{{{items}}}" if type(x) is dict else f"{self._function(type(x), type(x).__name__)}({{{items}}})"
        if isinstance(x, (list, tuple)):
            parts = [self._tree(part) for part in x]
            if type(x) is list:
                return f"[{', '.join(parts)}]"
            if hasattr(x, "_fields"):
                return f"{self._function(type(x), type(x).__name__)}({', '.join(parts)})"
            return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"
        if is_dataclass(x):
            parts = [f"{f.name}={self._tree(getattr(x, f.name))}" for f in fields(x)]
            return f"{self._function(type(x), type(x).__name__)}({', '.join(parts)})"
        return self.known.text(x)


class _Leaf:
    """Stands for one output while the result is taken apart."""

    def __init__(self, text: str) -> None:
        self.text = text


def _meets_numpy(line: Line) -> bool:
    """Whether an operand is NumPy's, so that Python's operator is NumPy's function."""
    return line.op is not np.power and any(not a.type.python for a in line.args)


def _is_double(line: Line) -> bool:
    """Whether a Python float would do for a float64: another argument has that precision."""
    return line.op not in (np.power, operator.pow) and any(
        a.type.dtype in ("f64", "c128") and not isinstance(a, Lit) for a in line.args
    )


def _base(text: str, sign: str) -> str:
    return f"({text})" if sign == "**" and text.startswith("-") else text


def _comparable(x: Any) -> bool:
    return x is None or isinstance(x, (bool, int, str, np.integer, np.bool_, np.ndarray))


__all__ = ["INFIX", "PYTHON", "Text", "Type"]
