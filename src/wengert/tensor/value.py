"""The tensor: a NumPy array (or number), and the node that says where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record.index import COPY
from wengert.record.value import Step, follow
from wengert.tensor.graph import Node

_ndarray = np.ndarray
Alias = tuple[Any, Any, tuple[Step, ...], int, Any]
"""(owner of the memory, tensor whose view this is or None, steps from the owner, its version, its node then)."""
FREE, HELD, EXPORTED = 0, 1, 2
"""The memory is the tensor's own; nodes hold it too; NumPy arrays outside share it."""


_NOT_DATA = {list, tuple, int, float}


def _given(data: Any) -> Any:
    """The data of `Tensor([1, 2])`, as a user may write it."""
    if type(data) is list or type(data) is tuple:
        return np.array(data, float)
    raise TypeError("Tensor() takes a list of numbers\nUse tensor(x) for a number, empty(n) for uninitialised memory.")


class Tensor:
    """An array with a gradient: PyTorch's tensor on NumPy's memory.

    A leaf has no node; it takes part in derivatives if `requires_grad`. A view, or what `detach` gives,
    has an `Alias` and is read again from the owner of its memory when that has been written to. Memory
    that nodes hold is copied before it is written to.
    """

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_alias",
        "_data",
        "_grad",
        "_held",
        "_hooks",
        "_node",
        "_requires",
        "_version",
    )
    __array_priority__ = 1000.0

    def __init__(self, data: Any, node: Node | None = None) -> None:
        if type(data) in _NOT_DATA:
            data = _given(data)
        self._data = data
        self._node = node
        self._alias: Alias | None = None
        self._held = FREE
        self._requires = False
        self._version = 0
        self._grad: Any = None
        self._hooks: Any = None

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...
        def __getitem__(self, key: Any) -> Any: ...
        def __setitem__(self, key: Any, value: Any) -> None: ...
        def __neg__(self) -> Any: ...
        def __add__(self, other: Any) -> Any: ...
        def __sub__(self, other: Any) -> Any: ...
        def __rsub__(self, other: Any) -> Any: ...
        def __mul__(self, other: Any) -> Any: ...
        def __rmul__(self, other: Any) -> Any: ...
        def __truediv__(self, other: Any) -> Any: ...
        def __isub__(self, other: Any) -> Any: ...
        def __pow__(self, other: Any) -> Any: ...


def data_of(t: Tensor) -> Any:
    """The array or number that a tensor holds now."""
    alias = t._alias
    if alias is not None and alias[3] != alias[0]._version:
        refresh(t)
    return t._data


def parent_of(t: Tensor) -> Any:
    """What a node that reads t refers to: its node, itself if it is a leaf that requires grad, or None."""
    alias = t._alias
    if alias is not None and alias[3] != alias[0]._version:
        refresh(t)
    return t._node or (t if t._requires else None)


def owner_of(t: Tensor) -> Tensor:
    """The tensor that owns the memory of t."""
    return t if t._alias is None else t._alias[0]


def path_of(t: Any) -> tuple[Step, ...]:
    """The steps from the owner of the memory to t."""
    return () if t._alias is None else t._alias[2]


def refresh(t: Tensor) -> None:
    """Read a view again from its owner, which has been written to since."""
    alias: Any = t._alias
    owner, base, path, _, seen = alias
    t._data = follow(owner._data, path)
    now = None if base is None else base._node
    if now is not seen:
        t._node = _along(base, path[len(path_of(base)) :])
    t._alias = (owner, base, path, owner._version, now)


def _along(base: Any, steps: tuple[Step, ...]) -> Any:
    """The node of the view of `base` at the end of steps."""
    node, data = parent_of(base), data_of(base)
    if node is None:
        return None
    for function, params in steps:
        node, data = Node(ROWS[function], (node,), None, (data,), params, None), function(data, **params)
    return node if steps or type(node) is Node else None


def hold(t: Any, x: Any) -> Any:
    """x, the value of t, for a node to keep: as it is now, whatever is written to t later."""
    if type(x) is not _ndarray:
        return x
    owner = t if t._alias is None else t._alias[0]
    if owner._held == EXPORTED:
        return x.copy(order="K")
    owner._held = HELD
    return x


def view_of(t: Tensor, y: Any, node: Any, steps: tuple[Step, ...], tracked: bool) -> Tensor:
    """The tensor of y, `steps` away from t in its memory; if `tracked`, writes to it reach t's derivative."""
    new = Tensor(y, node)
    alias = t._alias
    if alias is None:
        owner, path, base = t, steps, t
    else:
        owner, path = alias[0], alias[2] + steps
        base = t if alias[1] is None else alias[1]
    base = base if tracked else None
    new._alias = (owner, base, path, owner._version, None if base is None else base._node)
    return new


def detached(t: Tensor) -> Tensor:
    """The same memory without derivative."""
    data_of(t)
    return view_of(t, t._data, None, (), False)


def unshare(owner: Tensor) -> None:
    """Give the owner memory of its own, before a write, if nodes hold what it has."""
    if owner._held == HELD:
        owner._data = owner._data.copy(order="K") if type(owner._data) is _ndarray else owner._data
        owner._held = FREE


def copied_node(node: Any, data: Any) -> Node:
    """The node of a copy of a value: a slot of its own, that may be written to."""
    return Node(COPY, (node,), None, (data,), None, None)
