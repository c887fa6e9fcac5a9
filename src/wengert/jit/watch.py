"""One quick test of everything that a function reads: Python code made for it, out of identity tests."""

from __future__ import annotations

import ctypes
import operator
from typing import Any

from wengert.jit.names import Reachable
from wengert.record.state import state

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
_memcmp.restype = ctypes.c_int
_SHORT = 12
"""Dicts of up to so many entries are written out."""


def unchanged(reads: Reachable) -> Any:
    """A function without arguments: True if all that was noted is as it was, and no transform is recording.
    False says only that `reads.changed()` must look."""
    if not reads.matters:
        return None
    names: dict[str, Any] = {"state": state, "memcmp": _memcmp, "same": operator.is_, "every": all}

    def name(x: Any) -> str:
        names[f"k{len(names)}"] = x
        return f"k{len(names) - 1}"

    tests = ["not state.depth"]
    tests += [f"{name(cell)}.cell_contents is {name(x)}" for cell, x in reads.cells]
    tests += [f"{name(space)}[{key!r}] is {name(x)}" for space, key, x in reads.items]
    tests += [f"{name(vars(cls))}[{key!r}] is {name(x)}" for cls, key, x in reads.classes]
    for f, defaults, others in reads.defaults:
        now = f"({name(f)}.__defaults__ or ())"
        tests += [f"{name(f)}.__kwdefaults__ is {name(others)}", f"len({now}) == {len(defaults or ())}"]
        tests.append(f"every(map(same, {now}, {name(defaults or ())}))")
    for container, then in reads.lists:
        c = name(container)
        tests += [f"len({c}) == {len(then)}", f"every(map(same, {c}, {name(then)}))"]
    for container, keys, values, _ in reads.dicts:
        c = name(container)
        tests.append(f"len({c}) == {len(keys)}")
        if len(keys) <= _SHORT and all(type(key) is str for key in keys):
            tests += [f"{c}[{key!r}] is {name(x)}" for key, x in zip(keys, values, strict=True)]
        else:
            tests += [f"every(map(same, {c}, {name(keys)}))", f"every(map(same, {c}.values(), {name(values)}))"]
    tests += [_array(array, then, name) for array, then in reads.arrays]
    body = "".join(f"        if not ({test}):\n            return False\n" for test in tests)
    ending = "    except (KeyError, ValueError):\n        return False\n    return True\n"
    exec(f"def unchanged():\n    try:\n{body}{ending}", names)
    return names["unchanged"]


def _array(array: Any, then: Any, name: Any) -> str:
    """Compare shapes, then bytes."""
    a = name(array)
    if array.dtype.hasobject or array.dtype.itemsize == 0 or type(array).__name__ != "ndarray":
        return "False"
    if (array.flags.c_contiguous and then.flags.c_contiguous) or (array.flags.f_contiguous and then.flags.f_contiguous):
        same = f"memcmp({array.ctypes.data}, {then.ctypes.data}, {array.nbytes}) == 0"
    else:
        same = f"({a} == {name(then)}).all()"
    return f"{a}.shape == {name(array.shape)} and {a}.dtype is {name(array.dtype)} and {same}"
