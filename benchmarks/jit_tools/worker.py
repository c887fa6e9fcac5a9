"""The process in which one tool works: requests on standard input, answers on standard output.

A process of its own means that a compilation can be cut short, that memory is one tool's alone, and that tools
which need other versions of their libraries can have their own environment.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import os
import pickle
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from jit_problems import PROBLEMS


def processor_time() -> float:
    """Seconds of processor time of this process and of the compilers that it called."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


CLOCK = {"wall": time.perf_counter, "cpu": processor_time}[sys.argv[2]]


class LeftOut(Exception):
    """The tool does not do this problem."""


class Session:
    """One tool on one problem; every public method answers one request."""

    def __init__(self, tool, problem: str):
        self.tool, self.problem = tool, next(p for p in PROBLEMS if p.name == problem)
        self.call = self.primal = self.result = None
        if self.problem.key in tool.LEFT_OUT:
            raise LeftOut(tool.LEFT_OUT[self.problem.key])
        self.args = self.problem.args
        tool.warm()
        gc.collect()
        self.rest = memory("VmRSS")

    def first(self) -> float:
        """Seconds of the first call, compilation included."""
        started = CLOCK()
        self.call = self.tool.prepare(self.problem)
        self.result = self.call()
        return CLOCK() - started

    def error(self) -> float:
        """The largest difference from the derivative by hand in NumPy, over the largest element of that."""
        expected = self.problem.by_hand(*self.problem.args)
        got = self.result if isinstance(self.result, tuple | list) else (self.result,)
        return max(difference(np.asarray(g, dtype=float), np.asarray(e)) for g, e in zip(got, expected, strict=True))

    def first_primal(self) -> float | None:
        """The same as `first` of the function itself, where the tool can."""
        make = getattr(self.tool, "primal", None)
        if make is None:
            return None
        started = CLOCK()
        self.primal = make(self.problem)
        self.primal()
        return CLOCK() - started

    def seconds(self, number: int) -> float:
        """Seconds of so many calls."""
        return stretch(self.call, number)

    def seconds_primal(self, number: int) -> float:
        return stretch(self.primal, number)

    def memory(self) -> tuple[int, int]:
        """Bytes that a call needs while it runs; bytes kept between calls (code, workspace)."""
        self.result = None
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")
        kept = memory("VmRSS")
        self.call()
        return memory("VmHWM") - kept, kept - self.rest


def memory(field: str) -> int:
    """A field of /proc/self/status in bytes."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])


def stretch(call, number: int) -> float:
    gc.collect()
    gc.disable()
    try:
        started = CLOCK()
        for _ in range(number):
            call()
        return CLOCK() - started
    finally:
        gc.enable()


def difference(got: np.ndarray, expected: np.ndarray) -> float:
    if got.shape != expected.shape:
        return float("inf")
    with np.errstate(all="ignore"):
        return float(np.max(np.abs(got - expected)) / max(float(np.max(np.abs(expected))), 1e-300))


def answers(tool: str):
    """What is done for each request, in turn: ("open", problem) begins a problem, the others name a method."""
    module, session = importlib.import_module(f"jit_tools.{tool}"), None

    def answer(name, *args):
        nonlocal session
        if name == "open":
            session = None
            session = Session(module, *args)
            return module.VERSION
        return getattr(session, name)(*args)

    return answer


def main() -> None:
    # Standard output is for answers only: what compilers print goes to standard error.
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    answer = None
    while True:
        try:
            request = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = answer or answers(sys.argv[1])
            reply = True, answer(*request)
        except BaseException as error:
            text = str(error).strip().splitlines()
            reply = False, (type(error).__name__, text[0][:160] if text else "")
        pickle.dump(reply, channel)
        channel.flush()


if __name__ == "__main__":
    main()
