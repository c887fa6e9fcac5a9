"""Integrands that only compare with what is differentiated: the integral moves with the place of the jump."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.ir.line import Var
from wengert.ir.trace import Trace
from wengert.record.locate import at_user_line
from wengert.record.value import is_value
from wengert.rules.solved import still
from wengert.rules.solver_ways import NoWay, recorded

_COMPARISONS = {f"numpy.{name}" for name in ("less", "less_equal", "greater", "greater_equal")}
_APART = ("an integrand that is looked at", None)


def refuse_thresholds(f: Any, args: tuple[Any, ...], ends: tuple[Any, Any]) -> None:
    """∫ [x > s] g(x) dx has the slope −g(s) in s, of which no value of the integrand tells."""
    seen: list[Any] = []

    def place(x: Any) -> int:
        seen.append(x)
        return len(seen) - 1

    try:
        way = recorded(f, (_between(*[float(still(e)) for e in ends]),), args, place, _APART)
    except NoWay:
        return
    if any([_is_differentiated(x) for x in seen]) and _compares(way.trace):
        raise NoDerivative(
            at_user_line(
                "the integrand of scipy.integrate.quad compares its variable with a value that is differentiated, "
                "and the jump moves with it"
            )
            + "\nSplit the integral there: an integral up to that value and one from it."
        )


def _between(a: float, b: float) -> float:
    """A place inside."""
    if np.isfinite(a) and np.isfinite(b):
        return 0.5 * (a + b)
    return a + 1.0 if np.isfinite(a) else b - 1.0 if np.isfinite(b) else 0.0


def _is_differentiated(x: Any) -> bool:
    while is_value(x):
        if x.rec is not None and not x.rec.traces:
            return True
        x = x.primal
    return False


def _compares(trace: Trace) -> bool:
    """Whether a line compares what depends on the first input with what depends on another."""
    variable: set[Var] = {trace.inputs[0]}
    older: set[Var] = set(trace.inputs[1:])
    for line in trace.lines:
        of_both = [any([a in known for a in line.inputs]) for known in (variable, older)]
        if line.row.name in _COMPARISONS and all(of_both):
            return True
        for depends, known in zip(of_both, (variable, older), strict=True):
            if depends:
                known.update(line.outs)
    return False
