"""One function as a native loop over arrays, for tests and measurements of the functions alone."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np

from wengert.native import assembly as ir
from wengert.native.maths.lanes import element, like, vector
from wengert.native.maths.real import DOUBLE, I1, I64

I8 = ir.IntType(8)
LANES = 8
type_of_ok = np.uint8


@dataclass(frozen=True)
class Loop:
    """y, ok = loop(*xs) over float64 arrays of one length; `text` is the optimised LLVM code."""

    arity: int
    text: str
    engine: Any
    call: Any

    def __call__(self, *xs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        xs = tuple(np.ascontiguousarray(x, dtype=float) for x in xs)
        y, ok = np.empty(len(xs[0])), np.ones(len(xs[0]), dtype=type_of_ok)
        self.into(y, ok, *xs)
        return y, ok.astype(bool)

    def into(self, y: np.ndarray, ok: np.ndarray, *xs: np.ndarray) -> None:
        """The loop alone: contiguous arrays, results written to y and ok."""
        self.call(len(y), y.ctypes.data, ok.ctypes.data, *(x.ctypes.data for x in xs))


def compiled(emit: Callable[..., tuple[Any, Any]], arity: int) -> Loop:
    """A loop around what `emit` writes, optimised for this processor. Truths (i1) come back as 0.0 and 1.0."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    module = llvm.parse_assembly(str(written(emit, arity)))
    machine = host()
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = False
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    text = str(module)
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    kind = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * (arity + 2))
    return Loop(arity, text, engine, kind(engine.get_function_address("loop")))


def host() -> Any:
    """This processor, with everything that it can do."""
    features = llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=1)


def written(emit: Callable[..., tuple[Any, Any]], arity: int) -> ir.Module:
    """void loop(n, y, ok, x0, …): vectors of LANES numbers, and the rest one by one."""
    module = ir.Module()
    module.triple = llvm.get_default_triple()
    pointers = [DOUBLE.as_pointer(), I8.as_pointer(), *[DOUBLE.as_pointer()] * arity]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64, *pointers]), "loop")
    for argument in function.args[1:]:
        argument.add_attribute("noalias")
    b: Any = ir.IRBuilder(function.append_basic_block())
    n = function.args[0]
    whole = b.and_(n, I64(-LANES))
    _over(b, emit, I64(0), whole, LANES)
    _over(b, emit, whole, n, 0)
    b.ret_void()
    return module


def _over(b: Any, emit: Callable[..., tuple[Any, Any]], low: Any, high: Any, count: int) -> None:
    """The function from place `low` to before `high`, `count` numbers at a time (0: one)."""
    before = b.block
    body, end = (b.function.append_basic_block(name) for name in ("body", "end"))
    b.cbranch(b.icmp_signed("<", low, high), body, end)
    b.position_at_end(body)
    i = b.phi(I64)
    _, y, ok, *xs = b.function.args
    kind = vector(DOUBLE, count)
    value, good = emit(b, *(b.load(b.gep(x, [i]), align=8, typ=kind) for x in xs))
    value = b.uitofp(value, kind) if element(value.type) == I1 else value
    _put(b, value, b.gep(y, [i]), 8)
    if good is not None:
        _put(b, b.zext(good, like(good.type, I8)), b.gep(ok, [i]), 1)
    following = b.add(i, I64(count or 1))
    i.add_incoming(low, before)
    i.add_incoming(following, body)
    b.cbranch(b.icmp_signed("<", following, high), body, end)
    b.position_at_end(end)


def _put(b: Any, x: Any, pointer: Any, align: int) -> None:
    b.store(x, b.bitcast(pointer, x.type.as_pointer()), align=align)
