"""A loop with a counter, while it is being written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

from wengert.native.emit.scalars import I64
from wengert.native.maths.loop import AccessGroup, interleaved

if TYPE_CHECKING:
    from wengert.native.emit.kernel import Kernel

_LONG = 64
"""A loop of this many runs works on two vectors at a time."""


class Counted:
    """Context manager: a loop with a counter from 0 to n − 1; no loop for n = 1."""

    def __init__(self, kernel: Kernel, n: int, apart: AccessGroup | None = None) -> None:
        self.k, self.n, self.apart = kernel, n, apart

    def __enter__(self) -> Any:
        zero = ir.Constant(I64, 0)
        if self.n <= 1:
            return zero
        b, function = self.k.b, self.k.function
        before = b.block
        self.block = function.append_basic_block("loop")
        b.branch(self.block)
        b.position_at_end(self.block)
        self.i = b.phi(I64)
        self.i.add_incoming(zero, before)
        return self.i

    def __exit__(self, *_: object) -> None:
        if self.n <= 1:
            return
        b: Any = self.k.b
        following = b.add(self.i, ir.Constant(I64, 1), flags=("nsw", "nuw"))
        more = b.icmp_signed("<", following, ir.Constant(I64, self.n))
        self.i.add_incoming(following, b.block)
        after = self.k.function.append_basic_block("after")
        back = b.cbranch(more, self.block, after)
        if self.n >= _LONG or self.apart is not None:
            interleaved(back, b.module, 2 if self.n >= _LONG else None, self.apart)
        b.position_at_end(after)
