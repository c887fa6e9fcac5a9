"""The graph that is compiled: values of static shape, each a function of others. Nothing is changed in place.

input     argument number `info`
const     a plain array (or, without axes, a number) `info`
index     the affine form `info` of the place itself
map       `op` of the elements of args, which have the shape of the result or none at all
view      the element of args[0] at the place that `info` gives, one affine form per axis
reshape   args[0] in another shape, its elements in C order
reduce    `op` over the axes `info` of args[0]
insert    args[0], with args[1] at the places that `info` gives: one affine form per axis of args[0]
piece     the same, where the places are a box: computed where it is used (piecewise.py)
gather    the element of args[0] at the flat place args[1]
scatter   args[0], with args[2] at the flat places args[1], in order (`op`: "set" or "add")
matmul    matrix product (BLAS); `info` holds which factors are transposed; it is added to args[2], if there is one
library   `op`, a call of a compiled library (emit/libraries.py), with the fixed numbers `info`
call      `op`, a Python callable, on arrays; its results are `item`s
item      result number `info` of a node with several
loop      `info` repeated; its results are `item`s
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

Shape = tuple[int, ...]
Form = tuple[int, tuple[tuple[int, int], ...]]
"""An affine form: (constant, ((coefficient, variable), …))."""

DTYPES = {
    "f64": np.float64, "f32": np.float32, "i64": np.int64, "bool": np.bool_,
    "i32": np.int32, "i16": np.int16, "i8": np.int8, "u32": np.uint32, "u16": np.uint16, "u8": np.uint8,
    "raw f16": np.float16, "raw u64": np.uint64,
}  # fmt: skip
SIZES = {name: np.dtype(t).itemsize for name, t in DTYPES.items()}
NARROW = {"i32", "i16", "i8", "u32", "u16", "u8"}
"""Whole numbers that are moved, and made 64 bits wide, but not computed with."""
RAW = {"raw f16", "raw u64"}
"""What is moved only."""


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One value of the graph."""

    kind: str
    op: Any
    args: tuple[Node, ...]
    shape: Shape
    dtype: str
    info: Any = None
    serial: int = 0

    @property
    def size(self) -> int:
        """How many elements."""
        return prod(self.shape)

    @property
    def bytes(self) -> int:
        """How much memory."""
        return self.size * SIZES[self.dtype]

    def __repr__(self) -> str:
        name = self.op if isinstance(self.op, str) else getattr(self.op, "__name__", "")
        return f"<{self.kind} {name} {self.dtype}{list(self.shape)} #{self.serial}>"


def needed(wanted: Iterable[Node]) -> list[Node]:
    """The nodes that computing the wanted ones takes, arguments first."""
    seen: set[Node] = set()
    stack = list(wanted)
    while stack:
        node = stack.pop()
        if node not in seen:
            seen.add(node)
            stack.extend(node.args)
    return sorted(seen, key=lambda n: n.serial)


def identity(rank: int) -> tuple[Form, ...]:
    """The place i, j, k, … itself."""
    return tuple((0, ((1, k),)) for k in range(rank))


def compose(outer: tuple[Form, ...], inner: tuple[Form, ...]) -> tuple[Form, ...]:
    """The forms `outer` of variables that are themselves the forms `inner`."""
    return tuple(substitute(form, inner) for form in outer)


def substitute(form: Form, inner: tuple[Form, ...]) -> Form:
    """One form, its variables replaced."""
    const, terms = form
    if len(terms) == 1:
        ((coefficient, k),) = terms
        c, more = inner[k]
        if coefficient == 1:
            return const + c, more
        return const + coefficient * c, tuple((coefficient * a, v) for a, v in more)
    total: dict[int, int] = {}
    for coefficient, k in terms:
        c, more = inner[k]
        const += coefficient * c
        for a, v in more:
            total[v] = total.get(v, 0) + coefficient * a
    return const, tuple((a, v) for v, a in total.items() if a)


def strides(shape: Shape) -> Shape:
    """How many elements apart neighbours along each axis are, in C order."""
    out: list[int] = []
    step = 1
    for n in reversed(shape):
        out.append(step)
        step *= n
    return tuple(reversed(out))


def flat(forms: tuple[Form, ...], shape: Shape) -> Form:
    """The place in an array of that shape as one number, in C order."""
    const = 0
    total: dict[int, int] = {}
    for (c, terms), step in zip(forms, strides(shape), strict=True):
        const += c * step
        for a, v in terms:
            total[v] = total.get(v, 0) + a * step
    return const, tuple((a, v) for v, a in total.items() if a)
