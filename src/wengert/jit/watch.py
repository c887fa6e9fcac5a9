"""One quick test of everything that a function reads: Python code made for it, out of identity tests."""

from __future__ import annotations

import ctypes
import operator
import sys
from types import ModuleType
from typing import Any

from wengert.api.recorded import WATCHERS
from wengert.jit.names import Reachable
from wengert.jit.path import backend
from wengert.record.state import state

_memcmp = ctypes.CDLL(None).memcmp
_memcmp.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t]
_memcmp.restype = ctypes.c_int
_SHORT = 12
"""Dicts of up to so many entries are written out."""
_FEW = 3
"""Fewer names are compared by Python: calling what does it natively takes as long."""


def unchanged(reads: Reachable) -> Any:
    """A function without arguments: True if all that was noted is as it was, and no transform is recording.
    False says only that `reads.changed()` must look."""
    if not reads.matters:
        return None
    names: dict[str, Any] = {"state": state, "memcmp": _memcmp, "same": operator.is_, "every": all}
    known: dict[int, str] = {}

    def name(x: Any) -> str:
        if id(x) not in known:
            known[id(x)] = f"k{len(names)}"
            names[known[id(x)]] = x
        return known[id(x)]

    tests = [] if reads.names_only and not reads.generators else ["not state.depth"]
    tests += [f"{name(cell)}.cell_contents is {name(x)}" for cell, x in reads.cells]
    tests += _names(reads, name)
    tests += [f"len({name(space)}) == {size}" for space, size, _ in reads.sizes]
    tests += [f"type({name(x)}) is {name(kind)}" for x, kind in reads.kinds]
    tests += [seen.test(name) for seen in reads.peeks]
    tests += [f"{name(vars(cls))}[{key!r}] is {name(x)}" for cls, key, x in reads.classes]
    for f, defaults, others in reads.defaults:
        now = f"({name(f)}.__defaults__ or ())"
        tests += [f"{name(f)}.__kwdefaults__ is {name(others)}", f"len({now}) == {len(defaults or ())}"]
        tests.append(f"every(map(same, {now}, {name(defaults or ())}))")
    for container, then in reads.lists:
        c = name(container)
        tests += [f"len({c}) == {len(then)}", f"every(map(same, {c}, {name(then)}))"]
    for container, keys, values, what in reads.dicts:
        c = name(container)
        tests.append(f"len({c}) == {len(keys)}")
        if len(keys) <= _SHORT and all(type(key) is str for key in keys):
            tests += [f"{c}[{key!r}] is {name(x)}" for key, x in zip(keys, values, strict=True)]
            tests += [f"[*{c}] == {name(list(keys))}"] if len(keys) > 1 and what == "a dict" else []
        else:
            tests += [f"every(map(same, {c}, {name(keys)}))", f"every(map(same, {c}.values(), {name(values)}))"]
    tests += [_array(array, then, name) for array, then in reads.arrays]
    body = "".join(f"        if not ({test}):\n            return False\n" for test in tests)
    ending = "    except (AttributeError, KeyError, ValueError):\n        return False\n    return True\n"
    exec(f"def unchanged():\n    try:\n{body}{ending}", names)
    return names["unchanged"]


def at_once(call: Any, reads: Reachable) -> Any:
    """`call`, after a test of the names that the function reads, and that nobody watches; None where it reads more than
    names. It gives None where the call is to be looked at."""
    if not reads.names_only or reads.generators or not all([type(space) is dict for space, *_ in _bound(reads)]):
        return None
    return backend().guarded(call, _known(reads), WATCHERS)


def _bound(reads: Reachable) -> list[Any]:
    return [*reads.library, *reads.items, *reads.absent]


def _known(reads: Reachable) -> Any:
    return backend().Names([*reads.library, *reads.items], reads.absent, reads.codes)


def _names(reads: Reachable, name: Any) -> list[str]:
    """The tests of names, and of the code of functions."""
    names = _bound(reads)
    if backend() and len(names) + len(reads.codes) >= _FEW and all([type(space) is dict for space, *_ in names]):
        return [f"{name(backend().same(_known(reads)))}()"]
    tests = [f"{_place(space, key, name)} is {name(x)}" for space, key, x in (*reads.library, *reads.items)]
    tests += [f"{name(f)}.__code__ is {name(code)}" for f, code in reads.codes]
    return tests + [f"{key!r} not in {name(space)}" for space, key in reads.absent]


def _place(space: dict[str, Any], key: str, name: Any) -> str:
    """What a name is bound to. A module that has no __getattr__ finds it faster than its dictionary does."""
    module = sys.modules.get(str(space.get("__name__")))
    if type(module) is ModuleType and vars(module) is space and "__getattr__" not in space and key.isidentifier():
        return f"{name(module)}.{key}"
    return f"{name(space)}[{key!r}]"


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
