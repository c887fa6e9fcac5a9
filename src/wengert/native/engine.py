"""LLVM: modules optimised for this processor and turned into machine code that stays in memory."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import llvmlite.binding as llvm

_lock = threading.RLock()


@cache
def _machine() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3, codemodel="jitdefault"
    )


@cache
def _engine() -> Any:
    machine = _machine()
    empty = llvm.parse_assembly("")
    return llvm.create_mcjit_compiler(empty, machine)


def define_symbol(name: str, address: int) -> None:
    """Let native code call what lies at the address by this name."""
    llvm.add_symbol(name, address)


class Code:
    """Machine code; `address(name)` of its functions. Freed with the object."""

    def __init__(self, text: str, level: int = 2) -> None:
        with _lock:
            engine = _engine()
            module = llvm.parse_assembly(text)
            module.verify()
            module.triple = llvm.get_process_triple()
            module.data_layout = str(_machine().target_data)
            optimise(module, level)
            engine.add_module(module)
            engine.finalize_object()
            self.module = module

    def address(self, name: str) -> int:
        """Where the function begins."""
        return _engine().get_function_address(name)

    def __del__(self) -> None:
        try:
            with _lock:
                _engine().remove_module(self.module)
        except Exception:  # the interpreter is going down
            pass


def optimise(module: Any, level: int) -> None:
    """Run LLVM's own pipeline."""
    options = llvm.create_pipeline_tuning_options(speed_level=level)
    options.loop_vectorization = True
    options.slp_vectorization = level > 1
    options.loop_unrolling = True
    builder = llvm.create_pass_builder(_machine(), options)
    builder.getModulePassManager().run(module, builder)
