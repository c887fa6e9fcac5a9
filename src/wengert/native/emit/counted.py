"""A loop with a counter, while it is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.scalars import I64

if TYPE_CHECKING:
    from wengert.native.emit.function import Function
    from wengert.native.emit.routines import Helper


class Counted:
    """Context manager: a loop with a counter from 0 to n − 1; no loop for n = 1. Where n is known only when the code
    runs, it may be 0 or less. With a step, n is a multiple of it."""

    def __init__(self, function: Function | Helper, n: Any, step: int = 1) -> None:
        self.k, self.n, self.step = function, n, step
        self.fixed = isinstance(n, int)
        self.once = self.fixed and n <= step

    def __enter__(self) -> Any:
        zero = ir.Constant(I64, 0)
        if self.once:
            return zero
        b, function = self.k.b, self.k.function
        before = b.block
        self.block, self.after = function.append_basic_block("loop"), function.append_basic_block("after")
        if self.fixed:
            b.branch(self.block)
        else:
            b.cbranch(b.icmp_signed("<", zero, self.n), self.block, self.after)
        b.position_at_end(self.block)
        self.i = b.phi(I64)
        self.i.add_incoming(zero, before)
        return self.i

    def __exit__(self, *_: object) -> None:
        if self.once:
            return
        b: Any = self.k.b
        following = b.add(self.i, ir.Constant(I64, self.step), flags=("nsw", "nuw"))
        more = b.icmp_signed("<", following, ir.Constant(I64, self.n) if self.fixed else self.n)
        self.i.add_incoming(following, b.block)
        b.cbranch(more, self.block, self.after)
        b.position_at_end(self.after)
