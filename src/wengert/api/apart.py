"""A function recorded apart: with plain numbers, at one level. What is older is an argument of its lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wengert.ir.line import Type
from wengert.passes.stretches import listed
from wengert.record.repeating import Repeating


class Apart:
    """The recording of `call` at some plain values: its trace, whose inputs are these and then the `older` values
    that it met; the structure and the plain leaves of the result. Raises NotApart."""

    def __init__(
        self, record: Callable[..., Any], call: Callable[..., Any], given: tuple[Any, ...], traces: Any
    ) -> None:
        lines = Repeating()
        run = record(call, given, {}, tuple(range(len(given))), "jit", lines=lines, traces=traces, apart=True)
        results = [*zip(run.out_slots, run.out_leaves, strict=True)]
        self.trace, listing = listed(lines, [Type.of(x) for x in run.leaves], results, apart=True)
        self.frozen, self.structure, self.leaves = run.frozen, run.out_structure, run.out_leaves
        self.older = [value for _, value in listing.older.values()]
