"""Compiled modules (Cython's) keep NumPy's own functions: they read the memory of the arrays they make.

`np.empty` in compiled code has no Python frame of its own, so a replacement could not tell it from
the user's `np.empty` in the line that called it; and an Array where C expects an ndarray crashes.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType
from typing import Any

import numpy as np

from wengert.errors import NoDerivative
from wengert.record.locate import is_users
from wengert.record.value import is_value

OF_PYTHON = frozenset({"math", "cmath", "statistics", "random", "builtins"})
"""Python's own modules of functions of numbers: they make no arrays, and are swapped as NumPy's are."""
IN_PYTHON = frozenset({"statistics", "random"})
"""Those that are written in Python, of functions of `math`."""
_SUFFIXES = tuple(EXTENSION_SUFFIXES)
_seen: dict[int, ModuleType] = {}


class _Looked:
    """How many modules were loaded when we last looked."""

    modules = 0


class _NumPy(ModuleType):
    """NumPy with its own functions, whatever is swapped in."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


_numpy = _NumPy("numpy", np.__doc__)


def is_compiled(module: Any) -> bool:
    """Whether a module is an extension module."""
    return str(getattr(module, "__file__", "")).endswith(_SUFFIXES) and module.__name__ not in OF_PYTHON


def shield(original: Any) -> bool:
    """Give the compiled modules that are loaded, and were not before, NumPy's own functions for good.

    Return whether any was in need of them. `original(value)` is the function that value stands for, or None.
    """
    if _Looked.modules == len(sys.modules):
        return False
    _Looked.modules = len(sys.modules)
    if not vars(_numpy).get("zeros"):
        vars(_numpy).update({k: v if original(v) is None else original(v) for k, v in vars(np).items()})
    any_shielded = False
    for module in list(sys.modules.values()):
        if id(module) in _seen or not is_compiled(module):
            continue
        _seen[id(module)] = module
        for name, value in list(vars(module).items()):
            own = _numpy if value is np else original(value)
            if own is not None and own is not value:
                setattr(module, name, own)
                any_shielded = True
    return any_shielded


_NOT_PLAIN = re.compile(
    r"\b(not|got|from) '?(wengert\S*\.)?(Array|Scalar)\b"
    r"|Invalid call to pythranized function|No matching signature found|can't unbox array from PyObject"
    r"|Iterator operand is flagged as writeable|^memoryview: invalid type for format"
)
"""What Cython, pybind11, Pythran, f2py, Numba and np.nditer say of an argument that is no array."""


_NOT_WRITTEN = re.compile(
    r"Object of type (float|float64|complex) is not JSON serializable|^required argument is not a float$"
)
"""What json and struct say of a recorded number. Python's float is a number to both, and np.float64 is one."""


_NOT_LYING = re.compile(r"Expected a \d-dim C contiguous array")
"""What compiled code of scipy.interpolate says of one."""


_NO_MEMORY = re.compile(r"object has no attribute '(__array_interface__|__array_struct__|__dlpack(_device)?__)'")
"""What is said where the memory of an array is asked for, which would be read and written past the recording."""


_NOT_A_NUMBER = re.compile(r"^_f\w+\.\w+\(\) .* can't be converted to \w+$")
"""What functions of BLAS and LAPACK say of a recorded number, in errors of several classes."""


NO_PLAIN_ARRAY = "__array__ method not producing an array"
"""What NumPy says of an object that holds a recorded array, and is given to it as it is."""


def is_of_compiled(error: BaseException) -> bool:
    """Whether compiled code says that it was given one of our values."""
    text = str(error)
    if type(error) is ValueError and _NOT_LYING.match(text):
        return True
    if NO_PLAIN_ARRAY in text or _NOT_WRITTEN.search(text) or _NOT_A_NUMBER.search(text):
        return True
    if type(error) is AttributeError and is_value(error.obj) and _NO_MEMORY.search(text):
        return True
    return "wengert.record.value." in text or (type(error) is TypeError and _NOT_PLAIN.search(text) is not None)


def refused_by_compiled(error: BaseException) -> NoDerivative:
    """The error that says so, with the user's line."""
    lines = [
        f"{os.path.basename(step.filename)}:{step.lineno}"
        for step in traceback.extract_tb(error.__traceback__)
        if is_users(step.filename)
    ]
    what = str(error).partition("\n")[0]
    if _NOT_WRITTEN.search(what):
        return NoDerivative(
            f"what is read from the text or bytes of a recorded value would have no derivative "
            f"(called at {lines[-1] if lines else '<unknown>'}): {what}\n"
            "Copy with copy.deepcopy(x); for a log, write wengert.stop_gradient(x)."
        )
    return NoDerivative(
        f"compiled code was given a recorded value (called at {lines[-1] if lines else '<unknown>'}): {what}\n"
        "Make the object or bound method inside the function, where wengert can see it; or write the step in NumPy, "
        "add a rule with wengert.rule, or use wengert.stop_gradient(x) if losing the derivative is what you want."
    )
