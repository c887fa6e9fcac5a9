"""Reductions: sums, means, extremes, products, truth of any and all."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.elements import truth
from wengert.native.lower.table import axes_of, lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node
from wengert.rules.axes import ABSENT, kept


def reduced(m: Maker, op: str, x: Node, axis: Any, keepdims: bool) -> Node:
    """op over an axis argument as NumPy has it."""
    y = m.reduce(op, x, axes_of(axis, len(x.shape)))
    return m.reshape(y, kept(x.shape, axis)) if keepdims else y


def floating(m: Maker, line: Line, args: tuple[Node, ...], *known: str) -> tuple[Node, Any, bool, dict[str, Any]]:
    """The elements in the dtype of the result; the axis, whether it is kept, and the options in `known`."""
    params = dict(line.params)
    axis, keepdims = params.pop("axis", None), bool(params.pop("keepdims", False))
    options = {k: params.pop(k) for k in known if k in params}
    if params or not args[0].size or result_dtype(line)[0] != "f":
        raise Unsupported(f"{line.row.name} with options")
    return m.cast(args[0], result_dtype(line)), axis, keepdims, options


def chosen(m: Maker, mask: Node, x: Node, other: float) -> Node:
    """x where the mask holds, else a number."""
    return m.map("where", mask, x, m.number(other, x.dtype), dtype=x.dtype)


@lowers("numpy.sum")
def _sum(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """The sum of the elements where `where` holds, added to the initial value."""
    params = dict(line.params)
    axis, keepdims, where = params.pop("axis", None), bool(params.pop("keepdims", False)), params.pop("where", True)
    dtype = result_dtype(line)
    params.pop("dtype", None)  # that of the result
    if params or dtype == "bool":
        raise Unsupported("np.sum with options")
    x = m.cast(args[0], dtype)
    if where is not True:
        x = chosen(m, m.constant(np.asarray(where, bool)), x, 0)
    y = reduced(m, "add", x, axis, keepdims)
    return m.map("add", m.cast(args[1], dtype), y) if len(args) > 1 and not is_absent(line, 1) else y


@lowers("numpy.mean")
def _mean(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    params = dict(line.params)
    axis, keepdims = params.pop("axis", None), bool(params.pop("keepdims", False))
    dtype = result_dtype(line)
    if params or len(args) != 1 or dtype != "f64" or not args[0].size:
        raise Unsupported("np.mean with options")
    x = m.cast(args[0], dtype)
    total = reduced(m, "add", x, axis, keepdims)
    count = np.prod([x.shape[k] for k in axes_of(axis, len(x.shape))])
    return m.map("div", total, m.number(count, dtype))


def _extreme(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        params = dict(line.params)
        axis, keepdims = params.pop("axis", None), bool(params.pop("keepdims", False))
        if params.pop("where", True) is not True or params or args[0].dtype[0] != "f" or not args[0].size:
            raise Unsupported(f"{line.row.name} with options")
        y = reduced(m, op, args[0], axis, keepdims)
        if len(args) > 1 and not is_absent(line, 1):
            y = m.map("maximum" if op == "max" else "minimum", y, m.cast(args[1], y.dtype))
        return y

    return lowering


def is_absent(line: Line, k: int) -> bool:
    """Whether argument k was not given."""
    return getattr(line.args[k], "value", None) is ABSENT


lowers("numpy.max")(_extreme("max"))
lowers("numpy.min")(_extreme("min"))


@lowers("wengert.rules.extremes.ties")
def _ties(m: Maker, line: Line, args: Any) -> tuple[Node, Node]:
    """Which elements equal their extreme (all of them where it is NaN), and one over how many do (NaN for NaN)."""
    x, y = m.promoted(args[0], args[1])
    if line.params["where"] is not True or not is_absent(line, 2) or x.dtype[0] != "f":
        raise Unsupported("an extreme with options")
    undefined = m.map("isnan", y, dtype="bool")
    equal = m.map("or", m.map("eq", x, y, dtype="bool"), undefined, dtype="bool")
    count = reduced(m, "add", m.cast(equal, x.dtype), line.params["axis"], True)
    share = m.map("div", m.number(1.0, x.dtype), count)
    share = m.map("where", m.reshape(undefined, share.shape), m.number(np.nan, x.dtype), share, dtype=x.dtype)
    return equal, m.reshape(share, y.shape)


def _truth_of(op: str) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        params = dict(line.params)
        axis, keepdims = params.pop("axis", None), params.pop("keepdims", False)
        if params or len(args) != 1:
            raise Unsupported(f"{line.row.name} with options")
        return reduced(m, op, truth(m, args[0]), axis, keepdims is True)

    return lowering


lowers(np.any)(_truth_of("any"))
lowers(np.all)(_truth_of("all"))


@lowers("numpy.prod")
def _prod(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x, params = m.cast(args[0], result_dtype(line)), dict(line.params)
    axis, keepdims = params.pop("axis", None), bool(params.pop("keepdims", False))
    if params or (len(args) > 1 and not is_absent(line, 1)):
        raise Unsupported("np.prod with options")
    return reduced(m, "mul", x, axis, keepdims)
