"""trace(f)(x).table(): the lecture's table, and numbers that are those of grad and jvp."""

import io

import numpy as np
import pytest
from show.programs import DATA, PARAMETERS, PROGRAMS, branching, fill, layer, lecture, logistic

import wengert as wg
from wengert import tree
from wengert.errors import BadInput


def test_reverse_of_the_lecture():
    rows = wg.trace(lecture)(2.0, 3.0).table().rows
    assert [row.cells[:2] for row in rows] == [
        ("x₁", "input"), ("x₂", "input"), ("v₁", "x₁·x₂"), ("v₂", "log v₁"), ("y", "v₂"),
    ]  # fmt: skip
    assert [row.primal for row in rows] == [2.0, 3.0, 6.0, np.log(6.0), np.log(6.0)]
    np.testing.assert_allclose([row.derivative for row in rows], [1 / 2, 1 / 3, 1 / 6, 1, 1], rtol=1e-15)
    assert [row.formula for row in rows] == ["x̄₁ = x₂·v̄₁", "x̄₂ = x₁·v̄₁", "v̄₁ = (1/v₁)·v̄₂", "v̄₂ = ȳ", "ȳ"]
    assert all(row.where.startswith("programs.py:") for row in rows if row.kind == "call")


def test_forward_of_the_lecture():
    table = wg.trace(lecture)(2.0, 3.0).table(mode="forward")
    assert [row.derivative for row in table.rows] == [1.0, 0.0, 3.0, 0.5, 0.5]
    assert [row.formula for row in table.rows] == ["ẋ₁", "ẋ₂", "v̇₁ = x₂·ẋ₁ + x₁·ẋ₂", "v̇₂ = (1/v₁)·v̇₁", "ẏ = v̇₂"]
    both = wg.trace(lecture)(2.0, 3.0).table(mode="forward", direction=(1.0, 10.0)).rows
    assert both[2].formula == "v̇₁ = x₂·ẋ₁ + x₁·ẋ₂"
    assert both[2].derivative == 23.0


def test_text():
    assert str(wg.trace(branching)(2.0, -1.0).table()).splitlines()[:9] == [
        "branching(a = 2, b = −1), reverse mode",
        "",
        "    expression  line            primal ↓   adjoint ↑       value",
        "────────────────────────────────────────────────────────────────────",
        "a   input                       2          ā = b·v̄₁        0.416147",
        "b   input                       −1         b̄ = a·v̄₁        −0.832294",
        "v₁  a·b         programs.py:16  −2         v̄₁ = cos v₁·v̄₃  −0.416147",
        "v₂  v₁ > 0      programs.py:17  False",
        "    guard: ¬v₂  programs.py:17",
    ]


# ── the numbers ──


def floating(leaves):
    return [y for y in leaves if np.asarray(y).dtype.kind in "fc"]


def by_jvp(f, args, inputs, tangents):
    """J ẋ by `jvp`, where f's floating leaves are varied."""
    leaves, structure = tree.flatten(args)

    def g(*xs):
        return tree.flatten(f(*tree.unflatten(structure, list(xs))))[0]

    return tree.flatten(wg.jvp(g, tuple(leaves), tuple(tangents))[1])[0]


@pytest.mark.parametrize("name", PROGRAMS)
def test_tangents_are_those_of_jvp(name):
    f, args = PROGRAMS[name]
    t = wg.trace(f)(*args)
    rng = np.random.default_rng(0)
    tangents = [np.asarray(rng.normal(size=np.shape(x))).astype(np.result_type(x))[()] for x in t.point]
    rows = t.table(mode="forward", direction=tuple(tangents)).rows
    shown = [r for r in rows if r.kind == "output"]
    with np.errstate(all="ignore"):
        expected = by_jvp(
            f, args, t.point, [type(x)(d) if type(x) is float else d for x, d in zip(t.point, tangents, strict=True)]
        )
    for row, e in zip(shown, expected, strict=True):
        if np.asarray(row.primal).dtype.kind in "fc":
            same(0.0 if row.derivative is None else row.derivative, e)


@pytest.mark.parametrize("name", PROGRAMS)
def test_adjoints_are_those_of_vjp(name):
    f, args = PROGRAMS[name]
    t = wg.trace(f)(*args)
    values = tree.flatten(t(*args))[0]
    for k, y in enumerate(values):
        if np.asarray(y).dtype.kind not in "fc":
            continue
        rows = t.table(output=k).rows

        def one(*xs, k=k):
            return tree.flatten(f(*xs))[0][k]

        with np.errstate(all="ignore"):
            expected = tree.flatten(wg.vjp(one, *args)[1](np.ones_like(y)[()]))[0]
        for row, e in zip(rows, expected, strict=False):
            assert row.kind == "input"
            same(0.0 if row.derivative is None else row.derivative, e)


def same(got, expected):
    np.testing.assert_allclose(np.broadcast_to(got, np.shape(expected)), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_every_program_has_a_table(name, mode):
    f, args = PROGRAMS[name]
    t = wg.trace(f)(*args)
    table = t.table(mode=mode)
    assert not t.read(mode).swept.stopped
    assert len(table.rows) == len(t.inputs) + len(t.lines) + len(t.outputs)
    assert table.title in str(table)
    assert "<table>" in table._repr_html_()


def test_tables_of_derivatives():
    gradient = wg.trace(wg.grad(lecture))(2.0, 3.0)
    rows = gradient.table().rows
    same([rows[0].derivative, rows[1].derivative or 0.0], wg.grad(wg.grad(lecture), argnums=(0, 1))(2.0, 3.0))
    t = wg.trace(wg.grad(layer))(PARAMETERS, DATA)
    expected = wg.grad(lambda p: np.sum(wg.grad(layer)(p, DATA)["w"]))(PARAMETERS)
    rows = {row.name: row for row in t.table(output=1).rows if row.kind == "input"}
    same(rows["p['w']"].derivative, expected["w"])


def test_stop_gradient_is_a_constant_of_the_sweeps():
    for x in (3.0, np.array([1.0, 2.0])):
        t = wg.trace(lambda x: np.sum(x * wg.stop_gradient(x)))(x)
        same(t.table().rows[0].derivative, x)
        same(t.table(mode="forward").rows[-1].derivative, np.sum(x))


def test_a_value_is_shown_as_it_was():
    rows = {row.name: row for row in wg.trace(fill)(np.array([1.0, 2.0, 3.0])).table().rows}
    np.testing.assert_array_equal(rows["v₃"].primal, 0.0)
    assert rows["v₃[2]"].primal == 6.0
    np.testing.assert_array_equal(rows["y₁"].primal, [0.0, 4.0, 12.0])


def test_a_tangent_is_shown_as_it_was():
    def f(x):
        z = x * 1.0
        z[0] = 5.0
        return z

    rows = wg.trace(f)(np.array([1.0, 2.0])).table(mode="forward").rows
    np.testing.assert_array_equal(rows[1].derivative, [1.0, 1.0])
    np.testing.assert_array_equal(rows[-1].derivative, [0.0, 1.0])


# ── what is asked for ──


def test_directions():
    t = wg.trace(layer)(PARAMETERS, DATA)
    d = np.ones((3, 2))
    for direction in ("p['w']", 1, {"p['w']": d}, ({"b": np.zeros(2), "w": d}, np.zeros((4, 3)))):
        last = t.table(mode="forward", direction=direction).rows[-1]
        same(last.derivative, np.sum(wg.grad(layer)(PARAMETERS, DATA)["w"]))


def test_outputs():
    t = wg.trace(fill)(np.array([1.0, 2.0, 3.0]))
    np.testing.assert_array_equal(t.table(output=(0, 2)).rows[0].derivative, [0.0, 0.0, 4.0])
    np.testing.assert_array_equal(t.table(output=1).rows[0].derivative, [0.0, 2.0, 4.0])
    cubes = wg.trace(lambda x: x**3)(np.array([1.0, 2.0]))
    np.testing.assert_array_equal(cubes.table(output=np.array([2.0, 1.0])).rows[0].derivative, [6.0, 12.0])


def test_bad_choices():
    t = wg.trace(lecture)(2.0, 3.0)
    with pytest.raises(ValueError, match="mode is 'backward'"):
        t.table(mode="backward")
    with pytest.raises(BadInput, match=r"no input 'z'.\nIts inputs are x1, x2"):
        t.table(mode="forward", direction="z")
    with pytest.raises(BadInput, match="has 3 tangents; the trace has 2 inputs"):
        t.table(mode="forward", direction=(1.0, 2.0, 3.0))
    with pytest.raises(BadInput, match="output is 4; the trace has 1 output"):
        t.table(output=4)
    with pytest.raises(BadInput, match="has shape"):
        wg.trace(np.sin)(np.ones(3)).table(mode="forward", direction={"x": np.ones(2)})
    with pytest.raises(BadInput, match="is not floating"):
        wg.trace(lambda x: x > 1)(2.0).table(output=0)


def test_results_that_have_no_derivative():
    table = wg.trace(lambda x: (x * 2, "a", 3))(1.5).table()
    assert [row.formula for row in table.rows if row.kind == "output"] == ["ȳ₁", "", ""]
    assert "from ȳ₁ = 1, computed" in table.legend


def test_a_function_of_nothing():
    assert [row.kind for row in wg.trace(lambda: 3.0)().table().rows] == ["output"]


def test_long_tables_in_a_notebook_are_cut():
    text = wg.trace(logistic)(3.7, 0.3, 300).table()._repr_html_()
    assert "more rows" in text
    assert text.count("<tr>") < 450


def test_rich():
    console = pytest.importorskip("rich.console").Console(width=160, record=True, file=io.StringIO())
    console.print(wg.trace(lecture)(2.0, 3.0).table())
    assert "0.166667" in console.export_text()
