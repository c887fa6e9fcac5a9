"""Whether an array holds a NaN, which is asked of nearly every derivative: one function of the module for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llvmlite import ir

from wengert.native.emit.scalars import I1, I8, I64, TYPES
from wengert.native.maths.loop import interleaved
from wengert.native.node import Node

if TYPE_CHECKING:
    from wengert.native.emit.loops import Loops


def asked_for_nan(loops: Loops) -> Node | None:
    """The stored array of which a nest asks just that, in the order in which it lies."""
    if len(loops.roots) != 1 or not loops.flat:
        return None
    (root,) = loops.roots
    asks = root.args[0]
    if root.kind != "reduce" or root.op != "any" or root.shape or not _is_nan(asks):
        return None
    x = asks.args[0]
    return x if x in loops.k.layout.of and x.shape == asks.shape and x.dtype in ("f64", "f32") else None


def _is_nan(asks: Node) -> bool:
    return asks.kind == "map" and (asks.op == "isnan" or (asks.op == "ne" and asks.args[0] is asks.args[1]))


def emit_nan_test(loops: Loops, x: Node) -> None:
    """Ask it."""
    k = loops.k
    test = _test(k.b.module, TYPES[x.dtype])
    k.b.store(k.b.zext(k.b.call(test, [k.base(x), ir.Constant(I64, x.size)]), I8), k.slot(loops.roots[0]))


def _test(module: ir.Module, kind: Any) -> Any:
    """has_nan(x, n), n ≥ 1."""
    name = f"has_nan.{kind}"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(I1, [kind.as_pointer(), I64]), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    head, loop, end = (function.append_basic_block() for _ in range(3))
    ir.IRBuilder(head).branch(loop)
    b: Any = ir.IRBuilder(loop)
    i, any_before = b.phi(I64), b.phi(I64)
    x = b.load(b.gep(function.args[0], [i], inbounds=True))
    found = b.or_(any_before, b.zext(b.fcmp_unordered("uno", x, x), I64))
    following = b.add(i, I64(1), flags=("nsw", "nuw"))
    for phi, start, step in ((i, I64(0), following), (any_before, I64(0), found)):
        phi.add_incoming(start, head)
        phi.add_incoming(step, loop)
    interleaved(b.cbranch(b.icmp_signed("<", following, function.args[1]), loop, end), module, 4, rolled=True)
    last = ir.IRBuilder(end)
    last.ret(last.icmp_signed("!=", found, I64(0)))
    return function
