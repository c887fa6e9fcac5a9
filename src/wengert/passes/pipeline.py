"""The passes, in their order."""

from __future__ import annotations

from collections.abc import Callable

from wengert.ir.trace import Trace
from wengert.passes.extend import extend
from wengert.passes.hoist import hoist
from wengert.passes.prune import prune
from wengert.passes.reroll import reroll

PASSES: dict[str, Callable[[Trace], Trace]] = {"reroll": reroll, "extend": extend, "prune": prune, "hoist": hoist}
"""Each makes a trace that computes the same: loops of what repeats, one loop for two, nothing that nobody reads,
nothing again and again that is always the same."""


def optimised(trace: Trace) -> Trace:
    """The trace after all passes."""
    for change in PASSES.values():
        trace = change(trace)
    return trace
