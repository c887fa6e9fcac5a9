"""Pieces: arrays with another array in a box of them, computed where they are used.

A piece is args[0], with args[1] in the box of places that `info` gives. Its element at a place is
an element of one or the other, and which one depends on the place alone. So the extents of a loop
that reads pieces are cut where the answer changes: in each part it is known before the code is
written, and nothing is asked while the code runs.

A *box* is a half-open range for each variable of a loop nest.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from math import prod

from wengert.native.node import Form, Shape, identity

Box = tuple[tuple[int, int], ...]
Cut = tuple[int, int]
"""(variable, a place before which the loop over it is cut)."""

MOST_PARTS = 24
"""The most parts that a loop nest is cut into: each is code of its own."""


NOTHING: Box = ((0, 0),)
"""A box without places."""


def whole(shape: Shape) -> Box:
    """Every place of an array."""
    return tuple((0, n) for n in shape)


def volume(box: Box) -> int:
    """How many places."""
    return prod(max(high - low, 0) for low, high in box)


def is_box(forms: tuple[Form, ...], shape: Shape) -> bool:
    """Whether the places are a box: each axis of `shape` runs along one axis, in steps of 1."""
    used = [k for _, terms in forms for _, k in terms]
    steady = all(len(terms) < 2 and all(abs(a) == 1 for a, _ in terms) for _, terms in forms)
    return steady and len(set(used)) == len(used) and all(n == 1 or k in used for k, n in enumerate(shape))


def inverse(forms: tuple[Form, ...], rank: int, at: tuple[Form, ...]) -> tuple[Form, ...]:
    """The place in an array of that rank that lies at the place `at` of the array that `forms` puts it into."""
    out: list[Form] = [(0, ())] * rank
    for (c, terms), (const, more) in zip(forms, at, strict=True):
        for a, k in terms:
            out[k] = a * (const - c), tuple((a * b, v) for b, v in more)
    return tuple(out)


def _along(form: Form, shape: Shape) -> tuple[int, int]:
    """Where along one axis the box begins, and how long it is."""
    c, terms = form
    if not terms:
        return c, 1
    ((a, k),) = terms
    return (c if a == 1 else c - shape[k] + 1), shape[k]


def reach(form: Form, box: Box) -> tuple[int, int]:
    """The least and the greatest value of an affine form in a box."""
    const, terms = form
    ends = [sorted((a * box[k][0], a * (box[k][1] - 1))) for a, k in terms]
    return const + sum(e[0] for e in ends), const + sum(e[1] for e in ends)


def inner(forms: tuple[Form, ...], shape: Shape, at: tuple[Form, ...], box: Box) -> Box | None:
    """The box, as far as the places `at` are places of the part (perhaps NOTHING); None if that is no box."""
    ranges = list(box)
    for here, form in zip(at, forms, strict=True):
        start, n = _along(form, shape)
        low, high = reach(here, box)
        if start <= low and high < start + n:
            continue
        if high < start or low >= start + n:
            return NOTHING
        if len(here[1]) != 1:
            return None
        v, first, last = _between(here, start, start + n - 1)
        ranges[v] = max(ranges[v][0], first), min(ranges[v][1], last + 1)
        if ranges[v][0] >= ranges[v][1]:
            return NOTHING
    return tuple(ranges)


def lies_inside(forms: tuple[Form, ...], shape: Shape, at: tuple[Form, ...], box: Box) -> bool | None:
    """Whether the places `at` are places of the part everywhere in the box (True), nowhere (False), or here and there.
    The part has that `shape`, and lies at `forms`."""
    mine = inner(forms, shape, at, box)
    if mine == NOTHING:
        return False
    return True if mine == box else None


def _between(form: Form, low: int, high: int) -> tuple[int, int, int]:
    """The variable of the form, and the first and last value of it for which low ≤ form ≤ high."""
    const, ((a, v),) = form
    if a < 0:
        a, low, high = -a, const - high, const - low
    else:
        low, high = low - const, high - const
    return v, -(-low // a), high // a


def cuts_between(part: Box, box: Box) -> Iterable[Cut]:
    """Where the loops over the box are cut, so that the part is a run of its own."""
    for v, (mine, all_) in enumerate(zip(part, box, strict=True)):
        for place in mine:
            if all_[0] < place < all_[1]:
                yield v, place


def parts(cuts: Iterable[Cut], domain: Shape) -> list[list[tuple[int, int]]]:
    """The ranges that each loop of a nest is cut into."""
    places: list[set[int]] = [{0, n} for n in domain]
    for v, place in cuts:
        if 0 < place < domain[v]:
            places[v].add(place)
    ends = [sorted(p) for p in places]
    return [list(pairwise(e)) for e in ends]


def count(cuts: Iterable[Cut], domain: Shape) -> int:
    """How many parts a nest is cut into."""
    return prod(len(p) for p in parts(cuts, domain))


def own_cuts(forms: tuple[Form, ...], shape: Shape, around: Shape) -> frozenset[Cut]:
    """Where the axes of an array of shape `around` are cut by a part of that `shape` at `forms`."""
    part = inner(forms, shape, identity(len(around)), whole(around))
    return frozenset() if part is None or part == NOTHING else frozenset(cuts_between(part, whole(around)))
