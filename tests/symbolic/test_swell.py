"""Expression swell of the logistic map, and lines that share what is common."""

from itertools import pairwise

import numpy as np
import pytest

import wengert as wg

sp = pytest.importorskip("sympy", reason="SymPy is not installed")

from wengert.symbolic import distinct_lines, logistic, logistic_formula, swell  # noqa: E402

x = sp.Symbol("x", real=True)
P3, P4 = 1 - 2 * x, 1 - 8 * x + 8 * x**2
LECTURE = {
    1: (x, 1),
    2: (4 * x * (1 - x), 4 * (1 - x) - sp.Mul(4, x)),
    3: (16 * x * (1 - x) * P3**2, 16 * (1 - x) * P3**2 - 16 * x * P3**2 - 64 * x * (1 - x) * P3),
    4: (
        64 * x * (1 - x) * P3**2 * P4**2,
        128 * x * (1 - x) * (-8 + 16 * x) * P3**2 * P4
        + 64 * (1 - x) * P3**2 * P4**2
        - 64 * x * P3**2 * P4**2
        - 256 * x * (1 - x) * P3 * P4**2,
    ),
}


@pytest.fixture(scope="module")
def table():
    return swell(ns=range(1, 7))


def test_the_lectures_expressions(table):
    """lₙ as it stands in the lecture, its derivative with as many terms."""
    for growth in table.rows[:4]:
        value, slope = LECTURE[growth.n]
        assert growth.value == value
        assert sp.expand(growth.produced - slope) == 0
        assert growth.produced_size.terms == growth.n
        assert growth.simplified == sp.expand(slope)


def test_growth(table):
    """Terms double with n, lines do not."""
    for growth in table.rows[1:]:
        assert growth.simplified_size.terms == 2 ** (growth.n - 1)
        assert growth.lines == growth.distinct == 3 * (growth.n - 1)
        assert growth.derivative_distinct <= growth.derivative_lines <= 8 * growth.n
    operations = [growth.produced_size.operations for growth in table.rows]
    assert all(later > 2 * earlier for earlier, later in pairwise(operations[1:]))


def test_the_formula_as_it_reads():
    """Without sharing a trace is as long as the expression; with it, as the loop."""
    formula, loop = swell(logistic_formula, ns=[5]).rows[0], swell(logistic, ns=[5]).rows[0]
    assert formula.lines == 45
    assert formula.distinct == loop.distinct == 12
    assert formula.derivative_lines > 3 * formula.derivative_distinct
    assert formula.derivative_distinct == loop.derivative_distinct
    assert formula.value == loop.value


def test_text(table):
    assert str(table).splitlines()[5].startswith("| 4 | 4 | ")
    assert table.formulas().splitlines()[3] == "| 2 | 4*x*(1 - x) | 4*(1 - x) - 4*x | 4 - 8*x |"
    assert "characters)" in table.formulas(60)


def test_other_functions():
    rows = swell(lambda n, x: np.sin(x) ** n, ns=[1, 2], x=0.3).rows
    assert rows[0].produced == sp.cos(x)
    assert sp.simplify(rows[1].simplified - sp.sin(2 * x)) == 0


def test_plot(table, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    ax = table.plot()
    assert [len(line.get_xdata()) for line in ax.lines] == [5, 6, 5, 5]
    ax.figure.savefig(tmp_path / "swell.png")


# ── sharing ──


def lines(f, *args):
    t = wg.trace(f)(*args)
    return len(t), distinct_lines(t)


def test_the_same_operation_is_counted_once():
    assert lines(lambda x: np.sin(x) + np.sin(x) * np.sin(x), 0.5) == (5, 3)
    assert lines(lambda x: x * 2 + x * 2.0, 0.5) == (3, 3)
    assert lines(lambda x: np.sum(x, axis=0) @ np.sum(x, axis=1), np.ones((2, 2))) == (3, 3)
    assert lines(lambda x: x[1:] + x[1:] - x[:-1], np.ones(3)) == (5, 4)
    assert lines(lambda x: x + np.array([1.0, 2.0]) + np.array([1.0, 2.0]), np.ones(2)) == (2, 2)


def test_writes_are_kept_apart():
    def twice(x):
        y = x.copy()
        a = np.sum(y)
        y[0] = 3.0
        b = np.sum(y)
        return a + b

    def two_copies(x):
        y, z = x.copy(), x.copy()
        y[0] = 1.0
        return np.sum(y) + np.sum(z)

    assert lines(twice, np.ones(2)) == (5, 5)
    total, distinct = lines(two_copies, np.ones(2))
    assert total - distinct == 0
