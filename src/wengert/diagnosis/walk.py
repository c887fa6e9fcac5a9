"""From an element of a value, tangent or cotangent to the line where it went wrong, element by element."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from wengert.diagnosis.replay import Program, Step
from wengert.diagnosis.sweeps import Cotangents, pull
from wengert.ir.line import Atom, Var
from wengert.record.value import follow

Index = tuple[int, ...]
Bad = Callable[[Any], Any]
Values = Callable[[Step], tuple[Any, ...]]


def nonfinite(x: Any) -> Any:
    """Where x is NaN or infinite."""
    x = np.asarray(x)
    return ~np.isfinite(x) if x.dtype.kind in "fc" else np.zeros(x.shape, bool)


def first(mask: Any) -> Index | None:
    """The first index where mask is true."""
    found = np.argwhere(mask)
    return None if len(found) == 0 else tuple(int(i) for i in found[0])


@dataclass(frozen=True, eq=False, repr=False, match_args=False)
class Stop:
    """Where a walk ended: at a line (`step`, the element of its result), or before it, at an atom.

    `passed` are the lines on the way, with the elements of their results.
    """

    step: Step | None
    index: Index
    atom: Atom | None
    passed: tuple[tuple[int, Index], ...]
    argument: int = -1


# ── against the order of the lines: values and tangents ──


def down(p: Program, atom: Atom, index: Index, before: int, args: Values, bad: Bad) -> Stop:
    """Follow a bad element of a value (or tangent) back to the line that made it out of good ones."""
    passed: list[tuple[int, Index]] = []
    while isinstance(atom, Var):
        n, index = producer(p, atom, index, before)
        if n is None:
            break
        step = p.steps[n]
        passed.append((n, index))
        if step.line.kind == "write":
            k: int | None = 1
            index = _in_value(step, index)
        else:
            k, index_of_argument = _culprit(step, args(step), index, bad)
            if k is None:
                return Stop(step, index, atom, tuple(passed))
            index = index_of_argument
        atom, before = step.line.args[k], n
    return Stop(None, index, atom, tuple(passed))


def producer(p: Program, var: Var, index: Index, before: int) -> tuple[int | None, Index]:
    """The line before `before` that gave this element of var its value; None for an input."""
    for n in reversed(p.writes(var)):
        if n < before and _covered(p.steps[n], index):
            return n, index
    return p.makers.get(var, (None, 0))[0], index


def _region(step: Step) -> Any:
    """Of a read or a write, the flat numbers of the elements it touches."""
    shape = np.shape(step.args[0])
    numbers = np.arange(int(np.prod(shape))).reshape(shape)
    return np.asarray(follow(numbers, step.line.params.get("path", ()))[step.line.params["key"]])


def _covered(step: Step, index: Index) -> bool:
    """Whether a read or a write touches this element."""
    key = step.line.params["key"]
    if type(key) is int and not step.line.params.get("path") and len(np.shape(step.args[0])) == len(index) == 1:
        return key % len(step.args[0]) == index[0]
    return bool(np.any(_region(step) == _flat(step, index)))


def _flat(step: Step, index: Index) -> int:
    shape = np.shape(step.args[0])
    return int(np.ravel_multi_index(index, shape)) if shape else 0


def _in_value(step: Step, index: Index) -> Index:
    """The element of the value of a write that went to this element of its owner."""
    places = np.argwhere(_region(step) == _flat(step, index))
    return _narrowed(tuple(int(i) for i in places[-1]), np.shape(step.args[1]))


def _narrowed(index: Index, shape: Index) -> Index:
    """The element of an argument of that shape that is broadcast to this index."""
    own = index[len(index) - len(shape) :] if shape else ()
    return tuple(0 if n == 1 else i for i, n in zip(own, shape, strict=True))


def _culprit(step: Step, values: tuple[Any, ...], index: Index, bad: Bad) -> tuple[int | None, Index]:
    """The argument, and its element, that made an element of the result bad; None if none is."""
    if step.line.kind == "getitem":
        shape = np.shape(step.args[0])
        return 0, tuple(int(i) for i in np.unravel_index(_region(step)[index], shape))
    for k, at in _read_by(step, index):
        v = values[k]
        if v is not None:
            mask = bad(v)
            if np.shape(mask) == () or at is None:
                found = first(mask)
            else:
                found = first(np.logical_and(mask, at) if not isinstance(at, tuple) else _only(mask, at))
            if found is not None:
                return k, found
    return None, ()


def _only(mask: Any, at: Index) -> Any:
    alone = np.zeros(np.shape(mask), bool)
    alone[at] = mask[at]
    return alone


def _read_by(step: Step, index: Index) -> list[tuple[int, Any]]:
    """The arguments that an element of the result reads: (k, an index, a mask, or None: not known)."""
    if step.line.row.name == "numpy.where":
        chosen = 1 if np.broadcast_to(step.args[0], step.shape)[index] else 2
        return [(chosen, _narrowed(index, np.shape(step.args[chosen])))]
    if step.line.row.broadcast:
        return [(k, _narrowed(index, np.shape(a))) for k, a in enumerate(step.args)]
    found: list[tuple[int, Any]] = []
    read = pull(step, (unit(step.y, index),), True) if not step.line.many else [None] * len(step.args)
    for k, g in enumerate(read):
        found.append((k, None if g is None else np.broadcast_to(np.not_equal(g, 0), np.shape(step.args[k]))))
    return found


def unit(like: Any, index: Index) -> Any:
    """1 at index, 0 elsewhere, in the shape of `like`."""
    e = np.zeros(np.shape(like), np.result_type(like, float))
    e[index] = 1
    return e[()]


# ── with the order of the lines: cotangents ──


def up(p: Program, cots: Cotangents, var: Var, index: Index, choose: Bad) -> Stop:
    """Follow a bad element of a cotangent towards the output, to the line where it came to be."""
    passed: list[tuple[int, Index]] = []
    after = p.makers.get(var, (-1, 0))[0]
    while True:
        found = contribution(p, cots, var, index, after, choose)
        if found is None and choose is np.isnan:  # ∞ − ∞: two contributions, neither of them NaN
            choose = nonfinite
            found = contribution(p, cots, var, index, after, choose)
        if found is None:
            return Stop(None, index, var, tuple(passed))
        n, k, at = found
        step = p.steps[n]
        passed.append((n, at))
        if step.line.kind == "write":
            owner: Any = step.line.args[0]
            var, after, index = owner, n, at
            continue
        out, at = _bad_result(cots.outs[n], at, choose)
        if out is None:
            return Stop(step, passed[-1][1], var, tuple(passed), k)
        passed[-1] = (n, at)
        var, index, after = step.line.outs[out], at, n


def _bad_result(cs: tuple[Any, ...], at: Index, choose: Bad) -> tuple[int | None, Index]:
    """Which result has a bad cotangent itself: at the element, if it is known there."""
    for out, c in enumerate(cs):
        if c is not None:
            mask = choose(c)
            if np.shape(mask) and len(at) == np.ndim(mask) and mask[at]:
                return out, at
    for out, c in enumerate(cs):
        if c is not None and first(choose(c)) is not None and (len(cs) > 1 or np.ndim(c) != len(at)):
            return out, first(choose(c)) or ()
    return (0, ()) if len(cs) == 1 and np.shape(cs[0]) == () and cs[0] is not None and choose(cs[0]) else (None, at)


def contribution(
    p: Program, cots: Cotangents, var: Var, index: Index, after: int, choose: Bad
) -> tuple[int, int, Index] | None:
    """The first reader of var whose contribution to this element of its cotangent is bad:
    (line, argument, the element of the line's result)."""
    for n, k in p.readers.get(var, ()):
        step = p.steps[n]
        if n <= after or not cots.outs[n] or all(c is None for c in cots.outs[n]):
            continue
        if step.line.kind == "write":
            if k == 1 and np.any(choose(np.asarray(cots.outs[n][0])[index])):
                return n, k, _owner_index(step, index)
            if k == 0 and _covered(step, index):
                return None
            continue
        if step.line.kind == "getitem" and not _covered(step, index):
            continue
        g = _given(step, cots.outs[n], k, cots.strict)
        if g is not None and np.any(choose(np.broadcast_to(g, np.shape(step.args[k]))[index])):
            return n, k, result_index(step, cots.outs[n], k, index, cots.strict, choose)
    return None


def _owner_index(step: Step, index: Index) -> Index:
    region = _region(step)
    value = np.broadcast_to(np.arange(int(np.size(step.args[1]))).reshape(np.shape(step.args[1])), region.shape)
    place = region[np.equal(value, np.ravel_multi_index(index, np.shape(step.args[1])) if index else 0)]
    return tuple(int(i) for i in np.unravel_index(int(np.ravel(place)[0]), np.shape(step.args[0])))


def _given(step: Step, cs: tuple[Any, ...], k: int, strict: bool) -> Any:
    """What a line adds to the cotangent of its argument k."""
    with np.errstate(all="ignore"):
        if step.line.kind == "getitem":
            g = np.zeros(np.shape(step.args[0]), np.result_type(cs[0], float))
            np.add.at(g, step.line.params["key"], cs[0])
            return g
        return pull(step, cs, strict, None if step.line.row.variadic else k)[k]


def result_index(step: Step, cs: tuple[Any, ...], k: int, index: Index, strict: bool, choose: Bad) -> Index:
    """The element of a line's result through which the contribution to an element of argument k is bad."""
    if step.line.kind == "getitem":
        hits = np.argwhere(_region(step) == _flat(step, index))
        return next((tuple(map(int, h)) for h in hits if np.any(choose(np.asarray(cs[0])[tuple(h)]))), ())
    if step.line.row.broadcast and not step.line.many:
        shape = step.shape
        own = np.broadcast_to(np.arange(int(np.size(step.args[k]))).reshape(np.shape(step.args[k])), shape)
        mine = own == (np.ravel_multi_index(index, np.shape(step.args[k])) if index else 0)
        given = products(step, cs[0], k, strict)
        mask = np.logical_and(mine, choose(given))
        return first(mask) or first(mine) or ()
    for c in cs:
        if c is not None and first(choose(c)) is not None:
            return first(choose(c)) or ()
    return first(np.not_equal(cs[0], 0)) or () if cs[0] is not None else ()


def products(step: Step, c: Any, k: int, strict: bool) -> Any:
    """The contributions of an elementwise line before broadcasting is undone."""
    row = step.line.row
    with np.errstate(all="ignore"):
        if row.pulls[k] is None:
            return np.zeros(step.shape)
        if strict and row.partials:
            from_partial = np.asarray(row.partials[k](step.y, *step.args))  # type: ignore[misc]
            full = c * from_partial
            dead = np.isnan(full) & (np.equal(c, 0) | np.equal(from_partial, 0))
            return np.broadcast_to(np.where(dead, 0.0, full), step.shape)
        return np.broadcast_to(row.pulls[k](c, step.y, *step.args, **step.params), step.shape)  # type: ignore[misc]
