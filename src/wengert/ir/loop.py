"""A loop as one line: a body, itself a trace, that is run again and again.

    inputs of the body    carried values, elements of sequences, counters, then what does not change
    outputs of the body   the carried values for the next run, then what is collected

The line's results are the carried values after the last run, then the collected ones stacked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wengert.ir.dce import may_raise
from wengert.ir.line import Line

if TYPE_CHECKING:
    from wengert.ir.trace import Trace


@dataclass(frozen=True, eq=False)
class Loop:
    """What is run `count` times. The line's arguments are the first values of what is carried, the
    sequences, and what does not change. Run k sees element start + k·step of a sequence, and the
    counter start + k·step. `written[i]` says that carried value i is changed in place.

    A loop `until` something has one more output of the body, last, which says whether to go on, and in its place one
    more result: after how many runs it ended, at most `count`. A loop that is `ranged` has two more arguments, last:
    its runs are those from the one to before the other of 0 … count − 1. What has not been run is not collected.

    A loop that
    `extends` another computes all that the other does from the same arguments, and more: result
    `extends[1][k]` is the other's result k, argument `extends[2][k]` its argument k."""

    body: Trace
    count: int
    carried: int
    sequences: tuple[tuple[int, int], ...]
    counters: tuple[tuple[int, int], ...]
    written: tuple[bool, ...]
    until: bool = False
    ranged: bool = False
    extends: tuple[Loop, tuple[int, ...], tuple[int, ...]] | None = None
    memo: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False)

    @cached_property
    def looks(self) -> bool:
        """Whether a line of the body is a guard, or may raise: the loop is needed even if nobody reads its results."""
        return any([_looks(line) for line in self.body.lines])

    @cached_property
    def steps(self) -> int:
        """How many lines are run, all in all."""
        return self.count * sum(
            [line.params["loop"].steps if line.row.name == "loop" else 1 for line in self.body.lines]
        )

    def __repr__(self) -> str:
        return f"<loop of {self.count} times {len(self.body.lines)} lines>"


def _looks(line: Line) -> bool:
    return line.kind == "guard" or may_raise(line) or (line.row.name == "loop" and line.params["loop"].looks)
