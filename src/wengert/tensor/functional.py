"""torch.nn.functional: activations, losses and the linear map."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.special as special

from wengert.tensor import creation, functions, reductions, shapes
from wengert.tensor.call import call
from wengert.tensor.functions import TABLE as _TABLE
from wengert.tensor.functions import relu
from wengert.tensor.reductions import log_softmax, softmax
from wengert.tensor.value import Tensor, data_of

sigmoid, tanh = _TABLE["sigmoid"], _TABLE["tanh"]
pad = shapes.pad


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x Wᵀ + b."""
    y = functions.matmul(input, weight.t() if data_of(weight).ndim == 2 else weight)
    return y if bias is None else y + bias


# ── activations ──


def _softplus(x: Any, beta: float, threshold: float) -> Any:
    z = np.logaddexp(0.0, beta * x) / beta
    linear = functions._plain(x) * beta > threshold
    return np.where(linear, x, z) if np.any(linear) else z


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """log(1 + e^{βx}) / β, and x where βx exceeds the threshold."""
    return call("Softplus", _softplus, input, beta=beta, threshold=threshold)


_CUBE, _SCALE = 0.044715, float(np.sqrt(2.0 / np.pi))


def _gelu(x: Any) -> Any:
    return x * special.ndtr(x)


def _gelu_tanh(x: Any) -> Any:
    return 0.5 * x * (1.0 + np.tanh(_SCALE * (x + _CUBE * x * x * x)))


def gelu(input: Tensor, approximate: str = "none") -> Tensor:
    """x Φ(x), Φ the distribution function of the normal (Hendrycks & Gimpel 2016); or its approximation by tanh."""
    return call("Gelu", _gelu_tanh if approximate == "tanh" else _gelu, input)


def silu(input: Tensor) -> Tensor:
    """x σ(x)."""
    return call("Silu", lambda x: x * special.expit(x), input)


def logsigmoid(input: Tensor) -> Tensor:
    """log σ(x) = −log(1 + e⁻ˣ)."""
    return call("LogSigmoid", lambda x: -np.logaddexp(0.0, -x), input)


def leaky_relu(input: Tensor, negative_slope: float = 0.01) -> Tensor:
    """x where positive, else a small multiple of it."""
    return call("LeakyRelu", lambda x: np.where(functions._positive(x), x, negative_slope * x), input)


def elu(input: Tensor, alpha: float = 1.0) -> Tensor:
    """x where positive, else α(eˣ − 1)."""
    return call("Elu", lambda x: np.where(functions._positive(x), x, alpha * np.expm1(np.minimum(x, 0.0))), input)


def softmin(input: Tensor, dim: int) -> Tensor:
    """softmax of −x."""
    return softmax(-input, dim)


def normalize(input: Tensor, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Tensor:
    """x / max(‖x‖ₚ, ε) along dim."""
    return input / functions.clamp(reductions.norm(input, p, dim, True), min=eps)


def layer_norm(
    input: Tensor, normalized_shape: Any, weight: Tensor | None = None, bias: Tensor | None = None, eps: float = 1e-5
) -> Tensor:
    """(x − mean) / √(var + ε) over the last dimensions, scaled and shifted."""
    axes = tuple(range(-len(normalized_shape), 0))
    y = call("NativeLayerNorm", _normalized, input, axes=axes, eps=eps)
    y = y if weight is None else y * weight
    return y if bias is None else y + bias


def _normalized(x: Any, axes: Any, eps: float) -> Any:
    centred = x - np.mean(x, axis=axes, keepdims=True)
    return centred / np.sqrt(np.mean(centred * centred, axis=axes, keepdims=True) + eps)


def dropout(input: Tensor, p: float = 0.5, training: bool = True) -> Tensor:
    """Elements set to zero with probability p, the others scaled by 1/(1 − p), while training."""
    if not training or p == 0.0:
        return input
    x = data_of(input)
    mask = (creation.generator().random(x.shape) >= p) / (1.0 - p)
    return input * Tensor(mask.astype(x.dtype))


def one_hot(tensor: Tensor, num_classes: int = -1) -> Tensor:
    """Rows of the identity matrix."""
    labels = data_of(tensor)
    n = int(labels.max()) + 1 if num_classes < 0 else num_classes
    return Tensor(np.eye(n, dtype=np.int64)[labels])


def embedding(input: Tensor, weight: Tensor) -> Tensor:
    """Rows of weight."""
    return weight[input]


# ── losses ──


def _reduced(loss: Tensor, reduction: str) -> Tensor:
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(f"{reduction} is not a valid value for reduction\nPass 'none', 'mean' or 'sum'.")
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()


def mse_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """(x − y)²."""
    return _reduced((input - target) ** 2, reduction)


def l1_loss(input: Tensor, target: Tensor, reduction: str = "mean") -> Tensor:
    """|x − y|."""
    return _reduced((input - target).abs(), reduction)


def _huber(d: Any, delta: float) -> Any:
    inside = np.abs(functions._plain(d)) <= delta
    return np.where(inside, 0.5 * d * d, delta * (np.abs(d) - 0.5 * delta))


def huber_loss(input: Tensor, target: Tensor, reduction: str = "mean", delta: float = 1.0) -> Tensor:
    """½d² near zero, linear beyond δ (Huber 1964)."""
    return _reduced(call("HuberLoss", _huber, input - target, delta=delta), reduction)


def smooth_l1_loss(input: Tensor, target: Tensor, reduction: str = "mean", beta: float = 1.0) -> Tensor:
    """Huber's loss divided by β."""
    return _reduced(call("SmoothL1Loss", _huber, input - target, delta=beta) / beta, reduction)


def binary_cross_entropy(input: Tensor, target: Tensor, weight: Any = None, reduction: str = "mean") -> Tensor:
    """−(y log p + (1 − y) log(1 − p)), the logarithms no less than −100."""
    logs = functions.clamp(input.log(), min=-100.0), functions.clamp((1 - input).log(), min=-100.0)
    loss = -(target * logs[0] + (1 - target) * logs[1])
    return _reduced(loss if weight is None else loss * weight, reduction)


def binary_cross_entropy_with_logits(
    input: Tensor, target: Tensor, weight: Any = None, reduction: str = "mean", pos_weight: Any = None
) -> Tensor:
    """The same of σ(x), without overflow: (1 − y) x + (1 + (p − 1) y) log(1 + e⁻ˣ)."""
    less = -logsigmoid(input)
    loss = (1 - target) * input + (less if pos_weight is None else (1 + (pos_weight - 1) * target) * less)
    return _reduced(loss if weight is None else loss * weight, reduction)


def nll_loss(
    input: Tensor, target: Tensor, weight: Any = None, ignore_index: int = -100, reduction: str = "mean"
) -> Tensor:
    """−input[target], classes along dimension 1 (0 for a vector)."""
    scores = input if data_of(input).ndim > 1 else input.unsqueeze(0)
    labels = np.atleast_1d(data_of(target))
    used = labels != ignore_index
    safe = np.where(used, labels, 0)
    if safe.size and (safe.min() < 0 or safe.max() >= data_of(scores).shape[1]):
        raise IndexError(
            f"Target {int(labels.max())} is out of bounds.\nClasses run from 0 to {data_of(scores).shape[1] - 1}."
        )
    places = list(np.ix_(*[np.arange(n) for n in safe.shape]))
    w = used.astype(data_of(scores).dtype) if weight is None else data_of(weight)[safe] * used
    loss = -scores[(places[0], safe, *places[1:])] * Tensor(w)
    if reduction == "mean":
        return loss.sum() / float(w.sum())
    return loss[0] if data_of(input).ndim == 1 and reduction == "none" else _reduced(loss, reduction)


def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Any = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """The cross entropy of softmax(input) and target: classes, or probabilities of classes."""
    k = 1 if data_of(input).ndim > 1 else 0
    logs = log_softmax(input, k)
    if data_of(target).dtype.kind == "f" or label_smoothing:
        return _soft(logs, target, weight, reduction, label_smoothing, k)
    return nll_loss(logs, target, weight, ignore_index, reduction)


def _soft(logs: Tensor, target: Tensor, weight: Any, reduction: str, smoothing: float, k: int) -> Tensor:
    n = data_of(logs).shape[k]
    if data_of(target).dtype.kind != "f":
        target = Tensor(np.moveaxis(np.eye(n, dtype=data_of(logs).dtype)[data_of(target)], -1, k))
    target = target * (1 - smoothing) + smoothing / n if smoothing else target
    loss = -(target * logs if weight is None else target * logs * weight).sum(dim=k)
    return _reduced(loss, reduction)


def kl_div(input: Tensor, target: Tensor, reduction: str = "mean", log_target: bool = False) -> Tensor:
    """y (log y − x), x being log-probabilities."""
    loss = target.exp() * (target - input) if log_target else _TABLE["xlogy"](target, target) - target * input
    return loss.sum() / data_of(input).shape[0] if reduction == "batchmean" else _reduced(loss, reduction)


def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x₁·x₂ / (‖x₁‖ ‖x₂‖)."""
    lengths = [functions.clamp(reductions.norm(x, 2, dim), min=eps) for x in (x1, x2)]
    return (x1 * x2).sum(dim=dim) / (lengths[0] * lengths[1])


__all__ = ["log_softmax", "np", "relu", "softmax"]
