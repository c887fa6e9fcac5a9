"""Functions of other libraries that native code calls: BLAS, LAPACK, Python's own."""

from __future__ import annotations

import ctypes
from ctypes import pythonapi as api
from functools import cache
from typing import Any

import scipy.linalg.cython_blas as blas
import scipy.linalg.cython_lapack as lapack

from wengert.native.engine import define_symbol
from wengert.native.entry import SYMBOLS

api.PyCapsule_GetName.restype = ctypes.c_char_p
api.PyCapsule_GetName.argtypes = [ctypes.py_object]


def _address(module: Any, name: str) -> int:
    """What a module of Cython exports by that name."""
    capsule = module.__pyx_capi__[name]
    return api.PyCapsule_GetPointer(capsule, api.PyCapsule_GetName(capsule))


@cache
def define_all() -> None:
    """Let native code find them."""
    for name, address in SYMBOLS.items():
        define_symbol(name, address)
    for module, names in ((blas, ("gemm", "gemv", "trmm", "trsm")), (lapack, ("getrf", "getrs", "potrf", "trtri"))):
        for name in (letter + stem for stem in names for letter in "ds"):
            define_symbol(f"wengert.{name}", _address(module, name))
