"""The methods and attributes of tensors: PyTorch's spellings, each a function of this package."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.tensor import (
    conversions,
    creation,
    filling,
    functions,
    reductions,
    shapes,
    state,
    statistics,
    text,
    write,
)
from wengert.tensor.arithmetic import BINARY, BITS, OTHER
from wengert.tensor.call import call
from wengert.tensor.graph import Node
from wengert.tensor.value import Tensor, data_of, detached, parent_of

# ── shape and dtype ──


def size(self: Tensor, dim: int | None = None) -> Any:
    """The shape, or one size of it."""
    shape = shapes.Size(data_of(self).shape)
    return shape if dim is None else shape[dim]


def numel(self: Tensor) -> int:
    """The number of elements."""
    return int(data_of(self).size)


def dim(self: Tensor) -> int:
    """The number of dimensions."""
    return data_of(self).ndim


def element_size(self: Tensor) -> int:
    """Bytes per element."""
    return data_of(self).dtype.itemsize


def is_contiguous(self: Tensor) -> bool:
    """Whether the elements lie in order in memory."""
    return bool(np.asarray(data_of(self)).flags.c_contiguous)


def stride(self: Tensor, dim: int | None = None) -> Any:
    """How many elements apart neighbours lie, per dimension."""
    x = np.asarray(data_of(self))
    steps = tuple([s // x.itemsize for s in x.strides])
    return steps if dim is None else steps[dim]


def data_ptr(self: Tensor) -> int:
    """The address of the first element."""
    return np.asarray(data_of(self)).ctypes.data


def _cast(dtype: Any) -> Any:
    return lambda self: creation.to(self, dtype)


def type_(self: Tensor, dtype: Any = None) -> Any:
    """The tensor in a dtype."""
    return f"torch.{data_of(self).dtype.name.title()}Tensor" if dtype is None else creation.to(self, dtype)


def type_as(self: Tensor, other: Tensor) -> Tensor:
    """The tensor in the dtype of another."""
    return creation.to(self, data_of(other).dtype)


def _new(make: Any) -> Any:
    def new(self: Tensor, *size: Any, dtype: Any = None, requires_grad: bool = False) -> Tensor:
        return make(*size, dtype=data_of(self).dtype if dtype is None else dtype, requires_grad=requires_grad)

    return new


def _complex_part(ufunc_name: str) -> Any:
    function = getattr(np, ufunc_name)
    return property(lambda self: call(ufunc_name.title(), function, self))


# ── the table ──

FROM_SHAPES = (
    "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "permute", "transpose", "t", "movedim", "expand",
    "expand_as", "view_as", "contiguous", "narrow", "select", "unbind", "split", "chunk", "diagonal", "repeat", "tile",
    "repeat_interleave", "flip", "roll", "gather", "index_select", "take", "masked_select", "tril", "triu", "diag",
)  # fmt: skip
FROM_REDUCTIONS = (
    "sum", "mean", "prod", "nansum", "nanmean", "var", "std", "max", "min", "amax", "amin", "argmax", "argmin", "sort",
    "argsort", "topk", "median", "cumsum", "cumprod", "diff", "logsumexp", "softmax", "log_softmax", "norm", "all",
    "any", "count_nonzero",
)  # fmt: skip
FROM_FUNCTIONS = (
    "add", "sub", "div", "rsqrt", "frac", "sinc", "round", "addcmul", "addcdiv", "lerp", "clamp", "relu", "nan_to_num",
    "masked_fill", "isclose", "allclose", "equal", "matmul", "mm", "bmm", "mv", "dot", "outer", "kron", "cross",
    "addmm", "baddbmm", "trace",
)  # fmt: skip
IN_PLACE = (
    "add", "sub", "mul", "div", "pow", "neg", "exp", "log", "sqrt", "abs", "sin", "cos", "tanh", "sigmoid", "relu",
    "clamp", "floor", "ceil", "round", "reciprocal", "square", "addcmul", "addcdiv", "lerp", "erf", "rsqrt", "trunc",
    "index_add", "scatter_add", "remainder", "fmod", "floor_divide", "tril", "triu", "cumsum", "nan_to_num", "expm1",
    "log1p", "tan",
)  # fmt: skip
"""Functions with a twin that writes into the tensor."""

OTHERS: dict[str, Any] = {
    "nonzero": statistics.nonzero,
    "unique": statistics.unique,
    "inner": statistics.inner,
    "bincount": statistics.bincount,
    "backward": state.run_backward,
    "requires_grad_": state.requires_grad_,
    "detach": detached,
    "detach_": state.detach_,
    "retain_grad": state.retain_grad,
    "register_hook": state.register_hook,
    "numpy": conversions.numpy,
    "item": conversions.item,
    "tolist": lambda self: data_of(self).tolist(),
    "clone": creation.clone,
    "to": creation.to,
    "view": shapes.view_as_shape,
    "size": size,
    "numel": numel,
    "nelement": numel,
    "dim": dim,
    "ndimension": dim,
    "element_size": element_size,
    "is_contiguous": is_contiguous,
    "stride": stride,
    "data_ptr": data_ptr,
    "type": type_,
    "type_as": type_as,
    "is_floating_point": lambda self: data_of(self).dtype.kind == "f",
    "is_complex": lambda self: data_of(self).dtype.kind == "c",
    "cpu": lambda self: self,
    "clip": functions.clamp,
    "bernoulli": creation.bernoulli,
    "copy_": filling.copy_,
    "zero_": filling.zero_,
    "fill_": filling.fill_,
    "normal_": filling.normal_,
    "uniform_": filling.uniform_,
    "masked_fill_": filling.masked_fill_,
    "index_fill_": filling.index_fill_,
    "index_copy_": filling.index_copy_,
    "index_add": filling.index_add,
    "scatter": filling.scatter,
    "scatter_": filling.scatter_,
    "scatter_add": filling.scatter_add,
    "new_zeros": _new(creation.zeros),
    "new_ones": _new(creation.ones),
    "new_empty": _new(creation.empty),
    "new_tensor": lambda self, data, **kw: creation.tensor(data, dtype=kw.pop("dtype", data_of(self).dtype), **kw),
    "new_full": lambda self, size, value, **kw: creation.full(
        size, value, dtype=kw.pop("dtype", data_of(self).dtype), **kw
    ),
}
CASTS = ("float", "double", "half", "int", "long", "short", "bool")

SPECIAL: dict[str, Any] = {
    "__repr__": text.text,
    "__format__": conversions.formatted,
    "__bool__": conversions.to_bool,
    "__index__": conversions.to_index,
    "__len__": conversions.length,
    "__float__": lambda self: float(conversions.item(self)),
    "__int__": lambda self: int(conversions.item(self)),
    "__complex__": lambda self: complex(conversions.item(self)),
    "__iter__": conversions.iterate,
    "__contains__": conversions.contains,
    "__getitem__": shapes.getitem,
    "__setitem__": write.setitem,
    "__array__": conversions.to_array,
    "__deepcopy__": conversions.deepcopy,
    "__copy__": lambda self: shapes.getitem(self, ()) if data_of(self).ndim == 0 else shapes.getitem(self, Ellipsis),
    "__reduce__": conversions.reduced,
    "__array_ufunc__": conversions.array_ufunc,
    "__array_function__": conversions.array_function,
    "__matmul__": lambda self, other: functions.matmul(self, other),
    "__rmatmul__": lambda self, other: functions.matmul(creation.as_tensor(other), self),
}

PROPERTIES: dict[str, Any] = {
    "grad": property(state.get_grad, state.set_grad, lambda self: state.set_grad(self, None)),
    "requires_grad": property(state.requires_grad, state.set_requires_grad),
    "is_leaf": property(lambda self: type(parent_of(self)) is not Node),
    "grad_fn": property(state.grad_fn),
    "data": property(detached, state.set_data),
    "dtype": property(lambda self: data_of(self).dtype),
    "shape": property(lambda self: shapes.Size(data_of(self).shape)),
    "ndim": property(lambda self: data_of(self).ndim),
    "device": property(lambda self: "cpu"),
    "is_cuda": property(lambda self: False),
    "T": property(shapes.reversed_axes),
    "mT": property(shapes.matrix_transpose),
    "H": property(lambda self: functions.TABLE["conj"](shapes.matrix_transpose(self))),
    "real": _complex_part("real"),
    "imag": _complex_part("imag"),
    "itemsize": property(element_size),
    "retains_grad": property(lambda self: bool(self.__dict__.get("_retains"))),
    "_base": property(lambda self: None if self._alias is None else self._alias[1]),
}


def install() -> None:
    """Give Tensor its methods."""
    for name in FROM_SHAPES:
        setattr(Tensor, name, getattr(shapes, name))
    for name in FROM_REDUCTIONS:
        setattr(Tensor, name, getattr(reductions, name))
    for name in FROM_FUNCTIONS:
        setattr(Tensor, name, getattr(functions, name))
    for table in (functions.TABLE, OTHERS, PROPERTIES, SPECIAL):
        for name, value in table.items():
            setattr(Tensor, name, value)
    for name in CASTS:
        setattr(Tensor, name, _cast(creation.DTYPES[name]))
    for name in IN_PLACE:
        setattr(Tensor, f"{name}_", write.in_place(getattr(Tensor, name), name))
    for name in (*BINARY, *OTHER, *BITS):
        setattr(Tensor, f"__i{name}__", write.in_place(getattr(Tensor, f"__{name}__"), name))
    reductions.ELEMENTWISE.update(maximum=functions.TABLE["maximum"], minimum=functions.TABLE["minimum"])
