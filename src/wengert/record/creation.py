"""NumPy's creation functions while recording: their arrays can hold recorded values."""

from __future__ import annotations

import sys
from itertools import islice
from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.record import structured_making
from wengert.record.build import SEQUENCES, array_of, build, concrete_nest, contains_value, vector
from wengert.record.compiled import NO_PLAIN_ARRAY
from wengert.record.flavoured import bare
from wengert.record.observe import look
from wengert.record.refusals import clock, forget_since
from wengert.record.shadows import is_flavoured
from wengert.record.state import recorded_code, state
from wengert.record.structured import Structured
from wengert.record.swap import register_replacement, replace, run_body, wrap_plain
from wengert.record.value import concrete, is_value, stopped

_numpy_array, _asanyarray = np.array, np.asanyarray
"""NumPy's own: while recording, np.array is the replacement."""


def _cleared(y: Any) -> Any:
    """New memory as zeros: what it happens to hold would be a constant that no other recording has."""
    if y.dtype.kind in "fc":
        y.fill(0)
    return y


@replace(
    np.zeros, np.ones, np.empty, np.eye, np.identity, np.copy, np.diag, np.tile, np.tri, np.vander,
)  # fmt: skip
def _fresh(original: Any) -> Any:
    finish = _cleared if original is np.empty else lambda y: y

    def create(*args: Any, **kwargs: Any) -> Any:
        if args and type(args[0]) in SEQUENCES and contains_value(args[0]):
            args = (build(args[0]), *args[1:])
        return wrap_plain(finish(original(*args, **kwargs)))

    return create


@replace(np.fromfunction)
def _fromfunction(original: Any) -> Any:
    def fromfunction(*args: Any, **kwargs: Any) -> Any:
        y = original(*args, **kwargs)
        return wrap_plain(y) if sys.getrefcount(y) <= _NEW and _is_alone(y) else y

    return fromfunction


@replace(np.zeros_like, np.ones_like, np.empty_like)
def _like(original: Any) -> Any:
    finish = _cleared if original is np.empty_like else lambda y: y

    def create(prototype: Any, *args: Any, **kwargs: Any) -> Any:
        return wrap_plain(finish(original(_concrete(prototype), *args, **kwargs)))

    return create


def _concrete(x: Any) -> Any:
    """x without recorded values, lists of them included."""
    return type(x)([_concrete(part) for part in x]) if type(x) in (list, tuple) else concrete(x)


@replace(np.fromiter)
def _fromiter(original: Any) -> Any:
    def fromiter(iter: Any, dtype: Any, count: int = -1, **kwargs: Any) -> Any:
        items = list(iter if count < 0 else islice(iter, count))
        if not contains_value(items):
            return wrap_plain(original(items, dtype, count, **kwargs))
        if len(items) < count:
            raise ValueError(f"iterator too short: Expected {count} but iterator had only {len(items)} items.")
        return _built(items, dtype)

    return fromiter


@replace(np.array)
def _array(original: Any) -> Any:
    def array(object: Any, dtype: Any = None, *, copy: Any = True, ndmin: int = 0, **kwargs: Any) -> Any:
        if type(object) is list and dtype is None and copy is True and ndmin == 0 and not kwargs:
            y = vector(object)
            if y is not None:
                return y
        return _made(original, object, dtype, copy, ndmin, kwargs)

    return array


@replace(np.asarray, np.asanyarray, np.asarray_chkfinite)
def _asarray(original: Any) -> Any:
    finite = original is np.asarray_chkfinite

    def asarray(a: Any, dtype: Any = None, order: Any = None, **kwargs: Any) -> Any:
        if type(a) is np.ndarray and not (a.dtype.kind == "O" and contains_value(a)):
            return original(a, dtype, order, **kwargs)
        if finite and is_value(a) and not np.all(np.isfinite(stopped(a))):
            raise ValueError("array must not contain infs or NaNs")
        options = kwargs if order is None else kwargs | {"order": order}
        return _made(original, a, dtype, options.pop("copy", None), 0, options)

    return asarray


@replace(np.ascontiguousarray, np.asfortranarray)
def _ascontiguous(original: Any) -> Any:
    order = "C" if original is np.ascontiguousarray else "F"

    def ascontiguous(a: Any, dtype: Any = None, **kwargs: Any) -> Any:
        if type(a) is np.ndarray:
            return original(a, dtype, **kwargs)
        return _made(_numpy_array, a, dtype, None, 1, kwargs | {"order": order})

    return ascontiguous


@replace(np.require)
def _require(original: Any) -> Any:
    def require(a: Any, *args: Any, **kwargs: Any) -> Any:
        return run_body(original, (a, *args), kwargs) if contains_value(a) else original(a, *args, **kwargs)

    return require


IF_NEEDED: Any = np._CopyMode.IF_NEEDED  # type: ignore[attr-defined]


def _made(original: Any, x: Any, dtype: Any, copy: Any, ndmin: int, options: dict[str, Any]) -> Any:
    if copy is IF_NEEDED:
        copy = None
    if isinstance(x, Structured) or (type(x) in SEQUENCES and x and isinstance(x[0], Structured)):
        return structured_making.as_made(x, dtype, copy)
    if is_flavoured(x) or (type(x) in SEQUENCES and any(map(is_flavoured, x))):
        if is_flavoured(x) and (original is _asanyarray or options.get("subok")) and dtype is None:
            return x.copy() if copy and original is not np.asanyarray else x
        options.pop("subok", None)
        x = bare(x)
    if getattr(x, "answers_first", False):
        if original is _asanyarray and dtype is None:
            return x
        x = x.as_data()
    if is_value(x):
        y = _objects(x) if _is_object(dtype) else array_of(x, dtype, copy, options.get("order") or "K")
        return _with_ndim(y, ndmin)
    if not _starts_recorded(x) and not (_has_names(dtype) and contains_value(x)):
        time = clock.now
        try:
            extra = {"copy": copy, "ndmin": ndmin} if original is _numpy_array else {}
            y = original(x, dtype, **(options | extra))
            return wrap_plain(y) if type(x) in SEQUENCES or (sys.getrefcount(y) <= _NEW and _is_alone(y)) else y
        except LostDerivative:
            if not contains_value(x):
                raise
            forget_since(time)
        except ValueError as error:
            if NO_PLAIN_ARRAY not in str(error) or not hasattr(x, "__array__"):
                raise
            return _made(original, x.__array__(), dtype, copy, ndmin, options)
    if copy is False:
        raise ValueError("Unable to avoid copy while creating an array as requested.")
    y = _objects(x, options.get("ndmax")) if _is_object(dtype) else _built(x, dtype)
    return _with_ndim(_lying(y, options.get("order")), ndmin)


def _references_to_a_result() -> int:
    y = _numpy_array(0.0)
    return sys.getrefcount(y)


_NEW = _references_to_a_result()
"""References to an array that has just been made."""


def _is_alone(y: Any) -> bool:
    """Whether no other object has the memory of y, as that of `memoryview(B)`, of a matrix, of what `__array__` gives:
    what is written to y would be seen there, and its derivative not."""
    base = getattr(y, "base", None)
    return base is None or (type(base) is np.ndarray and base.base is None and sys.getrefcount(base) <= _NEW + 1)


def _lying(y: Any, order: Any) -> Any:
    """A new array as it lies in memory: in Fortran's order, if that was asked for."""
    return y.copy(order="F") if order in ("F", "f") and y.ndim > 1 else y


def _built(x: Any, dtype: Any) -> Any:
    """np.array(x, dtype) of a nest that holds recorded values."""
    return structured_making.nested(x, dtype) if _has_names(dtype) else build(x, dtype)


def _has_names(dtype: Any) -> bool:
    return dtype is not None and dtype is not float and np.dtype(dtype).names is not None


def _is_object(dtype: Any) -> bool:
    return dtype is object or dtype == "O" or dtype == np.dtype(object)


def _objects(x: Any, ndmax: int | None = None) -> Any:
    """An object array of the elements of x, each of them recorded; of the parts of x, where their lengths differ."""
    shape = np.shape(concrete(x)) if is_value(x) else _numpy_array(concrete_nest(x, []), object).shape
    shape = shape[:ndmax] if ndmax else shape
    out = np.ndarray(shape, object)
    for place in np.ndindex(shape):
        out[place] = _element(x, place)
    return out


def _element(x: Any, place: tuple[int, ...]) -> Any:
    for k in place:
        x = x[k]
    return x


def _starts_recorded(x: Any) -> bool:
    while type(x) in SEQUENCES and x:
        x = x[0]
    return is_value(x) or (type(x) is np.ndarray and x.dtype.hasobject)


def _with_ndim(y: Any, ndmin: int) -> Any:
    missing = ndmin - len(y.shape)
    return y.reshape((1,) * missing + y.shape) if missing > 0 else y


class Converter:
    """What NumPy's own functions turn their arguments into arrays with, for recorded ones."""

    def __init__(self, *xs: Any) -> None:
        self.scalar_input = tuple([np.ndim(concrete(x)) == 0 and type(x) is not np.ndarray for x in xs])
        self.arrays = tuple([np.asanyarray(x) for x in xs])

    def __getitem__(self, k: int) -> Any:
        return self.arrays[k]

    def __len__(self) -> int:
        return len(self.arrays)

    def as_arrays(self, /, subok: bool = True, pyscalars: str = "convert") -> Any:
        """The arguments as arrays."""
        return self.arrays

    def result_type(self, /, extra_dtype: Any = None, ensure_inexact: bool = False) -> Any:
        """The dtype of a result."""
        dtype = np.result_type(*[concrete(x) for x in self.arrays], *([] if extra_dtype is None else [extra_dtype]))
        return np.result_type(dtype, 0.0) if ensure_inexact else dtype

    def wrap(self, y: Any, /, to_scalar: Any = None) -> Any:
        """The result as NumPy returns it: a number where all arguments were numbers."""
        scalar = all(self.scalar_input) if to_scalar is None else to_scalar
        return y[()] if scalar and np.ndim(concrete(y)) == 0 else y


_converter: Any = np._core._multiarray_umath._array_converter  # type: ignore[attr-defined]


@replace(_converter)
def _array_converter(original: Any) -> Any:
    def convert(*xs: Any) -> Any:
        return Converter(*xs) if any(contains_value(x) for x in xs) else original(*xs)

    return convert


# ── np.r_, np.c_, np.mgrid, np.ogrid: objects that make arrays of an index ──


class Indexed:
    """Stands for np.r_ and its like: the same, and what it makes can hold recorded values."""

    def __init__(self, original: Any) -> None:
        self.__wrapped__ = original

    def __getitem__(self, key: Any) -> Any:
        original = self.__wrapped__
        if not state.depth or not (state.bodies or recorded_code(sys._getframe(1))):
            return original[key]
        if not contains_value(_parts(key)):
            return wrap_plain(original[key])
        y = run_body(type(original).__getitem__, (original, key), {})
        return y if type(y) in (tuple, list) else y.astype(original[_lowered(key)].dtype, copy=False)

    def __len__(self) -> int:
        return len(self.__wrapped__)

    def __copy__(self) -> Indexed:
        return self

    def __deepcopy__(self, memo: object) -> Indexed:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)


def _parts(key: Any) -> Any:
    """An index as a nest of tuples, slices opened."""
    if isinstance(key, slice):
        return (key.start, key.stop, key.step)
    return tuple([_parts(part) for part in key]) if type(key) is tuple else key


def _lowered(key: Any) -> Any:
    """An index of concrete values."""
    if isinstance(key, slice):
        return slice(look(key.start), look(key.stop), look(key.step))
    return tuple([_lowered(part) for part in key]) if type(key) is tuple else _concrete(key)


for _maker in (np.r_, np.c_, np.mgrid, np.ogrid):
    register_replacement(_maker, Indexed(_maker))
