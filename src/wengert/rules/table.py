"""The five verbs in which every derivative is stated, and how a NumPy spelling reaches its row."""

from __future__ import annotations

import sys
from collections.abc import Callable
from opcode import opmap
from typing import Any

import numpy as np

from wengert.ir.row import HANDLERS, ROWS, Pull, Push, Row
from wengert.record.locate import full_name
from wengert.sweep.transpose import transpose

_ndarray = np.ndarray
Fn = Callable[..., Any]
Partial = (
    Callable[[Any, Any], Any]
    | Callable[[Any, Any, Any], Any]
    | Callable[[Any, Any, Any, Any], Any]
    | Callable[..., Any]
)
"""(y, *args) ↦ ∂y/∂xₖ; the arities are spelled out so that a type checker can read a table of lambdas."""


def elementwise(
    op: Any,
    *partials: Partial | None,
    products: tuple[Partial, ...] = (),
    push: tuple[Partial, ...] = (),
    reason: str = "",
    name: str = "",
    flat: bool = False,
    jumps: Partial | None = None,
) -> Row:
    """y = f(x, …): one partial ∂y/∂xₖ per argument, as a function of (y, *args).

    `products` are ∂y/∂xₖ·c where that is cheaper or more exact than multiplying, as functions of
    (c, y, *args) that read no more than the partials do. `push` is what a tangent becomes where that
    is not the product (|z| of a complex z: its real part). The partials of a `flat` function are steps; a function
    that `jumps` says on which piece its arguments are, and they are kept for that.
    """
    factors = () if products else tuple(partials)
    pulls = products or tuple(None if p is None else _times(p) for p in partials)
    pushes = push or pulls
    reads = [_reads(p) | set(range(1, len(partials) + 1) if jumps else ()) for p in partials]
    return enter(
        Row(
            op,
            name or short_name(op),
            "elementwise",
            pushes,
            pulls,
            tuple(frozenset(k - 1 for k in r if k > 0) for r in reads),
            tuple(0 in r for r in reads),
            partials=tuple(partials),
            factors=factors,
            flat=flat,
            jumps=jumps,
            broadcast=True,
            reason=reason,
        )
    )


def linear(op: Any, *pulls: Pull | None, push: tuple[Push | None, ...] = (), view: bool = False, name: str = "") -> Row:
    """y = A x: the transpose per argument, x̄ = Aᵀ c, as a function of (c, x, *rest, **params).

    Forward, A is applied to the tangent. Several arguments are jointly linear when `push` says
    what each alone becomes, as a function of (x_dot, *args, **params).
    """
    pushes = tuple(_without_result(p) for p in push) or (lambda d, y, x, *rest, **params: op(d, *rest, **params),)
    transposes = tuple(_without_result(p) for p in pulls)
    none = (frozenset[int](),) * len(transposes)
    return enter(Row(op, name or short_name(op), "linear", pushes, transposes, none, (False,) * len(none), view=view))


def bilinear(op: Any, left: Pull, right: Pull, name: str = "", strict: tuple[Pull | None, ...] = ()) -> Row:
    """y = B(a, b), linear in each: the two transposes as functions of (c, a, b, **params)."""
    return enter(
        Row(
            op,
            name or short_name(op),
            "bilinear",
            (lambda d, y, a, b, **params: op(d, b, **params), lambda d, y, a, b, **params: op(a, d, **params)),
            (_of_factors(left), _of_factors(right)),
            (frozenset({1}), frozenset({0})),
            (False, False),
            strict_pulls=tuple(_without_result(p) for p in strict),
        )
    )


def constant(*ops: Any) -> None:
    """Derivative zero wherever it exists."""
    for op in ops:
        enter(Row(op, short_name(op), "constant", special=True))


def rule(
    op: Any,
    *pushes: Push | None,
    pull: tuple[Pull | None, ...] = (),
    name: str = "",
    reason: str = "",
    reads: tuple[tuple[int, ...], ...] | None = None,
    results: int = 1,
) -> Row:
    """Anything else: ẏ per argument as a function of (x_dot, y, *args, **params), linear in x_dot.

    The pullback is derived by transposing it, unless `pull` gives one, as a function of
    (c, y, *args, **params). `reads` names the arguments that the derivative of each one reads,
    where these are not all.
    """
    n = len(pushes)
    given = pull or (None,) * n
    everything = frozenset(range(max(n, 8)))
    kept = tuple(everything if reads is None else frozenset(reads[k]) for k in range(n))
    pulls = tuple(
        None if push is None else (g if g is not None else transpose(push, k))
        for k, (push, g) in enumerate(zip(pushes, given, strict=True))
    )
    return enter(
        Row(
            op, name or short_name(op), "rule", tuple(pushes), pulls, kept, (True,) * n,
            reason=reason, results=results,
        )
    )  # fmt: skip


def variadic(op: Any, push: Push, pull: Pull, reads: bool = False, name: str = "") -> Row:
    """Any number of arguments: push(list of tangents, y, *args), pull(c, y, *args) → list of cotangents."""
    return enter(
        Row(
            op, name or short_name(op), "rule", (push,), (pull,),
            (frozenset(range(8)),) if reads else (), (True,) if reads else (), variadic=True, special=True,
        )
    )  # fmt: skip


def enter(row: Row) -> Row:
    """Put the row into the table; one row per primitive."""
    if row.op in ROWS:
        raise ValueError(f"{row.name} already has a row")
    ROWS[row.op] = row
    return row


def handles(*functions: Any) -> Callable[[Fn], Fn]:
    """Decorator: this is what each NumPy function does to recorded values."""

    def register(handler: Fn) -> Fn:
        for function in functions:
            HANDLERS[function] = handler
        return handler

    return register


def short_name(op: Any) -> str:
    """`np.sum` → numpy.sum."""
    return full_name(op)


def _times(partial: Fn) -> Push:
    n = partial.__code__.co_argcount

    def of_one(d: Any, y: Any, x: Any) -> Any:
        p = partial(y, x)
        return d * p if type(p) is not _ndarray or p.size < _LARGE else _product(d, p)

    def of_two(d: Any, y: Any, a: Any, b: Any) -> Any:
        p = partial(y, a, b)
        return d * p if type(p) is not _ndarray or p.size < _LARGE else _product(d, p)

    def of_many(d: Any, y: Any, *args: Any) -> Any:
        return d * partial(y, *args)

    return of_one if n == 2 else of_two if n == 3 else of_many


_LARGE = 1 << 15
_NUMBERS = {float, np.float64}
_FLOAT = np.dtype(float)
_getrefcount = sys.getrefcount


def _product(d: Any, p: Any) -> Any:
    """d·p; in the memory of p, which is large, where nobody else has it: fresh memory costs more than the product."""
    if p.base is not None or _getrefcount(p) > _FRESH:
        return d * p
    if type(d) is _ndarray:
        return np.multiply(d, p, out=p) if d.shape == p.shape and d.dtype is p.dtype else d * p
    if type(d) in _NUMBERS and p.dtype is _FLOAT:
        return p if d == 1.0 else np.multiply(d, p, out=p)
    return d * p


def _references(d: Any, p: Any) -> int:
    return _getrefcount(p)


def _references_of_fresh() -> int:
    p = np.empty(0)
    return _references(None, p)


_FRESH = _references_of_fresh()
"""How many references an array has, seen from _product, that only its caller refers to."""


def _without_result(f: Fn | None) -> Any:
    if f is None:
        return None
    if _has_exactly(f, 2):
        return lambda c, y, x: f(c, x)
    return lambda c, y, *args, **params: f(c, *args, **params)


def _of_factors(f: Fn) -> Any:
    return (lambda c, y, a, b: f(c, a, b)) if _has_exactly(f, 3) else _without_result(f)


def _has_exactly(f: Any, n: int) -> bool:
    """Whether f, a function of Python's, takes n arguments: to pass these on costs less than to pass on any."""
    code = getattr(f, "__code__", None)
    return code is not None and (code.co_argcount, code.co_kwonlyargcount, code.co_flags & 0x0C) == (n, 0, 0)


def _reads(partial: Fn | None) -> set[int]:
    """Which of (y, *args) a partial's code loads: 0 is y."""
    if partial is None:
        return set()
    code = partial.__code__
    if code.co_flags & 0x04:
        return set(range(16))
    loaded: set[int] = set()
    for op, k in zip(code.co_code[::2], code.co_code[1::2], strict=True):
        if op in _LOADS:
            loaded.update((k,) if _LOADS[op] == 1 else (k >> 4, k & 15))
    nested = set(code.co_cellvars)
    return {k for k, name in enumerate(code.co_varnames[: code.co_argcount]) if k in loaded or name in nested}


_LOADS = {op: name.count("_FAST") for name, op in opmap.items() if name.startswith(("LOAD_FAST", "STORE_FAST_LOAD"))}
"""The instructions that load variables, and how many they name: some have two in one argument, from Python 3.13 on."""
