"""Random programs of views, writes and products: the same text on tensors and, under wengert.grad, on arrays.

No single elements are kept: to NumPy they are numbers, to PyTorch views.
"""

from __future__ import annotations

import random

import numpy as np
import pytest
from numpy.testing import assert_allclose

import wengert as wg
from wengert import tensor as torch

VIEWS = (
    "{a}[{i}]",
    "{a}[:, {i}]",
    "{a}.T",
    "{a}[{i}:]",
    "{a}[::-1]",
    "{a}.reshape(-1)",
    "{a}[:, None]",
)
NEW = (
    "xp.sin({a})", "{a} * {b}", "{a} + 2 * {b}", "xp.exp(-{a} * {a})", "{a} * s", "({a} - {b}) / 3", "{a}.sum() * {b}",
    "xp.where({b} > 0, {a}, {b} * {b})", "{a} @ {b}", "{a} * {b}.sum(0)",
)  # fmt: skip
WRITES = (
    "{a}[{i}] = {b}[{j}] * s", "{a}[:, {i}] = {b}[{j}] * 1", "{a} += {b} * 0.5", "{a} *= s", "{a}[{i}, {j}] = {b}.sum()",
    "{a}[{i}] *= {b}[{j}, {i}]", "{a}[{b} > 0.3] = 0.5", "{v} *= 1.5", "{v} += s", "{a}[...] = {b} * {b}", "{a} -= {a} * 0.25",
)  # fmt: skip


def program(seed: int, n: int = 14) -> str:
    """The text of f(xp, zeros, x, s): everything it makes is summed at the end."""
    draw = random.Random(seed)
    lines, arrays, views = ["a0 = x * 1", "a1 = zeros(3, 3)", "v0 = a0[1]"], ["a0", "a1"], ["v0"]
    for k in range(n):
        names = {"a": draw.choice(arrays), "b": draw.choice(arrays), "v": draw.choice(views)}
        names |= {"i": draw.randrange(3), "j": draw.randrange(3)}
        kind = draw.choice(("view", "new", "write", "write"))
        if kind == "view":
            lines.append(f"w{k} = " + draw.choice(VIEWS).format(**names))
            views.append(f"w{k}")
        elif kind == "new":
            lines.append(f"b{k} = " + draw.choice(NEW).format(**names))
            arrays.append(f"b{k}")
        else:
            lines.append(draw.choice(WRITES).format(**names))
    total = " + ".join(f"xp.sin({name}).sum()" for name in arrays + views)
    return "def f(xp, zeros, x, s):\n    " + "\n    ".join([*lines, f"return {total}"]) + "\n"


def function(seed: int):
    namespace: dict = {}
    exec(program(seed), namespace)
    return namespace["f"]


def on_arrays(f):
    return lambda x, s: f(np, lambda *shape: np.zeros(shape), x, s)


@pytest.mark.parametrize("seed", range(120))
def test_program(seed):
    f = function(seed)
    x, s = np.random.default_rng(seed).normal(size=(3, 3)), 0.7
    t, u = torch.tensor(x, requires_grad=True), torch.tensor(s, requires_grad=True)
    y = f(torch, torch.zeros, t, u)
    g = on_arrays(f)
    value, (gx, gs) = wg.value_and_grad(g, argnums=(0, 1))(x, s)
    assert_allclose(y.item(), value, rtol=1e-12)
    ours = torch.autograd.grad(y, (t, u), create_graph=True, materialize_grads=True)
    assert_allclose(ours[0].detach().numpy(), gx, rtol=1e-9, atol=1e-11)
    assert_allclose(ours[1].detach().numpy(), gs, rtol=1e-9, atol=1e-11)
    v = np.cos(np.arange(9.0)).reshape(3, 3)
    dot = (ours[0] * torch.tensor(v)).sum() + ours[1]
    if dot.requires_grad:
        second = torch.autograd.grad(dot, (t, u), materialize_grads=True)
        hx, hs = wg.hvp(g, (x, s), (v, 1.0))
        assert_allclose(second[0].numpy(), hx, rtol=1e-8, atol=1e-9)
        assert_allclose(second[1].numpy(), hs, rtol=1e-8, atol=1e-9)
