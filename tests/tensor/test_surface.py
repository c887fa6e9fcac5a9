"""Printing, conversions, errors, NumPy's functions on tensors, and where the other operators of wengert are met."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from numpy.testing import assert_allclose

import wengert as wg
from wengert import tensor as torch

# ── printing: PyTorch's text, its dtype and the 0 behind grad_fn aside ──

PRINTED = [
    (lambda: torch.tensor([1.0, 2.0]), "tensor([1., 2.])"),
    (lambda: torch.tensor([1.5, 1000.0]), "tensor([   1.5000, 1000.0000])"),
    (lambda: torch.tensor([1.0, 2000.0]), "tensor([1.0000e+00, 2.0000e+03])"),
    (lambda: torch.tensor([0.00001, 1.0]), "tensor([1.0000e-05, 1.0000e+00])"),
    (lambda: torch.tensor([[1, 2], [3, 44]]), "tensor([[ 1,  2],\n        [ 3, 44]])"),
    (lambda: torch.tensor(2.0), "tensor(2.)"),
    (lambda: torch.tensor([True, False]), "tensor([ True, False])"),
    (lambda: torch.tensor([]), "tensor([])"),
    (lambda: torch.zeros(0, 3), "tensor([], size=(0, 3))"),
    (lambda: torch.tensor([float("nan"), 1.0]), "tensor([nan, 1.])"),
    (lambda: torch.tensor([float("inf"), 1.5]), "tensor([   inf, 1.5000])"),
    (lambda: torch.tensor([-1.5, 2.0], dtype=torch.float32), "tensor([-1.5000,  2.0000], dtype=float32)"),
    (lambda: torch.tensor([1 + 2j, 3.5 - 1j]), "tensor([1.0000+2.j, 3.5000-1.j])"),
    (lambda: torch.zeros(2, 1, 2), "tensor([[[0., 0.]],\n\n        [[0., 0.]]])"),
    (lambda: torch.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
    (lambda: torch.ones(2, requires_grad=True), "tensor([1., 1.], requires_grad=True)"),
    (lambda: torch.ones(2, requires_grad=True) * 2, "tensor([2., 2.], grad_fn=<MulBackward>)"),
    (lambda: torch.nn.Parameter(torch.ones(1)), "Parameter containing:\ntensor([1.], requires_grad=True)"),
    (lambda: torch.ones(2, 3).shape, "torch.Size([2, 3])"),
    (
        lambda: torch.full((2, 15), 1 / 3, requires_grad=True) + 0,
        "tensor([[" + "0.3333, " * 8 + "0.3333,\n         " + "0.3333, " * 5 + "0.3333],\n        ["
        + "0.3333, " * 8 + "0.3333,\n         " + "0.3333, " * 5 + "0.3333]],\n       grad_fn=<AddBackward>)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("make", "said"), PRINTED, ids=range(len(PRINTED)))
def test_prints(make, said):
    assert repr(make()) == said


def test_format():
    x = torch.tensor(1.23456, requires_grad=True)
    assert f"{x:.3f}" == "1.235"
    assert f"{x.detach()}" == "tensor(1.2346)"


# ── conversions ──


def test_numbers():
    x = torch.tensor(2.5, requires_grad=True)
    assert (float(x), int(x), x.item(), bool(x), x.tolist()) == (2.5, 2, 2.5, True, 2.5)
    assert [10, 20, 30][torch.tensor(1)] == 20
    assert len(torch.zeros(3, 2)) == 3
    assert 1.0 in torch.tensor([1.0, 2.0])
    assert torch.tensor([[1, 2]]).tolist() == [[1, 2]]


def test_default_dtype():
    assert torch.tensor(1.0).dtype == torch.float64
    assert torch.tensor([1, 2]).dtype == torch.int64
    torch.set_default_dtype(torch.float32)
    try:
        assert torch.tensor([1.0]).dtype == torch.zeros(1).dtype == torch.rand(1).dtype == torch.float32
        assert (torch.tensor([1, 2]) / 2).dtype == torch.sin(torch.tensor([1])).dtype == torch.float32
        assert (torch.tensor([1, 2]) * 0.5).dtype == torch.float32
        assert repr(torch.tensor([1.0])) == "tensor([1.])"
        assert torch.tensor(np.ones(2)).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float64)
    with pytest.raises(TypeError, match="only floating-point types are supported as the default type"):
        torch.set_default_dtype(torch.int64)


PROMOTIONS = [
    (torch.float32, torch.float64, torch.float64),
    (torch.int64, torch.float32, torch.float32),
    (torch.bool, torch.int32, torch.int32),
    (torch.int32, torch.int64, torch.int64),
    (torch.float32, torch.complex64, torch.complex64),
]


@pytest.mark.parametrize(("a", "b", "expected"), PROMOTIONS)
def test_promotion(a, b, expected):
    x, y = torch.ones(2, dtype=a), torch.ones(2, dtype=b)
    assert (x * y).dtype == (y + x).dtype == expected


def test_promotion_of_tensors_without_dimensions():
    vector = torch.ones(2, dtype=torch.float32)
    assert (vector * torch.tensor(2.0)).dtype == torch.float32
    assert (vector * 2.0).dtype == torch.float32
    assert (torch.tensor([1, 2]) * torch.tensor(2.5)).dtype == torch.float64


def test_copies():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = copy.deepcopy(x)
    assert y.requires_grad
    assert y is not x
    z = pickle.loads(pickle.dumps(x))
    assert_allclose(z.detach().numpy(), [1.0, 2.0])
    assert z.requires_grad
    with pytest.raises(RuntimeError, match="graph leaves"):
        copy.deepcopy(x * 2)


def test_random_numbers():
    torch.manual_seed(3)
    first = torch.randn(4), torch.rand(2, 2), torch.randint(0, 10, (3,)), torch.randperm(5)
    torch.manual_seed(3)
    second = torch.randn(4), torch.rand(2, 2), torch.randint(0, 10, (3,)), torch.randperm(5)
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_no_warning_where_pytorch_gives_none():
    x = torch.tensor([0.0, -1.0], requires_grad=True)
    y = torch.log(x) + 1 / x + torch.sqrt(x)
    assert y.isnan().any()
    (torch.tensor([float("inf")]) - torch.tensor([float("inf")])).sum()
    torch.where(x > 0, torch.log(x), torch.zeros(2)).sum().backward()
    assert_allclose(x.grad.numpy(), [0.0, 0.0])


# ── errors ──

ERRORS = [
    (lambda x: x.item(), RuntimeError, "a Tensor with 2 elements cannot be converted to Scalar"),
    (lambda x: bool(x), RuntimeError, "Boolean value of Tensor with more than one value is ambiguous"),
    (lambda x: x + torch.ones(3), RuntimeError, r"The size of tensor a \(2\) must match the size of tensor b \(3\)"),
    (lambda x: x < torch.ones(3), RuntimeError, "must match the size of tensor b"),
    (lambda x: x.view(2, 1) @ x.view(2, 1), RuntimeError, r"mat1 and mat2 shapes cannot be multiplied \(2x1 and 2x1\)"),
    (lambda x: x.view(3), RuntimeError, r"shape '\[3\]' is invalid for input of size 2"),
    (lambda x: x.reshape(-1, -1), RuntimeError, "only one dimension can be inferred"),
    (lambda x: torch.ones(2, 3).t().view(-1), RuntimeError, "view size is not compatible"),
    (lambda x: x.sum(dim=1), IndexError, "Dimension out of range"),
    (lambda x: x.expand(3), RuntimeError, "must match the existing size"),
    (lambda x: torch.stack([x, torch.ones(3)]), RuntimeError, "stack expects each tensor to be equal size"),
    (lambda x: torch.cat([x.view(1, 2), torch.ones(1, 3)]), RuntimeError, "Sizes of tensors must match except"),
    (lambda x: torch.log(2.0), TypeError, r"log\(\): argument 'input' must be Tensor, not float"),
    (lambda x: torch.ones(2, dtype=torch.int64).mean(), RuntimeError, "floating point or complex"),
    (lambda x: len(torch.tensor(1.0)), TypeError, r"len\(\) of a 0-d tensor"),
    (lambda x: iter(torch.tensor(1.0)), TypeError, "iteration over a 0-d tensor"),
    (lambda x: torch.tensor("a"), TypeError, "cannot take data of type str"),
    (lambda x: torch.tensor([1.0], device="cuda"), RuntimeError, "not on device cuda"),
    (lambda x: torch.dot(x, torch.ones(3)), RuntimeError, "inconsistent tensor size"),
    (lambda x: x.backward("1"), TypeError, "gradients can be either Tensors or None"),
    (lambda x: x.split([1, 2]), RuntimeError, "split_sizes to sum exactly to 2"),
    (lambda x: torch.matmul(torch.ones(2), torch.ones(2, dtype=torch.float32)), RuntimeError, "the same dtype"),
    (lambda x: torch.nn.functional.cross_entropy(x.view(1, 2), torch.tensor([2])), IndexError, "out of bounds"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "kind", "said"), ERRORS, ids=range(len(ERRORS)))
def test_errors(f, kind, said):
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(kind, match=said):
        f(x * 1)


# ── NumPy and wengert beside tensors ──


def test_numpy_functions_on_tensors():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    y = np.log(x) * 2
    assert isinstance(y, torch.Tensor)
    assert isinstance(np.array([1.0, 2.0, 3.0]) * x, torch.Tensor)
    z = np.sum(y) + np.concatenate([x, y]).sum() + np.linalg.norm(x)
    z.backward()
    n = np.array([1.0, 2.0, 3.0])
    assert_allclose(x.grad.numpy(), 4 / n + 1 + n / np.linalg.norm(n))


def test_operators_of_wengert_refuse_tensors():
    x = torch.tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="Tensor"):
        wg.grad(lambda x: x.sum())(x)
    for f in (
        lambda a: a * torch.tensor(2.0),
        lambda a: torch.tensor(2.0) * a,
        lambda a: torch.tensor(a),
        lambda a: torch.tensor([a, a]).sum(),
        lambda a: torch.as_tensor(a),
        lambda a: torch.log(a),
        lambda a: np.hypot(a, torch.tensor(2.0)),
    ):
        with pytest.raises(TypeError, match="wengert"):
            wg.grad(f)(3.0)


def test_tensors_as_constants_inside_an_operator():
    """What a function computes with tensors alone is a constant to wengert.grad."""

    def f(a):
        x = torch.tensor([1.0, 2.0], requires_grad=True)
        (x**2).sum().backward()
        return a * x.grad.sum().item()

    assert wg.grad(f)(3.0) == 6.0


def test_same_derivatives_as_wengert():
    def f(xp, x):
        return (xp.exp(-x) * xp.sin(x) / (1 + x * x)).sum() + xp.log(x[0] * x[1])

    n = np.array([0.5, 1.5, 2.5])
    x = torch.tensor(n, requires_grad=True)
    f(torch, x).backward()
    assert_allclose(x.grad.numpy(), wg.grad(lambda x: f(np, x))(n), rtol=1e-14)


# ── models ──


def test_a_model_is_fitted():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
    x = torch.linspace(-2, 2, 40).unsqueeze(1)
    y = torch.sin(x)
    loss = None
    for _ in range(400):
        optimizer.zero_grad()
        loss = torch.nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-3
    assert [name for name, _ in model.named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    other = torch.nn.Sequential(torch.nn.Linear(1, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1))
    other.load_state_dict(model.state_dict())
    assert torch.equal(other(x), model(x))
    with pytest.raises(RuntimeError, match="missing keys"):
        other.load_state_dict({})
