"""Sums of products over labelled axes: einsum, tensordot, inner, kron and their like."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from wengert.ir.line import Line
from wengert.native.lower.products import SMALL, product, stacks
from wengert.native.lower.table import lowers, result_dtype
from wengert.native.maker import Maker, Unsupported
from wengert.native.node import Node, Shape, identity
from wengert.rules.einsum import parse

Labels = tuple[int, ...]


def contract(m: Maker, xs: tuple[Node, ...], labels: list[Labels], out: Labels) -> Node:
    """y[out] = Σ Π xⱼ[labelsⱼ], the sum over the labels that the result does not have."""
    size = _sizes(xs, labels)
    if len(xs) == 2:
        y = _by_matrices(m, xs, labels, out, size)
        if y is not None:
            return y
    summed = tuple(dict.fromkeys(k for term in labels for k in term if k not in out))
    order = (*out, *summed)
    total: Node | None = None
    for x, term in zip(xs, labels, strict=True):
        part = spread(m, x, term, order, size)
        total = part if total is None else m.map("mul", total, part)
    assert total is not None
    return m.reduce("add", total, tuple(range(len(out), len(order))))


def along_path(m: Maker, xs: list[Node], labels: list[Labels], out: Labels, path: list[tuple[int, ...]]) -> Node:
    """The same, a few factors at a time: those at the places that the path names make a new one, the last."""
    xs, labels = list(xs), list(labels)
    for places in path:
        taken = sorted(places, reverse=True)
        factors, terms = [xs.pop(k) for k in taken], [labels.pop(k) for k in taken]
        kept = {k for term in (*labels, out) for k in term}
        left = tuple(dict.fromkeys(k for term in terms for k in term if k in kept)) if labels else out
        xs.append(contract(m, tuple(factors), terms, left))
        labels.append(left)
    (y,) = xs
    return y


def spread(m: Maker, x: Node, term: Labels, order: Labels, size: dict[int, int]) -> Node:
    """x[term] over all the labels of `order`."""
    forms = tuple((0, () if n == 1 else ((1, order.index(k)),)) for k, n in zip(term, x.shape, strict=True))
    return m.view(x, forms, tuple(size[k] for k in order))


def _sizes(xs: tuple[Node, ...], labels: list[Labels]) -> dict[int, int]:
    size: dict[int, int] = {}
    for x, term in zip(xs, labels, strict=True):
        for k, n in zip(term, x.shape, strict=True):
            size[k] = max(n, size.get(k, 1)) if n else 0
    return size


def _by_matrices(m: Maker, xs: Any, labels: Any, out: Labels, size: dict[int, int]) -> Node | None:
    """The sum as one matrix product, or as those of stacks of matrices; None if it is none, or they are small."""
    (x, y), (a, b) = xs, labels
    stack = tuple(k for k in a if k in b and k in out)
    shared = tuple(k for k in a if k in b and k not in out)
    left, right = tuple(k for k in a if k not in b), tuple(k for k in b if k not in a)
    once = len(set(a)) == len(a) and len(set(b)) == len(b) and set(out) == {*stack, *left, *right}
    terms = prod(size[k] for k in (*left, *right, *shared))
    if not once or terms <= SMALL**3 or _stretched(x, a, size) or _stretched(y, b, size):
        return None
    first = _as_matrix(m, x, a, (stack, left, shared), size)
    second = _as_matrix(m, y, b, (stack, shared, right), size)
    made = stacks(m, first, second, (*first.shape[:-1], second.shape[-1])) if stack else product(m, first, second)
    whole = m.reshape(made, tuple(size[k] for k in (*stack, *left, *right)))
    return spread(m, whole, (*stack, *left, *right), out, size)


def _stretched(x: Node, term: Labels, size: dict[int, int]) -> bool:
    return any(n != size[k] for k, n in zip(term, x.shape, strict=True))


def _as_matrix(m: Maker, x: Node, term: Labels, axes: tuple[Labels, Labels, Labels], size: dict[int, int]) -> Node:
    """x with the axes of the stack, of the rows and of the columns made one each (without the first where there is no
    stack); a transposed view where that is all it takes."""
    stack, rows, columns = axes
    shape = tuple(prod(size[k] for k in group) for group in (axes if stack else axes[1:]))
    if term == (*stack, *columns, *rows):
        turned = m.reshape(x, (*shape[:-2], *shape[:-3:-1]))
        rank = len(shape)
        return m.view(turned, (*identity(rank)[:-2], (0, ((1, rank - 1),)), (0, ((1, rank - 2),))), shape)
    return m.reshape(spread(m, x, term, (*stack, *rows, *columns), size), shape)


# ── the spellings ──


def _numbers(m: Maker, line: Line, args: tuple[Node, ...]) -> tuple[str, list[Node]]:
    """The dtype of the result, and the factors in it."""
    dtype = result_dtype(line)
    if dtype == "bool":
        raise Unsupported("a product of truth values")
    return dtype, [m.cast(x, dtype) for x in args]


@lowers("numpy.einsum")
def _einsum(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    options = {k: v for k, v in line.params.items() if k not in ("subscripts", "optimize")}
    if options:
        raise Unsupported("einsum with options")
    _, xs = _numbers(m, line, args)
    labels, out = parse(line.params["subscripts"], [len(x.shape) for x in xs])
    how = line.params.get("optimize")
    if how and len(xs) > 2:
        path, _ = np.einsum_path(line.params["subscripts"], *[_like(x) for x in xs], optimize=how)
        return along_path(m, xs, list(labels), out, path[1:])
    return contract(m, tuple(xs), list(labels), out)


def _like(x: Node) -> Any:
    """An array of the shape, without memory."""
    return np.broadcast_to(0.0, x.shape)


@lowers("numpy.tensordot")
def _tensordot(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    _, (a, b) = _numbers(m, line, args)
    over_a, over_b = line.params["axes"]
    return tensordot(m, a, b, over_a, over_b)


def tensordot(m: Maker, a: Node, b: Node, over_a: Any, over_b: Any) -> Node:
    """Σ a b over pairs of axes."""
    n = len(a.shape)
    first, second = list(range(n)), [n + k for k in range(len(b.shape))]
    for i, j in zip(over_a, over_b, strict=True):
        second[j] = first[i]
    out = [k for k in first if k not in second] + [k for k in second if k not in first]
    return contract(m, (a, b), [tuple(first), tuple(second)], tuple(out))


@lowers(np.inner)
def _inner(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    _, (a, b) = _numbers(m, line, args)
    if not a.shape or not b.shape:
        return m.map("mul", a, b)
    return tensordot(m, a, b, (len(a.shape) - 1,), (len(b.shape) - 1,))


@lowers(np.vdot)
def _vdot(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    _, (a, b) = _numbers(m, line, args)
    return tensordot(m, m.reshape(a, (a.size,)), m.reshape(b, (b.size,)), (0,), (0,))


def _along_last(rank_a: int, rank_b: int, core_a: Labels, core_b: Labels, core: Labels) -> Any:
    """Labels of two stacks that broadcast against each other, their last axes labelled by hand."""
    lead_a, lead_b = rank_a - len(core_a), rank_b - len(core_b)
    lead = max(lead_a, lead_b)
    stack = tuple(range(10, 10 + lead))
    return (
        [(*stack[lead - lead_a :], *core_a), (*stack[lead - lead_b :], *core_b)],
        (*stack, *core),
    )


_STACKED: dict[Any, tuple[Labels, Labels, Labels]] = {
    np.vecdot: ((0,), (0,), ()),
    np.matvec: ((1, 0), (0,), (1,)),
    np.vecmat: ((0,), (0, 1), (1,)),
}


def _stacked(cores: tuple[Labels, Labels, Labels]) -> Any:
    def lowering(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
        params = {k: v for k, v in line.params.items() if not (k == "axis" and v == -1)}
        if params:
            raise Unsupported(f"{line.row.name} with options")
        _, (a, b) = _numbers(m, line, args)
        labels, out = _along_last(len(a.shape), len(b.shape), *cores)
        return contract(m, (a, b), labels, out)

    return lowering


for _op, _cores in _STACKED.items():
    lowers(_op)(_stacked(_cores))


@lowers(np.kron)
def _kron(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    _, (a, b) = _numbers(m, line, args)
    n = max(len(a.shape), len(b.shape))
    a, b = (m.reshape(x, (1,) * (n - len(x.shape)) + x.shape) for x in (a, b))
    parted = tuple(k for both in zip(a.shape, b.shape, strict=True) for k in both)
    left = m.view(a, tuple((0, ((1, 2 * k),)) for k in range(n)), parted)
    right = m.view(b, tuple((0, ((1, 2 * k + 1),)) for k in range(n)), parted)
    return m.reshape(m.map("mul", left, right), line.outs[0].type.shape)


@lowers("numpy.cross")
def _cross(m: Maker, line: Line, args: tuple[Node, ...]) -> Node:
    """Component k of a × b is aᵢ bⱼ − aⱼ bᵢ, in the order in which NumPy subtracts."""
    _, (a, b) = _numbers(m, line, args)
    of_a, of_b, of_c = line.params["axes"]
    shape = line.outs[0].type.shape
    whole = m.broadcast(m.number(0, a.dtype), shape)
    at = of_c % len(shape)
    for k in range(3):
        i, j = (k + 1) % 3, (k + 2) % 3
        first = m.map("mul", _component(m, a, of_a, i), _component(m, b, of_b, j))
        second = m.map("mul", _component(m, a, of_a, j), _component(m, b, of_b, i))
        part = m.map("sub", first, second)
        one = (*shape[:at], 1, *shape[at + 1 :])
        forms = tuple((k if d == at else 0, () if d == at else ((1, d),)) for d in range(len(shape)))
        whole = m.insert(whole, m.reshape(part, one), forms)
    return whole


def _component(m: Maker, x: Node, axis: int, k: int) -> Node:
    axis %= len(x.shape)
    shape: Shape = (*x.shape[:axis], *x.shape[axis + 1 :])
    places = iter(range(len(shape)))
    return m.view(x, tuple((k, ()) if d == axis else (0, ((1, next(places)),)) for d in range(len(x.shape))), shape)
