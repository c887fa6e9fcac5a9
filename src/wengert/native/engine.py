"""LLVM: modules optimised for this processor and turned into machine code that stays in memory."""

from __future__ import annotations

import ctypes
import re
import threading
from collections import deque
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import llvmlite.binding as llvm

from wengert.native import cache as disk
from wengert.native.processor import cpu

_lock = threading.RLock()


_KNOWN = {22}
"""LLVM's versions in which blocks of thousands of lines are scheduled with less care from so many lines on that read or
write memory: the time would grow with their square. What comes out is the same."""


@cache
def _machine() -> Any:
    if llvm.llvm_version_info[0] in _KNOWN:  # another LLVM may end the process for an option that it does not have
        llvm.set_option("wengert", "-dag-maps-huge-region=200")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    name, features = cpu()
    target = llvm.Target.from_default_triple()
    # Selecting instructions with less care takes two thirds of the time; no difference in what comes out was measured.
    return target.create_target_machine(cpu=name, features=features, opt=1, codemodel="jitdefault")


@cache
def _engine() -> Any:
    machine = _machine()
    empty = llvm.parse_assembly("")
    engine = llvm.create_mcjit_compiler(empty, machine)
    engine.set_object_cache(_compiled, _found)
    return engine


class _Now:
    """The one module that is being made into code: what the cache has for it, what came out. Under the lock."""

    making = False
    known: bytes | None = None
    made: bytes | None = None


def _compiled(module: Any, code: bytes) -> None:
    _Now.made = bytes(code)


def _found(module: Any) -> bytes | None:
    return _Now.known


@cache
def _versions() -> str:
    """Everything but the text that object code depends on."""
    processor = " ".join(cpu())
    return (
        f"{_version('wengert')} {_version('llvmlite')} {llvm.llvm_version_info} {llvm.get_process_triple()} {processor}"
    )


def _version(package: str) -> str:
    """The installed version; a package that is used from its source has none. The text of the IR tells the rest."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "from source"


def define_symbol(name: str, address: int) -> None:
    """Let native code call what lies at the address by this name."""
    llvm.add_symbol(name, address)


_ADDRESS = re.compile(r"inttoptr \(i64 [1-9]|ufunc\.\d")
"""What means something in this process only: such code is not kept on disk."""


class Code:
    """Machine code; `entry`, the address of the function of that name. Freed with the object. `repeats`: the text has
    functions that loops call often."""

    def __init__(self, text: str, repeats: bool = False) -> None:
        lasting = _ADDRESS.search(text) is None
        key = disk.key_of(text, str(repeats), _versions()) if lasting else ""
        known = disk.load(key) if lasting else None
        with _lock, _Making():
            engine = _engine()
            module = llvm.parse_assembly(text)
            module.triple = llvm.get_process_triple()
            module.data_layout = str(_machine().target_data)
            if known is None:
                module.verify()
                optimise(module, repeats)
            _Now.known, _Now.made = known, None
            engine.add_module(module)
            engine.finalize_object()
            # All modules call their function by one name: this is the one that was made last.
            self.entry = engine.get_function_address("entry")
            self.module, self.from_disk = module, known is not None
            made, _Now.known, _Now.made = _Now.made, None, None
        if made is not None and lasting:
            disk.store(key, made)

    def __del__(self) -> None:
        try:
            _unused.append(self.module)
            if not _Now.making and _lock.acquire(blocking=False):
                try:
                    _remove_unused()
                finally:
                    _lock.release()
        except Exception:  # the interpreter is going down
            pass


_unused: deque[Any] = deque()
"""Modules that nobody calls any more. Objects die at any moment, also while the engine goes over its modules."""


def _remove_unused() -> None:
    while _unused:
        _engine().remove_module(_unused.popleft())


class _Making:
    """Context manager: the engine is at work, and its modules stay as they are."""

    def __enter__(self) -> None:
        _remove_unused()
        _Now.making = True

    def __exit__(self, *_: object) -> None:
        _Now.making = False


def kept_for_good(code: Code) -> None:
    """Let the code lie where it is until the process ends, the interpreter's own end included."""
    for held in (code, _engine()):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(held))


_QUICK = ("always_inliner", "sroa", "instruction_combine", "simplify_cfg")
"""Vectors are there already: this is what is left to do. All that LLVM has would take ten times as long."""


def optimise(module: Any, repeats: bool) -> None:
    """Run LLVM's passes; where code calls itself again and again, those too that keep what it hands on in registers."""
    options = llvm.create_pipeline_tuning_options(speed_level=1)
    options.loop_vectorization = options.slp_vectorization = False
    options.loop_unrolling = options.loop_interleaving = False
    builder = llvm.create_pass_builder(_machine(), options)
    passes = builder.getModulePassManager() if repeats else llvm.create_new_module_pass_manager()
    for name in () if repeats else _QUICK:
        getattr(passes, f"add_{name}_pass")()
    passes.run(module, builder)
