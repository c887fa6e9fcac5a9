"""The methods and attributes of Scalar and Array: NumPy's spellings, each a call of the NumPy function."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import LostDerivative, NoDerivative
from wengert.ir.row import HANDLERS, Row
from wengert.record import elements, numbers, operators, pickles, protocols, structured_making
from wengert.record.apply import apply, youngest
from wengert.record.build import array_of
from wengert.record.elements import Flat
from wengert.record.flavoured import flavoured, is_subclass
from wengert.record.locate import at_user_line, spells
from wengert.record.observe import look, whole
from wengert.record.operators import give
from wengert.record.quick import at_once
from wengert.record.shadows import Shadow
from wengert.record.text import shown
from wengert.record.value import BATCH, Array, Scalar, concrete, is_value


def install() -> None:
    """Give Scalar and Array their operators, methods and attributes, once all rows are known."""
    operators.install()
    for kind in (Scalar, Array):
        for name, method in CONVERSIONS.items():
            give(kind, name, method)
    for name, method in (METHODS | PROPERTIES).items():
        if hasattr(np.ndarray, name) or hasattr(float, name):
            give(Array, name, method)
        if hasattr(float, name):
            give(Scalar, name, method)
        elif hasattr(np.float64, name):
            give(Scalar, name, OfNumPy(name, method))
    for name, method in ARRAY_ONLY.items():
        give(Array, name, method)
    give(Scalar, "__getitem__", elements.scalar_getitem)
    give(Scalar, "__iter__", None)


class OfNumPy:
    """An attribute of NumPy's numbers: a recorded number of Python's has none of that name."""

    __slots__ = ("attribute", "name")

    def __init__(self, name: str, attribute: Any) -> None:
        self.name, self.attribute = name, attribute

    def __get__(self, x: Any, kind: Any = None) -> Any:
        """x's attribute."""
        if x is None:
            return self
        if numbers.pythonic(x):
            raise AttributeError(f"{type(concrete(x)).__name__!r} object has no attribute {self.name!r}")
        return self.attribute.__get__(x, kind)


def _call(function: Any) -> Callable[..., Any]:
    call = at_once(function)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return call(self, *args, **kwargs)

    return method


def _shape_args(numpy_function: Any) -> Callable[..., Any]:
    """x.reshape(2, 3) and x.reshape((2, 3)) alike."""
    function = at_once(numpy_function)

    def method(self: Any, *shape: Any, **kwargs: Any) -> Any:
        if len(shape) == 1 and (shape[0] is None or isinstance(shape[0], (tuple, list, range, np.ndarray))):
            return function(self, shape[0], **kwargs)
        return function(self, shape, **kwargs) if shape else function(self, **kwargs)

    return method


_transpose = at_once(np.transpose)


def _attribute(name: str) -> property:
    return property(lambda self: getattr(np.asanyarray(concrete(self)), name))


def _to_array(self: Any, dtype: Any = None, copy: bool | None = None) -> Any:
    """x.__array__() where a program writes it is x as an array; compiled code that calls it would keep a plain one."""
    if spells(sys._getframe(1), "__array__"):
        return array_of(self, dtype, copy)
    return protocols.to_array(self, dtype, copy)


def copy(self: Any, order: str = "C") -> Any:
    """x.copy()."""
    if type(self) is Scalar:
        return self
    if youngest((self,)) is None:
        return Array(self.primal.copy(order))
    return apply(COPY_AS[order], (self,))


COPY_AS: dict[str, Row] = {}


def conjugate(self: Any, *args: Any, **kwargs: Any) -> Any:
    """x.conjugate(): a real array is its own (the very same), a Python complex number's is Python's."""
    if numbers.pythonic(self):
        return numbers.conjugate(self)
    if isinstance(self, Array) and not (args or kwargs) and concrete(self).dtype.kind != "c":
        return self
    return np.conjugate(self, *args, **kwargs)


def conj(self: Any, *args: Any, **kwargs: Any) -> Any:
    """x.conj() of an array or a number of NumPy's."""
    return np.conj(self) if numbers.pythonic(self) else conjugate(self, *args, **kwargs)


def flatten(self: Any, order: Any = "C") -> Any:
    """x.flatten(): a copy in one dimension."""
    return np.ravel(self, order=order).copy()


def astype(
    self: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True
) -> Any:
    """x.astype(dtype): keeps the derivative between floating dtypes, ends it for integers."""
    now = np.dtype(dtype)
    if now == concrete(self).dtype:
        return self.copy(order if order in "CF" else "C") if copy and type(self) is Array else self
    if now.kind == "O":
        return np.array(self, dtype=object)
    if now.names is not None:
        return structured_making.cast(self, now)
    if now.kind not in "fc":
        return apply(CAST, (self,), {"dtype": now})
    return HANDLERS["astype"](self, now)


def _cast(x: Any, dtype: Any) -> Any:
    """x.astype(dtype), for whole numbers and truth values."""
    return np.asanyarray(x).astype(dtype)[()] if isinstance(x, (float, int, complex)) else x.astype(dtype)


CAST = Row(_cast, "astype", "constant", special=True)
"""A line of traces only: elsewhere a whole number is a plain one."""


def view(self: Any, *args: Any, **kwargs: Any) -> Any:
    """x.view(): of the same dtype, as records of such numbers, or of complex numbers as pairs of real ones and back."""
    if type(self) is Array and args and not isinstance(args[0], type) and np.dtype(args[0]).names is not None:
        return structured_making.seen(self, np.dtype(args[0]))
    kind = kwargs.get("type", args[0] if args else None)
    if type(self) is Array and (type(kind) is Shadow or (isinstance(kind, type) and is_subclass(kind))):
        return flavoured(self[...], kind)
    if type(self) is Array and (not args or args[0] is np.ndarray or np.dtype(args[0]) == concrete(self).dtype):
        return self[...]
    if type(self) is Array and len(args) == 1 and not kwargs and _in_pairs(concrete(self).dtype, args[0]):
        return HANDLERS["view"](self)
    if youngest((self,)) is None:
        return concrete(self).view(*args, **kwargs)
    raise protocols.missing(np.ndarray.view)


def _in_pairs(dtype: Any, other: Any) -> bool:
    """Whether one of these is complex, and the other the type of its parts."""
    kinds = {np.dtype(np.complex128): np.dtype(np.float64), np.dtype(np.complex64): np.dtype(np.float32)}
    wanted = None if isinstance(other, type) and issubclass(other, np.ndarray) else np.dtype(other)
    return wanted is not None and wanted in (kinds.get(dtype), {v: k for k, v in kinds.items()}.get(dtype))


def _fill_method(self: Any, value: Any) -> None:
    self[...] = value


def _sort_method(self: Any, axis: int = -1, kind: Any = None, order: Any = None, **kwargs: Any) -> None:
    self[...] = np.sort(self, axis=axis, kind=kind, order=order, **kwargs)


def _partition_method(self: Any, kth: Any, axis: int = -1, **kwargs: Any) -> None:
    self[...] = np.partition(self, kth, axis=axis, **kwargs)


def _put_method(self: Any, indices: Any, values: Any, mode: Any = "raise") -> None:
    np.put(self, indices, values, mode=mode)


def _set_real(self: Any, value: Any) -> None:
    _real(self)[...] = value


_REALS: Any = np.zeros(1)


def _set_imag(self: Any, value: Any) -> None:
    if not np.iscomplexobj(self):
        _REALS.imag = 1.0  # NumPy's own error
    _imag(self)[...] = value


def _real(self: Any) -> Any:
    return np.real(self) if np.iscomplexobj(concrete(self)) else self


def _imag(self: Any) -> Any:
    return np.imag(self)


def _set_shape(self: Any, shape: Any) -> None:
    new: Any = np.reshape(self, shape)
    if not (type(new) is Array and new.root is not None):
        raise AttributeError("Incompatible shape for in-place modification. Use `.reshape()` to make a copy.")
    if self.root is None and sys.getrefcount(self) > _UNSEEN:
        del new
        new = np.reshape(_given_up_by(self), shape)
        self.root = new.root
    self.primal, self.rec, self.slot = new.primal, new.rec, new.slot
    if self.root is not None:
        self.path, self.stamp = new.path, new.stamp


def _given_up_by(x: Any) -> Any:
    """A new owner of the memory of x, in its old shape, for the views of x that there may be."""
    owner = Array(x.primal, x.rec, x.slot)
    owner.version, owner.shared = x.version, x.shared
    for view in gc.get_referrers(x):
        if type(view) is Array and view.root is x:
            view.root = owner
    return owner


def _resize_method(self: Any, *shape: Any, refcheck: bool = True) -> None:
    """x.resize(shape), where no element is gained or lost."""
    new = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    if int(np.prod(new)) != concrete(self).size:
        raise NoDerivative(
            at_user_line("no derivative through x.resize(shape) to another number of elements")
            + "\nUse x = np.resize(x, shape), or np.concatenate with zeros."
        )
    _set_shape(self, new)


_UNSEEN = 5
"""References to an array that one name refers to, seen from _set_shape: that name and the call, and `new`'s root."""


def deepcopy(self: Any, memo: Any) -> Any:
    """copy.deepcopy(x): a copy that keeps the derivative."""
    return self if type(self) is Scalar else self.copy(order="K")


def _format(self: Any, spec: str) -> str:
    return shown(format(read(self), spec), self)


def _repr(self: Any) -> str:
    return shown(repr(read(self)), self)


def _str(self: Any) -> str:
    return shown(str(read(self)), self)


def read(x: Any) -> Any:
    """The plain value of x as text shows it: of one example it would say nothing about the others."""
    inner = x
    while is_value(inner):
        if inner.rec is not None and inner.rec.traces is BATCH:
            raise LostDerivative("the text of one example's value is not that of the others")
        inner = inner.primal
    return look(x)


CONVERSIONS: dict[str, Any] = {
    "__array_ufunc__": protocols.array_ufunc,
    "__array_function__": protocols.array_function,
    "__array__": _to_array,
    "__array_namespace__": lambda self, *, api_version=None: np,
    "__float__": protocols.to_float,
    "__complex__": protocols.to_complex,
    "__int__": protocols.to_int,
    "__trunc__": protocols.to_int,
    "__floor__": whole(np.floor),
    "__ceil__": whole(np.ceil),
    "__index__": protocols.to_index,
    "__bool__": protocols.to_bool,
    "__format__": _format,
    "__repr__": _repr,
    "__str__": _str,
    "__reduce__": pickles.reduce,
    "__reduce_ex__": pickles.reduce,
    "__deepcopy__": deepcopy,
    "__copy__": lambda self: copy(self, "K"),
    "__array_priority__": 1000.0,
}
METHODS: dict[str, Any] = {
    name: _call(function)
    for name, function in {
        "sum": np.sum,
        "prod": np.prod,
        "mean": np.mean,
        "std": np.std,
        "var": np.var,
        "max": np.max,
        "min": np.min,
        "argmax": np.argmax,
        "argmin": np.argmin,
        "ptp": np.ptp,
        "any": np.any,
        "all": np.all,
        "cumsum": np.cumsum,
        "cumprod": np.cumprod,
        "dot": np.dot,
        "trace": np.trace,
        "clip": np.clip,
        "round": np.round,
        "conj": conj,
        "conjugate": conjugate,
        "ravel": np.ravel,
        "squeeze": np.squeeze,
        "swapaxes": np.swapaxes,
        "diagonal": np.diagonal,
        "repeat": np.repeat,
        "take": np.take,
        "choose": np.choose,
        "compress": lambda self, c, axis=None, out=None: np.compress(c, self, axis, out),
        "searchsorted": np.searchsorted,
        "argsort": np.argsort,
        "nonzero": np.nonzero,
        "argpartition": np.argpartition,
    }.items()
} | {
    "reshape": _shape_args(np.reshape),
    "transpose": _shape_args(np.transpose),
    "flatten": flatten,
    "astype": astype,
    "copy": copy,
    "item": protocols.item,
    "tolist": protocols.tolist,
    **{name: protocols.refuses(name) for name in ("tobytes", "tofile", "dump", "dumps", "byteswap", "getfield")},
    "view": view,
    "as_integer_ratio": protocols.to_ratio,
    "is_integer": lambda self: float(look(self)).is_integer(),
    "hex": lambda self: float(look(self)).hex(),
}
PROPERTIES: dict[str, Any] = {
    name: _attribute(name)
    for name in ("shape", "ndim", "size", "dtype", "nbytes", "itemsize", "strides", "flags", "device")
} | {
    "T": property(lambda self: _transpose(self) if type(self) is Array else self),
    "mT": property(lambda self: np.matrix_transpose(self)),
    "real": property(_real, _set_real),
    "imag": property(_imag, _set_imag),
    "flat": property(Flat, lambda self, value: Flat(self).__setitem__(slice(None), value)),
    "data": property(protocols.buffer),
    "base": property(lambda self: getattr(self, "root", None)),
    "ctypes": property(lambda self: protocols.to_array(self).ctypes),
}
ARRAY_ONLY: dict[str, Any] = {
    "__getitem__": elements.getitem,
    "__setitem__": elements.setitem,
    "__len__": lambda self: len(concrete(self)),
    "__iter__": elements.iterate,
    "__contains__": elements.contains,
    "fill": _fill_method,
    "resize": _resize_method,
    "sort": _sort_method,
    "partition": _partition_method,
    "put": _put_method,
    "shape": property(lambda self: concrete(self).shape, _set_shape),
    "__array_wrap__": lambda self, y, context=None, return_scalar=False: y,
    "setflags": lambda self, write=None, align=None, uic=None: None,
}
