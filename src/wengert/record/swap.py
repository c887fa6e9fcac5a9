"""Functions that NumPy's protocols do not reach, swapped in while a derivative is being recorded.

`np.zeros`, `np.array` and SciPy's Python functions never ask their arguments. While a transform
runs, the names in the modules that hold them (NumPy's and SciPy's own, and every user module that
bound one by `from numpy import zeros`) refer to replacements. A replacement looks whether its own
thread is recording and otherwise calls the original at once, so other threads see no difference;
when the last transform ends, every name refers to the original again.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from wengert.errors import LostDerivative, NoDerivative
from wengert.record import raw_methods
from wengert.record.hold import refused
from wengert.record.locate import at_user_line, full_name, user_frame
from wengert.record.state import STATS, recorded_code, state
from wengert.record.state import wrap_plain as wrap_plain
from wengert.record.value import Array, Recorder, concrete

_lock = threading.Lock()
_running = 0

REPLACED: dict[Any, Callable[..., Any]] = {}
"""original function → its replacement."""

LAZY: dict[str, str] = {}
"""module of SciPy → module of wengert with its rules, imported when the former has been."""

Entry = tuple[dict[str, Any], dict[str, Any], dict[str, Any]]
"""(namespace, replacements, originals)"""
_plan: list[Entry] = []
_deep: list[Entry] = []
_deep_installed = False
_scanned_modules = -1
_extra: dict[int, tuple[dict[str, Any], int]] = {}


def replace(*originals: Any) -> Callable[[Any], Any]:
    """Decorator: the function to call instead of each original while its thread is recording."""

    def register(make: Callable[[Any], Any]) -> Any:
        for original in originals:
            REPLACED[original] = guarded(original, make(original))
            _FUNCTION_TYPES.add(type(original))
        return make

    return register


def guarded(original: Any, replacement: Any) -> Any:
    """The replacement, for threads that record; the original for all others."""

    def swapped(*args: Any, **kwargs: Any) -> Any:
        if state.depth and (state.bodies or recorded_code(sys._getframe(1))):
            return replacement(*args, **kwargs)
        return original(*args, **kwargs)

    swapped.__name__ = getattr(original, "__name__", "swapped")
    swapped.__doc__ = original.__doc__
    swapped.__wrapped__ = original  # type: ignore[attr-defined]
    for name in ("nin", "nout", "pyfunc"):
        if hasattr(original, name):
            setattr(swapped, name, getattr(original, name))
    return swapped


def recording() -> bool:
    """Whether this thread is inside a transform."""
    return state.depth > 0


class Recording:
    """Context manager: functions are swapped in while it is open."""

    __slots__ = ()

    def __enter__(self) -> None:
        global _running
        with _lock:
            if _running == 0:
                _install()
            _running += 1
        state.depth += 1

    def __exit__(self, *_: object) -> None:
        global _running
        state.depth -= 1
        with _lock:
            _running -= 1
            if _running == 0:
                _uninstall()


class Paused:
    """Context manager: this thread calls NumPy's own functions, whatever is being recorded."""

    __slots__ = ("depth",)

    def __enter__(self) -> None:
        self.depth, state.depth = state.depth, 0

    def __exit__(self, *_: object) -> None:
        state.depth = self.depth


def _install() -> None:
    if len(sys.modules) != _scanned_modules:
        _scan()
    for namespace, replacements, _ in _plan:
        namespace.update(replacements)
    raw_methods.install()


def _uninstall() -> None:
    global _deep_installed
    raw_methods.uninstall()
    for namespace, _, originals in _plan:
        namespace.update(originals)
    if _deep_installed:
        _deep_installed = False
        for namespace, _, originals in _deep:
            namespace.update(originals)


def _scan() -> None:
    """Find every namespace that holds a function to be swapped."""
    global _plan, _deep, _scanned_modules
    for theirs, ours in list(LAZY.items()):
        if theirs in sys.modules:
            del LAZY[theirs]
            import_module(ours)
    plan: list[Entry] = []
    deep: list[Entry] = []
    for name, module in list(sys.modules.items()):
        namespace = getattr(module, "__dict__", None)
        if type(namespace) is not dict or name.startswith(("wengert", "numpy.ma", "numpy.testing")):
            continue
        entry = _entry(namespace)
        if entry is not None:
            (plan if _is_shallow(name, entry) else deep).append(entry)
    for namespace, _ in _extra.values():
        entry = _entry(namespace)
        if entry is not None and not any(known[0] is namespace for known in plan):
            plan.append(entry)
    _plan, _deep, _scanned_modules = plan, deep, len(sys.modules)


def _is_shallow(name: str, entry: Entry) -> bool:
    if name.startswith("numpy"):
        return name in ("numpy", "numpy.linalg", "numpy.fft")
    if name.startswith("scipy"):
        return name.count("_") == 0 or name.startswith(STATS)
    return True


def _entry(namespace: dict[str, Any]) -> Entry | None:
    found = {
        name: value
        for name, value in list(namespace.items())
        if getattr(value, "__hash__", None) is not None and is_replaced(value)
    }
    return (namespace, {name: REPLACED[value] for name, value in found.items()}, found) if found else None


def is_replaced(value: Any) -> bool:
    """Whether value is one of the functions that are swapped while recording."""
    return type(value) in _FUNCTION_TYPES and value in REPLACED


_FUNCTION_TYPES = {type(np.zeros), type(np.sum), FunctionType, type(np.vectorize), np.ufunc}


def prepare(f: Any) -> None:
    """Make the functions that f (and its module) names reachable; once per namespace and size."""
    global _scanned_modules
    namespace = getattr(f, "__globals__", None)
    if namespace is None:
        return
    known = _extra.get(id(namespace))
    if known is not None and known[1] == len(namespace):
        return
    _extra[id(namespace)] = (namespace, len(namespace))
    _scanned_modules = -1
    _preload(f.__code__)
    for value in list(namespace.values()):
        if type(value) is FunctionType and value.__globals__ is namespace:
            _preload(value.__code__)


_SUBMODULES = {"linalg", "special", "stats", "fft", "integrate", "interpolate", "optimize", "signal"}


def _preload(code: CodeType) -> None:
    """Import now the modules of SciPy that this code is going to import while it is recorded."""
    names = set(code.co_names)
    raw_methods.want(code)
    for name in names:
        if name.startswith("scipy."):
            import_module(name)
    if "scipy" in names:
        for name in names & _SUBMODULES:
            import_module(f"scipy.{name}")
    for const in code.co_consts:
        if isinstance(const, CodeType):
            _preload(const)


def run_body(body: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """Run a Python function of NumPy's or SciPy's own on recorded values, as the user's code it could be."""
    global _deep_installed
    with _lock:
        if not _deep_installed:
            _deep_installed = True
            for namespace, replacements, _ in _deep:
                namespace.update(replacements)
    running = state.bodies
    if body in running:
        raise NoDerivative(
            at_user_line(f"no derivative rule for {full_name(body)}")
            + "\nAdd one with wengert.rule, or pass it stop_gradient(x) if its derivative is not wanted."
        )
    state.bodies = running | {body}
    try:
        return body(*args, **kwargs)
    finally:
        state.bodies = running


# ── writing into an array that NumPy made out of our sight ──

_IN_PLACE = range(13, 26)


def store_in_raw(target: Any, y: Any, where: Any) -> Any:
    """`raw += y` for a recorded y: the name is bound to y where nothing else can see the array.

    An augmented assignment binds its target anew, so it may be given another object, if the old
    one is in no other hands: it owns its memory and only the target name refers to it.
    """
    references = sys.getrefcount(target)
    if _probing:
        _probing.append(references)
        return y
    frame = user_frame()
    if (
        frame is not None
        and where is True
        and target.base is None
        and np.shape(concrete(y)) == target.shape
        and target.dtype.kind in "fc"
        and _augmented(frame)
        and references <= _baseline()
    ):
        return y.astype(target.dtype, copy=False)
    error = LostDerivative(
        at_user_line(f"writing a recorded value into a plain {target.dtype} array would cut its derivative")
        + "\nMake that array inside the function with np.zeros, np.array or np.copy, so that it can hold "
        "recorded values, or write stop_gradient(value) if that is what you want."
    )
    raise refused(error, frame)


def _augmented(frame: Any) -> bool:
    code, at = frame.f_code.co_code, frame.f_lasti
    return dis.opname[code[at]] == "BINARY_OP" and code[at + 1] in _IN_PLACE


_probing: list[int] = []
_known: list[int] = []


def _baseline() -> int:
    """How many references an array that only a local name refers to has, seen from store_in_raw."""
    if not _known:
        _probing.append(0)
        raw: Any = np.ndarray(2)
        raw += Array(np.ndarray(2), Recorder(), 0)
        _known.append(_probing.pop())
        _probing.clear()
    return _known[0]
