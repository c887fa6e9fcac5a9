"""Optimisers, step by step as PyTorch's, and from their formulas."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

OPTIONS = [
    ("SGD", {"lr": 0.1}),
    ("SGD", {"lr": 0.1, "momentum": 0.9}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.1, "momentum": 0.9, "dampening": 0.5, "maximize": True}),
    ("Adam", {"lr": 0.1}),
    ("Adam", {"lr": 0.1, "weight_decay": 0.1, "betas": (0.8, 0.9)}),
    ("AdamW", {"lr": 0.1}),
]


def steps(torch, name, options):
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    optimizer = getattr(torch.optim, name)([w], **options)
    for _ in range(5):
        optimizer.zero_grad()
        (w**4 + w).sum().backward()
        optimizer.step()
    return w.detach().numpy()


@pytest.mark.parametrize(("name", "options"), OPTIONS)
def test_steps(torch, name, options):
    """The first step from the formula; under PyTorch the same test, so both are held to it."""
    from wengert import tensor as ours

    assert_allclose(steps(torch, name, options), steps(ours, name, options), rtol=1e-10)


def test_first_steps_by_hand(torch):
    g = 4 * np.array([1.0, -2.0]) ** 3 + 1

    def first(name, **options):
        w = torch.tensor([1.0, -2.0], requires_grad=True)
        optimizer = getattr(torch.optim, name)([w], **options)
        (w**4 + w).sum().backward()
        optimizer.step()
        return w.detach().numpy()

    assert_allclose(first("SGD", lr=0.1), np.array([1.0, -2.0]) - 0.1 * g)
    assert_allclose(first("Adam", lr=0.1), np.array([1.0, -2.0]) - 0.1 * np.sign(g), rtol=1e-6)


def test_empty(torch):
    with pytest.raises(ValueError, match="empty parameter list"):
        torch.optim.SGD([], lr=0.1)
