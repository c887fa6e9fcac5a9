"""How the rows of scipy.special are stated: Python functions lifted, several results, refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.ir.row import Row
from wengert.record.apply import INPUT, apply
from wengert.record.locate import at_user_line
from wengert.record.value import Array, Recorder, Scalar, concrete, is_value
from wengert.rules.table import elementwise, enter, short_name
from wengert.sweep.arithmetic import strong, sum_to
from wengert.sweep.forward import forward

Fn = Callable[..., Any]
ORDER = "Its derivative with respect to an order or a parameter of shape has no closed form; the others have one."


def in_last(op: Any, partial: Fn) -> Row:
    """A function with a derivative in its last argument only: those before it are orders and shapes."""
    return elementwise(op, *(None,) * (op.nin - 1), partial, reason=ORDER)


def lifted(original: Fn, *partials: Fn | None, name: str = "", reason: str = ORDER) -> Fn:
    """A function that no protocol reaches, as one that recorded values can be given to; enters its row."""

    def call(*args: Any) -> Any:
        return apply(row, args) if any([is_value(a) for a in args]) else original(*args)

    row = elementwise(call, *partials, name=name or short_name(original), reason=reason)
    call.__name__ = getattr(original, "__name__", "call")
    return call


def several(op: Any, *table: tuple[Fn | None, ...], real: bool = False, reason: str = ORDER) -> Row:
    """y = (f₁(x, …), f₂(x, …), …): per argument, one partial for each result, as functions of (y, *args)."""
    return enter(
        Row(
            op,
            short_name(op),
            "rule",
            tuple(_pushed(k, column, op if real else None) for k, column in enumerate(table)),
            tuple(_pulled(k, column, op if real else None) for k, column in enumerate(table)),
            (frozenset(range(len(table))),) * len(table),
            (True,) * len(table),
            results=len(table[0]) if table[0] else 1,
            reason=reason,
        )
    )


def _pushed(k: int, column: tuple[Fn | None, ...], real: Any) -> Any:
    def push(d: Any, y: Any, *args: Any) -> Any:
        if real is not None:
            real_only(real, args[k])
        return tuple([strong(d, p(y, *args)) for p in column])  # type: ignore[misc]

    return push if column else None


def _pulled(k: int, column: tuple[Fn | None, ...], real: Any) -> Any:
    def pull(c: Any, y: Any, *args: Any) -> Any:
        if real is not None:
            real_only(real, args[k])
        total: Any = 0.0
        for j, c_j in c.items() if type(c) is dict else enumerate(c):
            if c_j is not None:
                total = total + strong(c_j, column[j](y, *args))  # type: ignore[misc]
        if np.iscomplexobj(concrete(total)) and not np.iscomplexobj(concrete(args[k])):
            total = np.real(total)
        return sum_to(total, np.shape(concrete(args[k])))

    return pull if column else None


def real_only(op: Any, x: Any) -> None:
    """Refuse a complex argument of a function that is not holomorphic."""
    if np.iscomplexobj(concrete(x)):
        raise NoDerivative(
            at_user_line(f"{short_name(op)} is not holomorphic: no derivative at a complex argument")
            + "\nWrite it with the function that is (jv for jve), times its scaling."
        )


def piecewise(condition: Any, x: Any, safe: float, inside: Fn, outside: Fn) -> Any:
    """inside(x) where the condition holds, outside(x) elsewhere; neither sees the other's points."""
    return np.where(condition, inside(np.where(condition, x, safe)), outside(np.where(condition, safe, x)))


def series(t: Any, coefficients: list[float]) -> Any:
    """Σ cₖ tᵏ, by Horner's rule."""
    total: Any = coefficients[-1]
    for c in coefficients[-2::-1]:
        total = total * t + c
    return total


def slope_of(f: Fn, k: int, *args: Any) -> Any:
    """∂f/∂xₖ for an elementwise f written in NumPy, by recording it and sweeping forward."""
    rec = Recorder(("a derivative rule", None))
    slot = rec.append((INPUT, (), None, (), None, None))
    x = args[k]
    start = Array(x, rec, slot) if np.ndim(concrete(x)) else Scalar(x, rec, slot)
    y = f(*args[:k], start, *args[k + 1 :])
    one = np.ones(np.shape(concrete(x)), np.result_type(concrete(x), np.float32))
    writes = rec.writes
    return forward(rec.close(), writes, [(slot, one)], [y.slot])[0]
