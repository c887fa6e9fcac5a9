"""Tensors as numbers, arrays, copies; and NumPy's functions on tensors."""

from __future__ import annotations

import copy as _copy
from typing import Any

import numpy as np

from wengert.record import swap
from wengert.tensor import shapes, write
from wengert.tensor.arithmetic import FUNCTIONS, refuse_inside_transforms
from wengert.tensor.call import call
from wengert.tensor.value import Tensor, data_of, detached, parent_of


def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The memory as an array: writes to one show in the other."""
    if parent_of(self) is not None and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    return np.asarray(write.exported(detached(self)))


def to_array(self: Tensor, dtype: Any = None, copy: Any = None) -> Any:
    """np.asarray(x)."""
    if parent_of(self) is not None:
        numpy(self)
    refuse_inside_transforms()
    x = numpy(self)
    return np.array(x, dtype) if copy or (dtype is not None and x.dtype != dtype) else x


def item(self: Tensor) -> Any:
    """The one element as a Python number."""
    x = data_of(self)
    if x.size != 1:
        raise RuntimeError(
            f"a Tensor with {x.size} elements cannot be converted to Scalar\n"
            "Index it, or reduce it with .sum() or .mean()."
        )
    return x.item()


def to_bool(self: Tensor) -> bool:
    """bool(x), of one element."""
    x = data_of(self)
    if x.size != 1:
        raise RuntimeError(
            "Boolean value of Tensor with "
            + ("no values" if x.size == 0 else "more than one value")
            + " is ambiguous\nUse .any() or .all()."
        )
    return bool(x.item())


def to_index(self: Tensor) -> int:
    """x as an index."""
    x = data_of(self)
    if x.size != 1 or x.dtype.kind not in "iub":
        raise TypeError(
            "only integer tensors of a single element can be converted to an index\n"
            f"This one has dtype {x.dtype} and shape {list(x.shape)}."
        )
    return int(x.item())


def formatted(self: Tensor, spec: str) -> str:
    """f'{x:.3f}', of one number."""
    return format(data_of(self).item(), spec) if data_of(self).ndim == 0 and spec else repr(self)


def length(self: Tensor) -> int:
    """len(x)."""
    x = data_of(self)
    if x.ndim == 0:
        raise TypeError("len() of a 0-d tensor")
    return len(x)


def iterate(self: Tensor) -> Any:
    """The entries along the first dimension."""
    if data_of(self).ndim == 0:
        raise TypeError("iteration over a 0-d tensor\nUse it as a number, or .item().")
    return iter(shapes.unbind(self))


def contains(self: Tensor, value: Any) -> bool:
    """value in x."""
    return bool(np.any(data_of(self) == (data_of(value) if isinstance(value, Tensor) else value)))


def deepcopy(self: Tensor, memo: Any) -> Tensor:
    """copy.deepcopy(x), of a leaf."""
    if self._node is not None:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.\n"
            "Copy x.detach(), or use x.clone()."
        )
    new: Any = object.__new__(type(self))
    Tensor.__init__(new, np.array(data_of(self))[()])
    new._requires, new._grad = self._requires, _copy.deepcopy(self._grad, memo)
    memo[id(self)] = new
    return new


def reduced(self: Tensor) -> Any:
    """How a leaf is pickled."""
    if self._node is not None:
        raise RuntimeError("cannot pickle a tensor that is not a leaf\nPickle x.detach().")
    return _rebuilt, (type(self), np.array(data_of(self)), self._requires, dict(self.__dict__))


def _rebuilt(kind: type, data: Any, requires_grad: bool, attributes: dict[str, Any]) -> Tensor:
    new: Any = object.__new__(kind)
    Tensor.__init__(new, data[()])
    new._requires = requires_grad
    new.__dict__.update(attributes)
    return new


# ── NumPy's functions on tensors ──


def array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """NumPy calls this for a ufunc of tensors."""
    refuse_inside_transforms(*inputs)
    if method != "__call__" or kwargs:
        return call(ufunc.__name__, getattr(ufunc, method) if method != "__call__" else ufunc, *inputs, **kwargs)
    known = FUNCTIONS.get(ufunc)
    if known is not None and len(inputs) <= 2:
        return known(*inputs)
    return call(ufunc.__name__, ufunc, *[_tensor_if_array(x) for x in inputs])


def _tensor_if_array(x: Any) -> Any:
    return Tensor(x) if type(x) is np.ndarray else x


def array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    """NumPy calls this for any of its functions of tensors."""
    refuse_inside_transforms(*args)
    with swap.Recording():
        return call(function.__name__, function, *args, **kwargs)
