"""numpy.lib.recfunctions of structured arrays of recorded numbers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.lib import recfunctions

from wengert.ir.row import HANDLERS
from wengert.record.places import refusal
from wengert.record.structured import FUNCTIONS, Structured
from wengert.record.structured_making import of
from wengert.record.value import concrete

rf: Any = recfunctions
_to_structured: Any = rf.unstructured_to_structured._implementation
Fn = Callable[..., Any]


def _plain(x: Any) -> Any:
    return x.plain(concrete) if isinstance(x, Structured) else concrete(x)


def _columns(x: Structured) -> list[Any]:
    """The fields, those of nested records too, as columns along a last axis."""
    found: list[Any] = []
    for name in x._places:
        part = x.field(name)
        if isinstance(part, Structured):
            flat = _columns(part)
            flat = [c.reshape((*part.shape, -1)) for c in flat]
            found += flat if part.ndim == x.ndim else [np.concatenate(flat, axis=-1).reshape((*x.shape, -1))]
        else:
            found.append(part.reshape((*x.shape, -1)))
    return found


def structured_to_unstructured(arr: Any, dtype: Any = None, copy: bool = False, casting: str = "unsafe") -> Any:
    """The fields as numbers along a last axis: a view where they are all of one type and evenly spaced."""
    if not isinstance(arr, Structured):
        return rf.structured_to_unstructured._implementation(arr, dtype, copy, casting)
    if len(arr._memory) == 1 and not copy and (dtype is None or np.dtype(dtype) in arr._memory):
        memory, spans = next(iter(arr._memory.values())), _spans(arr)
        steps = {b - a for a, b in pairwise(spans)} or {1}
        step = steps.pop()
        if not steps and step > 0:
            return memory[..., spans[0] : spans[-1] + 1 : step]
    joined = np.concatenate(_columns(arr), axis=-1)
    wanted = np.result_type(*[concrete(c).dtype for c in _columns(arr)]) if dtype is None else np.dtype(dtype)
    return joined.astype(wanted, copy=False)


def _spans(x: Structured) -> list[int]:
    """Where the numbers of the fields lie."""
    return [k for place in x._places.values() for a, b in place.parts.values() for k in range(a, b)]


def unstructured_to_structured(
    arr: Any, dtype: Any = None, names: Any = None, align: bool = False, copy: bool = False, casting: str = "unsafe"
) -> Any:
    """Numbers along the last axis as fields."""
    plain = concrete(arr)
    y, start = of(_to_structured(plain, dtype, names, align)), 0
    for column in _targets(y):
        n = column.size // max(y.size, 1)
        column[...] = arr[..., start : start + n].reshape(column.shape)
        start += n
    return y


def _targets(y: Structured) -> list[Any]:
    parts = [y.field(name) for name in y._places]
    return [c for part in parts for c in (_targets(part) if isinstance(part, Structured) else [part])]


def _with_fields(plain: Any, sources: dict[str, Any]) -> Any:
    """What NumPy made of plain numbers, its fields written over by the sources."""
    if isinstance(plain, np.ma.MaskedArray):
        raise refusal("usemask=True")
    y = of(plain, isinstance(plain, np.recarray))
    for name in plain.dtype.names:
        if name in sources:
            y[name] = sources[name]
    return y


def _fields_of(x: Any) -> dict[str, Any]:
    return {name: x[name] for name in x.dtype.names}


def append_fields(base: Any, names: Any, data: Any, *args: Any, **kwargs: Any) -> Any:
    """The fields of base, and further ones."""
    one = isinstance(names, str)
    columns = [np.asarray(d) for d in ([data] if one else data)]
    values = [_plain(c) for c in columns]
    plain = rf.append_fields(_plain(base), names, values[0] if one else values, *args, **kwargs)
    return _with_fields(plain, _fields_of(base) | dict(zip([names] if one else names, columns, strict=True)))


def drop_fields(base: Any, drop_names: Any, *args: Any, **kwargs: Any) -> Any:
    """The other fields."""
    return _with_fields(rf.drop_fields(_plain(base), drop_names, *args, **kwargs), _fields_of(base))


def rename_fields(base: Any, namemapper: Any) -> Any:
    """The same fields under other names."""
    return base.astype(rf.rename_fields(_plain(base), namemapper).dtype)


def repack_fields(a: Any, align: bool = False, recurse: bool = False) -> Any:
    """The same fields without gaps."""
    return a.astype(rf.repack_fields(_plain(a), align, recurse).dtype)


def assign_fields_by_name(dst: Any, src: Any, zero_unassigned: bool = True) -> None:
    """Write the fields of src into those of dst that have their names."""
    for name in dst.dtype.names:
        if name in src.dtype.names:
            dst[name] = src[name]
        elif zero_unassigned:
            dst[name] = 0


def _handle(ours: Fn) -> None:
    original = getattr(rf, ours.__name__)

    def handler(*args: Any, **kwargs: Any) -> Any:
        return ours(*args, **kwargs)

    HANDLERS[original] = FUNCTIONS[original] = handler


for _function in (
    structured_to_unstructured, unstructured_to_structured, append_fields, drop_fields, rename_fields, repack_fields,
    assign_fields_by_name,
):  # fmt: skip
    _handle(_function)
