"""A trace compiled: from its graph to a function that Python calls."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np

from wengert.ir.line import Atom, Line, Lit, Type, Var
from wengert.ir.trace import Trace
from wengert.native import assembly as ir
from wengert.native.emit.function import Compiled, Program
from wengert.native.emit.kernel import CARELESS, FAILED, emit_kernel
from wengert.native.emit.scalars import settle_calls
from wengert.native.engine import Code
from wengert.native.entry import NUMPY, Context, Entry, Passed, Signature, builtin
from wengert.native.guard import Names, guarded, same
from wengert.native.libraries import define_all
from wengert.native.lower.trace import Graph
from wengert.native.maker import Unsupported
from wengert.native.node import Node
from wengert.native.threads import threads_by_default
from wengert.passes.complex import RealTrace, in_parts
from wengert.passes.complex_values import is_complex

_HEAVY = 20_000
"""Element operations from which the interpreter's lock is released while the function runs."""


@dataclass(eq=False)
class Native:
    """A compiled trace. `call(*leaves)` gives the leaves of the result (one of them bare), NotImplemented if
    an argument is of another kind, None if the trace does not hold: then `status` says why. `real` is
    the trace as the graph has it, without complex numbers."""

    trace: Trace
    real: RealTrace
    graph: Graph
    compiled: Compiled
    call: Any
    context: Context
    seconds: float
    from_disk: bool

    @property
    def status(self) -> int:
        """Why the last call left early: the number of a guard, from 1; CARELESS; FAILED."""
        return self.context.status


LONGEST = 20_000
"""Lines on real numbers, loops being one, from which on a trace is not compiled: LLVM takes some 4 ms for each."""


def compile_trace(
    trace: Trace,
    input_kinds: tuple[str, ...],
    output_kinds: tuple[str, ...],
    careful: bool = False,
    threads: int | None = None,
) -> Native:
    """The trace as native code, large loop nests of which run on so many threads; Unsupported where a type has no
    native form."""
    start = time.perf_counter()
    real = in_parts(trace) if len(trace.lines) <= LONGEST else RealTrace(trace)
    if len(real.trace.lines) > LONGEST:
        raise Unsupported(f"{len(trace.lines):,} lines that do not repeat: to compile them would take minutes")
    try:
        return _compiled(trace, real, input_kinds, output_kinds, careful, threads, start)
    except RecursionError:
        raise Unsupported("lines each of which waits for another, in too long a chain") from None


def _compiled(
    trace: Trace, real: RealTrace, input_kinds: Any, output_kinds: Any, careful: bool, threads: int | None, start: float
) -> Native:
    define_all()
    graph = Graph(real.trace)
    program = Program(graph.inputs, graph.outputs, [*graph.guards, *graph.checks], graph.looking)
    module = ir.Module()
    compiled = emit_kernel(module, program, "kernel", careful)
    compiled.function.linkage = "internal"
    work = _work(compiled)
    signature = Signature(
        _passed(input_kinds, real.trace.inputs, graph.inputs), _passed(output_kinds, real.trace.outputs, graph.outputs),
        compiled.work, work > _HEAVY and not graph.calls,
    )  # fmt: skip
    Entry(module, compiled.function, signature, "entry").write()
    settle_calls(module)
    ir.share(module, module.single)
    code = Code(str(module), _is_repeated(compiled))
    keep: list[Any] = []
    context = Context(_addresses(compiled, keep), keep, threads_by_default() if threads is None else threads)
    call = builtin(code.entry, context, code)
    return Native(trace, real, graph, compiled, call, context, time.perf_counter() - start, code.from_disk)


def _passed(kinds: tuple[str, ...], atoms: tuple[Atom, ...], nodes: list[Node]) -> tuple[Passed, ...]:
    """Arguments or results as Python knows them."""
    types = [a.type for a in atoms]
    return tuple(
        [
            Passed(kind, ("c64" if node.dtype == "f32" else "c128") if is_complex(t) else node.dtype, t.shape)
            for kind, t, node in zip(kinds, types, nodes, strict=True)
        ]
    )


def _work(compiled: Compiled) -> int:
    """Element operations in all, roughly."""
    own = sum(n.size for n in compiled.plan.live)
    return own + sum(node.op.loop.count * _work(body) for node, body in compiled.loops.items())


_OFTEN, _LITTLE = 500, 1000
"""Runs of a loop from which on, and element operations in one below which, it is worth all of LLVM's passes: they save
some 100 ns of a run, and take 50-100 ms."""


def _is_repeated(compiled: Compiled, runs: int = 1) -> bool:
    """Whether there are loops that run often, or have little to do each time."""
    for node, body in compiled.loops.items():
        loop, own = node.op.loop, runs * node.op.loop.count
        if loop.until or loop.ranged or own >= _OFTEN or _work(body) < _LITTLE or _is_repeated(body, own):
            return True
    return False


def _addresses(compiled: Compiled, keep: list[Any]) -> list[int]:
    """The kernel's part of the context; what lies at the addresses is added to `keep`."""
    program = compiled.program
    constants = [n.info for n in program.consts]
    calls = [_python_call(node, compiled) for node in program.calls]
    keep += constants + calls
    own = [x.ctypes.data for x in constants] + [ctypes.cast(c, ctypes.c_void_p).value or 0 for c in calls]
    for body in compiled.loops.values():
        own += _addresses(body, keep)
    return own


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.POINTER(ctypes.c_void_p))


def _python_call(node: Node, compiled: Compiled) -> Any:
    """A C function that computes one line by NumPy, from addresses of its arguments to those of its results."""
    line: Line = node.op
    used = [n for n in compiled.plan.live if n.kind == "item" and n.args[0] is node]
    atoms = [a for a in line.args if isinstance(a, Var)]
    readers = [_reader(_plain(a, atom.type), atom.type.python) for a, atom in zip(node.args, atoms, strict=True)]
    made = [_plain(item, line.outs[item.info].type) for item in used]
    given = [a.value if isinstance(a, Lit) else None for a in line.args]
    places = [k for k, a in enumerate(line.args) if isinstance(a, Var)]

    def run(table: Any) -> int:
        try:
            args = list(given)
            for k, (place, read) in enumerate(zip(places, readers, strict=True)):
                args[place] = read(table[k])
            y = line.op(*args, **line.params)
            ys = y if line.many else (y,)
            for k, (item, (dtype, shape)) in enumerate(zip(used, made, strict=True)):
                y = np.asarray(ys[item.info])
                if y.shape != shape or y.dtype != dtype:
                    return 1
                _array(dtype, shape, table[len(readers) + k])[...] = y
        except Exception:
            return 1
        return 0

    return _CALLBACK(run)


def _plain(node: Node, t: Type) -> tuple[Any, tuple[int, ...]]:
    """(dtype, shape) of the array that a node's memory is to NumPy."""
    name = ("c64" if node.dtype == "f32" else "c128") if is_complex(t) else node.dtype
    return np.dtype(NUMPY[name]), t.shape


def _array(dtype: Any, shape: tuple[int, ...], address: int) -> Any:
    """The memory at an address as an array."""
    size = prod(shape)
    raw: Any = (ctypes.c_char * max(size * dtype.itemsize, 1)).from_address(address)
    return np.frombuffer(raw, dtype, size).reshape(shape)


def _reader(plain: tuple[Any, tuple[int, ...]], python: bool) -> Any:
    dtype, shape = plain
    if shape:
        return lambda address: _array(dtype, shape, address)
    return lambda address: _array(dtype, shape, address).item() if python else _array(dtype, shape, address)[()]


__all__ = ["CARELESS", "FAILED", "Names", "Native", "Unsupported", "compile_trace", "guarded", "same"]
