"""What a row does to a tangent or a cotangent, as a formula: the row is run on recorded values and read back.

np.multiply, argument 0, in reverse   x₂·∂y/∂v₁
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.line import Lit, Type, Var
from wengert.ir.trace import Trace
from wengert.record.apply import INPUT
from wengert.record.index import COPY, GETITEM, WRITE
from wengert.record.listing import Listing, Located
from wengert.record.observe import GUARD
from wengert.record.swap import Recording
from wengert.record.value import Array, Recorder, Scalar
from wengert.show.naming import Bare, Naming
from wengert.show.notation import Template, number
from wengert.show.replay import Ran
from wengert.sweep.quiet import hush, loudness, restore

_LONGEST = 400
"""Longer formulas (in Python) say less than the name of the function does."""


class Formulas:
    """The formulas of one trace. Those that did not look at a value are remembered by row and types."""

    def __init__(self, naming: Naming) -> None:
        self.naming = naming
        self._known: dict[Any, Template | None] = {}

    def symbolic(self, ran: Ran, k: int, mode: str, write: Callable[[str], str]) -> str:
        """The term that argument k gives (reverse) or takes (forward), in symbols.

        `write` makes of a variable's name that of its tangent (forward) or adjoint (reverse).
        """
        formula = self._found(ran, k, mode)
        names = self._names(ran, k, mode, write)
        if formula is not None:
            text = formula.text(names)
            return f"Re({text})" if mode == "reverse" and _is_projected(ran, k) else text
        outs = [self.naming.shown[o] for o in ran.line.outs]
        out = outs[0] if len(outs) == 1 else f"({', '.join(outs)})"
        jacobian = f"(∂{out}/∂{self.naming.atom(ran.line.args[k])})"
        adjoint = "ᴴ" if _is_complex(ran) else "ᵀ"
        return f"{jacobian}{adjoint}·{names['d_']}" if mode == "reverse" else f"{jacobian}·{names['d_']}"

    def numeric(self, ran: Ran, k: int, mode: str, derivative: Any) -> str:
        """The same with numbers for names; '' where an array takes part."""
        formula = self._found(ran, k, mode)
        values = [*ran.args, *ran.values, derivative]
        if formula is None or ran.line.many or any(np.ndim(x) for x in values if x is not None):
            return ""
        names = {f"a{j}_": number(x) for j, x in enumerate(ran.args)}
        return formula.text(names | {"y_": number(ran.result), "d_": number(derivative)})

    def _names(self, ran: Ran, k: int, mode: str, write: Callable[[str], str]) -> dict[str, str]:
        naming, line = self.naming, ran.line
        names = {f"a{j}_": naming.atom(a) for j, a in enumerate(line.args)}
        outs = [naming.shown[o] for o in line.outs]
        if line.kind == "write":
            outs = [naming.left(line)]
        names |= {f"y{j}_": out for j, out in enumerate(outs)} | {"y_": ", ".join(outs)}
        bars = [write(out) for out in outs]
        names |= {f"d{j}_": text for j, text in enumerate(bars)}
        backward = bars[0] if len(bars) == 1 else f"({', '.join(bars)})"
        names["d_"] = backward if mode == "reverse" else write(names[f"a{k}_"])
        return names

    def _found(self, ran: Ran, k: int, mode: str) -> Template | None:
        key = _key(ran, k, mode)
        if key in self._known:
            return self._known[key]
        formula, looked = _recorded(ran, k, mode)
        if not looked:
            self._known[key] = formula
        return formula


def _is_complex(ran: Ran) -> bool:
    return any(np.iscomplexobj(x) for x in (*ran.args, *ran.values))


def _is_projected(ran: Ran, k: int) -> bool:
    """Whether a complex cotangent becomes that of a real argument."""
    return not np.iscomplexobj(ran.args[k]) and any(np.iscomplexobj(y) for y in ran.values)


def _key(ran: Ran, k: int, mode: str) -> Any:
    """What a formula depends on, if it does not depend on values."""
    parts = [a.type if isinstance(a, Var) else _literal(a.value) for a in ran.line.args]
    return (ran.line.row, k, mode, tuple(parts), repr(ran.line.params) if ran.line.params else "")


def _literal(x: Any) -> Any:
    return (x.dtype.str, x.shape, x.tobytes()) if isinstance(x, np.ndarray) else (type(x).__name__, repr(x))


def _recorded(ran: Ran, k: int, mode: str) -> tuple[Template | None, bool]:
    """(the formula, whether the row looked at a value on its way).

    Its placeholders are a0_, a1_, … (arguments), y_ (result), d_ (tangent or cotangent).
    """
    line = ran.line
    if line.row in (COPY, WRITE) or (line.row is GETITEM and mode == "reverse"):
        return _parsed("d_"), False
    function, partials = _rule(ran, k, mode)
    if function is None or (mode == "reverse" and not partials and _is_complex(ran)):
        return None, False
    recording = _Recording(ran, mode, partials)
    before = loudness()
    try:
        hush()
        text = recording.text(function, k)
    except Exception:
        return None, True
    finally:
        restore(before)
    return (None if text is None else _parsed(text)), recording.looked


def _rule(ran: Ran, k: int, mode: str) -> tuple[Callable[..., Any] | None, bool]:
    """The function of (d, y, *args) that argument k goes through; whether it is a partial of (y, *args)."""
    row = ran.line.row
    if row.partials and not (mode == "forward" and _is_complex(ran)):
        return row.partials[k], True
    table = row.pulls if mode == "reverse" else row.pushes
    if row.variadic:
        return table[0], False
    return (table[k] if k < len(table) else None), False


def _parsed(text: str) -> Template | None:
    try:
        return Template(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None


class _Unlocated(Located):
    """Lines of a row: where they stand in the source is of no interest."""

    def append(self, line: Any) -> None:
        self.origins.append(("", 0))
        list[Any].append(self, line)


class _Recording:
    """One run of a row on recorded values that are known by placeholders."""

    def __init__(self, ran: Ran, mode: str, partials: bool) -> None:
        self.ran = ran
        self.mode = mode
        self.partials = partials
        self.rec = Recorder(("a formula", None), traces=True)
        self.rec.lines = self.lines = _Unlocated()
        self.types: list[Type] = []
        self.names: list[str] = []
        self.looked = False

    def text(self, function: Callable[..., Any], k: int) -> str | None:
        """The result as Python."""
        ran, row = self.ran, self.ran.line.row
        args = [x if isinstance(a, Lit) else self._input(x, f"a{j}_") for j, (a, x) in enumerate(self._arguments())]
        if ran.line.many:
            y: Any = type(ran.values)(self._input(x, f"y{j}_") for j, x in enumerate(ran.values))
        else:
            y = self._input(ran.result, "y_")
        with Recording():
            d = () if self.partials else (self._derivative(k),)
            result = function(*d, y, *args, **({} if self.partials else ran.line.params))
        if row.variadic and self.mode == "reverse":
            result = result[k]
        text = self._read(result)
        if text is None:
            return None
        if self.partials:
            return f"np.conj({text}) * d_" if self.mode == "reverse" and _is_complex(self.ran) else f"({text}) * d_"
        return text

    def _arguments(self) -> Any:
        return zip(self.ran.line.args, self.ran.args, strict=True)

    def _derivative(self, k: int) -> Any:
        """A stand-in for the tangent of argument k, or for the cotangent of the result."""
        ran = self.ran
        if self.mode == "forward":
            d = self._input(_floating(ran.args[k]), "d_")
            return [d if j == k else None for j in range(len(ran.args))] if ran.line.row.variadic else d
        if ran.line.many:
            return {j: self._input(_floating(x), f"d{j}_") for j, x in enumerate(ran.values)}
        return self._input(_floating(ran.result), "d_")

    def _input(self, x: Any, name: str) -> Any:
        if not isinstance(x, (float, complex, np.ndarray, np.generic)):
            return x
        slot = self.rec.append((INPUT, (), None, (), None, None))
        self.types.append(Type.of(x))
        self.names.append(name)
        if not isinstance(x, np.ndarray):
            return Scalar(x, self.rec, slot)
        value = Array(x, self.rec, slot)
        value.shared = True
        return value

    def _read(self, result: Any) -> str | None:
        """The recorded lines put into each other; None where that is no single expression."""
        self.looked = any(line[0] is GUARD for line in self.lines)
        listing = Listing(self.lines, self.types)
        own = type(result) in (Scalar, Array) and result.rec is self.rec
        output = listing.atom(result.slot if own else -1, result)
        trace = _trace(tuple(listing.inputs), tuple(self.names), tuple(listing.lines), output)
        printer = Bare(trace)
        for line in trace.lines:
            if line.kind == "guard":
                continue
            if line.kind in ("write", "constant") or len(line.outs) != 1:
                return None
            expression = printer.expression(line)
            if len(expression) > _LONGEST:
                return None
            printer.names[line.outs[0]] = f"({expression})"
        return printer.atom(output)


def _trace(inputs: Any, names: tuple[str, ...], lines: Any, output: Any) -> Trace:
    return Trace("formula", names, inputs, names, (), lines, (output,), lambda *xs: list(xs), lambda ys: ys[0])


def _floating(x: Any) -> Any:
    return x if np.asarray(x).dtype.kind in "fc" else np.asarray(x, float)[()]
