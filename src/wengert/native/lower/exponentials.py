"""logsumexp, softmax and log_softmax: the largest element taken out, as SciPy does it."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.elements import of
from wengert.native.lower.folds import chosen, reduced
from wengert.native.lower.table import literal, lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node
from wengert.rules.axes import kept


def _elements(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x = m.cast(args[0], result_dtype(line))
    if x.dtype[0] != "f" or not x.size or not x.shape:
        raise Unsupported(f"{line.row.name} of something else than floating arrays")
    return x


def _finite_top(m: Maker, x: Node, axis: Any) -> tuple[Node, Node]:
    """The largest elements, and the same with 0 for those that are not finite; their axes kept."""
    top = reduced(m, "max", x, axis, True)
    return top, chosen(m, m.map("isfinite", top, dtype="bool"), top, 0.0)


@lowers("scipy.special.logsumexp")
def _logsumexp(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """log m + log(1 + s/m) + a*: m elements equal the largest, a*; s is the sum of e^(a − a*) of the others."""
    if literal(line, 1) is not None:
        raise Unsupported("logsumexp with weights")
    a, axis = _elements(m, line, args), line.params["axis"]
    top, shift = _finite_top(m, a, axis)
    is_top = m.map("eq", a, m.broadcast(top, a.shape), dtype="bool")
    count = reduced(m, "add", m.cast(is_top, a.dtype), axis, True)
    powers = of(np.exp, m, a.dtype, m.map("sub", a, m.broadcast(shift, a.shape)))
    others = m.map("where", is_top, m.number(0.0, a.dtype), powers, dtype=a.dtype)
    ratio = m.map("div", reduced(m, "add", others, axis, True), count)
    y = m.map("add", m.map("add", of(np.log1p, m, a.dtype, ratio), of(np.log, m, a.dtype, count)), top)
    y = m.map("where", m.map("isfinite", top, dtype="bool"), y, top, dtype=a.dtype)
    return m.reshape(y, kept(a.shape, axis) if line.params["keepdims"] else line.outs[0].type.shape)


@lowers("scipy.special.logsumexp's weights")
def _shares(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    a = _elements(m, line, args)
    y = m.broadcast(m.cast(args[1], a.dtype), a.shape)
    zero = m.number(0.0, a.dtype)
    gap = m.map("where", m.map("eq", a, y, dtype="bool"), zero, m.map("sub", a, y), dtype=a.dtype)
    dead = m.map("eq", a, m.number(-np.inf, a.dtype), dtype="bool")
    return m.map("where", dead, zero, of(np.exp, m, a.dtype, gap), dtype=a.dtype)


@lowers("scipy.special.softmax")
def _softmax(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x, axis = _elements(m, line, args), line.params["axis"]
    top = reduced(m, "max", x, axis, True)
    powers = of(np.exp, m, x.dtype, m.map("sub", x, m.broadcast(top, x.shape)))
    return m.map("div", powers, m.broadcast(reduced(m, "add", powers, axis, True), x.shape))


@lowers("scipy.special.log_softmax")
def _log_softmax(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x, axis = _elements(m, line, args), line.params["axis"]
    _, shift = _finite_top(m, x, axis)
    moved = m.map("sub", x, m.broadcast(shift, x.shape))
    total = reduced(m, "add", of(np.exp, m, x.dtype, moved), axis, True)
    return m.map("sub", moved, m.broadcast(of(np.log, m, x.dtype, total), x.shape))
