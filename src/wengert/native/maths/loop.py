"""One function as a native loop over arrays, for tests and measurements of the functions alone."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from llvmlite.ir import values

from wengert.native.maths.real import DOUBLE, I1, I64

I8 = ir.IntType(8)
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
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
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
    return target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=features, opt=3)


def written(emit: Callable[..., tuple[Any, Any]], arity: int) -> ir.Module:
    """void loop(n, y, ok, x0, …)."""
    module = ir.Module()
    module.triple = llvm.get_default_triple()
    pointers = [DOUBLE.as_pointer(), I8.as_pointer(), *[DOUBLE.as_pointer()] * arity]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), [I64, *pointers]), "loop")
    for argument in function.args[1:]:
        argument.add_attribute("noalias")
    head, body, end = (function.append_basic_block(name) for name in ("head", "body", "end"))
    n, y, ok, *xs = function.args
    b = ir.IRBuilder(head)
    b.cbranch(b.icmp_signed(">", n, I64(0)), body, end)
    b.position_at_end(body)
    i = b.phi(I64)
    value, good = emit(b, *(b.load(b.gep(x, [i])) for x in xs))
    b.store(b.uitofp(value, DOUBLE) if value.type == I1 else value, b.gep(y, [i]))
    if good is not None:
        b.store(b.zext(good, I8), b.gep(ok, [i]))
    following = b.add(i, I64(1))
    i.add_incoming(I64(0), head)
    i.add_incoming(following, body)
    interleaved(b.cbranch(b.icmp_signed("<", following, n), body, end), module)
    ir.IRBuilder(end).ret_void()
    return module


class AccessGroup(values.MDValue):
    """A mark for loads and stores: metadata that is unlike any other."""

    def __init__(self, module: ir.Module) -> None:
        super().__init__(module, (), str(len(module.metadata)))

    def descr(self, buf: Any) -> None:
        """As text."""
        buf += ("distinct !{ }", "\n")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


def interleaved(
    branch: Any, module: ir.Module, count: int | None = 2, apart: AccessGroup | None = None, rolled: bool = False
) -> None:
    """Asks the vectoriser to work on `count` vectors at a time at the loop that ends with this branch.

    These bodies are long chains of dependent operations: one vector at a time waits for latencies. Two took 0.6 to
    0.95 of the time on AVX2, although the registers then spill; LLVM chooses one by itself.
    `apart` marks accesses of memory of which those of one run have nothing to do with those of another.
    A `rolled` loop is not written out several times over.
    """
    wishes: list[Any] = []
    if count is not None:
        wishes.append(module.add_metadata(["llvm.loop.interleave.count", ir.Constant(ir.IntType(32), count)]))
    if apart is not None:
        wishes.append(module.add_metadata(["llvm.loop.parallel_accesses", apart]))
    if rolled:
        wishes.append(module.add_metadata(["llvm.loop.unroll.disable"]))
    loop_id = module.add_metadata([ir.MetaDataString(module, f"loop {len(module.metadata)}")])
    loop_id.operands = (loop_id, *wishes)  # LLVM tells loops apart by an identifier that refers to itself
    branch.set_metadata("llvm.loop", loop_id)
