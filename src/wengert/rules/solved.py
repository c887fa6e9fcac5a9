"""Functions given to solvers, and what a solution is as a function of what they read.

Let x solve F(x, θ) = 0, and let J = ∂F/∂x. A solver finds x with plain numbers; then steps of Newton's
method are recorded,

    x ← x − J(x, θ)⁻¹ F(x, θ),

which change nothing in x but make it a function of θ. Of the power series in θ of the solution, k steps have the
terms below 2ᵏ: there are as many steps as the derivatives need that are being taken.
Source: Christianson, Optim. Methods Softw. 3 (1994), on derivatives of implicit functions by Newton's steps.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from functools import wraps
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.apply import INPUT, apply
from wengert.record.locate import at_user_line
from wengert.record.looks import Looks
from wengert.record.protocols import any_recorded, lower
from wengert.record.state import state
from wengert.record.swap import Recording
from wengert.record.value import ROLLED, Array, Recorder, Scalar, concrete, frozen, is_value, stopped
from wengert.rules.table import rule
from wengert.sweep.forward import forward
from wengert.sweep.reverse import reverse

Fn = Callable[..., Any]
FAR = 1e-2
"""How much the steps may move x, relatively, if it is a solution."""


class Observed:
    """User's functions as a solver calls them: with plain results; `recorded` if one was not; `order` says how many
    derivatives are being taken of them. If they are `watched`, `refuse_thresholds` knows what they looked at."""

    def __init__(self, watched: bool = False) -> None:
        self.recorded = False
        self.order = 0
        self.looks: Any = Looks() if watched else nullcontext()

    def __call__(self, f: Fn, args: tuple[Any, ...] = ()) -> Fn:
        bodies = state.bodies

        @wraps(f)
        def observed(*xs: Any, **kwargs: Any) -> Any:
            outer, state.bodies = state.bodies, bodies
            try:
                with self.looks:
                    y = f(*xs, *args, **kwargs)
            finally:
                state.bodies = outer
            self.recorded = self.recorded or any_recorded(y)
            self.order = max(self.order, order_of(y))
            return self.settled(y)

        return observed

    def settled(self, y: Any) -> Any:
        """The plain value of what a function returned."""
        return still(y)

    def refuse_thresholds(self, function: str, remedy: str) -> None:
        """Refuse plain results that jump where a look at what is differentiated has another answer: ∫ [x > s] g(x) dx
        has the slope −g(s) in s, of which no value of the integrand tells."""
        if self.looks.moved:
            raise NoDerivative(
                at_user_line(
                    f"{function} compares its variable with a value that is differentiated, and the jump moves with it"
                )
                + f"\n{remedy}"
            )

    def sees(self, x: Any) -> None:
        """Note that what is solved depends on a nest of values, too."""
        self.recorded = self.recorded or any_recorded(x)


def by_place(f: Any, args: Any, named: Any) -> tuple[Any, tuple[Any, ...]]:
    """The function of its variable and all else that it is given, by place; SciPy 1.18 knows names too."""
    args, named = args if isinstance(args, tuple) else (args,), named or {}
    count, names = len(args), tuple(named)
    if not names:
        return f, args
    by_place = lambda x, *rest: f(x, *rest[:count], **dict(zip(names, rest[count:], strict=True)))
    return by_place, (*args, *named.values())


def with_slopes(f: Fn, args: tuple[Any, ...]) -> Fn:
    """x ↦ f(x, *args) and after it its derivatives in the recorded values that it reads, plain; a trace has none."""
    known: dict[int, None] = {}
    reader: list[Recorder] = []

    def call(x: Any) -> Any:
        mark = reader[0].mark() if reader else None
        with Recording():
            y = f(x, *args)
        if not is_value(y) or y.rec is None or y.rec.traces or np.ndim(concrete(y)):
            return [still(y)]
        if mark is None or y.rec is not reader[0]:
            reader[:] = [y.rec]
            return call(x)
        slopes = _slopes_since(y.rec, mark, y.slot)
        y.rec.cut(mark)
        known.update({} if known else dict.fromkeys(slopes))
        return [still(y), *[_one_of(still(slopes.get(s, 0.0))) for s in known]]

    return call


def _one_of(slopes: Any) -> float:
    """A number that is as smooth as all of the slopes: their weighted sum."""
    if isinstance(slopes, float):
        return slopes
    x: Any = _asarray(slopes).reshape(-1)
    return float((x.real + x.imag) @ np.cos(_arange(x.size)))


_asarray, _arange = np.asarray, np.arange
"""NumPy's own, whatever is swapped in while recording."""


def _slopes_since(rec: Recorder, mark: tuple[int, int], slot: int) -> dict[int, Any]:
    """The derivatives of a slot in those that were there at the mark."""
    first = mark[0]
    if slot < first:
        return {slot: 1.0}
    lines = list(rec.lines[first:])
    read = sorted({s for line in lines for s in line[1] if 0 <= s < first})
    if any([lines[at - first][1][0] < first for at in rec.writes[mark[1] :]]):
        return {}
    place = {s: k for k, s in enumerate(read)}
    moved = len(read) - first
    inputs: list[Any] = [(INPUT, (), None, (), None, None)] * len(read)
    shifted = [
        (line[0], tuple([s if s < 0 else place[s] if s < first else s + moved for s in line[1]]), *line[2:])
        for line in lines
    ]
    writes = [at + moved for at in rec.writes[mark[1] :]]
    bars = reverse([*inputs, *shifted], writes, [(slot + moved, 1.0)], list(range(len(read))))
    return {s: 0.0 if bar is None else bar for s, bar in zip(read, bars, strict=True)}


def order_of(y: Any) -> int:
    """How many derivatives record a number."""
    order = 0
    while is_value(y):
        order += y.rec is not None and not y.rec.traces
        y = y.primal
    return order


def still(y: Any) -> Any:
    """The plain value of a nest."""
    if is_value(y):
        return frozen(y)
    if isinstance(y, (list, tuple)):
        return type(y)([still(part) for part in y])
    return lower(y)


def _recorded(f: Fn, x: Any) -> tuple[Any, Recorder, int]:
    rec = Recorder(("a solver", None))
    slot = rec.append((INPUT, (), None, (), None, None))
    start: Any = Array(x, rec, slot) if np.ndim(concrete(x)) else Scalar(x, rec, slot)
    with Recording():
        return f(start), rec, slot


def _own(y: Any, rec: Recorder) -> bool:
    return is_value(y) and y.rec is rec


def value_and_jacobian(f: Fn, x: Any) -> tuple[Any, Any]:
    """f(x) of shape (m,) and ∂f/∂x of shape (m, n), recorded as what f reads is."""
    y, rec, slot = _recorded(lambda x: np.reshape(np.asarray(f(x)), (-1,)), x)
    n = np.shape(concrete(x))[0]
    if not _own(y, rec):
        return y, np.zeros((np.shape(concrete(y))[0], n))
    writes, lines = rec.writes, rec.close()
    columns = [forward(lines, writes, [(slot, e)], [y.slot])[0] for e in np.eye(n)]
    return y.primal, np.stack([np.zeros(np.shape(concrete(y))) if c is None else c for c in columns], axis=-1)


def gradient(f: Fn) -> Fn:
    """The gradient of a scalar f, recorded as what f reads is."""

    def slope(x: Any) -> Any:
        y, rec, slot = _recorded(lambda x: np.reshape(np.asarray(f(x)), ()), x)
        if not _own(y, rec):
            return np.zeros(np.shape(concrete(x)))
        writes = rec.writes
        bar = reverse(rec.close(), writes, [(y.slot, 1.0)], [slot])[0]
        return np.zeros(np.shape(concrete(x))) if bar is None else bar

    return slope


def derivative_of(f: Fn) -> Fn:
    """x ↦ ∂f/∂x for an f of each element by itself, recorded as what f reads is."""

    def slope(x: Any) -> Any:
        y, rec, slot = _recorded(f, x)
        if not _own(y, rec):
            return np.zeros(np.shape(concrete(y)))
        writes = rec.writes
        dot = forward(rec.close(), writes, [(slot, np.ones(np.shape(concrete(x))))], [y.slot])[0]
        return np.zeros(np.shape(concrete(y))) if dot is None else dot

    return slope


def _levels(y: Any) -> int:
    """How many transforms record y: derivatives of no higher order are being taken."""
    n = 0
    while is_value(y):
        n += y.rec is not None and y.rec.traces is not ROLLED
        y = y.primal
    return n


def held(x: Any, like: Any) -> Any:
    """x without derivative, as plain as `like`, or as recorded by a compiler."""
    return stopped(x) if is_value(like) else still(x)


def solution(f: Fn, x: Any, name: str) -> Any:
    """`solved_for`, with an error that says so where the slope of f has no inverse."""
    try:
        return solved_for(f, x, name)
    except np.linalg.LinAlgError:
        raise NoDerivative(
            at_user_line(f"no derivative of the result of {name}: the slope of the function is singular there")
            + "\nA root that is double, or a place where a function of steps jumps, is no smooth function of anything."
        ) from None


def solved_for(f: Fn, x: Any, name: str) -> Any:
    """The root x of f, of shape (n,), plain or a compiler's, as a function of what f reads."""
    y, j = value_and_jacobian(f, x)
    levels = max(_levels(y), _levels(j))
    r = x - np.linalg.solve(j, y)
    steps = 1
    while 2**steps <= levels:
        y, j = value_and_jacobian(f, r)
        r = r - np.linalg.solve(j, y)
        steps += 1
    moved = np.max(np.abs(held(r, x) - x) / (1.0 + np.abs(x)), initial=0.0)
    if not moved <= FAR:
        raise NoDerivative(
            at_user_line(f"no derivative of the result of {name}: it solves no equation (a bound, or not converged)")
            + "\nGive it a smaller tolerance or another start, or wider bounds."
        )
    return renewed(x, r)


def renewed(plain: Any, r: Any) -> Any:
    """A value that a library computed, with the derivative of r."""
    value = held(r, plain)
    if is_value(r) and np.any(np.isfinite(concrete(plain)) & ~np.isfinite(concrete(value))):
        still(r)  # a trace of this call is none of others
        return apply(RENEWED, (r,), {"value": still(plain)})
    return plain + (r - value)


def given(r: Any, value: Any) -> Any:
    """The value, whatever r is."""
    return np.array(value)[()]


RENEWED = rule(given, lambda d, y, r, value: d)
"""A value in place of one that is not finite, and the derivative of that."""


def root_of_each(f: Fn, x: Any, name: str) -> Any:
    """The roots x of f, a function of each element by itself, as functions of what f reads; of one that is not finite
    there is no derivative (NaN)."""
    x = np.asarray(x, float)
    r, steps = _newton(f, x), 1
    while 2**steps <= _levels(r):
        r, steps = _newton(f, r), steps + 1
    moved = np.abs(still(held(r, x)) - x) / (1.0 + np.abs(x))
    if np.any(np.isfinite(x) & ~(moved <= FAR)):
        raise NoDerivative(
            at_user_line(f"no derivative of the result of {name}: it solves no equation (a bound, or not converged)")
        )
    return renewed(x, r)


def _newton(f: Fn, x: Any) -> Any:
    return x - f(x) / derivative_of(f)(x)
