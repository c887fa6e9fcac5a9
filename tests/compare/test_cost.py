"""What Jacobians cost: counted in sweeps exactly, and measured without asking how long it took."""

import numpy as np
import pytest

import wengert as wg
from wengert.compare import affine_sine, cost


def test_the_grid():
    grid = cost(ns=[1, 4], ms=[1, 3, 4], seconds=0.0)
    assert [(c.n, c.m) for c in grid.cells] == [(1, 1), (1, 3), (1, 4), (4, 1), (4, 3), (4, 4)]
    assert [c.auto for c in grid.cells] == ["forward"] * 3 + ["reverse", "reverse", "forward"]
    assert all(c.f > 0 and c.forward > 0 and c.reverse > 0 for c in grid.cells)
    for c in grid.cells:
        assert c.loss >= 1.0
        assert c.chose_the_faster == (c.loss == 1.0)
    assert grid.worst_loss == max(c.loss for c in grid.cells)
    assert len(str(grid).splitlines()) == 8


def test_the_family():
    for n, m in [(1, 1), (3, 5), (7, 2)]:
        f, x = affine_sine(n, m, work=60)
        assert (x.shape, f(x).shape) == ((n,), (m,))
        assert wg.check_grad(f, x) < 1e-7
        J = wg.jacobian(f, mode="forward")(x)
        np.testing.assert_allclose(J, wg.jacobian(f, mode="reverse")(x), rtol=1e-12)


def test_reverse_sweeps_grow_with_m_alone():
    """Calls of the pullback of one primitive, which each reverse sweep makes once."""
    for n, m in [(2, 5), (9, 5), (9, 1)]:
        calls = []
        double = wg.rule(lambda x: 2 * x).forward(lambda y, x, x_dot: 2 * x_dot)
        double = double.pullback(lambda c, y, x, calls=calls: calls.append(1) or 2 * c)
        wg.jacobian(lambda x, m=m, double=double: np.sum(double(x)) * np.ones(m), mode="reverse")(np.ones(n))
        assert len(calls) == m


def test_another_family():
    grid = cost(lambda n, m: (lambda x: np.outer(np.ones(m), x).sum(1), np.ones(n)), ns=[2], ms=[2], seconds=0.0)
    assert grid.cells[0].auto == "forward"


def test_plot(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    figure = cost(lambda n, m: affine_sine(n, m, 50), ns=[1, 3], ms=[1, 3], seconds=0.0).plot()
    assert len(figure.axes) == 3
    assert [line.get_label() for line in figure.axes[0].lines] == ["m = 1", "m = 3", "∝ n"]
    figure.savefig(tmp_path / "cost.png")
