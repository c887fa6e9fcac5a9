"""Whether an array holds a NaN, which is asked of nearly every derivative: one function of the module for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wengert.native import assembly as ir
from wengert.native.emit.scalars import F32, F64, I1, I8, I64, TYPES
from wengert.native.emit.strips import folded, load_lanes, total
from wengert.native.maths.lanes import constant, vector
from wengert.native.node import Node

if TYPE_CHECKING:
    from wengert.native.emit.loops import Loops

_LANES = 32
_SIZE = {F64: 8, F32: 4}


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
    """has_nan(x, n)."""
    name = f"has_nan.{kind}"
    known = module.globals.get(name)
    if known is not None:
        return known
    function = ir.Function(module, ir.FunctionType(I1, [kind.as_pointer(), I64]), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    x, n = function.args
    b: Any = ir.IRBuilder(function.append_basic_block())
    wide, one = vector(I64, _LANES), I64

    def asked(k: Any, count: int, found: Any) -> Any:
        y = load_lanes(b, x, k, 1, count, _SIZE[kind]) if count else b.load(b.gep(x, [k], inbounds=True))
        return b.or_(found, b.sext(b.fcmp_unordered("uno", y, y), found.type))

    many = folded(b, I64(0), b.and_(n, I64(-_LANES)), _LANES, constant(wide, 0), asked)
    rest = folded(b, b.and_(n, I64(-_LANES)), n, 0, constant(one, 0), asked)
    b.ret(b.icmp_signed("!=", b.or_(total(b, many, b.or_), rest), I64(0)))
    return function
