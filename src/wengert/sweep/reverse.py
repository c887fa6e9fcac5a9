"""The reverse sweep: cotangents of the results → cotangents of the inputs.

The lines are visited last to first. Each line hands its cotangent c to the arguments: x̄ₖ += Aₖᵀ c.
A slot that the program wrote to in place is a slot whose cotangent is written to in place: the
region of a write is taken out, given to the value written, and left zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import INPUT, PICK
from wengert.record.index import GETITEM
from wengert.record.value import Line, concrete, follow, is_value
from wengert.record.varying import TAKE, Varying, add_at, add_taken
from wengert.sweep.arithmetic import fit, has_nan, owned_copy, strong
from wengert.sweep.doubt import MOVED, PLAIN, moved_partials, settled
from wengert.sweep.quiet import hush, loudness, restore

_ndarray = np.ndarray
_imag = np.imag
_WRITTEN: Any = object()


def reverse(lines: list[Line], writes: list[int], seeds: list[tuple[int, Any]], inputs: Sequence[int]) -> list[Any]:
    """The cotangents of the input slots (None: no output depends on it), given those of outputs.

    A first sweep multiplies plainly. Only if a NaN comes out, a second one treats a zero factor as
    zero even beside infinity or NaN (a dead branch of np.where, a mask over missing data); see doubt.py.
    """
    before = loudness()
    try:
        hush()
        result = _sweep(lines, writes, seeds, inputs, PLAIN)
        for x in result:
            if x != x if type(x) in _NUMBERS else has_nan(x):
                return settled(lambda lines, seeds, mode: _sweep(lines, writes, seeds, inputs, mode), lines, seeds)
    finally:
        restore(before)
    return result


def _sweep(
    lines: list[Line], writes: list[int], seeds: list[tuple[int, Any]], inputs: Sequence[int], mode: int
) -> list[Any]:
    bars: list[Any] = [None] * len(lines)
    owned: set[int] = set()
    for at in writes:
        bars[at] = _WRITTEN
    for s, c in seeds:
        if bars[s] is None:
            bars[s] = c
        else:
            add(bars, owned, s, c)
    first = inputs.stop if type(inputs) is range and not inputs.start else 0  # the lines before are those of the inputs
    failed = [-1]
    try:
        if mode or Quick.backwards is None:
            backwards(lines, bars, owned, first, mode, failed)
        else:
            Quick.backwards(lines, bars, owned, first, failed)
    except Exception as error:
        error.__dict__.setdefault("wengert_line", failed[0])
        raise
    return bars[:first] if first else [bars[s] for s in inputs]


def backwards(lines: list[Line], bars: list[Any], owned: set[int], first: int, mode: int, failed: list[int]) -> None:
    """Visit the lines from the last to number `first`. Where one raises an error, its number is in `failed`."""
    i = len(lines)
    try:
        while i > first:
            i -= 1
            c = bars[i]
            if c is None:
                continue
            row, slots, y, args, params, shapes = line = lines[i]
            if row.special:
                if row is GETITEM:
                    bars[i] = None
                    scatter(bars, owned, slots[0], args[0], params["key"], c)  # type: ignore[index]
                elif row is not INPUT:
                    special(bars, owned, i, line, c, mode)
                continue
            bars[i] = None
            if shapes is not None or params is not None or mode or (type(c) is _ndarray and c.size >= LARGE):
                pull_line(bars, owned, line, c, mode)
                continue
            for s, pull in zip(slots, row.pulls):  # noqa: B905 (a row may know more arguments than were given)
                if s >= 0:
                    g = pull(c, y, *args)  # type: ignore[misc]
                    b = bars[s]
                    if b is None:
                        bars[s] = g
                    elif type(b) in _NUMBERS:
                        bars[s] = b + g
                    else:
                        add(bars, owned, s, g)
    except Exception:
        failed[0] = i
        raise


class Quick:
    """`backwards` as native code, with mode 0, where there is any: see `native/recorder/sweeping.py`."""

    backwards: Any = None


_NUMBERS = {float, np.float64}
_FLOAT = np.dtype(float)


def pull_line(bars: list[Any], owned: set[int], line: Line, c: Any, mode: int) -> None:
    """x̄ₖ += Aₖᵀ c for a line with parameters or broadcast arguments, or with strong zeros, or a large one."""
    row, slots, y, args, params, shapes = line
    if row is TAKE and slots[0] >= 0:
        bars[slots[0]] = add_taken(bars[slots[0]], c, args[0], params["key"], args[1:])  # type: ignore[index]
        owned.discard(slots[0])
        return
    pulls = _strict_pulls(row, slots, mode) if mode else row.pulls
    whole = None
    if type(c) is _ndarray and c.size >= LARGE and row.partials and not any(c.strides):
        c, whole = c[(0,) * c.ndim], c.shape  # the number that is everywhere in c: a pass over memory less
    for k, s in enumerate(slots):
        if s >= 0:
            g = pulls[k](c, y, *args) if params is None else pulls[k](c, y, *args, **params)  # type: ignore[misc]
            if whole is not None and np.shape(g) != whole:
                g = np.broadcast_to(g, whole)
            if shapes is not None:
                shape, real = shapes[k]
                if real or type(g) is not _ndarray or g.shape != shape:
                    g = fit(g, shapes[k])
            if bars[s] is None:
                bars[s] = g
            else:
                add(bars, owned, s, g)


LARGE = 1 << 15
"""Elements from which on a pass over memory costs more than a few steps of Python."""


def _strict_pulls(row: Row, slots: tuple[int, ...], mode: int) -> Any:
    """The pulls with strong zeros."""
    if row.partials:
        partials = moved_partials(row, slots) if mode == MOVED else row.partials
        return [None if p is None else _strong_pull(p) for p in partials]
    return row.strict_pulls or row.pulls


def _strong_pull(p: Any) -> Any:
    return lambda c, y, *args: strong(c, p(y, *args))


def special(bars: list[Any], owned: set[int], i: int, line: Line, c: Any, mode: int) -> None:
    """A line whose row has a way of its own."""
    row, slots, _, _, params, _ = line
    if c is _WRITTEN:
        _unwrite(bars, owned, line)
    elif row.variadic:
        bars[i] = None
        _pull_all(bars, owned, line, c, mode)
    elif row is PICK:
        _unpick(bars, slots[0], params["k"], c)  # type: ignore[index]


def add(bars: list[Any], owned: set[int], s: int, g: Any) -> None:
    """bars[s] += g, in place where bars[s] is nobody else's."""
    b = bars[s]
    if b is None:
        bars[s] = g
    elif type(b) is _ndarray:
        if s in owned and type(g) in _PLAIN and (g.dtype is b.dtype or np.result_type(b, g) == b.dtype):
            b += g
        else:
            bars[s] = b + g
            owned.add(s)
    else:
        bars[s] = b + g
        owned.discard(s)


_PLAIN = {_ndarray, np.float64, np.float32}


def own(bars: list[Any], owned: set[int], s: int, like: Any, c: Any) -> Any:
    """bars[s] as an array that may be written to: zeros like `like` to begin with."""
    b = bars[s]
    if type(b) is _ndarray and s in owned and type(c) is _ndarray and b.dtype is c.dtype:
        return b
    if b is None and _alike(like, c):
        fresh = np.zeros(like.shape, like.dtype)
    elif type(b) is _ndarray and _alike(b, c) and b.shape == like.shape:
        fresh = b.copy()
    elif b is None or (type(b) is _ndarray and is_value(c)):
        fresh = np.zeros_like(like, dtype=_dtype(like, c)) if b is None else np.array(b, dtype=_dtype(b, c))
    elif s in owned and b.__class__ is _ndarray and not (np.iscomplexobj(c) and not np.iscomplexobj(b)):
        return b
    else:
        fresh = np.empty_like(like, dtype=_dtype(b, c))
        fresh[...] = b
    bars[s] = fresh
    owned.add(s)
    return fresh


def _dtype(like: Any, c: Any) -> Any:
    x = concrete(like)
    return np.result_type(getattr(x, "dtype", type(x)), concrete(c))  # a cotangent of Python's own is of no dtype


def scatter(bars: list[Any], owned: set[int], s: int, like: Any, key: Any, c: Any) -> None:
    """bars[s][key] += c, the transpose of reading x[key]."""
    bar = bars[s]
    kind = type(key)
    if kind is Varying:
        dtype = _dtype(like, c)
        whole = np.zeros(np.shape(like), dtype) if bar is None else bar
        bars[s] = add_at(whole if concrete(whole).dtype == dtype else whole.astype(dtype), c, key)
        owned.discard(s)
        return
    if kind is not slice and kind is not int and _may_repeat(key):
        np.add.at(own(bars, owned, s, like, c), key, c)
        return
    if type(bar) is _ndarray and s in owned and (type(c) in _NUMBERS or (type(c) is _ndarray and c.dtype is bar.dtype)):
        if kind is slice:
            region = bar[key]
            np.add(region, c, region)
            return
    elif bar is None and _alike(like, c):
        bars[s] = bar = np.zeros(like.shape, like.dtype)
        bar[key] = c
        owned.add(s)
        return
    else:
        bar = own(bars, owned, s, like, c)
    bar[key] += c


def _alike(like: Any, c: Any) -> bool:
    """Whether both are plain data of one dtype, and zeros in C order are laid out like `like`."""
    if type(like) is not _ndarray or not like.flags.c_contiguous:
        return False
    return like.dtype is c.dtype if type(c) is _ndarray else type(c) in _NUMBERS and like.dtype is _FLOAT


def _may_repeat(key: Any) -> bool:
    """Whether an index may name an element twice: it has an array of integers."""
    if type(key) is not tuple:
        return type(key) is _ndarray and key.dtype.kind in "iu"
    for p in key:  # noqa: SIM110 (a generator costs more than the question)
        if type(p) is _ndarray and p.dtype.kind in "iu":
            return True
    return False


def _unwrite(bars: list[Any], owned: set[int], line: Line) -> None:
    """Undo owner[key] = value: the cotangent of the region goes to the value."""
    _, (owner, value), _, (like, _), params, (shape, real) = line
    if bars[owner] is None:
        return
    assert params is not None
    path, key = params["path"], params["key"]
    if shape == () and not path and owner in owned and type(key) is int and type(bars[owner]) is _ndarray:
        bar = bars[owner]
        if bar.ndim == 1 and bar.dtype.kind == "f":
            g, bar[key] = bar[key], 0.0
            if value >= 0:
                add(bars, owned, value, g)
            return
    bar = own(bars, owned, owner, like, 0.0)
    if path and not _laid_out_as(concrete(bar), concrete(like)):
        bars[owner], other = np.empty_like(like, dtype=_dtype(like, bar)), bar
        bar = bars[owner]
        bar[...] = other
    region = follow(bar, path)
    if value >= 0:
        g = owned_copy(region[key])
        if _reads_imaginary(path):
            g = -g
        elif is_paired(path):
            g = _turned(g, like, path, key)
        if _may_repeat(key):
            g = g * last_writes(np.shape(concrete(region)), key, np.shape(concrete(g)))
        region[key] = 0
        add(bars, owned, value, fit(g, (shape, real)))  # last: the value may be the owner itself
    else:
        region[key] = 0


def _laid_out_as(bar: Any, like: Any) -> bool:
    """Whether a path that leads to a view of `like` leads to a view of `bar`."""
    if like.dtype.kind == "c" and bar.dtype.kind != "c":
        return False
    if bar.flags.c_contiguous and like.flags.c_contiguous:
        return True
    return [s // bar.itemsize for s in bar.strides] == [s // like.itemsize for s in like.strides]


def _reads_imaginary(path: Any) -> bool:
    """Whether a view is of imaginary parts: Re(c·ż) = Re c Re ż − Im c Im ż."""
    return any(function is _imag for function, _ in path)


def is_paired(path: Any) -> bool:
    """Whether a view is of complex numbers as pairs, or of pairs as complex numbers."""
    return any(getattr(function, "__name__", "") == "paired" for function, _ in path)


def _turned(g: Any, like: Any, path: Any, key: Any) -> Any:
    """The cotangent of what was written there: imaginary parts with the other sign."""
    if like.dtype.kind != "c":
        return np.conj(g)
    signs = np.empty_like(concrete(like))
    signs[...] = 1 - 1j
    return g * follow(signs, path)[key]


def last_writes(shape: tuple[int, ...], key: Any, written: tuple[int, ...]) -> Any:
    """1.0 for the elements of x[key] = v that stay: of duplicates NumPy keeps the last."""
    order = np.arange(int(np.prod(written))).reshape(written)
    places = np.full(shape, -1)
    places = concrete(places)
    places[key] = order
    return (places[key] == order).astype(float)


def _unpick(bars: list[Any], s: int, k: int, c: Any) -> None:
    parts = bars[s]
    if parts is None:
        parts = bars[s] = {}
    parts[k] = c if k not in parts else parts[k] + c


def _pull_all(bars: list[Any], owned: set[int], line: Line, c: Any, mode: int) -> None:
    row, slots, y, args, params, _ = line
    pulls = row.strict_pulls if mode and row.strict_pulls else row.pulls
    gs = pulls[0](c, y, *args, **(params or {}))  # type: ignore[misc]
    for s, g in zip(slots, gs, strict=True):
        if s >= 0 and g is not None:
            add(bars, owned, s, g)
