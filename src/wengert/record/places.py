"""Where the fields of structured arrays lie, among the numbers of each scalar type in a record."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import at_user_line
from wengert.record.value import concrete


class Place(NamedTuple):
    """Where a field is: of which type, of which shape in each record, and from where to where in which memory."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    parts: dict[np.dtype[Any], tuple[int, int]]


@cache
def widths(dtype: np.dtype[Any]) -> dict[np.dtype[Any], int]:
    """scalar type → how many of it one record has."""
    return {kind: stop for place in places_of(dtype).values() for kind, (_, stop) in place.parts.items()}


@cache
def places_of(dtype: np.dtype[Any]) -> dict[str, Place]:
    """field → where it is."""
    ends: dict[np.dtype[Any], int] = {}
    places: dict[str, Place] = {}
    for name in dtype.names or ():
        base, shape = dtype[name].base, dtype[name].shape
        each = {base: 1} if base.names is None else widths(base)
        parts = {kind: (ends.get(kind, 0), ends.get(kind, 0) + n * prod(shape)) for kind, n in each.items()}
        ends.update({kind: stop for kind, (_, stop) in parts.items()})
        places[name] = Place(base, shape, parts)
    return places


def holds_numbers(dtype: np.dtype[Any]) -> bool:
    """Whether the records of a type have floating numbers."""
    return dtype.names is not None and any(kind.kind in "fc" for kind in widths(dtype))


def expanded(key: Any, ndim: int) -> tuple[Any, ...]:
    """An index of an array of ndim axes, with slices in place of an Ellipsis, so that further axes may follow."""
    keys = key if type(key) is tuple else (key,)
    at = [k for k, part in enumerate(keys) if part is Ellipsis]
    if not at:
        return tuple(keys)
    taken = sum(_axes(part) for part in keys)
    return (*keys[: at[0]], *[slice(None)] * (ndim - taken), *keys[at[0] + 1 :])


def _axes(part: Any) -> int:
    """How many axes this part of an index takes."""
    if part is None or part is Ellipsis:
        return 0
    plain = concrete(part)
    return np.ndim(plain) if isinstance(plain, np.ndarray) and plain.dtype.kind == "b" else 1


def refusal(what: str) -> NoDerivative:
    """The error for what is not known of structured arrays."""
    return NoDerivative(
        at_user_line(f"no derivative rule for {what} of a structured array of recorded numbers")
        + "\nUse its fields, s['name']."
    )
