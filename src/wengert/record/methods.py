"""The methods and operators of Scalar and Array: NumPy's spellings, each a call of the NumPy function."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, ROWS, Row
from wengert.record import index, numbers, protocols
from wengert.record.apply import apply, is_view, share, wrap, youngest
from wengert.record.numbers import python_row, pythonic
from wengert.record.squares import square_of_root
from wengert.record.hashing import scalar_hash
from wengert.record.value import Array, Scalar, concrete, is_value

_REALS = {float, np.float64, np.float32}
_NUMBERS = {float, int, np.float64}

BINARY: dict[str, tuple[Any, Any]] = {
    "add": (np.add, operator.add),
    "sub": (np.subtract, operator.sub),
    "mul": (np.multiply, operator.mul),
    "truediv": (np.divide, operator.truediv),
}
OTHER_BINARY: dict[str, Any] = {
    "pow": np.power,
    "floordiv": np.floor_divide,
    "mod": np.remainder,
    "divmod": np.divmod,
    "matmul": np.matmul,
}
COMPARISONS: dict[str, Any] = {
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
    "eq": np.equal,
    "ne": np.not_equal,
}
BITWISE: dict[str, Any] = {
    "and": np.bitwise_and,
    "or": np.bitwise_or,
    "xor": np.bitwise_xor,
    "lshift": np.left_shift,
    "rshift": np.right_shift,
}


def install() -> None:
    """Give Scalar and Array their operators, once all rows are known."""
    for name, (ufunc, function) in BINARY.items():
        row = ROWS[ufunc]
        _set(Scalar, f"__{name}__", _scalar_binary(row, function))
        _set(Scalar, f"__r{name}__", _scalar_reflected(row, function))
        _set(Array, f"__{name}__", _binary(row))
        _set(Array, f"__r{name}__", _reflected(row))
        _set(Array, f"__i{name}__", _in_place(row))
    for name, ufunc in (OTHER_BINARY | BITWISE).items():
        function = ufunc if name != "pow" else numbers.power
        of_numbers = numbers.BINARY.get(name, ufunc)
        _set(Scalar, f"__{name}__", _through(of_numbers))
        _set(Scalar, f"__r{name}__", _through_reflected(of_numbers))
        _set(Array, f"__{name}__", _through(function))
        _set(Array, f"__r{name}__", _through_reflected(function))
        if name != "divmod":
            _set(Array, f"__i{name}__", _in_place_through(function, ufunc))
    for name, ufunc in COMPARISONS.items():
        _set(Scalar, f"__{name}__", _scalar_comparison(getattr(operator, name), ufunc))
        _set(Array, f"__{name}__", _through(ufunc))
    for kind in (Scalar, Array):
        _set(kind, "__neg__", _unary(ROWS[np.negative]))
        _set(kind, "__pos__", _unary(ROWS[np.positive]))
        _set(kind, "__abs__", lambda self: np.abs(self))
        _set(kind, "__invert__", lambda self: np.invert(self))
        _set(kind, "__hash__", scalar_hash if kind is Scalar else None)
        for name, method in CONVERSIONS.items():
            _set(kind, name, method)
        for name, method in (METHODS | PROPERTIES).items():
            _set(kind, name, method)
    for name, method in ARRAY_ONLY.items():
        _set(Array, name, method)
    _set(Scalar, "__getitem__", _scalar_getitem)
    _set(Scalar, "__iter__", None)
    for name, method in numbers.UNARY.items():
        _set(Scalar, name, method)


def _set(kind: type, name: str, value: Any) -> None:
    if callable(value) and not isinstance(value, property) and getattr(value, "__name__", "") == "<lambda>":
        value.__name__ = name
    setattr(kind, name, value)


# ── operators ──


def _times_itself(x: Any) -> Any:
    return x * x


def _scalar_binary(row: Row, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    product = ROWS[np.multiply]

    def operate(self: Scalar, other: Any) -> Any:
        x, rec, t = self.data, self.rec, type(other)
        if other is self and row is product:
            y = square_of_root(self, _times_itself)
            if y is not None:
                return y
        if type(x) in _REALS:
            if t is Scalar:
                z = other.data
                if other.rec is rec and type(z) in _REALS:
                    y = function(x, z)
                    lines = rec.lines
                    slot = len(lines)
                    lines.append((row, (self.slot, other.slot), y, (x, z), None, None))
                    return Scalar(y, rec, slot)
            elif t in _NUMBERS:
                y = function(x, other)
                lines = rec.lines
                slot = len(lines)
                lines.append((row, (self.slot, -1), y, (x, other), None, None))
                return Scalar(y, rec, slot)
        return _python_binary(row, function, self, other)

    return operate


def _scalar_reflected(row: Row, function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def operate(self: Scalar, other: Any) -> Any:
        x, rec = self.data, self.rec
        if type(x) in _REALS and type(other) in _NUMBERS:
            y = function(other, x)
            lines = rec.lines
            slot = len(lines)
            lines.append((row, (-1, self.slot), y, (other, x), None, None))
            return Scalar(y, rec, slot)
        return _python_binary(row, function, other, self)

    return operate


def _python_binary(row: Row, function: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """Two numbers meet as Python has them meet (1.0 / 0.0 raises); arrays as NumPy has."""
    if type(a) in (list, tuple) or type(b) in (list, tuple) or not (_numeric(a) and _numeric(b)):
        return apply(row, (_operand(a), _operand(b)))
    twin = python_row(row, function) if pythonic(a) and pythonic(b) else row
    return apply(twin, (a, b))


def _numeric(a: Any) -> bool:
    return isinstance(a, (int, float, complex, np.generic, np.ndarray)) or is_value(a)


def _operand(a: Any) -> Any:
    return np.array(a) if type(a) in (list, tuple) else a


def _binary(row: Row) -> Callable[[Any, Any], Any]:
    product = ROWS[np.multiply]

    def operate(self: Any, other: Any) -> Any:
        t = type(other)
        if other is self and row is product:
            y = square_of_root(self, _times_itself)
            if y is not None:
                return y
        return apply(row, (self, np.array(other) if t is list or t is tuple else other))

    return operate


def _reflected(row: Row) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        return apply(row, (_operand(other), self))

    return operate


def _in_place(row: Row) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        return index.update(row, self, _operand(other))

    return operate


def _unary(row: Row) -> Callable[[Any], Any]:
    def operate(self: Any) -> Any:
        return apply(row, (self,))

    return operate


def _through(function: Any) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        if other is None or type(other) is str:
            return function is np.not_equal if function in (np.equal, np.not_equal) else NotImplemented
        return function(self, _operand(other))

    return operate


def _through_reflected(function: Any) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        return function(_operand(other), self)

    return operate


def _in_place_through(function: Any, ufunc: Any) -> Callable[[Any, Any], Any]:
    def operate(self: Any, other: Any) -> Any:
        other = _operand(other)
        return index.become(self, function(self, other), ufunc, other)

    return operate


def _scalar_comparison(function: Callable[[Any, Any], Any], ufunc: Any) -> Callable[[Any, Any], Any]:
    def compare(self: Scalar, other: Any) -> Any:
        if type(other) in _NUMBERS and type(self.data) in _REALS and not self.rec.traces:
            return function(self.data, other)
        if self.rec.traces or (is_value(other) and (other.rec is None or other.rec.traces)):  # type: ignore[union-attr]
            return ufunc(self, other)
        if is_value(self.data) or is_value(other):
            a = self.data
            b = other.data if type(other) is Scalar and other.rec is self.rec else other
            return function(a, b)
        return function(self.data, other)

    return compare


# ── indexing ──


def _getitem(self: Array, key: Any) -> Any:
    return index.read(self, key)


def _setitem(self: Array, key: Any, value: Any) -> None:
    index.write(self, key, value)


def _scalar_getitem(self: Scalar, key: Any) -> Any:
    """x[()], x[...] and x[..., None] of a NumPy scalar; NumPy's error for the rest."""
    concrete(self)[key]
    return self if type(key) is tuple and not key else protocols_array(self)[key]


def protocols_array(x: Any) -> Any:
    """x as a 0-d array."""
    return np.asarray(x)


def _iter(self: Array) -> Iterator[Any]:
    n = len(concrete(self))
    return (self[k] for k in range(n))


def _contains(self: Array, x: Any) -> bool:
    return bool(np.any(concrete(self) == concrete(x)))


class Flat:
    """x.flat: the elements in C order, read and written through x."""

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    def __getitem__(self, key: Any) -> Any:
        return np.ravel(self.array)[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        shape = np.shape(concrete(self.array))
        places = np.arange(concrete(self.array).size)[index.clean(key)]
        where = np.unravel_index(places, shape) if shape else Ellipsis
        value = np.resize(value, np.shape(places)) if np.ndim(value) else value
        self.array[where] = value

    def __iter__(self) -> Iterator[Any]:
        return iter(np.ravel(self.array))

    def __len__(self) -> int:
        return int(concrete(self.array).size)


# ── methods ──


def _call(function: Any) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    return method


def _shape_args(function: Any) -> Callable[..., Any]:
    """x.reshape(2, 3) and x.reshape((2, 3)) alike."""

    def method(self: Any, *shape: Any, **kwargs: Any) -> Any:
        if len(shape) == 1 and (shape[0] is None or isinstance(shape[0], (tuple, list, np.ndarray))):
            return function(self, shape[0], **kwargs)
        return function(self, shape, **kwargs) if shape else function(self, **kwargs)

    return method


def _attribute(name: str) -> property:
    return property(lambda self: getattr(np.asanyarray(concrete(self)), name))


def copy(self: Any, order: str = "C") -> Any:
    """x.copy()."""
    if type(self) is Scalar:
        return self
    if youngest((self,)) is None:
        return Array(self.data.copy(order))
    return apply(COPY_AS[order], (self,))


COPY_AS: dict[str, Row] = {}


def astype(self: Any, dtype: Any, order: str = "K", casting: str = "unsafe", subok: bool = True, copy: bool = True) -> Any:
    """x.astype(dtype): keeps the derivative between floating dtypes, ends it for integers."""
    now = np.dtype(dtype)
    if now == concrete(self).dtype:
        return self.copy(order if order in "CF" else "C") if copy and type(self) is Array else self
    if now.kind == "O":
        return np.array(self, dtype=object)
    if now.kind not in "fc":
        return concrete(self).astype(now)
    return HANDLERS["astype"](self, now)


def view(self: Any, *args: Any, **kwargs: Any) -> Any:
    """x.view(): of the same dtype only."""
    if type(self) is Array and (not args or args[0] is np.ndarray or np.dtype(args[0]) == concrete(self).dtype):
        return self[...]
    if youngest((self,)) is None:
        return concrete(self).view(*args, **kwargs)
    raise protocols.missing(np.ndarray.view)


def _fill_method(self: Array, value: Any) -> None:
    self[...] = value


def _sort_method(self: Array, axis: int = -1, kind: Any = None, order: Any = None, **kwargs: Any) -> None:
    self[...] = np.sort(self, axis=axis, kind=kind, order=order, **kwargs)


def _partition_method(self: Array, kth: Any, axis: int = -1, **kwargs: Any) -> None:
    self[...] = np.partition(self, kth, axis=axis, **kwargs)


def _put_method(self: Array, indices: Any, values: Any, mode: str = "raise") -> None:
    np.put(self, indices, values, mode=mode)


def _set_real(self: Array, value: Any) -> None:
    _real(self)[...] = value


def _set_imag(self: Array, value: Any) -> None:
    if not np.iscomplexobj(self):
        raise TypeError("array does not have imaginary part to set")
    _imag(self)[...] = value


def _real(self: Any) -> Any:
    return np.real(self) if np.iscomplexobj(concrete(self)) else self


def _imag(self: Any) -> Any:
    return np.imag(self)


def _set_shape(self: Array, shape: Any) -> None:
    new = np.reshape(self, shape)
    if not (type(new) is Array and new.root is not None):
        raise AttributeError("Incompatible shape for in-place modification. Use `.reshape()` to make a copy.")
    if self.root is None and sys.getrefcount(self) > _UNSEEN:
        raise AttributeError(
            "the shape of a recorded array with views (or several names) cannot be set in place.\n"
            "Use x = x.reshape(shape)."
        )
    self.data, self.rec, self.slot = new.data, new.rec, new.slot
    if self.root is not None:
        self.path, self.stamp = new.path, new.stamp


_UNSEEN = 5
"""References to an array that one name refers to, seen from _set_shape: that name and the call, and `new`'s root."""


def deepcopy(self: Any, memo: Any) -> Any:
    """copy.deepcopy(x): a copy that keeps the derivative."""
    return self.copy()


def _format(self: Any, spec: str) -> str:
    return format(concrete(self), spec)


def _repr(self: Any) -> str:
    return repr(concrete(self))


def _str(self: Any) -> str:
    return str(concrete(self))


def _reduce(self: Any) -> Any:
    if youngest((self,)) is None:
        return concrete(self).__reduce__()
    raise TypeError("a recorded value cannot be pickled; pickle stop_gradient(x), or return x from the function")


CONVERSIONS: dict[str, Any] = {
    "__array_ufunc__": protocols.array_ufunc,
    "__array_function__": protocols.array_function,
    "__array__": protocols.to_array,
    "__float__": protocols.to_float,
    "__complex__": protocols.to_complex,
    "__int__": protocols.to_int,
    "__trunc__": protocols.to_int,
    "__floor__": lambda self: int(np.floor(concrete(self))),
    "__ceil__": lambda self: int(np.ceil(concrete(self))),
    "__index__": protocols.to_index,
    "__bool__": protocols.to_bool,
    "__format__": _format,
    "__repr__": _repr,
    "__str__": _str,
    "__reduce__": _reduce,
    "__reduce_ex__": lambda self, protocol: _reduce(self),
    "__deepcopy__": deepcopy,
    "__copy__": copy,
    "__array_priority__": 1000.0,
}
METHODS: dict[str, Any] = {
    name: _call(function)
    for name, function in {
        "sum": np.sum, "prod": np.prod, "mean": np.mean, "std": np.std, "var": np.var,
        "max": np.max, "min": np.min, "argmax": np.argmax, "argmin": np.argmin, "ptp": np.ptp,
        "any": np.any, "all": np.all, "cumsum": np.cumsum, "cumprod": np.cumprod,
        "dot": np.dot, "trace": np.trace, "clip": np.clip, "round": np.round, "conj": np.conj,
        "conjugate": np.conjugate, "ravel": np.ravel, "squeeze": np.squeeze,
        "swapaxes": np.swapaxes, "diagonal": np.diagonal, "repeat": np.repeat, "take": np.take,
        "choose": np.choose, "compress": lambda self, c, axis=None, out=None: np.compress(c, self, axis, out),
        "searchsorted": np.searchsorted, "argsort": np.argsort, "nonzero": np.nonzero,
        "argpartition": np.argpartition,
    }.items()
} | {  # fmt: skip
    "reshape": _shape_args(np.reshape),
    "transpose": _shape_args(np.transpose),
    "flatten": lambda self, order="C": np.ravel(self, order=order).copy(),
    "astype": astype,
    "copy": copy,
    "item": protocols.item,
    "tolist": protocols.tolist,
    "tobytes": protocols.refuse_bytes,
    "view": view,
    "is_integer": lambda self: float(concrete(self)).is_integer(),
    "hex": lambda self: float(concrete(self)).hex(),
}
PROPERTIES: dict[str, Any] = {
    name: _attribute(name)
    for name in ("shape", "ndim", "size", "dtype", "nbytes", "itemsize", "strides", "flags", "device")
} | {
    "T": property(lambda self: np.transpose(self) if type(self) is Array else self),
    "mT": property(lambda self: np.matrix_transpose(self)),
    "real": property(_real, _set_real),
    "imag": property(_imag, _set_imag),
    "flat": property(Flat, lambda self, value: Flat(self).__setitem__(slice(None), value)),
    "base": property(lambda self: getattr(self, "root", None)),
}
ARRAY_ONLY: dict[str, Any] = {
    "__getitem__": _getitem,
    "__setitem__": _setitem,
    "__len__": lambda self: len(concrete(self)),
    "__iter__": _iter,
    "__contains__": _contains,
    "fill": _fill_method,
    "sort": _sort_method,
    "partition": _partition_method,
    "put": _put_method,
    "shape": property(lambda self: concrete(self).shape, _set_shape),
    "__array_wrap__": lambda self, y, context=None, return_scalar=False: y,
    "setflags": lambda self, write=None, align=None, uic=None: None,
}
__all__ = ["COPY_AS", "Flat", "install", "is_view", "share", "wrap"]
