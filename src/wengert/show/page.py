"""A trace as one HTML file: the graph, the sweeps step by step, the source, the list. No network is used."""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

from wengert.ir.line import Var
from wengert.show import notation, source
from wengert.show.graph import Graph, graph
from wengert.show.reading import Reading
from wengert.show.replay import Ran
from wengert.show.sweeps import Term
from wengert.show.table import row_of_line, title
from wengert.show.values import Brief, brief, text

Value = Any
"""What the page gets of a value: a number, a text, or {t: text, y: type, e: elements, n: size}."""


def page(forward: Reading, reverse: Reading, files: Any, mode: str) -> str:
    """The HTML of one trace with both sweeps; `mode` is shown first."""
    return _filled(f"{forward.trace.name} – wengert", data(forward, reverse, files, mode))


def _filled(name: str, content: Any) -> str:
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    parts = {
        "TITLE": name.replace("&", "&amp;").replace("<", "&lt;"),
        "STYLE": _asset("page.css"),
        "DATA": packed.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"),
        "SCRIPT": _asset("page.js"),
    }
    return re.sub("%%([A-Z]+)%%", lambda place: parts[place[1]], _asset("page.html"))


@cache
def _asset(name: str) -> str:
    return resources.files("wengert.show").joinpath(name).read_text(encoding="utf-8")


# ── the data ──


def data(forward: Reading, reverse: Reading, files: Any, mode: str) -> dict[str, Any]:
    """Everything that the page shows. Vertices are the inputs, the lines and the outputs, in this order."""
    forward.naming = reverse.naming  # of one trace: lines are read once
    vertices = _Vertices(reverse)
    blocks = source.blocks((files.get(line, ""), line.origin[1]) for line in reverse.trace.lines)
    return {
        "mode": mode,
        "title": reverse.trace.name,
        "at": title(reverse).rpartition(",")[0],
        "inputs": len(reverse.trace.inputs),
        "outputs": len(reverse.trace.outputs),
        "names": vertices.names,
        "exprs": vertices.expressions,
        "kinds": vertices.kinds,
        "where": vertices.places(files, blocks),
        "primal": [value(x) for x in vertices.primals],
        "target": reverse.target,
        "forward": _forward(forward),
        "reverse": _reverse(reverse),
        "graph": _graph(graph(reverse.naming), len(reverse.trace.inputs), len(reverse.trace.lines)),
        "sources": [[os.path.basename(b.file), b.start, list(b.lines)] for b in blocks],
    }


def value(x: Any) -> Value:
    """A value as the page shows it."""
    return _packed(x if isinstance(x, Brief) else brief(x))


def _packed(b: Brief | None) -> Value:
    if b is None:
        return None
    if b.number is not None and b.number - b.number == 0:
        return b.number
    return {"t": b.text, "y": b.type, "e": list(b.elements), "n": b.size} if b.elements else b.text


class _Vertices:
    """The columns of the list."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        trace, run, naming = reading.trace, reading.run, reading.naming
        known = run.outputs or (None,) * len(trace.outputs)
        ran = [row_of_line(reading, i) for i in range(len(trace.lines))]
        self.names = [naming.shown[v] for v in trace.inputs] + [r.name for r in ran] + list(naming.outputs)
        self.expressions = ["input" for _ in trace.inputs] + [naming.right(line) for line in trace.lines]
        self.expressions += [naming.atom(a) for a in trace.outputs]
        self.kinds = ["input" for _ in trace.inputs] + [r.kind for r in ran] + ["output" for _ in trace.outputs]
        self.primals = [run.value_of[v] for v in trace.inputs] + [r.primal for r in ran] + list(known)

    def places(self, files: Any, blocks: list[source.Block]) -> list[Any]:
        """[block, line] of each vertex; 0 where there is no source."""
        known: dict[tuple[str, int], list[int]] = {}
        for b, block in enumerate(blocks):
            for k in range(len(block.lines)):
                known[block.file, block.start + k] = [b, block.start + k]
        trace = self.reading.trace
        lines = [known.get((files.get(line, ""), line.origin[1]), 0) for line in trace.lines]
        return [0] * len(trace.inputs) + lines + [0] * len(trace.outputs)


def _vertex_of(reading: Reading) -> dict[Var, int]:
    n = len(reading.trace.inputs)
    found = {var: k for k, var in enumerate(reading.trace.inputs)}
    found.update({out: n + i for i, line in enumerate(reading.trace.lines) for out in line.outs})
    return found


def _forward(reading: Reading) -> dict[str, Any]:
    """One step per vertex: [formula, with numbers, tangent, vertices that are read]."""
    at = _vertex_of(reading)
    steps: list[Any] = []
    for var in reading.trace.inputs:
        steps.append([reading.accent(reading.naming.shown[var]), "", value(reading.derivative(var)), []])
    for i, ran in enumerate(reading.run.lines):
        steps.append(_forward_step(reading, i, ran, at))
    for line in reading.trace.lines[len(reading.run.lines) :]:
        steps.append(["", "", None, _read_by(line.inputs, at)])
    for name, atom in zip(reading.naming.outputs, reading.trace.outputs, strict=True):
        of = reading.accent(reading.naming.atom(atom)) if isinstance(atom, Var) else "0"
        read = [at[atom]] if isinstance(atom, Var) else []
        steps.append([f"{reading.accent(name)} = {of}", "", value(reading.derivative(atom)), read])
    return {"steps": steps, "legend": reading.legend(), "seeds": reading.seed_text()}


def _read_by(variables: Iterable[Var], at: dict[Var, int]) -> list[int]:
    return list(dict.fromkeys(at[v] for v in variables))


def _forward_step(reading: Reading, i: int, ran: Ran, at: dict[Var, int]) -> list[Any]:
    row = row_of_line(reading, i)
    terms = reading.terms_of_line.get(i, [])
    return [
        row.formula,
        reading.numbers(terms),
        value(_joined(reading, ran, row.derivative)),
        _read_by(ran.line.inputs, at),
    ]


def _joined(reading: Reading, ran: Ran, derivative: Any) -> Any:
    """The derivatives of a line of several results as one text."""
    if not isinstance(derivative, tuple):
        return derivative
    outs = [reading.accent(reading.naming.shown[out]) for out in ran.line.outs]
    shown = "; ".join(f"{name} = {text(d)}" for name, d in zip(outs, derivative, strict=True))
    return Brief(shown, "")


def _reverse(reading: Reading) -> dict[str, Any]:
    """The steps that follow the primal ones: [formula, with numbers, value, from, to, [[vertex, adjoint], …]]."""
    at = _vertex_of(reading)
    n = len(reading.trace.inputs) + len(reading.trace.lines)
    steps: list[Any] = []
    for k, (atom, seed) in enumerate(zip(reading.trace.outputs, reading.seeds, strict=False)):
        if seed is not None:
            name = reading.naming.outputs[k]
            sets = [[n + k, value(seed)]] + ([[at[atom], value(seed)]] if isinstance(atom, Var) else [])
            into = at[atom] if isinstance(atom, Var) else n + k
            steps.append([_seed_formula(reading, name, atom), "", value(seed), n + k, into, sets])
    seen: set[Any] = {a for a, c in zip(reading.trace.outputs, reading.seeds, strict=False) if c is not None}
    parts: dict[int, dict[str, Any]] = defaultdict(dict)
    for term in reading.swept.terms:
        steps.append(_reverse_step(reading, term, at, seen, parts))
    return {"steps": steps, "legend": reading.legend(), "seeds": reading.seed_text()}


def _seed_formula(reading: Reading, name: str, atom: Any) -> str:
    whole = notation.partial(name, name)
    return f"{reading.fraction(reading.naming.atom(atom))} = {whole}" if isinstance(atom, Var) else whole


def _reverse_step(reading: Reading, term: Term, at: dict[Var, int], seen: set[Any], parts: Any) -> list[Any]:
    ran = reading.run.lines[term.line]
    i = len(reading.trace.inputs) + term.line
    var: Any = ran.line.args[term.k]
    name = reading.naming.right(ran.line) if ran.line.kind == "getitem" else reading.naming.atom(var)
    sign = "+=" if var in seen else "="
    seen.add(var)
    sets = [[i, value(reading.swept.at.get(term.line))]] if ran.line.kind == "write" else []
    sets.append([at[var], _total(reading, term, var, at, parts)])
    formula = f"{reading.fraction(name)} {sign} {reading.term(term, reading.fraction)}"
    return [formula, reading.numbers([term]), value(term.value), i, at[var], sets]


def _total(reading: Reading, term: Term, var: Var, at: dict[Var, int], parts: Any) -> Value:
    """The adjoint so far; of a line of several results all that is known of them."""
    line_outs = _outs_of(reading, at[var])
    if len(line_outs) < 2:
        return value(term.total)
    parts[at[var]][reading.accent(reading.naming.shown[var])] = term.total
    return "; ".join(f"{name} = {text_of(b)}" for name, b in parts[at[var]].items())


def text_of(b: Brief | None) -> str:
    """The text of a brief; 0 of a missing one."""
    return "0" if b is None else b.text


def _outs_of(reading: Reading, vertex: int) -> tuple[Var, ...]:
    i = vertex - len(reading.trace.inputs)
    return reading.trace.lines[i].outs if i >= 0 else ()


def _graph(g: Graph, inputs: int, lines: int) -> dict[str, Any]:
    first = {"input": 0, "output": inputs + lines}
    nodes = [
        [n.kind, [m + first.get(n.kind, inputs) for m in n.members], n.label, n.group, *_rounded(n.x, n.y, n.width)]
        for n in g.nodes
    ]
    edges = [[e.source, e.target, int(e.back), [_rounded(x, y) for x, y in e.stops]] for e in g.edges]
    groups = [
        [x.parent, [s + inputs for s in x.starts], [e + inputs for e in x.ends], _rounded(*g.frames[k])]
        for k, x in enumerate(g.folded.groups)
    ]
    return {"nodes": nodes, "edges": edges, "groups": groups, "size": list(g.size), "height": g.height}


def _rounded(*xs: float) -> list[float]:
    return [round(x, 1) for x in xs]
