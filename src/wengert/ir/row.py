"""A row: what one primitive means, as mathematics, and the tables that hold the rows.

A primitive is a NumPy or SciPy function. Its row says how a tangent of each argument is pushed
forward and how a cotangent of the result is pulled back; both come from one statement:

    elementwise   y = f(x, …)        ∂y/∂x per argument      ẏ = Σ ∂ₖ ẋₖ       x̄ₖ = ∂ₖ c
    linear        y = A x            x̄ = Aᵀ c                ẏ = A ẋ
    bilinear      y = B(a, b)        ā, b̄                    ẏ = B(ȧ, b) + B(a, ḃ)
    constant      derivative zero wherever it exists
    rule          ẏ per argument; the pullback is its transpose, unless one is given
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Push = Callable[..., Any]
"""push(x_dot, y, *args, **params) -> y_dot, linear in x_dot."""
Pull = Callable[..., Any]
"""pull(c, y, *args, **params) -> x_bar, linear in c: the transpose of the push."""


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """The derivative of one primitive.

    `pushes[k]` and `pulls[k]` belong to argument k; None means that argument has no derivative.
    A `variadic` row (concatenate, stack, einsum) has one push that takes the list of all tangents
    (None where missing) and one pull that returns the list of all cotangents.
    `keeps_args` and `keeps_result` say what the derivative for argument k reads, so that the
    recorder keeps (and protects from later writes) no more than that. `partials` are there for
    elementwise rows, and are `factors` where a pull is the product with one; `flat` says that they are
    constant around nearly every point, and `jumps(*args)` on which piece of a function with jumps the
    arguments are. `strict_pulls` (and `strict_pushes`, of a variadic row) replace the pulls where a zero
    cotangent meets infinity or NaN.
    `broadcast` says that arguments are broadcast against each other, which the sweeps undo.
    `special` rows are those that the sweeps treat one by one (reading, writing, several results or
    arguments, no derivative). `view` marks primitives whose result may share memory with their
    argument.
    """

    op: Callable[..., Any]
    name: str
    kind: str
    pushes: tuple[Push | None, ...] = ()
    pulls: tuple[Pull | None, ...] = ()
    keeps_args: tuple[frozenset[int], ...] = ()
    keeps_result: tuple[bool, ...] = ()
    partials: tuple[Callable[..., Any] | None, ...] = ()
    factors: tuple[Callable[..., Any] | None, ...] = ()
    flat: bool = False
    jumps: Callable[..., Any] | None = None
    joint: Push | None = None
    strict_pulls: tuple[Pull | None, ...] = ()
    strict_pushes: tuple[Push | None, ...] = ()
    view: bool = False
    broadcast: bool = False
    variadic: bool = False
    special: bool = False
    results: int = 1
    reason: str = ""
    memo: dict[int, Any] = field(default_factory=dict[int, Any])

    def __repr__(self) -> str:
        return f"<row {self.kind} {self.name}>"


ROWS: dict[Any, Row] = {}
"""primitive → its row."""

HANDLERS: dict[Any, Callable[..., Any]] = {}
"""NumPy/SciPy function → what it does to recorded values (canonicalise, then apply rows)."""
