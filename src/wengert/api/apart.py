"""A function recorded apart: with plain numbers, at one level. What is older is an argument of its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.ir.line import Type
from wengert.ir.trace import Trace, nameless
from wengert.record.listing import Listing, Located


class Apart:
    """The recording of `call` at some plain values: its trace, whose inputs are these and then the `older` values
    that it met; the structure and the plain leaves of the result. Raises NotApart."""

    def __init__(
        self, record: Callable[..., Any], call: Callable[..., Any], given: tuple[Any, ...], traces: Any
    ) -> None:
        lines = Located()
        run = record(call, given, {}, tuple(range(len(given))), "jit", lines=lines, traces=traces, apart=True)
        listing = Listing(lines, [Type.of(x) for x in run.leaves], apart=True)
        outputs = [listing.atom(s, x) for s, x in zip(run.out_slots, run.out_leaves, strict=True)]
        self.frozen, self.structure, self.leaves = run.frozen, run.out_structure, run.out_leaves
        self.older = [value for _, value in listing.older.values()]
        inputs = (*listing.inputs, *[var for var, _ in listing.older.values()])
        self.trace: Trace = nameless("body", inputs, listing.lines, outputs)
