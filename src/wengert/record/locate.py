"""Name the line of the user's program that is being executed."""

from __future__ import annotations

import dis
import os
import sys
from functools import cache
from types import CodeType, FrameType
from typing import Any

import numpy as np

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_STANDARD_LIBRARY = os.path.dirname(os.__file__) + os.sep
_PACKAGES = tuple(os.sep + os.path.join("site-packages", name) + os.sep for name in ("numpy", "scipy", "optree"))


def user_frame() -> Any:
    """The innermost frame outside wengert, NumPy, SciPy and Python's standard library."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        known = _users.get(name)
        if known is None:
            known = _users[name] = _is_users(name)
        if known:
            return frame
        frame = frame.f_back
    return None


_users: dict[str, bool] = {}
"""file → whether it is a user's"""


def _is_users(name: str) -> bool:
    return not name.startswith(_HERE + os.sep) and not any(p in name for p in _PACKAGES) and not _is_standard(name)


def _is_standard(filename: str) -> bool:
    return filename.startswith(_STANDARD_LIBRARY) and "site-packages" not in filename


def is_users(filename: str) -> bool:
    """Whether a file is a user's."""
    return _is_users(filename)


def spells(frame: FrameType, name: str) -> bool:
    """Whether the call that the frame is executing is written `….name(…)`, and not made by compiled code."""
    return name in frame.f_code.co_names and name in _called_method(frame.f_code, frame.f_lasti)


@cache
def _called_method(code: CodeType, at: int) -> tuple[str, ...]:
    """The attributes looked up in the few instructions before a call."""
    before = [i for i in dis.get_instructions(code) if i.offset < at][-4:]
    return tuple([i.argval for i in before if i.opname in ("LOAD_METHOD", "LOAD_ATTR")])


def user_line() -> str:
    """`file.py:12` of the innermost user frame."""
    frame = user_frame()
    if frame is None:
        return "<unknown>"
    return f"{os.path.basename(frame.f_code.co_filename)}:{frame.f_lineno}"


def full_name(function: Any) -> str:
    """`numpy.linalg.solve`, `scipy.special.gamma`: the name under which a user knows a function."""
    module = getattr(function, "__module__", None) or _ufunc_module(function)
    name = getattr(function, "__name__", repr(function))
    return f"{module}.{name}" if module else name


def _ufunc_module(function: Any) -> str:
    if getattr(np, getattr(function, "__name__", ""), None) is function:
        return "numpy"
    special = sys.modules.get("scipy.special")
    if special is not None and getattr(special, function.__name__, None) is function:
        return "scipy.special"
    return ""


def library_function() -> str:
    """`scipy.interpolate.CubicSpline`: the function of NumPy's or SciPy's that the user's line has called,
    where that is Python code; else empty. Decorators' own functions are passed over."""
    user, frame = user_frame(), sys._getframe(1)
    name = ""
    while frame is not None and frame is not user:
        if any(p in frame.f_code.co_filename for p in _PACKAGES) and "<" not in frame.f_code.co_qualname:
            name = _public_name(frame)
        frame = frame.f_back
    return "" if user is None else name


def _public_name(frame: Any) -> str:
    module = str(frame.f_globals.get("__name__"))
    name = frame.f_code.co_qualname.removesuffix(".__init__").removesuffix(".__call__")
    public = ".".join(module.split(".")[:2])
    if hasattr(sys.modules.get(public), name.partition(".")[0]):
        return f"{public}.{name}"
    return ".".join([*[part for part in module.split(".") if not part.startswith("_")], name])


def at_user_line(message: str, function: Any = None) -> str:
    """The message with where the user's program stood when it happened."""
    inside = library_function()
    return f"{message} (called at {user_line()}{inside and f', in {inside}'})"
