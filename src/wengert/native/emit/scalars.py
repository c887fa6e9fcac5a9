"""Instructions for one element, or for a vector of them: the table of elementwise operations."""

from __future__ import annotations

from functools import cache
from math import frexp
from typing import Any

from wengert.native import assembly as ir
from wengert.native.maths import MATHS
from wengert.native.maths.lanes import constant, constant_of, lanes, like
from wengert.native.maths.lanes import element as kind_in
from wengert.native.maths.real import called
from wengert.native.node import NARROW, RAW, SIZES

F64, F32, I64, I32, I8, I1 = (
    ir.DoubleType(), ir.FloatType(), ir.IntType(64), ir.IntType(32), ir.IntType(8), ir.IntType(1),
)  # fmt: skip
_MOVED: dict[str, Any] = {name: ir.IntType(8 * SIZES[name]) for name in (*NARROW, *RAW)}
TYPES: dict[str, Any] = {"f64": F64, "f32": F32, "i64": I64, "bool": I1, **_MOVED}
STORED: dict[str, Any] = {"f64": F64, "f32": F32, "i64": I64, "bool": I8, **_MOVED}


def intrinsic(b: ir.IRBuilder, name: str, *xs: Any) -> Any:
    """A call of an LLVM intrinsic."""
    return called(b, f"llvm.{name}", *xs)


def kind_of(x: Any) -> Any:
    """The type of a number, or of the numbers in a vector."""
    return kind_in(x.type)


def _is_float(x: Any) -> bool:
    return kind_of(x) in (F64, F32)


def _compare(sign: str) -> Any:
    def emit(b: ir.IRBuilder, x: Any, y: Any) -> Any:
        if _is_float(x):
            return b.fcmp_unordered(sign, x, y) if sign == "!=" else b.fcmp_ordered(sign, x, y)
        return b.icmp_unsigned(sign, x, y) if kind_of(x) == I1 else b.icmp_signed(sign, x, y)

    return emit


def _number(x: Any, value: float) -> Any:
    return constant(x.type, value)


def _abs(b: ir.IRBuilder, x: Any) -> Any:
    if _is_float(x):
        return intrinsic(b, "fabs", x)
    return b.select(b.icmp_signed("<", x, _number(x, 0)), b.neg(x), x)


def _extreme(name: str, sign: str) -> Any:
    """The larger (smaller); NaN if either is."""

    def emit(b: ir.IRBuilder, x: Any, y: Any) -> Any:
        if not _is_float(x):
            return b.select(b.icmp_signed(sign, x, y), x, y)
        first = b.select(b.fcmp_ordered(sign, x, y), x, y)
        return b.select(b.fcmp_unordered("uno", x, x), x, first)

    return emit


def _extreme_number(sign: str) -> Any:
    """The larger (smaller); the other one if one is NaN."""

    def emit(b: ir.IRBuilder, x: Any, y: Any) -> Any:
        first = b.select(b.fcmp_ordered(sign, x, y), x, y)
        return b.select(b.fcmp_unordered("uno", y, y), x, first)

    return emit


def _infinite(b: ir.IRBuilder, x: Any) -> Any:
    return b.fcmp_ordered("==", intrinsic(b, "fabs", x), _number(x, float("inf")))


def _finite(b: ir.IRBuilder, x: Any) -> Any:
    return b.fcmp_ordered("<", intrinsic(b, "fabs", x), _number(x, float("inf")))


def _sign_bit(b: ir.IRBuilder, x: Any) -> Any:
    bits = like(x.type, I64 if kind_of(x) == F64 else I32)
    return b.icmp_signed("<", b.bitcast(x, bits), constant(bits, 0))


_EXACT = ("contract",)
"""x · 2ᵏ with k > 0 has no rounding: a sum with it may be one operation (FMA), and is the same number."""


def _doubles(x: Any) -> bool:
    """Whether a product with x only adds to the exponent."""
    value = constant_of(x)
    return isinstance(value, (int, float)) and 1.0 < abs(value) < 2.0**120 and abs(frexp(value)[0]) == 0.5


def _mul(b: Any, x: Any, y: Any) -> Any:
    if not _is_float(x):
        return b.mul(x, y)
    return b.fmul(x, y, flags=_EXACT if _doubles(x) or _doubles(y) else ())


def _sum(of_floats: str, of_integers: str) -> Any:
    def emit(b: ir.IRBuilder, x: Any, y: Any) -> Any:
        return getattr(b, of_floats)(x, y, flags=_EXACT) if _is_float(x) else getattr(b, of_integers)(x, y)

    return emit


# fmt: off
SIMPLE: dict[str, Any] = {
    "add": _sum("fadd", "add"), "sub": _sum("fsub", "sub"), "mul": _mul,
    "div":        lambda b, x, y: b.fdiv(x, y),
    "neg":        lambda b, x: b.fneg(x) if _is_float(x) else b.neg(x),
    "same":       lambda b, x: x,
    "square":     lambda b, x: b.fmul(x, x) if _is_float(x) else b.mul(x, x),
    "sqrt":       lambda b, x: intrinsic(b, "sqrt", x),
    "reciprocal": lambda b, x: b.fdiv(_number(x, 1.0), x),
    "abs":        _abs,
    "copysign":   lambda b, x, y: intrinsic(b, "copysign", x, y),
    "maximum":    _extreme("maximum", ">"),   "minimum": _extreme("minimum", "<"),
    "fmax":       _extreme_number(">"),       "fmin":    _extreme_number("<"),
    "max_i":      lambda b, x, y: b.select(b.icmp_signed(">", x, y), x, y),
    "min_i":      lambda b, x, y: b.select(b.icmp_signed("<", x, y), x, y),
    "lt": _compare("<"), "le": _compare("<="), "gt": _compare(">"), "ge": _compare(">="),
    "eq": _compare("=="), "ne": _compare("!="),
    "and":        lambda b, x, y: b.and_(x, y),
    "or":         lambda b, x, y: b.or_(x, y),
    "xor":        lambda b, x, y: b.xor(x, y),
    "not":        lambda b, x: b.not_(x),
    "where":      lambda b, c, x, y: b.select(c, x, y),
    "signed":     lambda b, x: b.sext(x, like(x.type, I64)),
    "unsigned":   lambda b, x: b.zext(x, like(x.type, I64)),
    "isnan":      lambda b, x: b.fcmp_unordered("uno", x, x),
    "isinf":      _infinite,
    "isfinite":   _finite,
    "signbit":    _sign_bit,
}
# fmt: on


def cast(b: ir.IRBuilder, x: Any, dtype: str) -> Any:
    """x in another dtype."""
    was, kind = kind_of(x), TYPES[dtype]
    target = like(x.type, kind)
    if was == kind:
        return x
    if was == I1 and kind != I64:
        return b.select(x, constant(target, 1.0), constant(target, 0.0)) if lanes(target) else b.uitofp(x, target)
    if was == I1:
        return b.zext(x, target)
    if was == I64:
        return b.icmp_signed("!=", x, _number(x, 0)) if kind == I1 else b.sitofp(x, target)
    if kind == I64:
        return b.fptosi(x, target)
    if kind == I1:
        return b.fcmp_unordered("!=", x, _number(x, 0.0))
    return b.fptrunc(x, target) if was == F64 else b.fpext(x, target)


def element(b: ir.IRBuilder, op: Any, dtype: str, xs: list[Any], straight: bool = False) -> tuple[Any, Any]:
    """(op of the numbers xs, whether that is right, or None if it always is).

    `straight` says that this is the code of one number, not of the elements of arrays.
    """
    if op == "cast":
        return cast(b, xs[0], dtype), None
    simple = SIMPLE.get(op) if isinstance(op, str) else None
    if simple is not None:
        return simple(b, *xs), None
    maths = MATHS[op]
    return maths.emit(b, *xs) if maths.ulp <= 0.5 else _shared(b, op, xs).call(b, xs, straight)


class Shared(ir.Function):
    """An elementary function as a function of the module: one text for all places where it is used."""

    def __init__(self, module: ir.Module, name: str, op: Any, types: list[Any]) -> None:
        self.sure = _is_sure(op)
        kind = types[0]
        result = kind if self.sure else ir.LiteralStructType([kind, like(kind, I1)])
        super().__init__(module, ir.FunctionType(result, types), name)
        self.linkage = "internal"
        self.straight: list[Any] = []
        self.others: list[Any] = []
        b = ir.IRBuilder(self.append_basic_block())
        y, right = MATHS[op].emit(b, *self.args)
        b.ret(y if self.sure else b.insert_value(b.insert_value(ir.Constant(result, ir.Undefined), y, 0), right, 1))

    def call(self, b: ir.IRBuilder, xs: list[Any], straight: bool) -> tuple[Any, Any]:
        """(the value, whether it is right)."""
        found = b.call(self, xs)
        (self.straight if straight else self.others).append(found)
        return (found, None) if self.sure else (b.extract_value(found, 0), b.extract_value(found, 1))


@cache
def _is_sure(op: Any) -> bool:
    """Whether the formula is right for every double, which shows when it is written."""
    maths = MATHS[op]
    trial = ir.Function(ir.Module(), ir.FunctionType(F64, [F64] * maths.arity), "trial")
    return maths.emit(ir.IRBuilder(trial.append_basic_block()), *trial.args)[1] is None


def _shared(b: ir.IRBuilder, op: Any, xs: list[Any]) -> Shared:
    types = [x.type for x in xs]
    name = f"maths.{getattr(op, '__name__', op)}.{'.'.join(map(str, types))}"
    known = b.module.globals.get(name)
    return known if known is not None else Shared(b.module, name, op, types)


_OFTEN = 3
"""A function of more numbers than that is called, not written out each time: its text is long."""


def settle_calls(module: ir.Module) -> None:
    """Decide which calls of elementary functions are written out: those in loops."""
    for function in module.functions:
        if isinstance(function, Shared):
            often = len(function.straight) > _OFTEN
            for call in function.straight:
                call.attributes.add("noinline" if often else "alwaysinline")
            for call in function.others:
                call.attributes.add("alwaysinline")
