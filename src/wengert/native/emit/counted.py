"""A loop with a counter, while it is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

from wengert.native.emit.scalars import I64
from wengert.native.maths.loop import AccessGroup, interleaved

if TYPE_CHECKING:
    from wengert.native.emit.function import Function

_LONG = 64
"""A loop of this many runs works on two vectors at a time."""
_WHOLE = 16
"""A shorter loop LLVM may write out whole. Of longer ones that took a third of the compilation and gave nothing."""


class Counted:
    """Context manager: a loop with a counter from 0 to n − 1; no loop for n = 1. Where n is known only when the code
    runs, it may be 0 or less, and the loop is a long one."""

    def __init__(self, function: Function, n: Any, apart: AccessGroup | None = None) -> None:
        self.k, self.n, self.apart = function, n, apart
        self.fixed = isinstance(n, int)
        self.long = not self.fixed or n >= _LONG

    def __enter__(self) -> Any:
        zero = ir.Constant(I64, 0)
        if self.fixed and self.n <= 1:
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
        if self.fixed and self.n <= 1:
            return
        b: Any = self.k.b
        following = b.add(self.i, ir.Constant(I64, 1), flags=("nsw", "nuw"))
        more = b.icmp_signed("<", following, ir.Constant(I64, self.n) if self.fixed else self.n)
        self.i.add_incoming(following, b.block)
        back = b.cbranch(more, self.block, self.after)
        rolled = self.fixed and _WHOLE <= self.n < _LONG
        if self.long or self.apart is not None or rolled:
            interleaved(back, b.module, 2 if self.long else None, self.apart, rolled)
        b.position_at_end(self.after)
