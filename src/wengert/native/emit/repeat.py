"""A loop node: the kernel of its body, called again and again with the addresses of that run.

What is carried as a number lies in a slot that LLVM turns into a register, once the body is inlined.
So may the elements of a small array be. What is carried as a larger one lies in two pieces of memory
that change places from run to run, or in one, if the body writes into it in place. Sequences are read,
and results collected, at addresses that move by a step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wengert.ir.loop import Loop
from wengert.native import assembly as ir
from wengert.native.emit.counted import Counted
from wengert.native.emit.scalars import I8, I64, STORED
from wengert.native.node import SIZES, Node

if TYPE_CHECKING:
    from wengert.native.emit.function import Compiled
    from wengert.native.emit.kernel import Kernel

PTR = I8.as_pointer()
SMALL = 16
"""Arrays of so many elements are copied from run to run: where the body reads and writes them at fixed places, LLVM
keeps them in registers."""


class Repeat:
    """The loop while it is being written."""

    def __init__(self, kernel: Kernel, node: Node, body: Compiled, guard: int) -> None:
        self.k, self.node, self.body, self.guard = kernel, node, body, guard
        self.loop: Loop = node.op.loop
        self.items = {n.info: n for n in kernel.plan.live if n.kind == "item" and n.args[0] is node}
        self.inputs, self.outputs = body.program.inputs, body.program.outputs
        self.args = kernel.alloca(PTR, len(self.inputs) + 1)
        self.results = kernel.alloca(PTR, len(self.outputs) + 1)
        self.scratch = body.scratch
        self.slots: dict[int, tuple[Any, Any]] = {}

    @property
    def b(self) -> Any:
        return self.k.b

    def emit(self) -> None:
        """Write the loop."""
        for i in range(self.loop.carried):
            self._begin(i)
        for i in range(self.first_fixed, len(self.inputs)):
            given = self.node.args[i - len(self.loop.counters)]
            self._put(self.args, i, self.b.bitcast(self.k.address_of(given), PTR))
        counters = [self.k.alloca(I64) for _ in self.loop.counters]
        rounds = self._rounds()
        with rounds as k:
            self._enter(k, counters)
            self._call()
            for i in range(self.loop.carried):
                self._hand_on(i)
        if isinstance(rounds, Rounds) and self.loop.until and (item := self.items.get(len(self.outputs) - 1)):
            self.b.store(rounds.following, self.k.slot(item))
        for i in range(self.loop.carried):
            self._end(i)

    def _rounds(self) -> Any:
        """What counts the runs."""
        if not (self.loop.until or self.loop.ranged):
            return Counted(self.k, self.loop.count)
        begin, end = ir.Constant(I64, 0), ir.Constant(I64, self.loop.count)
        if self.loop.ranged:
            begin, end = self.k.number(self.node.args[-2]), self.k.number(self.node.args[-1])
        if not self.loop.until:
            return Rounds(self.k, begin, end, None)
        self.go = self.k.alloca(STORED["bool"])
        return Rounds(self.k, begin, end, lambda: self.b.icmp_signed("!=", self.b.load(self.go), STORED["bool"](0)))

    @property
    def first_fixed(self) -> int:
        """The first input of the body that is the same in every run."""
        return self.loop.carried + len(self.loop.sequences) + len(self.loop.counters)

    def _put(self, table: Any, i: int, pointer: Any) -> None:
        self.b.store(pointer, self.b.gep(table, [ir.Constant(I64, i)]))

    # ── what is carried ──

    def _begin(self, i: int) -> None:
        inner, given = self.inputs[i], self.node.args[i]
        if not inner.shape:
            slot, following = self.k.alloca(STORED[inner.dtype]), self.k.alloca(STORED[inner.dtype])
            self.b.store(self.k.stored_form(self.k.number(given)), slot)
            self._put(self.args, i, self.b.bitcast(slot, PTR))
            self._put(self.results, i, self.b.bitcast(following, PTR))
            self.slots[i] = (slot, following)
            return
        if inner.size <= SMALL:
            self._begin_small(i, inner, given)
            return
        now, following = self.k.alloca(PTR), self.k.alloca(PTR)
        first = self._piece(inner.bytes)
        self.k.copy(first, self.k.base(given, I8), inner.bytes)
        self.b.store(first, now)
        self.b.store(first if i in self.body.layout.kept else self._piece(inner.bytes), following)
        self.slots[i] = (now, following)

    def _begin_small(self, i: int, inner: Node, given: Node) -> None:
        kind = ir.ArrayType(STORED[inner.dtype], inner.size)
        now = self.b.bitcast(self.k.alloca(kind), PTR)
        following = now if i in self.body.layout.kept else self.b.bitcast(self.k.alloca(kind), PTR)
        self.k.copy(now, self.k.base(given, I8), inner.bytes)
        self._put(self.args, i, now)
        self._put(self.results, i, following)
        self.slots[i] = (now, following)

    def _is_small(self, i: int) -> bool:
        return bool(self.inputs[i].shape) and self.inputs[i].size <= SMALL

    def _piece(self, size: int) -> Any:
        """Memory for one array that is carried."""
        at = self.scratch
        self.scratch += -(-size // 64) * 64
        return self.k.extra(at)

    def _hand_on(self, i: int) -> None:
        now, following = self.slots[i]
        if not self.inputs[i].shape:
            self.b.store(self.b.load(following), now)
        elif self._is_small(i):
            if now is not following:
                self.k.copy(now, following, self.inputs[i].bytes)
        elif i not in self.body.layout.kept:
            a, c = self.b.load(now), self.b.load(following)
            self.b.store(c, now)
            self.b.store(a, following)

    def _end(self, i: int) -> None:
        item = self.items.get(i)
        if item is None:
            return
        now, _ = self.slots[i]
        if item.shape:
            self.k.copy(self.k.base(item, I8), now if self._is_small(i) else self.b.load(now), item.bytes)
        else:
            self.b.store(self.b.load(now), self.k.slot(item))

    # ── one run ──

    def _enter(self, k: Any, counters: list[Any]) -> None:
        n = self.loop.carried
        for i in range(n):
            if self.inputs[i].shape and not self._is_small(i):
                now, following = self.slots[i]
                self._put(self.args, i, self.b.load(now))
                self._put(self.results, i, self.b.load(following))
        for s, (start, step) in enumerate(self.loop.sequences):
            inner = self.inputs[n + s]
            whole = self.k.base(self.node.args[n + s], I8)
            self._put(self.args, n + s, self._moved(whole, self._affine(k, start, step), inner))
        first = n + len(self.loop.sequences)
        for c, (start, step) in enumerate(self.loop.counters):
            self.b.store(self._affine(k, start, step), counters[c])
            self._put(self.args, first + c, self.b.bitcast(counters[c], PTR))
        if self.loop.until:
            self._put(self.results, len(self.outputs) - 1, self.b.bitcast(self.go, PTR))
        for t in range(n, len(self.outputs) - self.loop.until):
            item = self.items.get(t)
            into = self.k.base(item, I8) if item is not None else None
            if into is None:
                into = self.b.bitcast(self.k.alloca(I8, max(self.outputs[t].bytes, 2)), PTR)
                self._put(self.results, t, into)
            else:
                self._put(self.results, t, self._moved(into, k, self.outputs[t]))

    def _affine(self, k: Any, start: int, step: int) -> Any:
        scaled = self.b.mul(k, ir.Constant(I64, step), flags=("nsw",))
        return self.b.add(scaled, ir.Constant(I64, start), flags=("nsw",))

    def _moved(self, base: Any, place: Any, element: Node) -> Any:
        size = SIZES[element.dtype] * element.size
        return self.b.gep(base, [self.b.mul(place, ir.Constant(I64, size), flags=("nsw",))], inbounds=True)

    def _call(self) -> None:
        """Run the body; leave with its status if that is not zero."""
        b = self.b
        context = b.gep(self.k.function.args[2], [ir.Constant(I64, self.body.context)])
        work, threads = self.k.extra(self.body.work_at), self.k.function.args[4]
        status = b.call(self.body.function, [self.args, self.results, context, work, threads])
        with b.if_then(b.icmp_signed("!=", status, ir.Constant(I64, 0)), likely=False):
            positive = b.icmp_signed(">", status, ir.Constant(I64, 0))
            b.ret(b.select(positive, b.add(status, ir.Constant(I64, self.guard)), status))


class Rounds:
    """Context manager: a loop from `begin` to before `end`, or until `goes_on` says no. `following` is the run that
    would have come next."""

    def __init__(self, kernel: Kernel, begin: Any, end: Any, goes_on: Callable[[], Any] | None) -> None:
        self.k, self.begin, self.end, self.goes_on = kernel, begin, end, goes_on

    def __enter__(self) -> Any:
        b, function = self.k.b, self.k.function
        self.before, self.block = b.block, function.append_basic_block("rounds")
        self.after = function.append_basic_block("after")
        b.cbranch(b.icmp_signed("<", self.begin, self.end), self.block, self.after)
        b.position_at_end(self.block)
        self.i = b.phi(I64)
        self.i.add_incoming(self.begin, self.before)
        return self.i

    def __exit__(self, *_: object) -> None:
        b = self.k.b
        following = b.add(self.i, ir.Constant(I64, 1), flags=("nsw",))
        more = b.icmp_signed("<", following, self.end)
        if self.goes_on is not None:
            more = b.and_(more, self.goes_on())
        self.i.add_incoming(following, b.block)
        last = b.block
        b.cbranch(more, self.block, self.after)
        b.position_at_end(self.after)
        self.following = b.phi(I64)
        self.following.add_incoming(self.begin, self.before)
        self.following.add_incoming(following, last)


def scratch_needed(node: Node, kept: set[int]) -> int:
    """The bytes that carried arrays need."""
    carried = node.op.inputs[: node.op.loop.carried]
    return sum((1 if i in kept else 2) * -(-n.bytes // 64) * 64 for i, n in enumerate(carried) if n.shape)
