"""One graph as one native function: status = kernel(args, results, context, workspace, threads).

threads   how many threads may work on a large loop nest
status    0; k if guard number k − 1 did not hold; CARELESS if a fast formula was outside its
          range; FAILED if a function of Python raised
"""

from __future__ import annotations

from typing import Any

from wengert.native import assembly as ir
from wengert.native.bands import Band, banded
from wengert.native.emit.apart import emit_apart
from wengert.native.emit.bands import emit_band
from wengert.native.emit.function import PTR, STACK, TABLE, Compiled, Function, Program
from wengert.native.emit.libraries import LIBRARY
from wengert.native.emit.loops import Loops
from wengert.native.emit.nans import asked_for_nan, emit_nan_test
from wengert.native.emit.parallel import emit_parts, split_of
from wengert.native.emit.products import emit_matmul
from wengert.native.emit.repeat import Repeat, scratch_needed
from wengert.native.emit.scalars import I8, I64, STORED
from wengert.native.memory import Layout
from wengert.native.node import Node
from wengert.native.schedule import Group, plan

CARELESS, FAILED = -1, -2
_MANY = 200
"""From so many loop nests on, each is a function of its own: the time that LLVM takes would grow with their square."""


def emit_kernel(
    module: ir.Module,
    program: Program,
    name: str,
    careful: bool = False,
    owned: frozenset[int] = frozenset(),
) -> Compiled:
    """Add the function to the module; `careful` has every elementary function computed by the C library.
    Arguments in `owned` may be written to, if they are handed on as the result of the same number."""
    planned = banded(plan([*program.outputs, *program.guards, *program.looking]))
    program.consts = [n for n in planned.live if n.kind == "const" and n.shape]
    program.calls = {n: k for k, n in enumerate(n for n in planned.live if n.kind == "call")}
    layout = Layout(planned, program.outputs, {n: k for k, n in enumerate(program.consts)}, owned)
    loops = {
        n: _emit_body(module, n, f"{name}.{k}", careful)
        for k, n in enumerate(n for n in planned.live if n.kind == "loop")
    }
    compiled = Compiled(program, None, planned, layout, 0, loops)
    work = _place_loops(compiled)
    kernel = Kernel(module, compiled, work, name, careful)
    compiled.function = kernel.function
    compiled.work = work if work > STACK else 0
    kernel.run()
    return compiled


def _emit_body(module: ir.Module, node: Node, name: str, careful: bool) -> Compiled:
    graph = node.op
    program = Program(graph.inputs, graph.outputs, [*graph.guards, *graph.checks], graph.looking)
    owned = frozenset(range(graph.loop.carried))
    body = emit_kernel(module, program, name, careful, owned)
    body.function.linkage = "internal"
    return body


def _place_loops(compiled: Compiled) -> int:
    """Give the loops their parts of context and workspace; the bytes of workspace in all."""
    context = len(compiled.program.consts) + len(compiled.program.calls)
    work = -(-compiled.layout.work // 64) * 64
    for node, body in compiled.loops.items():
        body.context = context
        context += body.context_size
        body.work_at = work
        work += -(-body.work // 64) * 64
        body.scratch = work
        work += scratch_needed(node, body.layout.kept)
    return work


class Kernel(Function):
    """The function while it is being written."""

    def __init__(self, module: ir.Module, compiled: Compiled, work: int, name: str, careful: bool) -> None:
        kind = ir.FunctionType(I64, [TABLE, TABLE, TABLE, PTR, I64])
        super().__init__(module, name, kind, compiled, work, careful)
        self.guards_done: set[int] = set()
        self.nests = sum(isinstance(thing, Group) for things in self.plan.steps for thing in things)
        self.pending = [n for n in self.plan.live if not n.shape and n.kind not in ("call", "loop")]

    # ── the whole ──

    def run(self) -> None:
        """Write everything."""
        for step, things in enumerate(self.plan.steps):
            self.compute_numbers(step)
            self.test_guards(step)
            for thing in things:
                if isinstance(thing, Group):
                    self.nest(thing)
                elif isinstance(thing, Band):
                    emit_band(self, thing)
                else:
                    self.call(thing)
        last = len(self.plan.steps)
        self.compute_numbers(last)
        self.test_guards(last)
        self.deliver()
        if (wrong := self.went_wrong()) is not None:
            self.leave(self.b.icmp_signed("!=", wrong, ir.Constant(I64, 0)), CARELESS)
        self.finish(ir.Constant(I64, 0))

    def nest(self, group: Group) -> None:
        """One loop nest; a large one in parts that several threads can do."""
        loops = Loops(self, group)
        split = split_of(loops)
        if split is not None:
            emit_parts(loops, split)
        elif (x := asked_for_nan(loops)) is not None:
            emit_nan_test(loops, x)
        elif self.nests >= _MANY and not loops.is_tiny:
            emit_apart(self, group)
        else:
            loops.emit()

    def compute_numbers(self, step: int) -> None:
        """The numbers whose operands are there before the step, in order."""
        waiting: list[Node] = []
        for node in self.pending:
            if self.plan.ready[node] <= step:
                self.number(node)
            else:
                waiting.append(node)
        self.pending = waiting

    def test_guards(self, step: int) -> None:
        """Leave with k where guard k − 1, which can be known before the step, does not hold."""
        for k, node in enumerate(self.program.guards):
            if k not in self.guards_done and self.plan.ready.get(node, 0) <= step:
                self.guards_done.add(k)
                self.leave(self.b.not_(self.number(node)), k + 1)

    def leave(self, condition: Any, status: int) -> None:
        """Return the status if the condition is true."""
        with self.b.if_then(condition, likely=False):
            self.b.ret(ir.Constant(I64, status))

    def fail(self, condition: Any) -> None:
        """Leave to Python, which says what is wrong, if the condition is true."""
        self.leave(condition, FAILED)

    def deliver(self) -> None:
        """Copy to the results what does not lie there already."""
        for k, node in enumerate(self.program.outputs):
            if not node.shape:
                self.b.store(self.stored_form(self.number(node)), self.address("output", k, STORED[node.dtype]))
        for k, node in self.layout.copied:
            self.copy(self.address("output", k, I8), self.base(node, I8), node.bytes)

    # ── calls ──

    def call(self, node: Node) -> None:
        """A node that a library, or Python, computes."""
        if node.kind == "matmul":
            self.matmul(node)
        elif node.kind == "loop":
            Repeat(self, node, self.compiled.loops[node], len(self.program.guards)).emit()
        elif node.kind == "call":
            self.python(node)
        elif node.kind == "library":
            LIBRARY[node.op](self, node)
        else:
            raise AssertionError(node)

    def matmul(self, node: Node) -> None:
        """A product of matrices; what it is added to lies where the result will."""
        if len(node.args) > 2 and node not in self.layout.in_place:
            self.copy(self.base(node, I8), self.base(node.args[2], I8), node.bytes)
        emit_matmul(self, node)

    def python(self, node: Node) -> None:
        """Call the Python function with the addresses of its arguments and results."""
        parts = [self.address_of(a) for a in node.args]
        parts += [self.address_of(r) for r in self.results_of(node)]
        table = self.alloca(PTR, max(len(parts), 2))
        for k, pointer in enumerate(parts):
            self.b.store(self.b.bitcast(pointer, PTR), self.b.gep(table, [ir.Constant(I64, k)]))
        number = len(self.program.consts) + self.program.calls[node]
        raw = self.b.load(self.b.gep(self.function.args[2], [ir.Constant(I64, number)]))
        signature = ir.FunctionType(I64, [PTR.as_pointer()])
        status = self.b.call(self.b.bitcast(raw, signature.as_pointer()), [table])
        self.leave(self.b.icmp_signed("!=", status, ir.Constant(I64, 0)), FAILED)

    def results_of(self, node: Node) -> list[Node]:
        """The items of a call that are used, by number; missing ones are left out by the caller's table."""
        return [n for n in self.plan.live if n.kind == "item" and n.args[0] is node]

    def address_of(self, node: Node) -> Any:
        """Where an argument or result of a call lies: arrays in their memory, numbers in a slot."""
        if node.shape:
            return self.base(node)
        slot = self.slot(node)
        if node.kind != "item":
            self.b.store(self.stored_form(self.number(node)), slot)
        return slot
