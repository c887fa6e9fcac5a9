"""Graphs are freed when nobody holds them, without the collector; long ones without recursion; threads do not meet."""

from __future__ import annotations

import gc
import sys
import threading
import weakref

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wengert import tensor as torch
from wengert.tensor.graph import Node


@pytest.fixture(autouse=True)
def without_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def nodes():
    """How many nodes are alive."""
    return sum(type(x) is Node for x in gc.get_objects())


def test_a_dropped_graph_is_freed_at_once():
    x = torch.ones(5, requires_grad=True)
    before = nodes()
    y = (torch.exp(x) * x).sum()
    v = x.view(5, 1) @ torch.ones(1, 2)
    v[0] = y
    assert nodes() > before
    del y, v
    assert nodes() == before


def test_backward_leaves_no_cycle():
    x = torch.ones(5, requires_grad=True)
    before = nodes()
    y = (torch.exp(x) * x).sum()
    y.register_hook(lambda g: g)
    y.backward()
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    g.sum().backward()
    del y, g
    assert nodes() == before


def test_saved_arrays_are_freed_by_backward():
    x = torch.ones(5, requires_grad=True)
    e = torch.exp(x)
    array = weakref.ref(e._data)
    y = (e * e).sum()
    del e
    assert array() is not None
    y.backward()
    assert array() is None


def test_tensors_that_no_derivative_needs_are_freed():
    x = torch.ones(1000, requires_grad=True)
    middle = x + 1.0
    array = weakref.ref(middle._data)
    y = middle * 2.0
    del middle
    assert array() is None
    y.sum().backward()


def test_leaves_are_freed():
    x = torch.ones(5, requires_grad=True)
    (x * x).sum().backward()
    leaf = weakref.ref(x)
    del x
    assert leaf() is None


def test_an_error_leaves_nothing_behind():
    x = torch.ones(5, requires_grad=True)
    before = nodes()
    with pytest.raises(RuntimeError):
        (x * 2) @ torch.ones(3)
    with pytest.raises(np.linalg.LinAlgError):
        torch.linalg.inv(x.view(5, 1) @ x.view(1, 5) * 0.0)
    sys.last_value = None
    gc.collect()
    assert nodes() == before


@pytest.mark.parametrize("n", [100_000])
def test_long_chains(n):
    """Built, swept and freed within Python's limit of recursion."""
    x = torch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(n):
        y = y * 1.0
    y.backward()
    assert x.grad.item() == 1.0
    del y
    y = torch.ones(3, requires_grad=True)
    for _ in range(n):
        y = y + 1.0
    before = nodes()
    del y
    assert nodes() == before - n


def test_threads():
    """Gradients of one parameter and of many, at once, in grad mode and out of it."""
    shared = torch.tensor(2.0, requires_grad=True)
    found: dict[int, float] = {}

    def work(k):
        total = 0.0
        for i in range(200):
            x = torch.tensor([1.0 + k, 2.0], requires_grad=True)
            with torch.no_grad():
                assert not (x * shared).requires_grad
            y = (x * x).sum() * shared
            (g,) = torch.autograd.grad(y, x, create_graph=True)
            g.sum().backward()
            total += x.grad.sum().item()
            assert torch.is_grad_enabled(), i
        found[k] = total

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_allclose([found[k] for k in range(4)], 200 * 8.0)
