"""Diagonals, padding, sums over bins, and sums of shifted products."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.places import moved
from wengert.native.lower.table import lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node
from wengert.native.views import flat_places, view_forms
from wengert.rules.gather import inside

MOST_PRODUCTS = 1 << 16
"""Up to this many products a convolution with its ends is one loop: longer ones are NumPy's."""


def placed(m: Maker, whole: Node, c: Node, where: Any) -> Node:
    """`whole`, with c in the part where(whole), a view."""
    seen = view_forms(whole.shape, where)
    if seen is None:
        raise Unsupported("a part that is no view")
    forms, shape = seen
    return m.insert(whole, m.broadcast(c, shape), forms)


def filled(m: Maker, line: Line, value: Any = 0) -> Node:
    """An array like the result, of one number."""
    return m.broadcast(m.number(value, result_dtype(line)), line.outs[0].type.shape)


@lowers("wengert.rules.diagonal._embed")
def _embed(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    p = line.params
    where = lambda a: np.diagonal(a, p["offset"], p["axis1"], p["axis2"])
    return args[0] if not args[0].size else placed(m, filled(m, line), m.cast(args[0], result_dtype(line)), where)


@lowers("wengert.rules.diagonal._repeated")
def _repeated(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    labels, unique = list(line.params["labels"]), list(line.params["unique"])
    return moved(m, args[0], lambda a: np.einsum(a, labels, unique))


@lowers("wengert.rules.diagonal._onto_repeated")
def _onto_repeated(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    labels, unique = list(line.params["labels"]), list(line.params["unique"])
    return placed(m, filled(m, line), m.cast(args[0], result_dtype(line)), lambda a: np.einsum(a, labels, unique))


@lowers(np.trace)
def _trace(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    diagonal = moved(m, m.cast(args[0], result_dtype(line)), lambda a: np.diagonal(a, **line.params))
    return m.reduce("add", diagonal, (len(diagonal.shape) - 1,))


@lowers("numpy.pad")
def _pad(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    value, x = line.params["constant_values"], args[0]
    if np.ndim(value) or not x.size:
        raise Unsupported("np.pad with several values")
    part = inside(line.params["pad_width"], x.shape)
    return placed(m, filled(m, line, value), m.cast(x, result_dtype(line)), lambda a: a[(*part, ...)])


@lowers("numpy.add.at", "numpy.subtract.at")
def _add_at(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    x, v = [m.cast(a, result_dtype(line)) for a in args]
    if line.row.name == "numpy.subtract.at":
        v = m.map("neg", v)
    places = flat_places(x.shape, lambda a: a[line.params["places"]])
    if not places.size or not places.shape:
        raise Unsupported("np.add.at of one place or none")
    return m.make("scatter", "add", (x, m.constant(places), m.broadcast(v, places.shape)), x.shape, x.dtype)


@lowers("numpy.bincount")
def _bincount(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    bins = np.asarray(line.params["bins"], np.int64)
    weights = m.cast(args[0], result_dtype(line))
    if not bins.size:
        raise Unsupported("np.bincount of nothing")
    whole = filled(m, line)
    return m.make("scatter", "add", (whole, m.constant(bins), weights), whole.shape, whole.dtype)


@lowers("wengert.rules.gather._gather")
def _gathered(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return moved(m, args[0], lambda a: np.ravel(a)[line.params["places"]])


@lowers("wengert.rules.gather._scatter")
def _scattered(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """Sums over the places of a result that show the same element."""
    places, whole = np.asarray(line.params["places"], np.int64).ravel(), filled(m, line)
    weights = m.reshape(m.cast(args[0], whole.dtype), (args[0].size,))
    if not places.size or not whole.shape:
        raise Unsupported("a sum over no places")
    flat = m.broadcast(m.number(0, whole.dtype), (whole.size,))
    return m.reshape(m.make("scatter", "add", (flat, m.constant(places), weights), flat.shape, flat.dtype), whole.shape)


@lowers("numpy.lib.stride_tricks.sliding_window_view")
def _sliding(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return moved(m, args[0], lambda a: line.op(a, **line.params))


@lowers("numpy.full")
def _full(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return m.broadcast(m.cast(args[0], result_dtype(line)), line.outs[0].type.shape)


@lowers(np.empty_like)
def _empty_like(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    return filled(m, line)


# ── y[k] = Σⱼ a[k + start + j] v[j], over those j for which a has an element ──


@lowers("numpy.correlate")
def _correlate(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    a, v = [m.cast(x, result_dtype(line)) for x in args]
    return correlated(m, a, v, line.params["mode"])


@lowers("numpy.convolve")
def _convolve(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    a, v = [m.cast(x, result_dtype(line)) for x in args]
    a, v = (a, v) if a.size >= v.size else (v, a)
    return correlated(m, a, m.view(v, ((v.size - 1, ((-1, 0),)),), v.shape), line.params["mode"])


def correlated(m: Maker, a: Node, v: Node, mode: str) -> Node:
    """The correlation of a with a v that is not longer."""
    n, k = a.size, v.size
    if not k or k > n or a.dtype[0] != "f" or mode not in ("valid", "same", "full"):
        raise Unsupported("a correlation of this kind")
    before = {"valid": 0, "same": k // 2, "full": k - 1}[mode]
    count = {"valid": n - k + 1, "same": n, "full": n + k - 1}[mode]
    whole, mask = a, None
    if mode != "valid":
        if count * k > MOST_PRODUCTS:
            raise Unsupported("a long correlation")
        longer = m.broadcast(m.number(0.0, a.dtype), (count + k - 1,))
        whole = m.insert(longer, a, ((before, ((1, 0),)),))
        at = np.arange(k)[:, None] + np.arange(count) - before
        mask = m.constant((at >= 0) & (at < n))
    shape = (k, count)
    products = m.map("mul", m.view(whole, ((0, ((1, 0), (1, 1))),), shape), m.view(v, ((0, ((1, 0),)),), shape))
    if mask is not None:
        products = m.map("where", mask, products, m.number(0.0, a.dtype), dtype=a.dtype)
    return m.reduce("add", products, (0,))
