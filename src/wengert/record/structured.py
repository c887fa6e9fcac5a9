"""Structured arrays that can hold recorded numbers: one array for each of the scalar types of a record.

`memory[kind]` has one axis more than the structured array: along it lie the numbers of that type in one record, in
the order of the fields. A field is a view of it, a row is a view of it, and so is what NumPy says is a view: the
arrays in `memory` know what that means.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from math import prod
from typing import Any

import numpy as np

from wengert.errors import LostDerivative
from wengert.record.apply import youngest
from wengert.record.locate import at_user_line
from wengert.record.observe import decide, look
from wengert.record.places import Place, expanded, places_of, refusal, widths
from wengert.record.state import wrap_plain
from wengert.record.value import concrete, is_value

_array, _empty = np.array, np.empty
"""NumPy's own, whatever is swapped in while recording."""


class Structured:
    """A structured array; `places` if it has not all fields of its records; `by_name` if it is a np.recarray."""

    __slots__ = ("_by_name", "_memory", "_places", "dtype", "shape")
    __hash__ = None  # type: ignore[assignment]
    __array_priority__ = 1000.0
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    _memory: dict[np.dtype[Any], Any]
    _places: dict[str, Place]
    _by_name: bool

    def __init__(self, dtype: Any, shape: Any, memory: Any, places: Any = None, by_name: bool = False) -> None:
        put = object.__setattr__
        put(self, "dtype", dtype)
        put(self, "shape", shape)
        put(self, "_memory", memory)
        put(self, "_places", places_of(dtype) if places is None else places)
        put(self, "_by_name", by_name)

    __class__ = property(lambda self: np.recarray if self._by_name else np.ndarray)  # type: ignore[assignment]
    ndim = property(lambda self: len(self.shape))
    size = property(lambda self: prod(self.shape))
    itemsize = property(lambda self: self.dtype.itemsize)
    nbytes = property(lambda self: self.size * self.dtype.itemsize)
    T = property(lambda self: self.transpose())

    # ── fields ──

    def _place(self, name: str) -> Place:
        if name not in self._places:
            raise ValueError(f"no field of name {name}")
        return self._places[name]

    def field(self, name: Any) -> Any:
        """The field of that name (or number): a view."""
        place = self._place(name if isinstance(name, str) else list(self._places)[name])
        parts = {kind: self._memory[kind][..., a:b] for kind, (a, b) in place.parts.items()}
        shape = self.shape + place.shape
        if place.dtype.names is None:
            if not place.shape:
                a, _ = place.parts[place.dtype]
                return self._memory[place.dtype][..., a]
            return parts[place.dtype].reshape(shape)
        memory = {kind: p.reshape((*shape, widths(place.dtype)[kind])) for kind, p in parts.items()}
        return self._like(memory, shape, place.dtype, places_of(place.dtype))

    def _fields(self, names: Any) -> Any:
        places = {name: self._place(name) for name in names}
        return self._like(self._memory, self.shape, self.dtype[list(names)], places)

    def _like(self, memory: Any, shape: Any = None, dtype: Any = None, places: Any = None, by_name: Any = None) -> Any:
        """Another array of such records."""
        return Structured(
            self.dtype if dtype is None else dtype,
            next(iter(memory.values())).shape[:-1] if shape is None else shape,
            memory,
            self._places if places is None else places,
            self._by_name if by_name is None else by_name,
        )

    def __getattr__(self, name: str) -> Any:
        if self._by_name and name in self._places:
            return self.field(_unhidden(name))
        if name.startswith("__") or not hasattr(np.recarray if self._by_name else np.ndarray, name):
            raise AttributeError(f"'{self.__class__.__name__}' object has no attribute '{name}'")
        if name in _CHANGING or self.is_recorded():
            raise refusal(f"attribute {name}")
        return getattr(self.plain(concrete), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in Structured.__slots__ and self._by_name and name in self._places:
            self[_unhidden(name)] = value
        else:
            object.__setattr__(self, name, value)

    # ── elements ──

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return self.field(key)
        if type(key) is list and key and isinstance(key[0], str):
            return self._fields(key)
        key = expanded(key, self.ndim)
        memory = {kind: m[key] for kind, m in self._memory.items()}
        y = self._like(memory)
        return y.record() if len(key) == self.ndim and all(map(_is_whole, key)) else y

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str):
            self.field(key)[...] = value
        elif type(key) is list and key and isinstance(key[0], str):
            self._fields(key)[...] = value
        else:
            self._write(expanded(key, self.ndim), value)

    def _write(self, key: Any, value: Any) -> None:
        if type(value) is list:
            value = np.array(value, self.dtype)
        if is_structured(value):
            value = value.copy() if isinstance(value, Structured) else value
            parts = [value[name] for name in value.dtype.names]
        elif isinstance(value, tuple):
            parts = value
        else:
            parts = [value] * len(self._places)
        if len(parts) != len(self._places):
            raise ValueError(f"could not assign {len(parts)} fields to {len(self._places)}")
        for name, part in zip(self._places, parts, strict=True):
            self.field(name)[key] = part

    def record(self) -> Record:
        """The one record of an array without axes: a view."""
        return Record(self.dtype, (), self._memory, self._places, self._by_name)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self)))

    # ── shapes: views ──

    def reshape(self, *shape: Any, **kwargs: Any) -> Any:
        """x.reshape(shape)."""
        _only({}, kwargs)
        wanted = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
        new = np.empty(self.shape, bool).reshape(wanted).shape
        return self._like({kind: m.reshape((*new, m.shape[-1])) for kind, m in self._memory.items()})

    def ravel(self, order: str = "C") -> Any:
        """x.ravel()."""
        _only({"order": "C"}, {"order": order})
        return self.reshape(-1)

    def transpose(self, *axes: Any) -> Any:
        """x.transpose(axes)."""
        given = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        order = [k % self.ndim for k in given] if given else range(self.ndim)[::-1]
        return self._like({kind: m.transpose(*order, self.ndim) for kind, m in self._memory.items()})

    def squeeze(self, axis: Any = None) -> Any:
        """x.squeeze()."""
        return self.reshape(np.empty(self.shape, bool).squeeze(axis).shape)

    # ── copies ──

    def copy(self, order: Any = "C") -> Any:
        """x.copy()."""
        y = self._like({kind: m.copy() for kind, m in self._memory.items()})
        return y.record() if isinstance(self, Record) else y

    def __copy__(self) -> Any:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> Any:
        return self.copy()

    def flatten(self, order: str = "C") -> Any:
        """x.flatten()."""
        return self.copy().ravel(order)

    def rows(self, numbers: Any) -> Any:
        """The records of these numbers, in C order, as a new array."""
        memory = {kind: m.reshape(-1, m.shape[-1])[numbers] for kind, m in self._memory.items()}
        return self._like(memory)

    def astype(self, dtype: Any, **_: Any) -> Any:
        """x.astype(dtype): the fields by position."""
        y = np.zeros(self.shape, dtype)
        y[...] = self if isinstance(y, Structured) else self.plain()
        return y

    def argsort(
        self, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None, descending: Any = None
    ) -> Any:
        """x.argsort(order=names): by these fields, then by the others."""
        if descending is True:
            raise TypeError("no current argsort function meets the requirements")  # nor has NumPy 2.5
        first = [order] if isinstance(order, str) else list(order or ())
        keys = [self.field(name) for name in [*first, *[n for n in self._places if n not in first]]]
        numbers = [*takewhile(lambda k: not isinstance(k, Structured) and k.ndim == 1, keys)]
        if self.ndim != 1 or not numbers:
            raise refusal("sort, in several dimensions or by fields of several numbers,")
        return decide(_order if len(numbers) == len(keys) else _order_of_different, *numbers)

    def sort(self, axis: Any = -1, kind: Any = None, order: Any = None, **options: Any) -> None:
        """x.sort(order=names), in place."""
        self[...] = self.rows(self.argsort(axis, kind, order, **options))

    def fill(self, value: Any) -> None:
        """x.fill(value)."""
        self[...] = value

    def view(self, dtype: Any = None, type: Any = None) -> Any:
        """x.view(np.recarray), x.view(float)."""
        if type is not None or dtype is np.recarray or dtype is np.ndarray:
            kind = dtype if type is None else type
            return self._like(self._memory, self.shape, by_name=kind is np.recarray)
        now = np.dtype(self.dtype if dtype is None else dtype)
        if now == self.dtype:
            return self._like(self._memory, self.shape, by_name=self._by_name or issubclass(now.type, np.record))
        return _seen_as_numbers(self, now)

    def tolist(self) -> Any:
        """x.tolist()."""
        return [part.item() if isinstance(part, Record) else part.tolist() for part in self]

    # ── NumPy ──

    def is_recorded(self) -> bool:
        """Whether any of the numbers is."""
        return any(youngest((m,)) is not None for m in self._memory.values())

    def plain(self, read: Any = look) -> Any:
        """A copy, as NumPy's own structured array."""
        y = _empty(self.shape, self.dtype)
        for name in self._places:
            part = self.field(name)
            y[name] = part.plain(read) if isinstance(part, Structured) else read(part)
        y = y[()] if isinstance(self, Record) else y
        return y.view(np.recarray) if self._by_name and not isinstance(self, Record) else y

    def __eq__(self, other: object) -> Any:
        if not is_structured(other) or len(other.dtype.names) != len(self._places):  # type: ignore[attr-defined]
            return NotImplemented
        equal = [self[a] == other[b] for a, b in zip(self._places, other.dtype.names, strict=True)]  # type: ignore
        flat = [np.all(e, axis=tuple(range(self.ndim, np.ndim(e)))) if np.ndim(e) > self.ndim else e for e in equal]
        return np.logical_and.reduce(flat)

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else np.logical_not(equal)

    def __repr__(self) -> str:
        return repr(self.plain())

    def __str__(self) -> str:
        return str(self.plain())

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if self.is_recorded():
            raise LostDerivative(
                at_user_line("converting a structured array of recorded numbers would cut its derivative")
                + "\nPass its fields, s['name'], or wengert.stop_gradient of them."
            )
        return _array(self.plain(concrete), dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *xs: Any, **kwargs: Any) -> Any:
        if method == "__call__" and not kwargs and ufunc in (np.equal, np.not_equal):
            a, b = xs if isinstance(xs[0], Structured) else xs[::-1]
            return a == b if ufunc is np.equal else a != b
        return getattr(ufunc, method)(*[lowered(x) for x in xs], **kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        ours = FUNCTIONS.get(function)
        if ours is not None:
            return ours(*args, **kwargs)
        if any_recorded_record((args, kwargs)):
            raise refusal(f"numpy.{function.__name__}")
        return wrap_plain(function(*lowered(args), **lowered(kwargs)))


class Record(Structured):
    """One record: s[k], a view of it; its fields are numbers."""

    __slots__ = ()

    __class__ = property(lambda self: np.record if self._by_name else np.void)  # type: ignore[assignment]

    def __getitem__(self, key: Any) -> Any:
        if type(key) is tuple and not key:
            return self
        if key is Ellipsis:
            return self._like(self._memory)
        place = self._places.get(key) if type(key) is str else None
        if place is not None and not place.shape and place.dtype.names is None:
            return self._memory[place.dtype][place.parts[place.dtype][0]]
        y = self._fields(key) if type(key) is list else self.field(key)
        if isinstance(y, Structured):
            return y.record() if not y.shape else y
        return y[()] if not y.shape else y

    def field(self, name: Any) -> Any:
        y = Structured.field(self, name)
        return y.record() if isinstance(y, Structured) and not y.shape else y

    def __getattr__(self, name: str) -> Any:
        y = Structured.__getattr__(self, name)
        return y[()] if not isinstance(y, Structured) and not y.shape else y

    def __setitem__(self, key: Any, value: Any) -> None:
        self.field(key)[...] = value

    def __len__(self) -> int:
        return len(self._places)

    def item(self) -> Any:
        """The record as a tuple."""
        return tuple(self)

    tolist = item


def _unhidden(name: str) -> str:
    """The name of a field, unless NumPy's class has an attribute of that name."""
    if hasattr(np.recarray, name):
        raise refusal(f"attribute {name}, which is a field too,")
    return name


_CHANGING = frozenset({"put", "setfield", "partition", "resize", "setflags", "data", "ctypes", "base"})
"""What may change an array's memory."""


def _is_whole(k: Any) -> bool:
    return isinstance(k, (int, np.integer)) and not isinstance(k, bool)


def _order(*keys: Any) -> Any:
    """The order by the first of the keys, then by the next."""
    return np.lexsort(keys[::-1])


def _order_of_different(*keys: Any) -> Any:
    """The order by these keys, which no two records have in common."""
    order = _order(*keys)
    if np.any(np.all([key[order[1:]] == key[order[:-1]] for key in keys], 0)):
        raise refusal("sort, of records that differ in a field of several numbers only,")
    return order


def _seen_as_numbers(x: Structured, dtype: Any) -> Any:
    """x.view(float), x.view((float, n)): where the records are such numbers and nothing else."""
    kind, shape = dtype.base, dtype.shape
    memory: Any = next(iter(x._memory.values()))
    whole = [*x._memory] == [kind] and x.dtype.itemsize == memory.shape[-1] * kind.itemsize
    if not whole or x._places != places_of(x.dtype) or not concrete(memory).flags.c_contiguous:
        raise refusal(f"view as {dtype}")
    if shape:
        return memory.reshape(x.shape + shape)
    return memory.reshape((*x.shape[:-1], x.shape[-1] * memory.shape[-1]))


def is_structured(x: Any) -> bool:
    """Whether x is a structured array or a record, NumPy's or ours."""
    return isinstance(x, Structured) or (isinstance(x, (np.ndarray, np.void)) and x.dtype.names is not None)


def any_recorded_record(x: Any) -> bool:
    """Whether a nest of arguments holds a structured array of recorded numbers, or a recorded number."""
    if isinstance(x, Structured):
        return x.is_recorded()
    if type(x) in (list, tuple, dict):
        return any(any_recorded_record(part) for part in (x.values() if type(x) is dict else x))
    return is_value(x) and youngest((x,)) is not None


def lowered(x: Any) -> Any:
    """A nest of arguments, with plain copies of structured arrays that nothing recorded is in."""
    if isinstance(x, Structured):
        return x.__array__()
    if type(x) in (list, tuple):
        return type(x)([lowered(part) for part in x])
    return {name: lowered(part) for name, part in x.items()} if type(x) is dict else x


def _only(known: dict[str, Any], given: dict[str, Any]) -> None:
    for name, value in given.items():
        if known.get(name, "C") != value:
            raise refusal(f"{name}={value!r}")


FUNCTIONS: dict[Any, Any] = {}
"""NumPy's functions of structured arrays."""
