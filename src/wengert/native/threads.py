"""Threads: the parts of a large loop nest go to whoever is free.

    bad = run(threads, parts, part, args, results, context, workspace, frame)

calls part(args, …, frame, k) for k = 0 … parts − 1, in any order, and gives the union of the bits that they
return. The caller works too, and waits for nobody who has not begun: a thread that comes late finds nothing to do.
Threads are made for each call, some 20 µs for one, so that nothing is left behind: no pool that a forked process
would miss, and calls from several threads of Python do not meet.
"""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import Any

from wengert.errors import BadInput
from wengert.native import assembly as ir
from wengert.native.engine import Code, define_symbol, kept_for_good

I64, I32, PTR, VOID = ir.IntType(64), ir.IntType(32), ir.IntType(8).as_pointer(), ir.VoidType()
TABLE = PTR.as_pointer()
PART = ir.FunctionType(I64, [TABLE, TABLE, TABLE, PTR, PTR, I64])
"""part(args, results, context, workspace, frame, k)."""
RUN = ir.FunctionType(I64, [I64, I64, PART.as_pointer(), TABLE, TABLE, TABLE, PTR, PTR])
NAME = "wengert.run_parts"

_NEXT, _DONE, _BAD, _USERS, _PARTS, _GIVEN = range(6)
_WORDS = _GIVEN + 6
"""A job: the next part, how many are done, bits, who still looks at the job, how many parts; then the part's address
and its arguments."""


def threads_by_default() -> int:
    """WENGERT_THREADS, or OMP_NUM_THREADS, or as many as this process has processors."""
    for name in ("WENGERT_THREADS", "OMP_NUM_THREADS"):
        text = os.environ.get(name, "").split(",")[0].strip()
        if text:
            if text.isdecimal() and int(text) > 0:
                return int(text)
            if name == "WENGERT_THREADS":
                raise BadInput(f"WENGERT_THREADS is {text!r}.\nSet it to how many threads a compiled function may use.")
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def define_run() -> bool:
    """Let native code find `run`; False where there are no POSIX threads."""
    library: Any = ctypes.CDLL(None) if os.name == "posix" else None
    names = ("malloc", "free", "pthread_create", "pthread_detach", "sched_yield")
    if library is None or not all(hasattr(library, name) for name in names):
        return False
    for name in names:
        define_symbol(f"wengert.{name}", ctypes.cast(getattr(library, name), ctypes.c_void_p).value or 0)
    code = Code(str(_Runtime().module))
    kept_for_good(code)  # a thread that comes late runs it after the call that made it
    define_symbol(NAME, code.entry)
    return True


class _Runtime:
    """The module of `run`."""

    def __init__(self) -> None:
        self.module = ir.Module()
        self.word = I64.as_pointer()
        self.malloc = self._external("malloc", PTR, [I64])
        self.free = self._external("free", VOID, [PTR])
        self.create = self._external("pthread_create", I32, [PTR, PTR, PTR, PTR])
        self.detach = self._external("pthread_detach", I32, [I64])
        self.rest = self._external("sched_yield", I32, [])
        self._write_work()
        self._write_leave()
        self._write_helper()
        self._write_run()

    def _external(self, name: str, result: Any, args: list[Any]) -> Any:
        return ir.Function(self.module, ir.FunctionType(result, args), f"wengert.{name}")

    def _begin(self, name: str, result: Any, args: list[Any]) -> Any:
        function = ir.Function(self.module, ir.FunctionType(result, args), name)
        if name != "entry":
            function.linkage = "internal"
        self.b = ir.IRBuilder(function.append_basic_block())
        return function

    def _place(self, job: Any, k: int) -> Any:
        return self.b.gep(job, [I64(k)])

    def _add(self, job: Any, k: int, n: int) -> Any:
        """The word before n was added."""
        return self.b.atomic_rmw("add", self._place(job, k), I64(n), "seq_cst")

    def _now(self, job: Any, k: int) -> Any:
        return self.b.load_atomic(self._place(job, k), "seq_cst", 8)

    def _write_work(self) -> None:
        """Do parts until none is left."""
        self.work = self._begin("work", VOID, [self.word])
        (job,), b = self.work.args, self.b
        again, does, end = (self.work.append_basic_block() for _ in range(3))
        b.branch(again)
        b.position_at_end(again)
        k = self._add(job, _NEXT, 1)
        b.cbranch(b.icmp_signed("<", k, b.load(self._place(job, _PARTS))), does, end)
        b.position_at_end(does)
        given = [b.load(self._place(job, _GIVEN + i)) for i in range(6)]
        part = b.inttoptr(given[0], PART.as_pointer())
        bits = b.call(part, [*[b.inttoptr(x, t) for x, t in zip(given[1:], PART.args[:5], strict=True)], k])
        b.atomic_rmw("or", self._place(job, _BAD), bits, "seq_cst")
        self._add(job, _DONE, 1)
        b.branch(again)
        b.position_at_end(end)
        b.ret_void()

    def _write_leave(self) -> None:
        """Look at the job no more; the last one to do so frees it."""
        self.leave = self._begin("leave", VOID, [self.word])
        (job,), b = self.leave.args, self.b
        with b.if_then(b.icmp_signed("==", self._add(job, _USERS, -1), I64(1))):
            b.call(self.free, [b.bitcast(job, PTR)])
        b.ret_void()

    def _write_helper(self) -> None:
        self.helper = self._begin("helper", PTR, [PTR])
        job = self.b.bitcast(self.helper.args[0], self.word)
        self.b.call(self.work, [job])
        self.b.call(self.leave, [job])
        self.b.ret(ir.Constant(PTR, None))

    def _write_run(self) -> None:
        run = self._begin("entry", I64, list(RUN.args))
        threads, parts, *given = run.args
        b = self.b
        alone, together = run.append_basic_block(), run.append_basic_block()
        job = b.bitcast(b.call(self.malloc, [I64(8 * _WORDS)]), self.word)
        b.cbranch(b.icmp_signed("==", job, ir.Constant(self.word, None)), alone, together)
        b.position_at_end(alone)
        self._alone(run)
        b.position_at_end(together)
        for k, x in enumerate((0, 0, 0, 1)):
            b.store(I64(x), self._place(job, k))
        b.store(parts, self._place(job, _PARTS))
        for k, x in enumerate(given):
            b.store(b.ptrtoint(x, I64), self._place(job, _GIVEN + k))
        fewer = b.icmp_signed("<", threads, parts)
        self._call_helpers(run, job, b.select(fewer, threads, parts))
        b.call(self.work, [job])
        self._wait(run, job, parts)
        bits = self._now(job, _BAD)
        b.call(self.leave, [job])
        b.ret(bits)

    def _alone(self, run: Any) -> None:
        """Without memory for a job."""
        b, (_, parts, part, *given) = self.b, run.args
        before, loop, end = b.block, run.append_basic_block(), run.append_basic_block()
        b.branch(loop)
        b.position_at_end(loop)
        k, bits = b.phi(I64), b.phi(I64)
        found = b.or_(bits, b.call(part, [*given, k]))
        following = b.add(k, I64(1))
        for x, first, then in ((k, I64(0), following), (bits, I64(0), found)):
            x.add_incoming(first, before)
            x.add_incoming(then, loop)
        b.cbranch(b.icmp_signed("<", following, parts), loop, end)
        b.position_at_end(end)
        b.ret(found)

    def _call_helpers(self, run: Any, job: Any, threads: Any) -> None:
        """Make threads − 1 of them, as far as the system allows."""
        b = self.b
        name = b.alloca(I64)
        before = b.block
        loop, made, not_made, end = (run.append_basic_block() for _ in range(4))
        b.branch(loop)
        b.position_at_end(loop)
        k = b.phi(I64)
        k.add_incoming(I64(1), before)
        more = run.append_basic_block()
        b.cbranch(b.icmp_signed("<", k, threads), more, end)
        b.position_at_end(more)
        self._add(job, _USERS, 1)
        null = ir.Constant(PTR, None)
        helper = b.bitcast(self.helper, PTR)
        failed = b.call(self.create, [b.bitcast(name, PTR), null, helper, b.bitcast(job, PTR)])
        b.cbranch(b.icmp_signed("==", failed, I32(0)), made, not_made)
        b.position_at_end(made)
        b.call(self.detach, [b.load(name)])
        k.add_incoming(b.add(k, I64(1)), made)
        b.branch(loop)
        b.position_at_end(not_made)
        self._add(job, _USERS, -1)
        b.branch(end)
        b.position_at_end(end)

    def _wait(self, run: Any, job: Any, parts: Any) -> None:
        """Until the parts that others have begun are done."""
        b = self.b
        asks, waits, end = (run.append_basic_block() for _ in range(3))
        b.branch(asks)
        b.position_at_end(asks)
        b.cbranch(b.icmp_signed("<", self._now(job, _DONE), parts), waits, end)
        b.position_at_end(waits)
        b.call(self.rest, [])
        b.branch(asks)
        b.position_at_end(end)


__all__ = ["NAME", "PART", "RUN", "define_run", "threads_by_default"]
