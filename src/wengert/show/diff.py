"""Two traces side by side: which lines they share, and where the program went another way."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from wengert.ir.line import Line
from wengert.ir.trace import Trace
from wengert.show.naming import Naming
from wengert.show.notation import pad, width
from wengert.show.replay import Replay, replay
from wengert.show.table import where
from wengert.show.values import text

SAME, OTHER_VALUE, LEFT, RIGHT = " ", "≠", "−", "+"
_MOST = 4000
"""Longer middles are matched by difflib's quicker heuristic."""


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one trace, as text."""

    line: str
    value: str
    where: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A line of the left and the line of the right that it corresponds to; `mark` says what differs.

    " " the same, "≠" the same operation with another value (or a guard with another outcome),
    "−" only on the left, "+" only on the right.
    """

    mark: str
    left: Side | None
    right: Side | None


@dataclass(frozen=True)
class Diff:
    """Two traces side by side. Prints as text; shows itself in notebooks and with rich.

    >>> import numpy as np, wengert as wg
    >>> def f(a, b):
    ...     c = a * b
    ...     return np.log(c) if c > 0 else np.sin(c)
    >>> d = wg.trace(f)(2.0, 3.0).diff(wg.trace(f)(2.0, -1.0))
    >>> [(pair.mark, pair.left and pair.left.line) for pair in d.pairs[-3:]]
    [('−', 'v₃ = log v₁'), ('+', None), ('≠', 'y = v₃')]
    """

    titles: tuple[str, str]
    pairs: tuple[Pair, ...]

    @property
    def branches(self) -> bool:
        """Whether the two went different ways: some line is on one side only."""
        return any(pair.mark in (LEFT, RIGHT) for pair in self.pairs)

    def __str__(self) -> str:
        rows = [("", self.titles[0], "", "", self.titles[1], "")]
        rows += [(p.mark, *_cells(p.left), p.mark, *_cells(p.right)) for p in self.pairs]
        widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(pad(cell, w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        rule = "─" * (sum(widths) + 2 * (len(widths) - 1))
        return "\n".join([lines[0], rule, *lines[1:], rule, self.summary])

    @property
    def summary(self) -> str:
        """How many lines differ, and how."""
        count = {mark: sum(p.mark == mark for p in self.pairs) for mark in (SAME, OTHER_VALUE, LEFT, RIGHT)}
        return (
            f"the same: {count[SAME]}; other values (≠): {count[OTHER_VALUE]}; "
            f"on the left only (−): {count[LEFT]}; on the right only (+): {count[RIGHT]}"
        )

    def __rich__(self) -> Any:
        from rich import box
        from rich.table import Table

        shown = Table(caption=self.summary, box=box.SIMPLE_HEAD)
        for name, style in zip(("", self.titles[0], "", "", self.titles[1], ""), ("dim", "", "blue") * 2, strict=True):
            shown.add_column(name, style=style)
        styles = {SAME: "dim", OTHER_VALUE: None, LEFT: "red", RIGHT: "green"}
        for p in self.pairs:
            shown.add_row(p.mark, *_cells(p.left), p.mark, *_cells(p.right), style=styles[p.mark])
        return shown

    def _repr_html_(self) -> str:
        head = "".join(f"<th colspan=3>{html.escape(t)}</th>" for t in self.titles)
        body = "".join(map(_row, self.pairs))
        return (
            f"<style>{_STYLE}</style><table class='wengert-diff'><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
            f"</table><p class='wengert-diff'>{html.escape(self.summary)}</p>"
        )

    def html(self, path: Any) -> Path:
        """Write the two traces side by side as one HTML file, and return its path."""
        path = Path(path)
        title = html.escape(" | ".join(self.titles))
        path.write_text(
            "<!doctype html><html lang='en' style='color-scheme: light dark'><meta charset='utf-8'>"
            f"<title>{title}</title>"
            f"<body class='wengert-diff'>{self._repr_html_()}</body></html>\n",
            encoding="utf-8",
        )
        return path


_STYLE = """
body.wengert-diff { color-scheme: light dark; font: 14px/1.5 ui-sans-serif, system-ui, sans-serif; margin: 28px; }
table.wengert-diff { border-collapse: collapse; font-variant-numeric: tabular-nums; }
.wengert-diff th { text-align: left; padding: 6px 14px 8px; font: 600 16px Georgia, "DejaVu Serif", serif; }
.wengert-diff td { text-align: left; padding: 3px 14px; border-top: 1px solid #8883; }
.wengert-diff td { font-family: Georgia, "DejaVu Serif", serif; }
.wengert-diff td.v { color: #3f7fdf; font-family: ui-sans-serif, system-ui, sans-serif; text-align: right; }
.wengert-diff td.w { color: #888; font: 12px ui-monospace, monospace; }
.wengert-diff tr.same td { opacity: .6; }
.wengert-diff td.only { background: #e0a10033; box-shadow: inset 3px 0 #e0a100; }
"""


def _cells(side: Side | None) -> tuple[str, str]:
    return ("", "") if side is None else (side.line, side.value)


def _row(pair: Pair) -> str:
    kind = "same" if pair.mark == SAME else ""
    return f"<tr class='{kind}'>{_half(pair.left, pair.mark)}{_half(pair.right, pair.mark)}</tr>"


def _half(side: Side | None, mark: str) -> str:
    if side is None:
        return "<td></td><td></td><td></td>"
    only = " class='only'" if mark in (LEFT, RIGHT) else ""
    cells = html.escape(side.line), html.escape(side.value), html.escape(side.where)
    return f"<td{only}>{cells[0]}</td><td class='v'>{cells[1]}</td><td class='w'>{cells[2]}</td>"


# ── from two traces ──


class _Half:
    """One of the two: its lines, with what is compared."""

    def __init__(self, trace: Trace, point: tuple[Any, ...]) -> None:
        self.trace = trace
        self.naming = Naming(trace)
        self.run: Replay = replay(trace, point)
        self.keys = [_key(line) for line in trace.lines]

    def side(self, i: int) -> Side:
        line = self.trace.lines[i]
        left, right = self.naming.left(line), self.naming.right(line)
        shown = f"guard: {right}" if line.kind == "guard" else f"{left} = {right}"
        return Side(shown, self.value(i), where(line.origin))

    def value(self, i: int) -> str:
        if i >= len(self.run.lines) or self.trace.lines[i].kind == "guard":
            return ""
        ran = self.run.lines[i]
        values = ran.args[1:2] if ran.line.kind == "write" else ran.values
        return "; ".join(map(text, values))

    def title(self) -> str:
        given = [f"{self.naming.shown[v]} = {text(self.run.value_of[v])}" for v in self.trace.inputs]
        return f"{self.trace.name}({', '.join(given)})"

    def outputs(self) -> list[Side]:
        known = self.run.outputs or ("",) * len(self.trace.outputs)
        names = zip(self.naming.outputs, self.trace.outputs, known, strict=True)
        return [Side(f"{name} = {self.naming.atom(a)}", text(y), "") for name, a, y in names]


def _key(line: Line) -> Any:
    """What makes two lines the same operation; a guard counts by what it reads, not by what it saw."""
    return line.row.name, line.origin, len(line.args), line.kind


def diff(left: Trace, left_point: tuple[Any, ...], right: Trace, right_point: tuple[Any, ...]) -> Diff:
    """The two traces, line by line."""
    a, b = _Half(left, left_point), _Half(right, right_point)
    pairs: list[Pair] = []
    for tag, i, j, k, m in _opcodes(a.keys, b.keys):
        if tag == "equal":
            pairs += [_pair(a.side(p), b.side(q)) for p, q in zip(range(i, j), range(k, m), strict=True)]
        else:
            pairs += [Pair(LEFT, a.side(p), None) for p in range(i, j)]
            pairs += [Pair(RIGHT, None, b.side(q)) for q in range(k, m)]
    ends = a.outputs(), b.outputs()
    pairs += [_pair(p, q) for p, q in zip(*ends, strict=False)]
    pairs += [Pair(LEFT, p, None) for p in ends[0][len(ends[1]) :]] + [
        Pair(RIGHT, None, q) for q in ends[1][len(ends[0]) :]
    ]
    return Diff((a.title(), b.title()), tuple(pairs))


def _pair(left: Side, right: Side) -> Pair:
    same = left.value == right.value and _outcome(left) == _outcome(right)
    return Pair(SAME if same else OTHER_VALUE, left, right)


def _outcome(side: Side) -> str:
    """What a guard saw; names of variables say nothing about what differs."""
    return "".join(c for c in side.line if c not in "₀₁₂₃₄₅₆₇₈₉") if side.line.startswith("guard") else ""


def _opcodes(a: list[Any], b: list[Any]) -> list[tuple[str, int, int, int, int]]:
    """difflib's, with what both have in common at either end taken off first."""
    head = _common(a, b, lambda k: k)
    tail = _common(a[head:], b[head:], lambda k: -1 - k)
    n, m = len(a) - tail, len(b) - tail
    matcher = SequenceMatcher(None, a[head:n], b[head:m], autojunk=max(n, m) - head > _MOST)
    middle = [(t, i + head, j + head, k + head, q + head) for t, i, j, k, q in matcher.get_opcodes()]
    return [("equal", 0, head, 0, head), *middle, ("equal", n, len(a), m, len(b))]


def _common(a: list[Any], b: list[Any], at: Callable[[int], int]) -> int:
    n = 0
    while n < min(len(a), len(b)) and a[at(n)] == b[at(n)]:
        n += 1
    return n
