"""The lines of a trace, run on values that may be recorded."""

from __future__ import annotations

from typing import Any

import numpy as np

from wengert.errors import OffTrace
from wengert.ir.line import Line, Var
from wengert.ir.trace import Trace
from wengert.record.apply import apply
from wengert.record.index import getitem
from wengert.record.observe import expected
from wengert.record.state import state
from wengert.record.value import Array, Scalar, is_value


def replay(trace: Trace, values: list[Any]) -> list[Any]:
    """The outputs of the trace for these inputs; its lines are recorded as the program's own would be."""
    env: dict[Var, Any] = dict(zip(trace.inputs, values, strict=True))
    for line in trace.lines:
        args = [env[a] if isinstance(a, Var) else a.value for a in line.args]
        y = _RUN.get(line.row.name, _call)(line, args)
        env.update(zip(line.outs, y if line.many else (y,), strict=False))
    return [env[a] if isinstance(a, Var) else a.value for a in trace.outputs]


def _call(line: Line, args: list[Any]) -> Any:
    if line.op is line.row.op:
        return apply(line.row, tuple(args), dict(line.params) or None)
    return line.op(*args, **line.params)


def _read(line: Line, args: list[Any]) -> Any:
    return getitem(args[0], line.params["key"])


def _write(line: Line, args: list[Any]) -> Any:
    place, value = args
    for function, params in line.params["path"]:
        place = function(place, **params)
    place[line.params["key"]] = value


def _constant(line: Line, args: list[Any]) -> Any:
    x = args[0]
    return Array(x.copy(order="K")) if not is_value(x) else x if type(x) is Scalar else x.copy(order="K")


def _guard(line: Line, args: list[Any]) -> Any:
    read, value = line.params["read"], line.params["value"]
    seen = expected(args[0], read, value) if is_value(args[0]) or state.presumed else read(args[0])
    if not np.array_equal(seen, value):
        raise OffTrace(f"a guard does not hold ({line.origin[0]}:{line.origin[1]}).")


def _loop(line: Line, args: list[Any]) -> Any:
    return line.op(*args, **line.params)


_RUN = {"loop": _loop, "write": _write, "constant": _constant, "guard": _guard, "getitem": _read}
