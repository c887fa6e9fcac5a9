"""Folding, the layout, the page's data, pictures, two traces side by side."""

import json
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from show.programs import PROGRAMS, branching, lecture, logistic, nested_loops, smoothed

import wengert as wg
from wengert.errors import BadInput
from wengert.show.fold import Repeat, cells, fold
from wengert.show.graph import graph
from wengert.show.naming import Naming


def content(path):
    """The data of a page."""
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(), re.DOTALL)[1])


# ── folding ──


def count(nodes):
    return sum(1 if isinstance(n, int) else sum(map(count, n.bodies)) for n in nodes)


def lines_of(nodes):
    return [k for n in nodes for k in ([n] if isinstance(n, int) else [x for b in n.bodies for x in lines_of(b)])]


@pytest.mark.parametrize("name", PROGRAMS)
def test_folding_keeps_every_line_in_order(name):
    f, args = PROGRAMS[name]
    t = wg.trace(f)(*args)
    nodes = fold(t.lines)
    assert lines_of(nodes) == list(range(len(t.lines)))
    placed = sorted(k for cell in cells(nodes).cells for k in cell.lines)
    assert placed == list(range(len(t.lines)))


def test_a_loop_is_folded():
    nodes = fold(wg.trace(logistic)(3.7, 0.3, 1000).lines)
    assert len(nodes) == 1
    assert isinstance(nodes[0], Repeat)
    assert [len(body) for body in nodes[0].bodies] == [3] * 1000


def test_loops_in_loops():
    t = wg.trace(nested_loops)(0.4, 20, 7)
    folded = cells(fold(t.lines))
    assert [g.parent for g in folded.groups] == [-1, -1, 1]  # the first iteration starts with a Python float
    _, outer, inner = folded.groups
    assert len(inner.starts) == 7 * len(outer.starts)
    for start, end in zip(outer.starts, outer.ends, strict=True):
        assert end - start + 1 == 16


def test_folding_is_quick_where_nothing_repeats():
    def f(x):
        for k in range(3000):
            x = np.sin(x) if (k * k) % 7 < 3 else x * 0.5
        return x

    t = wg.trace(f)(0.3)
    assert count(fold(t.lines)) == len(t.lines) == 3000


# ── the graph ──


@pytest.mark.parametrize("name", PROGRAMS)
def test_boxes_do_not_overlap_and_arrows_go_right(name):
    f, args = PROGRAMS[name]
    g = graph(Naming(wg.trace(f)(*args)))
    boxes = [(n.x, n.y, n.x + n.width, n.y + g.height) for n in g.nodes]
    for i, a in enumerate(boxes):
        assert a[0] >= -1e-9 and a[1] >= -1e-9 and a[2] <= g.size[0] + 1e-9 and a[3] <= g.size[1] + 1e-9  # noqa: PT018
        for b in boxes[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], "two boxes overlap"
    for e in g.edges:
        if not e.back:
            assert g.nodes[e.source].x + g.nodes[e.source].width < g.nodes[e.target].x
    for frame, group in zip((g.frames[k] for k in range(len(g.folded.groups))), g.folded.groups, strict=True):
        members = {len(wg.trace(f)(*args).inputs) + c for c in group.cells}
        for k, node in enumerate(g.nodes):
            inside = frame[0] <= node.x <= frame[0] + frame[2] and frame[1] <= node.y <= frame[1] + frame[3]
            assert inside == (k in members)


def test_what_is_written_to_is_read_from_its_last_write():
    g = graph(Naming(wg.trace(smoothed)(np.ones(3))))
    labels = [n.label for n in g.nodes]
    written, read = labels.index("v₃[1] = v₂"), next(k for k, s in enumerate(labels) if s.endswith("= v₃[1]"))
    assert any((e.source, e.target) == (written, read) for e in g.edges)


# ── the page ──


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_has_a_page(name, tmp_path):
    f, args = PROGRAMS[name]
    t = wg.trace(f)(*args)
    page = t.html(tmp_path / "page.html")
    text = page.read_text()
    assert "%%DATA%%" not in text
    assert not re.search(r"(src|href)\s*=\s*[\"']?(https?:)?//", text), "the page wants the network"
    data = content(page)
    n = len(t.inputs) + len(t.lines) + len(t.outputs)
    assert len(data["names"]) == len(data["exprs"]) == len(data["primal"]) == len(data["forward"]["steps"]) == n
    members = sorted(v for node in data["graph"]["nodes"] for v in node[1])
    assert members == list(range(n))


def test_steps_of_the_lecture(tmp_path):
    data = content(wg.trace(lecture)(2.0, 3.0).html(tmp_path / "page.html"))
    assert [step[:3] for step in data["reverse"]["steps"]] == [
        ["∂y/∂v₂ = ∂y/∂y", "", 1.0],
        ["∂y/∂v₁ = (1/v₁)·∂y/∂v₂", "(1/6)·1", 1 / 6],
        ["∂y/∂x₁ = x₂·∂y/∂v₁", "3·0.166667", 0.5],
        ["∂y/∂x₂ = x₁·∂y/∂v₁", "2·0.166667", 1 / 3],
    ]
    assert data["forward"]["steps"][2][:3] == ["v̇₁ = x₂·ẋ₁ + x₁·ẋ₂", "3·1 + 2·0", 3.0]


def test_source_of_the_page(tmp_path):
    data = content(wg.trace(branching)(2.0, 3.0).html(tmp_path / "page.html"))
    (file, start, lines), where = data["sources"][0], data["where"]
    assert file == "programs.py"
    assert lines[0] == "def branching(a, b):"
    assert lines[where[2][1] - start].strip() == "c = a * b"


def test_functions_called_are_shown_as_well(tmp_path):
    def outer(x):
        return lecture(x, x) * 2.0

    data = content(wg.trace(outer)(2.0).html(tmp_path / "page.html"))
    shown = "\n".join(line for _, _, lines in data["sources"] for line in lines)
    assert "def lecture(x1, x2):" in shown
    assert "def outer(x):" in shown


def test_names_cannot_break_the_page(tmp_path):
    page = wg.trace(lambda d: d["</script><b>"] * 2.0)({"</script><b>": 1.0}).html(tmp_path / "page.html")
    assert page.read_text().count("</script>") == 2
    assert "</script><b>" in "".join(content(page)["names"])


def test_function_without_source(tmp_path):
    scope = {}
    exec("def f(x): return x * x", scope)
    assert content(wg.trace(scope["f"])(2.0).html(tmp_path / "page.html"))["sources"] == []


# ── pictures ──


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_every_program_has_a_picture(name, mode, tmp_path):
    f, args = PROGRAMS[name]
    picture = wg.trace(f)(*args).svg(tmp_path / "graph.svg", mode=mode)
    assert ET.parse(picture).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_picture_of_the_lecture(tmp_path):
    text = wg.trace(lecture)(2.0, 3.0).svg(tmp_path / "graph.svg").read_text()
    shown = re.findall(r">([^<>]+)</text>", text)
    assert {"v₁ = x₁·x₂", "v₂ = log v₁", "0.166667", "0.333333", "0.5", "1.79176"} <= set(shown)


# ── two traces ──


def test_two_branches():
    d = wg.trace(branching)(2.0, 3.0).diff(wg.trace(branching)(2.0, -1.0))
    assert [p.mark for p in d.pairs] == ["≠", "≠", "≠", "−", "+", "≠"]
    assert (d.pairs[2].left.line, d.pairs[2].right.line) == ("guard: v₂", "guard: ¬v₂")
    assert (d.pairs[3].left.line, d.pairs[4].right.line) == ("v₃ = log v₁", "v₃ = sin v₁")
    assert d.branches


def test_two_traces_of_one_path():
    t = wg.trace(lecture)(2.0, 3.0)
    same = t.diff(t)
    assert {p.mark for p in same.pairs} == {" "}
    assert not same.branches
    assert {p.mark for p in t.diff(wg.trace(lecture)(2.0, 4.0)).pairs} == {"≠"}


def test_loops_of_different_lengths(tmp_path):
    d = wg.trace(logistic)(3.7, 0.3, 3).diff(wg.trace(logistic)(3.7, 0.3, 1000))
    assert sum(p.mark == "+" for p in d.pairs) == 3 * 997
    assert sum(p.mark == " " for p in d.pairs) == 9
    assert "v₃₀₀₀" in d.html(tmp_path / "diff.html").read_text()


def test_diff_needs_a_trace():
    with pytest.raises(BadInput, match="diff expects another trace, got float"):
        wg.trace(lecture)(2.0, 3.0).diff(1.0)
