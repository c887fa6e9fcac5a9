"""torch.optim: steepest descent (with momentum) and Adam."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from wengert.tensor.modes import enable_grad, no_grad
from wengert.tensor.nn import zero_grads
from wengert.tensor.value import Tensor, data_of


class Optimizer:
    """What optimisers have in common: parameters, and their gradients' .grad."""

    def __init__(self, params: Iterable[Any], defaults: dict[str, Any]) -> None:
        given = list(params)
        groups = given if given and isinstance(given[0], dict) else [{"params": given}]
        self.param_groups: list[dict[str, Any]] = [{**defaults, **g, "params": list(g["params"])} for g in groups]
        if not any(g["params"] for g in self.param_groups):
            raise ValueError("optimizer got an empty parameter list\nPass model.parameters(), or a list of tensors.")
        self.state: dict[Tensor, dict[str, Any]] = {}

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters."""
        for group in self.param_groups:
            zero_grads(group["params"], set_to_none)

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Change the parameters once; `closure`, if given, computes the loss anew first."""
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        with no_grad():
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        self._update(p, data_of(p.grad), self.state.setdefault(p, {}), group)
        return loss

    def _update(self, p: Tensor, g: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        raise NotImplementedError


class SGD(Optimizer):
    """w ← w − η ∇Q(w), with momentum v ← μ v + ∇Q if asked (Polyak 1964; Nesterov 1983)."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        momentum: float = 0.0,
        dampening: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        maximize: bool = False,
    ) -> None:
        options = {"momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        super().__init__(params, {"lr": lr, "nesterov": nesterov, "maximize": maximize, **options})

    def _update(self, p: Tensor, g: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        g = (-g if group["maximize"] else g) + group["weight_decay"] * data_of(p)
        if group["momentum"]:
            before = state.get("momentum_buffer")
            v = g if before is None else group["momentum"] * before + (1 - group["dampening"]) * g
            state["momentum_buffer"] = v
            g = g + group["momentum"] * v if group["nesterov"] else v
        p -= group["lr"] * g


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and its square (Kingma & Ba 2015)."""

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        maximize: bool = False,
    ) -> None:
        options = {"betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        super().__init__(params, {"lr": lr, **options})

    def _update(self, p: Tensor, g: Any, state: dict[str, Any], group: dict[str, Any]) -> None:
        first, second = group["betas"]
        g = self._decayed(p, -g if group["maximize"] else g, group)
        t = state["step"] = state.get("step", 0) + 1
        m = state["exp_avg"] = first * state.get("exp_avg", 0.0) + (1 - first) * g
        v = state["exp_avg_sq"] = second * state.get("exp_avg_sq", 0.0) + (1 - second) * g * g
        p -= group["lr"] / (1 - first**t) * m / (np.sqrt(v / (1 - second**t)) + group["eps"])

    def _decayed(self, p: Tensor, g: Any, group: dict[str, Any]) -> Any:
        return g + group["weight_decay"] * data_of(p)


class AdamW(Adam):
    """Adam with the decay of weights apart from the gradient (Loshchilov & Hutter 2019)."""

    def __init__(self, params: Iterable[Any], lr: float = 1e-3, weight_decay: float = 1e-2, **options: Any) -> None:
        super().__init__(params, lr, weight_decay=weight_decay, **options)

    def _decayed(self, p: Tensor, g: Any, group: dict[str, Any]) -> Any:
        p -= group["lr"] * group["weight_decay"] * data_of(p)
        return g


__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]
