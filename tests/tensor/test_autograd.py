"""Leaves, accumulation, graphs, higher orders, hooks: what `.backward()` promises, here as in PyTorch."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose


def values(t):
    return np.asarray(t.detach().numpy())


def test_the_program_of_the_lecture(torch, capsys):
    x = torch.tensor([2.0, 3.0], requires_grad=True)

    def f(x):
        v = x[0] * x[1]
        if v > 0:
            return torch.log(v)
        else:
            return torch.sin(v)

    y = f(x)
    y.backward()
    print(y)
    print(x.grad)
    assert capsys.readouterr().out.replace("Backward0", "Backward") == (
        "tensor(1.7918, grad_fn=<LogBackward>)\ntensor([0.5000, 0.3333])\n"
    )
    x = torch.tensor([-2.0, 3.0], requires_grad=True)
    f(x).backward()
    assert_allclose(values(x.grad), [3 * math.cos(-6), -2 * math.cos(-6)])


def test_gradients_accumulate(torch):
    x = torch.tensor(3.0, requires_grad=True)
    for k in range(1, 4):
        (x * x).backward()
        assert x.grad.item() == 6.0 * k
    held = x.grad
    (x * 2).backward()
    assert held.item() == 20.0
    assert held is x.grad
    x.grad = None
    (x * 2).backward()
    assert x.grad.item() == 2.0
    x.grad.zero_()
    assert x.grad.item() == 0.0


def test_an_argument_used_twice(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x + x + x * x).sum().backward()
    assert_allclose(values(x.grad), [4.0, 6.0])


def test_gradients_are_separate_memory(torch):
    a = torch.tensor([1.0, 2.0], requires_grad=True)
    b = torch.tensor([1.0, 2.0], requires_grad=True)
    v = torch.tensor([1.0, 1.0])
    (a + b).backward(v)
    a.grad.mul_(5.0)
    assert_allclose(values(b.grad), [1.0, 1.0])
    assert_allclose(values(v), [1.0, 1.0])


def test_leaves(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    constant = torch.tensor([1.0])
    assert (x.is_leaf, x.requires_grad, x.grad_fn) == (True, True, None)
    assert (y.is_leaf, y.requires_grad) == (False, True)
    assert (constant.is_leaf, constant.requires_grad) == (True, False)
    assert (constant * 2).is_leaf
    y.sum().backward()
    assert x.grad is not None
    assert constant.grad is None


def test_grad_fn(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = torch.exp(x) * 3
    assert y.grad_fn.name().startswith("MulBackward")
    before = y.grad_fn.next_functions[0][0]
    assert before.name().startswith("ExpBackward")
    end = before.next_functions[0][0]
    assert "AccumulateGrad" in repr(end)
    assert end.variable is x
    assert y.grad_fn.next_functions[1] == (None, 0)
    assert y.grad_fn == y.grad_fn


def test_vectors_need_a_gradient(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(RuntimeError, match="grad can be implicitly created only for scalar outputs"):
        (x * 2).backward()
    (x**2).backward(torch.tensor([1.0, 10.0]))
    assert_allclose(values(x.grad), [2.0, 40.0])
    x.grad = None
    (x**2).backward(gradient=torch.ones(2))
    assert_allclose(values(x.grad), [2.0, 4.0])
    with pytest.raises(RuntimeError, match=r"Mismatch in shape: grad_output\[0\] has a shape of torch.Size\(\[3\]\)"):
        (x * 2).backward(torch.ones(3))
    (x.sum().reshape(1) * 3).backward()
    assert_allclose(values(x.grad), [5.0, 7.0])


def test_second_time(torch):
    x = torch.tensor(2.0, requires_grad=True)
    y = x * x
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12.0
    z = torch.tensor([1.0, 2.0], requires_grad=True)
    s = z.sum()
    s.backward()
    s.backward()
    assert_allclose(values(z.grad), [2.0, 2.0])


def test_shared_part_is_freed(torch):
    x = torch.tensor(2.0, requires_grad=True)
    h = torch.exp(x)
    a, b = h * 2, h * 3
    a.backward()
    with pytest.raises(RuntimeError, match="second time"):
        b.backward()


def test_nothing_to_differentiate(torch):
    message = "element 0 of tensors does not require grad and does not have a grad_fn"
    with pytest.raises(RuntimeError, match=message):
        torch.tensor(2.0).backward()
    x = torch.tensor(2.0, requires_grad=True)
    with pytest.raises(RuntimeError, match=message):
        x.detach().backward()


def test_only_floating(torch):
    message = "nly Tensors of floating point and complex dtype can require gradients"
    for make in (
        lambda: torch.tensor([1, 2], requires_grad=True),
        lambda: torch.tensor([True], requires_grad=True),
        lambda: torch.zeros(3, dtype=torch.int64, requires_grad=True),
    ):
        with pytest.raises(RuntimeError, match=message):
            make()
    with pytest.raises(RuntimeError, match="nly Tensors of floating point"):
        torch.tensor([1, 2]).requires_grad_()


def test_requires_grad_of_a_result(torch):
    x = torch.tensor(2.0, requires_grad=True)
    with pytest.raises(RuntimeError, match="you can only change requires_grad flags of leaf variables"):
        (x * 2).requires_grad = False
    y = torch.tensor(1.0)
    y.requires_grad = True
    assert (y * 2).requires_grad
    y.requires_grad_(False)
    assert not (y * 2).requires_grad


def test_detach(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * x.detach()
    y.sum().backward()
    assert_allclose(values(x.grad), [1.0, 2.0])
    d = x.detach()
    assert not d.requires_grad
    with torch.no_grad():
        d[0] = 7.0
    assert_allclose(values(x), [7.0, 2.0])
    e = (x * 3).detach_()
    assert e.is_leaf
    assert not e.requires_grad


def test_no_grad(torch):
    x = torch.tensor(2.0, requires_grad=True)
    with torch.no_grad():
        y = x * 2
        assert not torch.is_grad_enabled()
        with torch.enable_grad():
            z = x * 3
    assert not y.requires_grad
    assert z.requires_grad

    @torch.no_grad()
    def f(x):
        return x * 2

    assert not f(x).requires_grad
    assert torch.is_grad_enabled()
    with torch.set_grad_enabled(False):
        assert not (x * 2).requires_grad
    with pytest.raises(ZeroDivisionError), torch.no_grad():
        raise ZeroDivisionError
    assert (x * 2).requires_grad


def test_step_of_gradient_descent(torch):
    w = torch.tensor([1.0, -2.0], requires_grad=True)
    before = w
    for _ in range(50):
        loss = ((w - torch.tensor([3.0, 0.5])) ** 2).sum()
        loss.backward()
        with torch.no_grad():
            w -= 0.25 * w.grad
        w.grad = None
    assert before is w
    assert w.is_leaf
    assert_allclose(values(w), [3.0, 0.5], atol=1e-12)


def test_data_writes(torch):
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    w.data -= 0.5 * w.grad
    assert_allclose(values(w), [0.0, 0.0])
    w.data = torch.tensor([5.0, 6.0])
    assert_allclose(values(w), [5.0, 6.0])
    assert w.requires_grad


def test_grad_operator(torch):
    x = torch.tensor(3.0, requires_grad=True)
    y = torch.tensor(2.0, requires_grad=True)
    gx, gy = torch.autograd.grad(x * x * y, (x, y))
    assert (gx.item(), gy.item()) == (12.0, 9.0)
    assert x.grad is None
    with pytest.raises(RuntimeError, match="appears to not have been used in the graph"):
        torch.autograd.grad(x * 2, (x, y))
    g = torch.autograd.grad(x * 2, (x, y), allow_unused=True)
    assert g[1] is None
    middle = x * x
    (g,) = torch.autograd.grad(middle**2, middle)
    assert g.item() == 18.0
    (g,) = torch.autograd.grad(x, x)
    assert g.item() == 1.0


def test_orders(torch):
    x = torch.tensor(1.5, requires_grad=True)
    y = torch.sin(x) * torch.exp(x)
    found = []
    for _ in range(4):
        (y,) = torch.autograd.grad(y, x, create_graph=True)
        found.append(y.item())
    s, c, e = math.sin(1.5), math.cos(1.5), math.exp(1.5)
    assert_allclose(found, [e * (s + c), 2 * e * c, 2 * e * (c - s), -4 * e * s])


@pytest.mark.filterwarnings("ignore:Using backward")
def test_create_graph_through_backward(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    (x**3).sum().backward(create_graph=True)
    g = x.grad
    assert g.requires_grad
    x.grad = None
    g.sum().backward()
    assert_allclose(values(x.grad), [6.0, 12.0])


def test_derivative_of_the_cotangent(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    v = torch.tensor([3.0, 4.0], requires_grad=True)
    (g,) = torch.autograd.grad(x**2, x, v, create_graph=True)
    g.sum().backward()
    assert_allclose(values(v.grad), [2.0, 4.0])
    assert_allclose(values(x.grad), [6.0, 8.0])


def test_second_order_with_respect_to_a_result(torch):
    x = torch.tensor(2.0, requires_grad=True)
    h = x * x
    y = h**3
    (g,) = torch.autograd.grad(y, h, create_graph=True)
    (gg,) = torch.autograd.grad(g, h, retain_graph=True)
    assert (g.item(), gg.item()) == (48.0, 24.0)
    (gx,) = torch.autograd.grad(g, x)
    assert gx.item() == 24.0 * 4.0


def test_penalty_on_the_gradient(torch):
    w = torch.tensor([0.5, -1.0], requires_grad=True)
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    out = torch.tanh((w * x).sum())
    (g,) = torch.autograd.grad(out, x, create_graph=True)
    (g**2).sum().backward()
    t = math.tanh(0.5 - 2.0)
    d = 1 - t * t
    n = 0.5**2 + 1.0
    expected = [2 * d * d * a + 2 * n * d * (-2 * t * d) * b for a, b in zip([0.5, -1.0], [1.0, 2.0], strict=True)]
    assert_allclose(values(w.grad), expected)


def test_hooks(torch):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    seen = []
    handle = y.register_hook(lambda g: seen.append(g.clone()) or g * 10)
    y.sum().backward()
    assert_allclose(values(seen[0]), [1.0, 1.0])
    assert_allclose(values(x.grad), [20.0, 20.0])
    handle.remove()
    x.grad = None
    (x * 2).sum().backward()
    assert len(seen) == 1
    leaf = x.register_hook(lambda g: -g)
    x.grad = None
    (x * 2 + x).sum().backward()
    assert_allclose(values(x.grad), [-3.0, -3.0])
    leaf.remove()
    with pytest.raises(RuntimeError, match="cannot register a hook on a tensor that doesn't require grad"):
        torch.tensor(1.0).register_hook(print)


def test_a_hook_sees_the_whole_gradient_once(torch):
    x = torch.tensor(2.0, requires_grad=True)
    h = x * x
    seen = []
    h.register_hook(lambda g: seen.append(g.item()))
    (h * 2 + h * 3 + torch.log(h)).backward()
    assert_allclose(seen, [5.25])


def test_retain_grad(torch):
    x = torch.tensor(2.0, requires_grad=True)
    h = x * x
    h.retain_grad()
    assert h.retains_grad
    (h * 3).backward()
    assert h.grad.item() == 3.0
    assert x.grad.item() == 12.0
    with pytest.raises(RuntimeError, match="can't retain_grad on Tensor that has requires_grad=False"):
        torch.tensor(2.0).retain_grad()


def test_inputs(torch):
    x = torch.tensor(2.0, requires_grad=True)
    y = torch.tensor(3.0, requires_grad=True)
    h = x * y
    (h * h).backward(inputs=[x])
    assert x.grad.item() == 36.0
    assert y.grad is None


def test_several_outputs(torch):
    x = torch.tensor(2.0, requires_grad=True)
    torch.autograd.backward([x * x, x**3])
    assert x.grad.item() == 16.0


def test_functional(torch):
    F = torch.autograd.functional
    x = torch.tensor([1.0, 2.0, 3.0])
    assert_allclose(values(F.jacobian(lambda x: x**2, x)), np.diag([2.0, 4.0, 6.0]))
    assert_allclose(values(F.hessian(lambda x: (x**3).sum(), x)), np.diag([6.0, 12.0, 18.0]))
    a, b = torch.tensor(2.0), torch.tensor(3.0)
    (haa, hab), (hba, hbb) = F.hessian(lambda a, b: a * a * b, (a, b))
    assert [h.item() for h in (haa, hab, hba, hbb)] == [6.0, 4.0, 4.0, 0.0]
    ja, jb = F.jacobian(lambda a, b: torch.stack([a * b, a]), (a, b))
    assert_allclose(values(ja), [3.0, 1.0])
    assert_allclose(values(jb), [2.0, 0.0])
    y, g = F.vjp(lambda x: x**2, x, torch.ones(3))
    assert_allclose(values(g), [2.0, 4.0, 6.0])
    y, d = F.jvp(lambda x: x**2, x, torch.tensor([1.0, 0.0, 2.0]))
    assert_allclose(values(y), [1.0, 4.0, 9.0])
    assert_allclose(values(d), [2.0, 0.0, 12.0])
    _, h = F.hvp(lambda x: (x**3).sum(), x, torch.ones(3))
    assert_allclose(values(h), [6.0, 12.0, 18.0])
    assert x.grad is None


def test_complex(torch):
    z = torch.tensor(1.0 + 2.0j, requires_grad=True)
    (z.abs() ** 2).backward()
    assert_allclose(values(z.grad), 2 + 4j)
    z.grad = None
    (z * z).real.backward()
    assert_allclose(values(z.grad), 2 - 4j)
    x = torch.tensor(0.5, requires_grad=True)
    torch.exp(1j * x).real.backward()
    assert_allclose(values(x.grad), -math.sin(0.5))


def test_two_results_of_one_operation(torch):
    x = torch.tensor([[2.0, 0.5], [0.5, 1.0]], requires_grad=True)
    w, v = torch.linalg.eigh(x)
    (w[1] + v[0, 0] ** 2).backward()
    assert x.grad.shape == (2, 2)
    assert_allclose(values(x.grad), values(x.grad).T)
    with pytest.raises(RuntimeError, match="second time"):
        w.sum().backward()
