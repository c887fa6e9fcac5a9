"""Calls of BLAS and LAPACK, and what goes with them: addresses in matrices, zeros in triangles, one number everywhere.

Arrays here are row-major; to LAPACK and BLAS they are the transposed ones.
"""

from __future__ import annotations

from math import copysign
from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.counted import Counted
from wengert.native.emit.scalars import I8, I32, I64, TYPES
from wengert.native.emit.strips import folded, store_lanes
from wengert.native.maths.lanes import spread
from wengert.native.node import SIZES, Node

if TYPE_CHECKING:
    from wengert.native.emit.function import Function
    from wengert.native.emit.kernel import Kernel

PTR = I8.as_pointer()
_LANES = 16


class Helper:
    """A function of the module's own while it is being written: without a result, called from several places."""

    def __init__(self, module: ir.Module, name: str, types: list[Any]) -> None:
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), types), name)
        self.function.linkage = "internal"
        self.function.attributes.update(("noinline", "nounwind"))
        self.entry = self.function.append_basic_block("entry")
        self.b: Any = ir.IRBuilder(self.function.append_basic_block("body"))

    def alloca(self, kind: Any) -> Any:
        """Memory on the stack."""
        return ir.IRBuilder(self.entry).alloca(kind, 1)

    def finish(self) -> None:
        """The last line."""
        self.b.ret_void()
        ir.IRBuilder(self.entry).branch(self.function.basic_blocks[1])


def routine(k: Function, node: Node, name: str, *given: Any) -> None:
    """Call the LAPACK or BLAS routine for the node's dtype; numbers are given by their addresses."""
    letter = "d" if node.dtype == "f64" else "s"
    parts = [_address(k, node, x) for x in given]
    k.b.call(k.external(letter + name, [x.type for x in parts]), parts)


def _address(k: Function, node: Node, x: Any) -> Any:
    if isinstance(x, str):
        return k.held(ir.Constant(I8, ord(x)))
    if isinstance(x, int):
        return k.held(ir.Constant(I32, x))
    return k.held(ir.Constant(TYPES[node.dtype], x)) if isinstance(x, float) else x


def at(k: Kernel, node: Node, place: int) -> Any:
    """The address of the element at a flat place."""
    return k.b.gep(k.base(node), [ir.Constant(I64, place)])


def taken(k: Kernel, node: Node, x: Node) -> Any:
    """The node's memory with x copied to its front: where LAPACK works in place."""
    k.copy(k.base(node, I8), k.base(x, I8), x.bytes)
    return k.base(node)


def status(k: Kernel) -> Any:
    return k.alloca(I32)


def succeeded(k: Kernel, info: Any) -> Any:
    return k.b.icmp_signed("==", k.b.load(info), ir.Constant(I32, 0))


def clear(k: Kernel, node: Node, above: bool, order: int = 0) -> None:
    """Zeros above, or below, the diagonal."""
    n, size, b = order or node.shape[0], SIZES[node.dtype], k.b
    start = k.base(node, I8)
    with Counted(k, n - 1) as i:
        row = i if above else b.add(i, ir.Constant(I64, 1))
        count = b.sub(ir.Constant(I64, n - 1), i) if above else row
        first = b.add(b.mul(row, ir.Constant(I64, n + 1)), ir.Constant(I64, 1)) if above else None
        place = first if above else b.mul(row, ir.Constant(I64, n))
        zero(k, b.gep(start, [b.mul(place, ir.Constant(I64, size))]), b.mul(count, ir.Constant(I64, size)))


def zero(k: Function | Helper, place: Any, count: Any) -> None:
    name = "llvm.memset.p0.i64"
    function = k.b.module.globals.get(name)
    if function is None:
        function = ir.Function(k.b.module, ir.FunctionType(ir.VoidType(), [PTR, I8, I64, TYPES["bool"]]), name)
    k.b.call(function, [place, ir.Constant(I8, 0), count, ir.Constant(TYPES["bool"], 0)])


def filled(k: Function, node: Node, value: Any) -> None:
    """Store a number at every place of the node's memory: a function of the module, since LLVM takes a millisecond or
    two for each loop."""
    if isinstance(value, ir.Constant) and value.constant == 0 and copysign(1.0, value.constant) > 0:
        zero(k, k.base(node, I8), ir.Constant(I64, node.bytes))
    else:
        k.b.call(_filler(k.b.module, value.type), [k.base(node), ir.Constant(I64, node.size), value])


def _filler(module: ir.Module, kind: Any) -> Any:
    """fill(x, n, value)."""
    name = f"fill.{kind}"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [kind.as_pointer(), I64, kind]), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    x, n, value = function.args
    b: Any = ir.IRBuilder(function.append_basic_block())
    everywhere, whole = spread(b, value, _LANES), b.and_(n, I64(-_LANES))

    def stored(k: Any, count: int, y: Any) -> Any:
        if count:
            store_lanes(b, everywhere, x, k, 1, 1)
        else:
            b.store(value, b.gep(x, [k], inbounds=True))
        return y

    folded(b, I64(0), whole, _LANES, I64(0), stored)
    folded(b, whole, n, 0, I64(0), stored)
    b.ret_void()
    return function
