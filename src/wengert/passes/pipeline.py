"""The passes in the order in which they run, each under the name by which it can be left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wengert.ir.trace import Trace
from wengert.passes.colour import colour
from wengert.passes.cse import cse
from wengert.passes.dce import dce
from wengert.passes.effects import Pass, in_bodies
from wengert.passes.exact import EXACT
from wengert.passes.extend import extend
from wengert.passes.fold import fold
from wengert.passes.gather import gather
from wengert.passes.hoist import hoist
from wengert.passes.inplace import in_place
from wengert.passes.products import products
from wengert.passes.prune import prune
from wengert.passes.real import REAL
from wengert.passes.reroll import reroll
from wengert.passes.sink import sink
from wengert.passes.through import through

# fmt: off
FIRST: dict[str, Callable[[Trace], Trace]] = {
    "reroll":   reroll,    # loops of what repeats
    "extend":   extend,    # one loop for two
    "products": products,  # one product for many small ones
    "through":  through,   # slices for results that are elements of a sequence
    "prune":    prune,     # loops without results that nobody reads
}
PASSES: dict[str, Pass] = {
    "cse":    cse,      # the same thing once
    "exact":  EXACT,    # rewrites that change no bit
    "real":   REAL,     # rewrites that hold for real numbers: only if asked for
    "gather": gather,   # arrays of the elements of another
    "fold":   fold,     # what depends on constants alone
    "colour": colour,   # one run for unit tangents that do not meet
    "dce":    dce,      # what nobody needs
}
LAST: dict[str, Callable[[Trace], Trace]] = {
    "hoist":   hoist,     # nothing again and again that is always the same
    "sink":    sink,      # but what costs less than reading it
    "inplace": in_place,  # writes into memory
}
# fmt: on
NAMES = (*FIRST, *PASSES, *LAST)
"""The names of all passes. Loops are found first, so that the others look at a body once; writes into memory are
put back last, for the others understand values better."""
_ROUNDS, _SHORT = 3, 10_000
"""So many times the passes run over a short trace, while one finds something to do; over a longer one once."""


def optimise(
    trace: Trace, real: bool = False, without: Iterable[str] = (), seen: Callable[[str, Trace], object] | None = None
) -> Trace:
    """A trace of the same meaning that costs less. `real` allows rewrites that hold for real numbers, `without`
    names passes that are left out, `seen(name, trace)` is told what each pass gave.

    >>> import numpy as np, wengert as wg
    >>> t = wg.trace(lambda x: np.sin(x) * 1 + np.sin(-(-x)))(0.5)
    >>> print(optimise(t))
    def f(x):            # x: float
        v0 = np.sin(x)   # f64[]
        v1 = v0 + v0     # f64[]
        return v1
    """
    left_out = frozenset(without) | (frozenset() if real else frozenset({"real"}))
    trace = _once(FIRST, trace, left_out, seen)
    chosen = {name: apply for name, apply in PASSES.items() if name not in left_out}
    for rounds in range(_ROUNDS if len(trace.lines) < _SHORT else 1):
        before = trace
        for name, apply in chosen.items():
            if rounds and name == "colour":  # slow, and what it could not do it will not
                continue
            trace = in_bodies(trace, apply, frozenset())
            if seen:
                seen(name, trace)
        if trace is before:
            break
    return _once(LAST, trace, left_out, seen)


def _once(passes: dict[str, Callable[[Trace], Trace]], trace: Trace, left_out: frozenset[str], seen: Any) -> Trace:
    for name, apply in passes.items():
        if name not in left_out:
            trace = apply(trace)
            if seen:
                seen(name, trace)
    return trace


def checked(without: object, name: str) -> tuple[str, ...]:
    """`without` as a tuple of names of passes; an error that names the operator where it is none."""
    names = (without,) if isinstance(without, str) else without
    if not isinstance(names, (tuple, list, set, frozenset)) or not all(isinstance(n, str) for n in names):
        raise TypeError(f"{name}: without is {without!r}.\nPass the names of passes: {', '.join(NAMES)}.")
    for n in names:
        if n not in NAMES:
            raise ValueError(f"{name}: without names {n!r}, which is no pass.\nThe passes are {', '.join(NAMES)}.")
    return tuple(sorted(names))
