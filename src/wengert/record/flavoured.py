"""Recorded arrays of a subclass of np.ndarray: an Array, and the attributes and methods of the subclass.

What class a result is of, NumPy is asked: it does the same with the plain numbers. So numbers are computed twice here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np

from wengert import tree
from wengert.errors import NoDerivative
from wengert.record import raw_methods
from wengert.record.apply import is_of_subclass, meet
from wengert.record.locate import at_user_line, full_name, spells
from wengert.record.refusals import Forgiven
from wengert.record.shadows import SHADOWS, Shadow, is_flavoured, shadow
from wengert.record.swap import Paused, run_body
from wengert.record.value import Array, Scalar, concrete, is_value

_array = np.array
_new, _view, _finalize = np.ndarray.__new__, np.ndarray.view, np.ndarray.__array_finalize__


class Flavoured(metaclass=Shadow):
    """Stands for np.ndarray in the shadow of a subclass."""

    __slots__ = ("__weakref__", "_array")
    __hash__ = None  # type: ignore[assignment]
    _array: Any
    __array_priority__ = 0.0

    __class__ = property(lambda self: type(self).kind)  # type: ignore[assignment]

    def __new__(cls, shape: Any, dtype: Any = float, buffer: Any = None, *args: Any, **kwargs: Any) -> Any:
        if buffer is None:
            return flavoured(np.zeros(shape, dtype), cls)
        return _over(_new, cls, shape, dtype, buffer, *args, **kwargs)

    def __array_finalize__(self, obj: Any) -> None:
        """What a subclass may call by super()."""

    def __array_wrap__(self, y: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return y if is_flavoured(y) else flavoured(y, type(self), self)

    # ── elements ──

    def __getitem__(self, key: Any) -> Any:
        y = self._array[bare(key)]
        return flavoured(y, type(self), self) if isinstance(y, np.ndarray) else y

    def __setitem__(self, key: Any, value: Any) -> None:
        self._array[bare(key)] = bare(value)

    def __len__(self) -> int:
        return len(self._array)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    def __contains__(self, x: Any) -> bool:
        return bare(x) in self._array

    def _set_shape(self, shape: Any) -> None:
        object.__setattr__(self, "_array", self._array.reshape(shape))

    shape = property(lambda self: concrete(self._array).shape, _set_shape)
    dtype = property(lambda self: concrete(self._array).dtype)
    ndim = property(lambda self: concrete(self._array).ndim)
    size = property(lambda self: concrete(self._array).size)
    flags = property(lambda self: concrete(self._array).flags)

    def view(self, kind: Any = None, type: Any = None) -> Any:
        """x.view(np.ndarray), x.view(another subclass)."""
        wanted = kind if type is None else type
        if wanted is np.ndarray or wanted is Flavoured:
            return self._array[...]
        return flavoured(self._array[...], wanted if wanted is not None else self.__class__, self)

    # ── NumPy ──

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **kwargs: Any) -> Any:
        options = kwargs if out is None else kwargs | {"out": tuple([bare(o) for o in out])}
        y = getattr(ufunc, method)(*[bare(x) for x in inputs], **options)
        if method == "at":
            return None
        ys = y if isinstance(y, tuple) else (y,)
        targets = out or (None,) * len(ys)
        those = [wrapped(part, t, (ufunc, inputs, k)) for k, (part, t) in enumerate(zip(ys, targets, strict=True))]
        return tuple(those) if isinstance(y, tuple) else those[0]

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return asked(function, args, kwargs, self)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if spells(sys._getframe(1), "__array__"):
            return self._array if dtype is None else self._array.astype(dtype)
        return self._array.__array__(dtype, copy)

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def __getattr__(self, name: str) -> Any:
        if name not in _OF_ARRAYS or name.startswith("__"):
            raise AttributeError(f"'{self.__class__.__name__}' object has no attribute '{name}'")
        raise NoDerivative(
            at_user_line(f"no derivative rule for .{name} of a recorded array of class {self.__class__.__name__}")
            + "\nUse np.asarray(x)."
        )


_OF_ARRAYS = frozenset(dir(np.ndarray))


def flavoured(y: Any, kind: Any, source: Any = None) -> Any:
    """y as an array of that class: a recorded one, or NumPy's own if y is plain."""
    if type(y) is Scalar:
        y = np.asarray(y)
    kind = kind if type(kind) is Shadow else shadow(kind)
    if type(y) is not Array:
        return _plain_one(np.asarray(y), kind.kind, source)
    tree.NODES.setdefault(kind, (_split, _join))
    made: Any = object.__new__(kind)
    object.__setattr__(made, "_array", y)
    if kind.__array_finalize__ is not _nothing:
        made.__array_finalize__(y if source is None else source)
    return made


def _plain_one(y: Any, kind: Any, source: Any) -> Any:
    made: Any = _view(y, kind)
    if source is not None and kind.__array_finalize__ is not _finalize:
        made.__array_finalize__(source)
    return made


def _over(original: Any, kind: Any, shape: Any, dtype: Any = float, buffer: Any = None, *args: Any, **kw: Any) -> Any:
    """np.ndarray.__new__(kind, shape, dtype, buffer, offset, strides, order) over the memory of a recorded array."""
    x = bare(buffer)
    plain = concrete(x)
    if type(x) is not Array:
        return original(kind.kind if type(kind) is Shadow else kind, shape, dtype, x, *args, **kw)
    y = original(np.ndarray, shape, dtype, plain, *args, **kw)
    first = (y.__array_interface__["data"][0] - plain.__array_interface__["data"][0]) // plain.itemsize
    orders: Any = "CF" if y.dtype == plain.dtype else ""
    for order in orders:
        if y.flags[order + "_CONTIGUOUS"]:
            return flavoured(np.reshape(np.ravel(x)[first : first + y.size], y.shape, order=order), kind)
    raise NoDerivative(
        at_user_line(f"no derivative rule for {kind.__name__}.__new__ over parts of the memory of a recorded array")
        + "\nUse a slice, or x.astype(...): of the same dtype, without strides."
    )


raw_methods.OF_BUFFER.append(_over)

_nothing: Any = vars(Flavoured)["__array_finalize__"]


def bare(x: Any) -> Any:
    """A nest of arguments with the recorded arrays themselves; subclasses of NumPy's with the plain arrays in them."""
    if is_flavoured(x):
        return x._array
    if type(x) in (list, tuple):
        return type(x)([bare(part) for part in x])
    if type(x) is dict:
        return {name: bare(part) for name, part in x.items()}
    return np.asarray(x) if not is_flavoured(x) and _is_other(x) else x


def real(x: Any) -> Any:
    """A nest of arguments with plain numbers, in arrays of the subclass itself."""
    if is_flavoured(x):
        plain, kind = _array(concrete(x._array)), type(x).kind
        y = _view(plain, kind)
        if y.shape != x.shape and "__array_finalize__" in vars(kind):
            y = _as_it_is(plain, kind)
        vars(y).update({name: real(part) for name, part in vars(x).items()})
        if y.shape != x.shape:
            raise NoDerivative(
                at_user_line(f"an array of class {type(x).__name__} cannot be made again with the shape {x.shape}")
                + "\nUse the plain array in it: np.asarray(x)."
            )
        return y
    if type(x) in (list, tuple):
        return type(x)([real(part) for part in x])
    return {name: real(part) for name, part in x.items()} if type(x) is dict else concrete(x)


def _no_finalize(self: Any, source: Any) -> None: ...


def _as_it_is(x: Any, kind: Any) -> Any:
    """A plain array as one of the class, in its own shape: np.matrix gives it two axes, but works with one as well."""
    y = x.view(type(kind.__name__, (kind,), {"__array_finalize__": _no_finalize}))
    y.__class__ = kind
    return y


def adopted(x: Any) -> Any:
    """An array of a subclass, NumPy's own, as one that can meet recorded ones."""
    made = flavoured(Array(np.asarray(x)), type(x), x)
    vars(made).update(vars(x))
    return made


def asked(function: Callable[..., Any], args: Any, kwargs: Any, source: Any = None) -> Any:
    """function(*args), of the class that it has with plain numbers."""
    if source is None:
        source = next(adopted(x) if not is_flavoured(x) else x for x in leaves((args, kwargs)) if _is_other(x))
    with Paused():
        plain = function(*real(args), **real(kwargs))
    body: Any = getattr(function, "_implementation", None)
    changes = changes_meaning(type(source).kind)
    if changes and hasattr(body, "__code__"):
        with suppress(Exception), Forgiven():
            return run_body(body, args, kwargs)
    y = function(*bare(args), **bare(kwargs))
    if changes and not _agree(y, plain):
        raise NoDerivative(
            at_user_line(f"no derivative rule for {full_name(function)} of an array of class {type(source).__name__}")
            + "\nUse the plain array in it: np.asarray(x)."
        )
    like = _like(plain, args, kwargs)
    return _of_class(y, plain, source if like is None else like)


def _like(plain: Any, args: Any, kwargs: Any) -> Any:
    """The argument that has the attributes of NumPy's own result."""
    first = plain[0] if isinstance(plain, tuple) and plain else plain
    given = [x for x in leaves((args, kwargs)) if is_flavoured(x)] if hasattr(first, "__dict__") else []
    if len(given) < 2:
        return None
    return next((x for x in given if repr(vars(real(x))) == repr(vars(first))), None)


@cache
def changes_meaning(kind: Any) -> bool:
    """Whether a subclass has operators, methods or protocols of its own in place of np.ndarray's."""
    own = {name for k in kind.__mro__[: kind.__mro__.index(np.ndarray)] for name in vars(k)}
    return not own.isdisjoint(_OF_ARRAYS - _HARMLESS)


_HARMLESS = frozenset({
    "__new__", "__init__", "__array_finalize__", "__array_priority__", "__array_wrap__", "__doc__", "__module__",
    "__dict__", "__repr__", "__str__", "__format__", "__reduce__", "__reduce_ex__", "__setstate__", "__getstate__",
    "__dir__", "__sizeof__", "__getattribute__", "__setattr__", "__delattr__", "__hash__", "__init_subclass__",
    "__subclasshook__", "__class_getitem__",
})  # fmt: skip


def _agree(y: Any, plain: Any) -> bool:
    """Whether a result has the numbers that NumPy's own has."""
    if isinstance(plain, (tuple, list)):
        return isinstance(y, (tuple, list)) and len(y) == len(plain) and all(map(_agree, y, plain))
    if not is_value(y) and not isinstance(y, np.ndarray):
        return True
    a, b = _array(concrete(bare(y))).ravel(), _view(_array(plain), np.ndarray).ravel()  # np.matrix has two axes
    return a.shape == b.shape and bool(np.allclose(a, b, 1e-12, 0.0, equal_nan=True))


def leaves(x: Any) -> Iterator[Any]:
    """What a nest of arguments holds."""
    if type(x) in (list, tuple, dict):
        for part in x.values() if type(x) is dict else x:
            yield from leaves(part)
    else:
        yield x


def _is_other(x: Any) -> bool:
    """Whether x is an array of a subclass of np.ndarray that is met as such."""
    return is_flavoured(x) or (not is_value(x) and isinstance(x, np.ndarray) and is_subclass(type(x)))


def is_subclass(kind: Any) -> bool:
    """Whether arrays of the class are met as ones of a subclass of np.ndarray."""
    if type(kind) is Shadow:
        return True
    return is_of_subclass(kind)


def _meet(row: Any, args: Any, params: Any) -> Any:
    """row.op(*args), with an array of a subclass among the arguments."""
    args = tuple([adopted(x) if _is_other(x) and not is_flavoured(x) else x for x in args])
    those = [x for x in args if is_flavoured(x)]
    if those and type(row.op) is np.ufunc and not params:
        by: Any = max(those, key=lambda x: x.__array_priority__)
        return by.__array_ufunc__(row.op, "__call__", *args)
    raise NoDerivative(
        at_user_line(f"no derivative rule for {row.name} of a recorded array and one of a subclass of np.ndarray")
        + "\nUse the plain array in it: np.asarray(m)."
    )


meet[0] = _meet


def _of_class(y: Any, plain: Any, source: Any) -> Any:
    if isinstance(plain, (tuple, list)) and isinstance(y, (tuple, list)):
        parts = [_of_class(a, b, source) for a, b in zip(y, plain, strict=True)]
        return type(plain)(*parts) if hasattr(plain, "_fields") else type(plain)(parts)
    if not isinstance(y, np.ndarray) and not is_value(y):
        return plain
    if isinstance(plain, np.ndarray) and type(plain) is not np.ndarray:
        return flavoured(y, type(plain), source)
    return y if type(y) is Scalar or isinstance(plain, np.ndarray) or np.ndim(y) else y[()]


def wrapped(y: Any, target: Any, context: Any) -> Any:
    """A result of a ufunc, as the argument with the highest priority has it."""
    if target is not None:
        return target
    those = [x for x in context[1] if _is_other(x)]
    if not those:
        return y
    by = max(those, key=lambda x: x.__array_priority__)
    by = by if is_flavoured(by) else adopted(by)
    try:
        return by.__array_wrap__(np.asarray(y), context, np.ndim(y) == 0)
    except TypeError:
        return by.__array_wrap__(np.asarray(y), context)


def _split(x: Any) -> Any:
    return [x._array], (type(x), vars(x))


def _join(rest: Any, children: Any) -> Any:
    kind, attributes = rest
    (y,) = children
    made = flavoured(y, kind) if isinstance(y, np.ndarray) or type(y) is Scalar else object.__new__(kind)
    vars(made).update({name: _left(x) for name, x in attributes.items()})
    if is_flavoured(made):
        object.__setattr__(made, "_array", y)
    return made


def _left(x: Any) -> Any:
    """What an attribute of a result is when its recording has ended: numbers, without their derivative."""
    if type(x) in (list, tuple):
        return type(x)([_left(part) for part in x])
    while is_value(x) and x.rec is not None and x.rec.ended:
        x = concrete(x) if type(x) is Array and x.root is not None else x.primal
    return _array(x) if type(x) is np.ndarray else x


SHADOWS[np.ndarray] = Flavoured
