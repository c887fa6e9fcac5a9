"""Python as mathematics: every printed expression means what the Python means."""

import numpy as np
import pytest

from wengert.show.notation import bar, dot, mathematics, name, number, width

EXPRESSIONS = {
    "a * b": "a·b",
    "a * (b + c)": "a·(b + c)",
    "(a + b) * c": "(a + b)·c",
    "a - (b - c)": "a − (b − c)",
    "a / (b * c)": "a/(b·c)",
    "a / b / c": "a/b/c",
    "1 / a * b": "(1/a)·b",
    "1.0 * a": "a",
    "a * -1.0": "−a",
    "-a * b": "−a·b",
    "a * -b": "a·(−b)",
    "a - -b": "a − (−b)",
    "-(-a)": "−(−a)",
    "-(a + b)": "−(a + b)",
    "a ** 2": "a²",
    "(a * b) ** 2": "(a·b)²",
    "(-a) ** 2": "(−a)²",
    "a ** -1": "a⁻¹",
    "a ** b": "a^b",
    "a ** (b + 1)": "a^(b + 1)",
    "np.power(a, 3)": "a³",
    "np.log(a)": "log a",
    "np.log(a * b)": "log(a·b)",
    "np.log(a) * b": "log a·b",
    "np.sqrt(a + b)": "√(a + b)",
    "np.abs(a - b)": "|a − b|",
    "a @ b.T": "a @ bᵀ",
    "np.swapaxes(a, -1, -2)": "aᵀ",
    "np.transpose(a, (0, 2, 1))": "transpose(a, (0, 2, 1))",
    "a[1:, None]": "a[1:, None]",
    "np.sum(a, axis=0)": "sum(a, axis=0)",
    "(a >= b) & ~c": "(a ≥ b) ∧ ¬c",
    "np.pi * 0.3333333333": "π·0.333333",
    "np.float64(0.5) * a": "0.5·a",
    "np.broadcast_to(np.reshape(a, (1, 1)), (4, 2))": "broadcast(a)",
    "np.reshape(a, (2, 2))": "reshape(a, (2, 2))",
    "a * np.array([1.0, 2.5])": "a·[1, 2.5]",
    "a.copy(order='K')": "a",
    "lambda: a": "lambda: a",
}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_expression(text):
    assert mathematics(text, {}) == EXPRESSIONS[text]


def test_names_are_put_in_with_the_brackets_that_they_need():
    assert mathematics("a * d", {"a": "x₁", "d": "∂y/∂v₁"}) == "x₁·∂y/∂v₁"
    assert mathematics("d / a", {"a": "x₁", "d": "∂y/∂v₁"}) == "(∂y/∂v₁)/x₁"
    assert mathematics("d.T", {"d": "∂y/∂v₁"}) == "(∂y/∂v₁)ᵀ"
    assert mathematics("a * b", {"a": "−2", "b": "−3"}) == "−2·(−3)"
    assert mathematics("np.cos(a)", {"a": "−2"}) == "cos(−2)"
    assert mathematics("a ** 2", {"a": "−2"}) == "(−2)²"
    assert mathematics("-a", {"a": "−2"}) == "−(−2)"


def test_names():
    assert [name("x1"), name("x10"), name("sigma"), name("p['w']")] == ["x₁", "x₁₀", "sigma", "p['w']"]
    assert [dot("x₁"), bar("x₁"), bar("x[0]"), bar("sigma", "y")] == ["ẋ₁", "x̄₁", "x̄[0]", "∂y/∂sigma"]
    assert width("v̄₁") == 2


def test_numbers():
    shown = [number(x) for x in (1 / 3, -2.0, 1e-7, 3, True, np.inf, -0.0, 1 - 2j, np.float32(0.1))]
    assert shown == ["0.333333", "−2", "1e−07", "3", "True", "∞", "0", "1−2i", "0.1"]
