"""np.einsum: the cotangent of each operand is an einsum of c with the other operands."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, partial
from math import prod
from typing import Any

import numpy as np

from wengert.ir.row import Row
from wengert.record.apply import apply
from wengert.record.value import concrete
from wengert.rules.diagonal import put_repeated
from wengert.rules.products import operand, stored, strong_product
from wengert.rules.structure import real_if
from wengert.rules.table import enter, handles, linear
from wengert.sweep.arithmetic import sum_to

Labels = tuple[int, ...]
_SYMBOLS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WORTH_PLANNING = 5000
"""Products of elements from which on NumPy's search for matrix products pays for itself."""


def einsum(*operands: Any, subscripts: str, optimize: Any = False, **options: Any) -> Any:
    """np.einsum(subscripts, *operands)."""
    return np.einsum(subscripts, *operands, optimize=optimize, **options)


def parse(subscripts: str, ranks: Iterable[int]) -> tuple[tuple[Labels, ...], Labels]:
    """The labels of each operand and of the result, as integers; what "..." stands for included."""
    return _parsed(subscripts, tuple(ranks))


@lru_cache(256)
def _parsed(subscripts: str, ranks: tuple[int, ...]) -> tuple[tuple[Labels, ...], Labels]:
    text = subscripts.replace(" ", "")
    left, arrow, right = text.partition("->")
    terms = left.split(",")
    widths = [n - len(term.replace("...", "")) if "..." in term else 0 for term, n in zip(terms, ranks, strict=True)]
    widest = max(widths, default=0)
    inputs = [_labels(term, widest - width, widest) for term, width in zip(terms, widths, strict=True)]
    if not arrow:
        letters = left.replace(",", "").replace(".", "")
        right = "..." + "".join(sorted(s for s in set(letters) if letters.count(s) == 1))
    return tuple(inputs), _labels(right, 0, widest)


def _labels(term: str, first: int, widest: int) -> Labels:
    """Letters count from `widest` on; the axes of an ellipsis are `first`, …, `widest` − 1."""
    before, dots, after = term.partition("...")
    ellipsis = range(first, widest) if dots else ()
    return (*[widest + _SYMBOLS.index(s) for s in before], *ellipsis, *[widest + _SYMBOLS.index(s) for s in after])


def contract(operands: Any, labels: Iterable[Labels], out: Labels) -> Any:
    """The einsum of the operands, through matrix products where that pays."""
    labels = tuple(labels)
    optimize = False
    if len(operands) > 1:
        sizes = {k: n for x, term in zip(operands, labels, strict=True) for k, n in zip(term, np.shape(x), strict=True)}
        optimize = prod(sizes.values()) > _WORTH_PLANNING
    return np.einsum(_spelling(labels, out), *operands, optimize=optimize)


@lru_cache(256)
def _spelling(labels: tuple[Labels, ...], out: Labels) -> str:
    """Labels as np.einsum's letters."""
    names: dict[int, str] = {}
    for k in (k for term in labels for k in term):
        names.setdefault(k, _SYMBOLS[len(names)])
    *operands, result = ["".join([names[k] for k in term]) for term in (*labels, out)]
    return f"{','.join(operands)}->{result}"


def _push(dots: list[Any], y: Any, *xs: Any, **params: Any) -> Any:
    total: Any = None
    for k, d in enumerate(dots):
        if d is not None:
            term = einsum(*xs[:k], d, *xs[k + 1 :], **params)
            total = term if total is None else total + term
    return total


def _pull(c: Any, y: Any, *xs: Any, subscripts: str, strict: bool = False, **options: Any) -> list[Any]:
    inputs, out = parse(subscripts, [np.ndim(x) for x in xs])
    return [_pull_one(c, k, xs, inputs, out, strict) for k in range(len(xs))]


def _pull_one(c: Any, k: int, xs: tuple[Any, ...], inputs: tuple[Labels, ...], out: Labels, strict: bool) -> Any:
    """x̄ₖ[own] = Σ c[out] Π_{j≠k} xⱼ; labels that only xₖ has are summed alone: spread over them."""
    x, own = xs[k], inputs[k]
    if np.result_type(concrete(x)).kind not in "fc":
        return None
    others = [other for j, other in enumerate(xs) if j != k]
    terms, unique, kept = _transposed(k, inputs, out)
    size = dict(zip(own, np.shape(x), strict=True))
    g = (strong_product if strict else _plainly)(lambda *fs: contract(fs, terms, kept), c, *others)
    if kept != unique:
        g = np.reshape(g, [np.shape(g)[kept.index(label)] if label in kept else 1 for label in unique])
    shape = tuple(size[label] for label in unique)
    if np.shape(g) != shape:
        g = np.broadcast_to(sum_to(g, tuple(map(min, np.shape(g), shape))), shape)
    g = real_if(g, x)
    return g if unique == own else put_repeated(g, labels=own, unique=unique, shape=np.shape(x))


@lru_cache(256)
def _transposed(k: int, inputs: tuple[Labels, ...], out: Labels) -> tuple[tuple[Labels, ...], Labels, Labels]:
    """The labels of c and the other operands; those of operand k, each once; those among them that others have."""
    terms = (out, *inputs[:k], *inputs[k + 1 :])
    unique = tuple(dict.fromkeys(inputs[k]))
    elsewhere = {label for term in terms for label in term}
    return terms, unique, tuple([label for label in unique if label in elsewhere])


def _plainly(product: Any, *factors: Any) -> Any:
    return product(*factors)


EINSUM = enter(
    Row(
        einsum, "numpy.einsum", "rule", (_push,), (_pull,), (frozenset(range(8)),),
        strict_pulls=(partial(_pull, strict=True),), variadic=True, special=True,
    )
)  # fmt: skip


def einsum_one(x: Any, subscripts: str, **options: Any) -> Any:
    """np.einsum of one operand: a view of it, if nothing is summed."""
    return np.einsum(subscripts, x, **options)


EINSUM_ONE = linear(einsum_one, lambda c, x, **params: _pull(c, None, x, **params)[0], view=True, name="numpy.einsum")


def _spelled(term: Any) -> str:
    return "".join(["..." if label is Ellipsis else _SYMBOLS[label] for label in term])


def _canonical(args: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
    """einsum("ij,j", a, b) of einsum(a, [0, 1], b, [1])."""
    if isinstance(args[0], str):
        return args[0], args[1:]
    operands, terms = args[:-1:2] if len(args) % 2 else args[::2], args[1::2]
    subscripts = ",".join([_spelled(term) for term in terms])
    return (f"{subscripts}->{_spelled(args[-1])}" if len(args) % 2 else subscripts), operands


@handles(np.einsum)
def _einsum(*args: Any, out: Any = None, optimize: Any = False, **options: Any) -> Any:
    subscripts, operands = _canonical(args)
    params = {"subscripts": subscripts, "optimize": optimize, **options}
    if len(operands) == 1:
        return stored(apply(EINSUM_ONE, (operand(operands[0]),), params), out)
    return stored(apply(EINSUM, tuple([operand(x) for x in operands]), params), out)


@handles(np.einsum_path)
def _einsum_path(*args: Any, **options: Any) -> Any:
    return np.einsum_path(*[concrete(x) for x in args], **options)
