"""What a tensor knows of derivatives: requires_grad, grad, grad_fn, hooks, detach."""

from __future__ import annotations

from typing import Any

from wengert.tensor import autograd, backward, creation, text
from wengert.tensor.graph import Node
from wengert.tensor.value import HELD, Tensor, data_of, owner_of, parent_of


def run_backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add to .grad of each leaf (or of `inputs`) the derivative of this tensor (times `gradient`)."""
    autograd.backward(self, gradient if gradient is None else [gradient], retain_graph, create_graph, inputs)


def get_grad(self: Tensor) -> Any:
    """x.grad: what has been accumulated, or None."""
    return self._grad


def set_grad(self: Tensor, g: Any) -> None:
    """x.grad = g: of the shape of x, or None."""
    if g is not None and not isinstance(g, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(g).__name__}")
    if g is not None and data_of(g).shape != data_of(self).shape:
        raise RuntimeError(
            f"assigned grad has data of a different size: {list(data_of(g).shape)} for {list(data_of(self).shape)}"
        )
    self._grad = g


def requires_grad(self: Tensor) -> bool:
    """Whether x takes part in derivatives."""
    return parent_of(self) is not None


def set_requires_grad(self: Tensor, value: bool) -> None:
    """x.requires_grad = value."""
    requires_grad_(self, value)


def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Take part in derivatives from now on, as a leaf."""
    if parent_of(self) is not None and self._node is not None:
        if requires_grad:
            return self
        raise RuntimeError(
            "you can only change requires_grad flags of leaf variables.\n"
            "If you want to use a computed variable in a subgraph that doesn't require differentiation use "
            "var_no_grad = var.detach()."
        )
    if self._alias is not None and self._alias[1] is not None:
        owner, _, path, version, _ = self._alias
        self._alias = (owner, None, path, version, None)
    return creation.require(self, requires_grad)


def detach_(self: Tensor) -> Tensor:
    """Cut the tensor from its graph; it is a leaf from now on."""
    if self._alias is not None and self._alias[1] is not None:
        raise RuntimeError("Can't detach views in-place. Use detach() instead.\nWrite x = x.detach().")
    data_of(self)
    self._node, self._requires = None, False
    return self


def retain_grad(self: Tensor) -> None:
    """Keep .grad of a tensor that is not a leaf."""
    parent = parent_of(self)
    if parent is None:
        raise RuntimeError("can't retain_grad on Tensor that has requires_grad=False\nMake its inputs require grad.")
    if type(parent) is Node and not self.__dict__.get("_retains"):
        self.__dict__["_retains"] = True
        parent.hooks = [*(parent.hooks or []), backward.retain(self)]


class Handle:
    """What `register_hook` returns: `remove()` takes the hook away."""

    def __init__(self, hooks: list[Any], hook: Any) -> None:
        self.hooks, self.hook = hooks, hook

    def remove(self) -> None:
        """The hook is not called any more."""
        if self.hook in self.hooks:
            self.hooks.remove(self.hook)


def register_hook(self: Tensor, hook: Any) -> Handle:
    """Call hook(gradient of this tensor) during each backward; what it returns, if anything, replaces it."""
    parent = parent_of(self)
    if parent is None:
        raise RuntimeError(
            "cannot register a hook on a tensor that doesn't require gradient\nMake it, or its inputs, require grad."
        )
    if type(parent) is Node:
        parent.hooks = hooks = parent.hooks if parent.hooks is not None else []
    else:
        self._hooks = hooks = self._hooks if self._hooks is not None else []
    hooks.append(hook)
    return Handle(hooks, hook)


class GradFn:
    """The node that a tensor came from, as users see it."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def name(self) -> str:
        """`MulBackward`."""
        return text.name_of(self._node)

    @property
    def next_functions(self) -> tuple[Any, ...]:
        """The nodes of the arguments, as pairs (function, 0)."""
        return tuple([(_function(p), 0) for p in self._node.parents])

    def __repr__(self) -> str:
        return f"<{self.name()} object at {id(self._node):#x}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GradFn) and other._node is self._node

    def __hash__(self) -> int:
        return id(self._node)


class AccumulateGrad:
    """The end of a graph: adds to the .grad of a leaf, its `variable`."""

    next_functions = ()

    def __init__(self, variable: Tensor) -> None:
        self.variable = variable

    def name(self) -> str:
        """`AccumulateGrad`."""
        return "AccumulateGrad"

    def __repr__(self) -> str:
        return f"<AccumulateGrad object at {id(self.variable):#x}>"


def _function(parent: Any) -> Any:
    return None if parent is None else GradFn(parent) if type(parent) is Node else AccumulateGrad(parent)


def grad_fn(self: Tensor) -> Any:
    """The node that x came from; None for a leaf."""
    parent = parent_of(self)
    return GradFn(parent) if type(parent) is Node else None


def set_data(self: Tensor, new: Tensor) -> None:
    """x.data = new: other memory, the same leaf."""
    x = data_of(new)
    self._alias = None
    self._data = x
    self._version += 1
    owner_of(new)._held = self._held = HELD
