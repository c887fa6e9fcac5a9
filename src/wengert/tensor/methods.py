"""The methods and attributes of tensors: PyTorch's spellings, each a function of this package."""

from __future__ import annotations

import copy as _copy
import weakref
from types import SimpleNamespace
from typing import Any

import numpy as np

from wengert.ir.row import ROWS
from wengert.record import swap
from wengert.tensor import autograd, backward, creation, functions, reductions, shapes, text, write
from wengert.tensor.arithmetic import BINARY, BITS, FUNCTIONS, OTHER, mixed, refuse_inside_transforms
from wengert.tensor.call import call
from wengert.tensor.graph import Node
from wengert.tensor.value import Tensor, data_of, detached, owner_of, parent_of

# ── state ──


def _backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Any = None,
) -> None:
    """Add to .grad of each leaf (or of `inputs`) the derivative of this tensor (times `gradient`)."""
    autograd.backward(self, gradient if gradient is None else [gradient], retain_graph, create_graph, inputs)


def _get_grad(self: Tensor) -> Any:
    return self._grad


def _set_grad(self: Tensor, g: Any) -> None:
    if g is not None and not isinstance(g, Tensor):
        raise TypeError(f"assigned grad expected to be a Tensor or None but got grad of type {type(g).__name__}")
    if g is not None and data_of(g).shape != data_of(self).shape:
        raise RuntimeError(
            f"assigned grad has data of a different size: {list(data_of(g).shape)} for {list(data_of(self).shape)}"
        )
    self._grad = g


def _requires_grad(self: Tensor) -> bool:
    return parent_of(self) is not None


def _set_requires_grad(self: Tensor, value: bool) -> None:
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


def _grad_fn(self: Tensor) -> Any:
    parent = parent_of(self)
    return GradFn(parent) if type(parent) is Node else None


def _set_data(self: Tensor, new: Tensor) -> None:
    x = data_of(new)
    self._alias = None
    self._data = x
    self._version += 1
    owner_of(new)._held = self._held = write.HELD


# ── conversions ──


def numpy(self: Tensor, *, force: bool = False) -> Any:
    """The memory as an array: writes to one show in the other."""
    if parent_of(self) is not None and not force:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.")
    return np.asarray(write.exported(detached(self)))


def _to_array(self: Tensor, dtype: Any = None, copy: Any = None) -> Any:
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


def _bool(self: Tensor) -> bool:
    x = data_of(self)
    if x.size != 1:
        raise RuntimeError(
            "Boolean value of Tensor with "
            + ("no values" if x.size == 0 else "more than one value")
            + " is ambiguous\nUse .any() or .all()."
        )
    return bool(x.item())


def _index(self: Tensor) -> int:
    x = data_of(self)
    if x.size != 1 or x.dtype.kind not in "iub":
        raise TypeError(
            "only integer tensors of a single element can be converted to an index\n"
            f"This one has dtype {x.dtype} and shape {list(x.shape)}."
        )
    return int(x.item())


def _format(self: Tensor, spec: str) -> str:
    return format(data_of(self).item(), spec) if data_of(self).ndim == 0 and spec else repr(self)


def _len(self: Tensor) -> int:
    x = data_of(self)
    if x.ndim == 0:
        raise TypeError("len() of a 0-d tensor")
    return len(x)


def _iter(self: Tensor) -> Any:
    if data_of(self).ndim == 0:
        raise TypeError("iteration over a 0-d tensor\nUse it as a number, or .item().")
    return iter(shapes.unbind(self))


def _contains(self: Tensor, value: Any) -> bool:
    return bool(np.any(data_of(self) == (data_of(value) if isinstance(value, Tensor) else value)))


def _deepcopy(self: Tensor, memo: Any) -> Tensor:
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


def _reduce(self: Tensor) -> Any:
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


def _array_ufunc(self: Tensor, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    refuse_inside_transforms(*inputs)
    if method != "__call__" or kwargs:
        return call(ufunc.__name__, getattr(ufunc, method) if method != "__call__" else ufunc, *inputs, **kwargs)
    known = FUNCTIONS.get(ufunc)
    if known is not None and len(inputs) <= 2:
        return known(*inputs)
    return call(ufunc.__name__, ufunc, *[_tensor_if_array(x) for x in inputs])


def _tensor_if_array(x: Any) -> Any:
    return Tensor(x) if type(x) is np.ndarray else x


def _array_function(self: Tensor, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    refuse_inside_transforms(*args)
    with swap.Recording():
        return call(function.__name__, function, *args, **kwargs)


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


# ── written in place ──


def copy_(self: Tensor, src: Tensor, non_blocking: bool = False) -> Tensor:
    """Every element becomes that of src, broadcast and converted."""
    return write.store(self, Ellipsis, creation.as_tensor(src))


def zero_(self: Tensor) -> Tensor:
    """Every element becomes 0."""
    return write.fill(self, 0)


def fill_(self: Tensor, value: Any) -> Tensor:
    """Every element becomes value."""
    return write.fill(self, value)


def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Random numbers, normal."""
    return write.fill(self, creation.generator().normal(mean, std, data_of(self).shape))


def uniform_(self: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Random numbers, uniform on [a, b)."""
    return write.fill(self, creation.generator().uniform(a, b, data_of(self).shape))


def masked_fill_(self: Tensor, mask: Tensor, value: Any) -> Tensor:
    """value where mask is true, written into the tensor."""
    return write.store(self, np.broadcast_to(data_of(mask), data_of(self).shape), value)


def _at(self: Tensor, dim: int, index: Tensor) -> Any:
    return (slice(None),) * shapes.axis(data_of(self), dim) + (data_of(index),)


def index_fill_(self: Tensor, dim: int, index: Tensor, value: Any) -> Tensor:
    """value at the entries of index."""
    return write.store(self, _at(self, dim, index), value)


def index_copy_(self: Tensor, dim: int, index: Tensor, source: Tensor) -> Tensor:
    """The entries of source at the entries of index."""
    return write.store(self, _at(self, dim, index), source)


def index_add(self: Tensor, dim: int, index: Tensor, source: Tensor, *, alpha: Any = 1) -> Tensor:
    """source added at the entries of index, which may repeat."""
    places = _at(self, dim, index)
    return call("IndexAdd", _added, self, source if alpha == 1 else source * alpha, places=places)


def _added(x: Any, v: Any, places: Any) -> Any:
    y = x.copy()
    np.add.at(y, places, v)
    return y


def _grid(self: Tensor, dim: int, index: Tensor) -> Any:
    places = data_of(index)
    grid: list[Any] = list(np.ix_(*[np.arange(n) for n in places.shape]))
    grid[shapes.axis(data_of(self), dim)] = places
    return tuple(grid)


def _source(index: Tensor, src: Any) -> Any:
    if not isinstance(src, Tensor):
        return src
    return shapes.getitem(src, tuple([slice(n) for n in data_of(index).shape]))


def scatter_(self: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """self[…, index, …] = src, element by element along a dimension."""
    return write.store(self, _grid(self, dim, index), _source(index, src))


def scatter(self: Tensor, dim: int, index: Tensor, src: Any) -> Tensor:
    """`scatter_` on a copy."""
    return scatter_(creation.clone(self), dim, index, src)


def scatter_add(self: Tensor, dim: int, index: Tensor, src: Tensor) -> Tensor:
    """self[…, index, …] += src, element by element along a dimension; places may repeat."""
    return call("ScatterAdd", _added, self, _source(index, src), places=_grid(self, dim, index))


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
    "backward": _backward, "requires_grad_": requires_grad_, "detach": detached, "detach_": detach_,
    "retain_grad": retain_grad, "register_hook": register_hook, "numpy": numpy, "item": item,
    "tolist": lambda self: data_of(self).tolist(), "clone": creation.clone, "to": creation.to,
    "view": shapes.view_as_shape,
    "size": size, "numel": numel, "nelement": numel, "dim": dim, "ndimension": dim, "element_size": element_size,
    "is_contiguous": is_contiguous, "stride": stride, "data_ptr": data_ptr, "type": type_, "type_as": type_as,
    "is_floating_point": lambda self: data_of(self).dtype.kind == "f",
    "is_complex": lambda self: data_of(self).dtype.kind == "c",
    "cpu": lambda self: self, "clip": functions.clamp, "bernoulli": creation.bernoulli,
    "copy_": copy_, "zero_": zero_, "fill_": fill_, "normal_": normal_, "uniform_": uniform_,
    "masked_fill_": masked_fill_,
    "index_fill_": index_fill_, "index_copy_": index_copy_, "index_add": index_add, "scatter": scatter,
    "scatter_": scatter_, "scatter_add": scatter_add,
    "new_zeros": _new(creation.zeros), "new_ones": _new(creation.ones),
    "new_empty": _new(creation.empty),
    "new_tensor": lambda self, data, **kw: creation.tensor(data, dtype=kw.pop("dtype", data_of(self).dtype), **kw),
    "new_full": lambda self, size, value, **kw: creation.full(
        size, value, dtype=kw.pop("dtype", data_of(self).dtype), **kw
    ),
}  # fmt: skip
CASTS = ("float", "double", "half", "int", "long", "short", "bool")

SPECIAL: dict[str, Any] = {
    "__repr__": text.text, "__format__": _format, "__bool__": _bool, "__index__": _index, "__len__": _len,
    "__float__": lambda self: float(item(self)), "__int__": lambda self: int(item(self)),
    "__complex__": lambda self: complex(item(self)), "__iter__": _iter, "__contains__": _contains,
    "__getitem__": shapes.getitem, "__setitem__": write.setitem, "__array__": _to_array, "__deepcopy__": _deepcopy,
    "__copy__": lambda self: shapes.getitem(self, ()) if data_of(self).ndim == 0 else shapes.getitem(self, Ellipsis),
    "__reduce__": _reduce, "__array_ufunc__": _array_ufunc, "__array_function__": _array_function,
    "__matmul__": lambda self, other: functions.matmul(self, other),
    "__rmatmul__": lambda self, other: functions.matmul(creation.as_tensor(other), self),
}  # fmt: skip

PROPERTIES: dict[str, Any] = {
    "grad": property(_get_grad, _set_grad, lambda self: _set_grad(self, None)),
    "requires_grad": property(_requires_grad, _set_requires_grad),
    "is_leaf": property(lambda self: type(parent_of(self)) is not Node),
    "grad_fn": property(_grad_fn),
    "data": property(detached, _set_data),
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


__all__ = ["ROWS", "SimpleNamespace", "install", "mixed", "weakref"]
