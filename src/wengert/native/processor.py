"""The processor that code is made for: this one, or as WENGERT_CPU says."""

from __future__ import annotations

import os
from functools import cache

import llvmlite.binding as llvm

from wengert.errors import BadInput

CPUS: dict[str, tuple[str, ...]] = {
    "x86-64": (),
    "haswell": ("avx2", "fma", "bmi2"),
    "skylake-avx512": ("avx512f", "avx512bw", "avx512dq", "avx512vl"),
}
"""Processors that WENGERT_CPU may name besides `native`, and what this one must have to run their code."""


@cache
def cpu() -> tuple[str, str]:
    """LLVM's name of the processor that code is made for, and the features: this one's, or as WENGERT_CPU says."""
    name = os.environ.get("WENGERT_CPU") or "native"
    if name == "native":
        return llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    if name not in CPUS:
        raise BadInput(f"WENGERT_CPU is {name!r}.\nSet it to native or one of {', '.join(CPUS)}.")
    here = llvm.get_host_cpu_features()
    missing = [feature for feature in CPUS[name] if not here.get(feature)]
    if missing:
        raise BadInput(
            f"WENGERT_CPU is {name!r}, but this processor ({llvm.get_host_cpu_name()}) has no {', '.join(missing)}.\n"
            "Unset it, or name an older processor."
        )
    return name, ""


@cache
def register_bytes() -> int:
    """How much a vector register holds."""
    name, features = cpu()
    has = set(CPUS[name]) if name in CPUS else {f[1:] for f in features.split(",") if f.startswith("+")}
    return 64 if "avx512f" in has else 32 if "avx" in has or "avx2" in has else 16


def registers() -> int:
    """How many of them there are."""
    return 32 if register_bytes() == 64 else 16
