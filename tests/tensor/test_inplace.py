"""Writing in place: leaves are protected, views and their owners agree, derivatives follow."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from wengert import tensor as ours


def values(t):
    return np.array(t.detach().numpy())


def test_leaves_are_protected(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    message = "leaf Variable that requires grad is being used in an in-place operation"
    for write in (
        lambda: x.add_(1.0),
        lambda: x.__setitem__(0, 1.0),
        lambda: x.zero_(),
        lambda: x[0].mul_(2.0),
        lambda: x.view(2, 1).fill_(0.0),
        lambda: x.__iadd__(1.0),
    ):
        with pytest.raises(RuntimeError, match=message):
            write()
    assert_allclose(values(x), [1.0, 2.0])
    with torch.no_grad():
        x.add_(1.0)
        x[0] = 9.0
    assert_allclose(values(x), [9.0, 3.0])


def test_views_share_memory(torch):
    x = torch.zeros(2, 3)
    views = [x[0], x.t(), x.view(-1), x[:, 1:], x.unsqueeze(0), x.flatten(), x.detach(), x.data, x.transpose(0, 1)[1]]
    x[0, 1] = 5.0
    assert [v.sum().item() for v in views] == [5.0] * 9
    views[2].add_(1.0)
    assert x.sum().item() == 11.0
    assert views[0].sum().item() == 8.0
    views[6][1, 1] = 7.0
    assert x[1, 1].item() == 7.0
    assert views[8][1].item() == 7.0
    single = torch.tensor(1.0)
    one = single.view(1)
    one.mul_(3.0)
    assert single.item() == 3.0
    single.add_(1.0)
    assert one[0].item() == 4.0


def test_elements_are_views(torch):
    x = torch.zeros(3)
    e = x[1]
    e += 2.0
    assert_allclose(values(x), [0.0, 2.0, 0.0])
    x[1] = 7.0
    assert e.item() == 7.0
    for row in x.view(3, 1):
        row.mul_(2.0)
    assert_allclose(values(x), [0.0, 14.0, 0.0])


def test_a_plain_tensor_becomes_part_of_the_graph(torch):
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = torch.zeros(3)
    v = y[1:]
    assert y.is_leaf
    y[1] = a[0] * a[1]
    assert not y.is_leaf
    assert v.requires_grad
    v.sum().backward()
    assert_allclose(values(a.grad), [2.0, 1.0, 0.0])


def test_overwritten_values_lose_their_derivative(torch):
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    y = a * 3
    y[0] = 10.0
    y.sum().backward()
    assert_allclose(values(a.grad), [0.0, 3.0])


def test_writes_through_views_of_results(torch):
    a = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    y = a * 2
    m = y.view(2, 2)
    m[0] *= a[2]
    y[3] = m[0, 1]
    (y * torch.tensor([1.0, 10.0, 100.0, 1000.0])).sum().backward()
    # y = (2a₀a₂, 2a₁a₂, 2a₂, 2a₁a₂)
    assert_allclose(values(a.grad), [2 * 3, 2 * 3 * 1010, 2 * 1 + 2 * 2 * 1010 + 200, 0.0])


def test_swap_of_rows(torch):
    a = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = a * 1
    y[0], y[1] = y[1].clone(), y[0].clone()
    (y[0] * torch.tensor([1.0, 2.0])).sum().backward()
    assert_allclose(values(a.grad), [[0.0, 0.0], [1.0, 2.0]])


def test_errors(torch):
    x = torch.zeros(2)
    with pytest.raises(RuntimeError, match="doesn't match the broadcast shape"):
        x.add_(torch.ones(3, 2))
    n = torch.zeros(2, dtype=torch.int64)
    with pytest.raises(RuntimeError, match="can't be cast to the desired output type"):
        n.add_(1.5)
    with pytest.raises(RuntimeError, match=r"shape mismatch|must match"):
        x[:] = torch.ones(3)
    with pytest.raises(RuntimeError, match="Can't detach views in-place"):
        (torch.ones(2, requires_grad=True) * 1)[0].detach_()


def test_numpy_shares_memory(torch):
    x = torch.tensor([1.0, 2.0])
    a = x.numpy()
    a[0] = 5.0
    assert x[0].item() == 5.0
    x[1] = 7.0
    assert a[1] == 7.0
    x.add_(1.0)
    assert_allclose(a, [6.0, 8.0])
    b = np.array([1.0, 2.0])
    y = torch.from_numpy(b)
    y.mul_(2.0)
    assert_allclose(b, [2.0, 4.0])
    b[0] = -1.0
    assert y[0].item() == -1.0
    t = torch.tensor(b)
    b[0] = 3.0
    assert t[0].item() == -1.0
    w = torch.tensor([1.0], requires_grad=True)
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad"):
        w.numpy()
    with pytest.raises(RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad"):
        np.asarray(w)


# ── where PyTorch refuses, wengert copies and is right ──


def test_values_that_derivatives_need_are_safe():
    """PyTorch: "one of the variables needed for gradient computation has been modified by an inplace operation"."""
    a = ours.tensor([1.0, 2.0], requires_grad=True)
    y = a * 2
    z = (y * y).sum()
    y.add_(1.0)
    z.backward()
    assert_allclose(values(a.grad), [8.0, 16.0])
    a.grad = None
    e = ours.exp(a)
    s = e.sum()
    e[0] = 0.0
    (s + e.sum()).backward()
    assert_allclose(values(a.grad), [np.e, 2 * np.e**2])


def test_constants_that_derivatives_need_are_safe():
    a = ours.tensor([1.0, 2.0], requires_grad=True)
    c = ours.tensor([3.0, 4.0])
    y = (a * c).sum()
    c.zero_()
    y.backward()
    assert_allclose(values(a.grad), [3.0, 4.0])
    memory = np.array([3.0, 4.0])
    c = ours.from_numpy(memory)
    a.grad = None
    y, z = (a * c).sum(), (a @ c)
    memory[:] = 0.0
    (y + z).backward()
    assert_allclose(values(a.grad), [6.0, 8.0])
    c = ours.tensor([3.0, 4.0])
    a.grad = None
    y = (a * c).sum()
    c.numpy()[:] = 0.0
    y.backward()
    assert_allclose(values(a.grad), [3.0, 4.0])
    assert_allclose(values(c), [0.0, 0.0])


def test_parameters_changed_between_forward_and_backward():
    w = ours.tensor([1.0, 2.0], requires_grad=True)
    y = (w**3).sum()
    with ours.no_grad():
        w -= 1.0
    y.backward()
    assert_allclose(values(w.grad), [3.0, 12.0])
    y = (w**3).sum()
    w.data.mul_(0.0)
    w.grad = None
    y.backward()
    assert_allclose(values(w.grad), [0.0, 3.0])


def test_second_order_through_writes():
    def f(a):
        y = ours.zeros(3)
        y[0] = a[0] * a[1]
        y[1:] = a * y[0]
        y.mul_(y)
        y[2] += y[0]
        return (y**2).sum()

    def g(a):
        p = (a[0] * a[1]) ** 2
        return p**2 + (a[0] ** 2 * p) ** 2 + (a[1] ** 2 * p + p) ** 2

    x = ours.tensor([0.7, 1.3])
    assert_allclose(values(ours.autograd.functional.jacobian(f, x)), values(ours.autograd.functional.jacobian(g, x)))
    assert_allclose(values(ours.autograd.functional.hessian(f, x)), values(ours.autograd.functional.hessian(g, x)))


def test_a_loop_of_writes_is_linear():
    """1e4 writes of one element each into a tensor of 1e4: the reverse sweep costs the writes, not their product."""
    n = 10_000
    a = ours.ones(n, requires_grad=True)
    y = ours.zeros(n)
    for k in range(n):
        y[k] = a[k] * 2.0
    y.sum().backward()
    assert_allclose(values(a.grad), 2.0)
