"""The kind of a line: lines that differ in their arguments, and in whole numbers of an index, or in
where a slice of it begins, have the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.ir.line import Line, Lit
from wengert.record.index import getitem


def kinds(lines: tuple[Line, ...]) -> np.ndarray[Any, Any]:
    """A number for each line that is the same for lines that differ in their arguments only."""
    known: dict[Any, int] = {}
    return np.array([known.setdefault(_kind(line), len(known)) for line in lines], dtype=np.int64)


def _kind(line: Line) -> Any:
    types = tuple([out.type for out in line.outs])
    args = tuple([id(a.value) if isinstance(a, Lit) and not _is_number(a.value) else a.type for a in line.args])
    return line.op, types, args, _frozen(line.params) if line.params else None


def _is_number(x: Any) -> bool:
    return isinstance(x, (int, float, np.generic, np.ndarray))


def _frozen(x: Any) -> Any:
    """Parameters as something to compare; whole numbers of an index may differ."""
    if isinstance(x, dict):
        return tuple([(name, _index(v) if name == "key" else _frozen(v)) for name, v in x.items()])
    if isinstance(x, (tuple, list)):
        if len(x) == 2 and x[0] is getitem:
            return (getitem, _index(x[1]["key"]))
        return tuple([_frozen(part) for part in x])
    if isinstance(x, np.ndarray):
        return (x.shape, x.dtype.str, x.tobytes())
    if isinstance(x, slice):
        return ("slice", x.start, x.stop, x.step)
    try:
        hash(x)
    except TypeError:
        return id(x)
    return (type(x), x)


def _index(key: Any) -> Any:
    if type(key) is int or isinstance(key, np.integer):
        return "whole"
    if type(key) is tuple:
        return tuple([_index(part) for part in key])
    if type(key) is slice and type(key.start) is int and type(key.stop) is int:
        return ("slice", key.stop - key.start, key.step)
    return _frozen(key)
