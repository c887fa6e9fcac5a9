"""Long functions inside jit: recorded once by themselves, their repeats made loops, and the loops differentiated.

f is recorded *apart*: with plain numbers, at one level. The trace of that, with loops in it, takes f's place.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import numpy as np

from wengert import tree
from wengert.api.apart import Apart
from wengert.api.rolling import ROLL
from wengert.ir.trace import Trace
from wengert.passes.hoist import hoist
from wengert.passes.reroll import reroll
from wengert.record.replay import replay
from wengert.record.value import ROLLED, NotApart, concrete, is_value


def rolled(record: Callable[..., Any], f: Any, args: tuple[Any, ...], kwargs: Any, picked: tuple[int, ...]) -> Any:
    """A function that does what f does at these arguments, in fewer lines; None where that cannot be."""
    frame = _Frame(f, args, kwargs, picked)
    try:
        run = Apart(record, frame.call, frame.inputs, ROLLED)
    except NotApart:
        return None
    return None if run.frozen else _InLoops(frame, hoist(reroll(run.trace.dce(raising=True))), run.older, run.structure)


class _Frame:
    """A call of f as a function of those numbers and arrays among its arguments that are recorded."""

    def __init__(self, f: Any, args: tuple[Any, ...], kwargs: Any, picked: tuple[int, ...]) -> None:
        self.f = f
        self.leaves, self.structure = tree.flatten((args, kwargs))
        sizes = [1 if is_value(x) else len(tree.flatten(x)[0]) for x in args]
        ends = np.cumsum([0, *sizes])
        differentiated = {i for k in picked for i in range(ends[k], ends[k + 1])}
        self.places = [i for i, x in enumerate(self.leaves) if i in differentiated or (is_value(x) and _is_input(x))]

    @property
    def inputs(self) -> tuple[Any, ...]:
        """The values of the inputs now."""
        return tuple([concrete(self.leaves[i]) for i in self.places])

    def call(self, *given: Any) -> Any:
        """f with the inputs replaced."""
        leaves = list(self.leaves)
        for i, x in zip(self.places, given, strict=True):
            leaves[i] = x
        args, kwargs = tree.unflatten(self.structure, leaves)
        return self.f(*args, **kwargs)

    def given(self, args: tuple[Any, ...], kwargs: Any) -> list[Any]:
        """The inputs among the arguments of another call."""
        leaves, _ = tree.flatten((args, kwargs))
        return [leaves[i] for i in self.places]


def _is_input(x: Any) -> bool:
    x = concrete(x)
    return type(x) in (float, np.float64, np.float32) or (type(x) is np.ndarray and x.dtype.kind in "fciub")


class _InLoops:
    """The trace as a function of f's arguments."""

    def __init__(self, frame: _Frame, trace: Trace, older: list[Any], out_structure: Any) -> None:
        update_wrapper(self, frame.f)
        self.frame, self.trace, self.older, self.out_structure = frame, trace, older, out_structure

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        results = replay(self.trace, [*self.frame.given(args, kwargs), *self.older])
        return results[0] if self.out_structure is None else tree.unflatten(self.out_structure, results)


ROLL.append(rolled)
