"""The lecture's table: one row per line of the Wengert list, primal and derivative beside each other."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Any

from wengert.ir.line import Lit
from wengert.show.notation import pad, width
from wengert.show.reading import Reading
from wengert.show.replay import Ran
from wengert.show.values import is_floating, text

ROWS_IN_A_NOTEBOOK = 400
"""Of longer tables a notebook shows the first and the last rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `kind` is input, output, or that of the line (call, getitem, write, guard, constant).

    `primal` and `derivative` are the values themselves (a derivative of None is zero); `formula`
    says what the derivative is the sum of.
    """

    kind: str
    name: str
    expression: str
    where: str
    primal: Any
    formula: str = ""
    derivative: Any = None

    @property
    def cells(self) -> tuple[str, str, str, str, str, str]:
        """The row as text."""
        silent = self.kind == "guard"
        value = text(self.derivative) if self.formula else ""
        return self.name, self.expression, self.where, "" if silent else text(self.primal), self.formula, value


@dataclass(frozen=True)
class Table:
    """The rows in the order of the program. Prints as text; shows itself in notebooks and with rich.

    >>> import numpy as np, wengert as wg
    >>> table = wg.trace(lambda x1, x2: np.log(x1 * x2))(2.0, 3.0).table()
    >>> [(row.name, row.expression, row.derivative.item()) for row in table.rows[2:4]]
    [('v₁', 'x₁·x₂', 0.16666666666666666), ('v₂', 'log v₁', 1.0)]
    """

    title: str
    mode: str
    legend: str
    rows: tuple[Row, ...]

    @property
    def header(self) -> tuple[str, str, str, str, str, str]:
        """The names of the columns; an arrow says in which order a column is computed."""
        return "", "expression", "line", "primal ↓", "tangent ↓" if self.mode == "forward" else "adjoint ↑", "value"

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        rows = [self.header, *(row.cells for row in self.rows)]
        widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(pad(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        return "\n".join([self.title, "", lines[0], rule, *lines[1:], rule, self.legend])

    def __rich__(self) -> Any:
        from rich import box
        from rich.table import Table as RichTable

        shown = RichTable(title=self.title, caption=self.legend, box=box.SIMPLE_HEAD, title_justify="left")
        styles = ("bold", "", "dim", "blue", "dim", "dark_orange3")
        for k, (name, style) in enumerate(zip(self.header, styles, strict=True)):
            shown.add_column(name, style=style, justify="right" if k in (3, 5) else "left")
        for row in self.rows:
            shown.add_row(*row.cells, style="dim italic" if row.kind == "guard" else None)
        return shown

    def _repr_html_(self) -> str:
        n = ROWS_IN_A_NOTEBOOK
        rows = [_html_row(row) for row in self.rows]
        if len(rows) > n:
            gap = f"<tr><td colspan=6 style='text-align:center'>⋮ {len(rows) - n} more rows</td></tr>"
            rows = [*rows[: n // 2], gap, *rows[-n // 2 :]]
        head = "".join(f"<th style='text-align:left'>{html.escape(name)}</th>" for name in self.header)
        return (
            f"<table><caption style='text-align:left'>{html.escape(self.title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table><p><small>{html.escape(self.legend)}</small></p>"
        )


def _html_row(row: Row) -> str:
    colours = ("", "", "opacity:.6", "color:#2563c9", "opacity:.75", "color:#c2500a")
    cells = zip(row.cells, colours, strict=True)
    return (
        "<tr>"
        + "".join(f"<td style='text-align:left;{style}'>{html.escape(cell)}</td>" for cell, style in cells)
        + "</tr>"
    )


# ── from a reading ──


def table(reading: Reading) -> Table:
    """The table of a reading."""
    rows = [*_inputs(reading)]
    rows += [row_of_line(reading, i) for i in range(len(reading.trace.lines))]
    return Table(title(reading), reading.mode, reading.legend(), (*rows, *_outputs(reading)))


def title(reading: Reading) -> str:
    """log_of_product(x₁ = 2, x₂ = 3), reverse mode."""
    given = [f"{reading.naming.shown[v]} = {text(reading.run.value_of[v])}" for v in reading.trace.inputs]
    return f"{reading.trace.name}({', '.join(given)}), {reading.mode} mode"


def _inputs(reading: Reading) -> list[Row]:
    rows: list[Row] = []
    for var in reading.trace.inputs:
        name = reading.naming.shown[var]
        found = reading.derivative(var)
        formula = reading.accent(name)
        if reading.mode == "reverse":
            formula = _equation(reading, name, reading.terms_of_var.get(var, []))
        rows.append(Row("input", name, "input", "", reading.run.value_of[var], formula, found))
    return rows


def _equation(reading: Reading, name: str, terms: Any) -> str:
    return f"{reading.accent(name)} = {reading.sum(terms) or '0'}"


def row_of_line(reading: Reading, i: int) -> Row:
    """The row of line i."""
    line = reading.trace.lines[i]
    name = reading.naming.left(line)
    if i >= len(reading.run.lines):  # the run ended before
        return Row(line.kind, name, reading.naming.right(line), where(line.origin), None)
    ran = reading.run.lines[i]
    primal = ran.args[1] if line.kind == "write" else ran.values[0] if len(ran.values) == 1 else ran.values or None
    expression = reading.naming.right(line)
    if line.kind == "guard":
        return Row("guard", "", f"guard: {expression}", where(line.origin), None)
    formula = _formula(reading, i, ran, name)
    derivative = reading.swept.line(i, ran) if formula else None
    return Row(line.kind, name, expression, where(line.origin), primal, formula, derivative)


def _formula(reading: Reading, i: int, ran: Ran, name: str) -> str:
    line = ran.line
    if line.kind == "constant" or not any(is_floating(x) for x in (*ran.values, *ran.args[1:2])):
        return ""
    if reading.mode == "forward":
        return _equation(reading, name, reading.terms_of_line.get(i, []))
    if line.kind == "write":
        return reading.fraction(name) if reading.swept.at.get(i) is not None else ""
    terms = [t for out in line.outs for t in reading.terms_of_var.get(out, [])]
    seeded = [out for out in line.outs if out in reading.trace.outputs]
    if seeded and not terms:
        return f"{reading.accent(name)} = {_seed_name(reading, line.outs)}"
    return _equation(reading, name, terms)


def _seed_name(reading: Reading, outs: Any) -> str:
    """ȳ, from which the adjoint of a line starts."""
    found = [n for n, a in zip(reading.naming.outputs, reading.trace.outputs, strict=True) if a in outs]
    return ", ".join(reading.accent(n) for n in found)


def _outputs(reading: Reading) -> list[Row]:
    rows: list[Row] = []
    values = reading.run.outputs or (None,) * len(reading.trace.outputs)
    for k, (name, atom, y) in enumerate(zip(reading.naming.outputs, reading.trace.outputs, values, strict=True)):
        what = reading.naming.atom(atom) if not isinstance(atom, Lit) else "constant"
        if reading.mode == "forward":
            found, formula = reading.derivative(atom), f"{reading.accent(name)} = {_tangent_of(reading, atom)}"
        else:
            found = reading.seeds[k] if k < len(reading.seeds) else None
            formula = reading.accent(name) if is_floating(y) else ""
        rows.append(Row("output", name, what, "", y, formula, found))
    return rows


def _tangent_of(reading: Reading, atom: Any) -> str:
    return "0" if isinstance(atom, Lit) else reading.accent(reading.naming.atom(atom))


def where(origin: tuple[str, int]) -> str:
    """model.py:12."""
    return f"{origin[0]}:{origin[1]}" if origin[0] else ""
