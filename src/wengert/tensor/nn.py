"""torch.nn: parameters, modules and the few layers that a small model is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from wengert.tensor import creation, functional
from wengert.tensor.modes import no_grad
from wengert.tensor.value import Tensor, data_of


class Parameter(Tensor):
    """A leaf that a module finds among its attributes."""

    __slots__ = ()

    def __init__(self, data: Tensor, requires_grad: bool = True) -> None:
        super().__init__(np.array(data_of(data))[()])
        creation.require(self, requires_grad)


class Module:
    """A function with parameters: subclasses define `forward`.

    >>> from wengert import tensor as torch
    >>> model = torch.nn.Linear(3, 2)
    >>> [p.shape for p in model.parameters()]
    [torch.Size([2, 3]), torch.Size([2])]
    """

    training = True

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the module computes."""
        raise NotImplementedError(f"{type(self).__name__} has no forward\nDefine def forward(self, x).")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules among the attributes."""
        return iter([(name, m) for name, m in vars(self).items() if isinstance(m, Module)])

    def named_parameters(self, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
        """All parameters, with their paths, each once."""
        seen: set[int] = set()
        for name, p in self._named_parameters(prefix):
            if id(p) not in seen:
                seen.add(id(p))
                yield name, p

    def _named_parameters(self, prefix: str) -> Iterator[tuple[str, Parameter]]:
        for name, p in vars(self).items():
            if isinstance(p, Parameter):
                yield prefix + name, p
        for name, m in self.named_children():
            yield from m._named_parameters(f"{prefix}{name}.")

    def parameters(self) -> Iterator[Parameter]:
        """All parameters."""
        return iter([p for _, p in self.named_parameters()])

    def modules(self) -> Iterator[Module]:
        """This module and all below it."""
        yield self
        for _, m in self.named_children():
            yield from m.modules()

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        zero_grads(list(self.parameters()), set_to_none)

    def train(self, mode: bool = True) -> Any:
        """Behave as in training (or not)."""
        for m in self.modules():
            m.training = mode
        return self

    def eval(self) -> Any:
        """Behave as after training."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Any:
        """Let all parameters require grad or not."""
        for p in self.parameters():
            creation.require(p, requires_grad)
        return self

    def state_dict(self) -> dict[str, Tensor]:
        """Path → value of each parameter."""
        return {name: p.detach() for name, p in self.named_parameters()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the values of all parameters from `state_dict`."""
        mine = dict(self.named_parameters())
        if set(mine) != set(state_dict):
            missing, extra = sorted(set(mine) - set(state_dict)), sorted(set(state_dict) - set(mine))
            raise RuntimeError(f"Error(s) in loading state_dict: missing keys {missing}, unexpected keys {extra}")
        with no_grad():
            for name, p in mine.items():
                p.copy_(state_dict[name])


def zero_grads(parameters: list[Tensor], set_to_none: bool) -> None:
    """Forget the gradients, or set them to zero."""
    for p in parameters:
        if set_to_none:
            p._grad = None
        elif p._grad is not None:
            p._grad = Tensor(np.zeros_like(data_of(p._grad))[()])


class Linear(Module):
    """x Wᵀ + b, with W and b uniform on ±1/√n to begin with."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: Any = None) -> None:
        self.in_features, self.out_features = in_features, out_features
        bound = 1.0 / np.sqrt(in_features)
        self.weight = Parameter((creation.rand(out_features, in_features, dtype=dtype) * 2 - 1) * bound)
        self.bias = Parameter((creation.rand(out_features, dtype=dtype) * 2 - 1) * bound) if bias else None

    def forward(self, input: Tensor) -> Tensor:  # type: ignore[override]
        """x Wᵀ + b."""
        return functional.linear(input, self.weight, self.bias)

    def __repr__(self) -> str:
        return f"Linear(in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None})"


class Sequential(Module):
    """Modules one after the other."""

    def __init__(self, *modules: Module) -> None:
        for k, m in enumerate(modules):
            setattr(self, str(k), m)

    def forward(self, input: Any) -> Any:  # type: ignore[override]
        """The last of f₁, f₂ ∘ f₁, …"""
        for _, m in self.named_children():
            input = m(input)
        return input

    def __getitem__(self, k: int) -> Module:
        return [m for _, m in self.named_children()][k]

    def __len__(self) -> int:
        return len(list(self.named_children()))


def _layer(name: str, function: Any, *options: str) -> type[Module]:
    """The module of a function of x, with options given when it is made."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        self.options = dict(zip(options, args, strict=False)) | kwargs

    def forward(self: Any, *inputs: Any) -> Any:
        return function(*inputs, **self.options)

    return type(name, (Module,), {"__init__": __init__, "forward": forward, "__doc__": function.__doc__})


ReLU = _layer("ReLU", functional.relu)
Sigmoid = _layer("Sigmoid", functional.sigmoid)
Tanh = _layer("Tanh", functional.tanh)
GELU = _layer("GELU", functional.gelu, "approximate")
SiLU = _layer("SiLU", functional.silu)
Softplus = _layer("Softplus", functional.softplus, "beta", "threshold")
Softmax = _layer("Softmax", functional.softmax, "dim")
LogSoftmax = _layer("LogSoftmax", functional.log_softmax, "dim")
MSELoss = _layer("MSELoss", functional.mse_loss)
L1Loss = _layer("L1Loss", functional.l1_loss)
CrossEntropyLoss = _layer("CrossEntropyLoss", functional.cross_entropy, "weight")
NLLLoss = _layer("NLLLoss", functional.nll_loss, "weight")
BCELoss = _layer("BCELoss", functional.binary_cross_entropy, "weight")
BCEWithLogitsLoss = _layer("BCEWithLogitsLoss", functional.binary_cross_entropy_with_logits, "weight")

__all__ = [
    "GELU", "BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "L1Loss", "Linear", "LogSoftmax", "MSELoss", "Module",
    "NLLLoss", "Parameter", "ReLU", "Sequential", "SiLU", "Sigmoid", "Softmax", "Softplus", "Tanh", "functional",
]  # fmt: skip
