"""The forward sweep for many tangents at once: each tangent array has a leading axis, one entry per seed.

Elementwise rows need nothing more than broadcasting; the rows in BATCHED say what they do to the
leading axis; every other row is applied seed by seed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import PICK
from wengert.record.index import COPY, GETITEM, WRITE, getitem, is_basic
from wengert.record.value import Line, Step, follow

BATCHED: dict[Row, Callable[..., Any]] = {}
"""row → push(x_dot, y, *args, **params) for x_dot with a leading axis, y and args without."""


def forward_batched(
    lines: list[Line], writes: list[int], seeds: list[tuple[int, Any]], outputs: list[int], count: int
) -> list[Any]:
    """The tangents of the output slots for `count` seeds; None where an output depends on no input.

    The recording must be of plain arrays (not nested in another). NaNs are left to the caller.
    """
    dots: list[Any] = [None] * len(lines)
    written = {lines[i][1][0] for i in writes}
    owned: set[int] = set()
    for s, d in seeds:
        dots[s] = d
    with np.errstate(all="ignore"):
        for i, line in enumerate(lines):
            row, slots, _, _, params, _ = line
            if row is WRITE:
                _write(dots, owned, line, count)
            elif row is PICK:
                parts = dots[slots[0]]
                dots[i] = None if parts is None else parts[params["k"]]  # type: ignore[index]
            elif row.pushes:
                total = _pushed(dots, line, count)
                if total is not None:
                    aliased = any(s in written for s in slots if s >= 0)
                    dots[i] = total.copy() if aliased and type(total) is np.ndarray else total
    return [dots[s] if s >= 0 else None for s in outputs]


def _pushed(dots: list[Any], line: Line, count: int) -> Any:
    row, slots, y, args, params, shapes = line
    if row.variadic:
        return _each(row, dots, line, count)
    total = None
    for k, s in enumerate(slots):
        if s < 0 or dots[s] is None:
            continue
        t = _push_one(row, k, dots[s], y, args, params or {}, shapes)
        total = t if total is None else _add(total, t)
    if total is not None and shapes is not None and np.shape(total) != (count, *shapes[-1]):
        total = np.broadcast_to(total, (count, *shapes[-1]))
    return total


def _push_one(row: Row, k: int, d: Any, y: Any, args: Any, params: Any, shapes: Any) -> Any:
    if row.broadcast:
        rank = np.ndim(d) - 1 if shapes is None else len(shapes[-1])
        t = row.pushes[k](_fitted(d, rank + 1), y, *args, **params)  # type: ignore[misc]
        return t if np.ndim(t) else np.full(len(d), t)  # one NaN for all, outside a domain
    batched = BATCHED.get(row)
    if batched is not None:
        t = batched(d, y, *args, **params)
        if t is not NotImplemented:
            return t
    return _stack([row.pushes[k](part, y, *args, **params) for part in d])  # type: ignore[misc]


def _each(row: Row, dots: list[Any], line: Line, count: int) -> Any:
    """A row of many arguments, seed by seed."""
    _, slots, y, args, params, _ = line
    given = [dots[s] if s >= 0 else None for s in slots]
    if all(d is None for d in given):
        return None
    push = row.pushes[0]
    assert push is not None
    return _stack(
        [push([None if d is None else d[b] for d in given], y, *args, **(params or {})) for b in range(count)]
    )


def _stack(parts: list[Any]) -> Any:
    if isinstance(parts[0], tuple):
        return tuple(None if part[0] is None else np.stack(part) for part in zip(*parts, strict=True))
    return np.stack(parts)


def _add(a: Any, b: Any) -> Any:
    return tuple(x + y for x, y in zip(a, b, strict=True)) if isinstance(a, tuple) else a + b


def _write(dots: list[Any], owned: set[int], line: Line, count: int) -> None:
    _, (owner, value), _, (like, _), params, _ = line
    assert params is not None
    v = dots[value] if value >= 0 else None
    dot = dots[owner]
    if dot is None and v is None:
        return
    if dot is None or owner not in owned:
        fresh = _room(count, like, np.result_type(like.dtype, 0.0 if dot is None else dot))
        if dot is not None:
            fresh[...] = dot
        dots[owner] = dot = fresh
        owned.add(owner)
    path, key = params["path"], params["key"]
    views = _views(dot, path)
    if views is not None and _leading_axis_stays(key):
        region = views[(slice(None), *_as_tuple(key))]
        views[(slice(None), *_as_tuple(key))] = 0.0 if v is None else _fitted(v, np.ndim(region))
        return
    for b in range(count):
        follow(dot[b, ...], path)[key] = 0.0 if v is None else v[b]


def _room(count: int, like: Any, dtype: Any) -> Any:
    """Zeros for that many tangents, each laid out as the owner is: a path leads to a view of either."""
    axes = sorted(range(like.ndim), key=lambda k: -abs(like.strides[k]))
    zeros = np.zeros((count, *(like.shape[k] for k in axes)), dtype)
    return zeros.transpose(0, *(1 + k for k in np.argsort(axes)))


def _views(dot: Any, path: tuple[Step, ...]) -> Any:
    """The views of all tangents that lie at the end of path, if each step is an index of numbers and slices."""
    for function, params in path:
        if function is not getitem or not is_basic(params["key"]):
            return None
        dot = dot[(slice(None), *_as_tuple(params["key"]))]
    return dot


def _fitted(v: Any, rank: int) -> Any:
    """v with axes of length 1 after the first, so that it broadcasts against a region of that rank."""
    return v if np.ndim(v) == rank else np.reshape(v, (len(v),) + (1,) * (rank - np.ndim(v)) + np.shape(v)[1:])


def _as_tuple(key: Any) -> tuple[Any, ...]:
    return key if type(key) is tuple else (key,)


def _leading_axis_stays(key: Any) -> bool:
    """Whether x[(:, *key)] is x[key] with the leading axis first: at most one index array."""
    parts = _as_tuple(key)
    return sum(type(p) is np.ndarray for p in parts) <= 1 and not (
        any(type(p) is np.ndarray for p in parts) and any(isinstance(p, (int, np.integer)) for p in parts)
    )


def _getitem(d: Any, y: Any, x: Any, key: Any) -> Any:
    return d[(slice(None), *_as_tuple(key))] if _leading_axis_stays(key) else NotImplemented


BATCHED[GETITEM] = _getitem
BATCHED[COPY] = lambda d, y, x: d
