"""A picture of the computational graph: every value of both directions, in light and dark."""

from __future__ import annotations

from html import escape

from wengert.show.graph import Edge, Graph, Node, graph
from wengert.show.reading import Reading
from wengert.show.table import row_of_line
from wengert.show.values import text

_MARGIN, _LETTER = 24.0, 7.4
_STYLE = """
text { font-family: "STIX Two Text", "Cambria Math", Georgia, "DejaVu Serif", serif; font-size: 15px; fill: #1d1c1a; }
.box { fill: #fff; stroke: #d5d1c9; } .input .box, .output .box { fill: #f2f0ec; }
.guard .box { stroke-dasharray: 3 3; }
.v, .d, .k { font-family: ui-sans-serif, system-ui, "DejaVu Sans", sans-serif; font-size: 12.5px; }
.v { fill: #1f5fbf; } .d { fill: #b3510b; } .k { fill: #6b6862; font-size: 12px; }
.edge { fill: none; stroke: #9a968e; stroke-width: 1.3; } .loop { stroke-dasharray: 4 4; }
.frame { fill: #f6f4f0; stroke: #e3e0da; } .paper { fill: #fbfaf8; } .tip { fill: #9a968e; }
@media (prefers-color-scheme: dark) {
  text { fill: #e9e7e2; } .box { fill: #1d1f22; stroke: #4a4e55; } .input .box, .output .box { fill: #24272b; }
  .v { fill: #8ab8ff; } .d { fill: #ffb066; } .k { fill: #9b988f; } .frame { fill: #202326; stroke: #33363b; }
  .paper { fill: #161719; }
}
"""


def svg(reading: Reading) -> str:
    """The graph of a reading as one SVG."""
    g = graph(reading.naming)
    width, height = g.size[0] + 2 * _MARGIN, g.size[1] + 2 * _MARGIN + 26
    parts = [_frame(g, k) for k in range(len(g.folded.groups))]
    parts += [f'<path class="edge{" loop" * e.back}" marker-end="url(#tip)" d="{_path(g, e)}"/>' for e in g.edges]
    parts += [_box(g, node, *_values(reading, node)) for node in g.nodes]
    legend = "tangent" if reading.mode == "forward" else "adjoint"
    seeds = reading.seed_text()
    note = f'<tspan class="v">primal</tspan>   <tspan class="d">{legend}</tspan>' + (
        f", {escape(seeds)}" if seeds else ""
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" '
        f'aria-label="{escape(reading.trace.name)}"><style>{_STYLE}</style>'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" '
        'markerUnits="userSpaceOnUse" orient="auto"><path class="tip" d="M0,0.6 8,4 0,7.4z"/></marker></defs>'
        f'<rect class="paper" width="{width:g}" height="{height:g}" rx="12"/>'
        f'<g transform="translate({_MARGIN:g},{_MARGIN:g})">{"".join(parts)}</g>'
        f'<text class="k" x="{_MARGIN:g}" y="{height - 14:g}" xml:space="preserve">{note}</text></svg>\n'
    )


def _values(reading: Reading, node: Node) -> tuple[str, str]:
    """Primal and derivative of the last member: of a loop, those of its last iteration."""
    k = node.members[-1]
    if node.kind == "input":
        var = reading.trace.inputs[k]
        return text(reading.run.value_of[var]), text(reading.derivative(var))
    if node.kind == "output":
        seed = reading.seeds[k] if reading.mode == "reverse" and k < len(reading.seeds) else None
        found = reading.derivative(reading.trace.outputs[k]) if reading.mode == "forward" else seed
        return (text(reading.run.outputs[k]) if reading.run.outputs else ""), text(found)
    cells = row_of_line(reading, k).cells
    return cells[3], cells[5]


def _frame(g: Graph, k: int) -> str:
    x, y, w, h = g.frames[k]
    n = len(g.folded.groups[k].starts)
    return (
        f'<rect class="frame" x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}" rx="14"/>'
        f'<text class="k" x="{x + 14:g}" y="{y + 20:g}">×{n}, the last</text>'
    )


def _box(g: Graph, node: Node, primal: str, derivative: str) -> str:
    high = g.height > 60
    room = int((node.width - 26) / _LETTER)
    half = room if high or not derivative else room // 2
    place = 'x="13" y="65"' if high else f'x="{node.width - 13:g}" y="46" text-anchor="end"'
    return (
        f'<g class="{node.kind}" transform="translate({node.x:g},{node.y:g})"><title>{escape(node.label)}</title>'
        f'<rect class="box" width="{node.width:g}" height="{g.height:g}" rx="10"/>'
        f'<text x="{node.width / 2:g}" y="24" text-anchor="middle">{escape(_clip(node.label, room + 4))}</text>'
        f'<text class="v" x="13" y="46">{escape(_clip(primal, half))}</text>'
        f'<text class="d" {place}>{escape(_clip(derivative, half))}</text></g>'
    )


def _clip(s: str, n: int) -> str:
    return s if len(s) <= n else s[: max(n - 1, 1)] + "…"


def _path(g: Graph, edge: Edge) -> str:
    a, b = g.nodes[edge.source], g.nodes[edge.target]
    x, y = a.x + a.width, a.y + g.height / 2
    end = (b.x, b.y + g.height / 2)
    if edge.back:
        low = min(a.y, b.y) - 16
        return (
            f"M{x:g},{y:g} C{x + 46:g},{y:g} {x + 40:g},{low:g} {x - 10:g},{low:g} L{end[0] + 10:g},{low:g} "
            f"C{end[0] - 40:g},{low:g} {end[0] - 46:g},{end[1]:g} {end[0]:g},{end[1]:g}"
        )
    path = f"M{x:g},{y:g}"
    for px, py in (*edge.stops, end):
        m = max(18.0, (px - x) / 2)
        path += f" C{x + m:g},{y:g} {px - m:g},{py:g} {px:g},{py:g}"
        x, y = px, py
    return path
