"""Variances, norms, reductions without NaNs, places of extremes: as sums, products and selections of elements."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.folds import chosen, floating, is_absent, reduced
from wengert.native.lower.table import axes_of, lowers
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node


def length(x: Node, axis: Any) -> int:
    """How many elements are reduced to one."""
    return prod(x.shape[k] for k in axes_of(axis, len(x.shape)))


def is_number(m: Maker, x: Node) -> Node:
    """Which elements are not NaN."""
    return m.map("not", m.map("isnan", x, dtype="bool"), dtype="bool")


# ── without NaNs ──


def _without_nan(op: str, neutral: float) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        x, axis, keepdims, _ = floating(m, line, args[:1])
        if len(args) > 1 and not is_absent(line, 1):
            raise Unsupported(f"{line.row.name} with an initial value")
        return reduced(m, op, chosen(m, is_number(m, x), x, neutral), axis, keepdims)

    return lowering


lowers("numpy.nansum")(_without_nan("add", 0.0))
lowers("numpy.nanprod")(_without_nan("mul", 1.0))


def _extreme_number(op: str, worst: float) -> Any:
    """The extreme of the elements that are not NaN; NaN if all are."""

    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        x, axis, keepdims, _ = floating(m, line, args[:1])
        if len(args) > 1 and not is_absent(line, 1):
            raise Unsupported(f"{line.row.name} with an initial value")
        seen = is_number(m, x)
        y = reduced(m, op, chosen(m, seen, x, worst), axis, keepdims)
        return chosen(m, reduced(m, "any", seen, axis, keepdims), y, np.nan)

    return lowering


for _name in ("numpy.nanmax", "numpy.fmax.reduce"):
    lowers(_name)(_extreme_number("max", -np.inf))
for _name in ("numpy.nanmin", "numpy.fmin.reduce"):
    lowers(_name)(_extreme_number("min", np.inf))


@lowers(np.nanmean)
def _nanmean(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x, axis, keepdims, _ = floating(m, line, args)
    seen = is_number(m, x)
    total = reduced(m, "add", chosen(m, seen, x, 0.0), axis, keepdims)
    return m.map("div", total, reduced(m, "add", m.cast(seen, x.dtype), axis, keepdims))


# ── spread ──


def _squared_deviations(m: Maker, x: Node, axis: Any, keepdims: bool, ddof: Any, seen: Node | None) -> Node:
    """Σ (x − x̄)² / (n − ddof), over the elements that are seen."""
    if seen is None:
        n: Node = m.number(length(x, axis), x.dtype)
        mean = m.map("div", reduced(m, "add", x, axis, True), n)
        squares = m.map("square", m.map("sub", x, m.broadcast(mean, x.shape)))
    else:
        kept = reduced(m, "add", m.cast(seen, x.dtype), axis, True)
        mean = m.map("div", reduced(m, "add", chosen(m, seen, x, 0.0), axis, True), kept)
        squares = chosen(m, seen, m.map("square", m.map("sub", x, m.broadcast(mean, x.shape))), 0.0)
        n = reduced(m, "add", m.cast(seen, x.dtype), axis, keepdims)
    total = reduced(m, "add", squares, axis, keepdims)
    freedom = m.map("sub", n, m.number(ddof, x.dtype))
    if seen is not None:
        enough = m.map("gt", freedom, m.number(0.0, x.dtype), dtype="bool")
        return chosen(m, enough, m.map("div", total, freedom), np.nan)
    return m.map("div", total, m.map("maximum", freedom, m.number(0.0, x.dtype)))


def _spread(root: bool, skip_nan: bool) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        x, axis, keepdims, options = floating(m, line, args, "ddof")
        if x.dtype != "f64":
            raise Unsupported(f"{line.row.name} of {x.dtype}")
        seen = is_number(m, x) if skip_nan else None
        y = _squared_deviations(m, x, axis, keepdims, options.get("ddof", 0), seen)
        return m.map("sqrt", y) if root else y

    return lowering


for _op, _root, _skip in (
    (np.var, False, False), (np.std, True, False), (np.nanvar, False, True), (np.nanstd, True, True),
):  # fmt: skip
    lowers(_op)(_spread(_root, _skip))


def _norm(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """√Σx²; a norm of another order has its own parameters."""
    x, axis, keepdims, options = floating(m, line, args, "options")
    if "options" not in options:
        raise Unsupported("a norm that is not Euclidean")
    return m.map("sqrt", reduced(m, "add", m.map("square", x), axis, keepdims))


lowers("numpy.linalg.norm")(_norm)


# ── places and counts ──


def _places(x: Node, axis: int | None) -> Any:
    """The flat place of each element, or its place along an axis."""
    if axis is None:
        return np.arange(x.size, dtype=float).reshape(x.shape)
    shape = [1] * len(x.shape)
    shape[axis] = x.shape[axis]
    return np.broadcast_to(np.arange(x.shape[axis], dtype=float).reshape(shape), x.shape)


def _place_of(op: str) -> Any:
    """The first place of the extreme, NaN being the most extreme: the least of the places where it is."""

    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        params = dict(line.params)
        axis, keepdims = params.pop("axis", None), params.pop("keepdims", False) is True
        x = args[0]
        if params or len(args) > 1 or x.dtype[0] != "f" or not x.size or not x.shape:
            raise Unsupported(f"{line.row.name} with options")
        best = reduced(m, op, x, axis, True)
        there = m.map("eq", x, m.broadcast(best, x.shape), dtype="bool")
        there = m.map("or", there, m.map("isnan", x, dtype="bool"), dtype="bool")
        first = m.map("where", there, m.constant(_places(x, axis)), m.number(np.inf, "f64"), dtype="f64")
        return m.cast(reduced(m, "min", first, axis, keepdims), "i64")

    return lowering


lowers(np.argmax)(_place_of("max"))
lowers(np.argmin)(_place_of("min"))


@lowers(np.count_nonzero)
def _count(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    params = dict(line.params)
    axis, keepdims = params.pop("axis", None), params.pop("keepdims", False) is True
    if params or len(args) != 1:
        raise Unsupported("count_nonzero with options")
    (x,) = args
    nonzero = x if x.dtype == "bool" else m.map("ne", x, m.number(0, x.dtype), dtype="bool")
    return reduced(m, "add", m.cast(nonzero, "i64"), axis, keepdims)
