"""wengert.tensor against PyTorch itself, call by call: values, dtypes, first and second derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from tensor_cases import CASES

from wengert import tensor as ours

theirs = pytest.importorskip("torch", reason="torch is not installed: the comparison with it is skipped")


@pytest.fixture(autouse=True)
def double():
    before = theirs.get_default_dtype()
    theirs.set_default_dtype(theirs.float64)
    yield
    theirs.set_default_dtype(before)


FIRST_ONLY = {"cdist"}
"""Calls of which PyTorch has no second derivative."""


def answers(torch, case, first_only):
    """Value, gradients of a weighted sum, and the derivatives of those, as arrays (None where there is none)."""
    f, inputs = case
    xs = [torch.tensor(x, requires_grad=True) for x in inputs]
    y = f(torch, *xs)
    found = [np.asarray(y.numpy(force=True))]
    if not y.requires_grad:
        return found
    weights = torch.tensor(np.cos(np.arange(found[0].size)).reshape(found[0].shape))
    gs = torch.autograd.grad((y * weights).sum(), xs, create_graph=True, allow_unused=True)
    found += [None if g is None else g.numpy(force=True) for g in gs]
    seen = [g for g in gs if g is not None and g.requires_grad]
    if seen and not first_only:
        hs = torch.autograd.grad(sum((g * g).sum() for g in seen), xs, allow_unused=True)
        found += [None if h is None else h.numpy(force=True) for h in hs]
    return found


def zeros_for_none(x):
    return 0.0 if x is None else x


@pytest.mark.parametrize("name", CASES)
def test_as_pytorch(name):
    mine, other = (answers(torch, CASES[name], name in FIRST_ONLY) for torch in (ours, theirs))
    assert mine[0].dtype == other[0].dtype
    assert mine[0].shape == other[0].shape
    rtol = 1e-6 if name == "float" else 1e-8  # PyTorch's cotangent passes through float32
    for k in range(max(len(mine), len(other))):
        a = mine[k] if k < len(mine) else 0.0
        b = other[k] if k < len(other) else 0.0
        np.testing.assert_allclose(zeros_for_none(a), zeros_for_none(b), rtol=rtol, atol=1e-9)
