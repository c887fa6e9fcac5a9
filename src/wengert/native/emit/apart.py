"""A loop nest as a function of its own, to which the kernel hands in a frame what it knows.

LLVM's work on a function grows faster than its loops: 120 nests take 2.3 s in one function and 3.1 s in as many, 400
take 7.8 s and 6.9 s.
"""

from __future__ import annotations

from typing import Any

from wengert.native import assembly as ir
from wengert.native.emit.function import PTR, TABLE, Function
from wengert.native.emit.loops import Loops
from wengert.native.emit.scalars import I64, STORED
from wengert.native.node import Node
from wengert.native.schedule import Group

_KIND = ir.FunctionType(I64, [TABLE, TABLE, TABLE, PTR, PTR])
"""bad = nest(args, results, context, workspace, frame)."""


class Apart(Function):
    """The function while it is being written. The frame, words of 64 bits, ends with the numbers that are known
    before, from the word `first` on."""

    def __init__(self, parent: Function, kind: Any, first: int) -> None:
        module = parent.b.module
        name = module.get_unique_name(f"{parent.function.name}.nest")
        super().__init__(module, name, kind, parent.compiled, parent.work, parent.careful)
        self.function.linkage = "internal"
        self.parent, self.first = parent, first
        self.given: list[Any] = []

    def number(self, node: Node) -> Any:
        """A number of the kernel."""
        if node not in self.numbers:
            self.numbers[node] = self._number(node)
        return self.numbers[node]

    def _number(self, node: Node) -> Any:
        if node.kind == "const":
            return super()._number(node)
        x = self.parent.stored_form(self.parent.number(node))
        b, k = ir.IRBuilder(self.entry), self.first + len(self.given)
        self.given.append(x)
        found = b.load(word(b, self.frame, I64(k), x.type))
        return b.trunc(found, ir.IntType(1)) if node.dtype == "bool" else found

    def value(self, node: Node, at: Any, memo: dict[Any, Any], access: Any = None) -> Any:
        """The element of a node; numbers are all known."""
        return super().value(node, at, memo, access) if node.shape else self.number(node)

    def workspace(self) -> Any:
        """The kernel's."""
        return self.function.args[3]

    @property
    def frame(self) -> Any:
        """The address of the frame."""
        return self.function.args[4]

    def ended(self) -> None:
        """The last line: whether a fast formula was outside its range."""
        wrong = self.went_wrong()
        self.finish(I64(0) if wrong is None else wrong)

    def framed(self) -> Any:
        """The frame, where the kernel has it."""
        b = self.parent.b
        frame = self.parent.alloca(I64, max(self.first + len(self.given), 2))
        for k, x in enumerate(self.given):
            b.store(x, word(b, frame, I64(self.first + k), x.type))
        return frame

    def noted(self, bits: Any) -> None:
        """What the function returned."""
        if self.bad:
            self.parent.note(self.parent.b.icmp_signed("==", bits, I64(0)))


def word(b: Any, frame: Any, place: Any, kind: Any) -> Any:
    """The address of a word of the frame."""
    whole = b.bitcast(frame, I64.as_pointer())
    return b.bitcast(b.gep(whole, [place]), kind.as_pointer())


class _Nest(Apart):
    """A whole nest; the frame begins with the numbers that it computes."""

    def __init__(self, parent: Function, group: Group) -> None:
        self.results = [root for root in group.roots if not root.shape]
        super().__init__(parent, _KIND, len(self.results))
        self.function.attributes.add("noinline")

    def slot(self, node: Node) -> Any:
        """The word of a number that is computed."""
        if node not in self.pointers:
            place = I64(self.results.index(node))
            self.pointers[node] = word(ir.IRBuilder(self.entry), self.frame, place, STORED[node.dtype])
        return self.pointers[node]


def emit_apart(kernel: Function, group: Group) -> None:
    """Write the function of a nest, and call it."""
    nest = _Nest(kernel, group)
    Loops(nest, group).emit()
    nest.ended()
    frame = nest.framed()
    args, results, context = kernel.function.args[:3]
    given = [args, results, context, kernel.workspace(), kernel.b.bitcast(frame, PTR)]
    call = kernel.b.call(nest.function, given)
    kernel.b.module.single.append((nest.function, call))
    nest.noted(call)
    for k, root in enumerate(nest.results):
        kernel.pointers[root] = word(kernel.b, frame, I64(k), STORED[root.dtype])
