"""One path of a function through one signature: a trace that holds under its guards, ready to run."""

from __future__ import annotations

import gc
import time
import warnings
from functools import cache
from typing import Any

import numpy as np

from wengert.errors import NotCompiledWarning
from wengert.ir.trace import evaluate
from wengert.jit.inner import compile_functions
from wengert.jit.recording import Recording
from wengert.passes.pipeline import optimise
from wengert.record.value import concrete

MISS: Any = object()
"""What `Path.run` gives where the trace does not hold."""


class Path:
    """A compiled recording, or one that is replayed by NumPy line by line (`reason` says why)."""

    def __init__(
        self,
        recording: Recording,
        real: bool = False,
        without: tuple[str, ...] = (),
        threads: int | None = None,
    ) -> None:
        self.recording, self.threads, self.real = recording, threads, real
        self.trace = recording.trace
        self.pass_seconds = 0.0
        self.native: Any = None
        self.careful: Any = None
        self.route: Any = None
        self.reason = ""
        self._as_it_stands = _is_bare(recording)
        self._optimise(real, without)
        self._compile()

    def _optimise(self, real: bool, without: tuple[str, ...]) -> None:
        """The trace that is run: the recorded one, or what the passes made of it."""
        start, collecting = time.perf_counter(), gc.isenabled()
        gc.disable()  # a trace is hundreds of thousands of objects, none of them garbage
        try:
            self.trace = optimise(self.recording.trace, real, without)
        except Exception as error:
            self._report(f"an error in wengert's passes: {type(error).__name__}: {error}", "is not optimised")
        finally:
            if collecting:
                gc.enable()
        self.pass_seconds = time.perf_counter() - start

    def _compile(self) -> None:
        if backend() is None:
            self.reason = _NO_LLVM if _has_usual_layout() else _NO_LOCK
            _say_once(self.reason)
            return
        try:
            compile_functions(self.trace, backend(), self.threads, self.real)
        except Exception as error:
            reason = f"an error in wengert's compiler: {type(error).__name__}: {error}"
            self._report(reason, "gives a solver a function that NumPy runs")
        self.native = self._compiled(careful=False)

    def _compiled(self, careful: bool) -> Any:
        """The trace as native code, or None, and then `reason` says why."""
        r, native = self.recording, backend()
        try:
            return native.compile_trace(self.trace, r.kinds, r.out_kinds, careful, self.threads)
        except native.Unsupported as reason:
            self.reason = str(reason)
        except Exception as error:
            self.reason = f"an error in wengert's compiler: {type(error).__name__}: {error}"
            self._report(self.reason, "is run by NumPy, line by line")
        return None

    def _report(self, reason: str, what: str) -> None:
        name = self.recording.trace.name
        warnings.warn(f"{name} {what}, because of {reason}.\nPlease report it.", NotCompiledWarning, stacklevel=3)

    @property
    def call(self) -> Any:
        """The native function, if its outputs are the leaves of the result as they stand."""
        return self.native.call if self.native is not None and self._as_it_stands else None

    def run(self, inputs: list[Any]) -> Any:
        """The result, or MISS."""
        if self.native is None:
            return self._replay(inputs)
        y = self.native.call(*inputs)
        if y is None:
            return self._left_early(inputs)
        if y is NotImplemented:
            y = self.native.call(*[np.ascontiguousarray(x) if type(x) is np.ndarray and x.ndim else x for x in inputs])
            if y is None:
                return self._left_early(inputs)
            if y is NotImplemented:
                return self._replay(inputs)
        return self._result(y)

    def _result(self, y: Any) -> Any:
        if self._as_it_stands:
            return y
        r = self.recording
        return r.result([y] if len(r.places) == 1 else list(y))

    def _left_early(self, inputs: list[Any]) -> Any:
        if self.native.status != backend().CARELESS:
            return MISS
        if self.careful is None:
            self.careful = self._compiled(careful=True)
        if self.careful is None:
            return self._replay(inputs)
        inputs = [np.ascontiguousarray(x) if type(x) is np.ndarray and x.ndim else x for x in inputs]
        y = self.careful.call(*inputs)
        return MISS if y is None or y is NotImplemented else self._result(y)

    def _replay(self, inputs: list[Any]) -> Any:
        try:
            ys = evaluate(self.trace, inputs)
        except Exception:  # the guards do not hold, or f fails here: running f says how
            return MISS
        r = self.recording
        return r.result([_as_kind(_fresh(y), kind) for y, kind in zip(ys, r.out_kinds, strict=True)])


@cache
def _say_once(reason: str) -> None:
    warnings.warn(
        f"{reason.partition(' (')[0]}: jitted functions are replayed by NumPy, line by line.\n{_REMEDIES[reason]}",
        NotCompiledWarning,
        stacklevel=2,
    )


_NO_LLVM = "llvmlite is not installed (pip install 'wengert[jit]')"
_NO_LOCK = "this Python has no global lock, and another layout of objects"
_REMEDIES = {
    _NO_LLVM: "pip install 'wengert[jit]' to have them compiled.",
    _NO_LOCK: "Use a Python that has one to have them compiled.",
}


def _has_usual_layout() -> bool:
    """Whether objects begin with a counter and a type, as native code reads them."""
    return object.__basicsize__ == 16


@cache
def backend() -> Any:
    """The module that compiles traces; None without llvmlite, which is an extra: traces are then replayed."""
    if not _has_usual_layout():
        return None
    try:
        from wengert.native import compiled
    except ImportError:
        return None
    return compiled


def _is_bare(r: Recording) -> bool:
    """Whether the result is one output, or a tuple of all outputs: what the native function returns."""
    n = len(r.fixed)
    if r.places != tuple(range(n)) or not n:
        return False
    markers = [object() for _ in range(n)]
    whole = r.unflatten(list(markers))
    return whole is markers[0] if n == 1 else type(whole) is tuple and whole == tuple(markers)


_PYTHON = {"float": float, "complex": complex, "int": int, "bool": bool}


def _as_kind(y: Any, kind: str) -> Any:
    """A number as the function returned it: a transform within f may have made a Python number of it."""
    if kind in _PYTHON:
        return _PYTHON[kind](y)
    return np.asarray(y) if kind == "array" else y[()] if isinstance(y, np.ndarray) else y


def _fresh(y: Any) -> Any:
    y = concrete(y)
    return y.copy() if isinstance(y, np.ndarray) else y
