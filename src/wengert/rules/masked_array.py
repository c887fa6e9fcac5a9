"""Masked arrays of recorded numbers: recorded data beside a plain mask, with the meaning that numpy.ma gives them.

What is masked takes part in nothing: a function is computed of ½ there, and the masked element keeps what it had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line, full_name
from wengert.record.observe import look
from wengert.record.value import concrete
from wengert.rules.axes import as_array
from wengert.rules.solved import still

Fn = Callable[..., Any]
nomask: Any = np.ma.nomask
masked: Any = np.ma.masked
_SAFE = 0.5
_TINY = np.finfo(float).tiny


def refuse(name: str) -> NoDerivative:
    """The error for what is not known of masked arrays."""
    return NoDerivative(
        at_user_line(f"no derivative rule for {name} of a masked array of recorded numbers")
        + "\nUse x.filled(value) or x.compressed(), or np.where with the mask."
    )


def data_of(x: Any) -> Any:
    """The data of x, masked or not."""
    return x.data if isinstance(x, (Masked, np.ma.MaskedArray)) and x is not masked else as_array(x)


def fill_of(x: Any) -> Any:
    """The fill value that was given to x, or None."""
    return getattr(x, "_fill_value", None)


def mask_of(x: Any) -> Any:
    """The mask of x, or nomask."""
    return x.mask if isinstance(x, (Masked, np.ma.MaskedArray)) else nomask


def joined(*masks: Any) -> Any:
    """Masked where any is."""
    some = [m for m in masks if m is not nomask]
    if not some:
        return nomask
    shape = np.broadcast_shapes(*[np.shape(m) for m in some])
    return np.logical_or.reduce([np.broadcast_to(m, shape) for m in some])


def full(mask: Any, shape: Any) -> Any:
    """The mask as an array of that shape."""
    return np.zeros(shape, bool) if mask is nomask else np.broadcast_to(np.asarray(mask), shape).copy()


def _of_shape(mask: Any, shape: Any) -> Any:
    """The mask itself, which may be that of other arrays too, if it has the shape."""
    return mask if type(mask) is np.ndarray and mask.shape == shape and mask.dtype == bool else full(mask, shape)


DOMAINS: dict[Any, Fn] = {
    np.sqrt: lambda x: x < 0.0, np.log: lambda x: x <= 0.0, np.log2: lambda x: x <= 0.0, np.log10: lambda x: x <= 0.0,
    np.arcsin: lambda x: np.abs(x) > 1.0, np.arccos: lambda x: np.abs(x) > 1.0, np.arccosh: lambda x: x < 1.0,
    np.arctanh: lambda x: np.abs(x) > 1.0 - 1e-15, np.divide: lambda a, b: np.abs(a) * _TINY >= np.abs(b),
    np.remainder: lambda a, b: b == 0, np.fmod: lambda a, b: b == 0, np.floor_divide: lambda a, b: b == 0,
}  # fmt: skip
"""ufunc → where numpy.ma masks its result."""


def mapped(ufunc: Any, *xs: Any) -> Any:
    """ufunc of masked and other arrays, element by element."""
    if ufunc.signature:
        return OTHER[0](ufunc, xs, {})
    data = [data_of(x) for x in xs]
    mask = mask_of(xs[0]) if len(xs) == 1 else joined(*[mask_of(x) for x in xs])
    if ufunc in DOMAINS:
        outside = np.asarray(DOMAINS[ufunc](*[still(d) for d in data]))
        mask = joined(mask, outside) if mask is not nomask or np.any(outside) else nomask
    fill = next((fill_of(x) for x in xs if isinstance(x, (Masked, np.ma.MaskedArray))), None)
    if mask is nomask:
        return Masked(ufunc(*data), nomask, fill)
    y = ufunc(*[d if _is_exponent(ufunc, k, d) else np.where(mask, _safe(d), d) for k, d in enumerate(data)])
    if not np.shape(mask):
        return masked if mask else y
    kind = concrete(y).dtype
    same = np.shape(concrete(data[0])) == np.shape(mask) and kind.kind != "b"
    kept = data[0] if same else np.zeros((), kind)
    return Masked(np.where(mask, kept, y), np.asarray(mask), fill)


def _is_exponent(ufunc: Any, k: int, d: Any) -> bool:
    """One exponent for all, which stays one: NumPy squares, and takes roots, by other means than powers."""
    return ufunc is np.power and k == 1 and np.ndim(concrete(d)) == 0


def _safe(d: Any) -> Any:
    """What is put where something is masked: any number, or truth, at which functions are harmless."""
    return np.zeros((), bool) if np.result_type(concrete(d)).kind == "b" else _SAFE


class Masked:
    """data (recorded) and mask (plain): numpy.ma.MaskedArray of recorded numbers."""

    __array_priority__ = 20
    answers_first = True

    def __init__(self, data: Any, mask: Any = nomask, fill_value: Any = None) -> None:
        self.data = data
        self._mask = mask if mask is nomask else _of_shape(mask, np.shape(concrete(data)))
        self._fill_value = fill_value

    __class__ = property(lambda self: np.ma.MaskedArray)  # type: ignore[assignment]
    shape = property(lambda self: np.shape(concrete(self.data)), lambda self, shape: self._take(self.reshape(shape)))
    fill_value = property(lambda self: self.get_fill_value(), lambda self, value: self.set_fill_value(value))
    hardmask = property(lambda self: False)
    flat = property(lambda self: self.ravel())
    real = property(lambda self: Masked(np.real(self.data), self.mask, self._fill_value))
    imag = property(lambda self: Masked(np.imag(self.data), self.mask, self._fill_value))
    mT = property(lambda self: self._moved(np.swapaxes, -1, -2))
    nbytes = property(lambda self: concrete(self.data).nbytes)
    itemsize = property(lambda self: concrete(self.data).itemsize)
    recordmask = property(lambda self: self.mask)
    baseclass = property(lambda self: np.ndarray)
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: int(np.prod(self.shape)))
    dtype = property(lambda self: concrete(self.data).dtype)
    T = property(lambda self: self.transpose())
    _data = property(lambda self: self.data)

    @property
    def mask(self) -> Any:
        return self._mask

    @mask.setter
    def mask(self, value: Any) -> None:
        """In place, if there is a mask: views of the array, and arrays made of it, may have the same one."""
        if self._mask is nomask:
            self._mask = value if value is nomask else full(value, self.shape)
        else:
            self._mask[...] = False if value is nomask else value

    def get_fill_value(self) -> Any:
        if self._fill_value is None:
            return np.ma.default_fill_value(np.zeros(1, self.dtype))
        return self._fill_value

    def set_fill_value(self, value: Any = None) -> None:
        self._fill_value = value

    def _take(self, other: Any) -> None:
        self.data, self._mask = other.data, other.mask

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return repr(np.ma.array(look(self.data), mask=self.mask))

    def __str__(self) -> str:
        return str(np.ma.array(look(self.data), mask=self.mask))

    # ── elements ──

    def __getitem__(self, key: Any) -> Any:
        key = data_of(key) if isinstance(key, (Masked, np.ma.MaskedArray)) else key
        mask = nomask if self.mask is nomask else self.mask[key]
        part = self.data[key]
        if not np.ndim(concrete(part)) and not isinstance(part, np.ndarray):
            return masked if mask is not nomask and mask else part
        return Masked(part, mask, self._fill_value)

    def __setitem__(self, key: Any, value: Any) -> None:
        key = concrete(data_of(key)) if isinstance(key, (Masked, np.ma.MaskedArray)) else key
        hidden = value is masked or mask_of(value)
        if value is not masked:
            self.data[key] = data_of(value)  # the key may be the mask, as it was
        if self._mask is nomask and hidden is not nomask:
            self._mask = np.zeros(self.shape, bool)
        if self._mask is not nomask:
            self._mask[key] = False if hidden is nomask else hidden

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def filled(self, fill_value: Any = None) -> Any:
        """The data, with a number where it is masked."""
        if not np.any(self.mask):
            return self.data
        return np.where(self.mask, self.fill_value if fill_value is None else fill_value, self.data)

    def compressed(self) -> Any:
        """The elements that are not masked."""
        return np.ravel(self.data) if self.mask is nomask else self.data[~self.mask]

    def count(self, axis: Any = None, keepdims: bool = False) -> Any:
        """How many are not masked."""
        return np.sum(~full(self.mask, self.shape), axis=axis, keepdims=keepdims)

    # ── shapes ──

    def _moved(self, move: Fn, *args: Any, **kwargs: Any) -> Any:
        mask = nomask if self.mask is nomask else move(self.mask, *args, **kwargs)
        return Masked(move(self.data, *args, **kwargs), mask, self._fill_value)

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        return self._moved(np.reshape, shape[0] if len(shape) == 1 else shape, order=order)

    def transpose(self, *axes: Any) -> Any:
        return self._moved(np.transpose, axes or None)

    def ravel(self, order: str = "C") -> Any:
        return self._moved(np.ravel, order)

    def flatten(self) -> Any:
        return self.copy().ravel()

    def squeeze(self, axis: Any = None) -> Any:
        return self._moved(np.squeeze, axis)

    def copy(self) -> Any:
        return self._moved(np.copy)

    def astype(self, dtype: Any) -> Any:
        return Masked(
            self.data.astype(dtype), np.copy(self.mask) if self.mask is not nomask else nomask, self._fill_value
        )

    # ── reductions ──

    def _reduced(self, y: Any, axis: Any, keepdims: bool = False) -> Any:
        """y, masked where all that went into it is."""
        if self.mask is nomask:
            return y if not np.ndim(concrete(y)) else Masked(y, nomask)
        gone = np.all(self.mask, axis=axis, keepdims=keepdims)
        if not np.ndim(gone):
            return masked if gone else y
        return Masked(y, gone)

    def sum(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        return self._reduced(np.sum(self.filled(0), axis=axis, dtype=dtype, keepdims=keepdims), axis, keepdims)

    def prod(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        return self._reduced(np.prod(self.filled(1), axis=axis, dtype=dtype, keepdims=keepdims), axis, keepdims)

    def mean(self, axis: Any = None, dtype: Any = None, keepdims: bool = False) -> Any:
        if dtype is not None:
            return self.astype(dtype).mean(axis, keepdims=keepdims)
        if self.mask is nomask:
            return self._reduced(np.mean(self.data, axis=axis, keepdims=keepdims), axis)
        count = self.count(axis, keepdims)
        total = np.sum(self.filled(0), axis=axis, keepdims=keepdims)
        return self._reduced(total * 1.0 / np.where(count == 0, 1, count), axis, keepdims)

    def anom(self, axis: Any = None) -> Any:
        return self - self.mean(axis, keepdims=True)

    def var(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        if self.mask is nomask:
            return self._reduced(np.var(self.data, axis=axis, ddof=ddof, keepdims=keepdims), axis)
        anomalies = self - self.mean(axis, keepdims=True)
        count = self.count(axis, keepdims) - ddof
        total = np.sum(np.where(self.mask, 0.0, data_of(anomalies)) ** 2, axis=axis, keepdims=keepdims)
        y = total / np.where(count > 0, count, 1)
        if not np.ndim(count):
            return masked if count <= 0 else y
        return Masked(y, count <= 0, self._fill_value)

    def std(self, axis: Any = None, ddof: int = 0, keepdims: bool = False) -> Any:
        v = self.var(axis, ddof, keepdims)
        return v if v is masked else mapped(np.sqrt, v) if isinstance(v, Masked) else np.sqrt(v)

    def max(self, axis: Any = None, fill_value: Any = None, keepdims: bool = False) -> Any:
        fill = -np.inf if fill_value is None else fill_value
        return self._reduced(np.max(self.filled(fill), axis=axis, keepdims=keepdims), axis, keepdims)

    def min(self, axis: Any = None, fill_value: Any = None, keepdims: bool = False) -> Any:
        fill = np.inf if fill_value is None else fill_value
        return self._reduced(np.min(self.filled(fill), axis=axis, keepdims=keepdims), axis, keepdims)

    def ptp(self, axis: Any = None) -> Any:
        return self.max(axis) - self.min(axis)

    def cumsum(self, axis: Any = None) -> Any:
        return Masked(np.cumsum(self.filled(0), axis), _along(self, axis))

    def cumprod(self, axis: Any = None) -> Any:
        return Masked(np.cumprod(self.filled(1), axis), _along(self, axis))

    def dot(self, other: Any) -> Any:
        return dot(self, other)

    def clip(self, low: Any = None, high: Any = None) -> Any:
        return Masked(np.clip(self.data, low, high), joined(self.mask), self._fill_value)

    def _plain(self) -> Any:
        return np.ma.array(still(self.data), mask=self.mask)

    def argmax(self, *args: Any, **kwargs: Any) -> Any:
        return self._plain().argmax(*args, **kwargs)

    def argmin(self, *args: Any, **kwargs: Any) -> Any:
        return self._plain().argmin(*args, **kwargs)

    def argsort(self, *args: Any, **kwargs: Any) -> Any:
        return self._plain().argsort(*args, **kwargs)

    def harden_mask(self) -> Any:
        raise refuse("a hard mask")

    def soften_mask(self) -> Any:
        return self

    def shrink_mask(self) -> Any:
        if self._mask is not nomask and not np.any(self._mask):
            self._mask = nomask
        return self

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        places = np.unravel_index(np.asarray(still(indices), int) % self.size, self.shape)
        self[places] = values if not np.ndim(values) else np.resize(values, np.shape(places[0]))

    def item(self, *args: Any) -> Any:
        at = args[0] if len(args) == 1 else args
        return self.ravel()[at or 0] if type(at) is not tuple or not at else self[at]

    def __pos__(self) -> Any:
        return self.copy()

    def sort(self, axis: Any = -1, **kwargs: Any) -> None:
        order = self.argsort(axis, **kwargs)
        self.data[...] = np.take_along_axis(self.data, order, axis)
        if self.mask is not nomask:
            self.mask = np.take_along_axis(self.mask, order, axis)

    def unshare_mask(self) -> Any:
        self._mask = joined(self._mask)
        return self

    def all(self, axis: Any = None) -> Any:
        return np.ma.array(still(self.data), mask=self.mask).all(axis)

    def any(self, axis: Any = None) -> Any:
        return np.ma.array(still(self.data), mask=self.mask).any(axis)

    # ── NumPy's functions ──

    def __array_ufunc__(self, ufunc: Any, method: str, *xs: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs or ufunc.nout > 1:
            raise refuse(f"{full_name(ufunc)}.{method}" if method != "__call__" else full_name(ufunc))
        y = mapped(ufunc, *xs)
        if isinstance(y, Masked) and y.dtype.kind == "b":  # NumPy's own answers also where x is masked
            return Masked(ufunc(*map(data_of, xs)), y.mask)
        return y

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in UNSEEN:
            with_data = [data_of(a) if isinstance(a, (Masked, np.ma.MaskedArray)) else a for a in args]
            return function(*with_data, **kwargs)
        method = METHODS.get(function)
        if method is None or args[0] is not self:
            return OTHER[0](function, args, kwargs)
        return method(*args, **kwargs)

    def as_data(self) -> Any:
        """The data, for who knows nothing of masks, if nothing is masked."""
        if np.any(self.mask):
            raise refuse("a conversion to a plain array")
        return self.data

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise refuse("a conversion to a plain array")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(np.ma.MaskedArray, name):
            raise AttributeError(f"'MaskedArray' object has no attribute {name!r}")
        raise refuse(f"the attribute {name}")


_METHODS = (
    "sum", "prod", "mean", "var", "std", "max", "min", "cumsum", "cumprod", "clip", "argmax", "argmin", "all", "any",
    "reshape", "transpose", "ravel", "squeeze",
)  # fmt: skip
METHODS: dict[Any, Fn] = {getattr(np, name): getattr(Masked, name) for name in _METHODS} | {
    np.amax: Masked.max,
    np.amin: Masked.min,
    np.shape: lambda x: x.shape,
    np.ndim: lambda x: x.ndim,
    np.size: lambda x, axis=None: x.size,
    np.iscomplexobj: lambda x: np.iscomplexobj(concrete(x.data)),
}
"""NumPy's functions of masked arrays."""
OTHER: list[Fn] = []
"""What is done for all other functions of NumPy's."""
UNSEEN: set[Any] = {np.copy, np.ptp}
"""NumPy's functions that see the data only, masked or not."""


def _along(x: Masked, axis: Any) -> Any:
    return nomask if x.mask is nomask else x.mask.flatten() if axis is None else np.copy(x.mask)


def dot(a: Any, b: Any, strict: bool = False, out: Any = None) -> Any:
    """The product of what is not masked."""
    if strict or out is not None:
        raise refuse("np.ma.dot with options")
    a, b = (x if isinstance(x, Masked) else Masked(data_of(x), mask_of(x)) for x in (a, b))
    y = np.dot(a.filled(0), b.filled(0))
    there = np.dot(~full(a.mask, a.shape), ~full(b.mask, b.shape))
    return y if not np.ndim(there) else Masked(y, ~there if np.any(~there) else nomask)


def _become(x: Masked, y: Any) -> Any:
    """x in place: other names of it see the change."""
    if not isinstance(y, Masked) or y.shape != x.shape or y.dtype != x.dtype:
        raise refuse("an operation in place that changes the shape or the type")
    x.data[...] = y.data
    if y.mask is not nomask:
        x.mask = y.mask
    return x


def _operators() -> None:
    binary = {
        "add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide, "pow": np.power,
        "floordiv": np.floor_divide, "mod": np.remainder, "and": np.bitwise_and, "or": np.bitwise_or,
        "xor": np.bitwise_xor, "matmul": np.matmul,
    }  # fmt: skip
    compared = {"lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal, "eq": np.equal,
                "ne": np.not_equal}  # fmt: skip
    for name, ufunc in binary.items():
        setattr(Masked, f"__{name}__", lambda a, b, u=ufunc: mapped(u, a, b))
        setattr(Masked, f"__r{name}__", lambda a, b, u=ufunc: mapped(u, b, a))
        setattr(Masked, f"__i{name}__", lambda a, b, u=ufunc: _become(a, mapped(u, a, b)))
    for name, ufunc in compared.items():
        setattr(Masked, f"__{name}__", lambda a, b, u=ufunc: mapped(u, a, b))
    for name, ufunc in {"neg": np.negative, "abs": np.absolute, "invert": np.invert}.items():
        setattr(Masked, f"__{name}__", lambda a, u=ufunc: mapped(u, a))


_operators()
