"""Writing into tensors: index assignment and the operations whose names end in an underscore.

A write changes memory in place, so that every view and every detached tensor sees it; nodes that hold
the memory keep what they had, because it is copied for the owner first (copy on write). The derivative
follows: the tensor whose memory it is, or the tensor that `detach` gave, goes on as a WRITE.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.record.index import CONSTANT, WRITE, clean, getitem
from wengert.record.value import follow
from wengert.tensor.arithmetic import mixed, operand
from wengert.tensor.graph import Node
from wengert.tensor.modes import mode
from wengert.tensor.value import (
    EXPORTED,
    HELD,
    Tensor,
    copied_node,
    data_of,
    hold,
    owner_of,
    parent_of,
    path_of,
    unshare,
)

LEAF = (
    "a leaf Variable that requires grad is being used in an in-place operation.\n"
    "Write within no_grad() to change its value as a parameter, or into a clone() of it to differentiate the write."
)
VIEW_OF_LEAF = "a view of " + LEAF


def require_writable(t: Tensor) -> None:
    """Raise where a write would change a leaf that requires grad."""
    if mode.recording:
        base = base_of(t)
        if base._requires and base._node is None:
            raise RuntimeError(LEAF if base is t else VIEW_OF_LEAF)


def base_of(t: Tensor) -> Tensor:
    """The tensor whose derivative a write into t goes to."""
    alias = t._alias
    return t if alias is None or alias[1] is None else alias[1]


def store(t: Tensor, key: Any, value: Any) -> Tensor:
    """t[key] = value."""
    require_writable(t)
    x = data_of(t)
    key = clean(index(key))
    tracked = isinstance(value, Tensor) and mode.recording and parent_of(value) is not None
    v = data_of(value) if isinstance(value, Tensor) else value
    if tracked and x.dtype.kind not in "fc":
        raise RuntimeError(
            f"a value that requires grad is written into a tensor of dtype {x.dtype}: it would lose its derivative.\n"
            "Make that tensor of a floating dtype, or write value.detach()."
        )
    owner, base = owner_of(t), base_of(t)
    was_held = owner._held == HELD
    before = base._node
    unshare(owner)
    path, key = _place(t, key)
    _put(owner, path, key, v)
    owner._version += 1
    if tracked or (mode.recording and before is not None):
        _record(base, path[len(path_of(base)) :], key, value if tracked else None, v, was_held)
    data_of(t)
    return t


def _place(t: Tensor, key: Any) -> Any:
    """(path, key) of t[key] in the memory of its owner; an element is a place in what it was taken from."""
    path = path_of(t)
    if type(t._data) is not np.ndarray and path and path[-1][0] is getitem:
        return path[:-1], path[-1][1]["key"]
    return path, key


def index(key: Any) -> Any:
    """An index with arrays for the tensors in it."""
    if isinstance(key, Tensor):
        return data_of(key)
    if type(key) is tuple:
        return tuple([index(k) for k in key])
    if type(key) is list:
        return [index(k) for k in key]
    return key


def _put(owner: Tensor, path: Any, key: Any, v: Any) -> None:
    """Write v into the memory that lies at the end of path."""
    memory = owner._data
    number = type(memory) is not np.ndarray
    if number:
        memory = np.array(memory)
    target = follow(memory, path)
    if key is not Ellipsis or target.shape != np.shape(v):
        v = _fitted(target, key, v)
    target[key] = v
    if number:
        owner._data = memory[()]


def _fitted(target: Any, key: Any, v: Any) -> Any:
    """v, where it goes into target[key]; PyTorch's error where not."""
    if np.ndim(v):
        shape = np.shape(target[key])
        try:
            np.broadcast_to(v, shape)
        except ValueError:
            raise RuntimeError(
                f"shape mismatch: value tensor of shape {list(np.shape(v))} cannot be broadcast to indexing result of "
                f"shape {list(shape)}\nReshape the value, or the index."
            ) from None
    return v


def _record(base: Tensor, steps: Any, key: Any, value: Any, v: Any, was_held: bool) -> None:
    """The node of a write: base goes on as WRITE(base, value)."""
    x = base._data if base._alias is None else data_of(base)
    like = x if type(x) is np.ndarray else np.asarray(x)
    node = base._node
    if node is None:
        node = Node(CONSTANT, (None,), None, (like,), None, None)
    elif was_held:
        node = copied_node(node, like)
    shape = (np.shape(v), np.isrealobj(v))
    parent = None if value is None else parent_of(value)
    base._node = Node(WRITE, (node, parent), None, (like, None), {"path": steps, "key": key}, shape)


def become(t: Tensor, new: Tensor, name: str) -> Tensor:
    """t holds what new holds, in its own memory."""
    x, y = data_of(t), data_of(new)
    if x.shape != y.shape:
        raise RuntimeError(
            f"output with shape {list(x.shape)} doesn't match the broadcast shape {list(y.shape)}\n"
            f"Write `x = x.{name}(...)` without the underscore to make a new tensor."
        )
    if not np.can_cast(y.dtype, x.dtype, "same_kind"):
        raise RuntimeError(
            f"result type {y.dtype} can't be cast to the desired output type {x.dtype}\n"
            f"Convert the tensor first: x = x.to({y.dtype})."
        )
    if (
        t._alias is None
        and new._alias is None
        and t._held != EXPORTED
        and x.dtype == y.dtype
        and (type(x) is not np.ndarray or x.strides == y.strides)  # so that paths lead to views as before
        and (mode.recording or t._node is None)
    ):
        t._data, t._held = y, new._held
        t._node = new._node if mode.recording else t._node
        t._version += 1
        return t
    return store(t, Ellipsis, new)


def in_place(function: Callable[..., Any], name: str) -> Callable[..., Tensor]:
    """The method `name_`: the tensor holds function(tensor, …) from then on."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        require_writable(self)
        new = function(self, *args, **kwargs)
        return new if new is NotImplemented else become(self, new, name)

    method.__name__ = f"{name}_"
    method.__doc__ = f"x.{name}_(…): x.{name}(…), written into x."
    return method


def fill(t: Tensor, value: Any) -> Tensor:
    """Every element becomes value."""
    return store(t, Ellipsis, value)


def setitem(t: Tensor, key: Any, value: Any) -> None:
    """t[key] = value."""
    if not isinstance(value, Tensor):
        value = operand(value)
        if value is NotImplemented:
            raise TypeError("can't assign this to a torch tensor\nAssign a number or a tensor.")
    store(t, key, value)


def exported(t: Tensor) -> Any:
    """The memory of t for NumPy code outside, that may write to it at any time."""
    owner = owner_of(t)
    unshare(owner)
    if type(owner._data) is np.ndarray:
        owner._version += owner._held != EXPORTED
        owner._held = EXPORTED
    return data_of(t)


__all__ = ["become", "exported", "fill", "hold", "in_place", "mixed", "setitem", "store"]
