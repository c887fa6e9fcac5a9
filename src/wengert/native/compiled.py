"""A trace compiled: from its graph to a function that Python calls."""

from __future__ import annotations

import ctypes
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from llvmlite import ir

from wengert.ir.line import Line, Lit, Var
from wengert.ir.trace import Trace
from wengert.native.emit.kernel import CARELESS, FAILED, Compiled, Program, emit_kernel
from wengert.native.emit.scalars import settle_calls
from wengert.native.engine import Code
from wengert.native.entry import Context, Entry, Signature, builtin
from wengert.native.libraries import define_all
from wengert.native.lower.trace import Graph
from wengert.native.maker import Unsupported
from wengert.native.node import DTYPES, Node

_HEAVY = 20_000
"""Element operations from which the interpreter's lock is released while the function runs."""


@dataclass(eq=False)
class Native:
    """A compiled trace. `call(*leaves)` gives the leaves of the result (one of them bare), NotImplemented if
    an argument is of another kind, None if the trace does not hold: then `status` says why."""

    trace: Trace
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
"""Lines, loops being one, from which on a trace is not compiled: LLVM takes some 4 ms for each."""


def compile_trace(
    trace: Trace,
    input_kinds: tuple[str, ...],
    output_kinds: tuple[str, ...],
    careful: bool = False,
) -> Native:
    """The trace as native code; Unsupported where a type has no native form."""
    start = time.perf_counter()
    if len(trace.lines) > LONGEST:
        raise Unsupported(f"{len(trace.lines):,} lines that do not repeat: to compile them would take minutes")
    try:
        return _compiled(trace, input_kinds, output_kinds, careful, start)
    except RecursionError:
        raise Unsupported("lines each of which waits for another, in too long a chain") from None


def _compiled(trace: Trace, input_kinds: Any, output_kinds: Any, careful: bool, start: float) -> Native:
    define_all()
    graph = Graph(trace)
    program = Program(graph.inputs, graph.outputs, [*graph.guards, *graph.checks])
    module = ir.Module()
    compiled = emit_kernel(module, program, "kernel", careful)
    compiled.function.linkage = "internal"
    work = _work(compiled)
    signature = Signature(
        tuple(zip(input_kinds, graph.inputs, strict=True)), tuple(zip(output_kinds, graph.outputs, strict=True)),
        compiled.work, work > _HEAVY and not graph.calls,
    )  # fmt: skip
    Entry(module, compiled.function, signature, "entry").write()
    settle_calls(module)
    code = Code(str(module), 2 if len(compiled.plan.live) < 4000 else 1)
    keep: list[Any] = []
    context = Context(_addresses(compiled, keep), keep)
    call = builtin(code.entry, context, code)
    return Native(trace, graph, compiled, call, context, time.perf_counter() - start, code.from_disk)


def _work(compiled: Compiled) -> int:
    """Element operations in all, roughly."""
    own = sum(n.size for n in compiled.plan.live)
    return own + sum(node.op.loop.count * _work(body) for node, body in compiled.loops.items())


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
    readers = [_reader(a, atom.type.python) for a, atom in zip(node.args, atoms, strict=True)]
    given = [a.value if isinstance(a, Lit) else None for a in line.args]
    places = [k for k, a in enumerate(line.args) if isinstance(a, Var)]

    def run(table: Any) -> int:
        try:
            args = list(given)
            for k, (place, read) in enumerate(zip(places, readers, strict=True)):
                args[place] = read(table[k])
            y = line.op(*args, **line.params)
            ys = y if line.many else (y,)
            for k, item in enumerate(used):
                y = np.asarray(ys[item.info])
                if y.shape != item.shape or y.dtype != DTYPES[item.dtype]:
                    return 1
                _array(item, table[len(readers) + k])[...] = y
        except Exception:
            return 1
        return 0

    return _CALLBACK(run)


def _array(node: Node, address: int) -> Any:
    """The memory at an address as an array."""
    raw: Any = (ctypes.c_char * max(node.bytes, 1)).from_address(address)
    return np.frombuffer(raw, DTYPES[node.dtype], node.size).reshape(node.shape)


def _reader(node: Node, python: bool) -> Any:
    if node.shape:
        return lambda address: _array(node, address)
    return lambda address: _array(node, address).item() if python else _array(node, address)[()]


__all__ = ["CARELESS", "FAILED", "Native", "Unsupported", "compile_trace"]
