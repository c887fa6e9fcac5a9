"""torch.autograd: `grad`, `backward`, and the derivatives of functions (`functional`)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from wengert.tensor import backward as _backward
from wengert.tensor.backward import grad
from wengert.tensor.creation import require
from wengert.tensor.modes import enable_grad, no_grad, set_grad_enabled
from wengert.tensor.shapes import getitem, reshape, stack
from wengert.tensor.value import Tensor, data_of, detached, parent_of


def backward(
    tensors: Any,
    grad_tensors: Any = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add to .grad of the leaves the derivative of Σ grad_tensors·tensors."""
    ys = _listed(tensors)
    cs = [None] * len(ys) if grad_tensors is None else _listed(grad_tensors)
    _backward.backward(ys, cs, retain_graph, create_graph, None if inputs is None else _listed(inputs))


def _listed(x: Any) -> list[Any]:
    return [x] if isinstance(x, Tensor) else list(x)


# ── functional: of functions ──


def _leaves(inputs: Any, create_graph: bool) -> list[Tensor]:
    """The inputs as tensors to differentiate with respect to."""
    if create_graph:
        return [x if parent_of(x) is not None else require(detached(x), True) for x in inputs]
    return [require(Tensor(np.copy(data_of(x))[()]), True) for x in inputs]


def _results(func: Callable[..., Any], inputs: Any, create_graph: bool) -> Any:
    single = isinstance(inputs, Tensor)
    xs = _leaves([inputs] if single else inputs, create_graph)
    with enable_grad():
        y = func(*xs)
    many = isinstance(y, tuple)
    return xs, (list(y) if many else [y]), single, many


def _rows(y: Tensor, xs: list[Tensor], create_graph: bool) -> list[Tensor]:
    """∂y/∂x for each x, one reverse sweep per element of y."""
    n = data_of(y).size
    flat = reshape(y, -1) if data_of(y).ndim else y
    if parent_of(y) is None:
        return [_zeros(y, x) for x in xs]
    rows = [
        grad(
            flat[k] if data_of(y).ndim else y, xs, retain_graph=True, create_graph=create_graph, materialize_grads=True
        )
        for k in range(n)
    ]
    shape = data_of(y).shape
    return [reshape(stack([row[j] for row in rows]), (*shape, *data_of(x).shape)) for j, x in enumerate(xs)]


def _zeros(y: Tensor, x: Tensor) -> Tensor:
    return Tensor(np.zeros((*data_of(y).shape, *data_of(x).shape), data_of(x).dtype))


def jacobian(func: Callable[..., Any], inputs: Any, create_graph: bool = False, **_: Any) -> Any:
    """∂func/∂inputs: shape of the output, then shape of the input; tuples where there are several.

    >>> from wengert import tensor as torch
    >>> torch.autograd.functional.jacobian(lambda x: x**2, torch.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    """
    xs, ys, single, many = _results(func, inputs, create_graph)
    rows = [_rows(y, xs, create_graph) for y in ys]
    parts = [row[0] if single else tuple(row) for row in rows]
    return tuple(parts) if many else parts[0]


def hessian(func: Callable[..., Any], inputs: Any, create_graph: bool = False, **_: Any) -> Any:
    """∂²func/∂inputs∂inputs of a scalar function.

    >>> from wengert import tensor as torch
    >>> torch.autograd.functional.hessian(lambda x: (x**3).sum(), torch.tensor([1.0, 3.0]))
    tensor([[ 6.,  0.],
            [ 0., 18.]])
    """
    single = isinstance(inputs, Tensor)

    def gradient(*xs: Tensor) -> Any:
        y = func(*xs)
        if data_of(y).size != 1:
            raise RuntimeError(
                f"The Tensor returned by the function given to hessian should contain a single element, got shape "
                f"{list(data_of(y).shape)}\nSum it, or use jacobian."
            )
        gs = grad(reshape(y, ()), xs, create_graph=True, materialize_grads=True)
        return gs[0] if single else tuple(gs)

    return jacobian(gradient, inputs, create_graph)


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, **_: Any) -> Any:
    """(func(inputs), vᵀ J)."""
    xs, ys, single, many = _results(func, inputs, create_graph)
    cs = None if v is None else ([v] if isinstance(v, Tensor) else list(v))
    gs = grad(ys, xs, cs, create_graph=create_graph, materialize_grads=True)
    return _plain(ys, many, create_graph), (gs[0] if single else gs)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, **_: Any) -> Any:
    """(func(inputs), J v): the transpose of the transpose, by two reverse sweeps."""
    xs, ys, _, many = _results(func, inputs, create_graph)
    vs = [Tensor(np.ones_like(data_of(x))[()]) for x in xs] if v is None else [v] if isinstance(v, Tensor) else list(v)
    ws = [require(Tensor(np.zeros_like(data_of(y))[()]), True) for y in ys]
    gs = grad(ys, xs, ws, create_graph=True, materialize_grads=True)
    pairs = [(g, v) for g, v in zip(gs, vs, strict=True) if parent_of(g) is not None]
    if not pairs:
        dots: Any = [Tensor(np.zeros_like(data_of(y))[()]) for y in ys]
    else:
        dots = grad([g for g, _ in pairs], ws, [v for _, v in pairs], create_graph=create_graph, materialize_grads=True)
    return _plain(ys, many, create_graph), (tuple(dots) if many else dots[0])


def hvp(func: Callable[..., Any], inputs: Any, v: Any, create_graph: bool = False, **_: Any) -> Any:
    """(func(inputs), H v)."""
    xs, ys, single, many = _results(func, inputs, create_graph)
    gs = grad(ys, xs, create_graph=True, materialize_grads=True)
    vs = [v] if isinstance(v, Tensor) else list(v)
    pairs = [(g, v) for g, v in zip(gs, vs, strict=True) if parent_of(g) is not None]
    hs = grad([g for g, _ in pairs], xs, [v for _, v in pairs], create_graph=create_graph, materialize_grads=True)
    return _plain(ys, many, create_graph), (hs[0] if single else hs)


vhp = hvp


def _plain(ys: list[Tensor], many: bool, create_graph: bool) -> Any:
    done = ys if create_graph else [detached(y) for y in ys]
    return tuple(done) if many else done[0]


functional = SimpleNamespace(hessian=hessian, hvp=hvp, jacobian=jacobian, jvp=jvp, vhp=vhp, vjp=vjp)
"""Derivatives of functions of tensors."""

__all__ = ["backward", "enable_grad", "functional", "getitem", "grad", "no_grad", "set_grad_enabled"]
